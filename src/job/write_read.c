/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a write job reads, once and again; and the backup, which follows the first read. */
#include <string.h>

#include "job/write.h"
#include "store/ahead.h"

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

/* The backup of a whole chip is written while that is read. */
static int read_and_save(struct write_job *wj, const struct np_ranges *ranges, struct np_error *err)
{
	const struct write_options *o = wj->options;
	struct run *run = &wj->run;
	int ret;

	run->following = !wj->partial && !wj->dry_run && !o->no_backup &&
	                 np_ranges_contain(ranges, (struct np_range){0, run->size});
	if (run->following)
		ahead_begin(&run->store, o->backup_path, wj->have, run->size);
	ret = run_read_once(run, ranges, wj->have, err);
	if (!ret && run->following)
		ahead_reached(run->store.ahead, run->size);
	run->following = false;
	/* What is read again from here on may change it. */
	ahead_wait(run->store.ahead);
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
