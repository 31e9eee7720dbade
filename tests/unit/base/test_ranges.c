/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/ranges.h"
#include "support/suite.h"

#define SPACE 96

/* The model: one flag per address. */
struct model {
	bool in[SPACE];
};

static void model_set(struct model *model, struct np_range range, bool in)
{
	for (uint64_t i = 0; i < range.len; i++)
		model->in[range.start + i] = in;
}

static void check_equal(const struct np_ranges *set, const struct model *model, unsigned seed)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < SPACE; i++) {
		bool in = np_ranges_contain(set, (struct np_range){i, 1});

		if (in != model->in[i] || np_ranges_overlap(set, (struct np_range){i, 1}) != in)
			ck_abort_msg("seed %u: address %zu", seed, i);
		bytes += model->in[i];
	}
	ck_assert_uint_eq(np_ranges_bytes(set), bytes);
	for (size_t i = 0; i < set->count; i++) {
		ck_assert(set->at[i].len);
		ck_assert(!i || set->at[i - 1].start + set->at[i - 1].len < set->at[i].start);
	}
}

START_TEST(random_adds_and_removes_match_a_flag_per_address)
{
	for (unsigned seed = 1; seed <= 2000; seed++) {
		struct np_ranges set = {0};
		struct model model = {0};

		srand(seed);
		for (int i = 0; i < 12; i++) {
			struct np_range range = {(uint64_t)rand() % SPACE, 0};
			bool add = rand() % 3;

			range.len = (uint64_t)rand() % (SPACE - range.start + 1) % 20;
			ck_assert_int_eq(add ? np_ranges_add(&set, range, NULL)
			                     : np_ranges_remove(&set, range, NULL),
			                 0);
			model_set(&model, range, add);
			check_equal(&set, &model, seed);
		}
		np_ranges_free(&set);
	}
}
END_TEST

START_TEST(align_rounds_outward_and_merges)
{
	struct np_ranges set = {0};

	ck_assert_int_eq(np_ranges_add(&set, (struct np_range){10, 2}, NULL), 0);
	ck_assert_int_eq(np_ranges_add(&set, (struct np_range){17, 1}, NULL), 0);
	ck_assert_int_eq(np_ranges_add(&set, (struct np_range){64, 16}, NULL), 0);
	ck_assert_int_eq(np_ranges_align(&set, 16, NULL), 0);
	ck_assert_uint_eq(set.count, 2);
	ck_assert_uint_eq(set.at[0].start, 0);
	ck_assert_uint_eq(set.at[0].len, 32);
	ck_assert_uint_eq(set.at[1].start, 64);
	ck_assert_uint_eq(set.at[1].len, 16);
	np_ranges_free(&set);
	ck_assert_ptr_null(set.at);
}
END_TEST

START_TEST(whole_sets_add_and_remove)
{
	struct np_ranges set = {0}, keep = {0};

	ck_assert_int_eq(np_ranges_add(&set, (struct np_range){0, 0x100}, NULL), 0);
	ck_assert_int_eq(np_ranges_add(&keep, (struct np_range){0x20, 6}, NULL), 0);
	ck_assert_int_eq(np_ranges_add(&keep, (struct np_range){0xf0, 0x40}, NULL), 0);
	ck_assert_int_eq(np_ranges_remove_all(&set, &keep, NULL), 0);
	ck_assert_uint_eq(np_ranges_bytes(&set), 0xf0 - 6);
	ck_assert(!np_ranges_contain(&set, (struct np_range){0x1f, 2}));
	ck_assert(np_ranges_overlap(&set, (struct np_range){0x1f, 2}));
	ck_assert_int_eq(np_ranges_add_all(&set, &keep, NULL), 0);
	ck_assert_uint_eq(set.count, 1);
	ck_assert_uint_eq(set.at[0].len, 0x130);
	ck_assert_int_eq(np_ranges_add_all(&set, NULL, NULL), 0);
	np_ranges_free(&set);
	np_ranges_free(&keep);
}
END_TEST

