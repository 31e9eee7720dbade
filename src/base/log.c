/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

static np_log_fn *sink;
static void *sink_ctx;

void np_log_set_sink(np_log_fn *fn, void *ctx)
{
	sink = fn;
	sink_ctx = ctx;
}

void np_log(enum np_log_level level, const char *format, ...)
{
	char line[1024];
	va_list args;

	if (!sink)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	sink(sink_ctx, level, line);
}
