/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clip: who is on it, how well it holds, whose flash it is. */
#include "ui/bench_priv.h"

#include <stdlib.h>
#include <string.h>

#include "ui/show.h"

#define CONTACT_READS 16
#define UNIT_BYTES    (1u << 20) /* of unit data that are read to show fields: about a second */

/* ---- showing ---- */

static void add_programmer(void *ctx, const struct norprog_programmer *programmer)
{
	json_array_append_new(ctx, ui_show_programmer(programmer));
}

static json_t *show_protection(struct ui_bench *bench)
{
	const struct norprog_protection *protection;

	if (!bench->detected || norprog_protection(bench->np, &protection))
		return json_null();
	return ui_show_protection(protection);
}

static json_t *show_clip(struct ui_bench *bench, json_t *programmers, json_t *protection)
{
	const struct norprog_chip *chip = bench->detected ? norprog_chip(bench->np) : NULL;

	return json_pack("{s:o, s:b, s:o, s:o, s:i, s:i, s:O, s:o}", "programmers", programmers,
	                 "open", bench->open, "spec", ui_text(bench->spec), "chip",
	                 chip ? ui_show_chip(chip) : json_null(), "agreed", bench->agreed, "reads",
	                 CONTACT_READS, "error",
	                 bench->clip_error ? bench->clip_error : json_null(), "protection",
	                 protection);
}

static void publish_clip(struct ui_bench *bench)
{
	json_t *programmers = json_array();

	norprog_programmers(bench->np, add_programmer, programmers);
	ui_hub_put(bench->hub, UI_CLIP, show_clip(bench, programmers, show_protection(bench)));
}

static void add_unfinished(void *ctx, const struct norprog_unfinished *job)
{
	json_array_append_new(ctx, ui_show_unfinished(job));
}

static void add_backup(void *ctx, const struct norprog_backup *backup)
{
	json_array_append_new(ctx, ui_show_backup(backup));
}

/* Backups and unfinished jobs. */
static void ui_clip_kept(struct ui_bench *bench)
{
	json_t *unfinished = json_array(), *backups = json_array();

	norprog_unfinished_jobs(bench->np, add_unfinished, unfinished);
	norprog_backups(bench->np, add_backup, backups);
	ui_hub_put(bench->hub, UI_KEPT,
	           json_pack("{s:o, s:o}", "unfinished", unfinished, "backups", backups));
}

/* ---- the device ---- */

/* Reads what belongs to the unit into an image that is blank elsewhere. */
static int read_unit(struct ui_bench *bench, uint8_t *image)
{
	const norprog_layout *layout = norprog_layout_in_force(bench->np);
	const struct norprog_region *region;
	uint64_t size = norprog_chip(bench->np)->size, sum = 0;
	int ret = 0;

	for (size_t i = 0; !ret && (region = norprog_layout_region(layout, i)); i++) {
		if (!region->unit || region->start >= size || region->len > size - region->start)
			continue;
		sum += region->len;
		if (sum > UNIT_BYTES)
			return NORPROG_E_RANGE;
		ret = norprog_read(bench->np, region->start, image + region->start,
		                   (size_t)region->len, 1);
	}
	return ret;
}

/* The values of this unit. A layout without a profile of fields has none. */
static json_t *unit_fields(struct ui_bench *bench, const char *layout)
{
	size_t size = (size_t)norprog_chip(bench->np)->size;
	uint8_t *bytes = malloc(size);
	norprog_image *image = NULL;
	json_t *fields = NULL;

	if (!bytes)
		return json_array();
	memset(bytes, 0xff, size);
	if (read_unit(bench, bytes) == 0 &&
	    norprog_image_copy(bench->np, bytes, size, &image) == 0 &&
	    norprog_image_set_layout(bench->np, image, layout) == 0)
		fields = ui_show_fields(image);
	norprog_image_free(image);
	free(bytes);
	return fields ? fields : json_array();
}

