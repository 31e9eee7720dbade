/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: chipdb_resolve.c */
/* Finding a chip by ID and SFDP, and merging rows with SFDP. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chip/chipdb.h"
#include "support/suite.h"
#include "support/twins.h"

#define MIB        (1024U * 1024U)
#define CANDIDATES 16

static void expect_found(const uint8_t id[3], const struct sfdp *sfdp, const char *name)
{
	const struct nor_chip *found[CANDIDATES];
	char names[256];
	size_t count = chipdb_find(id, 3, sfdp, NULL, 0, found, CANDIDATES);

	chipdb_names(found, count, names, sizeof(names));
	ck_assert_msg(strcmp(names, name) == 0, "%02X%02X%02X: '%s', not '%s'", id[0], id[1], id[2],
	              names, name);
}

START_TEST(test_twins_winbond)
{
	const uint8_t id[3] = {0xef, 0x40, 0x17};
	struct sfdp plain = sfdp_of(0, 8 * MIB), a = sfdp_of(5, 8 * MIB), c = sfdp_of(7, 8 * MIB);
	struct sfdp qpi = sfdp_with(plain, 5, 0xfffffffe);

	expect_found(id, NULL, "W25Q64BV");
	expect_found(id, &plain, "W25Q64CV/S25FL064K");
	expect_found(id, &qpi, "W25Q64FV");
	expect_found(id, &a, "W25Q64JV");
	expect_found(id, &c, "W25Q64JV");
}
END_TEST

START_TEST(test_twins_eon)
{
	const uint8_t id[3] = {0x1c, 0x70, 0x18};
	struct sfdp plain = sfdp_of(0, 16 * MIB);
	struct sfdp quad = sfdp_with(plain, 3, 0x6b08eb44);

	expect_found(id, &plain, "EN25QH128");
	expect_found(id, &quad, "EN25QH128A");
}
END_TEST

START_TEST(test_twins_others)
{
	const uint8_t w256[3] = {0xef, 0x40, 0x19}, mx64[3] = {0xc2, 0x20, 0x17};
	const uint8_t n25[3] = {0x20, 0xba, 0x18}, gd64[3] = {0xc8, 0x40, 0x17};
	struct sfdp plain = sfdp_of(0, 32 * MIB), a = sfdp_of(6, 32 * MIB), dual;

	expect_found(w256, &plain, "W25Q256BV/W25Q256FV");
	expect_found(w256, &a, "W25Q256JV");
	plain = sfdp_of(0, 8 * MIB);
	expect_found(mx64, NULL, "MX25L6405/MX25L6405D/MX25L6408D/MX25L6408E");
	dual = sfdp_with(plain, 1, 0xff9120e5);
	expect_found(mx64, &dual, "MX25L6406E");
	expect_found(gd64, NULL, "GD25Q64/GD25Q64B/GD25B64B");
	expect_found(gd64, &plain, "GD25Q64C/GD25B64C");
	plain = sfdp_of(0, 16 * MIB);
	a = sfdp_of(6, 16 * MIB);
	expect_found(n25, &plain, "N25Q128A13");
	expect_found(n25, &a, "MT25QL128AB");
}
END_TEST

START_TEST(test_longer_id_wins)
{
	const uint8_t hybrid[6] = {0x01, 0x20, 0x18, 0x4d, 0x01, 0x80};
	const uint8_t uniform[6] = {0x01, 0x20, 0x18, 0x4d, 0x00, 0x80};
	const uint8_t repeated[6] = {0x1c, 0x70, 0x18, 0x1c, 0x70, 0x18};
	const struct nor_chip *found[CANDIDATES];
	size_t count = chipdb_find(hybrid, 6, NULL, NULL, 0, found, CANDIDATES);

	ck_assert_uint_eq(count, 2);
	ck_assert_uint_eq(found[0]->erase_set, NOR_ERASE_64K);
	count = chipdb_find(uniform, 6, NULL, NULL, 0, found, CANDIDATES);
	ck_assert_uint_eq(count, 1);
	ck_assert_uint_eq(found[0]->erase_set, NOR_ERASE_256K);
	count = chipdb_find(repeated, 6, NULL, NULL, 0, found, CANDIDATES);
	ck_assert_uint_ge(count, 1);
	ck_assert_str_eq(found[0]->maker, "Eon");
}
END_TEST

/* An odd revision of a known part is not a stranger. */
START_TEST(test_condition_fails)
{
	const uint8_t gd[3] = {0xc8, 0x40, 0x17};
	struct sfdp odd = sfdp_of(1, 64 * MIB);
	const struct nor_chip *found[CANDIDATES];

	ck_assert_uint_ge(chipdb_find(gd, 3, &odd, NULL, 0, found, CANDIDATES), 1);
	ck_assert_uint_eq(found[0]->size, 8 * MIB);
}
END_TEST

