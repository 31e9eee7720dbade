/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: run.c compare.c */
/* A map of the flash, painted of NORPROG_EV_BLOCK alone, says what was done to each place. */
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 4096u
#define CELLS (SIZE / BLOCK)

/* What each place was, in order: "" at first, a letter more with each event that changes it. */
struct map {
	char been[CELLS][8];
	unsigned heard[NORPROG_BLOCK_DIFFERS + 1];
};

static const char letters[] = {'.', 'r', '2', 'a', 'd', 'v', 'u', 'E', 'P', 'V', 'W', 's', 'f'};

static void paint(void *ctx, const struct norprog_event *event)
{
	struct map *map = ctx;

	if (event->type != NORPROG_EV_BLOCK) {
		ck_assert_int_eq(event->block, NORPROG_BLOCK_NONE);
		return;
	}
	ck_assert_uint_gt(event->len, 0);
	ck_assert_uint_le(event->addr + event->len, SIZE);
	ck_assert(event->block > NORPROG_BLOCK_NONE && event->block <= NORPROG_BLOCK_DIFFERS);
	map->heard[event->block]++;
	for (uint64_t i = event->addr / BLOCK; i <= (event->addr + event->len - 1) / BLOCK; i++) {
		size_t len = strlen(map->been[i]);

		if ((!len || map->been[i][len - 1] != letters[event->block]) &&
		    len + 1 < sizeof(map->been[i]))
			map->been[i][len] = letters[event->block];
	}
}

/* How many places end with this. */
static unsigned ended(const struct map *map, const char *how)
{
	unsigned count = 0;
	size_t want = strlen(how);

	for (size_t i = 0; i < CELLS; i++) {
		size_t len = strlen(map->been[i]);

		count += len >= want && strcmp(map->been[i] + len - want, how) == 0;
	}
	return count;
}

static struct map *watch(struct scene *scene)
{
	struct map *map = calloc(1, sizeof(*map));

	ck_assert_ptr_nonnull(map);
	must_pass(scene, norprog_set_events(scene->np, paint, map));
	return map;
}

static int read_twice(struct scene *scene, const struct norprog_result **result, norprog_job **job)
{
	must_pass(scene, norprog_job_new(scene->np, NORPROG_READ, job));
	must_pass(scene, norprog_job_set(*job, NORPROG_JOB_PASSES, "2"));
	return norprog_job_run(*job, result);
}

START_TEST(test_two_reads)
{
	uint8_t *mine = dump_of("mr200", 7, 7);
	const struct norprog_result *result;
	struct scene scene;
	norprog_job *job;
	struct map *map;

	scene_open(&scene, mine);
	map = watch(&scene);
	must_pass(&scene, read_twice(&scene, &result, &job));
	ck_assert_uint_eq(ended(map, "r2a"), CELLS);
	/* told as it goes, and not at the end */
	ck_assert_uint_gt(map->heard[NORPROG_BLOCK_READ], 16);
	norprog_job_free(job);
	scene_close(&scene);
	free(map);
	free(mine);
}
END_TEST

/* What was voted on is told apart from what agreed, and is counted as the result counts. */
START_TEST(test_a_bad_contact)
{
	uint8_t *mine = dump_of("mr200", 7, 7);
	const struct norprog_result *result = NULL;
	struct scene scene;
	norprog_job *job;
	struct map *map;
	char spec[256];
	unsigned voted;

	scene_open(&scene, mine);
	snprintf(spec, sizeof(spec), "sim:chip=W25Q64FV,file=%s,fault=flip=400000+seed=5",
	         scene.chip_file);
	must_pass(&scene, norprog_open(scene.np, spec));
	must_pass(&scene, norprog_detect(scene.np, NULL));
	map = watch(&scene);
	must_pass(&scene, read_twice(&scene, &result, &job));
	voted = ended(map, "dv");
	ck_assert_uint_gt(voted, 4);
	ck_assert_uint_eq(voted, result->disagreed_blocks);
	ck_assert_uint_eq(ended(map, "r2a") + voted, CELLS);
	norprog_job_free(job);
	scene_close(&scene);
	free(map);
	free(mine);
}
END_TEST

START_TEST(test_a_write)
{
	uint8_t *mine = dump_of("mr200", 7, 7);
	const struct norprog_step *step;
	struct scene scene;
	norprog_job *job;
	struct map *map;

	scene_open(&scene, mine);
	memset(mine + 0x200000, 0xff, 0x1000); /* is erased */
	memset(mine + 0x301000, 0x00, 0x1000); /* is programmed without an erase */
	map = watch(&scene);
	must_pass(&scene, norprog_job_new(scene.np, NORPROG_WRITE, &job));
	must_pass(&scene, norprog_job_bytes(job, mine, SIZE));
	must_pass(&scene, norprog_job_run(job, NULL));
	ck_assert_ptr_nonnull(strstr(map->been[0x200], "aEVW"));
	ck_assert_ptr_nonnull(strstr(map->been[0x301], "aPVW"));
	for (size_t i = 0; (step = norprog_job_step(job, i)); i++)
		ck_assert_ptr_nonnull(strchr(map->been[step->start / BLOCK], 'W'));
	ck_assert_ptr_null(strpbrk(map->been[0x400], "EPVWd"));
	norprog_job_free(job);
	scene_close(&scene);
	free(map);
	free(mine);
}
END_TEST

START_TEST(test_a_comparison)
{
	uint8_t *mine = dump_of("mr200", 7, 7);
	struct scene scene;
	norprog_job *job;
	struct map *map;

	scene_open(&scene, mine);
	mine[0x200010] ^= 1;
	mine[0x6fffff] ^= 1;
	map = watch(&scene);
	must_pass(&scene, norprog_job_new(scene.np, NORPROG_VERIFY, &job));
	must_pass(&scene, norprog_job_bytes(job, mine, SIZE));
	must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_VERIFY, "");
	ck_assert_uint_eq(ended(map, "f"), 2);
	ck_assert_str_eq(map->been[0x200], "rf");
	ck_assert_str_eq(map->been[0x6ff], "rf");
	ck_assert_uint_eq(ended(map, "rs"), CELLS - 2);
	norprog_job_free(job);
	scene_close(&scene);
	free(map);
	free(mine);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("blocks");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, test_two_reads);
	tcase_add_test(tc, test_a_bad_contact);
	tcase_add_test(tc, test_a_write);
	tcase_add_test(tc, test_a_comparison);
	suite_add_tcase(suite, tc);
	return scene_run(suite);
}
