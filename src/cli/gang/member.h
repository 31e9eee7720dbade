/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A member of a gang: the ordinary command for one adapter, in a process of its own. All it says goes
 * as JSON Lines to its standard output, which is a pipe to the gang (report.h, `wire`). What only the
 * gang can know it asks there, and reads the answer, one line of JSON, from standard input.
 */
#ifndef NP_CLI_GANG_MEMBER_H
#define NP_CLI_GANG_MEMBER_H

#include "cli/session.h"

/* In a child of the gang: run the command on `spec` alone, and return its exit code. stdin and
 * stdout are the pipes already. `name`: what the gang calls the adapter. */
int member_run(struct cli *cli, const char *spec);

/* The one question before the first erase: it is asked once for all. As ask_yes(). */
int member_confirm(struct cli *cli, const char *what, struct np_error *err);

/*
 * The file of this unit in the folder DIR, into buf: DIR/NAME.bin, or DIR/NAME when it is a folder
 * of several regions. NAME is the adapter's label, else the chip's unique ID, else the adapter's
 * place. `make`: for a file to be written, and DIR is made; else the file must be there. Errors:
 * NP_E_INPUT (there is none), NP_E_POLICY (two chips claim one ID), NP_E_OUTPUT.
 */
int member_file(struct session *session, const char *dir, bool make, bool several, char *buf,
                size_t len, struct np_error *err);

/* The file to write, restore or compare: `path` itself, or when that is a folder, this unit's file in
 * it. Into buf, and into the command's arguments. Errors: as member_file(). */
int member_source(struct session *session, const char *path, char *buf, size_t len,
                  struct np_error *err);

/* --set-from: the fields of this unit's row become --set. Nothing without the option. Errors: no row,
 * or one that another unit has (NP_E_POLICY, NP_E_INPUT), NP_E_MEMORY. */
int member_fields(struct session *session, struct np_error *err);

#endif
