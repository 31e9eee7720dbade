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

/* The end of an action: "" for an adapter that has one clock only. */
static const char *or_slower(const struct doctor_facts *f)
{
	return f->one_clock ? "" : ", or lower the clock with --speed 1M";
}

/* A conclusion whose action ends in advice on the clock, where there is a choice. */
static void conclude_bad_line(const struct doctor_facts *f, struct doctor_verdict *v,
                              const char *name, const char *conclusion, const char *action)
{
	char text[sizeof(v->action)];

	snprintf(text, sizeof(text), "%s%s; then again", action, or_slower(f));
	conclude(v, name, EXIT_CONTACT, conclusion, text);
}

static void conclude_shifted(const struct doctor_facts *f, struct doctor_verdict *v)
{
	conclude_bad_line(
		f, v, "shifted",
		"answers are shifted: a clock edge is lost or counted twice at pin 6 (CLK)",
		"reseat the clip at pin 6 (CLK) and pin 1 (CS), shorten the wires, put a "
		"ground wire beside CLK");
}

/* The same bits, one clock early or late? */
static bool shifted(const uint8_t *a, const uint8_t *b)
{
	uint32_t x = (uint32_t)a[0] << 16 | (uint32_t)a[1] << 8 | a[2];
	uint32_t y = (uint32_t)b[0] << 16 | (uint32_t)b[1] << 8 | b[2];

	return (x >> 1) == (y & 0x7fffff) || (y >> 1) == (x & 0x7fffff);
}

static void judge_mixed(const struct doctor_facts *f, struct doctor_verdict *v)
{
	const struct doctor_ids *ids = &f->ids;

	check(v, "wires", DOCTOR_WRONG,
	      "%u of %u ID reads agree (%02X %02X %02X, also %02X %02X %02X)", ids->agreed,
	      ids->reads, ids->common[0], ids->common[1], ids->common[2], ids->other[0],
	      ids->other[1], ids->other[2]);
	if (shifted(ids->common, ids->other))
		conclude_shifted(f, v);
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
		conclude_bad_line(f, v, "contact", "bad contact: ID reads disagree",
		                  "clean the chip's pins, reseat the clip straight, shorten the "
		                  "wires");
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
		judge_mixed(f, v);
		return false;
	}
	if (constant(ids, 0xff)) {
		check(v, "wires", DOCTOR_WRONG, "MISO reads all ones: nobody answers");
		conclude(
			v, "no-answer-high", EXIT_CONTACT, "nobody answers: MISO stays high",
			"look, in this order, at pin 1 (dot, CS), pin 2 (MISO, to the adapter's MISO: "
			"swapped with pin 5, or touching it?), pin 8 (3.3 V), pin 4 (ground), pin 6 "
			"(CLK) and pin 7 (HOLD#, high); which of them it is cannot be told from here");
		return false;
	}
	if (constant(ids, 0)) {
		check(v, "wires", DOCTOR_WRONG, "MISO reads all zeros: nobody answers");
		conclude(
			v, "no-answer-low", EXIT_CONTACT, "nobody answers: MISO stays low",
			"look, in this order, at pin 8 (3.3 V there, with the clip on?), pin 2 (MISO: "
			"shorted to ground, touching pin 5, or held by the board's SoC: hold it in "
			"reset), and pin 1 (CS, tied to ground?); which of them it is cannot be told "
			"from here");
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
		/* How the places differ says more. */
		if (!f->shifted && !f->zeros_differ && !f->ones_differ)
			conclude(v, "noise", EXIT_CONTACT,
			         f->one_clock
			                 ? "reads disagree, and this adapter has one clock only"
			                 : "reads disagree at every clock",
			         "bad contact, or something else drives the bus: reseat the clip, "
			         "hold the board's SoC in reset, shorten the wires; then again");
	} else {
		check(v, "clock", hz < top ? DOCTOR_DOUBT : DOCTOR_OK, "clean up to %s%s%s", text,
		      hz < top ? "; errors above, tried up to " : "", hz < top ? tried : "");
	}
}

