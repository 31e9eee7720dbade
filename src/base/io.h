/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files, all or nothing: what is written appears under its name complete and synced, or not at all.
 * The bytes go to NAME.part-PID-N in the same folder, are synced, and only then get their name; the
 * folder is synced after that. The part is locked while its writer lives, so that what a killed one
 * left behind is told from what is being written. Under sudo new files and folders are given to the
 * invoking user.
 *
 * Files that the user names are paths, and links are followed. Private folders (struct np_io_dir)
 * are for what a program keeps by itself: opened once, and everything in them by that handle, so
 * that nobody who may write there can lead a root process to other files by a link, also not
 * between a check and the use of what was checked.
 */
#ifndef NP_BASE_IO_H
#define NP_BASE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

#define NP_PATH_MAX 4096
#define NP_NAME_MAX 256 /* of a file in a folder, with the NUL */

/* ---- private folders (io_dir.c) ---- */

/* A test's delays and failures: called before each system call on the files of a private folder.
 * Returns 0, or the errno with which the call then fails without being made. */
struct np_io_hook {
	int (*before)(void *ctx, const char *call, const char *name);
	void *ctx;
};

/* An open folder. All zero: closed, which is an empty one for the functions that only look. */
struct np_io_dir {
	char *path; /* owned; for messages and records; NULL: closed */
	int fd;
	const struct np_io_hook *hook; /* stays the caller's; NULL in the command */
};

/*
 * Open a private folder; with `create` make it and those above it that are missing, as 0700. It is
 * the user's own (under sudo: root's or the invoking user's), is no link, and nobody else may enter
 * it when this returns. A link above it is followed where root alone could have put it, or where it
 * leads to a folder of the user's own. Without `create` a missing folder stays closed, which is no
 * error. Errors: NP_E_OUTPUT, NP_E_MEMORY.
 */
int np_io_dir_open(struct np_io_dir *dir, const char *path, bool create,
                   const struct np_io_hook *hook, struct np_error *err);

/* The same for a folder in an open one. A closed parent has none. */
int np_io_dir_below(struct np_io_dir *dir, const struct np_io_dir *parent, const char *name,
                    bool create, struct np_error *err);

void np_io_dir_close(struct np_io_dir *dir);

/* Call fn with each name in the folder until it returns non-zero, which is returned. Names that
 * come or go meanwhile may be missed. */
int np_io_dir_each(const struct np_io_dir *dir,
                   int (*fn)(void *ctx, const char *name, struct np_error *err), void *ctx,
                   struct np_error *err);

/* Does the name exist (whatever it is)? */
bool np_io_dir_has(const struct np_io_dir *dir, const char *name);

/* Open a plain file for reading, no link. Returns the descriptor, which is the caller's, or
 * -errno. */
int np_io_dir_fd(const struct np_io_dir *dir, const char *name);

/* As np_io_read(), np_io_save(), np_io_remove() and np_io_sweep(), in the folder. */
int np_io_dir_read(const struct np_io_dir *dir, const char *name, size_t max, uint8_t **data,
                   size_t *len, struct np_error *err);
int np_io_dir_remove(const struct np_io_dir *dir, const char *name, struct np_error *err);
unsigned np_io_dir_sweep(const struct np_io_dir *dir, const char *name);

/* Is there room for `need` bytes? Also yes where that cannot be known. Errors: NP_E_OUTPUT. */
int np_io_dir_room(const struct np_io_dir *dir, uint64_t need, struct np_error *err);

/* The same for the folder that `path` (a file to be) lies in. */
int np_io_room(const char *path, uint64_t need, struct np_error *err);

/* Do the folder and the one that `path` lies in share their room? */
bool np_io_same_disk(const struct np_io_dir *dir, const char *path);

/* ---- reservations (io_lock.c) ---- */

/* A name that one process at a time may hold: a lock on a file of that name, of which the kernel
 * lets go when the process dies. All zero: not held. */
struct np_io_lock {
	bool held;
	int fd;
	char name[NP_NAME_MAX];
};

