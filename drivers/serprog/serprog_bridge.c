/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bridge: messages become checked requests, and reads become blocks that are asked for again
 * when they fail. */
#include <string.h>

#include "serprog/serprog_int.h"

#define CRC_US_A_BYTE   8 /* a bound with room: about 2.3 at 16 MHz and full SPI clock */
#define WATCH_US        50000
#define UNKNOWN_HZ      1000000 /* where the device does not say */
#define BRIDGE_PAUSE_NS 128000
#define READ_TAIL \
	(256u << 10)   /* of a read: what follows it is sent that early. Nothing may stand
                                     between a NOP, which stops the read, and the read itself. */
#define BRIDGE_HEAD 24 /* bytes around a message: request, reply and both checks */

/* ---- greeting and clock ---- */

/* A byte takes as long as on the slower of two lines: the serial one or, behind a network, the
 * SPI wire. */
static void set_byte_time(struct serprog *sp)
{
	if (sp->ahead)
		sp->caps.byte_ns = (uint32_t)((8000000000ull + sp->caps.hz - 1) / sp->caps.hz);
	else
		sp->caps.byte_ns = sp->baud ? sp_line_us(sp, 1000) : 1000;
}

static void describe(struct serprog *sp, const uint8_t *payload, uint32_t trip_us)
{
	sp->window = wire_get16(payload + 1);
	sp->xfer_max = wire_get16(payload + 3);
	sp->ahead = payload[17] & BRIDGE_SENDS_AHEAD;
	sp->caps.hz = spi_believe_hz(wire_get32(payload + 9), UNKNOWN_HZ);
	sp->caps.hz_max = spi_believe_hz(wire_get32(payload + 5) / 2, sp->caps.hz);
	sp->caps.hz_min = spi_believe_hz(wire_get32(payload + 5) / 128, sp->caps.hz_max);
	if (sp->ahead && payload[17] & BRIDGE_FIXED_HZ)
		sp->caps.hz_min = sp->caps.hz_max = sp->caps.hz;
	sp->caps.depth = 64;
	sp->caps.max_queue = 4096;
	sp->caps.max_tx = sp->xfer_max < BRIDGE_FRAME_MAX ? sp->xfer_max : BRIDGE_FRAME_MAX;
	sp->caps.max_rx = 64 << 20;
	set_byte_time(sp);
	sp->caps.msg_ns = BRIDGE_HEAD * sp->caps.byte_ns;
	sp->caps.trip_us = trip_us > sp->line.latency_us ? trip_us : sp->line.latency_us;
	sp->caps.pause_ns_min = BRIDGE_PAUSE_NS;
	sp->caps.until = sp->caps.crc = sp->caps.safe_line = true;
}

static void make_hello(struct serprog *sp, struct wire_request *request)
{
	wire_begin(request, BRIDGE_HELLO, ++sp->seq);
	wire_u32(request, sp->token);
	wire_end(request);
}

void bridge_make_first_hello(struct serprog *sp, struct wire_request *request)
{
	bool refused = false;

	while (!refused) {
		sp->seq |= 0x80;
		sp->token = (sp->token * 1664525u + 1013904223u) | 0x80808080u;
		make_hello(sp, request);
		refused = true;
		for (size_t i = 1; i < request->len; i++)
			refused &= request->bytes[i] >= 0x80;
	}
}

static int send_hello(struct serprog *sp, struct np_error *err)
{
	struct wire_request request;

	if (sp->hello_asked)
		return 0;
	make_hello(sp, &request);
	return sp_write(sp, request.bytes, request.len, err);
}

