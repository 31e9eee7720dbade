/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: norsim_describe_keys.c norsim_sfdp.c */
/* Descriptions of parts: what they may say, what is refused and where, and what the model does with
 * the families that no built-in part belongs to. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/norsim.h"
#include "support/suite.h"

#define PARTS   "tests/data/parts.txt"
#define BYTE_NS 400
#define MIB     (1U << 20)

static struct norsim *sim;
static struct np_error err;

static void open_part(const char *part)
{
	struct norsim_config config = {.part = part, .parts_file = PARTS};

	ck_assert_msg(norsim_open(&config, &sim, &err) == 0, "%s", err.message);
}

static void close_part(void)
{
	norsim_close(sim);
	sim = NULL;
}

/* One frame: what goes out, then `len` bytes come back. */
static void frame(const uint8_t *out, size_t out_len, uint8_t *in, size_t len)
{
	norsim_cs(sim, true);
	norsim_clock(sim, out, NULL, out_len, BYTE_NS);
	if (len)
		norsim_clock(sim, NULL, in, len, BYTE_NS);
	norsim_cs(sim, false);
}

#define SEND(...) \
	frame((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}), NULL, 0)

static uint8_t ask(uint8_t op)
{
	uint8_t answer;

	frame(&op, 1, &answer, 1);
	return answer;
}

static void settle(void)
{
	norsim_time(sim, norsim_busy_left(sim));
}

/* ---- what is refused ---- */

#define HEAD "part A id=EF4017 size=8M erase=20:4K,C7:chip sr1=FC wr=sr1 "
#define TAIL "time=page:700,sr:1000\n"

static const struct {
	const char *text, *says;
} bad[] = {
	{"part\n", "name"},
	{"party A id=EF4017\n", "neither"},
	{HEAD "nonsense " TAIL, "KEY=VALUE"},
	{HEAD "colour=red " TAIL, "unknown key"},
	{HEAD "has=wings " TAIL, "has"},
	{HEAD "page=300 " TAIL, "page"},
	{HEAD "page=1024 " TAIL, "page"},
	{HEAD "wr=sr9 " TAIL, "wr"},
	{HEAD "wr=sr1,sr1,sr1,sr1 " TAIL, "wr"},
	{HEAD "sr2=1FF " TAIL, "sr2"},
	{HEAD "has=uid4b " TAIL, "uid="},
	{HEAD "uid=17 " TAIL, "uid"},
	{HEAD "has=secreg " TAIL, "otp="},
	{HEAD "has=secreg otp=1:3:100 " TAIL, "impossible"},
	{HEAD "otp=0:16:4096 " TAIL, "otp"},
	{HEAD "erase=D8:16M " TAIL, "impossible"},
	{HEAD "erase=D8:3K " TAIL, "erase"},
	{HEAD "erase=100:4K " TAIL, "erase"},
	{HEAD "sfdp=2.0 " TAIL, "sfdp"},
	{HEAD "prot=any:XY " TAIL, "mask"},
	{HEAD "time=page:x,sr:1000\n", "time"},
	{HEAD "\n", "time="},
	{"part A id=EF40 size=8M erase=20:4K wr=sr1 " TAIL, "id"},
	{"part A id=EF4 size=8M erase=20:4K wr=sr1 " TAIL, "id"},
	{"part A id=EF4017 size=3M erase=20:4K wr=sr1 " TAIL, "size"},
	{"part A id=EF4017 size=1G erase=20:4K wr=sr1 " TAIL, "size"},
	{"part A id=EF4017 size=8M wr=sr1 " TAIL, "are due"},
	{"part A sfdp=1.0 " TAIL, "sfdp"},
	{"part A-name-that-is-much-too-long-for-a-part id=EF4017 " TAIL, "too long"},
	{HEAD "dev=116 " TAIL, "dev"},
	{HEAD "lock=80 " TAIL, "lock"},
	{HEAD "lock=80/01/02 " TAIL, "lock"},
	{HEAD "bfpt=0@ " TAIL, "bfpt"},
	{HEAD "bfpt=FFF120E5,03FFFFFF " TAIL, "bfpt"},
	{HEAD "bfpt=0@80:FFF120E5,3FFFFFFFF " TAIL, "bfpt"},
	{HEAD "bfpt=0@80:1,2,3,4,5,6,7,8,9,A,B,C,D,E,F,10,11,12,13,14,15 " TAIL, "bfpt"},
	{HEAD "addr4=D0:1,2 " TAIL, "addr4"},
	{HEAD "bfpt=0@80:1 addr4=D0:1,2,3 " TAIL, "addr4"},
	{"prot P\n", "mask"},
	{"prot P 3C 04\n", "VALUE=RANGE"},
	{"prot P 3C 40=all\n", "under the mask"},
	{"prot P 3C 04=x64K\n", "range"},
	{"prot P 3C 04=t/3\n", "range"},
	{"prot P 3C 04=t\n", "range"},
};

