/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What members ask: the name of their files, their row of --set-from, and whether to go ahead. */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "base/idnum.h"
#include "cli/gang/gang.h"
#include "store/given.h"
#include "store/state.h"

int gang_code_of(const char *name)
{
	for (int code = NP_E_FAIL; code >= NP_E_UNSUPPORTED; code--)
		if (strcmp(np_code_name(code), name) == 0)
			return code;
	return NP_E_FAIL;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* A member that has died gets no answer, and needs none. */
static void send_answer(const struct member *member, json_t *answer)
{
	char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
	size_t len = text ? strlen(text) : 0, sent = 0;

	if (text)
		text[len++] = '\n'; /* in place of the NUL */
	while (sent < len) {
		ssize_t n = write(member->to, text + sent, len - sent);

		if (n < 0 && errno != EINTR)
			break;
		sent += n > 0 ? (size_t)n : 0;
	}
	free(text);
	json_decref(answer);
}

static void send_failure(const struct member *member, const struct np_error *err)
{
	send_answer(member, json_pack("{s:b, s:s, s:o, s:o}", "ok", 0, "code",
	                              np_code_name(err->code), "message", report_text(err->message),
	                              "hint", report_text(err->hint)));
}

/* ---- names of files ---- */

/* A place as the name of a file: /dev/spidev0.0 is dev-spidev0.0. */
static void file_of_place(const char *place, char *name, size_t len)
{
	size_t used = 0;

	while (*place == '/' || *place == '.')
		place++;
	for (; *place && used + 1 < len && used < 100; place++)
		name[used++] =
			isalnum((unsigned char)*place) || strchr("._-", *place) ? *place : '-';
	name[used] = '\0';
}

static const struct member *holder_of(const struct gang *gang, const struct member *member,
                                      const char *file)
{
	for (size_t i = 0; i < gang->count; i++)
		if (&gang->members[i] != member && strcasecmp(gang->members[i].file, file) == 0)
			return &gang->members[i];
	return NULL;
}

/* Chips of some makers all have one ID: the second gets its place behind it. But which of the two
 * files belongs to which chip, nobody can tell later. */
static int settle_name(struct gang *gang, struct member *member, const char *uid, bool make,
                       struct np_error *err)
{
	const struct member *holder;
	char place[GANG_NAME_MAX / 2 + 8], name[GANG_NAME_MAX];

	file_of_place(member->place, place, sizeof(place));
	snprintf(name, sizeof(name), "%s", member->labelled ? member->name : uid[0] ? uid : place);
	holder = holder_of(gang, member, name);
	if (holder && !make) {
		np_fail(err, NP_E_POLICY,
		        "the chip here and the one at %s have the same unique ID %s", holder->name,
		        uid);
		return np_hint(err, "tell the adapters apart with --label, and read into a folder "
		                    "with the same labels");
	}
	if (holder)
		snprintf(name, sizeof(name), "%.80s" GANG_TWIN "%.90s", uid, place);
	snprintf(member->file, sizeof(member->file), "%s", name);
	return 0;
}

static void answer_name(struct gang *gang, struct member *member, const json_t *question)
{
	struct np_error err = {0};
	bool make = json_is_true(json_object_get(question, "make"));

	if (settle_name(gang, member, text_of(question, "uid"), make, &err))
		send_failure(member, &err);
	else
		send_answer(member, json_pack("{s:b, s:s}", "ok", 1, "name", member->file));
}

/* ---- rows of --set-from ---- */

/* The values of a row as they are recorded; returns how many. */
static size_t values_of(const struct gang *gang, const struct sheet_row *row,
                        struct given values[SHEET_COLUMNS],
                        char macs[SHEET_COLUMNS][IDNUM_MAC_TEXT], const char *source)
{
	size_t count = 0;

	for (size_t i = 1; i < gang->sheet.column_count; i++) {
		const char *value = row->cells[i];
		uint8_t mac[IDNUM_MAC_LEN];

		if (!value[0])
			continue;
		if (idnum_mac_parse(value, strlen(value), mac))
			value = idnum_mac_format(mac, macs[i]);
		values[count++] = (struct given){
			.field = gang->sheet.columns[i], .value = value, .source = source};
	}
	return count;
}

static int take_values(const struct gang *gang, const struct member *member, bool keep,
                       struct np_error *err)
{
	struct given values[SHEET_COLUMNS];
	char macs[SHEET_COLUMNS][IDNUM_MAC_TEXT], dir[3072], source[300];
	const char *path = gang->cli->opt.set_from, *slash = strrchr(path, '/');
	struct store store = {.dir = dir};
	size_t count;
	int ret;

	snprintf(source, sizeof(source), "%.250s:%u", slash ? slash + 1 : path, member->row->line);
	count = values_of(gang, member->row, values, macs, source);
	ret = store_default_dir(dir, sizeof(dir), err);
	if (!ret)
		ret = given_take(&store, values, count, member->uid, keep, err);
	store_close(&store);
	return ret;
}

static int fail_row(const struct gang *gang, const char *key, struct np_error *err)
{
	const char *name = sheet_key_name(gang->sheet.key), *path = gang->cli->opt.set_from;

	if (!key[0]) {
		np_fail(err, NP_E_POLICY, "%s goes by %s, and here is none", path, name);
		return np_hint(err,
		               "use a column 'adapter' in its place, with the labels of --label");
	}
	np_fail(err, NP_E_POLICY, "%s has no row of %s %s", path, name, key);
	return np_hint(err, "add its row to the file; nothing was erased or written");
}

static int find_row(struct gang *gang, struct member *member, const char *serial,
                    struct np_error *err)
{
	const struct sheet *sheet = &gang->sheet;
	const char *key = sheet->key == SHEET_UID      ? member->uid
	                  : sheet->key == SHEET_SERIAL ? serial
	                                               : member->name;
	struct sheet_row *row = sheet_find(sheet, key);

	if (!row && sheet->key == SHEET_ADAPTER)
		row = sheet_find(sheet, member->place);
	if (!row)
		return fail_row(gang, key, err);
	if (row->taken) {
		np_fail(err, NP_E_POLICY, "%s:%u: another adapter of this job has this row",
		        gang->cli->opt.set_from, row->line);
		return np_hint(err,
		               "two chips or adapters have the same %s: use a column 'adapter', "
		               "with labels",
		               sheet_key_name(sheet->key));
	}
	row->taken = true;
	member->row = row;
	return take_values(gang, member, false, err);
}

static void answer_fields(struct gang *gang, struct member *member, const json_t *question)
{
	struct np_error err = {0};
	json_t *set = json_array();
	char text[1024];

	snprintf(member->uid, sizeof(member->uid), "%s", text_of(question, "uid"));
	if (find_row(gang, member, text_of(question, "serial"), &err)) {
		send_failure(member, &err);
		json_decref(set);
		return;
	}
	for (size_t i = 1; i < gang->sheet.column_count; i++) {
		if (!member->row->cells[i][0])
			continue;
		snprintf(text, sizeof(text), "%s=%s", gang->sheet.columns[i],
		         member->row->cells[i]);
		json_array_append_new(set, report_text(text));
	}
	send_answer(member, json_pack("{s:b, s:o}", "ok", 1, "set", set));
}

/* ---- the question ---- */

void answer_confirm(struct gang *gang, struct member *member, int ret, const struct np_error *err)
{
	struct np_error own = {0};

	member->state = MEMBER_GOING;
	if (!ret && member->row) {
		ret = take_values(gang, member, true, &own);
		err = &own;
	}
	if (ret)
		send_failure(member, err);
	else
		send_answer(member, json_pack("{s:b}", "ok", 1));
}

void answer_question(struct gang *gang, struct member *member, const json_t *question)
{
	struct np_error err = {0};

	if (strcmp(text_of(question, "ask"), "name") == 0) {
		answer_name(gang, member, question);
	} else if (strcmp(text_of(question, "ask"), "fields") == 0) {
		answer_fields(gang, member, question);
	} else {
		np_fail(&err, NP_E_FAIL, "the question '%s' is not known",
		        text_of(question, "ask"));
		send_failure(member, &err);
	}
}
