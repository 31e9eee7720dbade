/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "crc.h"

#include <avr/pgmspace.h>

/* A CRC is linear: a table entry is the sum of the entries of its index's single bits. The one of
 * bit 7 is the polynomial; each lower bit is one step further. */
#define BIT(i, n, value) ((i) & (1 << (n)) ? (value) : 0UL)
#define ENTRY(i)                                                                       \
	(BIT(i, 7, 0xedb88320UL) ^ BIT(i, 6, 0x76dc4190UL) ^ BIT(i, 5, 0x3b6e20c8UL) ^ \
	 BIT(i, 4, 0x1db71064UL) ^ BIT(i, 3, 0x0edb8832UL) ^ BIT(i, 2, 0x076dc419UL) ^ \
	 BIT(i, 1, 0xee0e612cUL) ^ BIT(i, 0, 0x77073096UL))

#define ONE(p, i)     (uint8_t)(ENTRY(i) >> (8 * (p)))
#define FOUR(p, i)    ONE(p, i), ONE(p, (i) + 1), ONE(p, (i) + 2), ONE(p, (i) + 3)
#define SIXTEEN(p, i) FOUR(p, i), FOUR(p, (i) + 4), FOUR(p, (i) + 8), FOUR(p, (i) + 12)
#define QUARTER(p, i) \
	SIXTEEN(p, i), SIXTEEN(p, (i) + 16), SIXTEEN(p, (i) + 32), SIXTEEN(p, (i) + 48)
#define PLANE(p)                                                                \
	{                                                                       \
		QUARTER(p, 0), QUARTER(p, 64), QUARTER(p, 128), QUARTER(p, 192) \
	}

const uint8_t crc_table[4][256] PROGMEM
	__attribute__((aligned(256))) = {PLANE(0), PLANE(1), PLANE(2), PLANE(3)};

uint32_t crc_u32(uint32_t crc, uint32_t value)
{
	for (uint8_t i = 0; i < 4; i++, value >>= 8)
		crc = crc_byte(crc, value);
	return crc;
}
