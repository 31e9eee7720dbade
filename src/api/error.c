/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The public codes are the internal ones, which is checked here, with a sentence for each. */
#include "api/api_priv.h"

#define SAME(name) \
	_Static_assert((int)NORPROG_##name == (int)NP_##name, "public and internal codes differ")

SAME(OK);
SAME(E_FAIL);
SAME(E_MEMORY);
SAME(E_OUTPUT);
SAME(E_USAGE);
SAME(E_INPUT);
SAME(E_RANGE);
SAME(E_CONFIRM);
SAME(E_NO_PROGRAMMER);
SAME(E_ACCESS);
SAME(E_BUSY);
SAME(E_NO_CHIP);
SAME(E_UNKNOWN_CHIP);
SAME(E_CHIP_MISMATCH);
SAME(E_UNSTABLE);
SAME(E_BUS);
SAME(E_TIMEOUT);
SAME(E_GONE);
SAME(E_VERIFY);
SAME(E_POLICY);
SAME(E_SIZE);
SAME(E_UNIT);
SAME(E_PROTECTED);
SAME(E_VOLTAGE);
SAME(E_INTERRUPTED);
SAME(E_JOURNAL);
SAME(E_UNSUPPORTED);

static const char *const texts[] = {
	[-NP_OK] = "done",
	[-NP_E_FAIL] = "it failed",
	[-NP_E_MEMORY] = "out of memory",
	[-NP_E_OUTPUT] = "a file could not be written",
	[-NP_E_USAGE] = "an argument makes no sense",
	[-NP_E_INPUT] = "a file is missing, unreadable, or not what it should be",
	[-NP_E_RANGE] = "a region or address is out of range",
	[-NP_E_CONFIRM] = "a question was due, and there was no one to answer it",
	[-NP_E_NO_PROGRAMMER] = "there is no programmer to work with",
	[-NP_E_ACCESS] = "the programmer may not be opened by this user",
	[-NP_E_BUSY] = "it is in use",
	[-NP_E_NO_CHIP] = "no chip answers",
	[-NP_E_UNKNOWN_CHIP] = "the chip is not known",
	[-NP_E_CHIP_MISMATCH] = "the chip is another one than was named",
	[-NP_E_UNSTABLE] = "reads disagree",
	[-NP_E_BUS] = "the programmer failed in mid-operation",
	[-NP_E_TIMEOUT] = "the chip or the programmer took too long",
	[-NP_E_GONE] = "the programmer was unplugged",
	[-NP_E_VERIFY] = "what was read back differs",
	[-NP_E_POLICY] = "refused",
	[-NP_E_SIZE] = "the size of the file makes no sense here",
	[-NP_E_UNIT] = "data that only this unit has would be lost",
	[-NP_E_PROTECTED] = "write protection does not lift",
	[-NP_E_VOLTAGE] = "a 1.8 V part must not be fed 3.3 V",
	[-NP_E_INTERRUPTED] = "stopped on request",
	[-NP_E_JOURNAL] = "an unfinished job is open on this chip",
	[-NP_E_UNSUPPORTED] = "the chip or the programmer cannot do this",
};

const char *norprog_code_name(int code)
{
	return np_code_name(code);
}

const char *norprog_code_text(int code)
{
	return texts[code > 0 || code < NP_E_UNSUPPORTED ? -NP_E_FAIL : -code];
}
