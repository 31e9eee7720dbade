/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/complete.h"

#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "chip/chipdb.h"
#include "cli/options.h"
#include "device/load.h"
#include "job/gate/gate.h"
#include "layout/board.h"
#include "layout/layout.h"
#include "spi/driver.h"

#define BOARDS_FROM 3 /* letters, below which the 1332 boards are too many to be of help */

/* The line so far. */
struct line {
	FILE *out;
	const char *word; /* being completed */
	size_t list_len;  /* of `word`, what stands before its last comma */
	const char *layout;
	const struct cli_command *command;
	size_t args; /* of the command, before `word` */
};

/* Prints `text` if it goes on where the word ends; control characters would break the protocol. */
static void offer(const struct line *line, const char *text, const char *what)
{
	const char *part = line->word + line->list_len;

	if (strncasecmp(text, part, strlen(part)) != 0 || strpbrk(text, "\t\n\r\033"))
		return;
	fprintf(line->out, "%.*s%s", (int)line->list_len, line->word, text);
	if (what && what[0] && !strpbrk(what, "\t\n\r\033"))
		fprintf(line->out, "\t%s", what);
	fputc('\n', line->out);
}

static void offer_files(const struct line *line)
{
	fputs(":files\n", line->out);
}

static void offer_commands(const struct line *line)
{
	for (size_t i = 0; cli_commands[i].name; i++)
		offer(line, cli_commands[i].name, cli_commands[i].summary);
	offer(line, "help", "what a command does, with an example");
}

static void offer_options(const struct line *line)
{
	struct cli_option_info info;
	char text[64];
	bool fits;

	for (size_t i = 0; options_info(i, line->command, &info, &fits); i++) {
		if (!fits)
			continue;
		snprintf(text, sizeof(text), "--%s", info.name);
		offer(line, text, info.help);
	}
}

static void offer_found(void *ctx, const struct spi_found *found)
{
	if (!found->host_own)
		offer(ctx, found->spec, found->product);
}

/* What is attached, as `norprog list` names it, and the names of the drivers. */
static void offer_programmers(const struct line *line)
{
	struct np_error ignored = {0};

	for (size_t i = 0; spi_drivers[i]; i++)
		if (spi_drivers[i]->list)
			spi_drivers[i]->list(offer_found, (void *)line, &ignored);
	for (size_t i = 0; spi_drivers[i]; i++)
		offer(line, spi_drivers[i]->name, spi_drivers[i]->summary);
	offer(line, "all", "every adapter that is one for sure, at once");
}

static void offer_chips(const struct line *line)
{
	const struct nor_chip *chip;

	for (size_t i = 0; (chip = chipdb_at(i)); i++)
		offer(line, chip->name, chip->maker);
}

static void offer_layouts(const struct line *line)
{
	const char *const *names = layout_builtin_names();
	struct board board;

	for (size_t i = 0; names[i]; i++)
		offer(line, names[i], NULL);
	for (size_t i = 0; strlen(line->word) >= BOARDS_FROM && i < board_count(); i++) {
		board_at(i, &board);
		offer(line, board.compatible, board.title);
	}
	offer_files(line);
}

static void offer_gates(const struct line *line)
{
	for (size_t i = 0; gate_table[i]; i++)
		offer(line, gate_table[i]->name, gate_table[i]->protects);
}

/* `what`: 'r' the regions, 'f' the fields of the layout on the line. */
static void offer_of_layout(const struct line *line, char what)
{
	struct layout layout = {0};
	struct np_error ignored = {0};
	char text[LAYOUT_NAME_MAX + 2];

	if (!line->layout || layout_load(line->layout, &layout, &ignored))
		return;
	for (size_t i = 0; what == 'r' && i < layout.region_count; i++)
		offer(line, layout.regions[i].name, layout.regions[i].holds);
	for (size_t i = 0; what == 'f' && i < layout.field_count; i++) {
		snprintf(text, sizeof(text), "%s=", layout.fields[i].name);
		offer(line, text, NULL);
	}
	layout_free(&layout);
}

static void offer_only(const struct line *line)
{
	offer_of_layout(line, 'r');
	offer(line, "unit", "what only this unit has");
}

static void offer_keep(const struct line *line)
{
	offer_only(line);
	offer(line, "nothing", "all may go");
}

