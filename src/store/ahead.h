/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of a chip's contents, written while the chip is still being read: a thread follows the read,
 * writes and hashes what is there, and syncs it, so that nobody waits for disk and digest. What it makes
 * has no name yet, and nothing is saved by it: who began the files gives them their names when all is
 * read and proven, after segments_fill() has made sure that they hold just that (backup.h).
 *
 * One thread of the caller's uses these; the thread behind them touches no more than the files and the
 * bytes that it was told of. It takes no signals.
 */
#ifndef NP_STORE_AHEAD_H
#define NP_STORE_AHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/io.h"
#include "base/ranges.h"

/* A file that is to hold `segments` of an image, end to end. */
struct ahead_file {
	struct np_io_out out; /* begun, and committed or aborted by its owner */
	struct np_ranges segments;
	/* As it is called; "": by its place in the folder it was begun in. */
	char path[NP_PATH_MAX];
};

struct ahead;

/*
 * Begin to write `count` files of `image`; all of it stays the caller's, and where it is until
 * ahead_end(). NULL where no thread can be had: all below are harmless then, and the files stay empty.
 */
struct ahead *ahead_begin(struct ahead_file *files, size_t count, const uint8_t *image);

/* All below `addr` that the files want is read, and stays as it is until ahead_wait() returns. */
void ahead_reached(struct ahead *ahead, uint64_t addr);

/* Until all that was reached is written, or that failed. Blocks for the disk as a write does. */
void ahead_wait(struct ahead *ahead);

/* All is read, and the files will be needed: let them be synced. Does not wait. */
void ahead_sync(struct ahead *ahead);

/* Has writing or syncing failed so far? NP_E_OUTPUT. Does not wait. */
int ahead_check(const struct ahead *ahead, struct np_error *err);

/* End it. With `keep` all that was reached is written and synced when this returns 0. Blocks for the
 * disk. Errors: NP_E_OUTPUT, with `keep` alone. */
int ahead_end(struct ahead *ahead, bool keep, struct np_error *err);

#endif
