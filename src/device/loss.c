/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device/loss.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/idnum.h"
#include "image/image.h"

#define BLOCK        4096
#define LOSSES_MAX   256
#define GAP          8  /* differences closer than this are one island */
#define ISLAND_MAX   40 /* longer: not an address or a number, but contents */
#define SPARSE_BYTES 96 /* a block with no more than this in it is otherwise blank */
#define BLANK_AROUND 16 /* on both sides of an island in such a block */
#define CHANGED_MAX  64 /* differing bytes of a block that is otherwise alike */

struct search {
	const struct unit_view *view;
	struct unit_losses *losses;
	struct np_ranges firmware; /* owned: where nothing is looked for */
	struct np_error *err;
};

static bool known(const struct search *s, struct np_range range)
{
	return !s->view->known || np_ranges_contain(s->view->known, range);
}

static int add(struct search *s, struct np_range at, const char *what)
{
	struct unit_losses *losses = s->losses;

	if (np_ranges_contain(&losses->ranges, at))
		return 0;
	if (losses->count == LOSSES_MAX) {
		/* The list is full: the last one stands for all that follow. */
		struct unit_loss *last = &losses->at[LOSSES_MAX - 1];

		last->at.len = at.start + at.len > last->at.start
		                       ? at.start + at.len - last->at.start
		                       : last->at.len;
	} else {
		struct unit_loss *loss = &losses->at[losses->count++];

		loss->at = at;
		snprintf(loss->what, sizeof(loss->what), "%s", what);
	}
	return np_ranges_add(&losses->ranges, at, s->err);
}

/* ---- what is firmware for certain ---- */

static bool whole(const struct image_part *part)
{
	if (part->truncated)
		return false;
	return part->kind == PART_SQUASHFS || part->kind == PART_JFFS2 ||
	       ((part->kind == PART_UIMAGE || part->kind == PART_SEAMA || part->kind == PART_TRX) &&
	        part->check == CHECK_GOOD);
}

static int find_firmware(struct search *s)
{
	const struct unit_view *view = s->view;
	struct image_parts parts;
	int rc = image_scan(view->have, view->size, &parts, s->err);

	for (size_t i = 0; i < parts.count && !rc; i++)
		if (whole(&parts.at[i]))
			rc = np_ranges_add(&s->firmware,
			                   (struct np_range){parts.at[i].start, parts.at[i].len},
			                   s->err);
	image_parts_free(&parts);
	if (!rc && view->firmware)
		rc = np_ranges_add_all(&s->firmware, view->firmware, s->err);
	return rc;
}

/* ---- marks ---- */

static int compare_marks(struct search *s)
{
	const struct unit_view *view = s->view;
	struct unit_marks marks;
	int rc = unit_marks_find(view->have, view->size, view->known, &marks, s->err);

	s->losses->told = !rc && unit_marks_tell(&marks);
	for (size_t i = 0; i < marks.count && !rc; i++) {
		const struct unit_mark *mark = &marks.at[i];
		const uint8_t *have = view->have + mark->at.start;

		if (bytes_blank(have, mark->at.len) ||
		    memcmp(have, view->want + mark->at.start, mark->at.len) == 0)
			continue;
		rc = add(s, mark->at, mark->what);
	}
	unit_marks_free(&marks);
	return rc;
}

/* ---- islands ---- */

/* JFFS2 writes its nodes, and OpenWrt the end mark of an empty overlay, into blank blocks. */
static bool file_system(const uint8_t *p)
{
	return be16(p) == 0x1985 || le16(p) == 0x1985 || be32(p) == 0xdeadc0de ||
	       le32(p) == 0xdeadc0de;
}

static size_t filled_bytes(const uint8_t *block)
{
	size_t n = 0;

	for (size_t i = 0; i < BLOCK; i++)
		n += block[i] != 0xff && block[i] != 0;
	return n;
}

