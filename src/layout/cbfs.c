/* SPDX-License-Identifier: GPL-2.0-or-later */
/* coreboot's file system by its master header, to which the last four bytes of the flash point.
 * Public: coreboot's cbfs_serialized.h and cbfstool. Newer images have an FMAP as well, which says
 * more. */
#include <string.h>

#include "base/bytes.h"
#include "layout/map.h"
#include "layout/source.h"

#define MAGIC      0x4f524243u /* "ORBC" */
#define HEADER     32u
#define BOOT_LEAST 16u /* a boot block is code; less is the pointer itself */

/* What lies there, in *p. The caller has seen that the flash holds it. */
static int fetch(const struct layout_reader *from, uint64_t start, uint64_t len, const uint8_t **p,
                 struct np_error *err)
{
	*p = from->flash + start;
	return from->need ? from->need(from->ctx, start, len, err) : 0;
}

/* The numbers are those of the boot medium: where the file system begins, and where it ends. */
static int add_regions(struct layout_build *build, const uint8_t *h, uint64_t size,
                       struct np_error *err)
{
	uint64_t end = be32(h + 8), boot = be32(h + 12), start = be32(h + 20);
	int rc;

	if (start >= end || end > size || boot >= end - start)
		return layout_build_fail(build, err, 0, "its CBFS does not lie in this flash");
	if (boot < BOOT_LEAST)
		return layout_map_add(build, "coreboot", 8, start, end - start, err);
	rc = layout_map_add(build, "coreboot", 8, start, end - start, err);
	if (!rc)
		rc = layout_map_add(build, "cbfs", 4, start, end - boot - start, err);
	if (!rc)
		rc = layout_map_add(build, "bootblock", 9, end - boot, boot, err);
	if (!rc)
		build->regions[build->region_count - 1].boot = true;
	return rc;
}

static int read_header(const struct layout_reader *from, struct layout_build *build,
                       struct np_error *err)
{
	const uint8_t *p;
	uint32_t pointer;
	int rc;

	if (from->size < 0x1000)
		return layout_build_fail(build, err, 0, "too small for a CBFS");
	rc = fetch(from, from->size - 4, 4, &p, err);
	if (rc)
		return rc;
	/* As the processor sees it, or counted from the end: the same number. */
	pointer = 0u - le32(p);
	if (pointer < HEADER || pointer > from->size)
		return layout_build_fail(build, err, 0, "no CBFS master header");
	rc = fetch(from, from->size - pointer, HEADER, &p, err);
	if (!rc && be32(p) != MAGIC)
		rc = layout_build_fail(build, err, 0, "no CBFS master header");
	return rc ? rc : add_regions(build, p, from->size, err);
}

int layout_parse_cbfs(const struct layout_reader *from, const char *name, struct layout *layout,
                      struct np_error *err)
{
	struct layout_build *build = layout_map_begin(name, layout, err);

	if (!build)
		return NP_E_MEMORY;
	return layout_map_end(build, read_header(from, build, err), layout, err);
}
