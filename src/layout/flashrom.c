/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flashrom's layout files: "START:END name" per line, hexadecimal, END inclusive. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout/build.h"

#define LINE_MAX_BYTES 255

/* Hex with or without 0x; sets *end behind it. */
static bool parse_hex(const char *text, char **end, uint64_t *value)
{
	if (!isxdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*value = strtoull(text, end, 16);
	return errno == 0 && *end != text;
}

static int parse_line(struct layout_build *build, char *line, unsigned number, struct np_error *err)
{
	struct layout_region region = {0};
	uint64_t last;
	char *at = line + strspn(line, " \t"), *end, *after;
	size_t len;

	if (!*at || *at == '#')
		return 0;
	if (!parse_hex(at, &end, &region.start) || *end != ':' ||
	    !parse_hex(end + 1, &end, &last) || (*end != ' ' && *end != '\t'))
		return layout_build_fail(build, err, number,
		                         "expected START:END NAME with hexadecimal addresses");
	if (last < region.start || last - region.start == UINT64_MAX)
		return layout_build_fail(build, err, number, "the region ends before it starts");
	region.len = last - region.start + 1;
	at = end + strspn(end, " \t");
	len = strcspn(at, " \t#");
	after = at + len + strspn(at + len, " \t");
	if (!len || len >= sizeof(region.name) || (*after && *after != '#'))
		return layout_build_fail(build, err, number,
		                         "expected one name of at most %zu characters",
		                         sizeof(region.name) - 1);
	memcpy(region.name, at, len);
	return layout_build_region(build, &region, number, err);
}

static int parse_lines(struct layout_build *build, const char *text, size_t len,
                       struct np_error *err)
{
	char line[LINE_MAX_BYTES + 1];
	unsigned number = 0;
	int rc = 0;

	for (size_t at = 0; at < len && !rc;) {
		const char *newline = memchr(text + at, '\n', len - at);
		size_t n = newline ? (size_t)(newline - text) - at : len - at;

		number++;
		if (n > LINE_MAX_BYTES || memchr(text + at, '\0', n))
			return layout_build_fail(build, err, number,
			                         "not text, or longer than %d bytes",
			                         LINE_MAX_BYTES);
		memcpy(line, text + at, n);
		line[n && line[n - 1] == '\r' ? n - 1 : n] = '\0';
		rc = parse_line(build, line, number, err);
		at += n + 1;
	}
	return rc;
}

int layout_parse_flashrom(const char *text, size_t len, const char *name, struct layout *layout,
                          struct np_error *err)
{
	struct layout_build *build = layout_build_new(name);
	int rc;

	*layout = (struct layout){0};
	if (!build)
		return np_fail(err, NP_E_MEMORY, "%s: out of memory", name);
	snprintf(build->layout.name, sizeof(build->layout.name), "%s", name);
	rc = parse_lines(build, text, len, err);
	if (!rc)
		rc = layout_build_finish(build, layout, err);
	free(build);
	return rc;
}
