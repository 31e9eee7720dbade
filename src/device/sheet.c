/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device/sheet.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/idnum.h"

#define ROWS_MAX 4096

/* The text being cut into cells. */
struct scan {
	struct sheet *sheet;
	const char *name;
	char *at; /* NUL-terminated */
	unsigned line;
};

static const char *const key_names[] = {"unique_id", "serial", "adapter"};

const char *sheet_key_name(enum sheet_key key)
{
	return key_names[key];
}

static int bad(const struct scan *scan, struct np_error *err, const char *what, const char *value)
{
	np_fail(err, NP_E_INPUT, "%s:%u: %s%s%.80s%s", scan->name, scan->line, what,
	        value ? ": '" : "", value ? value : "", value ? "'" : "");
	if (scan->line > 1)
		return np_hint(err, "correct that line: no chip was touched");
	return np_hint(err, "text (UTF-8), columns separated by commas; the first line names them: "
	                    "unique_id, serial or adapter, then fields: unique_id,mac");
}

/* ---- cells ---- */

/* Takes the quotes off in place; *after is what follows the closing one. False: it never closes. */
static bool unquote(char *cell, char **after)
{
	char *to = cell, *from = cell + 1;

	for (; *from && *from != '\n'; from++) {
		if (*from == '"' && from[1] != '"')
			break;
		from += *from == '"';
		*to++ = *from;
	}
	if (*from != '"')
		return false;
	*after = from + 1;
	memset(to, 0, (size_t)(*after - to));
	return true;
}

static char *trim(char *cell)
{
	size_t len;

	while (*cell == ' ' || *cell == '\t')
		cell++;
	len = strlen(cell);
	while (len && strchr(" \t\r", cell[len - 1]))
		cell[--len] = '\0';
	return cell;
}

/* One line into cells; the scan goes on behind it. */
static int take_line(struct scan *scan, const char *cells[SHEET_COLUMNS], size_t *count,
                     struct np_error *err)
{
	bool more = true;

	*count = 0;
	while (more) {
		char *cell = scan->at, *end = cell, stop;

		cell += strspn(cell, " \t");
		end = cell;
		if (*cell == '"' && !unquote(cell, &end))
			return bad(scan, err, "a quote that does not end", NULL);
		end += strcspn(end, ",\n");
		stop = *end;
		more = stop == ',';
		*end = '\0';
		scan->at = end + (stop != '\0');
		if (*count == SHEET_COLUMNS)
			return bad(scan, err, "more than 16 columns", NULL);
		cells[(*count)++] = trim(cell);
	}
	return 0;
}

/* ---- the columns ---- */

static bool good_name(const char *name)
{
	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("_-.", *c))
			return false;
	return *name != '\0';
}

static int take_key(const struct scan *scan, const char *name, struct np_error *err)
{
	static const struct {
		const char *name;
		enum sheet_key key;
	} names[] = {{"unique_id", SHEET_UID},   {"uid", SHEET_UID},
	             {"unique id", SHEET_UID},   {"serial", SHEET_SERIAL},
	             {"adapter", SHEET_ADAPTER}, {"label", SHEET_ADAPTER}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(name, names[i].name) == 0) {
			scan->sheet->key = names[i].key;
			return 0;
		}
	return bad(scan, err, "the first column is not unique_id, serial or adapter", name);
}

static int take_header(struct scan *scan, struct np_error *err)
{
	struct sheet *sheet = scan->sheet;
	int ret = take_line(scan, sheet->columns, &sheet->column_count, err);

	if (!ret)
		ret = take_key(scan, sheet->columns[0], err);
	if (!ret && sheet->column_count < 2)
		ret = bad(scan, err, "names no field", NULL);
	for (size_t i = 1; i < sheet->column_count && !ret; i++) {
		if (!good_name(sheet->columns[i]))
			ret = bad(scan, err, "not the name of a field", sheet->columns[i]);
		for (size_t k = 1; k < i && !ret; k++)
			if (strcasecmp(sheet->columns[i], sheet->columns[k]) == 0)
				ret = bad(scan, err, "a column that stands there twice",
				          sheet->columns[i]);
	}
	return ret;
}

/* ---- the rows ---- */

static bool is_mac(const char *field)
{
	return strncasecmp(field, "mac", 3) == 0;
}

