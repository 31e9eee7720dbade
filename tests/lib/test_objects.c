/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: chip.c error.c frame.c handle.c job.c job_outcome.c job_read.c kept.c choose.c */
/* All of the library that erases nothing: programmers, chip, layouts, images, backups, OTP; and what
 * it says to arguments that make no sense. */
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct scene scene;
static uint8_t *mine;

static void setup(void)
{
	mine = dump_of("mr200", 7, 7);
	scene_open(&scene, mine);
}

static void teardown(void)
{
	scene_close(&scene);
	free(mine);
}

/* ---- handle, programmer, chip ---- */

START_TEST(test_version)
{
	ck_assert_uint_eq(norprog_version(), NORPROG_VERSION_NUMBER);
}
END_TEST

START_TEST(test_codes)
{
	for (int code = 0; code >= NORPROG_E_UNSUPPORTED; code--) {
		ck_assert_str_ne(norprog_code_text(code), "");
		for (int other = 0; other > code; other--) {
			ck_assert_str_ne(norprog_code_name(code), norprog_code_name(other));
			ck_assert_str_ne(norprog_code_text(code), norprog_code_text(other));
		}
	}
	ck_assert_ptr_nonnull(norprog_code_text(7));
	ck_assert_ptr_nonnull(norprog_code_text(-1000));
	ck_assert_ptr_nonnull(norprog_code_name(-1000));
}
END_TEST

/* Nothing may crash on what is not there. */
START_TEST(test_nulls)
{
	norprog_job *job;

	ck_assert_int_eq(norprog_new(NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_open(NULL, "sim"), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_job_run(NULL, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_error(NULL)->code, NORPROG_E_USAGE);
	norprog_free(NULL);
	norprog_stop(NULL);
	norprog_stop_clear(NULL);
	norprog_job_free(NULL);
	norprog_layout_free(NULL);
	norprog_image_free(NULL);
	ck_assert_ptr_null(norprog_chip(NULL));
	ck_assert_ptr_null(norprog_layout_info(NULL));
	ck_assert_ptr_null(norprog_layout_region(NULL, 0));
	ck_assert_ptr_null(norprog_image_info(NULL));
	ck_assert_ptr_null(norprog_image_field(NULL, 0));
	ck_assert_ptr_null(norprog_job_plan_of(NULL));
	ck_assert_ptr_null(norprog_job_step(NULL, 0));
	ck_assert_ptr_null(norprog_job_verdict(NULL, 0));
	must_fail(&scene, norprog_read(scene.np, 0, NULL, 1, 1), NORPROG_E_USAGE, "");
	must_fail(&scene, norprog_job_new(scene.np, NORPROG_READ, NULL), NORPROG_E_USAGE, "");
	must_fail(&scene, norprog_job_new(scene.np, (enum norprog_operation)99, &job),
	          NORPROG_E_USAGE, "");
	must_fail(&scene, norprog_programmers(scene.np, NULL, NULL), NORPROG_E_USAGE, "");
	must_fail(&scene, norprog_image_copy(scene.np, NULL, 4, NULL), NORPROG_E_USAGE, "");
	must_fail(&scene, norprog_set(scene.np, (enum norprog_option)99, "x"), NORPROG_E_USAGE, "");
	must_fail(&scene, norprog_set(scene.np, NORPROG_CLOCK, "fast"), NORPROG_E_USAGE, "");
	must_fail(&scene, norprog_set(scene.np, NORPROG_LAYOUT, "no-such"), NORPROG_E_INPUT, "");
}
END_TEST

START_TEST(test_order)
{
	norprog_job *job;

	must_pass(&scene, norprog_close(scene.np));
	must_pass(&scene, norprog_close(scene.np));
	ck_assert_ptr_null(norprog_chip(scene.np));
	must_fail(&scene, norprog_detect(scene.np, NULL), NORPROG_E_NO_PROGRAMMER, "");
	must_pass(&scene, norprog_job_new(scene.np, NORPROG_ERASE, &job));
	must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_NO_PROGRAMMER, "");
	must_fail(&scene, norprog_open(scene.np, "nonesuch"), NORPROG_E_USAGE, "");
	must_pass(&scene, norprog_open(scene.np, "sim:chip=EN25Q64"));
	must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_NO_CHIP, "");
	must_pass(&scene, norprog_detect(scene.np, NULL));
	ck_assert_str_eq(norprog_chip(scene.np)->jedec_id, "1c3017");
	norprog_job_free(job);
}
END_TEST

