/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Streams to the bridge: pages with a window of bytes not yet acknowledged, and runs of erases. The
 * acknowledgements on the way only move the window; what was done is what the closing report says,
 * or STATUS when that was lost, and the stream is taken up again from there.
 */
#include <string.h>

#include "serprog/serprog_int.h"

static int stopped_on_request(const struct serprog_run *run)
{
	return np_fail(run->err, NP_E_INTERRUPTED, "stopped on request");
}

static int still_busy(const struct serprog_run *run, uint8_t last, uint32_t limit_us)
{
	return np_fail(run->err, NP_E_TIMEOUT, "the chip is still busy after %u us (status %02Xh)",
	               limit_us, last);
}

/* A device that reports success must report all steps done. One that reports fewer would be
 * asked for the rest for ever. */
static int all_done(const struct serprog_run *run, const struct bridge_reply *reply, size_t count)
{
	if (reply->done >= count)
		return 0;
	np_fail(run->err, NP_E_BUS, "the bridge on %s reports %u of %zu steps as all of them",
	        run->sp->line.name, reply->done, count);
	return np_hint(run->err, "put the current firmware on it (doc/ARDUINO.md)");
}

/* ---- pages ---- */

static const struct spi_msg *page_of(const struct serprog_run *run,
                                     const struct page_stream *stream, size_t page)
{
	return &run->msgs[stream->base + 3 * page + 1];
}

static const struct spi_msg *wait_of(const struct serprog_run *run,
                                     const struct page_stream *stream)
{
	return &run->msgs[stream->base + 2];
}

static uint32_t page_addr(const struct page_stream *stream, size_t page)
{
	uint32_t addr = stream->step.addr;

	return page ? addr - addr % BRIDGE_PAGE_LEN + (uint32_t)page * BRIDGE_PAGE_LEN : addr;
}

static void load_frame(const struct serprog_run *run, struct page_stream *stream)
{
	const struct spi_msg *page = page_of(run, stream, stream->next);

	memcpy(stream->frame, page->tx, page->tx_len);
	wire_page_check(page_addr(stream, stream->next), page->tx, page->tx_len,
	                stream->frame + page->tx_len);
	stream->frame_len = page->tx_len + BRIDGE_PAGE_CRC_LEN;
	stream->frame_at = 0;
	stream->next++;
}

static int send_header(struct serprog_run *run, struct page_stream *stream)
{
	const struct spi_msg *page = page_of(run, stream, stream->from);
	const struct spi_msg *wait = wait_of(run, stream);
	uint32_t addr = page_addr(stream, stream->from);
	struct serprog *sp = run->sp;
	struct wire_request request;

	stream->seq = ++sp->seq;
	wire_begin(&request, BRIDGE_PROGRAM, stream->seq);
	wire_u8(&request, run->msgs[stream->base].cmd[0]);
	wire_u8(&request, page->cmd[0]);
	wire_u8(&request, stream->step.addr_len);
	wire_u8(&request, wait->cmd[0]);
	wire_u8(&request, wait->until_mask);
	wire_u8(&request, wait->until_value);
	wire_u32(&request, wait->until_us);
	wire_u32(&request, addr);
	wire_u32(&request, stream->step.addr + stream->step.len - addr);
	wire_end(&request);
	stream->sent = request.len;
	return sp_write(sp, request.bytes, request.len, run->err);
}

static size_t in_flight(const struct serprog_run *run)
{
	size_t bytes = 0;

	for (size_t i = 0; i < run->stream_count; i++)
		bytes += run->streams[i].sent - run->streams[i].freed;
	return bytes;
}

/* Send what the window allows of the last stream: those before it are all sent. A stop request ends
 * it behind the page in work. */
