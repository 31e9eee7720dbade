/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: norsim_fault.c */
/* What the strict chip leaves on disk, and what goes wrong with it on request. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/norsim.h"
#include "support/frames.h"
#include "support/suite.h"

static char dir[64];

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

static void folder(void)
{
	strcpy(dir, "/tmp/test_norsim.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static const char *in_folder(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void no_folder(void)
{
	unlink(in_folder("chip"));
	unlink(in_folder("chip.regs"));
	rmdir(dir);
}

/* ---- files ---- */

START_TEST(contents_and_registers_survive)
{
	uint8_t in[2];

	sim = open_part("W25Q64FV", in_folder("chip"), NULL);
	ck_assert_int_ne(access(in_folder("chip.regs"), F_OK), 0);
	program(0x1234, (uint8_t[]){0xAB}, 1);
	wait_ready();
	ck_assert_int_ne(access(in_folder("chip.regs"), F_OK), 0);
	write_sr(0x10, 0x02);
	SEND(0x06);
	SEND(0x42, 0, 0x10, 0x00, 0x55);
	wait_ready();
	done();
	ck_assert_int_eq(access(in_folder("chip.regs"), F_OK), 0);
	sim = open_part("W25Q64FV", in_folder("chip"), NULL);
	ASK(in, 1, 0x03, 0, 0x12, 0x34);
	ck_assert_uint_eq(in[0], 0xAB);
	ck_assert_int_eq(status(0x05), 0x10);
	ck_assert_int_eq(status(0x35), 0x02);
	ASK(in, 1, 0x48, 0, 0x10, 0x00, 0);
	ck_assert_uint_eq(in[0], 0x55);
	done();
}
END_TEST

static void erase_and_die(void)
{
	sim = open_part("W25Q64FV", in_folder("chip"), NULL);
	erase(0x20, 0x1000);
	raise(SIGKILL);
}

START_TEST(a_killed_process_leaves_the_block_half_done)
{
	uint8_t *mem;
	int how = 0;
	pid_t child;

	sim = open_part("W25Q64FV", in_folder("chip"), NULL);
	memset(norsim_mem(sim), 0, 0x3000);
	done();
	child = fork();
	if (child == 0)
		erase_and_die();
	ck_assert_int_eq(waitpid(child, &how, 0), child);
	ck_assert(WIFSIGNALED(how));
	sim = open_part("W25Q64FV", in_folder("chip"), NULL);
	mem = norsim_mem(sim);
	ck_assert(!all_ff(mem + 0x1000, 0x1000));
	ck_assert(memchr(mem + 0x1000, 0xFF, 0x1000) != NULL);
	ck_assert_uint_eq(mem[0xFFF], 0);
	ck_assert_uint_eq(mem[0x2000], 0);
	done();
}
END_TEST

START_TEST(a_close_in_mid_erase_lets_it_finish)
{
	sim = open_part("W25Q64FV", in_folder("chip"), NULL);
	memset(norsim_mem(sim), 0, 0x1000);
	erase(0x20, 0);
	done();
	sim = open_part("W25Q64FV", in_folder("chip"), NULL);
	ck_assert(all_ff(norsim_mem(sim), 0x1000));
	done();
}
END_TEST

START_TEST(a_file_keeps_its_unique_id)
{
	uint8_t first[8], again[8], other[8];
	char here[512];

	sim = open_part("W25Q64FV", in_folder("chip"), NULL);
	ASK(first, 8, 0x4B, 0, 0, 0, 0);
	done();
	ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
	ck_assert_int_eq(chdir(dir), 0);
	sim = open_part("W25Q64FV", "chip", NULL);
	ASK(again, 8, 0x4B, 0, 0, 0, 0);
	done();
	ck_assert_int_eq(chdir(here), 0);
	sim = open_part("W25Q64FV", NULL, NULL);
	ASK(other, 8, 0x4B, 0, 0, 0, 0);
	done();
	ck_assert_mem_eq(first, again, 8);
	ck_assert_mem_ne(first, other, 8);
}
END_TEST

START_TEST(files_are_locked_and_sized)
{
	struct norsim_config config = {.part = "W25Q64FV", .file = in_folder("chip")};
	struct norsim *second = NULL;
	struct np_error err = {0};

	sim = open_part("W25Q64FV", config.file, NULL);
	ck_assert_int_eq(norsim_open(&config, &second, &err), NP_E_BUSY);
	ck_assert_ptr_nonnull(strstr(err.message, "in use"));
	done();
	config.part = "EN25QH128A";
	ck_assert_int_eq(norsim_open(&config, &second, &err), NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.message, "8388608"));
	config.part = "W25Q64";
	ck_assert_int_eq(norsim_open(&config, &second, &err), NP_E_USAGE);
	ck_assert_ptr_nonnull(strstr(err.hint, "EN25QH128A"));
	config.part = "W25Q64FV";
	config.file = "/proc/nowhere/chip";
	ck_assert_int_eq(norsim_open(&config, &second, &err), NP_E_OUTPUT);
}
END_TEST

