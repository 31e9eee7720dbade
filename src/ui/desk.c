/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/desk.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "ui/show.h"

#define DIFFERENCES_MAX 1000

struct ui_desk {
	pthread_mutex_t lock;
	struct ui_hub *hub;
	norprog *np;
	size_t max;
	norprog_image *image; /* owned; NULL: nothing in hand */
	char *name;           /* owned; for showing */
	char *path;           /* owned; of a backup that was not changed; NULL: bytes alone */
	bool edited;
};

static void largest(void *ctx, const struct norprog_part *part)
{
	size_t *max = ctx;

	if (part->size > *max)
		*max = (size_t)part->size;
}

struct ui_desk *ui_desk_new(struct ui_hub *hub)
{
	struct ui_desk *desk = calloc(1, sizeof(*desk));

	if (!desk || norprog_new(&desk->np)) {
		free(desk);
		return NULL;
	}
	pthread_mutex_init(&desk->lock, NULL);
	desk->hub = hub;
	norprog_parts(largest, &desk->max);
	desk->max *= 2;
	return desk;
}

static void forget(struct ui_desk *desk)
{
	norprog_image_free(desk->image);
	free(desk->name);
	free(desk->path);
	desk->image = NULL;
	desk->name = desk->path = NULL;
	desk->edited = false;
}

void ui_desk_free(struct ui_desk *desk)
{
	if (!desk)
		return;
	forget(desk);
	norprog_free(desk->np);
	pthread_mutex_destroy(&desk->lock);
	free(desk);
}

size_t ui_desk_max(const struct ui_desk *desk)
{
	return desk->max;
}

/* ---- errors ---- */

static int tell(struct ui_desk *desk, int ret, json_t **error)
{
	if (ret)
		*error = ui_show_error(norprog_error(desk->np));
	return ret;
}

static int refuse(json_t **error, const char *message, const char *hint)
{
	*error = ui_show_error(&(struct norprog_error){NORPROG_E_INPUT, message, hint, ""});
	return NORPROG_E_INPUT;
}

static int no_file(json_t **error)
{
	return refuse(error, "there is no file in hand", "choose a file or a backup first");
}

/* ---- the file in hand ---- */

static void publish(struct ui_desk *desk)
{
	json_t *file = NULL;

	if (desk->image)
		file = json_pack("{s:o, s:o, s:b, s:o}", "name", ui_text(desk->name), "backup",
		                 desk->path ? ui_text(desk->path) : json_null(), "edited",
		                 desk->edited, "is", ui_show_image(desk->image));
	ui_hub_put(desk->hub, UI_FILE, file);
}

/* With the lock held; takes `image` over. */
static int hold(struct ui_desk *desk, norprog_image *image, const char *name, const char *path,
                json_t **error)
{
	char *name_copy = strdup(name), *path_copy = path ? strdup(path) : NULL;

	if (!name_copy || (path && !path_copy)) {
		norprog_image_free(image);
		free(name_copy);
		free(path_copy);
		return refuse(error, "out of memory", "");
	}
	forget(desk);
	desk->image = image;
	desk->name = name_copy;
	desk->path = path_copy;
	publish(desk);
	return 0;
}

int ui_desk_take(struct ui_desk *desk, const char *name, const void *data, size_t len,
                 json_t **error)
{
	norprog_image *image = NULL;
	int ret;

	pthread_mutex_lock(&desk->lock);
	if (!len)
		ret = refuse(error, "the file is empty", "choose another one");
	else
		ret = tell(desk, norprog_image_copy(desk->np, data, len, &image), error);
	if (!ret)
		ret = hold(desk, image, name, NULL, error);
	pthread_mutex_unlock(&desk->lock);
	return ret;
}

struct wanted {
	const char *path;
	bool found;
};

static void is_wanted(void *ctx, const struct norprog_backup *backup)
{
	struct wanted *wanted = ctx;

	wanted->found |= strcmp(backup->path, wanted->path) == 0;
}

