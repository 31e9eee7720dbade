/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: ch341a.c ch347.c ft232h.c spidev.c usb.c usb_pace.c usb_sysfs_linux.c */
/*
 * The bus contract over the real drivers and libraries: this program starts itself again in front
 * of each emulated adapter, and there runs the suite on whatever -p argument NORPROG_TEST_BUS
 * holds.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "contract/contract.h"
#include "spi/driver.h"
#include "support/suite.h"

#define BUS_VARIABLE "NORPROG_TEST_BUS"
#define SKIPPED      77

static char self[4096], runner[4096];

static const struct {
	const char *device, *bus;
} adapters[] = {
	{"ch341a", "ch341a"},
	{"ch347", "ch347"},
	{"ch347 --one-at-a-time", "ch347"},
	{"ch347 --id 1a86:55de", "ch347"},
	{"ft232h", "ft232h:type=232h"},
	{"spidev", "spidev"},
};

/* ---- outside ---- */

/* Some sanitizers insist on being first in LD_PRELOAD; the test bed is. */
static void let_preload_first(void)
{
	const char *given = getenv("ASAN_OPTIONS");
	char options[1024];

	snprintf(options, sizeof(options), "%s%sverify_asan_link_order=0", given ? given : "",
	         given ? ":" : "");
	setenv("ASAN_OPTIONS", options, 1);
}

START_TEST(an_adapter_keeps_the_contract)
{
	char command[3 * sizeof(self)];
	int status;

	setenv(BUS_VARIABLE, adapters[_i].bus, 1);
	let_preload_first();
	snprintf(command, sizeof(command), "'%s' --device %s -- '%s' 2>&1", runner,
	         adapters[_i].device, self);
	status = system(command);
	ck_assert_msg(status == 0, "%s: %s ended with %d", adapters[_i].device, command, status);
}
END_TEST

/* The runner lies beside the unit tests' folder: build/tests/emu-run. */
static bool find_runner(void)
{
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (len <= 0)
		return false;
	self[len] = '\0';
	memcpy(runner, self, sizeof(runner));
	for (int i = 0; i < 2; i++) {
		slash = strrchr(runner, '/');
		if (!slash)
			return false;
		*slash = '\0';
	}
	strncat(runner, "/emu-run", sizeof(runner) - strlen(runner) - 1);
	return access(runner, X_OK) == 0;
}

/* ---- inside ---- */

static struct spi_bus *open_bus(int variant)
{
	struct np_error err = {0};
	struct spi_bus *bus = NULL;
	int ret = spi_open(getenv(BUS_VARIABLE), NULL, &bus, &err);

	(void)variant;
	ck_assert_msg(ret == 0, "%s (%s)", err.message, err.hint);
	return bus;
}

static const struct contract contract = {.name = "contract", .open = open_bus, .variants = 1};

int main(void)
{
	Suite *suite = suite_create("adapters");
	TCase *cases;

	if (getenv(BUS_VARIABLE)) {
		contract_add(suite, &contract);
		return run_suite(suite);
	}
	if (!find_runner()) {
		printf("skipped: %s is not built\n", runner);
		return SKIPPED;
	}
	cases = tcase_create("contract");
	tcase_add_loop_test(cases, an_adapter_keeps_the_contract, 0,
	                    sizeof(adapters) / sizeof(adapters[0]));
	suite_add_tcase(suite, cases);
	return run_suite(suite);
}
