/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/gate_doc.h"

#include <string.h>

#include "job/gate/gate.h"

static const char *stage_name(enum gate_stage stage)
{
	return stage == GATE_ASKED  ? "before anything is read"
	       : stage == GATE_READ ? "after the read"
	                            : "after the plan";
}

static void print_jobs(FILE *out, unsigned jobs)
{
	static const char *const names[] = {"write",  "restore",       "erase",
	                                    "resume", "resume --undo", "verify"};
	const char *comma = "";

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(jobs & 1u << i))
			continue;
		fprintf(out, "%s%s", comma, names[i]);
		comma = ", ";
	}
}

/* "--keep RANGES, --layout": each as code. */
static void print_ways(FILE *out, const struct gate *gate)
{
	const char *way = gate->lifted_by, *between = ", or by ";

	if (!gate->can_be_overridden)
		between = "\nAnswered by ";
	while (*way) {
		size_t len = strcspn(way, ",");

		fprintf(out, "%s`%.*s`", between, (int)len, way);
		way += len + strspn(way + len, ", ");
		between = " or ";
	}
}

static void print_gate(FILE *out, const struct gate *gate)
{
	fprintf(out, "\n## %s\n\n%s\n\nAsked by ", gate->name, gate->protects);
	print_jobs(out, gate->jobs);
	fprintf(out, ": %s.\n", stage_name(gate->stage));
	if (gate->can_be_overridden)
		fprintf(out, "\nLifted by `--override %s`", gate->name);
	if (gate->lifted_by)
		print_ways(out, gate);
	if (gate->can_be_overridden || gate->lifted_by)
		fputs(".\n", out);
}

void gate_doc_print(FILE *out)
{
	fputs("<!-- SPDX-License-Identifier: GPL-2.0-or-later -->\n# Gates\n\n"
	      "A gate is one check before a chip is changed. It passes, warns, or refuses; a refusal ends\n"
	      "the job before the first erase, says what to do, and `--json` names its gate. They are\n"
	      "listed in the order in which norprog asks them.\n\n"
	      "- `--explain` with write, restore, erase or resume asks all of them, prints each answer,\n"
	      "  and changes nothing.\n"
	      "- `--override NAME` turns the refusal of the gate NAME into a warning, where that is\n"
	      "  possible at all. Read first what the gate protects.\n"
	      "- `--yes` answers the question before the first erase. It overrides no gate.\n\n"
	      "Made by `make doc/GATES.md` from the table in src/job/gate/.\n",
	      out);
	for (size_t i = 0; gate_table[i]; i++)
		print_gate(out, gate_table[i]);
}