START_TEST(test_unknown_id)
{
	const uint8_t id[3] = {0x12, 0x34, 0x56}, near[3] = {0xef, 0x40, 0x27};
	const struct nor_chip *found[CANDIDATES];

	ck_assert_uint_eq(chipdb_find(id, 3, NULL, NULL, 0, found, CANDIDATES), 0);
	ck_assert_uint_eq(chipdb_find(near, 3, NULL, NULL, 0, found, CANDIDATES), 0);
	/* fewer bytes than the row states */
	ck_assert_uint_eq(chipdb_find(near, 2, NULL, NULL, 0, found, CANDIDATES), 0);
}
END_TEST

START_TEST(test_own_rows_first)
{
	const struct nor_chip own = {.name = "MINE/THINE",
	                             .maker = "me",
	                             .id = {0xef, 0x40, 0x17},
	                             .id_len = 3,
	                             .size = 8 * MIB,
	                             .erase_set = NOR_ERASE_64K};
	const struct nor_chip *found[CANDIDATES];

	ck_assert_uint_eq(chipdb_find(own.id, 3, NULL, &own, 1, found, CANDIDATES), 1);
	ck_assert_ptr_eq(found[0], &own);
	ck_assert_ptr_eq(chipdb_by_name("thine", &own, 1), &own);
	ck_assert_ptr_null(chipdb_by_name("THIN", &own, 1));
}
END_TEST

START_TEST(test_names)
{
	const struct nor_chip *rows[2] = {chipdb_by_name("w25q64fv", NULL, 0),
	                                  chipdb_by_name("EN25QH128A", NULL, 0)};
	char buf[64], tiny[8];

	ck_assert_ptr_nonnull(rows[0]);
	ck_assert_ptr_nonnull(rows[1]);
	ck_assert_str_eq(chipdb_names(rows, 2, buf, sizeof(buf)), "W25Q64FV/EN25QH128A");
	ck_assert_str_eq(chipdb_names(rows, 2, tiny, sizeof(tiny)), "W25Q...");
	ck_assert_str_eq(chipdb_names(rows, 0, buf, sizeof(buf)), "");
	ck_assert_ptr_eq(chipdb_by_name("MX25L6473F", NULL, 0),
	                 chipdb_by_name("MX25L6433F", NULL, 0));
	ck_assert_ptr_null(chipdb_by_name("W25Q64", NULL, 0));
	ck_assert_str_eq(chipdb_maker(0xef), "Winbond");
	ck_assert_ptr_null(chipdb_maker(0x00));
}
END_TEST

/* ---- merging ---- */

static struct nor_erase erase[NOR_ERASE_TYPES];
static struct nor_times times;

static struct nor_chip resolve(const struct nor_chip *row, const struct sfdp *sfdp)
{
	struct np_error err = {0};
	struct nor_chip out;

