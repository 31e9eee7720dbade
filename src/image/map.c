/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/map.h"

#include "image/image.h"
#include "layout/source.h"

static int parse_part(const struct image_part *part, const uint8_t *data, size_t len,
                      const char *name, struct layout *layout, struct np_error *err)
{
	const uint8_t *at = data + part->start;
	const char *text = (const char *)at;

	switch (part->kind) {
	case PART_SAFE_TABLE:
		return layout_parse_safe_table(text, part->len, name, layout, err);
	case PART_PARTITIONS:
		return text[0] == 'm'
		               ? layout_parse_mtdparts(text, part->len, len, name, layout, err)
		               : layout_parse_partitions(text, part->len, name, layout, err);
	case PART_FDT:
		return layout_parse_fdt(at, part->len, name, layout, err);
	case PART_FMAP:
		return layout_parse_fmap(at, part->len, name, layout, err);
	case PART_IFD:
		return layout_parse_ifd(data, len, len, name, layout, err);
	default:
		return NP_E_INPUT;
	}
}

int image_find_map(const uint8_t *data, size_t len, const char *name, struct layout *layout,
                   bool *found, struct np_error *err)
{
	static const enum image_part_kind order[] = {PART_SAFE_TABLE, PART_PARTITIONS, PART_FDT,
	                                             PART_FMAP, PART_IFD};
	struct image_parts parts;
	int rc = image_scan(data, len, &parts, err);

	*found = false;
	if (rc)
		return rc;
	for (size_t k = 0; k < sizeof(order) / sizeof(order[0]) && !*found; k++) {
		for (size_t i = 0; i < parts.count && !*found; i++) {
			struct np_error ignored;

			if (parts.at[i].kind != order[k] ||
			    parse_part(&parts.at[i], data, len, name, layout, &ignored))
				continue;
			*found = layout_check(layout, len, &ignored) == 0;
			if (!*found)
				layout_free(layout);
		}
	}
	image_parts_free(&parts);
	return 0;
}
