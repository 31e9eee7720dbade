/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which device is this flash from? Finds the layout whose unit data are guarded: the job's own
 * where that is a profile, else the built-in profile that fits. Done once a job. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/chip_map.h"
#include "device/field.h"
#include "image/pc_map.h"
#include "job/gate/fields.h"
#include "job/write.h"
#include "store/backup_find.h"

#define WORTH_NS \
	1000000000u /* reads that take longer are replaced by a backup of this very
			        chip, where there is one */

/* ---- by a few places of the chip ---- */

static int load_places(const struct backup_found *found, const struct np_ranges *from,
                       uint8_t *image, struct np_error *err)
{
	int ret = 0;

	for (size_t i = 0; i < from->count && !ret; i++)
		ret = segments_read(&found->file, from->at[i].start, image + from->at[i].start,
		                    from->at[i].len, err);
	return ret;
}

/* Blocks that later jobs changed are in no backup; they stay in `places` and are read. */
static int take_places(const struct backup_found *found, struct np_ranges *places, uint8_t *image,
                       struct np_error *err)
{
	struct np_ranges from = {0};
	int ret = np_ranges_add_all(&from, places, err);

	if (!ret)
		ret = np_ranges_remove_all(&from, &found->unknown, err);
	if (!ret)
		ret = load_places(found, &from, image, err);
	if (!ret)
		ret = np_ranges_remove_all(places, &from, err);
	np_ranges_free(&from);
	return ret;
}

/* Over a slow line, fill `places` from the last whole backup of this very chip, known by its unique
 * ID, and leave in the set what must be read. The gate layout-fit still looks at the chip's MAC. */
static int places_from_backup(struct run *run, const char *own_file, struct np_ranges *places,
                              uint8_t *image, struct np_error *err)
{
	const struct job *job = run->job;
	struct backup_found found;
	int ret;

	if (!job->state_dir || !job->state_dir[0] || !nor_info(job->nor)->uid_len ||
	    nor_cost_read_ns(run->nor, np_ranges_bytes(places)) < WORTH_NS)
		return 0;
	ret = backup_find(&run->store, own_file, NULL, &found, err);
	if (!ret && found.path[0]) {
		run_tell(run, NP_EV_NOTE, "device known from your backup of %s (%s)", found.date,
		         found.path);
		ret = take_places(&found, places, image, err);
	}
	backup_found_free(&found);
	return ret;
}

/* A handful of small places goes down the wire as one queue: a round trip each would cost more than
 * the bytes. */
#define SPOT      32
#define SPOTS_MAX 64

/* As long as the longest place, so that eight bytes here and there cost no more than that. */
static size_t spot_len(const struct np_ranges *places)
{
	uint64_t len = 1;

	for (size_t i = 0; i < places->count; i++)
		len = places->at[i].len > len ? places->at[i].len : len;
	return len < SPOT ? (size_t)len : SPOT;
}

static size_t count_spots(const struct np_ranges *places)
{
	size_t count = 0;

	for (size_t i = 0; i < places->count; i++)
		count += (size_t)((places->at[i].len + SPOT - 1) / SPOT);
	return count;
}

static int read_spots(struct run *run, const uint32_t *addrs, size_t count, size_t len,
                      uint8_t *image, struct np_error *err)
{
	uint8_t bytes[SPOTS_MAX * SPOT];
	int ret = run_step(run, err);

	if (!ret)
		ret = nor_read_spots(run->nor, addrs, count, len, bytes, err);
	for (size_t i = 0; i < count && !ret; i++)
		memcpy(image + addrs[i], bytes + i * len, len);
	return ret;
}

static int read_all_spots(struct run *run, const struct np_ranges *places, uint8_t *image,
                          struct np_error *err)
{
	size_t count = 0, len = spot_len(places);
	uint32_t addrs[SPOTS_MAX];
	int ret = 0;

	for (size_t i = 0; i < places->count && !ret; i++) {
		uint64_t end = places->at[i].start + places->at[i].len;

		for (uint64_t at = places->at[i].start; at < end && !ret; at += len) {
			addrs[count++] = (uint32_t)(at + len <= run->size ? at : run->size - len);
			if (count < SPOTS_MAX)
				continue;
			ret = read_spots(run, addrs, count, len, image, err);
			count = 0;
		}
	}
	return ret || !count ? ret : read_spots(run, addrs, count, len, image, err);
}

static int read_chip(struct run *run, const struct np_ranges *places, uint8_t *image,
                     struct np_error *err)
{
	size_t spots = count_spots(places);
	int ret;