START_TEST(an_empty_set_contains_only_nothing)
{
	struct np_ranges set = {0};

	ck_assert(np_ranges_contain(&set, (struct np_range){5, 0}));
	ck_assert(!np_ranges_contain(&set, (struct np_range){5, 1}));
	ck_assert(!np_ranges_overlap(&set, (struct np_range){0, 100}));
	ck_assert_int_eq(np_ranges_remove(&set, (struct np_range){0, 9}, NULL), 0);
}
END_TEST

static struct np_ranges random_set(struct model *model)
{
	struct np_ranges set = {0};

	memset(model, 0, sizeof(*model));
	for (int i = 0; i < 6; i++) {
		struct np_range range = {(uint64_t)rand() % SPACE, 0};

		range.len = (uint64_t)rand() % (SPACE - range.start + 1) % 20;
		np_ranges_add(&set, range, NULL);
		model_set(model, range, true);
	}
	return set;
}

START_TEST(an_intersection_holds_what_is_in_both)
{
	for (unsigned seed = 1; seed <= 1000; seed++) {
		struct model a, b;
		struct np_ranges out = {0}, all = {0}, one, other;

		srand(seed);
		one = random_set(&a);
		other = random_set(&b);
		ck_assert_int_eq(np_ranges_intersect(&one, &other, SPACE, &out, NULL), 0);
		ck_assert_int_eq(np_ranges_intersect(&one, NULL, SPACE, &all, NULL), 0);
		check_equal(&all, &a, seed);
		for (size_t i = 0; i < SPACE; i++)
			a.in[i] &= b.in[i];
		check_equal(&out, &a, seed);
		np_ranges_free(&one);
		np_ranges_free(&other);
		np_ranges_free(&out);
		np_ranges_free(&all);
	}
}
END_TEST

/* Each byte of the set once, in order, never across a block; each block that holds one once. */
START_TEST(walks_see_each_byte_and_each_block_once)
{
	static const uint64_t sizes[] = {1, 4, 7, 16, SPACE, 1000};

	for (unsigned seed = 1; seed <= 1000; seed++) {
		uint64_t size = sizes[seed % 6], last = 0;
		struct model model, seen = {0}, blocks = {0};
		struct np_ranges set;
		struct np_walk walk = {&set, size, 0, 0}, again = {&set, size, 0, 0};
		struct np_range range;

		srand(seed);
		set = random_set(&model);
		while (np_walk_piece(&walk, &range)) {
			ck_assert(range.len && range.start >= last);
			ck_assert_uint_eq(range.start / size, (range.start + range.len - 1) / size);
			last = range.start + range.len;
			model_set(&seen, range, true);
		}
		ck_assert(!np_walk_piece(&walk, &range));
		ck_assert_mem_eq(&seen, &model, sizeof(model));
		last = 0;
		while (np_walk_block(&again, &range)) {
			ck_assert(range.len == size && range.start % size == 0);
			ck_assert(range.start >= last && np_ranges_overlap(&set, range));
			last = range.start + range.len;
			for (uint64_t i = range.start; i < last && i < SPACE; i++)
				blocks.in[i] = true;
		}
		for (size_t i = 0; i < SPACE; i++)
			ck_assert(!model.in[i] || blocks.in[i]);
		np_ranges_free(&set);
	}
}
END_TEST

START_TEST(bytes_of_one_value)
{
	uint8_t data[9] = {0};

	ck_assert(bytes_all(data, 9, 0) && !bytes_all(data, 9, 0xff));
	ck_assert(bytes_all(data, 1, 0) && !bytes_all(data, 0, 0));
	data[8] = 1;
	ck_assert(!bytes_all(data, 9, 0) && bytes_all(data, 8, 0) && bytes_all(data + 8, 1, 1));
	data[8] = 0;
	data[0] = 1;
	ck_assert(!bytes_all(data, 9, 0) && !bytes_all(data, 9, 1));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("region");
	TCase *tc = tcase_create("ranges");

	tcase_add_test(tc, random_adds_and_removes_match_a_flag_per_address);
	tcase_add_test(tc, an_intersection_holds_what_is_in_both);
	tcase_add_test(tc, walks_see_each_byte_and_each_block_once);
	tcase_add_test(tc, bytes_of_one_value);
	tcase_add_test(tc, align_rounds_outward_and_merges);
	tcase_add_test(tc, whole_sets_add_and_remove);
	tcase_add_test(tc, an_empty_set_contains_only_nothing);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
