/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: job_change.c */
/*
 * What the command refuses the library refuses, with nothing said but what to write where; and each
 * refusal has its way through, by the name of the gate or by saying what is meant. A refusal leaves
 * chip and state folder as they were.
 */
#include "images.h"
#include "scene.h"
#include "situation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum what {
	STOCK,
	CENSORED,
	WRONG_CAL,
	OTHER_DEVICE,
	KERNEL,
	UPGRADE,
	SHORT,
	FORMS,
	NOISE,
	NOTHING
};
enum chip { OWN, OWN_RADIO_LOST, OWN_MAC_LOST, OWN_FORMS, OWN_NOISE, OWN_TWICE };

struct refusal {
	const char *name;
	enum norprog_operation operation;
	enum what image;
	enum chip chip;
	const char *only, *keep, *at, *layout;
	enum norprog_setting on; /* a switch; 0: none */
	const char *lifted;      /* overrides given from the beginning */
	int code;
	const char *gate;
	const char *earlier_than; /* what this gate protects from is refused before it is asked */
	/* the way through: the gate's own name, or */
	const char *then_only, *then_keep, *then_at;
	int no_way;
};

/* clang-format off */
static const struct refusal refusals[] = {
	{.name = "another unit's data over this one's", .image = STOCK, .operation = NORPROG_WRITE,
	 .code = NORPROG_E_UNIT, .gate = "unit-data"},
	{.name = "the same, kept", .image = STOCK, .operation = NORPROG_WRITE,
	 .code = NORPROG_E_UNIT, .gate = "unit-data", .then_keep = "unit"},
	{.name = "the same, named", .image = STOCK, .operation = NORPROG_WRITE, .only = "0x7c0000+0x40000",
	 .code = NORPROG_E_UNIT, .gate = "unit-data", .then_only = "unit"},
	{.name = "erase of everything", .image = NOTHING, .operation = NORPROG_ERASE,
	 .code = NORPROG_E_UNIT, .gate = "unit-data"},
	{.name = "restore over unit data by addresses", .image = STOCK, .operation = NORPROG_RESTORE,
	 .only = "0x7c0000+0x40000", .code = NORPROG_E_UNIT, .gate = "unit-data"},
	{.name = "a censored dump", .image = CENSORED, .operation = NORPROG_WRITE, .lifted = "unit-data",
	 .code = NORPROG_E_UNIT, .gate = "placeholder"},
	{.name = "calibration that is none", .image = WRONG_CAL, .operation = NORPROG_WRITE,
	 .lifted = "unit-data", .code = NORPROG_E_UNIT, .gate = "flawed-value"},
	{.name = "keeping what is lost", .image = STOCK, .operation = NORPROG_WRITE, .chip = OWN_RADIO_LOST,
	 .keep = "unit", .code = NORPROG_E_UNIT, .gate = "keep-blank"},
	{.name = "a dump of another device", .image = OTHER_DEVICE, .operation = NORPROG_WRITE, .keep = "unit",
	 .code = NORPROG_E_POLICY, .gate = "other-device"},
	{.name = "calibration that no profile knows of", .image = FORMS, .operation = NORPROG_WRITE,
	 .chip = OWN_FORMS, .code = NORPROG_E_UNIT, .gate = "unit-form"},
	{.name = "a chip of which nothing is known", .image = NOISE, .operation = NORPROG_WRITE,
	 .chip = OWN_NOISE, .code = NORPROG_E_UNIT, .gate = "unknown-device"},
	{.name = "the same, everything may go", .image = NOISE, .operation = NORPROG_WRITE,
	 .chip = OWN_NOISE, .code = NORPROG_E_UNIT, .gate = "unknown-device", .then_keep = "nothing"},
	{.name = "a chip that may be half as big as it says", .image = NOISE, .operation = NORPROG_WRITE,
	 .chip = OWN_TWICE, .keep = "nothing", .code = NORPROG_E_UNSTABLE, .gate = "mirror"},
	{.name = "a layout that does not fit", .image = STOCK, .operation = NORPROG_WRITE,
	 .chip = OWN_MAC_LOST, .layout = "tplink-mr200-v1", .keep = "unit",
	 .code = NORPROG_E_POLICY, .gate = "layout-fit"},
	{.name = "a kernel at address 0", .image = KERNEL, .operation = NORPROG_WRITE, .at = "0",
	 .code = NORPROG_E_POLICY, .gate = "upgrade-at-zero"},
	{.name = "a kernel at address 0, elsewhere", .image = KERNEL, .operation = NORPROG_WRITE, .at = "0",
	 .code = NORPROG_E_POLICY, .gate = "upgrade-at-zero", .then_at = "0x20000"},
	{.name = "a vendor's header and boot loader", .image = UPGRADE, .operation = NORPROG_WRITE,
	 .at = "0x20000", .code = NORPROG_E_POLICY, .gate = "header-in-front"},
	{.name = "a file of no size", .image = SHORT, .operation = NORPROG_WRITE,
	 .code = NORPROG_E_SIZE, .then_at = "0x100000"},
	{.name = "erase of the whole chip at once, but not all of it", .image = NOTHING,
	 .operation = NORPROG_ERASE, .only = "0+64K", .on = NORPROG_JOB_CHIP_ERASE,
	 .code = NORPROG_E_USAGE, .gate = "chip-erase", .no_way = 1},
	{.name = "beyond the chip", .image = STOCK, .operation = NORPROG_RESTORE, .only = "0x7ff000+8K",
	 .code = NORPROG_E_RANGE, .earlier_than = "selection", .then_only = "romfile"},
	{.name = "nothing left to do", .image = STOCK, .operation = NORPROG_RESTORE, .only = "romfile",
	 .keep = "romfile", .code = NORPROG_E_RANGE, .then_keep = "radio"},
	{.name = "a region that is not there", .image = STOCK, .operation = NORPROG_RESTORE, .only = "kernal",
	 .code = NORPROG_E_RANGE, .then_only = "romfile"},
	{.name = "restore of a dump, without a word on what of it", .image = STOCK, .operation = NORPROG_RESTORE,
	 .code = NORPROG_E_USAGE, .then_only = "romfile"},
};
/* clang-format on */

