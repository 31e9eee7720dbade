/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What commands that change a chip share. */
#ifndef NP_CLI_CMD_WRITE_H
#define NP_CLI_CMD_WRITE_H

#include "cli/session.h"
#include "job/intent.h"

/* Where a command differs from write, restore and erase. */
struct write_hooks {
	/* When the chip is known and the file looked at: select, override. */
	int (*prepare)(struct session *s, struct intent *intent, void *ctx, struct np_error *err);
	/* When the chip holds what it should, or (--dry-run) would. */
	int (*finish)(struct session *s, void *ctx, struct np_error *err);
	void *ctx;
};

/* The whole command; `file` NULL: erase; `hooks` may be NULL. */
int write_command(struct cli *cli, enum intent_operation operation, const char *file,
                  const struct write_hooks *hooks, struct np_error *err);

#endif
