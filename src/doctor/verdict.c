/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "doctor/doctor.h"

#define EXIT_PROGRAMMER 3
#define EXIT_CONTACT    4
#define EXIT_REFUSED    7

const char *doctor_level_name(enum doctor_level level)
{
	static const char *const names[] = {"ok", "doubtful", "wrong", "not known"};

	return names[level];
}

__attribute__((format(printf, 4, 5))) static void
check(struct doctor_verdict *v, const char *name, enum doctor_level level, const char *format, ...)
{
	struct doctor_check *c = &v->checks[v->count++];
	va_list args;

	c->name = name;
	c->level = level;
	va_start(args, format);
	vsnprintf(c->text, sizeof(c->text), format, args);
	va_end(args);
}

/* The first conclusion stays, because the checks go from the plug to the chip and later faults may
 * follow from earlier ones. */
static void conclude(struct doctor_verdict *v, const char *name, int exit_code,
                     const char *conclusion, const char *action)
{
	if (v->name)
		return;
	v->name = name;
	v->exit_code = exit_code;
	snprintf(v->conclusion, sizeof(v->conclusion), "%s", conclusion);
	snprintf(v->action, sizeof(v->action), "%s", action);
}

static bool judge_programmer(const struct doctor_facts *f, struct doctor_verdict *v)
{
	if (!f->opened) {
		check(v, "programmer", DOCTOR_WRONG, "%.250s", f->open_why);
		conclude(v, "programmer", f->open_exit ? f->open_exit : EXIT_PROGRAMMER,
		         f->open_why, f->open_hint);
		return false;
	}
	if (f->host_own) {
		check(v, "programmer", DOCTOR_WRONG, "%s is %s", f->programmer, f->host_own);
		conclude(v, "host-own", EXIT_PROGRAMMER,
		         "this bus is a part of this computer, not a programmer",
		         "choose the programmer that the clip hangs on: `norprog list`");
		return false;
	}
	check(v, "programmer", DOCTOR_OK, "%s%s%s", f->programmer, f->levels ? "; " : "",
	      f->levels ? f->levels : "");
	if (!f->lost)
		return true;
	check(v, "adapter", DOCTOR_WRONG, "%.250s", f->lost_why);
	conclude(v, "adapter-failed", EXIT_PROGRAMMER, f->lost_why,
	         f->lost_hint[0] ? f->lost_hint : "replug the adapter, without a hub, then again");
	return false;
}

/* The same bits, one clock early or late? */
static bool shifted(const uint8_t *a, const uint8_t *b)
{
	uint32_t x = (uint32_t)a[0] << 16 | (uint32_t)a[1] << 8 | a[2];
	uint32_t y = (uint32_t)b[0] << 16 | (uint32_t)b[1] << 8 | b[2];

	return (x >> 1) == (y & 0x7fffff) || (y >> 1) == (x & 0x7fffff);
}

static void judge_mixed(const struct doctor_ids *ids, struct doctor_verdict *v)
{
	check(v, "wires", DOCTOR_WRONG,
	      "%u of %u ID reads agree (%02X %02X %02X, also %02X %02X %02X)", ids->agreed,
	      ids->reads, ids->common[0], ids->common[1], ids->common[2], ids->other[0],
	      ids->other[1], ids->other[2]);
	if (shifted(ids->common, ids->other))
		conclude(v, "shifted", EXIT_CONTACT,
		         "answers are shifted by a bit: the clock line rings",
		         "shorten the wires, put a ground wire beside CLK (pin 6), or try "
		         "--speed 1M");
	else if (ids->zeros * 2 > ids->bad && ids->runs * 3 <= ids->bad)
		conclude(
			v, "power", EXIT_CONTACT,
			"the ID comes and goes in stretches: the supply breaks down",
			"the board draws too much: power it by its own plug and leave pin 8 of the "
			"clip open, or lift pin 8");
	else if (ids->runs * 3 <= ids->bad)
		conclude(v, "other-master", EXIT_CONTACT,
		         "answers are garbled in stretches: something else drives the bus",
		         "hold the board's SoC in reset (its reset pin to ground), then again");
	else
		conclude(v, "contact", EXIT_CONTACT, "bad contact: ID reads disagree",
		         "clean the chip's pins, reseat the clip straight, shorten the wires; then "
		         "again");
}

static bool constant(const struct doctor_ids *ids, uint8_t value)
{
	return ids->common[0] == value && ids->common[1] == value && ids->common[2] == value;
}

