/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The planner: a pure function from (what the chip holds, what it shall hold, geometry, costs) to
 * steps. It is also a promise: nothing outside the blocks it names is ever erased.
 *
 * The erase granularities form a tree: a node is one erase block, its children are the blocks of
 * the next smaller size inside it. With
 *
 *      differs(n)   pages of n whose known bytes differ
 *      filled(n)    pages of n that are not blank in `want`
 *      span(n)      from the first smallest erase block of n that differs to the last
 *      verify(len)  read_ns + len * read_ns_per_byte_x1000 / 1000
 *
 * the cheapest way to make a node right is
 *
 *      best(n) = 0                                                  if nothing in n differs, else
 *      best(n) = min( differs(n) * page_ns + verify(span(n)),       if bits of n only fall
 *                     erase_ns(n) + filled(n) * page_ns             if all of n is known
 *                                 + verify(size(n)),
 *                     sum of best(c) over the children c of n )     if it has any
 *
 * evaluated from the smallest blocks up. A step is therefore one erase block, or the span of a node
 * whose pages are programmed without an erase; the latter keeps runs of pages and their verify read
 * long. The sum over the largest blocks is the least cost of any tiling. Time is one pass over both
 * images plus a constant per smallest block; memory is a few dozen bytes per smallest block.
 */
#ifndef NP_PLAN_PLAN_H
#define NP_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/ranges.h"

#define PLAN_LEVELS 4

/* The chip's geometry and what each operation costs on this chip and this wire, nanoseconds. */
struct plan_cost {
	uint32_t page;   /* program page, bytes */
	uint32_t levels; /* erase granularities, 1..PLAN_LEVELS */
	struct {
		uint32_t size;     /* bytes; each divides the next */
		uint64_t erase_ns; /* command, busy time, waiting */
	} level[PLAN_LEVELS];
	uint64_t page_ns; /* one page: command, data, busy time, waiting, whatever its length */
	uint64_t read_ns_per_byte_x1000; /* verify: picoseconds per byte */
	uint64_t read_ns;                /* fixed cost of one verify read */
	bool no_program_only;            /* on-die ECC: a page is programmed only after an erase */
};

/* One touched unit of work: an erase (or none) and the pages to program inside it, then verify. */
struct plan_step {
	/* An erase block of `level`; or, for level -1, whole smallest erase blocks inside one
	 * largest block: from the first that differs to the last. */
	uint32_t start, len;
	int level;      /* index into cost.level, or -1: program only */
	uint32_t pages; /* pages to program in it */
	bool boot;      /* set aside to run last (--boot-last) */
};

struct plan {
	struct plan_step *steps; /* owned; address order (boot-last steps at the end) */
	size_t count;
	uint64_t cost_ns;                    /* erase + program + verify of all steps */
	uint64_t erase_bytes, program_bytes; /* program_bytes counts whole pages */
	uint32_t erases[PLAN_LEVELS], program_only, pages;
};

/*
 * Make the plan that turns have[0..size) into want[0..size). Only bytes inside `known` are
 * meaningful in both, and only blocks wholly inside `known` are ever erased; NULL: everything is
 * known. Outside `known` the caller keeps both images equal, so that a page that is half known is
 * programmed right. `have` and `want` stay the caller's; the result is freed with plan_free().
 * `boot` (may be NULL) is a range whose steps are put last. Errors: NP_E_MEMORY; NP_E_RANGE when a
 * byte must rise whose erase block is not wholly known; NP_E_USAGE for a geometry that does not
 * nest or divide `size`.
 */
int plan_make(const uint8_t *have, const uint8_t *want, size_t size, const struct np_ranges *known,
              const struct plan_cost *cost, const struct np_range *boot, struct plan *plan,
              struct np_error *err);

/* Is there anything to program in the page at `addr` (`len` bytes), given what it holds after the
 * step's erase? Sets *first and *n to the smallest run inside the page that needs programming. */
bool plan_page_needs(const uint8_t *have, const uint8_t *want, size_t len, bool erased,
                     size_t *first, size_t *n);

void plan_free(struct plan *plan);

#endif
