/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Security registers and OTP areas: what is written stays, what is locked is for ever. */
#include <check.h>
#include <string.h>

#include "chip/nor_cmd.h"
#include "nor/nor_otp.h"
#include "sim/norsim_int.h"
#include "sim/sim.h"
#include "support/suite.h"

static struct spi_bus *bus;
static void *sim;
static struct nor *nor;
static struct np_error err;
static struct nor_otp_area areas[NOR_OTP_AREAS];
static size_t count;

static const char *const parts[] = {"W25Q64FV", "EN25QH128A", "MX25L12835F", "S25FL128S",
                                    "N25Q128"};

/* What is filled of the array at both ends: addresses of OTP areas lie there, so that a command meant
 * for one, which reaches the array instead, hits what is filled. The middle stays blank: to fill 16
 * MiB for each of thousands of resets takes minutes. */
#define EDGE 0x10000

#define AT 40 /* Spansion: what comes before is the factory's, or locks */

#define PARTS (int)(sizeof(parts) / sizeof(parts[0]))

static void start(int part)
{
	struct sim_config config;
	struct nor_options options = {0};

	sim_config_default(&config);
	config.chip.part = parts[part];
	ck_assert_int_eq(sim_open_bus(&config, &bus, &sim, &err), 0);
	ck_assert_msg(nor_open(bus, &options, &nor, &err) == 0, "%s", err.message);
	memset(norsim_mem(sim_chip(sim)), 0x77, EDGE);
	memset(norsim_mem(sim_chip(sim)) + norsim_size(sim_chip(sim)) - EDGE, 0x77, EDGE);
	ck_assert_int_eq(nor_otp_list(nor, areas, &count, &err), 0);
	ck_assert_uint_gt(count, 0);
}

static void all_bytes_are(uint8_t byte, const uint8_t *mem, size_t len)
{
	ck_assert_uint_eq(mem[0], byte);
	ck_assert_int_eq(memcmp(mem, mem + 1, len - 1), 0);
}

/* The edges are as they were filled, and nothing was erased. */
static void edges_are_untouched(void)
{
	const uint8_t *mem = norsim_mem(sim_chip(sim));
	const struct norsim_stats *stats = norsim_stats(sim_chip(sim));

	all_bytes_are(0x77, mem, EDGE);
	all_bytes_are(0x77, mem + norsim_size(sim_chip(sim)) - EDGE, EDGE);
	ck_assert_uint_eq(stats->erases_4k + stats->erases_32k + stats->erases_64k +
	                          stats->erases_256k + stats->erases_die + stats->erases_odd +
	                          stats->erases_chip,
	                  0);
}

/* The array must not have been touched, and the part must be back in its ordinary mode. */
static void finish(void)
{
	uint8_t back[512];

	edges_are_untouched();
	ck_assert_int_eq(nor_read(nor, norsim_size(sim_chip(sim)) - 4096, back, sizeof(back), NULL,
	                          NULL, &err),
	                 0);
	ck_assert_uint_eq(back[0], 0x77);
	ck_assert_uint_eq(norsim_stats(sim_chip(sim))->ignored_busy, 0);
	ck_assert_int_eq(nor_close(nor, &err), 0);
	spi_close(bus);
}

/* finish(), and the middle of the array is blank, too. */
static void finish_whole(void)
{
	all_bytes_are(0xff, norsim_mem(sim_chip(sim)) + EDGE,
	              norsim_size(sim_chip(sim)) - 2 * EDGE);
	finish();
}

START_TEST(areas_have_the_data_sheet_size)
{
	start(0);
	ck_assert_uint_eq(count, 3);
	ck_assert_uint_eq(areas[0].number, 1);
	ck_assert_uint_eq(areas[2].len, 256);
	finish_whole();
	start(1);
	ck_assert_uint_eq(count, 1);
	ck_assert_uint_eq(areas[0].len, 512);
	ck_assert(!areas[0].erasable);
	finish_whole();
}
END_TEST

START_TEST(what_is_written_reads_back_and_bits_only_fall)
{
	const uint8_t text[] = "serial 12345";
	const uint8_t ones[] = {0xff, 0xff};
	uint8_t back[NOR_OTP_LEN_MAX];
	const struct nor_otp_area *area;

	start(_i);
	area = &areas[count - 1];
	ck_assert_msg(nor_otp_write(nor, area, AT, text, sizeof(text), &err) == 0, "%s",
	              err.message);
	ck_assert_int_eq(nor_otp_read(nor, area, back, &err), 0);
	ck_assert_mem_eq(back + AT, text, sizeof(text));
	ck_assert_uint_eq(back[AT - 1], 0xff);
	ck_assert_int_eq(nor_otp_write(nor, area, AT, ones, 2, &err), NP_E_POLICY);
	ck_assert_int_eq(nor_otp_read(nor, area, back, &err), 0);
	ck_assert_mem_eq(back + AT, text, sizeof(text));
	ck_assert_int_eq(nor_otp_write(nor, area, AT, text, sizeof(text), &err), 0);
	ck_assert_int_eq(nor_otp_write(nor, area, area->len - 1, ones, 2, &err), NP_E_RANGE);
	finish_whole();
}
END_TEST

START_TEST(a_security_register_can_be_erased_an_otp_sector_not)
{
	const uint8_t byte = 0;
	uint8_t back[NOR_OTP_LEN_MAX];

	start(_i);
	ck_assert_int_eq(nor_otp_write(nor, &areas[0], AT, &byte, 1, &err), 0);
	ck_assert_int_eq(nor_otp_erase(nor, &areas[0], &err),
	                 areas[0].erasable ? 0 : NP_E_UNSUPPORTED);
	ck_assert_int_eq(nor_otp_read(nor, &areas[0], back, &err), 0);
	ck_assert_uint_eq(back[AT], areas[0].erasable ? 0xff : 0);
	finish_whole();
}
END_TEST

