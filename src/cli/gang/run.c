/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes of a gang: started, listened to, answered, stopped, and counted at the end. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/os.h"
#include "base/stop.h"
#include "base/units.h"
#include "cli/gang/gang.h"
#include "cli/gang/member.h"
#include "cli/paste.h"

#define LINE_MAX_BYTES (16u << 20) /* a plan of a big chip as JSON is long */
#define CHUNK          65536
#define LOOK_MS        100 /* between two looks at the status lines */

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static uint64_t number_of(const json_t *object, const char *key)
{
	json_int_t number = json_integer_value(json_object_get(object, key));

	return number > 0 ? (uint64_t)number : 0;
}

/* ---- starting ---- */

/* In the child: its own group, so that a Ctrl-C comes from the gang alone, once. */
static void become_member(struct gang *gang, const struct member *member, int from, int to)
{
	setpgid(0, 0);
	np_os_die_with_parent(SIGTERM);
	for (size_t i = 0; i < gang->count; i++) {
		if (gang->members[i].from >= 0)
			close(gang->members[i].from);
		if (gang->members[i].to >= 0)
			close(gang->members[i].to);
	}
	dup2(from, STDIN_FILENO);
	dup2(to, STDOUT_FILENO);
	close(from);
	close(to);
	/* Also where they are ignored here (nohup): the gang hears them and passes them on. */
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	np_stop_catch();
	exit(member_run(gang->cli, member->spec));
}

static int start_member(struct gang *gang, struct member *member, struct np_error *err)
{
	int up[2], down[2];

	if (np_os_pipe(up))
		return np_fail(err, NP_E_FAIL, "pipe: %s", strerror(errno));
	if (np_os_pipe(down)) {
		close(up[0]);
		close(up[1]);
		return np_fail(err, NP_E_FAIL, "pipe: %s", strerror(errno));
	}
	fflush(NULL);
	member->pid = fork();
	if (member->pid == 0) {
		close(up[0]);
		close(down[1]);
		become_member(gang, member, down[0], up[1]);
	}
	close(up[1]);
	close(down[0]);
	member->from = up[0];
	member->to = down[1];
	if (member->pid > 0)
		return 0;
	member->pid = 0;
	return np_fail(err, NP_E_FAIL, "fork: %s", strerror(errno));
}

/* ---- what they say ---- */

static void take_progress(struct member *member, const json_t *event)
{
	struct progress *p = &member->progress;
	uint64_t done = number_of(event, "done");
	unsigned pass = (unsigned)number_of(event, "pass");
	enum np_phase phase;

	if (!progress_phase_of(text_of(event, "phase"), &phase))
		return;
	if (!p->active || phase != p->phase || pass != p->pass || done < p->done)
		*p = (struct progress){.active = true, .phase = phase, .begun_us = np_now_us()};
	p->pass = pass;
	p->passes = (unsigned)number_of(event, "passes");
	p->done = done;
	p->total = number_of(event, "total");
}

static void take_chip(struct member *member, const json_t *event)
{
	char size[32];

	snprintf(member->chip, sizeof(member->chip), "%.100s, %s", text_of(event, "name"),
	         np_format_size(number_of(event, "size"), size, sizeof(size)));
}

/* With --json all but the talk between gang and members is passed on, with the adapter's name. */
static void pass_on(struct gang *gang, const struct member *member, json_t *event)
{
	const char *name = text_of(event, "event");
	json_t *fields;
	char kind[48];

	if (!gang->cli->report.json)
		return;
	snprintf(kind, sizeof(kind), "%.40s", strcmp(name, "result") ? name : "adapter_result");
	fields = json_pack("{s:o}", "adapter", report_text(member->name));
	json_object_update(fields, event);
	json_object_del(fields, "event");
	report_event(&gang->cli->report, kind, fields);
}

static void take_event(struct gang *gang, struct member *member, json_t *event)
{
	const char *name = text_of(event, "event");
	struct np_error none = {0};

	if (strcmp(name, "line") == 0) {
		show_line(gang, member, text_of(event, "kind"), text_of(event, "text"));
		return;
	}
	if (strcmp(name, "ask") == 0 && strcmp(text_of(event, "ask"), "confirm") != 0) {
		answer_question(gang, member, event);
		return;
	}
	if (strcmp(name, "ask") == 0) {
		member->state = MEMBER_ASKING;
		if (gang->answered || gang->cli->opt.yes)
			answer_confirm(gang, member, 0, &none);
		return;
	}
	if (strcmp(name, "progress") == 0)
		take_progress(member, event);
	else if (strcmp(name, "chip") == 0)
		take_chip(member, event);
	else if (strcmp(name, "result") == 0 && !member->result)
		member->result = json_incref(event);
	pass_on(gang, member, event);
}

/* ---- the ends ---- */

