/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The planner's promises, on seeded random flashes small enough to try every tiling. */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/plan.h"
#include "support/suite.h"

#define CASES         10000
#define SIZE_MAX_TEST 1024
#define PAGE          16
#define NEVER         UINT64_MAX

/* A generator of our own, so that a seed means the same on every libc. */
struct rng {
	uint64_t state;
};

static uint32_t next(struct rng *rng)
{
	rng->state = rng->state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(rng->state >> 33);
}

static uint32_t below(struct rng *rng, uint32_t limit)
{
	return next(rng) % limit;
}

/* One random case: a flash of up to four erase sizes, what it holds and shall hold, what is known.
 */
struct scene {
	struct plan_cost cost;
	size_t size;
	uint8_t have[SIZE_MAX_TEST], want[SIZE_MAX_TEST];
	struct np_ranges known;
	bool partly;
};

static void random_cost(struct rng *rng, struct scene *scene)
{
	struct plan_cost *cost = &scene->cost;
	uint32_t size = PAGE * (1 + below(rng, 3));

	cost->page = PAGE;
	cost->levels = 1 + below(rng, 3);
	for (uint32_t k = 0; k < cost->levels; k++) {
		cost->level[k].size = size;
		cost->level[k].erase_ns = 1000 + below(rng, 200000);
		size *= 2 + below(rng, 2);
	}
	cost->page_ns = 100 + below(rng, 20000);
	cost->read_ns = below(rng, 5000);
	cost->read_ns_per_byte_x1000 = below(rng, 200000);
	cost->no_program_only = below(rng, 8) == 0;
	size = cost->level[cost->levels - 1].size;
	scene->size = size * (1 + below(rng, SIZE_MAX_TEST / 2 / size + 1));
	ck_assert_uint_le(scene->size, SIZE_MAX_TEST);
}

static void random_page(struct rng *rng, uint8_t *have, uint8_t *want)
{
	uint32_t kind = below(rng, 6);

	for (size_t i = 0; i < PAGE; i++) {
		have[i] = below(rng, 3) ? (uint8_t)next(rng) : 0xff;
		want[i] = have[i];
		if (kind == 1)
			want[i] &= (uint8_t)(next(rng) | next(rng));
		else if (kind == 2)
			want[i] = (uint8_t)next(rng);
		else if (kind == 3)
			want[i] = 0xff;
		else if (kind == 4)
			have[i] = 0xff;
	}
}

/* Outside `known` both images are equal, as the contract asks. */
static void random_known(struct rng *rng, struct scene *scene)
{
	scene->partly = below(rng, 3) == 0;
	if (!scene->partly)
		return;
	for (uint32_t i = 0; i < 3; i++) {
		struct np_range range = {below(rng, (uint32_t)scene->size), 0};

		range.len = 1 + below(rng, (uint32_t)(scene->size - range.start));
		ck_assert_int_eq(np_ranges_add(&scene->known, range, NULL), 0);
	}
	for (size_t i = 0; i < scene->size; i++)
		if (!np_ranges_contain(&scene->known, (struct np_range){i, 1}))
			scene->want[i] = scene->have[i];
}

static struct scene random_scene(unsigned seed)
{
	struct rng rng = {seed * 0x9e3779b97f4a7c15u + 1};
	struct scene scene = {0};

	random_cost(&rng, &scene);
	for (size_t at = 0; at < scene.size; at += PAGE)
		random_page(&rng, scene.have + at, scene.want + at);
	random_known(&rng, &scene);
	return scene;
}

static int make(const struct scene *scene, const uint8_t *have, struct plan *plan)
{
	struct np_error err = {0};

	return plan_make(have, scene->want, scene->size, scene->partly ? &scene->known : NULL,
	                 &scene->cost, NULL, plan, &err);
}

/* ---- an independent judge: pages looked at one by one, every tiling tried ---- */

static bool differs(const struct scene *scene, size_t page)
{
	return memcmp(scene->have + page, scene->want + page, PAGE) != 0;
}

static bool rises(const struct scene *scene, size_t start, size_t len)
{
	for (size_t i = start; i < start + len; i++)
		if (scene->want[i] & ~scene->have[i])
			return true;
	return false;
}

static bool is_filled(const struct scene *scene, size_t page)
{
	for (size_t i = 0; i < PAGE; i++)
		if (scene->want[page + i] != 0xff)
			return true;
	return false;
}

