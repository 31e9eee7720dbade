/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "serprog.h"

#include <avr/pgmspace.h>

#include "board.h"
#include "bridge_proto.h"

static const char name[16] PROGMEM = "norprog bridge";
static uint32_t delay_us; /* the operation buffer: it can hold nothing but delays */

static const uint8_t command_map[32] PROGMEM = {
	[0] = 0xbf, /* 00-05, 07 */
	[1] = 0xc9, /* 08, 0b, 0e, 0f */
	[2] = 0x3f, /* 10-15 */
	[8] = 0xff, /* 40-47 */
	[9] = 0x03, /* 48, 49 */
};

static void put_progmem(const void *data, uint8_t len)
{
	const uint8_t *at = data;

	line_put(SERPROG_ACK);
	while (len--)
		line_put(pgm_read_byte(at++));
}

static void put_number(uint32_t value, uint8_t len)
{
	line_put(SERPROG_ACK);
	for (; len; len--, value >>= 8)
		line_put(value);
}

/* The frame starts only when all of it is here: a lost byte must not leave half a command on the
 * chip. */
static bool spi_operation(void)
{
	uint32_t send = line_get24();
	uint32_t receive = line_get24();

	if (send > XFER_MAX || (!line_lost() && !line_wait(send)) || line_lost())
		return false;
	line_put(SERPROG_ACK);
	spi_select();
	for (; send; send--)
		spi_byte(line_get());
	for (; receive; receive--)
		line_put(spi_byte(0));
	spi_deselect();
	return true;
}

static bool set_clock(void)
{
	uint32_t hz = line_get32();

	if (line_lost() || hz == 0)
		return false;
	put_number(spi_set_clock(hz), 4);
	return true;
}

static bool set_pins(void)
{
	uint8_t on = line_get();

	if (line_lost())
		return false;
	if (on)
		pins_drive();
	else
		pins_release();
	line_put(SERPROG_ACK);
	return true;
}

static bool set_bus(void)
{
	uint8_t bus = line_get();

	if (line_lost() || bus != SERPROG_BUS_SPI)
		return false;
	line_put(SERPROG_ACK);
	return true;
}

static bool add_delay(void)
{
	uint32_t us = line_get32();

	if (line_lost())
		return false;
	delay_us += us;
	line_put(SERPROG_ACK);
	return true;
}

static bool run_operations(void)
{
	pause_us(delay_us);
	delay_us = 0;
	line_put(SERPROG_ACK);
	return true;
}

static bool query(uint8_t cmd)
{
	switch (cmd) {
	case SERPROG_NOP:
		put_number(0, 0);
		return true;
	case SERPROG_Q_IFACE:
		put_number(1, 2);
		return true;
	case SERPROG_Q_CMDMAP:
		put_progmem(command_map, sizeof(command_map));
		return true;
	case SERPROG_Q_PGMNAME:
		put_progmem(name, sizeof(name));
		return true;
	case SERPROG_Q_SERBUF:
		put_number(WINDOW, 2);
		return true;
	case SERPROG_Q_BUSTYPE:
		put_number(SERPROG_BUS_SPI, 1);
		return true;
	case SERPROG_Q_OPBUF:
		put_number(0xffff, 2);
		return true;
	case SERPROG_Q_WRNMAXLEN:
		put_number(XFER_MAX, 3);
		return true;
	case SERPROG_Q_RDNMAXLEN:
		put_number(0, 3);
		return true;
	case SERPROG_SYNCNOP:
		line_put(SERPROG_NAK);
		line_put(SERPROG_ACK);
		return true;
	}
	return false;
}

bool serprog_run(uint8_t cmd)
{
	if (query(cmd))
		return true;
	if (guard)
		return false;
	switch (cmd) {
	case SERPROG_O_INIT:
		delay_us = 0;
		line_put(SERPROG_ACK);
		return true;
	case SERPROG_O_DELAY:
		return add_delay();
	case SERPROG_O_EXEC:
		return run_operations();
	case SERPROG_S_BUSTYPE:
		return set_bus();
	case SERPROG_O_SPIOP:
		return spi_operation();
	case SERPROG_S_SPI_FREQ:
		return set_clock();
	case SERPROG_S_PIN_STATE:
		return set_pins();
	}
	return false;
}
