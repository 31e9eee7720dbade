/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "layout/board.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "layout/board_table.h"
#include "layout/facts.h"

enum column {
	COLUMN_COMPATIBLE,
	COLUMN_NAMES,
	COLUMN_TITLE,
	COLUMN_SIZE,
	COLUMN_MAP,
	COLUMN_CELLS,
	COLUMN_SIGNS,
	COLUMN_STOCK
};

/* A piece of a line of the table. */
struct piece {
	const char *at;
	size_t len;
};

/* ---- lines ---- */

/* What stands in front of the next `mark`; *rest goes behind it. */
static struct piece cut(struct piece *rest, char mark)
{
	const char *end = memchr(rest->at, mark, rest->len);
	struct piece piece = {rest->at, end ? (size_t)(end - rest->at) : rest->len};
	size_t used = piece.len + (end != NULL);

	rest->at += used;
	rest->len -= used;
	return piece;
}

static struct piece column(size_t index, enum column column)
{
	struct piece rest = {board_rows[index], strlen(board_rows[index])}, piece = {0};

	for (int i = 0; i <= (int)column; i++)
		piece = cut(&rest, '|');
	return piece;
}

static void copy(struct piece piece, char *to, size_t room)
{
	snprintf(to, room, "%.*s", (int)piece.len, piece.at);
}

static uint64_t hex(struct piece *rest)
{
	uint64_t value = 0;

	while (rest->len && isxdigit((unsigned char)*rest->at)) {
		int c = tolower((unsigned char)*rest->at);

		value = value << 4 | (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
		rest->at++;
		rest->len--;
	}
	return value;
}

static bool skip(struct piece *rest, char mark)
{
	if (!rest->len || *rest->at != mark)
		return false;
	rest->at++;
	rest->len--;
	return true;
}

/* ---- who ---- */

size_t board_count(void)
{
	return board_rows_count;
}

void board_at(size_t index, struct board *board)
{
	struct piece size = column(index, COLUMN_SIZE);

	copy(column(index, COLUMN_COMPATIBLE), board->compatible, sizeof(board->compatible));
	copy(column(index, COLUMN_TITLE), board->title, sizeof(board->title));
	board->size = hex(&size) << 16;
}

static bool equals(struct piece piece, const char *text)
{
	return strncmp(piece.at, text, piece.len) == 0 && !text[piece.len];
}

/* OpenWrt writes a board's name with ',' here and with '_' there. */
static bool same_name(struct piece piece, const char *name)
{
	size_t i = 0;

	for (; i < piece.len && name[i]; i++) {
		int a = tolower((unsigned char)piece.at[i]), b = tolower((unsigned char)name[i]);

		if ((a == ',' ? '_' : a) != (b == ',' ? '_' : b))
			return false;
	}
	return i == piece.len && !name[i];
}

static void found_one(size_t index, size_t *found, size_t room, size_t *count)
{
	if (*count < room)
		found[*count] = index;
	(*count)++;
}

size_t board_find_compatible(const char *compatible, size_t *found, size_t room)
{
	size_t count = 0;

	for (size_t i = 0; i < board_rows_count; i++)
		if (equals(column(i, COLUMN_COMPATIBLE), compatible))
			found_one(i, found, room, &count);
	return count;
}

static bool is_own_name(size_t index, const char *name)
{
	return same_name(column(index, COLUMN_COMPATIBLE), name) ||
	       same_name(column(index, COLUMN_TITLE), name);
}

/* The part behind the vendor, which old releases called the whole: "~" in the table. */
static struct piece short_name(size_t index)
{
	struct piece rest = column(index, COLUMN_COMPATIBLE);

	cut(&rest, ',');
	return rest;
}

static bool is_older_name(size_t index, const char *name)
{
	struct piece names = column(index, COLUMN_NAMES);

	while (names.len) {
		struct piece one = cut(&names, ',');

		if (same_name(equals(one, "~") ? short_name(index) : one, name))
			return true;
	}
	return false;
}

/* "DIR-842 C1" of "D-Link DIR-842 C1", and the same behind a ','. */
static bool is_model(size_t index, const char *name)
{
	struct piece title = column(index, COLUMN_TITLE);
	size_t len = strlen(name);

	if (same_name(short_name(index), name))
		return true;
	return len && len < title.len && title.at[title.len - len - 1] == ' ' &&
	       strncasecmp(title.at + title.len - len, name, len) == 0;
}

size_t board_find_name(const char *name, size_t *found, size_t room)
{
	static bool (*const tiers[])(size_t, const char *) = {is_own_name, is_older_name, is_model};
	size_t count = 0;

	for (size_t tier = 0; tier < sizeof(tiers) / sizeof(tiers[0]) && !count && *name; tier++)
		for (size_t i = 0; i < board_rows_count; i++)
			if (tiers[tier](i, name))
				found_one(i, found, room, &count);
	return count;
}

static bool holds(struct piece piece, const char *part)
{
	size_t len = strlen(part);

	for (size_t at = 0; at + len <= piece.len; at++)
		if (strncasecmp(piece.at + at, part, len) == 0)
			return true;
	return false;
}

bool board_matches(size_t index, const char *part)
{
	return holds(column(index, COLUMN_COMPATIBLE), part) ||
	       holds(column(index, COLUMN_TITLE), part) ||
	       holds(column(index, COLUMN_NAMES), part) || is_own_name(index, part);
}

/* Have both one map, the same places of unit data, and one size? */
static bool board_same_map(size_t a, size_t b)
{
	static const enum column columns[] = {COLUMN_SIZE, COLUMN_MAP, COLUMN_CELLS, COLUMN_STOCK};

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		struct piece left = column(a, columns[i]), right = column(b, columns[i]);

		if (left.len != right.len || memcmp(left.at, right.at, left.len) != 0)
			return false;
	}
	return true;
}

