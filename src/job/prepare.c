/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens before anything is changed: read the chip, look again here and there, ask the gates, and
 * read again what must be certain. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "job/write.h"
#include "device/recognise.h"
#include "store/backup.h"

#define SAMPLES      4u /* places read in each block that is known only from --base */
#define SAMPLE_SIZE  16u
#define SAMPLE_BATCH 256u

/* ---- read, and look again here and there ---- */

/* Hundreds of places in one queue. */
struct samples {
	uint32_t addr[SAMPLE_BATCH];
	size_t count;
	bool differ;    /* the chip does not hold what `have` says ... */
	uint64_t where; /* ... here */
};

static int look_at_samples(struct write_job *wj, struct samples *samples, struct np_error *err)
{
	uint8_t seen[SAMPLE_BATCH][SAMPLE_SIZE];
	int ret = samples->count ? run_step(&wj->run, err) : 0;

	if (!ret)
		ret = nor_read_spots(wj->run.nor, samples->addr, samples->count, SAMPLE_SIZE,
		                     seen[0], err);
	for (size_t i = 0; i < samples->count && !ret && !samples->differ; i++) {
		samples->where = samples->addr[i];
		samples->differ = memcmp(seen[i], wj->have + samples->where, SAMPLE_SIZE) != 0;
	}
	samples->count = 0;
	return ret;
}

static int sample_block(struct write_job *wj, struct np_range block, struct samples *samples,
                        struct np_error *err)
{
	uint64_t stride = block.len / SAMPLES;

	for (unsigned i = 0; i < SAMPLES; i++) {
		uint64_t at = block.start + i * stride +
		              i * (stride - SAMPLE_SIZE) / SAMPLES / SAMPLE_SIZE * SAMPLE_SIZE;

		if (!wj->based || !np_ranges_overlap(&wj->read, (struct np_range){at, SAMPLE_SIZE}))
			samples->addr[samples->count++] = (uint32_t)at;
	}
	return samples->count + SAMPLES > SAMPLE_BATCH ? look_at_samples(wj, samples, err) : 0;
}

/* Of what a whole write leaves as it is, or only programs, because it read as blank, places are looked at
 * again: a chip that did not answer the first time answers here, and then all is read a second time. Where
 * the chip is blank from end to end this is all, because there is nothing to lose, and reading it again
 * takes a slow adapter longer than anything else. */
static int sample_blank(struct write_job *wj, struct np_error *err)
{
	struct np_walk walk = {&wj->known, JOB_BLOCK, 0, 0};
	struct samples samples = {.count = 0};
	struct np_range block;
	int ret = 0;

	run_phase(&wj->run, NP_PHASE_PROBE, 0);
	while (!ret && !samples.differ && np_walk_piece(&walk, &block))
		if (bytes_all(wj->have + block.start, block.len, 0xff))
			ret = sample_block(wj, block, &samples, err);
	if (!ret)
		ret = look_at_samples(wj, &samples, err);
	if (!ret)
		ret = run_alive(&wj->run, err);
	run_phase_end(&wj->run);
	if (ret || !samples.differ)
		return ret;
	wj->whole_twice = true;
	return write_read_second(wj, &wj->known, err);
}

/* A chip that is reset while it is read answers FFh: what an erase need not touch because it is
 * blank already rests on two reads. */
static int read_blank_again(struct write_job *wj, struct np_error *err)
{
	struct np_ranges asked = {0}, blank = {0};
	struct np_walk walk = {&asked, JOB_BLOCK, 0, 0};
	struct np_range block;
	int ret = np_ranges_intersect(&wj->intent->selection.todo, &wj->known, wj->run.size, &asked,
	                              err);

	while (!ret && np_walk_piece(&walk, &block))
		if (bytes_all(wj->have + block.start, block.len, 0xff))
			ret = np_ranges_add(&blank, block, err);
	if (!ret && blank.count)
		ret = write_read_second(wj, &blank, err);
	np_ranges_free(&asked);
	np_ranges_free(&blank);
	return ret;
}

