/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: nor_size.c
 * Chips that only SFDP describes, end to end: lies are refused or do no harm, and parts above 16
 * MiB are driven to their last byte by what SFDP says about addresses. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/norsim_int.h"
#include "support/engine.h"
#include "support/suite.h"

#define SEED  20261121
#define LIES  60
#define WORDS 24

static struct norsim *chip;
static struct norsim_part part;
static struct norsim_sfdp sfdp;
static uint32_t bfpt[WORDS];

/* A built-in part whose SFDP is the test's to change. */
static void put_in(const char *name)
{
	struct sim_config config;

	sim_config_default(&config);
	config.chip.part = name;
	engine_start(&config);
	chip = sim_chip(engine.sim);
	part = *chip->part;
	sfdp = *part.sfdp;
	memcpy(bfpt, sfdp.bfpt, sfdp.dwords * sizeof(bfpt[0]));
	sfdp.bfpt = bfpt;
	part.sfdp = &sfdp;
	chip->part = &part;
	memset(norsim_mem(chip), 0x5a, norsim_size(chip));
}

/* Nothing was erased, programmed or written to a register. */
static void unchanged(unsigned lie)
{
	const struct norsim_stats *stats = norsim_stats(chip);

	ck_assert_msg(!stats->pages_programmed && !stats->bytes_programmed && !stats->erases_4k &&
	                      !stats->erases_32k && !stats->erases_64k && !stats->erases_256k &&
	                      !stats->erases_chip && !stats->sr_writes_nv &&
	                      !stats->sr_writes_volatile,
	              "seed %d, lie %u: the chip was written to", SEED, lie);
	for (size_t i = 0; i < norsim_size(chip); i += 61)
		ck_assert_uint_eq(norsim_mem(chip)[i], 0x5a);
}

static bool is_block_erase(uint8_t op)
{
	return op != 0 && strchr("\x20\x21\x40\x52\x53\x5c\x81\xd7\xd8\xdc", op) != NULL;
}

/* What was believed holds together. */
static void believable(unsigned lie)
{
	const struct nor_info *info = nor_info(engine.nor);

	ck_assert_msg(info->erase_count > 0 && info->page > 0, "lie %u", lie);
	for (size_t i = 0; i < info->erase_count; i++) {
		ck_assert_msg(info->size % info->erase[i].size == 0, "lie %u", lie);
		ck_assert_msg(is_block_erase(info->erase[i].op), "lie %u: %02Xh", lie,
		              info->erase[i].op);
	}
}

static void open_and_look(unsigned lie)
{
	int ret = engine_identify();

	unchanged(lie);
	if (ret) {
		ck_assert_msg(engine.err.message[0] && engine.err.hint[0], "lie %u", lie);
		engine_close_failed();
		return;
	}
	believable(lie);
	engine_finish();
}

static const struct {
	unsigned dword; /* 1-based */
	uint32_t value;
} lies[] = {
	{2, 0x00000000}, /* one bit */
	{2, 0xffffffff}, /* 2^(2^31 - 1) bits */
	{2, 0x7fffffff}, /* 256 MiB with three address bytes */
	{2, 0x01fffffe}, /* not a whole byte */
	{8, 0xc710200c}, /* chip erase as a block erase */
	{8, 0x0110200c}, /* a status write as a block erase */
	{8, 0x0210200c}, /* a page program as a block erase */
	{8, 0x2010200c}, /* one opcode, two sizes */
	{8, 0xd81f200c}, /* a block of 2 GiB */
	{1, 0xfff720e5}, /* reserved address length */
};

START_TEST(a_plain_lie_is_refused)
{
	put_in("TEST-SFDP");
	bfpt[lies[_i].dword - 1] = lies[_i].value;
	ck_assert_int_eq(engine_identify(), NP_E_UNKNOWN_CHIP);
	ck_assert_msg(strstr(engine.err.message, "SFDP refused: "), "%s", engine.err.message);
	unchanged((unsigned)_i);
	engine_close_failed();
}
END_TEST

START_TEST(no_lie_makes_identification_write)
{
	srand(SEED);
	for (unsigned lie = 0; lie < LIES; lie++) {
		put_in("TEST-SFDP");
		for (int k = rand() % 3; k >= 0; k--)
			bfpt[rand() % sfdp.dwords] ^= 1U << rand() % 32;
		if (lie % 10 == 0)
			sfdp.dwords = (uint8_t)(rand() % WORDS);
		open_and_look(lie);
	}
}
END_TEST

/* A known part whose SFDP says another size: nobody knows which is right. The larger is read, and
 * nothing is written. */
