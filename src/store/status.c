/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/status.h"

#include <string.h>

#include "chip/nor_status.h"

/* By enum nor_reg4. */
static const char *const fourths[] = {"", "configuration", "function", "eon-otp"};

void manifest_note_status(struct manifest *manifest, const struct nor_info *info,
                          const struct nor_protection *found)
{
	struct manifest_status *status = &manifest->status;

	status->told = found->sr_count > 0;
	status->count = found->sr_count;
	memcpy(status->sr, found->sr, sizeof(status->sr));
	status->reg4 = nor_status_reg4(info->chip);
}

json_t *status_pack(const struct manifest_status *status)
{
	json_t *list = json_array();
	json_t *object = json_pack("{s:o}", "registers", list);

	for (size_t i = 0; i < status->count && i < 3; i++)
		json_array_append_new(list, json_integer(status->sr[i]));
	if (object && status->reg4 != NOR_REG4_NONE) {
		json_object_set_new(object, "fourth", json_integer(status->sr[3]));
		json_object_set_new(object, "fourth_is", json_string(fourths[status->reg4]));
	}
	return object;
}

static bool take_byte(const json_t *value, uint8_t *byte)
{
	json_int_t number = json_integer_value(value);

	*byte = (uint8_t)number;
	return json_is_integer(value) && number >= 0 && number <= 0xff;
}

static bool take_fourth(const json_t *object, struct manifest_status *status)
{
	const char *name = json_string_value(json_object_get(object, "fourth_is"));

	if (!json_object_get(object, "fourth"))
		return true;
	for (size_t i = 1; name && i < sizeof(fourths) / sizeof(fourths[0]); i++)
		if (strcmp(name, fourths[i]) == 0)
			status->reg4 = (enum nor_reg4)i;
	return status->reg4 != NOR_REG4_NONE &&
	       take_byte(json_object_get(object, "fourth"), &status->sr[3]);
}

int status_load(const json_t *object, struct manifest_status *status, struct np_error *err)
{
	const json_t *list = json_object_get(object, "registers");
	bool right = json_array_size(list) >= 1 && json_array_size(list) <= 3;

	*status = (struct manifest_status){0};
	if (!object)
		return 0;
	for (size_t i = 0; right && i < json_array_size(list); i++)
		right = take_byte(json_array_get(list, i), &status->sr[i]);
	right = right && take_fourth(object, status);
	if (!right) {
		*status = (struct manifest_status){0};
		return np_fail(err, NP_E_INPUT,
		               "\"status\" holds something else than status registers");
	}
	status->count = (uint8_t)json_array_size(list);
	status->told = true;
	return 0;
}
