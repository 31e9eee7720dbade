/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The MPSSE codec against bytes written by hand, and against an interpreter of its commands that
 * knows only FTDI's documented behaviour. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mpsse.h"
#include "support/suite.h"

static void expect(const uint8_t *got, size_t got_len, const uint8_t *want, size_t len)
{
	ck_assert_uint_eq(got_len, len);
	for (size_t i = 0; i < len; i++)
		ck_assert_msg(got[i] == want[i], "byte %zu: %02X, not %02X", i, got[i], want[i]);
}

START_TEST(frames_travel_together)
{
	static const uint8_t want[] = {
		0x80, 0x00, 0x0b, 0x11, 0x00, 0x00, 0x06, 0x80, 0x08, 0x0b, /* write enable */
		0x8f, 0x76, 0x01, 0x8e, 0x01,                               /* 3002 clocks */
		0x80, 0x00, 0x0b, 0x11, 0x00, 0x00, 0x05, 0x20, 0x01, 0x00, /* status, 2 bytes */
		0x80, 0x08, 0x0b, 0x81, 0x87,
	};
	/* Two status bytes, three of payload: two answers and the closing one. */
	static const uint8_t answer[] = {0x32, 0x60, 0x03, 0x02, 0x08};
	uint8_t status[2] = {0}, buf[256];
	struct spi_msg msgs[2] = {
		{.cmd = {0x06}, .cmd_len = 1, .pause_us = 100},
		{.cmd = {0x05}, .cmd_len = 1, .rx = status, .rx_len = 2, .flags = SPI_MSG_STATUS},
	};
	struct mpsse_pins pins = mpsse_pins_for(0);
	struct mpsse mpsse;

	mpsse_begin(&mpsse, msgs, 2, &pins, 30020000);
	ck_assert_uint_eq(mpsse_due(&mpsse), 3);
	expect(buf, mpsse_encode(&mpsse, buf, sizeof(buf)), want, sizeof(want));
	ck_assert_uint_eq(mpsse_encode(&mpsse, buf, sizeof(buf)), 0);
	ck_assert_uint_eq(mpsse_done(&mpsse), 0);
	ck_assert_int_eq(mpsse_decode(&mpsse, answer, sizeof(answer), 512), 3);
	ck_assert_uint_eq(status[0], 0x03);
	ck_assert_uint_eq(status[1], 0x02);
	ck_assert_uint_eq(mpsse_due(&mpsse), 0);
	ck_assert_uint_eq(mpsse_done(&mpsse), 2);
}
END_TEST

START_TEST(pins_divisor_probe_and_set_up)
{
	static const uint8_t setup[] = {0x8a, 0x97, 0x8d, 0x85, 0x86, 0x04, 0x00, 0x80, 0x18, 0x1b};
	static const uint8_t release[] = {0x80, 0x00, 0x00, 0x82, 0x00, 0x00};
	static const uint8_t bad[] = {0xaa, 0x87};
	struct mpsse_pins pins = mpsse_pins_for(1);
	uint8_t buf[MPSSE_SETUP_MAX];
	uint16_t divisor;
	uint32_t hz;

	ck_assert_uint_eq(pins.select, 0x08); /* ADBUS4 low, ADBUS3 still high */
	expect(buf, mpsse_setup(buf, &pins, 4), setup, sizeof(setup));
	expect(buf, mpsse_release(buf), release, sizeof(release));
	expect(buf, mpsse_probe(buf, 0xaa), bad, sizeof(bad));
	ck_assert(mpsse_divisor(30000000, &divisor, &hz) && divisor == 0 && hz == 30000000);
	ck_assert(mpsse_divisor(48000000, &divisor, &hz) && divisor == 0 && hz == 30000000);
	ck_assert(mpsse_divisor(29999999, &divisor, &hz) && divisor == 1 && hz == 15000000);
	ck_assert(mpsse_divisor(6000000, &divisor, &hz) && divisor == 4 && hz == 6000000);
	ck_assert(mpsse_divisor(458, &divisor, &hz) && divisor == 65502 && hz == 457);
	ck_assert(!mpsse_divisor(457, &divisor, &hz));
	ck_assert(!mpsse_divisor(0, &divisor, &hz));
}
END_TEST

