/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the plug on: the programmer is opened, and what keeps it shut is a fact. */
#include <stdio.h>
#include <string.h>

#include "doctor/doctor.h"
#include "spi/driver.h"

#define EXIT_PROGRAMMER 3

void doctor_not_opened(struct doctor_facts *facts, const struct np_error *err)
{
	/* While the programmer cannot be opened nothing can be said about the chip. */
	facts->open_exit = EXIT_PROGRAMMER;
	snprintf(facts->open_why, sizeof(facts->open_why), "%s", err->message);
	snprintf(facts->open_hint, sizeof(facts->open_hint), "%s",
	         err->hint[0] ? err->hint : np_code_hint(err->code));
}

static void name_driver(const char *text, struct doctor_facts *facts)
{
	const struct spi_driver *driver = NULL;
	struct np_error ignored = {0};
	struct spi_spec spec;

	if (spi_spec_parse(text, &spec, &driver, &ignored) || !driver)
		return;
	snprintf(facts->driver, sizeof(facts->driver), "%s", driver->name);
	facts->levels = driver->levels;
}

int doctor_examine(const struct doctor_request *request, struct doctor_facts *facts,
                   struct np_error *err)
{
	struct np_error why = {0};
	struct spi_bus *bus = NULL;
	int ret;

	name_driver(request->programmer, facts);
	ret = spi_open(request->programmer, request->trace, &bus, &why);
	if (ret == NP_E_USAGE) {
		*err = why;
		return ret;
	}
	if (ret) {
		doctor_not_opened(facts, &why);
		return 0;
	}
	facts->opened = true;
	facts->host_own = spi_host_own(bus);
	snprintf(facts->programmer, sizeof(facts->programmer), "%s", spi_name(bus));
	if (!facts->host_own)
		ret = doctor_measure(bus, &request->chip, request->look, request->ctx, facts, err);
	spi_close(bus);
	return ret;
}