static int send_window(struct serprog_run *run)
{
	struct page_stream *stream = &run->streams[run->stream_count - 1];
	struct serprog *sp = run->sp;
	size_t on_the_way = in_flight(run);
	int ret = 0;

	while (!ret && on_the_way < sp->window) {
		size_t room = sp->window - on_the_way, n;

		if (stream->frame_at == stream->frame_len) {
			if (run->streams[0].stopped || stream->next == stream->step.count)
				break;
			load_frame(run, stream);
		}
		n = stream->frame_len - stream->frame_at;
		n = n < room ? n : room;
		ret = sp_write(sp, stream->frame + stream->frame_at, n, run->err);
		stream->frame_at += n;
		stream->sent += n;
		on_the_way += n;
	}
	return ret;
}

static int begin_stream(struct serprog_run *run, size_t base, const struct wire_step *step,
                        size_t from)
{
	struct page_stream *stream = &run->streams[run->stream_count++];
	int ret;

	*stream = (struct page_stream){.step = *step, .base = base, .from = from, .next = from};
	ret = send_header(run, stream);
	return ret ? ret : send_window(run);
}

int bridge_send_pages(struct serprog_run *run, size_t base, const struct wire_step *step,
                      uint8_t *seq)
{
	int ret = begin_stream(run, base, step, 0);

	*seq = run->streams[run->stream_count - 1].seq;
	return ret;
}

bool bridge_pages_all_sent(const struct serprog_run *run)
{
	const struct page_stream *last;

	if (!run->stream_count)
		return true;
	last = &run->streams[run->stream_count - 1];
	return last->next == last->step.count && last->frame_at == last->frame_len;
}

static void end_stream(struct serprog_run *run)
{
	if (run->stream_count)
		run->stream_count--;
	memmove(&run->streams[0], &run->streams[1], run->stream_count * sizeof(run->streams[0]));
}

static int take_ack(struct serprog_run *run, uint8_t byte)
{
	struct page_stream *stream = &run->streams[0];
	size_t ahead = (uint8_t)(byte - stream->acked) & 0x7f;

	if (stream->from + stream->acked + ahead > stream->next)
		return LINE_FAULT;
	for (; ahead; ahead--, stream->acked++)
		stream->freed += page_of(run, stream, stream->from + stream->acked)->tx_len +
		                 BRIDGE_PAGE_CRC_LEN;
	if (sp_progress(run, run->base + 3 * (stream->from + stream->acked), 0))
		stream->stopped = true;
	return 0;
}

static uint32_t page_wait_us(const struct serprog_run *run)
{
	return wait_of(run, &run->streams[0])->until_us + sp_line_us(run->sp, run->sp->window);
}

/* Once all pages are on the way, what comes behind them may go, too. */
static int send_more(struct serprog_run *run)
{
	int ret = send_window(run);

	if (ret || run->streams[0].stopped)
		return ret;
	run->behind = true;
	ret = bridge_send_ahead(run);
	run->behind = false;
	return ret;
}

/* Pump until the closing report. */
static int pump(struct serprog_run *run, struct bridge_reply *reply)
{
	struct serprog *sp = run->sp;
	int ret = 0;

	while (!ret) {
		uint8_t byte;

		ret = send_more(run);
		if (!ret)
			ret = sp_fill(sp, page_wait_us(run) + sp->line.slack_us, run->err);
		if (ret)
			break;
		byte = sp->in[sp->in_at++];
		if (!(byte & BRIDGE_ACK))
			return bridge_read_reply(sp, BRIDGE_PROGRAM, run->streams[0].seq, byte, 0,
			                         reply, run->err);
		ret = take_ack(run, byte);
	}
	return ret;
}

/* What became of the stream: 0 and the pages done, or LINE_FAULT to go on from there. */
static int settle(struct serprog_run *run, int ret, struct bridge_reply *reply,
                  struct fault_budget *budget)
{
	const struct page_stream *stream = &run->streams[0];
	uint32_t limit_us = wait_of(run, stream)->until_us;
	struct serprog *sp = run->sp;