START_TEST(test_chip)
{
	const struct norprog_chip *chip = norprog_chip(scene.np);
	unsigned agreed = 0;

	ck_assert_str_eq(chip->name, "W25Q64FV");
	ck_assert_str_eq(chip->maker, "Winbond");
	ck_assert_str_eq(chip->jedec_id, "ef4017");
	ck_assert_uint_eq(chip->erase[0], 4096);
	ck_assert_str_ne(chip->unique_id, "");
	must_pass(&scene, norprog_contact(scene.np, 100, &agreed));
	ck_assert_uint_eq(agreed, 100);
	must_fail(&scene, norprog_contact(scene.np, 0, &agreed), NORPROG_E_USAGE, "");
	must_pass(&scene, norprog_set(scene.np, NORPROG_CHIP, "EN25Q64"));
	must_fail(&scene, norprog_detect(scene.np, NULL), NORPROG_E_CHIP_MISMATCH, "");
	ck_assert_ptr_null(norprog_chip(scene.np));
	must_pass(&scene, norprog_set(scene.np, NORPROG_CHIP, NULL));
	must_pass(&scene, norprog_set(scene.np, NORPROG_CLOCK, "2M"));
	must_pass(&scene, norprog_detect(scene.np, NULL));
	ck_assert_uint_eq(norprog_chip(scene.np)->hz, 2000000);
}
END_TEST

/* A good clip, a bad one, and none at all; afterwards the handle is as new. */
START_TEST(test_doctor)
{
	const struct norprog_diagnosis *d = NULL;
	char spec[256];

	snprintf(spec, sizeof(spec), "sim:chip=W25Q64FV,file=%s", scene.chip_file);
	must_pass(&scene, norprog_doctor(scene.np, spec, &d));
	ck_assert_str_eq(d->verdict, "ok");
	ck_assert_int_eq(d->code, 0);
	ck_assert_uint_ge(d->check_count, 5);
	ck_assert_str_eq(d->checks[0].name, "programmer");
	ck_assert_str_ne(d->wiring, "");
	ck_assert_ptr_null(norprog_chip(scene.np));
	must_pass(&scene, norprog_doctor(scene.np, "sim:chip=W25Q64FV,fault=miso=high", &d));
	ck_assert_str_eq(d->verdict, "no-answer-high");
	ck_assert_int_eq(d->code, NORPROG_E_UNSTABLE);
	ck_assert_str_ne(d->action, "");
	must_pass(&scene, norprog_doctor(scene.np, "serprog:dev=/dev/norprog-is-not-there", &d));
	ck_assert_str_eq(d->verdict, "programmer");
	ck_assert_int_eq(d->code, NORPROG_E_NO_PROGRAMMER);
	must_fail(&scene, norprog_doctor(scene.np, "nonesuch", &d), NORPROG_E_USAGE, "");
	ck_assert_ptr_null(d);
	must_pass(&scene, norprog_open(scene.np, spec));
	must_pass(&scene, norprog_detect(scene.np, NULL));
}
END_TEST