/* Read what the job looks at, as often as was asked for. */
static int read_known(struct write_job *wj, struct np_error *err)
{
	int ret = write_read_known(wj, err);

	for (unsigned pass = 2; pass <= wj->options->passes && !ret; pass++)
		ret = write_read_second(wj, &wj->known, err);
	if (ret || wj->options->passes > 1)
		return ret;
	if (!wj->options->passes && wj->intent->operation == INTENT_ERASE)
		return read_blank_again(wj, err);
	return wj->partial ? 0 : sample_blank(wj, err);
}

/* ---- --base ---- */

static int begin_base(struct write_job *wj, struct np_error *err)
{
	struct np_ranges own = {0};
	int ret = write_own_data(wj, &own, err);

	wj->based = true;
	for (size_t i = 0; i < wj->known.count; i++)
		memcpy(wj->have + wj->known.at[i].start, wj->options->base + wj->known.at[i].start,
		       wj->known.at[i].len);
	if (!ret && !wj->partial)
		ret = recognise_places(wj->run.size, &own, err);
	/* The map of a PC's flash is there. */
	if (!ret && !wj->partial)
		ret = np_ranges_add(&own, (struct np_range){0, JOB_BLOCK}, err);
	if (!ret)
		ret = write_read_more(wj, &own, err);
	np_ranges_free(&own);
	return ret ? ret : write_make_plan(wj, err);
}

/* The base file is wrong somewhere: read the chip as if it had not been given. */
static int give_up_base(struct write_job *wj, uint64_t addr, struct np_error *err)
{
	int ret;

	wj->based = false;
	np_ranges_free(&wj->read);
	run_tell(&wj->run, NP_EV_NOTE,
	         "the chip does not hold what --base says at 0x%06" PRIx64 ": reading it instead",
	         addr);
	ret = read_known(wj, err);
	return ret ? ret : write_make_plan(wj, err);
}

/* Blocks that will be erased are read whole; what --base got wrong there ends it. */
static int read_erased(struct write_job *wj, bool *more, struct np_error *err)
{
	struct np_ranges missing = {0};
	int ret = 0;

	for (size_t i = 0; i < wj->plan.count && !ret; i++)
		if (wj->plan.steps[i].level >= 0)
			ret = np_ranges_add(
				&missing,
				(struct np_range){wj->plan.steps[i].start, wj->plan.steps[i].len},
				err);
	if (!ret)
		ret = np_ranges_remove_all(&missing, &wj->read, err);
	*more = missing.count > 0;
	if (!ret && *more)
		ret = write_read_more(wj, &missing, err);
	for (size_t i = 0; i < missing.count && !ret && wj->based; i++) {
		struct np_range *r = &missing.at[i];

		if (memcmp(wj->have + r->start, wj->options->base + r->start, r->len) != 0)
			ret = give_up_base(wj, r->start, err);
	}
	if (!ret && *more && wj->based)
		ret = write_make_plan(wj, err);
	np_ranges_free(&missing);
	return ret;
}

/* Blocks that are only programmed are sampled. */
static int sample_range(struct write_job *wj, struct np_range range, struct samples *samples,
                        struct np_error *err)
{
	struct np_walk walk = {&(struct np_ranges){&range, 1, 1}, wj->cost.level[0].size, 0, 0};
	struct np_range block;
	int ret = 0;

	while (!ret && !samples->differ && np_walk_block(&walk, &block))
		ret = sample_block(wj, block, samples, err);
	return ret;
}

static int check_base(struct write_job *wj, struct np_error *err)
{
	struct samples samples = {.count = 0};
	bool more = true;
	int ret = 0;

	while (more && !ret && wj->based)
		ret = read_erased(wj, &more, err);
	if (ret || !wj->based)
		return ret;
	run_phase(&wj->run, NP_PHASE_PROBE, 0);
	for (size_t i = 0; !ret && i < wj->plan.count; i++) {
		const struct plan_step *step = &wj->plan.steps[i];

		if (step->level < 0)
			ret = sample_range(wj, (struct np_range){step->start, step->len}, &samples,
			                   err);
	}
	if (!ret)
		ret = look_at_samples(wj, &samples, err);
	run_phase_end(&wj->run);
	return !ret && samples.differ ? give_up_base(wj, samples.where, err) : ret;
}