int bridge_hello(struct serprog *sp, struct np_error *err)
{
	uint8_t payload[BRIDGE_HELLO_PAYLOAD];
	struct bridge_reply reply = {.payload = payload, .len = sizeof(payload)};
	uint64_t begun = 0, took;
	int ret = LINE_FAULT;

	for (int i = 0; i < 4 && ret == LINE_FAULT; i++) {
		begun = sp->hello_asked ? sp->asked_us : sp->line.ops->now_us(sp->line.self);
		ret = send_hello(sp, err);
		sp->hello_asked = false;
		if (!ret)
			ret = bridge_read_reply(sp, BRIDGE_HELLO, sp->seq, -1, 0, &reply, err);
		took = sp->line.ops->now_us(sp->line.self) - begun;
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
	describe(sp, payload, sp->baud ? 0 : (uint32_t)took);
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
		sp->caps.hz = spi_believe_hz(wire_get32(payload), UNKNOWN_HZ);
	set_byte_time(sp);
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
	/* The answer is awaited, because the user may take the clip off as soon as norprog has
	 * ended. */
	if (sp_write(sp, request.bytes, request.len, &ignored) == 0)
		(void)bridge_read_reply(sp, BRIDGE_LEAVE, sp->seq, -1, 0, &reply, &ignored);
}

/* ---- waiting ---- */

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
		/* Behind pages that were sent ahead there must be no NOP, because the device
		 * would take it for a byte of a page. */
		if (!*stopped && !run->sent_count && sp_progress(run, run->base, 0)) {
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
	return np_fail(
		run->err, NP_E_TIMEOUT,
		"the chip was not ready in time: its status %02Xh did not become %02Xh (mask %02Xh) in %u us",
		last, msg->until_value, msg->until_mask, msg->until_us);
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

/* ---- reads ---- */

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

/* What follows the message in work, which is sent already. */
static int send_behind(struct serprog_run *run)
{
	int ret;

	if (run->next == run->base)
		run->next++;
	run->behind = true;
	ret = bridge_send_ahead(run);
	run->behind = false;
	return ret;
}

/* One READ from *at to `end`, until it is done or a block fails. */
static int read_stream(struct serprog_run *run, struct spi_msg *msg, const struct wire_read *read,
                       size_t *at, size_t end)
{
	struct serprog *sp = run->sp;
	struct wire_request request;
	uint8_t status = 0;
	int ret;

	read_request(&request, BRIDGE_READ, ++sp->seq, read, *at, end - *at);
	wire_end(&request);
	ret = sp_write(sp, request.bytes, request.len, run->err);
	sp->streaming = true;
	if (!ret)
		ret = sp_read(sp, &status, 1, 0, run->err);
	if (!ret && status != BRIDGE_OK)
		ret = LINE_FAULT;
	while (!ret && *at < end) {
		size_t left = end - *at;
		size_t n = left < BRIDGE_BLOCK_LEN ? left : BRIDGE_BLOCK_LEN;

		ret = receive_block(sp, read->addr + (uint32_t)*at, msg->rx + *at, n, run->err);
		if (ret)
			break;
		*at += n;
		if (sp_progress(run, run->base, *at) && *at < msg->rx_len)
			ret = stopped_on_request(run);
		else if (sp->ahead && msg->rx_len - *at <= READ_TAIL)
			ret = send_behind(run);
	}
	if (ret)
		sp->adrift = true;
	else
		sp->streaming = false;
	return ret;
}

/* A line so bad that whole blocks do not come through is asked for a page at a time. */
static size_t read_end(const struct spi_msg *msg, size_t at, const struct fault_budget *budget)
{
	size_t left = msg->rx_len - at;

	return at + (budget->in_row > 1 && left > BRIDGE_PAGE_LEN ? BRIDGE_PAGE_LEN : left);
}

static int run_read(struct serprog_run *run, struct spi_msg *msg)
{
	struct fault_budget budget = {0};
	struct wire_read read;
	size_t at = 0, before;
	int ret;

	wire_parse_read(msg, &read);
	do {
		before = at;
		ret = read_stream(run, msg, &read, &at, read_end(msg, at, &budget));
		if (ret)
			bridge_forget_sent(run);
		if (ret == LINE_FAULT)
			ret = bridge_after_fault(run->sp, &budget, at > before, run->err);
		else if (!ret)
			budget.in_row = 0;
	} while (!ret && at < msg->rx_len);
	return ret;
}

static int refused_crc(const struct serprog_run *run, uint8_t status)
{
	return np_fail(run->err, NP_E_BUS, "the bridge refused a CRC (%02Xh)", status);
}

int bridge_send_crc(struct serprog_run *run, size_t base, uint8_t *seq)
{
	const struct spi_msg *msg = &run->msgs[base];
	struct serprog *sp = run->sp;
	struct wire_request request;
	struct wire_read read;

	*seq = ++sp->seq;
	wire_parse_read(msg, &read);
	read_request(&request, BRIDGE_CRC, *seq, &read, 0, msg->rx_len);
	wire_u32(&request, 0);
	wire_end(&request);
	return sp_write(sp, request.bytes, request.len, run->err);
}

static uint32_t crc_time_us(const struct serprog *sp, size_t len)
{
	return (uint32_t)(len * (CRC_US_A_BYTE + 16000000ull / sp->caps.hz));
}

/* The reply to a CRC that was sent ahead. LINE_FAULT: ask again. */
static int receive_crc(struct serprog_run *run, struct spi_msg *msg,
                       const struct serprog_sent *sent)
{
	uint8_t payload[4];
	struct bridge_reply reply = {.payload = payload, .len = sizeof(payload)};
	int ret = bridge_read_reply(run->sp, BRIDGE_CRC, sent->seq, -1,
	                            crc_time_us(run->sp, msg->rx_len), &reply, run->err);

	if (!ret && reply.status == BRIDGE_RANGE)
		return refused_crc(run, reply.status);
	if (!ret && reply.status != BRIDGE_OK)
		ret = LINE_FAULT;
	msg->crc = ret ? 0 : wire_get32(payload);
	return ret;
}

/* In pieces, each continued from the one before. */
static int ask_crc(struct serprog_run *run, struct spi_msg *msg)
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

		n = msg->rx_len - at < BRIDGE_CRC_PIECE ? msg->rx_len - at : BRIDGE_CRC_PIECE;
		read_request(&request, BRIDGE_CRC, ++sp->seq, &read, at, n);
		wire_u32(&request, crc);
		wire_end(&request);
		ret = bridge_ask(sp, &request, crc_time_us(sp, n), &reply, run->err);
		if (ret)
			return ret;
		if (reply.status != BRIDGE_OK)
			return refused_crc(run, reply.status);
		crc = wire_get32(payload);
		if (sp_progress(run, run->base, at + n) && at + n < msg->rx_len)
			return stopped_on_request(run);
	}
	msg->crc = crc;
	return 0;
}