static bool blank_around(const struct search *s, struct np_range at)
{
	uint64_t before = at.start < BLANK_AROUND ? at.start : BLANK_AROUND;
	uint64_t after = s->view->size - (at.start + at.len);
	const uint8_t *have = s->view->have;

	if (after > BLANK_AROUND)
		after = BLANK_AROUND;
	return (!before || bytes_blank(have + at.start - before, before)) &&
	       (!after || bytes_blank(have + at.start + at.len, after));
}

/* Could the six bytes at `from` be an address of the same maker on both sides, or one that the
 * image has blank, of which `at` is what differs? */
static bool address_at(const struct search *s, uint64_t from, struct np_range at)
{
	const uint8_t *have = s->view->have + from, *want = s->view->want + from;

	if (idnum_mac_flaw(have) || have[0] & 2)
		return false;
	if (memcmp(have, want, 3) == 0 && at.start >= from + 3 && !bytes_blank(have + 3, 3))
		return true;
	return at.len >= 5 && (bytes_blank(want, IDNUM_MAC_LEN) || !idnum_mac_flaw(want));
}

/* With others of its maker in front and behind. */
static struct np_range row_of_addresses(const struct search *s, uint64_t from)
{
	const uint8_t *have = s->view->have;
	uint64_t start = from, end = from + IDNUM_MAC_LEN;

	while (start >= IDNUM_MAC_LEN && memcmp(have + start - IDNUM_MAC_LEN, have + from, 3) == 0)
		start -= IDNUM_MAC_LEN;
	while (end + IDNUM_MAC_LEN <= s->view->size && memcmp(have + end, have + from, 3) == 0)
		end += IDNUM_MAC_LEN;
	return (struct np_range){start, end - start};
}

/* Six bytes, or a row of them, that cover the island, between blanks: then they are in *mac. */
static bool like_mac(const struct search *s, struct np_range at, struct np_range *mac)
{
	uint64_t end = at.start + at.len,
		 from = at.start >= IDNUM_MAC_LEN - 1 ? at.start - (IDNUM_MAC_LEN - 1) : 0;

	for (; from <= at.start && from + IDNUM_MAC_LEN <= s->view->size; from++) {
		struct np_range row;

		if (!address_at(s, from, at))
			continue;
		row = row_of_addresses(s, from);
		if (row.start + row.len < end || !blank_around(s, row))
			continue;
		*mac = from + IDNUM_MAC_LEN >= end ? (struct np_range){from, IDNUM_MAC_LEN} : row;
		return true;
	}
	return false;
}

static bool like_number(const struct search *s, struct np_range at)
{
	const uint8_t *p = s->view->have + at.start;
	size_t digits = 0;

	for (uint64_t i = 0; i < at.len; i++) {
		if (!isalnum(p[i]) && !strchr(":-", p[i]))
			return false;
		digits += isdigit(p[i]) != 0;
	}
	return at.len >= 4 && digits * 2 >= at.len;
}

static int judge_island(struct search *s, struct np_range at, bool sparse)
{
	const uint8_t *have = s->view->have + at.start;
	struct np_range mac;

	if (bytes_blank(have, at.len) || (at.len >= 4 && file_system(have)))
		return 0;
	if (sparse && !s->view->described && at.len >= 4 && blank_around(s, at))
		return add(s, at, "a few bytes that stand alone");
	if (like_mac(s, at, &mac))
		return add(s, mac, "bytes like a MAC");
	if (!s->view->described && like_number(s, at))
		return add(s, at, "a number");
	return 0;
}

struct islands {
	struct np_range at[8];
	size_t count;
	uint64_t changed; /* bytes */
	bool many;
};

static void find_islands(const uint8_t *have, const uint8_t *want, struct islands *found)
{
	*found = (struct islands){0};
	for (uint64_t i = 0; i < BLOCK && !found->many; i++) {
		struct np_range *last = found->count ? &found->at[found->count - 1] : NULL;

		if (have[i] == want[i])
			continue;
		found->many = ++found->changed > CHANGED_MAX;
		if (last && i - (last->start + last->len) < GAP)
			last->len = i - last->start + 1;
		else if (found->count < sizeof(found->at) / sizeof(found->at[0]))
			found->at[found->count++] = (struct np_range){i, 1};
		else
			found->many = true;
	}
}

