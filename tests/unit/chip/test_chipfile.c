/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: chipfile_keys.c chipfile_words.c */
/* Chip files: what is right becomes a row, what is wrong is named with its line, rubbish does no
 * harm. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chip/chipdb.h"
#include "chip/chipfile.h"
#include "support/suite.h"

#define SEED      20261121
#define MUTATIONS 20000

static struct chipfile *file;
static struct np_error err;

static const char full[] = "# two parts\n"
			   "[chip ZX25Q64]\n"
			   "maker = Zxy\n"
			   "id = 7E 40 17 01\n"
			   "size = 8M\n"
			   "page = 512\n"
			   "erase = 4K 20/21 45 400, 64K D8/DC 150 2000 ; a comment\n"
			   "page_us = 700 3000\n"
			   "status_us = 10000 15000\n"
			   "chip_erase_ms = 20000 100000\n"
			   "protection = sec-cmp\n"
			   "status = two-clears\n"
			   "quad_enable = SR2.1\n"
			   "unique_id = 4b\n"
			   "otp = registers\n"
			   "otp_areas = 3\n"
			   "otp_first = 1\n"
			   "otp_size = 256\n"
			   "read_mhz = 33\n"
			   "fast_mhz = 104\n"
			   "supply_mv = 1650 1950\n"
			   "flags = volatile-status, bad-sfdp, die-erase\n"
			   "die = 4M\n"
			   "source = data sheet 1.2\n"
			   "note = an example\n"
			   "\n"
			   "[chip ZX25Q256]\r\n"
			   "id = 7e 40 19\r\n"
			   "size = 32M\r\n"
			   "erase = 64K D8 150 2000\r\n"
			   "address4 = enter-we\r\n"
			   "address4_bit = SR3.0";

static int parse(const char *text)
{
	return chipfile_parse(text, strlen(text), "my.chips", &file, &err);
}

START_TEST(every_key_reaches_the_row)
{
	const struct nor_chip *row;

	ck_assert_msg(parse(full) == 0, "%s", err.message);
	ck_assert_uint_eq(chipfile_count(file), 2);
	row = chipfile_rows(file);
	ck_assert_str_eq(row->name, "ZX25Q64");
	ck_assert_str_eq(row->maker, "Zxy");
	ck_assert_uint_eq(row->id_len, 4);
	ck_assert_mem_eq(row->id, "\x7e\x40\x17\x01", 4);
	ck_assert_uint_eq(row->size, 8 << 20);
	ck_assert_uint_eq(row->page, 512);
	ck_assert_uint_eq(row->erase[0].size, 4096);
	ck_assert_uint_eq(row->erase[0].op4, 0x21);
	ck_assert_uint_eq(row->erase[0].max_us, 400000);
	ck_assert_uint_eq(row->erase[1].op, 0xd8);
	ck_assert_uint_eq(row->erase[2].size, 0);
	ck_assert_uint_eq(row->times->page_max_us, 3000);
	ck_assert_uint_eq(row->times->sr_typ_us, 10000);
	ck_assert_uint_eq(row->times->chip_max_ms, 100000);
	ck_assert_ptr_eq(row->prot, &nor_prot_sec_cmp);
	ck_assert_int_eq(row->sr_write, NOR_SR_TWO_CLEARS);
	ck_assert_uint_eq(row->qe, NOR_BIT(2, 1));
	ck_assert_int_eq(row->uid, NOR_UID_4B);
	ck_assert_int_eq(row->otp, NOR_OTP_SECREG);
	ck_assert_uint_eq(row->otp_regs, 3);
	ck_assert_uint_eq(row->otp_first, 1);
	ck_assert_uint_eq(row->otp_reg_size, 256);
	ck_assert_uint_eq(row->read_mhz, 33);
	ck_assert_uint_eq(row->fast_mhz, 104);
	ck_assert_uint_eq(row->vcc_min_mv, 1650);
	ck_assert_uint_eq(row->vcc_max_mv, 1950);
	ck_assert_uint_eq(row->flags, NOR_F_VOLATILE_SR | NOR_F_BAD_SFDP | NOR_F_DIE_ERASE);
	ck_assert_uint_eq(row->die, 4 << 20);
	ck_assert_str_eq(row->source, "data sheet 1.2");
	ck_assert_str_eq(row->note, "an example");
	row++;
	ck_assert_str_eq(row->name, "ZX25Q256");
	ck_assert_str_eq(row->maker, "own");
	ck_assert_ptr_null(row->note);
	ck_assert_int_eq(row->addr4, NOR_ADDR4_ENTER_WE);
	ck_assert_uint_eq(row->addr4_bit, NOR_BIT(3, 0));
	chipfile_free(file);
}
END_TEST

/* The user's rows win over the tables, and merge into something that can be driven. */
START_TEST(a_row_resolves)
{
	const uint8_t id[] = {0xef, 0x40, 0x17};
	const struct nor_chip *found[4];
	struct nor_erase erase[NOR_ERASE_TYPES];
	struct nor_times times;
	struct nor_chip chip;

	ck_assert_int_eq(parse("[chip MINE]\nid = EF 40 17\nsize = 8M\n"
	                       "erase = 4K 20 45 400\n"),
	                 0);
	ck_assert_uint_eq(chipdb_find(id, 3, NULL, chipfile_rows(file), 1, found, 4), 1);
	ck_assert_str_eq(found[0]->name, "MINE");
	ck_assert_int_eq(chipdb_resolve(found, 1, NULL, &chip, erase, &times, &err), 0);
	ck_assert_uint_eq(erase[0].size, 4096);
	ck_assert_uint_eq(erase[0].typ_us, 45000);
	ck_assert_uint_eq(erase[1].size, 0);
	ck_assert_uint_gt(times.page_max_us, 0);
	ck_assert_ptr_eq(chipdb_by_name("mine", chipfile_rows(file), 1), found[0]);
	chipfile_free(file);
}
END_TEST

