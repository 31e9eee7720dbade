/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "chip/nor_cmd.h"
#include "support/rig.h"
#include "support/suite.h"

START_TEST(an_opcode_alone_sends_one_byte)
{
	struct spi_msg msg = nor_cmd_op(NOR_OP_WREN);

	ck_assert_uint_eq(msg.cmd_len, 1);
	ck_assert_uint_eq(msg.cmd[0], 0x06);
	ck_assert_uint_eq(msg.tx_len + msg.rx_len + msg.flags + msg.pause_us, 0);
}
END_TEST

/* Whatever the address: opcode, most significant byte first, dummies of ones, nothing more. */
START_TEST(addresses_go_most_significant_byte_first)
{
	uint64_t state = rig_seed(41);

	for (int i = 0; i < 1000; i++) {
		uint32_t addr = (uint32_t)rig_random(&state);
		unsigned len = 3 + (unsigned)(rig_random(&state) % 2);
		unsigned dummy = (unsigned)(rig_random(&state) % 3);
		struct spi_msg msg = nor_cmd_addr(NOR_OP_FAST_READ, addr, len, dummy);
		uint32_t back = 0;

		ck_assert_uint_eq(msg.cmd_len, 1 + len + dummy);
		ck_assert_uint_eq(msg.cmd[0], NOR_OP_FAST_READ);
		for (unsigned k = 0; k < len; k++)
			back = back << 8 | msg.cmd[1 + k];
		ck_assert_uint_eq(back, len == 4 ? addr : addr & 0xffffff);
		for (unsigned k = 0; k < dummy; k++)
			ck_assert_uint_eq(msg.cmd[1 + len + k], 0xff);
	}
}
END_TEST

START_TEST(register_bytes_are_sent_and_never_more_than_four)
{
	static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6};
	struct spi_msg msg = nor_cmd_set(NOR_OP_WRSR, bytes, 2);

	ck_assert_uint_eq(msg.cmd_len, 3);
	ck_assert_mem_eq(msg.cmd, "\x01\x01\x02", 3);
	msg = nor_cmd_set(NOR_OP_WRSR, bytes, sizeof(bytes));
	ck_assert_uint_eq(msg.cmd_len, 5);
	msg = nor_cmd_set(NOR_OP_WRSR, bytes, 0);
	ck_assert_uint_eq(msg.cmd_len, 1);
}
END_TEST

START_TEST(answers_go_where_they_are_asked_for)
{
	uint8_t rx[4];
	struct spi_msg id = nor_cmd_get(NOR_OP_RDID, rx, sizeof(rx));
	struct spi_msg status = nor_cmd_status(NOR_OP_RDSR, rx, 2);
	struct spi_msg until = nor_cmd_until(NOR_OP_RDSR, NOR_SR_WIP, 0, 5000, rx);

	ck_assert(id.rx == rx && id.rx_len == 4 && id.flags == 0);
	ck_assert(status.rx == rx && status.rx_len == 2 && status.flags == SPI_MSG_STATUS);
	ck_assert(until.rx_len == 1 && until.flags == (SPI_MSG_STATUS | SPI_MSG_UNTIL));
	ck_assert(until.until_mask == NOR_SR_WIP && until.until_value == 0);
	ck_assert_uint_eq(until.until_us, 5000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("nor_cmd");
	TCase *tc = suite_group(suite, "nor_cmd", NULL, NULL);

	tcase_add_test(tc, an_opcode_alone_sends_one_byte);
	tcase_add_test(tc, addresses_go_most_significant_byte_first);
	tcase_add_test(tc, register_bytes_are_sent_and_never_more_than_four);
	tcase_add_test(tc, answers_go_where_they_are_asked_for);
	return run_suite(suite);
}
