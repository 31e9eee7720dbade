/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bridge: messages become checked requests, and reads become blocks that are asked for again
 * when they fail. */
#include <string.h>

#include "base/hash.h"
#include "serprog_int.h"

#define CRC_PIECE       65536 /* about 0.15 s of the device's time: progress is told in between */
#define CRC_US_A_BYTE   8     /* a bound with room: about 2.3 at 16 MHz and full SPI clock */
#define WATCH_US        50000
#define BRIDGE_PAUSE_NS 128000
#define BRIDGE_HEAD     24 /* bytes around a message: request, reply and both checks */

/* ---- greeting and clock
 * -------------------------------------------------------------------------- */

static void describe(struct serprog *sp, const uint8_t *payload)
{
	sp->window = wire_get16(payload + 1);
	sp->xfer_max = wire_get16(payload + 3);
	sp->caps.hz = wire_get32(payload + 9);
	sp->caps.hz_max = wire_get32(payload + 5) / 2;
	sp->caps.hz_min = wire_get32(payload + 5) / 128;
	sp->caps.depth = 64;
	sp->caps.max_queue = 4096;
	sp->caps.max_tx = sp->xfer_max;
	sp->caps.max_rx = 64 << 20;
	sp->caps.byte_ns = sp->baud ? sp_line_us(sp, 1000) : 1000;
	sp->caps.msg_ns = BRIDGE_HEAD * sp->caps.byte_ns;
	sp->caps.trip_us = sp->line.latency_us;
	sp->caps.pause_ns_min = BRIDGE_PAUSE_NS;
	sp->caps.until = sp->caps.crc = sp->caps.safe_line = true;
}

int bridge_hello(struct serprog *sp, struct np_error *err)
{
	uint8_t payload[BRIDGE_HELLO_PAYLOAD];
	struct bridge_reply reply = {.payload = payload, .len = sizeof(payload)};
	struct wire_request request;
	int ret = LINE_FAULT;

	for (int i = 0; i < 4 && ret == LINE_FAULT; i++) {
		wire_begin(&request, BRIDGE_HELLO, ++sp->seq);
		wire_u32(&request, sp->token);
		wire_end(&request);
		ret = sp_write(sp, request.bytes, request.len, err);
		if (!ret)
			ret = bridge_read_reply(sp, BRIDGE_HELLO, sp->seq, -1, 0, &reply, err);
		if (!ret && reply.status != BRIDGE_OK)
			ret = LINE_FAULT;
		if (ret == LINE_FAULT && sp_discard(sp, 2 * BRIDGE_QUIET_MS * 1000, err) < 0)
			return NP_E_GONE;
	}
	if (ret)
		return ret;
	if (payload[0] != BRIDGE_VERSION || wire_get16(payload + 1) < 600)
		return np_fail(err, NP_E_UNSUPPORTED,
		               "the bridge speaks version %u, norprog version %d", payload[0],
		               BRIDGE_VERSION);
	sp->adrift = sp->was_reset = sp->streaming = false;
	describe(sp, payload);
	return 0;
}

int bridge_set_hz(struct serprog *sp, uint32_t hz, struct np_error *err)
{
	uint8_t payload[4];
	struct bridge_reply reply = {.payload = payload, .len = sizeof(payload)};
	struct wire_request request;
	int ret;

	wire_begin(&request, BRIDGE_SPEED, ++sp->seq);
	wire_u32(&request, hz);
	wire_end(&request);
	ret = bridge_ask(sp, &request, 0, &reply, err);
	if (!ret)
		sp->caps.hz = wire_get32(payload);
	return ret;
}

void bridge_leave(struct serprog *sp)
{
	struct bridge_reply reply = {0};
	struct wire_request request;
	struct np_error ignored;

	if (sp->adrift && bridge_resync(sp, &ignored))
		return;
	wire_begin(&request, BRIDGE_LEAVE, ++sp->seq);
	wire_end(&request);
	if (sp_write(sp, request.bytes, request.len, &ignored) == 0)
		(void)bridge_read_reply(sp, BRIDGE_LEAVE, sp->seq, -1, 0, &reply, &ignored);
}

/* ---- waiting
 * --------------------------------------------------------------------------------------- */

static int stopped_on_request(const struct serprog_run *run)
{
	return np_fail(run->err, NP_E_INTERRUPTED, "stopped on request");
}

int bridge_await(const struct serprog_run *run, uint64_t limit_us, bool *stopped)
{
	static const uint8_t nop = SERPROG_NOP;
	struct serprog *sp = run->sp;
	const struct serial_ops *ops = sp->line.ops;
	uint64_t end = ops->now_us(sp->line.self) + limit_us + sp->line.slack_us;
	int ret;

	do {
		ret = sp_fill(sp, WATCH_US, run->err);
		if (ret <= 0)
			return ret;
		if (!*stopped && sp_progress(run, run->base, 0)) {
			*stopped = true;
			ret = sp_write(sp, &nop, 1, run->err);
		}
	} while (ret >= 0 && ops->now_us(sp->line.self) < end);
	return ret < 0 ? ret : LINE_FAULT;
}

