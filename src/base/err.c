/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct code_row {
	int code;
	int exit_code;
	const char *name;
};

static const struct code_row codes[] = {
	{NP_OK, 0, "ok"},
	{NP_E_FAIL, 1, "failed"},
	{NP_E_MEMORY, 1, "no-memory"},
	{NP_E_OUTPUT, 1, "output"},
	{NP_E_USAGE, 2, "usage"},
	{NP_E_INPUT, 2, "input"},
	{NP_E_RANGE, 2, "range"},
	{NP_E_CONFIRM, 2, "not-confirmed"},
	{NP_E_NO_PROGRAMMER, 3, "no-programmer"},
	{NP_E_ACCESS, 3, "access"},
	{NP_E_BUSY, 3, "in-use"},
	{NP_E_NO_CHIP, 4, "no-chip"},
	{NP_E_UNKNOWN_CHIP, 4, "unknown-chip"},
	{NP_E_CHIP_MISMATCH, 4, "chip-mismatch"},
	{NP_E_UNSTABLE, 4, "unstable"},
	{NP_E_BUS, 5, "bus"},
	{NP_E_TIMEOUT, 5, "timeout"},
	{NP_E_GONE, 5, "unplugged"},
	{NP_E_VERIFY, 6, "verify"},
	{NP_E_POLICY, 7, "refused"},
	{NP_E_SIZE, 7, "size"},
	{NP_E_UNIT, 7, "unit-data"},
	{NP_E_PROTECTED, 7, "protected"},
	{NP_E_VOLTAGE, 7, "voltage"},
	{NP_E_INTERRUPTED, 8, "interrupted"},
	{NP_E_JOURNAL, 8, "unfinished-job"},
	{NP_E_UNSUPPORTED, 1, "unsupported"},
};

static const struct code_row *find_code(int code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].code == code)
			return &codes[i];
	return &codes[1];
}

int(np_fail)(struct np_error *err, int code, const char *format, ...)
{
	va_list args;

	if (!err)
		return code;
	err->code = code;
	err->hint[0] = '\0';
	va_start(args, format);
	vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	return code;
}

int(np_hint)(struct np_error *err, const char *format, ...)
{
	va_list args;

	if (!err)
		return NP_E_FAIL;
	va_start(args, format);
	vsnprintf(err->hint, sizeof(err->hint), format, args);
	va_end(args);
	return err->code;
}

int(np_context)(struct np_error *err, const char *format, ...)
{
	char doing[sizeof(err->message)];
	char whole[2 * sizeof(err->message) + 2];
	va_list args;

	if (!err)
		return NP_E_FAIL;
	va_start(args, format);
	vsnprintf(doing, sizeof(doing), format, args);
	va_end(args);
	snprintf(whole, sizeof(whole), "%s: %s", doing, err->message);
	memcpy(err->message, whole, sizeof(err->message) - 1);
	err->message[sizeof(err->message) - 1] = '\0';
	return err->code;
}

int np_code_exit(int code)
{
	return find_code(code)->exit_code;
}

const char *np_code_name(int code)
{
	return find_code(code)->name;
}
