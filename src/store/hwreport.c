/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/hwreport.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "store/json.h"

#define SIZE_MAX_BYTES (UINT64_C(1) << 28)

static bool printable(const char *text)
{
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7e)
			return false;
	return true;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static bool take_id(const char *text, struct hwreport *report)
{
	size_t len = strlen(text) / 2;

	if (strlen(text) % 2 || len < 3 || len > NOR_ID_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		report->id[i] = (uint8_t)(high << 4 | low);
	}
	report->id_len = len;
	return true;
}

static bool has_word(const json_t *list, const char *word)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (text && strcmp(text, word) == 0)
			return true;
	}
	return false;
}

static int take_chip(const json_t *chip, struct hwreport *report, struct np_error *err)
{
	char id[2 * NOR_ID_MAX + 1];
	int ret = json_get_text(chip, "name", report->name, sizeof(report->name), err);

	if (!ret)
		ret = json_get_text(chip, "jedec_id", id, sizeof(id), err);
	if (!ret)
		ret = json_get_number(chip, "size", &report->size, err);
	if (ret)
		return ret;
	if (!report->name[0] || !printable(report->name) || !take_id(id, report))
		return np_fail(err, NP_E_INPUT, "the name or ID in it is not that of a chip");
	if (report->size < 32768 || report->size > SIZE_MAX_BYTES ||
	    report->size & (report->size - 1))
		return np_fail(err, NP_E_INPUT, "no chip has %llu bytes",
		               (unsigned long long)report->size);
	return 0;
}

int hwreport_parse(const char *text, size_t len, const char *path, struct hwreport *report,
                   struct np_error *err)
{
	const json_t *proven;
	json_t *root = NULL;
	int ret;

	memset(report, 0, sizeof(*report));
	if (len > HWREPORT_BYTES_MAX)
		return np_fail(err, NP_E_INPUT, "%s: too long for a report", path);
	ret = json_parse(text, len, path, &root, err);
	if (ret)
		return ret;
	ret = take_chip(json_object_get(root, "chip"), report, err);
	proven = json_object_get(root, "proven");
	report->read = has_word(proven, "read");
	report->written =
		report->read && has_word(proven, "erased") && has_word(proven, "programmed");
	json_decref(root);
	return ret ? np_context(err, "%s", path) : 0;
}

static int add(struct hwreports *reports, const char *text, size_t len, const char *path,
               struct np_error *err)
{
	struct hwreport *more = realloc(reports->at, (reports->count + 1) * sizeof(reports->at[0]));
	int ret;

	if (!more)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	reports->at = more;
	ret = hwreport_parse(text, len, path, &more[reports->count], err);
	reports->count += !ret;
	return ret;
}

static int add_file(struct hwreports *reports, const char *dir, const char *name,
                    struct np_error *err)
{
	size_t len = strlen(name), bytes = 0;
	char path[NP_PATH_MAX];
	uint8_t *text = NULL;
	struct stat st;
	int ret;

	if (len < 5 || strcmp(name + len - 5, ".json") != 0)
		return 0;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path))
		return np_fail(err, NP_E_INPUT, "the path is too long: %s", dir);
	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return 0;
	if (reports->count >= HWREPORT_FILES_MAX)
		return np_fail(err, NP_E_INPUT, "%s: more than %d reports", dir,
		               HWREPORT_FILES_MAX);
	ret = np_io_read(path, HWREPORT_BYTES_MAX, &text, &bytes, err);
	if (!ret)
		ret = add(reports, (const char *)text, bytes, path, err);
	free(text);
	return ret;
}

int hwreports_load(const char *dir, struct hwreports *reports, struct np_error *err)
{
	const struct dirent *entry;
	DIR *folder;
	int ret = 0;

	memset(reports, 0, sizeof(*reports));
	for (size_t i = 0; hwreport_builtin[i] && !ret; i++)
		ret = add(reports, hwreport_builtin[i], strlen(hwreport_builtin[i]), "built in",
		          err);
	if (ret || !dir)
		return ret;
	folder = opendir(dir);
	if (!folder)
		return np_fail_file(err, dir, errno);
	while (!ret && (entry = readdir(folder)))
		ret = add_file(reports, dir, entry->d_name, err);
	closedir(folder);
	return ret;
}

void hwreports_free(struct hwreports *reports)
{
	free(reports->at);
	*reports = (struct hwreports){0};
}

size_t hwreports_count(const struct hwreports *reports, const struct nor_chip *row, bool *written)
{
	size_t count = 0;

	*written = false;
	for (size_t i = 0; i < reports->count; i++) {
		const struct hwreport *r = &reports->at[i];

		if (!r->read || r->size != row->size || r->id_len < row->id_len ||
		    memcmp(r->id, row->id, row->id_len) != 0 || strcmp(r->name, row->name) != 0)
			continue;
		*written |= r->written;
		count++;
	}
	return count;
}
