/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: sfdp_text.c */
/* The SFDP parser on images made here: right ones, lying ones, cut ones, mangled ones. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chip/sfdp.h"
#include "support/suite.h"

#define IMAGE_LEN 256
#define BFPT_AT   0x80
#define MUTATIONS 20000

struct image {
	uint8_t bytes[IMAGE_LEN];
	size_t len;
};

static void put(struct image *image, size_t at, uint32_t dword)
{
	for (unsigned i = 0; i < 4; i++)
		image->bytes[at + i] = (uint8_t)(dword >> 8 * i);
}

static void set_dword(struct image *image, unsigned number, uint32_t dword)
{
	put(image, BFPT_AT + 4 * (number - 1), dword);
}

static void set_header(struct image *image, unsigned index, uint16_t id, uint8_t minor,
                       uint8_t dwords, uint32_t pointer)
{
	put(image, 8 + 8 * index,
	    (id & 0xffU) | (uint32_t)minor << 8 | 1 << 16 | (uint32_t)dwords << 24);
	put(image, 12 + 8 * index, pointer | (uint32_t)(id >> 8) << 24);
}

/* 8 MiB, 4K/32K/64K, JESD216 1.0 */
static struct image image_1_0(void)
{
	struct image image = {.len = BFPT_AT + 9 * 4};

	memset(image.bytes, 0xff, sizeof(image.bytes));
	memcpy(image.bytes, "SFDP", 4);
	image.bytes[4] = 0;
	image.bytes[5] = 1;
	image.bytes[6] = 0;
	set_header(&image, 0, 0xff00, 0, 9, BFPT_AT);
	set_dword(&image, 1, 0xfff120e5);
	set_dword(&image, 2, 8 * 0x800000 - 1);
	set_dword(&image, 3, 0x6b08eb44);
	set_dword(&image, 4, 0xbb423b08);
	set_dword(&image, 5, 0xfffffffe);
	set_dword(&image, 6, 0xffffffff);
	set_dword(&image, 7, 0xffffffff);
	set_dword(&image, 8, 0x520f200c);
	set_dword(&image, 9, 0x0000d810);
	return image;
}

/* 32 MiB, JESD216B with times as an MX25R6435F prints them, and a 4-byte instruction table */
static struct image image_b(void)
{
	struct image image = image_1_0();

	image.len = 0xd0;
	image.bytes[4] = 6;
	image.bytes[6] = 1;
	set_header(&image, 0, 0xff00, 6, 16, BFPT_AT);
	set_header(&image, 1, 0xff84, 0, 2, 0xc0);
	set_dword(&image, 1, 0xfff320e5);
	set_dword(&image, 2, 8 * 0x2000000U - 1);
	set_dword(&image, 10, 0x00f57223);
	set_dword(&image, 11, 0x82 | 13 << 8 | 1 << 13 | 12U << 24 | 2U << 29);
	set_dword(&image, 12, 0);
	set_dword(&image, 13, 0);
	set_dword(&image, 14, 0);
	set_dword(&image, 15, 4 << 20);
	set_dword(&image, 16, 0x21 << 24 | 1 << 12 | 1 << 3);
	put(&image, 0xc0, 0x1 | 0x2 | 0x40 | 0xe00);
	put(&image, 0xc4, 0xffdc5c21);
	return image;
}

static int parse(const struct image *image, struct sfdp *sfdp, struct np_error *err)
{
	/* an exact copy on the heap, so that a sanitizer sees every read beyond the end */
	uint8_t *copy = malloc(image->len ? image->len : 1);
	int rc;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, image->bytes, image->len);
	rc = sfdp_parse(copy, image->len, sfdp, err);
	free(copy);
	return rc;
}

static void refused(const struct image *image, const char *reason)
{
	struct np_error err = {0};
	struct sfdp sfdp;

	ck_assert_int_eq(parse(image, &sfdp, &err), NP_E_UNSUPPORTED);
	ck_assert_msg(strstr(err.message, reason) != NULL, "'%s' has no '%s'", err.message, reason);
	ck_assert_uint_eq(sfdp.size, 0);
}

