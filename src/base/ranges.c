/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/ranges.h"

#include <stdlib.h>
#include <string.h>

static uint64_t range_end(const struct np_range *range)
{
	return range->start + range->len;
}

/* Index of the first range that ends at or behind `addr`. */
static size_t first_touching(const struct np_ranges *set, uint64_t addr)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (range_end(&set->at[middle]) < addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Replace `removed` ranges from `index` on by room for `added` ones. */
static int splice(struct np_ranges *set, size_t index, size_t removed, size_t added,
                  struct np_error *err)
{
	size_t count = set->count - removed + added;

	if (count > set->room) {
		size_t room = count * 2;
		struct np_range *at = realloc(set->at, room * sizeof(*at));

		if (!at)
			return np_fail(err, NP_E_MEMORY, "out of memory for %zu ranges", room);
		set->at = at;
		set->room = room;
	}
	if (set->count > index + removed)
		memmove(&set->at[index + added], &set->at[index + removed],
		        (set->count - index - removed) * sizeof(*set->at));
	set->count = count;
	return 0;
}

int np_ranges_add(struct np_ranges *set, struct np_range range, struct np_error *err)
{
	uint64_t end = range_end(&range);
	size_t first, last;
	int rc;

	if (!range.len)
		return 0;
	first = last = first_touching(set, range.start);
	while (last < set->count && set->at[last].start <= end) {
		if (set->at[last].start < range.start)
			range.start = set->at[last].start;
		if (range_end(&set->at[last]) > end)
			end = range_end(&set->at[last]);
		last++;
	}
	rc = splice(set, first, last - first, 1, err);
	if (rc)
		return rc;
	set->at[first] = (struct np_range){range.start, end - range.start};
	return 0;
}

int np_ranges_add_all(struct np_ranges *set, const struct np_ranges *other, struct np_error *err)
{
	int rc = 0;

	for (size_t i = 0; other && i < other->count && !rc; i++)
		rc = np_ranges_add(set, other->at[i], err);
	return rc;
}

int np_ranges_remove(struct np_ranges *set, struct np_range range, struct np_error *err)
{
	uint64_t end = range_end(&range), tail = 0;
	struct np_range left[2];
	size_t first, last, kept = 0;
	int rc;

	if (!range.len)
		return 0;
	first = last = first_touching(set, range.start + 1);
	if (first < set->count && set->at[first].start < range.start)
		left[kept++] =
			(struct np_range){set->at[first].start, range.start - set->at[first].start};
	while (last < set->count && set->at[last].start < end)
		tail = range_end(&set->at[last++]);
	if (last == first)
		return 0;
	if (tail > end)
		left[kept++] = (struct np_range){end, tail - end};
	rc = splice(set, first, last - first, kept, err);
	if (!rc && kept)
		memcpy(&set->at[first], left, kept * sizeof(*left));
	return rc;
}

int np_ranges_remove_all(struct np_ranges *set, const struct np_ranges *other, struct np_error *err)
{
	int rc = 0;

	for (size_t i = 0; other && i < other->count && !rc; i++)
		rc = np_ranges_remove(set, other->at[i], err);
	return rc;
}

int np_ranges_align(struct np_ranges *set, uint64_t align, struct np_error *err)
{
	struct np_ranges aligned = {0};
	int rc = 0;

	for (size_t i = 0; i < set->count && !rc; i++) {
		uint64_t start = set->at[i].start & ~(align - 1);
		uint64_t end = (range_end(&set->at[i]) + align - 1) & ~(align - 1);

		rc = np_ranges_add(&aligned, (struct np_range){start, end - start}, err);
	}
	if (rc) {
		np_ranges_free(&aligned);
		return rc;
	}
	np_ranges_free(set);
	*set = aligned;
	return 0;
}

int np_ranges_intersect(const struct np_ranges *a, const struct np_ranges *b, uint64_t size,
                        struct np_ranges *out, struct np_error *err)
{
	struct np_range all = {0, size};
	struct np_ranges whole = {&all, 1, 1};
	size_t i = 0, k = 0;
	int rc = 0;

	a = a ? a : &whole;
	b = b ? b : &whole;
	while (i < a->count && k < b->count && !rc) {
		uint64_t a_end = range_end(&a->at[i]), b_end = range_end(&b->at[k]);
		uint64_t start = a->at[i].start > b->at[k].start ? a->at[i].start : b->at[k].start;
		uint64_t end = a_end < b_end ? a_end : b_end;

		if (start < end)
			rc = np_ranges_add(out, (struct np_range){start, end - start}, err);
		if (a_end < b_end)
			i++;
		else
			k++;
	}
	return rc;
}

/* The range that holds the next byte of the walk, or NULL; walk->addr is moved to that byte. */
static const struct np_range *walk_on(struct np_walk *walk)
{
	while (walk->index < walk->set->count &&
	       range_end(&walk->set->at[walk->index]) <= walk->addr)
		walk->index++;
	if (walk->index == walk->set->count)
		return NULL;
	if (walk->addr < walk->set->at[walk->index].start)
		walk->addr = walk->set->at[walk->index].start;
	return &walk->set->at[walk->index];
}

bool np_walk_piece(struct np_walk *walk, struct np_range *piece)
{
	const struct np_range *range = walk_on(walk);
	uint64_t end;

	if (!range)
		return false;
	end = (walk->addr / walk->size + 1) * walk->size;
	end = end < range_end(range) ? end : range_end(range);
	*piece = (struct np_range){walk->addr, end - walk->addr};
	walk->addr = end;
	return true;
}

bool np_walk_block(struct np_walk *walk, struct np_range *block)
{
	if (!walk_on(walk))
		return false;
	*block = (struct np_range){walk->addr / walk->size * walk->size, walk->size};
	walk->addr = range_end(block);
	return true;
}

bool np_ranges_contain(const struct np_ranges *set, struct np_range range)
{
	size_t i = first_touching(set, range.start + 1);

	if (!range.len)
		return true;
	return i < set->count && set->at[i].start <= range.start &&
	       range_end(&set->at[i]) >= range_end(&range);
}

bool np_ranges_overlap(const struct np_ranges *set, struct np_range range)
{
	size_t i = first_touching(set, range.start + 1);

	return range.len && i < set->count && set->at[i].start < range_end(&range);
}

uint64_t np_ranges_bytes(const struct np_ranges *set)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < set->count; i++)
		bytes += set->at[i].len;
	return bytes;
}

void np_ranges_free(struct np_ranges *set)
{
	free(set->at);
	*set = (struct np_ranges){0};
}