	ck_assert_msg(chipdb_resolve(&row, row ? 1 : 0, sfdp, &out, erase, &times, &err) == 0, "%s",
	              err.message);
	ck_assert_ptr_eq(out.erase, erase);
	ck_assert_ptr_eq(out.times, &times);
	return out;
}

START_TEST(test_typical_times)
{
	struct nor_chip out = resolve(chipdb_by_name("W25Q64FV", NULL, 0), NULL);

	ck_assert_uint_eq(out.page, 256);
	ck_assert_uint_eq(times.page_typ_us, 700);
	ck_assert_uint_eq(times.sr_typ_us, 10000);
	ck_assert_uint_eq(erase[0].typ_us, 45000);
	ck_assert_uint_eq(erase[1].typ_us, 120000);
	ck_assert_uint_eq(erase[2].typ_us, 150000);
	ck_assert_uint_eq(times.chip_typ_ms, 20000);
	/* no SFDP confirms the limits: they are generous */
	ck_assert_uint_eq(times.page_max_us, 20000);
	ck_assert_uint_eq(times.sr_max_us, 1000000);
	ck_assert_uint_eq(erase[0].max_us, 3000000);
	ck_assert_uint_eq(erase[2].max_us, 10000000);
	ck_assert_uint_eq(times.chip_max_ms, 320000);

	resolve(chipdb_by_name("EN25QH128A", NULL, 0), NULL);
	ck_assert_uint_eq(times.page_typ_us, 500);
	ck_assert_uint_eq(erase[0].typ_us, 40000);
	ck_assert_uint_eq(erase[1].typ_us, 200000);
	ck_assert_uint_eq(erase[2].typ_us, 300000);
	ck_assert_uint_eq(times.chip_typ_ms, 60000);
	ck_assert_uint_eq(times.chip_max_ms, 640000);
}
END_TEST

static struct sfdp with_times(struct sfdp sfdp)
{
	sfdp.has_times = true;
	for (size_t i = 0; i < sfdp.erase_count; i++) {
		sfdp.erase[i].typ_us = 64000U << i;
		sfdp.erase[i].max_us = 896000U << i;
	}
	sfdp.page_typ_us = 400;
	sfdp.page_max_us = 2400;
	sfdp.chip_typ_ms = 192000;
	sfdp.chip_max_ms = 1152000;
	return sfdp;
}

START_TEST(test_sfdp_times_win)
{
	struct sfdp sfdp = with_times(sfdp_of(6, 8 * MIB));

	resolve(chipdb_by_name("W25Q64JV", NULL, 0), &sfdp);
	ck_assert_uint_eq(times.page_typ_us, 400);
	ck_assert_uint_eq(times.page_max_us, 3000);
	ck_assert_uint_eq(erase[0].typ_us, 64000);
	ck_assert_uint_eq(erase[0].max_us, 896000);
	ck_assert_uint_eq(erase[2].max_us, 3584000);
	ck_assert_uint_eq(times.chip_typ_ms, 192000);
	ck_assert_uint_eq(times.chip_max_ms, 1152000);
}
END_TEST

START_TEST(test_sfdp_narrows_erase)
{
	const struct nor_chip *row = chipdb_by_name("W25Q64FV", NULL, 0);
	struct sfdp sfdp = sfdp_of(0, 8 * MIB);

	/* SFDP does not know 32K */
	sfdp.erase[1] = sfdp.erase[2];
	sfdp.erase_count = 2;
	resolve(row, &sfdp);
	ck_assert_uint_eq(erase[0].size, 4096);
	ck_assert_uint_eq(erase[1].size, 65536);
	ck_assert_uint_eq(erase[2].size, 0);
	/* SFDP knows only opcodes that the table does not: the table wins */
	sfdp.erase[0].op = 0xd7;
	sfdp.erase_count = 1;
	resolve(row, &sfdp);
	ck_assert_uint_eq(erase[0].op, 0x20);
	ck_assert_uint_eq(erase[2].size, 65536);
}
END_TEST

