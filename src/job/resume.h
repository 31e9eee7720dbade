/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A resume under way: what its files share. */
#ifndef NP_JOB_RESUME_H
#define NP_JOB_RESUME_H

#include "job/run.h"
#include "store/journal.h"

struct resume {
	struct run run;
	const struct resume_options *options;
	struct refusal refusal;
	struct journal journal;
	bool undo;
	bool file_lost;                  /* the file of `other` is lost */
	uint8_t *have, *want;            /* owned, chip-sized; true inside journal.touched */
	struct segment_file goal, other; /* where to, and the other of backup and target */
	struct np_range flux;            /* the block that is neither, in flux; len 0: none */
	bool mismatch;                   /* a block is neither, and not the one in flux */
	uint64_t mismatch_at;
	struct np_ranges unexplained; /* owned: what is neither backup nor target, 4 KiB blocks */
	struct np_ranges suspect;     /* owned: the job's blocks around it: to be erased whatever
	                                 they seem to hold */
	struct np_ranges neighbours;  /* owned: saved, but not the job's to change */
	struct plan plan;
	struct plan_cost cost;
};

/* Bytes known only from --base are read now for the first time. Of `open` (blocks that are not
 * as they shall be, read twice) find those that hold what neither base nor target explains; save
 * them in a new backup that takes the place of the journal's, and tell the user. *learnt: the
 * files of the journal are others now. With `explain` nothing is saved, and the blocks leave the
 * set. Errors: NP_E_OUTPUT, NP_E_MEMORY, NP_E_INPUT. (resume_base.c) */
int resume_learn_unread(struct resume *r, struct np_ranges *open, bool *learnt,
                        struct np_error *err);

/* Note a piece that neither backup nor target explains. NP_E_MEMORY. (resume_found.c) */
int resume_suspect(struct resume *r, struct np_range piece, struct np_error *err);

/* Does the unique ID say that this is the chip the job began on? */
bool resume_is_sure(const struct resume *r);

/* When more than the block in flux is unexplained, save it in a new backup and tell the user.
 * Errors: NP_E_OUTPUT, NP_E_MEMORY. */
int resume_save_unexplained(struct resume *r, struct np_error *err);

/* Is this the chip that the job began on? By the places outside the job, and by the blocks of the job
 * that are as they were. For a chip without unique ID. Bus errors. (fingerprint.c) */
int resume_match_chip(const struct resume *r, struct run *run, struct match *match,
                      struct np_error *err);

#endif
