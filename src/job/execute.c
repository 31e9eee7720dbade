/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The executor: erase -> program -> verify, block by block. Never more than one block is in flux.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/stop.h"
#include "job/run.h"

#define NO_ERASE     (-1)
#define RETRIES_MOST 4u /* blocks that may fail their check once, from worn cells */

void exec_cost(struct nor *nor, struct plan_cost *cost)
{
	const struct nor_info *info = nor_info(nor);
	uint64_t one = nor_cost_read_ns(nor, 1), chunk = nor_cost_read_ns(nor, JOB_CRC);

	memset(cost, 0, sizeof(*cost));
	cost->page = info->page;
	for (size_t i = 0; i < info->erase_count && i < PLAN_LEVELS; i++) {
		cost->level[i].size = info->erase[i].size;
		cost->level[i].erase_ns = nor_cost_erase_ns(nor, i);
		cost->levels++;
	}
	cost->page_ns = nor_cost_page_ns(nor);
	cost->read_ns = one;
	cost->read_ns_per_byte_x1000 = (chunk - one) * 1000 / (JOB_CRC - 1);
	cost->no_program_only = info->chip && info->chip->flags & NOR_F_ECC;
}

/* ---- one block ---- */

struct programming {
	struct exec *exec;
	uint64_t base, len; /* progress of the phase before this block, and what the block adds */
	size_t count;
	uint64_t addr;
	enum np_block told; /* where all is one run: what was last said of it */
};

static int watch_program(void *ctx, uint64_t pieces_done)
{
	struct programming *p = ctx;

	run_progress(p->exec->run, p->addr, p->base + p->len * pieces_done / (p->count + 1));
	return np_stop_level() >= 2;
}

static size_t collect_pieces(struct exec *x, struct np_range block, bool erased)
{
	uint32_t page = x->cost->page;
	size_t count = 0;

	for (uint64_t at = block.start; at < block.start + block.len; at += page) {
		size_t first, n;

		/* Bytes that were not read are not programmed, because the target there is only
		 * assumed. */
		if (!np_ranges_contain(x->saved, (struct np_range){at, page}) ||
		    !plan_page_needs(x->have + at, x->want + at, page, erased, &first, &n))
			continue;
		x->pieces[count].addr = (uint32_t)(at + first);
		x->pieces[count].len = (uint32_t)n;
		x->pieces[count++].data = x->want + at + first;
	}
	return count;
}

/* The last moment to stop with the block as it is. */
static int begin_block(struct exec *x, struct np_range block, struct np_error *err)
{
	int ret = run_step(x->run, err);

	if (ret)
		return ret;
	x->begun = x->in_flux = true;
	if (!x->chip_erase)
		x->flux = block;
	return 0;
}

static int erase_block(struct exec *x, struct np_range block, int level, struct np_error *err)
{
	int ret;

	if (!np_ranges_contain(x->saved, block))
		return np_fail(err, NP_E_FAIL,
		               "0x%06" PRIx64 " was not saved and is therefore not erased",
		               block.start);
	ret = begin_block(x, block, err);
	if (!ret)
		run_block(x->run, NP_BLOCK_ERASING, block.start, block.len);
	if (!ret)
		ret = nor_erase(x->run->nor, block.start, (size_t)level, err);
	if (!ret)
		x->result->erased_bytes += block.len;
	return ret;
}

/* Bring a block to `want`: erased first at `level`, or only programmed. */
static int write_block(struct exec *x, struct np_range block, int level, struct np_error *err)
{
	struct programming p = {x, x->run->done, block.len, 0, block.start, NP_BLOCK_NONE};
	size_t done = 0;
	int ret = 0;

	if (level != NO_ERASE)
		ret = erase_block(x, block, level, err);
	if (ret)
		return ret;
	p.count = collect_pieces(x, block, level != NO_ERASE);
	if (!p.count)
		return 0;
	ret = begin_block(x, block, err);
	if (!ret)
		run_block(x->run, NP_BLOCK_PROGRAMMING, block.start, block.len);
	if (!ret)
		ret = nor_program(x->run->nor, x->pieces, p.count, &done, watch_program, &p, err);
	x->run->done = p.base;
	for (size_t i = 0; i < done; i++)
		x->result->programmed_bytes += x->pieces[i].len;
	return ret;
}

/* ---- a block in one go, where each round trip is long ---- */

