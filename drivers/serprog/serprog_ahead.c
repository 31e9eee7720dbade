/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests sent before the replies of those in front of them have come: what keeps a programmer busy
 * that is a long round trip away. Replies come in the order of the requests. Whatever fails ends the
 * row: the far end does nothing more of it, and all that is not done is sent again.
 */
#include "serprog/serprog_int.h"

#define CRCS_AHEAD 4 /* of 64 KiB: a stop request waits for what is on the way */

static bool is_small_crc(const struct spi_msg *msg)
{
	struct wire_read read;

	return msg->rx_len <= BRIDGE_CRC_PIECE && wire_parse_read(msg, &read);
}

static bool can_be_sent(const struct serprog *sp, const struct spi_msg *msg,
                        const struct wire_step *step)
{
	switch (step->kind) {
	case WIRE_XFER:
	case WIRE_READ:
		return bridge_is_frame(sp, msg, step->kind) && msg->rx_len <= UINT16_MAX;
	case WIRE_CRC:
		return is_small_crc(msg);
	case WIRE_PROGRAM:
	case WIRE_EXEC:
		return true;
	case WIRE_WAIT:
		break;
	}
	return false;
}

/* May `bytes` more go out now? */
static bool has_room(const struct serprog_run *run, const struct wire_step *step, size_t bytes)
{
	size_t crcs = 0, all = bytes;

	if (!run->sent_count && !run->behind)
		return true;
	if (!run->sp->ahead || run->sent_count == BRIDGE_SENT_MOST || !bridge_pages_all_sent(run) ||
	    (step->kind == WIRE_PROGRAM && run->stream_count == BRIDGE_STREAMS))
		return false;
	for (size_t i = 0; i < run->sent_count; i++) {
		crcs += run->sent[i].kind == WIRE_CRC;
		all += run->sent[i].bytes;
	}
	return all <= run->sp->window && (step->kind != WIRE_CRC || crcs < CRCS_AHEAD);
}

static int send_step(struct serprog_run *run, const struct wire_step *step,
                     struct serprog_sent *sent)
{
	switch (step->kind) {
	case WIRE_CRC:
		return bridge_send_crc(run, sent->base, &sent->seq);
	case WIRE_PROGRAM:
		return bridge_send_pages(run, sent->base, step, &sent->seq);
	case WIRE_EXEC:
		return bridge_send_exec(run, sent->base, step, 0, &sent->seq);
	default:
		return bridge_send_frames(run, sent->base, sent->msgs, &sent->seq);
	}
}

int bridge_send_ahead(struct serprog_run *run)
{
	int ret = 0;

	while (!ret && run->next < run->count) {
		struct serprog_sent *sent = &run->sent[run->sent_count];
		const struct spi_msg *msg = &run->msgs[run->next];
		size_t left = run->count - run->next, msgs, bytes = WIRE_REQUEST_MAX;
		struct wire_step step;

		wire_next_step(msg, left, &step);
		if (!can_be_sent(run->sp, msg, &step))
			return 0;
		msgs = step.msgs;
		if (step.kind == WIRE_XFER || step.kind == WIRE_READ)
			msgs = bridge_frames_together(run->sp, msg, left, &bytes);
		if (!has_room(run, &step, bytes))
			return 0;
		*sent = (struct serprog_sent){run->next, msgs, bytes, step.kind, 0};
		ret = send_step(run, &step, sent);
		run->sent_count++;
		run->next += msgs;
	}
	return ret;
}

bool bridge_take_sent(struct serprog_run *run, struct serprog_sent *sent)
{
	if (!run->sent_count || run->sent[0].base != run->base)
		return false;
	*sent = run->sent[0];
	run->sent_count--;
	for (size_t i = 0; i < run->sent_count; i++)
		run->sent[i] = run->sent[i + 1];
	return true;
}

void bridge_forget_sent(struct serprog_run *run)
{
	run->sent_count = run->stream_count = 0;
	run->next = BRIDGE_SEND_NONE;
}
