/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/stop.h"
#include "store/ahead.h"

int run_open(struct run *run, struct job *job, size_t chunk_len, struct np_error *err)
{
	memset(run, 0, sizeof(*run));
	run->job = job;
	run->nor = job->nor;
	run->store = job_store(job);
	run->size = nor_info(job->nor)->size;
	run->started_us = np_now_us();
	run->chunk_len = chunk_len < JOB_BLOCK ? JOB_BLOCK : chunk_len;
	run->chunk = malloc(run->chunk_len);
	run->ballots = malloc((size_t)JOB_READS_MAX * JOB_BLOCK);
	if (run->chunk && run->ballots)
		return 0;
	run_close(run);
	return np_fail(err, NP_E_MEMORY, "out of memory");
}

void run_close(struct run *run)
{
	store_close(&run->store);
	free(run->chunk);
	free(run->ballots);
	np_ranges_free(&run->unstable);
	run->chunk = run->ballots = NULL;
}

void run_emit(struct run *run, struct np_event *event)
{
	event->phase = run->phase;
	if (!event->total) {
		event->done = run->done;
		event->total = run->total;
	}
	event->phase_ns = run->phase_ns;
	event->after_ns = run->rest_ns;
	event->to_plan = run->to_plan;
	event->pass = run->pass;
	event->passes = run->passes;
	if (run->job->event)
		run->job->event(run->job->event_ctx, event);
}

/* What the phase is expected to take comes off what all of the rest was. */
static void expect(struct run *run, enum np_phase phase, uint64_t total)
{
	if (phase == NP_PHASE_WRITE)
		run->phase_ns = run->write_ns;
	else
		run->phase_ns = total ? nor_cost_read_ns(run->nor, total) : 0;
	run->rest_ns -= run->phase_ns < run->rest_ns ? run->phase_ns : run->rest_ns;
}

void run_phase(struct run *run, enum np_phase phase, uint64_t total)
{
	expect(run, phase, total);
	run->phase = phase;
	run->done = 0;
	run->total = total;
	run_emit(run, &(struct np_event){.type = NP_EV_PHASE});
}

void run_phase_end(struct run *run)
{
	run_emit(run, &(struct np_event){.type = NP_EV_PHASE_END});
	run->pass = run->passes = 0;
}

void run_progress(struct run *run, uint64_t addr, uint64_t done)
{
	/* Extra reads, for a vote say, are not part of the phase's total. */
	run->done = run->total && done > run->total ? run->total : done;
	run_emit(run, &(struct np_event){.type = NP_EV_PROGRESS, .addr = addr});
}

void run_block(struct run *run, enum np_block block, uint64_t addr, uint64_t len)
{
	if (block != NP_BLOCK_NONE && len)
		run_emit(run,
		         &(struct np_event){
				 .type = NP_EV_BLOCK, .block = block, .addr = addr, .len = len});
}

void run_tell(struct run *run, enum np_event_type type, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	run_emit(run, &(struct np_event){.type = type, .text = text});
}

int run_step(struct run *run, struct np_error *err)
{
	struct job *job = run->job;
	int ret;

	if (job->step_hook && job->step_hook(job->step_ctx, run->steps++)) {
		run->dead = true;
		return np_fail(err, NP_E_GONE, "the job was cut off");
	}
	if (np_stop_level() >= (run->writing ? 2 : 1))
		return np_fail(err, NP_E_INTERRUPTED, "stopped on request");
	ret = ahead_check(run->ahead, err);
	return ret && run->store.begun ? np_context(err, "backup") : ret;
}

static int watch_read(void *ctx, uint64_t done)
{
	struct run *run = ctx;
	uint64_t before = run->done;

	if (done > run->told) {
		run_block(run, run->reading, run->addr + run->told, done - run->told);
		run->told = done;
	}
	if (run->following)
		ahead_reached(run->ahead, run->addr + done);
	run_progress(run, run->addr + done, before + done);
	run->done = before;
	return np_stop_level() >= (run->writing ? 2 : 1);
}

typedef int read_fn(struct nor *nor, uint64_t addr, uint8_t *buf, size_t len,
                    nor_progress_fn *progress, void *ctx, struct np_error *err);

static int read_by(struct run *run, read_fn *fn, uint64_t addr, uint8_t *buf, size_t len,
                   struct np_error *err)
{
	int ret = run_step(run, err);

	if (ret)
		return ret;
	run->addr = addr;
	run->told = 0;
	/* While writing, progress counts blocks done, not bytes read back. */
	ret = fn(run->nor, addr, buf, len, run->writing ? NULL : watch_read, run, err);
	if (ret || run->writing)
		return ret;
	run->done += len;
	run_block(run, run->reading, addr + run->told, len - run->told);
	return 0;
}

int run_read(struct run *run, uint64_t addr, uint8_t *buf, size_t len, struct np_error *err)
{
	return read_by(run, nor_read, addr, buf, len, err);
}

int run_read_last(struct run *run, uint64_t addr, uint8_t *buf, size_t len, struct np_error *err)
{
	return read_by(run, nor_read_present, addr, buf, len, err);
}

int run_alive(struct run *run, struct np_error *err)
{
	int ret = run_step(run, err);

	return ret ? ret : nor_check_present(run->nor, err);
}

bool run_crc_is_quick(const struct run *run)
{
	const struct spi_caps *caps = spi_caps(nor_bus(run->nor));

	return caps->crc && caps->byte_ns / 2 > UINT64_C(8000000000) / caps->hz;
}

bool run_has_crc(const struct run *run)
{
	return spi_caps(nor_bus(run->nor))->crc;
}
