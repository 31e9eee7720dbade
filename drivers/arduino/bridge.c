/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bridge commands: framing and everything that does not stream. */
#include "board.h"
#include "bridge_proto.h"
#include "crc.h"
#include "serprog.h"

/* The last command that changed something, for STATUS and for repeated requests. */
static struct {
	uint8_t cmd, seq, status;
	uint32_t done;
} last;

static uint32_t token;
static bool damaged; /* the command in work, or cut short */
static uint32_t crc_in, crc_out;

/* ---- receiving, hashed ---- */

static uint8_t take(void)
{
	uint8_t byte = line_get();

	crc_in = crc_byte(crc_in, byte);
	line_poll();
	return byte;
}

static uint16_t take16(void)
{
	uint16_t low = take();

	return low | (uint16_t)take() << 8;
}

static uint32_t take32(void)
{
	uint32_t low = take16();

	return low | (uint32_t)take16() << 16;
}

/* The request's CRC; false when the request is not to be trusted. */
static bool take_check(void)
{
	uint32_t want = crc_value(crc_in);
	bool good = line_get32() == want && !line_lost();

	line_poll();
	return good;
}

/* ---- answering, hashed ---- */

static void give(uint8_t byte)
{
	line_put(byte);
	crc_out = crc_byte(crc_out, byte);
	line_poll();
}

static void give_number(uint32_t value, uint8_t len)
{
	for (; len; len--, value >>= 8)
		give(value);
}

static void begin_reply(uint8_t cmd, uint8_t seq, uint8_t status)
{
	line_poll();
	crc_out = crc_byte(crc_byte(CRC_START, cmd), seq);
	line_poll();
	give(status);
}

static void end_reply(void)
{
	uint32_t value = crc_value(crc_out);

	for (uint8_t i = 0; i < 4; i++, value >>= 8)
		line_put(value);
}

static void reply(uint8_t cmd, uint8_t seq, uint8_t status)
{
	begin_reply(cmd, seq, status);
	end_reply();
}

static void reply_damaged(void)
{
	damaged = true;
	pins_release();
	reply(0, 0, BRIDGE_DAMAGED);
	line_drain();
}

static void reply_report(const struct report *report)
{
	begin_reply(last.cmd, last.seq, last.status);
	give_number(report->done, 4);
	give(report->last);
	end_reply();
}

/* A good request: the guard goes up, and what STATUS tells of the one before it is out of date. */
static void accept(void)
{
	guard = true;
	last.cmd = 0;
	line_poll();
}

static void remember(uint8_t cmd, uint8_t seq, uint8_t status, uint32_t done)
{
	last.cmd = cmd;
	last.seq = seq;
	last.status = status;
	last.done = done;
}

/* ---- the commands ---- */

static void hello(uint8_t seq)
{
	uint32_t new_token = take32();

	if (!take_check())
		return reply_damaged();
	accept();
	token = new_token;
	begin_reply(BRIDGE_HELLO, seq, BRIDGE_OK);
	give(BRIDGE_VERSION);
	give_number(WINDOW, 2);
	give_number(XFER_MAX, 2);
	give_number(F_CPU, 4);
	give_number(spi_clock(), 4);
	give_number(BAUD_REAL, 4);
	give(reset_cause);
	end_reply();
}

static void status(uint8_t seq)
{
	if (!take_check())
		return reply_damaged();
	guard = true;
	begin_reply(BRIDGE_STATUS, seq, BRIDGE_OK);
	give_number(token, 4);
	give(last.cmd);
	give(last.seq);
	give(last.status);
	give_number(last.done, 4);
	end_reply();
}

static void read_blocks(uint8_t seq)
{
	uint8_t opcode = take(), addr_len = take(), dummy = take();
	uint32_t addr = take32(), len = take32();

	if (!take_check())
		return reply_damaged();
	accept();
	if (addr_len > 4 || len == 0)
		return reply(BRIDGE_READ, seq, BRIDGE_RANGE);
	line_put(BRIDGE_OK);
	spi_begin(opcode, addr_len, dummy, addr);
	stream_read(addr, len);
	spi_deselect();
	if (ring_head != ring_tail)
		line_drain();
}

static void crc_range(uint8_t seq)
{
	uint8_t opcode = take(), addr_len = take(), dummy = take();
	uint32_t addr = take32(), len = take32(), start = take32();

	if (!take_check())
		return reply_damaged();
	accept();
	if (addr_len > 4 || len == 0)
		return reply(BRIDGE_CRC, seq, BRIDGE_RANGE);
	spi_begin(opcode, addr_len, dummy, addr);
	start = crc_value(stream_crc(~start, len));
	spi_deselect();
	begin_reply(BRIDGE_CRC, seq, BRIDGE_OK);
	give_number(start, 4);
	end_reply();
}

/* Hash `len` bytes that stay in the ring, once all of them and the check are there. */
static bool hash_ahead(uint16_t len)
{
	uint8_t *at = ring_tail;
	uint32_t want;

	if (line_lost() || !line_wait(len + 4))
		return false;
	for (; len; len--, at = ring_next(at)) {
		line_poll();
		crc_in = crc_byte(crc_in, *at);
	}
	want = crc_value(crc_in);
	for (uint8_t i = 0; i < 4; i++, at = ring_next(at)) {
		line_poll();
		if (*at != ((const uint8_t *)&want)[i])
			return false;
	}
	line_poll();
	return true;
}

