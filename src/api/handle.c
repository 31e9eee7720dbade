/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handles: options, callbacks, stop requests. */
#include "api/api_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "store/state.h"

unsigned norprog_version(void)
{
	return NORPROG_VERSION_NUMBER;
}

/* ---- making and freeing ---- */

static void feed_log(void *ctx, enum np_log_level level, const char *line)
{
	norprog *np = ctx;

	if (np->log_fn)
		np->log_fn(np->log_ctx, (enum norprog_log_level)level, line);
}

int norprog_new(norprog **np)
{
	struct np_error none = {0};
	norprog *made;

	if (!np)
		return NORPROG_E_USAGE;
	*np = NULL;
	made = calloc(1, sizeof(*made));
	if (!made)
		return NORPROG_E_MEMORY;
	atomic_flag_clear(&made->busy);
	made->sink = (struct np_log_sink){feed_log, made};
	/* Without a home folder there is no default. Functions that need a state folder report
	 * it. */
	if (store_default_dir(made->state_dir, sizeof(made->state_dir), &none))
		made->state_dir[0] = '\0';
	api_settle_error(made, 0);
	*np = made;
	return 0;
}

void norprog_free(norprog *np)
{
	struct api_scope scope;

	if (!np || api_enter(np, &scope))
		return;
	api_close(np);
	for (size_t i = 0; i < API_OPTIONS; i++)
		free(np->options[i]);
	api_unbind(np, &scope);
	free(np);
}

const struct norprog_error *norprog_error(const norprog *np)
{
	static const struct norprog_error no_handle = {NORPROG_E_USAGE, "there is no handle",
	                                               "make one with norprog_new()", ""};

	return np ? &np->error : &no_handle;
}

/* ---- options ---- */

/* A relative path is made absolute, because the application may change its current folder, and a job
 * that was left unfinished has to be found again. */
static int set_state_folder(norprog *np, const char *path)
{
	char whole[2 * sizeof(np->state_dir)] = "";
	size_t len = 0;

	if (!path || !path[0]) {
		np_fail(&np->err, NORPROG_E_OUTPUT, "no state folder was given");
		return np_hint(&np->err,
		               "backups and unfinished jobs are kept there: name a folder "
		               "that can be written");
	}
	if (path[0] != '/') {
		if (!getcwd(whole, sizeof(np->state_dir)))
			return np_fail(&np->err, NORPROG_E_OUTPUT, "the current folder: %s",
			               strerror(errno));
		len = strlen(whole);
		whole[len++] = '/';
	}
	snprintf(whole + len, sizeof(whole) - len, "%s", path);
	if (strlen(path) >= sizeof(np->state_dir) || strlen(whole) >= sizeof(np->state_dir))
		return np_fail(&np->err, NORPROG_E_OUTPUT,
		               "the path of the state folder is too long");
	memcpy(np->state_dir, whole, strlen(whole) + 1);
	return 0;
}

static int set_layout(norprog *np, const char *spec)
{
	norprog_layout *made = NULL;
	int ret = spec ? api_layout_make(np, spec, &made) : 0;

	if (!ret)
		ret = api_copy_text(np, &np->options[NORPROG_LAYOUT], spec);
	if (ret) {
		norprog_layout_free(made);
		return ret;
	}
	norprog_layout_free(np->in_force);
	np->in_force = np->detected ? made : NULL;
	if (!np->detected)
		norprog_layout_free(made);
	return 0;
}

static int set_clock(norprog *np, const char *value)
{
	uint32_t hz = 0;

	if (value && !np_parse_hz(value, &hz))
		return np_fail(&np->err, NORPROG_E_USAGE, "'%s' is no clock, as 8M is", value);
	np->clock_hz = hz;
	return 0;
}

static int set_size(norprog *np, const char *value)
{
	uint64_t size = 0;

	if (value && (!np_parse_size(value, &size) || !size))
		return np_fail(&np->err, NORPROG_E_USAGE, "'%s' is no size, as 8M is", value);
	np->size = size;
	return 0;
}

static int set_option(norprog *np, enum norprog_option option, const char *value)
{
	switch (option) {
	case NORPROG_STATE_FOLDER:
		return set_state_folder(np, value);
	case NORPROG_CLOCK:
		return set_clock(np, value);
	case NORPROG_SIZE:
		return set_size(np, value);
	case NORPROG_LAYOUT:
		return set_layout(np, value);
	case NORPROG_CHIP:
	case NORPROG_CHIPS_FILE:
	case NORPROG_TRACE:
		return api_copy_text(np, &np->options[option], value);
	}
	return np_fail(&np->err, NORPROG_E_USAGE, "there is no option %d", (int)option);
}

int norprog_set(norprog *np, enum norprog_option option, const char *value)
{
	struct api_scope scope;
	int ret = api_enter(np, &scope);

	return ret ? ret : api_leave(np, &scope, set_option(np, option, value));
}

/* ---- callbacks ---- */

int norprog_set_log(norprog *np, norprog_log_fn *fn, void *ctx)
{
	struct api_scope scope;
	int ret = api_enter(np, &scope);

	if (ret)
		return ret;
	np->log_fn = fn;
	np->log_ctx = ctx;
	return api_leave(np, &scope, 0);
}

int norprog_set_events(norprog *np, norprog_event_fn *fn, void *ctx)
{
	struct api_scope scope;
	int ret = api_enter(np, &scope);

	if (ret)
		return ret;
	np->event_fn = fn;
	np->event_ctx = ctx;
	return api_leave(np, &scope, 0);
}

int norprog_set_question(norprog *np, norprog_question_fn *fn, void *ctx)
{
	struct api_scope scope;
	int ret = api_enter(np, &scope);

	if (ret)
		return ret;
	np->question_fn = fn;
	np->question_ctx = ctx;
	return api_leave(np, &scope, 0);
}

int norprog_answer_yes(void *ctx, const struct norprog_question *question)
{
	(void)ctx;
	(void)question;
	return 1;
}

/* ---- stopping ---- */

void norprog_stop(norprog *np)
{
	if (np)
		np_stop_ask(&np->stop);
}

void norprog_stop_clear(norprog *np)
{
	if (np)
		np_stop_forget(&np->stop);
}
