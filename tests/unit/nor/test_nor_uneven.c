/* SPDX-License-Identifier: GPL-2.0-or-later */
/* S25FS-S parts: what an erase takes hangs on registers. The usual settings are driven with all
 * other rows (test_rows.c). */
#include <check.h>
#include <string.h>

#include "support/rows.h"
#include "support/suite.h"

#define CR1_TBPARM 0x04
#define CR3_D8H    0x02
#define CR3_20H    0x08

#define KIB 1024U

static void put_in(const char *part, uint8_t cr1, uint8_t cr3)
{
	rows.part = part;
	rows_put_in();
	rows.chip->nv.regs[NR_CR] |= cr1;
	rows.chip->regs[NR_CR] |= cr1;
	rows.chip->nv.regs[NR_SR3] = rows.chip->regs[NR_SR3] = cr3;
}

/* Every block there, one after the other: exactly it becomes blank. */
static void erases_each(uint64_t start, uint64_t end, uint32_t size)
{
	for (uint64_t at = start; at < end; at += size) {
		uint64_t below = at ? at - 1 : 0;
		uint64_t above = at + size < norsim_size(rows.chip) ? at + size + 1 : at + size;

		rows_fill(below, above);
		GOOD(nor_erase(rows.nor, at, 0, &rows.err));
		HOLDS(rows_blank(at, at + size));
		HOLDS(rows_filled(below, at));
		HOLDS(rows_filled(at + size, above));
	}
}

static const struct {
	const char *part;
	uint8_t cr1, cr3;
	uint32_t size, small, odd; /* of a block, and what the two ends took */
} settings[] = {
	{"S25FS064S", 0, 0, 64 * KIB, 8, 1},
	{"S25FS064S", CR1_TBPARM, 0, 64 * KIB, 8, 1},
	{"S25FS064S", 0, CR3_20H, 64 * KIB, 0, 0},
	{"S25FS064S", CR1_TBPARM, CR3_20H, 64 * KIB, 0, 0},
	{"S25FS128Sxxxxxx1", 0, CR3_D8H, 256 * KIB, 8, 1},
	{"S25FS128Sxxxxxx1", CR1_TBPARM, CR3_D8H, 256 * KIB, 8, 1},
	{"S25FS512S", CR1_TBPARM, CR3_D8H, 256 * KIB, 8, 1},
	{"S25FS512S", 0, CR3_D8H | CR3_20H, 256 * KIB, 0, 0},
};

START_TEST(test_settings)
{
	uint64_t size;

	put_in(settings[_i].part, settings[_i].cr1, settings[_i].cr3);
	rows_open();
	size = norsim_size(rows.chip);
	ck_assert_uint_eq(nor_info(rows.nor)->erase_count, 1);
	ck_assert_uint_eq(nor_info(rows.nor)->erase[0].size, settings[_i].size);
	erases_each(0, 1024 * KIB, settings[_i].size);
	erases_each(size - 1024 * KIB, size, settings[_i].size);
	ck_assert_uint_eq(norsim_stats(rows.chip)->erases_4k, settings[_i].small);
	ck_assert_uint_eq(
		norsim_stats(rows.chip)->erases_odd +
			(settings[_i].size == 64 * KIB ? norsim_stats(rows.chip)->erases_32k : 0),
		settings[_i].odd);
	rows_no_complaints();
	rows_close();
	rows_take_out();
}
END_TEST

static void refused(const char *why)
{
	struct nor_options options = {0};

	ck_assert_int_eq(nor_open(rows.bus, &options, &rows.nor, &rows.err), NP_E_UNSTABLE);
	ck_assert_msg(strstr(rows.err.message, "erase blocks are reads differently") != NULL,
	              "%s: %s", why, rows.err.message);
}

START_TEST(test_strange_registers_refused)
{
	put_in("S25FS064S", 0, 0xC0);
	refused("no CR3");
	rows_take_out();
	put_in("S25FS064S", 0, 0);
	rows.chip->nv.regs[NR_SR2] = rows.chip->regs[NR_SR2] = 6;
	refused("other dummy cycles");
	rows_take_out();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("nor_uneven");
	TCase *tcase = tcase_create("uneven");

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, test_settings, 0, sizeof(settings) / sizeof(settings[0]));
	tcase_add_test(tcase, test_strange_registers_refused);
	return run_suite(suite);
}
