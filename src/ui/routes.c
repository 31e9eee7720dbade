/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the page can ask for. The names are the page's own, no interface for others: doc/LIBRARY.md has
 * that. */
#include "ui/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ui/show.h"

#define LOOK_MAX    65536 /* bytes of a chip that are read for looking */
#define PATTERN_MAX 256
#define OK          200
#define BAD         400
#define DENIED      401

/* ---- helpers ---- */

static bool number_of(const char *text, uint64_t *value)
{
	char *end;

	if (!text || text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*value = strtoull(text, &end, 10);
	return !errno && !*end;
}

static void answer_bad(struct ui_call *call)
{
	ui_answer_json(call, BAD,
	               json_pack("{s:s, s:s, s:s, s:s}", "code", "usage", "message",
	                         "the request is not understood", "hint", "reload the page", "gate",
	                         ""));
}

/* A text of a body {"NAME": "..."}; *body is to be released. NULL: not given or null. */
static const char *text_of(struct ui_call *call, const char *name, json_t **body)
{
	json_error_t error;
	const char *text;

	*body = call->body ? json_loadb(call->body, call->len, 0, &error) : NULL;
	text = json_string_value(json_object_get(*body, name));
	return text && *text ? text : NULL;
}

/* ---- the key ---- */

/* The token of the printed address, once, for the key of all further requests. */
static void get_key(struct ui_call *call)
{
	struct ui_server *server = call->server;
	bool good;

	pthread_mutex_lock(&server->lock);
	good = ui_guard_take_once(&server->guard, ui_header(call, "X-Norprog-Token"));
	pthread_mutex_unlock(&server->lock);
	if (good)
		ui_answer_json(call, OK, json_pack("{s:s}", "key", server->guard.key));
	else
		ui_answer_json(call, DENIED, json_pack("{s:s}", "code", "token"));
}

/* A new token, for one more browser: asked for by one that has the key. */
static void new_token(struct ui_call *call)
{
	struct ui_server *server = call->server;
	char token[UI_SECRET_LEN + 1];
	int ret = ui_secret_make(token);

	if (ret) {
		ui_answer_result(call, ret, NULL);
		return;
	}
	pthread_mutex_lock(&server->lock);
	memcpy(server->guard.once, token, sizeof(token));
	pthread_mutex_unlock(&server->lock);
	ui_answer_json(call, OK, json_pack("{s:s}", "token", token));
}

/* ---- the chip and its job ---- */

static void watch(struct ui_call *call)
{
	call->stream = true;
}

static void open_programmer(struct ui_call *call)
{
	json_t *body;
	const char *spec = text_of(call, "spec", &body);

	ui_answer_result(call, ui_bench_open(call->server->bench, spec), NULL);
	json_decref(body);
}

static void examine(struct ui_call *call)
{
	ui_answer_result(call, ui_bench_examine(call->server->bench), NULL);
}

/* The page offers what norprog knows by name; files of this machine are for -l alone. */
static void set_layout(struct ui_call *call)
{
	json_t *body;
	const char *name = text_of(call, "name", &body);

	if (name && strpbrk(name, "/."))
		answer_bad(call);
	else
		ui_answer_result(call, ui_bench_layout(call->server->bench, name), NULL);
	json_decref(body);
}

static void post_job(struct ui_call *call)
{
	struct ui_order order;
	const char *why;

	if (ui_order_parse(call->body ? call->body : "", call->len, &order, &why))
		ui_answer_result(call, ui_bench_order(call->server->bench, &order), NULL);
	else
		answer_bad(call);
}

static void post_go(struct ui_call *call)
{
	json_error_t error;
	json_t *body = call->body ? json_loadb(call->body, call->len, 0, &error) : NULL;
	json_int_t number = json_integer_value(json_object_get(body, "number"));

	json_decref(body);
	ui_answer_result(call, ui_bench_go(call->server->bench, number), NULL);
}

static void post_stop(struct ui_call *call)
{
	ui_bench_stop(call->server->bench);
	ui_answer_result(call, 0, NULL);
}

static void post_clear(struct ui_call *call)
{
	ui_answer_result(call, ui_bench_clear(call->server->bench), NULL);
}

static void post_look(struct ui_call *call)
{
	ui_answer_result(call, ui_bench_look(call->server->bench), NULL);
}

/* ---- files ---- */

/* The plan that is shown was made of the file before, so it cannot be run any more. */
static void answer_file(struct ui_call *call, int ret, json_t *error)
{
	if (!ret)
		ui_bench_unshow(call->server->bench);
	ui_answer_result(call, ret, error);
}

static void put_file(struct ui_call *call)
{
	const char *name = ui_parameter(call, "name");
	json_t *error = NULL;
	int ret = ui_desk_take(call->server->desk, name ? name : "file",
	                       call->body ? call->body : "", call->len, &error);

	answer_file(call, ret, error);
}

static void take_backup(struct ui_call *call)
{
	json_t *body, *error = NULL;
	const char *path = text_of(call, "path", &body);
	int ret = path ? ui_desk_take_backup(call->server->desk, path, &error) : 0;

	if (path)
		answer_file(call, ret, error);
	else
		answer_bad(call);
	json_decref(body);
}

static void drop_file(struct ui_call *call)
{
	ui_desk_drop(call->server->desk);
	answer_file(call, 0, NULL);
}

static void set_field(struct ui_call *call)
{
	json_t *body, *error = NULL;
	const char *assignment = text_of(call, "set", &body);
	int ret = assignment ? ui_desk_set_field(call->server->desk, assignment, &error) : 0;

	if (assignment)
		answer_file(call, ret, error);
	else
		answer_bad(call);
	json_decref(body);
}

static void get_chip_bytes(struct ui_call *call, uint64_t start, uint64_t len)
{
	json_t *error = NULL;
	size_t got;
	void *data;
	int ret;

	if (!len || len > LOOK_MAX) {
		answer_bad(call);
		return;
	}
	data = malloc(len);
	got = (size_t)len;
	ret = data ? ui_bench_read(call->server->bench, start, data, &got, &error)
	           : NORPROG_E_MEMORY;
	if (!ret) {
		ui_answer_bytes(call, data, got);
		return;
	}
	free(data);
	ui_answer_result(call, ret, error);
}

/* from=chip|file|PATH &start= &len= (0: all, but of a chip) */
static void get_bytes(struct ui_call *call)
{
	const char *from = ui_parameter(call, "from");
	uint64_t start = 0, len = 0;
	json_t *error = NULL;
	uint8_t *data = NULL;
	size_t got = 0;
	int ret;

	if (!from || !number_of(ui_parameter(call, "start"), &start) ||
	    !number_of(ui_parameter(call, "len"), &len)) {
		answer_bad(call);
		return;
	}
	if (strcmp(from, "chip") == 0) {
		get_chip_bytes(call, start, len);
		return;
	}
	ret = ui_desk_bytes(call->server->desk, from, start, len, &data, &got, &error);
	if (ret)
		ui_answer_result(call, ret, error);
	else
		ui_answer_bytes(call, data, got);
}

/* from=file|PATH &start=, the pattern is the body */
static void find_bytes(struct ui_call *call)
{
	const char *from = ui_parameter(call, "from");
	uint64_t start = 0, at = 0;
	json_t *error = NULL;
	int ret;

	if (!from || !call->len || call->len > PATTERN_MAX ||
	    !number_of(ui_parameter(call, "start"), &start)) {
		answer_bad(call);
		return;
	}
	ret = ui_desk_find(call->server->desk, from, start, call->body, call->len, &at, &error);
	if (ret)
		ui_answer_result(call, ret, error);
	else
		ui_answer_json(call, OK,
		               json_pack("{s:I}", "at",
		                         at == UINT64_MAX ? (json_int_t)-1 : (json_int_t)at));
}

static void compare(struct ui_call *call)
{
	const char *a = ui_parameter(call, "a"), *b = ui_parameter(call, "b");
	json_t *out = NULL, *error = NULL;
	int ret;

	if (!a || !b) {
		answer_bad(call);
		return;
	}
	ret = ui_desk_compare(call->server->desk, a, b, &out, &error);
	if (ret)
		ui_answer_result(call, ret, error);
	else
		ui_answer_json(call, OK, out);
}

/* ---- what is supported ---- */

static void add_part(void *ctx, const struct norprog_part *part)
{
	json_array_append_new(ctx, ui_show_part(part));
}

static void get_chips(struct ui_call *call)
{
	json_t *parts = json_array();

	norprog_parts(add_part, parts);
	ui_answer_json(call, OK, parts);
}

static void get_layouts(struct ui_call *call)
{
	const char *pattern = ui_parameter(call, "q");

	ui_answer_json(call, OK, ui_desk_layouts(call->server->desk, pattern ? pattern : ""));
}

/* What each gate protects, for those who want to know why they were refused. */
static void get_gates(struct ui_call *call)
{
	json_t *gates = json_object();
	const struct norprog_gate *gate;

	for (size_t i = 0; (gate = norprog_gate(i)); i++)
		json_object_set_new(gates, gate->name, ui_text(gate->protects));
	ui_answer_json(call, OK, gates);
}

/* ---- the table ---- */

static const struct ui_route routes[] = {
	{"POST", "/api/key", true, false, get_key},
	{"POST", "/api/token", false, false, new_token},
	{"GET", "/api/watch", false, false, watch},
	{"POST", "/api/open", false, false, open_programmer},
	{"POST", "/api/layout", false, false, set_layout},
	{"POST", "/api/doctor", false, false, examine},
	{"POST", "/api/job", false, false, post_job},
	{"POST", "/api/go", false, false, post_go},
	{"POST", "/api/stop", false, false, post_stop},
	{"POST", "/api/clear", false, false, post_clear},
	{"POST", "/api/look", false, false, post_look},
	{"POST", "/api/file", false, true, put_file},
	{"POST", "/api/backup", false, false, take_backup},
	{"POST", "/api/drop", false, false, drop_file},
	{"POST", "/api/field", false, false, set_field},
	{"GET", "/api/bytes", false, false, get_bytes},
	{"POST", "/api/find", false, false, find_bytes},
	{"GET", "/api/compare", false, false, compare},
	{"GET", "/api/chips", false, false, get_chips},
	{"GET", "/api/layouts", false, false, get_layouts},
	{"GET", "/api/gates", false, false, get_gates},
};

const struct ui_route *ui_route_find(const char *method, const char *path)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
		if (strcmp(routes[i].method, method) == 0 && strcmp(routes[i].path, path) == 0)
			return &routes[i];
	return NULL;
}