static uint64_t verify_cost(const struct scene *scene, size_t len)
{
	return scene->cost.read_ns + len * scene->cost.read_ns_per_byte_x1000 / 1000;
}

static uint64_t program_cost(const struct scene *scene, size_t start, size_t len)
{
	size_t leaf = scene->cost.level[0].size, first = start + len, last = 0, pages = 0;

	for (size_t at = start; at < start + len; at += PAGE) {
		if (!differs(scene, at))
			continue;
		first = at < first ? at : first;
		last = at;
		pages++;
	}
	if (!pages)
		return 0;
	if (scene->cost.no_program_only || rises(scene, start, len))
		return NEVER;
	return pages * scene->cost.page_ns +
	       verify_cost(scene, (last / leaf - first / leaf + 1) * leaf);
}

static uint64_t erase_cost(const struct scene *scene, uint32_t k, size_t start)
{
	size_t len = scene->cost.level[k].size, pages = 0;

	if (scene->partly && !np_ranges_contain(&scene->known, (struct np_range){start, len}))
		return NEVER;
	for (size_t at = start; at < start + len; at += PAGE)
		pages += is_filled(scene, at);
	return scene->cost.level[k].erase_ns + pages * scene->cost.page_ns +
	       verify_cost(scene, len);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t brute(const struct scene *scene, uint32_t k, size_t start)
{
	size_t len = scene->cost.level[k].size;
	uint64_t best = least(program_cost(scene, start, len), erase_cost(scene, k, start));
	uint64_t split = 0;

	for (size_t at = start; k && at < start + len; at += scene->cost.level[k - 1].size) {
		uint64_t part = brute(scene, k - 1, at);

		split = split == NEVER || part == NEVER ? NEVER : split + part;
	}
	return k ? least(best, split) : best;
}

static uint64_t brute_all(const struct scene *scene)
{
	uint32_t top = scene->cost.levels - 1;
	uint64_t sum = 0;

	for (size_t at = 0; at < scene->size; at += scene->cost.level[top].size) {
		uint64_t part = brute(scene, top, at);

		if (part == NEVER)
			return NEVER;
		sum += part;
	}
	return sum;
}

/* The usual rule: the largest block when over half of it changes, else the smallest ones that
 * differ. */
static uint64_t greedy(const struct scene *scene)
{
	uint32_t top = scene->cost.levels - 1;
	size_t big = scene->cost.level[top].size, small = scene->cost.level[0].size;
	uint64_t sum = 0;

	for (size_t start = 0; start < scene->size; start += big) {
		size_t changed = 0;

		for (size_t i = start; i < start + big; i++)
			changed += scene->have[i] != scene->want[i];
		if (2 * changed > big) {
			sum += erase_cost(scene, top, start);
			continue;
		}
		for (size_t at = start; at < start + big; at += small)
			if (memcmp(scene->have + at, scene->want + at, small) != 0)
				sum += erase_cost(scene, 0, at);
	}
	return sum;
}

/* ---- a chip that bits can only fall on ---- */

static void run_step(const struct scene *scene, const struct plan_step *step, uint8_t *chip)
{
	uint32_t pages = 0;

	if (step->level >= 0)
		memset(chip + step->start, 0xff, step->len);
	for (size_t at = step->start; at < step->start + step->len; at += PAGE) {
		size_t first, n;

		if (!plan_page_needs(scene->have + at, scene->want + at, PAGE, step->level >= 0,
		                     &first, &n))
			continue;
		for (size_t i = at + first; i < at + first + n; i++)
			chip[i] &= scene->want[i];
		pages++;
	}
	ck_assert_uint_eq(pages, step->pages);
}

static bool in_steps(const struct plan *plan, size_t addr)
{
	for (size_t i = 0; i < plan->count; i++)
		if (addr >= plan->steps[i].start &&
		    addr < plan->steps[i].start + plan->steps[i].len)
			return true;
	return false;
}

static void check_steps(const struct scene *scene, const struct plan *plan, unsigned seed)
{
	uint64_t end = 0;

	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_step *step = &plan->steps[i];
		struct np_range block = {step->start, step->len};

		ck_assert_msg(step->start >= end, "seed %u: step %zu out of order", seed, i);
		end = step->start + step->len;
		if (step->level < 0) {
			ck_assert(!scene->cost.no_program_only && step->pages);
			continue;
		}
		ck_assert_uint_eq(step->len, scene->cost.level[step->level].size);
		ck_assert_uint_eq(step->start % step->len, 0);
		ck_assert_msg(!scene->partly || np_ranges_contain(&scene->known, block),
		              "seed %u: step %zu erases what is not known", seed, i);
	}
	ck_assert_uint_le(end, scene->size);
}