/* Does something answer, and the same each time? */
static bool judge_wires(const struct doctor_facts *f, struct doctor_verdict *v)
{
	const struct doctor_ids *ids = &f->ids;

	if (f->busy) {
		check(v, "wires", DOCTOR_OK, "the chip answers its status: %02X", f->status);
		check(v, "state", DOCTOR_WRONG, "busy all the time that was waited");
		conclude(
			v, "busy", EXIT_CONTACT,
			"the chip is busy with an erase or a write that does not end",
			"wait a few minutes and ask again; if it stays so, take its power away for "
			"ten seconds");
		return false;
	}
	if (f->known && ids->agreed == ids->reads && (constant(ids, 0xff) || constant(ids, 0)))
		return true; /* it had to be woken first */
	if (ids->agreed < ids->reads && !(ids->ones + ids->zeros == ids->reads)) {
		judge_mixed(ids, v);
		return false;
	}
	if (constant(ids, 0xff)) {
		check(v, "wires", DOCTOR_WRONG, "MISO reads all ones: nobody answers");
		conclude(
			v, "no-answer-high", EXIT_CONTACT, "nobody answers: MISO stays high",
			"look at pin 1 (dot, CS), pin 2 (MISO, to the adapter's MISO: swapped with "
			"pin 5, or touching it?), pin 8 (3.3 V), pin 4 (ground), and pin 7 (HOLD#, high)");
		return false;
	}
	if (constant(ids, 0)) {
		check(v, "wires", DOCTOR_WRONG, "MISO reads all zeros: nobody answers");
		conclude(
			v, "no-answer-low", EXIT_CONTACT, "nobody answers: MISO stays low",
			"look at pin 8 (3.3 V there, with the clip on?), pin 2 (MISO: shorted to ground, "
			"touching pin 5, or held by the board's SoC: hold it in reset), and pin 1 (CS, "
			"tied to ground?)");
		return false;
	}
	check(v, "wires", DOCTOR_OK, "%u of %u ID reads agree: %02X %02X %02X", ids->agreed,
	      ids->reads, ids->common[0], ids->common[1], ids->common[2]);
	return true;
}

static bool clean(const struct doctor_clock *c)
{
	return c->hz && c->ids_agreed == c->ids && !c->pages_differ;
}

/* The highest clock up to which all are clean; 0: not even the slowest. */
static uint32_t clean_hz(const struct doctor_facts *f)
{
	uint32_t hz = 0;

	for (size_t i = 0; i < DOCTOR_CLOCKS && clean(&f->clocks[i]); i++)
		hz = f->clocks[i].hz;
	return hz;
}

static uint32_t top_hz(const struct doctor_facts *f)
{
	uint32_t hz = 0;

	for (size_t i = 0; i < DOCTOR_CLOCKS; i++)
		hz = f->clocks[i].hz > hz ? f->clocks[i].hz : hz;
	return hz;
}

static void judge_clock(const struct doctor_facts *f, struct doctor_verdict *v)
{
	uint32_t hz = clean_hz(f), top = top_hz(f);
	char text[32], tried[32];

	if (!top) {
		check(v, "clock", DOCTOR_UNKNOWN, "not measured");
		return;
	}
	np_format_hz(top, tried, sizeof(tried));
	np_format_hz(hz, text, sizeof(text));
	if (!hz) {
		check(v, "clock", DOCTOR_WRONG, "no clock reads the same twice");
		conclude(v, "noise", EXIT_CONTACT, "reads disagree at every clock",
		         "bad contact, or something else drives the bus: reseat the clip, hold the "
		         "board's SoC in reset, shorten the wires");
	} else {
		check(v, "clock", hz < top ? DOCTOR_DOUBT : DOCTOR_OK, "clean up to %s%s%s", text,
		      hz < top ? "; errors above, tried up to " : "", hz < top ? tried : "");
	}
}

