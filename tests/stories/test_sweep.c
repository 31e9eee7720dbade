/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flash images of every board, composed from the facts and not from the program's own table: OpenWrt
 * with its device tree, OpenWrt without one, a vendor's firmware. None may be given a wrong name,
 * none may lose what is its own unless a gate has refused, none may keep firmware by mistake, and an
 * upgrade of the same unit passes. Small boards play whole jobs on the simulated chip; of larger
 * ones the gates are asked. NORPROG_SOAK takes all boards, else some are taken.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/evidence.h"
#include "device/recognise.h"
#include "job/gate/gate.h"
#include "job/run.h"
#include "support/compose.h"
#include "support/rig.h"
#include "support/suite.h"

#define STEP   10       /* in the short run every tenth of the small boards, and fewer large ones */
#define SMALL  0x400000 /* in the soak run all up to this play jobs, and some larger ones */
#define MIDDLE 0x800000

struct counts {
	unsigned images, named, named_tree, trees, wrong, lost, kept, upgrades, refused_upgrades;
	unsigned jobs, failed, keeping;
};

struct scene {
	const json_t *board;
	enum compose_variant variant;
	uint64_t size, seed;
	uint8_t *have, *want;
	struct compose_places places;
	struct recognition found;
	struct layout guard; /* filled when the chip is named */
	bool named, jobs;
	struct rig rig;
	struct counts *counts;
};

static void report(const struct scene *s, const char *what, const char *detail)
{
	static const char *const names[] = {"with tree", "without tree", "stock"};

	printf("%s (%s): %s%s\n", boards_text(s->board, "board"), names[s->variant], what, detail);
	fflush(stdout);
}

static bool loses(const struct scene *s, const uint8_t *now)
{
	for (size_t i = 0; i < s->places.count; i++)
		if (memcmp(s->have + s->places.at[i].start, now + s->places.at[i].start,
		           s->places.at[i].len) != 0)
			return true;
	return false;
}

/* ---- the gates, asked on images ---- */

static bool gates_refuse(struct scene *s, const struct np_ranges *keep)
{
	static const char *const names[] = {"unit-data", "unit-form", "unknown-device"};
	struct np_range all = {0, s->size};
	struct np_ranges known = {&all, 1, 1};
	struct nor_info chip = {.size = s->size};
	struct job job = {.layout = NULL};
	struct run run = {.job = &job, .size = s->size};
	struct intent intent = {.operation = INTENT_WRITE, .image = {.data = s->want}};
	struct facts facts = {.job_bit = GATE_WRITE,
	                      .run = &run,
	                      .job = &job,
	                      .chip = &chip,
	                      .size = s->size,
	                      .intent = &intent,
	                      .guard = s->named ? &s->guard : NULL,
	                      .guard_recognised = s->named,
	                      .found = &s->found,
	                      .have = s->have,
	                      .want = s->want,
	                      .known = &known};
	bool refused = false;
	char word[64];

	for (size_t i = 0; keep && i < keep->count; i++) {
		snprintf(word, sizeof(word), "%llu+%llu", (unsigned long long)keep->at[i].start,
		         (unsigned long long)keep->at[i].len);
		ck_assert_int_eq(selection_keep(&intent.selection, NULL, word, s->size, NULL), 0);
	}
	ck_assert_int_eq(selection_settle(&intent.selection, s->size, NULL), 0);
	for (size_t i = 0; i < 3 && !refused; i++) {
		struct verdict verdict = {.gate = gate_find(names[i]), .run = &run};

		ck_assert_int_eq(verdict.gate->ask(&facts, &verdict, NULL), 0);
		refused = verdict.answer == GATE_REFUSE;
		if (refused && getenv("SWEEP_VERBOSE"))
			report(s, "", verdict.why.message);
	}
	selection_free(&intent.selection);
	return refused;
}

/* ---- a job on the chip ---- */

static const char *part_of_size(uint64_t size)
{
	switch (size >> 20) {
	case 1:
		return "W25Q80BV";
	case 2:
		return "W25Q16JV";
	case 4:
		return "W25Q32FV";
	case 8:
		return "W25Q64FV";
	case 16:
		return "W25Q128FV";
	default:
		return NULL;
	}
}