static int check_backup(struct ui_desk *desk, const char *path, json_t **error)
{
	struct wanted wanted = {path, false};
	int ret = tell(desk, norprog_backups(desk->np, is_wanted, &wanted), error);

	if (!ret && !wanted.found)
		ret = refuse(error, "there is no such backup", "look at the list of backups");
	return ret;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int ui_desk_take_backup(struct ui_desk *desk, const char *path, json_t **error)
{
	norprog_image *image = NULL;
	int ret;

	pthread_mutex_lock(&desk->lock);
	ret = check_backup(desk, path, error);
	if (!ret)
		ret = tell(desk, norprog_image_open(desk->np, path, &image), error);
	if (!ret)
		ret = hold(desk, image, base_name(path), path, error);
	pthread_mutex_unlock(&desk->lock);
	return ret;
}

void ui_desk_drop(struct ui_desk *desk)
{
	pthread_mutex_lock(&desk->lock);
	forget(desk);
	publish(desk);
	pthread_mutex_unlock(&desk->lock);
}

int ui_desk_set_field(struct ui_desk *desk, const char *assignment, json_t **error)
{
	int ret;

	pthread_mutex_lock(&desk->lock);
	if (!desk->image)
		ret = no_file(error);
	else
		ret = tell(desk, norprog_image_set_field(desk->np, desk->image, assignment), error);
	if (!ret) {
		/* What is in memory is no longer what the backup's file holds. */
		free(desk->path);
		desk->path = NULL;
		desk->edited = true;
		publish(desk);
	}
	pthread_mutex_unlock(&desk->lock);
	return ret;
}

/* ---- for jobs ---- */

/* The job's own handle has the error, except where we found it. */
static int supply(struct ui_desk *desk, const struct ui_order *order, norprog_job *job,
                  json_t **error)
{
	const struct norprog_image_info *info = norprog_image_info(desk->image);
	uint64_t strip = 0;
	int ret;

	if (order->backup) {
		ret = check_backup(desk, order->backup, error);
		return ret ? ret : norprog_job_file(job, order->backup);
	}
	if (!info)
		return no_file(error);
	if (desk->path && !order->strip)
		return norprog_job_file(job, desk->path);
	if (order->strip)
		strip = info->strip < info->len ? info->strip : 0;
	return norprog_job_bytes(job, info->data + strip, info->len - (size_t)strip);
}

int ui_desk_supply(struct ui_desk *desk, const struct ui_order *order, norprog_job *job,
                   json_t **error)
{
	int ret;

	pthread_mutex_lock(&desk->lock);
	ret = supply(desk, order, job, error);
	pthread_mutex_unlock(&desk->lock);
	return ret;
}

/* ---- looking ---- */

/* The image of a source, with the lock held; *opened is to be freed. */
static int source_image(struct ui_desk *desk, const char *source, const norprog_image **image,
                        norprog_image **opened, json_t **error)
{
	int ret;

	*opened = NULL;
	if (strcmp(source, "file") == 0) {
		*image = desk->image;
		return desk->image ? 0 : no_file(error);
	}
	ret = check_backup(desk, source, error);
	if (!ret)
		ret = tell(desk, norprog_image_open(desk->np, source, opened), error);
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
		return refuse(error, "out of memory", "");
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

static void add_difference(void *ctx, const struct norprog_difference *difference)
{
	json_t *all = ctx;

	if (json_array_size(all) < DIFFERENCES_MAX)
		json_array_append_new(all, json_pack("{s:I, s:I, s:I, s:b, s:o}", "start",
		                                     (json_int_t)difference->start, "len",
		                                     (json_int_t)difference->len, "bytes",
		                                     (json_int_t)difference->bytes, "unit",
		                                     difference->unit, "guess",
		                                     ui_text(difference->guess)));
}

static int compare(struct ui_desk *desk, const norprog_image *a, const norprog_image *b,
                   json_t **out, json_t **error)
{
	json_t *all = json_array();
	uint64_t bytes = 0;
	int ret = tell(desk, norprog_image_compare(desk->np, a, b, add_difference, all, &bytes),
	               error);

	if (ret) {
		json_decref(all);
		return ret;
	}
	*out = json_pack("{s:I, s:o, s:o, s:o, s:o}", "bytes", (json_int_t)bytes, "differences",
	                 all, "layout", ui_show_layout(norprog_image_info(a)->layout), "fields_a",
	                 ui_show_fields(a), "fields_b", ui_show_fields(b));
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
