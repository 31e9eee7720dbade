/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/io.h"
#include "base/units.h"
#include "cli/paste.h"
#include "cli/plan_show.h"
#include "cli/select.h"
#include "device/recognise.h"
#include "spi/choose.h"
#include "store/adapter.h"
#include "store/journal.h"
#include "device/load.h"

#define MAP_FROM_COLUMNS 100

const struct layout *session_layout(const struct session *session)
{
	return session->has_layout ? &session->layout : NULL;
}

static bool names_regions(const struct cli_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		if (selection_is_name(words->at[i]))
			return true;
	return false;
}

/* Does the command line speak of regions or fields, which only a layout can place? */
static bool needs_layout(const struct cli_options *opt)
{
	uint64_t ignored;

	return names_regions(&opt->only) || names_regions(&opt->keep) || opt->set.count ||
	       opt->set_from || (opt->at && !np_parse_size(opt->at, &ignored));
}

int session_load_chips(const struct cli_options *opt, struct chipfile **chips, struct np_error *err)
{
	uint8_t *text = NULL;
	size_t len = 0;
	int ret;

	*chips = NULL;
	if (!opt->chips)
		return 0;
	ret = np_io_read(opt->chips, CHIPFILE_BYTES, &text, &len, err);
	if (!ret)
		ret = chipfile_parse((const char *)text, len, opt->chips, chips, err);
	free(text);
	return ret;
}

int session_prepare(struct session *session, struct cli *cli, struct np_error *err)
{
	int ret = 0;

	memset(session, 0, sizeof(*session));
	session->cli = cli;
	if (cli->opt.layout) {
		ret = layout_load(cli->opt.layout, &session->layout, err);
		session->has_layout = !ret;
	}
	if (!ret)
		ret = session_load_chips(&cli->opt, &session->chips, err);
	session->wants_layout = !cli->opt.layout && needs_layout(&cli->opt);
	if (!ret && !session->wants_layout)
		ret = selection_precheck(&cli->opt, session_layout(session), err);
	return ret;
}

static int open_chip(struct session *session, const char *programmer, struct np_error *err)
{
	const struct cli_options *opt = &session->cli->opt;
	struct nor_options options = {.chip = opt->chip,
	                              .size_override = opt->size,
	                              /* given in either place it is kept */
	                              .hz = opt->speed_hz ? opt->speed_hz
	                                                  : spi_spec_clock(programmer),
	                              .extra = chipfile_rows(session->chips),
	                              .extra_count = chipfile_count(session->chips),
	                              .ask_for_pair = session->cli->command->bit == CLI_DETECT ||
	                                              session->cli->command->bit == CLI_REPORT};
	int ret = nor_open(session->bus, &options, &session->nor, err);

	session->keep_clock = options.hz != 0;
	if (!ret)
		session->info = nor_info(session->nor);
	return ret;
}

/* "chip: Winbond W25Q64FV, 8 MiB, on sim at 50 MHz"; `detect` tells all that at length. */
static void introduce(struct session *session)
{
	const struct nor_info *info = session->info;
	struct report *report = &session->cli->report;
	char name[192], size[32], hz[32];

	session_chip_name(session, name, sizeof(name));
	if (session->cli->command->bit != CLI_DETECT)
		report_note(report, "chip: %s, %s, on %s at %s", name,
		            np_format_size(info->size, size, sizeof(size)), spi_name(session->bus),
		            np_format_hz(info->hz, hz, sizeof(hz)));
	report_event(report, "chip",
	             json_pack("{s:o, s:I, s:o, s:I}", "name", report_text(info->name), "size",
	                       (json_int_t)info->size, "programmer",
	                       report_text(spi_name(session->bus)), "hz", (json_int_t)info->hz));
	if (!info->supply.suits_3v3 && session->cli->command->bit != CLI_DETECT &&
	    !session->cli->opt.voltage_ok)
		report_warn(report, "3.3 V may be too much for this chip: %s", info->supply.why);
	if (info->size_doubt.text[0] && session->cli->command->bit != CLI_DETECT)
		report_warn(report, "%s", info->size_doubt.text);
	if (!info->known)
		report_warn(
			report,
			"of this chip only the size is known, from --size: it is read at %s at most (command 03h), and cannot be written",
			np_format_hz(20000000, hz, sizeof(hz)));
	if (info->near)
		report_warn(
			report,
			"the ID differs in a bit or two from that of %s: probably bad contact, or WP# "
			"and HOLD# (pins 3, 7) float",
			info->near->name);
}

