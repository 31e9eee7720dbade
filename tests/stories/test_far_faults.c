/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: serprog_ahead.c serprog_program.c serprog_frames.c nor_rewrite.c execute.c bridge.c conn.c */
/*
 * What goes wrong in the middle of a write, with the clip here, behind a server next door and behind
 * one far away, where more requests are under way than were answered. Whatever it is: at most one
 * block is neither as it was nor as it shall be, nothing is told as written that is not, the error
 * says how to go on, and `resume` finishes or undoes to the byte.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/stop.h"
#include "support/far.h"
#include "support/suite.h"

#define START       0x1a0123u /* with ends inside erase blocks */
#define LEN         (0x30000u + 77)
#define KEEP        0x1bf100u /* six bytes of it stay */
#define NS_BIT      50
#define PROTECT_ALL 0x1c /* of the first status register */

static struct rig rig;
static struct far *far;
static struct np_stop stop;
/* What is done to a chip. */
enum scene { WRITE, WRITE_PROTECTED, ERASE, SCENES };
static const char *const scenes[SCENES] = {"write", "write, protected", "erase"};
static enum scene scene;
static bool protected_first; /* and lifted for the job, until the chip loses power */
static uint8_t *image, *before, *after;
static struct np_ranges select_set, keep_set;
static struct write_result result;
static struct np_error err;

/* ---- what goes wrong ---- */

struct trouble {
	const char *name;
	norsim_meddle_fn *begin;
	enum { IN_CHIP, RESET, CUT, LINE } kind; /* what the others are, without `begin` */
	bool heals;                              /* the job may come to its end all the same */
	int code;                                /* of the error; 0: any */
};

static uint32_t stuck_at;

static void hang(struct norsim *chip, void *ctx)
{
	(void)ctx;
	norsim_faults(chip)->busy_forever = true;
}

/* MISO reads FFh, and the chip hears nothing. */
static void unplug(struct norsim *chip, void *ctx)
{
	(void)ctx;
	norsim_faults(chip)->silent = true;
}

/* One bit never falls again; not in a block that is written already. */
static void stick(struct norsim *chip, void *ctx)
{
	if (norsim_mem(chip)[stuck_at] & 1 || ctx) {
		norsim_mem(chip)[stuck_at] |= 1;
		norsim_meddle_at(chip, 0, stick, chip);
	}
}

/* The next page leaves one bit unprogrammed. */
static void miss(struct norsim *chip, void *ctx)
{
	(void)ctx;
	norsim_faults(chip)->program_fails_at = norsim_stats(chip)->pages_programmed + 1;
}

static void command(struct norsim *chip, const uint8_t *bytes, size_t len)
{
	norsim_cs(chip, true);
	norsim_clock(chip, bytes, NULL, len, NS_BIT * 8);
	norsim_cs(chip, false);
}

/* All of it, until power is lost. */
static void protect(struct norsim *chip, void *ctx)
{
	static const uint8_t enable[] = {0x50}, all[] = {0x01, PROTECT_ALL, 0x00};

	if (norsim_busy_left(chip)) {
		norsim_meddle_at(chip, 0, protect, ctx);
		return;
	}
	command(chip, enable, sizeof(enable));
	command(chip, all, sizeof(all));
}

static void ask_to_stop(struct norsim *chip, void *ctx)
{
	(void)chip;
	(void)ctx;
	np_stop_ask(&stop);
}

static void ask_twice(struct norsim *chip, void *ctx)
{
	ask_to_stop(chip, ctx);
	np_stop_ask(&stop);
}

