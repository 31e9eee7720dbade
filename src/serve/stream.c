/* SPDX-License-Identifier: GPL-2.0-or-later */
/* READ, CRC and PROGRAM: the chip and the line kept busy at the same time. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "serve/conn.h"

#define READ_BUFFER (4u << 20)
#define CRC_BUFFER  (64u << 10)
#define READ_QUEUE  64u  /* messages, where the bus takes only short ones */
#define TRAIN_PAGES 120u /* acknowledgements count to 127 */
#define TRAIN_LEAST 64u  /* worth a moment's wait for more */
#define MORE_US     2000u

/* ---- reading ---- */

/* A part of the chip being read, in as few messages as the bus takes. */
struct part {
	uint8_t *buf;
	size_t len, each; /* bytes; of each message but the last */
	struct spi_msg msgs[READ_QUEUE];
	size_t count;
};

static void make_read(const struct wire_read *read, uint32_t addr, struct spi_msg *msg)
{
	*msg = (struct spi_msg){.cmd = {read->opcode}, .cmd_len = 1};
	for (uint8_t i = read->addr_len; i > 0; i--)
		msg->cmd[msg->cmd_len++] = (uint8_t)(addr >> (8 * (i - 1)));
	msg->cmd_len = (uint8_t)(msg->cmd_len + read->dummy); /* they are 0 */
}

static void make_part(struct part *part, const struct spi_caps *caps, const struct wire_read *read,
                      uint32_t addr, size_t most)
{
	size_t room = caps->max_queue < READ_QUEUE ? caps->max_queue : READ_QUEUE;

	part->each = caps->max_rx < most ? caps->max_rx : most;
	part->count = 0;
	for (part->len = 0; part->len < most && part->count < room; part->count++) {
		struct spi_msg *msg = &part->msgs[part->count];
		size_t left = most - part->len;

		make_read(read, addr + (uint32_t)part->len, msg);
		msg->rx = part->buf + part->len;
		msg->rx_len = left < part->each ? left : part->each;
		part->len += msg->rx_len;
	}
}

/* What a READ has sent. */
struct blocks {
	struct conn *conn;
	struct part part;
	uint32_t addr; /* of the first byte not yet sent */
	size_t sent;   /* of the part */
	size_t kept;   /* of the part before it: the begin of a block */
	uint32_t left; /* of the request, from `addr` on */
};

static uint32_t put_hashed(struct conn *conn, uint32_t crc, const void *bytes, size_t len)
{
	conn_put(conn, bytes, len);
	return np_crc32(crc, bytes, len);
}

static uint32_t put_page(struct conn *conn, uint32_t crc, const uint8_t *page, size_t len,
                         bool first)
{
	const uint8_t fill[2] = {BRIDGE_PAGE_FILL, page[0]}, plain = BRIDGE_PAGE_PLAIN,
		      same = BRIDGE_PAGE_SAME;

	if (bytes_alike(page, len))
		return put_hashed(conn, crc, fill, sizeof(fill));
	if (!first && memcmp(page, page - BRIDGE_PAGE_LEN, len) == 0)
		return put_hashed(conn, crc, &same, 1);
	crc = put_hashed(conn, crc, &plain, 1);
	return put_hashed(conn, crc, page, len);
}

static void put_block(struct conn *conn, uint32_t addr, const uint8_t *block, size_t len)
{
	uint8_t bytes[4];
	uint32_t crc;

	wire_put32(bytes, addr);
	crc = np_crc32(0, bytes, sizeof(bytes));
	for (size_t at = 0; at < len; at += BRIDGE_PAGE_LEN) {
		size_t n = len - at < BRIDGE_PAGE_LEN ? len - at : BRIDGE_PAGE_LEN;

		crc = put_page(conn, crc, block + at, n, at == 0);
	}
	wire_put32(bytes, crc);
	conn_put(conn, bytes, sizeof(bytes));
}

