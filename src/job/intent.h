/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is to be done to a chip, in facts: which image, what it is, where it belongs, what of it is
 * meant and how that was named, what is kept, and which refusals whoever asks has answered already.
 * The gates (gate/gate.h) judge an intent. How it is carried out (backup, verify, dry run, ...) is
 * no part of it: see struct write_options.
 *
 * Filled in this order: the operation; intent_look_at() where there is a file; the selection
 * (selection.h); the image by intent_load(), intent_take() or by hand; intent_set_field();
 * overrides_add(). Then job_write().
 */
#ifndef NP_JOB_INTENT_H
#define NP_JOB_INTENT_H

#include "base/hash.h"
#include "device/identify.h"
#include "image/wrap.h"
#include "job/selection.h"

enum intent_operation { INTENT_WRITE, INTENT_RESTORE, INTENT_ERASE, INTENT_VERIFY };

struct trust; /* store/trust.h */

/* What the chip shall hold, inside the selection. */
struct intent_image {
	uint8_t *data; /* chip-sized; NULL: FFh everywhere */
	bool owned; /* `data` is freed with the intent; false: the caller's, and outlives the job */
	struct np_ranges covers; /* owned: where `data` means something; empty: everywhere */
	const char *path;        /* the file or folder it is from, with its manifest perhaps a
	                            backup of this chip; NULL: none. The caller's. */
	uint64_t len;            /* of the file, or of what was unpacked from it; 0: a folder, or
	                            no file */
	bool opened;             /* looked into already: is the file packed, and in what */
	uint8_t *body; /* owned: what a packed or a hex file holds; NULL: the file's bytes */
	struct np_ranges named; /* owned: what a hex file names; empty: no hex file */
	char from[96];          /* "gzip file": what `body` was taken out of */
	struct wrap wrap;       /* a container around the image, or what the file is if it is no
				   image */
	bool misfit;            /* the file is neither as long as the chip nor as what was selected:
	                            nothing was taken from it */
	uint64_t stripped;      /* leading bytes of the file that were left out */
	uint64_t take;          /* how many bytes count behind them; 0: all */
	unsigned part;          /* of an image in several chips: which, from 1; 0: no such */
	/* What the file is, found out once. Firmware upgrade files are looked at to their end,
	 * others in their first 256 KiB. */
	bool identified;
	struct image_report is; /* owned */
	/* Findings against the file, or each file of a folder, from the manifest beside it; by
	 * intent_examine(). */
	bool examined;
	struct trust *trust; /* owned; trust_count of them, those that have a manifest */
	size_t trust_count;
	bool by_address; /* the manifest's addresses are the chip's; false: the file lies where
			    it was put */
};

#define OVERRIDES_MAX 32

/* Refusals that are answered beforehand, by the names of the gates: "supply", "unit-data". */
struct overrides {
	const char *at[OVERRIDES_MAX]; /* names of gates: constants */
	size_t count;
};

/* Zero-initialised but for `operation` it means the whole chip. Free with intent_free(). */
struct intent {
	enum intent_operation operation;
	const char
		*called; /* what records call it ("clone"), where that is no operation; or NULL */
	struct intent_image image;
	struct selection selection;
	struct np_ranges set; /* owned: bytes of fields that were given values by name */
	struct overrides overrides;
};

void intent_free(struct intent *intent);

/* "write", "restore", "erase", "verify": for messages, manifests and journals. */
const char *intent_operation_name(enum intent_operation operation);
const char *intent_called(const struct intent *intent);

/* Compute what is selected, kept and to be done, when all is named. NP_E_RANGE when nothing is
 * left. */
int intent_settle(struct intent *intent, uint64_t chip_size, struct np_error *err);

/* ---- the image (intent_file.c) ---- */

struct job;
struct nor_info;

/* Can the file be used at all? Needs no chip. `len` receives its length, 0 for a folder. Errors:
 * NP_E_INPUT (missing, unreadable, empty, neither file nor folder). */
int intent_check_file(const char *path, uint64_t *len, struct np_error *err);

