/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loops that keep the line full. At 2 Mbaud a byte lasts 80 cycles: 16 for the SPI shift, 21
 * for its share of the CRC, about 15 to take a byte off the UART. So pages are sent while the next
 * is read, and received and hashed while the chip is busy with the one before.
 */
#include "board.h"
#include "bridge_proto.h"
#include "crc.h"
#include "serprog.h"

static inline bool host_spoke(void)
{
	line_poll();
	return ring_head != ring_tail;
}

uint8_t stream_wait(const struct wait *wait, bool stop, struct report *report)
{
	uint8_t result = BRIDGE_OK;

	limit_start(wait->limit_us);
	spi_begin(wait->opcode, 0, 0, 0);
	for (;;) {
		bool over = limit_over();

		report->last = spi_byte(0);
		if ((report->last & wait->mask) == wait->value)
			break;
		if (over)
			result = BRIDGE_CHIP_BUSY;
		else if (stop && host_spoke())
			result = BRIDGE_STOPPED;
		if (result != BRIDGE_OK)
			break;
	}
	spi_deselect();
	return result;
}

/* ---- PROGRAM ---- */

#define HASH_BATCH 32 /* bytes between looks at the chip */

/* One page on its way from the line to the chip. */
struct incoming {
	uint8_t *at;   /* next byte in the ring to hash */
	uint16_t left; /* data bytes to hash */
	uint8_t check; /* check bytes to compare */
	uint32_t crc;
	bool bad;
};

/* The address that a page's check begins with; polls, as the page is arriving already. */
static uint32_t hash_address(uint32_t addr)
{
	uint32_t crc = CRC_START;

	for (uint8_t i = 0; i < 4; i++, addr >>= 8) {
		line_poll();
		crc = crc_byte(crc, addr);
	}
	line_poll();
	return crc;
}

static void page_expect(struct incoming *page, uint8_t *at, uint32_t addr, uint16_t len)
{
	page->at = at;
	page->left = len;
	page->check = BRIDGE_PAGE_CRC_LEN;
	page->bad = false;
	page->crc = hash_address(addr);
}

static uint8_t check_byte(const struct incoming *page)
{
	const uint8_t *kept = (const uint8_t *)&page->crc; /* inverted, low byte first */

	return ~kept[BRIDGE_PAGE_CRC_LEN - page->check];
}

/* Bytes from `at` on, at most `most`, that have arrived and lie in one piece. */
static uint16_t in_one_piece(const uint8_t *at, uint16_t most)
{
	uint16_t there = (ring_head >= at ? ring_head : ring + RING_LEN) - at;

	return there < most ? there : most;
}

static void check_page(struct incoming *page)
{
	if (page->check == 0 || page->at == ring_head)
		return;
	page->bad |= *page->at != check_byte(page);
	line_poll();
	page->at = ring_next(page->at);
	page->check--;
	line_poll();
}

/* Hash some of the page, taking bytes off the line meanwhile. Returns soon, so that the caller can
 * look at the chip. */
static void page_hash(struct incoming *page)
{
	uint8_t *head, *at = page->at, todo;
	uint32_t crc = page->crc;

	line_poll();
	if (page->left == 0) {
		check_page(page);
		return;
	}
	todo = in_one_piece(at, page->left < HASH_BATCH ? page->left : HASH_BATCH);
	page->left -= todo;
	head = ring_head;
	for (; todo; todo--) {
		if (UCSR0A & _BV(RXC0)) {
			*head = UDR0;
			head = ring_next(head);
		}
		crc = crc_byte(crc, *at++);
	}
	ring_head = head;
	line_poll();
	page->crc = crc;
	page->at = at == ring + RING_LEN ? ring : at;
	line_poll();
}

static uint8_t *send_piece(uint8_t *at, uint16_t len)
{
	uint8_t *head = ring_head;

	for (; len; len--) {
		SPDR = *at++;
		if (UCSR0A & _BV(RXC0)) {
			*head = UDR0;
			head = ring_next(head);
		}
		spi_wait();
	}
	ring_head = head;
	line_poll();
	return at;
}

/* Send the page at ring_tail to the chip. */
static void page_send(const struct program *program, uint16_t len)
{
	uint16_t piece = in_one_piece(ring_tail, len);

	line_poll();
	spi_command(program->we);
	spi_begin(program->opcode, program->addr_len, 0, program->addr);
	ring_tail = send_piece(ring_tail, piece);
	if (piece < len)
		ring_tail = send_piece(ring, len - piece);
	spi_deselect();
	if (ring_tail == ring + RING_LEN)
		ring_tail = ring;
	for (uint8_t i = 0; i < BRIDGE_PAGE_CRC_LEN; i++)
		ring_tail = ring_next(ring_tail);
	line_poll();
}

static uint16_t page_len(const struct program *program)
{
	uint16_t room = BRIDGE_PAGE_LEN - (uint8_t)program->addr;

	return program->len < room ? program->len : room;
}

/* Until the page is here and checked. */
static uint8_t page_receive(struct incoming *page)
{
	uint8_t *seen = page->at;

	gap_start(TICKS_MS(BRIDGE_GAP_MS));
	while (page->check) {
		page_hash(page);
		if (page->at != seen) {
			seen = page->at;
			gap_start(TICKS_MS(BRIDGE_GAP_MS));
		} else if (gap_over()) {
			return BRIDGE_STARVED;
		}
	}
	return page->bad ? BRIDGE_BAD_PAGE : BRIDGE_OK;
}

