/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CH341A codec against bytes written by hand, and against an interpreter of its packets that
 * knows only the adapter's documented behaviour. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ch341a_wire.h"
#include "support/suite.h"

static size_t encode(struct ch341a_wire *wire, uint8_t *buf, size_t size)
{
	memset(buf, 0x5a, size);
	return ch341a_wire_encode(wire, buf, size);
}

static void expect(const uint8_t *got, size_t got_len, const uint8_t *want, size_t len)
{
	ck_assert_uint_eq(got_len, len);
	for (size_t i = 0; i < len; i++)
		ck_assert_msg(got[i] == want[i], "byte %zu: %02X, not %02X", i, got[i], want[i]);
}

START_TEST(an_id_read_is_select_data_deselect)
{
	static const uint8_t begin[36] = {[0] = 0xab, 0xb6, 0x20, [32] = 0xa8, 0xf9, 0xff, 0xff};
	static const uint8_t end[32] = {0xab, 0xb7, 0xb7, 0x20};
	static const uint8_t answer[3] = {0xff, 0xf7, 0x02}; /* EFh and 40h, bits reversed */
	uint8_t rx[2] = {0}, buf[128];
	struct spi_msg msg = {.cmd = {0x9f}, .cmd_len = 1, .rx = rx, .rx_len = 2};
	struct ch341a_wire wire;

	ch341a_wire_begin(&wire, &msg, 1);
	ck_assert_uint_eq(ch341a_wire_due(&wire), 1);
	expect(buf, encode(&wire, buf, sizeof(buf)), begin, sizeof(begin));
	expect(buf, encode(&wire, buf, sizeof(buf)), end, sizeof(end));
	ck_assert_uint_eq(encode(&wire, buf, sizeof(buf)), 0);
	ck_assert(ch341a_wire_decode(&wire, answer, 3));
	ck_assert_uint_eq(rx[0], 0xef);
	ck_assert_uint_eq(rx[1], 0x40);
	ck_assert_uint_eq(ch341a_wire_due(&wire), 0);
	ck_assert_uint_eq(wire.in_msg, 1);
}
END_TEST

START_TEST(a_pause_stands_between_the_frames)
{
	static const uint8_t first[34] = {[0] = 0xab, 0xb6, 0x20, [32] = 0xa8, 0x60};
	/* CS up, 63 + 37 us, CS down, and the status read: 05h reversed is A0h. */
	static const uint8_t second[35] = {[0] = 0xab, 0xb7, 0xb7,        0xff, 0xe5,
	                                   0xb6,       0x20, [32] = 0xa8, 0xa0, 0xff};
	uint8_t status, buf[128];
	struct spi_msg msgs[2] = {
		{.cmd = {0x06}, .cmd_len = 1, .pause_us = 100},
		{.cmd = {0x05}, .cmd_len = 1, .rx = &status, .rx_len = 1, .flags = SPI_MSG_STATUS},
	};
	struct ch341a_wire wire;

	ch341a_wire_begin(&wire, msgs, 2);
	expect(buf, encode(&wire, buf, sizeof(buf)), first, sizeof(first));
	expect(buf, encode(&wire, buf, sizeof(buf)), second, sizeof(second));
}
END_TEST

START_TEST(set_up_and_release)
{
	static const uint8_t enable[32] = {0xab, 0xb7, 0x7f, 0x20};
	static const uint8_t release[32] = {0xab, 0xb7, 0x40, 0x20};
	static const uint8_t config[3] = {0xaa, 0x61, 0x00};
	static const uint8_t echo[4] = {0xa8, 0, 0, 0};
	uint8_t buf[32];

	ch341a_wire_enable(buf);
	expect(buf, 32, enable, 32);
	ch341a_wire_release(buf);
	expect(buf, 32, release, 32);
	ch341a_wire_config(buf);
	expect(buf, 3, config, 3);
	expect(buf, ch341a_wire_echo(buf, 3), echo, 4);
}
END_TEST

/* ---- the adapter, as its documentation tells ---- */

struct adapter {
	bool low;
	uint8_t frames[64][400]; /* bytes clocked while CS was low */
	size_t lens[64], frame;
	uint32_t pause_us[64]; /* before the frame */
	uint32_t high_us;
	uint8_t answers[256][31];
	size_t answer_lens[256], answer_count;
	uint8_t next_answer;
};

static uint8_t mirror(uint8_t byte)
{
	uint8_t out = 0;

	for (int i = 0; i < 8; i++)
		if (byte & 1 << i)
			out |= (uint8_t)(0x80 >> i);
	return out;
}

