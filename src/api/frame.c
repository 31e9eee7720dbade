/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frame around each function on a handle, and what they ask of it. */
#include "api/api_priv.h"

#include <stdlib.h>
#include <string.h>

int api_enter(norprog *np, struct api_scope *scope)
{
	if (!np)
		return NORPROG_E_USAGE;
	if (atomic_flag_test_and_set(&np->busy))
		return NORPROG_E_BUSY;
	scope->work = false;
	scope->stop = np_stop_bind(&np->stop);
	scope->sink = np_log_bind(&np->sink);
	np->err = (struct np_error){0};
	np->gate[0] = '\0';
	return 0;
}

void api_settle_error(norprog *np, int ret)
{
	if (!ret)
		np->err = (struct np_error){0};
	else if (!np->err.message[0])
		np_fail(&np->err, ret, "%s", norprog_code_text(ret));
	if (ret && !np->err.hint[0])
		np_hint(&np->err, "%s", np_code_hint(ret));
	np->error = (struct norprog_error){ret, np->err.message, np->err.hint, np->gate};
}

void api_unbind(norprog *np, const struct api_scope *scope)
{
	np_stop_bind(scope->stop);
	np_log_bind(scope->sink);
	atomic_flag_clear(&np->busy);
}

/* A stop request ends with the function that it met, also where that was too far to obey it. */
int api_leave(norprog *np, struct api_scope *scope, int ret)
{
	if (scope->work)
		np_stop_forget(&np->stop);
	api_settle_error(np, ret);
	api_unbind(np, scope);
	return ret;
}

int api_enter_work(norprog *np, struct api_scope *scope)
{
	int ret = api_enter(np, scope);

	if (ret)
		return ret;
	scope->work = true;
	if (!np_stop_level())
		return 0;
	ret = np_fail(&np->err, NORPROG_E_INTERRUPTED, "stopped on request before it began");
	return api_leave(np, scope, ret);
}

int(api_null)(norprog *np, const char *name)
{
	return np_fail(&np->err, NORPROG_E_USAGE, "%s is NULL", name);
}

/* ---- what is there ---- */

int api_need_chip(norprog *np)
{
	if (np->nor)
		return 0;
	if (np->bus) {
		np_fail(&np->err, NORPROG_E_NO_CHIP, "no chip was detected yet");
		return np_hint(&np->err, "call norprog_detect() first");
	}
	np_fail(&np->err, NORPROG_E_NO_PROGRAMMER, "no programmer is open");
	return np_hint(&np->err, "call norprog_open() first");
}

int api_need_state(norprog *np)
{
	if (np->state_dir[0])
		return 0;
	np_fail(&np->err, NORPROG_E_OUTPUT, "there is no state folder to keep backups in");
	return np_hint(&np->err, "set NORPROG_STATE_FOLDER to a folder that can be written");
}

struct job api_job(norprog *np)
{
	return (struct job){.nor = np->nor,
	                    .layout = np->in_force ? &np->in_force->layout : NULL,
	                    .programmer = np->bus_name,
	                    .state_dir = np->state_dir,
	                    .keep_clock = np->clock_hz || np->spec_hz,
	                    .event = api_event,
	                    .event_ctx = np};
}

/* ---- for the application ---- */

int api_copy_text(norprog *np, char **text, const char *value)
{
	char *copy = value ? strdup(value) : NULL;

	if (value && !copy)
		return np_fail(&np->err, NORPROG_E_MEMORY, "out of memory");
	free(*text);
	*text = copy;
	return 0;
}

int api_ask(norprog *np, const char *text, const norprog_job *job)
{
	struct norprog_question question = {text, job};

	if (!np->question_fn) {
		np_fail(&np->err, NORPROG_E_CONFIRM, "%s There is no one to ask", text);
		return np_hint(&np->err, "give norprog_set_question() a function that answers; "
		                         "norprog_answer_yes() where the user was asked before");
	}
	if (np->question_fn(np->question_ctx, &question) == 1)
		return 0;
	return np_fail(&np->err, NORPROG_E_INTERRUPTED, "the answer was no: nothing was changed");
}
