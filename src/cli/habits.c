/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/habits.h"

#include <stdio.h>
#include <string.h>

#include "cli/paste.h"

#define WORDS_MAX  8
#define QUOTED_MAX 512

enum act { NONE, READ, WRITE, VERIFY, ERASE, LIST, DETECT, STATUS, UNLOCK, LOCK };

/* One option of flashrom. */
struct habit {
	const char *letter, *name;
	bool takes;       /* a value */
	enum act act;     /* what it asks for, or */
	const char *twin; /* norprog's option for it; "" : nothing needed */
};

static const struct habit habits[] = {
	{"-r", "--read", true, READ, NULL},
	{"-w", "--write", true, WRITE, NULL},
	{"-v", "--verify", true, VERIFY, NULL},
	{"-E", "--erase", false, ERASE, NULL},
	{"-L", "--list-supported", false, LIST, NULL},
	{"", "--flash-name", false, DETECT, NULL},
	{"", "--flash-size", false, DETECT, NULL},
	{"", "--wp-status", false, STATUS, NULL},
	{"", "--wp-list", false, STATUS, NULL},
	{"", "--wp-disable", false, UNLOCK, NULL},
	{"", "--wp-range", true, LOCK, NULL},
	{"-p", "--programmer", true, NONE, "-p"},
	{"-c", "--chip", true, NONE, "-c"},
	{"-l", "--layout", true, NONE, "-l"},
	{"-i", "--include", true, NONE, "--only"},
	{"-o", "--output", true, NONE, "--log"},
	{"-n", "--noverify", false, NONE, "--no-verify"},
	{"-N", "--noverify-all", false, NONE, ""},
	{"-A", "--noverify-all", false, NONE, ""},
	{"-f", "--force", false, NONE, ""},
	{"-V", "--verbose", false, NONE, "-v"},
	{"", "--ifd", false, NONE, "ifd"},
	{"", "--fmap", false, NONE, "ifd"},
};

struct asked {
	enum act act;
	bool strange, map; /* map: the regions are to be found in the chip itself */
	const char *file, *programmer;
	const char *twins[WORDS_MAX][2];
	size_t count;
	char region[64]; /* what the twin --only points to */
	unsigned regions;
};

/* The habit that a word shows; *value is what it has with it ("-rFILE", "--read=FILE"), or NULL. */
static const struct habit *find(const char *word, const char **value)
{
	size_t name = strcspn(word, "=");

	for (size_t i = 0; i < sizeof(habits) / sizeof(habits[0]); i++) {
		const struct habit *h = &habits[i];

		*value = NULL;
		if (word[1] != '-' && h->letter[0] && word[1] == h->letter[1]) {
			*value = word[2] ? word + 2 : NULL;
			return h;
		}
		if (strlen(h->name) == name && strncmp(word, h->name, name) == 0) {
			*value = word[name] ? word + name + 1 : NULL;
			return h;
		}
	}
	return NULL;
}

/* REGION or REGION:FILE. */
static void take_region(struct asked *asked, const char *value)
{
	const char *colon = strchr(value, ':');
	size_t len = colon ? (size_t)(colon - value) : strlen(value);

	asked->file = colon && colon[1] ? colon + 1 : asked->file;
	if (asked->count == WORDS_MAX)
		return;
	snprintf(asked->region, sizeof(asked->region), "%.*s", (int)len, value);
	asked->strange |= asked->regions++ > 0 || len >= sizeof(asked->region);
	asked->twins[asked->count][0] = "--only";
	asked->twins[asked->count++][1] = asked->region;
}

static void take(struct asked *asked, const struct habit *habit, const char *value)
{
	if (habit->act != NONE) {
		asked->strange = asked->strange || asked->act != NONE;
		asked->act = habit->act;
		asked->file = value ? value : asked->file;
	} else if (strcmp(habit->twin, "--only") == 0) {
		if (value)
			take_region(asked, value);
	} else if (strcmp(habit->twin, "-p") == 0) {
		asked->programmer = value;
	} else if (strcmp(habit->twin, "ifd") == 0) {
		asked->map = true;
	} else if (habit->twin[0] && asked->count < WORDS_MAX) {
		asked->twins[asked->count][0] = habit->twin;
		asked->twins[asked->count++][1] = value;
	}
}

