/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings that a replacement chip takes over: fixed points, and properties over every row. */
#include <stdlib.h>
#include <string.h>

#include "chip/chipdb.h"
#include "chip/nor_clone.h"
#include "support/suite.h"

static const struct nor_chip *chip(const char *name)
{
	const struct nor_chip *row = chipdb_by_name(name, NULL, 0);

	ck_assert_msg(row != NULL, "%s", name);
	return row;
}

static void expect(const char *name, const uint8_t sr[4], enum nor_setting setting, int wanted)
{
	uint8_t value = 0xee;
	bool there = nor_setting_get(chip(name), sr, setting, &value);

	ck_assert_msg(there == (wanted >= 0), "%s: %s", name, nor_setting_name(setting));
	ck_assert_msg(!there || value == wanted, "%s: %s %u", name, nor_setting_name(setting),
	              value);
}

START_TEST(where_data_sheets_have_them)
{
	expect("W25Q64FV", (uint8_t[4]){0, 0x02, 0, 0}, NOR_SET_QUAD, 1);
	expect("W25Q64FV", (uint8_t[4]){0x40, 0xfd, 0, 0}, NOR_SET_QUAD, 0);
	expect("MX25L12835F", (uint8_t[4]){0x40, 0, 0, 0}, NOR_SET_QUAD, 1);
	expect("EN25QH64", (uint8_t[4]){0xff, 0xff, 0xff, 0xff}, NOR_SET_QUAD, -1);
	expect("W25Q64JV", (uint8_t[4]){0, 2, 0x60, 0}, NOR_SET_DRIVE, 3);
	expect("W25Q64JV", (uint8_t[4]){0, 2, 0x20, 0}, NOR_SET_DRIVE, 1);
	expect("MX25L12835F", (uint8_t[4]){0, 0, 0, 0xc5}, NOR_SET_DRIVE, 5);
	expect("W25Q256JV", (uint8_t[4]){0, 2, 0x62, 0}, NOR_SET_ADDRESS, 1);
	expect("W25Q256JV", (uint8_t[4]){0, 2, 0x61, 0}, NOR_SET_ADDRESS, 0);
	expect("W25Q64JV", (uint8_t[4]){0, 2, 0x62, 0}, NOR_SET_ADDRESS, -1);
	/* What stands in the same place of others is not known to be the same. */
	expect("GD25Q128C", (uint8_t[4]){0, 2, 0x60, 0}, NOR_SET_DRIVE, -1);
	expect("XM25QH128A", (uint8_t[4]){0, 2, 0x60, 0}, NOR_SET_DRIVE, -1);
	/* A register that nobody drives is none. */
	expect("W25Q64JV", (uint8_t[4]){0, 2, 0xff, 0}, NOR_SET_DRIVE, -1);
	expect("W25Q64FV", (uint8_t[4]){0, 0xff, 0, 0}, NOR_SET_QUAD, -1);
}
END_TEST

START_TEST(numbers_of_another_part_mean_something_else)
{
	ck_assert(nor_setting_alike(chip("W25Q64FV"), chip("MX25L12835F"), NOR_SET_QUAD));
	ck_assert(!nor_setting_alike(chip("W25Q64FV"), chip("EN25QH64"), NOR_SET_QUAD));
	ck_assert(nor_setting_alike(chip("W25Q64JV"), chip("W25Q64JV"), NOR_SET_DRIVE));
	ck_assert(!nor_setting_alike(chip("W25Q64JV"), chip("W25Q128JV"), NOR_SET_DRIVE));
	ck_assert(!nor_setting_alike(chip("W25Q64JV"), chip("MX25L12835F"), NOR_SET_DRIVE));
	ck_assert(!nor_setting_alike(chip("W25Q64JV"), chip("W25Q256JV"), NOR_SET_ADDRESS));
}
END_TEST

/* One-time bits, locks and protection are never among the bits that change. */
static uint8_t forbidden(const struct nor_chip *row, unsigned reg)
{
	const struct nor_prot *prot = row->prot;
	const uint8_t bits[] = {prot ? prot->srp0 : 0, prot ? prot->srp1 : 0, prot ? prot->tb : 0,
	                        prot ? prot->sec : 0,  prot ? prot->cmp : 0,  prot ? prot->wps : 0};
	uint8_t mask = reg == 0 ? 0x03 : 0;

	for (size_t i = 0; i < sizeof(bits); i++)
		if (bits[i] && (unsigned)(bits[i] >> 4) - 1 == reg)
			mask |= (uint8_t)(1U << (bits[i] & 7));
	for (size_t i = 0; prot && i < NOR_BP_MAX && prot->bp[i]; i++)
		if ((unsigned)(prot->bp[i] >> 4) - 1 == reg)
			mask |= (uint8_t)(1U << (prot->bp[i] & 7));
	/* LB1 to LB3 of all that have them */
	if (reg == 1 && row->otp == NOR_OTP_SECREG)
		mask |= 0x38;
	return mask;
}

START_TEST(every_row_changes_just_its_bits_and_reads_them_back)
{
	const struct nor_chip *row;

	for (size_t i = 0; (row = chipdb_at(i)) != NULL; i++) {
		for (enum nor_setting s = 0; s < NOR_SETTINGS; s++) {
			uint8_t sr[4] = {0x5a, 0x52, 0x15, 0x3a}, before[4], value, again;

			memcpy(before, sr, 4);
			if (!nor_setting_get(row, sr, s, &value)) {
				ck_assert(!nor_setting_put(row, sr, s, 1));
				ck_assert_int_eq(memcmp(sr, before, 4), 0);
				continue;
			}
			for (uint8_t want = 0; want < 2; want++) {
				ck_assert(nor_setting_put(row, sr, s, want));
				ck_assert(nor_setting_get(row, sr, s, &again));
				ck_assert_msg(again == want, "%s", row->name);
				for (unsigned reg = 0; reg < 4; reg++)
					ck_assert_msg(((sr[reg] ^ before[reg]) &
					               forbidden(row, reg)) == 0,
					              "%s: %s", row->name, nor_setting_name(s));
			}
			ck_assert(nor_setting_put(row, sr, s, value));
			ck_assert_msg(memcmp(sr, before, 4) == 0, "%s: %s", row->name,
			              nor_setting_name(s));
			ck_assert(nor_setting_alike(row, row, s));
		}
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("nor_clone");
	TCase *tc = suite_group(suite, "nor_clone", NULL, NULL);

	tcase_add_test(tc, where_data_sheets_have_them);
	tcase_add_test(tc, numbers_of_another_part_mean_something_else);
	tcase_add_test(tc, every_row_changes_just_its_bits_and_reads_them_back);
	return run_suite(suite);
}
