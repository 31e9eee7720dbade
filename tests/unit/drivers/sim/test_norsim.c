/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: norsim_array.c norsim_cmd.c norsim_file.c norsim_prot.c norsim_work.c */
/* The strict chip, behaviour by behaviour, spoken to in bare frames. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/norsim.h"
#include "support/frames.h"
#include "support/suite.h"

static void write_sr(uint8_t sr1, uint8_t sr2)
{
	SEND(0x06);
	SEND(0x01, sr1, sr2);
	wait_ready();
}

static void winbond(void)
{
	sim = open_part("W25Q64FV", NULL, NULL);
}

static void done(void)
{
	norsim_close(sim);
	sim = NULL;
}

/* ---- identity ---- */

START_TEST(answers_its_ids)
{
	uint8_t id[6];

	ASK(id, 6, 0x9F);
	ck_assert_mem_eq(id, ((uint8_t[]){0xEF, 0x40, 0x17, 0xEF, 0x40, 0x17}), 6);
	ASK(id, 2, 0x90, 0, 0, 0);
	ck_assert_mem_eq(id, ((uint8_t[]){0xEF, 0x16}), 2);
	ASK(id, 2, 0x90, 0, 0, 1);
	ck_assert_mem_eq(id, ((uint8_t[]){0x16, 0xEF}), 2);
	ASK(id, 1, 0xAB, 0, 0, 0);
	ck_assert_uint_eq(id[0], 0x16);
}
END_TEST

START_TEST(has_sfdp_at_80h)
{
	uint8_t sfdp[256];

	ASK(sfdp, sizeof(sfdp), 0x5A, 0, 0, 0, 0);
	ck_assert_mem_eq(sfdp, "SFDP\0\1\0", 7);
	ck_assert_mem_eq(sfdp + 8, ((uint8_t[]){0, 0, 1, 9, 0x80, 0, 0, 0xFF}), 8);
	ck_assert_mem_eq(sfdp + 0x84, ((uint8_t[]){0xFF, 0xFF, 0xFF, 0x03}), 4);
	ck_assert_mem_eq(sfdp + 0x9C, ((uint8_t[]){0x0C, 0x20, 0x0F, 0x52, 0x10, 0xD8, 0, 0}), 8);
	ck_assert(all_ff(sfdp + 0xA4, sizeof(sfdp) - 0xA4));
}
END_TEST

START_TEST(unique_id_is_stable_and_its_own)
{
	struct norsim_config config = {.part = "W25Q64FV", .uid = 77};
	struct norsim *other;
	uint8_t a[8], b[8], c[8];

	ASK(a, 8, 0x4B, 0, 0, 0, 0);
	ASK(b, 8, 0x4B, 0, 0, 0, 0);
	ck_assert_mem_eq(a, b, 8);
	other = sim;
	ck_assert_int_eq(norsim_open(&config, &sim, NULL), 0);
	ASK(c, 8, 0x4B, 0, 0, 0, 0);
	ck_assert_mem_ne(a, c, 8);
	norsim_close(sim);
	sim = other;
}
END_TEST

/* ---- reading and programming ---- */

START_TEST(reads_wrap_at_the_end)
{
	uint8_t in[4];

	norsim_mem(sim)[0x7FFFFF] = 0x11;
	norsim_mem(sim)[0] = 0x22;
	ASK(in, 4, 0x03, 0x7F, 0xFF, 0xFE);
	ck_assert_mem_eq(in, ((uint8_t[]){0xFF, 0x11, 0x22, 0xFF}), 4);
	ASK(in, 2, 0x0B, 0x7F, 0xFF, 0xFF, 0x00);
	ck_assert_mem_eq(in, ((uint8_t[]){0x11, 0x22}), 2);
}
END_TEST

