/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: nor_status_text.c */
/* Protection bits as ranges: fixed points from data sheets, and properties over every row and
 * value. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chip/chipdb.h"
#include "chip/nor_status.h"
#include "support/suite.h"

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)

static const struct nor_chip *chip(const char *name)
{
	const struct nor_chip *row = chipdb_by_name(name, NULL, 0);

	ck_assert_msg(row != NULL, "%s", name);
	return row;
}

static void expect(const char *name, uint8_t sr1, uint8_t sr2, uint8_t cr, uint64_t start,
                   uint64_t len)
{
	const uint8_t sr[4] = {sr1, sr2, 0, cr};
	struct np_range range;

	ck_assert_msg(nor_status_protected(chip(name), sr, &range), "%s", name);
	ck_assert_msg(range.start == start && range.len == len,
	              "%s SR1=%02X SR2=%02X CR=%02X: 0x%llx+0x%llx", name, sr1, sr2, cr,
	              (unsigned long long)range.start, (unsigned long long)range.len);
}

START_TEST(test_winbond_ranges)
{
	expect("W25Q64FV", 0x00, 0x00, 0, 0, 0);
	expect("W25Q64FV", 0x04, 0x00, 0, 8 * MIB - 128 * KIB, 128 * KIB);
	expect("W25Q64FV", 0x24, 0x00, 0, 0, 128 * KIB);
	expect("W25Q64FV", 0x18, 0x00, 0, 4 * MIB, 4 * MIB);
	expect("W25Q64FV", 0x1c, 0x00, 0, 0, 8 * MIB);
	expect("W25Q64FV", 0x44, 0x00, 0, 8 * MIB - 4 * KIB, 4 * KIB);
	expect("W25Q64FV", 0x64, 0x00, 0, 0, 4 * KIB);
	expect("W25Q64FV", 0x50, 0x00, 0, 8 * MIB - 32 * KIB, 32 * KIB);
	expect("W25Q64FV", 0x58, 0x00, 0, 8 * MIB - 32 * KIB, 32 * KIB);
	expect("W25Q64FV", 0x00, 0x40, 0, 0, 8 * MIB);
	expect("W25Q64FV", 0x1c, 0x40, 0, 0, 0);
	expect("W25Q64FV", 0x04, 0x40, 0, 0, 8 * MIB - 128 * KIB);
	expect("W25Q64FV", 0x64, 0x40, 0, 4 * KIB, 8 * MIB - 4 * KIB);
	/* below 4 MiB the unit stays 64K, and the largest values cover everything */
	expect("W25Q16JV", 0x04, 0x00, 0, 2 * MIB - 64 * KIB, 64 * KIB);
	expect("W25Q16JV", 0x18, 0x00, 0, 0, 2 * MIB);
	expect("W25Q128JV", 0x04, 0x00, 0, 16 * MIB - 256 * KIB, 256 * KIB);
}
END_TEST

/* EN25S64: T/B turns "all but so much at the top" into "so much at the top". */
START_TEST(test_turned_ranges)
{
	expect("EN25S64", 0x20, 0, 0, 0, 0);
	expect("EN25S64", 0x04, 0, 0, 0, 8 * MIB - 128 * KIB);
	expect("EN25S64", 0x24, 0, 0, 8 * MIB - 128 * KIB, 128 * KIB);
	expect("EN25S64", 0x38, 0, 0, 4 * MIB, 4 * MIB);
	expect("EN25S64", 0x18, 0, 0, 0, 4 * MIB);
	expect("EN25S64", 0x1c, 0, 0, 0, 8 * MIB);
	expect("EN25S64", 0x3c, 0, 0, 0, 8 * MIB);
}
END_TEST

/* Where sources agree on BP0-2 and not on bit 5: what they agree on is known, and bit 5 is lifted,
 * never set. */