START_TEST(each_mistake_is_named_with_its_line)
{
	char path[] = "/tmp/norsim-describe-XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");

	ck_assert_ptr_nonnull(file);
	fprintf(file, "# a comment\n\n%s", bad[_i].text);
	fclose(file);
	ck_assert_int_eq(norsim_check_parts(path, NULL, &err), NP_E_INPUT);
	ck_assert_msg(strstr(err.message, bad[_i].says) != NULL, "%s", err.message);
	ck_assert_msg(strstr(err.message, ":3:") != NULL, "%s", err.message);
	unlink(path);
}
END_TEST

/* What is built in is a file like any other: every line of it parses, and the names are its. */
START_TEST(the_parts_built_in_are_such_a_file)
{
	static const char builtin[] = "drivers/sim/parts.txt";
	const char *const *names = norsim_parts();
	size_t here, there, listed = 0;

	ck_assert_msg(norsim_check_parts(NULL, &here, &err) == 0, "%s", err.message);
	ck_assert_msg(norsim_check_parts(builtin, &there, &err) == 0, "%s", err.message);
	while (names[listed])
		listed++;
	ck_assert_uint_eq(here, there);
	ck_assert_uint_eq(here, listed);
	for (size_t i = 0; i < listed; i++) {
		struct norsim_config config = {.part = names[i], .parts_file = builtin};

		ck_assert_msg(norsim_open(&config, &sim, &err) == 0, "%s", err.message);
		norsim_close(sim);
	}
	sim = NULL;
}
END_TEST

START_TEST(unknown_parts_schemes_and_files)
{
	struct norsim_config config = {.part = "W25Q64FV", .parts_file = "/nowhere/parts"};
	char path[] = "/tmp/norsim-describe-XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");

	ck_assert_int_eq(norsim_open(&config, &sim, &err), NP_E_INPUT);
	config.parts_file = PARTS;
	config.part = "W25Q64";
	ck_assert_int_eq(norsim_open(&config, &sim, &err), NP_E_USAGE);
	fprintf(file, HEAD "prot=missing " TAIL);
	fclose(file);
	config.parts_file = path;
	config.part = "A";
	ck_assert_int_eq(norsim_open(&config, &sim, &err), NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.message, "missing"));
	unlink(path);
}
END_TEST

/* The same words from a pipe, and one that nobody writes to: neither is waited for. */
START_TEST(a_pipe_is_read_to_its_end)
{
	struct norsim_config config = {.part = "A"};
	char folder[] = "/tmp/norsim-describe-XXXXXX", path[64];
	char text[] = HEAD "prot=any:1c " TAIL;
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], text, sizeof(text) - 1), sizeof(text) - 1);
	close(ends[1]);
	snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
	config.parts_file = path;
	ck_assert_msg(norsim_open(&config, &sim, &err) == 0, "%s", err.message);
	norsim_close(sim);
	sim = NULL;
	close(ends[0]);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/pipe", folder);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(norsim_open(&config, &sim, &err), NP_E_USAGE);
	unlink(path);
	rmdir(folder);
}
END_TEST

