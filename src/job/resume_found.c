/* SPDX-License-Identifier: GPL-2.0-or-later */
/* resume on a chip that holds what neither backup nor target explains: it is saved before it is
 * written over. */
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "job/resume.h"

/* The whole block of the job, where one is known, may be half erased. */
int resume_suspect(struct resume *r, struct np_range piece, struct np_error *err)
{
	const struct np_range *block = journal_block_at(&r->journal, piece.start);
	int ret = np_ranges_add(&r->unexplained, piece, err);

	return ret ? ret : np_ranges_add(&r->suspect, block ? *block : piece, err);
}

bool resume_is_sure(const struct resume *r)
{
	const struct nor_info *info = nor_info(r->run.nor);
	char uid[2 * NOR_UID_MAX + 1];

	np_format_hex(info->uid, info->uid_len, uid);
	return uid[0] && strcmp(uid, r->journal.uid) == 0;
}

static bool is_to_be_saved(const struct resume *r)
{
	return r->unexplained.count && (r->mismatch || r->file_lost ||
	                                overrides_has(&r->options->overrides, "unproven-chip"));
}

int resume_save_unexplained(struct resume *r, struct np_error *err)
{
	const struct np_ranges *found = &r->unexplained;
	struct manifest manifest;
	char used[NP_PATH_MAX], size[32];
	int ret;

	if (!is_to_be_saved(r) || r->options->explain)
		return 0;
	manifest_begin(&manifest, nor_info(r->run.nor), r->run.job->programmer, "resume");
	manifest.passes = 2;
	manifest.says_changes = true;
	ret = np_ranges_add_all(&manifest.changes, found, err);
	if (!ret)
		ret = manifest_set_reads(&manifest, found, 2, err);
	if (!ret)
		ret = backup_write(&r->run.store, NULL, r->have, found, &manifest, used, err);
	if (!ret)
		run_tell(&r->run, NP_EV_NOTE, "what the chip holds there (%s) is saved in %.300s",
		         np_format_size(np_ranges_bytes(found), size, sizeof(size)), used);
	manifest_free(&manifest);
	return ret;
}