static int still_busy(const struct serprog_run *run, const struct spi_msg *msg, uint8_t last)
{
	if (msg->rx)
		msg->rx[0] = last;
	return np_fail(run->err, NP_E_TIMEOUT,
	               "status %02Xh did not become %02Xh (mask %02Xh) in %u us", last,
	               msg->until_value, msg->until_mask, msg->until_us);
}

static int once_wait(const struct serprog_run *run, const struct spi_msg *msg,
                     struct bridge_reply *reply, bool *stopped)
{
	struct serprog *sp = run->sp;
	struct wire_request request;
	int ret;

	wire_begin(&request, BRIDGE_WAIT, ++sp->seq);
	wire_u8(&request, msg->cmd[0]);
	wire_u8(&request, msg->until_mask);
	wire_u8(&request, msg->until_value);
	wire_u32(&request, msg->until_us);
	wire_end(&request);
	ret = sp_write(sp, request.bytes, request.len, run->err);
	if (!ret)
		ret = bridge_await(run, msg->until_us, stopped);
	return ret ? ret : bridge_read_reply(sp, BRIDGE_WAIT, sp->seq, -1, 0, reply, run->err);
}

static int run_wait(const struct serprog_run *run, struct spi_msg *msg)
{
	struct serprog *sp = run->sp;
	struct fault_budget budget = {0};
	struct bridge_reply reply = {0};
	bool stopped = false;
	int ret;

	if (msg->cmd_len != 1)
		return np_fail(run->err, NP_E_UNSUPPORTED,
		               "the bridge repeats one-byte status commands only");
	for (;;) {
		ret = once_wait(run, msg, &reply, &stopped);
		if (ret < 0)
			return ret;
		if (!ret && reply.status == BRIDGE_CHIP_BUSY)
			return still_busy(run, msg, reply.last);
		if (!ret && reply.status == BRIDGE_OK) {
			msg->rx[0] = reply.last;
			return 0;
		}
		sp->adrift = true;
		if (stopped)
			return stopped_on_request(run);
		ret = bridge_after_fault(sp, &budget, false, run->err);
		if (ret)
			return ret;
	}
}

/* ---- single frames
 * ----------------------------------------------------------------------------------- */

static int run_xfer(const struct serprog_run *run, struct spi_msg *msg)
{
	uint8_t bytes[WIRE_REQUEST_MAX + 4096];
	struct serprog *sp = run->sp;
	struct fault_budget budget = {0};
	struct bridge_reply reply = {.payload = msg->rx, .len = msg->rx_len};
	size_t send = msg->cmd_len + msg->tx_len, len;
	struct wire_request head;
	uint32_t wait_us;
	int ret = 0;

	if (msg->rx_len > UINT16_MAX || send > sp->xfer_max || send > 4096)
		return np_fail(run->err, NP_E_UNSUPPORTED,
		               "a frame of %zu bytes is too long for the bridge",
		               send + msg->rx_len);
	wire_begin(&head, BRIDGE_XFER, ++sp->seq);
	wire_u16(&head, (uint16_t)send);
	wire_u16(&head, (uint16_t)msg->rx_len);
	wire_u32(&head, msg->pause_us);
	memcpy(bytes, head.bytes, head.len);
	memcpy(bytes + head.len, msg->cmd, msg->cmd_len);
	if (msg->tx_len)
		memcpy(bytes + head.len + msg->cmd_len, msg->tx, msg->tx_len);
	len = head.len + send;
	wire_put32(bytes + len, np_crc32(0, bytes, len));
	wait_us = sp_line_us(sp, len) + msg->pause_us;
	while (!ret) {
		ret = sp_write(sp, bytes, len + 4, run->err);
		if (!ret)
			ret = bridge_read_reply(sp, BRIDGE_XFER, head.bytes[1], -1, wait_us, &reply,
			                        run->err);
		if (!ret && reply.status == BRIDGE_OK)
			return 0;
		if (ret >= 0)
			ret = bridge_after_fault(sp, &budget, false, run->err);
	}
	return ret;
}

/* ---- reads
 * -------------------------------------------------------------------------------------------- */

static void read_request(struct wire_request *request, uint8_t cmd, uint8_t seq,
                         const struct wire_read *read, size_t at, size_t len)
{
	wire_begin(request, cmd, seq);
	wire_u8(request, read->opcode);
	wire_u8(request, read->addr_len);
	wire_u8(request, read->dummy);
	wire_u32(request, read->addr + (uint32_t)at);
	wire_u32(request, (uint32_t)len);
}

static int receive_block(struct serprog *sp, uint32_t addr, uint8_t *out, size_t len,
                         struct np_error *err)
{
	enum wire_result result = WIRE_MORE;
	struct wire_block block;
	size_t used;

	wire_block_begin(&block, addr, out, len);
	while (result == WIRE_MORE) {
		int ret = sp_fill(sp, sp->line.slack_us, err);

		if (ret)
			return ret;
		result = wire_block_feed(&block, sp->in + sp->in_at, sp->in_len - sp->in_at, &used);
		sp->in_at += used;
	}
	return result == WIRE_DONE ? 0 : LINE_FAULT;
}

