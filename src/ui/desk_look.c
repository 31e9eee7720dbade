/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking into files and what was read of the chip: bytes, search, comparison, layouts. */
#include "ui/desk_priv.h"

#include <stdlib.h>
#include <string.h>

#include "ui/show.h"

#define DIFFERENCES_MAX 1000 /* that are listed; all are counted */

/* ---- sources ---- */

/* The image of a source, with the lock held; *opened is to be freed. */
static int source_image(struct ui_desk *desk, const char *source, const norprog_image **image,
                        norprog_image **opened, json_t **error)
{
	int ret;

	*opened = NULL;
	if (strcmp(source, "file") == 0) {
		*image = desk->image;
		return desk->image ? 0 : ui_desk_no_file(error);
	}
	if (strcmp(source, "read") == 0) {
		*image = desk->chip;
		return desk->chip ? 0
		                  : ui_desk_refuse(error, "the chip was not read yet",
		                                   "read it first");
	}
	ret = ui_desk_check_backup(desk, source, error);
	if (!ret)
		ret = ui_desk_tell(desk, norprog_image_open(desk->np, source, opened), error);
	*image = *opened;
	return ret;
}

static int copy_bytes(const norprog_image *image, uint64_t start, uint64_t len, uint8_t **data,
                      size_t *got, json_t **error)
{
	const struct norprog_image_info *info = norprog_image_info(image);

	if (start > info->len)
		start = info->len;
	if (!len || len > info->len - start)
		len = info->len - start;
	*data = malloc(len ? len : 1);
	if (!*data)
		return ui_desk_refuse(error, "out of memory", "");
	memcpy(*data, info->data + start, len);
	*got = (size_t)len;
	return 0;
}

int ui_desk_bytes(struct ui_desk *desk, const char *source, uint64_t start, uint64_t len,
                  uint8_t **data, size_t *got, json_t **error)
{
	const norprog_image *image = NULL;
	norprog_image *opened;
	int ret;

	pthread_mutex_lock(&desk->lock);
	ret = source_image(desk, source, &image, &opened, error);
	if (!ret)
		ret = copy_bytes(image, start, len, data, got, error);
	norprog_image_free(opened);
	pthread_mutex_unlock(&desk->lock);
	return ret;
}

int ui_desk_find(struct ui_desk *desk, const char *source, uint64_t start, const void *pattern,
                 size_t len, uint64_t *at, json_t **error)
{
	const struct norprog_image_info *info;
	const norprog_image *image = NULL;
	norprog_image *opened;
	const uint8_t *hit = NULL;
	int ret;

	pthread_mutex_lock(&desk->lock);
	ret = source_image(desk, source, &image, &opened, error);
	info = ret ? NULL : norprog_image_info(image);
	if (info && len && start < info->len)
		hit = memmem(info->data + start, info->len - (size_t)start, pattern, len);
	*at = hit ? (uint64_t)(hit - info->data) : UINT64_MAX;
	norprog_image_free(opened);
	pthread_mutex_unlock(&desk->lock);
	return ret;
}

struct differences {
	json_t *all;
	uint64_t count;
};

static void add_difference(void *ctx, const struct norprog_difference *difference)
{
	struct differences *differences = ctx;

	if (differences->count++ < DIFFERENCES_MAX)
		json_array_append_new(
			differences->all,
			json_pack("{s:I, s:I, s:I, s:b, s:o}", "start",
		                  (json_int_t)difference->start, "len", (json_int_t)difference->len,
		                  "bytes", (json_int_t)difference->bytes, "unit", difference->unit,
		                  "guess", ui_text(difference->guess)));
}

static uint64_t differing(const uint8_t *a, const uint8_t *b, uint64_t len)
{
	uint64_t count = 0;

	for (uint64_t i = 0; i < len; i++)
		count += a[i] != b[i];
	return count;
}

