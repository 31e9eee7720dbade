/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The profiles compiled in, by name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/gunzip.h"
#include "layout/board.h"
#include "layout/builtin.h"
#include "layout/layout.h"

#define NEAR_MAX 5

const char *const *layout_builtin_names(void)
{
	return layout_builtin_list;
}

static int parse_builtin(const struct layout_builtin *b, struct layout *layout,
                         struct np_error *err)
{
	char *text;
	int ret = np_gunzip(b->packed, b->packed_len, b->len, &text, err);

	if (ret)
		return ret;
	ret = layout_parse_profile(text, b->len, b->name, layout, err);
	free(text);
	return ret;
}

static bool has_alias(const struct layout_builtin *b, const char *name)
{
	struct layout layout;
	struct np_error ignored;
	bool yes = false;

	if (parse_builtin(b, &layout, &ignored))
		return false;
	for (size_t i = 0; i < layout.alias_count && !yes; i++)
		yes = strcasecmp(layout.aliases[i], name) == 0;
	layout_free(&layout);
	return yes;
}

static const struct layout_builtin *find_builtin(const char *name)
{
	for (const struct layout_builtin *b = layout_builtins; b->name; b++)
		if (strcasecmp(name, b->name) == 0)
			return b;
	/* No alias looks like a path, so the profiles need not be parsed. */
	if (strpbrk(name, "/."))
		return NULL;
	for (const struct layout_builtin *b = layout_builtins; b->name; b++)
		if (has_alias(b, name))
			return b;
	return NULL;
}

const char *layout_builtin_name(const char *name)
{
	const struct layout_builtin *b = find_builtin(name);

	return b ? b->name : NULL;
}

/* ---- names close to a mistyped one ---- */

/* Levenshtein's distance of the first 63 characters. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[LAYOUT_NAME_MAX], len = (unsigned)strnlen(b, LAYOUT_NAME_MAX - 1);

	for (unsigned j = 0; j <= len; j++)
		row[j] = j;
	for (unsigned i = 0; a[i]; i++) {
		unsigned corner = row[0];

		row[0] = i + 1;
		for (unsigned j = 0; j < len; j++) {
			unsigned above = row[j + 1], best = corner + (a[i] != b[j]);

			if (best > above + 1)
				best = above + 1;
			if (best > row[j] + 1)
				best = row[j] + 1;
			row[j + 1] = best;
			corner = above;
		}
	}
	return row[len];
}

static bool near_name(const char *spec, const char *name)
{
	size_t len = strlen(spec);

	if (len >= 3 && (strstr(name, spec) || strstr(spec, name)))
		return true;
	return len < LAYOUT_NAME_MAX && distance(spec, name) <= 1 + len / 6;
}

struct near_names {
	char text[300];
	size_t len, count;
};

static void add_near(struct near_names *near, const char *name)
{
	if (near->count == NEAR_MAX || near->len >= sizeof(near->text))
		return;
	near->len += (size_t)snprintf(near->text + near->len, sizeof(near->text) - near->len,
	                              "%s%s", near->count++ ? ", " : "", name);
}

int layout_fail_unknown_name(const char *spec, struct np_error *err)
{
	struct near_names near = {0};

	for (const struct layout_builtin *b = layout_builtins; b->name; b++)
		if (near_name(spec, b->name))
			add_near(&near, b->name);
	for (size_t i = 0; i < board_count() && near.count < NEAR_MAX; i++) {
		struct board board;

		board_at(i, &board);
		if (near_name(spec, board.compatible) || near_name(spec, board.title))
			add_near(&near, board.compatible);
	}
	np_fail(err, NP_E_INPUT, "no built-in layout, no board and no file is named '%s'", spec);
	if (near.count)
		return np_hint(err, "did you mean %s? `norprog layouts` finds more", near.text);
	return np_hint(err, "`norprog layouts` lists the built-in layouts, `norprog layouts NAME` "
	                    "finds boards");
}

int layout_load_builtin(const char *name, struct layout *layout, bool *found, struct np_error *err)
{
	const struct layout_builtin *b = find_builtin(name);
	int rc;

	*layout = (struct layout){0};
	*found = b != NULL;
	if (!b)
		return 0;
	rc = parse_builtin(b, layout, err);
	if (!rc)
		snprintf(layout->path, sizeof(layout->path), "built-in");
	return rc;
}
