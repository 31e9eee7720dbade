/* SPDX-License-Identifier: GPL-2.0-or-later */
/* After the job: is everything outside of it as it was? */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/backup_find.h"
#include "job/write.h"

#define NAMED_MAX 4u /* ranges named in a message */

/* ---- words ---- */

const char *ranges_text(const struct np_ranges *set, char *buf, size_t len)
{
	size_t n = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < set->count && i < NAMED_MAX && n < len; i++)
		n += (size_t)snprintf(buf + n, len - n, "%s0x%06" PRIx64 "+0x%" PRIx64,
		                      i ? "," : "", set->at[i].start, set->at[i].len);
	return buf;
}

/* ---- --verify-all of a part ---- */

static int differs(const struct write_job *wj, const struct backup_found *found,
                   const struct np_ranges *bad, struct np_error *err)
{
	char size[32], where[160], names[128];

	regions_text(wj->guard, bad, names, sizeof(names));
	np_format_size(np_ranges_bytes(bad), size, sizeof(size));
	np_fail(err, NP_E_VERIFY,
	        "the job's own blocks hold what they should, but outside them %s differ%s from the "
	        "backup of %s: %s%s%s%s%s; the job's plan did not name these blocks",
	        size, bad->count == 1 ? "s" : "", found->date,
	        ranges_text(bad, where, sizeof(where)), bad->count > NAMED_MAX ? " ..." : "",
	        names[0] ? " (" : "", names, names[0] ? ")" : "");
	return np_hint(err,
	               "a device that ran since then changes its own settings; if it did not, read "
	               "the chip again, and to put them back: `norprog restore %.200s --only %s`",
	               found->path, where);
}

static void tell_uncompared(struct write_job *wj, const struct backup_found *found, uint64_t bytes)
{
	char size[32];

	if (!bytes)
		return;
	np_format_size(bytes, size, sizeof(size));
	if (found->path[0])
		run_tell(&wj->run, NP_EV_WARN,
		         "%s outside the job's blocks not checked: jobs changed them "
		         "since the last whole backup of this chip was begun (%.200s)",
		         size, found->path);
	else
		run_tell(&wj->run, NP_EV_WARN,
		         "%s outside the job's blocks not checked (no earlier backup of the "
		         "whole chip in %.200s/backups)",
		         size, wj->run.job->state_dir);
}

static int compare_with_backup(struct write_job *wj, const struct backup_found *found,
                               const struct np_ranges *ranges, struct np_ranges *bad,
                               struct np_error *err)
{
	struct np_walk walk = {ranges, JOB_CHUNK, 0, 0};
	struct np_range piece;
	uint8_t *saved = malloc(JOB_CHUNK);
	int ret = saved ? 0 : np_fail(err, NP_E_MEMORY, "out of memory");

	run_phase(&wj->run, NP_PHASE_VERIFY, np_ranges_bytes(ranges));
	while (!ret && np_walk_piece(&walk, &piece)) {
		ret = segments_read(&found->file, piece.start, saved, piece.len, err);
		if (!ret)
			ret = run_compare(&wj->run, piece.start, saved, piece.len, bad, err);
	}
	run_phase_end(&wj->run);
	free(saved);
	return ret ? ret : run_alive(&wj->run, err);
}

static int compare_outside(struct write_job *wj, const struct backup_found *found,
                           struct np_ranges *rest, struct np_error *err)
{
	uint64_t outside = np_ranges_bytes(rest);
	struct np_ranges bad = {0};
	int ret = np_ranges_remove_all(rest, &found->unknown, err);

	if (ret)
		return ret;
	run_tell(&wj->run, NP_EV_NOTE, "verifying the rest of the chip against %.300s (%s)%s",
	         found->path, found->date,
	         found->sure ? ""
	                     : "; the chip has no unique ID: that it is this one's is told by its "
	                       "type alone");
	ret = compare_with_backup(wj, found, rest, &bad, err);
	if (!ret) {
		memcpy(wj->result->outside_path, found->path, sizeof(found->path));
		wj->result->outside_bytes = np_ranges_bytes(rest) - np_ranges_bytes(&bad);
		wj->result->outside_unknown = outside - np_ranges_bytes(rest);
		tell_uncompared(wj, found, wj->result->outside_unknown);
		if (bad.count)
			ret = differs(wj, found, &bad, err);
	}
	np_ranges_free(&bad);
	return ret;
}

int write_verify_outside(struct write_job *wj, struct np_error *err)
{
	const struct layout *guard = wj->guard;
	struct np_ranges rest = {0};
	struct backup_found found;
	int ret = np_ranges_add(&rest, (struct np_range){0, wj->run.size}, err);

	if (!ret)
		ret = np_ranges_remove_all(&rest, &wj->known, err);
	if (ret || !rest.count) {
		np_ranges_free(&rest);
		return ret;
	}
	ret = backup_find(&wj->run.store, wj->intent->image.path,
	                  guard && guard->profile ? guard->name : NULL, &found, err);
	if (!ret && !found.path[0]) {
		wj->result->outside_unknown = np_ranges_bytes(&rest);
		tell_uncompared(wj, &found, wj->result->outside_unknown);
	} else if (!ret) {
		ret = compare_outside(wj, &found, &rest, err);
	}
	backup_found_free(&found);
	np_ranges_free(&rest);
	return ret;
}