static int watch_rewrite(void *ctx, uint64_t pieces_done)
{
	struct programming *p = ctx;
	enum np_block now = pieces_done == p->count ? NP_BLOCK_VERIFYING : NP_BLOCK_PROGRAMMING;

	if (pieces_done && now != p->told)
		run_block(p->exec->run, p->told = now, p->addr, p->len);
	run_progress(p->exec->run, p->addr, p->base + p->len * pieces_done / (p->count + 1));
	return 0;
}

/* What verify_block() would look at, in pieces of one CRC. *count is 0 when they are too many. */
static int choose_looks(struct exec *x, struct np_range block, struct np_range *looks,
                        size_t *count, struct np_error *err)
{
	struct np_ranges one = {&block, 1, 1}, ours = {0};
	struct np_walk walk = {&ours, NOR_CRC_MOST, 0, 0};
	struct np_range piece;
	int ret = np_ranges_intersect(x->saved, &one, x->run->size, &ours, err);

	for (*count = 0; !ret && np_walk_piece(&walk, &piece); looks[(*count)++] = piece) {
		if (*count == NOR_LOOKS_MOST) {
			*count = 0;
			break;
		}
	}
	np_ranges_free(&ours);
	return ret;
}

/* Where a CRC is not that of the target, the block is compared as ever. */
static int check_looks(struct exec *x, const struct nor_rewrite *job,
                       const struct nor_rewritten *done, struct np_ranges *bad,
                       struct np_error *err)
{
	int ret = 0;

	for (size_t i = 0; i < job->look_count && !ret; i++) {
		const struct np_range *look = &job->looks[i];
		const uint8_t *want = x->want + look->start;

		if (np_crc32(0, want, look->len) != done->crc[i])
			ret = run_compare(x->run, look->start, want, look->len, bad, err);
		if (!ret)
			x->result->verified_bytes += look->len;
	}
	return ret;
}

/* Erase, program and CRC of a block as one run of the bus: *did tells whether that was possible. */
static int rewrite_at_once(struct exec *x, struct np_range block, int level, bool *did,
                           struct np_ranges *bad, struct np_error *err)
{
	struct programming p = {x, x->run->done, block.len, 0, block.start, NP_BLOCK_NONE};
	struct np_range looks[NOR_LOOKS_MOST];
	struct nor_rewritten done = {0};
	struct nor_rewrite job = {.addr = block.start,
	                          .level = level,
	                          .pieces = x->pieces,
	                          .looks = looks,
	                          .progress = watch_rewrite,
	                          .ctx = &p};
	int ret;

	*did = false;
	if (!nor_can_rewrite(x->run->nor) || block.len > NOR_CRC_MOST ||
	    (level != NO_ERASE && !np_ranges_contain(x->saved, block)))
		return 0;
	ret = x->verify_none ? 0 : choose_looks(x, block, looks, &job.look_count, err);
	p.count = job.count = collect_pieces(x, block, level != NO_ERASE);
	if (ret || (!x->verify_none && !job.look_count))
		return ret;
	*did = true;
	if (level != NO_ERASE || job.count)
		ret = begin_block(x, block, err);
	p.told = level != NO_ERASE ? NP_BLOCK_ERASING : NP_BLOCK_PROGRAMMING;
	if (!ret && (level != NO_ERASE || job.count))
		run_block(x->run, p.told, block.start, block.len);
	if (!ret)
		ret = nor_rewrite(x->run->nor, &job, &done, err);
	x->run->done = p.base;
	x->result->erased_bytes += done.erased ? block.len : 0;
	for (size_t i = 0; i < done.pages; i++)
		x->result->programmed_bytes += x->pieces[i].len;
	return ret ? ret : check_looks(x, &job, &done, bad, err);
}

/* ---- verify ---- */

static int verify_range(struct exec *x, struct np_range range, struct np_ranges *bad,
                        struct np_error *err)
{
	int ret = run_compare(x->run, range.start, x->want + range.start, range.len, bad, err);

	if (!ret)
		x->result->verified_bytes += range.len;
	return ret;
}

/* The part of a block that belongs to the job: a program-only step may span blocks that were not
 * read. */
static int verify_block(struct exec *x, struct np_range block, struct np_ranges *bad,
                        struct np_error *err)
{
	struct np_ranges one = {&block, 1, 1}, ours = {0};
	int ret = np_ranges_intersect(x->saved, &one, x->run->size, &ours, err);