START_TEST(foreign_register_files_are_refused)
{
	struct norsim_config config = {.part = "W25Q64FV", .file = in_folder("chip")};
	struct norsim *second = NULL;
	struct np_error err = {0};
	FILE *regs;

	sim = open_part("W25Q64FV", config.file, NULL);
	done();
	regs = fopen(in_folder("chip.regs"), "w");
	fputs("something else", regs);
	fclose(regs);
	config.file = in_folder("chip");
	ck_assert_int_eq(norsim_open(&config, &second, &err), NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.hint, "delete"));
}
END_TEST

/* ---- faults ---- */

START_TEST(power_cut_leaves_the_block_half_done)
{
	uint8_t *mem = norsim_mem(sim), in[1000];

	memset(mem, 0, 0x2000);
	erase(0x20, 0x1000);
	norsim_faults(sim)->cut_at_clock = norsim_stats(sim)->clocks + 20;
	ASK(in, sizeof(in), 0x05);
	ck_assert(!norsim_powered(sim));
	ck_assert_uint_eq(in[0], 0x03);
	ck_assert(all_ff(in + 1, sizeof(in) - 1));
	ck_assert(!all_ff(mem + 0x1000, 0x1000));
	ck_assert(memchr(mem + 0x1000, 0xFF, 0x1000) != NULL);
	ck_assert_uint_eq(mem[0xFFF], 0);
	norsim_time(sim, 1000000000);
	ck_assert(!all_ff(mem + 0x1000, 0x1000));
	norsim_power_on(sim);
	ck_assert_int_eq(status(0x05), 0);
	ck_assert(!all_ff(mem + 0x1000, 0x1000));
}
END_TEST

START_TEST(power_cut_inside_a_command_undoes_it)
{
	SEND(0x06);
	norsim_faults(sim)->cut_at_clock = norsim_stats(sim)->clocks + 40;
	SEND(0x02, 0, 0, 0, 0x00);
	ck_assert(!norsim_powered(sim));
	norsim_power_on(sim);
	ck_assert_uint_eq(norsim_mem(sim)[0], 0xFF);
	/* One clock later the last byte is through and the page begins. */
	SEND(0x06);
	norsim_faults(sim)->cut_at_clock = norsim_stats(sim)->clocks + 41;
	SEND(0x02, 0, 0, 0, 0x00);
	ck_assert(norsim_powered(sim));
	ck_assert_uint_ne(norsim_busy_left(sim), 0);
}
END_TEST

START_TEST(a_reset_loses_what_is_volatile)
{
	uint8_t *mem, in[4];

	sim = open_part("W25Q256FV", NULL, NULL);
	mem = norsim_mem(sim);
	memset(mem, 0, 0x2000);
	SEND(0x06);
	SEND(0xB7);
	ck_assert_int_eq(status(0x15) & 1, 1);
	SEND(0x06);
	SEND(0x20, 0, 0, 0x10, 0);
	norsim_faults(sim)->reset_at_clock = norsim_stats(sim)->clocks + 20;
	ASK(in, sizeof(in), 0x05);
	ck_assert_uint_eq(in[0], 0x03);
	ck_assert(all_ff(in + 1, sizeof(in) - 1));
	ck_assert(norsim_powered(sim));
	ck_assert_uint_eq(norsim_busy_left(sim), 0);
	ck_assert(!all_ff(mem + 0x1000, 0x1000));
	ck_assert(memchr(mem + 0x1000, 0xFF, 0x1000) != NULL);
	ASK(in, 1, 0x9F);
	ck_assert_uint_eq(in[0], 0xFF);
	norsim_time(sim, 30000);
	ck_assert_int_eq(status(0x05), 0);
	ck_assert_int_eq(status(0x15) & 1, 0);
	ASK(in, 1, 0x9F);
	ck_assert_uint_eq(in[0], 0xEF);
	done();
}
END_TEST