START_TEST(test_a_contested_bit)
{
	const struct nor_chip *row = chip("MX25L1635E");
	const uint8_t odd[4] = {0x24}, alone[4] = {0x20}, quad[4] = {0x64};
	struct np_range range, top = {2 * MIB - 128 * KIB, 128 * KIB}, bottom = {0, 64 * KIB};
	uint8_t to[4];
	char bits[64];

	expect("MX25L1635E", 0x00, 0, 0, 0, 0);
	expect("MX25L1635E", 0x08, 0, 0, top.start, top.len);
	expect("MX25L1635E", 0x1c, 0, 0, 0, 2 * MIB);
	ck_assert(!nor_status_protected(row, odd, &range) && range.len == 0);
	ck_assert(!nor_status_protected(row, alone, &range));
	ck_assert_str_eq(nor_status_bits_set(row, odd, bits, sizeof(bits)), "BP0 BP3 or TB");
	nor_status_clear(row, quad, to);
	ck_assert_uint_eq(to[0], 0x40);
	ck_assert(nor_status_encode(row, quad, top, to, &range));
	ck_assert_uint_eq(to[0], 0x48);
	ck_assert(!nor_status_encode(row, quad, bottom, to, &range));
}
END_TEST

START_TEST(test_block_ranges)
{
	expect("W25Q256FV", 0x04, 0x00, 0, 32 * MIB - 64 * KIB, 64 * KIB);
	expect("W25Q256FV", 0x24, 0x00, 0, 16 * MIB, 16 * MIB);
	expect("W25Q256FV", 0x28, 0x00, 0, 0, 32 * MIB);
	expect("W25Q256FV", 0x44, 0x00, 0, 0, 64 * KIB);
	expect("MX25L6433F", 0x04, 0, 0x00, 8 * MIB - 64 * KIB, 64 * KIB);
	expect("MX25L6433F", 0x04, 0, 0x08, 0, 64 * KIB);
	expect("MX25L6433F", 0x20, 0, 0x00, 0, 8 * MIB);
	expect("N25Q128A13", 0x04, 0, 0, 16 * MIB - 64 * KIB, 64 * KIB);
	expect("N25Q128A13", 0x40, 0, 0, 8 * MIB, 8 * MIB);
	expect("N25Q128A13", 0x60, 0, 0, 0, 8 * MIB);
}
END_TEST

START_TEST(test_eon_ranges)
{
	expect("EN25QH128A", 0x04, 0, 0, 16 * MIB - 256 * KIB, 256 * KIB);
	expect("EN25QH128A", 0x24, 0, 0, 0, 256 * KIB);
	expect("EN25QH128A", 0x3c, 0, 0, 0, 16 * MIB);
	expect("EN25QH128A", 0x20, 0, 0, 0, 0);
	/* "lower 510/512", in 8K; "lower 31/32" where six is already everything */
	expect("EN25Q40", 0x04, 0, 0, 0, 504 * KIB);
	expect("EN25Q40", 0x18, 0, 0, 0, 256 * KIB);
	expect("EN25Q40", 0x1c, 0, 0, 0, 512 * KIB);
	expect("EN25Q16", 0x14, 0, 0, 0, MIB);
	expect("EN25Q16", 0x18, 0, 0, 0, 2 * MIB);
	/* "lower 127/128" */
	expect("EN25Q64", 0x04, 0, 0, 0, 8 * MIB - 64 * KIB);
	expect("EN25Q64", 0x24, 0, 0, 64 * KIB, 8 * MIB - 64 * KIB);
	expect("EN25Q64", 0x1c, 0, 0, 0, 8 * MIB);
	expect("EN25Q64", 0x00, 0, 0, 0, 0);
}
END_TEST

/* BP3 mirrors the others: 15 less the value is what stays writable. */
START_TEST(test_mirrored_ranges)
{
	expect("MX25L3206E", 0x04, 0, 0, 4 * MIB - 64 * KIB, 64 * KIB);
	expect("MX25L3206E", 0x18, 0, 0, 2 * MIB, 2 * MIB);
	expect("MX25L3206E", 0x1c, 0, 0, 0, 4 * MIB);
	expect("MX25L3206E", 0x20, 0, 0, 0, 4 * MIB);
	expect("MX25L3206E", 0x24, 0, 0, 0, 2 * MIB);
	expect("MX25L3206E", 0x28, 0, 0, 0, 3 * MIB);
	expect("MX25L3206E", 0x38, 0, 0, 0, 4 * MIB - 64 * KIB);
	expect("MX25L3206E", 0x3c, 0, 0, 0, 4 * MIB);
	/* at 16 Mbit the values run out: what would leave nothing writable is everything */
	expect("MX25L1606E", 0x18, 0, 0, 0, 2 * MIB);
	expect("MX25L1606E", 0x24, 0, 0, 0, 2 * MIB);
	expect("MX25L1606E", 0x28, 0, 0, 0, MIB);
	/* at 64 Mbit the D and E revisions count in 128K, MX25U6435E in 64K */
	expect("MX25L6406E", 0x04, 0, 0, 8 * MIB - 128 * KIB, 128 * KIB);
	expect("MX25L6405D", 0x38, 0, 0, 0, 8 * MIB - 128 * KIB);
	expect("MX25L6405D", 0x24, 0, 0, 0, 4 * MIB);
	expect("MX25U6435F", 0x04, 0, 0, 8 * MIB - 64 * KIB, 64 * KIB);
	expect("MX25U6435F", 0x20, 0, 0, 0, 4 * MIB);
	expect("MX25U6435F", 0x24, 0, 0, 0, 6 * MIB);
	expect("MX25L6445E", 0x04, 0, 0, 8 * MIB - 128 * KIB, 128 * KIB);
	expect("MX25L6445E", 0x24, 0, 0, 0, 8 * MIB);
}
END_TEST

