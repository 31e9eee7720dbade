/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is the same on all systems. */
#include "base/os.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>
#ifdef __APPLE__
#include <crt_externs.h>
#endif

int np_os_random(void *bytes, size_t len)
{
	return getentropy(bytes, len);
}

void *np_os_grow(void *at, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(at, count * size);
}

struct timespec np_os_written(const struct stat *st)
{
#ifdef __APPLE__
	return st->st_mtimespec;
#else
	return st->st_mtim;
#endif
}

/* A shared library of macOS does not see the program's variable. */
char **np_os_environ(void)
{
#ifdef __APPLE__
	return *_NSGetEnviron();
#else
	return environ;
#endif
}
