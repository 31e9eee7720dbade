/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nor/nor_settings.h"

#include <string.h>

#include "nor/nor_priv.h"

static int check(struct nor *nor, const struct nor_settings *settings, const uint8_t sr[4],
                 struct np_error *err)
{
	for (enum nor_setting i = 0; i < NOR_SETTINGS; i++) {
		uint8_t value;

		if (!settings->set[i] || !nor_setting_get(&nor->chip, sr, i, &value) ||
		    value == settings->value[i])
			continue;
		np_fail(err, NP_E_PROTECTED, "%s could not be set: it reads %u, not %u",
		        nor_setting_name(i), value, settings->value[i]);
		return np_hint(err, "tie WP# (pin 3) to 3.3 V and try again; `norprog protect "
		                    "status` shows what locks the register");
	}
	return 0;
}

int nor_settings_write(struct nor *nor, const struct nor_settings *settings, bool *written,
                       struct np_error *err)
{
	uint8_t from[4], to[4];
	int ret = nor_check_change(nor, 0, 0, err);

	*written = false;
	/* A dead MISO reads as all ones, and that written back would set one-time bits. */
	if (!ret)
		ret = nor_check_present(nor, err);
	if (!ret)
		ret = nor_status_read_all(nor, from, err);
	if (ret)
		return ret;
	memcpy(to, from, sizeof(to));
	for (enum nor_setting i = 0; i < NOR_SETTINGS; i++)
		if (settings->set[i])
			nor_setting_put(&nor->chip, to, i, settings->value[i]);
	if (memcmp(from, to, sizeof(to)) == 0)
		return 0;
	*written = true;
	to[0] &= (uint8_t) ~(NOR_SR_WIP | NOR_SR_WEL);
	ret = nor_status_write(nor, from, to, false, err);
	if (!ret)
		ret = nor_status_read_all(nor, to, err);
	if (ret)
		return np_context(err, "write the status register");
	return check(nor, settings, to, err);
}
