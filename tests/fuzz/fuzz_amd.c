/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AMD's directories and coreboot's master header in a flash of 512 KiB. The sums of directories are
 * made right, because a fuzzer does not guess them. */
#include "fuzz/fuzz.h"

#include "base/bytes.h"
#include "layout/source.h"

#define SIZE  0x80000u
#define PLACE 0x20000u /* where such a flash has the structure */

static uint8_t flash[SIZE];

static void put32(uint8_t *to, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

static void mend_sum(uint8_t *dir, size_t room)
{
	size_t step = dir[1] == 'B' ? 24 : 16, header = dir[0] == '2' ? 32 : 16;
	uint32_t count = le32(dir + 8), a = 0, b = 0;

	if (count > 256 || header + step * count > room)
		return;
	for (size_t i = 8; i < header + step * count; i += 2) {
		a = (a + le16(dir + i)) % 65535;
		b = (b + a) % 65535;
	}
	put32(dir + 4, (b ? b : 65535) << 16 | (a ? a : 65535));
}

static int inside(void *ctx, uint64_t start, uint64_t len, struct np_error *err)
{
	(void)ctx;
	(void)err;
	fuzz_must(start <= SIZE && len <= SIZE - start);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct layout_reader from = {.flash = flash, .size = SIZE, .need = inside};
	struct np_error err = {0};
	struct layout layout;
	int ret;

	memset(flash, 0xff, SIZE);
	if (size > SIZE - PLACE)
		size = SIZE - PLACE;
	memcpy(flash + PLACE, data, size);
	put32(flash + PLACE, 0x55aa55aa);
	for (size_t at = PLACE + 0x10; at + 32 < PLACE + size; at += 4)
		if (memcmp(flash + at, "$PSP", 4) == 0 || memcmp(flash + at, "$PL2", 4) == 0 ||
		    memcmp(flash + at, "$BHD", 4) == 0 || memcmp(flash + at, "$BL2", 4) == 0 ||
		    memcmp(flash + at, "2PSP", 4) == 0 || memcmp(flash + at, "2BHD", 4) == 0)
			mend_sum(flash + at, SIZE - at);
	ret = layout_parse_amd(&from, "fuzz", &layout, &err);
	fuzz_layout(ret, &layout, &err);
	if (size > 8)
		put32(flash + SIZE - 4, le32(data + size - 4));
	ret = layout_parse_cbfs(&from, "fuzz", &layout, &err);
	return fuzz_layout(ret, &layout, &err);
}
