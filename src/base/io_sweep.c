/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a killed run left half written. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"

/* NAME.part-PID-N; with `name` only of that file. */
static bool is_part(const char *entry, const char *name)
{
	const char *part = NULL, *at = entry;

	while ((at = strstr(at, ".part-")))
		part = at++;
	if (!part || part == entry)
		return false;
	if (name && (strlen(name) != (size_t)(part - entry) ||
	             strncmp(name, entry, (size_t)(part - entry)) != 0))
		return false;
	part += strlen(".part-");
	at = part + strspn(part, "0123456789");
	return at > part && *at == '-' && at[1] && !at[1 + strspn(at + 1, "0123456789")];
}

/* There the writer may be on another machine, and a lock of it need not be seen here. */
static bool is_remote(int dir)
{
	static const unsigned long types[] = {
		0x6969 /* NFS */,      0x517b /* SMB */,      0xff534d42 /* CIFS */,
		0xfe534d42 /* SMB2 */, 0x01021997 /* 9P */,   0x65735546 /* FUSE */,
		0x5346414f /* AFS */,  0x73757245 /* Coda */,
	};
	struct statfs fs;

	if (fstatfs(dir, &fs) != 0)
		return true;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (((unsigned long)fs.f_type & 0xffffffff) == types[i])
			return true;
	return false;
}

/* Under sudo the invoking user's files are ours too. */
static bool is_ours(const struct stat *st)
{
	const char *uid = getenv("SUDO_UID");

	if (!S_ISREG(st->st_mode))
		return false;
	return st->st_uid == geteuid() ||
	       (geteuid() == 0 && uid && st->st_uid == (uid_t)strtoul(uid, NULL, 10));
}

/*
 * Whoever writes a part holds its lock, and the kernel lets go of it when he dies: a process number
 * that somebody else has by now says nothing. The lock is held while the file is removed, so that a
 * writer who has just created it finds out (lock_part()).
 */
static bool remove_left_over(int dir, const char *entry)
{
	int fd = openat(dir, entry, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	bool gone = false;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && is_ours(&st) && flock(fd, LOCK_EX | LOCK_NB) == 0)
		gone = unlinkat(dir, entry, 0) == 0;
	close(fd);
	return gone;
}

unsigned np_io_sweep(const char *path, const char *name)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	unsigned gone = 0;
	bool remote;

	if (!dir)
		return 0;
	remote = is_remote(dirfd(dir));
	while (!remote && (entry = readdir(dir)))
		if (is_part(entry->d_name, name) && remove_left_over(dirfd(dir), entry->d_name))
			gone++;
	closedir(dir);
	if (gone)
		np_log(NP_LOG_INFO, "%s: %u file%s of a killed run removed", path, gone,
		       gone == 1 ? "" : "s");
	return gone;
}