#define REFUSALS (sizeof(refusals) / sizeof(refusals[0]))

static uint8_t *image_of(enum what what, size_t *len)
{
	uint8_t *image;

	*len = SIZE;
	if (what == FORMS || what == NOISE)
		return stranger(2, what == FORMS);
	if (what == KERNEL)
		return kernel(len);
	if (what == UPGRADE)
		return upgrade(len);
	image = dump_of(what == OTHER_DEVICE ? "c2" : "mr200", 0x42, 42);
	if (what == CENSORED)
		memcpy(image + MAC_AT, "\xf0\xf1\xf2\xf3\xf4\xf5", 6);
	if (what == WRONG_CAL)
		memcpy(image + CAL_2G_AT, "\x99\x99", 2);
	if (what == SHORT)
		*len = 70000;
	return image;
}

static uint8_t *chip_of(enum chip chip)
{
	uint8_t *image;

	if (chip == OWN_FORMS || chip == OWN_NOISE || chip == OWN_TWICE) {
		image = stranger(1, chip == OWN_FORMS);
		if (chip == OWN_TWICE)
			memcpy(image + SIZE / 2, image, SIZE / 2);
		return image;
	}
	image = dump_of("mr200", 7, 7);

	if (chip == OWN_RADIO_LOST)
		memset(image + CAL_2G_AT, 0xff, 0x10000);
	if (chip == OWN_MAC_LOST)
		memset(image + MAC_AT, 0xff, 6);
	return image;
}

static norprog_job *describe(struct scene *scene, const struct refusal *r, const char *only,
                             const char *keep, const char *at)
{
	norprog_job *job = NULL;
	size_t len = 0;
	uint8_t *image = r->image == NOTHING ? NULL : image_of(r->image, &len);

	must_pass(scene, norprog_job_new(scene->np, r->operation, &job));
	if (image)
		must_pass(scene, norprog_job_bytes(job, image, len));
	if (only)
		must_pass(scene, norprog_job_only(job, only));
	if (keep)
		must_pass(scene, norprog_job_keep(job, keep));
	if (at)
		must_pass(scene, norprog_job_set(job, NORPROG_JOB_AT, at));
	if (r->on)
		must_pass(scene, norprog_job_set(job, r->on, "1"));
	if (r->lifted)
		must_pass(scene, norprog_job_override(job, r->lifted));
	free(image);
	return job;
}

/* A verdict of the plan names the gate, too. */
static int verdict_refuses(const norprog_job *job, const char *gate)
{
	const struct norprog_verdict *verdict;

	for (size_t i = 0; (verdict = norprog_job_verdict(job, i)) != NULL; i++)
		if (strcmp(verdict->gate, gate) == 0)
			return verdict->kind == NORPROG_REFUSAL && verdict->message[0];
	return 0;
}

