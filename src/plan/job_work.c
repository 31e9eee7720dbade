/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/job_work.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"
#include "base/stop.h"

uint64_t work_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

int work_open(struct work *work, struct job *job, size_t chunk_len, struct np_error *err)
{
	memset(work, 0, sizeof(*work));
	work->job = job;
	work->nor = job->nor;
	work->size = nor_info(job->nor)->size;
	work->started_us = work_now_us();
	work->chunk_len = chunk_len < JOB_BLOCK ? JOB_BLOCK : chunk_len;
	work->chunk = malloc(work->chunk_len);
	work->ballots = malloc((size_t)JOB_READS_MAX * JOB_BLOCK);
	if (work->chunk && work->ballots)
		return 0;
	work_close(work);
	return np_fail(err, NP_E_MEMORY, "out of memory");
}

void work_close(struct work *work)
{
	free(work->chunk);
	free(work->ballots);
	np_ranges_free(&work->unstable);
	work->chunk = work->ballots = NULL;
}

static void emit(struct work *work, struct np_event *event)
{
	event->phase = work->phase;
	event->done = work->done;
	event->total = work->total;
	event->pass = work->pass;
	event->passes = work->passes;
	if (work->job->event)
		work->job->event(work->job->event_ctx, event);
}

void work_phase(struct work *work, enum np_phase phase, uint64_t total)
{
	work->phase = phase;
	work->done = 0;
	work->total = total;
	emit(work, &(struct np_event){.type = NP_EV_PHASE});
}

void work_phase_end(struct work *work)
{
	emit(work, &(struct np_event){.type = NP_EV_PHASE_END});
	work->pass = work->passes = 0;
}

void work_progress(struct work *work, uint64_t addr, uint64_t done)
{
	/* Extra reads, for a vote say, are not part of the phase's total. */
	work->done = work->total && done > work->total ? work->total : done;
	emit(work, &(struct np_event){.type = NP_EV_PROGRESS, .addr = addr});
}

void work_tell(struct work *work, enum np_event_type type, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	emit(work, &(struct np_event){.type = type, .text = text});
}

int work_step(struct work *work, struct np_error *err)
{
	struct job *job = work->job;

	if (job->step_hook && job->step_hook(job->step_ctx, work->steps++)) {
		work->dead = true;
		return np_fail(err, NP_E_GONE, "the job was cut off");
	}
	if (np_stop_level() < (work->writing ? 2 : 1))
		return 0;
	return np_fail(err, NP_E_INTERRUPTED, "stopped on request");
}

static int watch_read(void *ctx, uint64_t done)
{
	struct work *work = ctx;
	uint64_t before = work->done;

	work_progress(work, work->addr + done, before + done);
	work->done = before;
	return np_stop_level() >= (work->writing ? 2 : 1);
}

int work_read(struct work *work, uint64_t addr, uint8_t *buf, size_t len, struct np_error *err)
{
	int ret = work_step(work, err);

	if (ret)
		return ret;
	work->addr = addr;
	/* While writing, progress counts blocks done, not bytes read back. */
	ret = nor_read(work->nor, addr, buf, len, work->writing ? NULL : watch_read, work, err);
	if (!ret && !work->writing)
		work->done += len;
	return ret;
}

int work_alive(struct work *work, struct np_error *err)
{
	int ret = work_step(work, err);

	return ret ? ret : nor_check_present(work->nor, err);
}

bool work_has_crc(const struct work *work)
{
	return spi_caps(nor_bus(work->nor))->crc;
}

int work_equal(struct work *work, uint64_t addr, const uint8_t *want, size_t len, bool *equal,
               bool *by_crc, struct np_error *err)
{
	uint32_t crc = 0;
	int ret;

	*by_crc = work_has_crc(work);
	if (!*by_crc) {
		ret = work_read(work, addr, work->chunk, len, err);
		*equal = !ret && memcmp(work->chunk, want, len) == 0;
		return ret;
	}
	ret = work_step(work, err);
	if (!ret)
		ret = nor_crc(work->nor, addr, len, &crc, err);
	*equal = !ret && crc == np_crc32(0, want, len);
	if (*equal && !work->writing)
		work_progress(work, addr + len, work->done + len);
	return ret;
}

int ranges_intersect(const struct np_ranges *a, const struct np_ranges *b, uint64_t size,
                     struct np_ranges *out, struct np_error *err)
{
	struct np_range all = {0, size};
	struct np_ranges whole = {&all, 1, 1};
	size_t i = 0, k = 0;
	int ret = 0;

	a = a ? a : &whole;
	b = b ? b : &whole;
	while (i < a->count && k < b->count && !ret) {
		uint64_t a_end = a->at[i].start + a->at[i].len;
		uint64_t b_end = b->at[k].start + b->at[k].len;
		uint64_t start = a->at[i].start > b->at[k].start ? a->at[i].start : b->at[k].start;
		uint64_t end = a_end < b_end ? a_end : b_end;

		if (start < end)
			ret = np_ranges_add(out, (struct np_range){start, end - start}, err);
		if (a_end < b_end)
			i++;
		else
			k++;
	}
	return ret;
}
