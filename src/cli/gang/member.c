/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/gang/member.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/units.h"
#include "cli/gang/gang.h"

#define ANSWER_MAX 65536

/* The gang's process has ended or sends what cannot be understood. The job must not go on,
 * because its question would never be answered. */
static int fail_alone(struct np_error *err)
{
	np_fail(err, NP_E_INTERRUPTED, "the norprog that leads this gang has ended");
	return np_hint(err, "nothing was erased or written since; start it again");
}

/* Waits for as long as the gang does; a stop comes as an answer, too. */
static json_t *read_answer(void)
{
	char *line = malloc(ANSWER_MAX);
	json_t *answer = NULL;

	if (line && fgets(line, ANSWER_MAX, stdin))
		answer = json_loads(line, 0, NULL);
	free(line);
	return answer;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* Ask; *answer is the caller's. Fails with what the answer says when that is a refusal. */
static int ask(struct cli *cli, const char *what, json_t *fields, json_t **answer,
               struct np_error *err)
{
	int code;

	*answer = NULL;
	if (!fields)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	json_object_set_new(fields, "ask", json_string(what));
	report_event(&cli->report, "ask", fields);
	*answer = read_answer();
	if (!*answer)
		return fail_alone(err);
	if (json_is_true(json_object_get(*answer, "ok")))
		return 0;
	code = gang_code_of(text_of(*answer, "code"));
	np_fail(err, code, "%s", text_of(*answer, "message"));
	if (text_of(*answer, "hint")[0])
		np_hint(err, "%s", text_of(*answer, "hint"));
	json_decref(*answer);
	*answer = NULL;
	return code;
}

int member_confirm(struct cli *cli, const char *what, struct np_error *err)
{
	json_t *answer;
	int ret = ask(cli, "confirm", json_pack("{s:s}", "what", what), &answer, err);

	json_decref(answer);
	return ret;
}

/* ---- files ---- */

static void uid_of(const struct session *session, char uid[2 * NOR_UID_MAX + 1])
{
	np_format_hex(session->info->uid, session->info->uid_len, uid);
}

static int ask_name(struct session *session, bool make, char *name, size_t len,
                    struct np_error *err)
{
	char uid[2 * NOR_UID_MAX + 1];
	json_t *answer;
	int ret;

	uid_of(session, uid);
	ret = ask(session->cli, "name", json_pack("{s:s, s:b}", "uid", uid, "make", make), &answer,
	          err);
	snprintf(name, len, "%s", ret ? "" : text_of(answer, "name"));
	json_decref(answer);
	return ret;
}

/* A second chip of the same ID was saved as ID-PLACE.bin: which of the files is this chip's? */
static bool has_twin(const char *dir, const char *name)
{
	DIR *folder = opendir(dir);
	const struct dirent *entry;
	size_t len = strlen(name);
	bool found = false;

	while (folder && !found && (entry = readdir(folder)))
		found = strncmp(entry->d_name, name, len) == 0 &&
		        strncmp(entry->d_name + len, GANG_TWIN, strlen(GANG_TWIN)) == 0;
	if (folder)
		closedir(folder);
	return found;
}

static int fail_missing(const char *dir, const char *name, struct np_error *err)
{
	np_fail(err, NP_E_INPUT, "%s holds nothing of this unit: no %s.bin", dir, name);
	return np_hint(err, "a folder holds one file for each adapter, named by --label, unique ID "
	                    "or USB path; a single file is for all of them");
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool ends_in_slash(const char *path)
{
	size_t len = strlen(path);

	return len && path[len - 1] == '/';
}

static int find_file(const char *dir, const char *name, char *buf, size_t len, struct np_error *err)
{
	if (has_twin(dir, name)) {
		np_fail(err, NP_E_POLICY, "%s holds two chips of the unique ID %s", dir, name);
		return np_hint(err, "name the file of each with -p and without the folder");
	}
	if ((size_t)snprintf(buf, len, "%s%s%s.bin", dir, ends_in_slash(dir) ? "" : "/", name) >=
	    len)
		return np_fail(err, NP_E_INPUT, "the path is too long: %s", dir);
	if (np_io_exists(buf))
		return 0;
	snprintf(buf, len, "%s/%s", dir, name);
	return is_folder(buf) ? 0 : fail_missing(dir, name, err);
}

int member_file(struct session *session, const char *dir, bool make, bool several, char *buf,
                size_t len, struct np_error *err)
{
	char name[GANG_NAME_MAX];
	int ret = ask_name(session, make, name, sizeof(name), err);

	if (!ret && !make)
		return find_file(dir, name, buf, len, err);
	if (!ret)
		ret = np_io_mkdirs(dir, err);
	if (!ret && (size_t)snprintf(buf, len, "%s%s%s%s", dir, ends_in_slash(dir) ? "" : "/", name,
	                             several ? "" : ".bin") >= len)
		ret = np_fail(err, NP_E_OUTPUT, "the path is too long: %s", dir);
	return ret;
}

int member_source(struct session *session, const char *path, char *buf, size_t len,
                  struct np_error *err)
{
	int ret = 0;

	if (is_folder(path))
		ret = member_file(session, path, false, false, buf, len, err);
	else
		snprintf(buf, len, "%s", path);
	if (!ret)
		session->cli->opt.args[0] = buf;
	return ret;
}

/* ---- fields ---- */

static int add_field(struct cli_words *set, const char *text, struct np_error *err)
{
	char *own;

	if (set->count == CLI_WORDS_MAX)
		return np_fail(err, NP_E_USAGE, "more than %d fields to set", CLI_WORDS_MAX);
	own = strdup(text);
	if (!own)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	set->at[set->count++] = own; /* as long as the options: to the end of the process */
	return 0;
}

int member_fields(struct session *session, struct np_error *err)
{
	struct cli *cli = session->cli;
	char uid[2 * NOR_UID_MAX + 1];
	json_t *answer, *field;
	size_t i;
	int ret;

	if (!cli->opt.set_from)
		return 0;
	uid_of(session, uid);
	ret = ask(cli, "fields",
	          json_pack("{s:s, s:o}", "uid", uid, "serial",
	                    report_text(spi_serial(session->bus))),
	          &answer, err);
	if (ret)
		return ret;
	json_array_foreach(json_object_get(answer, "set"), i, field)
	{
		if (!ret && json_is_string(field))
			ret = add_field(&cli->opt.set, json_string_value(field), err);
	}
	json_decref(answer);
	return ret;
}

/* ---- the process ---- */

int member_run(struct cli *cli, const char *spec)
{
	struct np_error err = {0};
	int ret;

	cli->report.wire = true;
	cli->report.terminal = false;
	cli->report.log = NULL; /* the gang writes it */
	cli->report.programmer = spec;
	cli->opt.programmer = spec;
	ret = cli->command->run(cli, &err);
	if (ret == NP_E_INTERRUPTED && !err.hint[0])
		np_hint(&err, "nothing is left half done: the same command again starts over");
	if (ret)
		report_error(&cli->report, &err);
	report_finish(&cli->report, cli->command->name, ret, &err);
	report_close(&cli->report, &err);
	return np_code_exit(ret);
}
