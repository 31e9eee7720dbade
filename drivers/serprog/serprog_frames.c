/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages that go to the bridge as they are, many together. */
#include <string.h>

#include "base/hash.h"
#include "serprog/serprog_int.h"

#define FRAMES_MOST 64   /* together */
#define SHORT_READ  4096 /* that goes as a frame, many in flight */

/* Frames sent without waiting for the replies of those before. Only the last may receive: if its
 * reply is lost it is asked again, and nothing has been done since that could change the answer.
 * Over a connection that loses nothing all may. */
struct frames {
	const struct serprog_run *run;
	struct spi_msg *msgs;
	size_t count, done;
	uint8_t first_seq;
	bool sent;
};

static size_t frame_bytes(const struct spi_msg *msg)
{
	return 2 + BRIDGE_XFER_PARAMS + msg->cmd_len + msg->tx_len + 4;
}

/* Short reads, among others the samples of a chip, go along as frames. */
bool bridge_is_frame(const struct serprog *sp, const struct spi_msg *msg, enum wire_kind kind)
{
	return kind == WIRE_XFER || (sp->ahead && kind == WIRE_READ && msg->rx_len <= SHORT_READ);
}

size_t bridge_frames_together(const struct serprog *sp, const struct spi_msg *msgs, size_t count,
                              size_t *bytes)
{
	struct wire_step step;
	size_t n = 1;

	*bytes = frame_bytes(&msgs[0]);
	for (; n < count && n < FRAMES_MOST && (sp->ahead || !msgs[n - 1].rx_len); n++) {
		wire_next_step(&msgs[n], count - n, &step);
		if (!bridge_is_frame(sp, &msgs[n], step.kind) || msgs[n].rx_len > UINT16_MAX ||
		    *bytes + frame_bytes(&msgs[n]) > sp->window)
			break;
		*bytes += frame_bytes(&msgs[n]);
	}
	return n;
}

static int send_frame(const struct frames *frames, size_t i)
{
	const struct spi_msg *msg = &frames->msgs[i];
	struct serprog *sp = frames->run->sp;
	uint8_t bytes[WIRE_REQUEST_MAX + BRIDGE_FRAME_MAX];
	struct wire_request head;
	size_t len;

	wire_begin(&head, BRIDGE_XFER, (uint8_t)(frames->first_seq + i));
	wire_u16(&head, (uint16_t)(msg->cmd_len + msg->tx_len));
	wire_u16(&head, (uint16_t)msg->rx_len);
	wire_u32(&head, msg->pause_us);
	memcpy(bytes, head.bytes, head.len);
	memcpy(bytes + head.len, msg->cmd, msg->cmd_len);
	len = head.len + msg->cmd_len;
	if (msg->tx_len)
		memcpy(bytes + len, msg->tx, msg->tx_len);
	len += msg->tx_len;
	wire_put32(bytes + len, np_crc32(0, bytes, len));
	return sp_write(sp, bytes, len + 4, frames->run->err);
}

int bridge_send_frames(struct serprog_run *run, size_t base, size_t count, uint8_t *seq)
{
	struct frames frames = {.run = run, .msgs = &run->msgs[base], .count = count};
	int ret = 0;

	frames.first_seq = *seq = (uint8_t)(run->sp->seq + 1);
	run->sp->seq = (uint8_t)(run->sp->seq + count);
	for (size_t i = 0; i < count && !ret; i++)
		ret = send_frame(&frames, i);
	return ret;
}

/* Send what is not done, take the replies in order. */
static int exchange_frames(struct frames *frames)
{
	struct serprog *sp = frames->run->sp;
	int ret = 0;

	for (size_t i = frames->done; i < frames->count && !ret && !frames->sent; i++)
		ret = send_frame(frames, i);
	frames->sent = false;
	while (!ret && frames->done < frames->count) {
		struct spi_msg *msg = &frames->msgs[frames->done];
		struct bridge_reply reply = {.payload = msg->rx, .len = msg->rx_len};

		ret = bridge_read_reply(
			sp, BRIDGE_XFER, (uint8_t)(frames->first_seq + frames->done), -1,
			sp_line_us(sp, sp->window) + msg->pause_us, &reply, frames->run->err);
		if (!ret && reply.status != BRIDGE_OK)
			ret = LINE_FAULT;
		if (!ret)
			frames->done++;
	}
	return ret;
}

/* Frames whose replies were lost but which the device has done need not be sent again, unless
 * they were to receive something. */
static void count_done_frames(struct frames *frames)
{
	const struct serprog *sp = frames->run->sp;
	uint8_t last = (uint8_t)(sp->last.seq - frames->first_seq);

	if (sp->last.cmd != BRIDGE_XFER || last >= frames->count)
		return;
	while (frames->done <= last && !frames->msgs[frames->done].rx_len)
		frames->done++;
}

static int too_long(const struct spi_msg *msg, struct np_error *err)
{
	return np_fail(err, NP_E_UNSUPPORTED,
	               "the bridge answers at most %d bytes to command %02Xh", UINT16_MAX,
	               msg->cmd_len ? msg->cmd[0] : 0);
}

int bridge_run_frames(struct serprog_run *run, size_t *msgs_done)
{
	struct serprog *sp = run->sp;
	struct frames frames = {.run = run, .msgs = &run->msgs[run->base], .sent = true};
	struct fault_budget budget = {0};
	struct serprog_sent sent;
	int ret = 0;

	*msgs_done = 0;
	if (!bridge_take_sent(run, &sent))
		return too_long(frames.msgs, run->err);
	frames.count = sent.msgs;
	frames.first_seq = sent.seq;
	while (frames.done < frames.count && ret >= 0) {
		ret = exchange_frames(&frames);
		if (ret == LINE_FAULT) {
			bridge_forget_sent(run);
			ret = bridge_after_fault(sp, &budget, false, run->err);
			if (!ret)
				count_done_frames(&frames);
		}
	}
	*msgs_done = frames.done;
	return ret;
}
