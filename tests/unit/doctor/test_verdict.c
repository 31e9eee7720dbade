/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: verdict.c wiring.c drawing.c */
/* What follows from measured facts, with no hardware behind them. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "doctor/doctor.h"
#include "support/suite.h"

static struct doctor_facts facts;
static struct doctor_verdict verdict;

/* All is well. */
static void setup(void)
{
	memset(&facts, 0, sizeof(facts));
	facts.opened = facts.known = facts.read = facts.protection_known = true;
	facts.ids = (struct doctor_ids){.reads = 64, .agreed = 64, .common = {0xef, 0x40, 0x17}};
	strcpy(facts.programmer, "ch341a at 1-1");
	strcpy(facts.chip, "W25Q64FV");
	facts.size = 8 << 20;
	for (size_t i = 0; i < 3; i++)
		facts.clocks[i] = (struct doctor_clock){
			.hz = 500000u << i, .ids = 64, .ids_agreed = 64, .pages = 8};
	for (size_t i = 0; i < DOCTOR_PLACES; i++)
		facts.places[i] = DOCTOR_STABLE;
}

static void mixed(unsigned bad, unsigned zeros, unsigned runs, uint32_t other)
{
	facts.known = facts.read = false;
	facts.ids.agreed = 64 - bad;
	facts.ids.bad = bad;
	facts.ids.zeros = zeros;
	facts.ids.runs = runs;
	facts.ids.other[0] = (uint8_t)(other >> 16);
	facts.ids.other[1] = (uint8_t)(other >> 8);
	facts.ids.other[2] = (uint8_t)other;
}

static void silent(uint8_t value)
{
	facts.known = facts.read = false;
	memset(facts.ids.common, value, 3);
}

#define SCENES                                                                          \
	X(ok, 0, (void)0)                                                               \
	X(blank, 0, facts.blank = true)                                                 \
	X(protected, 0, facts.is_protected = true)                                      \
	X(asleep, 0, facts.woken = true; silent(0xff); facts.known = facts.read = true) \
	X(slow_only, 0, facts.clocks[2].pages_differ = 3)                               \
	X(unknown_supply, 0, strcpy(facts.supply, "nobody knows"))                      \
	X(one_eight, 7, facts.low_voltage = true; strcpy(facts.supply, "1.8 V"))        \
	X(not_there, 3, facts.opened = false; facts.open_exit = 3)                      \
	X(own, 3, facts.host_own = "the boot EEPROM")                                   \
	X(lost, 3, facts.lost = true)                                                   \
	X(high, 4, silent(0xff))                                                        \
	X(low, 4, silent(0))                                                            \
	X(contact, 4, mixed(10, 0, 9, 0xffffff))                                        \
	X(power, 4, mixed(20, 18, 3, 0))                                                \
	X(master, 4, mixed(16, 0, 4, 0x123456))                                         \
	X(shift, 4, mixed(10, 0, 9, 0xde802e))                                          \
	X(stuck_busy, 4, facts.busy = true)                                             \
	X(unknown, 4, facts.known = facts.read = false; facts.chip_exit = 4)            \
	X(no_clock, 4, facts.clocks[0].ids_agreed = 60)                                 \
	X(weak, 4, facts.places[9] = DOCTOR_UNSTABLE)                                   \
	X(noise, 4, facts.places[9] = facts.places[10] = DOCTOR_UNSTABLE)               \
	X(mirror, 4, facts.repeats_after = 4 << 20)                                     \
	X(zeros, 4, facts.zeros = true)                                                 \
	X(bits, 4, facts.stuck_ones = 0x10)                                             \
	X(job, 7, facts.unfinished_job = true)

