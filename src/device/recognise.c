/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device/recognise.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "device/field.h"
#include "device/load.h"
#include "device/recognise_priv.h"
#include "layout/board.h"
#include "layout/builtin.h"

#define SMALLEST 0x10000

/* ---- what profiles say ---- */

/* Fifteen digits in the place of the IMEI are enough, even where one of them was changed and the
 * check digit is wrong. */
static bool good(const struct layout_field *field, const struct unit_value *value)
{
	return value->state != UNIT_DOUBTFUL ||
	       (field->type == FIELD_IMEI && strspn(value->text, "0123456789") == field->len);
}

bool recognise_fields_good(const struct layout *layout, const char *list, const uint8_t *image,
                           size_t len)
{
	const struct layout_field *field;

	while (*list) {
		struct unit_value value;

		field = layout_field_next(layout, &list);
		if (!field || !unit_field_read(field, image, len, &value) || !good(field, &value))
			return false;
	}
	return true;
}

/* Another Wi-Fi chip than this device has. Blank calibration says nothing. */
static bool has_other_calibration(const struct layout *layout, const uint8_t *image, size_t len)
{
	for (size_t i = 0; i < layout->field_count; i++) {
		const struct layout_field *field = &layout->fields[i];
		struct unit_value value;

		if (field->type == FIELD_CAL && field->expect[0] &&
		    unit_field_read(field, image, len, &value) && value.state == UNIT_DOUBTFUL &&
		    strcmp(value.flaw, "blank") != 0)
			return true;
	}
	return false;
}

/* "hardware id" and the like are the headers' words; a profile's signs are its own. */
static void describe_sign(const struct layout_sign *sign, char *text, size_t room)
{
	size_t n = 0;
	bool printable = true;

	for (size_t i = 0; i < sign->len; i++)
		printable &= isprint(sign->bytes[i]) != 0;
	for (size_t i = 0; i < sign->len && n + 4 < room; i++)
		n += (size_t)snprintf(text + n, room - n, printable ? "%c" : "%02x ",
		                      sign->bytes[i]);
	if (!printable && n)
		text[n - 1] = '\0';
}

static void add_profile(struct evidence_list *list, const char *profile, enum evidence_kind kind,
                        enum evidence_rank rank, uint64_t at, const char *value)
{
	struct evidence *evidence =
		evidence_add(list, kind, rank, at,
	                     rank == RANK_ARRANGEMENT ? "numbers in place" : "sign", value);

	if (evidence)
		evidence_add_name(evidence, profile);
}

void recognise_profile_evidence(const struct layout *layout, const char *profile,
                                const uint8_t *image, size_t len, struct evidence_list *list)
{
	char value[112];

	for (size_t i = 0; i < layout->sign_count; i++) {
		const struct layout_sign *sign = &layout->signs[i];
		const uint8_t *at = recognise_find_sign(sign, image, len);

		if (!at && sign->need)
			return;
		if (!at || !sign->identity ||
		    !recognise_fields_good(layout, sign->with, image, len))
			continue;
		describe_sign(sign, value, sizeof(value));
		add_profile(list, profile, EVIDENCE_IDENTITY, RANK_SIGN, (uint64_t)(at - image),
		            value);
	}
	if (layout->together[0] && recognise_fields_good(layout, layout->together, image, len) &&
	    !has_other_calibration(layout, image, len))
		add_profile(list, profile, EVIDENCE_IDENTITY, RANK_ARRANGEMENT,
		            layout->fields[0].start, layout->together);
}

static int profiles_evidence(const uint8_t *image, size_t len, struct evidence_list *list,
                             struct np_error *err)
{
	for (const struct layout_builtin *b = layout_builtins; b->name; b++) {
		struct layout layout;
		int rc = layout_load(b->name, &layout, err);

		if (rc)
			return rc;
		/* A bigger flash than the device's own still begins as that did. */
		if (layout.size <= len)
			recognise_profile_evidence(&layout, b->name, image, len, list);
		layout_free(&layout);
	}
	return 0;
}