	if (!ret && reply->status == BRIDGE_OK)
		return all_done(run, reply, stream->step.count - stream->from);
	if (!ret && (reply->status == BRIDGE_DAMAGED || reply->status == BRIDGE_RANGE))
		reply->done = 0;
	sp->adrift = true;
	bridge_forget_sent(run);
	if (!ret && reply->status == BRIDGE_CHIP_BUSY)
		return still_busy(run, reply->last, limit_us);
	if (!ret && stream->stopped)
		return stopped_on_request(run);
	ret = bridge_after_fault(sp, budget, reply->done > 0 || stream->acked > 0, run->err);
	if (ret)
		return ret;
	if (sp->last.cmd == BRIDGE_PROGRAM && sp->last.seq == stream->seq) {
		reply->status = sp->last.status;
		reply->done = sp->last.done;
	} else {
		reply->status = BRIDGE_DAMAGED;
		reply->done = 0;
	}
	if (reply->status == BRIDGE_OK)
		return all_done(run, reply, stream->step.count - stream->from);
	if (reply->status == BRIDGE_CHIP_BUSY)
		return still_busy(run, 0, limit_us);
	return stream->stopped ? stopped_on_request(run) : LINE_FAULT;
}

static int stream_pages(struct serprog_run *run, const struct wire_step *step, size_t *pages,
                        struct fault_budget *budget, uint8_t *last)
{
	struct bridge_reply reply = {0};
	struct serprog_sent sent;
	int ret = 0;

	if (!bridge_take_sent(run, &sent))
		ret = begin_stream(run, run->base, step, *pages);
	if (!ret)
		ret = pump(run, &reply);
	if (ret < 0)
		return ret;
	ret = settle(run, ret, &reply, budget);
	*pages += reply.done < step->count - *pages ? reply.done : step->count - *pages;
	*last = reply.last;
	return ret;
}

int bridge_program(struct serprog_run *run, const struct wire_step *step, size_t *msgs_done)
{
	struct fault_budget budget = {0};
	size_t pages = 0;
	uint8_t last = 0;
	int ret;

	do
		ret = stream_pages(run, step, &pages, &budget, &last);
	while (ret == LINE_FAULT && pages < step->count);
	end_stream(run);
	if (ret == LINE_FAULT)
		ret = 0;
	for (size_t i = 0; i < pages; i++)
		run->msgs[run->base + 3 * i + 2].rx[0] = last;
	if (ret == NP_E_TIMEOUT && pages < step->count)
		run->msgs[run->base + 3 * pages + 2].rx[0] = last;
	*msgs_done = 3 * pages;
	return ret;
}

/* ---- erases and other commands that are waited for ---- */

struct exec {
	struct serprog_run *run;
	const struct wire_step *step;
	size_t from;
	uint8_t seq;
	bool stopped;
};

int bridge_send_exec(struct serprog_run *run, size_t base, const struct wire_step *step,
                     size_t from, uint8_t *seq)
{
	const struct spi_msg *msgs = &run->msgs[base];
	const struct spi_msg *cmd = &msgs[3 * from + 1], *wait = &msgs[2];
	struct wire_request request;

	*seq = ++run->sp->seq;
	wire_begin(&request, BRIDGE_EXEC, *seq);
	wire_u8(&request, msgs[0].cmd[0]);
	wire_u8(&request, wait->cmd[0]);
	wire_u8(&request, wait->until_mask);
	wire_u8(&request, wait->until_value);
	wire_u32(&request, wait->until_us);
	wire_u8(&request, step->addr_len);
	wire_u32(&request, step->stride);
	wire_u16(&request, (uint16_t)(step->count - from));
	wire_u8(&request, cmd->cmd_len);
	for (size_t i = 0; i < BRIDGE_CMD_MAX; i++)
		wire_u8(&request, i < cmd->cmd_len ? cmd->cmd[i] : 0);
	wire_end(&request);
	return sp_write(run->sp, request.bytes, request.len, run->err);
}

