/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: loss.c marks_add.c marks_cal.c marks_mac.c marks_pc.c marks_text.c own.c */
/* Unit data by form, and what a write would lose of them; as many cases that must not be taken. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/loss.h"
#include "device/own.h"
#include "device/recognise.h"
#include "support/pc.h"
#include "support/rig.h"
#include "support/suite.h"

#define SIZE (8u << 20)

static uint8_t *have, *want;

/* Boot loader and firmware of noise, alike but for `release`; the rest is blank. */
static void compose(uint8_t *p, uint64_t release)
{
	memset(p, 0xff, SIZE);
	rig_noise(p, 0x30000, 1);
	rig_noise(p + 0x50000, 0x600000, release);
}

static void setup(void)
{
	have = malloc(SIZE);
	want = malloc(SIZE);
	compose(have, 2);
	compose(want, 2);
}

static void teardown(void)
{
	free(have);
	free(want);
}

static struct unit_losses losses(void)
{
	struct unit_view view = {.have = have, .want = want, .size = SIZE};
	struct unit_losses found;

	ck_assert_int_eq(unit_losses_find(&view, &found, NULL), 0);
	return found;
}

static void expect_loss(uint64_t start, uint64_t len)
{
	struct unit_losses found = losses();

	ck_assert_msg(np_ranges_contain(&found.ranges, (struct np_range){start, len}),
	              "0x%llx: %zu found", (unsigned long long)start, found.count);
	unit_losses_free(&found);
}

static void expect_none(void)
{
	struct unit_losses found = losses();

	ck_assert_msg(!found.count, "0x%llx: %s", (unsigned long long)found.at[0].at.start,
	              found.at[0].what);
	unit_losses_free(&found);
}

/* A Chromebook's flash of which nothing but the erased part was read. */
START_TEST(a_chromebooks_vpd_and_hwid_are_losses)
{
	static const char *const pairs[] = {"serial_number", "5CD1234XYZ", NULL};
	static const uint8_t gbb[] = {'$', 'G', 'B', 'B', 1, 2,   0, 0, 128, 0, 0,
	                              0,   0,   0,   0,   0, 128, 0, 0, 0,   32};

	pc_put_vpd(have + 0x3000, 0x1000, pairs);
	memset(want + 0x3000, 0xff, 0x1000);
	expect_loss(0x3610, 20);
	memcpy(have + 0x3000, want + 0x3000, 0x1000);
	memset(have + 0x5000, 0, 0x1000);
	memcpy(have + 0x5000, gbb, sizeof(gbb));
	strcpy((char *)have + 0x5080, "LINK TEST 1234");
	expect_loss(0x5080, 32);
}
END_TEST

/* The signs without the structure, and in other places. */
START_TEST(what_only_begins_like_a_vpd_is_no_loss)
{
	static const char *const pairs[] = {"serial_number", "5CD1234XYZ", NULL};
	static const uint32_t lengths[] = {0, 2, 0x10001, UINT32_MAX};

	for (size_t i = 0; i < 6; i++) {
		uint8_t *vpd = have + 0x100000 + (i == 5 ? 0x800 : 0);

		compose(have, 2);
		pc_put_vpd(vpd, 0x700, pairs);
		if (i < 4)
			memcpy(vpd + 0x60c, &lengths[i],
			       4); /* less than a pair, or more than there is */
		if (i == 4)
			vpd[0x610] = 0; /* no pair */
		expect_none();
	}
	compose(have, 2);
	memcpy(have + 0x5000, "$GBB\1\2", 6); /* the HWID is nowhere */
	expect_none();
}
END_TEST

/* The Cudy TR1200: six bytes in a block that nobody described. */
START_TEST(a_mac_that_stands_alone_is_a_loss)
{
	memcpy(have + 0x7fde00, "\x80\xaf\xca\x12\x34\x56", 6);
	expect_loss(0x7fde00, 6);
	memcpy(want + 0x7fde00, "\x80\xaf\xca\x65\x43\x21", 6);
	expect_loss(0x7fde00, 6);
	memcpy(want + 0x7fde00, have + 0x7fde00, 6);
	expect_none();
}
END_TEST

/* Another unit's addresses differ in their last bytes, in a block that is full of other things. */
START_TEST(an_address_between_other_things_is_a_loss)
{
	rig_noise(have + 0x7e0000, 0x1000, 8);
	memset(have + 0x7e0400, 0, 0x100);
	memcpy(have + 0x7e0440, "\x80\xaf\xca\x12\x34\x56\x80\xaf\xca\x12\x34\x57", 12);
	for (size_t byte = 3; byte < 6; byte++) {
		memcpy(want + 0x7e0000, have + 0x7e0000, 0x1000);
		want[0x7e0440 + byte] ^= 0x11;
		expect_loss(0x7e0440, 6);
		want[0x7e0446 + byte] ^= 0x11;
		expect_loss(0x7e0446, 6);
	}
	/* A few bytes of a program: nothing blank around. */
	memcpy(want + 0x7e0000, have + 0x7e0000, 0x1000);
	for (size_t i = 0; i < 40; i++) {
		have[0x7e0600 + i * 8] ^= 1;
		i += 8;
	}
	expect_none();
}
END_TEST

