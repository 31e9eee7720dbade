/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job/intent.h"

#include <stdlib.h>
#include <string.h>

#include "device/field.h"
#include "device/gbe.h"
#include "job/job.h"
#include "store/trust.h"

void intent_free(struct intent *intent)
{
	if (intent->image.owned)
		free(intent->image.data);
	np_ranges_free(&intent->image.covers);
	np_ranges_free(&intent->image.named);
	free(intent->image.body);
	image_report_free(&intent->image.is);
	for (size_t i = 0; i < intent->image.trust_count; i++)
		trust_free(&intent->image.trust[i]);
	free(intent->image.trust);
	selection_free(&intent->selection);
	np_ranges_free(&intent->set);
	*intent = (struct intent){.operation = intent->operation, .called = intent->called};
}

const char *intent_operation_name(enum intent_operation operation)
{
	static const char *const names[] = {"write", "restore", "erase", "verify"};

	return names[operation];
}

const char *intent_called(const struct intent *intent)
{
	return intent->called ? intent->called : intent_operation_name(intent->operation);
}

int intent_settle(struct intent *intent, uint64_t chip_size, struct np_error *err)
{
	struct selection *sel = &intent->selection;
	int ret = selection_settle(sel, chip_size, err);

	if (!ret)
		ret = np_ranges_add_all(&sel->todo, &intent->set, err);
	if (!ret)
		ret = np_ranges_remove_all(&sel->keep, &intent->set, err);
	return ret;
}

/* The other words of a GbE region belong to this board as well. Where the region was not named,
 * the image takes them from the chip before it gets its MAC. The region's checksum proves that
 * they were read well. */
static int take_own_gbe(struct intent *intent, const struct job *job, struct np_error *err)
{
	const struct layout *layout = job->layout;
	uint64_t size = nor_info(job->nor)->size;
	uint8_t own[2 * GBE_COPY_LEN];
	struct np_ranges open = {0};
	int ret = 0;

	for (size_t i = 0; i < layout->field_count && !ret; i++) {
		const struct layout_field *field = &layout->fields[i];
		struct np_range at = {field->start, field->len};
		struct np_ranges range = {&at, 1, 1};

		if (field->type != FIELD_GBE_MAC || at.len > sizeof(own) || at.start > size ||
		    at.len > size - at.start || np_ranges_overlap(&intent->set, at))
			continue;
		ret = intent_unnamed(intent, &range, &open, err);
		if (!ret && (open.count || !np_ranges_contain(&intent->selection.todo, at)))
			ret = nor_read(job->nor, at.start, own, at.len, NULL, NULL, err);
		if (!ret && (open.count || !np_ranges_contain(&intent->selection.todo, at)) &&
		    gbe_has_valid_copy(own, at.len))
			memcpy(intent->image.data + at.start, own, at.len);
		np_ranges_free(&open);
	}
	return ret;
}

int intent_set_field(struct intent *intent, const struct job *job, const char *assignment,
                     struct np_error *err)
{
	uint64_t size = nor_info(job->nor)->size;
	const struct layout_field *field;
	struct np_range range;
	int ret;

	if (!job->layout || !intent->image.data)
		return np_fail(err, NP_E_USAGE, "--set needs an image and a layout");
	ret = take_own_gbe(intent, job, err);
	if (!ret)
		ret = unit_field_set(job->layout, assignment, intent->image.data, size, &field,
		                     err);
	if (ret)
		return ret;
	range = (struct np_range){field->start, field->len};
	if (np_ranges_overlap(&intent->set, range))
		return np_fail(err, NP_E_USAGE, "--set %s: %s has a value already", assignment,
		               field->name);
	ret = np_ranges_add(&intent->set, range, err);
	return ret ? ret : intent_settle(intent, size, err);
}

bool intent_is_whole(const struct intent *intent, uint64_t chip_size)
{
	const struct np_ranges *covers = &intent->image.covers;

	return intent->image.data &&
	       (!covers->count || np_ranges_contain(covers, (struct np_range){0, chip_size}));
}

bool intent_is_dump(const struct intent *intent, uint64_t chip_size)
{
	const struct selection *sel = &intent->selection;

	if (!intent->image.data)
		return false;
	return selection_is_whole(sel) || (intent_is_whole(intent, chip_size) &&
	                                   (sel->placed || !parts_all_addresses(&sel->parts)));
}

bool intent_names_all(const struct intent *intent, uint64_t chip_size)
{
	const struct parts *parts = &intent->selection.parts;

	return parts_all_addresses(parts) && parts->count == 1 && !parts->at[0].range.start &&
	       parts->at[0].range.len == chip_size && !intent->selection.placed;
}

static bool names_unit(const struct part *part, const struct np_ranges *unit)
{
	return part->how != NAMED_BY_FILE && np_ranges_contain(unit, part->range);
}

int intent_unnamed(const struct intent *intent, const struct np_ranges *unit, struct np_ranges *out,
                   struct np_error *err)
{
	const struct selection *sel = &intent->selection;
	struct np_ranges open = {0};
	int ret = np_ranges_add_all(&open, unit, err);

	for (size_t i = 0; i < sel->parts.count && !ret; i++)
		if (names_unit(&sel->parts.at[i], unit))
			ret = np_ranges_remove(&open, sel->parts.at[i].range, err);
	if (!ret)
		ret = np_ranges_intersect(&open, &sel->todo, UINT64_MAX, out, err);
	np_ranges_free(&open);
	return ret;
}
