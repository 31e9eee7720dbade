/* SPDX-License-Identifier: GPL-2.0-or-later */
/* On a line without checksums a flipped bit may turn one command into another. The blocks around
 * the job's are read and saved before the first erase, and must be the same afterwards. */
#include <stdio.h>
#include <string.h>

#include "store/backup.h"
#include "job/write.h"

bool run_line_is_safe(const struct run *run)
{
	return spi_caps(nor_bus(run->nor))->safe_line;
}

/* The erase blocks on both sides of each step, of the step's own size. */
static int add_neighbours(const struct write_job *wj, struct np_ranges *out, struct np_error *err)
{
	int ret = 0;

	for (size_t i = 0; i < wj->plan.count && !ret; i++) {
		const struct plan_step *step = &wj->plan.steps[i];
		uint64_t size = wj->cost.level[step->level < 0 ? 0 : step->level].size;
		uint64_t end = (uint64_t)step->start + step->len;

		if (step->start >= size)
			ret = np_ranges_add(out, (struct np_range){step->start - size, size}, err);
		if (!ret && end + size <= wj->run.size)
			ret = np_ranges_add(out, (struct np_range){end, size}, err);
	}
	return ret;
}

static int read_neighbours(struct write_job *wj, struct np_error *err)
{
	struct np_ranges once = {0}, twice = {0};
	int ret = np_ranges_add_all(&once, &wj->neighbours, err);

	if (!ret)
		ret = np_ranges_add_all(&twice, &wj->neighbours, err);
	if (!ret)
		ret = np_ranges_remove_all(&once, &wj->read, err);
	/* What the job looked at anyway is known as well as the job needs it. */
	if (!ret)
		ret = np_ranges_remove_all(&twice, &wj->known, err);
	if (!ret)
		ret = write_read_more(wj, &once, err);
	if (!ret && twice.count)
		ret = write_read_second(wj, &twice, err);
	np_ranges_free(&once);
	np_ranges_free(&twice);
	return ret;
}

static void tell_neighbours(struct write_job *wj, uint64_t more)
{
	char size[32], time[32];

	if (!more)
		return;
	run_tell(
		&wj->run, NP_EV_NOTE,
		"the serial line to this programmer has no checksum, so a command may hit another block: %s around the "
		"job's blocks are read and saved before and read again afterwards (%s more); "
		"--verify-all looks at the rest too",
		np_format_size(more, size, sizeof(size)),
		np_format_duration(3 * nor_cost_read_ns(wj->run.nor, more) / 1000, time,
	                           sizeof(time)));
}

int write_read_neighbours(struct write_job *wj, struct np_error *err)
{
	struct np_ranges touched = {0};
	int ret;

	if (run_line_is_safe(&wj->run) || wj->options->verify_none)
		return 0;
	ret = write_touched(wj, &touched, err);
	if (!ret)
		ret = add_neighbours(wj, &wj->neighbours, err);
	if (!ret)
		ret = np_ranges_remove_all(&wj->neighbours, &wj->known, err);
	if (!ret)
		tell_neighbours(wj, np_ranges_bytes(&wj->neighbours));
	if (!ret && !wj->dry_run)
		ret = read_neighbours(wj, err);
	if (!ret)
		ret = np_ranges_add_all(&wj->neighbours, &wj->read, err);
	if (!ret)
		ret = np_ranges_remove_all(&wj->neighbours, &touched, err);
	np_ranges_free(&touched);
	return ret;
}

/* With --no-backup the files are about to be removed, but the neighbours were damaged: keep
 * them. */
static int rescue(struct exec *x, const struct np_ranges *bad, char path[NP_PATH_MAX],
                  struct np_error *err)
{
	struct run *run = x->run;
	struct manifest manifest;
	int ret;

	manifest_begin(&manifest, nor_info(run->nor), run->job->programmer, "write");
	manifest.passes = 1;
	ret = run_note_reads(run, bad, x->twice, &manifest, err);
	if (!ret)
		ret = backup_write(&run->store, NULL, x->have, bad, &manifest, path, err);
	manifest_free(&manifest);
	return ret;
}

/* Blocks have changed that were not part of the job. */
static int tell_stray(struct exec *x, const struct np_ranges *bad, struct np_error *err)
{
	char where[160], path[NP_PATH_MAX], size[32];
	int ret = 0;

	if (x->backup)
		snprintf(path, sizeof(path), "%s", x->backup);
	else
		ret = rescue(x, bad, path, err);
	if (ret)
		return ret;
	np_format_size(np_ranges_bytes(bad), size, sizeof(size));
	np_fail(err, NP_E_VERIFY,
	        "the job's own blocks are right, but %s that it was not to change %s changed: %s; on "
	        "this unprotected line a command went astray",
	        size, bad->count == 1 ? "has" : "have", ranges_text(bad, where, sizeof(where)));
	return np_hint(
		err,
		"`norprog restore %.250s --only %s` puts back what was there; norprog's bridge "
		"firmware protects the line (doc/ARDUINO.md)",
		path, where);
}

int exec_check_neighbours(struct exec *x, struct np_error *err)
{
	struct np_ranges bad = {0};
	int ret = 0;

	run_phase(x->run, NP_PHASE_VERIFY, np_ranges_bytes(x->neighbours));
	for (size_t i = 0; i < x->neighbours->count && !ret; i++) {
		const struct np_range *range = &x->neighbours->at[i];

		ret = run_compare(x->run, range->start, x->have + range->start, range->len, &bad,
		                  err);
	}
	run_phase_end(x->run);
	if (!ret)
		ret = run_alive(x->run, err);
	if (!ret && bad.count)
		ret = tell_stray(x, &bad, err);
	if (!ret)
		x->result->neighbour_bytes = np_ranges_bytes(x->neighbours);
	np_ranges_free(&bad);
	return ret;
}