/* ---- signs ---- */

static const char sign_letters[] = {
	[BOARD_TPLINK_V1] = '1', [BOARD_TPLINK_V2] = '2',    [BOARD_SAFELOADER] = 's',
	[BOARD_SIGNATURE] = 'g', [BOARD_UIMAGE_MAGIC] = 'm', [BOARD_UIMAGE_NAME] = 'n',
	[BOARD_OTHER] = 'o',
};

static bool has_sign(size_t index, char letter, const char *value)
{
	struct piece signs = column(index, COLUMN_SIGNS);
	size_t len = strlen(value);

	while (signs.len) {
		struct piece sign = cut(&signs, ';');

		if (sign.len == len + 1 && sign.at[0] == letter &&
		    strncasecmp(sign.at + 1, value, len) == 0)
			return true;
	}
	return false;
}

size_t board_find_sign(enum board_sign kind, const char *value, size_t *found, size_t room)
{
	size_t count = 0;

	for (size_t i = 0; i < board_rows_count; i++)
		if (has_sign(i, sign_letters[kind], value))
			found_one(i, found, room, &count);
	return count;
}

/* ---- maps ---- */

/* Blocks of 4 KiB, or bytes behind a '.'. */
static uint64_t address(struct piece *rest)
{
	return skip(rest, '.') ? hex(rest) : hex(rest) << 12;
}

/* One partition of a map that is taken apart from the front. */
struct part {
	struct piece label;
	uint64_t start, len;
};

static struct part next_part(struct piece *map, uint64_t start)
{
	struct piece word = cut(map, ' ');
	struct part part = {.label = {word.at, 0}, .start = start};

	while (word.len && *word.at != '@' && *word.at != '+') {
		word.at++;
		word.len--;
		part.label.len++;
	}
	if (skip(&word, '@'))
		part.start = address(&word);
	skip(&word, '+');
	part.len = address(&word);
	return part;
}

static struct piece map_of(struct piece number)
{
	const char *map = board_maps[hex(&number)];

	return (struct piece){map, strlen(map)};
}

static int add_parts(struct facts *facts, struct piece map, struct np_error *err)
{
	struct part part = {0};
	int rc = 0;

	while (map.len && !rc) {
		part = next_part(&map, part.start + part.len);
		rc = facts_part(facts, part.label.at, part.label.len, part.start, part.len, err);
	}
	return rc;
}

static void add_stock(struct facts *facts, struct piece map)
{
	struct part part = {0};

	while (map.len) {
		part = next_part(&map, part.start + part.len);
		facts_stock(facts, part.label.at, part.label.len, part.start, part.len);
	}
}