static bool job_refuses(struct scene *s, const char *keep_word)
{
	struct rig_order order = {.image = s->want, .keep_word = keep_word, .how.passes = 1};
	struct write_result result;
	struct np_error err = {0};
	int ret;

	s->counts->jobs++;
	ret = rig_write(&s->rig, &order, &result, &err);
	if (ret && ret != NP_E_UNIT && ret != NP_E_POLICY) {
		s->counts->failed++;
		report(s, "the job failed: ", err.message);
	} else if (ret && getenv("SWEEP_VERBOSE")) {
		report(s, "", err.message);
	}
	if (ret)
		ck_assert_mem_eq(norsim_mem(s->rig.chip), s->have, s->size);
	else
		memcpy(s->want, norsim_mem(s->rig.chip), s->size);
	return ret != 0;
}

/* A plain write. Afterwards `want` is what the chip would hold. */
static bool refused(struct scene *s)
{
	if (!s->jobs)
		return gates_refuse(s, NULL);
	memcpy(norsim_mem(s->rig.chip), s->have, s->size);
	return job_refuses(s, NULL);
}

/* As the command does: whose chip it is is asked in steps, and that layout places `unit`. True where
 * the steps, which read no more than they must, find no name: then the command refuses. */
static bool job_keeping_unit_refused(struct scene *s)
{
	struct recognition found;
	struct layout layout;
	bool refuses;

	memcpy(norsim_mem(s->rig.chip), s->have, s->size);
	ck_assert_int_eq(job_recognise(&s->rig.job, NULL, &found, &layout, NULL), 0);
	if (layout.region_count && !found.ambiguous && strcmp(found.name, s->found.name) != 0) {
		s->counts->wrong++;
		report(s, "in steps named ", found.name);
	}
	s->rig.job.layout = layout.region_count ? &layout : NULL;
	refuses = !layout.region_count || job_refuses(s, "unit");
	s->rig.job.layout = NULL;
	layout_free(&layout);
	return refuses;
}

static bool keeping_unit_refused(struct scene *s)
{
	const struct np_ranges *unit = &s->guard.unit;

	if (s->jobs)
		return job_keeping_unit_refused(s);
	for (size_t i = 0; i < unit->count; i++)
		memcpy(s->want + unit->at[i].start, s->have + unit->at[i].start, unit->at[i].len);
	return gates_refuse(s, unit);
}

/* ---- the plays ---- */

static bool compose(struct scene *s, uint8_t *image, uint64_t unit, uint64_t release)
{
	struct compose_places places;
	bool fine = compose_image(image, s->board, s->variant, unit, release, &places);

	if (image == s->have)
		s->places = places;
	return fine;
}

static void name_it(struct scene *s)
{
	const json_t *names = json_object_get(s->board, "compatible");
	const char *own = json_string_value(json_array_get(names, 0));

	ck_assert_int_eq(recognise_dump(s->have, s->size, &s->found, NULL), 0);
	s->named = s->found.name[0] && !s->found.ambiguous;
	if (s->found.name[0] && getenv("SWEEP_VERBOSE"))
		report(s, s->found.device, s->found.why);
	if (s->named && strcmp(s->found.name, evidence_device_name(own)) != 0) {
		s->counts->wrong++;
		report(s, "named ", s->found.name);
	}
	s->counts->named += s->named;
	s->counts->named_tree += s->named && s->variant == COMPOSE_TREE;
	if (s->named)
		ck_assert_int_eq(recognise_load(&s->found, s->have, s->size, &s->guard, NULL), 0);
}

/* Bytes of firmware that stayed though they hold nothing of this unit. */
static bool keeps_firmware(const struct scene *s, const uint8_t *asked)
{
	struct np_ranges firmware = {0};
	bool any = false;

	compose_firmware(s->board, &firmware);
	for (size_t i = 0; i < s->places.count; i++)
		ck_assert_int_eq(np_ranges_remove(&firmware, s->places.at[i], NULL), 0);
	for (size_t i = 0; i < firmware.count && !any; i++)
		any = firmware.at[i].start + firmware.at[i].len <= s->size &&
		      memcmp(s->want + firmware.at[i].start, asked + firmware.at[i].start,
		             firmware.at[i].len) != 0;
	np_ranges_free(&firmware);
	return any;
}