/* Past a half each value halves what stays writable. */
START_TEST(test_growing_ranges)
{
	expect("EN25QH64A", 0x04, 0, 0, 8 * MIB - 64 * KIB, 64 * KIB);
	expect("EN25QH64A", 0x1c, 0, 0, 4 * MIB, 4 * MIB);
	expect("EN25QH64A", 0x20, 0, 0, 2 * MIB, 6 * MIB);
	expect("EN25QH64A", 0x34, 0, 0, 64 * KIB, 8 * MIB - 64 * KIB);
	expect("EN25QH64A", 0x38, 0, 0, 0, 8 * MIB);
	expect("EN25QH64A", 0x34, 0, 0x08, 0, 8 * MIB - 64 * KIB);
	expect("EN25QH64A", 0x04, 0, 0x08, 0, 64 * KIB);
	expect("EN25QH32B", 0x18, 0, 0, 2 * MIB, 2 * MIB);
	expect("EN25QH32B", 0x1c, 0, 0, MIB, 3 * MIB);
	expect("EN25QH32B", 0x2c, 0, 0, 64 * KIB, 4 * MIB - 64 * KIB);
	expect("EN25QH32B", 0x30, 0, 0, 0, 4 * MIB);
}
END_TEST

START_TEST(test_issi_ranges)
{
	expect("IS25LP128", 0x04, 0, 0, 16 * MIB - 64 * KIB, 64 * KIB);
	expect("IS25LP128", 0x20, 0, 0, 8 * MIB, 8 * MIB);
	expect("IS25LP128", 0x24, 0, 0, 0, 16 * MIB);
	expect("IS25LP128", 0x04, 0, 0x02, 0, 64 * KIB);
	expect("IS25LQ032B", 0x04, 0, 0, 4 * MIB - 64 * KIB, 64 * KIB);
	expect("IS25LQ032B", 0x24, 0, 0, 0, 64 * KIB);
	expect("IS25LQ032B", 0x20, 0, 0, 0, 0);
	expect("Pm25LQ032C", 0x38, 0, 0, 0, 2 * MIB);
}
END_TEST

START_TEST(test_spansion_once)
{
	uint8_t from[4] = {0x04, 0x20, 0, 0}, to[4];
	struct np_range nearest;

	expect("S25FL128Sxxxxxx0", 0x04, 0x20, 0, 0, 256 * KIB);
	/* TBPROT is one-time: the top cannot be protected any more */
	ck_assert(!nor_status_encode(chip("S25FL128Sxxxxxx0"), from,
	                             (struct np_range){8 * MIB, 8 * MIB}, to, &nearest));
	ck_assert_uint_eq(nearest.start, 0);
	ck_assert_uint_eq(nearest.len, 16 * MIB);
	nor_status_clear(chip("S25FL128Sxxxxxx0"), from, to);
	ck_assert_uint_eq(to[0], 0);
	ck_assert_uint_eq(to[1], 0x20);
}
END_TEST

START_TEST(test_unknown_scheme)
{
	const uint8_t set[4] = {0x0c, 0, 0, 0}, clear[4] = {0x80, 0, 0, 0};
	const struct nor_chip *old = chip("MX25L25635E");
	struct np_range range, nearest;
	uint8_t to[4];

	ck_assert(!nor_status_protected(old, set, &range));
	ck_assert(nor_status_protected(old, clear, &range));
	ck_assert_uint_eq(range.len, 0);
	ck_assert(!nor_status_encode(old, set, (struct np_range){0, 32 * MIB}, to, &nearest));
	ck_assert_uint_eq(nearest.len, 0);
	ck_assert(nor_status_encode(old, set, (struct np_range){0, 0}, to, &nearest));
	ck_assert_uint_eq(to[0], 0);
}
END_TEST

