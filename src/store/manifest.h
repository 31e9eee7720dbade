/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Manifests: the JSON beside a dump or a backup that says what it is. FILE.json belongs to FILE.
 * Schema 1 is documented in doc/FORMATS.md.
 */
#ifndef NP_STORE_MANIFEST_H
#define NP_STORE_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/io.h"
#include "nor/nor.h"
#include "layout/layout.h"
#include "base/ranges.h"

/* One piece of the chip, and where it lies in the file. */
struct manifest_segment {
	uint64_t start, len, offset;
	char sha256[NP_SHA256_HEX]; /* of the piece */
};

/* How often a piece of the chip was read. 0: not at all, --base said what it holds. */
struct manifest_read {
	struct np_range range;
	unsigned count;
};

/* What of the contents betrays a bad read. Zero: nothing does. */
struct manifest_contents {
	bool all_ff, all_00, equal_halves, zero_bursts;
	bool address_line;   /* the same stands twice, `mirror` bytes apart, all over */
	bool stuck_bits;     /* bits that are the same in every byte: `stuck_ones`, `stuck_zeros` */
	bool shifted;        /* what came behind a place came a byte or more early or late */
	bool unfinished_job; /* read while an interrupted job was open: half old, half new */
	uint64_t mirror;
	uint8_t stuck_ones, stuck_zeros;
	unsigned entropy; /* thousandths of a bit per byte; 0: all alike, or not told */
};

/* The status registers as they were found before the job: sr[0..count) and, where the part has one,
 * the fourth of enum nor_reg4. */
struct manifest_status {
	bool told; /* else nothing is known of them */
	uint8_t sr[4], count;
	enum nor_reg4 reg4;
};

struct manifest {
	char operation[16]; /* "read", "write", "restore", "erase": what made the file */
	char chip[128];     /* name */
	char jedec_id[2 * NOR_ID_MAX + 1]; /* hex */
	char uid[2 * NOR_UID_MAX + 1];     /* hex; "" when the chip has none */
	char programmer[256];
	char date[32];                 /* UTC, ISO 8601 */
	char profile[LAYOUT_NAME_MAX]; /* the device profile in force; "" when there was none */
	uint64_t chip_size;
	uint64_t size;              /* of the file, bytes */
	char sha256[NP_SHA256_HEX]; /* of the file */
	unsigned passes;
	uint64_t disagreements;    /* 4 KiB blocks whose reads disagreed and were voted on */
	struct np_ranges unstable; /* owned: blocks without a majority */
	struct np_ranges
		assumed; /* owned: taken from --base or an equal CRC, not read byte by byte */
	struct manifest_contents contents;
	char file[NP_PATH_MAX];   /* what the job was to write; "": nothing, or not told */
	char regions[128];        /* where to: "radio,romfile"; "": all of the chip, or not told */
	bool says_changes;        /* `changes` is complete; false for a file that does not tell */
	struct np_ranges changes; /* owned: what the job the backup was made for was to change */
	struct manifest_segment *segments; /* owned; address order */
	size_t segment_count;
	struct manifest_read *reads; /* owned; address order; none: the file does not tell */
	size_t read_count;
	struct manifest_status status;
	uint64_t sequence; /* number in its state folder, see store_next(); 0: none */
	char state[17];    /* which state folder that was; "" */
};

/* Fill chip, ids, sizes, programmer, operation and the date of now. Zeroes the rest. */
void manifest_begin(struct manifest *manifest, const struct nor_info *info, const char *programmer,
                    const char *operation);

/* Remember the registers that were read of the chip `info`. */
void manifest_note_status(struct manifest *manifest, const struct nor_info *info,
                          const struct nor_protection *found);

/* Describe `segments` of a chip-sized image laid end to end in a file: size, digests, segments.
 * `sha256`: of the whole file, where the caller has it already; else NULL. Errors: NP_E_MEMORY. */
int manifest_describe(struct manifest *manifest, const uint8_t *image,
                      const struct np_ranges *segments, const char *sha256, struct np_error *err);

/* Say that `set` was read `count` times, in place of what was said of it before. Errors:
 * NP_E_MEMORY. */
int manifest_set_reads(struct manifest *manifest, const struct np_ranges *set, unsigned count,
                       struct np_error *err);

/* once += what was read a single time, as far as the file tells. Errors: NP_E_MEMORY. */
int manifest_read_once(const struct manifest *manifest, struct np_ranges *once,
                       struct np_error *err);

/* Write FILE.json for `file`. Errors: NP_E_OUTPUT, NP_E_MEMORY. */
int manifest_save(const struct manifest *manifest, const char *file, enum np_io_mode mode,
                  struct np_error *err);

/* Write it to a file just begun, and commit that; `ret` is what beginning it returned. */
int manifest_finish(const struct manifest *manifest, struct np_io_out *out, int ret,
                    struct np_error *err);

/* Read FILE.json of `file` and check it: segments sorted, disjoint, inside chip and file. Errors:
 * NP_E_INPUT naming the key that is wrong. Free with manifest_free(), also after a failure. */
int manifest_load(const char *file, struct manifest *manifest, struct np_error *err);

/* The same for NAME (with its ".json") in an open folder, and for the text of such a file. */
int manifest_load_in(const struct np_io_dir *dir, const char *name, struct manifest *manifest,
                     struct np_error *err);
int manifest_parse(const char *text, size_t len, const char *path, struct manifest *manifest,
                   struct np_error *err);

void manifest_free(struct manifest *manifest);

/* The flags that are set, as the manifest names them: "all-ff, zero-bursts". Returns `buf`. */
const char *manifest_flags_text(const struct manifest_contents *contents, char *buf, size_t len);

/* Copy a name that may be anything, cut to its room, as JSON can hold it. */
void manifest_text(char *to, size_t len, const char *from);

/* UTC now as ISO 8601 ("2026-11-21T03:55:28Z"). */
void manifest_utc(char date[32]);

#endif
