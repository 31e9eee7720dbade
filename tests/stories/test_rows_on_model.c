/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows driven end to end on the parts built into the strict model, which knows nothing of them:
 * identify, program, erase at every granularity, protect and lift. test_rows.c drives the others.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "chip/chipdb.h"
#include "nor/nor.h"
#include "sim/sim.h"
#include "support/suite.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *model, *row;
} driven[] = {
	{"W25Q16", "W25Q16V"},
	{"W25Q32FV", "W25Q32FV"},
	{"W25Q64FV", "W25Q64FV"},
	{"W25Q64JV", "W25Q64JV"},
	{"W25Q64FW", "W25Q64FW"},
	{"W25Q128FV", "W25Q128FV"},
	{"W25Q128JV", "W25Q128JV"},
	{"W25Q256FV", "W25Q256FV"},
	{"W25Q256JV", "W25Q256JV"},
	{"EN25Q64", "EN25Q64"},
	{"EN25QH64", "EN25QH64"},
	{"EN25QH64A", "EN25QH64A"},
	{"EN25QH128A", "EN25QH128A"},
	{"GD25Q64C", "GD25Q64C"},
	{"GD25Q128C", "GD25Q128C"},
	{"MX25L6405D", "MX25L6405D"},
	{"MX25L6433F", "MX25L6433F"},
	{"MX25L12835F", "MX25L12835F"},
	{"MX25L25635F", "MX25L25635F"},
	{"S25FL128S", "S25FL128Sxxxxxx0"},
	{"S25FL128S-256K", "S25FL128Sxxxxxx1"},
	{"N25Q128", "N25Q128A13"},
};

static struct spi_bus *bus;
static void *sim;
static struct nor *nor;
static struct np_error err;
static const struct nor_chip *row;

static void ok(int rc)
{
	ck_assert_msg(rc == 0, "%s: %s", row->name, err.message);
}

static void open_model(size_t i)
{
	struct nor_options options = {0};
	struct sim_config config;
	bool found = false;

	row = chipdb_by_name(driven[i].row, NULL, 0);
	ck_assert_msg(row != NULL, "%s", driven[i].row);
	sim_config_default(&config);
	config.chip.part = driven[i].model;
	ok(sim_open_bus(&config, &bus, &sim, &err));
	ok(nor_open(bus, &options, &nor, &err));
	for (size_t k = 0; k < nor_info(nor)->candidate_count; k++)
		found |= nor_info(nor)->candidates[k] == row;
	ck_assert_msg(found, "%s was taken for %s", row->name, nor_info(nor)->name);
	ck_assert_uint_eq(nor_info(nor)->size, norsim_size(sim_chip(sim)));
	norsim_clear_stats(sim_chip(sim));
}

static void close_model(void)
{
	ck_assert_uint_eq(norsim_stats(sim_chip(sim))->ignored_busy, 0);
	ok(nor_close(nor, &err));
	spi_close(bus);
}

static void program(uint32_t addr, const uint8_t *data, size_t len)
{
	uint32_t page = nor_info(nor)->page;

	for (size_t at = 0; at < len; at += page) {
		struct nor_piece piece = {addr + (uint32_t)at,
		                          (uint32_t)(len - at < page ? len - at : page), data + at};

		ok(nor_program(nor, &piece, 1, NULL, NULL, NULL, &err));
	}
}

static bool blank(uint64_t start, uint64_t len)
{
	const uint8_t *mem = norsim_mem(sim_chip(sim)) + start;

	return mem[0] == 0xff && (len == 1 || memcmp(mem, mem + 1, len - 1) == 0);
}

/* Pages around the edges of each erase block, at the top of the chip: the block goes blank, its
 * neighbours stay. */
START_TEST(erase_and_program)
{
	uint8_t data[512], back[512];

	memset(data, 0x5a, sizeof(data));
	open_model((size_t)_i);
	for (size_t level = 0; level < nor_info(nor)->erase_count; level++) {
		uint32_t size = nor_info(nor)->erase[level].size;
		uint32_t block = (uint32_t)nor_info(nor)->size - 2 * size;

		program(block - 512, data, 512);
		program(block, data, 512);
		program(block + size - 512, data, 512);
		program(block + size, data, 512);
		ok(nor_read(nor, block + size - 512, back, 512, NULL, NULL, &err));
		ck_assert_mem_eq(back, data, 512);
		ok(nor_erase(nor, block, level, &err));
		ck_assert_msg(blank(block, size), "%s: %u bytes", row->name, size);
		ck_assert_mem_eq(norsim_mem(sim_chip(sim)) + block - 512, data, 512);
		ck_assert_mem_eq(norsim_mem(sim_chip(sim)) + block + size, data, 512);
		ok(nor_erase(nor, block + size, level, &err));
		ok(nor_erase(nor, block - size, level, &err));
	}
	ck_assert_uint_eq(norsim_stats(sim_chip(sim))->unknown, 0);
	close_model();
}
END_TEST

/* Does the model take a byte there? Leaves it blank again. */
static bool writable(uint64_t addr)
{
	struct nor_piece piece = {(uint32_t)addr, 1, (const uint8_t *)"\x5a"};
	uint8_t *mem = norsim_mem(sim_chip(sim)) + addr;
	bool taken;

	(void)nor_program(nor, &piece, 1, NULL, NULL, NULL, &err);
	taken = *mem == 0x5a;
	*mem = 0xff;
	return taken;
}

static void check_range(struct np_range range)
{
	uint64_t size = nor_info(nor)->size;

	if (nor_protection_set(nor, range, &err) != 0) {
		ck_assert_int_eq(err.code, NP_E_RANGE);
		return;
	}
	ck_assert_msg(!writable(range.start) && !writable(range.start + range.len - 1),
	              "%s: 0x%llx+0x%llx is not protected", row->name,
	              (unsigned long long)range.start, (unsigned long long)range.len);
	if (range.start)
		ck_assert_msg(writable(range.start - 1), "%s: below 0x%llx", row->name,
		              (unsigned long long)range.start);
	if (range.start + range.len < size)
		ck_assert_msg(writable(range.start + range.len), "%s: above 0x%llx+0x%llx",
		              row->name, (unsigned long long)range.start,
		              (unsigned long long)range.len);
}

START_TEST(protect_and_lift)
{
	struct nor_protection shown;
	uint64_t size;

	open_model((size_t)_i);
	size = nor_info(nor)->size;
	for (uint64_t len = 4096; len < size; len *= 2) {
		check_range((struct np_range){0, len});
		check_range((struct np_range){size - len, len});
		check_range((struct np_range){len, size - len});
		check_range((struct np_range){0, size - len});
	}
	check_range((struct np_range){0, size});
	ok(nor_protection_lift(nor, (struct np_range){0, size}, &err));
	ck_assert(writable(0) && writable(size - 1));
	ok(nor_protection_restore(nor, &err));
	ok(nor_protection_set(nor, (struct np_range){0, 0}, &err));
	ok(nor_protection_read(nor, &shown, &err));
	ck_assert(shown.known);
	ck_assert_uint_eq(shown.range_count, 0);
	close_model();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rows on the model");
	TCase *tc = tcase_create("all");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, erase_and_program, 0, (int)COUNT(driven));
	tcase_add_loop_test(tc, protect_and_lift, 0, (int)COUNT(driven));
	return run_suite(suite);
}
