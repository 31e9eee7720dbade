/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors are values. A function that can fail returns 0 or one of the negative codes below and
 * takes a `struct np_error *` as its last parameter. The deepest layer writes the cause with
 * np_fail(); each layer above puts what it was doing in front with np_context(), once; whoever
 * knows the next action sets np_hint(). Nothing here prints or exits.
 */
#ifndef NP_BASE_ERR_H
#define NP_BASE_ERR_H

/* Each code belongs to one exit code of the command (np_code_exit()); the name is what --json
 * says. */
enum np_code {
	NP_OK = 0,
	NP_E_FAIL = -1,           /* anything without a better name; exit 1 */
	NP_E_MEMORY = -2,         /* allocation failed; exit 1 */
	NP_E_OUTPUT = -3,         /* an output file cannot be written; exit 1 */
	NP_E_USAGE = -4,          /* wrong usage; exit 2 */
	NP_E_INPUT = -5,          /* unreadable or invalid input file; exit 2 */
	NP_E_RANGE = -6,          /* region or address out of range or contradictory; exit 2 */
	NP_E_CONFIRM = -7,        /* a prompt was due without a terminal to answer it; exit 2 */
	NP_E_NO_PROGRAMMER = -8,  /* nothing attached, or none chosen; exit 3 */
	NP_E_ACCESS = -9,         /* the programmer may not be opened by this user; exit 3 */
	NP_E_BUSY = -10,          /* the programmer or file is in use; exit 3 */
	NP_E_NO_CHIP = -11,       /* no answer on the clip; exit 4 */
	NP_E_UNKNOWN_CHIP = -12,  /* an ID that no table has, no SFDP; exit 4 */
	NP_E_CHIP_MISMATCH = -13, /* --chip contradicts the ID; exit 4 */
	NP_E_UNSTABLE = -14,      /* reads that disagree: contact or clock; exit 4 */
	NP_E_BUS = -15,           /* the bus or adapter failed in mid-operation; exit 5 */
	NP_E_TIMEOUT = -16,       /* a bounded wait ended; exit 5 */
	NP_E_GONE = -17,          /* the adapter was unplugged; exit 5 */
	NP_E_VERIFY = -18,        /* read-back differs; exit 6 */
	NP_E_POLICY = -19,        /* refused; exit 7 */
	NP_E_SIZE = -20,          /* image size makes no sense here; exit 7 */
	NP_E_UNIT = -21,          /* this unit's own data would be overwritten; exit 7 */
	NP_E_PROTECTED = -22,     /* protection that does not lift; exit 7 */
	NP_E_VOLTAGE = -23,       /* 1.8 V part without --voltage-ok; exit 7 */
	NP_E_INTERRUPTED = -24,   /* a stop was asked for and obeyed; exit 8 */
	NP_E_JOURNAL = -25,       /* an unfinished job is open on this chip; exit 8 */
	NP_E_UNSUPPORTED = -26,   /* chip or adapter cannot do this; exit 1 */
};

/* Cause and next action, filled by whoever failed. Zero-initialise; owns nothing. */
struct np_error {
	int code;
	char message[512];
	char hint[512];
};

/* Record a failure: sets code and message (printf style), clears the hint. Returns `code`, so that
 * `return np_fail(err, NP_E_BUS, ...)` reads well. `err` may be NULL. Never blocks. */
int np_fail(struct np_error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Set the hint line: what the user should do next. Replaces an earlier hint. Returns err's code. */
int np_hint(struct np_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Record that a file could not be opened or read, and why (an errno), with the hint that fits. Returns
 * NP_E_INPUT. */
int np_fail_file(struct np_error *err, const char *path, int error);

/* What can be done about an error of this kind where nobody knew better: no error is shown without a
 * next action. Never NULL. */
const char *np_code_hint(int code);

/* Put "what I was doing: " in front of the message. Returns err's code. */
int np_context(struct np_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#ifdef __clang_analyzer__
/* The analyser sees one file at a time: tell it that a failure is never 0. */
#define np_fail(err, code, ...) (np_fail((err), (code), __VA_ARGS__), (code))
#define np_hint(err, ...)       (np_hint((err), __VA_ARGS__), NP_E_FAIL)
#define np_context(err, ...)    (np_context((err), __VA_ARGS__), NP_E_FAIL)
#endif

/* The exit code of the command (0..8) that belongs to `code`. */
int np_code_exit(int code);

/* The finer name that JSON results carry ("no-chip", "unstable", ...); never NULL. */
const char *np_code_name(int code);

#endif
