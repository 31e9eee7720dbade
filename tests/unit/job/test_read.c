/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: verify.c */
/* Reading with trust: passes, votes, contacts that flip bits, pages that never read the same twice.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/stop.h"
#include "support/rig.h"
#include "support/suite.h"

#define KiB 1024u

static struct rig rig;
static uint8_t *image, *before;
static struct np_error err;

static void setup(void)
{
	rig_init(&rig);
	rig.config.hz = rig.config.hz_min = rig.config.hz_max = 20000000;
	rig_open(&rig);
	image = calloc(1, rig.size);
	before = malloc(rig.size);
	rig_fill(norsim_mem(rig.chip), rig.size, 3);
	memcpy(before, norsim_mem(rig.chip), rig.size);
	norsim_clear_stats(rig.chip);
	memset(&err, 0, sizeof(err));
}

static void teardown(void)
{
	rig_free(&rig);
	free(image);
	free(before);
}

static struct np_ranges one(uint64_t start, uint64_t len)
{
	struct np_ranges set = {0};

	ck_assert_int_eq(np_ranges_add(&set, (struct np_range){start, len}, NULL), 0);
	return set;
}

static int read_chip(unsigned passes, struct read_result *result)
{
	return job_read(&rig.job, &(struct read_options){.passes = passes}, image, result, &err);
}

START_TEST(two_passes)
{
	struct read_result result;

	ck_assert_int_eq(read_chip(2, &result), 0);
	ck_assert_mem_eq(image, before, rig.size);
	ck_assert_uint_eq(result.passes, 2);
	ck_assert_uint_eq(result.disagreed_blocks, 0);
	ck_assert_uint_eq(norsim_stats(rig.chip)->bytes_read, 2 * rig.size);
	ck_assert(!result.contents.all_ff && !result.contents.all_00 &&
	          !result.contents.equal_halves && !result.contents.zero_bursts);
	read_result_free(&result);
}
END_TEST

/* A pass over the whole chip is one message. */
START_TEST(one_message_per_pass)
{
	struct read_result result;
	uint64_t messages;

	sim_clear_counters(rig.sim);
	ck_assert_int_eq(read_chip(1, &result), 0);
	messages = sim_counters(rig.sim)->messages;
	ck_assert_int_eq(read_chip(2, &result), 0);
	ck_assert_uint_eq(sim_counters(rig.sim)->messages, 3 * messages);
	ck_assert_uint_le(messages, 16);
	read_result_free(&result);
}
END_TEST

START_TEST(ranges_only)
{
	struct np_ranges only = one(0x1003, 5);
	struct read_options options = {.only = &only, .passes = 2};
	struct read_result result;
	uint8_t untouched[16] = {0};

	np_ranges_add(&only, (struct np_range){0x7ffff0, 16}, NULL);
	ck_assert_int_eq(job_read(&rig.job, &options, image, &result, &err), 0);
	ck_assert_mem_eq(image + 0x1003, before + 0x1003, 5);
	ck_assert_mem_eq(image + 0x7ffff0, before + 0x7ffff0, 16);
	ck_assert_mem_eq(image + 0x1008, untouched, 16);
	ck_assert_uint_eq(norsim_stats(rig.chip)->bytes_read, 2 * 21);
	read_result_free(&result);
	np_ranges_free(&only);
}
END_TEST

START_TEST(flips_are_voted_away)
{
	struct read_result result;

	norsim_faults(rig.chip)->flip_one_in = 100000;
	norsim_faults(rig.chip)->seed = rig_seed(5);
	ck_assert_msg(read_chip(2, &result) == 0, "%s", err.message);
	ck_assert_mem_eq(image, before, rig.size);
	ck_assert_uint_gt(result.disagreed_blocks, 10);
	ck_assert_uint_eq(rig.rereads, result.disagreed_blocks);
	read_result_free(&result);
}
END_TEST

START_TEST(crc_passes_find_flips)
{
	struct read_result result;

	rig_close(&rig);
	rig.config.crc = true;
	rig_open(&rig);
	memcpy(norsim_mem(rig.chip), before, rig.size);
	norsim_faults(rig.chip)->flip_one_in = 400000;
	norsim_faults(rig.chip)->seed = rig_seed(6);
	ck_assert_msg(read_chip(2, &result) == 0, "%s", err.message);
	ck_assert_mem_eq(image, before, rig.size);
	ck_assert_uint_gt(result.disagreed_blocks, 2);
	read_result_free(&result);
}
END_TEST

