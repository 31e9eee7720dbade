/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP: who may ask, how much, and what for. */
#ifndef NP_UI_SERVER_H
#define NP_UI_SERVER_H

#include <jansson.h>
#include <pthread.h>
#include <stddef.h>

#include "ui/bench.h"
#include "ui/desk.h"
#include "ui/guard.h"
#include "ui/hub.h"

struct MHD_Daemon;
struct MHD_Connection;

struct ui_server {
	struct ui_guard guard;
	struct ui_hub *hub;
	struct ui_desk *desk;
	struct ui_bench *bench;
	pthread_mutex_t lock; /* of guard.once */
	struct MHD_Daemon *daemon;
};

/* A request whose body is here, and the answer that is made of it. */
struct ui_call {
	struct ui_server *server;
	struct MHD_Connection *connection;
	char *body; /* owned; NUL-terminated */
	size_t len, room, max;
	bool too_long;
	const struct ui_route *route;

	unsigned status;
	const char *type; /* static */
	void *answer;     /* owned, allocated */
	size_t answer_len;
	bool stream; /* answer with events instead */
};

struct ui_route {
	const char *method, *path;
	bool open;   /* needs no key */
	bool upload; /* the body is a file */
	void (*answer)(struct ui_call *call);
};

/* The route of a request; NULL: there is none (routes.c). */
const struct ui_route *ui_route_find(const char *method, const char *path);

/* Serve on a listening socket, which is taken over. NORPROG_E_FAIL when it cannot. */
int ui_server_start(struct ui_server *server, int socket);

/* Let watchers go and end. The hub has to be ended before. */
void ui_server_stop(struct ui_server *server);

/* Answers. `value` is taken over. */
void ui_answer_json(struct ui_call *call, unsigned status, json_t *value);
void ui_answer_bytes(struct ui_call *call, void *data, size_t len);

/* By the library's code: {} or the error (taken over; NULL: the code's words). */
void ui_answer_result(struct ui_call *call, int ret, json_t *error);

/* A parameter of the address; NULL: not given. */
const char *ui_parameter(struct ui_call *call, const char *name);
const char *ui_header(struct ui_call *call, const char *name);

/* A secret of UI_SECRET_LEN characters, from the kernel. */
int ui_secret_make(char *secret);

/* The files of the page (made of src/ui/page by src/ui/embed.sh). path NULL ends. */
struct ui_page {
	const char *path, *type;
	const unsigned char *packed; /* by gzip, which every browser takes */
	size_t len;
};
extern const struct ui_page ui_pages[];

#endif
