/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --wait: try until a clip held by hand makes contact, showing how good it is as it is moved. */
#include <string.h>

#include "base/clock.h"
#include "base/stop.h"
#include "base/units.h"
#include "cli/session.h"
#include "doctor/doctor.h"

#define TRY_EVERY_US  50000
#define CONTACT_CELLS 20

static int give_up(const struct doctor_ids *ids, uint64_t waited_us, struct np_error *err)
{
	char time[32];

	np_fail(err, NP_E_NO_CHIP, "no steady contact within %s (the last ID read: %02X %02X %02X)",
	        np_format_duration(waited_us, time, sizeof(time)), ids->common[0], ids->common[1],
	        ids->common[2]);
	return np_hint(err, "`norprog doctor` says which pin to look at");
}

/* The last second, a cell for each try, the newest at the right: '#' all IDs agreed, '+' half and
 * more of them, '-' fewer, '.' nobody answered. */
static void show(struct report *report, char bar[CONTACT_CELLS + 1], const struct doctor_ids *ids)
{
	bool answered = doctor_ids_answer(ids);

	memmove(bar, bar + 1, CONTACT_CELLS - 1);
	bar[CONTACT_CELLS - 1] = !answered                       ? '.'
	                         : ids->agreed == ids->reads     ? '#'
	                         : 2 * ids->agreed >= ids->reads ? '+'
	                                                         : '-';
	progress_contact(report, bar, ids->common, answered ? ids->agreed : 0, ids->reads);
}

int contact_wait(struct cli *cli, struct spi_bus *bus, struct np_error *err)
{
	uint64_t begun = np_now_us(), limit = cli->opt.wait_us;
	char bar[CONTACT_CELLS + 1] = "                    ";
	struct doctor_ids ids;
	bool told = false;
	int ret;

	for (;;) {
		ret = doctor_contact(bus, &ids, err);
		if (ret || (doctor_ids_answer(&ids) && ids.agreed == ids.reads))
			break;
		show(&cli->report, bar, &ids);
		if (!told && !cli->report.terminal)
			report_note(&cli->report, "waiting for the clip to make contact");
		told = true;
		if (limit && np_now_us() - begun >= limit)
			ret = give_up(&ids, np_now_us() - begun, err);
		else if (np_stop_level())
			ret = np_fail(err, NP_E_INTERRUPTED, "stopped while waiting for the clip");
		if (ret)
			break;
		np_sleep_us(TRY_EVERY_US);
	}
	progress_clear(&cli->report);
	report_event(&cli->report, "contact",
	             json_pack("{s:i, s:i}", "ids", ids.reads, "ids_agreed", ids.agreed));
	return ret;
}