static void wire_job(struct session *session)
{
	const struct cli_options *opt = &session->cli->opt;

	if (opt->map || (!opt->no_map && report_columns(STDERR_FILENO) >= MAP_FROM_COLUMNS))
		progress_map(&session->cli->report, session->info->size);
	session->job = (struct job){.nor = session->nor,
	                            .layout = session_layout(session),
	                            .programmer = session->bus_name,
	                            .state_dir = session->state_dir,
	                            .keep_clock = session->keep_clock,
	                            .event = session_event,
	                            .event_ctx = session,
	                            .confirm = session_confirm,
	                            .confirm_ctx = session};
}

/* Jobs that change the chip refuse by themselves, and resume is meant for it. */
static bool looks_only(const struct cli *cli)
{
	return !(cli->command->bit &
	         (CLI_WRITE | CLI_RESTORE | CLI_ERASE | CLI_RESUME | CLI_DOCTOR));
}

static void tell_unfinished(struct session *session)
{
	struct report *report = &session->cli->report;
	struct np_error why = {0};
	char hint[1024];

	if (!looks_only(session->cli))
		return;
	session->unfinished = journal_is_open(NULL, session->bus_name, session->info, &why);
	if (!session->unfinished)
		return;
	report_warn(report, "%s: what it holds is half old, half new", why.message);
	report_note(report, "%s", paste_hint(why.hint, report->programmer, hint, sizeof(hint)));
	report_result(report, "unfinished_job", json_true());
}

static int fail_unrecognised(const struct cli_options *opt, const struct recognition *found,
                             struct np_error *err)
{
	if (!selection_precheck(opt, NULL, err))
		np_fail(err, NP_E_RANGE, "--set needs a layout, and none is in force");
	if (found->name[0])
		return np_hint(err, "this chip could be %s or %s: choose with -l", found->name,
		               found->also[0]);
	np_log(NP_LOG_INFO, "the flash is of no known device: %s", found->why);
	return np_hint(err, "the chip was not recognised: give a layout with -l (`norprog layouts` "
	                    "lists them), or ranges START+LEN, START-LAST");
}

/* Names without --layout: the profile that fits what the chip holds has to place them. A file that
 * is written from may be the backup that tells which. */
static int find_layout(struct session *session, struct np_error *err)
{
	const struct cli *cli = session->cli;
	bool writes = cli->command->bit & (CLI_WRITE | CLI_RESTORE | CLI_CLONE);
	struct recognition found;
	int ret = job_recognise(&session->job, writes ? cli->opt.args[0] : NULL, &found,
	                        &session->layout, err);

	if (ret)
		return ret;
	session->has_layout = session->layout.region_count != 0;
	session->job.layout = session_layout(session);
	return session->has_layout ? selection_precheck(&cli->opt, &session->layout, err)
	                           : fail_unrecognised(&cli->opt, &found, err);
}

/* Jobs ask the gate host-flash; these two commands change the chip without a job. */
static int refuse_own(const struct session *session, struct np_error *err)
{
	const struct cli *cli = session->cli;
	const char *own = spi_host_own(session->bus);
	bool reads = !cli->opt.arg_count || strcmp(cli->opt.args[0], "status") == 0 ||
	             strcmp(cli->opt.args[0], "show") == 0 || strcmp(cli->opt.args[0], "read") == 0;

	if (!own || reads || !(cli->command->bit & (CLI_PROTECT | CLI_OTP)))
		return 0;
	np_fail(err, NP_E_POLICY, "%s is %s", spi_name(session->bus), own);
	return np_hint(err, "choose the programmer that the clip hangs on: `norprog list`");
}

