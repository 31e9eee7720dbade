/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device/recognise.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "layout/builtin.h"
#include "device/field.h"
#include "device/load.h"

struct score {
	int points;
	bool strong;
	char *why;
	size_t why_len, n;
};

static void add(struct score *score, int points, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void add(struct score *score, int points, const char *format, ...)
{
	va_list args;
	int n;

	score->points += points;
	score->strong |= points >= 4;
	if (score->n + 3 >= score->why_len)
		return;
	if (score->n)
		score->n +=
			(size_t)snprintf(score->why + score->n, score->why_len - score->n, ", ");
	va_start(args, format);
	n = vsnprintf(score->why + score->n, score->why_len - score->n, format, args);
	va_end(args);
	score->n =
		score->n + (size_t)n < score->why_len ? score->n + (size_t)n : score->why_len - 1;
}

/* Where the sign begins, or NULL. */
static const uint8_t *find_sign(const struct layout_sign *sign, const uint8_t *image, size_t len)
{
	uint64_t room;

	if (sign->start > len || sign->len > len - sign->start)
		return NULL;
	room = len - sign->start;
	if (sign->span + sign->len - 1 < room)
		room = sign->span + sign->len - 1;
	return memmem(image + sign->start, room, sign->bytes, sign->len);
}

static void describe_sign(struct score *score, const struct layout_sign *sign, uint64_t at)
{
	bool text = true;
	char shown[LAYOUT_SIGN_MAX + 1];
	int points = sign->span == 1 || sign->len >= 20 ? 4 : 2;

	for (size_t i = 0; i < sign->len; i++) {
		text &= sign->bytes[i] >= ' ' && sign->bytes[i] < 127;
		shown[i] = (char)sign->bytes[i];
	}
	shown[sign->len] = '\0';
	if (text)
		add(score, points, "\"%s\" at 0x%06llx", shown, (unsigned long long)at);
	else
		add(score, points, "its header at 0x%06llx", (unsigned long long)at);
}

static bool score_signs(struct score *score, const struct layout *layout, const uint8_t *image,
                        size_t len)
{
	for (size_t i = 0; i < layout->sign_count; i++) {
		const struct layout_sign *sign = &layout->signs[i];
		const uint8_t *at = find_sign(sign, image, len);

		if (at)
			describe_sign(score, sign, (uint64_t)(at - image));
		else if (sign->need)
			return false;
	}
	return true;
}

static void score_field(struct score *score, const struct layout_field *field, const uint8_t *image,
                        size_t len, unsigned *macs)
{
	struct unit_value value;
	unsigned long long at = field->start;

	if (!unit_field_read(field, image, len, &value))
		return;
	if (field->type == FIELD_MAC || field->type == FIELD_MAC_TEXT) {
		if (!(*macs)++)
			add(score, field->type == FIELD_MAC ? 2 : 5, "MAC %s at 0x%06llx",
			    value.text, at);
	} else if (field->type == FIELD_CAL && field->expect[0]) {
		if (value.state == UNIT_GOOD)
			add(score, 4, "calibration %s at 0x%06llx", value.text, at);
		else
			score->points -= strcmp(value.flaw, "blank") == 0 ? 1 : 3;
	} else if (field->type == FIELD_IMEI && value.state != UNIT_DOUBTFUL) {
		add(score, value.state == UNIT_GOOD ? 6 : 4, "IMEI at 0x%06llx", at);
	} else if (field->type == FIELD_PIN && value.state == UNIT_GOOD) {
		add(score, 2, "PIN at 0x%06llx", at);
	}
}

static int out(char *why, size_t why_len, const char *reason)
{
	snprintf(why, why_len, "%s", reason);
	return -1;
}

int recognise_score(const struct layout *layout, const uint8_t *image, size_t len, char *why,
                    size_t why_len)
{
	struct score score = {.why = why, .why_len = why_len};
	unsigned macs = 0;

	why[0] = '\0';
	if (layout->size != len)
		return out(why, why_len, "another flash size");
	if (bytes_all(image, 0x1000, 0xff) || bytes_all(image, 0x1000, 0))
		return out(why, why_len, "the boot loader's place is blank");
	if (!layout_plausible(layout, image, len, why, why_len))
		return -1;
	if (!score_signs(&score, layout, image, len))
		return out(why, why_len, "a sign this device always shows is missing");
	for (size_t i = 0; i < layout->field_count; i++)
		score_field(&score, &layout->fields[i], image, len, &macs);
	return score.strong ? score.points : 0;
}

bool recognise_same_map(const struct layout *a, const struct layout *b)
{
	if (a->size != b->size || a->unit.count != b->unit.count)
		return false;
	return !a->unit.count ||
	       memcmp(a->unit.at, b->unit.at, a->unit.count * sizeof(*a->unit.at)) == 0;
}

/* What speaks for a profile that is out, its MAC fields left aside. */
static int score_rest(const struct layout *layout, const uint8_t *image, size_t len)
{
	char ignored[1] = "";
	struct score score = {.why = ignored, .why_len = sizeof(ignored)};
	unsigned macs = 0;

	if (layout->size != len || !score_signs(&score, layout, image, len))
		return -1;
	for (size_t i = 0; i < layout->field_count; i++)
		if (layout->fields[i].type != FIELD_MAC && layout->fields[i].type != FIELD_MAC_TEXT)
			score_field(&score, &layout->fields[i], image, len, &macs);
	return score.strong ? score.points : 0;
}

/* The nearest miss is the profile that most speaks for, and only its MAC or a blank boot loader
 * against. */
static void note_miss(struct recognition *result, const struct layout *layout, const uint8_t *image,
                      size_t len, const char *why)
{
	int score = score_rest(layout, image, len);

	if (score < 4 || score <= result->miss)
		return;
	result->miss = score;
	snprintf(result->why, sizeof(result->why), "not %s: %.300s", layout->name, why);
}

static void take_best(struct recognition *result, struct layout *best, struct layout *layout,
                      const char *name, int score, const char *why)
{
	if (score > result->score) {
		result->also_count = 0;
		result->ambiguous = false;
	} else if (score == result->score && result->name) {
		if (result->also_count < RECOGNISE_ALSO)
			result->also[result->also_count++] = name;
		result->ambiguous |= !recognise_same_map(best, layout);
	}
	if (score > result->score) {
		result->name = name;
		result->score = score;
		snprintf(result->why, sizeof(result->why), "%s", why);
		layout_free(best);
		*best = *layout;
		*layout = (struct layout){0};
	}
}

int recognise_dump(const uint8_t *image, size_t len, struct recognition *result,
                   struct np_error *err)
{
	struct layout best = {0};

	*result = (struct recognition){0};
	if (len < 0x10000 || (len & (len - 1))) {
		snprintf(result->why, sizeof(result->why), "its size is no flash's");
		return 0;
	}
	for (const struct layout_builtin *b = layout_builtins; b->name; b++) {
		struct layout layout;
		char why[sizeof(result->why)];
		int rc = layout_load(b->name, &layout, err), score;

		if (rc) {
			layout_free(&best);
			return rc;
		}
		score = recognise_score(&layout, image, len, why, sizeof(why));
		if (score >= RECOGNISE_ENOUGH)
			take_best(result, &best, &layout, b->name, score, why);
		else if (!result->name)
			note_miss(result, &layout, image, len, why);
		layout_free(&layout);
	}
	layout_free(&best);
	if (!result->name && !result->why[0])
		snprintf(result->why, sizeof(result->why), "no profile's signs are in it");
	return 0;
}

static int add_places(const struct layout *layout, struct np_ranges *places, struct np_error *err)
{
	int rc = 0;

	for (size_t i = 0; i < layout->sign_count && !rc; i++)
		rc = np_ranges_add(places,
		                   (struct np_range){layout->signs[i].start,
		                                     layout->signs[i].span + layout->signs[i].len},
		                   err);
	for (size_t i = 0; i < layout->field_count && !rc; i++)
		rc = np_ranges_add(
			places, (struct np_range){layout->fields[i].start, layout->fields[i].len},
			err);
	return rc;
}

static int add_unit(const struct layout *layout, struct np_ranges *unit, struct np_error *err)
{
	return np_ranges_add_all(unit, &layout->unit, err);
}

/* Let `each` speak for each built-in profile of this flash size. */
static int add_all(uint64_t size, struct np_ranges *ranges,
                   int (*each)(const struct layout *, struct np_ranges *, struct np_error *),
                   struct np_error *err)
{
	int rc = 0;

	for (const struct layout_builtin *b = layout_builtins; b->name && !rc; b++) {
		struct layout layout;

		rc = layout_load(b->name, &layout, err);
		if (rc)
			return rc;
		if (layout.size == size)
			rc = each(&layout, ranges, err);
		layout_free(&layout);
	}
	return rc;
}

int recognise_unit_data(uint64_t size, struct np_ranges *unit, struct np_error *err)
{
	return add_all(size, unit, add_unit, err);
}

int recognise_places(uint64_t size, struct np_ranges *places, struct np_error *err)
{
	int rc = np_ranges_add(places, (struct np_range){0, 0x1000}, err);

	if (!rc)
		rc = add_all(size, places, add_places, err);
	if (!rc)
		rc = np_ranges_align(places, 0x1000, err);
	/* A sign may begin in the last bytes of its span: what would lie behind the end is not
	 * read. */
	if (!rc)
		rc = np_ranges_remove(places, (struct np_range){size, UINT32_MAX}, err);
	return rc;
}
