/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A profile guards every destructive job: it must fit this chip, and this unit's own data are not
 * replaced unless the user says so. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job/write.h"
#include "device/recognise.h"
#include "device/load.h"

static bool is_mac(const struct layout_field *field)
{
	return field->type == FIELD_MAC || field->type == FIELD_MAC_TEXT;
}

static bool in_chip(const struct write_job *wj, const struct layout_field *field)
{
	return field->len && field->start < wj->run.size &&
	       field->len <= wj->run.size - field->start;
}

/* A chip-sized view that is true at the MAC fields. Untouched pages of it cost no memory. */
static int read_macs(struct write_job *wj, uint8_t *view, struct np_error *err)
{
	const struct layout *layout = wj->guard;
	int ret = 0;

	for (size_t i = 0; i < layout->field_count && !ret; i++) {
		const struct layout_field *field = &layout->fields[i];
		struct np_range range = {field->start, field->len};

		if (!is_mac(field) || !in_chip(wj, field))
			continue;
		if (np_ranges_contain(&wj->known, range))
			memcpy(view + range.start, wj->have + range.start, range.len);
		else
			ret = run_read(&wj->run, range.start, view + range.start, range.len, err);
	}
	return ret;
}

/* Are all MAC fields among what is written, so that the image can speak for the layout? */
static bool writes_macs(const struct write_job *wj)
{
	const struct layout *layout = wj->guard;
	const struct np_ranges *select = wj->options->select;

	for (size_t i = 0; i < layout->field_count; i++) {
		struct np_range range = {layout->fields[i].start, layout->fields[i].len};

		if (is_mac(&layout->fields[i]) && select && !np_ranges_contain(select, range))
			return false;
	}
	return true;
}

static bool blank(const uint8_t *data, uint64_t len)
{
	return data[0] == 0xff && memcmp(data, data + 1, len - 1) == 0;
}

/* A new chip is nobody's yet. */
static bool new_chip(const struct write_job *wj)
{
	return !wj->options->partial && !wj->based && blank(wj->have, wj->run.size);
}

static int check_fit(struct write_job *wj, struct np_error *err)
{
	const struct layout *layout = wj->guard;
	uint8_t *view;
	char why[256] = "", ignored[256];
	int ret;

	if (new_chip(wj))
		return 0;
	view = calloc(1, wj->run.size);
	if (!view)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	run_phase(&wj->run, NP_PHASE_PROBE, 0);
	ret = read_macs(wj, view, err);
	run_phase_end(&wj->run);
	if (!ret && !layout_plausible(layout, view, wj->run.size, why, sizeof(why))) {
		/* A chip that lost its MAC is why somebody restores one. */
		if (wj->options->unit_named && wj->options->image && writes_macs(wj) &&
		    layout_plausible(layout, wj->want, wj->run.size, ignored, sizeof(ignored))) {
			run_tell(&wj->run, NP_EV_WARN, "%s on the chip; the image has one", why);
		} else {
			np_fail(err, NP_E_POLICY, "layout %s does not fit this chip: %s",
			        layout->name, why);
			ret = np_hint(err,
			              "another hardware version? choose the layout that fits, or "
			              "leave --layout out and name raw ranges with --range");
		}
	}
	free(view);
	return ret;
}

/* As --only takes them: no blanks. */
void write_name_regions(const struct layout *layout, const struct np_ranges *set, char *names,
                        size_t len)
{
	names[0] = '\0';
	for (size_t i = 0; i < layout->region_count; i++) {
		const struct layout_region *region = &layout->regions[i];
		size_t at = strlen(names);

		if (np_ranges_overlap(set, (struct np_range){region->start, region->len}))
			snprintf(names + at, len - at, "%s%s", at ? "," : "", region->name);
	}
}

/* This unit's bytes that the target would change. Blank ones are no loss; bytes that the user gave
 * a value are meant. */
