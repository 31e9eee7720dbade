/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The planner: a pure function from (what the chip holds, what it shall hold, geometry, costs) to steps.
 * For each node of the erase tree it takes the cheapest of: leave, program only (bits that only fall),
 * erase here and reprogram, or let the children decide. Optimal by dynamic programming over the tree.
 * It is also a promise: nothing outside the blocks it names is ever erased.
 */
#ifndef NP_PLAN_PLAN_H
#define NP_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "plan/region.h"

#define PLAN_LEVELS 4

/* The chip's geometry and what each operation costs on this chip and this wire, nanoseconds. */
struct plan_cost {
	uint32_t page;	/* program page, bytes */
	uint32_t levels; /* erase granularities, 1..PLAN_LEVELS */
	struct {
		uint32_t size;	/* bytes; each divides the next */
		uint64_t erase_ns; /* command, busy time, waiting */
	} level[PLAN_LEVELS];
	uint64_t page_ns; /* one page: command, data, busy time, waiting, whatever its length */
	uint64_t read_ns_per_byte_x1000; /* verify: picoseconds per byte */
	uint64_t read_ns; /* fixed cost of one verify read */
	bool no_program_only; /* on-die ECC: a page is programmed only after an erase */
};

/* One touched unit of work: an erase (or none) and the pages to program inside it, then verify. */
struct plan_step {
	uint32_t start, len;  /* the block: an erase block when erase_op_level >= 0, else the smallest
				 erase block around the pages programmed */
	int level;	      /* index into cost.level, or -1: program only */
	uint32_t pages;	      /* pages to program in it */
	bool boot;	      /* set aside to run last (--boot-last) */
};

struct plan {
	struct plan_step *steps; /* owned; address order (boot-last steps at the end) */
	size_t count;
	uint64_t cost_ns;	 /* erase + program + verify of all steps */
	uint64_t erase_bytes, program_bytes; /* program_bytes counts whole pages */
	uint32_t erases[PLAN_LEVELS], program_only, pages;
};

/*
 * Make the plan that turns have[0..size) into want[0..size). Only bytes inside `known` are meaningful in
 * both, and only blocks wholly inside `known` are ever erased; NULL: everything is known. `have` and
 * `want` stay the caller's; the result is freed with plan_free(). `boot` (may be NULL) is a range whose
 * steps are put last.
 * Errors: NP_E_MEMORY; NP_E_RANGE when a byte must rise whose erase block is not wholly known;
 * NP_E_USAGE for a geometry that does not nest or divide `size`.
 */
int plan_make(const uint8_t *have, const uint8_t *want, size_t size, const struct np_ranges *known,
	      const struct plan_cost *cost, const struct np_range *boot, struct plan *plan,
	      struct np_error *err);

/* Is there anything to program in the page at `addr` (`len` bytes), given what it holds after the step's
 * erase? Sets *first and *n to the smallest run inside the page that needs programming. */
bool plan_page_needs(const uint8_t *have, const uint8_t *want, size_t len, bool erased,
		     size_t *first, size_t *n);

/* One line for a step: "0x010000 64 KiB: erase 64K, program 256 pages, verify". Returns `buf`. */
const char *plan_step_text(const struct plan *plan, const struct plan_cost *cost, size_t index,
			   char *buf, size_t len);

void plan_free(struct plan *plan);

#endif
