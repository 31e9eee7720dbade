/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/paste.h"
#include "job/kept.h"
#include "spi/driver.h"
#include "store/state.h"

struct listing {
	struct report *report;
	size_t certain, count, closed;
	bool configured; /* another one is taken when -p is not given */
};

static json_t *found_json(const struct spi_found *found)
{
	return json_pack("{s:s, s:s, s:o, s:o, s:s, s:s, s:s, s:b, s:b, s:b}", "driver",
	                 found->driver, "where", found->where, "product",
	                 report_text(found->product), "serial", report_text(found->serial), "bound",
	                 found->bound, "spec", found->spec, "note", found->note, "may_open",
	                 found->may_open, "certain", found->certain, "host_own", found->host_own);
}

static void list_one(void *ctx, const struct spi_found *found)
{
	struct listing *listing = ctx;
	struct report *report = listing->report;

	report_say(report, "%s at %s%s%s%s%s", found->driver, found->where,
	           found->product[0] ? ": " : "", found->product,
	           found->serial[0] ? ", serial " : "", found->serial);
	if (found->spec[0] && !found->host_own)
		report_say(report, "  use:  -p %s%s", found->spec,
		           found->certain && listing->certain == 1 && !listing->configured
		                   ? "  (taken when -p is not given)"
		                   : "");
	if (found->bound[0])
		report_say(report, "  held by the kernel driver %s", found->bound);
	if (found->spec[0] && !found->may_open)
		report_say(report, "  you may not open it");
	if (found->note[0])
		report_say(report, "  note: %s", found->note);
	report_event(report, "programmer", found_json(found));
	listing->count++;
	listing->closed += !found->may_open;
}

static void count_certain(void *ctx, const struct spi_found *found)
{
	struct listing *listing = ctx;

	listing->certain += found->certain;
}

static void list_all(struct listing *listing, spi_found_fn *fn, enum np_log_level trouble_level)
{
	struct np_error trouble = {0};

	for (size_t i = 0; spi_drivers[i]; i++)
		if (spi_drivers[i]->list && spi_drivers[i]->list(fn, listing, &trouble))
			np_log(trouble_level, "%s: %s", spi_drivers[i]->name, trouble.message);
}

static void list_drivers(struct report *report)
{
	report_say(report, "programmers this norprog can drive:");
	for (size_t i = 0; spi_drivers[i]; i++)
		report_say(report, "  %-10s %s", spi_drivers[i]->name, spi_drivers[i]->summary);
}

static int list_job(void *ctx, const struct kept_job *job, struct np_error *err)
{
	struct cli *cli = ctx;
	const char *slash = strrchr(job->file, '/');
	char hint[256];

	(void)err;
	if (job->alive)
		return 0;
	if (job->damaged) {
		report_warn(&cli->report, "the record of an unfinished job is damaged: `norprog "
		                          "resume` with its chip on the clip says what can be "
		                          "done");
		return 0;
	}
	report_say(&cli->report, "unfinished: %s%s%.200s on %s%s%s, with %s, begun %s",
	           job->operation, job->file[0] ? " of " : "",
	           slash && slash[1] ? slash + 1 : job->file, job->chip,
	           job->uid[0] ? ", unique ID " : "", job->uid, job->programmer, job->started);
	report_say(&cli->report, "  with that chip on the clip: %s",
	           paste_hint("`norprog resume` or `norprog resume --undo`", cli->opt.programmer,
	                      hint, sizeof(hint)));
	report_event(&cli->report, "unfinished",
	             json_pack("{s:s, s:o, s:o, s:s, s:o, s:s, s:o}", "operation", job->operation,
	                       "file", report_text(job->file), "chip", report_text(job->chip),
	                       "unique_id", job->uid, "programmer", report_text(job->programmer),
	                       "started", job->started, "backup", report_text(job->backup)));
	return 0;
}

/* Remind of unfinished jobs here, because the user may have forgotten them. */
static void list_unfinished(struct cli *cli)
{
	struct np_error ignored = {0};
	char dir[NP_PATH_MAX];

	if (!store_default_dir(dir, sizeof(dir), &ignored))
		kept_jobs(dir, list_job, cli, &ignored);
}

int cmd_list(struct cli *cli, struct np_error *err)
{
	struct listing listing = {.report = &cli->report,
	                          .configured = cli->config.programmer[0] != '\0'};

	(void)err;
	list_all(&listing, count_certain, NP_LOG_DEBUG);
	list_all(&listing, list_one, NP_LOG_WARN);
	if (!listing.count) {
		report_say(&cli->report, "no programmer is attached");
		list_drivers(&cli->report);
		report_say(
			&cli->report,
			"without hardware: -p sim:chip=W25Q64FV,file=chip.bin rehearses a command");
	}
	if (listing.configured)
		report_say(&cli->report, "taken when -p is not given: %s (%s)",
		           cli->config.programmer, cli->config.path);
	hosts_list(cli);
	list_unfinished(cli);
	report_result(&cli->report, "count", json_integer((json_int_t)listing.count));
	return 0;
}