static struct nor_chip twins_of(const char *one, const char *other)
{
	const struct nor_chip *rows[2] = {chip(one), chip(other)};
	struct nor_erase erase[NOR_ERASE_TYPES];
	struct nor_times times;
	struct nor_chip out;
	struct np_error err;

	ck_assert_int_eq(chipdb_resolve(rows, 2, NULL, &out, erase, &times, &err), 0);
	ck_assert_ptr_nonnull(out.twins[1]);
	return out;
}

/* Two schemes under one ID, and only what both say is known. */
START_TEST(test_twins_by_size_of_unit)
{
	const struct nor_chip both = twins_of("MX25L6445E", "MX25L6433F");
	const uint8_t none[4] = {0x40}, some[4] = {0x84}, all[4] = {0x3c};
	struct np_range range, nearest;
	bool srp, locked;
	uint8_t to[4];

	ck_assert(nor_status_protected(&both, none, &range) && range.len == 0);
	ck_assert(!nor_status_protected(&both, some, &range) && range.len == 0);
	ck_assert(nor_status_protected(&both, all, &range));
	ck_assert(range.start == 0 && range.len == 8 * MIB);
	nor_status_locks(&both, some, &srp, &locked);
	ck_assert(srp && !locked);
	ck_assert(nor_status_encode(&both, none, (struct np_range){0, 8 * MIB}, to, &nearest));
	ck_assert_uint_eq(to[0], 0x7c);
	ck_assert(!nor_status_encode(&both, none, (struct np_range){8 * MIB - 128 * KIB, 128 * KIB},
	                             to, &nearest));
	ck_assert(nearest.start == 0 && nearest.len == 8 * MIB);
}
END_TEST

/* CMP that only one of the two has: cleared along, and what it does is known only where both say
 * so. */
START_TEST(test_twins_by_cmp)
{
	const struct nor_chip both = twins_of("GD25Q80", "GD25Q80B");
	const uint8_t top[4] = {0x08, 0x02}, cmp[4] = {0x08, 0x42};
	struct np_range range, nearest;
	char bits[32];
	uint8_t to[4];

	ck_assert(nor_status_protected(&both, top, &range));
	ck_assert(range.start == MIB - 128 * KIB && range.len == 128 * KIB);
	ck_assert(!nor_status_protected(&both, cmp, &range));
	ck_assert_str_eq(nor_status_bits_set(&both, cmp, bits, sizeof(bits)), "BP1 CMP");
	nor_status_clear(&both, cmp, to);
	ck_assert_uint_eq(to[0], 0);
	ck_assert_uint_eq(to[1], 0x02);
	ck_assert(nor_status_encode(&both, cmp, (struct np_range){0, 64 * KIB}, to, &nearest));
	ck_assert_uint_eq(to[0], 0x24);
	ck_assert_uint_eq(to[1], 0x02);
}
END_TEST

/* Where nothing reads the T/B that one of them has, a range that depends on it is not known. */
START_TEST(test_twins_with_a_tb_unread)
{
	const uint8_t top[4] = {0x04}, bottom[4] = {0x04, 0, 0, 0x08}, all[4] = {0x3c};
	struct nor_chip made = *chip("MX25L6433F");
	struct np_range range;

	made.twins[0] = made.prot;
	made.prot = NULL;
	made.twins[1] = &nor_prot_bp4;
	ck_assert(nor_status_protected(&made, top, &range));
	ck_assert(range.start == 8 * MIB - 64 * KIB && range.len == 64 * KIB);
	ck_assert(!nor_status_protected(&made, bottom, &range));
	made.sr_write = NOR_SR_ONE;
	ck_assert(!nor_status_protected(&made, top, &range));
	ck_assert(nor_status_protected(&made, all, &range) && range.len == 8 * MIB);
}
END_TEST

/* One of them is not known at all. */
START_TEST(test_twins_not_known)
{
	const struct nor_chip both = twins_of("MX25L3236F", "MX25L3233F");
	const uint8_t all[4] = {0x3c};
	struct np_range range, nearest;
	uint8_t to[4];

	ck_assert(!nor_status_protected(&both, all, &range));
	ck_assert(!nor_status_encode(&both, all, (struct np_range){0, 4 * MIB}, to, &nearest));
	ck_assert_uint_eq(nearest.len, 0);
	ck_assert(nor_status_encode(&both, all, (struct np_range){0, 0}, to, &nearest));
	ck_assert_uint_eq(to[0], 0);
}
END_TEST

