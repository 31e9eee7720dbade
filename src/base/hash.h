/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Digests: SHA-256 for files and manifests (libmd), CRC-32 for device-side checks (zlib). */
#ifndef NP_BASE_HASH_H
#define NP_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define NP_SHA256_HEX 65 /* 64 hex digits and the NUL */

/* Hex SHA-256 of `len` bytes into `hex`. */
void np_sha256_hex(const void *data, size_t len, char hex[NP_SHA256_HEX]);

/* The same in pieces: begin, add any number of times, end. Owns nothing. */
struct np_sha256 {
	uint64_t state[32];
};

void np_sha256_begin(struct np_sha256 *sha);
void np_sha256_add(struct np_sha256 *sha, const void *data, size_t len);
void np_sha256_end(struct np_sha256 *sha, char hex[NP_SHA256_HEX]);

/* The raw digests, for the formats that carry them. */
void np_sha256_raw(const void *data, size_t len, uint8_t sum[32]);
void np_sha512_raw(const void *data, size_t len, uint8_t sum[64]);
void np_sha1(const void *data, size_t len, uint8_t sum[20]);
void np_md5(const void *data, size_t len, uint8_t sum[16]);

/* HMAC-SHA-256 (RFC 2104) of `len` bytes under a key of any length. */
void np_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len, uint8_t sum[32]);

/* CRC-32 (IEEE 802.3, reflected EDB88320h, start and final FFFFFFFFh: zlib's crc32). Continue an
 * earlier value by passing it as `crc`; start with 0. */
uint32_t np_crc32(uint32_t crc, const void *data, size_t len);

#endif
