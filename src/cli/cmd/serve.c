/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/session.h"
#include "serve/serve.h"
#include "spi/driver.h"

struct serving {
	struct cli *cli;
	char spec[512];
};

static int open_bus(void *ctx, struct spi_bus **bus, struct np_error *err)
{
	struct serving *serving = ctx;
	const struct cli_options *opt = &serving->cli->opt;
	int ret = spi_open(serving->spec, opt->trace, bus, err);

	if (!ret && opt->speed_hz)
		ret = spi_set_hz(*bus, opt->speed_hz, err);
	if (ret && *bus) {
		spi_close(*bus);
		*bus = NULL;
	}
	return ret;
}

static void tell(void *ctx, const char *client, const char *what)
{
	struct report *report = ctx;

	report_note(report, "%s: %s", client, what);
	report_event(
		report, "client",
		json_pack("{s:o, s:o}", "client", report_text(client), "what", report_text(what)));
}

/* Check that the programmer is there, and how fast it is. It is closed again until a client needs
 * it. */
static int look_at_programmer(struct serving *serving, struct serve_target *target, char *name,
                              size_t len, struct np_error *err)
{
	struct spi_bus *bus = NULL;
	int ret = open_bus(serving, &bus, err);

	if (ret)
		return ret;
	target->caps = *spi_caps(bus);
	snprintf(name, len, "%s", spi_name(bus));
	spi_close(bus);
	return 0;
}

static int make_door(const struct cli_options *opt, struct serve_door *door, struct np_error *err)
{
	int ret = opt->secret ? np_secret_read(&door->secret, opt->secret, err) : 0;

	for (size_t i = 0; i < opt->allow.count && !ret; i++)
		ret = serve_allow(door, opt->allow.at[i], err);
	return ret;
}

/* Beyond this computer both --allow and --secret are required, because anyone could erase the
 * chip. */
static int check_door(const struct serve_door *door, bool loopback, const char *where,
                      struct np_error *err)
{
	if (loopback || (door->allow_count && door->secret.len))
		return 0;
	np_fail(err, NP_E_USAGE,
	        "%s can be reached from other computers: whoever reaches it may erase the chip",
	        where);
	return np_hint(err, "name who may with --allow and --secret FILE, or listen on 127.0.0.1 "
	                    "and come through ssh -L (norprog(1), REMOTE)");
}

/* How clients reach it: one that listens at all addresses has one of them for them. flashrom takes no
 * address of IPv6, and no secret. */
static void say_where(struct report *report, const char *name, const char *where,
                      const char *secret)
{
	const char *colon = strrchr(where, ':'), *host = where;
	int len = colon ? (int)(colon - where) : (int)strlen(where);

	report_say(report, "%s is served at %s", name, where);
	if (strncmp(where, "0.0.0.0:", 8) == 0 || strncmp(where, "[::]:", 5) == 0) {
		host = "HOST";
		len = 4;
	}
	report_paste(report, "  use:  norprog detect -p serprog:ip=%.*s@%s%s%s", len, host,
	             colon ? colon + 1 : "PORT", secret ? ",secret=" : "", secret ? secret : "");
	if (host[0] != '[' && !secret)
		report_say(report, "        flashrom -p serprog:ip=%.*s%s", len, host,
		           colon ? colon : ":PORT");
	report_event(
		report, "serving",
		json_pack("{s:o, s:o}", "programmer", report_text(name), "at", report_text(where)));
	fflush(stdout); /* whoever started us waits for the port */
}

int cmd_serve(struct cli *cli, struct np_error *err)
{
	struct serving serving = {.cli = cli};
	struct serve_door door = {.allow_count = 0};
	struct serve_target target = {.open = open_bus, .ctx = &serving};
	struct serve_options options = {
		.fd = -1, .door = &door, .target = &target, .tell = tell, .ctx = &cli->report};
	char name[128], where[80];
	bool loopback = false;
	int ret = make_door(&cli->opt, &door, err);

	if (!ret && cli->opt.programmer)
		snprintf(serving.spec, sizeof(serving.spec), "%s", cli->opt.programmer);
	else if (!ret)
		ret = programmer_default(cli, serving.spec, sizeof(serving.spec), err);
	if (!ret)
		ret = serve_listen(cli->opt.listen, where, sizeof(where), &loopback, &options.fd,
		                   err);
	if (!ret)
		ret = check_door(&door, loopback, where, err);
	if (!ret)
		ret = look_at_programmer(&serving, &target, name, sizeof(name), err);
	if (!ret) {
		say_where(&cli->report, name, where, cli->opt.secret);
		ret = serve_run(&options, err);
	}
	if (options.fd >= 0)
		close(options.fd);
	return ret;
}
