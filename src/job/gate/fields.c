/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job/gate/fields.h"

#include <string.h>

bool field_is_mac(const struct layout_field *field)
{
	return field->type == FIELD_MAC || field->type == FIELD_MAC_TEXT ||
	       field->type == FIELD_GBE_MAC;
}

bool field_has_check(const struct layout_field *field)
{
	return field->type != FIELD_BYTES && field->type != FIELD_SERIAL;
}

bool field_changes(const struct facts *facts, const struct layout_field *field)
{
	return facts_know(facts, field_range(field)) &&
	       memcmp(facts->have + field->start, facts->want + field->start, field->len) != 0;
}