static void check_case(unsigned seed)
{
	struct scene scene = random_scene(seed);
	uint64_t best = brute_all(&scene), simple = scene.partly ? NEVER : greedy(&scene);
	uint8_t chip[SIZE_MAX_TEST];
	struct plan plan, again;
	int rc = make(&scene, scene.have, &plan);

	ck_assert_msg((rc == 0) == (best != NEVER), "seed %u: rc %d", seed, rc);
	if (rc) {
		ck_assert_int_eq(rc, NP_E_RANGE);
		np_ranges_free(&scene.known);
		return;
	}
	ck_assert_msg(plan.cost_ns == best, "seed %u: cost %" PRIu64 ", brute force %" PRIu64, seed,
	              plan.cost_ns, best);
	ck_assert_msg(plan.cost_ns <= simple, "seed %u: greedy is cheaper", seed);
	check_steps(&scene, &plan, seed);
	memcpy(chip, scene.have, scene.size);
	for (size_t i = 0; i < plan.count; i++)
		run_step(&scene, &plan.steps[i], chip);
	ck_assert_msg(memcmp(chip, scene.want, scene.size) == 0, "seed %u: wrong result", seed);
	for (size_t i = 0; i < scene.size; i++)
		if (scene.have[i] != scene.want[i] && !in_steps(&plan, i))
			ck_abort_msg("seed %u: 0x%zx is in no step", seed, i);
	ck_assert_int_eq(make(&scene, chip, &again), 0);
	ck_assert_msg(again.count == 0 && again.cost_ns == 0, "seed %u: not done", seed);
	plan_free(&again);
	plan_free(&plan);
	np_ranges_free(&scene.known);
}

START_TEST(random_plans_are_optimal_and_right)
{
	for (unsigned seed = 1; seed <= CASES; seed++)
		check_case(seed);
}
END_TEST

/* Cut after any step, leave that step half done, read again, plan again: it ends right. */
static void check_cut(unsigned seed)
{
	struct scene scene = random_scene(seed), rest = scene;
	uint8_t chip[SIZE_MAX_TEST];
	struct plan plan;

	if (make(&scene, scene.have, &plan) == 0) {
		for (size_t cut = 0; cut < plan.count; cut++) {
			const struct plan_step *flux = &plan.steps[cut];
			struct plan second;

			memcpy(chip, scene.have, scene.size);
			for (size_t i = 0; i < cut; i++)
				run_step(&scene, &plan.steps[i], chip);
			if (flux->level >= 0)
				memset(chip + flux->start, 0xff, flux->len / 2);
			memcpy(rest.have, chip, rest.size);
			ck_assert_int_eq(make(&rest, chip, &second), 0);
			for (size_t i = 0; i < second.count; i++)
				run_step(&rest, &second.steps[i], chip);
			ck_assert_msg(memcmp(chip, scene.want, scene.size) == 0,
			              "seed %u, cut at step %zu", seed, cut);
			plan_free(&second);
		}
		plan_free(&plan);
	}
	np_ranges_free(&scene.known);
}

START_TEST(any_prefix_then_a_new_plan_converges)
{
	for (unsigned seed = 1; seed <= 1000; seed++)
		check_cut(seed);
}
END_TEST

/* ---- single rules ---- */

static const struct plan_cost flash_cost = {
	.page = 256,
	.levels = 3,
	.level = {{4096, 60000000}, {32768, 180000000}, {65536, 250000000}},
	.page_ns = 400000,
	.read_ns_per_byte_x1000 = 300000,
	.read_ns = 100000,
};

START_TEST(boot_steps_come_last)
{
	size_t size = 4 * 65536;
	uint8_t *have = malloc(size), *want = malloc(size);
	struct np_range boot = {0, 0x20000};
	struct plan plan;

	memset(have, 0, size);
	memset(want, 0x5a, size);
	ck_assert_int_eq(plan_make(have, want, size, NULL, &flash_cost, &boot, &plan, NULL), 0);
	ck_assert_uint_eq(plan.count, 4);
	ck_assert_uint_eq(plan.steps[0].start, 0x20000);
	ck_assert_uint_eq(plan.steps[1].start, 0x30000);
	ck_assert(!plan.steps[1].boot && plan.steps[2].boot && plan.steps[3].boot);
	ck_assert_uint_eq(plan.steps[2].start, 0);
	ck_assert_uint_eq(plan.erases[2], 4);
	ck_assert_uint_eq(plan.pages, 1024);
	ck_assert_uint_eq(plan.program_bytes, size);
	ck_assert_uint_eq(plan.erase_bytes, size);
	plan_free(&plan);
	free(have);
	free(want);
}
END_TEST

