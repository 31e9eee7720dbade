/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bridge's requests: framing, and everything that does not stream. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "serve/conn.h"

#define HEAD         2 /* cmd, seq */
#define CHECK        4
#define PARAMS_MAX   BRIDGE_EXEC_PARAMS
#define ANSWERS_MOST (256u << 10) /* of frames sent ahead, together */
#define DUMMY_MAX    (SPI_CMD_MAX - 5)

/* A request whose check is good. */
struct request {
	uint8_t cmd, seq;
	uint8_t params[PARAMS_MAX];
};

void bridge_reply(struct conn *conn, uint8_t cmd, uint8_t seq, uint8_t status, const void *payload,
                  size_t len)
{
	uint32_t crc = wire_reply_crc(cmd, seq, &status, 1);
	uint8_t check[CHECK];

	if (len)
		crc = np_crc32(crc, payload, len);
	wire_put32(check, crc);
	conn_put(conn, &status, 1);
	conn_put(conn, payload, len);
	conn_put(conn, check, sizeof(check));
}

/* A request was refused or failed. What the client sent before it knew of that is thrown away,
 * because it was meant for the chip in another state. */
static void halt(struct conn *conn)
{
	conn->halted = true;
	conn_drain(conn);
}

static bool reply_damaged(struct conn *conn)
{
	bridge_reply(conn, 0, 0, BRIDGE_DAMAGED, NULL, 0);
	halt(conn);
	return false;
}

static void reply_status(struct conn *conn, const struct request *request, uint8_t status)
{
	bridge_reply(conn, request->cmd, request->seq, status, NULL, 0);
	if (status != BRIDGE_OK)
		halt(conn);
}

uint8_t bridge_status_of(struct conn *conn, int ret, const struct np_error *err)
{
	switch (ret) {
	case 0:
		return BRIDGE_OK;
	case NP_E_TIMEOUT:
		return BRIDGE_CHIP_BUSY;
	case NP_E_INTERRUPTED:
		return BRIDGE_STOPPED;
	case NP_E_UNSUPPORTED:
		return BRIDGE_RANGE;
	}
	conn->failure = *err;
	conn->failure.code = ret;
	return BRIDGE_FAILED;
}

/* ---- what the last one did ---- */

static void accept(struct conn *conn)
{
	conn->guard = true;
	conn->last.cmd = 0;
}

static void remember(struct conn *conn, const struct request *request, uint8_t status,
                     uint32_t done)
{
	conn->last.cmd = request->cmd;
	conn->last.seq = request->seq;
	conn->last.status = status;
	conn->last.done = done;
}

/* Statuses that carry a report, and whether the client is out of step afterwards. */
static void reply_report(struct conn *conn, const struct request *request, uint8_t status,
                         uint32_t done, uint8_t last)
{
	uint8_t report[BRIDGE_REPORT_LEN];

	remember(conn, request, status, done);
	wire_put32(report, done);
	report[4] = last;
	bridge_reply(conn, request->cmd, request->seq, status, report,
	             status == BRIDGE_RANGE || status == BRIDGE_FAILED ? 0 : sizeof(report));
	if (status != BRIDGE_OK)
		halt(conn);
}

/* ---- the commands ---- */

static void hello(struct conn *conn, const struct request *request)
{
	const struct spi_caps *caps = conn_caps(conn);
	uint8_t payload[BRIDGE_HELLO_PAYLOAD] = {BRIDGE_VERSION};

	accept(conn);
	conn->token = wire_get32(request->params);
	payload[1] = CONN_WINDOW & 0xff;
	payload[2] = CONN_WINDOW >> 8;
	payload[3] = CONN_XFER_MAX & 0xff;
	payload[4] = CONN_XFER_MAX >> 8;
	wire_put32(payload + 5, 2 * caps->hz_max);
	wire_put32(payload + 9, caps->hz);
	payload[17] = BRIDGE_SENDS_AHEAD;
	if (caps->hz_min >= caps->hz_max)
		payload[17] |= BRIDGE_FIXED_HZ;
	bridge_reply(conn, request->cmd, request->seq, BRIDGE_OK, payload, sizeof(payload));
}