static const struct trouble troubles[] = {
	{"the chip hangs", hang, IN_CHIP, false, NP_E_TIMEOUT},
	{"the chip resets itself", NULL, RESET, true, 0},
	{"the chip loses power", NULL, CUT, false, 0},
	{"the clip slips off", unplug, IN_CHIP, false, 0},
	{"a bit is stuck", stick, IN_CHIP, false, NP_E_VERIFY},
	{"a bit did not take", miss, IN_CHIP, true, NP_E_VERIFY},
	{"the chip is protected", protect, IN_CHIP, false, NP_E_PROTECTED},
	{"Ctrl-C", ask_to_stop, IN_CHIP, true, NP_E_INTERRUPTED},
	{"Ctrl-C twice", ask_twice, IN_CHIP, true, NP_E_INTERRUPTED},
	{"the line breaks", NULL, LINE, false, NP_E_GONE},
};
#define TROUBLES (sizeof(troubles) / sizeof(troubles[0]))

/* ---- the scene ---- */

/* No server at all; next door; so far that requests go ahead of answers. */
static const uint32_t places_us[] = {0, 50, 10000};
#define PLACES (sizeof(places_us) / sizeof(places_us[0]))

static void make_images(void)
{
	image = malloc(rig.size);
	before = malloc(rig.size);
	after = malloc(rig.size);
	memset(before, 0xff, rig.size);
	rig_fill(before + 0x190000, rig.size - 0x190000, 11);
	rig_fill(image, rig.size, 12);
	/* blocks of every kind: to erase in 4K and 64K, to program only, and to leave */
	memcpy(image + 0x1b1000, before + 0x1b1000, 0xe000);
	memset(before + 0x1c0000, 0xff, 0x8000);
	memcpy(after, before, rig.size);
	if (scene == ERASE)
		memset(after + START, 0xff, LEN);
	else
		memcpy(after + START, image + START, LEN);
	memcpy(after + KEEP, before + KEEP, 6);
	np_ranges_add(&select_set, (struct np_range){START, LEN}, NULL);
	np_ranges_remove(&select_set, (struct np_range){KEEP, 6}, NULL);
	np_ranges_add(&keep_set, (struct np_range){KEEP, 6}, NULL);
}

static void begin(uint32_t one_way_us, enum scene what)
{
	rig_init(&rig);
	scene = what;
	protected_first = what == WRITE_PROTECTED;
	if (protected_first)
		rig.config.chip.faults.start_sr1 = NORSIM_SR_SET | PROTECT_ALL;
	rig.config.chip.part = "W25Q16";
	rig.config.hz = rig.config.hz_min = rig.config.hz_max = 30000000;
	rig.job.layout = &rig_plain;
	far = one_way_us ? far_put(&rig, one_way_us) : NULL;
	rig_open(&rig);
	make_images();
	np_stop_forget(&stop);
	np_stop_bind(&stop);
}

static void end(void)
{
	np_stop_bind(NULL);
	rig_free(&rig);
	if (far)
		far_free(far);
	free(image);
	free(before);
	free(after);
	np_ranges_free(&select_set);
	np_ranges_free(&keep_set);
}

static int write_region(void)
{
	struct rig_order o = {
		.image = scene == ERASE ? NULL : image, .select = &select_set, .keep = &keep_set};

	memset(&err, 0, sizeof(err));
	rig.steps = 0;
	rig.last_count = 0;
	return rig_write(&rig, &o, &result, &err);
}

static bool same(const uint8_t *want, size_t start, size_t len)
{
	return memcmp(norsim_mem(rig.chip) + start, want + start, len) == 0;
}

static void put_back(void)
{
	memcpy(norsim_mem(rig.chip), before, rig.size);
}

/* SPI clocks of a job that nothing disturbs, and the writes to its line. */
static void measure(uint64_t *clocks, uint64_t *writes)
{
	const uint64_t many = UINT64_C(1) << 40;

	if (far)
		far_break(far, many, false);
	*clocks = norsim_stats(rig.chip)->clocks;
	ck_assert_msg(write_region() == 0, "%s", err.message);
	ck_assert(same(after, 0, rig.size));
	ck_assert_uint_gt(rig.last_count, 3);
	*clocks = norsim_stats(rig.chip)->clocks - *clocks;
	*writes = far ? many - far_writes_left(far) : 0;
	put_back();
}

