/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which programmer, when -p does not say. Only one that nothing else looks like is taken unasked.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/session.h"
#include "spi/driver.h"

struct search {
	struct cli *cli;
	size_t certain, seen;
	char spec[sizeof(((struct spi_found *)0)->spec)];
};

static void consider(void *ctx, const struct spi_found *found)
{
	struct search *search = ctx;

	search->seen++;
	if (!found->certain)
		return;
	if (search->certain++ == 0)
		snprintf(search->spec, sizeof(search->spec), "%s", found->spec);
}

static void tell(void *ctx, const struct spi_found *found)
{
	struct search *search = ctx;

	report_warn(&search->cli->report, "attached: %s at %s%s%s: -p %s", found->driver,
	            found->where, found->product[0] ? ", " : "", found->product, found->spec);
}

static void search_all(struct search *search, spi_found_fn *fn)
{
	struct np_error ignored = {0};

	for (size_t i = 0; spi_drivers[i]; i++)
		if (spi_drivers[i]->list && spi_drivers[i]->list(fn, search, &ignored))
			np_log(NP_LOG_INFO, "%s: %s", spi_drivers[i]->name, ignored.message);
}

int programmer_default(struct cli *cli, char *spec, size_t len, struct np_error *err)
{
	const char *named = getenv("NORPROG_PROGRAMMER");
	struct search search = {.cli = cli};

	if (named && *named) {
		if (strlen(named) >= len)
			return np_fail(err, NP_E_USAGE, "NORPROG_PROGRAMMER is too long");
		memcpy(spec, named, strlen(named) + 1);
		return 0;
	}
	search_all(&search, consider);
	if (search.certain == 1) {
		snprintf(spec, len, "%s", search.spec);
		return 0;
	}
	search_all(&search, tell);
	if (search.certain > 1) {
		np_fail(err, NP_E_NO_PROGRAMMER, "%zu programmers are attached", search.certain);
		return np_hint(err, "choose one with -p, or set NORPROG_PROGRAMMER");
	}
	if (search.seen) {
		np_fail(err, NP_E_NO_PROGRAMMER,
		        "no programmer chosen, and nothing attached is one for sure");
		return np_hint(err, "choose one with -p: these may also be somebody's console");
	}
	np_fail(err, NP_E_NO_PROGRAMMER, "no programmer found");
	return np_hint(err, "plug one in and see `norprog list`; or rehearse with "
	                    "-p sim:chip=W25Q64FV,file=chip.bin");
}