static bool blank_run(const struct search *s, uint64_t from, uint64_t block)
{
	uint64_t end = from + BLANK_AROUND;

	if (from < block)
		from = block;
	if (end > block + BLOCK)
		end = block + BLOCK;
	return from >= end || bytes_blank(s->view->have + from, end - from);
}

/* In a block that is otherwise blank an island is all that stands there together, not only what
 * differs. */
static struct np_range grow(const struct search *s, struct np_range at, uint64_t block)
{
	uint64_t start = at.start, end = at.start + at.len;

	while (start > block &&
	       !blank_run(s, start < BLANK_AROUND ? 0 : start - BLANK_AROUND, block))
		start--;
	while (end < block + BLOCK && !blank_run(s, end, block))
		end++;
	return (struct np_range){start, end - start};
}

static int compare_block(struct search *s, uint64_t block)
{
	const uint8_t *have = s->view->have + block, *want = s->view->want + block;
	struct islands found;
	bool sparse;
	int rc = 0;

	find_islands(have, want, &found);
	if (found.many)
		return 0;
	sparse = filled_bytes(have) <= SPARSE_BYTES;
	for (size_t i = 0; i < found.count && !rc; i++) {
		struct np_range at = {block + found.at[i].start, found.at[i].len};

		if (sparse)
			at = grow(s, at, block);
		if (at.len <= (sparse ? SPARSE_BYTES + BLANK_AROUND * 8 : ISLAND_MAX))
			rc = judge_island(s, at, sparse);
	}
	return rc;
}

static int compare_blocks(struct search *s)
{
	const struct unit_view *view = s->view;
	int rc = 0;

	for (uint64_t at = 0; at + BLOCK <= view->size && !rc; at += BLOCK)
		if (known(s, (struct np_range){at, BLOCK}) &&
		    memcmp(view->have + at, view->want + at, BLOCK) != 0)
			rc = compare_block(s, at);
	return rc;
}

/* Most jobs lose nothing, so this is asked last: it is the longest search. */
static int leave_firmware_aside(struct search *s)
{
	struct unit_losses *losses = s->losses;
	size_t kept = 0;
	int rc = losses->count ? find_firmware(s) : 0;

	for (size_t i = 0; i < losses->count; i++)
		if (!np_ranges_overlap(&s->firmware, losses->at[i].at))
			losses->at[kept++] = losses->at[i];
	losses->count = kept;
	np_ranges_free(&losses->ranges);
	for (size_t i = 0; i < kept && !rc; i++)
		rc = np_ranges_add(&losses->ranges, losses->at[i].at, s->err);
	return rc;
}

static int by_start(const void *a, const void *b)
{
	const struct unit_loss *left = a, *right = b;

	return left->at.start < right->at.start ? -1 : left->at.start > right->at.start;
}

int unit_losses_find(const struct unit_view *view, struct unit_losses *losses, struct np_error *err)
{
	struct search s = {.view = view, .losses = losses, .err = err};
	int rc;

	*losses = (struct unit_losses){.at = malloc(LOSSES_MAX * sizeof(*losses->at))};
	if (!losses->at)
		return np_fail(err, NP_E_MEMORY, "out of memory for losses of unit data");
	rc = compare_marks(&s);
	if (!rc)
		rc = compare_blocks(&s);
	if (!rc)
		rc = leave_firmware_aside(&s);
	if (losses->count)
		qsort(losses->at, losses->count, sizeof(*losses->at), by_start);
	np_ranges_free(&s.firmware);
	return rc;
}

void unit_losses_free(struct unit_losses *losses)
{
	free(losses->at);
	np_ranges_free(&losses->ranges);
	*losses = (struct unit_losses){0};
}
