/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/part.h"

#include <stdio.h>
#include <string.h>

#include "base/units.h"

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

int part_from_options(struct intent *intent, const struct cli_options *opt, struct np_error *err)
{
	uint64_t sizes[PARTS_MAX];
	unsigned part, of;
	size_t count;
	char rest;

	if (!opt->part && !opt->split)
		return 0;
	if (!opt->part || !opt->split) {
		np_fail(err, NP_E_USAGE, "--part and --split belong together");
		return np_hint(err, "an image in two chips: --part 1/2 --split 8M+4M");
	}
	if (opt->at || opt->only.count)
		return np_fail(err, NP_E_USAGE,
		               "--part fills a whole chip: without --at and --only");
	if (sscanf(opt->part, "%u/%u%c", &part, &of, &rest) != 2 || !part || part > of)
		return np_fail(err, NP_E_USAGE, "--part %s: not like 1/2", opt->part);
	count = parse_sizes(opt->split, sizes);
	if (count != of)
		return np_fail(err, NP_E_USAGE, "--split %s: not %u sizes like 8M+4M", opt->split,
		               of);
	return intent_take_part(intent, part, sizes, count, err);
}
