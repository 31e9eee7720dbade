/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The line to a client: bytes in, bytes out, and the programmer behind it. */
#include "serve/conn.h"

#include <stdlib.h>
#include <string.h>

#include "base/stop.h"

#define SLICE_US     200000u   /* between looks for a stop request */
#define DRAIN_MAX_US 10000000u /* of a client that never falls silent */
#define FIRST_US     10000000u /* until a client says something that is a command */
#define GUARD_US     (BRIDGE_GUARD_MS * 1000u)

static int read_some(struct conn *conn, uint32_t wait_us)
{
	size_t got = 0;
	int ret;

	if (conn->gone)
		return NP_E_GONE;
	if (conn->in_at == conn->in_len)
		conn->in_at = conn->in_len = 0;
	if (conn->in_len == CONN_IN) {
		memmove(conn->in, conn_at(conn), conn_have(conn));
		conn->in_len -= conn->in_at;
		conn->in_at = 0;
	}
	if (conn->in_len == CONN_IN)
		return 0;
	ret = conn->line.ops->read(conn->line.self, conn->in + conn->in_len, CONN_IN - conn->in_len,
	                           wait_us, &got, NULL);
	conn->in_len += got;
	conn->gone = ret != 0;
	return ret ? NP_E_GONE : got ? 0 : CONN_LATE;
}

int conn_need(struct conn *conn, size_t len, uint32_t wait_us)
{
	int ret = 0;

	if (conn_have(conn) < len && conn_flush(conn))
		return NP_E_GONE;
	while (!ret && conn_have(conn) < len)
		ret = read_some(conn, wait_us);
	return ret;
}

size_t conn_poll(struct conn *conn)
{
	if (conn_have(conn) < CONN_IN / 2)
		(void)read_some(conn, 0);
	return conn_have(conn);
}

bool conn_wants_stop(struct conn *conn)
{
	return np_stop_level() || conn->gone ||
	       (conn_poll(conn) && *conn_at(conn) == SERPROG_NOP) || conn->gone;
}

void conn_drain(struct conn *conn)
{
	uint64_t end = conn->line.ops->now_us(conn->line.self) + DRAIN_MAX_US;
	int ret = conn_flush(conn);

	while (!ret) {
		conn->in_at = conn->in_len;
		ret = read_some(conn, CONN_QUIET_US);
		if (!ret && conn->line.ops->now_us(conn->line.self) > end)
			conn->gone = true;
	}
	conn->in_at = conn->in_len;
}

int conn_flush(struct conn *conn)
{
	if (!conn->gone && conn->out_len)
		conn->gone =
			conn->line.ops->write(conn->line.self, conn->out, conn->out_len, NULL) != 0;
	conn->out_len = 0;
	return conn->gone ? NP_E_GONE : 0;
}

void conn_put(struct conn *conn, const void *data, size_t len)
{
	const uint8_t *from = data;

	while (len) {
		size_t room = CONN_OUT - conn->out_len, n = len < room ? len : room;

		memcpy(conn->out + conn->out_len, from, n);
		conn->out_len += n;
		from += n;
		len -= n;
		if (conn->out_len == CONN_OUT)
			(void)conn_flush(conn);
	}
}

/* ---- the programmer ---- */

void conn_let_go(struct conn *conn)
{
	nor_told_close(conn->told);
	spi_close(conn->bus);
	conn->told = NULL;
	conn->bus = NULL;
}

struct spi_bus *conn_bus(struct conn *conn)
{
	int ret;

	if (conn->bus || conn->failure.code)
		return conn->bus;
	ret = conn->target->open(conn->target->ctx, &conn->bus, &conn->failure);
	if (!ret)
		ret = nor_told_open(conn->bus, &conn->told, &conn->failure);
	if (ret)
		conn_let_go(conn);
	return conn->bus;
}

struct nor_told *conn_told(struct conn *conn)
{
	(void)conn_bus(conn);
	return conn->told;
}

const struct spi_caps *conn_caps(const struct conn *conn)
{
	return conn->bus ? spi_caps(conn->bus) : &conn->target->caps;
}

/* ---- commands ---- */

/* Wait for a command; false when the client is to be left. */
static bool await_command(struct conn *conn, bool greeted)
{
	const struct serial_ops *ops = conn->line.ops;
	uint64_t begun = ops->now_us(conn->line.self), idle;
	int ret = CONN_LATE;

	while (ret == CONN_LATE) {
		ret = conn_need(conn, 1, SLICE_US);
		if (np_stop_level())
			return false;
		idle = ops->now_us(conn->line.self) - begun;
		if (ret && idle > GUARD_US)
			conn->guard = false;
		if (ret && !greeted && idle > FIRST_US)
			return false;
	}
	return !ret;
}

/* What is no command, or a refused one, and all that comes with it. */
static void refuse(struct conn *conn)
{
	static const uint8_t nak = SERPROG_NAK;

	conn_put(conn, &nak, 1);
	conn_drain(conn);
}

static void obey(struct conn *conn, bool *greeted)
{
	uint8_t cmd = *conn_at(conn);

	if (cmd >= BRIDGE_HELLO && cmd <= BRIDGE_SPEED)
		*greeted |= bridge_command(conn);
	else if (plain_command(conn))
		*greeted = true;
	else
		refuse(conn);
}

int serve_client(const struct serial *line, const struct serve_target *target, struct np_error *err)
{
	struct conn conn = {.line = *line, .target = target};
	bool greeted = false;
	int ret = 0;

	conn.in = malloc(CONN_IN);
	conn.out = malloc(CONN_OUT);
	if (!conn.in || !conn.out)
		ret = np_fail(err, NP_E_MEMORY, "out of memory");
	while (!ret && !conn.failure.code && await_command(&conn, greeted))
		obey(&conn, &greeted);
	if (!ret)
		(void)conn_flush(&conn);
	conn_let_go(&conn);
	free(conn.in);
	free(conn.out);
	if (!ret && conn.failure.code) {
		*err = conn.failure;
		ret = err->code;
	}
	return ret;
}
