/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/paste.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define QUOTED_MAX 600

const char *paste_quote(const char *word, char *buf, size_t len)
{
	size_t used = 0;
	bool plain = *word;

	for (const char *c = word; *c; c++)
		plain = plain && (isalnum((unsigned char)*c) || strchr("_./:=,@%+-", *c));
	if (plain || len < 8) {
		snprintf(buf, len, "%s", word);
		return buf;
	}
	buf[used++] = '\'';
	for (; *word && used + 6 < len; word++)
		if (*word == '\'')
			used += (size_t)snprintf(buf + used, len - used, "'\\''");
		else
			buf[used++] = *word;
	snprintf(buf + used, len - used, "'");
	return buf;
}

/* Is the command line in backticks that begins at `text` one that talks to a chip, and names no
 * programmer yet? `len` goes to its closing backtick. */
static bool wants_programmer(const char *text, size_t len)
{
	static const char *const commands[] = {"detect", "read",   "write",   "restore",
	                                       "verify", "erase",  "protect", "resume",
	                                       "otp",    "doctor", "clone"};
	static const char call[] = "norprog ";
	char line[QUOTED_MAX];

	if (len >= sizeof(line) || strncmp(text, call, strlen(call)) != 0)
		return false;
	snprintf(line, sizeof(line), "%.*s", (int)len, text);
	text = line + strlen(call);
	if (strstr(text, " -p ") || strstr(text, "--help"))
		return false;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcspn(text, " ") == strlen(commands[i]) &&
		    strncmp(text, commands[i], strlen(commands[i])) == 0)
			return true;
	return false;
}

const char *paste_hint(const char *hint, const char *programmer, char *buf, size_t len)
{
	char quoted[QUOTED_MAX];
	size_t used = 0;

	if (programmer)
		paste_quote(programmer, quoted, sizeof(quoted));
	while (*hint && used + 1 < len) {
		size_t line = hint[0] == '`' ? strcspn(hint + 1, "`") : 0;

		if (!line || !hint[1 + line]) {
			buf[used++] = *hint++;
			continue;
		}
		used += (size_t)snprintf(
			buf + used, len - used, "`%.*s%s%s`", (int)line, hint + 1,
			programmer && wants_programmer(hint + 1, line) ? " -p " : "",
			programmer && wants_programmer(hint + 1, line) ? quoted : "");
		used = used < len ? used : len - 1;
		hint += line + 2;
	}
	buf[used] = '\0';
	return buf;
}