static void lost(struct scene *s, const char *by)
{
	s->counts->lost++;
	report(s, "unit data lost by ", by);
}

static void another_units_dump(struct scene *s)
{
	compose(s, s->want, s->seed + 2, s->seed + 3);
	if (!refused(s) && loses(s, s->want))
		lost(s, "a plain write of another unit's dump");
	compose(s, s->want, 0, s->seed + 3);
	if (!refused(s) && loses(s, s->want))
		lost(s, "a plain write of firmware alone");
}

static void keep_unit(struct scene *s)
{
	uint8_t *asked;

	if (!s->named || !s->guard.unit.count)
		return;
	asked = malloc(s->size);
	compose(s, s->want, s->seed + 2, s->seed + 3);
	memcpy(asked, s->want, s->size);
	if (!keeping_unit_refused(s)) {
		s->counts->keeping++;
		if (loses(s, s->want))
			lost(s, "write --keep unit");
		if (keeps_firmware(s, asked)) {
			s->counts->kept++;
			report(s, "firmware kept", "");
		}
	}
	free(asked);
}

static void upgrade(struct scene *s)
{
	compose(s, s->want, s->seed, s->seed + 4);
	s->counts->upgrades++;
	if (refused(s)) {
		s->counts->refused_upgrades++;
		report(s, "an upgrade was refused ", s->jobs ? s->rig.refused : "");
	}
}

static void play(const json_t *board, enum compose_variant variant, uint64_t seed, bool jobs,
                 struct counts *counts)
{
	struct scene s = {.board = board,
	                  .variant = variant,
	                  .size = compose_size(board),
	                  .seed = seed,
	                  .counts = counts};

	s.have = malloc(s.size);
	s.want = malloc(s.size);
	s.jobs = jobs && part_of_size(s.size);
	if (!compose(&s, s.have, seed, seed + 1))
		goto out;
	counts->images++;
	counts->trees += variant == COMPOSE_TREE;
	if (s.jobs) {
		rig_init(&s.rig);
		s.rig.config.chip.part = part_of_size(s.size);
		rig_open(&s.rig);
		ck_assert_uint_eq(s.rig.size, s.size);
	}
	name_it(&s);
	another_units_dump(&s);
	keep_unit(&s);
	upgrade(&s);
	if (s.jobs)
		rig_free(&s.rig);
out:
	layout_free(&s.guard);
	free(s.have);
	free(s.want);
}

/* SWEEP_BOARD names boards; SWEEP_PART=2/8 divides the soak run among processes. */
static bool takes_part(const json_t *board, size_t i, uint64_t seed)
{
	const char *only = getenv("SWEEP_BOARD"), *part = getenv("SWEEP_PART");
	uint64_t size = compose_size(board), step;
	unsigned nth = 0, of = 1;

	if (only)
		return strstr(boards_text(board, "board"), only) != NULL;
	if (part && sscanf(part, "%u/%u", &nth, &of) == 2 && of)
		return i % of == nth;
	step = size <= SMALL ? STEP : size <= MIDDLE ? 4 * STEP : 20 * STEP;
	return rig_soak() || i % step == seed % step;
}

START_TEST(no_board_is_misnamed_and_none_loses_its_data)
{
	uint64_t seed = rig_seed(17);
	struct counts c = {0};
	json_t *boards = boards_facts();

	for (size_t i = 0; i < json_array_size(boards); i++) {
		const json_t *board = json_array_get(boards, i);
		bool jobs = compose_size(board) <= SMALL / (rig_soak() ? 1 : 2) ||
		            (rig_soak() && i % 16 == seed % 16);

		if (!takes_part(board, i, seed))
			continue;
		for (int variant = 0; variant < COMPOSE_VARIANTS; variant++)
			play(board, (enum compose_variant)variant,
			     seed * 1000003 + i * 16 + (unsigned)variant, jobs, &c);
	}
	json_decref(boards);
	printf("%u images, %u named; with tree %u of %u; wrong %u, lost %u, firmware kept %u, "
	       "upgrades refused %u of %u; %u kept their unit; %u jobs, %u failed\n",
	       c.images, c.named, c.named_tree, c.trees, c.wrong, c.lost, c.kept,
	       c.refused_upgrades, c.upgrades, c.keeping, c.jobs, c.failed);
	ck_assert_uint_gt(c.images, 0);
	ck_assert_uint_eq(c.wrong, 0);
	ck_assert_uint_eq(c.lost, 0);
	ck_assert_uint_eq(c.kept, 0);
	ck_assert_uint_eq(c.failed, 0);
	ck_assert_uint_ge(c.named_tree * 100, c.trees * 98);
	ck_assert_uint_le(c.refused_upgrades * 100, c.upgrades);
}
END_TEST