/* Look whether the file is packed or written as text, and take the image out of it: `body`, `len`. A
 * file with a manifest stays as it is. Errors: as intent_check_file(); NP_E_INPUT (damaged, cut, a
 * bomb), NP_E_MEMORY. */
int intent_open_file(struct intent *intent, const char *path, struct np_error *err);

/* Take one part of an image that lies in several chips: `part` is "1/2", `split` "8M+4M", the sizes of
 * all parts in the order of addresses. Comes after intent_look_at() or intent_open_file(). Errors:
 * NP_E_USAGE (not of this form), NP_E_SIZE (together they are not the image's size).
 * (intent_part.c) */
int intent_take_part(struct intent *intent, const char *part, const char *split,
                     struct np_error *err);

/* How many bytes of the file there are to write, without what is stripped. */
uint64_t intent_image_bytes(const struct intent_image *image);

/* Find out what the file is, and with `strip` what of it does not belong on the chip. Comes before
 * the selection, which may depend on it. Errors: NP_E_INPUT, NP_E_MEMORY; NP_E_USAGE when there is
 * nothing to strip. */
int intent_look_at(struct intent *intent, const char *path, bool strip, struct np_error *err);

/*
 * Take the image from `path`: a dump of the whole chip; a file of just the selected bytes; a file
 * for the place that was selected; and for a restore or a comparison also a folder of REGION.bin or
 * a partial backup, which says itself where it belongs. `job` gives chip and layout. Settles the
 * selection. A length that fits nothing is left to the gate `file-size`. Errors: NP_E_INPUT,
 * NP_E_RANGE (does not hold what was selected), NP_E_SIZE (of a file in a folder), NP_E_MEMORY.
 */
int intent_load(struct intent *intent, const struct job *job, const char *path,
                struct np_error *err);

/* Take `len` bytes in memory as if they were a file without a name; they are copied. */
int intent_take(struct intent *intent, const struct job *job, const uint8_t *bytes, size_t len,
                struct np_error *err);

/* Look once for findings against the files that the image is from. A manifest that cannot be
 * read is passed over with a note. NP_E_MEMORY. (intent_trust.c) */
int intent_examine(struct intent *intent, const struct nor_info *chip, struct np_error *err);

/* Find out what an image is that was filled by hand. NP_E_MEMORY. */
int intent_identify(struct intent *intent, uint64_t chip_size, struct np_error *err);

/* A folder as `read` makes them. (intent_folder.c) */
int intent_load_folder(struct intent *intent, const struct job *job, const char *path,
                       struct np_error *err);

/* ---- fields and overrides ---- */

/* "mac=a0:f3:c1:00:00:01": the value goes into the image, its bytes into the selection and out of
 * what is kept. Call it after the image is there. Errors: NP_E_USAGE, NP_E_RANGE, NP_E_MEMORY. */
int intent_set_field(struct intent *intent, const struct job *job, const char *assignment,
                     struct np_error *err);

/* Lift the refusal of this name. NP_E_USAGE: there is none, or nothing lifts it. (gate/gate.c) */
int overrides_add(struct overrides *overrides, const char *name, struct np_error *err);
bool overrides_has(const struct overrides *overrides, const char *name);

/* ---- what follows from the facts ---- */

/* Is `data` true all over the chip? */
bool intent_is_whole(const struct intent *intent, uint64_t chip_size);

/* Is the image a whole dump, and was all of it or a named region selected? Then its device is
 * compared with the chip's. A part that was selected by address is not judged. */
bool intent_is_dump(const struct intent *intent, uint64_t chip_size);

/* Was the whole chip given as a range of addresses? Then everything in it is meant. */
bool intent_names_all(const struct intent *intent, uint64_t chip_size);

/* out += what of `unit` is to be written although it was not named by a region's name or by a
 * range within unit data. A range that merely covers unit data does not name them. NP_E_MEMORY. */
int intent_unnamed(const struct intent *intent, const struct np_ranges *unit, struct np_ranges *out,
                   struct np_error *err);

#endif