START_TEST(each_fact_has_its_conclusion)
{
	static const char *const names[] = {"ok",
	                                    "ok",
	                                    "ok",
	                                    "ok",
	                                    "ok",
	                                    "ok",
	                                    "supply",
	                                    "programmer",
	                                    "host-own",
	                                    "adapter-failed",
	                                    "no-answer-high",
	                                    "no-answer-low",
	                                    "contact",
	                                    "power",
	                                    "other-master",
	                                    "shifted",
	                                    "busy",
	                                    "chip",
	                                    "noise",
	                                    "weak-place",
	                                    "noise",
	                                    "mirror",
	                                    "stuck-bits",
	                                    "stuck-bits",
	                                    "unfinished-job"};
	size_t n = 0;

#define X(scene, code, change)                                                                  \
	setup();                                                                                \
	change;                                                                                 \
	doctor_judge(&facts, &verdict);                                                         \
	ck_assert_msg(strcmp(verdict.name, names[n]) == 0, #scene ": %s, not %s", verdict.name, \
	              names[n]);                                                                \
	ck_assert_int_eq(verdict.exit_code, code);                                              \
	ck_assert(verdict.count > 0 && verdict.count <= DOCTOR_CHECKS);                         \
	n++;
	SCENES
#undef X
}
END_TEST

/* Whatever else is wrong besides, what one fault forbids no second one allows. */
START_TEST(two_faults_are_never_ok)
{
#define X(scene, code, change)                                                 \
	if (code) {                                                            \
		setup();                                                       \
		facts.woken = facts.is_protected = facts.blank = true;         \
		change;                                                        \
		doctor_judge(&facts, &verdict);                                \
		if (strcmp(#scene, "mirror") != 0)                             \
			ck_assert_msg(verdict.exit_code, #scene " became ok"); \
		facts.unfinished_job = facts.low_voltage = true;               \
		doctor_judge(&facts, &verdict);                                \
		ck_assert_int_ne(verdict.exit_code, 0);                        \
	}
	SCENES
#undef X
}
END_TEST

START_TEST(nothing_measured_is_not_ok)
{
	memset(&facts, 0, sizeof(facts));
	doctor_judge(&facts, &verdict);
	ck_assert_int_ne(verdict.exit_code, 0);
	facts.opened = true;
	doctor_judge(&facts, &verdict);
	ck_assert_int_ne(verdict.exit_code, 0);
}
END_TEST

START_TEST(every_adapter_has_its_wiring)
{
	static const char *const drivers[] = {"ch341a", "ch347", "ft232h", "spidev", "serprog"};

	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		ck_assert_ptr_nonnull(strstr(doctor_wiring(drivers[i], "SOIC8"), "-8 3.3 V"));
		ck_assert_ptr_nonnull(strstr(doctor_wiring(drivers[i], "SOIC16"), "-16 CLK"));
		ck_assert_str_eq(doctor_wiring(drivers[i], NULL),
		                 doctor_wiring(drivers[i], "WSON8"));
		ck_assert_str_ne(doctor_wiring(drivers[i], NULL), doctor_wiring(NULL, NULL));
	}
	ck_assert_ptr_nonnull(doctor_wiring("nonsense", "BGA24"));
}
END_TEST

/* Every wire ends at a pad, each pin is numbered once, and all of it is there. */
START_TEST(every_adapter_is_drawn)
{
	static const char *const drivers[] = {"ch341a",  "ch347",   "ft232h", "spidev",
	                                      "serprog", "another", NULL};
	char svg[DOCTOR_DRAWING];

	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
		for (int wide = 0; wide < 2; wide++) {
			unsigned lines = 0;

			doctor_drawing(drivers[i], wide ? "SOIC16" : "SOIC8", svg, sizeof(svg));
			ck_assert_ptr_nonnull(strstr(svg, "</svg>"));
			ck_assert_ptr_nonnull(strstr(svg, wide ? ">16<" : ">8<"));
			for (const char *at = svg; (at = strstr(at, "<line")); at++)
				lines++;
			ck_assert_uint_eq(lines, 8);
			ck_assert_ptr_null(strstr(svg, "bold\"></tspan>"));
		}
	ck_assert_ptr_nonnull(strstr(doctor_drawing("ft232h", "SOIC8", svg, sizeof(svg)), ">AD2<"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("doctor");
	TCase *tc = suite_group(suite, "doctor", setup, NULL);

	tcase_add_test(tc, each_fact_has_its_conclusion);
	tcase_add_test(tc, two_faults_are_never_ok);
	tcase_add_test(tc, nothing_measured_is_not_ok);
	tcase_add_test(tc, every_adapter_has_its_wiring);
	tcase_add_test(tc, every_adapter_is_drawn);
	return run_suite(suite);
}
