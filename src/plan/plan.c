/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define NEVER UINT64_MAX

enum choice { LEAVE, PROGRAM, ERASE, SPLIT };

struct node {
	uint64_t best;            /* cheapest cost, or NEVER */
	uint32_t differs, filled; /* pages */
	uint32_t first, last;     /* smallest blocks that differ, numbered over the whole flash */
	bool rises, known;
	uint8_t choice;
};

struct planner {
	const uint8_t *have, *want;
	size_t size;
	const struct np_ranges *known;
	const struct plan_cost *cost;
	struct node *level[PLAN_LEVELS]; /* level[0] owns the memory of all */
	size_t nodes[PLAN_LEVELS];
};

static bool any_bit_rises(const uint8_t *have, const uint8_t *want, size_t len)
{
	uint64_t rising = 0;
	size_t i = 0;

	for (; i + 8 <= len; i += 8) {
		uint64_t old, new;

		memcpy(&old, have + i, 8);
		memcpy(&new, want + i, 8);
		rising |= new & ~old;
	}
	for (; i < len; i++)
		rising |= (uint64_t)(want[i] & ~have[i]);
	return rising != 0;
}

static int check_geometry(const struct plan_cost *cost, size_t size, struct np_error *err)
{
	uint32_t below = cost->page;

	if (!cost->page || cost->levels < 1 || cost->levels > PLAN_LEVELS || !size ||
	    size > UINT32_MAX)
		return np_fail(err, NP_E_USAGE,
		               "geometry: page %u, %u erase sizes, flash of %zu bytes", cost->page,
		               cost->levels, size);
	for (uint32_t k = 0; k < cost->levels; k++) {
		uint32_t block = cost->level[k].size;

		if (block < below || block % below || size % block)
			return np_fail(err, NP_E_USAGE,
			               "geometry: erase size %u does not nest in %u and %zu", block,
			               below, size);
		below = block;
	}
	return 0;
}

static int nodes_alloc(struct planner *p, struct np_error *err)
{
	size_t total = 0;

	for (uint32_t k = 0; k < p->cost->levels; k++)
		total += p->nodes[k] = p->size / p->cost->level[k].size;
	p->level[0] = calloc(total, sizeof(struct node));
	if (!p->level[0])
		return np_fail(err, NP_E_MEMORY, "out of memory for a plan of %zu blocks", total);
	for (uint32_t k = 1; k < p->cost->levels; k++)
		p->level[k] = p->level[k - 1] + p->nodes[k - 1];
	return 0;
}

/* ---- the compare pass: what differs, what must rise, per smallest block ---- */

static void compare_bytes(const struct planner *p, struct node *leaf, size_t addr, size_t len)
{
	if (memcmp(p->have + addr, p->want + addr, len) == 0)
		return;
	leaf->differs++;
	leaf->rises |= any_bit_rises(p->have + addr, p->want + addr, len);
}

/* A page of which only parts are known counts once however many of them differ. */
static void compare_partly_known(const struct planner *p, struct node *leaf, size_t addr)
{
	uint64_t page_end = addr + p->cost->page;
	uint32_t before = leaf->differs;

	for (size_t i = 0; i < p->known->count; i++) {
		uint64_t start = p->known->at[i].start, end = start + p->known->at[i].len;

		start = start < addr ? addr : start;
		end = end > page_end ? page_end : end;
		if (start < end)
			compare_bytes(p, leaf, start, end - start);
	}
	if (leaf->differs > before)
		leaf->differs = before + 1;
}

static void compare_leaf(const struct planner *p, size_t index)
{
	struct node *leaf = &p->level[0][index];
	uint32_t size = p->cost->level[0].size, page = p->cost->page;
	size_t addr = index * size;
	struct np_range block = {addr, size};

	leaf->known = !p->known || np_ranges_contain(p->known, block);
	if (!leaf->known && !np_ranges_overlap(p->known, block))
		return;
	if (leaf->known && memcmp(p->have + addr, p->want + addr, size) == 0)
		return;
	for (size_t at = addr; at < addr + size; at += page) {
		if (leaf->known || np_ranges_contain(p->known, (struct np_range){at, page}))
			compare_bytes(p, leaf, at, page);
		else
			compare_partly_known(p, leaf, at);
	}
	leaf->first = leaf->last = (uint32_t)index;
	if (p->cost->no_program_only && leaf->differs)
		leaf->rises = true;
}

