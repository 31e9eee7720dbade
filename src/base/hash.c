/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/hash.h"

#include <string.h>
#include <sys/types.h>
#include <md5.h>
#include <sha1.h>
#include <sha2.h>
#include <zlib.h>

void np_sha256_hex(const void *data, size_t len, char hex[NP_SHA256_HEX])
{
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, data, len);
	SHA256End(&ctx, hex);
}

_Static_assert(sizeof(SHA2_CTX) <= sizeof(struct np_sha256), "room for libmd's state");

void np_sha256_begin(struct np_sha256 *sha)
{
	SHA256Init((SHA2_CTX *)sha);
}

void np_sha256_add(struct np_sha256 *sha, const void *data, size_t len)
{
	SHA256Update((SHA2_CTX *)sha, data, len);
}

void np_sha256_end(struct np_sha256 *sha, char hex[NP_SHA256_HEX])
{
	SHA256End((SHA2_CTX *)sha, hex);
}

void np_sha256_raw(const void *data, size_t len, uint8_t sum[32])
{
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, data, len);
	SHA256Final(sum, &ctx);
}

#define SHA256_BLOCK 64

static void hash_behind(const uint8_t key[SHA256_BLOCK], uint8_t pad, const void *data, size_t len,
                        uint8_t sum[32])
{
	uint8_t padded[SHA256_BLOCK];
	SHA2_CTX ctx;

	for (size_t i = 0; i < SHA256_BLOCK; i++)
		padded[i] = key[i] ^ pad;
	SHA256Init(&ctx);
	SHA256Update(&ctx, padded, sizeof(padded));
	SHA256Update(&ctx, data, len);
	SHA256Final(sum, &ctx);
}

void np_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len, uint8_t sum[32])
{
	uint8_t block[SHA256_BLOCK] = {0}, inner[32];

	if (key_len > sizeof(block))
		np_sha256_raw(key, key_len, block);
	else
		memcpy(block, key, key_len);
	hash_behind(block, 0x36, data, len, inner);
	hash_behind(block, 0x5c, inner, sizeof(inner), sum);
}

void np_sha512_raw(const void *data, size_t len, uint8_t sum[64])
{
	SHA2_CTX ctx;

	SHA512Init(&ctx);
	SHA512Update(&ctx, data, len);
	SHA512Final(sum, &ctx);
}

void np_sha1(const void *data, size_t len, uint8_t sum[20])
{
	SHA1_CTX ctx;

	SHA1Init(&ctx);
	SHA1Update(&ctx, data, len);
	SHA1Final(sum, &ctx);
}

void np_md5(const void *data, size_t len, uint8_t sum[16])
{
	MD5_CTX ctx;

	MD5Init(&ctx);
	MD5Update(&ctx, data, len);
	MD5Final(sum, &ctx);
}

uint32_t np_crc32(uint32_t crc, const void *data, size_t len)
{
	return (uint32_t)crc32_z(crc, data, len);
}
