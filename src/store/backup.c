/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"

#define NAME_TRIES 1000 /* backups one process makes in one second */

/* "W25Q64BV/CV" and "unknown (SFDP)" are no file names. */
static void file_word(const char *name, char *word, size_t len)
{
	size_t n = 0;

	for (; *name && n + 1 < len; name++) {
		bool plain = (*name >= '0' && *name <= '9') || (*name >= 'A' && *name <= 'Z') ||
		             (*name >= 'a' && *name <= 'z');

		if (plain)
			word[n++] = *name;
		else if (n && word[n - 1] != '_')
			word[n++] = '_';
	}
	while (n && word[n - 1] == '_')
		n--;
	word[n] = '\0';
}

/* "W25Q64FV-d164...-20261129T213000Z-4711": what a name is before its number. */
static void name_stem(const struct nor_info *info, char *stem, size_t len)
{
	char chip[64], uid[2 * NOR_UID_MAX + 1], utc[32];
	time_t now = time(NULL);
	struct tm tm;

	file_word(info->name, chip, sizeof(chip));
	np_format_hex(info->uid, info->uid_len, uid);
	gmtime_r(&now, &tm);
	strftime(utc, sizeof(utc), "%Y%m%dT%H%M%SZ", &tm);
	snprintf(stem, len, "%s-%s-%s-%ld", chip, uid[0] ? uid : "noid", utc, (long)getpid());
}

const char *backup_next(struct store *store)
{
	char stem[NP_NAME_MAX - 16];

	if (store->next[0])
		return store->next;
	name_stem(store->chip, stem, sizeof(stem));
	if ((size_t)snprintf(store->next, sizeof(store->next), "%s/backups/%s.bin", store->dir,
	                     stem) >= sizeof(store->next))
		store->next[0] = '\0';
	return store->next;
}

/* Begin a file of a new name in backups/, that of backup_next() if it can be had. Another thread or
 * container may be doing the same under our process number, and the clock may have gone back: the
 * name is free when the part is there. */
static int begin_named(struct store *store, struct np_io_out *out, struct np_error *err)
{
	char stem[NP_NAME_MAX - 24], name[NP_NAME_MAX], beside[NP_NAME_MAX + 8];
	const char *chosen = strrchr(store->next, '/');
	int ret = store_open_backups(store, true, err);

	memset(out, 0, sizeof(*out));
	out->fd = -1;
	if (ret)
		return ret;
	name_stem(store->chip, stem, sizeof(stem));
	if (chosen)
		snprintf(stem, sizeof(stem), "%.*s", (int)(strlen(chosen + 1) - strlen(".bin")),
		         chosen + 1);
	store->next[0] = '\0';
	for (unsigned n = 0; n < NAME_TRIES; n++) {
		char again[16] = "";

		if (n)
			snprintf(again, sizeof(again), "-%u", n);
		snprintf(name, sizeof(name), "%s%s.bin", stem, again);
		/* A manifest whose backup was moved away keeps its name. */
		snprintf(beside, sizeof(beside), "%s.json", name);
		if (np_io_dir_has(&store->backups, beside))
			continue;
		ret = np_io_dir_create(out, &store->backups, name, NP_IO_UNIQUE, err);
		if (!ret || !out->taken)
			return ret;
	}
	return np_fail(err, NP_E_OUTPUT, "%s: no free name for a backup", store->backups.path);
}

static bool holds(const struct np_io_out *out, const uint8_t *image,
                  const struct np_ranges *segments)
{
	uint64_t at = 0;

	if (out->len != np_ranges_bytes(segments))
		return false;
	for (size_t i = 0; i < segments->count; at += segments->at[i].len, i++)
		if (!np_io_holds(out, at, image + segments->at[i].start, segments->at[i].len))
			return false;
	return true;
}

int segments_fill(struct np_io_out *out, const uint8_t *image, const struct np_ranges *segments,
                  struct np_error *err)
{
	int ret = 0;

	/* A second reading may have changed bytes since. */
	if (out->len && holds(out, image, segments))
		return 0;
	if (out->len)
		ret = np_io_rewind(out, err);
	for (size_t i = 0; i < segments->count && !ret; i++)
		ret = np_io_write(out, image + segments->at[i].start, segments->at[i].len, err);
	return ret;
}

int segments_finish(struct np_io_out *out, int ret, const uint8_t *image,
                    const struct np_ranges *segments, char hex[NP_SHA256_HEX], struct np_error *err)
{
	if (!ret)
		ret = segments_fill(out, image, segments, err);
	if (!ret)
		ret = np_io_commit(out, hex, err);
	np_io_abort(out);
	return ret;
}

