/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: serprog_ahead.c serprog_frames.c looks.c nor_rewrite.c bridge.c stream.c */
/*
 * A clip at the other end of a network: what a job takes there, in simulated time, against what it
 * takes with the same programmer here. The programmer is as quick as an FT232H.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/far.h"
#include "support/suite.h"

#define SIZE (8u << 20)

static struct rig rig;
static struct np_error err;
static uint8_t *before, *wanted;

static void setup(void)
{
	before = malloc(SIZE);
	wanted = malloc(SIZE);
	for (size_t i = 0; i < SIZE; i++) {
		static uint64_t state = 13;

		before[i] = (uint8_t)rig_random(&state);
		wanted[i] = (uint8_t)rig_random(&state);
	}
}

static void teardown(void)
{
	free(before);
	free(wanted);
}

static void begin(void)
{
	rig_init(&rig);
	rig.config.hz = rig.config.hz_min = rig.config.hz_max = 30000000;
}

static void read_all(void)
{
	struct read_options options = {.passes = 1};
	struct read_result result;
	uint8_t *image = malloc(SIZE);

	ck_assert_msg(job_read(&rig.job, &options, image, &result, &err) == 0, "%s", err.message);
	ck_assert_mem_eq(image, before, SIZE);
	read_result_free(&result);
	free(image);
}

static void write_all(void)
{
	const struct rig_order order = {.image = wanted, .keep_nothing = true};
	struct write_result result;

	ck_assert_msg(rig_write(&rig, &order, &result, &err) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), wanted, SIZE);
	ck_assert_uint_eq(norsim_stats(rig.chip)->ignored_busy, 0);
	ck_assert_uint_eq(norsim_stats(rig.chip)->lost_bits, 0);
}

static void work(void (*job)(void))
{
	rig.job.layout = &rig_plain;
	memcpy(norsim_mem(rig.chip), before, SIZE);
	job();
}

static uint64_t time_here(void (*job)(void))
{
	uint64_t us;

	begin();
	rig_open(&rig);
	work(job);
	us = norsim_now(rig.chip) / 1000;
	rig_free(&rig);
	return us;
}

static uint64_t time_there(void (*job)(void), uint32_t one_way_us, uint64_t *idles)
{
	struct far *far;
	uint64_t us;

	begin();
	far = far_put(&rig, one_way_us);
	rig_open(&rig);
	us = far_us(far);
	*idles = far_idles(far);
	work(job);
	us = far_us(far);
	*idles = far_idles(far);
	rig_free(&rig);
	ck_assert(far_is_released(far));
	far_free(far);
	return us;
}

static const struct {
	const char *what;
	void (*job)(void);
	uint32_t one_way_us;
	unsigned percent, idles; /* at most */
} trips[] = {
	{"read over loopback", read_all, 50, 101, 4},
	{"write over loopback", write_all, 50, 101, 140},
	{"read over 20 ms", read_all, 10000, 104, 4},
	{"write over 20 ms", write_all, 10000, 107, 140},
	{"read over 40 ms", read_all, 20000, 108, 4},
	{"write over 40 ms", write_all, 20000, 112, 140},
};

START_TEST(a_far_clip_is_as_quick_as_a_near_one)
{
	uint64_t here = time_here(trips[_i].job), idles;
	uint64_t there = time_there(trips[_i].job, trips[_i].one_way_us, &idles);

	printf("%s: %.3f s of %.3f s (%.3f), %llu idles\n", trips[_i].what, (double)there / 1e6,
	       (double)here / 1e6, (double)there / (double)here, (unsigned long long)idles);
	ck_assert_msg(there * 100 <= here * trips[_i].percent, "%s", trips[_i].what);
	ck_assert_uint_le(idles, trips[_i].idles);
}
END_TEST

/* What the record of a read says of the registers came along with the last bytes; asked again, it is what
 * they are then. */
START_TEST(the_status_registers_come_with_the_last_bytes)
{
	struct spi_msg lock[2] = {{.cmd = {0x06}, .cmd_len = 1},
	                          {.cmd = {0x01, 0x1c, 0x02}, .cmd_len = 3, .pause_us = 100000}};
	struct nor_protection found, now;
	struct np_error none = {0};
	struct far *far;
	uint64_t us;

	begin();
	far = far_put(&rig, 10000);
	rig_open(&rig);
	ck_assert_int_eq(spi_run(nor_bus(rig.job.nor), lock, 2, NULL, NULL, NULL, &none), 0);
	work(read_all);
	us = far_us(far);
	ck_assert_int_eq(nor_protection_found(rig.job.nor, &found, &none), 0);
	ck_assert_uint_eq(far_us(far), us);
	ck_assert_int_eq(nor_protection_read(rig.job.nor, &now, &none), 0);
	ck_assert_uint_ge(far_us(far), us + 20000);
	ck_assert(now.sr[0] == 0x1c && now.sr[1] == 0x02 && now.range_count);
	ck_assert_mem_eq(found.sr, now.sr, sizeof(now.sr));
	ck_assert_str_eq(found.text, now.text);
	us = far_us(far);
	ck_assert_int_eq(nor_protection_found(rig.job.nor, &found, &none), 0);
	ck_assert_uint_ge(far_us(far), us + 20000);
	rig_free(&rig);
	far_free(far);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("far");
	TCase *group = suite_group(suite, "latency", setup, teardown);

	tcase_add_loop_test(group, a_far_clip_is_as_quick_as_a_near_one, 0,
	                    sizeof(trips) / sizeof(trips[0]));
	tcase_add_test(group, the_status_registers_come_with_the_last_bytes);
	return run_suite(suite);
}
