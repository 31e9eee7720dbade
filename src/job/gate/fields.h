/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the gates that look at a unit's fields share. */
#ifndef NP_JOB_GATE_FIELDS_H
#define NP_JOB_GATE_FIELDS_H

#include "job/gate/gate.h"

bool field_is_mac(const struct layout_field *field);

/* Can its value be told from a wrong one? */
bool field_has_check(const struct layout_field *field);

static inline struct np_range field_range(const struct layout_field *field)
{
	return (struct np_range){field->start, field->len};
}

/* Is the value known, and another one than before when the job is done? */
bool field_changes(const struct facts *facts, const struct layout_field *field);

#endif
