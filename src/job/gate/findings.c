/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job/gate/findings.h"

#include <string.h>

#include "job/run.h"

const struct trust_finding *findings_first(const struct facts *facts, enum trust_kind kind,
                                           const char **path, int *ret, struct np_error *err)
{
	const struct intent_image *image = &facts->intent->image;

	*ret = intent_examine(facts->intent, facts->chip, err);
	for (size_t i = 0; i < image->trust_count && !*ret; i++) {
		if (!image->trust[i].at[kind].found)
			continue;
		if (path)
			*path = image->trust[i].path;
		return &image->trust[i].at[kind];
	}
	return NULL;
}

/* Of the blocks of `set` those whose contents the job changes. */
static int add_changing(const struct facts *facts, const struct np_ranges *set,
                        struct np_ranges *out, struct np_error *err)
{
	struct np_walk walk = {set, JOB_BLOCK, 0, 0};
	struct np_range piece;
	int ret = 0;

	while (!ret && np_walk_piece(&walk, &piece))
		if (facts_know(facts, piece) &&
		    memcmp(facts->have + piece.start, facts->want + piece.start, piece.len) != 0)
			ret = np_ranges_add(out, piece, err);
	return ret;
}

int findings_that_change(const struct facts *facts, enum trust_kind kind, struct np_ranges *out,
                         struct np_error *err)
{
	const struct intent_image *image = &facts->intent->image;
	const struct np_ranges *todo = &facts->intent->selection.todo;
	struct np_ranges where = {0};
	int ret = intent_examine(facts->intent, facts->chip, err);

	for (size_t i = 0; i < image->trust_count && !ret; i++) {
		const struct trust_finding *finding = &image->trust[i].at[kind];

		if (!finding->found)
			continue;
		if (image->by_address)
			ret = np_ranges_intersect(&finding->where, todo, facts->size, &where, err);
		else
			ret = np_ranges_add_all(&where, todo, err);
	}
	if (!ret)
		ret = add_changing(facts, &where, out, err);
	np_ranges_free(&where);
	return ret;
}

int findings_judge(const struct facts *facts, struct verdict *verdict, const char *path,
                   const char *text)
{
	if (facts->job_bit != GATE_RESTORE)
		return gate_warn(verdict, "%s, by its manifest: %s", path, text);
	gate_refuse(verdict, NP_E_POLICY, "%s, by its manifest: %s", path, text);
	return gate_hint(verdict, "take the backup of this chip, or say --override %s",
	                 verdict->gate->name);
}
