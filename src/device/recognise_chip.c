/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recognition of a chip over a slow wire: little is read, and more only where that little calls for
 * it. */
#include <ctype.h>
#include <string.h>

#include "base/bytes.h"
#include "device/load.h"
#include "device/recognise_priv.h"
#include "layout/builtin.h"

#define HEADER       0xa0  /* bytes of a firmware header that identify it */
#define NAME         64    /* of a uImage header, where the other one does not fit */
#define SHORT_SPAN   0x400 /* a sign somewhere in more than this is read only for the short list */
#define GLANCE       32    /* of the place of a list: is there a text at all? */
#define GLANCE_HEAD  8
#define FIELD_HEAD   24 /* of a field: longer ones are told by what they begin with */
#define KERNEL_MAX   0x600000
#define KERNEL_LEAST 0x200000 /* where the header does not tell the length */
#define BOUNDARY     0x10000
#define BLOCK        0x1000
#define ENDS         0x40000 /* at the end of a flash, where unit data lie */

/* Where boards of the table have their firmware begin, the most frequent ones. */
static const uint32_t firmwares[] = {0x020000, 0x040000, 0x050000, 0x060000, 0x070000};

struct steps {
	uint64_t size;
	uint8_t *image;
	recognise_read *read;
	void *ctx;
	struct np_ranges done; /* owned: what was read */
	struct np_ranges next; /* owned: what is to be read */
	struct np_error *err;
};

static int want(struct steps *s, uint64_t start, uint64_t len)
{
	if (start >= s->size)
		return 0;
	if (len > s->size - start)
		len = s->size - start;
	return np_ranges_add(&s->next, (struct np_range){start, len}, s->err);
}

/* Read what is wanted and was not read yet. */
static int fetch(struct steps *s)
{
	int rc = np_ranges_remove_all(&s->next, &s->done, s->err);

	if (!rc && s->next.count)
		rc = s->read(s->ctx, &s->next, s->image, s->err);
	if (!rc)
		rc = np_ranges_add_all(&s->done, &s->next, s->err);
	np_ranges_free(&s->next);
	return rc;
}

/* ---- the places that signs and fields speak of ---- */

static int want_fields(struct steps *s, const struct layout *layout, const char *list)
{
	const struct layout_field *field;
	int rc = 0;

	while (*list && !rc && (field = layout_field_next(layout, &list)) != NULL)
		rc = want(s, field->start, field->len < FIELD_HEAD ? field->len : FIELD_HEAD);
	return rc;
}

static int want_first(struct steps *s, const struct layout *layout)
{
	int rc = want_fields(s, layout, layout->together);

	for (size_t i = 0; i < layout->sign_count && !rc; i++) {
		const struct layout_sign *sign = &layout->signs[i];

		if (!sign->identity)
			continue;
		rc = want_fields(s, layout, sign->with);
		if (!rc && sign->span == 1)
			rc = want(s, sign->start, sign->len);
		else if (!rc && sign->span <= SHORT_SPAN)
			rc = want(s, sign->start, GLANCE);
	}
	return rc;
}

/* Behind eight bytes that may tell its length. Of noise every third byte is printable. */
static bool text_begins(const uint8_t *p)
{
	unsigned others = 0;

	for (size_t i = GLANCE_HEAD; i < GLANCE; i++)
		others += !isprint(p[i]) && !isspace(p[i]);
	return others <= 2;
}

static int want_more(struct steps *s, const struct layout *layout)
{
	int rc = 0;

	for (size_t i = 0; i < layout->sign_count && !rc; i++) {
		const struct layout_sign *sign = &layout->signs[i];
		bool listed = sign->span > SHORT_SPAN
		                      ? sign->with[0] && recognise_fields_good(layout, sign->with,
		                                                               s->image, s->size)
		                      : sign->start + GLANCE <= s->size &&
		                                text_begins(s->image + sign->start);

		if (sign->identity && sign->span > 1 && listed)
			rc = want(s, sign->start, sign->span + sign->len);
	}
	return rc;
}

/* Let `each` speak for each profile that a flash of this size can be of. */
static int all(struct steps *s, int (*each)(struct steps *, const struct layout *))
{
	int rc = 0;

	for (const struct layout_builtin *b = layout_builtins; b->name && !rc; b++) {
		struct layout layout;

		rc = layout_load(b->name, &layout, s->err);
		if (rc)
			return rc;
		if (layout.size <= s->size)
			rc = each(s, &layout);
		layout_free(&layout);
	}
	return rc;
}

static int find_evidence(struct steps *s, struct evidence_list *list)
{
	int rc = 0;

	for (size_t i = 0; i < sizeof(firmwares) / sizeof(firmwares[0]); i++)
		if (firmwares[i] < s->size)
			evidence_of_header(s->image + firmwares[i], s->size - firmwares[i],
			                   firmwares[i], list);
	for (const struct layout_builtin *b = layout_builtins; b->name && !rc; b++) {
		struct layout layout;

		rc = layout_load(b->name, &layout, s->err);
		if (rc)
			return rc;
		if (layout.size <= s->size)
			recognise_profile_evidence(&layout, b->name, s->image, s->size, list);
		layout_free(&layout);
	}
	return rc;
}