START_TEST(test_size_contradiction)
{
	const struct nor_chip *row = chipdb_by_name("W25Q64FV", NULL, 0);
	struct sfdp sfdp = sfdp_of(0, 16 * MIB);
	struct nor_chip out, lying = *row;
	struct np_error err = {0};

	/* SFDP of another size is another part's: nothing of it is taken */
	sfdp.erase_count = 1;
	sfdp.page = 128;
	ck_assert_int_eq(chipdb_resolve(&row, 1, &sfdp, &out, erase, &times, &err), 0);
	ck_assert_uint_eq(out.size, 8 * MIB);
	ck_assert_uint_eq(out.page, 256);
	ck_assert_uint_eq(erase[2].size, 65536);
	/* a part whose SFDP is known to lie is driven by its row */
	lying.flags |= NOR_F_BAD_SFDP;
	row = &lying;
	ck_assert_int_eq(chipdb_resolve(&row, 1, &sfdp, &out, erase, &times, &err), 0);
	ck_assert_uint_eq(out.size, 8 * MIB);
}
END_TEST

START_TEST(test_four_bytes)
{
	struct sfdp sfdp = sfdp_of(6, 32 * MIB);
	struct nor_chip out = resolve(chipdb_by_name("MX25L25635F", NULL, 0), NULL);

	ck_assert_int_eq(out.addr4, NOR_ADDR4_NATIVE);
	ck_assert_uint_eq(erase[0].op4, 0x21);
	ck_assert_uint_eq(erase[1].op4, 0x5c);
	ck_assert_uint_eq(erase[2].op4, 0xdc);
	/* SFDP says that 52h has no twin with four address bytes */
	sfdp.addr4_native = true;
	sfdp.erase[0].op4 = 0x21;
	sfdp.erase[2].op4 = 0xdc;
	resolve(chipdb_by_name("MX25L25645G", NULL, 0), &sfdp);
	ck_assert_uint_eq(erase[1].size, 65536);
	ck_assert_uint_eq(erase[1].op4, 0xdc);
	ck_assert_uint_eq(erase[2].size, 0);
	/* by mode: every size stays, none has an opcode of its own */
	resolve(chipdb_by_name("W25Q256FV", NULL, 0), NULL);
	ck_assert_uint_eq(erase[1].size, 32768);
	ck_assert_uint_eq(erase[1].op4, 0);
	resolve(chipdb_by_name("W25Q256JV", NULL, 0), NULL);
	ck_assert_uint_eq(erase[1].size, 65536);
	ck_assert_uint_eq(erase[1].op4, 0xdc);
}
END_TEST

START_TEST(test_unknown_chip)
{
	struct sfdp sfdp = sfdp_of(0, 8 * MIB);
	struct np_error err = {0};
	struct nor_chip out = resolve(NULL, &sfdp);

	ck_assert_uint_eq(out.size, 8 * MIB);
	ck_assert_uint_eq(out.page, 256);
	ck_assert_int_eq(out.sr_write, NOR_SR_ONE);
	ck_assert_ptr_nonnull(out.prot);
	ck_assert_int_eq(out.prot->kind, NOR_PROT_GUESS);
	ck_assert_int_eq(out.addr4, NOR_ADDR4_NONE);
	ck_assert_uint_eq(erase[2].op, 0xd8);
	ck_assert_uint_eq(erase[2].max_us, 10000000);
	ck_assert_uint_ge(times.chip_max_ms, 200000);

	sfdp.size = 64 * MIB;
	sfdp.qer = 6;
	sfdp.addr4_enter = true;
	out = resolve(NULL, &sfdp);
	ck_assert_int_eq(out.addr4, NOR_ADDR4_ENTER);
	ck_assert_int_eq(out.sr_write, NOR_SR_SEPARATE);
	ck_assert_uint_eq(out.qe, NOR_BIT(2, 1));
	sfdp.qer = 1;
	ck_assert_int_eq(resolve(NULL, &sfdp).sr_write, NOR_SR_TWO_CLEARS);

	ck_assert_int_eq(chipdb_resolve(NULL, 0, NULL, &out, erase, &times, &err),
	                 NP_E_UNKNOWN_CHIP);
	ck_assert_uint_ne(strlen(err.hint), 0);
	/* an uneven map without an erase size that works everywhere is read, not written */
	sfdp.erase_count = 0;
	sfdp.has_sector_map = true;
	out = resolve(NULL, &sfdp);
	ck_assert(out.flags & NOR_F_READ_ONLY);
	ck_assert_ptr_nonnull(out.note);
	ck_assert_uint_eq(erase[0].size, 0);
}
END_TEST