static const char *levels_of(const char *text)
{
	const struct spi_driver *driver;
	struct np_error ignored = {0};
	struct spi_spec spec;

	return spi_spec_parse(text, &spec, &driver, &ignored) ? NULL : driver->levels;
}

/* Before the first word to the chip, because 5 V may harm it. `detect` says it each time. */
static void tell_levels(struct session *session)
{
	struct cli *cli = session->cli;
	struct np_error ignored = {0};
	char dir[sizeof(session->state_dir)];
	struct store store = {.dir = dir};
	bool told;

	if (!session->levels || cli->command->bit == CLI_DETECT)
		return;
	told = store_default_dir(dir, sizeof(dir), &ignored) == 0 &&
	       !adapter_is_new(&store, spi_name(session->bus), spi_serial(session->bus));
	store_close(&store);
	if (!told)
		report_warn(&cli->report, "%s: %s (said once for each adapter)",
		            spi_name(session->bus), session->levels);
}

int session_open(struct session *session, struct np_error *err)
{
	struct cli *cli = session->cli;
	const char *spec = cli->opt.programmer;
	char chosen[sizeof(((struct spi_found *)0)->spec)];
	int ret = 0;

	if (!spec) {
		ret = programmer_default(cli, chosen, sizeof(chosen), err);
		spec = chosen;
	}
	if (!ret)
		ret = spi_open(spec, cli->opt.trace, &session->bus, err);
	if (!ret)
		ret = refuse_own(session, err);
	if (!ret) {
		session->levels = levels_of(spec);
		tell_levels(session);
	}
	if (!ret && cli->opt.wait)
		ret = contact_wait(cli, session->bus, err);
	if (!ret)
		ret = open_chip(session, spec, err);
	if (ret)
		return ret;
	snprintf(session->bus_name, sizeof(session->bus_name), "%s", spi_name(session->bus));
	introduce(session);
	wire_job(session);
	tell_unfinished(session);
	if (session->wants_layout)
		ret = find_layout(session, err);
	if (!ret && session->has_layout)
		ret = layout_fit(&session->layout, session->info->size, err);
	return ret;
}

int session_overrides(const struct session *session, struct overrides *overrides,
                      struct np_error *err)
{
	const struct cli_options *opt = &session->cli->opt;
	int ret = opt->voltage_ok ? overrides_add(overrides, "supply", err) : 0;

	for (size_t i = 0; i < opt->override.count && !ret; i++)
		ret = overrides_add(overrides, opt->override.at[i], err);
	return ret;
}

int session_let_go(struct session *session, struct np_error *err)
{
	int ret;

	session->kept_info = *session->info;
	if (session->info->chip) {
		session->kept_chip = *session->info->chip;
		session->kept_info.chip = &session->kept_chip;
	}
	session->info = &session->kept_info;
	ret = nor_close(session->nor, err);
	if (!ret)
		ret = spi_end_trace(session->bus, err);
	spi_close(session->bus);
	session->nor = session->job.nor = NULL;
	session->bus = NULL;
	return ret;
}

int session_close(struct session *session, int ret, struct np_error *err)
{
	struct np_error closing = {0};
	int closed;

	if (ret)
		progress_map_leave(&session->cli->report);
	closed = nor_close(session->nor, &closing);

	/* After another error the command reports that one, and a failure of the trace is a
	 * warning. */
	if (!ret && !closed)
		closed = spi_end_trace(session->bus, &closing);
	spi_close(session->bus);
	if (session->has_layout)
		layout_free(&session->layout);
	chipfile_free(session->chips);
	memset(session, 0, sizeof(*session));
	if (closed && ret) {
		np_log(NP_LOG_WARN,
		       "the chip's address mode or protection was not put back as it was: %s",
		       closing.message);
	} else if (closed) {
		*err = closing;
		ret = closed;
	}
	return ret;
}