START_TEST(half_states_follow_the_seed)
{
	static uint8_t first[0x1000];
	struct norsim_faults faults = {.seed = 5};

	for (int round = 0; round < 3; round++) {
		faults.seed = round < 2 ? 5 : 6;
		sim = open_part("W25Q64FV", NULL, &faults);
		memset(norsim_mem(sim), 0, 0x1000);
		erase(0x20, 0);
		if (round == 0)
			memcpy(first, norsim_mem(sim), sizeof(first));
		else if (round == 1)
			ck_assert_mem_eq(first, norsim_mem(sim), sizeof(first));
		else
			ck_assert_mem_ne(first, norsim_mem(sim), sizeof(first));
		done();
	}
}
END_TEST

START_TEST(flips_about_as_often_as_asked)
{
	static uint8_t in[1 << 20];
	unsigned flips = 0;

	norsim_faults(sim)->flip_one_in = 2000;
	ASK(in, sizeof(in), 0x03, 0, 0, 0);
	for (size_t i = 0; i < sizeof(in); i++)
		flips += (unsigned)__builtin_popcount(in[i] ^ 0xFF);
	ck_assert_uint_gt(flips, 400);
	ck_assert_uint_lt(flips, 650);
	ck_assert(all_ff(norsim_mem(sim), sizeof(in)));
}
END_TEST

START_TEST(stuck_and_silent)
{
	uint8_t in[3];

	norsim_faults(sim)->miso_stuck = -1;
	ASK(in, 3, 0x9F);
	ck_assert_mem_eq(in, ((uint8_t[]){0, 0, 0}), 3);
	norsim_faults(sim)->miso_stuck = 1;
	ASK(in, 3, 0x9F);
	ck_assert(all_ff(in, 3));
	norsim_faults(sim)->miso_stuck = 0;
	norsim_faults(sim)->silent = true;
	ASK(in, 3, 0x9F);
	ck_assert(all_ff(in, 3));
	program(0, (uint8_t[]){0}, 1);
	ck_assert_uint_eq(norsim_busy_left(sim), 0);
}
END_TEST

START_TEST(busy_for_ever)
{
	norsim_faults(sim)->busy_forever = true;
	program(0, (uint8_t[]){0}, 1);
	norsim_time(sim, 3600000000000ULL);
	ck_assert_int_eq(status(0x05), 3);
	ck_assert(norsim_busy_left(sim) == UINT64_MAX);
}
END_TEST

START_TEST(slow_parts)
{
	norsim_faults(sim)->slow_percent = 400;
	program(0, (uint8_t[]){0}, 1);
	ck_assert_uint_eq(norsim_busy_left(sim), 2800000);
}
END_TEST

START_TEST(too_fast_a_clock_garbles)
{
	static uint8_t in[4096];

	norsim_faults(sim)->max_hz = 8000000;
	norsim_set_hz(sim, 8000000);
	ASK(in, sizeof(in), 0x03, 0, 0, 0);
	ck_assert(all_ff(in, sizeof(in)));
	norsim_set_hz(sim, 8000001);
	ASK(in, sizeof(in), 0x03, 0, 0, 0);
	ck_assert(!all_ff(in, sizeof(in)));
}
END_TEST

START_TEST(shifted_answers)
{
	uint8_t in[3];

	norsim_faults(sim)->shift_id = 1;
	ASK(in, 3, 0x9F);
	ck_assert_mem_eq(in, ((uint8_t[]){0xF7, 0xA0, 0x0B}), 3);
}
END_TEST

START_TEST(weak_page_never_reads_the_same)
{
	static uint8_t a[0x2000], b[0x2000];

	norsim_faults(sim)->weak_page_addr_plus1 = 0x1000 + 1;
	ASK(a, sizeof(a), 0x03, 0, 0, 0);
	ASK(b, sizeof(b), 0x03, 0, 0, 0);
	ck_assert_mem_ne(a + 0x1000, b + 0x1000, 256);
	ck_assert(all_ff(a, 0x1000));
	ck_assert(all_ff(b + 0x1100, sizeof(b) - 0x1100));
}
END_TEST

START_TEST(a_program_that_fails)
{
	norsim_faults(sim)->program_fails_at = 2;
	program(0, (uint8_t[]){0}, 1);
	wait_ready();
	program(0x100, (uint8_t[]){0x0F}, 1);
	wait_ready();
	program(0x200, (uint8_t[]){0}, 1);
	wait_ready();
	ck_assert_uint_eq(norsim_mem(sim)[0], 0);
	ck_assert_uint_eq(norsim_mem(sim)[0x100], 0x1F);
	ck_assert_uint_eq(norsim_mem(sim)[0x200], 0);
}
END_TEST