/* One READ from *at on, until it is done or a block fails. */
static int read_stream(const struct serprog_run *run, struct spi_msg *msg,
                       const struct wire_read *read, size_t *at)
{
	struct serprog *sp = run->sp;
	struct wire_request request;
	uint8_t status = 0;
	int ret;

	read_request(&request, BRIDGE_READ, ++sp->seq, read, *at, msg->rx_len - *at);
	wire_end(&request);
	ret = sp_write(sp, request.bytes, request.len, run->err);
	sp->streaming = true;
	if (!ret)
		ret = sp_read(sp, &status, 1, 0, run->err);
	if (!ret && status != BRIDGE_OK)
		ret = LINE_FAULT;
	while (!ret && *at < msg->rx_len) {
		size_t left = msg->rx_len - *at;
		size_t n = left < BRIDGE_BLOCK_LEN ? left : BRIDGE_BLOCK_LEN;

		ret = receive_block(sp, read->addr + (uint32_t)*at, msg->rx + *at, n, run->err);
		if (ret)
			break;
		*at += n;
		if (sp_progress(run, run->base, *at) && *at < msg->rx_len)
			ret = stopped_on_request(run);
	}
	if (ret)
		sp->adrift = true;
	else
		sp->streaming = false;
	return ret;
}

static int run_read(const struct serprog_run *run, struct spi_msg *msg)
{
	struct fault_budget budget = {0};
	struct wire_read read;
	size_t at = 0, before;
	int ret;

	wire_parse_read(msg, &read);
	do {
		before = at;
		ret = read_stream(run, msg, &read, &at);
		if (ret == LINE_FAULT) {
			ret = bridge_after_fault(run->sp, &budget, at > before, run->err);
			if (ret)
				return ret;
			ret = LINE_FAULT;
		}
	} while (ret == LINE_FAULT);
	return ret;
}

static int run_crc(const struct serprog_run *run, struct spi_msg *msg)
{
	uint8_t payload[4];
	struct bridge_reply reply = {.payload = payload, .len = sizeof(payload)};
	struct serprog *sp = run->sp;
	struct wire_request request;
	struct wire_read read;
	uint32_t crc = 0;

	if (!wire_parse_read(msg, &read))
		return np_fail(run->err, NP_E_UNSUPPORTED, "no CRC of command %02Xh", msg->cmd[0]);
	for (size_t at = 0, n; at < msg->rx_len; at += n) {
		int ret;

		n = msg->rx_len - at < CRC_PIECE ? msg->rx_len - at : CRC_PIECE;
		read_request(&request, BRIDGE_CRC, ++sp->seq, &read, at, n);
		wire_u32(&request, crc);
		wire_end(&request);
		ret = bridge_ask(sp, &request,
		                 (uint32_t)(n * (CRC_US_A_BYTE + 16000000ull / (sp->caps.hz + 1))),
		                 &reply, run->err);
		if (ret)
			return ret;
		if (reply.status != BRIDGE_OK)
			return np_fail(run->err, NP_E_BUS, "the bridge refused a CRC (%02Xh)",
			               reply.status);
		crc = wire_get32(payload);
		if (sp_progress(run, run->base, at + n) && at + n < msg->rx_len)
			return stopped_on_request(run);
	}
	msg->crc = crc;
	return 0;
}

/* ---- the queue
 * ----------------------------------------------------------------------------------------- */

static int run_step(struct serprog_run *run, const struct wire_step *step, size_t *msgs_done)
{
	struct spi_msg *msg = &run->msgs[run->base];

	*msgs_done = 0;
	switch (step->kind) {
	case WIRE_XFER:
		return run_xfer(run, msg);
	case WIRE_WAIT:
		return run_wait(run, msg);
	case WIRE_READ:
		return run_read(run, msg);
	case WIRE_CRC:
		return run_crc(run, msg);
	case WIRE_PROGRAM:
		return bridge_program(run, step, msgs_done);
	case WIRE_EXEC:
		return bridge_exec(run, step, msgs_done);
	}
	return np_fail(run->err, NP_E_UNSUPPORTED, "no such message");
}

int bridge_run(struct serprog_run *run, size_t count, size_t *done)
{
	struct serprog *sp = run->sp;
	struct wire_step step;
	size_t part = 0;
	int ret = 0;

	if (sp->was_reset)
		ret = bridge_hello(sp, run->err);
	else if (sp->adrift)
		ret = bridge_resync(sp, run->err);
	if (ret == LINE_FAULT)
		ret = np_fail(run->err, NP_E_BUS, "the bridge on %s does not answer",
		              sp->line.name);
	for (*done = 0; !ret && *done < count; *done += ret ? part : step.msgs) {
		run->base = *done;
		wire_next_step(&run->msgs[*done], count - *done, &step);
		ret = run_step(run, &step, &part);
		if (!ret && sp_progress(run, *done + step.msgs - 1, 0) &&
		    *done + step.msgs < count) {
			ret = stopped_on_request(run);
			part = step.msgs;
		}
	}
	return ret;
}