static void status(struct conn *conn, const struct request *request)
{
	uint8_t payload[BRIDGE_STATUS_PAYLOAD];

	conn->guard = true;
	wire_put32(payload, conn->token);
	payload[4] = conn->last.cmd;
	payload[5] = conn->last.seq;
	payload[6] = conn->last.status;
	wire_put32(payload + 7, conn->last.done);
	bridge_reply(conn, request->cmd, request->seq, BRIDGE_OK, payload, sizeof(payload));
}

/* What READ and CRC begin with; false when this cannot be sent. */
static bool take_read(const uint8_t *params, struct wire_read *read, uint32_t *len)
{
	read->opcode = params[0];
	read->addr_len = params[1];
	read->dummy = params[2];
	read->addr = wire_get32(params + 3);
	*len = wire_get32(params + 7);
	return read->addr_len <= 4 && read->dummy <= DUMMY_MAX && *len;
}

static void read_blocks(struct conn *conn, const struct request *request)
{
	struct wire_read read;
	uint32_t len;

	accept(conn);
	if (take_read(request->params, &read, &len))
		stream_read(conn, request->seq, &read, len);
	else
		reply_status(conn, request, BRIDGE_RANGE);
}

static void crc_range(struct conn *conn, const struct request *request)
{
	uint32_t len, crc = wire_get32(request->params + 11);
	uint8_t payload[4], result = BRIDGE_RANGE;
	struct wire_read read;

	accept(conn);
	if (take_read(request->params, &read, &len))
		result = stream_crc(conn, &read, len, &crc);
	wire_put32(payload, crc);
	bridge_reply(conn, request->cmd, request->seq, result, payload,
	             result == BRIDGE_OK ? sizeof(payload) : 0);
	if (result != BRIDGE_OK)
		halt(conn);
}

static int wants_stop(void *ctx, uint64_t done)
{
	(void)done;
	return conn_wants_stop(ctx);
}

static bool take_ready(const uint8_t *params, struct nor_told_ready *ready)
{
	ready->opcode = params[0];
	ready->mask = params[1];
	ready->value = params[2];
	ready->limit_us = wire_get32(params + 3);
	return ready->limit_us > 0;
}

static uint8_t wait_for(struct conn *conn, const struct nor_told_ready *ready, uint8_t *last)
{
	struct nor_told *told = conn_told(conn);
	struct np_error err = conn->failure;
	int ret = told ? nor_told_wait(told, ready, wants_stop, conn, last, &err) : err.code;

	return bridge_status_of(conn, ret, &err);
}

static void wait_ready(struct conn *conn, const struct request *request)
{
	struct nor_told_ready ready;
	uint8_t last = 0, result = BRIDGE_RANGE;

	accept(conn);
	if (take_ready(request->params, &ready))
		result = wait_for(conn, &ready, &last);
	reply_report(conn, request, result, 0, last);
}

static void program(struct conn *conn, const struct request *request)
{
	const uint8_t *p = request->params;
	struct stream_program job = {.opcode = p[1],
	                             .addr_len = p[2],
	                             .addr = wire_get32(p + 10),
	                             .len = wire_get32(p + 14)};
	uint8_t last = 0, result = BRIDGE_RANGE;
	uint32_t done = 0;

	accept(conn);
	/* All parts are programmed in this way. */
	if (p[0] == 0x06 && (job.opcode == 0x02 || job.opcode == 0x12) && job.addr_len >= 3 &&
	    job.addr_len <= 4 && job.len && take_ready(p + 3, &job.ready))
		result = stream_program(conn, &job, &done, &last);
	reply_report(conn, request, result, done, last);
}

struct exec {
	uint8_t enable, addr_len, cmd_len;
	struct nor_told_ready ready;
	uint32_t step;
	uint16_t count;
	uint8_t cmd[BRIDGE_CMD_MAX];
};