/* The number of the job, or, for the job's second backup, a new one. */
static int number(struct store *store, struct manifest *manifest, struct np_error *err)
{
	int ret = 0;

	if (store->sequence_unused)
		manifest->sequence = store->sequence;
	else
		ret = store_next(store, &manifest->sequence, err);
	if (ret)
		return ret;
	store->sequence_unused = false;
	memcpy(manifest->state, store->id, sizeof(manifest->state));
	return 0;
}

/* NAME.json beside a file that was just named. A new file goes again where that fails; one that
 * replaced an older one stays, because without it both would be lost. */
static int add_manifest(const struct ahead_file *of, const struct manifest *manifest,
                        struct np_error *err)
{
	const struct np_io_out *file = &of->out;
	char path[NP_PATH_MAX + 8];
	struct np_io_out out;
	int ret;

	snprintf(path, sizeof(path), "%s.json", of->path[0] ? of->path : file->name);
	ret = !of->path[0]   ? np_io_dir_create(&out, &file->dir, path, NP_IO_NEW, err)
	      : file->secret ? np_io_create_private(&out, path, file->mode, err)
	                     : np_io_create(&out, path, file->mode, err);
	ret = manifest_finish(manifest, &out, ret, err);
	if (ret && !of->path[0])
		np_io_dir_remove(&file->dir, file->name, NULL);
	else if (ret && file->mode != NP_IO_REPLACE)
		np_io_remove(of->path, NULL);
	return ret;
}

int backup_finish(struct ahead_file *file, const uint8_t *image, struct manifest *manifest,
                  struct np_error *err)
{
	char hex[NP_SHA256_HEX];
	struct np_sha256 sha;
	int ret = segments_fill(&file->out, image, &file->segments, err);

	if (ret)
		return ret;
	sha = file->out.sha;
	np_sha256_end(&sha, hex);
	ret = manifest_describe(manifest, image, &file->segments, hex, err);
	if (!ret)
		ret = np_io_commit(&file->out, NULL, err);
	return ret ? ret : add_manifest(file, manifest, err);
}

/* ---- the backup of a job ---- */

/* One that is being made. */
struct backup_begun {
	struct ahead_file file;
};

int backup_begin(struct store *store, const char *path, const uint8_t *image,
                 const struct np_ranges *segments, struct np_error *err)
{
	struct backup_begun *b = calloc(1, sizeof(*b));
	int ret;

	backup_drop(store);
	if (!b)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	store->begun = b;
	snprintf(b->file.path, sizeof(b->file.path), "%s", path ? path : "");
	ret = path ? np_io_create_private(&b->file.out, path, NP_IO_NEW, err)
	           : begin_named(store, &b->file.out, err);
	if (!ret)
		ret = np_ranges_add_all(&b->file.segments, segments, err);
	if (ret) {
		backup_drop(store);
		return ret;
	}
	store->ahead = ahead_begin(&b->file, 1, image);
	/* The name that the plan tells. */
	if (!path)
		snprintf(store->next, sizeof(store->next), "%s", b->file.out.path);
	return 0;
}

void backup_drop(struct store *store)
{
	struct backup_begun *b = store->begun;

	if (!b)
		return;
	ahead_end(store->ahead, false, NULL);
	store->ahead = NULL;
	store->begun = NULL;
	np_io_abort(&b->file.out);
	np_ranges_free(&b->file.segments);
	free(b);
}

/* What was begun, if it is this file; else anew. Afterwards all of it is written, and nobody else has it. */
static int take_or_begin(struct store *store, const char *path, const uint8_t *image,
                         const struct np_ranges *segments, struct np_error *err)
{
	struct backup_begun *b = store->begun;
	bool ours = b && strcmp(b->file.path, path ? path : "") == 0;
	int ret = ours ? 0 : backup_begin(store, path, image, segments, err);

	ahead_reached(store->ahead, UINT64_MAX);
	if (!ret)
		ret = ahead_end(store->ahead, true, err);
	store->ahead = NULL;
	if (ret || !ours)
		return ret;
	np_ranges_free(&b->file.segments);
	return np_ranges_add_all(&b->file.segments, segments, err);
}

int backup_write(struct store *store, const char *path, const uint8_t *image,
                 const struct np_ranges *segments, struct manifest *manifest,
                 char used[NP_PATH_MAX], struct np_error *err)
{
	int ret = number(store, manifest, err);

	if (!ret)
		ret = take_or_begin(store, path, image, segments, err);
	if (!ret) {
		snprintf(used, NP_PATH_MAX, "%s", store->begun->file.out.path);
		ret = backup_finish(&store->begun->file, image, manifest, err);
	}
	backup_drop(store);
	if (ret)
		np_context(err, "backup");
	return ret;
}

