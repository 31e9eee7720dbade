/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two to four norprogs at the same time on one state folder, on chips that have one name among them
 * (cloned unique IDs, or none on programmers of one name), with delays before every system call of
 * the store, some of which fail, and some of the norprogs killed. No record, target or backup of a
 * living or interrupted job may be lost: in the end, one after the other, each chip can be brought
 * to what it held or to what it was to hold. A run is told by its seed: NORPROG_SEED.
 */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/journal.h"
#include "support/rig.h"
#include "support/suite.h"

#define CHIPS_MAX 4
#define START     0x40000u
#define LEN       0x30000u

static const char *const parts[] = {"W25Q16", "MX25L6433F"};

static struct {
	struct rig rig; /* its folder is everybody's */
	const char *part;
	unsigned chips;
	size_t size;
	uint8_t *before[CHIPS_MAX], *after[CHIPS_MAX];
	unsigned interrupted, finished; /* chips found so, over all runs */
} world;

struct chaos {
	uint64_t state;
	unsigned fail_per_1000, kill_per_10000;
};

/* Before each system call of the store. */
static int disturb(void *ctx, const char *call, const char *name)
{
	static const int errors[] = {ENOSPC, EIO, EACCES};
	struct chaos *chaos = ctx;
	uint64_t dice = rig_random(&chaos->state);

	(void)name;
	if (dice % 2 == 0)
		usleep((useconds_t)(dice >> 8) % 3000);
	if ((dice >> 24) % 10000 < chaos->kill_per_10000)
		raise(SIGKILL);
	/* What a crash leaves undone is tried by the kills; removals fail as all else does. */
	if ((dice >> 40) % 1000 < chaos->fail_per_1000 && strcmp(call, "stat") != 0)
		return errors[(dice >> 52) % 3];
	return 0;
}

/* A bus operation, before which the power may go. */
static int may_die(void *ctx, uint64_t step)
{
	struct chaos *chaos = ctx;
	uint64_t dice = rig_random(&chaos->state);

	(void)step;
	if (dice % 8 == 0)
		usleep((useconds_t)(dice >> 8) % 6000);
	if ((dice >> 24) % 10000 < 20 * chaos->kill_per_10000)
		raise(SIGKILL);
	return 0;
}

static void chip_file(unsigned chip, char path[128])
{
	snprintf(path, 128, "%s/chip-%u.bin", world.rig.dir, chip);
}

static void open_chip(struct rig *rig, unsigned chip, char path[128])
{
	rig_init(rig);
	rmdir(rig->dir);
	chip_file(chip, path);
	rig->config.chip.part = world.part;
	rig->config.chip.file = path;
	rig_open(rig);
	rig->job.state_dir = world.rig.dir;
}

static int do_write(struct rig *rig, unsigned chip, bool no_backup)
{
	struct np_range range = {START, LEN};
	struct np_ranges select = {&range, 1, 1};
	struct rig_order o = {
		.image = world.after[chip], .select = &select, .how.no_backup = no_backup};
	struct np_error err = {0};
	struct write_result result;

	return rig_write(rig, &o, &result, &err);
}

/* One norprog in a process of its own: some jobs on its chip, with everything in its way. */
static void child(unsigned chip, uint64_t seed)
{
	struct chaos chaos = {.state = seed};
	const struct np_io_hook hook = {.before = disturb, .ctx = &chaos};
	struct write_result result;
	struct np_error err = {0};
	struct rig rig;
	char path[128];

	chaos.fail_per_1000 = rig_random(&chaos.state) % 3 ? 0 : 15;
	chaos.kill_per_10000 = rig_random(&chaos.state) % 3 ? 15 : 0;
	open_chip(&rig, chip, path);
	rig.job.io_hook = &hook;
	rig.job.step_hook = may_die;
	rig.job.step_ctx = &chaos;
	for (unsigned n = 0; n < 3; n++)
		switch (n ? rig_random(&chaos.state) % 4 : 3) {
		case 0:
			rig_resume(&rig, RESUME_UNDO, &result, &err);
			break;
		case 1:
			rig_resume(&rig, RESUME_FINISH, &result, &err);
			break;
		default:
			do_write(&rig, chip, rig_random(&chaos.state) % 2);
		}
	_exit(0);
}

