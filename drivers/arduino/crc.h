/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CRC-32 (IEEE 802.3), a byte in 21 cycles. The value is kept inverted: start with CRC_START, and
 * crc_value() is what goes on the line. */
#ifndef CRC_H
#define CRC_H

#include <stdint.h>

#define CRC_START 0xffffffffUL

/* Four planes of 256: plane n holds byte n of each table entry, so that the index is the address's
 * low byte throughout. */
extern const uint8_t crc_table[4][256];

static inline __attribute__((always_inline)) uint32_t crc_byte(uint32_t crc, uint8_t byte)
{
	__asm__("mov r30, %A0\n\t"
	        "eor r30, %1\n\t"
	        "ldi r31, hi8(%2)\n\t"
	        "lpm %A0, Z\n\t"
	        "eor %A0, %B0\n\t"
	        "inc r31\n\t"
	        "lpm %B0, Z\n\t"
	        "eor %B0, %C0\n\t"
	        "inc r31\n\t"
	        "lpm %C0, Z\n\t"
	        "eor %C0, %D0\n\t"
	        "inc r31\n\t"
	        "lpm %D0, Z\n\t"
	        : "+r"(crc)
	        : "r"(byte), "i"(crc_table)
	        : "r30", "r31");
	return crc;
}

uint32_t crc_u32(uint32_t crc, uint32_t value);

static inline uint32_t crc_value(uint32_t crc)
{
	return ~crc;
}

#endif