static int await_exec(struct exec *exec, struct bridge_reply *reply)
{
	struct serprog_run *run = exec->run;
	uint32_t limit_us = run->msgs[run->base + 2].until_us;
	struct serprog *sp = run->sp;
	struct serprog_sent sent;
	int ret = 0;

	if (bridge_take_sent(run, &sent))
		exec->seq = sent.seq;
	else
		ret = bridge_send_exec(run, run->base, exec->step, exec->from, &exec->seq);
	while (!ret) {
		uint8_t byte;

		ret = bridge_await(run, limit_us, &exec->stopped);
		if (ret)
			break;
		byte = sp->in[sp->in_at++];
		if (!(byte & BRIDGE_ACK))
			return bridge_read_reply(sp, BRIDGE_EXEC, exec->seq, byte, 0, reply,
			                         run->err);
	}
	return ret;
}

static int settle_exec(struct exec *exec, int ret, struct bridge_reply *reply,
                       struct fault_budget *budget)
{
	const struct serprog_run *run = exec->run;
	struct serprog *sp = run->sp;
	uint32_t limit_us = run->msgs[run->base + 2].until_us;

	if (ret || reply->status != BRIDGE_OK)
		bridge_forget_sent(exec->run);
	if (ret || reply->status == BRIDGE_DAMAGED || reply->status == BRIDGE_STOPPED) {
		ret = bridge_after_fault(sp, budget, false, run->err);
		if (ret)
			return ret;
		if (sp->last.cmd == BRIDGE_EXEC && sp->last.seq == exec->seq) {
			reply->status = sp->last.status;
			reply->done = sp->last.done;
		} else {
			reply->status = BRIDGE_DAMAGED;
			reply->done = 0;
		}
	}
	switch (reply->status) {
	case BRIDGE_OK:
		return all_done(run, reply, exec->step->count - exec->from);
	case BRIDGE_CHIP_BUSY:
		return still_busy(run, reply->last, limit_us);
	case BRIDGE_RANGE:
		return np_fail(run->err, NP_E_UNSUPPORTED, "the bridge refused command %02Xh",
		               run->msgs[run->base + 1].cmd[0]);
	}
	return exec->stopped ? stopped_on_request(run) : LINE_FAULT;
}

/* A wait that was given up leaves the chip busy: wait it out before the command is given again. */
static int wait_out(const struct serprog_run *run)
{
	const struct spi_msg *wait = &run->msgs[run->base + 2];
	struct bridge_reply reply = {0};
	struct wire_request request;
	int ret;

	wire_begin(&request, BRIDGE_WAIT, ++run->sp->seq);
	wire_u8(&request, wait->cmd[0]);
	wire_u8(&request, wait->until_mask);
	wire_u8(&request, wait->until_value);
	wire_u32(&request, wait->until_us);
	wire_end(&request);
	ret = bridge_ask(run->sp, &request, wait->until_us, &reply, run->err);
	if (!ret && reply.status != BRIDGE_OK)
		return still_busy(run, reply.last, wait->until_us);
	return ret;
}

int bridge_exec(struct serprog_run *run, const struct wire_step *step, size_t *msgs_done)
{
	struct exec exec = {.run = run, .step = step};
	struct fault_budget budget = {0};
	struct bridge_reply reply;
	int ret;

	do {
		memset(&reply, 0, sizeof(reply));
		ret = await_exec(&exec, &reply);
		if (ret < 0)
			return ret;
		ret = settle_exec(&exec, ret, &reply, &budget);
		exec.from +=
			reply.done < step->count - exec.from ? reply.done : step->count - exec.from;
		if (ret == LINE_FAULT) {
			int waited = wait_out(run);

			ret = waited ? waited : LINE_FAULT;
		}
	} while (ret == LINE_FAULT && exec.from < step->count);
	if (ret == LINE_FAULT)
		ret = 0;
	for (size_t i = 0; i < exec.from; i++)
		run->msgs[run->base + 3 * i + 2].rx[0] = reply.last;
	if (ret == NP_E_TIMEOUT && exec.from < step->count)
		run->msgs[run->base + 3 * exec.from + 2].rx[0] = reply.last;
	*msgs_done = 3 * exec.from;
	return ret;
}