static void read_chip(unsigned chip, uint8_t *now)
{
	char path[128];
	FILE *file;

	chip_file(chip, path);
	file = fopen(path, "rb");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fread(now, 1, world.size, file), world.size);
	fclose(file);
}

static bool is_whole(unsigned chip, const uint8_t *now)
{
	return memcmp(now, world.before[chip], world.size) == 0 ||
	       memcmp(now, world.after[chip], world.size) == 0;
}

/* Undisturbed, as the user would: 0 when it did something. */
static int resume(unsigned chip, enum resume_mode mode, struct np_error *err)
{
	struct write_result result;
	struct rig rig;
	char path[128];
	int ret;

	open_chip(&rig, chip, path);
	ret = rig_resume(&rig, mode, &result, err);
	rig_close(&rig);
	return ret;
}

/* A record may be another chip's of the same name: then that one's turn comes first. */
static void settle(uint64_t seed)
{
	uint8_t *now = malloc(world.size);
	struct np_error err[CHIPS_MAX] = {{0}};

	for (unsigned chip = 0; chip < world.chips; chip++) {
		read_chip(chip, now);
		world.interrupted += !is_whole(chip, now);
		world.finished += memcmp(now, world.after[chip], world.size) == 0;
	}
	for (unsigned round = 0; round < world.chips; round++)
		for (unsigned chip = 0; chip < world.chips; chip++)
			resume(chip, rig_random(&seed) % 2 ? RESUME_UNDO : RESUME_FINISH,
			       &err[chip]);
	for (unsigned chip = 0; chip < world.chips; chip++) {
		read_chip(chip, now);
		ck_assert_msg(is_whole(chip, now), "chip %u is neither old nor new: %s; %s", chip,
		              err[chip].message, err[chip].hint);
	}
	free(now);
}

static void make_world(uint64_t *state)
{
	char path[128];
	struct np_error err = {0};

	world.part = parts[rig_random(state) % 2];
	world.chips = 2 + (unsigned)(rig_random(state) % 3);
	world.size = strcmp(world.part, "W25Q16") == 0 ? 2 << 20 : 8 << 20;
	for (unsigned i = 0; i < world.chips; i++) {
		world.before[i] = malloc(world.size);
		world.after[i] = malloc(world.size);
		rig_fill(world.before[i], world.size, rig_random(state));
		memcpy(world.after[i], world.before[i], world.size);
		rig_fill(world.after[i] + START, LEN, rig_random(state));
		chip_file(i, path);
		ck_assert_int_eq(np_io_save(path, world.before[i], world.size, NP_IO_NEW, &err), 0);
	}
}

static void free_world(void)
{
	for (unsigned i = 0; i < world.chips; i++) {
		free(world.before[i]);
		free(world.after[i]);
	}
}

static void one_run(uint64_t seed)
{
	uint64_t state = seed;

	rig_init(&world.rig);
	make_world(&state);
	fflush(NULL);
	for (unsigned i = 0; i < world.chips; i++) {
		uint64_t own = rig_random(&state);
		pid_t pid = fork();

		ck_assert_int_ge(pid, 0);
		if (pid == 0)
			child(i, own);
	}
	while (waitpid(-1, NULL, 0) > 0)
		;
	settle(state);
	free_world();
	rig_free(&world.rig);
}

START_TEST(nothing_is_lost_between_norprogs)
{
	uint64_t seed = rig_seed(1616);
	unsigned runs = rig_runs(20, 500);

	for (unsigned n = 0; n < runs; n++) {
		printf("run %u: NORPROG_SEED=%llu\n", n, (unsigned long long)seed);
		fflush(stdout);
		one_run(seed);
		rig_random(&seed);
	}
	printf("%u chips were found in the middle of a job, %u at its end\n", world.interrupted,
	       world.finished);
	/* else the disturbance reached nothing, or let nobody work */
	ck_assert(runs == 1 || (world.interrupted > 0 && world.finished > 0));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("shared_state");
	TCase *tc = suite_group(suite, "shared_state", NULL, NULL);

	tcase_add_test(tc, nothing_is_lost_between_norprogs);
	return run_suite(suite);
}
