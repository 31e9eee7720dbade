/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "cli/plan_show.h"
#include "cli/select.h"
#include "spi/driver.h"

const struct layout *session_layout(const struct session *session)
{
	return session->has_layout ? &session->layout : NULL;
}

const char *session_chip_name(const struct session *session, char *buf, size_t len)
{
	const struct nor_chip *chip = session->info->chip;
	const char *maker = chip && chip->maker ? chip->maker : "";

	snprintf(buf, len, "%s%s%s", maker, maker[0] ? " " : "", session->info->name);
	return buf;
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
		ret = selection_precheck(&cli->opt, session_layout(session), err);
	return ret;
}

/* A clock given in either place is kept: --speed, or hz= (flashrom: spispeed=, in kHz) of -p. */
static uint32_t chosen_clock(const struct cli_options *opt, const char *programmer)
{
	const struct spi_driver *driver;
	struct spi_spec spec;
	struct np_error ignored = {0};
	const char *hz, *khz;
	uint64_t number;
	uint32_t clock = 0;

	if (opt->speed_hz || spi_spec_parse(programmer, &spec, &driver, &ignored))
		return opt->speed_hz;
	hz = spi_spec_get(&spec, "hz");
	khz = spi_spec_get(&spec, "spispeed");
	if (hz && np_parse_hz(hz, &clock))
		return clock;
	return khz && np_parse_size(khz, &number) && number < 1000000 ? (uint32_t)number * 1000 : 0;
}

static int open_chip(struct session *session, const char *programmer, struct np_error *err)
{
	const struct cli_options *opt = &session->cli->opt;
	struct nor_options options = {
		.chip = opt->chip, .size_override = opt->size, .hz = chosen_clock(opt, programmer)};
	int ret = nor_open(session->bus, &options, &session->nor, err);

	session->keep_clock = options.hz != 0;
	if (!ret)
		session->info = nor_info(session->nor);
	return ret;
}

/* "chip: Winbond W25Q64FV, 8 MiB, on sim at 50 MHz" */
static void introduce(struct session *session)
{
	const struct nor_info *info = session->info;
	struct report *report = &session->cli->report;
	char name[192], size[32], hz[32];

	session_chip_name(session, name, sizeof(name));
	report_note(report, "chip: %s, %s, on %s at %s", name,
	            np_format_size(info->size, size, sizeof(size)), spi_name(session->bus),
	            np_format_hz(info->hz, hz, sizeof(hz)));
	report_event(report, "chip",
	             json_pack("{s:s, s:I, s:s, s:I}", "name", info->name, "size",
	                       (json_int_t)info->size, "programmer", spi_name(session->bus), "hz",
	                       (json_int_t)info->hz));
}

static void wire_job(struct session *session)
{
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
		ret = open_chip(session, spec, err);
	if (ret)
		return ret;
	snprintf(session->bus_name, sizeof(session->bus_name), "%s", spi_name(session->bus));
	introduce(session);
	wire_job(session);
	if (session->has_layout)
		ret = layout_check(&session->layout, session->info->size, err);
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
	spi_close(session->bus);
	session->nor = session->job.nor = NULL;
	session->bus = NULL;
	return ret;
}

int session_close(struct session *session, int ret, struct np_error *err)
{
	struct np_error closing = {0};
	int closed = nor_close(session->nor, &closing);

	spi_close(session->bus);
	if (session->has_layout)
		layout_free(&session->layout);
	memset(session, 0, sizeof(*session));
	if (closed && ret) {
		np_log(NP_LOG_WARN, "the chip was not put back as it was: %s", closing.message);
	} else if (closed) {
		*err = closing;
		ret = closed;
	}
	return ret;
}