/* ---- decision ---- */

struct names {
	char at[EVIDENCE_NAMES][LAYOUT_NAME_MAX];
	size_t count;
	bool begun, clash;
};

static bool holds(const struct evidence *evidence, const char *name)
{
	for (size_t i = 0; i < evidence->name_count; i++)
		if (strcmp(evidence->names[i], name) == 0)
			return true;
	return false;
}

static void unite(struct names *names, const struct evidence *evidence)
{
	for (size_t i = 0; i < evidence->name_count; i++) {
		bool known = false;

		for (size_t k = 0; k < names->count; k++)
			known |= strcmp(names->at[k], evidence->names[i]) == 0;
		if (!known && names->count < EVIDENCE_NAMES)
			memcpy(names->at[names->count++], evidence->names[i], LAYOUT_NAME_MAX);
	}
}

/* What all evidence of this rank fits; where nothing does, what any of it fits, as a clash. */
static void meet(struct names *names, const struct evidence *evidence)
{
	struct names both = {.begun = true};

	for (size_t i = 0; i < names->count; i++)
		if (holds(evidence, names->at[i]))
			memcpy(both.at[both.count++], names->at[i], LAYOUT_NAME_MAX);
	if (!names->begun) {
		unite(names, evidence);
		names->begun = true;
	} else if (both.count && !names->clash) {
		*names = both;
	} else {
		names->clash = true;
		unite(names, evidence);
	}
}

static struct names names_of(const struct evidence_list *list, enum evidence_rank rank)
{
	struct names names = {0};

	for (size_t i = 0; i < list->count; i++)
		if (list->at[i].kind == EVIDENCE_IDENTITY && list->at[i].rank == rank &&
		    list->at[i].name_count && !list->at[i].more)
			meet(&names, &list->at[i]);
	return names;
}

/* A header or sign of a device that is not known is no other device's. */
static bool unknown_sign(const struct evidence_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->at[i].rank == RANK_SIGN && !list->at[i].name_count)
			return true;
	return false;
}

static void explain(struct recognition *r, enum evidence_rank rank)
{
	size_t n = 0;

	for (size_t i = 0; i < r->evidence.count && n + 1 < sizeof(r->why); i++) {
		const struct evidence *evidence = &r->evidence.at[i];

		/* Profiles that say the same of several devices. */
		if (i && evidence[-1].at == evidence->at &&
		    strcmp(evidence[-1].value, evidence->value) == 0)
			continue;
		if (evidence->rank == rank && evidence->name_count)
			n += (size_t)snprintf(r->why + n, sizeof(r->why) - n,
			                      "%s%s '%s' at 0x%06llx", n ? ", " : "",
			                      evidence->what, evidence->value,
			                      (unsigned long long)evidence->at);
	}
}

static uint64_t size_of(const char *name, char *device, size_t room)
{
	struct layout layout;
	struct np_error ignored;
	struct board board;
	size_t found;
	uint64_t size = 0;

	if (layout_builtin_name(name) && layout_load(name, &layout, &ignored) == 0) {
		size = layout.size;
		snprintf(device, room, "%s", layout.device);
		layout_free(&layout);
	} else if (board_find_compatible(name, &found, 1)) {
		board_at(found, &board);
		size = board.size;
		snprintf(device, room, "%s", board.title);
	} else {
		snprintf(device, room, "%s", name);
	}
	return size;
}

/* Devices of another flash size than this one are out while there are others. A flash can have been
 * replaced by a bigger one, hardly by a smaller. */
static void drop_sizes(struct names *names, uint64_t len)
{
	struct names kept = *names, exact = *names;
	char ignored[4];

	kept.count = exact.count = 0;
	for (size_t i = 0; i < names->count; i++) {
		uint64_t size = size_of(names->at[i], ignored, sizeof(ignored));

		if (!size || size <= len)
			memcpy(kept.at[kept.count++], names->at[i], LAYOUT_NAME_MAX);
		if (size == len)
			memcpy(exact.at[exact.count++], names->at[i], LAYOUT_NAME_MAX);
	}
	*names = exact.count ? exact : kept;
}

