/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The partition map of a flattened device tree. */
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "layout/fdt_sound.h"
#include "layout/map.h"
#include "layout/source.h"

/* ---- device tree ---- */

static uint64_t cells(const fdt32_t *at, int count)
{
	uint64_t value = 0;

	for (int i = 0; i < count; i++)
		value = value << 32 | fdt32_to_cpu(at[i]);
	return value;
}

static int add_partition(struct layout_build *build, const void *fdt, int node, int addr_cells,
                         int size_cells, struct np_error *err)
{
	int len = 0, label_len = 0;
	const fdt32_t *reg = fdt_getprop(fdt, node, "reg", &len);
	const char *label = fdt_getprop(fdt, node, "label", &label_len);

	if (!reg || len < 4 * (addr_cells + size_cells))
		return 0;
	if (!label)
		label = fdt_get_name(fdt, node, &label_len);
	if (!label || label_len < 0)
		return 0;
	return layout_map_add(build, label, (size_t)label_len, cells(reg, addr_cells),
	                      cells(reg + addr_cells, size_cells), err);
}

static int add_partitions(struct layout_build *build, const void *fdt, int parent,
                          struct np_error *err)
{
	int addr_cells = fdt_address_cells(fdt, parent), size_cells = fdt_size_cells(fdt, parent);
	int node, rc = 0;

	if (addr_cells < 1 || addr_cells > 2 || size_cells < 1 || size_cells > 2)
		return layout_build_fail(build, err, 0, "odd #address-cells or #size-cells");
	for (node = fdt_first_subnode(fdt, parent); node >= 0 && !rc;
	     node = fdt_next_subnode(fdt, node))
		rc = add_partition(build, fdt, node, addr_cells, size_cells, err);
	return rc;
}

int layout_parse_fdt(const uint8_t *data, size_t len, const char *name, struct layout *layout,
                     struct np_error *err)
{
	struct layout_build *build = layout_map_begin(name, layout, err);
	const char *model;
	int node, model_len = 0, rc;

	if (!build)
		return NP_E_MEMORY;
	if (!fdt_is_sound(data, len)) {
		rc = layout_build_fail(build, err, 0, "not a sound flattened device tree");
		return layout_map_end(build, rc, layout, err);
	}
	node = fdt_node_offset_by_compatible(data, -1, "fixed-partitions");
	rc = node >= 0 ? add_partitions(build, data, node, err)
	               : layout_build_fail(build, err, 0,
	                                   "no node is compatible with fixed-partitions");
	model = fdt_getprop(data, 0, "model", &model_len);
	if (model && model_len > 0)
		snprintf(build->layout.device, sizeof(build->layout.device), "%.*s", model_len,
		         model);
	return layout_map_end(build, rc, layout, err);
}