START_TEST(a_long_read_keeps_the_window)
{
	static uint8_t rx[300000], packet[512];
	uint8_t buf[4096];
	struct spi_msg msg = {.cmd = {0x03}, .cmd_len = 4, .rx = rx, .rx_len = sizeof(rx)};
	struct mpsse_pins pins = mpsse_pins_for(0);
	struct mpsse mpsse;
	bool ran_dry = false;

	mpsse_begin(&mpsse, &msg, 1, &pins, 30000000);
	while (mpsse_due(&mpsse)) {
		while (mpsse_encode(&mpsse, buf, sizeof(buf)))
			;
		ck_assert_uint_le(mpsse.asked - mpsse.got, 65536);
		/* Never less than half of it while there is more to ask for. */
		ran_dry |= mpsse.asked < sizeof(rx) && mpsse.asked - mpsse.got < 32768;
		size_t due = mpsse_due(&mpsse) < 510 ? (size_t)mpsse_due(&mpsse) : 510;

		ck_assert_int_eq(mpsse_decode(&mpsse, packet, due + 2, 512), (long)due);
	}
	ck_assert(!ran_dry);
	ck_assert_uint_eq(mpsse_done(&mpsse), 1);
}
END_TEST

START_TEST(status_bytes_are_cut_from_every_packet)
{
	uint8_t data[64 + 64 + 2] = {0}, out[130];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = i % 64 < 2 ? 0x32 : (uint8_t)i;
	ck_assert_uint_eq(mpsse_payload(data, sizeof(data), 64, out), 124);
	ck_assert_uint_eq(out[0], 2);
	ck_assert_uint_eq(out[61], 63);
	ck_assert_uint_eq(out[62], 66);
	ck_assert_uint_eq(mpsse_payload(data, 2, 64, out), 0);
	ck_assert_uint_eq(mpsse_payload(data, 1, 64, out), 0);
}
END_TEST

START_TEST(more_than_was_asked_for_is_refused)
{
	static const uint8_t answer[] = {0x32, 0x60, 0x00, 0x00, 0x00};
	uint8_t status, buf[64];
	struct spi_msg msg = {.cmd = {0x05}, .cmd_len = 1, .rx = &status, .rx_len = 1};
	struct mpsse_pins pins = mpsse_pins_for(0);
	struct mpsse mpsse;

	mpsse_begin(&mpsse, &msg, 1, &pins, 30000000);
	ck_assert_int_eq(mpsse_decode(&mpsse, answer, 2, 512), 0);
	ck_assert_int_eq(mpsse_decode(&mpsse, answer, 3, 512), -1); /* nothing was asked yet */
	ck_assert(mpsse_encode(&mpsse, buf, sizeof(buf)));
	ck_assert_int_eq(mpsse_decode(&mpsse, answer, 5, 512), -1);
}
END_TEST

/* ---- the engine, as its documentation tells ---- */

struct engine {
	bool low, pulled;
	uint8_t frames[64][1024];
	size_t lens[64], received[64], frame;
	uint64_t high_clocks, gap[64];
	uint8_t answers[8192];
	size_t answered;
};

static void set_pins(struct engine *e, uint8_t value, uint8_t dir)
{
	bool low = !(value & 0x08);

	ck_assert_uint_eq(dir, 0x0b);
	if (e->low && !low) {
		e->frame++;
		e->high_clocks = 0;
	}
	if (!e->low && low)
		e->gap[e->frame] = e->high_clocks;
	e->low = low;
}