static void uio(struct adapter *a, const uint8_t *packet, size_t len)
{
	size_t i = 1;

	ck_assert_uint_eq(len, 32);
	for (; i < len && packet[i] != 0x20; i++) {
		uint8_t arg = packet[i] & 0x3f;

		if ((packet[i] & 0xc0) == 0xc0) {
			ck_assert_msg(!a->low, "a delay with CS low");
			a->high_us += arg;
			continue;
		}
		ck_assert_uint_eq(packet[i] & 0xc0, 0x80);
		ck_assert_uint_eq(arg | 1, 0x37);
		if (a->low && (arg & 1)) {
			a->frame++;
			a->high_us = 0;
		}
		if (!a->low && !(arg & 1))
			a->pause_us[a->frame] = a->high_us;
		a->low = !(arg & 1);
	}
	ck_assert_msg(i < len, "a UIO packet without its end");
}

static void spi(struct adapter *a, const uint8_t *packet, size_t len)
{
	ck_assert(a->low);
	ck_assert(len >= 2 && len <= 32);
	for (size_t i = 1; i < len; i++) {
		a->frames[a->frame][a->lens[a->frame]++] = mirror(packet[i]);
		a->answers[a->answer_count][i - 1] = a->next_answer++;
	}
	a->answer_lens[a->answer_count++] = len - 1;
}

static void feed(struct adapter *a, const uint8_t *data, size_t len)
{
	for (size_t at = 0; at < len; at += 32) {
		size_t n = len - at < 32 ? len - at : 32;

		if (data[at] == 0xab)
			uio(a, data + at, n);
		else if (data[at] == 0xa8)
			spi(a, data + at, n);
		else
			ck_abort_msg("packet %02X", data[at]);
	}
}

static void check_frame(const struct adapter *a, size_t i, const struct spi_msg *msg)
{
	size_t sent = msg->cmd_len + msg->tx_len;

	ck_assert_uint_eq(a->lens[i], sent + msg->rx_len);
	ck_assert_mem_eq(a->frames[i], msg->cmd, msg->cmd_len);
	if (msg->tx_len)
		ck_assert_mem_eq(a->frames[i] + msg->cmd_len, msg->tx, msg->tx_len);
	for (size_t b = sent; b < a->lens[i]; b++)
		ck_assert_uint_eq(a->frames[i][b], 0xff);
}

START_TEST(random_queues_reach_the_chip_as_asked)
{
	static struct adapter a;
	static uint8_t tx[300], rx[40][100];
	unsigned seed = (unsigned)_i * 7919 + 1;
	struct spi_msg msgs[40] = {0};
	size_t count, size = 32 * (1 + (size_t)_i % 9), len, byte = 0;
	struct ch341a_wire wire;
	uint8_t buf[512];

	memset(&a, 0, sizeof(a));
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
		msgs[i].pause_us = rand_r(&seed) % 3 ? 0 : (uint32_t)rand_r(&seed) % 5000;
	}
	ch341a_wire_begin(&wire, msgs, count);
	while ((len = encode(&wire, buf, size))) {
		ck_assert_uint_le(len, size);
		feed(&a, buf, len);
	}
	ck_assert_msg(!a.low, "seed %d: CS left low", _i);
	ck_assert_uint_eq(a.frame, count);
	ck_assert_uint_eq(a.high_us, msgs[count - 1].pause_us);
	ck_assert_uint_eq(ch341a_wire_due(&wire), a.answer_count);
	for (size_t i = 0; i < a.answer_count; i++)
		ck_assert(ch341a_wire_decode(&wire, a.answers[i], a.answer_lens[i]));
	ck_assert_uint_eq(ch341a_wire_due(&wire), 0);
	for (size_t i = 0; i < count; i++) {
		size_t sent = msgs[i].cmd_len + msgs[i].tx_len;

		check_frame(&a, i, &msgs[i]);
		if (i)
			ck_assert_uint_eq(a.pause_us[i], msgs[i - 1].pause_us);
		for (size_t b = 0; b < msgs[i].rx_len; b++)
			ck_assert_uint_eq(rx[i][b], mirror((uint8_t)(byte + sent + b)));
		byte += sent + msgs[i].rx_len;
	}
}
END_TEST

