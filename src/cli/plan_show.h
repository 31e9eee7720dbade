/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What jobs tell while they work, put into words; and the question before the first erase. */
#ifndef NP_CLI_PLAN_SHOW_H
#define NP_CLI_PLAN_SHOW_H

#include "cli/session.h"

/* An np_event_fn; ctx is the session. */
void session_event(void *ctx, const struct np_event *event);

/* A job's confirm(); ctx is the session. Asks y/N on the terminal unless --yes. Errors:
 * NP_E_CONFIRM (nobody to ask), NP_E_INTERRUPTED (the answer was no, or Ctrl-C). */
int session_confirm(void *ctx, const struct plan *plan, struct np_error *err);

#endif
