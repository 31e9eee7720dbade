/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz/fuzz.h"

#include "image/openwrt.h"

static int check(bool found, const struct openwrt_devices *devices)
{
	if (!found)
		return 0;
	fuzz_must(devices->count && devices->count <= OPENWRT_DEVICES);
	for (size_t i = 0; i < devices->count; i++)
		fuzz_must(devices->at[i][0] && memchr(devices->at[i], 0, sizeof(devices->at[i])));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct openwrt_devices devices;

	check(openwrt_find_metadata(data, size, &devices), &devices);
	check(openwrt_parse_metadata(data, size, &devices), &devices);
	return check(openwrt_parse_board(data, size, &devices), &devices);
}
