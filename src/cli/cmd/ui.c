/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/stop.h"
#include "cli/cli.h"
#include "ui/ui.h"

#if HAVE_UI

static void say(void *ctx, const char *line)
{
	struct cli *cli = ctx;

	report_say(&cli->report, "%s", line);
	report_event(&cli->report, "ui", json_pack("{s:o}", "text", report_text(line)));
	fflush(stdout);
}

static bool stopped(void *ctx)
{
	(void)ctx;
	return np_stop_level() > 0;
}

int cmd_ui(struct cli *cli, struct np_error *err)
{
	struct ui_options options = {.programmer = cli->opt.programmer ? cli->opt.programmer
	                                                               : config_programmer(cli),
	                             .chip = cli->opt.chip,
	                             .chips_file = cli->opt.chips,
	                             .layout = cli->opt.layout,
	                             .listen = cli->opt.listen,
	                             .browser = !cli->opt.no_browser,
	                             .say = say,
	                             .stopped = stopped,
	                             .ctx = cli};
	struct ui_error trouble;
	int ret = ui_run(&options, &trouble);

	if (!ret)
		return 0;
	np_fail(err, ret, "%s", trouble.message);
	return trouble.hint[0] ? np_hint(err, "%s", trouble.hint) : ret;
}

#else

int cmd_ui(struct cli *cli, struct np_error *err)
{
	(void)cli;
	np_fail(err, NP_E_UNSUPPORTED, "this norprog was built without its browser page");
	return np_hint(err, "install libmicrohttpd-dev and build again");
}

#endif
