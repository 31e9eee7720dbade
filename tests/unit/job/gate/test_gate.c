/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: job/gate/ intent_trust.c intent_part.c */
/* Every gate, through the library: a situation in which it refuses or warns, the same with the
 * refusal lifted, a near one that passes. A refusal leaves chip and state folder as they were. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "support/gate_doc.h"
#include "support/gate_scene.h"
#include "support/suite.h"

static const struct gate_scene *const groups[] = {gate_scenes_chip, gate_scenes_file,
                                                  gate_scenes_unit};

/* NULL behind the last. */
static const struct gate_scene *scene_at(int i)
{
	for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++)
		for (const struct gate_scene *scene = groups[g]; scene->gate; scene++)
			if (i-- == 0)
				return scene;
	return NULL;
}

static void expect_untouched(unsigned jobs, unsigned backups)
{
	ck_assert_mem_eq(now(), before, rig.size);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), jobs);
	ck_assert_uint_eq(rig_files(&rig, "backups"), backups);
}

START_TEST(each_gate_refuses_what_it_is_for)
{
	const struct gate_scene *scene = scene_at(_i);
	bool open =
		strstr("unfinished-job orphan-job lost-file other-chip unproven-chip", scene->gate);
	int ret = scene->play(HIT);

	ck_assert_msg(ret == scene->code, "%s: %d %s", scene->gate, ret, err.message);
	ck_assert_str_eq(rig_verdict(&rig, scene->gate), scene->code ? "refuse" : "warn");
	ck_assert_msg(strstr(scene->code ? err.message : rig.warned, scene->words) != NULL,
	              "%s: %s%s", scene->gate, err.message, rig.warned);
	if (!scene->code)
		return;
	ck_assert_str_eq(rig.refused, scene->gate);
	if (strcmp(scene->gate, "state-folder") != 0)
		expect_untouched(open ? 2 : 0, open ? 2 : 0);
	ck_assert(err.hint[0] || strcmp(scene->gate, "erase-unknown") == 0 ||
	          strcmp(scene->gate, "selection") == 0);
}
END_TEST

START_TEST(each_gate_that_can_be_lifted_is)
{
	const struct gate_scene *scene = scene_at(_i);
	const struct gate *gate = gate_find(scene->gate);
	int ret;

	ck_assert(!gate->can_be_overridden || scene->lifted);
	if (!scene->lifted)
		return;
	ret = scene->play(LIFTED);
	ck_assert_msg(ret == 0, "%s: %d %s", scene->gate, ret, err.message);
	if (gate->can_be_overridden)
		ck_assert_str_eq(rig_verdict(&rig, scene->gate), "overridden");
}
END_TEST

START_TEST(each_gate_passes_what_is_near)
{
	const struct gate_scene *scene = scene_at(_i);
	int ret = scene->play(NEAR);
	const char *verdict = rig_verdict(&rig, scene->gate);

	ck_assert_msg(ret == 0, "%s: %d %s", scene->gate, ret, err.message);
	/* Not asked where nothing is to be done. */
	ck_assert_msg(!verdict[0] || strcmp(verdict, "pass") == 0, "%s: %s", scene->gate, verdict);
}
END_TEST

/* A new gate without a scene is a defect of the test. */
START_TEST(each_gate_has_a_scene)
{
	for (size_t i = 0; gate_table[i]; i++) {
		bool found = false;

		for (int k = 0; scene_at(k); k++)
			found |= strcmp(scene_at(k)->gate, gate_table[i]->name) == 0;
		ck_assert_msg(found, "no scene for %s", gate_table[i]->name);
		ck_assert_ptr_eq(gate_find(gate_table[i]->name), gate_table[i]);
	}
}
END_TEST

/* Several refusals at once: all are told, the first is the answer, and nothing is touched. */
START_TEST(explain_asks_all_of_them)
{
	start("W25Q64FW");
	make_unit(image, 2, 9);
	image[CAL] ^= 1;
	ck_assert_int_eq(WRITE(.how.explain = true), NP_E_VOLTAGE);
	ck_assert_str_eq(rig.refused, "supply");
	ck_assert_str_eq(rig_verdict(&rig, "supply"), "refuse");
	ck_assert_str_eq(rig_verdict(&rig, "unit-data"), "refuse");
	ck_assert_str_eq(rig_verdict(&rig, "flawed-value"), "refuse");
	ck_assert_str_eq(rig_verdict(&rig, "selection"), "pass");
	ck_assert_uint_eq(rig.plans, 1);
	expect_untouched(0, 0);
}
END_TEST

START_TEST(explain_of_a_resume_touches_nothing)
{
	struct resume_options options = {.mode = RESUME_FINISH, .explain = true};

	start("W25Q64FV");
	cut_off(3);
	memcpy(before, now(), rig.size);
	ck_assert_msg(job_resume(&rig.job, &options, &result, &err) == 0, "%s", err.message);
	ck_assert_str_eq(rig_verdict(&rig, "other-chip"), "pass");
	expect_untouched(2, 2);
	ck_assert_int_eq(rig_resume(&rig, RESUME_FINISH, &result, &err), 0);
	ck_assert_mem_eq(now(), image, rig.size);
}
END_TEST

/* ---- doc/GATES.md ---- */

START_TEST(the_document_is_current)
{
	char *made = NULL;
	size_t made_len = 0, len = 0;
	uint8_t *kept = NULL;
	FILE *out = open_memstream(&made, &made_len);

	gate_doc_print(out);
	fclose(out);
	ck_assert_msg(np_io_read("doc/GATES.md", 1 << 20, &kept, &len, &err) == 0, "%s",
	              err.message);
	ck_assert_msg(len == made_len && memcmp(kept, made, len) == 0, "run make doc/GATES.md");
	free(kept);
	free(made);
}
END_TEST

int main(int argc, char **argv)
{
	int count = 0;
	Suite *suite = suite_create("job_gate");
	TCase *tc = tcase_create("gate");

	if (argc > 1 && strcmp(argv[1], "--print") == 0) {
		gate_doc_print(stdout);
		return 0;
	}
	while (scene_at(count))
		count++;
	tcase_add_checked_fixture(tc, gate_scene_setup, gate_scene_teardown);
	tcase_add_loop_test(tc, each_gate_refuses_what_it_is_for, 0, count);
	tcase_add_loop_test(tc, each_gate_that_can_be_lifted_is, 0, count);
	tcase_add_loop_test(tc, each_gate_passes_what_is_near, 0, count);
	tcase_add_test(tc, each_gate_has_a_scene);
	tcase_add_test(tc, the_document_is_current);
	tcase_add_test(tc, explain_asks_all_of_them);
	tcase_add_test(tc, explain_of_a_resume_touches_nothing);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