static void begin_trouble(const struct trouble *trouble, uint64_t *state, uint64_t clocks,
                          uint64_t writes)
{
	uint64_t at = rig_random(state);

	stuck_at = START + (uint32_t)(rig_random(state) % (LEN - 0x1000));
	while (scene != ERASE && (after[stuck_at] & 1 || !(before[stuck_at] & 1)))
		stuck_at++;
	clocks = norsim_stats(rig.chip)->clocks + 1 + at % clocks;
	if (trouble->kind == LINE)
		far_break(far, 1 + at % writes, rig_random(state) % 2);
	else if (trouble->kind == RESET)
		norsim_faults(rig.chip)->reset_at_clock = clocks;
	else if (trouble->kind == CUT)
		norsim_faults(rig.chip)->cut_at_clock = clocks;
	else
		norsim_meddle_at(rig.chip, clocks, trouble->begin, NULL);
}

/* The user puts right what was wrong and comes back: with the same connection, or with a new one. */
static void put_right(bool new_line)
{
	struct norsim_faults *faults = norsim_faults(rig.chip);
	static const uint8_t nothing[2] = {0};
	uint8_t *mem = malloc(rig.size);

	norsim_meddle_at(rig.chip, 0, NULL, NULL);
	faults->busy_forever = faults->silent = false;
	norsim_power_on(rig.chip);
	faults->reset_at_clock = norsim_stats(rig.chip)->clocks + 1;
	command(rig.chip, nothing, sizeof(nothing));
	norsim_time(rig.chip, 1000000);
	np_stop_forget(&stop);
	if (new_line) {
		memcpy(mem, norsim_mem(rig.chip), rig.size);
		rig_close(&rig);
		rig_open(&rig);
		memcpy(norsim_mem(rig.chip), mem, rig.size);
	} else {
		rig_reopen(&rig);
	}
	free(mem);
}

/* ---- what must hold ---- */

static void check_protection(void)
{
	static const uint8_t read_status[2] = {0x05};
	uint8_t status[2];

	norsim_cs(rig.chip, true);
	norsim_clock(rig.chip, read_status, status, 2, NS_BIT * 8);
	norsim_cs(rig.chip, false);
	ck_assert_uint_eq(status[1] & PROTECT_ALL, protected_first ? PROTECT_ALL : 0);
}

/* Each byte outside the plan is as it was, all that was told as written is, and beyond the one block
 * in work nothing was begun. */
static void check_chip(void)
{
	unsigned flux = 0, done = 0;
	uint32_t at = 0;

	for (size_t i = 0; i <= rig.last_count; i++) {
		const struct plan_step *step = &rig.last_steps[i];
		uint32_t end = i < rig.last_count ? step->start : (uint32_t)rig.size;
		bool old, new;

		ck_assert_msg(end <= at || same(before, at, end - at), "outside the plan");
		if (i == rig.last_count)
			break;
		at = end + step->len;
		old = same(before, step->start, step->len);
		new = same(after, step->start, step->len);
		ck_assert_msg(i >= rig.steps || new, "0x%06x was told as written", step->start);
		ck_assert_msg(i <= rig.steps || old, "0x%06x was begun too early", step->start);
		flux += !old && !new;
		done += new;
	}
	ck_assert_uint_le(flux, 1);
	ck_assert_uint_ge(done, rig.steps);
}

/* The page that is named is the first that was not programmed. */
static void check_page(void)
{
	const char *told = strstr(err.message, "program page 0x");
	uint32_t start = rig.last_steps[rig.steps].start;

	if (!told)
		return;
	told += strlen("program page 0x");
	ck_assert_msg(same(after, start, strtoul(told, NULL, 16) - start), "%s", err.message);
}