START_TEST(neighbouring_blocks_are_programmed_in_one_step)
{
	size_t size = 2 * 65536;
	uint8_t *have = malloc(size), *want = malloc(size);
	struct plan plan;

	memset(have, 0xff, size);
	memset(want, 0xff, size);
	memset(want + 0x2000, 0, 0x8000);
	ck_assert_int_eq(plan_make(have, want, size, NULL, &flash_cost, NULL, &plan, NULL), 0);
	ck_assert_uint_eq(plan.count, 1);
	ck_assert_uint_eq(plan.steps[0].start, 0x2000);
	ck_assert_uint_eq(plan.steps[0].len, 0x8000);
	ck_assert_uint_eq(plan.program_only, 1);
	ck_assert_uint_eq(plan.erase_bytes, 0);
	ck_assert_uint_eq(plan.steps[0].pages, 128);
	plan_free(&plan);
	free(have);
	free(want);
}
END_TEST

START_TEST(a_block_that_turns_blank_is_only_erased)
{
	size_t size = 65536;
	uint8_t *have = malloc(size), *want = malloc(size);
	struct plan plan;

	memset(have, 0xff, size);
	memset(want, 0xff, size);
	have[0x5123] = 0;
	ck_assert_int_eq(plan_make(have, want, size, NULL, &flash_cost, NULL, &plan, NULL), 0);
	ck_assert_uint_eq(plan.count, 1);
	ck_assert_uint_eq(plan.pages, 0);
	ck_assert_uint_eq(plan.steps[0].start, 0x5000);
	ck_assert_uint_eq(plan.steps[0].len, 0x1000);
	ck_assert_int_eq(plan.steps[0].level, 0);
	plan_free(&plan);
	free(have);
	free(want);
}
END_TEST

START_TEST(bad_geometry_is_named)
{
	static uint8_t data[65536];
	struct plan_cost cost = flash_cost;
	struct np_error err = {0};
	struct plan plan;

	cost.level[1].size = 6000;
	ck_assert_int_eq(plan_make(data, data, sizeof(data), NULL, &cost, NULL, &plan, &err),
	                 NP_E_USAGE);
	ck_assert_ptr_nonnull(strstr(err.message, "6000"));
	cost = flash_cost;
	ck_assert_int_eq(plan_make(data, data, 65536 - 4096, NULL, &cost, NULL, &plan, &err),
	                 NP_E_USAGE);
	cost.levels = 0;
	ck_assert_int_eq(plan_make(data, data, sizeof(data), NULL, &cost, NULL, &plan, &err),
	                 NP_E_USAGE);
	ck_assert_ptr_null(plan.steps);
}
END_TEST

START_TEST(page_runs_are_trimmed)
{
	uint8_t have[16], want[16];
	size_t first, n;

	memset(have, 0xff, sizeof(have));
	memset(want, 0xff, sizeof(want));
	ck_assert(!plan_page_needs(have, want, 16, false, &first, &n));
	ck_assert(!plan_page_needs(have, want, 16, true, &first, &n));
	want[3] = have[3] = 1;
	want[9] = 7;
	ck_assert(plan_page_needs(have, want, 16, false, &first, &n));
	ck_assert_uint_eq(first, 9);
	ck_assert_uint_eq(n, 1);
	ck_assert(plan_page_needs(have, want, 16, true, &first, &n));
	ck_assert_uint_eq(first, 3);
	ck_assert_uint_eq(n, 7);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan");
	TCase *tc = tcase_create("planner");

	tcase_add_test(tc, random_plans_are_optimal_and_right);
	tcase_add_test(tc, any_prefix_then_a_new_plan_converges);
	tcase_add_test(tc, boot_steps_come_last);
	tcase_add_test(tc, neighbouring_blocks_are_programmed_in_one_step);
	tcase_add_test(tc, a_block_that_turns_blank_is_only_erased);
	tcase_add_test(tc, bad_geometry_is_named);
	tcase_add_test(tc, page_runs_are_trimmed);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
