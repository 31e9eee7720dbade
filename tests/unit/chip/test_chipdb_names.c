/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts by what people type: IDs, other tools' names, markings; and what names nothing. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "chip/chipdb.h"
#include "chip/chipdb_names.h"
#include "support/suite.h"

static const struct nor_chip *best(const char *word)
{
	return chipdb_by_marking(word, NULL, 0, NULL, 0);
}

static const struct {
	const char *word, *row;
} named[] = {
	{"W25Q64FV", "W25Q64FV"},
	{"w25q64fv", "W25Q64FV"},
	{"25Q64FVSIG", "W25Q64FV"},
	{"25Q128JVSQ", "W25Q128JV"},
	{"W25Q128JVSIQ", "W25Q128JV"},
	{"25q128jv", "W25Q128JV"},
	{"W25Q128.V", "W25Q128BV"},
	{"QH128A-104HIP", "EN25QH128A"},
	{"EN25QH64A-104HIP", "EN25QH64A"},
	{"GD25Q128CSIG", "GD25Q128C"},
	{"25Q128CSIG", "GD25Q128C"},
	{"MX25L6406EM2I-12G", "MX25L6406E"},
	{"MX25L3233F/MX25L3273E", "MX25L3233F"},
	{"FM25F02(A)", "FM25F02"},
	{"EN25Q32(A/B)", "EN25Q32"},
	{"XM25QH128CHIQ", "XM25QH128C"},
	{"Q64-104HIP", "EN25Q64"},
	{"S25FL164K0XMFI011", "S25FL164K"},
	{"S25FL128SAGMFI001", "S25FL128Sxxxxxx0"},
	{"S25FL128SAGMFI010", "S25FL128Sxxxxxx1"},
	{"FL128SAIFV00", "S25FL128S"},
	{"S25FL064KIF01", "W25Q64CV"},
	{"MT25QL128ABA1ESE-0SIT", "MT25QL128"},
	{"SST26VF064B-104I/SM", "SST26VF064B"},
	{"A25L032M-F", "A25L032"},
	{"KH25L12835FM2I-10G", "MX25L12835F"},
	{"Winbond25Q64FVSIG", "W25Q64FV"},
};

START_TEST(words_find_their_part)
{
	const struct nor_chip *row = best(named[_i].word);

	ck_assert_msg(row && strstr(row->name, named[_i].row), "%s: %s", named[_i].word,
	              row ? row->name : "nothing");
}
END_TEST

static const char *const strangers[] = {"",
                                        "25",
                                        "W25",
                                        "Q12",
                                        "W25Q1289JV",
                                        "25Q1",
                                        "FOO128",
                                        "24C02",
                                        "AT24C256",
                                        ".",
                                        "W25Q.64",
                                        "()",
                                        "25QQ64FV",
                                        "W25N01GVZEIG",
                                        "Q64",

                                        "W25Q643-X",
                                        "xxxxxx",
                                        "S25FL1",
                                        "S25FL128",
                                        "x",
                                        "-104HIP",
                                        "W25Q64FVSS-0123456789"};

START_TEST(strangers_find_nothing)
{
	const struct nor_chip *row = best(strangers[_i]);

	ck_assert_msg(!row, "%s: %s", strangers[_i], row ? row->name : "");
}
END_TEST

/* Of equals the one that answers the chip's ID. */
START_TEST(the_id_decides_between_equals)
{
	const uint8_t winbond[3] = {0xef, 0x40, 0x18}, gigadevice[3] = {0xc8, 0x40, 0x18};
	const struct nor_chip *row = chipdb_by_marking("25Q128BSIG", gigadevice, 3, NULL, 0);

	ck_assert_msg(row && strstr(row->name, "GD25Q128B"), "%s", row ? row->name : "nothing");
	row = chipdb_by_marking("W25Q128.V", winbond, 3, NULL, 0);
	ck_assert_msg(row && row->id[0] == 0xef, "%s", row ? row->name : "nothing");
}
END_TEST

/* Every name of the tables is found by itself, whole. */
START_TEST(every_name_is_its_own)
{
	const struct nor_chip *row;

	for (size_t i = 0; (row = chipdb_at(i)); i++)
		ck_assert_uint_eq(chipdb_name_score(row, row->name), CHIPDB_NAME_EXACT);
}
END_TEST

START_TEST(ids_in_any_spelling)
{
	const struct nor_chip *row = chipdb_by_name("W25Q128JV", NULL, 0);
	static const char *const yes[] = {
		"EF4018",      "0xEF4018",     "ef 40 18",         "ef40",
		"EF:40:18",    "ef-40-18",     "0xEF, 0x40, 0x18", "EF4018h",
		"EFh 40h 18h", "EF4018EF4018", "ef 4018"};
	static const char *const no[] = {"EF4017",  "EF", "EF401",    "E:F4018",
	                                 "0x",      "",   "EG4018",   "EF4018EF4018EF4018",
	                                 "h",       ":",  "EF 401 8", "EF/40/18",
	                                 "EFhh4018"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		ck_assert_msg(chipdb_id_is(row, yes[i]), "%s", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		ck_assert_msg(!chipdb_id_is(row, no[i]), "%s", no[i]);
}
END_TEST

START_TEST(families_are_names_without_their_letters)
{
	const struct nor_chip *row = chipdb_by_name("W25Q64FV", NULL, 0);
	static const char *const no[] = {"W25Q",      "W25Q6", "W25",     "",    "W25Q128",
	                                 "W25Q64FVS", "25Q",   "EN25Q64", "25Q6"};

	ck_assert(chipdb_name_begins(row, "w25q64") && chipdb_name_begins(row, "W25Q64F") &&
	          chipdb_name_begins(row, "25Q64"));
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		ck_assert_msg(!chipdb_name_begins(row, no[i]), "%s", no[i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("names of chips");
	TCase *tc = tcase_create("all");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, words_find_their_part, 0, (int)(sizeof(named) / sizeof(named[0])));
	tcase_add_loop_test(tc, strangers_find_nothing, 0,
	                    (int)(sizeof(strangers) / sizeof(strangers[0])));
	tcase_add_test(tc, the_id_decides_between_equals);
	tcase_add_test(tc, every_name_is_its_own);
	tcase_add_test(tc, ids_in_any_spelling);
	tcase_add_test(tc, families_are_names_without_their_letters);
	return run_suite(suite);
}