/* Segments lie end to end and fill the file: what segments_read() counts on. */
static int ranges_of(const struct manifest *manifest, const char *path, struct np_ranges *segments,
                     struct np_error *err)
{
	uint64_t offset = 0;
	bool ok = true;
	int ret = 0;

	for (size_t i = 0; i < manifest->segment_count && !ret; i++) {
		const struct manifest_segment *segment = &manifest->segments[i];

		ok &= segment->offset == offset;
		offset += segment->len;
		ret = np_ranges_add(segments, (struct np_range){segment->start, segment->len}, err);
	}
	if (ret || (ok && offset == manifest->size))
		return ret;
	return np_fail(err, NP_E_INPUT, "manifest %s.json: its parts do not add up to the file",
	               path);
}

int backup_load(const char *path, uint64_t chip_size, uint8_t *image, struct np_ranges *covered,
                struct np_error *err)
{
	struct manifest manifest;
	struct np_ranges segments = {0};
	struct segment_file file = {.fd = -1};
	int ret = manifest_load(path, &manifest, err);

	if (!ret && manifest.chip_size != chip_size) {
		np_fail(err, NP_E_SIZE, "%s was made from a chip of %llu bytes, this one has %llu",
		        path, (unsigned long long)manifest.chip_size,
		        (unsigned long long)chip_size);
		ret = np_hint(err, "put the chip on the clip that the backup belongs to");
	}
	if (!ret)
		ret = ranges_of(&manifest, path, &segments, err);
	if (!ret)
		ret = segments_open(&file, path, &segments, NULL, err);
	for (size_t i = 0; i < segments.count && !ret; i++)
		ret = segments_read(&file, segments.at[i].start, image + segments.at[i].start,
		                    segments.at[i].len, err);
	if (!ret)
		ret = np_ranges_add_all(covered, &segments, err);
	segments_close(&file);
	np_ranges_free(&segments);
	manifest_free(&manifest);
	return ret;
}

static int pread_all(int fd, uint8_t *buf, size_t len, uint64_t offset)
{
	while (len) {
		ssize_t n = pread(fd, buf, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : EIO;
		buf += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

static int check_digest(const struct segment_file *file, uint64_t len, const char *hex)
{
	uint8_t buf[16384];
	struct np_sha256 sha;
	char found[NP_SHA256_HEX];
	int error = 0;

	np_sha256_begin(&sha);
	for (uint64_t at = 0; at < len && !error; at += sizeof(buf)) {
		size_t n = len - at < sizeof(buf) ? (size_t)(len - at) : sizeof(buf);

		error = pread_all(file->fd, buf, n, at);
		np_sha256_add(&sha, buf, n);
	}
	np_sha256_end(&sha, found);
	return error ? error : strcmp(found, hex) ? EBADMSG : 0;
}

int segments_take(struct segment_file *file, int fd, const char *path,
                  const struct np_ranges *segments, const char *hex, struct np_error *err)
{
	uint64_t len = np_ranges_bytes(segments);
	struct stat st;
	int error = 0;

	file->segments = segments;
	file->fd = fd;
	if (fd < 0)
		error = -fd;
	else if (fstat(fd, &st) != 0)
		error = errno;
	else if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != len)
		error = EBADMSG;
	else
		error = hex ? check_digest(file, len, hex) : 0;
	if (!error)
		return 0;
	segments_close(file);
	if (error == EBADMSG)
		return np_fail(err, NP_E_INPUT, "%s is not the file it was: its SHA-256 differs",
		               path);
	return np_fail(err, NP_E_INPUT, "%s: %s", path, strerror(error));
}

int segments_open(struct segment_file *file, const char *path, const struct np_ranges *segments,
                  const char *hex, struct np_error *err)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	return segments_take(file, fd < 0 ? -errno : fd, path, segments, hex, err);
}

int segments_read(const struct segment_file *file, uint64_t addr, uint8_t *buf, size_t len,
                  struct np_error *err)
{
	uint64_t offset = 0;
	int error;

	for (size_t i = 0; i < file->segments->count; i++) {
		const struct np_range *range = &file->segments->at[i];

		if (addr >= range->start && addr + len <= range->start + range->len) {
			error = pread_all(file->fd, buf, len, offset + addr - range->start);
			return error ? np_fail(err, NP_E_INPUT, "reading a saved block: %s",
			                       strerror(error))
			             : 0;
		}
		offset += range->len;
	}
	return np_fail(err, NP_E_INPUT, "block 0x%06llx was not saved", (unsigned long long)addr);
}

void segments_close(struct segment_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}