START_TEST(weak_page_has_no_majority)
{
	struct read_result result;

	norsim_faults(rig.chip)->weak_page_addr_plus1 = 0x123000 + 1;
	ck_assert_int_eq(read_chip(2, &result), NP_E_UNSTABLE);
	ck_assert_uint_eq(result.unstable.count, 1);
	ck_assert_uint_eq(result.unstable.at[0].start, 0x123000);
	ck_assert_uint_eq(result.unstable.at[0].len, 4096);
	/* what could be read is there all the same */
	ck_assert_mem_eq(image, before, 0x123000);
	ck_assert_mem_eq(image + 0x124000, before + 0x124000, rig.size - 0x124000);
	/* two passes and five more reads of the one block */
	ck_assert_uint_eq(norsim_stats(rig.chip)->bytes_read, 2 * rig.size + 5 * 4096);
	read_result_free(&result);
}
END_TEST

/* What the block reads as at each step of the job, and which reading shall win; each pass but the
 * first ends with a look at the ID that is a step of its own. */
static const struct script {
	unsigned passes;
	const char *steps;
	char winner;
} scripts[] = {
	{2, "ABCBAAA", 'A'}, /* two of four are no majority */
	{2, "ABB", 'B'},
	{3, "AA-BBA", 'A'}, /* two passes that agreed count as two */
	{5, "AA-A-A-BBBBB", 'A'},
};

static int play(void *ctx, uint64_t step)
{
	const struct script *script = ctx;

	if (step < strlen(script->steps))
		norsim_mem(rig.chip)[0x5123] = (uint8_t)script->steps[step];
	return 0;
}

START_TEST(votes_are_counted)
{
	struct script script = scripts[_i];
	struct np_ranges only = one(0x5000, 4 * KiB);
	struct read_options options = {.only = &only, .passes = script.passes};
	struct read_result result;

	rig.job.step_hook = play;
	rig.job.step_ctx = &script;
	ck_assert_msg(job_read(&rig.job, &options, image, &result, &err) == 0, "%s", err.message);
	ck_assert_int_eq(image[0x5123], script.winner);
	ck_assert_uint_eq(result.disagreed_blocks, 1);
	read_result_free(&result);
	np_ranges_free(&only);
}
END_TEST

START_TEST(clock_is_lowered_before_a_vote)
{
	struct read_result result;

	rig_close(&rig);
	rig.config.hz_min = 100000;
	rig.config.hz_max = 50000000;
	rig_open(&rig);
	memcpy(norsim_mem(rig.chip), before, rig.size);
	norsim_faults(rig.chip)->max_hz = spi_caps(rig.bus)->hz * 3 / 4;
	rig.job.keep_clock = true;
	ck_assert_int_ne(read_chip(2, &result), 0);
	read_result_free(&result);
	rig_reopen(&rig);
	norsim_faults(rig.chip)->max_hz = 0;
	ck_assert_int_eq(spi_set_hz(rig.bus, 40000000, NULL), 0);
	norsim_faults(rig.chip)->max_hz = 30000000;
	ck_assert_msg(read_chip(2, &result) == 0 || result.unstable.count, "%s", err.message);
	ck_assert_uint_eq(spi_caps(rig.bus)->hz, 20000000);
	ck_assert_uint_eq(rig.notes, 1);
	read_result_free(&result);
}
END_TEST

START_TEST(a_chip_that_goes_is_noticed)
{
	struct read_result result;

	norsim_faults(rig.chip)->cut_at_clock = norsim_stats(rig.chip)->clocks + 8 * rig.size / 2;
	ck_assert_int_eq(read_chip(1, &result), NP_E_NO_CHIP);
	read_result_free(&result);
}
END_TEST

