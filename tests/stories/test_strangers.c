/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Chips that nobody described, and whole images written over them: what may be one unit's own is
 * not lost without a word, the ranges that a refusal offers are enough, and an upgrade passes.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "support/rig.h"
#include "support/suite.h"

#define SIZE   (4u << 20)
#define KERNEL 0x50000
#define ROOT   0x150000
#define SEEDS  4

static struct rig rig;
static uint8_t *have, *want;

static void noise(uint8_t *to, size_t len, uint64_t seed)
{
	for (size_t i = 0; i < len; i++)
		to[i] = (uint8_t)rig_random(&seed);
}

/* Boot loader, kernel and root file system that look encrypted, and blanks. */
static void firmware(uint8_t *to, uint64_t boot, uint64_t kernel, uint64_t root)
{
	memset(to, 0xff, SIZE);
	noise(to, 0x20000, boot);
	noise(to + KERNEL, ROOT - KERNEL, kernel);
	noise(to + ROOT, 0x200000, root);
}

static void put_mac(uint8_t *to, unsigned unit)
{
	memcpy(to, "\x50\xc7\xbf\x10", 4);
	to[4] = (uint8_t)(unit >> 8);
	to[5] = (uint8_t)unit;
}

static void setup(void)
{
	rig_init(&rig);
	rig.config.chip.part = "W25Q32FV";
	rig_open(&rig);
	have = malloc(SIZE);
	want = malloc(SIZE);
}

static void teardown(void)
{
	rig_free(&rig);
	free(have);
	free(want);
}

static int write_over(const struct np_ranges *keep, bool keep_nothing, struct np_error *err)
{
	struct rig_order order = {
		.image = want, .keep = keep, .keep_nothing = keep_nothing, .how.passes = 1};
	struct write_result result;
	int ret;

	*err = (struct np_error){0};
	memcpy(norsim_mem(rig.chip), have, SIZE);
	ret = rig_write(&rig, &order, &result, err);
	if (ret)
		ck_assert_mem_eq(norsim_mem(rig.chip), have, SIZE);
	return ret;
}

static void passes(void)
{
	struct np_error err;

	ck_assert_msg(write_over(NULL, false, &err) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), want, SIZE);
}

/* "... --keep 0x3f0000+6,0x3f1000+17 keeps it" */
static void ranges_of(const char *hint, struct np_ranges *keep)
{
	const char *at = strstr(hint, "--keep ");
	char word[64];

	ck_assert_msg(at != NULL, "%s", hint);
	for (at += 7; sscanf(at, "%63[^, ]", word) == 1; at += strlen(word) + 1) {
		struct np_range range;

		ck_assert_msg(np_parse_range(word, &range), "%s: %s", word, hint);
		ck_assert_int_eq(np_ranges_add(keep, range, NULL), 0);
		if (at[strlen(word)] != ',')
			break;
	}
}

/* Refused by this gate; what the hint offers saves `own`, and "nothing" lets all of it go. */
static void refused(const char *gate, const struct np_range *own, size_t count)
{
	struct np_ranges keep = {0};
	struct np_error err;

	ck_assert_msg(write_over(NULL, false, &err) == NP_E_UNIT, "not refused by %s", gate);
	ck_assert_str_eq(rig.refused, gate);
	if (count) {
		ranges_of(err.hint, &keep);
		ck_assert_msg(write_over(&keep, false, &err) == 0, "%s", err.message);
		for (size_t i = 0; i < count; i++)
			ck_assert_mem_eq(norsim_mem(rig.chip) + own[i].start, have + own[i].start,
			                 own[i].len);
		ck_assert_mem_eq(norsim_mem(rig.chip), want, 0x300000);
		np_ranges_free(&keep);
	}
	ck_assert_msg(write_over(NULL, true, &err) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), want, SIZE);
}

START_TEST(a_stranger_over_a_stranger_is_refused)
{
	uint64_t seed = rig_seed(17) + 100 * (uint64_t)_i;

	noise(have, SIZE, seed);
	noise(want, SIZE, seed + 1);
	refused("unknown-device", NULL, 0);
	firmware(have, seed, seed + 1, seed + 2);
	firmware(want, seed + 3, seed + 4, seed + 5);
	refused("unknown-device", NULL, 0);
	/* The same boot loader is no proof: another unit's has it, too. */
	firmware(want, seed, seed + 1, seed + 2);
	noise(have + 0x3f0000, 0x1000, seed + 6);
	noise(want + 0x3f0000, 0x1000, seed + 7);
	refused("unknown-device", NULL, 0);
}
END_TEST