START_TEST(a_line_without_end_is_refused)
{
	char path[] = "/tmp/norsim-describe-XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");

	for (unsigned i = 0; i < 100000; i++)
		fputc('x', file);
	fclose(file);
	ck_assert_int_eq(norsim_check_parts(path, NULL, &err), NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.message, "line too long"));
	unlink(path);
}
END_TEST

/* ---- SST25 ---- */

static void open_sst25(void)
{
	open_part("SST25VF016B");
	SEND(0x50);
	SEND(0x01, 0x00);
	settle();
}

START_TEST(sst25_powers_up_locked)
{
	open_part("SST25VF016B");
	ck_assert_uint_ne(ask(0x05) & 0x1C, 0);
	SEND(0x06);
	SEND(0x02, 0, 0, 0, 0x12);
	settle();
	ck_assert_uint_eq(norsim_mem(sim)[0], 0xFF);
	ck_assert_uint_eq(norsim_stats(sim)->ignored_protected, 1);
	SEND(0x01, 0x00);
	ck_assert_uint_ne(ask(0x05) & 0x1C, 0);
	SEND(0x50);
	SEND(0x01, 0x00);
	settle();
	ck_assert_uint_eq(ask(0x05) & 0x1C, 0);
	norsim_power_on(sim);
	ck_assert_uint_ne(ask(0x05) & 0x1C, 0);
	close_part();
}
END_TEST

START_TEST(sst25_programs_bytes_and_words_only)
{
	open_sst25();
	SEND(0x06);
	SEND(0x02, 0, 0, 4, 0x12, 0x34);
	ck_assert_uint_eq(norsim_stats(sim)->malformed, 1);
	SEND(0x02, 0, 0, 4, 0x12);
	settle();
	ck_assert_uint_eq(norsim_mem(sim)[4], 0x12);
	SEND(0x06);
	SEND(0xAD, 0, 0, 6, 0x56, 0x78);
	settle();
	SEND(0xAD, 0x9A, 0xBC);
	settle();
	ck_assert_mem_eq(norsim_mem(sim) + 6, ((const uint8_t[]){0x56, 0x78, 0x9A, 0xBC}), 4);
	close_part();
}
END_TEST

START_TEST(aai_hears_nothing_else_until_it_is_ended)
{
	uint8_t id[3];

	open_sst25();
	SEND(0x06);
	SEND(0xAD, 0, 0, 0, 1, 2);
	settle();
	frame((const uint8_t[]){0x9F}, 1, id, 3);
	ck_assert_uint_eq(id[0], 0xFF);
	SEND(0x04);
	frame((const uint8_t[]){0x9F}, 1, id, 3);
	ck_assert_uint_eq(id[0], 0xBF);
	SEND(0xAD, 3, 4);
	settle();
	ck_assert_uint_eq(norsim_mem(sim)[2], 0xFF);
	close_part();
}
END_TEST

/* ---- sector locks ---- */

START_TEST(atmel_opens_and_locks_by_the_status_register)
{
	open_part("AT25DF321A");
	ck_assert_uint_eq(ask(0x05) & 0x0C, 0x0C);
	SEND(0x06);
	SEND(0x01, 0x04);
	settle();
	ck_assert_uint_eq(ask(0x05) & 0x0C, 0x0C);
	SEND(0x06);
	SEND(0x01, 0x00);
	settle();
	ck_assert_uint_eq(ask(0x05) & 0x0C, 0);
	SEND(0x06);
	SEND(0x01, 0xBC);
	settle();
	SEND(0x06);
	SEND(0x01, 0x3C & 0x00);
	settle();
	/* SPRL was set: that write only cleared it. */
	ck_assert_uint_eq(ask(0x05) & 0x8C, 0x0C);
	close_part();
}
END_TEST