/* GD25B512MF has CMP in SR3; an SR3 of all ones is none. */
START_TEST(test_cmp_in_sr3)
{
	const struct nor_chip *row = chip("GD25B512MF");
	const uint8_t cmp[4] = {0x04, 0, 0x08, 0}, none[4] = {0x04, 0, 0xff, 0};
	struct np_range range;
	uint8_t to[4];

	ck_assert(nor_status_protected(row, cmp, &range));
	ck_assert_uint_eq(range.start, 0);
	ck_assert_uint_eq(range.len, 64 * MIB - 64 * KIB);
	ck_assert(nor_status_protected(row, none, &range));
	ck_assert_uint_eq(range.len, 64 * KIB);
	nor_status_clear(row, cmp, to);
	ck_assert_uint_eq(to[2], 0);
	nor_status_clear(row, none, to);
	ck_assert_uint_eq(to[2], 0xff);
}
END_TEST

/* No candidate protects anything while no bit is set, whatever it would make of bits. */
START_TEST(test_no_bit_is_no_protection)
{
	const struct nor_prot *odd = &nor_prot_bp4_odd, *known = &nor_prot_bp3;
	struct nor_chip both = {.size = 4 * MIB, .twins = {odd, known}};
	const uint8_t clear[4] = {0}, set[4] = {0x04}, unused[4] = {0x40};
	struct np_range range;

	ck_assert(nor_status_protected(&both, clear, &range));
	ck_assert_uint_eq(range.len, 0);
	ck_assert(nor_status_protected(&both, unused, &range));
	ck_assert_uint_eq(range.len, 0);
	ck_assert(!nor_status_protected(&both, set, &range));
}
END_TEST

/* Of a part nobody entered any bit may be one that protects. */
START_TEST(test_guess)
{
	static const struct nor_prot guess = {
		.kind = NOR_PROT_GUESS,
		.bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4), NOR_BIT(1, 5), NOR_BIT(1, 6)},
		.cmp = NOR_BIT(2, 6),
		.wps = NOR_BIT(3, 2),
		.srp0 = NOR_BIT(1, 7),
		.srp1 = NOR_BIT(2, 0)};
	static const struct {
		uint8_t sr[4];
		const char *names;
	} cases[] = {
		{{0x00, 0x00, 0x00}, ""},
		{{0x00, 0x40, 0x00}, "CMP"},
		{{0x00, 0x00, 0x04}, "WPS"},
		{{0x00, 0xff, 0xff}, ""},
		{{0x80, 0x00, 0x00}, "SRP0"},
		{{0x00, 0x01, 0x00}, "SRP1"},
		{{0x20, 0x00, 0x00}, "BP3 or TB"},
		{{0x40, 0x00, 0x00}, "SEC or TB"},
		{{0x14, 0x40, 0x00}, "BP0 BP2 CMP"},
		{{0x03, 0x02, 0x60}, ""},
	};
	struct nor_chip part = {.size = 4 * MIB, .prot = &guess, .sr_write = NOR_SR_SEPARATE};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct np_range range;
		char names[64];

		nor_status_bits_set(&part, cases[i].sr, names, sizeof(names));
		ck_assert_str_eq(names, cases[i].names);
		ck_assert_int_eq(nor_status_protected(&part, cases[i].sr, &range), !names[0]);
		ck_assert_uint_eq(range.len, 0);
	}
}
END_TEST

START_TEST(test_clear_keeps)
{
	const uint8_t from[4] = {0xff, 0x7f, 0xfe, 0};
	uint8_t to[4];

	/* SRP0 stays, QE LB SRP1 stay, CMP goes; SR3 is not this generation's */
	nor_status_clear(chip("W25Q64FV"), from, to);
	ck_assert_uint_eq(to[0], 0x80);
	ck_assert_uint_eq(to[1], 0x3f);
	/* WPS goes, the rest of SR3 stays */
	nor_status_clear(chip("W25Q64JV"), from, to);
	ck_assert_uint_eq(to[2], 0xfa);
	/* bit 6 of the EN25QH128A locks the boot block and is kept */
	nor_status_clear(chip("EN25QH128A"), from, to);
	ck_assert_uint_eq(to[0], 0xc0);
}
END_TEST

