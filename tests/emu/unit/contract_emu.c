/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bus contract on a real backend: run it under emu-run with NORPROG_PROGRAMMER set to the
 * backend. */
#include <stdlib.h>

#include "contract/contract.h"
#include "spi/driver.h"
#include "support/suite.h"

static struct spi_bus *open_backend(int variant)
{
	const char *spec = getenv("NORPROG_PROGRAMMER");
	struct np_error err = {0};
	struct spi_bus *bus = NULL;

	(void)variant;
	ck_assert_ptr_nonnull(spec);
	ck_assert_msg(spi_open(spec, NULL, &bus, &err) == 0, "%s", err.message);
	return bus;
}

int main(void)
{
	static const struct contract contract = {
		.name = "emulated adapter", .open = open_backend, .variants = 1};
	Suite *suite = suite_create("contract");

	contract_add(suite, &contract);
	return run_suite(suite);
}
