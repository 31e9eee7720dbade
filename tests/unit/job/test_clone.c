/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of two chips that differ, and which settings go over. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "chip/chipdb.h"
#include "job/clone.h"
#include "support/suite.h"

static struct np_error err;
static struct clone_plan plan;

static struct manifest backup_of(const char *name, uint8_t sr1, uint8_t sr2, uint8_t sr3, int cr)
{
	const struct nor_chip *row = chipdb_by_name(name, NULL, 0);
	struct manifest m = {0};

	ck_assert_ptr_nonnull(row);
	snprintf(m.chip, sizeof(m.chip), "%s", name);
	np_format_hex(row->id, row->id_len, m.jedec_id);
	m.chip_size = m.size = row->size;
	m.status = (struct manifest_status){.told = true,
	                                    .sr = {sr1, sr2, sr3, (uint8_t)(cr < 0 ? 0 : cr)},
	                                    .count = (uint8_t)nor_status_count(row),
	                                    .reg4 = cr < 0 ? NOR_REG4_NONE : NOR_REG4_CONFIG};
	return m;
}

static struct nor_info chip_of(const char *name)
{
	struct nor_info info = {.chip = chipdb_by_name(name, NULL, 0)};

	ck_assert_ptr_nonnull(info.chip);
	snprintf(info.name, sizeof(info.name), "%s", name);
	memcpy(info.jedec_id, info.chip->id, sizeof(info.jedec_id));
	info.jedec_id_len = info.chip->id_len;
	info.size = info.chip->size;
	return info;
}

static void compare(const struct manifest *m, const char *to, struct nor_protection now)
{
	struct nor_info info = chip_of(to);

	now.known = true;
	clone_plan(m, &info, &now, &plan);
}

static bool noted(const char *text)
{
	for (size_t i = 0; i < plan.note_count; i++)
		if (strstr(plan.notes[i], text))
			return true;
	return false;
}

START_TEST(the_same_chip_is_nothing_to_say)
{
	struct manifest m = backup_of("W25Q64JV", 0, 2, 0x60, -1);

	compare(&m, "W25Q64JV", (struct nor_protection){.sr = {0, 2, 0x60}});
	ck_assert_uint_eq(plan.note_count, 0);
	ck_assert(!plan.differs);
	ck_assert(plan.settings.set[NOR_SET_QUAD] && plan.settings.value[NOR_SET_QUAD] == 1);
}
END_TEST

START_TEST(one_type_takes_all_settings)
{
	struct manifest m = backup_of("W25Q256JV", 0, 2, 0x22, -1);

	compare(&m, "W25Q256JV", (struct nor_protection){.sr = {0, 0, 0x60}});
	ck_assert(plan.differs);
	for (enum nor_setting i = 0; i < NOR_SETTINGS; i++)
		ck_assert(plan.settings.set[i] && plan.settings.value[i] == 1);
	ck_assert(noted("address mode") && noted("driver strength") && noted("quad enable"));
}
END_TEST

START_TEST(another_type_takes_quad_enable_alone)
{
	struct manifest m = backup_of("MX25L12835F", 0x40, 0, 0, 5);

	compare(&m, "W25Q128FV", (struct nor_protection){.sr = {0, 0, 0x60}});
	ck_assert(plan.settings.set[NOR_SET_QUAD] && plan.settings.value[NOR_SET_QUAD] == 1);
	ck_assert(!plan.settings.set[NOR_SET_DRIVE] && !plan.settings.set[NOR_SET_ADDRESS]);
	ck_assert(noted("asks for the ID") && noted("not the same on another part"));
}
END_TEST

START_TEST(of_an_unknown_chip_nothing_goes_over)
{
	struct manifest m = backup_of("W25Q64JV", 0, 2, 0x20, -1);

	snprintf(m.chip, sizeof(m.chip), "unknown (SFDP)");
	snprintf(m.jedec_id, sizeof(m.jedec_id), "aa4017");
	compare(&m, "W25Q64JV", (struct nor_protection){.sr = {0, 0, 0x60}});
	ck_assert(!plan.differs && !plan.settings.set[NOR_SET_QUAD]);
	ck_assert(noted("not in the tables"));
	m.status.told = false;
	compare(&m, "W25Q64JV", (struct nor_protection){.sr = {0, 0, 0x60}});
	ck_assert(noted("does not tell"));
}
END_TEST

START_TEST(protection_is_said_and_not_set)
{
	struct manifest m = backup_of("W25Q64FV", 0x1c, 2, 0, -1);

	compare(&m, "W25Q64FV", (struct nor_protection){.sr = {0, 2}});
	ck_assert(noted("protect on 0x000000+0x800000"));
	m = backup_of("W25Q64FV", 0, 2, 0, -1);
	compare(&m, "W25Q64FV",
	        (struct nor_protection){
			.sr = {0x1c, 2}, .ranges[0] = {0, 8 << 20}, .range_count = 1});
	ck_assert(noted("protect off"));
}
END_TEST

START_TEST(what_16_mib_mean_is_told)
{
	struct manifest m = backup_of("W25Q128FV", 0, 2, 0x60, -1);

	compare(&m, "W25Q256JV", (struct nor_protection){.sr = {0, 2, 0x60}});
	ck_assert(noted("more than 16 MiB") && noted("stays as it is"));
	m = backup_of("W25Q256FV", 0, 2, 0x60, -1);
	compare(&m, "W25Q256JV", (struct nor_protection){.sr = {0, 2, 0x60}});
	ck_assert_msg(noted("may know only one"), "%s", plan.notes[0]);
}
END_TEST

START_TEST(places)
{
	struct manifest m = backup_of("W25Q64FV", 0, 2, 0, -1);
	struct nor_info same = chip_of("W25Q64JV"), big = chip_of("W25Q128JV"),
			small = chip_of("W25Q32FV");
	struct intent intent = {.operation = INTENT_RESTORE};

	ck_assert_int_eq(clone_place(&m, &intent, &same, &err), 0);
	ck_assert(selection_is_whole(&intent.selection));
	ck_assert_int_eq(clone_place(&m, &intent, &small, &err), NP_E_SIZE);
	ck_assert_int_eq(clone_place(&m, &intent, &big, &err), 0);
	ck_assert(intent.selection.placed);
	ck_assert_uint_eq(intent.selection.parts.at[0].range.len, 8 << 20);
	intent_free(&intent);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("clone");
	TCase *tc = suite_group(suite, "clone", NULL, NULL);

	tcase_add_test(tc, the_same_chip_is_nothing_to_say);
	tcase_add_test(tc, one_type_takes_all_settings);
	tcase_add_test(tc, another_type_takes_quad_enable_alone);
	tcase_add_test(tc, of_an_unknown_chip_nothing_goes_over);
	tcase_add_test(tc, protection_is_said_and_not_set);
	tcase_add_test(tc, what_16_mib_mean_is_told);
	tcase_add_test(tc, places);
	return run_suite(suite);
}
