/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/far.h"

#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "serprog/serprog.h"
#include "serve/serve.h"

#define CLIENT 0
#define SERVER 1

/* Bytes under way, and when they arrive. */
struct chunk {
	struct chunk *next;
	uint64_t at_us;
	size_t len, taken;
	uint8_t bytes[];
};

struct side {
	struct far *far;
	struct chunk *first, **end; /* for this side */
	uint64_t now_us;
	uint64_t until_us; /* it waits for bytes, at most until then */
	bool waits, closed;
};

struct far {
	pthread_mutex_t lock;
	pthread_cond_t turn_changed;
	pthread_t server;
	int turn; /* who may run */
	struct side side[2];
	uint32_t one_way_us;
	uint64_t idles;
	uint64_t writes_left; /* until the line breaks; 0: it does not */
	bool lost, broken;

	struct spi_opened behind; /* the programmer itself */
	struct spi_ops ops;       /* its own, but closing it only says so */
	struct norsim *chip;
	uint64_t chip_ns; /* its clock when last looked at */
	bool open, running;
};

static struct side *other(struct side *side)
{
	return &side->far->side[side == &side->far->side[CLIENT] ? SERVER : CLIENT];
}

static int index_of(const struct side *side)
{
	return side == &side->far->side[SERVER];
}

/* The server's clock goes on by what its bus did. */
static void catch_up(struct side *side)
{
	uint64_t now_ns;

	if (index_of(side) != SERVER)
		return;
	now_ns = norsim_now(side->far->chip);
	side->now_us += (now_ns - side->far->chip_ns) / 1000;
	side->far->chip_ns += (now_ns - side->far->chip_ns) / 1000 * 1000;
}

static void drop(struct side *side)
{
	for (struct chunk *next; side->first; side->first = next) {
		next = side->first->next;
		free(side->first);
	}
	side->end = &side->first;
}

static bool is_broken(struct far *far)
{
	if (far->writes_left && --far->writes_left == 0) {
		far->broken = true;
		for (int i = 0; i < 2 && far->lost; i++)
			drop(&far->side[i]);
	}
	return far->broken;
}

static int gone(struct np_error *err)
{
	np_fail(err, NP_E_GONE, "the other side is gone");
	return np_hint(err, "look at the program at the other end, then run norprog again");
}

static int line_write(void *self, const uint8_t *data, size_t len, struct np_error *err)
{
	struct side *side = self, *to = other(side);
	struct chunk *chunk = malloc(sizeof(*chunk) + len);

	ck_assert_ptr_nonnull(chunk);
	catch_up(side);
	if (is_broken(side->far) || to->closed) {
		free(chunk);
		return gone(err);
	}
	*chunk = (struct chunk){.at_us = side->now_us + side->far->one_way_us, .len = len};
	memcpy(chunk->bytes, data, len);
	*to->end = chunk;
	to->end = &chunk->next;
	return 0;
}

static void give_turn(struct side *side)
{
	struct far *far = side->far;
	int me = index_of(side);

	pthread_mutex_lock(&far->lock);
	far->turn = !me;
	pthread_cond_broadcast(&far->turn_changed);
	while (far->turn != me)
		pthread_cond_wait(&far->turn_changed, &far->lock);
	pthread_mutex_unlock(&far->lock);
}

static size_t take(struct side *side, uint8_t *buf, size_t len)
{
	size_t got = 0;

	while (got < len && side->first && side->first->at_us <= side->now_us) {
		struct chunk *chunk = side->first;
		size_t left = chunk->len - chunk->taken, n = left < len - got ? left : len - got;

		memcpy(buf + got, chunk->bytes + chunk->taken, n);
		got += n;
		chunk->taken += n;
		if (chunk->taken < chunk->len)
			break;
		side->first = chunk->next;
		if (!side->first)
			side->end = &side->first;
		free(chunk);
	}
	return got;
}

static void go_to(struct side *side, uint64_t us)
{
	if (us <= side->now_us)
		return;
	if (index_of(side) == SERVER && us - side->now_us >= side->far->one_way_us)
		side->far->idles++;
	side->now_us = us;
}

/* The other side runs until something is here, it is gone, or both wait and this one's wait is the
 * first to end. */
static void await(struct side *side)
{
	struct side *peer = other(side);

	side->waits = true;
	while (!side->first && !peer->closed && !side->far->broken &&
	       !(peer->waits && !peer->first && side->until_us <= peer->until_us))
		give_turn(side);
	side->waits = false;
}

static int line_read(void *self, uint8_t *buf, size_t len, uint32_t wait_us, size_t *got,
                     struct np_error *err)
{
	struct side *side = self;

	catch_up(side);
	*got = take(side, buf, len);
	if (*got)
		return 0;
	side->until_us = side->now_us + wait_us;
	if (!side->first && wait_us)
		await(side);
	if (side->first && side->first->at_us <= side->until_us) {
		go_to(side, side->first->at_us);
		*got = take(side, buf, len);
		return 0;
	}
	if (!side->first && (other(side)->closed || side->far->broken))
		return gone(err);
	go_to(side, side->until_us);
	return 0;
}

