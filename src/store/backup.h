/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Backups: what a chip held, kept before the first erase. One file of segments laid end to end in
 * address order (a whole-chip backup has one segment and is an ordinary image), and its manifest
 * beside it. Created anew, synced, never overwritten.
 */
#ifndef NP_STORE_BACKUP_H
#define NP_STORE_BACKUP_H

#include "store/ahead.h"
#include "store/manifest.h"
#include "store/state.h"

/* The path that the next backup without a path of its own is going to have, if nobody takes it
 * meanwhile: to be told before it is made. The store's; "" when it would be too long. */
const char *backup_next(struct store *store);

/*
 * Begin the backup of `segments` of `image`, which stays where it is until backup_drop() or
 * store_close(): written by the thread store->ahead (ahead.h; NULL: none can be had), to be told what is
 * read. `path` as in backup_write(), which takes it over. Errors: NP_E_OUTPUT, NP_E_MEMORY.
 */
int backup_begin(struct store *store, const char *path, const uint8_t *image,
                 const struct np_ranges *segments, struct np_error *err);

/* Give up what was begun; nothing is left of it. */
void backup_drop(struct store *store);

/*
 * Write `segments` of the chip-sized `image` to `path` (NULL: a new name below the state folder's
 * backups/, from chip, unique ID, UTC and process number), then its manifest; `manifest` was begun
 * by the caller and is completed here, with a number of the state folder's counter. What was begun
 * by backup_begin() is written again only where it holds something else. Both are for
 * their owner's eyes alone, whatever the umask. `used` receives the path. Errors: NP_E_OUTPUT
 * (nothing is left behind), NP_E_MEMORY, NP_E_BUSY (see store_next()).
 */
int backup_write(struct store *store, const char *path, const uint8_t *image,
                 const struct np_ranges *segments, struct manifest *manifest,
                 char used[NP_PATH_MAX], struct np_error *err);

/* The same for a file that the caller began, with nobody writing to it: make it hold its segments of
 * `image`, name it, and complete and write its manifest, under the mode of the file.
 * Errors: NP_E_OUTPUT (a new file is not left behind), NP_E_MEMORY. */
int backup_finish(struct ahead_file *file, const uint8_t *image, struct manifest *manifest,
                  struct np_error *err);

/*
 * Take a backup back: fill the chip-sized `image` where the file has segments, and add those ranges
 * to `covered`. Whether the bytes are those that were saved is the gate changed-file's question.
 * Errors: NP_E_INPUT (no manifest, another length), NP_E_SIZE (made from a chip of another size), NP_E_MEMORY.
 */
int backup_load(const char *path, uint64_t chip_size, uint8_t *image, struct np_ranges *covered,
                struct np_error *err);

/* ---- files of segments, as journals use them ---- */

/* An open file of segments. */
struct segment_file {
	int fd;
	const struct np_ranges *segments;
};

/* Make a file that was begun hold `segments` of `image` end to end, and nothing else. What it holds
 * already is not written again. Errors: NP_E_OUTPUT. */
int segments_fill(struct np_io_out *out, const uint8_t *image, const struct np_ranges *segments,
                  struct np_error *err);

/* Write segments of `image` end to end to a file just begun, and commit it; `ret` is what beginning
 * it returned. `hex` (may be NULL) receives the SHA-256 of the file. */
int segments_finish(struct np_io_out *out, int ret, const uint8_t *image,
                    const struct np_ranges *segments, char hex[NP_SHA256_HEX],
                    struct np_error *err);

/* Open for reading by address; the file must have exactly the length of `segments` (which stays the
 * caller's) and the digest `hex` (NULL: whatever it is). Errors: NP_E_INPUT. */
int segments_open(struct segment_file *file, const char *path, const struct np_ranges *segments,
                  const char *hex, struct np_error *err);

/* The same for a file that is open: `fd` is taken over, also on failure, and may be -errno of the
 * attempt to open it. `path` is for messages. */
int segments_take(struct segment_file *file, int fd, const char *path,
                  const struct np_ranges *segments, const char *hex, struct np_error *err);

/* Bytes [addr, addr + len), which lie inside one segment. Errors: NP_E_INPUT. */
int segments_read(const struct segment_file *file, uint64_t addr, uint8_t *buf, size_t len,
                  struct np_error *err);

void segments_close(struct segment_file *file);

#endif