bool sheet_same(const char *field, const char *one, const char *other)
{
	uint8_t a[IDNUM_MAC_LEN], b[IDNUM_MAC_LEN];

	if (is_mac(field) && idnum_mac_parse(one, strlen(one), a) &&
	    idnum_mac_parse(other, strlen(other), b))
		return memcmp(a, b, sizeof(a)) == 0;
	return strcasecmp(one, other) == 0;
}

/* Without what people put between the digits. */
static bool same_key(enum sheet_key key, const char *a, const char *b)
{
	const char *between = key == SHEET_UID ? " :-" : "";

	while (*a || *b) {
		if (*a && strchr(between, *a))
			a++;
		else if (*b && strchr(between, *b))
			b++;
		else if (tolower((unsigned char)*a++) != tolower((unsigned char)*b++))
			return false;
	}
	return true;
}

static int check_row(const struct scan *scan, const struct sheet_row *row, struct np_error *err)
{
	const struct sheet *sheet = scan->sheet;
	uint8_t mac[IDNUM_MAC_LEN];

	if (!row->cells[0][0])
		return bad(scan, err, "whose row it is, is not said", NULL);
	for (size_t i = 1; i < sheet->column_count; i++)
		if (is_mac(sheet->columns[i]) && row->cells[i][0] &&
		    !idnum_mac_parse(row->cells[i], strlen(row->cells[i]), mac))
			return bad(scan, err, "not a MAC", row->cells[i]);
	for (size_t k = 0; k < sheet->row_count; k++) {
		const struct sheet_row *other = &sheet->rows[k];

		if (same_key(sheet->key, row->cells[0], other->cells[0]))
			return bad(scan, err, "a unit that has a row already", row->cells[0]);
		for (size_t i = 1; i < sheet->column_count; i++)
			if (row->cells[i][0] &&
			    sheet_same(sheet->columns[i], row->cells[i], other->cells[i]))
				return bad(scan, err, "a value that another row has",
				           row->cells[i]);
	}
	return 0;
}

static int take_row(struct scan *scan, struct np_error *err)
{
	struct sheet *sheet = scan->sheet;
	struct sheet_row *row = &sheet->rows[sheet->row_count];
	size_t count;
	int ret = take_line(scan, row->cells, &count, err);

	if (ret)
		return ret;
	row->line = scan->line;
	if (count != sheet->column_count)
		return bad(scan, err, "not as many cells as the first line", NULL);
	if (sheet->row_count + 1 == ROWS_MAX)
		return bad(scan, err, "more than 4095 rows", NULL);
	ret = check_row(scan, row, err);
	sheet->row_count += !ret;
	return ret;
}

static bool is_blank(const char *line)
{
	line += strspn(line, " \t\r");
	return *line == '\n' || *line == '#' || !*line;
}

static int take_all(struct scan *scan, struct np_error *err)
{
	bool header = false;
	int ret = 0;

	for (scan->line = 1; *scan->at && !ret; scan->line++) {
		if (is_blank(scan->at)) {
			scan->at += strcspn(scan->at, "\n");
			scan->at += *scan->at == '\n';
			continue;
		}
		ret = header ? take_row(scan, err) : take_header(scan, err);
		header = true;
	}
	if (!ret && !scan->sheet->row_count)
		ret = bad(scan, err, "there is no row", NULL);
	return ret;
}

int sheet_parse(struct sheet *sheet, const char *text, size_t len, const char *name,
                struct np_error *err)
{
	static const char mark[] = "\xef\xbb\xbf"; /* some programs put it in front */
	struct scan scan = {.sheet = sheet, .name = name, .line = 1};

	if (memchr(text, '\0', len) || len > SHEET_BYTES)
		return bad(&scan, err, "not a table of text of at most 1 MiB", NULL);
	sheet->text = malloc(len + 1);
	sheet->rows = calloc(ROWS_MAX, sizeof(*sheet->rows));
	if (!sheet->text || !sheet->rows)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	memcpy(sheet->text, text, len);
	sheet->text[len] = '\0';
	scan.at = sheet->text + (strncmp(sheet->text, mark, 3) == 0 ? 3 : 0);
	return take_all(&scan, err);
}

struct sheet_row *sheet_find(const struct sheet *sheet, const char *key)
{
	for (size_t i = 0; i < sheet->row_count && *key; i++)
		if (same_key(sheet->key, sheet->rows[i].cells[0], key))
			return &sheet->rows[i];
	return NULL;
}

void sheet_free(struct sheet *sheet)
{
	free(sheet->rows);
	free(sheet->text);
	*sheet = (struct sheet){0};
}
