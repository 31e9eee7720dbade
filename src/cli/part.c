/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/part.h"

int part_from_options(struct intent *intent, const struct cli_options *opt, struct np_error *err)
{
	if (!opt->part && !opt->split)
		return 0;
	if (!opt->part || !opt->split) {
		np_fail(err, NP_E_USAGE, "--part and --split belong together");
		return np_hint(err, "an image in two chips: --part 1/2 --split 8M+4M");
	}
	if (opt->at || opt->only.count)
		return np_fail(err, NP_E_USAGE,
		               "--part fills a whole chip: without --at and --only");
	return intent_take_part(intent, opt->part, opt->split, err);
}
