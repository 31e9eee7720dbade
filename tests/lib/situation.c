/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "situation.h"
#include "images.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HERE    0x100000u
#define BLOCK   0x10000u
#define PLAIN   "MX25L6433F" /* has no unique ID */
#define TRAILER " time=page:700,sr:10000,4k:45,64k:150,chip:20000"

/* ---- jobs ---- */

static void job(struct situation *s, enum norprog_operation operation)
{
	norprog_job_free(s->job);
	must_pass(&s->scene, norprog_job_new(s->scene.np, operation, &s->job));
}

static void on(struct situation *s, enum norprog_setting setting, const char *value)
{
	must_pass(&s->scene, norprog_job_set(s->job, setting, value));
}

static void erase_here(struct situation *s, const char *where)
{
	job(s, NORPROG_ERASE);
	must_pass(&s->scene, norprog_job_only(s->job, where));
}

static void run(struct situation *s)
{
	must_pass(&s->scene, norprog_job_run(s->job, NULL));
}

static void write_bytes(struct situation *s, const uint8_t *image, size_t len)
{
	job(s, NORPROG_WRITE);
	must_pass(&s->scene, norprog_job_bytes(s->job, image, len));
}

static void use_file(struct situation *s, enum norprog_operation operation, const char *path)
{
	job(s, operation);
	must_pass(&s->scene, norprog_job_file(s->job, path));
}

static void write_file_here(struct situation *s, const void *data, size_t len)
{
	char path[128];

	scene_file(&s->scene, "file", data, len, path);
	use_file(s, NORPROG_WRITE, path);
	on(s, NORPROG_JOB_AT, "0x100000");
}

/* A unit of a known device is on the clip. */
static uint8_t *begin_unit(struct situation *s, const char *part)
{
	uint8_t *image = dump_of("mr200", 7, 7);

	scene_open_part(&s->scene, part, SIZE, image);
	return image;
}

static void begin_known(struct situation *s)
{
	free(begin_unit(s, "W25Q64FV"));
}

static void parts_file(struct situation *s, const char *row, char *part, size_t room)
{
	char path[128], name[16];

	scene_file(&s->scene, "parts.txt", row, strlen(row), path);
	ck_assert_int_eq(sscanf(row, "part %15s", name), 1);
	snprintf(part, room, "%s,parts=%s", name, path);
}

/* ---- the chip ---- */

static void host_flash(struct situation *s)
{
	uint8_t *image = dump_of("mr200", 7, 7);

	scene_open_part(&s->scene, s->harmless ? "W25Q64FV" : "W25Q64FV,host=1", SIZE, image);
	erase_here(s, "0x100000+64K");
	free(image);
}

static void size_override(struct situation *s)
{
	begin_known(s);
	must_pass(&s->scene, norprog_set(s->scene.np, NORPROG_SIZE, s->harmless ? NULL : "4M"));
	must_pass(&s->scene, norprog_detect(s->scene.np, NULL));
	erase_here(s, "0x100000+64K");
}

/* Neither tables nor SFDP know the part; or a file of one's own describes it. */
static void erase_unknown(struct situation *s)
{
	static const char row[] = "part ODD id=123456 size=8M dev=16 erase=20:4K,D8:64K,C7:chip "
				  "sr1=FC wr=sr1" TRAILER "\n";
	static const char own[] = "[chip ODD-1]\nid = 12 34 56\nsize = 8M\npage = 256\n"
				  "erase = 4K 20 45 400, 64K D8 150 2000\nsupply_mv = 2700 3600\n";
	char part[256], path[128];

	scene_prepare(&s->scene, NULL, SIZE);
	parts_file(s, row, part, sizeof(part));
	scene_file(&s->scene, "own.chips", own, strlen(own), path);
	if (s->harmless)
		must_pass(&s->scene, norprog_set(s->scene.np, NORPROG_CHIPS_FILE, path));
	else
		must_pass(&s->scene, norprog_set(s->scene.np, NORPROG_SIZE, "8M"));
	scene_detect(&s->scene, part);
	write_bytes(s, (const uint8_t *)"abcd", 4);
	on(s, NORPROG_JOB_AT, "0x100000");
}