/* Until the chip is ready; the next page is received and hashed meanwhile. */
static uint8_t page_wait(const struct wait *wait, struct incoming *next, struct report *report)
{
	uint8_t result = BRIDGE_OK;

	limit_start(wait->limit_us);
	spi_begin(wait->opcode, 0, 0, 0);
	for (;;) {
		bool over = limit_over();

		SPDR = 0;
		if (next->left || next->check)
			page_hash(next);
		line_poll();
		spi_wait();
		report->last = SPDR;
		if ((report->last & wait->mask) == wait->value)
			break;
		if (over) {
			result = BRIDGE_CHIP_BUSY;
			break;
		}
	}
	spi_deselect();
	return result;
}

uint8_t stream_program(struct program *program, struct report *report)
{
	struct incoming page;
	uint8_t result;
	uint16_t len;

	line_poll();
	len = page_len(program);
	line_poll();
	page_expect(&page, ring_tail, program->addr, len);
	line_poll();
	while (program->len) {
		result = page_receive(&page);
		line_poll();
		if (result != BRIDGE_OK)
			return result;
		page_send(program, len);
		line_poll();
		program->addr += len;
		program->len -= len;
		len = page_len(program);
		line_poll();
		if (program->len) {
			page_expect(&page, ring_tail, program->addr, len);
		} else {
			page.left = 0;
			page.check = 0;
		}
		result = page_wait(&program->wait, &page, report);
		if (result != BRIDGE_OK)
			return result;
		report->done++;
		line_put(BRIDGE_ACK | (report->done & 0x7f));
	}
	return BRIDGE_OK;
}

/* ---- READ ---- */

static uint8_t pages[2][BRIDGE_PAGE_LEN];

/* What was seen while a page was read. */
struct outgoing {
	uint8_t *data;
	uint16_t len;
	uint8_t mixed;   /* not all bytes equal */
	uint8_t differs; /* from the page before */
};

static uint32_t put_hashed(uint32_t crc, uint8_t byte)
{
	line_put(byte);
	return crc_byte(crc, byte);
}

/* Read a page; `before` is the one read last. */
static void page_read(struct outgoing *page, const uint8_t *before)
{
	uint8_t *at = page->data, *end = at + page->len;
	uint8_t mixed = 0, differs = 0, first, byte;

	if (at == end)
		return;
	SPDR = 0;
	spi_wait();
	byte = first = SPDR;
	while (at + 1 != end) {
		SPDR = 0;
		*at++ = byte;
		mixed |= byte ^ first;
		differs |= byte ^ *before++;
		spi_wait();
		byte = SPDR;
	}
	*at = byte;
	page->mixed = mixed | (byte ^ first);
	page->differs = differs | (byte ^ *before);
}

/* Send `out` while `in` is read: the hot loop of every dump. `in` is never longer than `out`. */
static uint32_t page_exchange(uint32_t crc, const struct outgoing *out, struct outgoing *in)
{
	const uint8_t *from = out->data;
	uint8_t *at = in->data, *end = at + in->len;
	uint8_t mixed = 0, differs = 0, first = 0, byte, got;

	while (at != end) {
		SPDR = 0;
		byte = *from++;
		while (!(UCSR0A & _BV(UDRE0)))
			;
		UDR0 = byte;
		crc = crc_byte(crc, byte);
		spi_wait();
		got = SPDR;
		if (at == in->data)
			first = got;
		*at++ = got;
		mixed |= got ^ first;
		differs |= got ^ byte;
	}
	in->mixed = mixed;
	in->differs = differs;
	for (uint16_t rest = out->len - in->len; rest; rest--)
		crc = put_hashed(crc, *from++);
	return crc;
}

static uint32_t page_put(uint32_t crc, bool first_of_block, const struct outgoing *out,
                         struct outgoing *in)
{
	if (out->mixed && (out->differs || first_of_block)) {
		crc = put_hashed(crc, BRIDGE_PAGE_PLAIN);
		return page_exchange(crc, out, in);
	}
	if (out->mixed) {
		crc = put_hashed(crc, BRIDGE_PAGE_SAME);
	} else {
		crc = put_hashed(crc, BRIDGE_PAGE_FILL);
		crc = put_hashed(crc, out->data[0]);
	}
	page_read(in, out->data);
	return crc;
}

static void put_check(uint32_t crc)
{
	uint32_t value = crc_value(crc);

	for (uint8_t i = 0; i < 4; i++, value >>= 8)
		line_put(value);
}

static uint16_t next_len(uint32_t left)
{
	return left < BRIDGE_PAGE_LEN ? left : BRIDGE_PAGE_LEN;
}

void stream_read(uint32_t addr, uint32_t len)
{
	struct outgoing page = {pages[0], next_len(len), 0, 0}, next = {pages[1], 0, 0, 0}, swap;
	uint32_t crc = crc_u32(CRC_START, addr);
	uint8_t in_block = 0;

	page_read(&page, pages[1]);
	while (len) {
		len -= page.len;
		addr += page.len;
		next.len = next_len(len);
		crc = page_put(crc, in_block == 0, &page, &next);
		in_block = (in_block + 1) % (BRIDGE_BLOCK_LEN / BRIDGE_PAGE_LEN);
		if (in_block == 0 || len == 0) {
			put_check(crc);
			crc = crc_u32(CRC_START, addr);
		}
		swap = page;
		page = next;
		next = swap;
		if (host_spoke())
			return;
	}
}

uint32_t stream_crc(uint32_t crc, uint32_t len)
{
	uint8_t byte;

	SPDR = 0;
	spi_wait();
	byte = SPDR;
	while (--len) {
		SPDR = 0;
		crc = crc_byte(crc, byte);
		spi_wait();
		byte = SPDR;
	}
	return crc_byte(crc, byte);
}