START_TEST(program_needs_the_latch_and_consumes_it)
{
	SEND(0x02, 0, 0, 0, 0x00);
	ck_assert_uint_eq(norsim_stats(sim)->ignored_latch, 1);
	ck_assert_uint_eq(norsim_mem(sim)[0], 0xFF);
	SEND(0x06);
	ck_assert_int_eq(status(0x05), 2);
	SEND(0x02, 0, 0, 0, 0x00);
	ck_assert_int_eq(status(0x05) & 1, 1);
	wait_ready();
	ck_assert_uint_eq(norsim_mem(sim)[0], 0);
	ck_assert_int_eq(status(0x05), 0);
	SEND(0x02, 0, 0, 1, 0x00);
	ck_assert_uint_eq(norsim_stats(sim)->ignored_latch, 2);
	SEND(0x06);
	SEND(0x04);
	SEND(0x02, 0, 0, 1, 0x00);
	ck_assert_uint_eq(norsim_mem(sim)[1], 0xFF);
}
END_TEST

START_TEST(program_takes_its_time)
{
	program(0, (uint8_t[]){0x5A}, 1);
	ck_assert_uint_eq(norsim_busy_left(sim), 700000);
	norsim_time(sim, 699999);
	ck_assert_uint_eq(norsim_busy_left(sim), 1);
	norsim_time(sim, 1);
	ck_assert_uint_eq(norsim_busy_left(sim), 0);
	ck_assert_uint_eq(norsim_mem(sim)[0], 0x5A);
}
END_TEST

START_TEST(status_bytes_follow_the_time)
{
	uint8_t in[4000];
	size_t busy = 0;

	program(0, (uint8_t[]){0}, 1);
	ASK(in, sizeof(in), 0x05);
	while (busy < sizeof(in) && in[busy] & 1)
		busy++;
	/* 0.7 ms from CS rise; the opcode takes one byte of it, and a byte shows its beginning. */
	ck_assert_uint_eq(busy, 700000 / FRAME_BYTE_NS - 1);
	for (size_t i = busy; i < sizeof(in); i++)
		ck_assert_uint_eq(in[i], 0);
}
END_TEST

START_TEST(bits_only_fall)
{
	program(0x100, (uint8_t[]){0xF0}, 1);
	wait_ready();
	program(0x100, (uint8_t[]){0x3C}, 1);
	wait_ready();
	ck_assert_uint_eq(norsim_mem(sim)[0x100], 0x30);
	ck_assert_uint_eq(norsim_stats(sim)->lost_bits, 2);
}
END_TEST

START_TEST(pages_wrap)
{
	program(0x1FE, (uint8_t[]){1, 2, 3, 4}, 4);
	wait_ready();
	ck_assert_mem_eq(norsim_mem(sim) + 0x1FE, ((uint8_t[]){1, 2}), 2);
	ck_assert_mem_eq(norsim_mem(sim) + 0x100, ((uint8_t[]){3, 4}), 2);
	ck_assert_uint_eq(norsim_mem(sim)[0x200], 0xFF);
	ck_assert_uint_eq(norsim_stats(sim)->page_wraps, 1);
}
END_TEST

START_TEST(only_the_last_page_of_a_long_program_counts)
{
	uint8_t data[300];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i < 44 ? 0x00 : i);
	program(0, data, sizeof(data));
	wait_ready();
	ck_assert_uint_eq(norsim_mem(sim)[0], (uint8_t)256);
	ck_assert_uint_eq(norsim_mem(sim)[43], (uint8_t)299);
	ck_assert_uint_eq(norsim_mem(sim)[44], 44);
}
END_TEST

START_TEST(half_programmed_while_busy)
{
	uint8_t zero[256] = {0};
	unsigned up = 0;

	program(0, zero, 256);
	for (size_t i = 0; i < 256; i++)
		up += (unsigned)__builtin_popcount(norsim_mem(sim)[i]);
	ck_assert_uint_gt(up, 256);
	ck_assert_uint_lt(up, 7 * 256);
	wait_ready();
	ck_assert_mem_eq(norsim_mem(sim), zero, 256);
}
END_TEST

/* ---- while busy ---- */