/* "A or B", "A or B or 3 more" */
static void name_others(struct recognition *r, size_t count)
{
	char other[sizeof(r->device)];
	size_t n = strlen(r->device);

	size_of(r->also[0], other, sizeof(other));
	n += (size_t)snprintf(r->device + n, sizeof(r->device) - n, " or %s", other);
	if (count > 2 && n < sizeof(r->device))
		snprintf(r->device + n, sizeof(r->device) - n, " or %zu more", count - 2);
}

static void take(struct recognition *r, const struct names *names, enum evidence_rank rank,
                 size_t len)
{
	memcpy(r->name, names->at[0], sizeof(r->name));
	r->flash_size = size_of(r->name, r->device, sizeof(r->device));
	r->by_tree = rank == RANK_TREE;
	for (size_t i = 1; i < names->count && r->also_count < RECOGNISE_ALSO; i++)
		memcpy(r->also[r->also_count++], names->at[i], LAYOUT_NAME_MAX);
	r->ambiguous = r->also_count != 0;
	if (r->ambiguous) {
		name_others(r, names->count);
		r->alike = names->count <= RECOGNISE_ALSO && recognise_all_alike(r, len);
	}
	explain(r, rank);
}

/* A device that OpenWrt does not support cannot be the one whose flash holds OpenWrt. */
static void drop_by_firmware(struct names *names, const uint8_t *image, size_t len)
{
	bool openwrt = memmem(image, len, "OpenWrt Linux-", 14) ||
	               memmem(image, len, "OpenWrt\0\0\0\0", 11);
	size_t kept = 0;

	for (size_t i = 0; i < names->count; i++) {
		size_t found;
		struct layout layout;
		struct np_error ignored;
		bool runs = board_find_compatible(names->at[i], &found, 1) != 0;

		if (openwrt && !runs && layout_load(names->at[i], &layout, &ignored) == 0) {
			for (size_t k = 0; k < layout.alias_count; k++)
				runs |= board_find_compatible(layout.aliases[k], &found, 1) != 0;
			layout_free(&layout);
		}
		if (!openwrt || runs)
			memmove(names->at[kept++], names->at[i], LAYOUT_NAME_MAX);
	}
	names->count = kept;
}

void recognise_decide(struct recognition *r, const uint8_t *image, size_t len)
{
	for (int rank = RANK_TREE; rank >= RANK_ARRANGEMENT; rank--) {
		struct names names = names_of(&r->evidence, (enum evidence_rank)rank);

		if (rank == RANK_ARRANGEMENT) {
			if (unknown_sign(&r->evidence))
				break;
			drop_by_firmware(&names, image, len);
		}
		if (rank != RANK_TREE)
			drop_sizes(&names, len);
		if (!names.count)
			continue;
		take(r, &names, (enum evidence_rank)rank, len);
		return;
	}
	snprintf(r->why, sizeof(r->why),
	         r->evidence.count ? "what names it is of no device that is known"
	                           : "nothing in it names a device");
}

int recognise_dump(const uint8_t *image, size_t len, struct recognition *result,
                   struct np_error *err)
{
	return recognise_dump_with(image, len, NULL, result, err);
}

int recognise_dump_with(const uint8_t *image, size_t len, const struct image_trees *trees,
                        struct recognition *result, struct np_error *err)
{
	int rc;

	*result = (struct recognition){0};
	if (len < SMALLEST || (len & (len - 1))) {
		snprintf(result->why, sizeof(result->why), "its size is no flash's");
		return 0;
	}
	result->boot_blank = bytes_blank(image, 0x1000);
	rc = evidence_find(image, len, trees, &result->evidence, err);
	if (!rc)
		rc = profiles_evidence(image, len, &result->evidence, err);
	if (!rc)
		recognise_decide(result, image, len);
	return rc;
}