START_TEST(a_lock_is_for_ever_and_for_one_area)
{
	const uint8_t byte = 0;

	start(_i);
	ck_assert_msg(nor_otp_lock(nor, &areas[0], &err) == 0, "%s", err.message);
	ck_assert_int_eq(nor_otp_list(nor, areas, &count, &err), 0);
	ck_assert(areas[0].locked);
	for (size_t i = 1; i < count; i++)
		ck_assert(!areas[i].locked);
	ck_assert_int_eq(nor_otp_write(nor, &areas[0], AT, &byte, 1, &err), NP_E_PROTECTED);
	finish_whole();
}
END_TEST

/* Nothing is put into what cannot be changed back without a look at whether the chip is there. */
START_TEST(without_the_chip_nothing_is_written_or_locked)
{
	const uint8_t byte = 0;
	struct norsim *chip;

	start(_i);
	chip = sim_chip(sim);
	norsim_clear_stats(chip);
	norsim_faults(chip)->miso_stuck = 1;
	areas[0].locked = false;
	ck_assert_int_ne(nor_otp_lock(nor, &areas[0], &err), 0);
	ck_assert_int_ne(nor_otp_write(nor, &areas[0], AT, &byte, 1, &err), 0);
	if (areas[0].erasable)
		ck_assert_int_ne(nor_otp_erase(nor, &areas[0], &err), 0);
	ck_assert_uint_eq(norsim_stats(chip)->sr_writes_nv, 0);
	ck_assert_uint_eq(norsim_stats(chip)->busy_ns, 0);
	norsim_faults(chip)->miso_stuck = 0;
	ck_assert_int_eq(nor_otp_list(nor, areas, &count, &err), 0);
	ck_assert(!areas[0].locked);
	finish_whole();
}
END_TEST

/* Spansion: each region of 32 bytes has a lock of its own. */
START_TEST(a_locked_region_is_refused_and_the_others_are_not)
{
	const uint8_t text[] = "text";
	const uint8_t locks[4] = {0xFF & ~(1 << 2), 0xFF, 0xFF, 0xFF};
	struct norsim *chip;

	start(3);
	chip = sim_chip(sim);
	memcpy(chip->nv.otp + 16, locks, sizeof(locks));
	ck_assert_int_eq(nor_otp_write(nor, &areas[0], 70, text, 4, &err), NP_E_PROTECTED);
	ck_assert_int_eq(nor_otp_write(nor, &areas[0], 62, text, 4, &err), NP_E_PROTECTED);
	ck_assert_int_eq(nor_otp_write(nor, &areas[0], 60, text, 4, &err), 0);
	ck_assert_int_eq(nor_otp_write(nor, &areas[0], 96, text, 4, &err), 0);
	ck_assert_int_eq(nor_otp_write(nor, &areas[0], 16, text, 4, &err), NP_E_RANGE);
	ck_assert_uint_eq(norsim_stats(chip)->ignored_protected, 0);
	ck_assert_int_eq(nor_otp_lock(nor, &areas[0], &err), 0);
	ck_assert_int_eq(nor_otp_list(nor, areas, &count, &err), 0);
	ck_assert(areas[0].locked);
	finish_whole();
}
END_TEST

/* At each clock of the work, and with the part's power-up behind it. */
static void reset_everywhere(int part, int (*work)(void))
{
	struct norsim *chip;
	uint64_t clocks;

	start(part);
	chip = sim_chip(sim);
	clocks = norsim_stats(chip)->clocks;
	ck_assert_int_eq(work(), 0);
	clocks = norsim_stats(chip)->clocks - clocks;
	finish_whole();
	for (uint64_t at = 1; at < clocks; at += clocks / 300 + 1) {
		uint8_t sr = 0xff;
		struct spi_msg look = nor_cmd_status(0x05, &sr, 1);

		start(part);
		chip = sim_chip(sim);
		norsim_faults(chip)->reset_at_clock = norsim_stats(chip)->clocks + at;
		work();
		norsim_time(chip, 1000000000);
		ck_assert_int_eq(spi_run(bus, &look, 1, NULL, NULL, NULL, &err), 0);
		ck_assert_msg(!(sr & 0xfc), "reset at clock %llu: status %02Xh",
		              (unsigned long long)at, sr);
		finish();
	}
}

static int write_area(void)
{
	const uint8_t text[] = "serial 12345";

	return nor_otp_write(nor, &areas[count - 1], AT, text, sizeof(text), &err);
}

static int lock_area(void)
{
	return nor_otp_lock(nor, &areas[count - 1], &err);
}

/* A part that resets itself has left its OTP mode: nothing meant for that may reach the array or
 * the status register. */
START_TEST(a_reset_in_mid_write_spares_the_array)
{
	reset_everywhere(_i, write_area);
	reset_everywhere(_i, lock_area);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("nor_otp");
	TCase *tcase = tcase_create("otp");

	tcase_add_test(tcase, areas_have_the_data_sheet_size);
	tcase_add_loop_test(tcase, what_is_written_reads_back_and_bits_only_fall, 0, PARTS);
	tcase_add_loop_test(tcase, a_security_register_can_be_erased_an_otp_sector_not, 0, PARTS);
	tcase_add_loop_test(tcase, a_lock_is_for_ever_and_for_one_area, 0, PARTS);
	tcase_add_loop_test(tcase, without_the_chip_nothing_is_written_or_locked, 0, PARTS);
	tcase_add_test(tcase, a_locked_region_is_refused_and_the_others_are_not);
	tcase_add_loop_test(tcase, a_reset_in_mid_write_spares_the_array, 0, PARTS);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
