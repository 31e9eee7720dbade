/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files and dumps: what they are, their fields, their differences. */
#include "api/api_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "device/field.h"
#include "device/identify.h"
#include "device/load.h"
#include "image/image.h"
#include "image/map.h"
#include "image/open.h"

#define IMAGE_MAX ((size_t)1 << 30)

/* The public view of a field and the texts it points to. */
struct image_field {
	struct norprog_field pub;
	struct unit_value value;
};

struct norprog_image {
	struct norprog_image_info info;
	struct image_report report; /* owned */
	norprog_layout *layout;     /* owned; NULL: none */
	struct image_field *fields; /* owned */
	size_t field_count;
	uint8_t *data; /* owned */
	size_t len;
};

/* ---- what it is ---- */

static int read_fields(norprog_image *image, struct np_error *err)
{
	const struct layout *layout = image->layout ? &image->layout->layout : NULL;
	size_t count = layout ? layout->field_count : 0;

	free(image->fields);
	image->field_count = 0;
	image->fields = calloc(count + 1, sizeof(*image->fields));
	if (!image->fields)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++) {
		const struct layout_field *from = &layout->fields[i];
		struct image_field *to = &image->fields[image->field_count];

		if (!unit_field_read(from, image->data, image->len, &to->value))
			continue;
		to->pub =
			(struct norprog_field){.name = from->name,
		                               .type = unit_type_name(from->type),
		                               .start = from->start,
		                               .len = from->len,
		                               .value = to->value.text,
		                               .flaw = to->value.flaw,
		                               .doubt = from->doubt,
		                               .state = (enum norprog_field_state)to->value.state};
		image->field_count++;
	}
	return 0;
}

static void describe(norprog_image *image)
{
	const struct image_report *report = &image->report;

	image->info = (struct norprog_image_info){.data = image->data,
	                                          .len = image->len,
	                                          .kind = image_kind_name(report->kind),
	                                          .text = report->text,
	                                          .why = report->why,
	                                          .profile = report->profile,
	                                          .has_place = report->has_place,
	                                          .place = report->place,
	                                          .region = report->region,
	                                          .strip = report->strip,
	                                          .truncated = report->truncated,
	                                          .damaged = report->damaged,
	                                          .layout = image->layout};
}

/* The profile that is recognised, else the map it carries; where two could be meant, none. */
static int find_layout(norprog_image *image, const struct image_trees *trees, struct np_error *err)
{
	struct recognition found;
	struct layout layout = {0};
	bool has = false;
	int ret = recognise_dump_with(image->data, image->len, trees, &found, err);

	if (ret || (found.name[0] && !recognise_certain(&found)))
		return ret;
	if (found.name[0])
		ret = recognise_load_with(&found, image->data, image->len, trees, &layout, err);
	else
		ret = image_find_map_with(image->data, image->len, &image->report.parts, trees,
		                          "found inside", &layout, &has, err);
	if (ret || (!found.name[0] && !has))
		return ret;
	return api_layout_wrap(&layout, &image->layout, err);
}

static int identify(norprog_image *image, const struct image_trees *trees, struct np_error *err)
{
	image_report_free(&image->report);
	memset(&image->report, 0, sizeof(image->report));
	return image_identify_with(image->data, image->len, trees, &image->report, err);
}

/* After a change. */
static int look(norprog_image *image, struct np_error *err)
{
	int ret = identify(image, NULL, err);

	if (!ret)
		ret = read_fields(image, err);
	describe(image);
	return ret;
}

/* The first time: kernels are unpacked once for all that ask. */
static int look_at_all(norprog_image *image, struct np_error *err)
{
	struct image_trees trees;
	int ret = image_find_trees(image->data, image->len, &trees, err);

	if (!ret)
		ret = identify(image, &trees, err);
	if (!ret)
		ret = find_layout(image, &trees, err);
	image_trees_free(&trees);
	if (!ret)
		ret = read_fields(image, err);
	describe(image);
	return ret;
}

/* ---- making and freeing ---- */

/* Takes over `data`. */
static int make(norprog *np, uint8_t *data, size_t len, norprog_image **out)
{
	norprog_image *image = calloc(1, sizeof(*image));
	int ret;

	if (!image) {
		free(data);
		return np_fail(&np->err, NORPROG_E_MEMORY, "out of memory");
	}
	image->data = data;
	image->len = len;
	ret = look_at_all(image, &np->err);
	if (ret) {
		norprog_image_free(image);
		return ret;
	}
	*out = image;
	return 0;
}

static int open_file(norprog *np, const char *path, norprog_image **image)
{
	struct image_opened opened = {0};
	uint8_t *data = NULL;
	size_t len = 0;
	int ret = np_io_read(path, IMAGE_MAX, &data, &len, &np->err);

	if (!ret && !len)
		ret = np_fail(&np->err, NORPROG_E_INPUT, "%s is empty", path);
	if (!ret)
		ret = image_open(data, len, path, &opened, &np->err);
	if (!ret && opened.owned) {
		free(data);
		data = opened.owned;
		len = opened.len;
		opened.owned = NULL;
	}
	image_opened_free(&opened);
	if (!ret)
		return make(np, data, len, image);
	free(data);
	return ret;
}

int norprog_image_open(norprog *np, const char *path, norprog_image **image)
{
	struct api_scope scope;
	int ret = api_enter(np, &scope);

	if (image)
		*image = NULL;
	if (ret)
		return ret;
	ret = path && image ? open_file(np, path, image) : api_null(np, "path or image");
	return api_leave(np, &scope, ret);
}

