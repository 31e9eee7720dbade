/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "chip/nor_cmd.h"

struct spi_msg nor_cmd_op(uint8_t op)
{
	return (struct spi_msg){.cmd = {op}, .cmd_len = 1};
}

struct spi_msg nor_cmd_get(uint8_t op, uint8_t *rx, size_t len)
{
	return (struct spi_msg){.cmd = {op}, .cmd_len = 1, .rx = rx, .rx_len = len};
}

struct spi_msg nor_cmd_set(uint8_t op, const uint8_t *bytes, size_t len)
{
	struct spi_msg msg = nor_cmd_op(op);

	for (size_t i = 0; i < len && i < 4; i++)
		msg.cmd[msg.cmd_len++] = bytes[i];
	return msg;
}

struct spi_msg nor_cmd_addr(uint8_t op, uint32_t addr, unsigned addr_len, unsigned dummy)
{
	struct spi_msg msg = nor_cmd_op(op);

	for (unsigned i = addr_len; i > 0; i--)
		msg.cmd[msg.cmd_len++] = (uint8_t)(addr >> (8 * (i - 1)));
	for (unsigned i = 0; i < dummy; i++)
		msg.cmd[msg.cmd_len++] = 0xff;
	return msg;
}

struct spi_msg nor_cmd_status(uint8_t op, uint8_t *rx, size_t len)
{
	struct spi_msg msg = nor_cmd_get(op, rx, len);

	msg.flags = SPI_MSG_STATUS;
	return msg;
}

struct spi_msg nor_cmd_until(uint8_t op, uint8_t mask, uint8_t value, uint32_t limit_us,
                             uint8_t *rx)
{
	struct spi_msg msg = nor_cmd_get(op, rx, 1);

	msg.flags = SPI_MSG_STATUS | SPI_MSG_UNTIL;
	msg.until_mask = mask;
	msg.until_value = value;
	msg.until_us = limit_us;
	return msg;
}
