/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which programmer, when -p does not say. Only one that nothing else looks like is taken unasked.
 */
#include <stdio.h>
#include <string.h>

#include "cli/session.h"
#include "spi/choose.h"

static void tell(void *ctx, const struct spi_found *found)
{
	struct cli *cli = ctx;

	report_warn(&cli->report, "attached: %s at %s%s%s%s%s", found->driver, found->where,
	            found->product[0] ? ", " : "", found->product, found->spec[0] ? ": -p " : "",
	            found->spec);
}

int programmer_default(struct cli *cli, char *spec, size_t len, struct np_error *err)
{
	const char *configured = config_programmer(cli);

	if (configured && strlen(configured) >= len)
		return np_fail(err, NP_E_INPUT, "%s: the programmer is too long", cli->config.path);
	if (configured) {
		snprintf(spec, len, "%s", configured);
		return 0;
	}
	return spi_choose(spec, len, tell, cli, err);
}