START_TEST(commands_while_busy_are_ignored_and_counted)
{
	uint8_t in[3];

	program(0, (uint8_t[]){0}, 1);
	ASK(in, 3, 0x9F);
	ck_assert(all_ff(in, 3));
	ASK(in, 3, 0x03, 0, 0, 0);
	ck_assert(all_ff(in, 3));
	SEND(0x06);
	SEND(0x02, 0, 1, 0, 0);
	ck_assert_uint_eq(norsim_stats(sim)->ignored_busy, 4);
	wait_ready();
	ck_assert_uint_eq(norsim_mem(sim)[0x100], 0xFF);
	ck_assert_int_eq(status(0x05), 0);
	ck_assert_uint_eq(norsim_stats(sim)->ignored_busy, 4);
}
END_TEST

/* ---- erasing ---- */

struct erase_case {
	uint8_t op;
	uint32_t len;
	uint64_t ms;
};

static const struct erase_case erase_cases[] = {
	{0x20, 0x1000, 45}, {0x52, 0x8000, 120}, {0xD8, 0x10000, 150}};

START_TEST(erases_just_its_block)
{
	const struct erase_case *c = &erase_cases[_i];
	uint8_t *mem = norsim_mem(sim);
	uint32_t base = 0x30000;

	memset(mem, 0, norsim_size(sim));
	erase(c->op, base + c->len - 1);
	ck_assert_uint_eq(norsim_busy_left(sim), c->ms * 1000000);
	ck_assert(!all_ff(mem + base, c->len));
	ck_assert(memchr(mem + base, 0xFF, c->len) != NULL);
	wait_ready();
	ck_assert(all_ff(mem + base, c->len));
	ck_assert_uint_eq(mem[base - 1], 0);
	ck_assert_uint_eq(mem[base + c->len], 0);
}
END_TEST

START_TEST(erases_the_chip)
{
	memset(norsim_mem(sim), 0, norsim_size(sim));
	SEND(0x06);
	SEND(0xC7);
	ck_assert_uint_eq(norsim_busy_left(sim), 20000000000ULL);
	wait_ready();
	ck_assert(all_ff(norsim_mem(sim), norsim_size(sim)));
	ck_assert_uint_eq(norsim_stats(sim)->erases_chip, 1);
}
END_TEST

START_TEST(frames_of_a_wrong_length_do_nothing)
{
	norsim_mem(sim)[0] = 0;
	SEND(0x06);
	SEND(0x20, 0, 0);
	SEND(0x20, 0, 0, 0, 0);
	SEND(0x02, 0, 0, 0);
	SEND(0xC7, 0);
	ck_assert_uint_eq(norsim_stats(sim)->malformed, 4);
	ck_assert_uint_eq(norsim_busy_left(sim), 0);
	SEND(0x04);
	SEND(0x06, 0);
	ck_assert_int_eq(status(0x05), 0);
}
END_TEST

START_TEST(unknown_opcodes_are_counted)
{
	SEND(0xE7);
	ck_assert_uint_eq(norsim_stats(sim)->unknown, 1);
	SEND(0xFF);
	ck_assert_uint_eq(norsim_stats(sim)->unknown, 1);
	SEND(0x3A);
	ck_assert_uint_eq(norsim_stats(sim)->unknown, 2);
}
END_TEST

/* ---- status registers and protection ---- */

START_TEST(short_status_write_clears_sr2)
{
	write_sr(0x00, 0x42);
	ck_assert_int_eq(status(0x35), 0x42);
	SEND(0x06);
	SEND(0x01, 0x04);
	ck_assert_int_eq(status(0x05), 3);
	wait_ready();
	ck_assert_int_eq(status(0x05), 0x04);
	ck_assert_int_eq(status(0x35), 0x00);
}
END_TEST

START_TEST(status_write_needs_a_latch)
{
	SEND(0x01, 0x1C, 0);
	ck_assert_int_eq(status(0x05), 0);
	ck_assert_uint_eq(norsim_stats(sim)->ignored_latch, 1);
}
END_TEST

