/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bridge protocol as bytes: checks, blocks, and which messages become which request. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "serprog/serprog_wire.h"
#include "support/rig.h"
#include "support/suite.h"

static uint64_t seed;

static uint32_t draw(uint32_t below)
{
	return (uint32_t)(rig_random(&seed) % below);
}

/* ---- checks ---- */

/* The published check value of CRC-32, so that both sides mean the same polynomial. */
START_TEST(the_polynomial_is_the_documented_one)
{
	struct wire_request request;

	ck_assert_uint_eq(np_crc32(0, "123456789", 9), 0xcbf43926u);
	wire_begin(&request, '1', '2');
	wire_u8(&request, '3');
	wire_u32(&request, 0x37363534);
	wire_u16(&request, 0x3938);
	wire_end(&request);
	ck_assert_uint_eq(request.len, 13);
	ck_assert_uint_eq(wire_get32(request.bytes + 9), 0xcbf43926u);
}
END_TEST

static uint32_t page_check(uint32_t addr, const uint8_t *data, size_t len)
{
	uint8_t check[BRIDGE_PAGE_CRC_LEN];

	wire_page_check(addr, data, len, check);
	return check[0] | check[1] << 8 | (uint32_t)check[2] << 16;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* A CRC is linear: a flipped bit changes the check by a value of its own, whatever the data. No
 * such value is zero and no two are equal, so any one or two flipped bits of a page and its check
 * are seen. */
START_TEST(a_page_check_sees_any_two_flipped_bits)
{
	enum { DATA = 8 * BRIDGE_PAGE_LEN, ALL = DATA + 8 * BRIDGE_PAGE_CRC_LEN };
	static uint32_t change[ALL];
	uint8_t page[BRIDGE_PAGE_LEN] = {0};
	uint32_t clean = page_check(0x123400, page, sizeof(page));

	for (int i = 0; i < DATA; i++) {
		page[i / 8] ^= 1 << i % 8;
		change[i] = page_check(0x123400, page, sizeof(page)) ^ clean;
		page[i / 8] ^= 1 << i % 8;
	}
	for (int i = DATA; i < ALL; i++)
		change[i] = 1u << (i - DATA);
	qsort(change, ALL, sizeof(*change), by_value);
	ck_assert_uint_ne(change[0], 0);
	for (int i = 1; i < ALL; i++)
		ck_assert_uint_ne(change[i], change[i - 1]);
}
END_TEST

START_TEST(a_page_for_another_place_fails_its_check)
{
	uint8_t page[BRIDGE_PAGE_LEN] = {1, 2, 3};

	ck_assert_uint_ne(page_check(0x1000, page, 256), page_check(0x1100, page, 256));
	ck_assert_uint_ne(page_check(0x1000, page, 256), page_check(0x1000, page, 255));
}
END_TEST

/* ---- blocks ---- */

static uint8_t block_bytes[BRIDGE_BLOCK_LEN + 64], image[BRIDGE_BLOCK_LEN];

static bool filled(const uint8_t *page, size_t len)
{
	for (size_t i = 1; i < len; i++)
		if (page[i] != page[0])
			return false;
	return true;
}

/* What the device sends for a block, written from the protocol's description. */
static size_t encode(uint32_t addr, const uint8_t *data, size_t len)
{
	uint8_t place[4] = {(uint8_t)addr, (uint8_t)(addr >> 8), (uint8_t)(addr >> 16),
	                    (uint8_t)(addr >> 24)};
	uint8_t *out = block_bytes;
	uint32_t crc;

	for (size_t at = 0; at < len; at += 256) {
		size_t n = len - at < 256 ? len - at : 256;

		if (filled(data + at, n)) {
			*out++ = 1;
			*out++ = data[at];
		} else if (at && memcmp(data + at, data + at - 256, n) == 0) {
			*out++ = 2;
		} else {
			*out++ = 0;
			memcpy(out, data + at, n);
			out += n;
		}
	}
	crc = np_crc32(np_crc32(0, place, 4), block_bytes, (size_t)(out - block_bytes));
	for (int i = 0; i < 4; i++)
		*out++ = (uint8_t)(crc >> 8 * i);
	return (size_t)(out - block_bytes);
}

static void make_image(size_t len)
{
	for (size_t at = 0; at < len; at += 256) {
		size_t n = len - at < 256 ? len - at : 256;
		uint32_t kind = draw(4);

		if (kind == 0)
			memset(image + at, draw(2) ? 0xff : 0x5a, n);
		else if (kind == 1 && at)
			memcpy(image + at, image + at - 256, n);
		else
			for (size_t i = 0; i < n; i++)
				image[at + i] = (uint8_t)draw(256);
	}
}

/* Feed in random pieces; the guard bytes behind the block must stay. */
static enum wire_result feed(uint32_t addr, size_t len, size_t bytes, uint8_t *out, size_t *used)
{
	static uint8_t untouched[BRIDGE_BLOCK_LEN + 16];
	enum wire_result result = WIRE_MORE;
	struct wire_block block;

	memset(untouched, 0xa5, sizeof(untouched));
	memset(out, 0xa5, BRIDGE_BLOCK_LEN + 16);
	wire_block_begin(&block, addr, out, len);
	for (*used = 0; *used < bytes && result == WIRE_MORE;) {
		size_t n = 1 + draw(300), took;

		n = n < bytes - *used ? n : bytes - *used;
		result = wire_block_feed(&block, block_bytes + *used, n, &took);
		ck_assert_uint_le(took, n);
		*used += took;
	}
	ck_assert_mem_eq(out + len, untouched, BRIDGE_BLOCK_LEN + 16 - len);
	return result;
}

START_TEST(blocks_come_out_as_they_went_in)
{
	static uint8_t out[BRIDGE_BLOCK_LEN + 16];

	for (int i = 0; i < 300; i++) {
		size_t len = draw(3) ? BRIDGE_BLOCK_LEN : 1 + draw(BRIDGE_BLOCK_LEN), used;
		uint32_t addr = draw(1 << 24);
		size_t bytes;

		make_image(len);
		bytes = encode(addr, image, len);
		ck_assert_int_eq(feed(addr, len, bytes, out, &used), WIRE_DONE);
		ck_assert_uint_eq(used, bytes);
		ck_assert_mem_eq(out, image, len);
	}
}
END_TEST

START_TEST(a_blank_block_is_36_bytes)
{
	memset(image, 0xff, sizeof(image));
	ck_assert_uint_eq(encode(0, image, sizeof(image)), 36);
}
END_TEST

START_TEST(damaged_blocks_are_never_taken)
{
	static uint8_t out[BRIDGE_BLOCK_LEN + 16];

	for (int i = 0; i < 2000; i++) {
		size_t len = 1 + draw(BRIDGE_BLOCK_LEN), used, bytes, at;
		uint32_t addr = draw(1 << 24);

		make_image(len);
		bytes = encode(addr, image, len);
		at = draw((uint32_t)bytes);
		switch (draw(4)) {
		case 0:
			block_bytes[at] ^= 1 << draw(8);
			break;
		case 1: /* lost */
			memmove(block_bytes + at, block_bytes + at + 1, bytes - at - 1);
			block_bytes[bytes - 1] = (uint8_t)draw(256);
			break;
		case 2: /* doubled */
			memmove(block_bytes + at + 1, block_bytes + at, bytes - at);
			bytes++;
			break;
		default: /* of another place */
			addr ^= 0x1000;
			break;
		}
		if (feed(addr, len, bytes, out, &used) == WIRE_DONE)
			ck_assert_mem_eq(out, image, len); /* a doubled last byte, say */
	}
}
END_TEST

START_TEST(a_block_cannot_begin_with_the_same_page)
{
	static uint8_t out[BRIDGE_BLOCK_LEN + 16];
	size_t used;

	block_bytes[0] = BRIDGE_PAGE_SAME;
	ck_assert_int_eq(feed(0, 512, 1, out, &used), WIRE_BAD);
	block_bytes[0] = 3;
	ck_assert_int_eq(feed(0, 512, 1, out, &used), WIRE_BAD);
}
END_TEST

/* ---- messages ---- */

static uint8_t status_byte, data[1024];

static struct spi_msg command(uint8_t op)
{
	return (struct spi_msg){.cmd = {op}, .cmd_len = 1};
}

static struct spi_msg at_address(uint8_t op, uint32_t addr)
{
	return (struct spi_msg){
		.cmd = {op, (uint8_t)(addr >> 16), (uint8_t)(addr >> 8), (uint8_t)addr},
		.cmd_len = 4};
}

static struct spi_msg until(uint32_t limit_us)
{
	struct spi_msg msg = command(0x05);

	msg.flags = SPI_MSG_STATUS | SPI_MSG_UNTIL;
	msg.until_mask = 1;
	msg.until_us = limit_us;
	msg.rx = &status_byte;
	msg.rx_len = 1;
	return msg;
}

static void three(struct spi_msg *msgs, struct spi_msg middle)
{
	msgs[0] = command(0x06);
	msgs[1] = middle;
	msgs[2] = until(3000);
}

static struct spi_msg page(uint32_t addr, size_t len)
{
	struct spi_msg msg = at_address(0x02, addr);

	msg.tx = data;
	msg.tx_len = len;
	return msg;
}

static struct wire_step step_of(const struct spi_msg *msgs, size_t count)
{
	struct wire_step step;

	wire_next_step(msgs, count, &step);
	return step;
}

START_TEST(pages_that_follow_on_are_one_stream)
{
	struct spi_msg msgs[12];
	struct wire_step step;

	three(msgs, page(0x12340, 192)); /* to the end of its page */
	three(msgs + 3, page(0x12400, 256));
	three(msgs + 6, page(0x12500, 10));
	three(msgs + 9, page(0x1250a, 10)); /* begins inside a page */
	step = step_of(msgs, 12);
	ck_assert_int_eq(step.kind, WIRE_PROGRAM);
	ck_assert_uint_eq(step.msgs, 9);
	ck_assert_uint_eq(step.count, 3);
	ck_assert_uint_eq(step.addr, 0x12340);
	ck_assert_uint_eq(step.len, 458);
	ck_assert_uint_eq(step.addr_len, 3);
}
END_TEST

START_TEST(a_stream_ends_where_something_differs)
{
	struct spi_msg msgs[6];

	three(msgs, page(0x1000, 256));
	three(msgs + 3, page(0x1200, 256)); /* a gap */
	ck_assert_uint_eq(step_of(msgs, 6).count, 1);
	three(msgs + 3, page(0x1100, 256));
	ck_assert_uint_eq(step_of(msgs, 6).count, 2);
	ck_assert_uint_eq(step_of(msgs, 5).count, 1); /* its wait is not in this queue */
	msgs[5].until_us++;
	ck_assert_uint_eq(step_of(msgs, 6).count, 1);
	three(msgs + 3, page(0x1100, 256));
	msgs[4].cmd[0] = 0x12;
	ck_assert_uint_eq(step_of(msgs, 6).count, 1);
}
END_TEST

START_TEST(what_the_device_would_cut_elsewhere_is_no_stream)
{
	struct spi_msg msgs[3];

	three(msgs, page(0x1080, 256)); /* over the end of its page: the chip wraps */
	ck_assert_int_eq(step_of(msgs, 3).kind, WIRE_XFER);
	three(msgs, page(0x1000, 512));
	ck_assert_int_eq(step_of(msgs, 3).kind, WIRE_XFER);
	three(msgs, page(0x1000, 256));
	msgs[1].pause_us = 1; /* asked to wait where the device would not */
	ck_assert_int_eq(step_of(msgs, 3).kind, WIRE_XFER);
}
END_TEST

START_TEST(erases_in_equal_steps_are_one_run)
{
	struct spi_msg msgs[12];
	struct wire_step step;

	for (uint32_t i = 0; i < 4; i++)
		three(msgs + 3 * i, at_address(0xd8, 0x10000 * i));
	step = step_of(msgs, 12);
	ck_assert_int_eq(step.kind, WIRE_EXEC);
	ck_assert_uint_eq(step.count, 4);
	ck_assert_uint_eq(step.stride, 0x10000);
	msgs[10] = at_address(0xd8, 0x40000);
	ck_assert_uint_eq(step_of(msgs, 12).count, 3);
	msgs[4].cmd[0] = 0x20;
	ck_assert_uint_eq(step_of(msgs, 12).count, 1);
	three(msgs, command(0xc7));
	three(msgs + 3, command(0xc7)); /* no address to step */
	ck_assert_uint_eq(step_of(msgs, 6).count, 1);
}
END_TEST

START_TEST(reads_are_known_by_opcode_and_length)
{
	struct spi_msg msg = at_address(0x03, 0x123456);
	struct wire_read read;

	msg.rx = data;
	msg.rx_len = 100;
	ck_assert(wire_parse_read(&msg, &read));
	ck_assert_uint_eq(read.addr, 0x123456);
	ck_assert_uint_eq(read.addr_len, 3);
	ck_assert_uint_eq(read.dummy, 0);
	ck_assert_int_eq(step_of(&msg, 1).kind, WIRE_READ);
	msg.cmd[0] = 0x0b; /* without its dummy byte: not a fast read */
	ck_assert(!wire_parse_read(&msg, &read));
	msg.cmd_len = 5;
	ck_assert(wire_parse_read(&msg, &read));
	ck_assert_uint_eq(read.addr, 0x123456);
	ck_assert_uint_eq(read.dummy, 1);
	msg.cmd[0] = 0x13;
	ck_assert(wire_parse_read(&msg, &read));
	ck_assert_uint_eq(read.addr, 0x12345600);
	msg.cmd[0] = 0x5a; /* SFDP: another address space, one frame as it is */
	ck_assert(!wire_parse_read(&msg, &read));
	ck_assert_int_eq(step_of(&msg, 1).kind, WIRE_XFER);
	msg.cmd[0] = 0x03;
	msg.cmd_len = 4;
	msg.pause_us = 5;
	ck_assert_int_eq(step_of(&msg, 1).kind, WIRE_XFER);
}
END_TEST

START_TEST(single_messages_keep_their_kind)
{
	struct spi_msg wait = until(1000), id = command(0x9f), crc = at_address(0x03, 0);

	id.rx = data;
	id.rx_len = 3;
	crc.flags = SPI_MSG_CRC;
	crc.rx_len = 4096;
	ck_assert_int_eq(step_of(&wait, 1).kind, WIRE_WAIT);
	ck_assert_int_eq(step_of(&id, 1).kind, WIRE_XFER);
	ck_assert_int_eq(step_of(&crc, 1).kind, WIRE_CRC);
	ck_assert_uint_eq(step_of(&id, 1).msgs, 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("serprog_wire");
	TCase *tc = tcase_create("wire");

	seed = rig_seed(0x5e41a1);
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, the_polynomial_is_the_documented_one);
	tcase_add_test(tc, a_page_check_sees_any_two_flipped_bits);
	tcase_add_test(tc, a_page_for_another_place_fails_its_check);
	tcase_add_test(tc, blocks_come_out_as_they_went_in);
	tcase_add_test(tc, a_blank_block_is_36_bytes);
	tcase_add_test(tc, damaged_blocks_are_never_taken);
	tcase_add_test(tc, a_block_cannot_begin_with_the_same_page);
	tcase_add_test(tc, pages_that_follow_on_are_one_stream);
	tcase_add_test(tc, a_stream_ends_where_something_differs);
	tcase_add_test(tc, what_the_device_would_cut_elsewhere_is_no_stream);
	tcase_add_test(tc, erases_in_equal_steps_are_one_run);
	tcase_add_test(tc, reads_are_known_by_opcode_and_length);
	tcase_add_test(tc, single_messages_keep_their_kind);
	return run_suite(suite);
}