START_TEST(test_protection)
{
	const struct norprog_protection *p = NULL;
	uint8_t bytes[4096] = {0};
	norprog_job *job;

	must_pass(&scene, norprog_protection(scene.np, &p));
	ck_assert(p->known && !p->range_count);
	must_pass(&scene, norprog_protect(scene.np, "0+128K"));
	must_pass(&scene, norprog_protection(scene.np, &p));
	ck_assert_uint_eq(p->range_count, 1);
	ck_assert_uint_eq(p->ranges[0].start, 0);
	ck_assert_uint_eq(p->ranges[0].len, 128 << 10);
	must_fail(&scene, norprog_protect(scene.np, "0x1000+3"), NORPROG_E_RANGE, "");
	/* A job lifts it and puts it back. */
	must_pass(&scene, norprog_job_new(scene.np, NORPROG_WRITE, &job));
	must_pass(&scene, norprog_job_bytes(job, bytes, sizeof(bytes)));
	must_pass(&scene, norprog_job_set(job, NORPROG_JOB_AT, "0x1000"));
	must_pass(&scene, norprog_job_run(job, NULL));
	norprog_job_free(job);
	must_pass(&scene, norprog_protection(scene.np, &p));
	ck_assert_uint_eq(p->range_count, 1);
	must_pass(&scene, norprog_protect(scene.np, NULL));
	must_pass(&scene, norprog_protection(scene.np, &p));
	ck_assert_uint_eq(p->range_count, 0);
}
END_TEST

static void count_part(void *ctx, const struct norprog_part *part)
{
	ck_assert(part->name[0] && part->jedec_id[0] && part->size);
	*(unsigned *)ctx += strcmp(part->name, "W25Q64FV") == 0;
}

START_TEST(test_parts)
{
	unsigned found = 0;

	ck_assert_int_eq(norprog_parts(count_part, &found), 0);
	ck_assert_uint_eq(found, 1);
	ck_assert_int_eq(norprog_parts(NULL, NULL), NORPROG_E_USAGE);
}
END_TEST

static int busy_inside;

static void call_back(void *ctx, const struct norprog_event *event)
{
	(void)event;
	busy_inside = norprog_detect(ctx, NULL);
}

/* One thing at a time: a callback cannot start another. */
START_TEST(test_busy)
{
	uint8_t bytes[16];

	must_pass(&scene, norprog_set_events(scene.np, call_back, scene.np));
	must_pass(&scene, norprog_read(scene.np, 0, bytes, sizeof(bytes), 1));
	ck_assert_int_eq(busy_inside, NORPROG_E_BUSY);
	ck_assert(memcmp(bytes, mine, sizeof(bytes)) == 0);
}
END_TEST

START_TEST(test_stop)
{
	uint8_t bytes[16];

	/* One that met nothing stops the next thing, once; what is not work leaves it alone. */
	norprog_stop(scene.np);
	must_pass(&scene, norprog_set(scene.np, NORPROG_CHIP, NULL));
	must_fail(&scene, norprog_read(scene.np, 0, bytes, 16, 1), NORPROG_E_INTERRUPTED, "");
	must_pass(&scene, norprog_read(scene.np, 0, bytes, 16, 1));
	norprog_stop(scene.np);
	norprog_stop_clear(scene.np);
	must_pass(&scene, norprog_read(scene.np, 0, bytes, 16, 1));
}
END_TEST

/* ---- reading ---- */

START_TEST(test_read)
{
	uint8_t *bytes = malloc(SIZE);

	must_pass(&scene, norprog_read(scene.np, 0, bytes, SIZE, 2));
	ck_assert(memcmp(bytes, mine, SIZE) == 0);
	must_pass(&scene, norprog_read(scene.np, 0x12345, bytes, 777, 1));
	ck_assert(memcmp(bytes, mine + 0x12345, 777) == 0);
	must_fail(&scene, norprog_read(scene.np, SIZE - 4, bytes, 5, 1), NORPROG_E_RANGE, "");
	must_fail(&scene, norprog_read(scene.np, UINT64_MAX, bytes, 5, 1), NORPROG_E_RANGE, "");
	must_fail(&scene, norprog_read(scene.np, 0, bytes, 5, 6), NORPROG_E_USAGE, "");
	free(bytes);
}
END_TEST

