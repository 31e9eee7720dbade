/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bus contract (src/spi/spi.h) as tests, for any programmer that can be put in front of an
 * emulated W25Q64FV. A backend's test program calls contract_add() and every promise is checked on
 * it; nothing here looks behind the bus.
 */
#ifndef TESTS_CONTRACT_CONTRACT_H
#define TESTS_CONTRACT_CONTRACT_H

#include <check.h>

#include "spi/spi.h"

struct contract {
	const char *name;
	/* Open the bus with a W25Q64FV of any contents behind it; `variant` counts from 0. Fails
	 * the test when it cannot. */
	struct spi_bus *(*open)(int variant);
	/* After spi_close(): whatever open() left behind. May be NULL. */
	void (*after)(int variant);
	int variants;
};

/* Add a test case with all promises over all variants. `contract` must live as long as the suite.
 * Only one contract per program. */
void contract_add(Suite *suite, const struct contract *contract);

#endif
