/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks wires and chip, from the slowest clock up. What fails is a fact, not an error. */
#include <stdio.h>
#include <string.h>

#include "base/stop.h"
#include "chip/chipdb.h"
#include "chip/nor_cmd.h"
#include "doctor/doctor.h"
#include "nor/nor.h"

#define ID_BATCH   16
#define PAGES      8
#define PAGE       256
#define BUSY_ASKS  300 /* of 10 ms */
#define SLOWEST_HZ 500000
#define WAKE_US    50   /* tRES1 is 3..30 us in the makers' data sheets */
#define SPREAD_US  2000 /* what comes and goes does so in tens of milliseconds */

static int fail(struct np_error *err, char *why, char *hint, size_t size)
{
	snprintf(why, size, "%s", err->message);
	snprintf(hint, size, "%s", err->hint);
	return err->code;
}

static int lost(struct doctor_facts *f, struct np_error *err)
{
	f->lost = true;
	return fail(err, f->lost_why, f->lost_hint, sizeof(f->lost_why));
}

/* ---- IDs ---- */

static int read_ids(struct spi_bus *bus, uint32_t pause_us, uint8_t (*ids)[3], struct np_error *err)
{
	struct spi_msg msgs[ID_BATCH];
	size_t room = spi_caps(bus)->max_queue < ID_BATCH ? spi_caps(bus)->max_queue : ID_BATCH;
	int ret = 0;

	for (size_t at = 0; at < DOCTOR_IDS && !ret; at += room) {
		size_t n = DOCTOR_IDS - at < room ? DOCTOR_IDS - at : room;

		for (size_t i = 0; i < n; i++) {
			msgs[i] = nor_cmd_get(NOR_OP_RDID, ids[at + i], 3);
			msgs[i].pause_us = pause_us;
		}
		ret = spi_run(bus, msgs, n, NULL, NULL, NULL, err);
	}
	return ret;
}

static bool is(const uint8_t *id, uint8_t value)
{
	return id[0] == value && id[1] == value && id[2] == value;
}

static void count_ids(uint8_t (*ids)[3], struct doctor_ids *sum)
{
	bool before = true;

	*sum = (struct doctor_ids){.reads = DOCTOR_IDS};
	for (size_t i = 0; i < DOCTOR_IDS; i++) {
		unsigned equal = 0;

		for (size_t j = 0; j < DOCTOR_IDS; j++)
			equal += memcmp(ids[i], ids[j], 3) == 0;
		/* A real answer counts more than silence, even when most reads were silent. */
		if (is(ids[i], 0xff) || is(ids[i], 0))
			equal = equal == DOCTOR_IDS ? equal : 1;
		if (equal > sum->agreed) {
			sum->agreed = equal;
			memcpy(sum->common, ids[i], 3);
		}
	}
	sum->agreed = 0;
	for (size_t i = 0; i < DOCTOR_IDS; i++) {
		bool good = memcmp(ids[i], sum->common, 3) == 0;

		sum->agreed += good;
		sum->bad += !good;
		sum->ones += is(ids[i], 0xff);
		sum->zeros += is(ids[i], 0);
		sum->runs += !good && before;
		before = good;
		if (!good)
			memcpy(sum->other, ids[i], 3);
	}
}

bool doctor_ids_answer(const struct doctor_ids *ids)
{
	return !is(ids->common, 0xff) && !is(ids->common, 0);
}

static uint32_t slowest_hz(const struct spi_bus *bus)
{
	uint32_t least = spi_caps(bus)->hz_min;

	return SLOWEST_HZ < least ? least : SLOWEST_HZ;
}

int doctor_contact(struct spi_bus *bus, struct doctor_ids *ids, struct np_error *err)
{
	uint8_t bytes[DOCTOR_IDS][3];
	struct spi_msg wake = nor_cmd_op(NOR_OP_WAKE);
	int ret = spi_set_hz(bus, slowest_hz(bus), err);

	wake.pause_us = WAKE_US;
	if (!ret)
		ret = spi_run(bus, &wake, 1, NULL, NULL, NULL, err);
	if (!ret)
		ret = read_ids(bus, 0, bytes, err);
	if (!ret)
		count_ids(bytes, ids);
	return ret;
}

/* ---- is it busy for ever? ---- */