/* What follows the '+' (or '~', for minus) behind a user's name; cut off. */
static int offset_of(struct piece *use)
{
	for (size_t i = 0; i < use->len; i++) {
		int sign = use->at[i] == '+' ? 1 : use->at[i] == '~' ? -1 : 0;

		if (!sign)
			continue;
		use->len = i;
		/* atoi() ends at the ',' or the blank behind it. */
		return sign * atoi(use->at + i + 1);
	}
	return 0;
}

/* USER, USER+N, USER~N, or PREFIX-FROM..TO+N for a row of users with a row of offsets. */
static void add_use(struct facts *facts, struct piece use, size_t cell)
{
	int offset = offset_of(&use);
	const char *dots;
	char name[LAYOUT_NAME_MAX];
	size_t head;

	dots = memmem(use.at, use.len, "..", 2);
	if (!dots) {
		facts_use(facts, use.at, use.len, cell, offset);
		return;
	}
	head = (size_t)(dots - use.at);
	while (head && isdigit((unsigned char)use.at[head - 1]))
		head--;
	for (int i = atoi(use.at + head); i <= atoi(dots + 2); i++) {
		snprintf(name, sizeof(name), "%.*s%d", (int)head, use.at, i);
		facts_use(facts, name, strlen(name), cell, offset++);
	}
}

static void add_cells(struct facts *facts, struct piece cells)
{
	while (cells.len) {
		struct piece word = cut(&cells, ' ');
		struct facts_cell cell = {.start = hex(&word)};
		size_t index;

		skip(&word, '+');
		cell.len = hex(&word);
		cell.kind = skip(&word, 'm') ? FACTS_MAC : skip(&word, 'x') ? FACTS_ENV : FACTS_CAL;
		facts_cell(facts, &cell, &index);
		if (!skip(&word, '='))
			continue;
		while (word.len)
			add_use(facts, cut(&word, ','), index);
	}
}

static void name_layout(size_t index, struct layout *layout)
{
	struct piece names = column(index, COLUMN_NAMES);
	struct board board;

	board_at(index, &board);
	memcpy(layout->name, board.compatible, sizeof(layout->name));
	snprintf(layout->device, sizeof(layout->device), "%s", board.title);
	while (names.len && layout->alias_count < LAYOUT_ALIASES) {
		struct piece one = cut(&names, ',');

		copy(equals(one, "~") ? short_name(index) : one,
		     layout->aliases[layout->alias_count++], LAYOUT_NAME_MAX);
	}
	layout->size = board.size;
	snprintf(layout->source, sizeof(layout->source), "%s", board_sources[0]);
	snprintf(layout->path, sizeof(layout->path), "built-in");
}

int board_load_layout(size_t index, struct layout *layout, struct np_error *err)
{
	struct piece cells = column(index, COLUMN_CELLS), stock = column(index, COLUMN_STOCK);
	struct facts *facts = facts_begin("the table of boards", layout, err);
	uint64_t nth_cells = hex(&cells);
	int rc;

	if (!facts)
		return NP_E_MEMORY;
	cells = (struct piece){board_cells[nth_cells], strlen(board_cells[nth_cells])};
	rc = add_parts(facts, map_of(column(index, COLUMN_MAP)), err);
	if (!rc)
		add_cells(facts, cells);
	if (stock.len)
		add_stock(facts, map_of(stock));
	name_layout(index, &facts->build->layout);
	return facts_end(facts, rc, layout, err);
}

#define NAMED_MAX 16

static int fail_several(const char *name, const size_t *found, size_t count, struct np_error *err)
{
	char list[300] = "";
	size_t n = 0;

	for (size_t i = 0; i < count && i < 6 && n < sizeof(list); i++) {
		struct board board;

		board_at(found[i], &board);
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", i ? ", " : "",
		                      board.compatible);
	}
	np_fail(err, NP_E_INPUT, "%zu boards are called '%s', and their maps differ", count, name);
	return np_hint(err, "name one of them: %s", list);
}

int board_load_named(const char *name, struct layout *layout, bool *found, struct np_error *err)
{
	size_t boards[NAMED_MAX], count = board_find_name(name, boards, NAMED_MAX);

	*layout = (struct layout){0};
	*found = count != 0;
	if (!count)
		return 0;
	for (size_t i = 1; i < count; i++)
		if (i == NAMED_MAX || !board_same_map(boards[0], boards[i]))
			return fail_several(name, boards, count, err);
	return board_load_layout(boards[0], layout, err);
}