START_TEST(an_upgrade_passes)
{
	uint64_t seed = rig_seed(17) + 100 * (uint64_t)_i;

	for (unsigned own = 0; own < 2; own++) {
		firmware(have, seed, seed + 1, seed + 2);
		firmware(want, seed, seed + 3, seed + 2); /* the kernel alone */
		for (unsigned k = 0; k < 2; k++) {
			if (own) {
				put_mac((k ? want : have) + 0x3f0006, 77);
				noise((k ? want : have) + 0x3e0000, 0x1000, seed + 9);
			}
		}
		passes();
		firmware(want, seed, seed + 3, seed + 4);
		memcpy(want + 0x3e0000, have + 0x3e0000, 0x20000);
		passes();
	}
	/* A longer one, into what was blank; a shorter one. */
	noise(want + 0x350000, 0x50000, seed + 5);
	passes();
	memset(want + 0x2f0000, 0xff, 0x60000);
	passes();
}
END_TEST

START_TEST(addresses_in_two_places)
{
	static const struct np_range own[] = {{0x3f0004, 6}, {0x3f8000, 6}};
	uint64_t seed = rig_seed(17) + 100 * (uint64_t)_i;

	firmware(have, seed, seed + 1, seed + 2);
	firmware(want, seed, seed + 3, seed + 4);
	for (size_t i = 0; i < 2; i++) {
		put_mac(have + own[i].start, 300 + (unsigned)(i + seed % 50));
		put_mac(want + own[i].start, 9000 + (unsigned)i);
	}
	refused("unit-form", own, 2);
	for (size_t i = 0; i < 2; i++) /* the image has none */
		memset(want + own[i].start, 0xff, 6);
	refused("unit-form", own, 2);
	/* The chip's own backup is no stranger, though the chip has lost what it had. */
	memcpy(want, have, SIZE);
	for (size_t i = 0; i < 2; i++)
		memset(have + own[i].start, 0xff, 6);
	passes();
	/* Of anything else nobody knows whose it is. */
	put_mac(want + own[0].start, 4444);
	refused("unknown-device", NULL, 0);
}
END_TEST

START_TEST(settings_as_text)
{
	static const char *const texts[] = {
		"bootdelay=2%cethaddr=50:c7:bf:10:%02x:%02x%cbaudrate=115200",
		"wan_proto=dhcp%clan_hwaddr=50:C7:BF:10:%02X:%02X%cwl0_ssid=home",
		"\"model\":\"x\",%c\"mac\":\"50c7bf10%02x%02x\",%c\"region\":\"EU\"",
	};
	uint64_t seed = rig_seed(17) + 100 * (uint64_t)_i;
	struct np_range own = {0x3f0100, 0x40};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char *value;

		firmware(have, seed, seed + 1, seed + 2);
		firmware(want, seed, seed + 3, seed + 4);
		memset(have + 0x3f0000, 'a', 0x1000);
		memset(want + 0x3f0000, 'b', 0x1000);
		have[0x3f00ff] = want[0x3f00ff] = 0;
		sprintf((char *)have + 0x3f0100, texts[i], 0, 1, 2, 0);
		sprintf((char *)want + 0x3f0100, texts[i], 0, 77, 88, 0);
		value = memmem(have + 0x3f0100, 0x60, "50", 2);
		own.start = (uint64_t)((uint8_t *)value - have);
		own.len = i == 2 ? 12 : 17;
		refused("unit-form", &own, 1);
	}
}
END_TEST

/* Six bytes at an address that nobody told. */
START_TEST(an_address_in_a_block_of_other_things)
{
	uint64_t seed = rig_seed(17) + 100 * (uint64_t)_i;
	struct np_range own = {0x3e0800 + seed % 512, 6};

	firmware(have, seed, seed + 1, seed + 2);
	firmware(want, seed, seed + 3, seed + 4);
	memset(have + 0x3e0000, 0, 0x1000);
	noise(have + 0x3e0000, 0x400, seed + 7);
	memcpy(want + 0x3e0000, have + 0x3e0000, 0x1000);
	put_mac(have + own.start, 5);
	put_mac(want + own.start, 0x1234);
	refused("unit-form", &own, 1);
}
END_TEST

START_TEST(a_blank_chip_takes_anything)
{
	noise(want, SIZE, rig_seed(17));
	memset(have, 0xff, SIZE);
	passes();
}
END_TEST

/* More likely a line that is stuck than a chip; and no unit's data are lost with it. */
START_TEST(all_zeros_are_taken_for_a_bad_read)
{
	struct np_error err;

	noise(want, SIZE, rig_seed(17));
	memset(have, 0, SIZE);
	ck_assert_int_ne(write_over(NULL, false, &err), 0);
	ck_assert_str_eq(rig.refused, "bad-read");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("strangers");
	TCase *tc = suite_group(suite, "strangers", setup, teardown);

	tcase_add_loop_test(tc, a_stranger_over_a_stranger_is_refused, 0, SEEDS);
	tcase_add_loop_test(tc, an_upgrade_passes, 0, SEEDS);
	tcase_add_loop_test(tc, addresses_in_two_places, 0, SEEDS);
	tcase_add_loop_test(tc, settings_as_text, 0, SEEDS);
	tcase_add_loop_test(tc, an_address_in_a_block_of_other_things, 0, SEEDS);
	tcase_add_test(tc, a_blank_chip_takes_anything);
	tcase_add_test(tc, all_zeros_are_taken_for_a_bad_read);
	return run_suite(suite);
}