static int status(struct spi_bus *bus, uint8_t *sr, struct np_error *err)
{
	struct spi_msg msg = nor_cmd_status(NOR_OP_RDSR, sr, 4);

	msg.pause_us = 10000;
	return spi_run(bus, &msg, 1, NULL, NULL, NULL, err);
}

/* A busy chip ignores the ID command, so it looks like no chip at all. */
static int look_for_busy(struct spi_bus *bus, struct doctor_facts *f, struct np_error *err)
{
	uint8_t sr[4];
	int ret = 0;

	for (unsigned i = 0; i < BUSY_ASKS && !ret; i++) {
		ret = status(bus, sr, err);
		f->status = sr[0];
		if (ret || sr[0] == 0xff || !(sr[0] & NOR_SR_WIP) || sr[0] != sr[1] ||
		    sr[0] != sr[3])
			return ret;
		if (np_stop_level())
			return np_fail(err, NP_E_INTERRUPTED, "stopped on request");
	}
	f->busy = !ret;
	return ret;
}

/* ---- clocks ---- */

static const uint32_t ladder_hz[DOCTOR_CLOCKS] = {SLOWEST_HZ, 2000000,  5000000,
                                                  12000000,   25000000, 50000000};

static int read_pages(struct spi_bus *bus, uint64_t size, uint8_t (*pages)[PAGE],
                      struct np_error *err)
{
	int ret = 0;

	for (uint64_t i = 0; i < PAGES && !ret; i++) {
		/* Three address bytes reach the first 16 MiB, which is enough to judge a clock. */
		uint64_t reach = size < 16u << 20 ? size : 16u << 20;
		struct spi_msg msg = nor_cmd_addr(NOR_OP_FAST_READ,
		                                  (uint32_t)(reach / PAGES * i + PAGE * i), 3, 1);
		size_t done = 0, most = spi_caps(bus)->max_rx;

		while (done < PAGE && !ret) {
			size_t n = PAGE - done < most ? PAGE - done : most;

			msg = nor_cmd_addr(NOR_OP_FAST_READ,
			                   (uint32_t)(reach / PAGES * i + PAGE * i + done), 3, 1);
			msg.rx = pages[i] + done;
			msg.rx_len = n;
			ret = spi_run(bus, &msg, 1, NULL, NULL, NULL, err);
			done += n;
		}
	}
	return ret;
}

static int measure_clock(struct spi_bus *bus, uint64_t size, uint32_t hz, const uint8_t *id,
                         uint8_t (*truth)[PAGE], bool first, struct doctor_clock *clock,
                         struct np_error *err)
{
	uint8_t ids[DOCTOR_IDS][3], pages[PAGES][PAGE];
	int ret = spi_set_hz(bus, hz, err);

	if (!ret)
		ret = read_ids(bus, 0, ids, err);
	if (!ret && first)
		ret = read_pages(bus, size, truth, err);
	if (!ret)
		ret = read_pages(bus, size, pages, err);
	if (ret)
		return ret;
	*clock = (struct doctor_clock){.hz = spi_caps(bus)->hz, .ids = DOCTOR_IDS, .pages = PAGES};
	for (size_t i = 0; i < DOCTOR_IDS; i++)
		clock->ids_agreed += memcmp(ids[i], id, 3) == 0;
	for (size_t i = 0; i < PAGES; i++)
		clock->pages_differ += memcmp(pages[i], truth[i], PAGE) != 0;
	return 0;
}

static int measure_clocks(struct spi_bus *bus, uint64_t size, const uint8_t *id,
                          struct doctor_facts *f, struct np_error *err)
{
	const struct spi_caps *caps = spi_caps(bus);
	uint8_t truth[PAGES][PAGE];
	size_t rows = 0;
	uint32_t last = 0;
	int ret = 0;

	for (size_t i = 0; i < DOCTOR_CLOCKS && !ret; i++) {
		uint32_t hz = ladder_hz[i];

		hz = hz > caps->hz_max ? caps->hz_max : hz;
		hz = hz < caps->hz_min ? caps->hz_min : hz;
		if (hz == last)
			continue;
		last = hz;
		ret = measure_clock(bus, size, hz, id, truth, !rows, &f->clocks[rows], err);
		rows += !ret;
	}
	return ret;
}

/* ---- the chip ---- */

