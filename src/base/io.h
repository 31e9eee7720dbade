/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files, all or nothing: what is written appears under its name complete and synced, or not at all.
 * The bytes go to NAME.part-PID-N in the same folder, are synced, and only then get their name; the
 * folder is synced after that. The part is locked while its writer lives, so that what a killed one
 * left behind is told from what is being written. Under sudo new files and folders are given to the
 * invoking user.
 */
#ifndef NP_BASE_IO_H
#define NP_BASE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

#define NP_PATH_MAX 4096

enum np_io_mode {
	NP_IO_NEW, /* fails when the name exists; never overwrites, whoever creates it meanwhile */
	NP_IO_REPLACE, /* replaces a plain file of that name, or the one a link names, in one
	                  instant */
};

/* A file being written. Filled by np_io_create(); the temporary file is removed by np_io_abort() or
 * by a failed np_io_commit(). */
struct np_io_out {
	int fd;
	enum np_io_mode mode;
	uint64_t len; /* bytes written so far */
	bool digest;  /* true; a caller that needs no digest clears it after np_io_create() */
	struct np_sha256 sha;
	char path[NP_PATH_MAX], temp[NP_PATH_MAX + 32];
};

/* Read a whole file of at most `max` bytes; *data (owned by the caller, free()) gets a NUL behind
 * its end. A pipe is read to its end; one that nobody writes to is empty. Errors: NP_E_INPUT
 * (missing, unreadable, a folder, longer than max), NP_E_MEMORY, NP_E_INTERRUPTED. */
int np_io_read(const char *path, size_t max, uint8_t **data, size_t *len, struct np_error *err);

/* Create the folder and those above it that are missing. Errors: NP_E_OUTPUT. */
int np_io_mkdirs(const char *path, struct np_error *err);

/* Begin a file. Errors: NP_E_OUTPUT (also when NP_IO_NEW and the name is taken: checked here so
 * that nobody waits for a read that cannot be kept, and again by commit; and when the name is a
 * device, a pipe, a socket or a folder: those are never replaced). */
int np_io_create(struct np_io_out *out, const char *path, enum np_io_mode mode,
                 struct np_error *err);

/* Append. On failure (disk full) the caller still calls np_io_abort(). Errors: NP_E_OUTPUT. */
int np_io_write(struct np_io_out *out, const void *data, size_t len, struct np_error *err);

/* Sync, give it its name, sync the folder. `hex` (may be NULL) receives the SHA-256 of all bytes.
 * Blocks for the disk. On failure nothing is left behind. Errors: NP_E_OUTPUT. */
int np_io_commit(struct np_io_out *out, char hex[NP_SHA256_HEX], struct np_error *err);

/* Give up: remove the temporary file. Harmless after commit or a failed create. */
void np_io_abort(struct np_io_out *out);

/* Create, write and commit in one. */
int np_io_save(const char *path, const void *data, size_t len, enum np_io_mode mode,
               struct np_error *err);

/* Remove a file and sync its folder; a missing file is fine. Errors: NP_E_OUTPUT. */
int np_io_remove(const char *path, struct np_error *err);

/* Remove the parts that killed runs left in a folder: of all files, or of `name` alone (NULL: all).
 * Never one whose writer lives, in whatever process; none on file systems of other machines, where
 * that cannot be known. Returns how many are gone; what cannot be removed stays. */
unsigned np_io_sweep(const char *path, const char *name);

/* Does the name exist (dangling links included)? */
bool np_io_exists(const char *path);

#endif
