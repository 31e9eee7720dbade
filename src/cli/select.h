/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --only, --range, --keep and --at become address ranges. */
#ifndef NP_CLI_SELECT_H
#define NP_CLI_SELECT_H

#include "cli/options.h"
#include "layout/layout.h"
#include "base/ranges.h"

/* One thing the user named: what `read` stores in a file of its own. */
struct piece {
	char name[LAYOUT_NAME_MAX]; /* the region, or "0x7d0000-0x7dffff" */
	struct np_range range;
};

struct selection {
	bool whole;            /* neither --only, --range nor --at */
	struct np_ranges only; /* the union of what was selected; the chip when `whole` */
	struct np_ranges keep; /* the union of what was kept */
	struct np_ranges todo; /* only - keep */
	bool unit_named;       /* all unit data in `todo` was named by the user, or there is none */
	struct piece *pieces;  /* owned; in the order named; none when `whole` */
	size_t piece_count;
};

/*
 * Build the selection for a chip of `chip_size` bytes; `layout` may be NULL. `at_len` is the length
 * of what --at places (ignored without --at). Free with selection_free() in any case. Errors:
 * NP_E_RANGE (unknown region, beyond the chip, nothing left), NP_E_MEMORY.
 */
int selection_build(struct selection *sel, const struct cli_options *opt,
                    const struct layout *layout, uint64_t chip_size, uint64_t at_len,
                    struct np_error *err);

/* Do all words make sense at all, before any chip is asked? The chip's size is not known yet. */
int selection_precheck(const struct cli_options *opt, const struct layout *layout,
                       struct np_error *err);

/* Fill `todo` (empty before) from `only` and `keep`. NP_E_RANGE when nothing is left. `unit_named`
 * stays: less is written than it was computed for. */
int selection_subtract(struct selection *sel, struct np_error *err);

void selection_free(struct selection *sel);

/* "0x7d0000-0x7dffff" into buf. */
const char *range_text(struct np_range range, char *buf, size_t len);

/* The region names a range touches, "boot,os", "" without layout; into buf. */
const char *region_names(const struct layout *layout, struct np_range range, char *buf, size_t len);

#endif
