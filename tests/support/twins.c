/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/twins.h"

struct sfdp sfdp_of(uint8_t minor, uint64_t size)
{
	struct sfdp sfdp = {
		.major = 1,
		.minor = minor,
		.bfpt_major = 1,
		.bfpt_minor = minor,
		.bfpt_len = minor >= 5 ? 16 : 9,
		.size = size,
		.page = 256,
		.erase = {{.size = 4096, .op = 0x20},
	                  {.size = 32768, .op = 0x52},
	                  {.size = 65536, .op = 0xd8}},
		.erase_count = 3,
	};

	sfdp.bfpt[0] = 0xfff120e5;
	sfdp.bfpt[4] = 0xffffffee;
	return sfdp;
}

struct sfdp sfdp_with(struct sfdp sfdp, unsigned number, uint32_t value)
{
	sfdp.bfpt[number - 1] = value;
	return sfdp;
}