	/* Many small places, or few bytes: in queues. */
	if (spots <= SPOTS_MAX || spots <= 2 * places->count)
		return read_all_spots(run, places, image, err);
	run_phase(run, NP_PHASE_READ, np_ranges_bytes(places));
	ret = run_read_once(run, places, image, err);
	run_phase_end(run);
	return ret;
}

struct places {
	struct run *run;
	const char *own_file;
};

static int read_places(void *ctx, const struct np_ranges *wanted, uint8_t *image,
                       struct np_error *err)
{
	struct places *p = ctx;
	struct np_ranges places = {0};
	int ret = np_ranges_add_all(&places, wanted, err);

	if (!ret)
		ret = places_from_backup(p->run, p->own_file, &places, image, err);
	if (!ret && places.count)
		ret = read_chip(p->run, &places, image, err);
	np_ranges_free(&places);
	return ret;
}

/* Where nothing names a device, the chip may say itself how it is divided, as a PC's does. */
static int look_for_map(struct places *p, bool thorough, uint8_t *image, struct layout *layout,
                        bool *mapped, struct np_error *err)
{
	return chip_map_read(p->run->size, thorough, image, read_places, p, layout, mapped, err);
}

/* `thorough`: the name is needed, so that even a kernel is read for the device tree in it.
 * *layout is filled when there is one name, or else, with *mapped, the chip's own map. */
static int recognise_by_places(struct run *run, const char *own_file, bool thorough,
                               struct recognition *found, struct layout *layout, bool *mapped,
                               struct np_error *err)
{
	struct places p = {run, own_file};
	uint8_t *image = malloc(run->size);
	int ret;

	*mapped = false;
	if (!image)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	memset(image, 0xff, run->size);
	ret = recognise_chip(run->size, image, read_places, &p, found, err);
	if (!ret && !found->name[0])
		ret = look_for_map(&p, thorough, image, layout, mapped, err);
	if (!ret && thorough && !recognise_certain(found) && !*mapped)
		ret = recognise_chip_tree(run->size, image, read_places, &p, found, err);
	if (!ret && recognise_certain(found) && !*mapped)
		ret = recognise_load(found, image, run->size, layout, err);
	free(image);
	return ret;
}

static void note_map(struct run *run, const struct layout *layout)
{
	char names[256] = "";
	size_t n = 0;

	for (size_t i = 0; i < layout->region_count && n < sizeof(names); i++)
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", n ? ", " : "",
		                      layout->regions[i].name);
	run_tell(run, NP_EV_NOTE, CHIP_MAP_NAME " is used: %s", names);
	if (layout->doubt[0])
		run_tell(run, NP_EV_WARN, "%s", layout->doubt);
}

static void note_recognised(struct run *run, const struct layout *layout,
                            const struct recognition *found)
{
	/* Of several that are divided alike none is named before the others. */
	run_tell(run, NP_EV_NOTE, "recognised: %s (%s): %s", layout->device,
	         found->ambiguous ? "divided alike" : found->name, found->why);
	if (layout->doubt[0] && found->flash_size != run->size)
		run_tell(run, NP_EV_WARN, "%s", layout->doubt);
}

int job_recognise(struct job *job, const char *own_file, struct recognition *found,
                  struct layout *layout, struct np_error *err)
{
	struct run run;
	bool mapped;
	int ret = run_open(&run, job, JOB_BLOCK, err);

	memset(layout, 0, sizeof(*layout));
	if (ret)
		return ret;
	ret = recognise_by_places(&run, own_file, true, found, layout, &mapped, err);
	if (!ret && mapped)
		note_map(&run, layout);
	else if (!ret && recognise_certain(found))
		note_recognised(&run, layout, found);
	run_close(&run);
	return ret;
}

/* ---- for a job ---- */

static int guard_by(struct write_job *wj, const struct recognition *found, const uint8_t *image,
                    struct np_error *err)
{
	int ret = recognise_load(found, image, wj->run.size, &wj->recognised, err);

	if (!ret)
		wj->guard = &wj->recognised;
	return ret;
}

/* Whoever gives addresses only may not know what lies there. */
static bool is_by_addresses(const struct write_job *wj)
{
	const struct selection *sel = &wj->intent->selection;

	/* A hex file names addresses, too. */
	if (wj->intent->image.named.count)
		return !selection_is_whole(sel);
	return parts_all_addresses(&sel->parts) && !intent_names_all(wj->intent, wj->run.size);
}