START_TEST(suspicious_contents)
{
	struct read_result result;
	uint8_t *mem = norsim_mem(rig.chip);

	memset(mem, 0xff, rig.size);
	ck_assert_int_eq(read_chip(1, &result), 0);
	ck_assert(result.contents.all_ff && !result.contents.all_00 &&
	          !result.contents.equal_halves);
	memset(mem, 0x00, rig.size);
	ck_assert_int_eq(read_chip(1, &result), 0);
	ck_assert(result.contents.all_00 && !result.contents.all_ff &&
	          !result.contents.zero_bursts);
	memcpy(mem, before, rig.size / 2);
	memcpy(mem + rig.size / 2, before, rig.size / 2);
	ck_assert_int_eq(read_chip(1, &result), 0);
	ck_assert(result.contents.equal_halves && !result.contents.all_00);
	memcpy(mem, before, rig.size);
	for (size_t i = 0; i < 40; i++)
		memset(mem + 100003 + i * 20011, 0, 700);
	ck_assert_int_eq(read_chip(1, &result), 0);
	ck_assert(result.contents.zero_bursts);
	read_result_free(&result);
}
END_TEST

START_TEST(stop_ends_a_read)
{
	struct read_result result;

	np_stop_request();
	ck_assert_int_eq(read_chip(1, &result), NP_E_INTERRUPTED);
	np_stop_clear();
}
END_TEST

/* ---- verify ---- */

START_TEST(verify_names_the_first_difference)
{
	struct np_ranges only = one(0x2000, 0x1000);
	struct verify_result v;

	memcpy(image, before, rig.size);
	ck_assert_int_eq(rig_verify(&rig, image, NULL, &v, &err), 0);
	ck_assert_uint_eq(norsim_stats(rig.chip)->bytes_read, rig.size);
	image[0x1234] ^= 0x10;
	image[0x654321] ^= 0x01;
	ck_assert_int_eq(rig_verify(&rig, image, NULL, &v, &err), NP_E_VERIFY);
	ck_assert_uint_eq(v.differing_bytes, 2);
	ck_assert_uint_eq(v.first, 0x1234);
	ck_assert_uint_eq(v.chip_byte, before[0x1234]);
	ck_assert_uint_eq(v.image_byte, image[0x1234]);
	ck_assert_ptr_nonnull(strstr(err.message, "0x001234"));
	ck_assert_int_eq(rig_verify(&rig, image, &only, &v, &err), 0);
	np_ranges_free(&only);
}
END_TEST

START_TEST(verify_blank)
{
	struct np_ranges only = one(0x2001, 0x1fff);
	struct verify_result v;

	ck_assert_int_eq(rig_verify(&rig, NULL, NULL, &v, &err), NP_E_VERIFY);
	memset(norsim_mem(rig.chip) + 0x2001, 0xff, 0x1fff);
	ck_assert_int_eq(rig_verify(&rig, NULL, &only, &v, &err), 0);
	np_ranges_free(&only);
}
END_TEST

START_TEST(verify_tells_contact_from_difference)
{
	struct verify_result v;

	norsim_faults(rig.chip)->weak_page_addr_plus1 = 0x5000 + 1;
	ck_assert_int_eq(rig_verify(&rig, before, NULL, &v, &err), NP_E_UNSTABLE);
	ck_assert(v.unstable);
}
END_TEST

/* ---- writing over a bad contact ---- */

static int write_over_flips(uint64_t seed, bool partial, uint64_t start, uint64_t len)
{
	struct np_ranges only = one(start, len);
	struct rig_order o = {.image = image, .select = partial ? &only : NULL};
	struct write_result result;
	int ret;

	norsim_faults(rig.chip)->flip_one_in = 20000;
	norsim_faults(rig.chip)->seed = seed;
	ret = rig_write(&rig, &o, &result, &err);
	norsim_faults(rig.chip)->flip_one_in = 0;
	np_ranges_free(&only);
	return ret;
}

static bool in_plan(size_t addr)
{
	for (size_t i = 0; i < rig.last_count; i++)
		if (addr - rig.last_steps[i].start < rig.last_steps[i].len)
			return true;
	return false;
}