/* One command at the head of `data`; its length, or 0 when it is not all there. */
static size_t command(struct engine *e, const uint8_t *data, size_t len)
{
	size_t n = len >= 3 ? (size_t)(data[1] | data[2] << 8) + 1 : 0;

	ck_assert_msg(!e->pulled, "commands behind the closing one");
	switch (data[0]) {
	case 0x80:
		if (len < 3)
			return 0;
		set_pins(e, data[1], data[2]);
		return 3;
	case 0x11:
		if (!n || len < 3 + n)
			return 0;
		ck_assert(e->low);
		memcpy(&e->frames[e->frame][e->lens[e->frame]], data + 3, n);
		e->lens[e->frame] += n;
		return 3 + n;
	case 0x20:
		if (!n)
			return 0;
		ck_assert(e->low);
		for (size_t i = 0; i < n; i++, e->answered++)
			e->answers[e->answered] = (uint8_t)(e->answered * 7);
		e->received[e->frame] += n;
		return 3;
	case 0x8f:
		if (!n)
			return 0;
		ck_assert(!e->low);
		e->high_clocks += n * 8;
		return 3;
	case 0x8e:
		if (len < 2)
			return 0;
		ck_assert(!e->low && data[1] < 8);
		e->high_clocks += data[1] + 1u;
		return 2;
	case 0x81:
		if (len < 2)
			return 0;
		ck_assert(!e->low);
		ck_assert_uint_eq(data[1], 0x87);
		e->answers[e->answered++] = 0x08;
		e->pulled = true;
		return 2;
	default:
		ck_abort_msg("command %02X", data[0]);
	}
}

static void feed(struct engine *e, const uint8_t *data, size_t len)
{
	for (size_t at = 0, n; at < len; at += n) {
		n = command(e, data + at, len - at);
		ck_assert_msg(n, "a command of the codec is cut by the transfer's end");
	}
}

START_TEST(random_queues_reach_the_chip_as_asked)
{
	static struct engine e;
	static uint8_t tx[300], rx[20][300], answer[8192 + 64];
	unsigned seed = (unsigned)_i * 104729 + 1;
	struct spi_msg msgs[20] = {0};
	size_t count, size = 16 + (size_t)_i, len, at = 0;
	struct mpsse_pins pins = mpsse_pins_for(0);
	struct mpsse mpsse;
	uint8_t buf[256];

	memset(&e, 0, sizeof(e));
	for (size_t i = 0; i < sizeof(tx); i++)
		tx[i] = (uint8_t)rand_r(&seed);
	count = 1 + (size_t)rand_r(&seed) % 20;
	for (size_t i = 0; i < count; i++) {
		msgs[i].cmd[0] = (uint8_t)rand_r(&seed);
		msgs[i].cmd_len = (uint8_t)(1 + rand_r(&seed) % SPI_CMD_MAX);
		msgs[i].tx = tx;
		msgs[i].tx_len = rand_r(&seed) % 3 ? 0 : (size_t)rand_r(&seed) % sizeof(tx);
		msgs[i].rx = rx[i];
		msgs[i].rx_len = rand_r(&seed) % 2 ? 0 : (size_t)rand_r(&seed) % sizeof(rx[i]);
		msgs[i].pause_us = rand_r(&seed) % 3 ? 0 : (uint32_t)rand_r(&seed) % 50000;
	}
	mpsse_begin(&mpsse, msgs, count, &pins, 15000000);
	while ((len = mpsse_encode(&mpsse, buf, size < sizeof(buf) ? size : sizeof(buf))))
		feed(&e, buf, len);
	ck_assert_msg(e.pulled && !e.low, "seed %d: not closed", _i);
	ck_assert_uint_eq(e.frame, count);
	ck_assert_uint_eq(mpsse_due(&mpsse), e.answered);
	/* Deliver in packets of up to 512 bytes, the first of a random length. */
	for (size_t n; at < e.answered; at += n) {
		n = at ? 510 : (size_t)rand_r(&seed) % 511;
		n = n < e.answered - at ? n : e.answered - at;
		memcpy(answer + 2, e.answers + at, n);
		ck_assert_int_eq(mpsse_decode(&mpsse, answer, n + 2, 512), (long)n);
	}
	ck_assert_uint_eq(mpsse_due(&mpsse), 0);
	ck_assert_uint_eq(mpsse_done(&mpsse), count);
	for (size_t i = 0, byte = 0; i < count; i++) {
		ck_assert_uint_eq(e.lens[i], msgs[i].cmd_len + msgs[i].tx_len);
		ck_assert_mem_eq(e.frames[i], msgs[i].cmd, msgs[i].cmd_len);
		if (msgs[i].tx_len)
			ck_assert_mem_eq(e.frames[i] + msgs[i].cmd_len, tx, msgs[i].tx_len);
		ck_assert_uint_eq(e.received[i], msgs[i].rx_len);
		if (i)
			ck_assert_uint_eq(e.gap[i], msgs[i - 1].pause_us * 15ull);
		for (size_t b = 0; b < msgs[i].rx_len; b++, byte++)
			ck_assert_uint_eq(rx[i][b], (uint8_t)(byte * 7));
	}
}
END_TEST

