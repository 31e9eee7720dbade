/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A resume under way: what its files share. */
#ifndef NP_JOB_RESUME_H
#define NP_JOB_RESUME_H

#include "job/run.h"
#include "store/journal.h"

struct resume {
	struct run run;
	struct journal journal;
	bool undo;
	bool one_leg;                    /* the file of `other` is lost */
	uint8_t *have, *want;            /* owned, chip-sized; true inside journal.touched */
	struct segment_file goal, other; /* where to, and the other of backup and target */
	struct np_range flux;            /* the block found neither here nor there; len 0: none */
	struct plan plan;
	struct plan_cost cost;
};

/*
 * What --base vouched for is not known until now. Of `open` (blocks that are not as they shall be,
 * read twice) find those that hold what neither base nor target explains; save them in a new backup
 * that takes the place of the journal's, and say so. *learnt: the files of the journal are others
 * now. Errors: NP_E_OUTPUT, NP_E_MEMORY, NP_E_INPUT. (resume_base.c)
 */
int resume_learn_unread(struct resume *r, const struct np_ranges *open, bool *learnt,
                        struct np_error *err);

/* A chip without unique ID, its blocks judged: NP_E_POLICY when something outside the job is not as
 * it was, or when a block is in flux and nothing speaks for this chip at all. (fingerprint.c) */
int resume_check_fingerprints(struct resume *r, struct np_error *err);

#endif
