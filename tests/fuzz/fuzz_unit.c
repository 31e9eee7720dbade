/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz/fuzz.h"

#include "device/field.h"

/* The first line is FIELD=VALUE, the rest what stands at the MAC of an MR500. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t image[0x2000];
	static const char profile[] =
		"[device]\nname = x\nsize = 8K\n[region a]\nstart = 0\nlen = 8K\n"
		"[field mac]\ntype = mac\nat = 0x100\n"
		"[field text]\ntype = mac-text\nat = 0x200\n"
		"[field imei]\ntype = imei\nat = 0x300\n"
		"[field pin]\ntype = pin\nat = 0x400\n"
		"[field id]\ntype = bytes\nat = 0x500\nlen = 7\n"
		"[field serial]\ntype = serial\nat = 0x600\nlen = 20\n"
		"[derived]\nwan = mac+1\n";
	const uint8_t *newline = memchr(data, '\n', size);
	size_t word_len = newline ? (size_t)(newline - data) : size;
	char word[128] = "";
	struct np_error err = {0};
	struct unit_value value;
	struct layout layout;

	memset(image, 0xff, sizeof(image));
	if (word_len < sizeof(word))
		memcpy(word, data, word_len);
	if (newline && size - word_len - 1 < 0x600)
		memcpy(image + 0x100, newline + 1, size - word_len - 1);
	if (layout_parse_profile(profile, sizeof(profile) - 1, "fuzz", &layout, &err))
		abort();
	if (unit_field_set(&layout, word, image, sizeof(image), NULL, &err) && !err.message[0])
		abort();
	for (size_t i = 0; i < layout.field_count; i++)
		if (!unit_field_read(&layout.fields[i], image, sizeof(image), &value))
			abort();
	layout_free(&layout);
	return 0;
}