static int find_changed(const struct write_job *wj, struct np_ranges *changed, struct np_error *err)
{
	struct np_ranges unit = {0};
	int ret = ranges_intersect(&wj->guard->unit, &wj->known, wj->run.size, &unit, err);

	if (!ret && wj->options->unit_set)
		ret = np_ranges_remove_all(&unit, wj->options->unit_set, err);
	for (size_t i = 0; i < unit.count && !ret; i++) {
		const uint8_t *have = wj->have + unit.at[i].start;

		if (memcmp(have, wj->want + unit.at[i].start, unit.at[i].len) != 0 &&
		    !blank(have, unit.at[i].len))
			ret = np_ranges_add(changed, unit.at[i], err);
	}
	np_ranges_free(&unit);
	return ret;
}

/* As --keep takes them where no name would do. */
static void list_ranges(const struct np_ranges *ranges, char *text, size_t len)
{
	text[0] = '\0';
	for (size_t i = 0; i < ranges->count; i++) {
		size_t at = strlen(text);

		snprintf(text + at, len - at, "%s0x%06" PRIx64 "+%" PRIu64, at ? "," : "",
		         ranges->at[i].start, ranges->at[i].len);
	}
}

/* Can the user name what the guard calls unit data? */
static bool has_names(const struct write_job *wj)
{
	return !wj->by_image && (!wj->run.job->layout || wj->run.job->layout->profile);
}

static int refuse_unit(const struct write_job *wj, const struct np_ranges *changed,
                       struct np_error *err)
{
	char names[256], ranges[256];

	write_name_regions(wj->guard, changed, names, sizeof(names));
	if (wj->by_image)
		np_fail(err, NP_E_UNIT,
		        "the chip is not recognised, the image is a dump of %s: where that keeps "
		        "what only one unit has, this chip holds other data: %s (0x%06" PRIx64 ")",
		        wj->guard->device, names, changed->at[0].start);
	else
		np_fail(err, NP_E_UNIT,
		        "this would replace data that only this unit has: %s (0x%06" PRIx64 ")",
		        names, changed->at[0].start);
	if (has_names(wj))
		return np_hint(err,
		               "--keep unit keeps it; to replace it, name the regions: --only %s",
		               names[0] ? names : "REGION");
	list_ranges(&wj->guard->unit, ranges, sizeof(ranges));
	return np_hint(err, "--keep %s keeps it; to replace it too: --range 0+%" PRIu64, ranges,
	               wj->run.size);
}

static int check_unit(struct write_job *wj, struct np_error *err)
{
	struct np_ranges changed = {0};
	int ret = find_changed(wj, &changed, err);

	if (!ret && changed.count)
		ret = refuse_unit(wj, &changed, err);
	np_ranges_free(&changed);
	return ret;
}

/* ---- which device ---- */

/* A recognised profile guards from here on. What it calls this unit's own is read now where --base
 * vouched for it. */
static int guard_by(struct write_job *wj, const struct recognition *found, const uint8_t *image,
                    struct np_error *err)
{
	int ret = recognise_load(found, image, wj->run.size, &wj->recognised, err);

	if (ret)
		return ret;
	wj->guard = &wj->recognised;
	return wj->based ? write_read_own(wj, err) : 0;
}

/* What was read whole, or with --base at least where devices differ, can say whose it is. */
static int recognise_have(struct write_job *wj, struct np_error *err)
{
	struct recognition found;
	int ret;

	ret = recognise_dump(wj->have, wj->run.size, &found, err);
	if (ret || !found.name[0])
		return ret;
	if (found.ambiguous) {
		run_tell(&wj->run, NP_EV_WARN,
		         "this could be %s or %s; only --layout makes one of them guard",
		         found.name, found.also[0]);
		return 0;
	}
	ret = guard_by(wj, &found, wj->have, err);
	if (ret)
		return ret;
	run_tell(&wj->run, NP_EV_NOTE, "recognised: %s (%s): %s", wj->recognised.device, found.name,
	         found.why);
	return 0;
}

/* Is the image whole, so that it can say whose it is? Parts of it by address are meant so. */
static bool is_dump(const struct write_job *wj)
{
	const struct write_options *o = wj->options;

	return o->image && (!o->partial || (o->image_whole && !o->raw_named));
}