static void add_result(struct member *member, const char *message, const char *hint)
{
	char pasted[1024];

	json_decref(member->result);
	paste_hint(hint, member->spec, pasted, sizeof(pasted));
	member->result = json_pack("{s:s, s:b, s:s, s:i, s:o, s:o}", "event", "result", "ok", 0,
	                           "code", np_code_name(NP_E_FAIL), "exit", np_code_exit(NP_E_FAIL),
	                           "message", report_text(message), "hint", report_text(pasted));
}

/* Its pipe has ended: what became of it? A process that was killed says nothing itself. */
static void end_member(struct gang *gang, struct member *member)
{
	int status = 0;
	char text[160];

	close(member->from);
	close(member->to);
	member->from = member->to = -1;
	while (waitpid(member->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "its process was ended by signal %d (%s)",
		         WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(text, sizeof(text), "its process ended without a result");
	if (WIFSIGNALED(status) || !member->result) {
		add_result(member, text, "`norprog resume` finishes its job, if one was begun");
		show_line(gang, member, "error", text);
		show_line(gang, member, "hint", text_of(member->result, "hint"));
		pass_on(gang, member, member->result);
	}
	member->state = MEMBER_ENDED;
	member->code = json_is_true(json_object_get(member->result, "ok"))
	                       ? 0
	                       : gang_code_of(text_of(member->result, "code"));
	if (!member->code && WEXITSTATUS(status))
		member->code = NP_E_OUTPUT; /* its last words were lost */
}

static void take_lines(struct gang *gang, struct member *member)
{
	size_t used = 0;
	char *end;

	while ((end = memchr(member->text + used, '\n', member->text_len - used))) {
		json_t *event = json_loadb(member->text + used, (size_t)(end - member->text) - used,
		                           0, NULL);

		if (event)
			take_event(gang, member, event);
		json_decref(event);
		used = (size_t)(end - member->text) + 1;
	}
	member->text_len -= used;
	memmove(member->text, member->text + used, member->text_len);
}

static void listen_to(struct gang *gang, struct member *member)
{
	ssize_t n;

	if (member->text_room - member->text_len < CHUNK && member->text_room < LINE_MAX_BYTES) {
		size_t room = 2 * member->text_room + CHUNK;
		char *more = realloc(member->text, room);

		if (more) {
			member->text = more;
			member->text_room = room;
		}
	}
	n = read(member->from, member->text + member->text_len,
	         member->text_room - member->text_len);
	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0) {
		end_member(gang, member);
		return;
	}
	member->text_len += (size_t)n;
	take_lines(gang, member);
}

/* ---- the question, for all ---- */

static size_t count_state(const struct gang *gang, enum member_state state)
{
	size_t count = 0;

	for (size_t i = 0; i < gang->count; i++)
		count += gang->members[i].state == state;
	return count;
}

static int ask_all(struct gang *gang, size_t asking, struct np_error *err)
{
	char what[96];

	snprintf(what, sizeof(what), "is about to change %zu chip%s", asking,
	         asking == 1 ? "" : "s");
	if (asking < gang->count && !gang->cli->opt.yes)
		report_note(&gang->cli->report, "%zu of %zu adapters can go ahead", asking,
		            gang->count);
	return ask_yes(gang->cli, what, err);
}

/* Once nobody is still on the way to the question, the plans are shown and it is asked. */
static void settle_question(struct gang *gang)
{
	size_t asking = count_state(gang, MEMBER_ASKING);
	struct np_error err = {0};
	int ret;

	if (count_state(gang, MEMBER_WORKING))
		return;
	show_plans(gang);
	if (!asking)
		return;
	ret = np_stop_level()
	              ? np_fail(&err, NP_E_INTERRUPTED,
	                        "stopped before the question: nothing was erased or written")
	              : ask_all(gang, asking, &err);
	gang->answered = !ret;
	for (size_t i = 0; i < gang->count; i++)
		if (gang->members[i].state == MEMBER_ASKING)
			answer_confirm(gang, &gang->members[i], ret, &err);
}

/* ---- the loop ---- */

static void pass_stop(struct gang *gang)
{
	int level = np_stop_level();

	if (level == gang->stop_sent)
		return;
	report_note(&gang->cli->report, level == 1
	                                        ? "each adapter finishes its block; Ctrl-C again "
	                                          "stops sooner"
	                                        : "stopping at the end of the page");
	for (; gang->stop_sent < level; gang->stop_sent++)
		for (size_t i = 0; i < gang->count; i++)
			if (gang->members[i].state != MEMBER_ENDED)
				kill(gang->members[i].pid, SIGINT);
}

/* Signals are let in only while it waits, so that none is missed between a check and the wait. */
static void wait_for_lines(struct gang *gang)
{
	const struct timespec look = {.tv_nsec = LOOK_MS * 1000000L};
	struct pollfd fds[GANG_MAX];
	sigset_t block, before;

	for (size_t i = 0; i < gang->count; i++)
		fds[i] = (struct pollfd){.fd = gang->members[i].from, .events = POLLIN};
	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGHUP);
	sigprocmask(SIG_BLOCK, &block, &before);
	if (np_stop_level() != gang->stop_sent || np_os_poll(fds, gang->count, &look, &before) < 0)
		memset(fds, 0, sizeof(fds));
	sigprocmask(SIG_SETMASK, &before, NULL);
	for (size_t i = 0; i < gang->count; i++)
		if (fds[i].revents && gang->members[i].from >= 0)
			listen_to(gang, &gang->members[i]);
}