static int run_crc(struct serprog_run *run, struct spi_msg *msg)
{
	struct fault_budget budget = {0};
	struct serprog_sent sent;
	int ret;

	if (!bridge_take_sent(run, &sent))
		return ask_crc(run, msg);
	ret = receive_crc(run, msg, &sent);
	if (ret != LINE_FAULT)
		return ret;
	bridge_forget_sent(run);
	ret = bridge_after_fault(run->sp, &budget, false, run->err);
	return ret ? ret : ask_crc(run, msg);
}

/* ---- the queue ---- */

/* Run what begins at run->base; *msgs_done says how many messages are done, also on failure. */
static int run_step(struct serprog_run *run, size_t *msgs_done)
{
	struct spi_msg *msg = &run->msgs[run->base];
	struct wire_step step;
	int ret;

	*msgs_done = 0;
	wire_next_step(msg, run->count - run->base, &step);
	if (bridge_is_frame(run->sp, msg, step.kind))
		return bridge_run_frames(run, msgs_done);
	switch (step.kind) {
	case WIRE_PROGRAM:
		return bridge_program(run, &step, msgs_done);
	case WIRE_EXEC:
		return bridge_exec(run, &step, msgs_done);
	case WIRE_WAIT:
		ret = run_wait(run, msg);
		break;
	case WIRE_READ:
		ret = run_read(run, msg);
		break;
	default:
		ret = run_crc(run, msg);
	}
	*msgs_done = ret ? 0 : 1;
	return ret;
}

static int be_in_step(struct serprog *sp, struct np_error *err)
{
	int ret = 0;

	if (sp->was_reset)
		ret = bridge_hello(sp, err);
	else if (sp->adrift)
		ret = bridge_resync(sp, err);
	if (ret == LINE_FAULT)
		ret = np_fail(err, NP_E_BUS, "the bridge on %s does not answer", sp->line.name);
	return ret;
}

/* The greeting was slow if the server was still busy with a client before. Each run takes at least one
 * round trip, so that none is longer than the shortest run. */
static void learn_trip(struct serprog *sp, uint64_t took_us)
{
	if (!sp->baud && took_us < sp->caps.trip_us)
		sp->caps.trip_us =
			took_us > sp->line.latency_us ? (uint32_t)took_us : sp->line.latency_us;
}

/* Once the caller wants to stop nothing more is sent, and what is on the way is awaited. */
int bridge_run(struct serprog_run *run, size_t count, size_t *done)
{
	uint64_t begun_us = run->sp->line.ops->now_us(run->sp->line.self);
	int ret = be_in_step(run->sp, run->err);
	bool stopping = false;
	size_t n;

	for (*done = 0; !ret && *done < count; *done += n) {
		run->base = *done;
		if (run->next == BRIDGE_SEND_NONE || run->next < run->base)
			run->next = run->base;
		if (!stopping)
			ret = bridge_send_ahead(run);
		n = 0;
		if (!ret)
			ret = run_step(run, &n);
		if (!ret && *done + n < count && !stopping)
			stopping = sp_progress(run, *done + n - 1, run->msgs[*done + n - 1].rx_len);
		if (!ret && stopping && !run->sent_count)
			ret = stopped_on_request(run);
	}
	if (!ret && count)
		learn_trip(run->sp, run->sp->line.ops->now_us(run->sp->line.self) - begun_us);
	/* What was sent behind a failure is thrown away there, and so is its answer here. */
	if (run->sent_count || (ret && run->sp->ahead))
		run->sp->adrift = true;
	return ret;
}