static void check_run(int ret, uint64_t seed, uint64_t start, uint64_t len)
{
	const uint8_t *mem = norsim_mem(rig.chip);

	ck_assert_msg(ret == 0 || ret == NP_E_UNSTABLE || ret == NP_E_VERIFY, "seed %llu: %d %s",
	              (unsigned long long)seed, ret, err.message);
	for (size_t i = 0; ret && i < rig.size; i += 4096)
		if (memcmp(mem + i, before + i, 4096) != 0)
			ck_assert_msg(in_plan(i), "seed %llu: %zx changed",
			              (unsigned long long)seed, i);
	if (ret)
		return;
	ck_assert_mem_eq(mem + start, image + start, len);
	ck_assert_mem_eq(mem, before, start);
	ck_assert_mem_eq(mem + start + len, before + start + len, rig.size - start - len);
}

START_TEST(region_write_over_flips)
{
	unsigned runs = rig_soak() ? 500 : 25;
	uint64_t first = rig_seed(1000), exact = 0, unstable = 0;

	rig_fill(image, rig.size, 4);
	for (unsigned i = 0; i < runs; i++) {
		uint64_t random = first + i, start = 0x10000 + rig_random(&random) % 0x20000;
		uint64_t len = 1 + rig_random(&random) % (i % 4 ? 0x3000 : 0x18000);
		struct write_result result;
		int ret;

		rig.last_count = 0;
		ret = write_over_flips(first + i, true, start, len);
		check_run(ret, first + i, start, len);
		exact += ret == 0;
		unstable += ret == NP_E_UNSTABLE;
		/* with the clip seated again the job can be finished */
		if (ret && rig_files(&rig, "jobs")) {
			ck_assert_msg(rig_resume(&rig, RESUME_FINISH, &result, &err) == 0,
			              "seed %llu: %s", (unsigned long long)(first + i),
			              err.message);
			check_run(0, first + i, start, len);
		}
		memcpy(norsim_mem(rig.chip), before, rig.size);
	}
	printf("%llu exact, %llu unstable of %u\n", (unsigned long long)exact,
	       (unsigned long long)unstable, runs);
	ck_assert_uint_gt(exact, 0);
	ck_assert_uint_gt(unstable, 0);
}
END_TEST

/* What is kept beside what is written is read twice, in a job that reads the rest once. */
START_TEST(whole_write_over_a_weak_page)
{
	struct np_ranges select = one(0, rig.size), keep = one(0x2300, 256);
	struct rig_order o = {.image = image, .select = &select, .keep = &keep};
	struct write_result result;

	memcpy(image, before, rig.size);
	rig_fill(image + 0x2000, 0x1000, 4);
	np_ranges_remove_all(&select, &keep, NULL);
	norsim_faults(rig.chip)->weak_page_addr_plus1 = 0x2300 + 1;
	ck_assert_int_eq(rig_write(&rig, &o, &result, &err), NP_E_UNSTABLE);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	ck_assert_uint_eq(rig.asked, 0);
	np_ranges_free(&select);
	np_ranges_free(&keep);
}
END_TEST

START_TEST(region_write_into_a_weak_page_changes_nothing)
{
	struct np_ranges only = one(0x30010, 100);
	struct rig_order o = {.image = image, .select = &only};
	struct write_result result;

	rig_fill(image, rig.size, 4);
	norsim_faults(rig.chip)->weak_page_addr_plus1 = 0x30800 + 1;
	ck_assert_int_eq(rig_write(&rig, &o, &result, &err), NP_E_UNSTABLE);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
	ck_assert_uint_eq(rig.asked, 0);
	np_ranges_free(&only);
}
END_TEST

/* One disagreement among the samples makes the whole read two passes. */
static int stick(void *ctx, uint64_t step)
{
	(void)ctx;
	(void)step;
	norsim_mem(rig.chip)[0x50123] &= 0xfe;
	return 0;
}

/* A bit that stays down, however often it is erased, reads the same each time: a failed write. */
START_TEST(a_cell_that_is_worn_out)
{
	struct np_ranges only = one(0x50000, 64 * KiB);
	struct rig_order o = {.image = image, .select = &only};
	struct write_result result;

	rig_fill(image, rig.size, 4);
	image[0x50123] |= 1;
	rig.job.step_hook = stick;
	ck_assert_int_eq(rig_write(&rig, &o, &result, &err), NP_E_VERIFY);
	ck_assert_uint_eq(result.retried_blocks, 1);
	ck_assert_ptr_nonnull(strstr(err.message, "0x050000"));
	ck_assert_uint_gt(rig_files(&rig, "jobs"), 0);
	np_ranges_free(&only);
}
END_TEST