/* ---- trust ---- */

bool write_reads_blank(const struct write_job *wj)
{
	return !wj->partial && !wj->based && !wj->options->passes && !wj->options->chip_erase &&
	       bytes_all(wj->have, wj->run.size, 0xff);
}

/* What two reads must agree on before the plan may run. */
static int must_agree(const struct write_job *wj, struct np_ranges *out, struct np_error *err)
{
	struct np_ranges touched = {0}, survives = {0}, own = {0};
	int ret = write_touched(wj, &touched, err);

	/* A read that agrees with the base counts as the second reading. */
	if (!ret && wj->options->passes != 1 && (wj->partial || !wj->based) &&
	    !write_reads_blank(wj))
		ret = np_ranges_add_all(out, &touched, err);
	if (!ret)
		ret = np_ranges_add_all(&survives, &touched, err);
	if (!ret)
		ret = np_ranges_remove_all(&survives, &wj->intent->selection.todo, err);
	if (!ret)
		ret = np_ranges_add_all(out, &survives, err);
	if (!ret)
		ret = write_own_data(wj, &own, err);
	if (!ret)
		ret = np_ranges_intersect(&own, &touched, wj->run.size, out, err);
	if (!ret)
		ret = np_ranges_remove_all(out, &wj->twice, err);
	np_ranges_free(&touched);
	np_ranges_free(&survives);
	np_ranges_free(&own);
	return ret;
}

/* In a whole-chip write, unchanged blocks rest on one read as long as no sample disagrees with
 * it. */
static int probe(struct write_job *wj, struct np_error *err)
{
	struct np_ranges touched = {0};
	bool agrees, all;
	int ret = write_touched(wj, &touched, err);

	all = np_ranges_bytes(&touched) == wj->run.size;
	np_ranges_free(&touched);
	/* Where nothing is left as it is, all of it is read again anyway. */
	if (ret || (all && wj->options->passes != 1))
		return ret;
	ret = run_probe(&wj->run, wj->have, &agrees, err);
	if (ret || agrees)
		return ret;
	wj->whole_twice = true;
	/* What was read at the higher clock is not counted as a first reading. */
	if (run_lower_clock(&wj->run)) {
		run_phase(&wj->run, NP_PHASE_READ, wj->run.size);
		ret = run_read_once(&wj->run, &wj->known, wj->have, err);
		run_phase_end(&wj->run);
	}
	if (!ret)
		ret = write_read_second(wj, &wj->known, err);
	return ret ? ret : write_make_plan(wj, err);
}

static int establish_trust(struct write_job *wj, struct np_error *err)
{
	struct np_ranges need = {0};
	int ret = wj->based ? check_base(wj, err) : 0;

	/* The disk is at work while what must be certain is read again. */
	if (!ret)
		ret = write_save_ahead(wj, err);
	if (!ret && !wj->based && !wj->partial && wj->options->passes < 2)
		ret = probe(wj, err);
	while (!ret) {
		np_ranges_free(&need);
		ret = must_agree(wj, &need, err);
		if (ret || !need.count)
			break;
		/* The vote may change what is to be kept, and with it the plan. */
		ret = write_read_second(wj, &need, err);
		if (!ret)
			ret = np_ranges_add_all(&wj->read, &need, err);
		if (!ret)
			ret = write_make_plan(wj, err);
	}
	np_ranges_free(&need);
	return ret;
}

/* Blocks that the plan touches and that were not read: they are never erased. */
static int find_unread(struct write_job *wj, struct np_error *err)
{
	int ret = write_touched(wj, &wj->unread, err);

	if (!ret)
		ret = np_ranges_remove_all(&wj->unread, &wj->read, err);
	for (size_t i = 0; i < wj->plan.count && !ret; i++) {
		const struct plan_step *step = &wj->plan.steps[i];

		if (step->level >= 0 &&
		    np_ranges_overlap(&wj->unread, (struct np_range){step->start, step->len}))
			ret = np_fail(err, NP_E_FAIL, "0x%06" PRIx32 " would be erased unread",
			              step->start);
	}
	return ret;
}

