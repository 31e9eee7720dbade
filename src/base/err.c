/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct code_row {
	int code;
	int exit_code;
	const char *name;
	const char *hint;
};

static const struct code_row codes[] = {
	{NP_OK, 0, "ok", ""},
	{NP_E_FAIL, 1, "failed", "the same again with -vv says more; --log FILE keeps it"},
	{NP_E_MEMORY, 1, "no-memory", "close other programs, then the same command again"},
	{NP_E_OUTPUT, 1, "output",
         "is there room on the disk (`df -h`), and may you write in that folder?"},
	{NP_E_USAGE, 2, "usage",
         "`norprog help` lists the commands, `norprog help COMMAND` their options"},
	{NP_E_INPUT, 2, "input",
         "look at what the message names; `norprog help COMMAND` says what a command takes"},
	{NP_E_RANGE, 2, "range",
         "`norprog detect` says how big the chip is; ranges are START+LEN or START-LAST"},
	{NP_E_CONFIRM, 2, "not-confirmed", "run it on a terminal, or add --yes"},
	{NP_E_NO_PROGRAMMER, 3, "no-programmer", "`norprog list` shows what is attached"},
	{NP_E_ACCESS, 3, "access", "`norprog list` says what is missing to open it"},
	{NP_E_BUSY, 3, "in-use", "end the other program that uses it, then again"},
	{NP_E_NO_CHIP, 4, "no-chip", "`norprog doctor` says which pin to look at"},
	{NP_E_UNKNOWN_CHIP, 4, "unknown-chip",
         "compare the marking on the chip with `norprog chips`; `norprog doctor` checks the contact"},
	{NP_E_CHIP_MISMATCH, 4, "chip-mismatch",
         "leave --chip out, or compare it with the marking on the chip"},
	{NP_E_UNSTABLE, 4, "unstable",
         "`norprog doctor` says which pin to look at; reseat the clip, shorten the wires"},
	{NP_E_BUS, 5, "bus",
         "replug the adapter without a hub, then again; `norprog doctor` checks it"},
	{NP_E_TIMEOUT, 5, "timeout", "`norprog doctor` checks adapter and chip"},
	{NP_E_GONE, 5, "unplugged", "plug the adapter in again; `norprog list` shows it"},
	{NP_E_VERIFY, 6, "verify",
         "`norprog doctor` checks the contact; then the same command again"},
	{NP_E_POLICY, 7, "refused", "--explain lists every check and what lifts it"},
	{NP_E_SIZE, 7, "size",
         "`norprog detect` says how big the chip is; --at says where a shorter file belongs"},
	{NP_E_UNIT, 7, "unit-data", "--keep unit keeps the MAC and calibration of this unit"},
	{NP_E_PROTECTED, 7, "protected",
         "`norprog protect status` says what is protected; is WP# (pin 3) at 3.3 V?"},
	{NP_E_VOLTAGE, 7, "voltage",
         "read the marking on the chip; --voltage-ok when the supply is right"},
	{NP_E_INTERRUPTED, 8, "interrupted", "the same command again starts over"},
	{NP_E_JOURNAL, 8, "unfinished-job",
         "`norprog resume` finishes the job, `norprog resume --undo` takes it back"},
	{NP_E_UNSUPPORTED, 1, "unsupported",
         "`norprog chips NAME` says what is known of this part"},
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

const char *np_code_hint(int code)
{
	return find_code(code)->hint;
}

int np_fail_file(struct np_error *err, const char *path, int error)
{
	np_fail(err, NP_E_INPUT, "%s: %s", path, strerror(error));
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		np_hint(err,
		        "is the name right? `ls` shows the files of this folder; a file elsewhere "
		        "needs its whole path");
		break;
	case EACCES:
	case EPERM:
		np_hint(err, "this user may not read it: `ls -l` shows whose it is");
		break;
	case EISDIR:
		np_hint(err, "this is a folder: name a file in it");
		break;
	default:
		np_hint(err, "copy the file somewhere else and try with the copy");
	}
	return NP_E_INPUT;
}