START_TEST(volatile_status_write_is_quick_and_forgotten)
{
	write_sr(0x1C, 0);
	SEND(0x50);
	SEND(0x01, 0, 0);
	ck_assert_int_eq(status(0x05), 0);
	ck_assert_uint_eq(norsim_stats(sim)->sr_writes_volatile, 1);
	norsim_power_on(sim);
	ck_assert_int_eq(status(0x05), 0x1C);
	/* 50h holds for the very next command only. */
	SEND(0x50);
	(void)status(0x35);
	SEND(0x01, 0, 0);
	ck_assert_int_eq(status(0x05), 0x1C);
}
END_TEST

static const struct range_case winbond_ranges[] = {
	{0x04, 0x00, 0x7E0000, 0x020000}, {0x18, 0x00, 0x400000, 0x400000},
	{0x1C, 0x00, 0, 0x800000},        {0x24, 0x00, 0, 0x020000},
	{0x44, 0x00, 0x7FF000, 0x001000}, {0x6C, 0x00, 0, 0x004000},
	{0x50, 0x00, 0x7F8000, 0x008000}, {0x54, 0x00, 0x7F8000, 0x008000},
	{0x04, 0x40, 0, 0x7E0000},        {0x24, 0x40, 0x020000, 0x7E0000},
	{0x64, 0x40, 0x001000, 0x7FF000}, {0x00, 0x40, 0, 0x800000},
};

START_TEST(winbond_ranges_hold)
{
	const struct range_case *c = &winbond_ranges[_i];

	write_sr(c->sr1, c->sr2);
	check_range(c);
	ck_assert_uint_ge(norsim_stats(sim)->ignored_protected, 2);
	SEND(0x06);
	SEND(0xC7);
	ck_assert_uint_eq(norsim_busy_left(sim), 0);
}
END_TEST

START_TEST(protected_pages_do_not_program)
{
	write_sr(0x04, 0);
	program(0x7E0000, (uint8_t[]){0}, 1);
	ck_assert_uint_eq(norsim_busy_left(sim), 0);
	ck_assert_uint_eq(norsim_mem(sim)[0x7E0000], 0xFF);
	ck_assert_uint_eq(norsim_stats(sim)->ignored_protected, 1);
}
END_TEST

START_TEST(lock_down_lasts_until_power_up)
{
	write_sr(0x1C, 0x01);
	SEND(0x06);
	SEND(0x01, 0, 0);
	wait_ready();
	ck_assert_int_eq(status(0x05) & 0x1C, 0x1C);
	norsim_power_on(sim);
	ck_assert_int_eq(status(0x35), 0);
	write_sr(0, 0);
	ck_assert_int_eq(status(0x05), 0);
}
END_TEST

START_TEST(lock_bits_are_one_time)
{
	write_sr(0, 0x08);
	write_sr(0, 0x00);
	ck_assert_int_eq(status(0x35), 0x08);
	SEND(0x50);
	SEND(0x01, 0, 0x18);
	ck_assert_int_eq(status(0x35), 0x08);
}
END_TEST

START_TEST(wp_held_low_keeps_the_bits)
{
	write_sr(0x1C, 0);
	norsim_faults(sim)->stubborn = true;
	write_sr(0, 0);
	SEND(0x50);
	SEND(0x01, 0, 0);
	ck_assert_int_eq(status(0x05) & 0x1C, 0x1C);
	ck_assert_uint_eq(norsim_stats(sim)->ignored_protected, 2);
}
END_TEST

/* ---- security registers, sleep, reset ---- */

START_TEST(security_registers)
{
	uint8_t in[3];

	SEND(0x06);
	SEND(0x42, 0, 0x20, 0x10, 0xAA, 0xBB);
	wait_ready();
	ASK(in, 3, 0x48, 0, 0x20, 0x10, 0);
	ck_assert_mem_eq(in, ((uint8_t[]){0xAA, 0xBB, 0xFF}), 3);
	ASK(in, 3, 0x48, 0, 0x10, 0x10, 0);
	ck_assert(all_ff(in, 3));
	ASK(in, 3, 0x48, 0, 0x40, 0x00, 0);
	ck_assert(all_ff(in, 3));
	SEND(0x06);
	SEND(0x44, 0, 0x20, 0x00);
	wait_ready();
	ASK(in, 3, 0x48, 0, 0x20, 0x10, 0);
	ck_assert(all_ff(in, 3));
	write_sr(0, 0x10);
	SEND(0x06);
	SEND(0x42, 0, 0x20, 0x00, 0x00);
	ck_assert_uint_eq(norsim_busy_left(sim), 0);
	SEND(0x06);
	SEND(0x42, 0, 0x30, 0x00, 0x00);
	ck_assert_uint_ne(norsim_busy_left(sim), 0);
}
END_TEST