static void xfer_frame(uint8_t seq, uint16_t send, uint16_t receive)
{
	spi_select();
	for (; send; send--)
		spi_byte(line_get());
	(void)line_get32(); /* the check, known to be good */
	begin_reply(BRIDGE_XFER, seq, BRIDGE_OK);
	for (; receive; receive--)
		give(spi_byte(0));
	spi_deselect();
}

static void xfer(uint8_t seq)
{
	uint16_t send = take16(), receive = take16();
	uint32_t pause = take32();

	line_poll();
	if (send > XFER_MAX || !hash_ahead(send)) {
		(void)line_lost();
		return reply_damaged();
	}
	guard = true;
	line_poll();
	if (receive == 0 && last.cmd == BRIDGE_XFER && last.seq == seq) {
		ring_tail = ring_head;
		return reply(BRIDGE_XFER, seq, BRIDGE_OK);
	}
	xfer_frame(seq, send, receive);
	pause_us(pause);
	remember(BRIDGE_XFER, seq, BRIDGE_OK, 1);
	end_reply();
}

static void take_wait(struct wait *wait)
{
	wait->opcode = take();
	wait->mask = take();
	wait->value = take();
	wait->limit_us = take32();
}

static void wait_ready(uint8_t seq)
{
	struct report report = {0, 0};
	struct wait wait;

	take_wait(&wait);
	if (!take_check())
		return reply_damaged();
	accept();
	remember(BRIDGE_WAIT, seq, stream_wait(&wait, true, &report), 0);
	reply_report(&report);
	if (last.status == BRIDGE_STOPPED)
		line_drain();
}

static void program(uint8_t seq)
{
	struct report report = {0, 0};
	struct program job;

	job.we = take();
	job.opcode = take();
	job.addr_len = take();
	take_wait(&job.wait);
	job.addr = take32();
	job.len = take32();
	if (!take_check())
		return reply_damaged();
	accept();
	if (job.addr_len > 4 || job.len == 0)
		remember(BRIDGE_PROGRAM, seq, BRIDGE_RANGE, 0);
	else
		remember(BRIDGE_PROGRAM, seq, stream_program(&job, &report), report.done);
	last.done = report.done;
	spi_deselect();
	damaged = last.status == BRIDGE_STARVED;
	if (damaged)
		pins_release();
	reply_report(&report);
	if (last.status != BRIDGE_OK)
		line_drain();
}

struct exec {
	uint8_t we, addr_len, cmd_len;
	struct wait wait;
	uint32_t step;
	uint16_t count;
	uint8_t cmd[BRIDGE_CMD_MAX];
};

static void take_exec(struct exec *job)
{
	job->we = take();
	take_wait(&job->wait);
	job->addr_len = take();
	job->step = take32();
	job->count = take16();
	job->cmd_len = take();
	for (uint8_t i = 0; i < BRIDGE_CMD_MAX; i++)
		job->cmd[i] = take();
}

/* The address in a command grows by one step. */
static void advance(struct exec *job)
{
	uint32_t addr = 0;
	uint8_t i;

	for (i = 1; i <= job->addr_len; i++)
		addr = addr << 8 | job->cmd[i];
	addr += job->step;
	for (i = job->addr_len; i; i--, addr >>= 8)
		job->cmd[i] = addr;
}

static uint8_t exec_steps(struct exec *job, struct report *report)
{
	uint8_t result = BRIDGE_OK;

	while (report->done < job->count && result == BRIDGE_OK) {
		if (job->we)
			spi_command(job->we);
		spi_select();
		for (uint8_t i = 0; i < job->cmd_len; i++)
			spi_byte(job->cmd[i]);
		spi_deselect();
		result = stream_wait(&job->wait, true, report);
		if (result == BRIDGE_OK) {
			report->done++;
			line_put(BRIDGE_ACK | (report->done & 0x7f));
			advance(job);
		}
	}
	return result;
}

static void exec(uint8_t seq)
{
	struct report report = {0, 0};
	struct exec job;

	take_exec(&job);
	if (!take_check())
		return reply_damaged();
	accept();
	if (job.addr_len > 4 || job.cmd_len > BRIDGE_CMD_MAX ||
	    job.addr_len >= job.cmd_len + !job.addr_len)
		return reply(BRIDGE_EXEC, seq, BRIDGE_RANGE);
	remember(BRIDGE_EXEC, seq, exec_steps(&job, &report), 0);
	last.done = report.done;
	reply_report(&report);
	if (last.status == BRIDGE_STOPPED)
		line_drain();
}

static void leave(uint8_t seq)
{
	if (!take_check())
		return reply_damaged();
	pins_release();
	reply(BRIDGE_LEAVE, seq, BRIDGE_OK);
	guard = false;
	token = 0;
}

static void speed(uint8_t seq)
{
	uint32_t hz = take32();

	if (!take_check())
		return reply_damaged();
	accept();
	begin_reply(BRIDGE_SPEED, seq, BRIDGE_OK);
	give_number(spi_set_clock(hz), 4);
	end_reply();
}

bool bridge_run(uint8_t cmd)
{
	static void (*const commands[])(uint8_t) = {hello,      status,    read_blocks, xfer,
	                                            wait_ready, crc_range, program,     exec,
	                                            leave,      speed};
	uint8_t seq;

	crc_in = crc_byte(CRC_START, cmd);
	seq = take();
	damaged = false;
	commands[cmd - BRIDGE_HELLO](seq);
	return !damaged;
}