	run_block(x->run, NP_BLOCK_VERIFYING, block.start, block.len);
	for (size_t i = 0; i < ours.count && !ret; i++)
		ret = verify_range(x, ours.at[i], bad, err);
	np_ranges_free(&ours);
	return ret;
}

static int write_failed(const struct exec *x, const struct np_ranges *bad, struct np_error *err)
{
	/* The chip was reset in the middle, or something else on the board writes to it. */
	if (nor_protects(x->run->nor, bad->at[0])) {
		np_fail(err, NP_E_PROTECTED,
		        "verify: 0x%06" PRIx64 " does not hold what was written, because the chip "
		        "protects it again",
		        bad->at[0].start);
		return np_hint(err, "the chip was reset or something else on the board wrote to "
		                    "it: check 3.3 V at the chip, hold the processor in reset");
	}
	np_fail(err, NP_E_VERIFY,
	        "verify: 0x%06" PRIx64 " does not hold what was written, after a second try",
	        bad->at[0].start);
	return np_hint(err, "the chip may be worn out or its supply weak: check 3.3 V at the chip");
}

/* The retry would have to erase bytes that were never read. */
static int base_was_wrong(const struct np_ranges *bad, struct np_error *err)
{
	return np_fail(err, NP_E_VERIFY,
	               "verify: 0x%06" PRIx64 " does not hold what was written; this block was "
	               "never read, only assumed from --base, so it is not erased",
	               bad->at[0].start);
}

static int too_many_retries(uint64_t addr, struct np_error *err)
{
	np_fail(err, NP_E_VERIFY,
	        "verify: 0x%06" PRIx64 " does not hold what was written, and %u blocks before it "
	        "did not either at the first try",
	        addr, RETRIES_MOST);
	return np_hint(err,
	               "the chip may be worn out, its supply weak, or it may be smaller than its "
	               "ID says: check 3.3 V at the chip, and what is printed on it");
}

/* The one retry: exactly the blocks that failed, each erased and programmed once more. */
static int retry(struct exec *x, const struct plan_step *step, const struct np_ranges *bad,
                 struct np_error *err)
{
	uint32_t size = step->level >= 0 ? step->len : x->cost->level[0].size;
	int level = step->level >= 0 ? step->level : 0;
	struct np_walk walk = {bad, size, 0, 0};
	struct np_ranges still = {0};
	struct np_range block;
	int ret = run_alive(x->run, err);

	while (!ret && np_walk_block(&walk, &block)) {
		if (x->unread && np_ranges_overlap(x->unread, block))
			return base_was_wrong(bad, err);
		if (x->result->retried_blocks >= RETRIES_MOST)
			return too_many_retries(block.start, err);
		run_tell(x->run, NP_EV_NOTE,
		         "0x%06" PRIx64 " failed its check: erased and written once more",
		         block.start);
		x->result->retried_blocks++;
		ret = write_block(x, block, level, err);
		if (!ret)
			ret = verify_block(x, block, &still, err);
		if (!ret && still.count)
			ret = write_failed(x, &still, err);
	}
	np_ranges_free(&still);
	return ret;
}

/* ---- all steps ---- */

static int do_step(struct exec *x, size_t index, struct np_error *err)
{
	const struct plan_step *step = &x->plan->steps[index];
	struct np_range block = {step->start, step->len};
	struct np_ranges bad = {0};
	bool did;
	int ret = rewrite_at_once(x, block, step->level, &did, &bad, err);

	if (!ret && !did)
		ret = write_block(x, block, step->level, err);
	if (!ret && !did && !x->verify_none)
		ret = verify_block(x, block, &bad, err);
	if (!ret && bad.count)
		ret = retry(x, step, &bad, err);
	np_ranges_free(&bad);
	if (ret)
		return ret;
	memcpy(x->have + block.start, x->want + block.start, block.len);
	if (!x->chip_erase)
		x->in_flux = false;
	return 0;
}

static void tell_step(struct exec *x, size_t index)
{
	const struct plan_step *step = &x->plan->steps[index];

	run_emit(x->run, &(struct np_event){.type = NP_EV_STEP,
	                                    .index = index,
	                                    .total = x->plan->count,
	                                    .done = index + 1,
	                                    .addr = step->start,
	                                    .len = step->len});
	run_block(x->run, NP_BLOCK_WRITTEN, step->start, step->len);
	run_progress(x->run, step->start, x->run->done + step->len);
}