/* Send the blocks that are complete with `filled` bytes of the buffer. */
static void put_blocks(struct blocks *b, size_t filled)
{
	for (;;) {
		size_t n = b->left < BRIDGE_BLOCK_LEN ? b->left : BRIDGE_BLOCK_LEN;

		if (!n || filled - b->sent < n)
			return;
		put_block(b->conn, b->addr, b->part.buf + b->sent, n);
		b->sent += n;
		b->addr += (uint32_t)n;
		b->left -= (uint32_t)n;
	}
}

static int watch_read(void *ctx, size_t msg, size_t bytes)
{
	struct blocks *b = ctx;

	put_blocks(b, b->kept + msg * b->part.each + bytes);
	return conn_flush(b->conn) || conn_wants_stop(b->conn);
}

/* The begin of a block that is not complete moves to the front, and the next part behind it. */
static int read_part(struct blocks *b, const struct wire_read *read, uint8_t *buf, uint32_t at,
                     uint32_t end, struct np_error *err)
{
	struct spi_bus *bus = conn_bus(b->conn);
	size_t most = end - at < READ_BUFFER ? end - at : READ_BUFFER;
	int ret;

	if (!bus) {
		*err = b->conn->failure;
		return err->code;
	}
	b->part.buf = buf + b->kept;
	make_part(&b->part, spi_caps(bus), read, at, most);
	b->part.buf = buf;
	b->sent = 0;
	ret = spi_run(bus, b->part.msgs, b->part.count, NULL, watch_read, b, err);
	if (ret)
		return ret;
	put_blocks(b, b->kept + b->part.len);
	b->kept = b->kept + b->part.len - b->sent;
	memmove(buf, buf + b->sent, b->kept);
	return conn_flush(b->conn);
}

void stream_read(struct conn *conn, uint8_t seq, const struct wire_read *read, uint32_t len)
{
	uint32_t most = len < READ_BUFFER ? len : READ_BUFFER, at = 0;
	struct blocks b = {.conn = conn, .addr = read->addr, .left = len};
	uint8_t *buf = malloc(BRIDGE_BLOCK_LEN + (size_t)most);
	const uint8_t good = BRIDGE_OK;
	struct np_error err = {0};
	int ret = 0;

	if (!buf || !conn_bus(conn)) {
		bridge_reply(conn, BRIDGE_READ, seq, buf ? BRIDGE_FAILED : BRIDGE_RANGE, NULL, 0);
		free(buf);
		return;
	}
	conn_put(conn, &good, 1);
	for (; at < len && !ret; at += (uint32_t)b.part.len)
		ret = read_part(&b, read, buf, read->addr + at, read->addr + len, &err);
	free(buf);
	if (ret == NP_E_INTERRUPTED) {
		conn->out_len = 0;
		conn_drain(conn);
	} else if (ret) {
		/* Between two blocks the protocol has no way to report a failure, so the
		 * connection is closed. */
		conn->failure = err;
		conn->failure.code = ret;
	}
}

uint8_t stream_crc(struct conn *conn, const struct wire_read *read, uint32_t len, uint32_t *crc)
{
	struct np_error err = {0};
	struct part part = {.buf = malloc(CRC_BUFFER)};
	struct spi_bus *bus = conn_bus(conn);
	uint32_t at = 0;
	int ret = part.buf && bus ? 0 : np_fail(&err, NP_E_FAIL, "%s", conn->failure.message);

	while (at < len && !ret) {
		make_part(&part, spi_caps(bus), read, read->addr + at,
		          len - at < CRC_BUFFER ? len - at : CRC_BUFFER);
		ret = spi_run(bus, part.msgs, part.count, NULL, NULL, NULL, &err);
		if (!ret)
			*crc = np_crc32(*crc, part.buf, part.len);
		at += (uint32_t)part.len;
		if (!ret && at < len && conn_wants_stop(conn))
			ret = NP_E_INTERRUPTED;
	}
	free(part.buf);
	return bridge_status_of(conn, ret == NP_E_TIMEOUT ? NP_E_BUS : ret, &err);
}