static void refused(struct scene *scene, const struct refusal *r, const uint8_t *before)
{
	norprog_job *job = describe(scene, r, r->only, r->keep, r->at);
	uint8_t *after;

	must_fail(scene, norprog_job_plan(job, NULL), r->code, r->gate);
	if (r->gate)
		ck_assert_msg(verdict_refuses(job, r->gate), "no verdict of %s", r->gate);
	must_fail(scene, norprog_job_run(job, NULL), r->code, r->gate);
	ck_assert_str_ne(norprog_error(scene->np)->hint, "");
	norprog_job_free(job);
	after = scene_chip(scene);
	ck_assert_msg(memcmp(before, after, SIZE) == 0, "the chip was changed");
	free(after);
	ck_assert_uint_eq(scene_files(scene, "backups"), 0);
	ck_assert_uint_eq(scene_files(scene, "jobs"), 0);
	ck_assert_uint_eq(scene->asked, 0);
}

static void let_through(struct scene *scene, const struct refusal *r, const uint8_t *before)
{
	const struct norprog_result *result = NULL;
	norprog_job *job =
		describe(scene, r, r->then_only ? r->then_only : r->only,
	                 r->then_keep ? r->then_keep : r->keep, r->then_at ? r->then_at : r->at);
	uint8_t *after;

	if (!r->then_only && !r->then_keep && !r->then_at)
		must_pass(scene, norprog_job_override(job, r->gate));
	must_pass(scene, norprog_job_run(job, &result));
	ck_assert_uint_gt(result->changed_bytes, 0);
	ck_assert_str_ne(result->backup, "");
	norprog_job_free(job);
	after = scene_chip(scene);
	ck_assert_msg(memcmp(before, after, SIZE) != 0, "the chip was not changed");
	free(after);
	ck_assert_uint_eq(scene->asked, 1);
}

START_TEST(test_refusal)
{
	const struct refusal *r = &refusals[_i];
	uint8_t *before = chip_of(r->chip);
	struct scene scene;

	scene_open(&scene, before);
	if (r->layout)
		must_pass(&scene, norprog_set(scene.np, NORPROG_LAYOUT, r->layout));
	refused(&scene, r, before);
	if (!r->no_way)
		let_through(&scene, r, before);
	scene_close(&scene);
	free(before);
}
END_TEST

/* What was written is the image but for what was kept. */
START_TEST(test_kept_is_kept)
{
	uint8_t *mine = dump_of("mr200", 7, 7), *stock = dump_of("mr200", 0x42, 42), *after;
	struct scene scene;
	norprog_job *job;

	scene_open(&scene, mine);
	must_pass(&scene, norprog_job_new(scene.np, NORPROG_WRITE, &job));
	must_pass(&scene, norprog_job_bytes(job, stock, SIZE));
	must_pass(&scene, norprog_job_keep(job, "unit"));
	must_pass(&scene, norprog_job_run(job, NULL));
	norprog_job_free(job);
	after = scene_chip(&scene);
	ck_assert(memcmp(after, stock, 0x7d0000) == 0);
	ck_assert(memcmp(after + 0x7d0000, mine + 0x7d0000, 0x10000) == 0);
	ck_assert(memcmp(after + 0x7e0000, stock + 0x7e0000, 0x10000) == 0);
	ck_assert(memcmp(after + 0x7f0000, mine + 0x7f0000, 0x10000) == 0);
	scene_close(&scene);
	free(after);
	free(mine);
	free(stock);
}
END_TEST

/* ---- situations that take more than a row of words ---- */

struct seen {
	uint8_t *chip;
	unsigned backups, jobs;
};

static struct seen look(const struct situation *s)
{
	return (struct seen){scene_chip(&s->scene), scene_files(&s->scene, "backups"),
	                     scene_files(&s->scene, "jobs")};
}

static void nothing_happened(const struct situation *s, struct seen before)
{
	struct seen after = look(s);

	ck_assert_msg(memcmp(before.chip, after.chip, SIZE) == 0, "the chip was changed");
	ck_assert_uint_eq(before.backups, after.backups);
	ck_assert_uint_eq(before.jobs, after.jobs);
	free(before.chip);
	free(after.chip);
}

static enum norprog_verdict_kind verdict_of(const norprog_job *job, const char *gate)
{
	const struct norprog_verdict *verdict;

	for (size_t i = 0; (verdict = norprog_job_verdict(job, i)) != NULL; i++)
		if (strcmp(verdict->gate, gate) == 0 && verdict->kind != NORPROG_PASS)
			return verdict->kind;
	return NORPROG_PASS;
}