/* A W25Q64FV by its ID, and 2 MiB by its SFDP; it is blank, which settles nothing. */
static void size_contradiction(struct situation *s)
{
	static const char row[] =
		"part CLONE id=EF4017 size=8M dev=16 erase=20:4K,52:32K,D8:64K,C7:chip sr1=FC "
		"sr2=43 wr=sr1,sr2 has=sr2,vol50,reset" TRAILER
		" bfpt=0@80:FFF120E5,00FFFFFF,6B08EB44,BB423B08,FFFFFFFE,0000FFFF,EB40FFFF,"
		"520F200C,0000D810\n";
	char part[256];

	scene_prepare(&s->scene, NULL, SIZE);
	parts_file(s, row, part, sizeof(part));
	if (s->harmless)
		must_pass(&s->scene, norprog_set(s->scene.np, NORPROG_SIZE, "8M"));
	scene_detect(&s->scene, part);
	write_bytes(s, (const uint8_t *)"abcd", 4);
	on(s, NORPROG_JOB_AT, "0x100000");
}

static void supply(struct situation *s)
{
	free(begin_unit(s, s->harmless ? "W25Q64FV" : "W25Q64FW"));
	erase_here(s, "0x100000+64K");
}

static void bad_read(struct situation *s)
{
	uint8_t *image = dump_of("mr200", 7, 7);

	for (size_t i = 0; i < SIZE && !s->harmless; i++)
		image[i] |= 0x10;
	scene_open(&s->scene, image);
	memset(image + HERE, 0, 256);
	write_bytes(s, image, SIZE);
	free(image);
}

/* ---- the file ---- */

static void packed_file(struct situation *s)
{
	char archive[4096] = "\x52\x61\x72!\x1a\x07\1";

	if (s->harmless)
		archive[0] = 'r';
	begin_known(s);
	write_file_here(s, archive, sizeof(archive));
}

static void foreign_file(struct situation *s)
{
	const char *text = s->harmless ? "bootdelay=3\nbootcmd=run boot_flash\n"
	                               : "<!DOCTYPE html><html><body>404 Not Found</body></html>";

	begin_known(s);
	write_file_here(s, text, strlen(text));
}

static void swapped_dump(struct situation *s)
{
	uint8_t *image = begin_unit(s, "W25Q64FV");

	memcpy(image + 0x200, s->harmless ? "U-Boot 1.1.4 (May)" : "-UoBto1 1.4. M(ya )", 18);
	memset(image + 0x1000, 0, 16);
	write_file_here(s, image, 0x20000);
	free(image);
}

static void capsule(struct situation *s)
{
	uint8_t head[] = {0xbd, 0x86, 0x66, 0x3b, 0x76, 0x0d, 0x30, 0x40, 0xb7, 0x0e,
	                  0xb5, 0x51, 0x9e, 0x2f, 0xc5, 0xa0, 0,    0x10, 0,    0,
	                  0,    0,    0,    0,    0,    0x10, 2,    0};
	uint8_t *image = begin_unit(s, "W25Q64FV");

	memset(image, 0, 0x1000);
	head[0] ^= s->harmless;
	memcpy(image, head, sizeof(head));
	write_file_here(s, image, 0x21000);
	free(image);
}

static void damaged_file(struct situation *s)
{
	size_t len;
	uint8_t *image = kernel(&len);

	image[len - 1] ^= !s->harmless;
	begin_known(s);
	write_file_here(s, image, len);
	free(image);
}

static void file_size(struct situation *s)
{
	uint8_t *image = begin_unit(s, "W25Q64FV");

	image[HERE] ^= 0xff;
	write_bytes(s, image, s->harmless ? SIZE : SIZE - 1);
	free(image);
}

/* ---- the manifest of the file ---- */

/* Read `only` (NULL: all) into a file, whose path is returned. */
static const char *read_to_file(struct situation *s, const char *only, const char *passes)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/read.bin", s->scene.dir);
	job(s, NORPROG_READ);
	if (only)
		must_pass(&s->scene, norprog_job_only(s->job, only));
	on(s, NORPROG_JOB_OUTPUT, path);
	on(s, NORPROG_JOB_PASSES, passes);
	run(s);
	return path;
}