static void newest(void *ctx, const struct norprog_backup *backup)
{
	char *path = ctx;

	ck_assert(backup->this_chip);
	if (!path[0])
		snprintf(path, 4096, "%s %d %s", backup->path, backup->whole, backup->operation);
}

START_TEST(test_backup_and_verify)
{
	const struct norprog_result *result = NULL;
	norprog_job *job, *verify;
	char found[4096] = "", expected[4096];

	must_pass(&scene, norprog_backups(scene.np, newest, found));
	ck_assert_str_eq(found, "");
	must_pass(&scene, norprog_job_new(scene.np, NORPROG_READ, &job));
	must_pass(&scene, norprog_job_run(job, &result));
	ck_assert_uint_eq(result->file_bytes, SIZE);
	ck_assert_uint_eq(result->passes, 2);
	ck_assert_uint_eq(strlen(result->sha256), 64);
	snprintf(expected, sizeof(expected), "%s 1 read", result->file);
	must_pass(&scene, norprog_backups(scene.np, newest, found));
	ck_assert_str_eq(found, expected);

	must_pass(&scene, norprog_job_new(scene.np, NORPROG_VERIFY, &verify));
	must_pass(&scene, norprog_job_file(verify, result->file));
	norprog_job_free(job);
	must_pass(&scene, norprog_job_run(verify, &result));
	ck_assert_uint_eq(result->verified_bytes, SIZE);
	mine[0x5000] ^= 1;
	must_pass(&scene, norprog_job_bytes(verify, mine, SIZE));
	must_fail(&scene, norprog_job_run(verify, &result), NORPROG_E_VERIFY, "");
	ck_assert_uint_eq(result->first, 0x5000);
	ck_assert_int_eq(result->image_byte, mine[0x5000]);
	must_pass(&scene, norprog_job_keep(verify, "0x5000+1"));
	must_pass(&scene, norprog_job_run(verify, &result));
	norprog_job_free(verify);
}
END_TEST

static void count(void *ctx, const struct norprog_backup *backup)
{
	ck_assert_str_eq(backup->operation, "read");
	++*(unsigned *)ctx;
}

START_TEST(test_backups_are_checked_and_thinned_out)
{
	const struct norprog_result *result = NULL;
	char path[4096] = "";
	unsigned gone = 0;
	norprog_job *job;
	FILE *file;

	must_pass(&scene, norprog_job_new(scene.np, NORPROG_READ, &job));
	for (int i = 0; i < 3; i++)
		must_pass(&scene, norprog_job_run(job, &result));
	snprintf(path, sizeof(path), "%s", result->file);
	norprog_job_free(job);
	must_pass(&scene, norprog_backup_verify(scene.np, path));
	must_fail(&scene, norprog_backup_verify(scene.np, "nothing"), NORPROG_E_INPUT, "");
	must_fail(&scene, norprog_backup_verify(scene.np, NULL), NORPROG_E_USAGE, "");

	must_fail(&scene, norprog_backups_prune(scene.np, 0, 0, count, &gone), NORPROG_E_USAGE, "");
	must_pass(&scene, norprog_backups_prune(scene.np, 1, 1, count, &gone));
	must_pass(&scene, norprog_backups_prune(scene.np, 3, 0, NULL, NULL));
	ck_assert_uint_eq(gone, 2);
	file = fopen(path, "r+");
	fputc(mine[0] ^ 1, file);
	fclose(file);
	must_fail(&scene, norprog_backup_verify(scene.np, path), NORPROG_E_INPUT, "");
	/* the newest is damaged and stays, beside the newest that is sound */
	gone = 0;
	must_pass(&scene, norprog_backups_prune(scene.np, 1, 0, count, &gone));
	ck_assert_uint_eq(gone, 1);
}
END_TEST