/* Pages that an erase would have to put back; asked only where an erase is a choice at all. */
static void count_filled(const struct planner *p, size_t index)
{
	struct node *leaf = &p->level[0][index];
	uint32_t size = p->cost->level[0].size, page = p->cost->page;

	for (size_t at = index * size; at < (index + 1) * size; at += page)
		leaf->filled += !bytes_all(p->want + at, page, 0xff);
}

static void compare_all(const struct planner *p)
{
	size_t per_top = p->cost->level[p->cost->levels - 1].size / p->cost->level[0].size;

	for (size_t top = 0; top < p->nodes[0]; top += per_top) {
		bool rises = false;

		for (size_t i = top; i < top + per_top; i++) {
			compare_leaf(p, i);
			rises |= p->level[0][i].rises;
		}
		for (size_t i = top; rises && i < top + per_top; i++)
			if (p->level[0][i].known)
				count_filled(p, i);
	}
}

/* ---- the recurrence of the header ---- */

static uint64_t verify_ns(const struct plan_cost *cost, uint64_t len)
{
	return cost->read_ns + len * cost->read_ns_per_byte_x1000 / 1000;
}

static void consider(struct node *node, uint64_t cost, enum choice choice)
{
	if (cost < node->best) {
		node->best = cost;
		node->choice = (uint8_t)choice;
	}
}

static uint32_t span_bytes(const struct planner *p, const struct node *node)
{
	return (node->last - node->first + 1) * p->cost->level[0].size;
}

/* `split`: what the children cost together, NEVER for a smallest block. At equal cost the choice
 * that puts less in flux wins: it is considered first. */
static void decide(const struct planner *p, uint32_t k, struct node *node, uint64_t split)
{
	const struct plan_cost *cost = p->cost;

	if (!node->differs) {
		node->best = 0;
		node->choice = LEAVE;
		return;
	}
	node->best = NEVER;
	if (!node->rises)
		consider(node, node->differs * cost->page_ns + verify_ns(cost, span_bytes(p, node)),
		         PROGRAM);
	consider(node, split, SPLIT);
	if (node->known && node->rises)
		consider(node,
		         cost->level[k].erase_ns + node->filled * cost->page_ns +
		                 verify_ns(cost, cost->level[k].size),
		         ERASE);
}

/* Sum up the children of node `index` of level `k`; returns what they cost together. */
static uint64_t gather(const struct planner *p, uint32_t k, size_t index, struct node *node)
{
	size_t fan = p->cost->level[k].size / p->cost->level[k - 1].size;
	const struct node *child = &p->level[k - 1][index * fan];
	uint64_t split = 0;

	node->known = true;
	for (size_t i = 0; i < fan; i++) {
		if (child[i].differs) {
			if (!node->differs)
				node->first = child[i].first;
			node->last = child[i].last;
		}
		node->differs += child[i].differs;
		node->filled += child[i].filled;
		node->rises |= child[i].rises;
		node->known &= child[i].known;
		split = split == NEVER || child[i].best == NEVER ? NEVER : split + child[i].best;
	}
	return split;
}

static void solve(const struct planner *p)
{
	for (size_t i = 0; i < p->nodes[0]; i++)
		decide(p, 0, &p->level[0][i], NEVER);
	for (uint32_t k = 1; k < p->cost->levels; k++) {
		for (size_t i = 0; i < p->nodes[k]; i++) {
			struct node *node = &p->level[k][i];
			uint64_t split = gather(p, k, i, node);

			decide(p, k, node, split);
		}
	}
}

/* ---- from choices to steps ---- */

static size_t count_steps(const struct planner *p, uint32_t k, size_t index)
{
	const struct node *node = &p->level[k][index];
	size_t fan, count = 0;

	if (node->choice != SPLIT) /* NOLINT: nodes_alloc() made all levels */
		return node->choice != LEAVE;
	fan = p->cost->level[k].size / p->cost->level[k - 1].size;
	for (size_t i = 0; i < fan; i++)
		count += count_steps(p, k - 1, index * fan + i);
	return count;
}

static void add_step(const struct planner *p, uint32_t k, size_t index, struct plan *plan)
{
	const struct node *node = &p->level[k][index];
	struct plan_step *step = &plan->steps[plan->count++];

	if (node->choice == ERASE) {
		uint32_t size = p->cost->level[k].size;

		*step = (struct plan_step){(uint32_t)(index * size), size, (int)k, node->filled,
		                           false};
		plan->erases[k]++;
		plan->erase_bytes += size;
	} else {
		*step = (struct plan_step){node->first * p->cost->level[0].size,
		                           span_bytes(p, node), -1, node->differs, false};
		plan->program_only++;
	}
	plan->pages += step->pages;
	plan->cost_ns += node->best;
}