static int first_look(struct write_job *wj, struct np_error *err)
{
	int ret;

	if (wj->options->base && !wj->options->chip_erase && wj->options->passes < 2)
		return begin_base(wj, err);
	ret = read_known(wj, err);
	return ret ? ret : write_make_plan(wj, err);
}

/* The second reads may have shown that there is nothing to do after all. */
static int replan_chip_erase(struct write_job *wj, struct np_error *err)
{
	int ret = write_make_plan(wj, err);

	wj->chip_erase = !ret && wj->plan.count;
	return wj->chip_erase ? write_plan_chip_erase(wj, err) : ret;
}

int write_ask(struct write_job *wj, enum gate_stage stage, struct np_error *err)
{
	static const enum gate_job bits[] = {GATE_WRITE, GATE_RESTORE, GATE_ERASE, GATE_VERIFY};
	const struct write_options *o = wj->options;
	struct facts facts = {
		.job_bit = bits[wj->intent->operation],
		.run = &wj->run,
		.job = wj->run.job,
		.chip = nor_info(wj->run.nor),
		.size = wj->run.size,
		.options = o,
		.intent = wj->intent,
		.overrides = &wj->intent->overrides,
		.dry_run = wj->dry_run,
		.explain = o->explain,
		.guard = wj->guard,
		.guard_recognised = wj->guard && wj->guard == &wj->recognised,
		.guard_by_image = wj->by_image,
		.found = wj->chip_found ? &wj->found : NULL,
		.image_found = wj->image_is_dump ? &wj->image_found : NULL,
		.have = wj->have,
		.want = wj->want,
		.known = &wj->known,
		.based = wj->based,
		.plan = stage == GATE_PLANNED ? &wj->plan : NULL,
		.chip_erase = wj->chip_erase,
	};

	return gates_ask(&facts, stage, o->explain, &wj->refusal, err);
}

/* The plan rests on what was read: ask the gates, and check whether it was read often enough. */
static int judge(struct write_job *wj, struct np_error *err)
{
	int ret = write_guard(wj, err);

	if (!ret)
		ret = write_ask(wj, GATE_READ, err);
	if (ret || !wj->plan.count)
		return ret;
	write_tell_macs(wj);
	ret = write_plan_chip_erase(wj, err);
	if (!ret && !wj->dry_run)
		ret = establish_trust(wj, err);
	if (!ret && !wj->dry_run && wj->chip_erase)
		ret = replan_chip_erase(wj, err);
	return ret;
}

int write_prepare(struct write_job *wj, struct np_error *err)
{
	int ret;

	wj->have = calloc(1, wj->run.size);
	if (!wj->have)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	ret = write_guard_early(wj, err);
	if (!ret)
		ret = write_scope(wj, err);
	if (!ret)
		ret = first_look(wj, err);
	/* Where nothing is to be done nothing is refused. */
	if (ret || (!wj->plan.count && !wj->options->explain))
		return ret;
	ret = judge(wj, err);
	if (!ret && wj->plan.count)
		ret = write_read_neighbours(wj, err);
	if (!ret && !wj->dry_run)
		ret = find_unread(wj, err);
	return ret ? ret : write_ask(wj, GATE_PLANNED, err);
}

void write_job_free(struct write_job *wj)
{
	backup_drop(&wj->run.store); /* it reads `have` */
	plan_free(&wj->plan);
	np_ranges_free(&wj->known);
	np_ranges_free(&wj->read);
	np_ranges_free(&wj->twice);
	np_ranges_free(&wj->unread);
	np_ranges_free(&wj->neighbours);
	layout_free(&wj->recognised);
	free(wj->have);
	free(wj->composed);
	run_close(&wj->run);
}