START_TEST(test_jesd216)
{
	struct image image = image_1_0();
	struct np_error err = {0};
	struct sfdp sfdp;

	ck_assert_int_eq(parse(&image, &sfdp, &err), 0);
	ck_assert_uint_eq(sfdp.size, 0x800000);
	ck_assert_uint_eq(sfdp.page, 256);
	ck_assert_uint_eq(sfdp.bfpt_len, 9);
	ck_assert(!sfdp.has_times);
	ck_assert_uint_eq(sfdp.erase_count, 3);
	ck_assert_uint_eq(sfdp.erase[0].size, 4096);
	ck_assert_uint_eq(sfdp.erase[0].op, 0x20);
	ck_assert_uint_eq(sfdp.erase[2].size, 65536);
	ck_assert_uint_eq(sfdp.erase[2].op, 0xd8);
	ck_assert_uint_eq(sfdp.erase[2].max_us, 0);
}
END_TEST

START_TEST(test_times)
{
	struct image image = image_b();
	struct np_error err = {0};
	struct sfdp sfdp;

	ck_assert_int_eq(parse(&image, &sfdp, &err), 0);
	ck_assert(sfdp.has_times);
	ck_assert_uint_eq(sfdp.erase[0].typ_us, 48000);
	ck_assert_uint_eq(sfdp.erase[0].max_us, 384000);
	ck_assert_uint_eq(sfdp.erase[1].typ_us, 240000);
	ck_assert_uint_eq(sfdp.erase[1].max_us, 1920000);
	ck_assert_uint_eq(sfdp.erase[2].typ_us, 480000);
	ck_assert_uint_eq(sfdp.erase[2].max_us, 3840000);
	ck_assert_uint_eq(sfdp.page_typ_us, 896);
	ck_assert_uint_eq(sfdp.page_max_us, 5376);
	ck_assert_uint_eq(sfdp.chip_typ_ms, 52000);
	ck_assert_uint_eq(sfdp.chip_max_ms, 312000);
	ck_assert_uint_eq(sfdp.page, 256);
}
END_TEST

START_TEST(test_modes)
{
	struct image image = image_b();
	struct np_error err = {0};
	struct sfdp sfdp;

	ck_assert_int_eq(parse(&image, &sfdp, &err), 0);
	ck_assert_uint_eq(sfdp.qer, 4);
	ck_assert(sfdp.soft_reset);
	ck_assert(sfdp.volatile_sr_50h);
	ck_assert(sfdp.addr4_native && sfdp.addr4_enter && !sfdp.addr4_enter_we);
	ck_assert(!sfdp.addr4_only);
	ck_assert_uint_eq(sfdp.erase[0].op4, 0x21);
	ck_assert_uint_eq(sfdp.erase[1].op4, 0x5c);
	ck_assert_uint_eq(sfdp.erase[2].op4, 0xdc);
	/* a table that offers no program opcode is no way to drive a chip */
	put(&image, 0xc0, 0x1 | 0x2 | 0xe00);
	ck_assert_int_eq(parse(&image, &sfdp, &err), 0);
	ck_assert(!sfdp.addr4_native);
}
END_TEST

/* One that three bytes reach would be read shifted by a byte. */
START_TEST(test_four_address_bytes_alone_on_large_chips)
{
	struct image image = image_b();
	struct np_error err = {0};
	struct sfdp sfdp;

	set_dword(&image, 16, 0xffffffff);
	set_dword(&image, 2, (8U << 23) - 1);
	ck_assert_int_eq(parse(&image, &sfdp, &err), 0);
	ck_assert(!sfdp.addr4_only);
	set_dword(&image, 2, (32U << 23) - 1);
	ck_assert_int_eq(parse(&image, &sfdp, &err), 0);
	ck_assert(sfdp.addr4_only);
}
END_TEST

START_TEST(test_density_as_power)
{
	struct image image = image_b();
	struct np_error err = {0};
	struct sfdp sfdp;

	set_dword(&image, 2, 1U << 31 | 32);
	ck_assert_int_eq(parse(&image, &sfdp, &err), 0);
	ck_assert_uint_eq(sfdp.size, UINT64_C(512) << 20);
	set_dword(&image, 2, 1U << 31 | 35);
	refused(&image, "2^35 bits");
	set_dword(&image, 2, 0xffffffff);
	refused(&image, "makes no sense");
}
END_TEST

