/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What many devices share: how well a flash fits a layout. It identifies no device. */
#include "device/recognise.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "device/field.h"
#include "device/recognise_priv.h"
#include "layout/board.h"

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

const uint8_t *recognise_find_sign(const struct layout_sign *sign, const uint8_t *image, size_t len)
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
		const uint8_t *at = recognise_find_sign(sign, image, len);

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

/* ---- relatives ---- */

/* Every address plausible, every calibration filled, and something to judge by. */
static bool fits(const struct layout *layout, const uint8_t *image, size_t len)
{
	unsigned judged = 0;
	char ignored[8];

	if (!layout_plausible(layout, image, len, ignored, sizeof(ignored)))
		return false;
	for (size_t i = 0; i < layout->field_count; i++) {
		const struct layout_field *field = &layout->fields[i];
		struct unit_value value;

		if (field->type == FIELD_BYTES)
			continue;
		if (!unit_field_read(field, image, len, &value) || value.state == UNIT_DOUBTFUL)
			return false;
		judged += field->type == FIELD_CAL || field->type == FIELD_MAC;
	}
	return judged >= 2;
}

int recognise_family(const uint8_t *image, size_t len, struct recognise_family *family,
                     struct np_error *err)
{
	*family = (struct recognise_family){0};
	for (size_t i = 0; i < board_count(); i++) {
		struct layout layout;
		struct board board;
		int rc;

		board_at(i, &board);
		if (board.size != len)
			continue;
		rc = board_load_layout(i, &layout, err);
		if (rc)
			return rc;
		if (fits(&layout, image, len)) {
			if (family->name_count < RECOGNISE_ALSO)
				snprintf(family->names[family->name_count++], LAYOUT_NAME_MAX, "%s",
				         board.compatible);
			family->count++;
		}
		layout_free(&layout);
	}
	return 0;
}