#define CHIP(lines) "[chip A]\nid = 7E 40 17\nsize = 8M\n" lines
#define ERASE       "erase = 4K 20 45 400\n"

static const struct {
	const char *text;
	unsigned line;
	const char *says;
} wrong[] = {
	{"", 0, "no chip is described"},
	{"size = 8M\n", 1, "before the first"},
	{"[chip A]\n", 1, "empty"},
	{"[chip A]\n[chip B]\nid = 7E 40 17\n", 1, "empty"},
	{"[device]\nsize = 8M\n", 1, "[chip NAME]"},
	{"[chip ]\nsize = 8M\n", 1, "name"},
	{"[chip A/B]\nsize = 8M\n", 1, "letters"},
	{"[chip A]\nnonsense\n", 2, "neither"},
	{CHIP("\tindented = 1\n"), 4, "indented"},
	{CHIP("colour = red\n"), 4, "unknown key: 'colour'"},
	{CHIP("size = 8M\n"), 4, "given twice"},
	{CHIP(""), 1, "lacks the key: 'erase'"},
	{"[chip A]\nsize = 8M\n" ERASE, 1, "lacks the key: 'id'"},
	{CHIP(ERASE) "[chip a]\nid = 7E 40 18\nsize = 8M\n" ERASE, 5, "described twice"},
	{"[chip A]\nid = 7E 40\n", 2, "3 to 6 bytes"},
	{"[chip A]\nid = 7E 40 1\n", 2, "3 to 6 bytes"},
	{"[chip A]\nid = 1 2 3 4 5 6 7\n", 2, "3 to 6 bytes"},
	{"[chip A]\nid = FF FF FF\n", 2, "no chip answers"},
	{"[chip A]\nsize = 6M\n", 2, "power of two"},
	{"[chip A]\nsize = 1G\n", 2, "fits"},
	{"[chip A]\nsize = -8M\n", 2, "fits"},
	{CHIP("page = 0\n"), 4, "power of two"},
	{CHIP("page = 264\n"), 4, "power of two"},
	{CHIP("erase = 4K C7 45 400\n"), 4, "not an opcode"},
	{CHIP("erase = 4K 02 45 400\n"), 4, "not an opcode"},
	{CHIP("erase = 4K 20/06 45 400\n"), 4, "not an opcode"},
	{CHIP("erase = 5K 20 45 400\n"), 4, "SIZE OPCODE"},
	{CHIP("erase = 4K 20 400 45\n"), 4, "smaller than the typical"},
	{CHIP("erase = 4K 20 0 45\n"), 4, "typical and a largest"},
	{CHIP("erase = 4K 20 45\n"), 4, "typical and a largest"},
	{CHIP("erase = 4K 20 45 9999999\n"), 4, "typical and a largest"},
	{CHIP("erase = 64K D8 1 2, 4K 20 1 2\n"), 4, "small to large"},
	{CHIP("erase = 4K 20 1 2, 64K 20 1 2\n"), 4, "one opcode"},
	{CHIP("erase = ,\n"), 4, "no erase size"},
	{CHIP("erase = 256 20 1 2, 512 52 1 2, 4K 81 1 2, 8K 40 1 2, 64K D8 1 2\n"), 4, "four"},
	{CHIP("erase = 16M D8 1 2\n"), 1, "larger than the chip"},
	{CHIP("page = 1024\nerase = 512 81 1 2\n"), 1, "smaller than a page"},
	{CHIP("protection = good\n"), 4, "not a protection scheme"},
	{CHIP("status = four\n"), 4, "not one of the words"},
	{CHIP("quad_enable = SR4.1\n"), 4, "SR2.1"},
	{CHIP("quad_enable = SR2.8\n"), 4, "SR2.1"},
	{CHIP("otp_areas = 5\n"), 4, "fits"},
	{CHIP(ERASE "otp = eon\n"), 1, "otp_size"},
	{CHIP(ERASE "otp_size = 256\n"), 1, "need otp"},
	{CHIP(ERASE "otp = registers\notp_size = 256\notp_areas = 4\notp_first = 1\n"), 1,
         "0 to 3"},
	{CHIP(ERASE "address4 = native\n"), 1, "OPCODE4"},
	{CHIP("supply_mv = 3600 2700\n"), 4, "smaller"},
	{CHIP("flags = fast\n"), 4, "not one of the words"},
	{CHIP("die = 3M\n"), 4, "power of two"},
	{CHIP("die = 256M\n"), 4, "power of two"},
	{CHIP(ERASE "die = 8M\n"), 1, "as large as the chip"},
	{CHIP(ERASE "flags = die-erase\n"), 1, "need die"},
	{CHIP(ERASE "flags = die-status\n"), 1, "need die"},
	{CHIP(ERASE "flags = byte-program aai-word\n"), 1, "exclude"},
	{CHIP(ERASE "read_mhz = 50\nfast_mhz = 40\n"), 1, "above fast_mhz"},
	{"[chip A]\nid = 7E 40 19\nsize = 32M\n" ERASE, 1, "address4"},
	{"[chip A]\nnote = \x01\n", 2, "not text"},
};