START_TEST(test_erase_order)
{
	struct image image = image_1_0();
	struct np_error err = {0};
	struct sfdp sfdp;

	/* listed largest first, one of them twice */
	set_dword(&image, 8, 0x200cd810);
	set_dword(&image, 9, 0xd810520f);
	ck_assert_int_eq(parse(&image, &sfdp, &err), 0);
	ck_assert_uint_eq(sfdp.erase_count, 3);
	ck_assert_uint_eq(sfdp.erase[0].size, 4096);
	ck_assert_uint_eq(sfdp.erase[1].size, 32768);
	ck_assert_uint_eq(sfdp.erase[2].size, 65536);
	/* none listed, but dword 1 says 4K everywhere */
	set_dword(&image, 8, 0);
	set_dword(&image, 9, 0);
	ck_assert_int_eq(parse(&image, &sfdp, &err), 0);
	ck_assert_uint_eq(sfdp.erase_count, 1);
	ck_assert_uint_eq(sfdp.erase[0].op, 0x20);
}
END_TEST

START_TEST(test_newest_table_wins)
{
	struct image image = image_b();
	struct np_error err = {0};
	struct sfdp sfdp;

	/* an old table with another size, listed first */
	set_header(&image, 1, 0xff00, 6, 16, BFPT_AT);
	set_header(&image, 0, 0xff00, 0, 9, 0x20);
	put(&image, 0x24, 8 * 0x100000 - 1);
	ck_assert_int_eq(parse(&image, &sfdp, &err), 0);
	ck_assert_uint_eq(sfdp.size, 0x2000000);
	ck_assert_uint_eq(sfdp.bfpt_minor, 6);
}
END_TEST

START_TEST(test_lies_about_size)
{
	struct image image = image_1_0();

	set_dword(&image, 2, 0);
	refused(&image, "makes no sense");
	set_dword(&image, 2, 8 * 4095 - 1);
	refused(&image, "makes no sense");
	image = image_1_0();
	set_dword(&image, 2, 8 * 0x2000000U - 1);
	set_dword(&image, 1, 0xfff120e5);
	refused(&image, "only three address bytes");
	set_dword(&image, 1, 0xfff720e5);
	refused(&image, "reserved address length");
}
END_TEST

START_TEST(test_lies_about_erase)
{
	struct image image = image_1_0();

	set_dword(&image, 8, 0x520fc70c);
	refused(&image, "C7h, which is no block erase");
	set_dword(&image, 8, 0x5218200c);
	refused(&image, "2^24 bytes does not fit");
	set_dword(&image, 8, 0x52ff200c);
	refused(&image, "does not fit");
	set_dword(&image, 8, 0x5202200c);
	refused(&image, "does not fit");
	set_dword(&image, 8, 0x200f200c);
	refused(&image, "erases both");
	set_dword(&image, 8, 0);
	set_dword(&image, 9, 0);
	set_dword(&image, 1, 0xfff120e7);
	refused(&image, "no erase types");
	set_dword(&image, 1, 0xfff1c7e5);
	refused(&image, "C7h");
}
END_TEST

START_TEST(test_lies_about_page)
{
	struct image image = image_b();

	set_dword(&image, 11, 0xf2);
	refused(&image, "page of 32768");
}
END_TEST

START_TEST(test_lies_about_tables)
{
	struct image image = image_1_0();

	set_header(&image, 0, 0xff00, 0, 9, 8);
	refused(&image, "inside the headers");
	set_header(&image, 0, 0xff00, 0, 9, 0);
	refused(&image, "inside the headers");
	set_header(&image, 0, 0xff00, 0, 9, 0xfffffc);
	refused(&image, "beyond");
	set_header(&image, 0, 0xff00, 0, 4, BFPT_AT);
	refused(&image, "has 4 dwords");
	set_header(&image, 0, 0xffc2, 0, 9, BFPT_AT);
	refused(&image, "no basic parameter table");
	image = image_1_0();
	image.bytes[5] = 2;
	refused(&image, "revision 2.0");
	image = image_1_0();
	image.bytes[6] = 255;
	refused(&image, "256 tables");
	image = image_1_0();
	image.bytes[0] = 'X';
	refused(&image, "no SFDP");
	image = image_b();
	set_header(&image, 1, 0xff84, 0, 2, 0xfffff0);
	refused(&image, "4-byte address table");
	set_header(&image, 1, 0xff81, 0, 200, 0xc0);
	refused(&image, "sector map table");
}
END_TEST

