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

/* NAK, ACK is SYNCNOP's answer and no other command's. On a connection nothing else follows the answer
 * to the first, so that it need not be awaited before more is asked. */
static int sync_once(struct serprog *sp, bool first, struct np_error *err)
{
	static const uint8_t start[] = {SERPROG_SYNCNOP, SERPROG_Q_IFACE, SERPROG_Q_CMDMAP};
	bool connection = !sp->line.ops->set_baud;
	uint64_t end = sp->line.ops->now_us(sp->line.self) + SYNC_WAIT_US;
	uint8_t before = 0;
	int ret;

	sp->map_asked = first && connection;
	ret = sp_write(sp, start, sp->map_asked ? sizeof(start) : 1, err);

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
	bool first = true;
	int ret;

	do {
		ret = sync_once(sp, first, err);
		first = false;
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