static int ask_chip(struct nor *nor, struct doctor_facts *f, struct np_error *err)
{
	const struct nor_info *info = nor_info(nor);
	struct nor_protection protection = {0};
	int ret = nor_protection_read(nor, &protection, err);

	f->known = true;
	snprintf(f->chip, sizeof(f->chip), "%.127s", info->name);
	f->size = info->size;
	f->woken = info->woken;
	f->reset = info->reset;
	f->was_busy = info->was_busy;
	f->low_voltage = !info->supply.suits_3v3 && info->supply.from != NOR_SUPPLY_UNKNOWN;
	if (!info->supply.suits_3v3)
		snprintf(f->supply, sizeof(f->supply), "3.3 V may be too much: %s",
		         info->supply.why);
	f->protection_known = protection.known;
	f->is_protected = protection.range_count > 0;
	f->wp_decides = protection.srp;
	return ret ? ret : doctor_look_at_contents(nor, f, err);
}

/* An ID that no table knows, but would with each bit a clock earlier or later. */
static void look_for_shift(struct doctor_facts *f)
{
	const struct nor_chip *meant = chipdb_shifted(f->ids.common);
	const char *maker = meant ? chipdb_maker(meant->id[0]) : NULL;

	if (meant)
		snprintf(f->shifted_from, sizeof(f->shifted_from), "%02X %02X %02X%s%.40s",
		         meant->id[0], meant->id[1], meant->id[2], maker ? " of " : "",
		         maker ? maker : "");
}

static int identify(struct spi_bus *bus, const struct nor_options *options, doctor_look_fn *look,
                    void *ctx, struct doctor_facts *f, struct np_error *err)
{
	struct np_error closing = {0};
	struct nor *nor = NULL;
	uint8_t id[3] = {0};
	int ret = nor_open(bus, options, &nor, err);

	if (ret == NP_E_INTERRUPTED)
		return ret;
	if (ret == NP_E_GONE || ret == NP_E_BUS)
		return lost(f, err);
	if (ret) {
		if (ret == NP_E_UNKNOWN_CHIP)
			look_for_shift(f);
		f->chip_exit = np_code_exit(ret);
		return fail(err, f->chip_why, f->chip_hint, sizeof(f->chip_why));
	}
	memcpy(id, nor_info(nor)->jedec_id, 3);
	ret = ask_chip(nor, f, err);
	if (!ret && look)
		look(ctx, nor);
	if (nor_close(nor, &closing) && !ret)
		ret = fail(&closing, f->lost_why, f->lost_hint, sizeof(f->lost_why));
	if (!ret)
		ret = measure_clocks(bus, f->size, id, f, err);
	return ret && ret != NP_E_INTERRUPTED ? lost(f, err) : ret;
}

/* Silence in the first reads and one equal answer in all later ones: the chip had only just got
 * its power. */
static bool just_woke(uint8_t (*ids)[3], const struct doctor_ids *sum)
{
	return sum->runs == 1 && sum->ones + sum->zeros == sum->bad &&
	       memcmp(ids[0], sum->common, 3) != 0 && doctor_ids_answer(sum);
}

static int measure_ids(struct spi_bus *bus, struct doctor_ids *sum, struct np_error *err)
{
	uint8_t ids[DOCTOR_IDS][3];
	int ret = read_ids(bus, SPREAD_US, ids, err);

	if (!ret)
		count_ids(ids, sum);
	if (ret || !sum->bad || !just_woke(ids, sum))
		return ret;
	ret = read_ids(bus, SPREAD_US, ids, err);
	if (!ret)
		count_ids(ids, sum);
	return ret;
}

int doctor_measure(struct spi_bus *bus, const struct nor_options *options, doctor_look_fn *look,
                   void *ctx, struct doctor_facts *facts, struct np_error *err)
{
	int ret = spi_set_hz(bus, slowest_hz(bus), err);

	facts->one_clock = spi_caps(bus)->hz_min == spi_caps(bus)->hz_max;
	if (!ret)
		ret = look_for_busy(bus, facts, err);
	if (!ret && !facts->busy)
		ret = measure_ids(bus, &facts->ids, err);
	if (ret == NP_E_INTERRUPTED)
		return ret;
	if (ret) {
		lost(facts, err);
		return 0;
	}
	if (facts->busy || facts->ids.bad)
		return 0;
	ret = identify(bus, options, look, ctx, facts, err);
	return ret == NP_E_INTERRUPTED ? ret : 0;
}
