/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking the gates. */
#include "job/gate/gate.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/suggest.h"
#include "job/gate/table.h"
#include "job/run.h"

#define DECLARE(name) extern const struct gate gate_##name;
#define ROW(name)     &gate_##name,
GATES(DECLARE)
const struct gate *const gate_table[] = {GATES(ROW) NULL};

const struct gate *gate_find(const char *name)
{
	for (size_t i = 0; gate_table[i]; i++)
		if (strcasecmp(gate_table[i]->name, name) == 0)
			return gate_table[i];
	return NULL;
}

/* ---- overrides ---- */

static int fail_name(const char *name, struct np_error *err)
{
	const char *names[OVERRIDES_MAX + 1] = {NULL}, *near;
	char list[800] = "";
	size_t count = 0;

	for (size_t i = 0, n = 0; gate_table[i] && n < sizeof(list); i++)
		if (gate_table[i]->can_be_overridden) {
			n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", n ? ", " : "",
			                      gate_table[i]->name);
			names[count++] = gate_table[i]->name;
		}
	near = np_suggest(name, names);
	np_fail(err, NP_E_USAGE, "no refusal is named '%s'", name);
	if (near)
		return np_hint(err, "did you mean %s? doc/GATES.md has all names", near);
	return np_hint(err, "these can be overridden: %s", list);
}

static int fail_fixed(const struct gate *gate, struct np_error *err)
{
	np_fail(err, NP_E_USAGE, "the refusal %s cannot be overridden", gate->name);
	if (gate->lifted_by)
		return np_hint(err, "what answers it is %s", gate->lifted_by);
	return np_hint(err, "without --override the job says what can be done instead");
}

int overrides_add(struct overrides *overrides, const char *name, struct np_error *err)
{
	const struct gate *gate = gate_find(name);

	if (!gate)
		return fail_name(name, err);
	if (!gate->can_be_overridden)
		return fail_fixed(gate, err);
	if (overrides_has(overrides, gate->name))
		return 0;
	if (overrides->count == OVERRIDES_MAX)
		return np_fail(err, NP_E_USAGE, "too many overrides");
	overrides->at[overrides->count++] = gate->name;
	return 0;
}

/* ---- all of them ---- */

static int ask(const struct facts *facts, const struct gate *gate, struct verdict *verdict,
               struct np_error *err)
{
	bool overridden;
	int ret;

	*verdict = (struct verdict){.gate = gate, .run = facts->run};
	ret = gate->ask(facts, verdict, err);
	if (ret || verdict->answer == GATE_WARN)
		return ret;
	overridden = verdict->answer == GATE_REFUSE && gate->can_be_overridden &&
	             overrides_has(facts->overrides, gate->name);
	gate_tell(facts->run, gate,
	          overridden                       ? "overridden"
	          : verdict->answer == GATE_REFUSE ? "refuse"
	                                           : "pass",
	          &verdict->why);
	if (overridden) {
		run_tell(facts->run, NP_EV_WARN, "%s overridden: %s", gate->name,
		         verdict->why.message);
		verdict->answer = GATE_PASS;
	}
	return 0;
}

int gates_ask(const struct facts *facts, enum gate_stage stage, bool explain,
              struct refusal *refusal, struct np_error *err)
{
	struct verdict verdict;
	int ret = 0;

	for (size_t i = 0; gate_table[i] && !ret; i++) {
		const struct gate *gate = gate_table[i];

		if (gate->stage != stage || !(gate->jobs & facts->job_bit))
			continue;
		ret = ask(facts, gate, &verdict, err);
		if (ret || verdict.answer != GATE_REFUSE)
			continue;
		if (!refusal->gate)
			*refusal = (struct refusal){gate, verdict.why};
		if (explain && !gate->ends)
			continue;
		ret = verdict.why.code;
		if (err)
			*err = verdict.why;
	}
	return ret;
}
