/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

static struct np_log_sink common;
static _Thread_local const struct np_log_sink *bound;

void np_log_set_sink(np_log_fn *fn, void *ctx)
{
	common = (struct np_log_sink){fn, ctx};
}

const struct np_log_sink *np_log_bind(const struct np_log_sink *sink)
{
	const struct np_log_sink *before = bound;

	bound = sink;
	return before;
}

void np_log(enum np_log_level level, const char *format, ...)
{
	const struct np_log_sink *sink = bound ? bound : &common;
	char line[1024];
	va_list args;

	if (!sink->fn)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	sink->fn(sink->ctx, level, line);
}
