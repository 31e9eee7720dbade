/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spi/choose.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/units.h"

struct search {
	size_t certain, seen; /* what is the computer's own does not count */
	struct spi_found one; /* the last one seen */
	char *spec;
	size_t len;
};

void spi_list(spi_found_fn *fn, void *ctx)
{
	struct np_error trouble = {0};

	for (size_t i = 0; spi_drivers[i]; i++)
		if (spi_drivers[i]->list && spi_drivers[i]->list(fn, ctx, &trouble))
			np_log(NP_LOG_INFO, "%s: %s", spi_drivers[i]->name, trouble.message);
}

static void consider(void *ctx, const struct spi_found *found)
{
	struct search *search = ctx;

	if (found->host_own)
		return;
	search->seen++;
	search->one = *found;
	if (found->certain && search->certain++ == 0)
		snprintf(search->spec, search->len, "%s", found->spec);
}

static int fail(const struct search *search, struct np_error *err)
{
	if (search->certain > 1) {
		np_fail(err, NP_E_NO_PROGRAMMER, "%zu programmers are attached", search->certain);
		return np_hint(err,
		               "choose one with -p (read, write, restore, verify and erase also "
		               "take `-p all`), or set NORPROG_PROGRAMMER");
	}
	if (search->seen == 1 && search->one.spec[0]) {
		np_fail(err, NP_E_NO_PROGRAMMER,
		        "found %s at %s, which may be in use for something else",
		        search->one.driver, search->one.where);
		return np_hint(err, "if it is the programmer, add -p %s", search->one.spec);
	}
	if (search->seen == 1) {
		np_fail(err, NP_E_NO_PROGRAMMER, "found %s at %s, which cannot be used as it is",
		        search->one.product[0] ? search->one.product : search->one.driver,
		        search->one.where);
		return np_hint(err, "%s",
		               search->one.note[0] ? search->one.note : "see `norprog list`");
	}
	if (search->seen) {
		np_fail(err, NP_E_NO_PROGRAMMER,
		        "several things that may be a programmer are attached, so none was chosen");
		return np_hint(
			err,
			"choose one with -p (it could also be the serial console of something else)");
	}
	np_fail(err, NP_E_NO_PROGRAMMER, "no programmer found");
	return np_hint(err, "plug one in and see `norprog list`; or rehearse with "
	                    "-p sim:chip=W25Q64FV,file=chip.bin");
}

int spi_choose(char *spec, size_t len, spi_found_fn *tell, void *ctx, struct np_error *err)
{
	const char *named = getenv("NORPROG_PROGRAMMER");
	struct search search = {.spec = spec, .len = len};

	if (named && *named) {
		if (strlen(named) >= len)
			return np_fail(err, NP_E_USAGE, "NORPROG_PROGRAMMER is too long");
		memcpy(spec, named, strlen(named) + 1);
		return 0;
	}
	spi_list(consider, &search);
	if (search.certain == 1)
		return 0;
	if (tell)
		spi_list(tell, ctx);
	return fail(&search, err);
}

uint32_t spi_spec_clock(const char *text)
{
	const struct spi_driver *driver;
	struct spi_spec spec;
	struct np_error ignored = {0};
	const char *hz, *khz;
	uint64_t number;
	uint32_t clock = 0;

	if (spi_spec_parse(text, &spec, &driver, &ignored))
		return 0;
	hz = spi_spec_get(&spec, "hz");
	khz = spi_spec_get(&spec, "spispeed");
	if (hz && np_parse_hz(hz, &clock))
		return clock;
	return khz && np_parse_size(khz, &number) && number < 1000000 ? (uint32_t)number * 1000 : 0;
}
