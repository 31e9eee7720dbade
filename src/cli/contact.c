/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --wait: try until a clip held by hand makes contact, showing how good it is as it is moved. */
#include <time.h>

#include "base/stop.h"
#include "base/units.h"
#include "cli/session.h"
#include "doctor/doctor.h"

#define TRY_EVERY_MS 50

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void rest(void)
{
	const struct timespec pause = {.tv_nsec = TRY_EVERY_MS * 1000000};

	nanosleep(&pause, NULL);
}

static int give_up(const struct doctor_ids *ids, uint64_t waited_us, struct np_error *err)
{
	char time[32];

	np_fail(err, NP_E_NO_CHIP, "no steady contact within %s (the last ID read: %02X %02X %02X)",
	        np_format_duration(waited_us, time, sizeof(time)), ids->common[0], ids->common[1],
	        ids->common[2]);
	return np_hint(err, "`norprog doctor` says which pin to look at");
}

int contact_wait(struct cli *cli, struct spi_bus *bus, struct np_error *err)
{
	uint64_t begun = now_us(), limit = cli->opt.wait_us;
	struct doctor_ids ids;
	bool told = false;
	int ret;

	for (;;) {
		ret = doctor_contact(bus, &ids, err);
		if (ret || (doctor_ids_answer(&ids) && ids.agreed == ids.reads))
			break;
		progress_contact(&cli->report, ids.common, doctor_ids_answer(&ids) ? ids.agreed : 0,
		                 ids.reads);
		if (!told && !cli->report.terminal)
			report_note(&cli->report, "waiting for the clip to make contact");
		told = true;
		if (limit && now_us() - begun >= limit)
			ret = give_up(&ids, now_us() - begun, err);
		else if (np_stop_level())
			ret = np_fail(err, NP_E_INTERRUPTED, "stopped while waiting for the clip");
		if (ret)
			break;
		rest();
	}
	progress_clear(&cli->report);
	report_event(&cli->report, "contact",
	             json_pack("{s:i, s:i}", "ids", ids.reads, "ids_agreed", ids.agreed));
	return ret;
}