START_TEST(deep_power_down)
{
	uint8_t id[3];

	SEND(0xB9);
	norsim_time(sim, 10000);
	ASK(id, 3, 0x9F);
	ck_assert(all_ff(id, 3));
	ck_assert_int_eq(status(0x05), 0xFF);
	SEND(0xAB);
	ASK(id, 3, 0x9F);
	ck_assert(all_ff(id, 3));
	norsim_time(sim, 3000);
	ASK(id, 3, 0x9F);
	ck_assert_uint_eq(id[0], 0xEF);
	ck_assert_uint_eq(norsim_stats(sim)->ignored_asleep, 3);
}
END_TEST

START_TEST(reset_restores_and_aborts)
{
	write_sr(0x04, 0);
	SEND(0x50);
	SEND(0x01, 0, 0);
	memset(norsim_mem(sim), 0, 0x1000);
	erase(0x20, 0);
	SEND(0x99);
	ck_assert_uint_ne(norsim_busy_left(sim), 0);
	SEND(0x66);
	(void)status(0x05);
	SEND(0x99);
	ck_assert_uint_ne(norsim_busy_left(sim), 0);
	SEND(0x66);
	SEND(0x99);
	ck_assert_uint_eq(norsim_busy_left(sim), 0);
	norsim_time(sim, 30000);
	ck_assert_int_eq(status(0x05), 0x04);
	ck_assert(!all_ff(norsim_mem(sim), 0x1000));
	ck_assert_uint_eq(norsim_stats(sim)->resets_busy, 1);
}
END_TEST

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

static void add_winbond(Suite *suite)
{
	TCase *tc = suite_group(suite, "W25Q64FV", winbond, done);

	tcase_add_test(tc, answers_its_ids);
	tcase_add_test(tc, has_sfdp_at_80h);
	tcase_add_test(tc, unique_id_is_stable_and_its_own);
	tcase_add_test(tc, reads_wrap_at_the_end);
	tcase_add_test(tc, program_needs_the_latch_and_consumes_it);
	tcase_add_test(tc, program_takes_its_time);
	tcase_add_test(tc, status_bytes_follow_the_time);
	tcase_add_test(tc, bits_only_fall);
	tcase_add_test(tc, pages_wrap);
	tcase_add_test(tc, only_the_last_page_of_a_long_program_counts);
	tcase_add_test(tc, half_programmed_while_busy);
	tcase_add_test(tc, commands_while_busy_are_ignored_and_counted);
	tcase_add_loop_test(tc, erases_just_its_block, 0, COUNT(erase_cases));
	tcase_add_test(tc, erases_the_chip);
	tcase_add_test(tc, frames_of_a_wrong_length_do_nothing);
	tcase_add_test(tc, unknown_opcodes_are_counted);
	tcase_add_test(tc, short_status_write_clears_sr2);
	tcase_add_test(tc, status_write_needs_a_latch);
	tcase_add_test(tc, volatile_status_write_is_quick_and_forgotten);
	tcase_add_loop_test(tc, winbond_ranges_hold, 0, COUNT(winbond_ranges));
	tcase_add_test(tc, protected_pages_do_not_program);
	tcase_add_test(tc, lock_down_lasts_until_power_up);
	tcase_add_test(tc, lock_bits_are_one_time);
	tcase_add_test(tc, wp_held_low_keeps_the_bits);
	tcase_add_test(tc, security_registers);
	tcase_add_test(tc, deep_power_down);
	tcase_add_test(tc, reset_restores_and_aborts);
}

int main(void)
{
	Suite *suite = suite_create("norsim");

	add_winbond(suite);
	return run_suite(suite);
}