/* A map of one region: its erase types limit what may be used anywhere. */
START_TEST(test_sector_map)
{
	struct image image = image_b();
	struct np_error err = {0};
	struct sfdp sfdp;

	set_header(&image, 1, 0xff81, 0, 4, 0xc0);
	put(&image, 0xc0, 0x3 | 1 << 16); /* last, a map, two regions */
	put(&image, 0xc4, 0x00001f00 | 0x7);
	put(&image, 0xc8, 0x0001df00 | 0x4);
	put(&image, 0xcc, 0);
	ck_assert_int_eq(parse(&image, &sfdp, &err), 0);
	ck_assert(sfdp.has_sector_map);
	ck_assert_uint_eq(sfdp.erase_count, 1);
	ck_assert_uint_eq(sfdp.erase[0].size, 65536);
	/* a map without an end says nothing that could be relied on */
	put(&image, 0xc0, 0x2 | 1 << 16);
	ck_assert_int_eq(parse(&image, &sfdp, &err), 0);
	ck_assert_uint_eq(sfdp.erase_count, 0);
	/* more regions than dwords */
	put(&image, 0xc0, 0x3 | 200 << 16);
	ck_assert_int_eq(parse(&image, &sfdp, &err), 0);
	ck_assert_uint_eq(sfdp.erase_count, 0);
}
END_TEST

START_TEST(test_needed)
{
	struct image image = image_b(), other = image_b();

	ck_assert_uint_eq(sfdp_needed(NULL, 0), 16);
	ck_assert_uint_eq(sfdp_needed(image.bytes, 16), 24);
	ck_assert_uint_eq(sfdp_needed(image.bytes, 24), 0xc8);
	ck_assert_uint_eq(sfdp_needed(image.bytes, 0xc8), 0xc8);
	other.bytes[0] = 0xff;
	ck_assert_uint_eq(sfdp_needed(other.bytes, 16), 0);
	/* a pointer beyond what is ever read is not followed */
	set_header(&image, 1, 0xff84, 0, 2, 0xfffff0);
	ck_assert_uint_eq(sfdp_needed(image.bytes, 24), 0xc0);
	/* of a maker's table only the supply is fetched, of JEDEC's others nothing */
	set_header(&image, 1, 0xffc2, 0, 200, 0x200);
	ck_assert_uint_eq(sfdp_needed(image.bytes, 24), 0x204);
	set_header(&image, 1, 0xff87, 0, 200, 0x200);
	ck_assert_uint_eq(sfdp_needed(image.bytes, 24), 0xc0);
}
END_TEST

START_TEST(test_truncated)
{
	struct image images[2] = {image_1_0(), image_b()};
	struct sfdp sfdp;

	for (unsigned i = 0; i < 2; i++) {
		size_t needed = sfdp_needed(images[i].bytes, IMAGE_LEN);

		for (size_t len = 0; len < needed; len++) {
			struct np_error err = {0};

			images[i].len = len;
			ck_assert_int_eq(parse(&images[i], &sfdp, &err), NP_E_UNSUPPORTED);
			ck_assert_uint_ne(strlen(err.message), 0);
		}
		images[i].len = needed;
		ck_assert_int_eq(parse(&images[i], &sfdp, NULL), 0);
	}
}
END_TEST

/* The first dword of a maker's table: highest over lowest supply, BCD millivolts. */
static struct sfdp with_makers_table(uint16_t id, uint32_t dword)
{
	struct image image = image_b();
	struct sfdp sfdp;
	struct np_error err = {0};

	set_header(&image, 1, id, 0, 4, 0xe0);
	put(&image, 0xe0, dword);
	image.len = 0xe4;
	ck_assert_msg(parse(&image, &sfdp, &err) == 0, "%s", err.message);
	return sfdp;
}

START_TEST(test_supply)
{
	static const uint32_t senseless[] = {0xffffffff, 0,          0x36a02700, 0x27003600,
	                                     0x36003600, 0x36000300, 0x99002700};
	struct sfdp sfdp = with_makers_table(0xffc8, 0x20001650);

	ck_assert_uint_eq(sfdp.maker_id, 0xc8);
	ck_assert_uint_eq(sfdp.vcc_min_mv, 1650);
	ck_assert_uint_eq(sfdp.vcc_max_mv, 2000);
	sfdp = with_makers_table(0x01c2, 0x36002700);
	ck_assert_uint_eq(sfdp.vcc_max_mv, 3600);
	for (size_t i = 0; i < sizeof(senseless) / sizeof(senseless[0]); i++) {
		sfdp = with_makers_table(0xffc2, senseless[i]);
		ck_assert_msg(sfdp.vcc_max_mv == 0 && sfdp.maker_id == 0, "%08X", senseless[i]);
	}
	/* JEDEC's own table, and one of no length */
	ck_assert_uint_eq(with_makers_table(0xff87, 0x36002700).vcc_max_mv, 0);
}
END_TEST

