/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole writes over a line that flips bits, cut off in their second half, and taken up again over the
 * same line: finished they are exact; undone they are exact, or it was said beforehand what rests on
 * one read; a refusal loses nothing and does not last.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "support/rig.h"
#include "support/suite.h"

#define TRIES 6 /* to take a job up again over the line as it is; then the clip is seated anew */

static struct rig rig;
static uint8_t *image, *before;
static struct write_result result;
static struct np_error err;
static unsigned told; /* undone after a warning of what rests on one read */

static void setup(void)
{
	rig_init(&rig);
	rig.config.chip.part = "W25Q16";
	rig.config.hz = rig.config.hz_min = rig.config.hz_max = 20000000;
	rig.job.layout = &rig_plain;
	rig_open(&rig);
	image = malloc(rig.size);
	before = malloc(rig.size);
}

static void teardown(void)
{
	rig_free(&rig);
	free(image);
	free(before);
}

static void line_is(uint64_t flip_one_in, uint64_t seed)
{
	norsim_faults(rig.chip)->flip_one_in = flip_one_in;
	norsim_faults(rig.chip)->seed = seed;
}

static int write_chip(unsigned passes)
{
	struct rig_order o = {.keep_nothing = true, .image = image, .how.passes = passes};

	memset(rig.warned, 0, sizeof(rig.warned));
	return rig_write(&rig, &o, &result, &err);
}

static void backup_is_exact(uint64_t seed)
{
	uint8_t *saved = NULL;
	size_t len = 0;

	ck_assert_int_eq(np_io_read(rig.backup, rig.size, &saved, &len, &err), 0);
	ck_assert_uint_eq(len, rig.size);
	ck_assert_msg(memcmp(saved, before, len) == 0,
	              "seed %llu: the backup is not what was there", (unsigned long long)seed);
	free(saved);
}

/* Clocks of a write over a good line: half of them is about where the first erase is long past. */
static uint64_t clocks_of_a_write(void)
{
	uint64_t clocks;

	rig_fill(norsim_mem(rig.chip), rig.size, 1);
	rig_fill(image, rig.size, 2);
	norsim_clear_stats(rig.chip);
	ck_assert_msg(write_chip(0) == 0, "%s", err.message);
	clocks = norsim_stats(rig.chip)->clocks;
	norsim_clear_stats(rig.chip);
	return clocks;
}

static int take_up(enum resume_mode mode, uint64_t flip_one_in, uint64_t seed)
{
	line_is(0, 0);
	rig_reopen(&rig);
	line_is(flip_one_in, seed);
	rig.warned[0] = '\0';
	return rig_resume(&rig, mode, &result, &err);
}

static void must_hold(const uint8_t *want, const char *what, uint64_t seed)
{
	const uint8_t *mem = norsim_mem(rig.chip);
	size_t at = 0;

	while (at < rig.size && mem[at] == want[at])
		at++;
	ck_assert_msg(at == rig.size, "seed %llu: %s, but 0x%zx is wrong", (unsigned long long)seed,
	              what, at);
}

/* Returns how often it was refused. */
static unsigned finish_or_undo(enum resume_mode mode, uint64_t flip_one_in, bool once,
                               uint64_t seed)
{
	unsigned refused = 0;
	int ret;

	do {
		ret = take_up(mode, refused < TRIES ? flip_one_in : 0, seed + refused);
		ck_assert_msg(!ret || rig_files(&rig, "jobs"), "seed %llu: %s, and the job is gone",
		              (unsigned long long)seed, err.message);
		ck_assert_msg(!ret || !strstr(err.hint, "--discard"), "seed %llu: %s; %s",
		              (unsigned long long)seed, err.message, err.hint);
	} while (ret && ++refused <= TRIES);
	ck_assert_msg(ret == 0, "seed %llu: %s", (unsigned long long)seed, err.message);
	line_is(0, 0);
	if (mode == RESUME_FINISH)
		must_hold(image, "finished", seed);
	else if (!once || !strstr(rig.warned, "one read"))
		/* A hurried job reads all twice as well, when a sample shows that the line is bad. */
		must_hold(before, "undone without a warning", seed);
	else
		told++;
	return refused;
}

static void empty_state(void)
{
	char command[256];

	snprintf(command, sizeof(command), "rm -rf %s/backups %s/jobs", rig.dir, rig.dir);
	ck_assert_int_eq(system(command), 0);
}

/* One job in five is a hurried one. */
START_TEST(whole_writes_cut_off)
{
	unsigned runs = rig_runs(30, 2000), cut = 0, refused = 0;
	uint64_t first = rig_seed(70000), clocks = clocks_of_a_write();

	for (unsigned i = 0; i < runs; i++) {
		uint64_t seed = first + i, random = seed;

		uint64_t rate = 100000 + rig_random(&random) % 900000;
		enum resume_mode mode = rig_random(&random) % 2 ? RESUME_UNDO : RESUME_FINISH;
		unsigned passes = rig_random(&random) % 5 ? 0 : 1;

		rig_fill(norsim_mem(rig.chip), rig.size, seed);
		memcpy(before, norsim_mem(rig.chip), rig.size);
		rig_fill(image, rig.size, seed + 1);
		norsim_clear_stats(rig.chip);
		norsim_faults(rig.chip)->cut_at_clock =
			clocks / 2 + rig_random(&random) % (clocks / 2);
		line_is(rate, seed);
		if (write_chip(passes)) {
			cut += rig_files(&rig, "jobs") > 0;
			if (passes != 1 && rig_files(&rig, "jobs"))
				backup_is_exact(seed);
			if (rig_files(&rig, "jobs"))
				refused += finish_or_undo(mode, rate, passes == 1, seed);
			else
				must_hold(before, "nothing was begun", seed);
		} else {
			line_is(0, 0);
			must_hold(image, "written", seed);
		}
		line_is(0, 0);
		rig_reopen(&rig);
		empty_state();
	}
	printf("%u of %u cut off, %u refusals on the way, %u undone after a warning\n", cut, runs,
	       refused, told);
	ck_assert(runs == 1 || (cut > runs / 2 && told > 0));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("noisy_cuts");
	TCase *tcase = suite_group(suite, "cuts", setup, teardown);

	tcase_add_test(tcase, whole_writes_cut_off);
	return run_suite(suite);
}