START_TEST(a_stop_cuts_a_read_and_completes_a_program)
{
	static uint8_t rx[1 << 20], tx[300], packet[70000];
	static struct engine e;
	uint8_t buf[256];
	struct spi_msg reading[2] = {{.cmd = {0x03}, .cmd_len = 4, .rx = rx, .rx_len = sizeof(rx)},
	                             {.cmd = {0x06}, .cmd_len = 1}};
	struct spi_msg programming[2] = {{.cmd = {0x02}, .cmd_len = 4, .tx = tx, .tx_len = 300},
	                                 {.cmd = {0x06}, .cmd_len = 1}};
	struct mpsse_pins pins = mpsse_pins_for(0);
	struct mpsse mpsse;
	size_t len, got = 0;

	mpsse_begin(&mpsse, reading, 2, &pins, 30000000);
	while (mpsse_encode(&mpsse, buf, sizeof(buf)))
		;
	mpsse_stop(&mpsse);
	ck_assert_uint_eq(mpsse_due(&mpsse), 65536 + 1);
	while ((len = mpsse_encode(&mpsse, buf, sizeof(buf))))
		got = len;
	ck_assert_uint_eq(got, 5); /* CS high, closing byte */
	ck_assert_int_eq(mpsse_decode(&mpsse, packet, 65536 + 1 + 2, 70000), 65537);
	ck_assert_uint_eq(mpsse_due(&mpsse), 0);
	ck_assert_uint_eq(mpsse_done(&mpsse), 0);

	memset(&e, 0, sizeof(e));
	mpsse_begin(&mpsse, programming, 2, &pins, 30000000);
	feed(&e, buf, mpsse_encode(&mpsse, buf, 100));
	mpsse_stop(&mpsse);
	while ((len = mpsse_encode(&mpsse, buf, sizeof(buf))))
		feed(&e, buf, len);
	ck_assert_uint_eq(e.frame, 1);
	ck_assert_uint_eq(e.lens[0], 304);
	ck_assert_int_eq(mpsse_decode(&mpsse, packet, 3, 512), 1);
	ck_assert_uint_eq(mpsse_done(&mpsse), 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mpsse");
	TCase *cases = tcase_create("codec");

	tcase_add_test(cases, frames_travel_together);
	tcase_add_test(cases, pins_divisor_probe_and_set_up);
	tcase_add_test(cases, a_long_read_keeps_the_window);
	tcase_add_test(cases, status_bytes_are_cut_from_every_packet);
	tcase_add_test(cases, more_than_was_asked_for_is_refused);
	tcase_add_loop_test(cases, random_queues_reach_the_chip_as_asked, 0, 200);
	tcase_add_test(cases, a_stop_cuts_a_read_and_completes_a_program);
	suite_add_tcase(suite, cases);
	return run_suite(suite);
}