START_TEST(found_in_odd_states)
{
	struct norsim_faults faults = {.start_powered_down = true, .start_wel = true};
	uint8_t id[3];

	sim = open_part("W25Q64FV", NULL, &faults);
	ASK(id, 3, 0x9F);
	ck_assert(all_ff(id, 3));
	SEND(0xAB);
	norsim_time(sim, 3000);
	ck_assert_int_eq(status(0x05), 2);
	done();
	faults = (struct norsim_faults){.start_busy = true, .wake_us = 0};
	sim = open_part("W25Q64FV", NULL, &faults);
	ck_assert_int_eq(status(0x05) & 1, 1);
	wait_ready();
	done();
	faults = (struct norsim_faults){.wake_us = 20000};
	sim = open_part("W25Q64FV", NULL, &faults);
	ASK(id, 3, 0x9F);
	ck_assert(all_ff(id, 3));
	norsim_time(sim, 20000000);
	ASK(id, 3, 0x9F);
	ck_assert_uint_eq(id[0], 0xEF);
	done();
	faults = (struct norsim_faults){.start_sr1 = NORSIM_SR_SET | 0x1C};
	sim = open_part("W25Q64FV", NULL, &faults);
	ck_assert_int_eq(status(0x05), 0x1C);
	norsim_power_on(sim);
	ck_assert_int_eq(status(0x05), 0x1C);
	done();
}
END_TEST

START_TEST(fault_words)
{
	struct norsim_faults f = {0};
	uint64_t fail_msg = 0;
	struct np_error err = {0};

	ck_assert_int_eq(norsim_parse_faults("flip=20000+seed=7+miso=low+wp+max-hz=8M+wake=20ms+"
	                                     "weak-page=0x1000+fail-msg=5+sr1=0x1c+start-busy",
	                                     &f, &fail_msg, &err),
	                 0);
	ck_assert_uint_eq(f.flip_one_in, 20000);
	ck_assert_uint_eq(f.seed, 7);
	ck_assert_int_eq(f.miso_stuck, -1);
	ck_assert(f.stubborn && f.start_busy && !f.silent);
	ck_assert_uint_eq(f.max_hz, 8000000);
	ck_assert_uint_eq(f.wake_us, 20000);
	ck_assert_uint_eq(f.weak_page_addr_plus1, 0x1001);
	ck_assert_uint_eq(fail_msg, 5);
	ck_assert_int_eq(f.start_sr1, NORSIM_SR_SET | 0x1C);
}
END_TEST

static const char *const bad_words[] = {"",         "flop=1",   "flip",     "flip=0",   "flip=x",
                                        "wp=1",     "miso=mid", "wake=20",  "wp+",      "sr1=300",
                                        "fail-msg", "cut=-1",   "silent+x", "wake=-5ms"};

START_TEST(bad_fault_words)
{
	struct norsim_faults f = {0};
	struct np_error err = {0};
	uint64_t fail_msg = 0;

	ck_assert_int_eq(norsim_parse_faults(bad_words[_i], &f, &fail_msg, &err), NP_E_USAGE);
	ck_assert_ptr_nonnull(strstr(err.hint, "busy-forever"));
}
END_TEST

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

static void add_faults(Suite *suite)
{
	TCase *tc = suite_group(suite, "faults", winbond, done);

	tcase_add_test(tc, power_cut_leaves_the_block_half_done);
	tcase_add_test(tc, power_cut_inside_a_command_undoes_it);
	tcase_add_test(tc, flips_about_as_often_as_asked);
	tcase_add_test(tc, stuck_and_silent);
	tcase_add_test(tc, busy_for_ever);
	tcase_add_test(tc, slow_parts);
	tcase_add_test(tc, too_fast_a_clock_garbles);
	tcase_add_test(tc, shifted_answers);
	tcase_add_test(tc, weak_page_never_reads_the_same);
	tcase_add_test(tc, a_program_that_fails);
	tc = suite_group(suite, "found", NULL, NULL);
	tcase_add_test(tc, a_reset_loses_what_is_volatile);
	tcase_add_test(tc, half_states_follow_the_seed);
	tcase_add_test(tc, found_in_odd_states);
	tcase_add_test(tc, fault_words);
	tcase_add_loop_test(tc, bad_fault_words, 0, COUNT(bad_words));
}

int main(void)
{
	Suite *suite = suite_create("norsim faults");
	TCase *tc;

	add_faults(suite);
	tc = suite_group(suite, "files", folder, no_folder);
	tcase_add_test(tc, contents_and_registers_survive);
	tcase_add_test(tc, a_killed_process_leaves_the_block_half_done);
	tcase_add_test(tc, a_close_in_mid_erase_lets_it_finish);
	tcase_add_test(tc, a_file_keeps_its_unique_id);
	tcase_add_test(tc, files_are_locked_and_sized);
	tcase_add_test(tc, foreign_register_files_are_refused);
	return run_suite(suite);
}