START_TEST(a_size_that_the_table_contradicts_is_read_only)
{
	const struct nor_info *info;
	struct nor_piece piece = {0, 4, (const uint8_t *)"norp"};

	put_in("W25Q64FV");
	bfpt[1] = 8 * 16 * MIB - 1;
	ck_assert_int_eq(engine_identify(), 0);
	info = nor_info(engine.nor);
	ck_assert_uint_eq(info->size, 16 * MIB);
	ck_assert(info->size_doubt.open);
	ck_assert_ptr_nonnull(strstr(info->size_doubt.text, "SFDP says 16 MiB"));
	ck_assert_int_eq(nor_program(engine.nor, &piece, 1, NULL, NULL, NULL, &engine.err),
	                 NP_E_POLICY);
	ck_assert_int_eq(nor_erase(engine.nor, 0, 0, &engine.err), NP_E_POLICY);
	ck_assert_int_eq(nor_erase_chip(engine.nor, &engine.err), NP_E_POLICY);
	unchanged(0);
	engine_finish();
}
END_TEST

/* Whose blocks all differ, unlike engine_random()'s. */
static uint8_t *noise_of(size_t len)
{
	uint8_t *bytes = malloc(len);

	srand(SEED);
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(rand() >> 7);
	return bytes;
}

/* The model wraps as a chip does whose upper address bits are not there. */
START_TEST(what_a_chip_holds_settles_its_size)
{
	uint8_t *noise = noise_of(8 * MIB);

	put_in("W25Q64FV");
	memcpy(norsim_mem(chip), noise, 8 * MIB);
	bfpt[1] = 8 * 16 * MIB - 1;
	ck_assert_int_eq(engine_identify(), 0);
	ck_assert_uint_eq(nor_info(engine.nor)->size, 8 * MIB);
	ck_assert(!nor_info(engine.nor)->size_doubt.open);
	ck_assert_ptr_nonnull(strstr(nor_info(engine.nor)->size_doubt.text, "repeats"));
	engine_finish();
	put_in("W25Q64FV");
	memcpy(norsim_mem(chip), noise, 8 * MIB);
	bfpt[1] = 8 * 2 * MIB - 1;
	ck_assert_int_eq(engine_identify(), 0);
	ck_assert_uint_eq(nor_info(engine.nor)->size, 8 * MIB);
	ck_assert(!nor_info(engine.nor)->size_doubt.open);
	engine_finish();
	free(noise);
}
END_TEST

START_TEST(copies_are_found_and_others_are_not)
{
	uint8_t *noise = noise_of(8 * MIB);
	uint64_t len;

	put_in("W25Q64FV");
	ck_assert_int_eq(engine_identify(), 0);
	ck_assert_int_eq(nor_repeats(engine.nor, &len, &engine.err), 0);
	ck_assert_uint_eq(len, 0);
	for (unsigned shift = 0; shift < 5; shift++) {
		uint64_t len_of = 8 * MIB >> shift;

		for (uint64_t at = 0; at < 8 * MIB; at += len_of)
			memcpy(norsim_mem(chip) + at, noise, len_of);
		ck_assert_int_eq(nor_repeats(engine.nor, &len, &engine.err), 0);
		ck_assert_uint_eq(len, len_of);
		ck_assert_uint_eq(nor_image_repeats(norsim_mem(chip), 8 * MIB), len_of);
	}
	/* a byte is enough for the verdict on a whole image */
	norsim_mem(chip)[8 * MIB - 1] ^= 1;
	ck_assert_uint_eq(nor_image_repeats(norsim_mem(chip), 8 * MIB), 8 * MIB);
	/* two equal images, each with settings of its own behind it */
	memcpy(norsim_mem(chip) + 4 * MIB, norsim_mem(chip), 4 * MIB);
	memset(norsim_mem(chip) + 2 * MIB, 0xff, 2 * MIB);
	ck_assert_int_eq(nor_repeats(engine.nor, &len, &engine.err), 0);
	ck_assert_uint_eq(len, 8 * MIB);
	engine_finish();
	free(noise);
}
END_TEST

/* What flips on the way is looked at again, so it makes no large chip of a small one. */
START_TEST(copies_are_found_over_a_bad_line)
{
	uint8_t *noise = noise_of(4 * MIB);
	uint64_t len;

	put_in("W25Q64FV");
	ck_assert_int_eq(engine_identify(), 0);
	memcpy(norsim_mem(chip), noise, 4 * MIB);
	memcpy(norsim_mem(chip) + 4 * MIB, noise, 4 * MIB);
	for (uint64_t seed = SEED; seed < SEED + 100; seed++) {
		norsim_faults(chip)->flip_one_in = 2000;
		norsim_faults(chip)->seed = seed;
		ck_assert_int_eq(nor_repeats(engine.nor, &len, &engine.err), 0);
		ck_assert_msg(len == 4 * MIB, "seed %llu: repeats after %llu",
		              (unsigned long long)seed, (unsigned long long)len);
	}
	norsim_faults(chip)->flip_one_in = 0;
	engine_finish();
	free(noise);
}
END_TEST