static void add_steps(const struct planner *p, uint32_t k, size_t index, struct plan *plan)
{
	const struct node *node = &p->level[k][index];
	size_t fan;

	if (node->choice == LEAVE) /* NOLINT: nodes_alloc() made all levels */
		return;
	if (node->choice != SPLIT) {
		add_step(p, k, index, plan);
		return;
	}
	fan = p->cost->level[k].size / p->cost->level[k - 1].size;
	for (size_t i = 0; i < fan; i++)
		add_steps(p, k - 1, index * fan + i, plan);
}

/* The smallest block that must be erased and may not: what the error names. */
static int fail_unknown(const struct planner *p, struct np_error *err)
{
	size_t size = p->cost->level[0].size;

	for (size_t i = 0; i < p->nodes[0]; i++)
		if (p->level[0][i].best == NEVER)
			return np_fail(
				err, NP_E_RANGE,
				"the block 0x%06zx+0x%zx must be erased, but only part of it "
				"was read",
				i * size, size);
	return np_fail(err, NP_E_FAIL, "no plan found");
}

static int emit(const struct planner *p, struct plan *plan, struct np_error *err)
{
	uint32_t top = p->cost->levels - 1;
	size_t count = 0;

	for (size_t i = 0; i < p->nodes[top]; i++) {
		if (p->level[top][i].best == NEVER)
			return fail_unknown(p, err);
		count += count_steps(p, top, i);
	}
	if (!count)
		return 0;
	plan->steps = calloc(count, sizeof(*plan->steps));
	if (!plan->steps)
		return np_fail(err, NP_E_MEMORY, "out of memory for a plan of %zu steps", count);
	for (size_t i = 0; i < p->nodes[top]; i++)
		add_steps(p, top, i, plan);
	plan->program_bytes = (uint64_t)plan->pages * p->cost->page;
	return 0;
}

/* Stable: both parts stay in address order. */
static int put_boot_last(struct plan *plan, const struct np_range *boot, struct np_error *err)
{
	struct plan_step *sorted;
	size_t n = 0;

	if (!plan->count)
		return 0;
	sorted = calloc(plan->count, sizeof(*sorted));
	if (!sorted)
		return np_fail(err, NP_E_MEMORY, "out of memory for a plan of %zu steps",
		               plan->count);
	for (size_t i = 0; i < plan->count; i++) {
		struct plan_step *step = &plan->steps[i];

		step->boot = step->start < boot->start + boot->len &&
		             boot->start < (uint64_t)step->start + step->len;
		if (!step->boot)
			sorted[n++] = *step;
	}
	for (size_t i = 0; i < plan->count; i++)
		if (plan->steps[i].boot)
			sorted[n++] = plan->steps[i];
	free(plan->steps);
	plan->steps = sorted;
	return 0;
}

int plan_make(const uint8_t *have, const uint8_t *want, size_t size, const struct np_ranges *known,
              const struct plan_cost *cost, const struct np_range *boot, struct plan *plan,
              struct np_error *err)
{
	struct planner p = {.have = have, .want = want, .size = size, .known = known, .cost = cost};
	int rc;

	*plan = (struct plan){0};
	rc = check_geometry(cost, size, err);
	if (!rc)
		rc = nodes_alloc(&p, err);
	if (rc)
		return rc;
	compare_all(&p);
	solve(&p);
	rc = emit(&p, plan, err);
	if (!rc && boot)
		rc = put_boot_last(plan, boot, err);
	free(p.level[0]);
	if (rc)
		plan_free(plan);
	return rc;
}

bool plan_page_needs(const uint8_t *have, const uint8_t *want, size_t len, bool erased,
                     size_t *first, size_t *n)
{
	size_t start = 0, end = len;

	while (start < len && want[start] == (erased ? 0xff : have[start]))
		start++;
	if (start == len)
		return false;
	while (want[end - 1] == (erased ? 0xff : have[end - 1]))
		end--;
	*first = start;
	*n = end - start;
	return true;
}

void plan_free(struct plan *plan)
{
	free(plan->steps);
	*plan = (struct plan){0};
}
