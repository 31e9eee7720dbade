/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/gate_doc.h"

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

static void print_gate(FILE *out, const struct gate *gate)
{
	fprintf(out, "\n## %s\n\n%s\n\nAsked by ", gate->name, gate->protects);
	print_jobs(out, gate->jobs);
	fprintf(out, ": %s.\n", stage_name(gate->stage));
	if (gate->can_be_overridden)
		fprintf(out, "\nLifted by `--override %s`", gate->name);
	if (gate->lifted_by)
		fprintf(out, "%s`%s`", gate->can_be_overridden ? ", or by " : "\nAnswered by ",
		        gate->lifted_by);
	if (gate->can_be_overridden || gate->lifted_by)
		fputs(".\n", out);
}

void gate_doc_print(FILE *out)
{
	fputs("<!-- SPDX-License-Identifier: GPL-2.0-or-later -->\n# Gates\n\n"
	      "What norprog looks at before it changes a chip, in the order in which it does. Each\n"
	      "gate passes, warns or refuses; a refusal ends the job before the first erase, and\n"
	      "`--json` names its gate. `--explain` with write, restore, erase or resume asks all of\n"
	      "them and changes nothing. `--override NAME` turns the refusal of that name into a\n"
	      "warning, where it can be overridden at all; `--yes` overrides none.\n\n"
	      "Made by `make doc/GATES.md` from the table in src/job/gate/.\n",
	      out);
	for (size_t i = 0; gate_table[i]; i++)
		print_gate(out, gate_table[i]);
}