START_TEST(calibration_is_known_by_number_and_place)
{
	static const struct {
		uint64_t at;
		const char *begins;
		size_t begins_len, len;
	} blocks[] = {
		{0x40000, "\x28\x76\x00\x00\x80\xaf\xca\x12\x34\x56", 10, 0x400},
		{0x48000, "\x63\x76\x01\x00\x80\xaf\xca\x12\x34\x57", 10, 0x4da8},
		{0x7f1000, "\x02\x02\x80\xaf\xca\x12\x34\x56", 8, 0x440},
		{0x7f5000, "\x44\x08\x00\x00\x00\x00\x80\xaf\xca\x12\x34\x56", 12, 0x844},
		{0x7f9000, "\x20\x2f\x00\x00\x01\x01\x80\xaf\xca\x12\x34\x56", 12, 0x2f20},
		/* Realtek's maps, Broadcom's SROM, and Atheros' by their length alone. */
		{0x40400, "\x29\x81\x00\x00", 4, 0x200},
		{0x41000, "\x29\x88\x00\x00", 4, 0x400},
		{0x42000, "\x01\x28\x00\x00", 4, 0x200},
		{0x44000, "\xa5\x5a\x00\x00\x00\x03\x60\x00", 8, 0xeb8},
		{0x7e1000, "\x5a\xa5\x00\x00\x03\x00\x00\x60", 8, 0x3d8},
		{0x7e4000, "\x17\x35\x99", 3, 0x844},
	};

	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		rig_noise(have + blocks[i].at, blocks[i].len, 7);
		memcpy(have + blocks[i].at, blocks[i].begins, blocks[i].begins_len);
		have[blocks[i].at + blocks[i].len - 1] = 0x55;
		expect_loss(blocks[i].at, blocks[i].len);
		memcpy(want + blocks[i].at, have + blocks[i].at, blocks[i].len);
		expect_none();
	}
}
END_TEST

static void put_nvram(uint8_t *at, unsigned unit, const char *table)
{
	int n = sprintf((char *)at + 20,
	                "boardtype=0x0617%cet0macaddr=80:AF:CA:00:%02X:01%c%s=0x%x", 0, unit, 0,
	                table, 0xfe00 + unit);

	memcpy(at, "FLSH", 4);
	memcpy(at + 4, (uint8_t[]){(uint8_t)(20 + n + 2), 0, 0, 0}, 4);
	memset(at + 8, 1, 12);
	at[20 + n] = at[21 + n] = 0;
}

/* Broadcom's radios are calibrated by variables: all of them are this unit's, or the address alone. */
START_TEST(an_nvram_with_power_tables_is_calibration)
{
	put_nvram(have + 0x7f0000, 1, "pa2ga0");
	put_nvram(want + 0x7f0000, 2, "pa2ga0");
	expect_loss(0x7f0000, 20 + 60);
	memcpy(want + 0x7f0000, have + 0x7f0000, 0x100);
	expect_none();
	/* Settings that somebody changed, beside the same address. */
	put_nvram(have + 0x7f0000, 1, "lan_mtu");
	put_nvram(want + 0x7f0000, 1, "lan_mtu");
	memset(have + 0x7f0100, 'a', 0x400);
	memset(want + 0x7f0100, 'b', 0x400);
	expect_none();
	/* A length that is none. */
	put_nvram(have + 0x7f0000, 1, "pa2ga0");
	memcpy(want + 0x7f0000, have + 0x7f0000, 0x100);
	memset(have + 0x7f0004, 0xee, 4);
	memset(want + 0x7f0004, 0xee, 4);
	expect_none();
}
END_TEST

START_TEST(texts_under_a_key_are_losses)
{
	static const char *const texts[] = {"ethaddr=80:af:ca:12:34:56",
	                                    "et0macaddr=80-af-ca-12-34-56", "lan_mac=80AFCA123456",
	                                    "serialno=G0123456789", "wps_pin=12345670"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *value = strchr(texts[i], '=') + 1;
		uint64_t at = 0x31000 + i * 0x1000;

		/* Among other variables, so that it is no island. */
		memset(have + at, 'x', 0x800);
		memset(want + at, 'y', 0x800);
		memcpy(have + at + 0x101, texts[i], strlen(texts[i]) + 1);
		have[at + 0x100] = 0;
		expect_loss(at + 0x101 + (uint64_t)(value - texts[i]), strlen(value));
		memcpy(want + at, have + at, 0x800);
	}
}
END_TEST

