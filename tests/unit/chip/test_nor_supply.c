/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a chip may be fed: rows, SFDP, and where they leave it open. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "chip/chipdb.h"
#include "chip/nor_supply.h"
#include "support/suite.h"

#define V33  .vcc_min_mv = 2700, .vcc_max_mv = 3600
#define V18  .vcc_min_mv = 1650, .vcc_max_mv = 1950
#define WIDE .vcc_min_mv = 1650, .vcc_max_mv = 3600

static const struct nor_chip usual = {.name = "USUAL", V33}, low = {.name = "LOW", V18},
			     wide = {.name = "WIDE", WIDE}, silent = {.name = "SILENT"},
			     liar = {.name = "LIAR", V33, .flags = NOR_F_BAD_SFDP};

static struct nor_supply found(const struct nor_chip *a, const struct nor_chip *b, uint16_t min_mv,
                               uint16_t max_mv)
{
	const struct nor_chip *rows[2] = {a, b};
	struct sfdp sfdp = {.maker_id = 0xc8, .vcc_min_mv = min_mv, .vcc_max_mv = max_mv};
	struct nor_supply supply;

	nor_supply_find(rows, b ? 2 : a ? 1 : 0, NULL, max_mv ? &sfdp : NULL, 0xc8, &supply);
	ck_assert_msg(supply.suits_3v3 == !supply.why[0], "%s", supply.why);
	ck_assert((supply.from == NOR_SUPPLY_UNKNOWN) == !supply.max_mv);
	return supply;
}

static const struct {
	const struct nor_chip *a, *b;
	uint16_t sfdp_min, sfdp_max;
	enum nor_supply_from from;
	bool suits;
	const char *why;
} cases[] = {
	{NULL, NULL, 0, 0, NOR_SUPPLY_UNKNOWN, false, "nothing tells"},
	{NULL, NULL, 2700, 3600, NOR_SUPPLY_SFDP, true, ""},
	{NULL, NULL, 1650, 2000, NOR_SUPPLY_SFDP, false, "1.65-2.00 V"},
	{NULL, NULL, 1140, 1260, NOR_SUPPLY_SFDP, false, "1.14-1.26 V"},
	{&usual, NULL, 0, 0, NOR_SUPPLY_TABLE, true, ""},
	{&wide, NULL, 0, 0, NOR_SUPPLY_TABLE, true, ""},
	{&low, NULL, 0, 0, NOR_SUPPLY_TABLE, false, "1.65-1.95 V part"},
	{&silent, NULL, 0, 0, NOR_SUPPLY_UNKNOWN, false, "nothing tells"},
	{&usual, &low, 0, 0, NOR_SUPPLY_UNKNOWN, false, "may be LOW"},
	{&low, &usual, 0, 0, NOR_SUPPLY_UNKNOWN, false, "may be LOW"},
	{&usual, &wide, 0, 0, NOR_SUPPLY_TABLE, true, ""},
	{&usual, &silent, 0, 0, NOR_SUPPLY_UNKNOWN, false, "nothing tells"},
	/* SFDP settles what the rows leave open; it never lifts what all of them say */
	{&usual, &low, 2700, 3600, NOR_SUPPLY_SFDP, true, ""},
	{&usual, &low, 1650, 2000, NOR_SUPPLY_SFDP, false, "1.65-2.00 V"},
	{&usual, NULL, 1650, 2000, NOR_SUPPLY_SFDP, false, "1.65-2.00 V"},
	{&low, NULL, 2700, 3600, NOR_SUPPLY_UNKNOWN, false, "LOW is a 1.8 V part"},
	{&silent, NULL, 2700, 3600, NOR_SUPPLY_SFDP, true, ""},
	{&liar, NULL, 1650, 2000, NOR_SUPPLY_TABLE, true, ""},
};

START_TEST(who_says_what)
{
	struct nor_supply got =
		found(cases[_i].a, cases[_i].b, cases[_i].sfdp_min, cases[_i].sfdp_max);

	ck_assert_int_eq(got.from, cases[_i].from);
	ck_assert_int_eq(got.suits_3v3, cases[_i].suits);
	ck_assert_msg(strstr(got.why, cases[_i].why) != NULL, "%s", got.why);
}
END_TEST

/* A table that a maker copied from another one speaks of the other's parts. */
START_TEST(a_strangers_table_is_not_believed)
{
	struct sfdp sfdp = {.maker_id = 0xc2, .vcc_min_mv = 2700, .vcc_max_mv = 3600};
	struct nor_supply supply;

	nor_supply_find(NULL, 0, NULL, &sfdp, 0x1c, &supply);
	ck_assert_int_eq(supply.from, NOR_SUPPLY_UNKNOWN);
}
END_TEST

START_TEST(in_words)
{
	char text[256];
	struct nor_supply supply = found(&usual, NULL, 0, 0);

	ck_assert_str_eq(nor_supply_text(&supply, text, sizeof(text)), "2.7-3.6 V");
	supply = found(NULL, NULL, 1650, 2000);
	ck_assert_str_eq(nor_supply_text(&supply, text, sizeof(text)),
	                 "1.65-2.00 V (by its SFDP): do not feed it 3.3 V");
	supply = found(&usual, &low, 0, 0);
	ck_assert_str_eq(nor_supply_text(&supply, text, sizeof(text)),
	                 "not known: it may be LOW, which answers alike and takes 1.65-1.95 V");
}
END_TEST

/* A part that SFDP rules out today may be the one that has none tomorrow. */
START_TEST(a_twin_that_is_no_candidate_is_asked_about)
{
	const struct nor_chip *rows[1] = {&usual};
	struct sfdp sfdp = {.maker_id = 0xc8, .vcc_min_mv = 2700, .vcc_max_mv = 3600};
	struct nor_supply supply;

	nor_supply_find(rows, 1, &low, NULL, 0xc8, &supply);
	ck_assert(!supply.suits_3v3);
	ck_assert_msg(strstr(supply.why, "may be LOW") != NULL, "%s", supply.why);
	nor_supply_find(rows, 1, &low, &sfdp, 0xc8, &supply);
	ck_assert(supply.suits_3v3);
}
END_TEST

/* IDs that parts of both kinds answer with. */
START_TEST(known_shared_ids_are_asked_about)
{
	static const uint8_t shared[][3] = {
		{0x85, 0x60, 0x13}, {0x85, 0x60, 0x14}, {0x85, 0x60, 0x15}, {0x85, 0x60, 0x16},
		{0x85, 0x60, 0x17}, {0x85, 0x60, 0x18}, {0xc2, 0x25, 0x36}, {0xc2, 0x25, 0x37}};
	const struct nor_chip *rows[16];
	struct nor_supply supply;

	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++) {
		size_t count = chipdb_find(shared[i], 3, NULL, NULL, 0, rows, 16);

		nor_supply_find(rows, count, chipdb_low_twin(shared[i], 3), NULL, shared[i][0],
		                &supply);
		ck_assert_msg(!supply.suits_3v3 && strstr(supply.why, "may be"), "%s: %s",
		              rows[0]->name, supply.why);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("supply");
	TCase *tc = tcase_create("all");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, who_says_what, 0, (int)(sizeof(cases) / sizeof(cases[0])));
	tcase_add_test(tc, a_strangers_table_is_not_believed);
	tcase_add_test(tc, a_twin_that_is_no_candidate_is_asked_about);
	tcase_add_test(tc, in_words);
	tcase_add_test(tc, known_shared_ids_are_asked_about);
	return run_suite(suite);
}