/* A block, the whole chip by its blocks, and by the command for all of it. */
START_TEST(an_erase_of_a_worn_out_chip_names_resume)
{
	struct np_ranges only = one(0x50000, 64 * KiB);
	struct rig_order o = {
		.select = _i == 0 ? &only : NULL, .keep_nothing = true, .how.chip_erase = _i == 2};
	struct write_result result;

	rig.job.step_hook = stick;
	ck_assert_int_eq(rig_write(&rig, &o, &result, &err), NP_E_VERIFY);
	ck_assert_msg(strstr(err.hint, "norprog resume") != NULL, "%s", err.hint);
	ck_assert_msg(!strstr(err.hint, "--discard"), "%s", err.hint);
	ck_assert_msg(!strstr(err.message, "block 0"), "%s", err.message);
	ck_assert_uint_gt(rig_files(&rig, "jobs"), 0);
	np_ranges_free(&only);
}
END_TEST

START_TEST(probe_falls_back_to_two_passes)
{
	struct rig_order o = {.image = image, .keep_nothing = true};
	struct write_result result;
	int ret;

	memcpy(image, before, rig.size);
	image[0x700000] ^= 1;
	norsim_faults(rig.chip)->flip_one_in = 3000;
	norsim_faults(rig.chip)->seed = rig_seed(21);
	ret = rig_write(&rig, &o, &result, &err);
	ck_assert(ret == 0 || ret == NP_E_UNSTABLE || ret == NP_E_VERIFY);
	ck_assert_uint_ge(norsim_stats(rig.chip)->bytes_read, 2 * rig.size);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, 0x6f0000);
}
END_TEST

/* What protection is put back from must not carry a flipped bit. */
START_TEST(status_registers_are_read_until_they_agree)
{
	struct nor_protection truth, found;
	uint64_t seed = rig_seed(31);
	unsigned right = 0;

	ck_assert_int_eq(nor_protection_read(rig.nor, &truth, &err), 0);
	norsim_faults(rig.chip)->flip_one_in = 20;
	for (unsigned i = 0; i < 200; i++) {
		norsim_faults(rig.chip)->seed = seed + i;
		if (nor_protection_read(rig.nor, &found, &err) == 0) {
			/* WIP and WEL come and go, and are never written back */
			found.sr[0] &= 0xfc;
			ck_assert_mem_eq(found.sr, truth.sr, 4);
			right++;
		} else {
			ck_assert_int_eq(err.code, NP_E_UNSTABLE);
		}
	}
	ck_assert_uint_gt(right, 100);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("job_read");
	TCase *tc = tcase_create("read");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, two_passes);
	tcase_add_test(tc, one_message_per_pass);
	tcase_add_test(tc, ranges_only);
	tcase_add_test(tc, flips_are_voted_away);
	tcase_add_test(tc, crc_passes_find_flips);
	tcase_add_test(tc, weak_page_has_no_majority);
	tcase_add_loop_test(tc, votes_are_counted, 0, sizeof(scripts) / sizeof(scripts[0]));
	tcase_add_test(tc, clock_is_lowered_before_a_vote);
	tcase_add_test(tc, a_chip_that_goes_is_noticed);
	tcase_add_test(tc, suspicious_contents);
	tcase_add_test(tc, stop_ends_a_read);
	tcase_add_test(tc, verify_names_the_first_difference);
	tcase_add_test(tc, verify_blank);
	tcase_add_test(tc, verify_tells_contact_from_difference);
	tcase_add_test(tc, region_write_over_flips);
	tcase_add_test(tc, whole_write_over_a_weak_page);
	tcase_add_test(tc, region_write_into_a_weak_page_changes_nothing);
	tcase_add_test(tc, status_registers_are_read_until_they_agree);
	tcase_add_test(tc, probe_falls_back_to_two_passes);
	tcase_add_test(tc, a_cell_that_is_worn_out);
	tcase_add_loop_test(tc, an_erase_of_a_worn_out_chip_names_resume, 0, 3);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