START_TEST(test_individual_locks)
{
	const uint8_t wps[4] = {0, 0, 0x04, 0};
	struct np_range range;

	ck_assert(nor_status_protected(chip("W25Q64JV"), wps, &range));
	ck_assert_uint_eq(range.len, 8 * MIB);
}
END_TEST

START_TEST(test_sector_locks)
{
	const uint8_t some[4] = {0x14, 0, 0, 0}, open[4] = {0x10, 0, 0, 0};
	struct np_range range, nearest;
	uint8_t to[4];

	ck_assert(nor_status_protected(chip("AT25DF321A"), some, &range));
	ck_assert_uint_eq(range.len, 4 * MIB);
	ck_assert(nor_status_protected(chip("AT25DF321A"), open, &range));
	ck_assert_uint_eq(range.len, 0);
	nor_status_clear(chip("AT25DF321A"), some, to);
	ck_assert_uint_eq(to[0], 0);
	ck_assert(nor_status_encode(chip("AT25DF321A"), open, (struct np_range){0, 4 * MIB}, to,
	                            &nearest));
	ck_assert_uint_eq(to[0], 0x3c);
	ck_assert(!nor_status_encode(chip("AT25DF321A"), open, (struct np_range){0, MIB}, to,
	                             &nearest));
	ck_assert_uint_eq(nearest.len, 4 * MIB);
	/* SST26: no register shows the locks */
	ck_assert(nor_status_protected(chip("SST26VF016B"), open, &range));
	ck_assert_uint_eq(range.len, 2 * MIB);
	nor_status_clear(chip("SST26VF016B"), some, to);
	ck_assert_uint_eq(to[0], 0x14);
}
END_TEST

START_TEST(test_locks)
{
	const uint8_t sr[4] = {0x80, 0x01, 0, 0}, none[4] = {0x7f, 0xfe, 0, 0};
	bool srp, locked;

	nor_status_locks(chip("W25Q64FV"), sr, &srp, &locked);
	ck_assert(srp && locked);
	nor_status_locks(chip("W25Q64FV"), none, &srp, &locked);
	ck_assert(!srp && !locked);
	nor_status_locks(chip("EN25QH128A"), sr, &srp, &locked);
	ck_assert(srp && !locked);
}
END_TEST

START_TEST(test_registers)
{
	ck_assert_uint_eq(nor_status_count(chip("EN25QH128A")), 1);
	ck_assert_uint_eq(nor_status_count(chip("W25Q64FV")), 2);
	ck_assert_uint_eq(nor_status_count(chip("W25Q64JV")), 3);
	ck_assert_int_eq(nor_status_reg4(chip("MX25L6433F")), NOR_REG4_CONFIG);
	ck_assert_int_eq(nor_status_reg4(chip("MX25R6435F")), NOR_REG4_CONFIG);
	ck_assert_int_eq(nor_status_reg4(chip("IS25LP128")), NOR_REG4_FUNCTION);
	ck_assert_int_eq(nor_status_reg4(chip("EN25QH64A")), NOR_REG4_EON_OTP);
	ck_assert_int_eq(nor_status_reg4(chip("W25Q64FV")), NOR_REG4_NONE);
}
END_TEST

START_TEST(test_nearest_covers)
{
	uint8_t from[4] = {0}, to[4];
	struct np_range nearest;

	ck_assert(!nor_status_encode(chip("W25Q64FV"), from,
	                             (struct np_range){8 * MIB - 100 * KIB, 50 * KIB}, to,
	                             &nearest));
	ck_assert_uint_eq(nearest.start, 8 * MIB - 128 * KIB);
	ck_assert_uint_eq(nearest.len, 128 * KIB);
	/* a range in the middle: the complement of the largest lower part that misses it */
	ck_assert(!nor_status_encode(chip("W25Q64FV"), from, (struct np_range){3 * MIB, 64 * KIB},
	                             to, &nearest));
	ck_assert_uint_eq(nearest.len, 4 * MIB);
	/* beyond the chip, and overflowing */
	ck_assert(!nor_status_encode(chip("W25Q64FV"), from, (struct np_range){8 * MIB, 64 * KIB},
	                             to, &nearest));
	ck_assert(!nor_status_encode(chip("W25Q64FV"), from, (struct np_range){UINT64_MAX, 2}, to,
	                             &nearest));
	ck_assert_uint_eq(nearest.len, 0);
}
END_TEST

