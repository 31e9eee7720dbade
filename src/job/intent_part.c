/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An image in several chips: which part of it this chip holds. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "job/intent.h"

#define PARTS_MAX 8

/* "8M+4M" into sizes; returns how many, 0 when it is no such list. */
static size_t parse_sizes(const char *text, uint64_t sizes[PARTS_MAX])
{
	size_t count = 0;

	while (*text) {
		size_t n = strcspn(text, "+");
		char word[24];

		if (count == PARTS_MAX || n >= sizeof(word))
			return 0;
		memcpy(word, text, n);
		word[n] = '\0';
		if (!np_parse_size(word, &sizes[count]) || !sizes[count])
			return 0;
		count++;
		text += n;
		if (*text && !*++text)
			return 0;
	}
	return count;
}

static int take(struct intent_image *image, unsigned part, const uint64_t *sizes, size_t count,
                struct np_error *err)
{
	uint64_t total = 0, before = 0;

	for (size_t i = 0; i < count; i++) {
		if (sizes[i] > UINT64_MAX / 2 - total)
			return np_fail(err, NP_E_SIZE, "the sizes of the parts are too big");
		before += i + 1 < part ? sizes[i] : 0;
		total += sizes[i];
	}
	if (total != intent_image_bytes(image))
		return np_fail(err, NP_E_SIZE,
		               "%s has %" PRIu64 " bytes, its parts together %" PRIu64, image->path,
		               intent_image_bytes(image), total);
	image->stripped += before;
	image->take = sizes[part - 1];
	image->part = part;
	return 0;
}

int intent_take_part(struct intent *intent, const char *part, const char *split,
                     struct np_error *err)
{
	uint64_t sizes[PARTS_MAX];
	unsigned number, of;
	size_t count;
	char behind;

	if (sscanf(part, "%u/%u%c", &number, &of, &behind) != 2 || !number || number > of)
		return np_fail(err, NP_E_USAGE, "part %s: not like 1/2", part);
	count = parse_sizes(split, sizes);
	if (count != of)
		return np_fail(err, NP_E_USAGE, "split %s: not %u sizes like 8M+4M", split, of);
	return take(&intent->image, number, sizes, count, err);
}