START_TEST(what_nobody_owns_is_no_loss)
{
	/* OpenWrt's end mark, a clean marker of JFFS2, the tail of a firmware, a placeholder. */
	memcpy(have + 0x660000, "\xde\xad\xc0\xde", 4);
	memcpy(have + 0x670000, "\x19\x85\x20\x03\x00\x00\x00\x0c\xf0\x60\xdc\x98", 12);
	rig_noise(have + 0x650000, 0x1017, 3);
	rig_noise(want + 0x650000, 0x2000, 4);
	memset(have + 0x32000, 'x', 0x800);
	memcpy(have + 0x32100, "\0ethaddr=00:11:22:33:44:55", 27);
	expect_none();
}
END_TEST

/* An upgrade: firmware of another release and length over that of this unit. */
START_TEST(an_upgrade_of_the_same_unit_passes)
{
	for (uint64_t seed = 10; seed < 30; seed++) {
		compose(want, seed);
		rig_noise(want + 0x650000, seed * 0x1111, seed);
		memcpy(have + 0x7f1000, "\x02\x02\x80\xaf\xca\x12\x34\x56", 8);
		memcpy(want + 0x7f1000, "\x02\x02\x80\xaf\xca\x12\x34\x56", 8);
		expect_none();
		ck_assert(own_with_other_firmware(have, want, SIZE));
	}
}
END_TEST

START_TEST(another_units_dump_is_not_its_own)
{
	memcpy(have + 0x7f0060, "\x80\xaf\xca\x12\x34\x56\x80\xaf\xca\x12\x34\x57", 12);
	memcpy(want + 0x7f0060, "\x80\xaf\xca\x77\x34\x56\x80\xaf\xca\x77\x34\x57", 12);
	ck_assert(!own_with_other_firmware(have, want, SIZE));
	rig_noise(want + 0x50000, 0x600000, 9);
	ck_assert(!own_with_other_firmware(have, want, SIZE));
	memcpy(want + 0x7f0060, have + 0x7f0060, 12);
	ck_assert(own_with_other_firmware(have, want, SIZE));
	want[0] ^= 1; /* another boot loader */
	ck_assert(!own_with_other_firmware(have, want, SIZE));
}
END_TEST

/* The Wavlink WL-WN530HG4 and the Cudy TR1200 were taken for devices of another maker. */
START_TEST(the_sdks_boot_loader_names_nobody)
{
	struct recognition found;

	memcpy(have + 0x1000, "U-Boot 1.1.3 (Mar  3 2015 - 11:11:11)", 38);
	memcpy(have + 0x50000, "\x27\x05\x19\x56", 4);
	rig_noise(have + 0x40000, 0x200, 5);
	memcpy(have + 0x40000, "\x20\x76\x00\x00\x80\xaf\xca\x12\x34\x56", 10);
	memcpy(have + 0x40028, "\x80\xaf\xca\x12\x34\x56", 6);
	rig_noise(have + 0x48000, 0x200, 6);
	memcpy(have + 0x48000, "\x12\x76\x00\x00\x80\xaf\xca\x12\x34\x57", 10);
	ck_assert_int_eq(recognise_dump(have, SIZE, &found, NULL), 0);
	ck_assert_str_eq(found.name, "");
	memcpy(want, have, SIZE);
	memset(want + 0x40000, 0xff, 0x10000);
	expect_loss(0x40000, 0x200);
	expect_loss(0x48000, 0x200);
}
END_TEST

START_TEST(noise_has_few_marks)
{
	unsigned marks = 0;

	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct unit_marks found;

		rig_noise(have, SIZE, seed);
		ck_assert_int_eq(unit_marks_find(have, SIZE, NULL, &found, NULL), 0);
		marks += found.count;
		unit_marks_free(&found);
	}
	ck_assert_uint_le(marks, 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("marks");
	TCase *tc = tcase_create("marks");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_chromebooks_vpd_and_hwid_are_losses);
	tcase_add_test(tc, what_only_begins_like_a_vpd_is_no_loss);
	tcase_add_test(tc, a_mac_that_stands_alone_is_a_loss);
	tcase_add_test(tc, an_address_between_other_things_is_a_loss);
	tcase_add_test(tc, calibration_is_known_by_number_and_place);
	tcase_add_test(tc, an_nvram_with_power_tables_is_calibration);
	tcase_add_test(tc, texts_under_a_key_are_losses);
	tcase_add_test(tc, what_nobody_owns_is_no_loss);
	tcase_add_test(tc, an_upgrade_of_the_same_unit_passes);
	tcase_add_test(tc, another_units_dump_is_not_its_own);
	tcase_add_test(tc, the_sdks_boot_loader_names_nobody);
	tcase_add_test(tc, noise_has_few_marks);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
