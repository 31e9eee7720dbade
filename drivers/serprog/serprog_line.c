/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "serprog/serprog_int.h"

#define SYNC_WAIT_US   200000 /* also longer than any gap that a device waits out */
#define DISCARD_MAX_US 1000000
#define QUIET_US       40000

int sp_write(struct serprog *sp, const uint8_t *data, size_t len, struct np_error *err)
{
	return sp->line.ops->write(sp->line.self, data, len, err);
}

static void remember(struct serprog *sp)
{
	size_t room = sizeof(sp->heard) - 1 - sp->heard_len;
	size_t n = sp->in_len < room ? sp->in_len : room;

	memcpy(sp->heard + sp->heard_len, sp->in, n);
	sp->heard_len += n;
}

int sp_fill(struct serprog *sp, uint32_t wait_us, struct np_error *err)
{
	int ret;

	if (sp->in_at < sp->in_len)
		return 0;
	sp->in_at = sp->in_len = 0;
	ret = sp->line.ops->read(sp->line.self, sp->in, sizeof(sp->in), wait_us, &sp->in_len, err);
	if (ret)
		return ret;
	remember(sp);
	return sp->in_len ? 0 : LINE_FAULT;
}

int sp_read(struct serprog *sp, uint8_t *buf, size_t len, uint32_t wait_us, struct np_error *err)
{
	while (len) {
		size_t n;
		int ret = sp_fill(sp, wait_us + sp->line.slack_us, err);

		if (ret)
			return ret;
		wait_us = 0;
		n = sp->in_len - sp->in_at < len ? sp->in_len - sp->in_at : len;
		memcpy(buf, sp->in + sp->in_at, n);
		sp->in_at += n;
		buf += n;
		len -= n;
	}
	return 0;
}

int sp_discard(struct serprog *sp, uint32_t quiet_us, struct np_error *err)
{
	uint64_t end = sp->line.ops->now_us(sp->line.self) + DISCARD_MAX_US;
	int ret;

	do {
		sp->in_at = sp->in_len;
		ret = sp_fill(sp, quiet_us, err);
		if (ret == LINE_FAULT)
			return 0;
	} while (!ret && sp->line.ops->now_us(sp->line.self) < end);
	sp->in_at = sp->in_len;
	return ret ? ret : LINE_FAULT;
}

uint32_t sp_line_us(const struct serprog *sp, size_t bytes)
{
	uint64_t baud = sp->baud ? sp->baud : 9600;
	uint64_t us = bytes * 10000000ull / baud;

	return us > 100000000 ? 100000000 : (uint32_t)us;
}

/* On a connection nothing else follows the answer to the first SYNCNOP, so that it need not be awaited
 * before more is asked: all that a stranger is asked goes out in one round trip. */
static int ask_first(struct serprog *sp, struct np_error *err)
{
	uint8_t start[3 + WIRE_REQUEST_MAX] = {SERPROG_SYNCNOP, SERPROG_Q_IFACE, SERPROG_Q_CMDMAP};
	struct wire_request hello = {.len = 0};

	sp->map_asked = !sp->asked_us && !sp->line.ops->set_baud;
	sp->hello_asked = sp->map_asked && sp->may_be_bridge;
	if (sp->hello_asked)
		bridge_make_first_hello(sp, &hello);
	memcpy(start + 3, hello.bytes, hello.len);
	sp->asked_us = sp->line.ops->now_us(sp->line.self) | 1;
	return sp_write(sp, start, sp->map_asked ? 3 + hello.len : 1, err);
}

/* NAK, ACK is SYNCNOP's answer and no other command's. */
static int sync_once(struct serprog *sp, struct np_error *err)
{
	uint64_t end = sp->line.ops->now_us(sp->line.self) + SYNC_WAIT_US;
	uint8_t before = 0;
	int ret = ask_first(sp, err);

	while (!ret && sp->line.ops->now_us(sp->line.self) < end) {
		uint8_t byte;

		ret = sp_fill(sp, SYNC_WAIT_US, err);
		if (ret)
			break;
		byte = sp->in[sp->in_at++];
		if (before == SERPROG_NAK && byte == SERPROG_ACK)
			return sp->map_asked ? 0 : sp_discard(sp, QUIET_US, err);
		before = byte;
	}
	return ret ? ret : LINE_FAULT;
}

int sp_sync(struct serprog *sp, uint32_t limit_us, struct np_error *err)
{
	static const uint8_t nops[8] = {0};
	uint64_t end = sp->line.ops->now_us(sp->line.self) + limit_us;
	int ret;

	do {
		ret = sync_once(sp, err);
		if (ret <= 0)
			return ret;
		/* A device in the middle of a command takes these for its parameters. */
		ret = sp_write(sp, nops, sizeof(nops), err);
		if (!ret)
			ret = sp_discard(sp, QUIET_US, err);
		if (ret < 0)
			return ret;
	} while (sp->line.ops->now_us(sp->line.self) < end);
	return LINE_FAULT;
}

int sp_progress(const struct serprog_run *run, size_t msg, size_t bytes)
{
	return run->progress ? run->progress(run->ctx, msg, bytes) : 0;
}