static int erase_whole(struct exec *x, struct np_error *err)
{
	struct np_range all = {0, x->run->size};
	int ret;

	if (!np_ranges_contain(x->saved, all))
		return np_fail(err, NP_E_FAIL,
		               "the chip was not saved whole and is not erased whole");
	ret = run_step(x->run, err);
	if (ret)
		return ret;
	x->begun = x->in_flux = true;
	x->flux = all;
	run_block(x->run, NP_BLOCK_ERASING, 0, all.len);
	ret = nor_erase_chip(x->run->nor, err);
	if (ret)
		return ret;
	x->result->erased_bytes += all.len;
	memset(x->have, 0xff, all.len);
	return 0;
}

static int run_steps(struct exec *x, size_t *index, struct np_error *err)
{
	int ret = 0;

	*index = 0;
	if (x->chip_erase)
		ret = np_stop_level() ? np_fail(err, NP_E_INTERRUPTED, "stopped on request")
		                      : erase_whole(x, err);
	for (; *index < x->plan->count && !ret; ++*index) {
		if (np_stop_level() >= 1)
			return np_fail(err, NP_E_INTERRUPTED, "stopped on request");
		ret = do_step(x, *index, err);
		if (ret)
			return ret;
		tell_step(x, *index);
	}
	if (!ret)
		x->in_flux = false;
	x->finished = !ret;
	return ret;
}

static void add_hint(struct np_error *err, const char *more)
{
	char hint[sizeof(err->hint)];

	if (!err)
		return;
	snprintf(hint, sizeof(hint), "%s", err->hint);
	np_hint(err, "%.*s%s%s", (int)(sizeof(hint) - 1 - strlen(more) - 3), hint,
	        hint[0] ? "; " : "", more);
}

/* Tell how far the job got and how it can be finished. */
static void explain(const struct exec *x, int ret, size_t index, struct np_error *err)
{
	char size[32], where[96], go_on[256];

	if (!x->begun)
		return;
	np_format_size(x->flux.len, size, sizeof(size));
	snprintf(where, sizeof(where), "block 0x%06" PRIx64 " (%s)", x->flux.start, size);
	if (ret == NP_E_INTERRUPTED && x->in_flux)
		np_fail(err, ret, "stopped on request: %s is half-written", where);
	else if (ret == NP_E_INTERRUPTED)
		np_fail(err, ret,
		        "stopped on request after %zu of %zu blocks; no block is half-written",
		        index, x->plan->count);
	else if (!x->plan->count)
		np_context(err, "erasing the whole chip");
	else
		np_context(err, "block %zu of %zu", index + 1 > x->plan->count ? index : index + 1,
		           x->plan->count);
	if (x->in_flux)
		snprintf(
			go_on, sizeof(go_on),
			"%s is half-written: `norprog resume` finishes, `norprog resume --undo` puts the "
			"backup back",
			where);
	else
		snprintf(go_on, sizeof(go_on),
		         "`norprog resume` finishes, `norprog resume --undo` puts the backup back");
	add_hint(err, go_on);
}

static struct np_range hull(const struct exec *x)
{
	uint64_t low = UINT64_MAX, high = 0;

	if (x->chip_erase)
		return (struct np_range){0, x->run->size};
	for (size_t i = 0; i < x->plan->count; i++) {
		const struct plan_step *step = &x->plan->steps[i];

		if (step->start < low)
			low = step->start;
		if ((uint64_t)step->start + step->len > high)
			high = (uint64_t)step->start + step->len;
	}
	return (struct np_range){low, high - low};
}

/* The first error is the one to tell; a second one, in putting the protection back, is a warning.
 */
static int restore_protection(struct exec *x, int ret, struct np_error *err)
{
	struct np_error second = {0};
	int bad;

	if (x->run->dead)
		return ret;
	run_phase(x->run, NP_PHASE_RESTORE_PROTECTION, 0);
	bad = nor_protection_restore(x->run->nor, ret ? &second : err);
	run_phase_end(x->run);
	if (ret && bad)
		run_tell(x->run, NP_EV_WARN, "%s", second.message);
	if (!ret && bad) {
		x->finished = false;
		add_hint(err, "all blocks are written; `norprog resume` sets the protection again");
	}
	return ret ? ret : bad;
}

static uint32_t largest_block(const struct exec *x)
{
	return x->cost->level[x->cost->levels - 1].size;
}

