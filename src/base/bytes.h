/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes: integers in files, whose length the caller has checked, and stretches of one value. */
#ifndef NP_BASE_BYTES_H
#define NP_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Are there bytes, and is each of them `value`? FFh is what erased flash holds. */
static inline bool bytes_all(const uint8_t *p, size_t len, uint8_t value)
{
	return len && p[0] == value && memcmp(p, p + 1, len - 1) == 0;
}

/* Is each of them the same, whatever that is? */
static inline bool bytes_alike(const uint8_t *p, size_t len)
{
	return len && bytes_all(p, len, p[0]);
}

/* All FFh or all 00h, as places that hold nothing are? */
static inline bool bytes_blank(const uint8_t *p, size_t len)
{
	return bytes_all(p, len, 0xff) || bytes_all(p, len, 0);
}

static inline uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t le32(const uint8_t *p)
{
	return le16(p) | (uint32_t)le16(p + 2) << 16;
}

static inline uint32_t be32(const uint8_t *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

static inline uint64_t le64(const uint8_t *p)
{
	return le32(p) | (uint64_t)le32(p + 4) << 32;
}

#endif
