/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/desk_priv.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ui/show.h"

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
	desk->edits = json_object();
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
	json_object_clear(desk->edits);
}

void ui_desk_free(struct ui_desk *desk)
{
	if (!desk)
		return;
	forget(desk);
	norprog_image_free(desk->chip);
	json_decref(desk->edits);
	norprog_free(desk->np);
	pthread_mutex_destroy(&desk->lock);
	free(desk);
}

size_t ui_desk_max(const struct ui_desk *desk)
{
	return desk->max;
}

/* ---- errors ---- */

int ui_desk_tell(struct ui_desk *desk, int ret, json_t **error)
{
	if (ret)
		*error = ui_show_error(norprog_error(desk->np));
	return ret;
}

int ui_desk_refuse(json_t **error, const char *message, const char *hint)
{
	*error = ui_show_error(&(struct norprog_error){NORPROG_E_INPUT, message, hint, ""});
	return NORPROG_E_INPUT;
}

int ui_desk_no_file(json_t **error)
{
	return ui_desk_refuse(error, "there is no file in hand", "choose a file or a backup first");
}

/* ---- the file in hand ---- */

/* As an order takes them: ["mac=a0:f3:c1:00:00:01"]. */
static json_t *show_edits(struct ui_desk *desk)
{
	json_t *all = json_array(), *assignment;
	const char *name;

	json_object_foreach(desk->edits, name, assignment)
	{
		json_array_append(all, assignment);
	}
	return all;
}

static void publish(struct ui_desk *desk)
{
	json_t *file = NULL;

	if (desk->image)
		file = json_pack("{s:o, s:o, s:o, s:o}", "name", ui_text(desk->name), "backup",
		                 desk->path ? ui_text(desk->path) : json_null(), "set",
		                 show_edits(desk), "is", ui_show_image(desk->image));
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
		return ui_desk_refuse(error, "out of memory", "");
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
		ret = ui_desk_refuse(error, "the file is empty", "choose another one");
	else
		ret = ui_desk_tell(desk, norprog_image_copy(desk->np, data, len, &image), error);
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

int ui_desk_check_backup(struct ui_desk *desk, const char *path, json_t **error)
{
	struct wanted wanted = {path, false};
	int ret = ui_desk_tell(desk, norprog_backups(desk->np, is_wanted, &wanted), error);

	if (!ret && !wanted.found)
		ret = ui_desk_refuse(error, "there is no such backup",
		                     "look at the list of backups");
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
	ret = ui_desk_check_backup(desk, path, error);
	if (!ret)
		ret = ui_desk_tell(desk, norprog_image_open(desk->np, path, &image), error);
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

/* A field that is set again replaces its earlier value in the list. */
static int remember_edit(struct ui_desk *desk, const char *assignment, json_t **error)
{
	char name[64];
	size_t len = strcspn(assignment, "=");
	json_t *text = json_string(assignment);

	if (len < sizeof(name) && text) {
		memcpy(name, assignment, len);
		name[len] = '\0';
		if (json_object_set_new(desk->edits, name, text) == 0)
			return 0;
		text = NULL;
	}
	json_decref(text);
	return ui_desk_refuse(error, "the value cannot be kept", "set it again");
}

int ui_desk_set_field(struct ui_desk *desk, const char *assignment, json_t **error)
{
	int ret;

	pthread_mutex_lock(&desk->lock);
	if (!desk->image)
		ret = ui_desk_no_file(error);
	else
		ret = ui_desk_tell(desk, norprog_image_set_field(desk->np, desk->image, assignment),
		                   error);
	if (!ret) {
		/* What is in memory is no longer what the backup's file holds. */
		free(desk->path);
		desk->path = NULL;
		ret = remember_edit(desk, assignment, error);
		publish(desk);
	}
	pthread_mutex_unlock(&desk->lock);
	return ret;
}

/* ---- for jobs ---- */

/* What was set in the file has to reach the chip: a plan that keeps the chip's own value would undo
 * it without a word. */
static int check_edits(struct ui_desk *desk, const struct ui_order *order, json_t **error)
{
	json_t *assignment;
	const char *name;

	json_object_foreach(desk->edits, name, assignment)
	{
		bool meant = false;

		for (size_t i = 0; i < order->set.count; i++)
			meant |= strcmp(order->set.at[i], json_string_value(assignment)) == 0;
		if (!meant && order->keep.count)
			return ui_desk_refuse(
				error, "a value was set in the file that this plan would not write",
				"make the plan again");
	}
	return 0;
}

/* The error is in the job's handle, unless it was found here. */
static int supply(struct ui_desk *desk, const struct ui_order *order, norprog_job *job,
                  json_t **error)
{
	const struct norprog_image_info *info = norprog_image_info(desk->image);
	uint64_t strip = 0;
	int ret;

	if (order->backup) {
		ret = ui_desk_check_backup(desk, order->backup, error);
		return ret ? ret : norprog_job_file(job, order->backup);
	}
	if (!info)
		return ui_desk_no_file(error);
	ret = check_edits(desk, order, error);
	if (ret)
		return ret;
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

/* ---- the chip ---- */

int ui_desk_take_chip(struct ui_desk *desk, const char *name, const char *layout, const void *data,
                      size_t len, json_t **error)
{
	norprog_image *image = NULL;
	int ret;

	pthread_mutex_lock(&desk->lock);
	ret = ui_desk_tell(desk, norprog_image_copy(desk->np, data, len, &image), error);
	if (!ret && layout)
		ret = ui_desk_tell(desk, norprog_image_set_layout(desk->np, image, layout), error);
	if (ret) {
		norprog_image_free(image);
	} else {
		norprog_image_free(desk->chip);
		desk->chip = image;
		ui_hub_put(desk->hub, UI_READ,
		           json_pack("{s:o, s:I, s:o}", "name", ui_text(name), "time",
		                     (json_int_t)time(NULL), "is", ui_show_image(image)));
	}
	pthread_mutex_unlock(&desk->lock);
	return ret;
}

void ui_desk_drop_chip(struct ui_desk *desk)
{
	pthread_mutex_lock(&desk->lock);
	norprog_image_free(desk->chip);
	desk->chip = NULL;
	ui_hub_put(desk->hub, UI_READ, NULL);
	pthread_mutex_unlock(&desk->lock);
}