/* -r, -w and -v may stand without a file, before -i REGION:FILE or by mistake. */
static bool may_lack_value(const struct habit *habit)
{
	return habit->act == READ || habit->act == WRITE || habit->act == VERIFY;
}

static void parse(struct asked *asked, int argc, char **argv)
{
	for (int i = 1; i < argc && !asked->strange; i++) {
		const char *value;
		const struct habit *habit = argv[i][0] == '-' ? find(argv[i], &value) : NULL;
		bool next = i + 1 < argc && (argv[i + 1][0] != '-' || !argv[i + 1][1]);

		if (!habit) {
			asked->strange = true;
			break;
		}
		if (habit->takes && !value && next)
			value = argv[++i];
		asked->strange = habit->takes && !value && !may_lack_value(habit);
		if (!asked->strange)
			take(asked, habit, value);
	}
	if (!asked->file && (asked->act == READ || asked->act == WRITE || asked->act == VERIFY))
		asked->file = "FILE";
}

struct line {
	char *buf;
	size_t len, used;
};

static void add(struct line *line, const char *text)
{
	int n = snprintf(line->buf + line->used, line->len - line->used, "%s", text);

	if (n > 0)
		line->used +=
			(size_t)n < line->len - line->used ? (size_t)n : line->len - line->used - 1;
}

static void add_word(struct line *line, const char *word)
{
	char quoted[QUOTED_MAX];

	if (line->used)
		add(line, " ");
	add(line, paste_quote(word, quoted, sizeof(quoted)));
}

static void add_command(struct line *line, const struct asked *asked, const char *command,
                        const char *file)
{
	add_word(line, "norprog");
	add_word(line, command);
	if (file)
		add_word(line, file);
	if (asked->programmer) {
		add_word(line, "-p");
		add_word(line, asked->programmer);
	}
}

static void add_twins(struct line *line, const struct asked *asked)
{
	for (size_t i = 0; i < asked->count; i++) {
		add_word(line, asked->twins[i][0]);
		if (asked->twins[i][1])
			add_word(line, asked->twins[i][1]);
	}
}

/* flashrom's START,LEN. */
static void add_range(struct line *line, const char *range)
{
	char text[64], *comma;

	snprintf(text, sizeof(text), "%s", range);
	comma = strchr(text, ',');
	if (comma)
		*comma = '+';
	add_word(line, text);
}

/* Regions that flashrom takes from the chip (--ifd): norprog takes them from a backup of it. */
static void answer_map(struct line *line, const struct asked *asked, const char *command)
{
	add_command(line, asked, "read", "backup.bin");
	add(line, " &&");
	add_command(line, asked, command, asked->file);
	add_word(line, "-l");
	add_word(line, "backup.bin");
	add_twins(line, asked);
}

bool habits_answer(int argc, char **argv, char *buf, size_t len)
{
	static const char *const commands[] = {"detect", "read",  "write", "verify",
	                                       "erase",  "chips", "detect"};
	static const char *const verbs[] = {[STATUS] = "status", [UNLOCK] = "off", [LOCK] = "on"};
	struct asked asked = {0};
	struct line line = {.buf = buf, .len = len};

	buf[0] = '\0';
	parse(&asked, argc, argv);
	if (asked.strange || argc < 2 || (asked.act == NONE && !asked.programmer))
		return false;
	if (asked.act == LIST) {
		add_word(&line, "norprog");
		add_word(&line, "chips");
	} else if (asked.map && asked.file) {
		answer_map(&line, &asked, commands[asked.act]);
	} else if (verbs[asked.act]) {
		add_command(&line, &asked, "protect", verbs[asked.act]);
		if (asked.act == LOCK)
			add_range(&line, asked.file);
	} else {
		add_command(&line, &asked, commands[asked.act], asked.file);
		add_twins(&line, &asked);
	}
	return true;
}
