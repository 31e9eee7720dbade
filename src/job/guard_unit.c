/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guard's look at single values: placeholders of published dumps, calibration that is none, and
 * regions kept that hold nothing. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "job/write.h"
#include "device/field.h"

static bool changes(const struct write_job *wj, const struct layout_field *field)
{
	struct np_range range = {field->start, field->len};

	return field->start + field->len <= wj->run.size && np_ranges_contain(&wj->known, range) &&
	       memcmp(wj->have + range.start, wj->want + range.start, range.len) != 0;
}

static int refuse_placeholder(const struct unit_value *value, struct np_error *err)
{
	np_fail(err, NP_E_UNIT, "%s at 0x%06" PRIx64 " would become %s: the image was censored",
	        value->field->name, value->field->start, value->flaw);
	return np_hint(err, "--keep unit keeps this unit's own; --set %s=... gives the right one",
	               value->field->name);
}

static int refuse_flawed(const struct write_job *wj, const struct unit_value *value,
                         struct np_error *err)
{
	const struct layout_field *field = value->field;
	const struct layout_region *region = layout_at(wj->guard, field->start);
	bool cal = field->type == FIELD_CAL, named = region && region->unit;
	char keep[LAYOUT_NAME_MAX];

	if (named)
		snprintf(keep, sizeof(keep), "%s", region->name);
	else
		snprintf(keep, sizeof(keep), "0x%06" PRIx64 "+%" PRIu64, field->start, field->len);
	np_fail(err, NP_E_UNIT, "%s at 0x%06" PRIx64 " would be no %s: %s", field->name,
	        field->start, unit_type_name(field->type), value->flaw);
	return np_hint(err,
	               "--keep %s keeps what is there; %s%s%sto write it all the same, name the "
	               "bytes: --range 0x%06" PRIx64 "+%" PRIu64,
	               keep, cal ? "" : "--set ", cal ? "" : field->name,
	               cal ? "" : "=... gives the right one; ",
	               named ? region->start : field->start, named ? region->len : field->len);
}

/* Raw ranges of just unit data say that somebody knows what he does. */
static bool named_bytes(const struct write_job *wj, const struct layout_field *field)
{
	const struct np_ranges *select = wj->options->select;

	if (!wj->options->raw_named || !select)
		return false;
	for (size_t i = 0; i < select->count; i++)
		if (np_ranges_contain(&wj->guard->unit, select->at[i]) &&
		    field->start >= select->at[i].start &&
		    field->start + field->len <= select->at[i].start + select->at[i].len)
			return true;
	return false;
}

/* A value that is none never replaces one that is. Where the chip's own is gone, or fails the same
 * check so that the profile may be wrong about the place, a warning will do. */
static int judge_flawed(struct write_job *wj, const struct unit_value *value, struct np_error *err)
{
	struct unit_value own;

	if (value->state != UNIT_DOUBTFUL || named_bytes(wj, value->field))
		return 0;
	unit_field_read(value->field, wj->have, wj->run.size, &own);
	if (own.state == UNIT_GOOD)
		return refuse_flawed(wj, value, err);
	run_tell(&wj->run, NP_EV_WARN, "%s of the image is no known %s: %s", value->field->name,
	         unit_type_name(value->field->type), value->flaw);
	return 0;
}

static bool has_check(const struct layout_field *field)
{
	return field->type != FIELD_BYTES && field->type != FIELD_SERIAL;
}

int write_guard_fields(struct write_job *wj, struct np_error *err)
{
	const struct layout *layout = wj->guard;

	for (size_t i = 0; i < layout->field_count && wj->options->image; i++) {
		const struct layout_field *field = &layout->fields[i];
		struct unit_value value;

		if (!changes(wj, field) || !unit_field_read(field, wj->want, wj->run.size, &value))
			continue;
		if (value.state == UNIT_PLACEHOLDER)
			return refuse_placeholder(&value, err);
		if (has_check(field) && judge_flawed(wj, &value, err))
			return err->code;
	}
	return 0;
}

static bool blank(const uint8_t *data, uint64_t len)
{
	return data[0] == 0xff && memcmp(data, data + 1, len - 1) == 0;
}

/* A value that is kept and gone, in a region that is not all blank. */
static void tell_lost(struct write_job *wj)
{
	const struct np_ranges *keep = wj->options->keep;
	const struct layout *layout = wj->guard;

	if (!keep || !wj->options->image_whole)
		return;
	for (size_t i = 0; i < layout->field_count; i++) {
		const struct layout_field *field = &layout->fields[i];
		struct np_range range = {field->start, field->len};
		struct unit_value own, other;

		if (!has_check(field) || !np_ranges_contain(keep, range) ||
		    !np_ranges_contain(&wj->known, range) ||
		    !unit_field_read(field, wj->have, wj->run.size, &own) ||
		    own.state != UNIT_DOUBTFUL || strcmp(own.flaw, "blank") != 0 ||
		    !unit_field_read(field, wj->options->image, wj->run.size, &other) ||
		    other.state != UNIT_GOOD)
			continue;
		run_tell(&wj->run, NP_EV_WARN,
		         "%s at 0x%06" PRIx64 " is kept, and it is blank on this chip: an older "
		         "backup may have it",
		         field->name, field->start);
	}
}

/* Whoever keeps a blank calibration block keeps nothing: say so while the older backup may still be
 * at hand. */
int write_guard_keeps(struct write_job *wj, struct np_error *err)
{
	const struct np_ranges *keep = wj->options->keep;
	const struct layout *layout = wj->guard;

	tell_lost(wj);
	for (size_t i = 0; keep && !wj->options->keep_blank && i < layout->region_count; i++) {
		const struct layout_region *region = &layout->regions[i];
		struct np_range range = {region->start, region->len};

		if (!region->unit || !np_ranges_contain(keep, range) ||
		    !np_ranges_contain(&wj->known, range) ||
		    !blank(wj->have + range.start, range.len))
			continue;
		np_fail(err, NP_E_UNIT, "region %s is blank on this chip: there is nothing to keep",
		        region->name);
		return np_hint(err,
		               "leave it out of --keep to take the image's, or put it back from an "
		               "older backup first: norprog restore BACKUP --only %s; to keep it "
		               "blank: --keep 0x%06" PRIx64 "+%" PRIu64,
		               region->name, region->start, region->len);
	}
	return 0;
}

void write_tell_macs(struct write_job *wj)
{
	const struct layout *layout = wj->guard;

	for (size_t i = 0; i < layout->field_count; i++) {
		const struct layout_field *field = &layout->fields[i];
		struct np_range range = {field->start, field->len};
		struct unit_value before, after;

		if ((field->type != FIELD_MAC && field->type != FIELD_MAC_TEXT) ||
		    range.start + range.len > wj->run.size ||
		    !np_ranges_contain(&wj->known, range) ||
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
