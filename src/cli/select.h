/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --only, --range, --keep and --at become a selection. */
#ifndef NP_CLI_SELECT_H
#define NP_CLI_SELECT_H

#include "cli/options.h"
#include "job/selection.h"

/*
 * Build the selection for a chip of `chip_size` bytes; `layout` may be NULL. `at_len` is the length
 * of what --at places (ignored without --at). Free with selection_free() in any case. Errors:
 * NP_E_RANGE (unknown region, beyond the chip, nothing left), NP_E_SIZE, NP_E_MEMORY.
 */
int selection_from_options(struct selection *sel, const struct cli_options *opt,
                           const struct layout *layout, uint64_t chip_size, uint64_t at_len,
                           struct np_error *err);

/* Do all words make sense at all, before any chip is asked? The chip's size is not known yet. */
int selection_precheck(const struct cli_options *opt, const struct layout *layout,
                       struct np_error *err);

#endif
