/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the commands share. */
#ifndef NP_CLI_CLI_H
#define NP_CLI_CLI_H

#include "base/err.h"
#include "cli/config.h"
#include "cli/options.h"
#include "cli/report.h"

struct cli {
	struct cli_options opt;
	const struct cli_command *command;
	struct config config;
	struct report report;
};

/* What bare `norprog` on a terminal says: what is attached, what is on the clip if one adapter is
 * certain, and what to type next. Errors: none that matter more than the lines. */
int welcome(struct cli *cli, struct np_error *err);

/* Ask y/N on the terminal, unless --yes; `what`: "is about to change the chip". Errors: NP_E_CONFIRM
 * (nobody to ask), NP_E_INTERRUPTED (the answer was no, or Ctrl-C). */
int ask_yes(struct cli *cli, const char *what, struct np_error *err);

/* A question that may be left unanswered: true for y on a terminal, false otherwise. */
bool ask_whether(const struct cli *cli, const char *question);

int cmd_list(struct cli *cli, struct np_error *err);
int cmd_detect(struct cli *cli, struct np_error *err);
int cmd_doctor(struct cli *cli, struct np_error *err);
int cmd_read(struct cli *cli, struct np_error *err);
int cmd_write(struct cli *cli, struct np_error *err);
int cmd_restore(struct cli *cli, struct np_error *err);
int cmd_clone(struct cli *cli, struct np_error *err);
int cmd_verify(struct cli *cli, struct np_error *err);
int cmd_erase(struct cli *cli, struct np_error *err);
int cmd_protect(struct cli *cli, struct np_error *err);
int cmd_resume(struct cli *cli, struct np_error *err);
int cmd_chips(struct cli *cli, struct np_error *err);
int cmd_layouts(struct cli *cli, struct np_error *err);
int cmd_image(struct cli *cli, struct np_error *err);
int cmd_unit(struct cli *cli, struct np_error *err);
int cmd_device(struct cli *cli, struct np_error *err);
int cmd_otp(struct cli *cli, struct np_error *err);
int cmd_serve(struct cli *cli, struct np_error *err);
int cmd_ui(struct cli *cli, struct np_error *err);
int cmd_report(struct cli *cli, struct np_error *err);
int cmd_backups(struct cli *cli, struct np_error *err);

#endif