/* The gate refuses; by its name the same job is done. */
static void play_refusal(struct situation *s, const struct situation_row *row)
{
	struct seen before = look(s);

	s->scene.asked = 0;
	must_fail(&s->scene, norprog_job_run(s->job, NULL), row->code, row->gate);
	ck_assert_str_ne(norprog_error(s->scene.np)->hint, "");
	ck_assert_int_eq(verdict_of(s->job, row->gate), NORPROG_REFUSAL);
	ck_assert_uint_eq(s->scene.asked, 0);
	nothing_happened(s, before);
	if (!row->overridable) {
		must_fail(&s->scene, norprog_job_override(s->job, row->gate), NORPROG_E_USAGE,
		          NULL);
		return;
	}
	must_pass(&s->scene, norprog_job_override(s->job, row->gate));
	for (size_t i = 0; i < 2 && row->also[i]; i++)
		must_pass(&s->scene, norprog_job_override(s->job, row->also[i]));
	must_pass(&s->scene, norprog_job_run(s->job, NULL));
	ck_assert_uint_eq(s->scene.asked, 1);
}

START_TEST(test_situation)
{
	const struct situation_row *row = &situations[_i];
	struct situation s = {.harmless = 0};

	row->begin(&s);
	if (row->code) {
		play_refusal(&s, row);
	} else {
		must_pass(&s.scene, norprog_job_run(s.job, NULL));
		ck_assert_int_eq(verdict_of(s.job, row->gate), NORPROG_WARNING);
	}
	situation_end(&s);
}
END_TEST

/* The gate says nothing to a job that is nearly the same. */
START_TEST(test_harmless_situation)
{
	const struct situation_row *row = &situations[_i];
	struct situation s = {.harmless = 1};

	row->begin(&s);
	must_pass(&s.scene, norprog_job_run(s.job, NULL));
	ck_assert_int_eq(verdict_of(s.job, row->gate), NORPROG_PASS);
	situation_end(&s);
}
END_TEST

static int is_for(const struct refusal *r, const char *gate)
{
	return (r->gate && strcmp(r->gate, gate) == 0) ||
	       (r->earlier_than && strcmp(r->earlier_than, gate) == 0);
}

/* No gate is without a row in one of the two tables, and the tables know what can be overridden. */
START_TEST(test_all_gates)
{
	const struct norprog_gate *gate;
	size_t count = 0;

	for (; (gate = norprog_gate(count)) != NULL; count++) {
		int found = 0;

		ck_assert_str_ne(gate->protects, "");
		for (size_t i = 0; i < REFUSALS; i++)
			found |= is_for(&refusals[i], gate->name);
		for (const struct situation_row *row = situations; row->gate; row++) {
			if (strcmp(row->gate, gate->name) != 0)
				continue;
			found = 1;
			ck_assert_int_eq(!row->overridable, !gate->can_override);
		}
		ck_assert_msg(found, "nothing tries the gate %s", gate->name);
	}
	ck_assert_uint_gt(count, 10);
}
END_TEST

/* The other way past a vendor's header: without it. */
START_TEST(test_strip)
{
	uint8_t *mine = dump_of("mr200", 7, 7), *image, *after;
	size_t len, front = 512 + UPGRADE_BOOT;
	struct scene scene;
	norprog_job *job;
	char path[128];

	scene_open(&scene, mine);
	image = upgrade(&len);
	scene_file(&scene, "upgrade.bin", image, len, path);
	must_pass(&scene, norprog_job_new(scene.np, NORPROG_WRITE, &job));
	must_pass(&scene, norprog_job_file(job, path));
	must_pass(&scene, norprog_job_set(job, NORPROG_JOB_AT, "firmware"));
	must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_POLICY, "header-in-front");
	must_pass(&scene, norprog_job_set(job, NORPROG_JOB_STRIP, "1"));
	must_pass(&scene, norprog_job_run(job, NULL));
	norprog_job_free(job);
	after = scene_chip(&scene);
	ck_assert(memcmp(after, mine, 0x20000) == 0);
	ck_assert(memcmp(after + 0x20000, image + front, len - front) == 0);
	ck_assert(memcmp(after + 0x20000 + len - front, mine + 0x20000 + len - front,
	                 SIZE - 0x20000 - (len - front)) == 0);
	scene_close(&scene);
	free(after);
	free(image);
	free(mine);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("refusals");
	TCase *tc = tcase_create("all");
	int count = 0;

	while (situations[count].gate)
		count++;
	tcase_add_loop_test(tc, test_refusal, 0, (int)REFUSALS);
	tcase_add_loop_test(tc, test_situation, 0, count);
	tcase_add_loop_test(tc, test_harmless_situation, 0, count);
	tcase_add_test(tc, test_kept_is_kept);
	tcase_add_test(tc, test_all_gates);
	tcase_add_test(tc, test_strip);
	suite_add_tcase(suite, tc);
	return scene_run(suite);
}
