/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device/dts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os.h"

#define WAIT_MS 10000

static int fail_missing(const char *path, struct np_error *err)
{
	np_fail(err, NP_E_INPUT, "%s is the source of a device tree, and dtc is not installed",
	        path);
	return np_hint(err, "install dtc (Debian: device-tree-compiler), or compile it: dtc -I dts "
	                    "-O dtb -o board.dtb FILE; sources with #include go through cpp first");
}

/* dtc with its output and its complaints in these files. */
static int start(const char *path, int out, int complaints, pid_t *pid)
{
	char *argv[] = {(char *)"dtc", (char *)"-q",  (char *)"-I", (char *)"dts",
	                (char *)"-O",  (char *)"dtb", (char *)"--", (char *)(uintptr_t)path,
	                NULL};
	posix_spawn_file_actions_t actions;
	int rc;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, complaints, STDERR_FILENO);
	rc = posix_spawnp(pid, "dtc", &actions, NULL, argv, np_os_environ());
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

/* True when it ended well in time; else it is ended. */
static bool wait_for(pid_t pid)
{
	int status = 0;

	for (int waited = 0; waited < WAIT_MS; waited += 5) {
		pid_t got = waitpid(pid, &status, WNOHANG);

		if (got == pid)
			return WIFEXITED(status) && WEXITSTATUS(status) == 0;
		if (got < 0 && errno != EINTR)
			return false;
		poll(NULL, 0, 5);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return false;
}

static int read_back(int fd, size_t max, uint8_t **data, size_t *len, struct np_error *err)
{
	off_t end = lseek(fd, 0, SEEK_END);

	*len = end > 0 && (size_t)end <= max ? (size_t)end : 0;
	*data = malloc(*len + 1);
	if (!*data)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	(*data)[*len] = '\0';
	if (pread(fd, *data, *len, 0) != (ssize_t)*len)
		return np_fail(err, NP_E_INPUT, "dtc's output could not be read");
	return 0;
}

static int fail_refused(int complaints, const char *path, struct np_error *err)
{
	uint8_t *text = NULL;
	size_t len = 0;
	struct np_error ignored;

	if (read_back(complaints, 1 << 16, &text, &len, &ignored) == 0)
		text[strcspn((char *)text, "\n")] = '\0';
	np_fail(err, NP_E_INPUT, "%s: dtc refuses it: %.200s", path,
	        text ? (const char *)text : "");
	free(text);
	return np_hint(err,
	               "sources with #include go through cpp first, or take the .dtb of a build");
}

int dts_compile(const char *path, size_t max, uint8_t **tree, size_t *len, struct np_error *err)
{
	FILE *out = tmpfile(), *complaints = tmpfile();
	pid_t pid;
	int rc = 0;

	*tree = NULL;
	*len = 0;
	if (!out || !complaints)
		rc = np_fail(err, NP_E_INPUT, "no temporary file for dtc: %s", strerror(errno));
	else if (start(path, fileno(out), fileno(complaints), &pid) != 0)
		rc = fail_missing(path, err);
	else if (!wait_for(pid))
		rc = fail_refused(fileno(complaints), path, err);
	else
		rc = read_back(fileno(out), max, tree, len, err);
	if (out)
		fclose(out);
	if (complaints)
		fclose(complaints);
	return rc;
}