static void judge_chip(const struct doctor_facts *f, struct doctor_verdict *v)
{
	char size[32];

	if (!f->known) {
		check(v, "chip", DOCTOR_WRONG, "%.250s%s%s", f->chip_why,
		      f->shifted_from[0] ? "; moved by a bit it is " : "", f->shifted_from);
		if (f->shifted_from[0])
			conclude_shifted(f, v);
		conclude(v, "chip", f->chip_exit == EXIT_REFUSED ? EXIT_REFUSED : EXIT_CONTACT,
		         f->chip_why, f->chip_hint[0] ? f->chip_hint : np_code_hint(NP_E_NO_CHIP));
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
		      !f->is_protected ? "none"
		      : f->wp_decides  ? "parts are write protected, and locked while WP# (pin 3) "
		                         "is low: tie it to 3.3 V before a write"
		                       : "parts are write protected; jobs lift that by themselves");
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

/* Two reads that disagree: how they do tells what it is. */
static void judge_unstable(const struct doctor_facts *f, struct doctor_verdict *v, size_t bad)
{
	if (f->shifted)
		conclude_shifted(f, v);
	if (f->zeros_differ)
		conclude(
			v, "power", EXIT_CONTACT,
			"stretches of a read are zeros where the other holds data: the supply breaks "
			"down",
			"look at pin 8 (3.3 V with the clip on) and pin 4 (ground); power the board by "
			"its own plug and leave pin 8 of the clip open; then again");
	if (f->ones_differ)
		conclude(
			v, "contact", EXIT_CONTACT,
			"stretches of a read are FF where the other holds data: a contact opens for "
			"moments",
			"reseat the clip at pin 2 (MISO) and pin 1 (CS), clean the chip's pins; then "
			"again");
	if (bad == 1)
		conclude(
			v, "weak-place", EXIT_CONTACT, "one place of the chip reads differently",
			"read it again with `norprog read FILE --passes 5`; if it stays, the chip is "
			"worn out there");
	conclude_bad_line(f, v, "noise", "contents change from read to read",
	                  "reseat the clip, hold the board's SoC in reset, shorten the wires");
}

static void judge_reads(const struct doctor_facts *f, struct doctor_verdict *v)
{
	size_t bad = unstable_places(f);
	char read[32], size[32];

	np_format_size(f->bytes, read, sizeof(read));
	np_format_size(f->size, size, sizeof(size));
	check(v, "reads", bad ? DOCTOR_WRONG : DOCTOR_OK,
	      "%s of %s read twice, in %d places: %zu differ", read, size, DOCTOR_PLACES, bad);
	if (bad)
		judge_unstable(f, v, bad);
}

static void judge_repeats(const struct doctor_facts *f, struct doctor_verdict *v)
{
	char size[32];

	if (f->repeats_after) {
		np_format_size(f->repeats_after, size, sizeof(size));
		check(v, "contents", DOCTOR_WRONG, "they repeat after %s", size);
	} else {
		check(v, "contents", DOCTOR_WRONG,
		      "address bit %d changes nothing: 0x%" PRIx64 " further on is the same",
		      __builtin_ctzll(f->lost_line), f->lost_line);
	}
	conclude(
		v, "mirror", EXIT_CONTACT,
		"the contents repeat: the chip is smaller than it says, or an address bit is lost",
		"compare the marking on the chip with its size; if it fits, reseat the clip at pin 5 "
		"(MOSI)");
}

static void judge_contents(const struct doctor_facts *f, struct doctor_verdict *v)
{
	if (!f->read)
		return;
	judge_reads(f, v);
	if (f->zeros || f->stuck_ones || f->stuck_zeros) {
		judge_bits(f, v);
	} else if (f->blank) {
		check(v, "contents", DOCTOR_DOUBT, "all that was read is FF: the chip is blank");
	} else if (f->repeats_after || f->lost_line) {
		judge_repeats(f, v);
	} else if (f->zero_bursts) {
		check(v, "contents", DOCTOR_WRONG, "stretches of zeros at even distances");
		conclude(
			v, "zero-bursts", EXIT_CONTACT,
			"stretches of zeros at even distances: a supply that breaks down reads so, or "
			"such a read was written to the chip",
			"look at pin 8 (3.3 V with the clip on), power the board by its own plug; "
			"then again");
	} else {
		check(v, "contents", DOCTOR_OK,
		      "nothing that betrays a bad read (entropy %u.%02u of 8 bits)",
		      f->entropy / 1000, f->entropy % 1000 / 10);
	}
}

/* No more than was looked at. */
static void conclude_well(const struct doctor_facts *f, struct doctor_verdict *v)
{
	char read[32], text[sizeof(v->conclusion)];

	if (f->bytes >= f->size)
		snprintf(text, sizeof(text), "all is well: a backup read now may be trusted");
	else
		snprintf(text, sizeof(text),
		         "all is well where it was looked (%s of the chip, twice): a backup that "
		         "`read` finds alike in both passes may be trusted",
		         np_format_size(f->bytes, read, sizeof(read)));
	conclude(v, "ok", 0, text, "`norprog read backup.bin`");
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
	conclude_well(facts, verdict);
}
