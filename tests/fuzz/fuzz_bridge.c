/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the bridge answers, in simulated time. Statuses, lengths and payloads are the input's, the
 * checks over them are right but where the input says otherwise: a damaged check stops everything at
 * the door, so what lies behind the door is what a lying firmware reaches.
 */
#include "fuzz/fuzz.h"

#include "arduino/bridge_proto.h"
#include "base/hash.h"
#include "fuzz/liar.h"
#include "serprog/serprog_wire.h"

static uint8_t made_up(struct liar *liar)
{
	if (!liar->left)
		return 0;
	liar->left--;
	return *liar->at++;
}

/* Mostly the truth, so that the input need not be long to get anywhere. */
static uint8_t made_up_status(struct liar *liar)
{
	static const uint8_t others[] = {BRIDGE_DAMAGED,  BRIDGE_RANGE,   BRIDGE_CHIP_BUSY,
	                                 BRIDGE_BAD_PAGE, BRIDGE_STARVED, BRIDGE_STOPPED};
	uint8_t byte = made_up(liar);

	if (byte < 0xE0)
		return BRIDGE_OK;
	return byte < 0xE0 + sizeof(others) ? others[byte - 0xE0] : byte;
}

static void say_check(struct liar *liar, uint32_t crc)
{
	uint8_t bytes[4];

	wire_put32(bytes, made_up(liar) == 0xFF ? ~crc : crc);
	for (size_t i = 0; i < sizeof(bytes); i++)
		say(liar, bytes[i]);
}

static void reply(struct liar *liar, uint8_t cmd, uint8_t seq, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		say(liar, bytes[i]);
	say_check(liar, wire_reply_crc(cmd, seq, bytes, len));
}

/* A status and `len` bytes of payload, or a report where the status has one. */
static void reply_made_up(struct liar *liar, uint8_t cmd, uint8_t seq, size_t len)
{
	static uint8_t bytes[1 + UINT16_MAX];
	bool damaged;

	bytes[0] = made_up_status(liar);
	damaged = bytes[0] == BRIDGE_DAMAGED;
	if (damaged || bytes[0] == BRIDGE_RANGE)
		len = 0;
	else if (bytes[0] != BRIDGE_OK || cmd == BRIDGE_PROGRAM || cmd == BRIDGE_EXEC ||
	         cmd == BRIDGE_WAIT)
		len = BRIDGE_REPORT_LEN;
	for (size_t i = 1; i <= len; i++)
		bytes[i] = made_up(liar);
	reply(liar, damaged ? 0 : cmd, damaged ? 0 : seq, bytes, 1 + len);
}

static void reply_status(struct liar *liar, uint8_t seq)
{
	uint8_t bytes[1 + BRIDGE_STATUS_PAYLOAD] = {BRIDGE_OK};

	wire_put32(bytes + 1, liar->token);
	for (size_t i = 5; i < sizeof(bytes); i++)
		bytes[i] = made_up(liar);
	/* Told of another board, or of what is in work. */
	if (bytes[5] == 0xFF)
		bytes[1] ^= 1;
	if (bytes[6] & 1)
		bytes[6] = (uint8_t)(seq - 1);
	reply(liar, BRIDGE_STATUS, seq, bytes, sizeof(bytes));
}

static void send_block(struct liar *liar, uint32_t addr, size_t len)
{
	uint8_t bytes[4], page[1 + BRIDGE_PAGE_LEN];
	uint32_t crc;

	wire_put32(bytes, addr);
	crc = np_crc32(0, bytes, sizeof(bytes));
	for (size_t at = 0, n; at < len; at += BRIDGE_PAGE_LEN) {
		page[0] = made_up(liar) & 3;
		n = len - at < BRIDGE_PAGE_LEN ? len - at : BRIDGE_PAGE_LEN;
		n = page[0] == BRIDGE_PAGE_PLAIN ? n : page[0] == BRIDGE_PAGE_FILL;
		for (size_t i = 1; i <= n; i++)
			page[i] = made_up(liar);
		for (size_t i = 0; i <= n; i++)
			say(liar, page[i]);
		crc = np_crc32(crc, page, 1 + n);
	}
	say_check(liar, crc);
}

static void send_blocks(struct liar *liar, uint32_t addr, size_t len)
{
	say(liar, made_up_status(liar));
	for (size_t at = 0; at < len && liar->left; at += BRIDGE_BLOCK_LEN)
		send_block(liar, addr + (uint32_t)at,
		           len - at < BRIDGE_BLOCK_LEN ? len - at : BRIDGE_BLOCK_LEN);
}

/* Parameters of each request, from 40h on. */
static const uint8_t bridge_params[] = {BRIDGE_HELLO_PARAMS,
                                        0,
                                        BRIDGE_READ_PARAMS,
                                        BRIDGE_XFER_PARAMS,
                                        BRIDGE_WAIT_PARAMS,
                                        BRIDGE_CRC_PARAMS,
                                        BRIDGE_PROGRAM_PARAMS,
                                        BRIDGE_EXEC_PARAMS,
                                        0,
                                        4};

