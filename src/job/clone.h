/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A replacement chip gets a backup: what of the old chip's settings means the same on the new one,
 * and what differs between the two. Pure, but for clone_read_backup().
 */
#ifndef NP_JOB_CLONE_H
#define NP_JOB_CLONE_H

#include "job/intent.h"
#include "nor/nor_settings.h"
#include "store/manifest.h"

#define CLONE_NOTES    10
#define CLONE_NOTE_LEN 240

struct clone_plan {
	struct nor_settings settings;            /* to be put on the new chip */
	bool differs;                            /* some of them are not so yet */
	char notes[CLONE_NOTES][CLONE_NOTE_LEN]; /* what differs, a sentence each */
	size_t note_count;
};

/* The manifest of the backup `path`, if it may be cloned: one dump of a whole chip. Errors:
 * NP_E_INPUT (no manifest, or just parts of a chip). */
int clone_read_backup(const char *path, struct manifest *backup, struct np_error *err);

/* Where the backup goes: the whole chip, or the beginning of a bigger one. NP_E_SIZE when the chip
 * is smaller. */
int clone_place(const struct manifest *backup, struct intent *intent, const struct nor_info *to,
                struct np_error *err);

/* `now`: the new chip's registers. */
void clone_plan(const struct manifest *backup, const struct nor_info *to,
                const struct nor_protection *now, struct clone_plan *plan);

#endif