static bool take_exec(const uint8_t *p, struct exec *job)
{
	bool good = take_ready(p + 1, &job->ready);

	job->enable = p[0];
	job->addr_len = p[8];
	job->step = wire_get32(p + 9);
	job->count = wire_get16(p + 13);
	job->cmd_len = p[15];
	memcpy(job->cmd, p + 16, sizeof(job->cmd));
	return good && job->addr_len <= 4 && job->cmd_len && job->cmd_len <= BRIDGE_CMD_MAX &&
	       job->addr_len < job->cmd_len;
}

/* The address in a command grows by one step. */
static void advance(struct exec *job)
{
	uint32_t addr = 0;

	for (size_t i = 1; i <= job->addr_len; i++)
		addr = addr << 8 | job->cmd[i];
	addr += job->step;
	for (size_t i = job->addr_len; i; i--, addr >>= 8)
		job->cmd[i] = (uint8_t)addr;
}

/* Latch and command are one run of the bus, where it takes two messages. */
static uint8_t exec_once(struct conn *conn, const struct exec *job)
{
	struct spi_msg msgs[2] = {{.cmd = {job->enable}, .cmd_len = 1}, {.cmd_len = job->cmd_len}};
	size_t first = job->enable ? 0 : 1, room;
	struct spi_bus *bus = conn_bus(conn);
	struct np_error err = conn->failure;
	int ret = bus ? 0 : err.code;

	memcpy(msgs[1].cmd, job->cmd, sizeof(job->cmd));
	room = conn_caps(conn)->max_queue;
	for (size_t i = first, n; i < 2 && !ret; i += n) {
		n = 2 - i < room ? 2 - i : room;
		ret = spi_run(bus, &msgs[i], n, NULL, NULL, NULL, &err);
	}
	/* No message of this run waits for the chip, so a time-out is a failure of the
	 * programmer. */
	return bridge_status_of(conn, ret == NP_E_TIMEOUT ? NP_E_BUS : ret, &err);
}

static void exec(struct conn *conn, const struct request *request)
{
	struct exec job;
	uint8_t last = 0, result = BRIDGE_RANGE;
	uint32_t done = 0;

	accept(conn);
	if (!take_exec(request->params, &job)) {
		reply_report(conn, request, result, 0, 0);
		return;
	}
	for (result = BRIDGE_OK; done < job.count && result == BRIDGE_OK;) {
		result = exec_once(conn, &job);
		if (result == BRIDGE_OK)
			result = wait_for(conn, &job.ready, &last);
		if (result == BRIDGE_OK) {
			uint8_t ack = (uint8_t)(BRIDGE_ACK | (++done & 0x7f));

			conn_put(conn, &ack, 1);
			(void)conn_flush(conn);
			advance(&job);
		}
	}
	reply_report(conn, request, result, done, last);
}

static void leave(struct conn *conn, const struct request *request)
{
	conn_let_go(conn);
	reply_status(conn, request, BRIDGE_OK);
	conn->guard = false;
	conn->token = 0;
}

static void speed(struct conn *conn, const struct request *request)
{
	uint32_t hz = wire_get32(request->params);
	struct spi_bus *bus = conn_bus(conn);
	uint8_t payload[4];

	accept(conn);
	if (!bus) {
		reply_status(conn, request, BRIDGE_FAILED);
		return;
	}
	/* A programmer that cannot make this clock keeps its own, and the answer tells which
	 * that is. */
	if (hz)
		(void)spi_set_hz(bus, hz < SPI_HZ_MAX ? hz : SPI_HZ_MAX, NULL);
	wire_put32(payload, spi_caps(bus)->hz);
	bridge_reply(conn, request->cmd, request->seq, BRIDGE_OK, payload, sizeof(payload));
}

/* ---- frames ---- */

/* A run of frames that have arrived: they go to the bus together. */
struct frames {
	struct spi_msg msgs[CONN_FRAMES];
	uint8_t seqs[CONN_FRAMES];
	size_t count, bytes, answers;
};