START_TEST(answers_in_pieces_are_joined_and_longer_ones_refused)
{
	uint8_t rx[40], answer[32] = {0}, buf[256];
	struct spi_msg msgs[2] = {{.cmd = {0x03}, .cmd_len = 4, .rx = rx, .rx_len = 40},
	                          {.cmd = {0x06}, .cmd_len = 1}};
	struct ch341a_wire wire;

	ch341a_wire_begin(&wire, msgs, 2);
	while (encode(&wire, buf, sizeof(buf)))
		;
	ck_assert(ch341a_wire_decode(&wire, answer, 31));
	ck_assert(!ch341a_wire_decode(&wire, answer, 14));
	ck_assert(ch341a_wire_decode(&wire, answer, 0));
	ck_assert(ch341a_wire_decode(&wire, answer, 10));
	ck_assert_uint_eq(ch341a_wire_due(&wire), 2);
	ck_assert(!ch341a_wire_decode(&wire, answer, 4));
	ck_assert(ch341a_wire_decode(&wire, answer, 3));
	ck_assert_uint_eq(ch341a_wire_due(&wire), 1);
	ck_assert(ch341a_wire_decode(&wire, answer, 1));
	ck_assert_uint_eq(ch341a_wire_due(&wire), 0);
	ck_assert(!ch341a_wire_decode(&wire, answer, 1));
	/* Had the run failed, nothing since the piece would have been sure. */
	ck_assert_uint_eq(wire.sound, 0);
}
END_TEST

START_TEST(a_stop_ends_a_read_at_a_packet_and_completes_a_program)
{
	static uint8_t rx[1 << 20], data[256];
	static struct adapter a;
	uint8_t buf[256];
	struct spi_msg reading[2] = {{.cmd = {0x03}, .cmd_len = 4, .rx = rx, .rx_len = sizeof(rx)},
	                             {.cmd = {0x06}, .cmd_len = 1}};
	struct spi_msg programming[2] = {{.cmd = {0x02}, .cmd_len = 4, .tx = data, .tx_len = 256},
	                                 {.cmd = {0x06}, .cmd_len = 1}};
	struct ch341a_wire wire;
	size_t len;

	memset(&a, 0, sizeof(a));
	ch341a_wire_begin(&wire, reading, 2);
	feed(&a, buf, encode(&wire, buf, 128)); /* CS and three packets */
	ch341a_wire_stop(&wire);
	ck_assert_uint_eq(ch341a_wire_due(&wire), 3);
	while ((len = encode(&wire, buf, 128)))
		feed(&a, buf, len);
	ck_assert_uint_eq(a.frame, 1);
	ck_assert_uint_eq(a.lens[0], 93);
	ck_assert(!a.low);
	for (size_t i = 0; i < a.answer_count; i++)
		ck_assert(ch341a_wire_decode(&wire, a.answers[i], a.answer_lens[i]));
	ck_assert_uint_eq(ch341a_wire_due(&wire), 0);
	ck_assert_uint_eq(wire.in_msg, 0);

	memset(&a, 0, sizeof(a));
	ch341a_wire_begin(&wire, programming, 2);
	feed(&a, buf, encode(&wire, buf, 128));
	ch341a_wire_stop(&wire);
	while ((len = encode(&wire, buf, 128)))
		feed(&a, buf, len);
	ck_assert_uint_eq(a.frame, 1);
	ck_assert_uint_eq(a.lens[0], 260);
}
END_TEST

START_TEST(an_answer_to_nothing_is_out_of_step)
{
	static const uint8_t answer[31];
	uint8_t rx[100], out[CH341A_PACKET * 2];
	struct spi_msg msg = {.cmd = {3}, .cmd_len = 4, .rx = rx, .rx_len = sizeof(rx)};
	struct ch341a_wire w;

	ch341a_wire_begin(&w, &msg, 1);
	ck_assert(!ch341a_wire_decode(&w, answer, sizeof(answer)));
	/* Asked for, it is one; and nothing is due that was never sent, should the run be stopped. */
	ck_assert_uint_eq(ch341a_wire_encode(&w, out, sizeof(out)), sizeof(out));
	ck_assert(ch341a_wire_decode(&w, answer, sizeof(answer)));
	ck_assert(!ch341a_wire_decode(&w, answer, sizeof(answer)));
	ch341a_wire_stop(&w);
	ck_assert_uint_eq(ch341a_wire_due(&w), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ch341a_wire");
	TCase *cases = tcase_create("codec");

	tcase_add_test(cases, an_id_read_is_select_data_deselect);
	tcase_add_test(cases, a_pause_stands_between_the_frames);
	tcase_add_test(cases, set_up_and_release);
	tcase_add_loop_test(cases, random_queues_reach_the_chip_as_asked, 0, 200);
	tcase_add_test(cases, answers_in_pieces_are_joined_and_longer_ones_refused);
	tcase_add_test(cases, a_stop_ends_a_read_at_a_packet_and_completes_a_program);
	tcase_add_test(cases, an_answer_to_nothing_is_out_of_step);
	suite_add_tcase(suite, cases);
	return run_suite(suite);
}
