/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/ini.h"

#include <ini.h>
#include <string.h>

#define SECTION_BYTES 48 /* inih cuts longer names */

static bool fail(struct np_ini *ini, unsigned line, const char *what, const char *value)
{
	if (!ini->result)
		ini->result = ini->user->fail(ini->ctx, line, what, value);
	return false;
}

static int handle(void *user, const char *section, const char *name, const char *value)
{
	struct np_ini *ini = user;

	if (ini->result)
		return 0;
	if (!ini->section_line)
		return fail(ini, ini->line, "a key before the first section", name);
	if (ini->open_line != ini->section_line) {
		if (ini->open_line)
			ini->result = ini->user->end(ini->ctx);
		ini->open_line = ini->section_line;
		if (!ini->result)
			ini->result = ini->user->begin(ini->ctx, section);
	}
	if (!ini->result)
		ini->result = ini->user->key(ini->ctx, name, value);
	return !ini->result;
}

static bool is_text(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)line[i];

		if (c == 0x7f || (c < ' ' && c != '\t' && c != '\r'))
			return false;
	}
	return true;
}

static bool is_indented(const char *line, size_t len)
{
	size_t blank = 0;

	while (blank < len && strchr(" \t\r", line[blank]))
		blank++;
	return blank && blank < len;
}

static bool check_line(struct np_ini *ini, const char *line, size_t len)
{
	if (len > NP_INI_LINE)
		return fail(ini, ini->line, "longer than 190 bytes", NULL);
	if (!is_text(line, len))
		return fail(ini, ini->line, "holds a byte that is not text", NULL);
	/* inih would take it for a continuation of the value above. */
	if (is_indented(line, len))
		return fail(ini, ini->line, "the line is indented", NULL);
	if (!len || line[0] != '[')
		return true;
	if (len > SECTION_BYTES)
		return fail(ini, ini->line, "section name longer than 48 bytes", NULL);
	if (ini->section_line != ini->open_line)
		return fail(ini, ini->section_line, "the section is empty", NULL);
	ini->section_line = ini->line;
	return true;
}

/* inih's reader: one line of the text, or the end after a failure. */
static char *next_line(char *str, int room, void *stream)
{
	struct np_ini *ini = stream;
	const char *line = ini->text + ini->at, *newline;
	size_t left = ini->len - ini->at, len;

	if (!left || ini->result)
		return NULL;
	newline = memchr(line, '\n', left);
	len = newline ? (size_t)(newline - line) : left;
	ini->line++;
	if (!check_line(ini, line, len))
		return NULL;
	if (len + 2 > (size_t)room) {
		fail(ini, ini->line, "too long for this inih", NULL);
		return NULL;
	}
	memcpy(str, line, len);
	strcpy(str + len, "\n");
	ini->at += newline ? len + 1 : len;
	return str;
}

int np_ini_read(struct np_ini *ini, void *ctx)
{
	int ret;

	ini->ctx = ctx;
	ini->line = ini->section_line = ini->open_line = 0;
	ini->at = 0;
	ini->result = 0;
	ret = ini_parse_stream(next_line, ini, handle, ini);
	if (ret && !ini->result)
		fail(ini, ret > 0 ? (unsigned)ret : 0, "neither [section] nor key = value", NULL);
	if (!ini->result && ini->section_line != ini->open_line)
		fail(ini, ini->section_line, "the section is empty", NULL);
	if (!ini->result && ini->open_line)
		ini->result = ini->user->end(ini->ctx);
	return ini->result;
}