static void check_error(const struct trouble *trouble, int ret, bool changed)
{
	ck_assert_msg(!trouble->code || ret == trouble->code, "%d: %s", ret, err.message);
	ck_assert_msg(strstr(err.message, "nothing was changed") || err.hint[0], "%s", err.message);
	if (trouble->begin == unplug || trouble->kind == CUT)
		ck_assert_msg(!strstr(err.message, "busy"), "%s", err.message);
	if (ret == NP_E_TIMEOUT)
		ck_assert_msg(strstr(err.message, "erase ") ||
		                      strstr(err.message, "program page ") ||
		                      strstr(err.message, "protection"),
		              "%s", err.message);
	if (trouble->begin == hang)
		ck_assert_msg(strstr(err.message, "3h)") || strstr(err.message, "Fh)"), "%s",
		              err.message);
	check_page();
	if (!changed)
		return;
	ck_assert_msg(strstr(err.message, "block "), "%s (%s)", err.message, err.hint);
	ck_assert_msg(strstr(err.hint, "norprog resume"), "%s (%s)", err.message, err.hint);
}

static void check_way_on(const struct trouble *trouble, enum resume_mode mode)
{
	bool changed = !same(before, 0, rig.size);
	int ret;

	if (changed) {
		ck_assert_int_eq(write_region(), NP_E_JOURNAL);
		ck_assert_uint_gt(rig_files(&rig, "jobs"), 0);
	}
	if (!rig_files(&rig, "jobs"))
		return;
	ret = rig_resume(&rig, mode, &result, &err);
	if (ret == NP_E_INPUT && !changed)
		return; /* the record was not complete, and nothing begun */
	ck_assert_msg(ret == 0, "%s (%s)", err.message, err.hint);
	ck_assert(same(mode == RESUME_UNDO ? before : after, 0, rig.size));
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
	/* Found protected, it is protected again; but for this one, who does so at any time. */
	if (trouble->begin != protect)
		check_protection();
}

/* Something goes wrong again while the job is finished or undone. True: it did not matter. */
static bool resume_in_trouble(const struct trouble *trouble, uint64_t *state, uint64_t clocks,
                              uint64_t writes)
{
	enum resume_mode mode = rig_random(state) % 2 ? RESUME_UNDO : RESUME_FINISH;
	int ret;

	if (!rig_files(&rig, "jobs"))
		return false;
	begin_trouble(trouble, state, clocks, writes);
	ret = rig_resume(&rig, mode, &result, &err);
	printf("    resume: %d %s (%s)\n", ret, err.message, err.hint);
	if (!ret)
		ck_assert(same(mode == RESUME_UNDO ? before : after, 0, rig.size));
	else
		ck_assert_msg(err.hint[0] || ret == NP_E_INTERRUPTED || ret == NP_E_INPUT, "%s",
		              err.message);
	put_right(trouble->kind == LINE || rig_random(state) % 2);
	return !ret;
}

static void once(const struct trouble *trouble, uint64_t seed, uint64_t clocks, uint64_t writes)
{
	uint64_t state = seed;
	int ret;

	begin_trouble(trouble, &state, clocks, writes);
	ret = write_region();
	printf("  seed %llu: %d %s (%s); %u of %zu\n", (unsigned long long)seed, ret, err.message,
	       err.hint, rig.steps, rig.last_count);
	check_chip();
	if (ret) {
		check_error(trouble, ret, !same(before, 0, rig.size));
		put_right(trouble->kind == LINE || rig_random(&state) % 2);
		if (rig_random(&state) % 2 || !resume_in_trouble(trouble, &state, clocks, writes))
			check_way_on(trouble, rig_random(&state) % 2 ? RESUME_UNDO : RESUME_FINISH);
	} else {
		ck_assert(same(after, 0, rig.size));
		if (trouble->begin == stick || trouble->begin == miss)
			check_protection();
		put_right(trouble->kind == LINE);
	}
	put_back();
}