static int write_all(struct exec *x, struct np_error *err)
{
	struct run *run = x->run;
	uint64_t total = 0;
	size_t index = 0;
	int ret;

	x->pieces = calloc(largest_block(x) / x->cost->page, sizeof(*x->pieces));
	if (!x->pieces)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	for (size_t i = 0; i < x->plan->count; i++)
		total += x->plan->steps[i].len;
	ret = run_alive(run, err);
	if (!ret)
		ret = exec_choose_spots(x, err);
	if (!ret)
		ret = nor_protection_lift(run->nor, hull(x), err);
	if (!ret) {
		run->writing = true;
		run_phase(run, NP_PHASE_WRITE, total);
		ret = run_steps(x, &index, err);
		if (!ret)
			ret = exec_check_spots(x, err);
		x->finished = !ret;
		run_phase_end(run);
		run->writing = false;
	}
	if (ret)
		explain(x, ret, index, err);
	free(x->pieces);
	x->pieces = NULL;
	return restore_protection(x, ret, err);
}

/* A part whose protection can only be lifted in its non-volatile bits was left unprotected when
 * an earlier job was cut off. */
static int protect_again(struct exec *x, struct np_error *err)
{
	struct nor_protection now;
	int ret = nor_protection_read(x->run->nor, &now, err);

	if (ret || !now.known || now.range_count)
		return ret;
	run_tell(x->run, NP_EV_NOTE,
	         "the block protection found before the job is put back: 0x%06" PRIx64
	         "+0x%" PRIx64,
	         x->protect.start, x->protect.len);
	return nor_protection_set(x->run->nor, x->protect, err);
}

static int verify_again(struct exec *x, struct np_error *err)
{
	struct np_ranges bad = {0};
	int ret = 0;

	run_phase(x->run, NP_PHASE_VERIFY, np_ranges_bytes(x->again));
	for (size_t i = 0; i < x->again->count && !ret; i++)
		ret = verify_range(x, x->again->at[i], &bad, err);
	run_phase_end(x->run);
	if (!ret && bad.count) {
		np_fail(err, NP_E_VERIFY,
		        "verify: 0x%06" PRIx64 " differs from what it should hold",
		        bad.at[0].start);
		ret = NP_E_VERIFY;
	}
	if (ret && ret != NP_E_INTERRUPTED)
		add_hint(err, "`norprog resume` checks and finishes what the job touched");
	np_ranges_free(&bad);
	/* The blocks of the plan were verified one by one: stopped here, there is nothing to
	 * resume. */
	x->finished = !ret || (ret == NP_E_INTERRUPTED && !x->chip_erase);
	return ret;
}

int exec_propose(struct exec *x, const struct layout *layout, bool ask, struct np_error *err)
{
	const struct job *job = x->run->job;
	bool on_the_wire = x->reread && !run_has_crc(x->run);
	uint64_t checks = (x->again && !x->verify_none ? np_ranges_bytes(x->again) : 0) +
	                  (x->neighbours && !x->verify_none ? np_ranges_bytes(x->neighbours) : 0);

	x->run->to_plan = false;
	x->run->write_ns = x->plan->cost_ns;
	x->run->rest_ns = x->plan->cost_ns + (checks ? nor_cost_read_ns(x->run->nor, checks) : 0);
	x->proposal.spent_us = np_now_us() - x->run->started_us;
	x->proposal.rest_ns = x->run->rest_ns;
	run_emit(x->run,
	         &(struct np_event){
			 .type = NP_EV_PLAN,
			 .proposal = &x->proposal,
			 .plan = x->plan,
			 .cost = x->cost,
			 .layout = layout,
			 .reread = x->reread,
			 .reread_ns = on_the_wire ? nor_cost_read_ns(x->run->nor, x->reread) : 0});
	return ask && job->confirm ? job->confirm(job->confirm_ctx, x->plan, err) : 0;
}

int exec_run(struct exec *x, struct np_error *err)
{
	int ret = 0;

	x->finished = !x->plan->count && !x->chip_erase;
	if (x->plan->count || x->chip_erase)
		ret = write_all(x, err);
	if (!ret && x->protect.len) {
		ret = protect_again(x, err);
		x->finished = !ret;
	}
	if (!ret && x->again && x->again->count && !x->verify_none)
		ret = verify_again(x, err);
	if (!ret && x->neighbours && x->neighbours->count && !x->verify_none)
		ret = exec_check_neighbours(x, err);
	return ret;
}