/* Take it. NP_E_BUSY: another process or thread holds it. NP_E_OUTPUT: the file cannot be made.
 * Where the file system knows no locks, the lock succeeds, and others do not find it taken. Waits
 * at most half a second, for one who is just taking or giving back the same name. */
int np_io_lock_take(struct np_io_lock *lock, const struct np_io_dir *dir, const char *name,
                    struct np_error *err);

/* Give it back and remove its file. Harmless when not held. */
void np_io_lock_drop(struct np_io_lock *lock, const struct np_io_dir *dir);

/* Does a living process hold it? */
bool np_io_lock_alive(const struct np_io_dir *dir, const char *name);

/* ---- writing (io.c) ---- */

enum np_io_mode {
	NP_IO_NEW, /* fails when the name exists; never overwrites, whoever creates it meanwhile */
	NP_IO_REPLACE, /* replaces a plain file of that name, or the one a link names (in a private
	                  folder the link itself), in one instant */
	NP_IO_UNIQUE,  /* as NEW, and fails also while another writer of this process number has the
	                  name: for names that hold it */
};

/* A file being written. Filled by np_io_create(); the temporary file is removed by np_io_abort() or
 * by a failed np_io_commit(). */
struct np_io_out {
	int fd;
	enum np_io_mode mode;
	uint64_t len; /* bytes written so far */
	bool taken;   /* np_io_create() failed because the name is taken */
	struct np_sha256 sha;
	struct np_io_dir dir; /* path is not owned; fd is when own_dir is set */
	bool own_dir, secret;
	char path[NP_PATH_MAX], name[NP_NAME_MAX], temp[NP_NAME_MAX + 32];
};

/* Read a whole file of at most `max` bytes; *data (owned by the caller, free()) gets a NUL behind
 * its end. A pipe is read to its end; one that no process writes to is empty. Errors: NP_E_INPUT
 * (missing, unreadable, a folder, longer than max), NP_E_MEMORY, NP_E_INTERRUPTED. */
int np_io_read(const char *path, size_t max, uint8_t **data, size_t *len, struct np_error *err);

/* Create the folder and those above it that are missing. Errors: NP_E_OUTPUT. */
int np_io_mkdirs(const char *path, struct np_error *err);

/* So many characters of the path name what exists: before np_io_mkdirs(), for np_io_rmdirs() to undo just
 * that. Folders with something in them stay. */
size_t np_io_existing(const char *path);
void np_io_rmdirs(const char *path, size_t existing);

/* Begin a file. Errors: NP_E_OUTPUT (also when NP_IO_NEW and the name is taken: checked here so
 * that the user does not wait for a read that cannot be kept, and again by commit; and when the
 * name is a device, a pipe, a socket or a folder: those are never replaced). */
int np_io_create(struct np_io_out *out, const char *path, enum np_io_mode mode,
                 struct np_error *err);

/* The same, readable by its owner alone whatever the umask. */
int np_io_create_private(struct np_io_out *out, const char *path, enum np_io_mode mode,
                         struct np_error *err);

/* The same in an open private folder, which must stay open until commit or abort. */
int np_io_dir_create(struct np_io_out *out, const struct np_io_dir *dir, const char *name,
                     enum np_io_mode mode, struct np_error *err);

/* Append. On failure (disk full) the caller still calls np_io_abort(). Errors: NP_E_OUTPUT. */
int np_io_write(struct np_io_out *out, const void *data, size_t len, struct np_error *err);

/* Sync what was written so far; np_io_commit() does it again for what comes later. Blocks for the disk.
 * Errors: NP_E_OUTPUT. */
int np_io_sync(struct np_io_out *out, struct np_error *err);

/* Where the system can: let it begin to write that to the medium, and do not wait. */
void np_io_sync_soon(const struct np_io_out *out);

/* Does the file that is being written hold these bytes `at` its byte? Read back from it. */
bool np_io_holds(const struct np_io_out *out, uint64_t at, const void *data, uint64_t len);

/* Begin it anew: what was written so far is gone. Errors: as np_io_create(). */
int np_io_rewind(struct np_io_out *out, struct np_error *err);

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