START_TEST(a_write_in_trouble)
{
	const struct trouble *trouble = &troubles[(size_t)_i % TROUBLES];
	uint32_t one_way_us = places_us[(size_t)_i / TROUBLES % PLACES];
	enum scene what = (enum scene)((size_t)_i / TROUBLES / PLACES);
	unsigned runs = rig_runs(what == WRITE ? 4 : 2, 100);
	uint64_t seed, clocks, writes;

	if ((trouble->kind == LINE && !one_way_us) ||
	    (what == ERASE && (trouble->begin == stick || trouble->begin == miss)))
		return;
	printf("%s: %s, %u us away: ", scenes[what], trouble->name, one_way_us);
	seed = rig_seed(7000 + 1000 * (uint64_t)_i);
	begin(one_way_us, what);
	put_back();
	measure(&clocks, &writes);
	for (unsigned i = 0; i < runs; i++)
		once(trouble, seed + i, clocks, writes);
	end();
}
END_TEST

/* ---- reads ---- */

static int read_all(unsigned passes)
{
	struct read_options options = {.passes = passes};
	uint8_t *got = malloc(rig.size);
	struct read_result read;
	int ret = job_read(&rig.job, &options, got, &read, &err);

	if (!ret)
		ck_assert_msg(same(got, 0, rig.size), "%u passes", passes);
	read_result_free(&read);
	free(got);
	return ret;
}

/* A chip that is gone reads as a blank one, and this one is blank but for its end. */
static int look_for_blank(unsigned passes)
{
	struct verify_result verified;
	int ret;

	(void)passes;
	memset(norsim_mem(rig.chip), 0xff, rig.size - 1);
	memcpy(before, norsim_mem(rig.chip), rig.size);
	ret = rig_verify(&rig, NULL, NULL, &verified, &err);
	ck_assert_int_ne(ret, 0);
	return ret == NP_E_VERIFY ? 0 : ret;
}

/* Who reads once cannot tell bytes that a chip did not send while it was reset from blank ones. */
static const struct {
	const char *name;
	int (*job)(unsigned passes);
	unsigned passes;
	bool once;
} reads[] = {{"read once", read_all, 1, true},
             {"read twice", read_all, 2, false},
             {"is it blank", look_for_blank, 1, true}};
#define READS (sizeof(reads) / sizeof(reads[0]))

START_TEST(a_read_in_trouble)
{
	const struct trouble *trouble = &troubles[(size_t)_i % TROUBLES];
	uint32_t one_way_us = places_us[(size_t)_i / TROUBLES % PLACES];
	size_t n = (size_t)_i / TROUBLES / PLACES;
	unsigned runs = rig_runs(2, 50);
	uint64_t seed, clocks;

	if ((trouble->kind == LINE && !one_way_us) || (trouble->kind == RESET && reads[n].once))
		return;
	printf("%s: %s, %u us away: ", reads[n].name, trouble->name, one_way_us);
	seed = rig_seed(90000 + 1000 * (uint64_t)_i);
	begin(one_way_us, WRITE);
	rig_fill(before, rig.size, seed);
	before[rig.size - 1] = 0;
	put_back();
	clocks = norsim_stats(rig.chip)->clocks;
	ck_assert_int_eq(reads[n].job(reads[n].passes), 0);
	clocks = norsim_stats(rig.chip)->clocks - clocks;
	for (unsigned i = 0; i < runs; i++) {
		uint64_t state = seed + i;
		int ret;

		begin_trouble(trouble, &state, clocks, 20);
		ret = reads[n].job(reads[n].passes);
		printf("  seed %llu: %d %s (%s)\n", (unsigned long long)seed + i, ret, err.message,
		       err.hint);
		ck_assert(same(before, 0, rig.size));
		put_right(trouble->kind == LINE || rig_random(&state) % 2);
		ck_assert_msg(reads[n].job(reads[n].passes) == 0, "%s", err.message);
	}
	end();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("far_faults");
	TCase *group = suite_group(suite, "trouble", NULL, NULL);

	tcase_add_loop_test(group, a_write_in_trouble, 0, (int)(SCENES * TROUBLES * PLACES));
	tcase_add_loop_test(group, a_read_in_trouble, 0, (int)(READS * TROUBLES * PLACES));
	return run_suite(suite);
}
