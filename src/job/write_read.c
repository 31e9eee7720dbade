/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a write job reads, once and again; and the backup, which follows the first read. */
#include <string.h>

#include "job/write.h"
#include "store/ahead.h"
#include "store/backup.h"

/* Where a far-end CRC says that the chip already holds the image, nothing needs to cross the wire.
 */
static int skip_by_crc(struct write_job *wj, struct np_ranges *left, struct np_error *err)
{
	const uint8_t *image = wj->intent->image.data;
	struct np_ranges sure = {0};
	struct np_range piece;
	struct looks looks;
	bool more = true;
	int ret = np_ranges_intersect(&wj->known, &wj->intent->selection.todo, wj->run.size, &sure,
	                              err);

	run_looks_begin(&wj->run, &looks, &sure, JOB_CRC);
	while (!ret && more) {
		bool equal;

		ret = run_looks_next(&wj->run, &looks, &piece, &more, err);
		if (ret || !more)
			break;
		ret = run_looks_equal(&wj->run, &looks, image + piece.start, &equal, err);
		if (ret || !equal)
			continue;
		memcpy(wj->have + piece.start, image + piece.start, piece.len);
		ret = np_ranges_remove(left, piece, err);
	}
	np_ranges_free(&sure);
	return ret;
}

static int begin_backup(struct write_job *wj, const struct np_ranges *segments,
                        struct np_error *err)
{
	struct store *store = &wj->run.store;
	int ret = backup_begin(store, wj->options->backup_path, wj->have, segments, err);

	wj->run.ahead = store->ahead;
	return ret ? np_context(err, "backup") : 0;
}

/* The backup of a whole chip is written while that is read. */
static int read_and_save(struct write_job *wj, const struct np_ranges *ranges, struct np_error *err)
{
	int ret = 0;

	if (!wj->partial && !wj->dry_run && !wj->options->no_backup)
		ret = begin_backup(wj, &wj->known, err);
	return ret ? ret : run_read_followed(&wj->run, ranges, wj->have, err);
}

/* Else it is written while what it holds is read again. */
int write_save_ahead(struct write_job *wj, struct np_error *err)
{
	struct run *run = &wj->run;
	struct np_ranges touched = {0};
	int ret = 0;

	if (!run->ahead && !wj->options->no_backup) {
		ret = write_touched(wj, &touched, err);
		if (!ret && touched.count)
			ret = begin_backup(wj, &touched, err);
		ahead_reached(run->ahead, run->size);
	}
	ahead_sync(run->ahead);
	np_ranges_free(&touched);
	return ret;
}

int write_read_known(struct write_job *wj, struct np_error *err)
{
	struct np_ranges left = {0};
	int ret = np_ranges_add_all(&left, &wj->known, err);

	run_phase(&wj->run, NP_PHASE_READ, np_ranges_bytes(&wj->known));
	if (!ret && run_crc_is_quick(&wj->run) && wj->intent->image.data &&
	    !wj->options->chip_erase)
		ret = skip_by_crc(wj, &left, err);
	if (!ret)
		ret = read_and_save(wj, &left, err);
	run_phase_end(&wj->run);
	if (!ret)
		ret = np_ranges_add_all(&wj->read, &wj->known, err);
	np_ranges_free(&left);
	return ret;
}

int write_read_second(struct write_job *wj, const struct np_ranges *ranges, struct np_error *err)
{
	int ret;

	run_phase(&wj->run, NP_PHASE_REREAD, np_ranges_bytes(ranges));
	ret = run_read_again(&wj->run, ranges, wj->have, 1, err);
	run_phase_end(&wj->run);
	if (!ret)
		ret = run_check_stable(&wj->run, err);
	/* The gate's question, which the first read could not answer. */
	if (!ret && !overrides_has(&wj->intent->overrides, "bad-read"))
		ret = run_check_shifted(&wj->run, err);
	if (!ret)
		ret = np_ranges_add_all(&wj->twice, ranges, err);
	return ret;
}

int write_read_more(struct write_job *wj, const struct np_ranges *ranges, struct np_error *err)
{
	int ret;

	if (!ranges->count)
		return 0;
	run_phase(&wj->run, NP_PHASE_READ, np_ranges_bytes(ranges));
	ret = run_read_once(&wj->run, ranges, wj->have, err);
	run_phase_end(&wj->run);
	return ret ? ret : np_ranges_add_all(&wj->read, ranges, err);
}
