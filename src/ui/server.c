/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/server.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define CONNECTIONS   64
#define FROM_ONE      32 /* of these, so that one address cannot keep all others out */
#define IDLE_SECONDS  60
#define ALIVE_MS      10000
#define FRAME_NS      16000000 /* 60 updates a second are enough for an eye */
#define STREAM_BLOCK  32768
#define ROOM_AT_FIRST 65536

/* Nothing from elsewhere, nothing inline, and in no frame of another page. */
#define POLICY                                                                      \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " \
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/* ---- answers ---- */

void ui_answer_json(struct ui_call *call, unsigned status, json_t *value)
{
	char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

	json_decref(value);
	call->status = text ? status : MHD_HTTP_INTERNAL_SERVER_ERROR;
	call->type = "application/json";
	call->answer = text;
	call->answer_len = text ? strlen(text) : 0;
}

void ui_answer_bytes(struct ui_call *call, void *data, size_t len)
{
	call->status = MHD_HTTP_OK;
	call->type = "application/octet-stream";
	call->answer = data;
	call->answer_len = len;
}

void ui_answer_result(struct ui_call *call, int ret, json_t *error)
{
	unsigned status = ret == NORPROG_E_BUSY      ? MHD_HTTP_CONFLICT
	                  : ret == NORPROG_E_CONFIRM ? MHD_HTTP_CONFLICT
	                                             : MHD_HTTP_BAD_REQUEST;

	if (!ret) {
		ui_answer_json(call, MHD_HTTP_OK, json_object());
		return;
	}
	if (!error)
		error = json_pack("{s:s, s:s, s:s, s:s}", "code", norprog_code_name(ret), "message",
		                  ret == NORPROG_E_BUSY ? "something else is under way"
		                                        : norprog_code_text(ret),
		                  "hint", ret == NORPROG_E_BUSY ? "wait for it, or stop it" : "",
		                  "gate", "");
	ui_answer_json(call, status, error);
}

const char *ui_parameter(struct ui_call *call, const char *name)
{
	return MHD_lookup_connection_value(call->connection, MHD_GET_ARGUMENT_KIND, name);
}

const char *ui_header(struct ui_call *call, const char *name)
{
	return MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, name);
}

static void add_headers(struct MHD_Response *response, const char *type)
{
	MHD_add_response_header(response, "Content-Type", type);
	MHD_add_response_header(response, "Content-Security-Policy", POLICY);
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
	MHD_add_response_header(response, "Cross-Origin-Resource-Policy", "same-origin");
	MHD_add_response_header(response, "Cross-Origin-Opener-Policy", "same-origin");
	MHD_add_response_header(response, "Cache-Control", "no-store");
}

static enum MHD_Result send_data(struct MHD_Connection *connection, unsigned status,
                                 const char *type, void *data, size_t len,
                                 enum MHD_ResponseMemoryMode mode)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(len, data, mode);
	enum MHD_Result ret;

	if (!response)
		return MHD_NO;
	add_headers(response, type);
	ret = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return ret;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status, const char *text)
{
	return send_data(connection, status, "text/plain; charset=utf-8", (void *)(uintptr_t)text,
	                 strlen(text), MHD_RESPMEM_PERSISTENT);
}

/* ---- the stream of events ---- */

struct stream {
	struct ui_hub *hub;
	struct ui_seen seen;
	char *text; /* owned: being sent */
	size_t len, at;
	struct timespec told;
};

/* Collects what happens within a frame into one message. */
static void pace(struct stream *stream)
{
	struct timespec now;
	int64_t since;

	clock_gettime(CLOCK_MONOTONIC, &now);
	since = (now.tv_sec - stream->told.tv_sec) * 1000000000ll + now.tv_nsec -
	        stream->told.tv_nsec;
	if (since < FRAME_NS)
		nanosleep(&(struct timespec){0, FRAME_NS - (long)since}, NULL);
	clock_gettime(CLOCK_MONOTONIC, &stream->told);
}

static ssize_t stream_read(void *ctx, uint64_t pos, char *buf, size_t max)
{
	struct stream *stream = ctx;
	size_t len;

	(void)pos;
	if (stream->at == stream->len) {
		free(stream->text);
		pace(stream);
		stream->at = stream->len = 0;
		stream->text = ui_hub_next(stream->hub, &stream->seen, ALIVE_MS);
		if (!stream->text)
			return MHD_CONTENT_READER_END_OF_STREAM;
		stream->len = strlen(stream->text);
		if (!stream->len) {
			memcpy(buf, ":\n\n",
			       3); /* a comment line, whose failure shows that the page is gone */
			return 3;
		}
	}
	len = stream->len - stream->at < max ? stream->len - stream->at : max;
	memcpy(buf, stream->text + stream->at, len);
	stream->at += len;
	return (ssize_t)len;
}

static void stream_free(void *ctx)
{
	struct stream *stream = ctx;

	ui_hub_watch(stream->hub, -1);
	free(stream->text);
	free(stream);
}

static enum MHD_Result send_stream(struct ui_call *call)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	struct MHD_Response *response;
	enum MHD_Result ret;

	if (!stream)
		return MHD_NO;
	stream->hub = call->server->hub;
	ui_hub_watch(stream->hub, 1);
	response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, stream_read,
	                                             stream, stream_free);
	if (!response) {
		stream_free(stream);
		return MHD_NO;
	}
	add_headers(response, "text/event-stream");
	ret = MHD_queue_response(call->connection, MHD_HTTP_OK, response);
	MHD_destroy_response(response);
	return ret;
}

/* ---- the page ---- */