static int copy_bytes(norprog *np, const void *data, size_t len, norprog_image **image)
{
	uint8_t *copy;

	if (!data || !image)
		return api_null(np, "data or image");
	if (!len || len > IMAGE_MAX)
		return np_fail(&np->err, NORPROG_E_USAGE, "%zu bytes are no image", len);
	copy = malloc(len);
	if (!copy)
		return np_fail(&np->err, NORPROG_E_MEMORY, "out of memory");
	memcpy(copy, data, len);
	return make(np, copy, len, image);
}

int norprog_image_copy(norprog *np, const void *data, size_t len, norprog_image **image)
{
	struct api_scope scope;
	int ret = api_enter(np, &scope);

	if (image)
		*image = NULL;
	return ret ? ret : api_leave(np, &scope, copy_bytes(np, data, len, image));
}

void norprog_image_free(norprog_image *image)
{
	if (!image)
		return;
	image_report_free(&image->report);
	norprog_layout_free(image->layout);
	free(image->fields);
	free(image->data);
	free(image);
}

const struct norprog_image_info *norprog_image_info(const norprog_image *image)
{
	return image ? &image->info : NULL;
}

const struct norprog_field *norprog_image_field(const norprog_image *image, size_t index)
{
	return image && index < image->field_count ? &image->fields[index].pub : NULL;
}

/* ---- changing ---- */

static int set_layout(norprog *np, norprog_image *image, const char *spec)
{
	norprog_layout *made = NULL;
	struct layout layout;
	int ret = layout_load(spec, &layout, &np->err);

	if (ret)
		return ret;
	ret = layout_fit(&layout, image->len, &np->err);
	if (ret) {
		layout_free(&layout);
		return ret;
	}
	ret = api_layout_wrap(&layout, &made, &np->err);
	if (ret)
		return ret;
	norprog_layout_free(image->layout);
	image->layout = made;
	return look(image, &np->err);
}

int norprog_image_set_layout(norprog *np, norprog_image *image, const char *spec)
{
	struct api_scope scope;
	int ret = api_enter(np, &scope);

	if (ret)
		return ret;
	ret = image && spec ? set_layout(np, image, spec) : api_null(np, "image or spec");
	return api_leave(np, &scope, ret);
}

static int need_layout(norprog *np, const norprog_image *image)
{
	if (image->layout)
		return 0;
	np_fail(&np->err, NORPROG_E_INPUT, "no device was recognised in the image");
	return np_hint(&np->err, "give its layout with norprog_image_set_layout()");
}

static int set_field(norprog *np, norprog_image *image, const char *assignment)
{
	int ret = need_layout(np, image);

	if (!ret)
		ret = unit_field_set(&image->layout->layout, assignment, image->data, image->len,
		                     NULL, &np->err);
	return ret ? ret : look(image, &np->err);
}

int norprog_image_set_field(norprog *np, norprog_image *image, const char *assignment)
{
	struct api_scope scope;
	int ret = api_enter(np, &scope);

	if (ret)
		return ret;
	ret = image && assignment ? set_field(np, image, assignment)
	                          : api_null(np, "image or assignment");
	return api_leave(np, &scope, ret);
}

/* ---- out of it ---- */

static int save(norprog *np, const norprog_image *image, const char *what, const char *path)
{
	const struct layout *layout = image->layout ? &image->layout->layout : NULL;
	struct np_ranges set = {0};
	struct np_io_out out;
	int ret;

	if (!what)
		return np_io_save(path, image->data, image->len, NP_IO_NEW, &np->err);
	ret = layout_resolve(layout, what, image->len, &set, &np->err);
	if (ret)
		return ret;
	ret = np_io_create(&out, path, NP_IO_NEW, &np->err);
	for (size_t i = 0; i < set.count && !ret; i++)
		ret = np_io_write(&out, image->data + set.at[i].start, set.at[i].len, &np->err);
	if (!ret)
		ret = np_io_commit(&out, NULL, &np->err);
	np_io_abort(&out);
	np_ranges_free(&set);
	return ret;
}

int norprog_image_save(norprog *np, const norprog_image *image, const char *what, const char *path)
{
	struct api_scope scope;
	int ret = api_enter(np, &scope);

	if (ret)
		return ret;
	ret = image && path ? save(np, image, what, path) : api_null(np, "image or path");
	return api_leave(np, &scope, ret);
}

static int compare(norprog *np, const norprog_image *a, const norprog_image *b,
                   norprog_difference_fn *fn, void *ctx, uint64_t *bytes)
{
	const struct layout *layout = a->layout ? &a->layout->layout : NULL;
	struct image_diff diff = {0};
	int ret;

	if (a->len != b->len)
		return np_fail(&np->err, NORPROG_E_SIZE, "one has %zu bytes, the other %zu", a->len,
		               b->len);
	ret = image_diff(a->data, b->data, a->len, layout, &diff, &np->err);
	for (size_t i = 0; i < diff.count && !ret; i++) {
		const struct image_island *from = &diff.islands[i];
		struct norprog_difference one = {.start = from->start,
		                                 .len = from->len,
		                                 .bytes = from->bytes,
		                                 .unit = from->unit,
		                                 .guess = from->guess};

		fn(ctx, &one);
	}
	if (!ret && bytes)
		*bytes = diff.bytes;
	image_diff_free(&diff);
	return ret;
}

int norprog_image_compare(norprog *np, const norprog_image *a, const norprog_image *b,
                          norprog_difference_fn *fn, void *ctx, uint64_t *bytes)
{
	struct api_scope scope;
	int ret = api_enter(np, &scope);

	if (ret)
		return ret;
	ret = a && b && fn ? compare(np, a, b, fn, ctx, bytes) : api_null(np, "a, b or fn");
	return api_leave(np, &scope, ret);
}