static void offer_regions(const struct line *line)
{
	offer_of_layout(line, 'r');
}

static void offer_fields(const struct line *line)
{
	offer_of_layout(line, 'f');
}

static void offer_base(const struct line *line)
{
	offer(line, "blank", "the chip is known to be erased");
	offer_files(line);
}

static void offer_nothing(const struct line *line)
{
	(void)line;
}

typedef void offer_fn(const struct line *line);

/* What the value of an option may be; of those not named here, by what it is called. */
static offer_fn *value_of(const struct cli_option_info *info)
{
	static const struct {
		const char *name;
		offer_fn *offer;
	} values[] = {
		{"programmer", offer_programmers},
		{"chip", offer_chips},
		{"layout", offer_layouts},
		{"only", offer_only},
		{"keep", offer_keep},
		{"at", offer_regions},
		{"override", offer_gates},
		{"set", offer_fields},
		{"base", offer_base},
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (strcmp(values[i].name, info->name) == 0)
			return values[i].offer;
	return strcmp(info->arg, "FILE") == 0 ? offer_files : offer_nothing;
}

/* The option that this word is, if a value must follow. */
static bool wants_value(const char *word, struct cli_option_info *info)
{
	bool fits;

	for (size_t i = 0; options_info(i, NULL, info, &fits); i++) {
		if (!info->arg || info->arg_may_lack)
			continue;
		if (strncmp(word, "--", 2) == 0 && strcmp(word + 2, info->name) == 0)
			return true;
		if (info->letter && word[0] == '-' && word[1] == info->letter && !word[2])
			return true;
	}
	return false;
}

/* The first argument of commands that have verbs; a test tries that each is one. */
static const char *const *verbs_of(enum cli_command_bit bit)
{
	static const struct {
		enum cli_command_bit bit;
		const char *verbs[16];
	} table[] = {
		{CLI_IMAGE,
	         {"identify", "show", "diff", "extract", "merge", "patch", "pad", "trim", "hex",
	          "find", "convert", "swap", "invert", "join"}},
		{CLI_UNIT, {"show"}},
		{CLI_DEVICE, {"learn"}},
		{CLI_OTP, {"show", "read", "write", "erase", "lock"}},
		{CLI_PROTECT, {"status", "off", "on"}},
		{CLI_BACKUPS, {"list", "show", "verify", "prune", "export"}},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].bit == bit)
			return table[i].verbs;
	return NULL;
}

static void offer_argument(const struct line *line)
{
	const char *const *verbs = verbs_of(line->command->bit);

	if (line->command->bit == CLI_LAYOUTS) {
		offer_layouts(line);
		return;
	}
	if (line->command->bit == CLI_CHIPS) {
		offer_chips(line);
		return;
	}
	if (line->args == 0 && verbs) {
		for (; *verbs; verbs++)
			offer(line, *verbs, NULL);
		return;
	}
	if (line->args < line->command->max_args && strstr(line->command->args, "FILE"))
		offer_files(line);
}

/* Goes through the words before the last. True if the last is an option's value: *info. */
static bool read_line(struct line *line, int count, char **words, struct cli_option_info *info)
{
	for (int i = 0; i < count - 1; i++) {
		if (wants_value(words[i], info)) {
			if (i == count - 2)
				return true;
			if (strcmp(info->name, "layout") == 0)
				line->layout = words[i + 1];
			i++;
		} else if (words[i][0] != '-' && !line->command) {
			line->command = options_command(words[i]);
		} else if (words[i][0] != '-') {
			line->args++;
		}
	}
	return false;
}

int complete(FILE *out, int count, char **words)
{
	struct line line = {.out = out, .word = words[count - 1]};
	struct cli_option_info info;
	const char *comma = strrchr(line.word, ',');

	np_log_set_sink(NULL, NULL);
	if (read_line(&line, count, words, &info)) {
		if (comma && strchr(info.arg, ','))
			line.list_len = (size_t)(comma + 1 - line.word);
		value_of (&info)(&line);
	} else if (line.word[0] == '-') {
		offer_options(&line);
	} else if (!line.command) {
		offer_commands(&line);
	} else {
		offer_argument(&line);
	}
	return 0;
}