static void answer_bridge(struct liar *liar, const uint8_t *request)
{
	uint8_t cmd = request[0], seq = request[1];

	switch (cmd) {
	case BRIDGE_HELLO:
		liar->token = wire_get32(request + 2);
		reply_made_up(liar, cmd, seq, BRIDGE_HELLO_PAYLOAD);
		break;
	case BRIDGE_STATUS:
		reply_status(liar, seq);
		break;
	case BRIDGE_READ:
		send_blocks(liar, wire_get32(request + 5), wire_get32(request + 9));
		break;
	case BRIDGE_PROGRAM:
		liar->pages_left = wire_get32(request + 16);
		liar->page_addr = wire_get32(request + 12);
		liar->pages_done = seq;
		break;
	case BRIDGE_XFER:
		reply_made_up(liar, cmd, seq, wire_get16(request + 4));
		break;
	case BRIDGE_EXEC:
		for (uint8_t n = made_up(liar) & 3; n; n--)
			say(liar, BRIDGE_ACK | made_up(liar));
		reply_made_up(liar, cmd, seq, 0);
		break;
	default:
		reply_made_up(liar, cmd, seq, cmd == BRIDGE_LEAVE ? 0 : 4);
	}
}

/* A page with its check: acknowledged as the input has it, and the report behind the last. */
static size_t take_page_sent(struct liar *liar)
{
	uint32_t room = BRIDGE_PAGE_LEN - liar->page_addr % BRIDGE_PAGE_LEN;
	uint32_t n = liar->pages_left < room ? liar->pages_left : room;
	uint8_t byte;

	if (liar->written_len < n + BRIDGE_PAGE_CRC_LEN)
		return 0;
	liar->pages_left -= n;
	liar->page_addr += n;
	byte = made_up(liar);
	if (byte >= 0xE0)
		liar->pages_left = 0;
	else
		say(liar, BRIDGE_ACK | (byte & 0x40 ? byte : 1));
	if (!liar->pages_left)
		reply_made_up(liar, BRIDGE_PROGRAM, liar->pages_done, 0);
	return n + BRIDGE_PAGE_CRC_LEN;
}

static size_t take_bridge(struct liar *liar)
{
	const uint8_t *w = liar->written;
	size_t len;

	if (liar->pages_left)
		return take_page_sent(liar);
	if (w[0] == 0x02 && liar->written_len) {
		/* Whatever it is, it has the bridge's commands. */
		say(liar, 0x06);
		for (size_t i = 0; i < 32; i++)
			say(liar, i == 8 ? 0xFF : i == 9 ? 0x03 : made_up(liar));
		return 1;
	}
	if (w[0] < BRIDGE_HELLO || w[0] > BRIDGE_SPEED)
		return liar_plain(liar);
	len = 2u + bridge_params[w[0] - BRIDGE_HELLO] + 4;
	if (liar->written_len >= 4 && w[0] == BRIDGE_XFER)
		len += wire_get16(w + 2);
	if (liar->written_len < len || len > WRITTEN_MAX)
		return 0;
	answer_bridge(liar, w);
	return len;
}

#define BRIDGE_BUF 9000

static int bridge_stop(void *ctx, size_t msg, size_t bytes)
{
	unsigned *left = ctx;

	(void)msg, (void)bytes;
	return *left && --*left == 0;
}

static void run_some(struct spi_bus *bus, struct spi_msg *msgs, size_t count)
{
	unsigned left = 40;
	struct np_error err = {0};
	size_t done = 0;
	int ret = spi_run(bus, msgs, count, &done, bridge_stop, &left, &err);

	fuzz_must(done <= count && (ret != 0) == (err.message[0] != 0) && (ret || done == count));
}

/* Every kind of step that the bridge has: a read, a CRC, a wait, pages, erases. */
static void use_bridge(struct spi_bus *bus)
{
	uint8_t *buf = malloc(BRIDGE_BUF), status[6], data[256] = {0x5A};
	struct spi_msg read = {.cmd = {3, 0, 1, 2}, .cmd_len = 4, .rx = buf, .rx_len = BRIDGE_BUF};
	struct spi_msg crc = {.cmd = {3}, .cmd_len = 4, .rx_len = 150000, .flags = SPI_MSG_CRC};
	struct spi_msg msgs[18];

	for (size_t i = 0; i < 6; i++) {
		struct spi_msg *three = &msgs[3 * i];

		three[0] = (struct spi_msg){.cmd = {6}, .cmd_len = 1};
		three[1] = (struct spi_msg){.cmd = {0x02, 0, (uint8_t)i}, .cmd_len = 4};
		if (i < 3)
			three[1].tx = data, three[1].tx_len = sizeof(data);
		else
			three[1].cmd[0] = 0x20, three[1].cmd[2] = (uint8_t)(i << 4);
		three[2] = (struct spi_msg){.cmd = {5},
		                            .cmd_len = 1,
		                            .flags = SPI_MSG_UNTIL,
		                            .until_mask = 1,
		                            .until_us = 1000,
		                            .rx = &status[i],
		                            .rx_len = 1};
	}
	if (spi_caps(bus)->until) {
		run_some(bus, &read, 1);
		run_some(bus, msgs, 18);
		run_some(bus, &crc, 1);
		run_some(bus, &msgs[17], 1);
	}
	free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return liar_run(data, size, false, take_bridge, use_bridge);
}
