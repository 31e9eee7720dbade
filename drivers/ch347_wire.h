/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CH347's frames, without I/O: a command byte, a 16-bit length, a payload; at most 510 bytes in
 * a USB packet. Answers have the same form.
 *
 * Source of the numbers: the public drivers of flashprog and flashrom (ch347_spi.c).
 */
#ifndef NP_DRIVERS_CH347_WIRE_H
#define NP_DRIVERS_CH347_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CH347_PACKET    512
#define CH347_DATA      507 /* payload of one packet */
#define CH347_FRAME_MAX (3 + CH347_DATA)
#define CH347_HZ_MAX    60000000u

enum ch347_command {
	CH347_CONFIG = 0xc0,
	CH347_CS = 0xc1,
	CH347_READ = 0xc3,
	CH347_WRITE = 0xc4,
};

/* The divider for a clock of at most `hz` (60 MHz halved 0..7 times); false below 468.75 kHz. */
bool ch347_divider(uint32_t hz, uint8_t *divider, uint32_t *actual_hz);

/* Frames to send; each returns its length. ch347_put_write(): 1..CH347_DATA bytes. */
size_t ch347_put_config(uint8_t buf[CH347_FRAME_MAX], uint8_t divider);
size_t ch347_put_cs(uint8_t buf[CH347_FRAME_MAX], bool low);
size_t ch347_put_write(uint8_t buf[CH347_FRAME_MAX], const uint8_t *data, size_t len);
size_t ch347_put_read(uint8_t buf[CH347_FRAME_MAX], uint32_t len);

/* The payload of an answer to `command`; -1 when it is something else or is cut. */
long ch347_payload(const uint8_t *frame, size_t len, enum ch347_command command,
                   const uint8_t **payload);

#endif