/* ---- programming ---- */

/* Pages that have arrived; the bytes stay in the buffer until more is taken in. */
struct pages {
	struct nor_piece at[TRAIN_PAGES];
	size_t count, bytes; /* with their checks */
	bool bad;            /* the one behind them failed its check */
};

static uint32_t page_len(uint32_t addr, uint32_t left)
{
	uint32_t room = BRIDGE_PAGE_LEN - addr % BRIDGE_PAGE_LEN;

	return left < room ? left : room;
}

/* Take those that are here. */
static void take_pages(const struct conn *conn, uint32_t addr, uint32_t left, struct pages *pages)
{
	const uint8_t *in = conn_at(conn);
	uint8_t check[BRIDGE_PAGE_CRC_LEN];

	*pages = (struct pages){.count = 0};
	while (left && pages->count < TRAIN_PAGES) {
		uint32_t n = page_len(addr, left);
		const uint8_t *data = in + pages->bytes;

		if (conn_have(conn) - pages->bytes < n + BRIDGE_PAGE_CRC_LEN)
			return;
		wire_page_check(addr, data, n, check);
		pages->bad = memcmp(check, data + n, sizeof(check)) != 0;
		if (pages->bad)
			return;
		pages->at[pages->count++] = (struct nor_piece){addr, n, data};
		pages->bytes += n + BRIDGE_PAGE_CRC_LEN;
		addr += n;
		left -= n;
	}
}

/* At least one page, and a moment for more where there are few. CONN_LATE: the stream starved. */
static int await_pages(struct conn *conn, uint32_t addr, uint32_t left)
{
	size_t pages = left < TRAIN_LEAST * BRIDGE_PAGE_LEN ? left / BRIDGE_PAGE_LEN : TRAIN_LEAST;
	size_t all = pages * (BRIDGE_PAGE_LEN + BRIDGE_PAGE_CRC_LEN);
	int ret = conn_need(conn, page_len(addr, left) + BRIDGE_PAGE_CRC_LEN, CONN_GAP_US);

	if (!ret && conn_need(conn, all, MORE_US) < 0)
		ret = NP_E_GONE;
	(void)conn_poll(conn);
	return ret;
}

/* Program what is here and acknowledge it. */
static uint8_t send_pages(struct conn *conn, const struct stream_program *job, struct pages *pages,
                          uint32_t *done, uint8_t *last)
{
	struct nor_told *told = conn_told(conn);
	struct np_error err = conn->failure;
	size_t sent = 0;
	uint8_t ack;
	int ret = told ? nor_told_program(told, job->opcode == 0x12, job->addr_len, &job->ready,
	                                  pages->at, pages->count, &sent, last, &err)
	               : err.code;

	conn->in_at += pages->bytes;
	*done += (uint32_t)sent;
	ack = (uint8_t)(BRIDGE_ACK | (*done & 0x7f));
	if (!ret)
		conn_put(conn, &ack, 1);
	return !ret && conn_flush(conn) ? BRIDGE_STOPPED : bridge_status_of(conn, ret, &err);
}

uint8_t stream_program(struct conn *conn, const struct stream_program *job, uint32_t *done,
                       uint8_t *last)
{
	uint32_t addr = job->addr, left = job->len;
	uint8_t result = BRIDGE_OK;

	while (left && result == BRIDGE_OK) {
		struct pages pages;

		if (await_pages(conn, addr, left))
			return conn->gone ? BRIDGE_STOPPED : BRIDGE_STARVED;
		take_pages(conn, addr, left, &pages);
		if (pages.count)
			result = send_pages(conn, job, &pages, done, last);
		for (size_t i = 0; i < pages.count; i++) {
			addr += pages.at[i].len;
			left -= pages.at[i].len;
		}
		if (result == BRIDGE_OK && pages.bad)
			result = BRIDGE_BAD_PAGE;
	}
	return result;
}