START_TEST(test_read_a_region)
{
	const struct norprog_result *result = NULL;
	norprog_image *image;
	norprog_job *job;
	char path[128];

	snprintf(path, sizeof(path), "%s/radio.bin", scene.dir);
	must_pass(&scene, norprog_job_new(scene.np, NORPROG_READ, &job));
	must_pass(&scene, norprog_job_only(job, "radio"));
	must_pass(&scene, norprog_job_set(job, NORPROG_JOB_OUTPUT, path));
	must_pass(&scene, norprog_job_run(job, &result));
	ck_assert_uint_eq(result->file_bytes, 0x10000);
	must_pass(&scene, norprog_image_open(scene.np, path, &image));
	ck_assert(memcmp(norprog_image_info(image)->data, mine + CAL_2G_AT, 0x10000) == 0);
	norprog_image_free(image);
	/* Nothing is ever overwritten. */
	must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_OUTPUT, "");
	must_fail(&scene, norprog_job_plan(job, NULL), NORPROG_E_USAGE, "");
	must_fail(&scene, norprog_job_set(job, NORPROG_JOB_FIELD, "mac=1"), NORPROG_E_USAGE, "");
	must_fail(&scene, norprog_job_file(job, path), NORPROG_E_USAGE, "");
	must_fail(&scene, norprog_job_set(job, NORPROG_JOB_PASSES, "6"), NORPROG_E_USAGE, "");
	norprog_job_free(job);
}
END_TEST

static void open_with_fault(const char *fault)
{
	char spec[256];

	snprintf(spec, sizeof(spec), "sim:chip=W25Q64FV,file=%s,fault=%s", scene.chip_file, fault);
	must_pass(&scene, norprog_set(scene.np, NORPROG_CLOCK, "10M"));
	must_pass(&scene, norprog_open(scene.np, spec));
	must_pass(&scene, norprog_detect(scene.np, NULL));
}

/* A page that never reads twice alike: no backup, and no erase that relies on it. */
START_TEST(test_unstable)
{
	const struct norprog_result *result = NULL;
	uint8_t page[256], *after;
	norprog_job *job;
	char path[128];

	open_with_fault("weak-page=0x1000");
	must_fail(&scene, norprog_read(scene.np, 0x1000, page, 256, 2), NORPROG_E_UNSTABLE, "");
	must_pass(&scene, norprog_read(scene.np, 0x2000, page, 256, 2));
	snprintf(path, sizeof(path), "%s/dump.bin", scene.dir);
	must_pass(&scene, norprog_job_new(scene.np, NORPROG_READ, &job));
	must_fail(&scene, norprog_job_run(job, &result), NORPROG_E_UNSTABLE, "");
	ck_assert_uint_eq(scene_files(&scene, "backups"), 0);
	must_pass(&scene, norprog_job_set(job, NORPROG_JOB_OUTPUT, path));
	must_fail(&scene, norprog_job_run(job, &result), NORPROG_E_UNSTABLE, "");
	ck_assert_str_eq(strrchr(result->file, '/'), "/dump.bin.unstable");
	norprog_job_free(job);
	must_pass(&scene, norprog_job_new(scene.np, NORPROG_ERASE, &job));
	must_pass(&scene, norprog_job_only(job, "0x1000+4K"));
	must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_UNSTABLE, "");
	norprog_job_free(job);
	after = scene_chip(&scene);
	ck_assert(memcmp(after, mine, SIZE) == 0);
	free(after);
}
END_TEST

