/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ch347_wire.h"

#include <string.h>

enum {
	HEADER = 3,
	CONFIG_LEN = 26,
	CS_LEN = 10,
	CS_CHANGE = 0x80,
	CS_HIGH = 0x40,
	DIVIDERS = 8,
};

bool ch347_divider(uint32_t hz, uint8_t *divider, uint32_t *actual_hz)
{
	for (uint8_t i = 0; i < DIVIDERS; i++)
		if (CH347_HZ_MAX >> i <= hz) {
			*divider = i;
			*actual_hz = CH347_HZ_MAX >> i;
			return true;
		}
	return false;
}

static size_t begin(uint8_t *buf, enum ch347_command command, size_t len)
{
	memset(buf, 0, HEADER + len);
	buf[0] = (uint8_t)command;
	buf[1] = (uint8_t)len;
	buf[2] = (uint8_t)(len >> 8);
	return HEADER + len;
}

size_t ch347_put_config(uint8_t buf[CH347_FRAME_MAX], uint8_t divider)
{
	size_t len = begin(buf, CH347_CONFIG, CONFIG_LEN);

	/* Mode 0, most significant bit first, CS active low: those bytes stay zero. */
	buf[5] = 4;
	buf[6] = 1;
	buf[14] = 2;
	buf[15] = (uint8_t)(divider << 3);
	buf[19] = 7;
	return len;
}

size_t ch347_put_cs(uint8_t buf[CH347_FRAME_MAX], bool low)
{
	size_t len = begin(buf, CH347_CS, CS_LEN);

	buf[3] = CS_CHANGE | (low ? 0 : CS_HIGH);
	return len;
}

size_t ch347_put_write(uint8_t buf[CH347_FRAME_MAX], const uint8_t *data, size_t len)
{
	size_t total = begin(buf, CH347_WRITE, len);

	memcpy(buf + HEADER, data, len);
	return total;
}

size_t ch347_put_read(uint8_t buf[CH347_FRAME_MAX], uint32_t len)
{
	size_t total = begin(buf, CH347_READ, sizeof(len));

	for (unsigned i = 0; i < sizeof(len); i++)
		buf[HEADER + i] = (uint8_t)(len >> 8 * i);
	return total;
}

long ch347_payload(const uint8_t *frame, size_t len, enum ch347_command command,
                   const uint8_t **payload)
{
	size_t claimed;

	if (len < HEADER || frame[0] != command)
		return -1;
	claimed = frame[1] | (size_t)frame[2] << 8;
	if (claimed != len - HEADER)
		return -1;
	*payload = frame + HEADER;
	return (long)claimed;
}
