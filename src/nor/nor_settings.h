/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings in the status registers that are no protection, written for good. */
#ifndef NP_NOR_NOR_SETTINGS_H
#define NP_NOR_NOR_SETTINGS_H

#include "chip/nor_clone.h"
#include "nor/nor.h"

struct nor_settings {
	bool set[NOR_SETTINGS]; /* give it `value` */
	uint8_t value[NOR_SETTINGS];
};

/*
 * Give settings their values (non-volatile) and read them back; what is so already is not written.
 * Settings that the part has not got are passed over. *written: something was. Errors:
 * NP_E_PROTECTED (did not take: the status register is locked), NP_E_POLICY and the like for parts
 * that are not changed, bus errors.
 */
int nor_settings_write(struct nor *nor, const struct nor_settings *settings, bool *written,
                       struct np_error *err);

#endif