static size_t frame_len(const uint8_t *request)
{
	return HEAD + BRIDGE_XFER_PARAMS + (size_t)wire_get16(request + HEAD) + CHECK;
}

static bool check_is_good(const uint8_t *request, size_t len)
{
	return np_crc32(0, request, len - CHECK) == wire_get32(request + len - CHECK);
}

/* A frame as a message; the bytes stay where they are. */
static void make_message(const uint8_t *request, struct spi_msg *msg)
{
	const uint8_t *data = request + HEAD + BRIDGE_XFER_PARAMS;
	size_t send = wire_get16(request + HEAD);

	*msg = (struct spi_msg){.cmd_len = (uint8_t)(send < SPI_CMD_MAX ? send : SPI_CMD_MAX),
	                        .rx_len = wire_get16(request + HEAD + 2),
	                        .pause_us = wire_get32(request + HEAD + 4)};
	memcpy(msg->cmd, data, msg->cmd_len);
	msg->tx_len = send - msg->cmd_len;
	msg->tx = msg->tx_len ? data + msg->cmd_len : NULL;
}

static bool is_empty(const uint8_t *request)
{
	return !wire_get16(request + HEAD) && !wire_get16(request + HEAD + 2);
}

static void add_frame(struct frames *frames, const uint8_t *request)
{
	size_t n = frames->count++;

	make_message(request, &frames->msgs[n]);
	frames->seqs[n] = request[1];
	frames->bytes += frame_len(request);
	frames->answers += frames->msgs[n].rx_len;
}

/* Has the next frame arrived whole and with a right check, and is there room for it in this run of
 * the bus? One of which that is not true is left to the next round. */
static bool frame_follows(const struct conn *conn, const struct frames *frames)
{
	const struct spi_caps *caps = conn_caps(conn);
	const uint8_t *next = conn_at(conn) + frames->bytes;
	size_t have = conn_have(conn) - frames->bytes;

	return frames->count < CONN_FRAMES && frames->count < caps->max_queue &&
	       have >= HEAD + BRIDGE_XFER_PARAMS && next[0] == BRIDGE_XFER &&
	       have >= frame_len(next) && check_is_good(next, frame_len(next)) &&
	       wire_get16(next + HEAD) <= CONN_XFER_MAX &&
	       frames->answers + wire_get16(next + HEAD + 2) <= ANSWERS_MOST &&
	       wire_get16(next + HEAD + 2) <= caps->max_rx && !is_empty(next) &&
	       next[1] != frames->seqs[frames->count - 1];
}

static int run_all(struct conn *conn, struct frames *frames, uint8_t *answers, size_t *done,
                   struct np_error *err)
{
	struct spi_bus *bus = conn_bus(conn);

	*done = 0;
	if (!bus || !answers) {
		*err = conn->failure;
		return bus ? np_fail(err, NP_E_MEMORY, "out of memory") : err->code;
	}
	for (size_t i = 0; i < frames->count; answers += frames->msgs[i++].rx_len)
		frames->msgs[i].rx = frames->msgs[i].rx_len ? answers : NULL;
	return spi_run(bus, frames->msgs, frames->count, done, NULL, NULL, err);
}

static void run_frames(struct conn *conn, struct frames *frames)
{
	uint8_t *answers = malloc(frames->answers + 1), result;
	struct np_error err = {0};
	size_t done;
	int ret = run_all(conn, frames, answers, &done, &err);

	for (size_t i = 0; i < done; i++)
		bridge_reply(conn, BRIDGE_XFER, frames->seqs[i], BRIDGE_OK, frames->msgs[i].rx,
		             frames->msgs[i].rx_len);
	if (done) {
		struct request last = {.cmd = BRIDGE_XFER, .seq = frames->seqs[done - 1]};

		remember(conn, &last, BRIDGE_OK, 1);
	}
	if (ret) {
		result = bridge_status_of(conn, ret == NP_E_UNSUPPORTED ? ret : NP_E_BUS, &err);
		bridge_reply(conn, BRIDGE_XFER, frames->seqs[done], result, NULL, 0);
		halt(conn);
	}
	free(answers);
}