int write_guard_early(struct write_job *wj, struct np_error *err)
{
	bool mapped;
	int ret;

	if (wj->guard)
		return 0;
	wj->guard = wj->run.job->layout;
	if (wj->guard || (!is_by_addresses(wj) && !wj->intent->image.misfit))
		return 0;
	ret = recognise_by_places(&wj->run, wj->intent->image.path, false, &wj->found,
	                          &wj->recognised, &mapped, err);
	wj->chip_found = !ret;
	if (!ret && mapped)
		note_map(&wj->run, &wj->recognised);
	else if (!ret && recognise_certain(&wj->found))
		note_recognised(&wj->run, &wj->recognised, &wj->found);
	if (!ret && (mapped || recognise_certain(&wj->found)))
		wj->guard = &wj->recognised;
	return ret;
}

/* All of the chip was read: its own map is in it. */
static int take_map(struct write_job *wj, struct np_error *err)
{
	bool mapped;
	int ret = pc_map_find(wj->have, wj->run.size, CHIP_MAP_NAME, &wj->recognised, &mapped, err);

	if (ret || !mapped)
		return ret;
	wj->guard = &wj->recognised;
	note_map(&wj->run, wj->guard);
	return 0;
}

/* The chip is not recognised (erased, or from another board), but the image is a dump of a known
 * device. The regions where that device keeps unit data are guarded on the chip. */
static int lean_on_image(struct write_job *wj, struct np_error *err)
{
	const struct recognition *found = &wj->image_found;

	if (!wj->image_is_dump || !recognise_certain(found))
		return 0;
	wj->by_image = true;
	return guard_by(wj, found, wj->intent->image.data, err);
}

int write_guard(struct write_job *wj, struct np_error *err)
{
	const struct intent *intent = wj->intent;
	int ret = 0;

	wj->image_is_dump = intent_is_dump(intent, wj->run.size);
	if (wj->image_is_dump)
		ret = recognise_dump(intent->image.data, wj->run.size, &wj->image_found, err);
	if (ret || (wj->guard && wj->guard->profile) || !selection_is_whole(&intent->selection))
		return ret;
	ret = recognise_dump(wj->have, wj->run.size, &wj->found, err);
	wj->chip_found = !ret;
	if (!ret && recognise_certain(&wj->found)) {
		ret = guard_by(wj, &wj->found, wj->have, err);
		if (!ret)
			note_recognised(&wj->run, wj->guard, &wj->found);
	}
	if (!ret && !wj->guard && !wj->found.name[0])
		ret = take_map(wj, err);
	if (!ret && wj->guard != &wj->recognised)
		ret = lean_on_image(wj, err);
	/* Under --base, read the unit data of the profile, because no base file can know them. */
	if (!ret && wj->guard == &wj->recognised && wj->based)
		ret = write_read_own(wj, err);
	return ret;
}

/* A PC's serial number, UUID and Windows key lie somewhere in the maker's BIOS, if at all, and no map
 * says where (doc/PC.md). Of coreboot's areas each is known. */
static void tell_unmapped(struct write_job *wj)
{
	const struct layout *layout = wj->guard;
	const struct np_ranges *todo = &wj->intent->selection.todo;
	const struct layout_region *bios = layout_find(layout, "bios");
	bool most;

	if (strcmp(layout->name, CHIP_MAP_NAME) != 0 || layout_find(layout, "FMAP") ||
	    (!bios && !layout_find(layout, "efs")))
		return;
	most = bios ? np_ranges_contain(todo, (struct np_range){bios->start, bios->len})
	            : np_ranges_bytes(todo) > wj->run.size / 2;
	if (most)
		run_tell(&wj->run, NP_EV_NOTE,
		         "a board's serial number, UUID and Windows key may lie in what is "
		         "replaced, where no map tells: the backup has them (doc/PC.md)");
}

void write_tell_macs(struct write_job *wj)
{
	const struct layout *layout = wj->guard;

	if (layout)
		tell_unmapped(wj);
	for (size_t i = 0; layout && layout->profile && i < layout->field_count; i++) {
		const struct layout_field *field = &layout->fields[i];
		struct unit_value before, after;

		if (!field_is_mac(field) || field->start + field->len > wj->run.size ||
		    !np_ranges_contain(&wj->known, field_range(field)) ||
		    !unit_field_read(field, wj->have, wj->run.size, &before) ||
		    !unit_field_read(field, wj->want, wj->run.size, &after))
			continue;
		if (strcmp(before.text, after.text) == 0)
			run_tell(&wj->run, NP_EV_NOTE, "%s stays %s", field->name, before.text);
		else
			run_tell(&wj->run, NP_EV_NOTE, "%s: %s becomes %s", field->name,
			         before.text, after.text);
	}
}
