/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chips that only SFDP describes, end to end: lies are refused or do no harm, and parts above 16
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

/* A known part whose SFDP says another size: nobody knows which is right. */
START_TEST(a_size_that_the_table_contradicts_is_refused)
{
	put_in("W25Q64FV");
	bfpt[1] = 8 * 16 * MIB - 1;
	ck_assert_int_eq(engine_identify(), NP_E_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(engine.err.message, "SFDP says 16384 KiB"));
	unchanged(0);
	engine_close_failed();
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
	tcase_add_test(tcase, a_size_that_the_table_contradicts_is_refused);
	tcase_add_loop_test(tcase, an_unknown_part_above_16_mib_is_driven_to_its_last_byte, 0,
	                    COUNT(big));
	tcase_add_test(tcase, an_hour_of_chip_erase_is_waited_for);
	suite_add_tcase(suite, tcase);
	printf("seed %d\n", SEED);
	return run_suite(suite);
}
