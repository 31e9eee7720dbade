/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What gates are written with: their verdicts, and looks at the facts. Knows no gate by name. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "job/gate/gate.h"
#include "job/run.h"

bool overrides_has(const struct overrides *overrides, const char *name)
{
	for (size_t i = 0; overrides && i < overrides->count; i++)
		if (strcmp(overrides->at[i], name) == 0)
			return true;
	return false;
}

/* ---- verdicts ---- */

void gate_tell(struct run *run, const struct gate *gate, const char *answer,
               const struct np_error *why)
{
	run_emit(run, &(struct np_event){.type = NP_EV_GATE,
	                                 .gate = gate->name,
	                                 .answer = answer,
	                                 .text = why->message,
	                                 .hint = why->hint});
}

int gate_refuse(struct verdict *verdict, int code, const char *format, ...)
{
	va_list args;

	verdict->answer = GATE_REFUSE;
	verdict->why = (struct np_error){.code = code};
	va_start(args, format);
	vsnprintf(verdict->why.message, sizeof(verdict->why.message), format, args);
	va_end(args);
	return 0;
}

int gate_refuse_as(struct verdict *verdict, int code, const struct np_error *why)
{
	if (!code)
		return 0;
	verdict->answer = GATE_REFUSE;
	verdict->why = *why;
	return 0;
}

int gate_hint(struct verdict *verdict, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(verdict->why.hint, sizeof(verdict->why.hint), format, args);
	va_end(args);
	return 0;
}

int gate_warn(struct verdict *verdict, const char *format, ...)
{
	va_list args;

	verdict->answer = GATE_WARN;
	verdict->why = (struct np_error){0};
	va_start(args, format);
	vsnprintf(verdict->why.message, sizeof(verdict->why.message), format, args);
	va_end(args);
	gate_tell(verdict->run, verdict->gate, "warn", &verdict->why);
	run_tell(verdict->run, NP_EV_WARN, "%s", verdict->why.message);
	return 0;
}

/* ---- facts ---- */

bool facts_know(const struct facts *facts, struct np_range range)
{
	return range.len && range.start < facts->size && range.len <= facts->size - range.start &&
	       np_ranges_contain(facts->known, range);
}

int facts_read(const struct facts *facts, struct np_range range, uint8_t *buf, struct np_error *err)
{
	if (facts->known && facts_know(facts, range)) {
		memcpy(buf, facts->have + range.start, range.len);
		return 0;
	}
	return run_read(facts->run, range.start, buf, range.len, err);
}
