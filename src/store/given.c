/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/given.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "store/manifest.h"

#define GIVEN     "given"
#define BYTES_MAX (16u << 20)

/* field, value, unit, date, source */
enum { FIELD, VALUE, UNIT, DATE, SOURCE, PARTS };

/* The next line into its parts; false at the end. *good: it has all of them. */
static bool next_line(char **at, char *parts[PARTS], bool *good)
{
	char *line = *at, *end;

	if (!*line)
		return false;
	end = line + strcspn(line, "\n");
	*at = end + (*end != '\0');
	*end = '\0';
	*good = true;
	for (int i = 0; i < PARTS; i++) {
		parts[i] = line;
		*good = *good && line;
		line = line ? strchr(line, '\t') : NULL;
		if (line)
			*line++ = '\0';
	}
	return true;
}

static int fail_given(const struct given *value, char *parts[PARTS], const char *unit,
                      const char *dir, struct np_error *err)
{
	np_fail(err, NP_E_POLICY, "%s %s was given to %s%s on %s (%s)", value->field, value->value,
	        parts[UNIT][0] ? "the chip of unique ID " : "a chip without unique ID", parts[UNIT],
	        parts[DATE], parts[SOURCE]);
	if (unit[0])
		return np_hint(err, "give this unit another value");
	return np_hint(err,
	               "give this unit another value; if it is the same chip, take that line "
	               "out of %s/" GIVEN,
	               dir);
}

static bool clean(const char *text)
{
	return !strpbrk(text, "\t\n\r");
}

/* *known: the values that this unit has been given already, a bit each. */
static int look(char *text, const struct given *values, size_t count, const char *unit,
                const char *dir, uint64_t *known, struct np_error *err)
{
	char *parts[PARTS];
	bool good;

	while (next_line(&text, parts, &good)) {
		if (!good) {
			np_fail(err, NP_E_INPUT, "%s/" GIVEN " is damaged", dir);
			return np_hint(
				err,
				"this file records which MAC and number each unit got: mend the line that has not five parts, do not remove the file");
		}
		for (size_t i = 0; i < count; i++) {
			if (strcasecmp(parts[FIELD], values[i].field) != 0 ||
			    strcasecmp(parts[VALUE], values[i].value) != 0)
				continue;
			if (!unit[0] || strcmp(parts[UNIT], unit) != 0)
				return fail_given(&values[i], parts, unit, dir, err);
			*known |= UINT64_C(1) << i;
		}
	}
	return 0;
}

static int append(struct np_io_out *out, const struct given *value, const char *unit,
                  struct np_error *err)
{
	char now[32], line[1024];
	int len;

	manifest_utc(now);
	len = snprintf(line, sizeof(line), "%s\t%s\t%s\t%s\t%s\n", value->field, value->value, unit,
	               now, value->source);
	if (len < 0 || (size_t)len >= sizeof(line) || !clean(value->field) ||
	    !clean(value->value) || !clean(value->source))
		return np_fail(err, NP_E_INPUT, "%s: a value that cannot be recorded",
		               value->source);
	return np_io_write(out, line, (size_t)len, err);
}

static int record(struct store *store, const char *before, size_t len, const struct given *values,
                  size_t count, const char *unit, uint64_t known, struct np_error *err)
{
	struct np_io_out out;
	int ret = np_io_dir_create(&out, &store->root, GIVEN, NP_IO_REPLACE, err);

	if (!ret && len)
		ret = np_io_write(&out, before, len, err);
	for (size_t i = 0; i < count && !ret; i++)
		if (!(known >> i & 1))
			ret = append(&out, &values[i], unit, err);
	if (!ret)
		ret = np_io_commit(&out, NULL, err);
	np_io_abort(&out);
	return ret;
}

static int take(struct store *store, const struct given *values, size_t count, const char *unit,
                bool keep, struct np_error *err)
{
	uint8_t *text = NULL;
	char *copy;
	uint64_t known = 0;
	size_t len = 0;
	int ret = 0;

	if (np_io_dir_has(&store->root, GIVEN))
		ret = np_io_dir_read(&store->root, GIVEN, BYTES_MAX, &text, &len, err);
	copy = ret ? NULL : strdup(text ? (const char *)text : "");
	if (!ret && !copy)
		ret = np_fail(err, NP_E_MEMORY, "out of memory");
	if (!ret)
		ret = look(copy, values, count, unit, store->dir, &known, err);
	if (!ret && keep)
		ret = record(store, (const char *)text, len, values, count, unit, known, err);
	free(copy);
	free(text);
	return ret;
}

int given_take(struct store *store, const struct given *values, size_t count, const char *unit,
               bool keep, struct np_error *err)
{
	struct np_io_lock lock = {.held = false};
	int ret = count > 64 ? np_fail(err, NP_E_INPUT, "more than 64 values") : 0;

	if (!ret)
		ret = store_lock(store, &lock, err);
	if (ret)
		return ret;
	ret = take(store, values, count, unit, keep, err);
	np_io_lock_drop(&lock, &store->root);
	return ret;
}
