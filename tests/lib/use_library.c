/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program outside the project: the public header and the shared library are all it has. */
#include <norprog.h>

#include <stdio.h>
#include <string.h>

static int check(int ok, const char *what)
{
	printf("%s %s\n", ok ? "ok" : "not ok", what);
	return ok ? 0 : 1;
}

int main(void)
{
	struct np_error err = {0};
	struct nor_options options = {0};
	struct spi_bus *bus = NULL;
	struct nor *nor = NULL;
	uint8_t first[16];
	int failed = 0;

	failed += check(spi_open("sim:chip=W25Q64FV", NULL, &bus, &err) == 0,
	                "open the simulated programmer");
	if (failed)
		return 1;
	failed += check(nor_open(bus, &options, &nor, &err) == 0, "identify the chip");
	if (!failed) {
		failed += check(strcmp(nor_info(nor)->name, "W25Q64FV") == 0, "it is a W25Q64FV");
		failed += check(nor_read(nor, 0, first, sizeof(first), NULL, NULL, &err) == 0,
		                "read it");
		failed += check(nor_close(nor, &err) == 0, "close it");
	}
	spi_close(bus);
	printf("%d%%: Checks: 1, Failures: %d, Errors: 0\n", failed ? 0 : 100, failed ? 1 : 0);
	return failed ? 1 : 0;
}