static enum MHD_Result send_page(struct MHD_Connection *connection, const char *method,
                                 const char *path)
{
	const struct ui_page *page = ui_pages;
	struct MHD_Response *response;
	enum MHD_Result ret;

	if (strcmp(method, "GET") != 0)
		return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "not this way\n");
	while (page->path && strcmp(page->path, path) != 0)
		page++;
	if (!page->path)
		return refuse(connection, MHD_HTTP_NOT_FOUND, "there is nothing here\n");
	response = MHD_create_response_from_buffer(page->len, (void *)(uintptr_t)page->packed,
	                                           MHD_RESPMEM_PERSISTENT);
	if (!response)
		return MHD_NO;
	add_headers(response, page->type);
	MHD_add_response_header(response, "Content-Encoding", "gzip");
	ret = MHD_queue_response(connection, MHD_HTTP_OK, response);
	MHD_destroy_response(response);
	return ret;
}

/* ---- requests ---- */

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static enum MHD_Result begin(struct ui_server *server, struct MHD_Connection *connection,
                             const char *method, const char *path, void **ctx)
{
	const char *host = header(connection, "Host"), *length;
	const struct ui_route *route;
	struct ui_call *call;

	if (!ui_guard_host(&server->guard, host))
		return refuse(connection, MHD_HTTP_MISDIRECTED_REQUEST,
		              "this name is not ours: use the address that norprog printed\n");
	if (!ui_guard_origin(host, header(connection, "Origin")))
		return refuse(connection, MHD_HTTP_FORBIDDEN, "another site's request\n");
	route = ui_route_find(method, path);
	if (!route)
		return send_page(connection, method, path);
	if (!route->open &&
	    !ui_guard_secret(server->guard.key, header(connection, "X-Norprog-Key")))
		return refuse(connection, MHD_HTTP_UNAUTHORIZED,
		              "open the address that norprog printed\n");
	call = calloc(1, sizeof(*call));
	if (!call)
		return MHD_NO;
	*call = (struct ui_call){.server = server, .connection = connection, .route = route};
	call->max = route->upload ? ui_desk_max(server->desk) : UI_ORDER_BYTES;
	length = header(connection, "Content-Length");
	*ctx = call;
	if (length && strtoull(length, NULL, 10) > call->max)
		return refuse(connection, MHD_HTTP_CONTENT_TOO_LARGE,
		              "longer than twice the largest chip that is supported\n");
	return MHD_YES;
}

/* A body that is too long is read and thrown away, because a client that is still sending would
 * not see the answer. */
static void collect(struct ui_call *call, const char *data, size_t len)
{
	size_t room = call->room ? call->room : ROOM_AT_FIRST;
	char *more;

	if (call->too_long || len > call->max - call->len) {
		call->too_long = true;
		return;
	}
	while (room < call->len + len + 1)
		room *= 2;
	if (room != call->room) {
		more = realloc(call->body, room);
		if (!more) {
			call->too_long = true;
			return;
		}
		call->body = more;
		call->room = room;
	}
	memcpy(call->body + call->len, data, len);
	call->len += len;
	call->body[call->len] = '\0';
}

static enum MHD_Result end_call(struct ui_call *call)
{
	void *answer;

	if (call->too_long)
		return refuse(call->connection, MHD_HTTP_CONTENT_TOO_LARGE,
		              "longer than twice the largest chip that is supported\n");
	call->status = MHD_HTTP_INTERNAL_SERVER_ERROR;
	call->type = "text/plain";
	call->route->answer(call);
	if (call->stream)
		return send_stream(call);
	answer = call->answer;
	call->answer = NULL;
	return send_data(call->connection, call->status, call->type, answer, call->answer_len,
	                 MHD_RESPMEM_MUST_FREE);
}

static enum MHD_Result handle(void *ctx, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *data,
                              size_t *len, void **con_ctx)
{
	struct ui_call *call = *con_ctx;

	(void)version;
	if (!call)
		return begin(ctx, connection, method, path, con_ctx);
	if (!*len)
		return end_call(call);
	collect(call, data, *len);
	*len = 0;
	return MHD_YES;
}

static void completed(void *ctx, struct MHD_Connection *connection, void **con_ctx,
                      enum MHD_RequestTerminationCode code)
{
	struct ui_call *call = *con_ctx;

	(void)ctx;
	(void)connection;
	(void)code;
	if (!call)
		return;
	free(call->body);
	free(call->answer);
	free(call);
	*con_ctx = NULL;
}

/* ---- starting and stopping ---- */

int ui_secret_make(char *secret)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[UI_SECRET_LEN / 2];

	if (getentropy(bytes, sizeof(bytes)) != 0)
		return NORPROG_E_FAIL;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		secret[2 * i] = digits[bytes[i] >> 4];
		secret[2 * i + 1] = digits[bytes[i] & 15];
	}
	secret[UI_SECRET_LEN] = '\0';
	return 0;
}

int ui_server_start(struct ui_server *server, int socket)
{
	pthread_mutex_init(&server->lock, NULL);
	/* A thread for each connection: a watcher may wait in its own. */
	server->daemon = MHD_start_daemon(
		MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL, 0,
		NULL, NULL, handle, server, MHD_OPTION_LISTEN_SOCKET, socket,
		MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)CONNECTIONS, MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)FROM_ONE,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_END);
	return server->daemon ? 0 : NORPROG_E_FAIL;
}

void ui_server_stop(struct ui_server *server)
{
	if (server->daemon)
		MHD_stop_daemon(server->daemon);
	pthread_mutex_destroy(&server->lock);
}
