/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/hash.h"

#include <sys/types.h>
#include <sha2.h>
#include <zlib.h>

void np_sha256_hex(const void *data, size_t len, char hex[NP_SHA256_HEX])
{
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, data, len);
	SHA256End(&ctx, hex);
}

uint32_t np_crc32(uint32_t crc, const void *data, size_t len)
{
	return (uint32_t)crc32_z(crc, data, len);
}