static uint64_t line_now(void *self)
{
	catch_up(self);
	return ((struct side *)self)->now_us;
}

static void line_sleep(void *self, uint32_t us)
{
	((struct side *)self)->now_us += us;
}

static void server_line_closes(void *self)
{
	(void)self;
}

/* The client's end: the server runs until it has noticed. */
static void client_line_closes(void *self)
{
	struct side *side = self;
	struct far *far = side->far;

	side->closed = true;
	if (!far->side[SERVER].closed)
		give_turn(side);
	pthread_join(far->server, NULL);
	far->running = false;
	far->behind.ops->close(far->behind.self);
	drop(&far->side[CLIENT]);
	drop(&far->side[SERVER]);
}

static const struct serial_ops client_ops = {.write = line_write,
                                             .read = line_read,
                                             .now_us = line_now,
                                             .sleep_us = line_sleep,
                                             .close = client_line_closes};
static const struct serial_ops server_ops = {.write = line_write,
                                             .read = line_read,
                                             .now_us = line_now,
                                             .sleep_us = line_sleep,
                                             .close = server_line_closes};

/* ---- the server ---- */

static int open_bus(void *ctx, struct spi_bus **bus, struct np_error *err)
{
	struct far *far = ctx;
	struct spi_opened opened = far->behind;

	opened.ops = &far->ops;
	opened.self = far;
	far->open = true;
	return spi_wrap(&opened, bus, err);
}

static int bus_run(void *self, struct spi_msg *msgs, size_t count, size_t *done,
                   spi_progress_fn *progress, void *ctx, struct np_error *err)
{
	struct far *far = self;

	return far->behind.ops->run(far->behind.self, msgs, count, done, progress, ctx, err);
}

static int bus_set_hz(void *self, uint32_t hz, struct np_error *err)
{
	struct far *far = self;

	return far->behind.ops->set_hz(far->behind.self, hz, err);
}

static void bus_sleep(void *self, uint64_t us)
{
	struct far *far = self;

	norsim_time(far->chip, us * 1000);
}

static void bus_close(void *self)
{
	((struct far *)self)->open = false;
}

static void *serve(void *arg)
{
	struct far *far = arg;
	struct side *side = &far->side[SERVER];
	const struct serial line = {.ops = &server_ops, .self = side, .name = "far"};
	const struct serve_target target = {
		.open = open_bus, .ctx = far, .caps = *far->behind.caps};
	struct np_error err = {0};

	pthread_mutex_lock(&far->lock);
	while (far->turn != SERVER)
		pthread_cond_wait(&far->turn_changed, &far->lock);
	pthread_mutex_unlock(&far->lock);
	(void)serve_client(&line, &target, &err);
	pthread_mutex_lock(&far->lock);
	side->closed = true;
	far->turn = CLIENT;
	pthread_cond_broadcast(&far->turn_changed);
	pthread_mutex_unlock(&far->lock);
	return NULL;
}

/* ---- the client ---- */

static int wrap(struct spi_opened *opened, void *ctx)
{
	struct far *far = ctx;
	const struct serprog_options options = {.token = 0x1234567};
	struct serial line = {.ops = &client_ops,
	                      .self = &far->side[CLIENT],
	                      .name = "far",
	                      .latency_us = 2000,
	                      .slack_us = 2000000};
	struct np_error err = {0};
	int ret;

	far->behind = *opened;
	far->chip = sim_chip(opened->self);
	far->chip_ns = norsim_now(far->chip);
	for (int i = 0; i < 2; i++) {
		far->side[i] = (struct side){.far = far};
		far->side[i].end = &far->side[i].first;
	}
	far->turn = CLIENT;
	far->idles = far->writes_left = 0;
	far->broken = false;
	ck_assert_int_eq(pthread_create(&far->server, NULL, serve, far), 0);
	far->running = true;
	ret = serprog_start(&line, &options, opened, &err);
	ck_assert_msg(ret == 0, "%s", err.message);
	return ret;
}

struct far *far_put(struct rig *rig, uint32_t one_way_us)
{
	struct far *far = calloc(1, sizeof(*far));

	ck_assert_ptr_nonnull(far);
	pthread_mutex_init(&far->lock, NULL);
	pthread_cond_init(&far->turn_changed, NULL);
	far->one_way_us = one_way_us;
	far->ops = (struct spi_ops){
		.run = bus_run, .set_hz = bus_set_hz, .close = bus_close, .sleep = bus_sleep};
	rig->wrap = wrap;
	rig->wrap_ctx = far;
	return far;
}

uint64_t far_us(const struct far *far)
{
	return far->side[CLIENT].now_us;
}

uint64_t far_idles(const struct far *far)
{
	return far->idles;
}

void far_break(struct far *far, uint64_t writes, bool lost)
{
	far->writes_left = writes;
	far->lost = lost;
}

uint64_t far_writes_left(const struct far *far)
{
	return far->writes_left;
}

bool far_is_released(const struct far *far)
{
	return !far->open;
}

void far_free(struct far *far)
{
	pthread_mutex_destroy(&far->lock);
	pthread_cond_destroy(&far->turn_changed);
	free(far);
}