static json_t *show_device(struct ui_bench *bench)
{
	const struct norprog_device *device = NULL;
	const struct norprog_layout_info *info;
	const norprog_layout *layout;
	json_t *recognised = json_null(), *fields;

	if (norprog_recognise(bench->np, &device) == 0)
		recognised =
			json_pack("{s:o, s:o, s:o, s:o, s:b}", "name", ui_text(device->name),
		                  "device", ui_text(device->device), "why", ui_text(device->why),
		                  "also", ui_text(device->also), "ambiguous", device->ambiguous);
	layout = norprog_layout_in_force(bench->np);
	info = norprog_layout_info(layout);
	fields = info ? unit_fields(bench, info->name) : json_array();
	layout = norprog_layout_in_force(bench->np);
	return json_pack("{s:o, s:o, s:o, s:O?}", "recognised", recognised, "layout",
	                 ui_show_layout(layout), "fields", fields, "error", bench->layout_error);
}

void ui_clip_device(struct ui_bench *bench)
{
	ui_hub_put(bench->hub, UI_DEVICE, bench->detected ? show_device(bench) : NULL);
	ui_clip_kept(bench);
}

/* ---- looking ---- */

static void keep_error(struct ui_bench *bench, int ret)
{
	json_decref(bench->clip_error);
	bench->clip_error = ret ? ui_show_error(norprog_error(bench->np)) : NULL;
}

/* The chip's name is told before the slower question whose flash it is. */
static void detect(struct ui_bench *bench)
{
	const struct norprog_chip *chip = NULL;
	int ret = norprog_detect(bench->np, &chip);

	bench->detected = ret == 0;
	bench->contact_lost = false;
	bench->agreed = CONTACT_READS;
	keep_error(bench, ret);
	ui_hub_map(bench->hub, chip ? chip->size : 0);
	ui_desk_drop_chip(bench->desk); /* it may be another one */
	publish_clip(bench);
	ui_clip_device(bench);
}

void ui_clip_look(struct ui_bench *bench)
{
	int ret;

	bench->detected = false;
	ret = norprog_open(bench->np, bench->spec);
	bench->open = ret == 0;
	if (bench->open) {
		detect(bench);
		return;
	}
	keep_error(bench, ret);
	publish_clip(bench);
	ui_clip_device(bench);
}

void ui_clip_examine(struct ui_bench *bench)
{
	const struct norprog_diagnosis *found = NULL;
	int ret;

	ui_hub_put(bench->hub, UI_DOCTOR, json_pack("{s:b}", "running", true));
	bench->open = bench->detected = false;
	ret = norprog_doctor(bench->np, bench->spec, &found);
	ui_hub_put(bench->hub, UI_DOCTOR,
	           ret ? json_pack("{s:o}", "error", ui_show_error(norprog_error(bench->np)))
	               : ui_show_diagnosis(found));
	ui_bench_settle(bench);
	ui_clip_look(bench);
}

static void look_at_contact(struct ui_bench *bench)
{
	unsigned agreed = 0;
	int ret = norprog_contact(bench->np, CONTACT_READS, &agreed);

	if (ret)
		agreed = 0;
	/* Back after it was lost: it may be another chip. */
	if (bench->contact_lost && agreed) {
		detect(bench);
		return;
	}
	bench->contact_lost = !agreed;
	if (agreed == bench->agreed)
		return;
	bench->agreed = agreed;
	publish_clip(bench);
}

/* Programmers and clips come and go: look again while a page is open and no job runs. */
void ui_clip_tick(struct ui_bench *bench)
{
	if (!ui_hub_watchers(bench->hub) || bench->job || bench->looking)
		return;
	norprog_stop_clear(bench->np);
	if (!bench->open)
		ui_clip_look(bench);
	else if (!bench->detected)
		detect(bench);
	else
		look_at_contact(bench);
}
