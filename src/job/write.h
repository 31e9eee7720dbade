/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A write job under way: what write.c (doing) and prepare.c (deciding) share. */
#ifndef NP_JOB_WRITE_H
#define NP_JOB_WRITE_H

#include "job/run.h"

struct write_job {
	struct run run;
	struct intent *intent;
	bool partial; /* read and save just the erase blocks to be touched */
	const struct write_options *options;
	bool dry_run; /* or explain */
	struct refusal refusal;
	struct write_result *result;
	uint8_t *have;     /* owned, chip-sized; true inside `known` */
	uint8_t *composed; /* owned; NULL while the caller's image is the target as it is */
	const uint8_t *want;
	struct np_ranges known;      /* owned: what the job looks at, whole smallest erase blocks */
	struct np_ranges read;       /* owned: of this, what was read at least once */
	struct np_ranges twice;      /* owned: what two reads agreed on */
	struct np_ranges unread;     /* owned: steps whose old contents are known only from
				        --base */
	struct np_ranges neighbours; /* owned: on a line that protects nothing: not the job's to
	                            change, read before, and the same afterwards */
	struct np_range boot;        /* --boot-last: goes last */
	bool based;                  /* --base holds so far */
	bool whole_twice;            /* the probe found a disagreement: everything was read twice */
	bool chip_erase;
	struct nor_protection before; /* the status registers as they were found */
	bool begun;                   /* something may have changed */
	struct layout recognised;     /* owned: the profile that fits, when the job has none */
	const struct layout *guard;   /* the job's layout or the recognised one; or NULL */
	bool by_image;                /* recognised by what the image is: the chip itself is not */
	bool chip_found;              /* `found` says what the chip's contents were recognised as */
	bool image_is_dump;           /* `image_found` the same of the image */
	struct recognition found, image_found;
	struct plan plan; /* owned */
	struct plan_cost cost;
};

/*
 * Read, compose the target, plan, ask the gates, and read again what must be certain, until the
 * plan stands on nothing that was not read as often as it needs to be. An empty plan is "nothing to
 * do". Emits no NP_EV_PLAN. Errors: refusals, NP_E_UNSTABLE, NP_E_MEMORY, bus errors.
 */
int write_prepare(struct write_job *wj, struct np_error *err);

/* What the job looks at, into `known`: all, or the erase blocks of a part, widened where a larger block can
 * then be erased as a whole. (write_plan.c) */
int write_scope(struct write_job *wj, struct np_error *err);

/* Compose `want` from what is known and the image, and plan anew. (write_plan.c) */
int write_make_plan(struct write_job *wj, struct np_error *err);

/* Kept and unit data, which no base file can know; and, under --base: read those of `guard` and plan
 * again. (write_plan.c) */
int write_own_data(const struct write_job *wj, struct np_ranges *out, struct np_error *err);
int write_read_own(struct write_job *wj, struct np_error *err);

/* Read all that the job looks at once, into `have` and `read`; where that is the whole chip its backup
 * is begun. (write_read.c) */
int write_read_known(struct write_job *wj, struct np_error *err);

/* The plan is made, and its backup will be needed: let it be written and synced. (write_read.c) */
int write_save_ahead(struct write_job *wj, struct np_error *err);

/* Read ranges once, into `have` and `read`; and again, with the vote, into `twice`
 * (NP_E_UNSTABLE). (write_read.c) */
int write_read_more(struct write_job *wj, const struct np_ranges *ranges, struct np_error *err);
int write_read_second(struct write_job *wj, const struct np_ranges *ranges, struct np_error *err);

/* Is the whole chip blank, as one read and many samples say, and nobody asked for another read or for an
 * erase of all? Then it is not read again. */
bool write_reads_blank(const struct write_job *wj);

/* The blocks the plan may change. (write_plan.c) */
int write_touched(const struct write_job *wj, struct np_ranges *out, struct np_error *err);

void write_job_free(struct write_job *wj);

/* Where the whole chip is to be erased at once: replace the plan by "erase everything, then program
 * what is not blank", and set chip_erase. Else nothing. (chip_erase.c) */
int write_plan_chip_erase(struct write_job *wj, struct np_error *err);

/* Ask the gates of this stage about the job. */
int write_ask(struct write_job *wj, enum gate_stage stage, struct np_error *err);

/* Find the layout whose unit data are guarded. Early, before the contents are read, only where a
 * part is selected by addresses that may hit unit data of some device: a few places are read.
 * Later from everything that was read and from the image. (guard.c) */
int write_guard_early(struct write_job *wj, struct np_error *err);
int write_guard(struct write_job *wj, struct np_error *err);

/* Say which MACs stay and which become others. */
void write_tell_macs(struct write_job *wj);

/* On a line that protects nothing: fill `neighbours`, tell what that costs, and read it unless this
 * is a dry run. (neighbours.c) */
int write_read_neighbours(struct write_job *wj, struct np_error *err);

/* For a chip without unique ID: note what lies outside the job, so that resume knows it again.
 * Errors: NP_E_MEMORY, bus errors. (fingerprint.c) */
struct journal;
int write_take_fingerprints(struct write_job *wj, struct journal *journal, struct np_error *err);

/* --verify-all: compare everything outside the job with the last whole backup of this chip.
 * Errors: NP_E_VERIFY, NP_E_UNSTABLE, NP_E_MEMORY, bus errors. (outside.c) */
int write_verify_outside(struct write_job *wj, struct np_error *err);

#endif