static int hint_ranges(const struct write_job *wj, struct np_error *err)
{
	struct np_range all = {0, wj->run.size};
	struct np_ranges whole = {&all, 1, 1};
	char ranges[256];

	list_ranges(wj->options->partial ? wj->options->select : &whole, ranges, sizeof(ranges));
	return np_hint(err,
	               "find a dump of this device; to write this one all the same, name the "
	               "range: --range %s",
	               ranges);
}

/* Versions of one device may divide the flash alike and start no firmware but their own. Where both
 * the chip and the image show which they are, the map is no excuse. */
static bool told_apart(const struct write_job *wj, const struct layout *other)
{
	const struct layout *mine = wj->guard;
	const uint8_t *image = wj->options->image;
	uint64_t size = wj->run.size;
	char why[256];

	if (wj->options->partial || wj->based)
		return false;
	return recognise_score(mine, wj->have, size, why, sizeof(why)) >
	               recognise_score(other, wj->have, size, why, sizeof(why)) &&
	       recognise_score(other, image, size, why, sizeof(why)) >
	               recognise_score(mine, image, size, why, sizeof(why));
}

/* A dump of another device over this one makes a brick. */
static int check_device(struct write_job *wj, struct np_error *err)
{
	struct recognition found;
	struct layout other;
	bool same;
	int ret;

	if (!is_dump(wj) || !wj->guard->profile)
		return 0;
	ret = recognise_dump(wj->options->image, wj->run.size, &found, err);
	if (!ret && !found.name[0])
		run_tell(&wj->run, NP_EV_WARN, "this is %s, the image no dump of it: %s",
		         wj->guard->device, found.why);
	if (ret || !found.name[0] || found.ambiguous || strcmp(found.name, wj->guard->name) == 0)
		return ret;
	ret = recognise_load(&found, wj->options->image, wj->run.size, &other, err);
	if (ret)
		return ret;
	same = recognise_same_map(&other, wj->guard) && !told_apart(wj, &other);
	if (!same)
		np_fail(err, NP_E_POLICY, "the image is a dump of %s, this is %s%s", other.device,
		        wj->guard->device,
		        wj->guard == &wj->recognised ? " by what its chip holds"
		                                     : " by its layout");
	layout_free(&other);
	return same ? 0 : hint_ranges(wj, err);
}

/* Nobody knows the chip (a brick, or another's flash), but the image is a dump of a device: what
 * such a device keeps as its own is asked for before it is replaced. */
static int lean_on_image(struct write_job *wj, struct np_error *err)
{
	struct recognition found;
	int ret;

	if (!wj->options->image)
		return 0;
	ret = recognise_dump(wj->options->image, wj->run.size, &found, err);
	if (ret || !found.name[0] || found.ambiguous)
		return ret;
	wj->by_image = true;
	return guard_by(wj, &found, wj->options->image, err);
}

/* Without --layout nobody could name unit data: what is selected but not kept decides. */
static bool unit_is_meant(const struct write_job *wj)
{
	const struct np_ranges *select = wj->options->select;

	if (wj->guard != &wj->recognised)
		return wj->options->unit_named;
	for (size_t i = 0; i < wj->guard->unit.count; i++)
		if (!select || np_ranges_overlap(select, wj->guard->unit.at[i]))
			return false;
	return true;
}

static int find_guard(struct write_job *wj, struct np_error *err)
{
	int ret;

	wj->guard = wj->run.job->layout;
	if ((wj->guard && wj->guard->profile) || !wj->options->recognise || wj->options->partial)
		return 0;
	ret = recognise_have(wj, err);
	if (ret || wj->guard == &wj->recognised)
		return ret;
	return lean_on_image(wj, err);
}

int write_guard(struct write_job *wj, struct np_error *err)
{
	int ret = find_guard(wj, err);

	if (ret || !wj->guard || !wj->guard->profile)
		return ret;
	if (wj->guard != &wj->recognised)
		ret = check_fit(wj, err);
	if (!ret && !wj->by_image)
		ret = check_device(wj, err);
	if (!ret)
		ret = write_guard_keeps(wj, err);
	if (!ret && !unit_is_meant(wj))
		ret = check_unit(wj, err);
	if (!ret)
		ret = write_guard_fields(wj, err);
	if (!ret)
		write_tell_macs(wj);
	return ret;
}