/* Its SFDP leaves an uneven part 4 KiB only; the row knows what D8h erases where. */
START_TEST(test_uneven_row_and_sfdp)
{
	const struct nor_chip *rows[2] = {chipdb_by_name("SST26VF064B", NULL, 0), NULL};
	struct sfdp sfdp = {.size = 8 * MIB, .page = 256, .erase_count = 1};
	struct nor_chip out, even = *rows[0];
	struct np_error err = {0};

	sfdp.erase[0] = (struct nor_erase){.op = 0x20, .size = 4096};
	sfdp.has_sector_map = true;
	ck_assert_int_eq(chipdb_resolve(rows, 1, &sfdp, &out, erase, &times, &err), 0);
	ck_assert_int_eq(out.uneven, NOR_UNEVEN_EDGES);
	ck_assert_uint_eq(erase[1].size, 65536);
	even.uneven = NOR_UNEVEN_NONE;
	rows[1] = &even;
	ck_assert_int_eq(chipdb_resolve(rows, 2, NULL, &out, erase, &times, &err),
	                 NP_E_UNKNOWN_CHIP);
}
END_TEST

START_TEST(test_common_denominator)
{
	const struct nor_chip *rows[2] = {chipdb_by_name("EN25QH128A", NULL, 0),
	                                  chipdb_by_name("EN25QH128", NULL, 0)};
	struct nor_chip out, other = *rows[1];
	struct np_error err = {0};

	ck_assert_int_eq(chipdb_resolve(rows, 2, NULL, &out, erase, &times, &err), 0);
	ck_assert_uint_eq(erase[0].size, 4096);
	ck_assert_uint_eq(erase[1].size, 65536);
	ck_assert_uint_eq(erase[2].size, 0);
	ck_assert_int_eq(out.prot->kind, NOR_PROT_NONE);
	ck_assert(!(out.flags & NOR_F_VOLATILE_SR));
	other.size = 8 * MIB;
	rows[1] = &other;
	ck_assert_int_eq(chipdb_resolve(rows, 2, NULL, &out, erase, &times, &err),
	                 NP_E_UNKNOWN_CHIP);
	ck_assert_ptr_nonnull(strstr(err.hint, "--chip"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("chipdb");
	TCase *tc = tcase_create("all");

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, test_twins_winbond);
	tcase_add_test(tc, test_twins_eon);
	tcase_add_test(tc, test_twins_others);
	tcase_add_test(tc, test_longer_id_wins);
	tcase_add_test(tc, test_condition_fails);
	tcase_add_test(tc, test_unknown_id);
	tcase_add_test(tc, test_own_rows_first);
	tcase_add_test(tc, test_names);
	tcase_add_test(tc, test_typical_times);
	tcase_add_test(tc, test_sfdp_times_win);
	tcase_add_test(tc, test_sfdp_narrows_erase);
	tcase_add_test(tc, test_size_contradiction);
	tcase_add_test(tc, test_four_bytes);
	tcase_add_test(tc, test_unknown_chip);
	tcase_add_test(tc, test_uneven_row_and_sfdp);
	tcase_add_test(tc, test_common_denominator);
	return run_suite(suite);
}