static uint32_t next(uint64_t *state)
{
	*state = *state * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)(*state >> 33);
}

/* Whatever passes must be something one can drive a chip by. */
static void check_sane(const struct sfdp *sfdp)
{
	ck_assert(sfdp->size >= 4096 && sfdp->size <= UINT64_C(1) << 31);
	ck_assert(sfdp->page >= 1 && sfdp->page <= 4096);
	ck_assert_uint_le(sfdp->bfpt_len, SFDP_BFPT_MAX);
	ck_assert(sfdp->erase_count <= NOR_ERASE_TYPES);
	ck_assert(sfdp->erase_count > 0 || sfdp->has_sector_map);
	for (size_t i = 0; i < sfdp->erase_count; i++) {
		const struct nor_erase *e = &sfdp->erase[i];

		ck_assert_uint_eq(e->size & (e->size - 1), 0);
		ck_assert_uint_eq(sfdp->size % e->size, 0);
		ck_assert(e->op != 0xc7 && e->op != 0x60 && e->op != 0x02 && e->op != 0x01);
		ck_assert(i == 0 || e->size > sfdp->erase[i - 1].size);
		ck_assert_uint_ge(e->max_us, e->typ_us);
	}
	ck_assert_uint_ge(sfdp->page_max_us, sfdp->page_typ_us);
	ck_assert_uint_ge(sfdp->chip_max_ms, sfdp->chip_typ_ms);
}

START_TEST(test_mutations)
{
	uint64_t state = 0x5fd9;
	unsigned passed = 0;
	char text[1024];

	printf("sfdp mutations: seed 0x%llx\n", (unsigned long long)state);
	for (unsigned i = 0; i < MUTATIONS; i++) {
		struct image image = next(&state) & 1 ? image_b() : image_1_0();
		struct np_error err = {0};
		struct sfdp sfdp;

		for (unsigned n = 1 + next(&state) % 4; n > 0; n--)
			image.bytes[next(&state) % image.len] = (uint8_t)next(&state);
		if (parse(&image, &sfdp, &err)) {
			ck_assert_uint_ne(strlen(err.message), 0);
			continue;
		}
		check_sane(&sfdp);
		sfdp_describe(&sfdp, text, 1 + next(&state) % sizeof(text));
		passed++;
	}
	/* neither refusing everything nor swallowing everything would be a parser */
	ck_assert_uint_gt(passed, MUTATIONS / 20);
	ck_assert_uint_lt(passed, MUTATIONS - MUTATIONS / 20);
}
END_TEST

START_TEST(test_describe)
{
	struct image image = image_b();
	char text[2048], small[20];
	struct sfdp sfdp;

	ck_assert_int_eq(parse(&image, &sfdp, NULL), 0);
	sfdp_describe(&sfdp, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "JESD216B"));
	ck_assert_ptr_nonnull(strstr(text, "32 MiB"));
	ck_assert_ptr_nonnull(strstr(text, "5Ch"));
	ck_assert_ptr_nonnull(strstr(text, "0.05 s"));
	sfdp_describe(&sfdp, small, sizeof(small));
	ck_assert_uint_eq(strlen(small), sizeof(small) - 1);
	ck_assert_int_eq(strncmp(small, text, sizeof(small) - 1), 0);
	sfdp_describe(&sfdp, small, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sfdp");
	TCase *tc = tcase_create("all");

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, test_jesd216);
	tcase_add_test(tc, test_times);
	tcase_add_test(tc, test_modes);
	tcase_add_test(tc, test_four_address_bytes_alone_on_large_chips);
	tcase_add_test(tc, test_density_as_power);
	tcase_add_test(tc, test_erase_order);
	tcase_add_test(tc, test_newest_table_wins);
	tcase_add_test(tc, test_lies_about_size);
	tcase_add_test(tc, test_lies_about_erase);
	tcase_add_test(tc, test_lies_about_page);
	tcase_add_test(tc, test_lies_about_tables);
	tcase_add_test(tc, test_sector_map);
	tcase_add_test(tc, test_needed);
	tcase_add_test(tc, test_supply);
	tcase_add_test(tc, test_truncated);
	tcase_add_test(tc, test_mutations);
	tcase_add_test(tc, test_describe);
	return run_suite(suite);
}
