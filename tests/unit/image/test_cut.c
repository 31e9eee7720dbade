/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that break off, at every length: nothing is read behind their end (each is a block of memory
 * of its own, for the sanitizers), and what is not all there is never called good.
 * covers: scan.c wrap.c open.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "device/identify.h"
#include "image/open.h"
#include "support/firmware.h"
#include "support/rig.h"
#include "support/pc.h"
#include "support/suite.h"

/* Every length near the beginning, where headers are; then about three hundred. */
static size_t next_len(size_t len, size_t all)
{
	if (len < 600 || all - len <= 64)
		return len + 1;
	return len + 1 + (size_t)rand() % (all / 300 + 1);
}

static void begin(void)
{
	unsigned seed = (unsigned)time(NULL);

	printf("seed %u\n", seed);
	fflush(stdout);
	srand(seed);
}

static uint8_t *copy(const uint8_t *from, size_t len)
{
	uint8_t *to = malloc(len);

	ck_assert_ptr_nonnull(to);
	memcpy(to, from, len);
	return to;
}

static void parts_are_inside(const uint8_t *data, size_t len, const char *what)
{
	struct image_report report;
	struct np_error err;

	ck_assert_int_eq(image_identify(data, len, &report, &err), 0);
	for (size_t i = 0; i < report.parts.count; i++) {
		const struct image_part *part = &report.parts.at[i];

		ck_assert_uint_lt(part->start, len);
		ck_assert_msg(part->check != CHECK_GOOD || part->truncated ||
		                      part->start + part->len <= len,
		              "%s of %zu bytes: %s is called good", what, len,
		              image_part_name(part->kind));
		ck_assert_msg(part->start + part->len <= len || part->truncated,
		              "%s of %zu bytes: %s is not called cut", what, len,
		              image_part_name(part->kind));
	}
	image_report_free(&report);
}

static void cut_everywhere(struct blob blob, const char *what)
{
	for (size_t len = 1; len < blob.len; len = next_len(len, blob.len)) {
		uint8_t *part = copy(blob.at, len);

		parts_are_inside(part, len, what);
		free(part);
	}
	parts_are_inside(blob.at, blob.len, what);
	free(blob.at);
}

START_TEST(firmware)
{
	begin();
	cut_everywhere(firmware_uimage(0x8000, "Linux"), "uImage");
	cut_everywhere(firmware_squashfs(), "squashfs");
	cut_everywhere(firmware_jffs2(), "JFFS2");
	cut_everywhere(firmware_dtb(), "device tree");
	cut_everywhere(
		firmware_tplink_v1(0xc7000002, "TP-LINK Technologies", 0x4000, 0x8000, 0, 0x20000),
		"TP-Link v1");
	cut_everywhere(firmware_tplink_v2(0xd7500001, 0x4a, 1, 0x4000, 0x8000, 0x20000),
	               "TP-Link v2");
	cut_everywhere(firmware_safeloader(0x8000), "safeloader");
	cut_everywhere(firmware_uboot("1.1.4"), "U-Boot");
}
END_TEST

START_TEST(maps_of_pcs)
{
	const struct pc_region regions[] = {
		{0, 0, 0x1000}, {1, 0x20000, 0x60000}, {2, 0x3000, 0x1d000}, {3, 0x1000, 0x2000}};
	const struct pc_area areas[] = {
		{"RO_VPD", 0x20000, 0x4000}, {"GBB", 0x24000, 0x4000}, {"FMAP", 0x28000, 0x1000}};
	const struct pc_amd_entry psp[] = {{0x04, 0x50000, 0x1000}, {0x01, 0x52000, 0x1000}};
	struct blob blob = {malloc(0x80000), 0x80000};

	begin();
	rig_noise(blob.at, blob.len, 5);
	pc_put_descriptor(blob.at, regions, 4);
	pc_put_gbe(blob.at + 0x1000, (const uint8_t *)"\x10\x60\x4b\x11\x22\x33");
	pc_put_fmap(blob.at + 0x28000, 0x80000, areas, 3);
	pc_put_gbb(blob.at + 0x24000, "CUT TEST");
	pc_put_efs(blob.at, 0x80000, 0x20000, 0x40000, 0);
	pc_put_amd_dir(blob.at, 0x80000, 0x40000, "$PSP", PC_AMD_OFFSET, psp, 2);
	cut_everywhere(blob, "PC flash");
}
END_TEST

/* Those that are packed are opened, or refused with words, and what comes out is never less than it
 * was without a word. */
static void packed(const char *command, const char *what)
{
	struct blob blob = firmware_run(command);
	struct image_opened whole;
	struct np_error err;

	ck_assert_msg(blob.len > 100, "%s", what);
	ck_assert_msg(image_open(blob.at, blob.len, what, &whole, &err) == 0, "%s", err.message);
	for (size_t len = 1; len < blob.len; len = next_len(len, blob.len)) {
		uint8_t *part = copy(blob.at, len);
		struct image_opened o;
		int rc = image_open(part, len, what, &o, &err);

		if (rc)
			ck_assert(err.message[0]);
		else if (o.owned)
			ck_assert_msg(o.len == whole.len &&
			                      memcmp(o.data, whole.data, whole.len) == 0,
			              "%s of %zu bytes is opened as a whole", what, len);
		image_opened_free(&o);
		free(part);
	}
	image_opened_free(&whole);
	free(blob.at);
}

START_TEST(archives)
{
	begin();
	packed("seq 1 20000 | gzip > $OUT", "gzip");
	packed("seq 1 20000 | xz > $OUT", "xz");
	packed("seq 1 20000 | zstd -q > $OUT", "zstd");
	packed("OUT=$OUT python3 -c \"import os, zipfile; zipfile.ZipFile(os.environ['OUT'], 'w', 8)"
	       ".writestr('a', bytes(range(256)) * 99)\"",
	       "zip");
}
END_TEST

/* Text cut in a line is broken or ends there; a gap is nothing that is written. */
START_TEST(records)
{
	struct blob blob =
		firmware_run("for i in $(seq 10 99); do printf ':01%04X0000%02X\\n' $i "
	                     "$(((256 - 1 - i) & 255)); done > $OUT; echo ':00000001FF' >> $OUT");
	struct np_error err;
	size_t whole = 0;

	begin();
	for (size_t len = 1; len <= blob.len; len++) {
		uint8_t *part = copy(blob.at, len);
		struct image_opened o;
		int rc = image_open(part, len, "hex", &o, &err);

		if (rc)
			ck_assert(err.message[0]);
		else if (o.owned)
			whole++;
		/* The last line says that it is the last. */
		if (len + 12 < blob.len)
			ck_assert_msg(rc || !o.owned, "%zu of %zu bytes", len, blob.len);
		image_opened_free(&o);
		free(part);
	}
	ck_assert_uint_ge(whole, 1);
	free(blob.at);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cut");
	TCase *tc = tcase_create("cut");

	tcase_add_test(tc, firmware);
	tcase_add_test(tc, maps_of_pcs);
	tcase_add_test(tc, archives);
	tcase_add_test(tc, records);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
