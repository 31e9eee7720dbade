/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/units.h"
#include "base/version.h"

#include "cli/cli.h"
#include "nor/nor.h"
#include "spi/choose.h"

static void say_found(void *ctx, const struct spi_found *found)
{
	struct report *report = ctx;

	report_say(report, "attached: %s at %s%s%s", found->driver, found->where,
	           found->product[0] ? ", " : "", found->product);
}

/* Only an adapter that nothing else looks like is touched. */
static void say_clip(struct report *report, const char *spec)
{
	const struct nor_options options = {0};
	struct np_error err = {0};
	struct spi_bus *bus = NULL;
	struct nor *nor = NULL;
	char size[32];
	int ret = spi_open(spec, NULL, &bus, &err);

	if (!ret)
		ret = nor_open(bus, &options, &nor, &err);
	if (ret)
		report_say(report, "on the clip: %s", err.message);
	else
		report_say(report, "on the clip: %s, %s", nor_info(nor)->name,
		           np_format_size(nor_info(nor)->size, size, sizeof(size)));
	nor_close(nor, NULL);
	spi_close(bus);
	report_say(report, "next:  %s", ret ? "norprog doctor" : "norprog read backup.bin");
}

int welcome(struct cli *cli, struct np_error *err)
{
	struct report *report = &cli->report;
	char spec[sizeof(((struct spi_found *)0)->spec)];
	struct np_error none = {0};

	(void)err;
	report_say(report,
	           "norprog " NORPROG_VERSION ": back up, rewrite and restore SPI NOR flash");
	spi_list(say_found, report);
	if (spi_choose(spec, sizeof(spec), NULL, NULL, &none)) {
		report_say(report, "%s: %s", none.message, none.hint);
		report_say(report, "next:  norprog list");
	} else {
		say_clip(report, spec);
	}
	report_say(report, "       norprog help");
	return 0;
}
