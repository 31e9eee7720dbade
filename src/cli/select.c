/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/select.h"

int selection_from_options(struct selection *sel, const struct cli_options *opt,
                           const struct layout *layout, uint64_t chip_size, uint64_t at_len,
                           struct np_error *err)
{
	int ret = 0;

	*sel = (struct selection){0};
	for (size_t i = 0; i < opt->only.count && !ret; i++)
		ret = selection_add(sel, layout, opt->only.at[i], chip_size, err);
	if (!ret && opt->at)
		ret = selection_place(sel, layout, opt->at, at_len, chip_size, err);
	for (size_t i = 0; i < opt->keep.count && !ret; i++)
		ret = selection_keep(sel, layout, opt->keep.at[i], chip_size, err);
	return ret ? ret : selection_settle(sel, chip_size, err);
}

int selection_precheck(const struct cli_options *opt, const struct layout *layout,
                       struct np_error *err)
{
	struct selection sel;
	int ret = selection_from_options(
		&sel, opt, layout, layout && layout->size ? layout->size : LAYOUT_SIZE_MAX, 1, err);

	selection_free(&sel);
	return ret;
}
