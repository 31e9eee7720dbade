/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers as people type and read them: 0x, K, M; ranges; times; rates. Pure. */
#ifndef NP_BASE_UNITS_H
#define NP_BASE_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A half-open piece of the address space: [start, start + len). */
struct np_range {
	uint64_t start;
	uint64_t len;
};

/* "8M", "64K", "0x1000", "4096", "30MHz"-less frequencies ("30M" is 30 000 000 with
 * np_parse_hz()). False when `text` is not exactly one number or overflows. K and M are binary
 * here (1024). */
bool np_parse_size(const char *text, uint64_t *value);

/* A clock: "30M", "1500k", "2000000", "30MHz", "1.5M"; K and M are decimal. */
bool np_parse_hz(const char *text, uint32_t *hz);

/* "START+LEN" or "START-LAST" (inclusive). False for anything else, an empty range, or LAST below
 * START. */
bool np_parse_range(const char *text, struct np_range *range);

/* The two hex digits that `text` begins with. */
bool np_parse_hex_byte(const char *text, uint8_t *byte);

/* Bytes as hex digits, into 2 * len + 1 characters. */
void np_format_hex(const uint8_t *bytes, size_t len, char *hex);

/* "8 MiB", "64 KiB", "6 bytes": exact, largest unit that divides. Returns `buf`. */
const char *np_format_size(uint64_t bytes, char *buf, size_t len);

/* "30 MHz", "937.5 kHz". Returns `buf`. */
const char *np_format_hz(uint32_t hz, char *buf, size_t len);

/* "0.45 s", "12 s", "3 min 05 s". Returns `buf`. */
const char *np_format_duration(uint64_t us, char *buf, size_t len);

/* The host of "HOST" or "[HOST]", as addresses of IPv6 are written beside a port. Cuts in place. */
char *np_bare_host(char *text);

#endif