/* The adapter fails in the middle of a write: the error says so, and the job can be resumed. */
START_TEST(test_bus_failure)
{
	uint8_t *stock = dump_of("mr200", 7, 42), *after;
	const struct norprog_plan *plan = NULL;
	struct norprog_plan shown;
	char spec[256];
	norprog_job *job;

	open_with_fault("fail-msg=20000");
	must_pass(&scene, norprog_job_new(scene.np, NORPROG_WRITE, &job));
	must_pass(&scene, norprog_job_bytes(job, stock, SIZE));
	must_pass(&scene, norprog_job_keep(job, "unit"));
	must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_BUS, "");
	ck_assert_str_ne(norprog_error(scene.np)->hint, "");
	norprog_job_free(job);
	snprintf(spec, sizeof(spec), "sim:chip=W25Q64FV,file=%s", scene.chip_file);
	must_pass(&scene, norprog_open(scene.np, spec));
	must_pass(&scene, norprog_detect(scene.np, NULL));
	must_pass(&scene, norprog_job_new(scene.np, NORPROG_RESUME, &job));
	/* What is to be done can be seen first, and is what is done. */
	must_pass(&scene, norprog_job_plan(job, &plan));
	ck_assert(plan->steps && plan->erase_bytes && plan->duration_us &&
	          norprog_job_step(job, 0));
	shown = *plan;
	must_pass(&scene, norprog_job_run(job, NULL));
	plan = norprog_job_plan_of(job);
	ck_assert(plan->steps == shown.steps && plan->erase_bytes == shown.erase_bytes &&
	          plan->program_bytes == shown.program_bytes);
	norprog_job_free(job);
	after = scene_chip(&scene);
	ck_assert(memcmp(after, stock, 0x7d0000) == 0);
	ck_assert(memcmp(after + 0x7d0000, mine + 0x7d0000, 0x10000) == 0);
	free(after);
	free(stock);
}
END_TEST

/* ---- layouts, devices, images ---- */

START_TEST(test_layout)
{
	const struct norprog_region *region;
	norprog_layout *layout;
	size_t count = 0, units = 0;

	must_fail(&scene, norprog_layout_load(scene.np, "no-such", &layout), NORPROG_E_INPUT, "");
	ck_assert_ptr_null(layout);
	must_pass(&scene, norprog_layout_load(scene.np, "Archer MR200 v1", &layout));
	ck_assert_str_eq(norprog_layout_info(layout)->name, "tplink-mr200-v1");
	ck_assert(norprog_layout_info(layout)->profile);
	for (; (region = norprog_layout_region(layout, count)) != NULL; count++)
		units += region->unit != 0;
	ck_assert_uint_eq(count, 5);
	ck_assert_uint_eq(units, 2);
	norprog_layout_free(layout);
	for (count = 0; norprog_layout_name(count); count++) {
		must_pass(&scene,
		          norprog_layout_load(scene.np, norprog_layout_name(count), &layout));
		norprog_layout_free(layout);
	}
	ck_assert_uint_gt(count, 50);
}
END_TEST

START_TEST(test_recognise)
{
	const struct norprog_device *device = NULL;

	ck_assert_ptr_null(norprog_layout_in_force(scene.np));
	must_pass(&scene, norprog_recognise(scene.np, &device));
	ck_assert_str_eq(device->name, "tplink-mr200-v1");
	ck_assert_str_ne(device->why, "");
	ck_assert_str_eq(norprog_layout_info(norprog_layout_in_force(scene.np))->name,
	                 "tplink-mr200-v1");
	must_pass(&scene, norprog_protect(scene.np, "u-boot"));
	must_pass(&scene, norprog_protect(scene.np, NULL));
	/* One that does not fit is refused, and what was in force stays. */
	must_fail(&scene, norprog_set(scene.np, NORPROG_LAYOUT, "tplink-mr500-v1"), NORPROG_E_SIZE,
	          "");
	ck_assert_ptr_nonnull(norprog_layout_in_force(scene.np));
	/* Somebody else's wish is not overruled. */
	must_pass(&scene, norprog_set(scene.np, NORPROG_LAYOUT, "tplink-archer-c2-v1"));
	must_pass(&scene, norprog_recognise(scene.np, &device));
	ck_assert_str_eq(device->name, "tplink-mr200-v1");
	ck_assert_str_eq(norprog_layout_info(norprog_layout_in_force(scene.np))->name,
	                 "tplink-archer-c2-v1");
	must_pass(&scene, norprog_open(scene.np, "sim:chip=W25Q64FV"));
	must_pass(&scene, norprog_detect(scene.np, NULL));
	must_pass(&scene, norprog_set(scene.np, NORPROG_LAYOUT, NULL));
	must_pass(&scene, norprog_recognise(scene.np, &device));
	ck_assert_str_eq(device->name, "");
	ck_assert_ptr_null(norprog_layout_in_force(scene.np));
}
END_TEST