START_TEST(a_flaw_is_named_with_its_line)
{
	char where[32];

	snprintf(where, sizeof(where), "my.chips:%u: ", wrong[_i].line);
	ck_assert_msg(parse(wrong[_i].text) == NP_E_INPUT, "accepted: %s", wrong[_i].text);
	ck_assert_ptr_null(file);
	ck_assert_msg(strncmp(err.message, where, strlen(where)) == 0, "%s\nin: %s", err.message,
	              wrong[_i].text);
	ck_assert_msg(strstr(err.message, wrong[_i].says) != NULL, "%s\nin: %s", err.message,
	              wrong[_i].text);
}
END_TEST

START_TEST(lines_and_names_that_inih_would_cut_are_refused)
{
	char text[400];

	snprintf(text, sizeof(text), "[chip A]\nnote = %0200d\n", 1);
	ck_assert_int_eq(parse(text), NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.message, ":2: longer"));
	snprintf(text, sizeof(text), "[chip %080d]\nsize = 8M\n", 1);
	ck_assert_int_eq(parse(text), NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.message, ":1: section name longer"));
	ck_assert_int_eq(chipfile_parse("[chip A]\nid\0 = 7E", 16, "my.chips", &file, &err),
	                 NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.message, ":2: holds a byte"));
}
END_TEST

/* Whatever is accepted is a chip that the tables' own rules would accept. */
static void check_rows(void)
{
	for (size_t i = 0; i < chipfile_count(file); i++) {
		const struct nor_chip *chip = &chipfile_rows(file)[i];

		ck_assert_uint_ge(chip->id_len, 3);
		ck_assert_uint_gt(chip->size, 0);
		ck_assert_uint_gt(chip->erase[0].size, 0);
		for (size_t k = 0; k < NOR_ERASE_TYPES && chip->erase[k].size; k++) {
			ck_assert_uint_eq(chip->size % chip->erase[k].size, 0);
			ck_assert_uint_le(chip->erase[k].typ_us, chip->erase[k].max_us);
			ck_assert_uint_ne(chip->erase[k].op, 0xc7);
			if (k)
				ck_assert_uint_eq(chip->erase[k].size % chip->erase[k - 1].size, 0);
		}
	}
}

START_TEST(mangled_files_do_no_harm)
{
	size_t accepted = 0;

	srand(SEED);
	for (unsigned n = 0; n < MUTATIONS; n++) {
		size_t len = sizeof(full) - 1 - (rand() % 4 ? 0 : (size_t)rand() % sizeof(full));
		char *text;

		len = len > sizeof(full) ? 0 : len;
		text = malloc(len + 1); /* exactly: reads beyond it are seen by the sanitizer */
		memcpy(text, full, len);
		for (int k = rand() % 4; k >= 0 && len; k--)
			text[(size_t)rand() % len] =
				(char)(rand() % 3 ? full[rand() % 400] : rand());
		if (chipfile_parse(text, len, "my.chips", &file, &err) == 0) {
			accepted++;
			check_rows();
			chipfile_free(file);
		} else {
			ck_assert_int_eq(err.code, NP_E_INPUT);
		}
		free(text);
	}
	ck_assert_msg(accepted > 0 && accepted < MUTATIONS, "seed %d: %zu accepted", SEED,
	              accepted);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("chipfile");
	TCase *tcase = tcase_create("chipfile");

	tcase_add_test(tcase, every_key_reaches_the_row);
	tcase_add_test(tcase, a_row_resolves);
	tcase_add_loop_test(tcase, a_flaw_is_named_with_its_line, 0,
	                    (int)(sizeof(wrong) / sizeof(wrong[0])));
	tcase_add_test(tcase, lines_and_names_that_inih_would_cut_are_refused);
	tcase_add_test(tcase, mangled_files_do_no_harm);
	suite_add_tcase(suite, tcase);
	printf("seed %d\n", SEED);
	return run_suite(suite);
}