/* Write `to` over what stands behind the first `key` in the file, or at `at` without one. */
static void change_file(const char *path, const char *key, long at, const char *to)
{
	FILE *file = fopen(path, "r+b");
	char text[8192];
	const char *found;

	ck_assert_ptr_nonnull(file);
	if (key) {
		text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
		found = strstr(text, key);
		ck_assert_ptr_nonnull(found);
		at = (long)(found - text) + (long)strlen(key);
	}
	ck_assert_int_eq(fseek(file, at, SEEK_SET), 0);
	ck_assert_int_ge(fputs(to, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

/* Read all, erase a block, and put it back from the file; its manifest says `to` as `key`. */
static void put_back(struct situation *s, const char *passes, const char *key, const char *to)
{
	const char *path = read_to_file(s, NULL, passes);
	char manifest[140];

	snprintf(manifest, sizeof(manifest), "%s.json", path);
	if (key && !s->harmless)
		change_file(manifest, key, 0, to);
	erase_here(s, "0x100000+64K");
	run(s);
	use_file(s, NORPROG_RESTORE, path);
	must_pass(&s->scene, norprog_job_only(s->job, "0x100000+64K"));
}

static void changed_file(struct situation *s)
{
	char path[128];

	begin_known(s);
	put_back(s, "2", NULL, NULL);
	snprintf(path, sizeof(path), "%s/read.bin", s->scene.dir);
	if (!s->harmless)
		change_file(path, NULL, HERE, "changed");
}

static void other_type(struct situation *s)
{
	begin_known(s);
	put_back(s, "2", "\"jedec_id\": \"", "c22017");
}

static void other_unit(struct situation *s)
{
	begin_known(s);
	put_back(s, "2", "\"uid\": \"", "0011223344556677");
}

static void one_read(struct situation *s)
{
	begin_known(s);
	put_back(s, s->harmless ? "2" : "1", NULL, NULL);
}

/* Both halves are alike, as they are where the highest address line is open. */
static void suspicious_file(struct situation *s)
{
	uint8_t *image = stranger(3, 0);

	memcpy(image + SIZE / 2, image, SIZE / 2);
	image[SIZE - 1] ^= s->harmless;
	scene_open(&s->scene, image);
	put_back(s, "2", NULL, NULL);
	free(image);
}

/* FFh but for some blocks of 64 KiB. */
static uint8_t *blank_but(unsigned blocks)
{
	uint8_t *image = stranger(9, 0);

	memset(image, 0xff, HERE);
	memset(image + HERE + blocks * BLOCK, 0xff, SIZE - HERE - blocks * BLOCK);
	return image;
}

/* The backup of a job with a base holds what was never read. */
static void unsure_bytes(struct situation *s)
{
	uint8_t *image = blank_but(1);
	const struct norprog_result *result = NULL;
	char path[256];

	scene_open(&s->scene, NULL);
	write_bytes(s, image, SIZE);
	if (!s->harmless)
		on(s, NORPROG_JOB_BASE, "blank");
	must_pass(&s->scene, norprog_job_run(s->job, &result));
	snprintf(path, sizeof(path), "%s", result->backup);
	use_file(s, NORPROG_RESTORE, path);
	free(image);
}

static void moved_bytes(struct situation *s)
{
	const char *path;

	begin_known(s);
	path = read_to_file(s, "0x110000+64K", "2");
	use_file(s, NORPROG_WRITE, path);
	must_pass(&s->scene,
	          norprog_job_only(s->job, s->harmless ? "0x110000+64K" : "0x100000+64K"));
}

/* ---- unfinished jobs ---- */

static void state_folder(struct situation *s)
{
	char path[128];

	begin_known(s);
	scene_file(&s->scene, "plain", "x", 1, path);
	if (!s->harmless)
		must_pass(&s->scene, norprog_set(s->scene.np, NORPROG_STATE_FOLDER, path));
	erase_here(s, "0x100000+64K");
}

/* Three blocks of 64 KiB are written, and the job is stopped behind the first. What the chip holds
 * then is returned. */
static uint8_t *cut_off(struct situation *s, const char *base)
{
	uint8_t *image = blank_but(3);

	if (base) {
		write_bytes(s, image, SIZE);
		on(s, NORPROG_JOB_BASE, base);
	} else {
		write_bytes(s, image + HERE, 3 * BLOCK);
		on(s, NORPROG_JOB_AT, "0x100000");
	}
	s->scene.stop_at_step = 1;
	must_fail(&s->scene, norprog_job_run(s->job, NULL), NORPROG_E_INTERRUPTED, NULL);
	s->scene.stop_at_step = 0;
	free(image);
	return scene_chip(&s->scene);
}

static void forget(struct situation *s)
{
	job(s, NORPROG_DISCARD);
	run(s);
}

static void unfinished_job(struct situation *s)
{
	begin_known(s);
	free(cut_off(s, NULL));
	if (s->harmless)
		forget(s);
	erase_here(s, "0x300000+64K");
}

/* A chip without a unique ID, taken to another programmer. */
static void orphan_job(struct situation *s)
{
	static const char row[] =
		"part ELSEWHERE id=C22017 size=8M dev=16 erase=20:4K,D8:64K,C7:chip "
		"sr1=FC wr=sr1" TRAILER "\n";
	uint8_t *held;
	char part[256];

	free(begin_unit(s, PLAIN));
	held = cut_off(s, NULL);
	parts_file(s, row, part, sizeof(part));
	scene_swap(&s->scene, part, held);
	if (s->harmless)
		forget(s);
	erase_here(s, "0x300000+64K");
	free(held);
}

static void cut_backup(struct situation *s)
{
	char folder[256], path[512];
	const struct dirent *entry;
	DIR *dir;

	snprintf(folder, sizeof(folder), "%s/backups", s->scene.state);
	dir = opendir(folder);
	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (strlen(path) > 4 && strcmp(path + strlen(path) - 4, ".bin") == 0)
			ck_assert_int_eq(truncate(path, 1), 0);
	}
	closedir(dir);
}

/* A job is cut off on a chip without a unique ID, and finished on one that differs in this range. */
static void resume_on(struct situation *s, size_t at, size_t len, int lose_backup)
{
	uint8_t *held, *other = stranger(77, 0);

	free(begin_unit(s, PLAIN));
	held = cut_off(s, NULL);
	if (lose_backup)
		cut_backup(s);
	if (!s->harmless)
		memcpy(held + at, other, len);
	scene_swap(&s->scene, PLAIN, held);
	job(s, NORPROG_RESUME);
	free(held);
	free(other);
}

/* It differs in two of the job's blocks, and only one can have been in work. */
static void other_chip(struct situation *s)
{
	resume_on(s, HERE + BLOCK, 2 * BLOCK, 0);
}

static void unproven_chip(struct situation *s)
{
	resume_on(s, 0x400000, 0x200000, 0);
}

/* Without the backup the job's blocks do not tell whether this is its chip. */
static void lost_file(struct situation *s)
{
	resume_on(s, 0x400000, 0x200000, 1);
}

static void base_assumed(struct situation *s)
{
	scene_open(&s->scene, NULL);
	free(cut_off(s, s->harmless ? NULL : "blank"));
	job(s, NORPROG_UNDO);
}

/* ---- whose flash ---- */

/* The header of an Archer C50 v4 beside that of the MR200. */
static void ambiguous_device(struct situation *s)
{
	uint8_t *image = dump_of("mr200", 7, 7);

	if (!s->harmless)
		memcpy(image + 0x50034, "\x9b\x58\x1d\0\x93\0\0\0", 8);
	scene_open(&s->scene, image);
	memset(image + HERE, 0, 256);
	write_bytes(s, image, SIZE);
	must_pass(&s->scene, norprog_job_keep(s->job, "nothing"));
	free(image);
}

/* The first half of an image for two chips begins with a flash descriptor, and only that. */
static void wrong_part(struct situation *s)
{
	uint8_t *mine = pc_flash(1, 0x300000), *both = malloc(2 * SIZE), *second = stranger(5, 0);
	char path[128];

	scene_open(&s->scene, mine);
	memcpy(both, mine, SIZE);
	memset(both + 0x500000, 0, 256);
	memcpy(both + SIZE, second, SIZE);
	scene_file(&s->scene, "both.bin", both, 2 * SIZE, path);
	use_file(s, NORPROG_WRITE, path);
	on(s, NORPROG_JOB_PART, s->harmless ? "1/2:8M+8M" : "2/2:8M+8M");
	must_pass(&s->scene, norprog_job_keep(s->job, "nothing"));
	free(mine);
	free(both);
	free(second);
}

/* Only the BIOS, in a file as long as the chip. */
static void missing_regions(struct situation *s)
{
	uint8_t *image = pc_flash(1, 0x300000);

	scene_open(&s->scene, image);
	memset(image + 0x500000, 0, 256);
	if (!s->harmless)
		memset(image, 0xff, 0x300000);
	write_bytes(s, image, SIZE);
	must_pass(&s->scene, norprog_job_keep(s->job, "nothing"));
	free(image);
}

static void other_map(struct situation *s)
{
	uint8_t *mine = pc_flash(1, 0x300000),
		*image = pc_flash(1, s->harmless ? 0x300000 : 0x400000);

	scene_open(&s->scene, mine);
	memset(image + 0x500000, 0, 256);
	write_bytes(s, image, SIZE);
	must_pass(&s->scene, norprog_job_keep(s->job, "nothing"));
	free(mine);
	free(image);
}

static void lost_value(struct situation *s)
{
	uint8_t *image = dump_of("mr200", 7, 7), *mine = dump_of("mr200", 7, 7);

	if (!s->harmless)
		memset(mine + CAL_5G_AT, 0xff, 0x8000);
	scene_open(&s->scene, mine);
	memset(image + HERE, 0, 256);
	write_bytes(s, image, SIZE);
	must_pass(&s->scene, norprog_job_keep(s->job, "radio"));
	free(image);
	free(mine);
}

/* clang-format off */
const struct situation_row situations[] = {
	{"host-flash", host_flash, NORPROG_E_POLICY, 0, {NULL}},
	{"size-override", size_override, NORPROG_E_POLICY, 0, {NULL}},
	{"erase-unknown", erase_unknown, NORPROG_E_UNKNOWN_CHIP, 0, {NULL}},
	{"size-contradiction", size_contradiction, NORPROG_E_POLICY, 0, {NULL}},
	{"supply", supply, NORPROG_E_VOLTAGE, 1, {NULL}},
	{"bad-read", bad_read, NORPROG_E_UNSTABLE, 1, {"unknown-device"}},
	{"packed-file", packed_file, NORPROG_E_POLICY, 1, {NULL}},
	{"foreign-file", foreign_file, NORPROG_E_POLICY, 1, {NULL}},
	{"swapped-dump", swapped_dump, NORPROG_E_POLICY, 1, {NULL}},
	{"capsule", capsule, NORPROG_E_POLICY, 1, {NULL}},
	{"damaged-file", damaged_file, 0, 0, {NULL}},
	{"file-size", file_size, NORPROG_E_SIZE, 0, {NULL}},
	{"changed-file", changed_file, NORPROG_E_POLICY, 1, {NULL}},
	{"moved-bytes", moved_bytes, 0, 0, {NULL}},
	{"other-type", other_type, NORPROG_E_POLICY, 1, {NULL}},
	{"other-unit", other_unit, NORPROG_E_POLICY, 1, {NULL}},
	{"suspicious-file", suspicious_file, NORPROG_E_POLICY, 1, {NULL}},
	{"unsure-bytes", unsure_bytes, NORPROG_E_POLICY, 1, {NULL}},
	{"one-read", one_read, 0, 0, {NULL}},
	{"state-folder", state_folder, NORPROG_E_OUTPUT, 0, {NULL}},
	{"unfinished-job", unfinished_job, NORPROG_E_JOURNAL, 0, {NULL}},
	{"orphan-job", orphan_job, NORPROG_E_JOURNAL, 0, {NULL}},
	{"lost-file", lost_file, NORPROG_E_POLICY, 1, {"other-chip", "unproven-chip"}},
	{"other-chip", other_chip, NORPROG_E_POLICY, 1, {NULL}},
	{"unproven-chip", unproven_chip, NORPROG_E_POLICY, 1, {NULL}},
	{"base-assumed", base_assumed, 0, 0, {NULL}},
	{"ambiguous-device", ambiguous_device, 0, 0, {NULL}},
	{"wrong-part", wrong_part, NORPROG_E_UNIT, 1, {NULL}},
	{"missing-regions", missing_regions, NORPROG_E_UNIT, 1, {NULL}},
	{"other-map", other_map, 0, 0, {NULL}},
	{"lost-value", lost_value, 0, 0, {NULL}},
	{NULL, NULL, 0, 0, {NULL}},
};
/* clang-format on */

void situation_end(struct situation *s)
{
	norprog_job_free(s->job);
	scene_close(&s->scene);
}