static void add_part(json_t *parts, const char *name, bool unit, uint64_t start, uint64_t len,
                     uint64_t bytes)
{
	if (bytes)
		json_array_append_new(parts,
		                      json_pack("{s:o, s:b, s:I, s:I, s:I}", "name", ui_text(name),
		                                "unit", unit, "start", (json_int_t)start, "len",
		                                (json_int_t)len, "bytes", (json_int_t)bytes));
}

/* How many bytes differ in each region, and between regions (a part without a name). */
static json_t *count_parts(const struct norprog_image_info *a, const struct norprog_image_info *b,
                           const norprog_layout *layout)
{
	json_t *parts = json_array();
	const struct norprog_region *region;
	uint64_t at = 0, end;

	for (size_t i = 0; (region = norprog_layout_region(layout, i)); i++) {
		if (region->start < at || region->start > a->len)
			continue;
		add_part(parts, "", false, at, region->start - at,
		         differing(a->data + at, b->data + at, region->start - at));
		end = region->len < a->len - region->start ? region->start + region->len : a->len;
		add_part(parts, region->name, region->unit, region->start, end - region->start,
		         differing(a->data + region->start, b->data + region->start,
		                   end - region->start));
		at = end;
	}
	add_part(parts, "", false, at, a->len - at,
	         differing(a->data + at, b->data + at, a->len - at));
	return parts;
}

static int compare(struct ui_desk *desk, const norprog_image *a, const norprog_image *b,
                   json_t **out, json_t **error)
{
	const struct norprog_image_info *one = norprog_image_info(a),
					*other = norprog_image_info(b);
	const norprog_layout *layout = one->layout ? one->layout : other->layout;
	struct differences differences = {json_array(), 0};
	uint64_t bytes = 0;
	int ret = ui_desk_tell(
		desk, norprog_image_compare(desk->np, a, b, add_difference, &differences, &bytes),
		error);

	if (ret) {
		json_decref(differences.all);
		return ret;
	}
	*out = json_pack("{s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "bytes", (json_int_t)bytes, "count",
	                 (json_int_t)differences.count, "differences", differences.all, "parts",
	                 count_parts(one, other, layout), "layout", ui_show_layout(layout),
	                 "fields_a", ui_show_fields(a), "fields_b", ui_show_fields(b));
	return 0;
}

int ui_desk_compare(struct ui_desk *desk, const char *a, const char *b, json_t **out,
                    json_t **error)
{
	const norprog_image *one = NULL, *other = NULL;
	norprog_image *opened = NULL, *opened_other = NULL;
	int ret;

	pthread_mutex_lock(&desk->lock);
	ret = source_image(desk, a, &one, &opened, error);
	if (!ret)
		ret = source_image(desk, b, &other, &opened_other, error);
	if (!ret)
		ret = compare(desk, one, other, out, error);
	norprog_image_free(opened);
	norprog_image_free(opened_other);
	pthread_mutex_unlock(&desk->lock);
	return ret;
}

/* ---- layouts ---- */

json_t *ui_desk_layouts(struct ui_desk *desk, const char *pattern)
{
	json_t *names = json_array(), *full = json_null();
	norprog_layout *layout;
	const char *name;

	pthread_mutex_lock(&desk->lock);
	for (size_t i = 0; (name = norprog_layout_name(i)); i++) {
		const struct norprog_layout_info *info;

		if (norprog_layout_load(desk->np, name, &layout))
			continue;
		info = norprog_layout_info(layout);
		if (strcasestr(info->name, pattern) || strcasestr(info->device, pattern))
			json_array_append_new(names, json_pack("{s:o, s:o, s:I}", "name",
			                                       ui_text(info->name), "device",
			                                       ui_text(info->device), "size",
			                                       (json_int_t)info->size));
		norprog_layout_free(layout);
	}
	/* A name is looked up among the boards as well; a path would be a file, and is not. */
	if (*pattern && !strpbrk(pattern, "/.") &&
	    norprog_layout_load(desk->np, pattern, &layout) == 0) {
		full = ui_show_layout(layout);
		norprog_layout_free(layout);
	}
	pthread_mutex_unlock(&desk->lock);
	return json_pack("{s:o, s:o}", "profiles", names, "layout", full);
}
