/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the I/O layer share. Not for anyone else. */
#ifndef NP_BASE_IO_PRIV_H
#define NP_BASE_IO_PRIV_H

#include <sys/stat.h>
#include <sys/types.h>

#include "base/io.h"

/* Under sudo what we create belongs to the invoking user, or the next run without sudo could not go
 * on. Only for what was made just now, and is held by this descriptor. */
void io_give_to_invoker(int fd);

/* Is it ours? Under sudo the invoking user's files are ours too. */
bool io_is_ours(const struct stat *st);

/* Before a system call: false, with errno set, when the folder's hook makes it fail. */
bool io_may(const struct np_io_dir *dir, const char *call, const char *name);

/* NP_E_OUTPUT, with the hint that fits the error. */
int io_write_failed(const char *path, int error, struct np_error *err);

/* Read all of an open file: 0 or an errno, EINTR for a stop request. */
int io_read_all(int fd, size_t max, uint8_t **data, size_t *len);
int io_read_failed(const char *path, size_t max, int error, struct np_error *err);

/* Open the folder that `path` lies in; *name points to what follows the last slash. Returns the
 * descriptor or -1 with errno. */
int io_open_parent(const char *path, const char **name);

/* fsync() of a folder; file systems that cannot are fine. */
int io_sync_dir(const struct np_io_dir *dir);

#endif
