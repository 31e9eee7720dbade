/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: job_change.c */
/*
 * What the command refuses the library refuses, with nothing said but what to write where; and each
 * refusal has its way through, by the name of the gate or by saying what is meant. A refusal leaves
 * chip and state folder as they were.
 */
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

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
	 .chip = OWN_TWICE, .keep = "nothing", .code = NORPROG_E_POLICY, .gate = "mirror"},
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
	 .code = NORPROG_E_RANGE, .then_only = "romfile"},
	{.name = "nothing left to do", .image = STOCK, .operation = NORPROG_RESTORE, .only = "romfile",
	 .keep = "romfile", .code = NORPROG_E_RANGE, .then_keep = "radio"},
	{.name = "a region that is not there", .image = STOCK, .operation = NORPROG_RESTORE, .only = "kernal",
	 .code = NORPROG_E_RANGE, .then_only = "romfile"},
	{.name = "restore of a dump, nobody says what of it", .image = STOCK, .operation = NORPROG_RESTORE,
	 .code = NORPROG_E_USAGE, .then_only = "romfile"},
};
/* clang-format on */

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* A U-Boot image with a MIPS kernel. */
static uint8_t *kernel(size_t *len)
{
	uint8_t *image = calloc(1, 64 + 5000);

	memset(image + 64, 0x5a, 5000);
	put32(image, 0x27051956);
	put32(image + 12, 5000);
	put32(image + 16, 0x80000000);
	put32(image + 20, 0x80000000);
	put32(image + 24, (uint32_t)crc32(0, image + 64, 5000));
	memcpy(image + 28, "\5\5\2\3MIPS OpenWrt Linux", 22);
	put32(image + 4, (uint32_t)crc32(0, image, 64));
	*len = 64 + 5000;
	return image;
}

#define UPGRADE_LEN  0x200000u
#define UPGRADE_BOOT 0x20000u /* behind the header of 512 bytes */

/* A TP-Link upgrade file with a boot loader inside. Its sum is not right, which is a warning. */
static uint8_t *upgrade(size_t *len)
{
	uint8_t *image = dump_of("mr200", 1, 8);

	memset(image, 0, 512);
	put32(image, 0x01000000);
	memcpy(image + 4, "TP-LINK Technologies", 20);
	memcpy(image + 0x1c, "ver. 1.0", 8);
	put32(image + 0x40, 0xc7000002);
	put32(image + 0x44, 1);
	put32(image + 0x7c, UPGRADE_LEN);
	put32(image + 0x80, 512 + UPGRADE_BOOT);
	put32(image + 0x84, 0x10000);
	put32(image + 0x88, 512 + UPGRADE_BOOT + 0x10000);
	put32(image + 0x8c, UPGRADE_LEN - 512 - UPGRADE_BOOT - 0x10000);
	put32(image + 0x90, 512);
	put32(image + 0x94, UPGRADE_BOOT);
	*len = UPGRADE_LEN;
	return image;
}

/* A flash that nobody knows: noise, and with `forms` a calibration block of its own. */
static uint8_t *stranger(uint32_t seed, int forms)
{
	uint8_t *image = malloc(SIZE);
	uint32_t state = seed;

	for (size_t i = 0; i < SIZE; i++) {
		state = state * 1664525u + 1013904223u;
		image[i] = (uint8_t)(state >> 24);
	}
	if (forms) {
		memset(image + CAL_2G_AT, 0xff, 0x10000);
		for (size_t i = 0; i < 0x200; i++)
			image[CAL_2G_AT + i] = image[i];
		memcpy(image + CAL_2G_AT, "\x20\x76\0\0\x50\xc7\xbf\x10\x07", 9);
	}
	return image;
}

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

/* Gates of which a situation takes more than the table's: tests/unit/job/gate/test_gate.c plays
 * them, both ways, through the library's jobs. */
static int played_elsewhere(const char *gate)
{
	static const char *const gates[] = {
		"supply",          "size-contradiction", "packed-file",
		"foreign-file",    "swapped-dump",       "capsule",
		"missing-regions", "other-map",          "wrong-part",
		"changed-file",    "other-unit",         "other-type",
		"suspicious-file", "unsure-bytes",       "other-chip",
		"unproven-chip",   "lost-file",          "bad-read",
		"host-flash",      "damaged-file",
	};

	for (size_t i = 0; i < sizeof(gates) / sizeof(gates[0]); i++)
		if (strcmp(gates[i], gate) == 0)
			return 1;
	return 0;
}

/* Every other gate that can be overridden has a row above, so that a new one gets its row. */
START_TEST(test_all_gates)
{
	const struct norprog_gate *gate;
	size_t count = 0;

	for (; (gate = norprog_gate(count)) != NULL; count++) {
		int found = played_elsewhere(gate->name);

		ck_assert_str_ne(gate->protects, "");
		for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
			found |= refusals[i].gate && strcmp(refusals[i].gate, gate->name) == 0;
		ck_assert_msg(found || !gate->can_override, "no refusal by %s is tried",
		              gate->name);
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

	tcase_add_loop_test(tc, test_refusal, 0, sizeof(refusals) / sizeof(refusals[0]));
	tcase_add_test(tc, test_kept_is_kept);
	tcase_add_test(tc, test_all_gates);
	tcase_add_test(tc, test_strip);
	suite_add_tcase(suite, tc);
	return scene_run(suite);
}
