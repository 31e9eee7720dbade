/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A gang: one command on several adapters at once. Each adapter has a process of its own, which runs
 * the ordinary command with all its gates (member.h), so that one that fails, hangs or crashes
 * touches no other. The gang starts them, asks the one question for all, shows what they say, and
 * passes a Ctrl-C on.
 */
#ifndef NP_CLI_GANG_GANG_H
#define NP_CLI_GANG_GANG_H

#include <sys/types.h>

#include "cli/cli.h"
#include "device/sheet.h"

#define GANG_MAX      64
#define GANG_NAME_MAX 192
#define GANG_TWIN     "-at-" /* ID-at-PLACE: the second chip that says the same unique ID */

enum member_state {
	MEMBER_WORKING, /* before the question, or a command that asks none */
	MEMBER_ASKING,  /* waits for the answer */
	MEMBER_GOING,   /* was told to go ahead */
	MEMBER_ENDED,
};

struct member {
	char spec[512];
	char place[128];          /* "1-1.4"; of what has no place, its file or address */
	char name[GANG_NAME_MAX]; /* what it is called: label or place */
	char file[GANG_NAME_MAX]; /* the name of its files, once it was asked for; "": not yet */
	bool labelled;

	pid_t pid;    /* 0: not started */
	int from, to; /* pipes; -1: closed */
	char *text;   /* bytes of a line that has not ended */
	size_t text_len, text_room;

	enum member_state state;
	struct progress progress;
	char chip[160];              /* "W25Q64FV, 8 MiB"; "": not known yet */
	char *plan;                  /* lines said before the question; NULL: none, or shown */
	const struct sheet_row *row; /* --set-from */
	char uid[160];
	json_t *result; /* its last event; NULL: none came */
	int code;       /* np_code, once it has ended */
};

struct gang {
	struct cli *cli;
	struct member *members;
	size_t count;
	struct sheet sheet;
	int stop_sent;
	uint64_t drawn_us;
	bool answered; /* the question has been answered with yes */
};

/* Run the command on all that -p names. Errors: the worst of the members', NP_E_USAGE. */
int gang_run(struct cli *cli, struct np_error *err);

/* The code of this name in a result; NP_E_FAIL for one that nobody knows. */
int gang_code_of(const char *name);

/* ---- members.c ---- */

/* From -p and --label to members with their places and names. Errors: NP_E_USAGE,
 * NP_E_NO_PROGRAMMER. */
int members_make(struct gang *gang, struct np_error *err);

/* ---- answers.c ---- */

/* Answer what a member asked, except for "confirm". */
void answer_question(struct gang *gang, struct member *member, const json_t *question);

/* The answer to "confirm" for one: `ret` 0 is yes, else no, for the reason in err. With yes, what it
 * takes from --set-from is recorded first, and its answer is no where that fails. */
void answer_confirm(struct gang *gang, struct member *member, int ret, const struct np_error *err);

/* ---- show.c ---- */

/* A line that a member said. */
void show_line(struct gang *gang, struct member *member, const char *kind, const char *text);

/* The lines said before the question, once for all whose lines are equal. */
void show_plans(struct gang *gang);

/* The status lines, if it is time. */
void show_status(struct gang *gang);

/* The table at the end, and the array for --json. */
void show_summary(struct gang *gang);

#endif
