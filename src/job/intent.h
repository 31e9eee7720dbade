/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is to be done to a chip, in facts: which image, what it is, where it belongs, what of it is
 * meant and how that was named, what is kept, and which refusals whoever asks has answered already.
 * The gates (gate/gate.h) judge an intent. How it is carried out (backup, verify, dry run, ...) is
 * no part of it: see struct write_options.
 *
 * Filled in this order: intent_begin(); the selection (selection.h); an image by intent_load(),
 * intent_place_bytes() or by hand; intent_set_field(); intent_override(). Then job_write().
 */
#ifndef NP_JOB_INTENT_H
#define NP_JOB_INTENT_H

#include "device/identify.h"
#include "job/selection.h"

enum intent_operation { INTENT_WRITE, INTENT_RESTORE, INTENT_ERASE };

/* What the chip shall hold, inside the selection. */
struct intent_image {
	uint8_t *data; /* chip-sized; NULL: FFh everywhere, an erase */
	bool owned; /* `data` is freed with the intent; false: the caller's, and outlives the job */
	struct np_ranges covers; /* owned: where `data` means something; empty: everywhere */
	const char *path;        /* the file or folder it is from, with its manifest perhaps a
	                            backup of this chip; NULL: none. The caller's. */
	uint64_t stripped;       /* leading bytes of the file that were left out */
	/* What the file is, by its beginning; found out once, by intent_identify(). */
	bool identified;
	struct image_report is; /* owned; of the file's own first byte, stripped or not */
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
	struct intent_image image;
	struct selection selection;
	struct np_ranges set; /* owned: bytes of fields that were given values by name */
	struct overrides overrides;
};

void intent_begin(struct intent *intent, enum intent_operation operation);
void intent_free(struct intent *intent);

/* "write", "restore", "erase": for messages, manifests and journals. */
const char *intent_operation_name(enum intent_operation operation);

/* ---- the image ---- */

struct job;

/* Can the file be used at all? Needs no chip. `len` receives its length, 0 for a folder. Errors:
 * NP_E_INPUT (missing, unreadable, empty, neither file nor folder). */
int intent_check_file(const char *path, uint64_t *len, struct np_error *err);

/* How many bytes in front of the file do not belong on the chip (vendor header, boot loader); then
 * intent_load() leaves them out. NP_E_USAGE when nothing in front of it is known to go. */
int intent_strip(struct intent *intent, const char *path, struct np_error *err);

/*
 * Take the image from `path`: a dump of the whole chip; a file of just the selected bytes; a file
 * for the place that was selected; and for a restore or a comparison (`own_place`) also a folder of
 * REGION.bin or a partial backup, which says itself where it belongs. `job` gives chip and layout.
 * Settles the selection. Errors: NP_E_INPUT, NP_E_SIZE, NP_E_RANGE (does not hold what was
 * selected), NP_E_MEMORY; the hint names what would make sense.
 */
int intent_load(struct intent *intent, const struct job *job, const char *path, bool own_place,
                struct np_error *err);

/* Take `len` bytes for the place that was selected (selection_place()), or for the whole chip.
 * They are copied. Errors: NP_E_SIZE, NP_E_MEMORY. */
int intent_place_bytes(struct intent *intent, const struct job *job, const uint8_t *bytes,
                       size_t len, struct np_error *err);

/* Find out what the image is, by its first 256 KiB as a file, unless that was done. */
int intent_identify(struct intent *intent, uint64_t chip_size, struct np_error *err);

/* "mac=a0:f3:c1:00:00:01": the value goes into the image, its bytes into the selection and out of
 * what is kept. Call it after the image is there. Errors: NP_E_USAGE, NP_E_RANGE, NP_E_MEMORY. */
int intent_set_field(struct intent *intent, const struct job *job, const char *assignment,
                     struct np_error *err);

/* ---- what is answered beforehand ---- */

/* Lift the refusal of this name. NP_E_USAGE: there is none, or nothing lifts it. */
int overrides_add(struct overrides *overrides, const char *name, struct np_error *err);
bool overrides_has(const struct overrides *overrides, const char *name);

/* ---- what follows from the facts ---- */

/* Is `data` true all over the chip, a dump of which the selection is perhaps a part? */
bool intent_is_dump(const struct intent *intent, uint64_t chip_size);

/* Was the whole chip named, as one range of addresses? Who does that means all that is in it. */
bool intent_names_all(const struct intent *intent, uint64_t chip_size);

/* out += what of `unit` is written though nobody named it: not by name, not by a range within unit
 * data. A range that merely covers unit data does not name them. */
int intent_unnamed(const struct intent *intent, const struct np_ranges *unit, struct np_ranges *out,
                   struct np_error *err);

#endif
