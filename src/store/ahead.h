/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A backup written while the chip is still being read: a thread follows the read, writes and hashes
 * what is there, and syncs it, so that the chip does not wait for disk and digest. What it makes is a
 * file without a name, and nothing is saved by it: backup_write() takes it over if it holds exactly
 * what is to be kept, waits for the sync, and gives it its name.
 *
 * One thread of the caller's uses these; the thread behind them touches no more than the file and the
 * bytes that it was told of. It takes no signals.
 */
#ifndef NP_STORE_AHEAD_H
#define NP_STORE_AHEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/io.h"
#include "store/state.h"

/*
 * Begin the backup of the `size` bytes at `image`, which stay where they are until it has ended; `path`
 * as in backup_write(). It is store->ahead from then on, until backup_write() or store_close(). Where it
 * cannot be begun there is none: backup_write() tells why when it fails at the same.
 */
void ahead_begin(struct store *store, const char *path, const uint8_t *image, uint64_t size);

/* The first `len` bytes are read; they stay as they are until ahead_wait() returns. Harmless, as all
 * below, when nothing was begun. */
void ahead_reached(struct ahead *ahead, uint64_t len);

/* Until all that was reached is written, or that failed. Blocks for the disk as a write does. */
void ahead_wait(struct ahead *ahead);

/* All is read, and the backup will be needed: let it be synced. Does not wait. */
void ahead_sync(struct ahead *ahead);

/*
 * End it and take over its file, written and synced, if it is that of `path` and holds exactly the
 * `size` bytes at `image`; *taken tells. The caller commits or aborts `out`. Else nothing is left of
 * it. Errors: NP_E_OUTPUT, when writing or syncing failed.
 */
int ahead_take(struct store *store, const char *path, const uint8_t *image, uint64_t size,
               struct np_io_out *out, bool *taken, struct np_error *err);

/* End it; nothing is left of it. */
void ahead_drop(struct store *store);

#endif
