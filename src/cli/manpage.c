/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/manpage.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* The day on the pages: that of the release, not of the build, so that the same source makes the
 * same page. */
#define PAGE_DATE "November 29, 2026"

#define WIDE 78

/* A word, so that roff takes none of it for its own. */
static void put_word(FILE *out, const char *word, size_t len, bool first)
{
	if (first && len && (word[0] == '.' || word[0] == '\''))
		fputs("\\&", out);
	for (size_t i = 0; i < len; i++)
		if (word[i] == '\\')
			fputs("\\e", out);
		else
			fputc(word[i], out);
}

/* Running text: short lines, and a new one for each sentence, as mdoc wants it. */
static void put_text(FILE *out, const char *text, size_t len)
{
	size_t column = 0, word;
	bool ended = false;

	for (size_t i = 0; i < len; i += word + strspn(text + i + word, " ")) {
		word = strcspn(text + i, " \n");
		if (i + word > len)
			word = len - i;
		if (column && (ended || column + 1 + word > WIDE)) {
			fputc('\n', out);
			column = 0;
		} else if (column) {
			fputc(' ', out);
			column++;
		}
		put_word(out, text + i, word, column == 0);
		column += word;
		ended = word && strchr(".?!", text[i + word - 1]);
	}
	fputc('\n', out);
}

/* One line at a time; *len is its length. NULL at the end. */
static const char *next_line(const char *text, size_t *len)
{
	*len = strcspn(text, "\n");
	return text[*len] ? text + *len + 1 : NULL;
}

/* Lines that are set in stand as they are. */
static void put_paragraph(FILE *out, const char *text)
{
	bool literal = false;
	size_t len;

	for (const char *line = text, *next; line; line = next) {
		next = next_line(line, &len);
		if ((line[0] == ' ') != literal) {
			fputs(literal ? ".Ed\n.Pp\n" : ".Bd -literal\n", out);
			literal = !literal;
		}
		if (literal) {
			put_word(out, line, len, true);
			fputc('\n', out);
		} else {
			put_text(out, line, len);
		}
	}
	if (literal)
		fputs(".Ed\n", out);
}

static void put_option(FILE *out, const struct cli_option_info *info)
{
	fputs(".It ", out);
	if (info->letter)
		fprintf(out, "Fl %c , ", info->letter);
	fprintf(out, "Fl -%s", info->name);
	if (info->arg)
		fprintf(out, info->arg_may_lack ? " Ns Op = Ns Ar %s" : " Ar %s", info->arg);
	fputc('\n', out);
	put_text(out, info->help, strlen(info->help));
}

static bool put_options(FILE *out, const struct cli_command *command, bool common)
{
	struct cli_option_info info;
	bool fits, any = false;

	for (size_t i = 0; options_info(i, command, &info, &fits); i++) {
		if (!fits || info.common != common)
			continue;
		if (!any)
			fputs(".Bl -tag -width Ds\n", out);
		any = true;
		put_option(out, &info);
	}
	if (any)
		fputs(".El\n", out);
	return any;
}

/* "FILE", or "[PATTERN | FILE]". */
static void put_arguments(FILE *out, const char *args)
{
	size_t len = strlen(args);

	if (len > 2 && args[0] == '[' && args[len - 1] == ']')
		fprintf(out, ".Op Ar %.*s\n", (int)len - 2, args + 1);
	else if (len)
		fprintf(out, ".Ar %s\n", args);
}

static void put_examples(FILE *out, const char *text)
{
	size_t len, indent;

	for (const char *line = text, *next; line; line = next) {
		next = next_line(line, &len);
		indent = strspn(line, " ");
		fputs(".Dl ", out);
		put_word(out, line + indent, len - indent, false);
		fputc('\n', out);
	}
}

void manpage(FILE *out, const struct cli_command *command)
{
	fprintf(out, ".\\\" SPDX-License-Identifier: GPL-2.0-or-later\n"
	             ".\\\" Made by `make man` from the tables behind --help; do not edit.\n"
	             ".Dd " PAGE_DATE "\n.Dt NORPROG-");
	for (const char *c = command->name; *c; c++)
		fputc(toupper((unsigned char)*c), out);
	fprintf(out, " 1\n.Os\n.Sh NAME\n.Nm norprog-%s\n.Nd ", command->name);
	put_text(out, command->summary, strlen(command->summary));
	fprintf(out, ".Sh SYNOPSIS\n.Nm norprog %s\n.Op Ar options\n", command->name);
	put_arguments(out, command->args);
	fputs(".Sh DESCRIPTION\n", out);
	put_paragraph(out, command->text);
	fputs(".Pp\n.Xr norprog 1\ntells more: programmers, layouts, files, environment.\n"
	      ".Sh OPTIONS\n",
	      out);
	if (put_options(out, command, false))
		fputs(".Pp\n", out);
	fputs("Of all commands:\n", out);
	put_options(out, command, true);
	fputs(".Sh EXIT STATUS\n0 done, 1 failed, 2 usage or input file, 3 no programmer, 4 no chip or "
	      "bad\ncontact, 5 bus failure, 6 verification, 7 refused, 8 interrupted.\n"
	      ".Sh EXAMPLES\n",
	      out);
	put_examples(out, command->example);
	fputs(".Sh SEE ALSO\n.Xr norprog 1\n", out);
}