static void judge_chip(const struct doctor_facts *f, struct doctor_verdict *v)
{
	char size[32];

	if (!f->known) {
		check(v, "chip", DOCTOR_WRONG, "%.250s", f->chip_why);
		conclude(v, "chip", f->chip_exit == EXIT_REFUSED ? EXIT_REFUSED : EXIT_CONTACT,
		         f->chip_why, f->chip_hint);
		return;
	}
	check(v, "chip", DOCTOR_OK, "%s, %s", f->chip, np_format_size(f->size, size, sizeof(size)));
	if (f->reset || f->woken || f->was_busy)
		check(v, "state", DOCTOR_DOUBT, "%s",
		      f->reset   ? "it answered only after a reset (left in QPI, or in mid-command)"
		      : f->woken ? "it was asleep (deep power-down) and was woken"
		                 : "it was busy with something begun earlier, and is ready now");
	else
		check(v, "state", DOCTOR_OK, "ready");
	if (f->protection_known)
		check(v, "protection", f->is_protected ? DOCTOR_DOUBT : DOCTOR_OK, "%s",
		      f->is_protected ? "parts are write protected; jobs lift that by themselves"
		                      : "none");
	else
		check(v, "protection", DOCTOR_UNKNOWN, "this part's bits are not known");
	check(v, "supply",
	      !f->supply[0] || f->voltage_ok ? DOCTOR_OK
	      : f->low_voltage               ? DOCTOR_WRONG
	                                     : DOCTOR_DOUBT,
	      "%s", f->supply[0] ? f->supply : "3.3 V suits");
	if (f->low_voltage && !f->voltage_ok)
		conclude(v, "supply", EXIT_REFUSED, "a part for 1.8 V: 3.3 V may kill it",
		         "put a 1.8 V level adapter between, then say so with --voltage-ok");
}

static size_t unstable_places(const struct doctor_facts *f)
{
	size_t n = 0;

	for (size_t i = 0; i < DOCTOR_PLACES; i++)
		n += f->places[i] == DOCTOR_UNSTABLE;
	return n;
}

static void judge_bits(const struct doctor_facts *f, struct doctor_verdict *v)
{
	if (f->zeros)
		check(v, "contents", DOCTOR_WRONG, "every byte read is 00");
	else
		check(v, "contents", DOCTOR_WRONG,
		      "in every byte the bits %02X are ones and the bits %02X zeros", f->stuck_ones,
		      f->stuck_zeros);
	conclude(v, "stuck-bits", EXIT_CONTACT,
	         f->zeros ? "the chip answers its ID, but all it holds reads as zeros"
	                  : "bits that never change: no chip holds that, a bad line reads it",
	         "look at pin 2 (MISO) and at pin 8 (3.3 V with the clip on); hold the board's SoC "
	         "in reset; then again");
}

static void say_contents(const struct doctor_facts *f, struct doctor_verdict *v)
{
	if (f->blank)
		check(v, "contents", DOCTOR_DOUBT, "all FF: the chip is blank");
	else
		check(v, "contents", DOCTOR_OK,
		      "nothing that betrays a bad read (entropy %u.%02u of 8 bits)",
		      f->entropy / 1000, f->entropy % 1000 / 10);
}

static void judge_contents(const struct doctor_facts *f, struct doctor_verdict *v)
{
	size_t bad = unstable_places(f);
	char size[32];

	if (!f->read)
		return;
	check(v, "reads", bad ? DOCTOR_WRONG : DOCTOR_OK, "%zu of %d places read twice differ", bad,
	      DOCTOR_PLACES);
	if (bad == 1)
		conclude(
			v, "weak-place", EXIT_CONTACT, "one place of the chip reads differently",
			"read it again with `norprog read FILE --passes 5`; if it stays, the chip is "
			"worn out there");
	else if (bad)
		conclude(v, "noise", EXIT_CONTACT, "contents change from read to read",
		         "reseat the clip, hold the board's SoC in reset, or lower the clock with "
		         "--speed 1M");
	if (f->zeros || f->stuck_ones || f->stuck_zeros) {
		judge_bits(f, v);
		return;
	}
	if (f->repeats_after && !f->blank) {
		np_format_size(f->repeats_after, size, sizeof(size));
		check(v, "contents", DOCTOR_WRONG, "they repeat after %s", size);
		conclude(
			v, "mirror", EXIT_CONTACT,
			"the contents repeat: the chip is smaller than it says, or an address bit "
			"is lost",
			"compare the marking on the chip with its size; if it fits, reseat the clip");
	} else {
		say_contents(f, v);
	}
}

void doctor_judge(const struct doctor_facts *facts, struct doctor_verdict *verdict)
{
	memset(verdict, 0, sizeof(*verdict));
	if (!judge_programmer(facts, verdict))
		return;
	if (judge_wires(facts, verdict)) {
		judge_chip(facts, verdict);
		judge_clock(facts, verdict);
		judge_contents(facts, verdict);
	}
	if (facts->unfinished_job)
		check(verdict, "job", DOCTOR_WRONG, "%.250s", facts->job);
	if (facts->unfinished_job)
		conclude(
			verdict, "unfinished-job", EXIT_REFUSED,
			"an interrupted job is open on this chip: a backup now is half old, half new",
			"`norprog resume`, or `norprog resume --undo`");
	conclude(verdict, "ok", 0, "all is well: a backup read now may be trusted",
	         "`norprog read backup.bin`");
}