static const struct norprog_field *field(const norprog_image *image, const char *name)
{
	const struct norprog_field *one;

	for (size_t i = 0; (one = norprog_image_field(image, i)) != NULL; i++)
		if (strcmp(one->name, name) == 0)
			return one;
	return NULL;
}

static void sum_unit(void *ctx, const struct norprog_difference *difference)
{
	*(uint64_t *)ctx += difference->unit ? difference->bytes : 0;
}

START_TEST(test_image)
{
	norprog_image *image, *other;
	uint64_t bytes = 0, unit = 0;
	char path[128];

	scene_file(&scene, "dump.bin", mine, SIZE, path);
	must_pass(&scene, norprog_image_open(scene.np, path, &image));
	ck_assert_str_eq(norprog_image_info(image)->kind, "full-dump");
	ck_assert_str_eq(norprog_image_info(image)->profile, "tplink-mr200-v1");
	ck_assert_str_eq(field(image, "mac")->value, "50:c7:bf:10:07:07");
	ck_assert_int_eq(field(image, "mac")->state, NORPROG_FIELD_GOOD);
	must_pass(&scene, norprog_image_copy(scene.np, mine, SIZE, &other));
	must_fail(&scene, norprog_image_set_field(scene.np, other, "mac=01:00:00:00:00:00"),
	          NORPROG_E_USAGE, "");
	must_fail(&scene, norprog_image_set_field(scene.np, other, "colour=red"), NORPROG_E_USAGE,
	          "");
	must_pass(&scene, norprog_image_set_field(scene.np, other, "mac=50:c7:bf:10:07:99"));
	ck_assert_str_eq(field(other, "mac")->value, "50:c7:bf:10:07:99");
	must_pass(&scene, norprog_image_compare(scene.np, image, other, sum_unit, &unit, &bytes));
	ck_assert_uint_eq(bytes, 1);
	ck_assert_uint_eq(unit, 1);
	must_fail(&scene, norprog_image_save(scene.np, other, NULL, path), NORPROG_E_OUTPUT, "");
	snprintf(path, sizeof(path), "%s/rom.bin", scene.dir);
	must_pass(&scene, norprog_image_save(scene.np, other, "rom", path));
	norprog_image_free(image);
	must_pass(&scene, norprog_image_open(scene.np, path, &image));
	ck_assert_uint_eq(norprog_image_info(image)->len, 0x10000);
	must_fail(&scene, norprog_image_set_field(scene.np, image, "mac=50:c7:bf:10:07:99"),
	          NORPROG_E_INPUT, "");
	must_fail(&scene, norprog_image_set_layout(scene.np, image, "tplink-mr200-v1"),
	          NORPROG_E_SIZE, "");
	norprog_image_free(image);
	norprog_image_free(other);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("objects");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_version);
	tcase_add_test(tc, test_codes);
	tcase_add_test(tc, test_nulls);
	tcase_add_test(tc, test_order);
	tcase_add_test(tc, test_chip);
	tcase_add_test(tc, test_doctor);
	tcase_add_test(tc, test_protection);
	tcase_add_test(tc, test_parts);
	tcase_add_test(tc, test_busy);
	tcase_add_test(tc, test_stop);
	tcase_add_test(tc, test_read);
	tcase_add_test(tc, test_backup_and_verify);
	tcase_add_test(tc, test_backups_are_checked_and_thinned_out);
	tcase_add_test(tc, test_read_a_region);
	tcase_add_test(tc, test_unstable);
	tcase_add_test(tc, test_bus_failure);
	tcase_add_test(tc, test_layout);
	tcase_add_test(tc, test_recognise);
	tcase_add_test(tc, test_image);
	suite_add_tcase(suite, tc);
	return scene_run(suite);
}