/* Locks that no register shows: always "whole", and not by bits to be changed. */
static bool hidden_locks(const struct nor_chip *row)
{
	return row->prot->kind == NOR_PROT_SECTORS && row->prot->bp[0] == NOR_NO_BIT;
}

/* decode -> encode -> decode gives the same range, for this row and these registers */
static void round_trip(const struct nor_chip *row, const uint8_t sr[4])
{
	struct np_range range, again, nearest;
	uint8_t to[4];

	if (!nor_status_protected(row, sr, &range))
		return;
	ck_assert_uint_le(range.len, row->size);
	ck_assert_uint_le(range.start, row->size - range.len);
	if (hidden_locks(row)) {
		ck_assert_uint_eq(range.len, row->size);
		return;
	}
	ck_assert_msg(nor_status_encode(row, sr, range, to, &nearest), "%s SR %02X %02X %02X %02X",
	              row->name, sr[0], sr[1], sr[2], sr[3]);
	ck_assert(nor_status_protected(row, to, &again));
	ck_assert_msg(again.start == range.start && again.len == range.len, "%s SR %02X %02X",
	              row->name, sr[0], sr[1]);
	ck_assert_uint_eq(to[0] & 0x03, 0);
	nor_status_clear(row, sr, to);
	ck_assert(nor_status_protected(row, to, &again));
	ck_assert_msg(again.len == 0, "%s SR %02X %02X", row->name, sr[0], sr[1]);
}

/* The bits a scheme is made of, one-time ones and WPS included. */
static size_t scheme_bits(const struct nor_prot *prot, uint8_t bits[NOR_BP_MAX + 4])
{
	const uint8_t others[4] = {prot->tb, prot->sec, prot->cmp, prot->wps};
	size_t n = 0;

	while (n < NOR_BP_MAX && prot->bp[n] != NOR_NO_BIT) {
		bits[n] = prot->bp[n];
		n++;
	}
	for (size_t i = 0; i < 4; i++)
		if (others[i] != NOR_NO_BIT)
			bits[n++] = others[i];
	return n;
}

/* Every value of those bits, with all the others clear and set. */
START_TEST(test_round_trip)
{
	const struct nor_chip *row;

	for (size_t i = 0; (row = chipdb_at(i)); i++) {
		uint8_t bits[NOR_BP_MAX + 4];
		size_t n = scheme_bits(row->prot, bits);

		for (unsigned value = 0; value < 2U << n; value++) {
			uint8_t sr[4];

			memset(sr, value >> n ? 0xff : 0x00, sizeof(sr));
			for (size_t k = 0; k < n; k++) {
				uint8_t mask = (uint8_t)(1U << (bits[k] & 7));
				uint8_t *reg = &sr[(bits[k] >> 4) - 1];

				*reg = (uint8_t)(value >> k & 1 ? *reg | mask : *reg & ~mask);
			}
			round_trip(row, sr);
		}
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("nor_status");
	TCase *tc = tcase_create("all");

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, test_winbond_ranges);
	tcase_add_test(tc, test_block_ranges);
	tcase_add_test(tc, test_eon_ranges);
	tcase_add_test(tc, test_mirrored_ranges);
	tcase_add_test(tc, test_growing_ranges);
	tcase_add_test(tc, test_issi_ranges);
	tcase_add_test(tc, test_spansion_once);
	tcase_add_test(tc, test_unknown_scheme);
	tcase_add_test(tc, test_cmp_in_sr3);
	tcase_add_test(tc, test_no_bit_is_no_protection);
	tcase_add_test(tc, test_guess);
	tcase_add_test(tc, test_clear_keeps);
	tcase_add_test(tc, test_individual_locks);
	tcase_add_test(tc, test_sector_locks);
	tcase_add_test(tc, test_locks);
	tcase_add_test(tc, test_registers);
	tcase_add_test(tc, test_nearest_covers);
	tcase_add_test(tc, test_twins_by_size_of_unit);
	tcase_add_test(tc, test_twins_by_cmp);
	tcase_add_test(tc, test_twins_with_a_tb_unread);
	tcase_add_test(tc, test_twins_not_known);
	tcase_add_test(tc, test_turned_ranges);
	tcase_add_test(tc, test_a_contested_bit);
	tcase_add_test(tc, test_round_trip);
	return run_suite(suite);
}
