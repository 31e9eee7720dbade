/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The security registers and OTP areas of every row, on the model as tests/data/parts.txt describes
 * the part: read, written, locked, and refused after. */
#include <stdlib.h>
#include <string.h>

#include "nor/nor_otp.h"
#include "support/rows.h"
#include "support/suite.h"

#define OTP_TEXT "one time only"

static struct nor_otp_area areas[NOR_OTP_AREAS];
static size_t area_count;

/* Where an area may be written: Spansion's first bytes are the factory's. */
static uint32_t otp_offset(const struct nor_otp_area *area)
{
	return area->len - 2 * sizeof(OTP_TEXT);
}

static void otp_holds(const struct nor_otp_area *area, bool text)
{
	uint8_t back[NOR_OTP_LEN_MAX], blank[sizeof(OTP_TEXT)];
	uint32_t at = otp_offset(area);

	memset(blank, 0xFF, sizeof(blank));
	GOOD(nor_otp_read(rows.nor, area, back, &rows.err));
	ck_assert_msg(memcmp(back + at, text ? OTP_TEXT : (const char *)blank, sizeof(blank)) == 0,
	              "%s: %s does not hold what it should", rows.part, area->name);
	HOLDS(back[at - 1] == 0xFF && back[area->len - 1] == 0xFF);
	if (rows.chip->part->features & NF_SPANSION && rows.chip->part->features & NF_OTP_4B)
		HOLDS(memcmp(back, rows.chip->uid, NORSIM_UID_MAX) == 0);
}

static void otp_writes(const struct nor_otp_area *area)
{
	const uint8_t ones[] = {0xFF, 0xFF};
	uint32_t at = otp_offset(area);

	otp_holds(area, false);
	GOOD(nor_otp_write(rows.nor, area, at, (const uint8_t *)OTP_TEXT, sizeof(OTP_TEXT),
	                   &rows.err));
	otp_holds(area, true);
	HOLDS(nor_otp_write(rows.nor, area, at, ones, sizeof(ones), &rows.err) == NP_E_POLICY);
	otp_holds(area, true);
	if (!area->erasable)
		return;
	GOOD(nor_otp_erase(rows.nor, area, &rows.err));
	otp_holds(area, false);
	GOOD(nor_otp_write(rows.nor, area, at, (const uint8_t *)OTP_TEXT, sizeof(OTP_TEXT),
	                   &rows.err));
}

/* The first W25Q16V and W25Q32V answer like their successors, and have no lock bits. */
static bool has_no_locks(void)
{
	return rows.chip->part->features & NF_SECREGS && !rows.chip->part->regs[NR_SR2].once;
}

/* For ever, and for this area alone. */
static void otp_locks(size_t i)
{
	const uint8_t zero = 0;

	HOLDS(areas[i].lock_known && !areas[i].locked);
	if (has_no_locks()) {
		HOLDS(nor_otp_lock(rows.nor, &areas[i], &rows.err) == NP_E_VERIFY);
		return;
	}
	GOOD(nor_otp_lock(rows.nor, &areas[i], &rows.err));
	GOOD(nor_otp_list(rows.nor, areas, &area_count, &rows.err));
	for (size_t k = 0; k < area_count; k++)
		HOLDS(areas[k].locked == (k <= i));
	HOLDS(nor_otp_write(rows.nor, &areas[i], areas[i].len - 1, &zero, 1, &rows.err) ==
	      NP_E_PROTECTED);
	if (areas[i].erasable)
		HOLDS(nor_otp_erase(rows.nor, &areas[i], &rows.err) == NP_E_PROTECTED);
	HOLDS(norsim_stats(rows.chip)->once_set <= i + 1);
}

/* The chip itself refuses what the engine would: the lock it showed was the right one. */
static void otp_is_locked(struct nor_otp_area area)
{
	const uint8_t zero = 0;

	area.locked = false;
	HOLDS(nor_otp_write(rows.nor, &area, area.len - 1, &zero, 1, &rows.err) != 0);
	otp_holds(&area, true);
	HOLDS(rows.chip->part->features & NF_SPANSION ||
	      norsim_stats(rows.chip)->ignored_protected > 0);
	norsim_clear_stats(rows.chip);
	rows.chip->odd_op = 0;
}

static void otp_works(void)
{
	uint64_t size = norsim_size(rows.chip), edge = size < 0x20000 ? size / 2 : 0x10000;

	GOOD(nor_otp_list(rows.nor, areas, &area_count, &rows.err));
	rows_fill(0, edge);
	rows_fill(size - edge, size);
	for (size_t i = 0; i < area_count; i++)
		otp_writes(&areas[i]);
	rows_no_complaints();
	for (size_t i = 0; i < area_count; i++)
		otp_locks(i);
	HOLDS(norsim_stats(rows.chip)->malformed == 0 &&
	      norsim_stats(rows.chip)->ignored_latch == 0);
	norsim_clear_stats(rows.chip);
	for (size_t i = 0; i < area_count && !has_no_locks(); i++)
		otp_is_locked(areas[i]);
	HOLDS(rows_filled(0, edge) && rows_filled(size - edge, size));
	rows_reads(size - 4096, 4096);
}

START_TEST(drives_its_areas)
{
	rows.part = rows_names[_i];
	rows_put_in();
	rows_open();
	if (!(nor_info(rows.nor)->chip->flags & NOR_F_READ_ONLY)) {
		GOOD(nor_protection_set(rows.nor, (struct np_range){0, 0}, &rows.err));
		otp_works();
	}
	rows_close();
	rows_take_out();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("otp of rows");
	TCase *tcase = tcase_create("otp of rows");

	rows_collect();
	tcase_add_loop_test(tcase, drives_its_areas, 0, (int)rows_count);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