/* ---- devices that were once taken for others ---- */

static const json_t *find_board(const json_t *boards, const char *name)
{
	for (size_t i = 0; i < json_array_size(boards); i++)
		if (strcmp(boards_text(json_array_get(boards, i), "board"), name) == 0)
			return json_array_get(boards, i);
	ck_abort_msg("no facts of %s", name);
	return NULL;
}

/* The first lost its MAC at 0xFFDE00 as a GL-MT300N-V2, the second got 64 KiB of its old firmware at
 * 0x7E0000 back as a Netgear EX3700. */
START_TEST(look_alikes_keep_what_is_theirs)
{
	static const char *const names[] = {"cudy_tr1200-v1", "wavlink_wl-wn530hg4"};
	struct counts c = {0};
	json_t *boards = boards_facts();

	for (int variant = COMPOSE_NO_TREE; variant < COMPOSE_VARIANTS; variant++)
		play(find_board(boards, names[_i]), (enum compose_variant)variant,
		     rig_seed(17) + (unsigned)variant, true, &c);
	json_decref(boards);
	ck_assert_uint_eq(c.images, 2);
	ck_assert_uint_ge(c.jobs, 6);
	ck_assert_uint_eq(c.wrong + c.lost + c.kept + c.failed + c.refused_upgrades, 0);
}
END_TEST

/* Their unit data lie where another device's do, and no header of the vendor says otherwise. */
static const struct {
	const char *board, *look_alike;
	uint32_t number_at;
	const char *number;
} neighbours[] = {
	{"tplink_archer-c2-v1", "tplink-mr200-v1", 0x7df200, "12345670"},
	{"tplink_archer-c20-v1", "tplink-mr200-v1", 0x7df200, "12345670"},
	{"tplink_mr600-v2-eu", "tplink-mr500-v1", 0xfcf500, "490154203237518"},
};

START_TEST(the_same_places_name_nobody_alone)
{
	json_t *boards = boards_facts();
	const json_t *board = find_board(boards, neighbours[_i].board);
	uint8_t *image = malloc(compose_size(board));

	for (int variant = 0; variant < COMPOSE_VARIANTS; variant++) {
		struct compose_places places;
		struct recognition found;

		ck_assert(
			compose_image(image, board, (enum compose_variant)variant, 5, 6, &places));
		memcpy(image + 0x7df100, "\xa0\xf3\xc1\x12\x34\x56", 6);
		memcpy(image + neighbours[_i].number_at, neighbours[_i].number,
		       strlen(neighbours[_i].number));
		if (variant != COMPOSE_TREE)
			memset(image + 0x20000, 0xff, 0x200);
		ck_assert_int_eq(recognise_dump(image, compose_size(board), &found, NULL), 0);
		ck_assert(found.ambiguous || strcmp(found.name, neighbours[_i].look_alike) != 0);
	}
	free(image);
	json_decref(boards);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sweep");
	TCase *tc = tcase_create("boards"), *alike = tcase_create("look-alikes"),
	      *places = tcase_create("places");

	tcase_add_test(tc, no_board_is_misnamed_and_none_loses_its_data);
	tcase_add_loop_test(alike, look_alikes_keep_what_is_theirs, 0, 2);
	tcase_add_loop_test(places, the_same_places_name_nobody_alone, 0,
	                    sizeof(neighbours) / sizeof(neighbours[0]));
	suite_add_tcase(suite, tc);
	suite_add_tcase(suite, alike);
	suite_add_tcase(suite, places);
	return run_suite(suite);
}