static bool xfer_done_already(const struct conn *conn, const struct frames *frames)
{
	return !frames->msgs[0].rx_len && conn->last.cmd == BRIDGE_XFER &&
	       conn->last.seq == frames->seqs[0];
}

/* The messages point into the input buffer. That is safe, because nothing is read from the line
 * while they run. */
static bool xfer(struct conn *conn)
{
	struct frames frames = {.count = 0};

	if (conn_need(conn, HEAD + BRIDGE_XFER_PARAMS, CONN_GAP_US) ||
	    wire_get16(conn_at(conn) + HEAD) > CONN_XFER_MAX ||
	    conn_need(conn, frame_len(conn_at(conn)), CONN_GAP_US) ||
	    !check_is_good(conn_at(conn), frame_len(conn_at(conn))))
		return reply_damaged(conn);
	(void)conn_poll(conn);
	add_frame(&frames, conn_at(conn));
	conn->guard = true;
	if (xfer_done_already(conn, &frames) || is_empty(conn_at(conn))) {
		conn->in_at += frames.bytes;
		bridge_reply(conn, BRIDGE_XFER, frames.seqs[0],
		             frames.msgs[0].cmd_len ? BRIDGE_OK : BRIDGE_RANGE, NULL, 0);
		if (!frames.msgs[0].cmd_len)
			halt(conn);
		return true;
	}
	while (frame_follows(conn, &frames))
		add_frame(&frames, conn_at(conn) + frames.bytes);
	conn->in_at += frames.bytes;
	run_frames(conn, &frames);
	return true;
}

/* ---- all requests but XFER have parameters of a length ---- */

static const struct {
	uint8_t params;
	void (*run)(struct conn *conn, const struct request *request);
} commands[] = {
	[0] = {BRIDGE_HELLO_PARAMS, hello}, /* the first, at which the others count */
	[BRIDGE_STATUS - BRIDGE_HELLO] = {0, status},
	[BRIDGE_READ - BRIDGE_HELLO] = {BRIDGE_READ_PARAMS, read_blocks},
	[BRIDGE_WAIT - BRIDGE_HELLO] = {BRIDGE_WAIT_PARAMS, wait_ready},
	[BRIDGE_CRC - BRIDGE_HELLO] = {BRIDGE_CRC_PARAMS, crc_range},
	[BRIDGE_PROGRAM - BRIDGE_HELLO] = {BRIDGE_PROGRAM_PARAMS, program},
	[BRIDGE_EXEC - BRIDGE_HELLO] = {BRIDGE_EXEC_PARAMS, exec},
	[BRIDGE_LEAVE - BRIDGE_HELLO] = {0, leave},
	[BRIDGE_SPEED - BRIDGE_HELLO] = {4, speed},
};

bool bridge_command(struct conn *conn)
{
	uint8_t cmd = *conn_at(conn);
	struct request request;
	size_t params, len;

	if (conn->halted && cmd != BRIDGE_STATUS && cmd != BRIDGE_HELLO && cmd != BRIDGE_LEAVE) {
		conn_drain(conn);
		return false;
	}
	if (cmd == BRIDGE_XFER)
		return xfer(conn);
	params = commands[cmd - BRIDGE_HELLO].params;
	len = HEAD + params + CHECK;
	if (conn_need(conn, len, CONN_GAP_US) || !check_is_good(conn_at(conn), len))
		return reply_damaged(conn);
	request.cmd = cmd;
	request.seq = conn_at(conn)[1];
	memcpy(request.params, conn_at(conn) + HEAD, params);
	conn->in_at += len;
	conn->halted = false;
	commands[cmd - BRIDGE_HELLO].run(conn, &request);
	/* The client may wait for it before it sends more, although more is here already. */
	(void)conn_flush(conn);
	return true;
}