static int want_all_first(struct steps *s)
{
	int rc = 0;

	for (size_t i = 0; i < sizeof(firmwares) / sizeof(firmwares[0]) && !rc; i++)
		rc = want(s, firmwares[i], i ? NAME : HEADER);
	return rc ? rc : all(s, want_first);
}

int recognise_places(uint64_t size, struct np_ranges *places, struct np_error *err)
{
	struct steps s = {.size = size, .err = err};
	int rc = want_all_first(&s);

	if (!rc)
		rc = np_ranges_align(&s.next, BLOCK, err);
	if (!rc)
		rc = np_ranges_add_all(places, &s.next, err);
	np_ranges_free(&s.next);
	return rc;
}

static int judge(struct steps *s, struct recognition *result)
{
	int rc;

	*result = (struct recognition){0};
	rc = find_evidence(s, &result->evidence);
	if (!rc)
		recognise_decide(result, s->image, s->size);
	return rc;
}

static int look_closer(struct steps *s, struct recognition *result)
{
	int rc = all(s, want_more);

	if (!rc && !s->next.count)
		return 0;
	if (!rc)
		rc = fetch(s);
	return rc ? rc : judge(s, result);
}

/* A header or sign at a fixed place is not overruled by what stands in a wider one. */
static bool told_by_sign(const struct recognition *result)
{
	if (!result->name[0] || result->ambiguous)
		return false;
	for (size_t i = 0; i < result->evidence.count; i++)
		if (result->evidence.at[i].rank == RANK_SIGN)
			return true;
	return false;
}

/* On a flash that grew, unit data may have moved: recognise_load() compares both ends. */
static int read_ends(struct steps *s, uint64_t old)
{
	uint64_t len = old / 2 < ENDS ? old / 2 : ENDS;
	int rc = want(s, old - len, len);

	if (!rc)
		rc = want(s, s->size - len, len);
	return rc ? rc : fetch(s);
}

int recognise_chip(uint64_t size, uint8_t *image, recognise_read *read, void *ctx,
                   struct recognition *result, struct np_error *err)
{
	struct steps s = {.size = size, .image = image, .read = read, .ctx = ctx, .err = err};
	int rc;

	*result = (struct recognition){0};
	rc = want_all_first(&s);
	if (!rc)
		rc = fetch(&s);
	if (!rc)
		rc = judge(&s, result);
	if (!rc && !told_by_sign(result))
		rc = look_closer(&s, result);
	if (!rc && result->name[0] && result->flash_size && result->flash_size < size)
		rc = read_ends(&s, result->flash_size);
	np_ranges_free(&s.done);
	np_ranges_free(&s.next);
	return rc;
}

/* ---- the tree ---- */

/* How far a kernel goes that begins at `p`; 0: none does. */
static uint64_t kernel_len(const uint8_t *p)
{
	uint64_t len = 0;

	if (be32(p) == 0x27051956)
		len = NAME + (uint64_t)be32(p + 12);
	else if (be32(p) == 0xd00dfeed)
		len = be32(p + 4);
	else if (be32(p) == 0x01000000 || le32(p) == 2 || le32(p) == 3 || be32(p) == 0x5ea3a417 ||
	         memcmp(p, "HDR0", 4) == 0 || be32(p) == 0x4f4b4c49 || p[0] == 0x5d ||
	         p[0] == 0x6d || be32(p) >> 8 == 0x1f8b08 || be32(p) == 0xfd377a58 ||
	         be32(p) == 0x7f454c46)
		len = KERNEL_LEAST;
	return len > KERNEL_MAX ? KERNEL_MAX : len;
}

static int want_kernels(struct steps *s)
{
	int rc = 0;

	for (uint64_t at = 0; at < s->size && !rc; at += BOUNDARY) {
		uint64_t len = kernel_len(s->image + at);

		/* A vendor's tag of 512 bytes may stand in front. */
		rc = len ? want(s, at, len + 0x200) : 0;
	}
	return rc;
}

int recognise_chip_tree(uint64_t size, uint8_t *image, recognise_read *read, void *ctx,
                        struct recognition *result, struct np_error *err)
{
	struct steps s = {.size = size, .image = image, .read = read, .ctx = ctx, .err = err};
	int rc = 0;

	for (uint64_t at = 0; at < size && !rc; at += BOUNDARY)
		rc = want(&s, at, NAME);
	if (!rc)
		rc = fetch(&s);
	if (!rc)
		rc = want_kernels(&s);
	if (!rc)
		rc = fetch(&s);
	if (!rc)
		rc = recognise_dump(image, size, result, err);
	np_ranges_free(&s.done);
	np_ranges_free(&s.next);
	return rc;
}