static void run_members(struct gang *gang)
{
	while (count_state(gang, MEMBER_ENDED) < gang->count) {
		wait_for_lines(gang);
		pass_stop(gang);
		settle_question(gang);
		show_status(gang);
	}
	show_plans(gang);
}

/* ---- before and after ---- */

/* What names one file cannot be the same for all. */
static int check_options(const struct cli *cli, struct np_error *err)
{
	const struct cli_options *opt = &cli->opt;
	const char *path = opt->arg_count ? opt->args[0] : NULL;
	struct stat st;

	if (opt->backup) {
		np_fail(err, NP_E_USAGE, "--backup names one file, and there are several adapters");
		return np_hint(err, "leave it out: each has its backup in the state folder");
	}
	if (opt->trace || (path && strcmp(path, "-") == 0)) {
		np_fail(err, NP_E_USAGE, "%s, and there are several adapters",
		        opt->trace ? "--trace names one file" : "'-' is one stream");
		return np_hint(err, "name one adapter, or leave it out");
	}
	if (cli->command->bit != CLI_READ || !path || stat(path, &st) || S_ISDIR(st.st_mode))
		return 0;
	np_fail(err, NP_E_OUTPUT, "%s exists and is not a folder", path);
	return np_hint(err, "several adapters read into a folder: `norprog read DIR/`");
}

static int load_sheet(struct gang *gang, struct np_error *err)
{
	const char *path = gang->cli->opt.set_from;
	uint8_t *text = NULL;
	size_t len = 0;
	int ret = path ? np_io_read(path, SHEET_BYTES, &text, &len, err) : 0;

	if (!ret && path)
		ret = sheet_parse(&gang->sheet, (const char *)text, len, path, err);
	free(text);
	return ret;
}

/* What leaves a chip in the worst state counts most: half written, before not touched at all. */
static int severity(int code)
{
	static const int by_exit[] = {0, 5, 1, 2, 4, 8, 7, 3, 6};

	return by_exit[np_code_exit(code)];
}

static int conclude(struct gang *gang, struct np_error *err)
{
	const struct member *worst = &gang->members[0];
	size_t failed = 0;

	show_summary(gang);
	for (size_t i = 0; i < gang->count; i++) {
		failed += gang->members[i].code != 0;
		if (severity(gang->members[i].code) > severity(worst->code))
			worst = &gang->members[i];
	}
	if (!failed)
		return 0;
	np_fail(err, worst->code, "%zu of %zu adapters did not succeed: %s: %s", failed,
	        gang->count, worst->name, text_of(worst->result, "message"));
	return np_hint(err, "the table says which, and what to do next");
}

static void free_gang(struct gang *gang)
{
	for (size_t i = 0; gang->members && i < gang->count; i++) {
		free(gang->members[i].text);
		free(gang->members[i].plan);
		json_decref(gang->members[i].result);
	}
	free(gang->members);
	sheet_free(&gang->sheet);
}

/* One that could not be started is one that failed. */
static void start_all(struct gang *gang)
{
	for (size_t i = 0; i < gang->count; i++) {
		struct member *member = &gang->members[i];
		struct np_error err = {0};

		if (!start_member(gang, member, &err))
			continue;
		add_result(member, err.message, "try again with fewer adapters");
		member->state = MEMBER_ENDED;
		member->code = NP_E_FAIL;
	}
}

int gang_run(struct cli *cli, struct np_error *err)
{
	struct gang gang = {.cli = cli, .members = calloc(GANG_MAX, sizeof(struct member))};
	int ret =
		gang.members ? check_options(cli, err) : np_fail(err, NP_E_MEMORY, "out of memory");

	if (!ret)
		ret = load_sheet(&gang, err);
	if (!ret)
		ret = members_make(&gang, err);
	if (!ret) {
		const char *folder =
			cli->command->bit == CLI_READ && cli->opt.arg_count ? cli->opt.args[0] : "";
		size_t existing = np_io_existing(folder);

		start_all(&gang);
		run_members(&gang);
		np_io_rmdirs(folder, existing);
		ret = conclude(&gang, err);
	}
	free_gang(&gang);
	return ret;
}