/* Detecting takes as long as what is sent: 64 messages are 8 ms on a CH341A. */
START_TEST(looking_for_copies_is_short)
{
	uint8_t *noise = noise_of(8 * MIB);
	uint64_t len, before;

	put_in("W25Q64FV");
	ck_assert_int_eq(engine_identify(), 0);
	for (unsigned filled = 0; filled < 2; filled++) {
		before = norsim_stats(chip)->frames;
		ck_assert_int_eq(nor_repeats(engine.nor, &len, &engine.err), 0);
		ck_assert_uint_eq(len, filled ? 8 * MIB : 0);
		ck_assert_uint_le(norsim_stats(chip)->frames - before, filled ? 26 : 52);
		memcpy(norsim_mem(chip), noise, 8 * MIB);
	}
	engine_finish();
	free(noise);
}
END_TEST

static const char *const big[] = {"W25Q256FV", "W25Q256JV", "MX25L25635F"};

START_TEST(an_unknown_part_above_16_mib_is_driven_to_its_last_byte)
{
	const uint8_t data[4] = {1, 2, 3, 4};
	uint8_t back[4];
	uint32_t size;
	bool found, mode;

	put_in(big[_i]);
	part.id[0] = 0x7a;
	part.id[1] = 0x5f;
	found = chip->mode_4byte;
	ck_assert_msg(engine_identify() == 0, "%s", engine.err.message);
	ck_assert_ptr_nonnull(strstr(nor_info(engine.nor)->name, "SFDP"));
	size = (uint32_t)nor_info(engine.nor)->size;
	ck_assert_uint_eq(size, norsim_size(chip));
	ck_assert_int_eq(
		nor_erase(engine.nor, size - nor_info(engine.nor)->erase[0].size, 0, &engine.err),
		0);
	ck_assert_int_eq(engine_program(data, size - 4, 4), 0);
	ck_assert_mem_eq(norsim_mem(chip) + size - 4, data, 4);
	ck_assert_int_eq(nor_read(engine.nor, size - 4, back, 4, NULL, NULL, &engine.err), 0);
	ck_assert_mem_eq(back, data, 4);
	/* What wraps at 16 MiB would have landed here. */
	ck_assert_uint_eq(norsim_mem(chip)[(16 * MIB) - 4], 0x5a);
	ck_assert_uint_eq(norsim_mem(chip)[size - nor_info(engine.nor)->erase[0].size - 1], 0x5a);
	mode = chip->mode_4byte;
	ck_assert_int_eq(nor_close(engine.nor, &engine.err), 0);
	ck_assert_msg(chip->mode_4byte == found, "%s: found in mode %d, left in another (was %d)",
	              big[_i], found, mode);
	spi_close(engine.bus);
}
END_TEST

/* 1088 s, and up to 4352 s: more microseconds than 32 bits hold. */
START_TEST(an_hour_of_chip_erase_is_waited_for)
{
	static struct norsim_times times;

	put_in("TEST-SFDP");
	times = *part.times;
	times.chip_ms = 1088000;
	part.times = &times;
	bfpt[10] = (bfpt[10] & ~0x7f00000fu) | 3u << 29 | 16u << 24 | 1u;
	ck_assert_msg(engine_identify() == 0, "%s", engine.err.message);
	ck_assert_msg(nor_erase_chip(engine.nor, &engine.err) == 0, "%s", engine.err.message);
	ck_assert_uint_eq(norsim_mem(chip)[norsim_size(chip) - 1], 0xff);
	engine_finish();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("nor_sfdp");
	TCase *tcase = tcase_create("nor_sfdp");

	tcase_add_loop_test(tcase, a_plain_lie_is_refused, 0, COUNT(lies));
	tcase_add_test(tcase, no_lie_makes_identification_write);
	tcase_add_test(tcase, a_size_that_the_table_contradicts_is_read_only);
	tcase_add_test(tcase, what_a_chip_holds_settles_its_size);
	tcase_add_test(tcase, copies_are_found_and_others_are_not);
	tcase_add_test(tcase, copies_are_found_over_a_bad_line);
	tcase_add_test(tcase, looking_for_copies_is_short);
	tcase_add_loop_test(tcase, an_unknown_part_above_16_mib_is_driven_to_its_last_byte, 0,
	                    COUNT(big));
	tcase_add_test(tcase, an_hour_of_chip_erase_is_waited_for);
	suite_add_tcase(suite, tcase);
	printf("seed %d\n", SEED);
	return run_suite(suite);
}
