/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NP_CLI_CMD_REPORT_H
#define NP_CLI_CMD_REPORT_H

#include "cli/session.h"

/* Save the range of --prove, write noise there, and put back what was there: the chip has then
 * erased and programmed, and nor_measured() says how fast. Two jobs, with the gates and the backup
 * of any other. Errors: as job_write(); the hint says how the range is put back when the second one
 * fails. */
int report_prove(struct session *session, struct np_error *err);

#endif
