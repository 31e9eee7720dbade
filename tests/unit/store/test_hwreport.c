/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a hardware report may say, and whose row it speaks for. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "chip/chipdb.h"
#include "store/hwreport.h"
#include "support/suite.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static struct np_error err;

static int parse(const char *text, struct hwreport *report)
{
	memset(&err, 0, sizeof(err));
	return hwreport_parse(text, strlen(text), "report.json", report, &err);
}

#define CHIP(name, id, size)                                                     \
	"{\"format\": 1, \"chip\": {\"name\": \"" name "\", \"jedec_id\": \"" id \
	"\", \"size\": " size "}"

static const char *const bad[] = {
	"",
	"[]",
	"{\"format\": 2}",
	"{\"format\": 1}",
	"{\"format\": 1, \"chip\": 7}",
	CHIP("", "EF4017", "8388608") "}",
	CHIP("W25Q64FV\\u001b[31m", "EF4017", "8388608") "}",
	CHIP("W25Q64FV", "EF40", "8388608") "}",
	CHIP("W25Q64FV", "EF401", "8388608") "}",
	CHIP("W25Q64FV", "EF40GG", "8388608") "}",
	CHIP("W25Q64FV", "EF401700000000", "8388608") "}",
	CHIP("W25Q64FV", "EF4017", "8388609") "}",
	CHIP("W25Q64FV", "EF4017", "-1") "}",
	CHIP("W25Q64FV", "EF4017", "9223372036854775807") "}",
	CHIP("W25Q64FV", "EF4017", "\"8M\"") "}",
};

START_TEST(what_is_no_report_is_refused)
{
	struct hwreport report;

	ck_assert_int_eq(parse(bad[_i], &report), NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.message, "report.json"));
}
END_TEST

START_TEST(what_was_proven)
{
	struct hwreport report;

	ck_assert_int_eq(parse(CHIP("W25Q64FV", "ef4017", "8388608") "}", &report), 0);
	ck_assert(!report.read && !report.written);
	ck_assert_int_eq(parse(CHIP("W25Q64FV", "EF4017", "8388608") ", \"proven\": [\"read\", 7]}",
	                       &report),
	                 0);
	ck_assert(report.read && !report.written);
	ck_assert_int_eq(parse(CHIP("W25Q64FV", "EF4017",
	                            "8388608") ", \"proven\": [\"erased\", \"programmed\"]}",
	                       &report),
	                 0);
	ck_assert(!report.written);
}
END_TEST

START_TEST(it_speaks_for_one_row)
{
	struct hwreport one = {.name = "W25Q64FV",
	                       .id = {0xef, 0x40, 0x17},
	                       .id_len = 3,
	                       .size = 8 << 20,
	                       .read = true,
	                       .written = true};
	struct hwreports reports = {&one, 1};
	const struct nor_chip *row;
	size_t rows = 0;
	bool written;

	for (size_t i = 0; (row = chipdb_at(i)); i++)
		rows += hwreports_count(&reports, row, &written);
	ck_assert_uint_eq(rows, 1);
	row = chipdb_by_name("W25Q64FV", NULL, 0);
	ck_assert_uint_eq(hwreports_count(&reports, row, &written), 1);
	ck_assert(written);
	one.size *= 2;
	ck_assert_uint_eq(hwreports_count(&reports, row, &written), 0);
	one.size /= 2;
	one.id[2]++;
	ck_assert_uint_eq(hwreports_count(&reports, row, &written), 0);
	one.id[2]--;
	one.read = false;
	ck_assert_uint_eq(hwreports_count(&reports, row, &written), 0);
}
END_TEST

START_TEST(those_built_in_and_those_of_a_folder)
{
	struct hwreports reports;
	size_t built_in;

	ck_assert_msg(hwreports_load(NULL, &reports, &err) == 0, "%s", err.message);
	built_in = reports.count;
	hwreports_free(&reports);
	ck_assert_int_eq(hwreports_load("tests/data/reports", &reports, &err), 0);
	ck_assert_uint_eq(reports.count, built_in + 2);
	hwreports_free(&reports);
	ck_assert_int_eq(hwreports_load("tests/data/nowhere", &reports, &err), NP_E_INPUT);
	hwreports_free(&reports);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("hwreport");
	TCase *tcase = tcase_create("hwreport");

	tcase_add_loop_test(tcase, what_is_no_report_is_refused, 0, COUNT(bad));
	tcase_add_test(tcase, what_was_proven);
	tcase_add_test(tcase, it_speaks_for_one_row);
	tcase_add_test(tcase, those_built_in_and_those_of_a_folder);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