START_TEST(sst26_opens_by_98h)
{
	open_part("SST26VF032B");
	SEND(0x06);
	SEND(0x20, 0, 0, 0);
	ck_assert_uint_eq(norsim_stats(sim)->ignored_protected, 1);
	SEND(0x98);
	SEND(0x06);
	SEND(0x20, 0, 0, 0);
	ck_assert_uint_eq(norsim_stats(sim)->ignored_protected, 2);
	SEND(0x06);
	SEND(0x98);
	SEND(0x06);
	SEND(0x20, 0, 0, 0);
	settle();
	ck_assert_uint_eq(norsim_stats(sim)->erases_4k, 1);
	close_part();
}
END_TEST

/* ---- erases, banks, size ---- */

START_TEST(erases_with_its_own_opcodes_only)
{
	open_part("Pm25LV010A");
	norsim_mem(sim)[0x1000] = 0;
	SEND(0x06);
	SEND(0x20, 0, 0x10, 0);
	ck_assert_uint_eq(norsim_stats(sim)->unknown, 1);
	SEND(0xD7, 0, 0x10, 0);
	settle();
	ck_assert_uint_eq(norsim_mem(sim)[0x1000], 0xFF);
	ck_assert_uint_eq(norsim_stats(sim)->erases_4k, 1);
	close_part();
}
END_TEST

START_TEST(a_bank_register_reaches_the_upper_half)
{
	uint8_t byte;

	open_part("S25FL256Sxxxxxx0");
	norsim_mem(sim)[16 * MIB] = 0x5A;
	SEND(0x17, 0x01);
	ck_assert_uint_eq(ask(0x16), 0x01);
	frame((const uint8_t[]){0x03, 0, 0, 0}, 4, &byte, 1);
	ck_assert_uint_eq(byte, 0x5A);
	close_part();
}
END_TEST

static size_t resident_kib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (size_t)usage.ru_maxrss;
}

START_TEST(a_quarter_gigabyte_costs_what_is_touched)
{
	size_t before;

	open_part("SST25VF016B");
	close_part();
	before = resident_kib();
	open_part("MX66L2G45G");
	ck_assert_uint_eq(norsim_size(sim), 256 * MIB);
	ck_assert_uint_eq(norsim_mem(sim)[0], 0xFF);
	ck_assert_uint_eq(norsim_mem(sim)[256 * MIB - 1], 0xFF);
	norsim_mem(sim)[128 * MIB] = 0;
	ck_assert_uint_eq(norsim_mem(sim)[129 * MIB], 0xFF);
	ck_assert_uint_lt(resident_kib() - before, 64 * 1024);
	close_part();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("norsim descriptions");
	TCase *tcase = tcase_create("descriptions");

	tcase_add_loop_test(tcase, each_mistake_is_named_with_its_line, 0,
	                    (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(tcase, the_parts_built_in_are_such_a_file);
	tcase_add_test(tcase, unknown_parts_schemes_and_files);
	tcase_add_test(tcase, a_pipe_is_read_to_its_end);
	tcase_add_test(tcase, a_line_without_end_is_refused);
	tcase_add_test(tcase, sst25_powers_up_locked);
	tcase_add_test(tcase, sst25_programs_bytes_and_words_only);
	tcase_add_test(tcase, aai_hears_nothing_else_until_it_is_ended);
	tcase_add_test(tcase, atmel_opens_and_locks_by_the_status_register);
	tcase_add_test(tcase, sst26_opens_by_98h);
	tcase_add_test(tcase, erases_with_its_own_opcodes_only);
	tcase_add_test(tcase, a_bank_register_reaches_the_upper_half);
	tcase_add_test(tcase, a_quarter_gigabyte_costs_what_is_touched);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
