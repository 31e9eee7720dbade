/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ch347_wire.h"

#include <string.h>

enum {
	HEADER = 3,
	CONFIG_LEN = 26,
	CS_LEN = 10,
	CS_CHANGE = 0x80,
	CS_HIGH = 0x40,
	DIVIDERS = 8,
	CHUNK_MIN = 4096,
	CHUNK_MAX = 262144,
	READS_AHEAD = 2,
	SOON = 16, /* answers to what is about to be sent, at most */
};

enum stage {
	STAGE_SELECT,
	STAGE_SEND,
	STAGE_RECEIVE,
	STAGE_DESELECT,
	STAGE_PAUSE,
	STAGE_CLOSE,
	STAGE_END
};

bool ch347_divider(uint32_t hz, uint8_t *divider, uint32_t *actual_hz)
{
	for (uint8_t i = 0; i < DIVIDERS; i++)
		if (CH347_HZ_MAX >> i <= hz) {
			*divider = i;
			*actual_hz = CH347_HZ_MAX >> i;
			return true;
		}
	return false;
}

static size_t begin(uint8_t *buf, enum ch347_command command, size_t len)
{
	memset(buf, 0, HEADER + len);
	buf[0] = (uint8_t)command;
	buf[1] = (uint8_t)len;
	buf[2] = (uint8_t)(len >> 8);
	return HEADER + len;
}

size_t ch347_put_config(uint8_t buf[CH347_FRAME_MAX], uint8_t divider)
{
	size_t len = begin(buf, CH347_CONFIG, CONFIG_LEN);

	/* Mode 0, most significant bit first, CS active low: those bytes stay zero. */
	buf[5] = 4;
	buf[6] = 1;
	buf[14] = 2;
	buf[15] = (uint8_t)(divider << 3);
	buf[19] = 7;
	return len;
}

size_t ch347_put_cs(uint8_t buf[CH347_FRAME_MAX], bool low)
{
	size_t len = begin(buf, CH347_CS, CS_LEN);

	buf[3] = CS_CHANGE | (low ? 0 : CS_HIGH);
	return len;
}

size_t ch347_put_read(uint8_t buf[CH347_FRAME_MAX], uint32_t len)
{
	size_t total = begin(buf, CH347_READ, sizeof(len));

	for (unsigned i = 0; i < sizeof(len); i++)
		buf[HEADER + i] = (uint8_t)(len >> 8 * i);
	return total;
}

long ch347_payload(const uint8_t *frame, size_t len, enum ch347_command command,
                   const uint8_t **payload)
{
	size_t claimed;

	if (len < HEADER || frame[0] != command)
		return -1;
	claimed = frame[1] | (size_t)frame[2] << 8;
	if (claimed != len - HEADER)
		return -1;
	*payload = frame + HEADER;
	return (long)claimed;
}

/* ---- a queue ---- */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* About 100 ms of wire. */
static size_t chunk_for(uint32_t hz)
{
	size_t bytes = hz / 80;

	return bytes < CHUNK_MIN ? CHUNK_MIN : least(bytes, CHUNK_MAX);
}

void ch347_wire_begin(struct ch347_wire *wire, struct spi_msg *msgs, size_t count, uint32_t hz,
                      size_t ahead)
{
	*wire = (struct ch347_wire){
		.msgs = msgs, .count = count, .hz = hz, .chunk = chunk_for(hz), .ahead = ahead};
}

static struct ch347_due *expect(struct ch347_wire *wire, enum ch347_command command)
{
	struct ch347_due *due = &wire->due[(wire->due_at + wire->due_count++) % CH347_AHEAD_MAX];

	*due = (struct ch347_due){.command = command, .msg = wire->out_msg};
	return due;
}

/* The next bytes of command and data. */
static size_t copy_out(const struct spi_msg *msg, size_t pos, uint8_t *buf, size_t len)
{
	for (size_t i = 0; i < len; i++, pos++)
		buf[i] = pos < msg->cmd_len ? msg->cmd[pos] : msg->tx[pos - msg->cmd_len];
	return len;
}

static size_t put_send(struct ch347_wire *wire, uint8_t *buf)
{
	const struct spi_msg *msg = &wire->msgs[wire->out_msg];
	size_t len = least(msg->cmd_len + msg->tx_len - wire->out_pos, CH347_DATA);

	if (!len) {
		wire->stage = STAGE_RECEIVE;
		wire->out_pos = 0;
		return 0;
	}
	begin(buf, CH347_WRITE, len);
	wire->out_pos += copy_out(msg, wire->out_pos, buf + HEADER, len);
	expect(wire, CH347_WRITE);
	return HEADER + len;
}

static size_t reads_due(const struct ch347_wire *wire)
{
	size_t reads = 0;

	for (size_t i = 0; i < wire->due_count; i++)
		reads += wire->due[(wire->due_at + i) % CH347_AHEAD_MAX].left >= CHUNK_MIN;
	return reads;
}

/* The next `skip` bytes, which nobody wants, and `len` more. Two such commands are enough to keep it busy;
 * others would only make a stop late. */
static size_t put_read(struct ch347_wire *wire, uint8_t *buf, size_t skip, uint8_t *rx, size_t len,
                       bool *blocked)
{
	struct ch347_due *due;

	*blocked = reads_due(wire) >= READS_AHEAD;
	if (*blocked)
		return 0;
	due = expect(wire, CH347_READ);
	due->skip = skip;
	due->rx = rx;
	due->left = skip + len;
	wire->pause_bytes -= skip;
	return ch347_put_read(buf, (uint32_t)due->left);
}

static size_t pause_chunk(const struct ch347_wire *wire)
{
	return wire->pause_bytes < wire->chunk ? (size_t)wire->pause_bytes : wire->chunk;
}

static size_t put_receive(struct ch347_wire *wire, uint8_t *buf, bool *blocked)
{
	const struct spi_msg *msg = &wire->msgs[wire->out_msg];
	size_t skip = pause_chunk(wire);
	size_t put, len = least(msg->rx_len - wire->out_pos, wire->chunk - skip);

	if (skip + len == 0 || wire->stop) {
		wire->cut = skip + len > 0;
		wire->stage = STAGE_DESELECT;
		return 0;
	}
	put = put_read(wire, buf, skip, msg->rx + wire->out_pos, len, blocked);
	wire->out_pos += put ? len : 0;
	return put;
}

static size_t put_select(struct ch347_wire *wire, uint8_t *buf)
{
	wire->out_pos = 0;
	wire->stage = STAGE_SEND;
	return ch347_put_cs(buf, true);
}

/* Is the pause behind message `i` kept by reading status before it is wanted? Then what comes first in the
 * answer is as long after the command as the clock is exact; commands take time that nobody knows. */
static bool pause_is_status(const struct ch347_wire *wire, size_t i)
{
	const struct spi_msg *next = &wire->msgs[i + 1];

	return i + 1 < wire->count && next->flags & SPI_MSG_STATUS && next->rx_len;
}

static size_t put_deselect(struct ch347_wire *wire, uint8_t *buf)
{
	uint64_t us = wire->msgs[wire->out_msg].pause_us;
	bool goes_on = !wire->stop && pause_is_status(wire, wire->out_msg);

	wire->pause_bytes = (us * wire->hz + 7999999) / 8000000;
	wire->out_msg += !wire->cut;
	wire->stage = goes_on ? STAGE_SELECT : STAGE_PAUSE;
	return ch347_put_cs(buf, false);
}

/* Bytes while no chip is selected. They are read, because one command clocks any number of them. */
static size_t put_pause(struct ch347_wire *wire, uint8_t *buf, bool *blocked)
{
	size_t len = pause_chunk(wire);

	if (len)
		return put_read(wire, buf, len, NULL, 0, blocked);
	wire->stage = wire->stop || wire->out_msg == wire->count ? STAGE_CLOSE : STAGE_SELECT;
	return 0;
}

static size_t put_close(struct ch347_wire *wire, uint8_t *buf)
{
	wire->stage = STAGE_END;
	begin(buf, CH347_WRITE, 1);
	buf[HEADER] = 0xff;
	expect(wire, CH347_WRITE);
	return HEADER + 1;
}

static size_t put_next(struct ch347_wire *wire, uint8_t *buf, bool *blocked)
{
	switch ((enum stage)wire->stage) {
	case STAGE_SELECT:
		return put_select(wire, buf);
	case STAGE_SEND:
		return put_send(wire, buf);
	case STAGE_RECEIVE:
		return put_receive(wire, buf, blocked);
	case STAGE_DESELECT:
		return put_deselect(wire, buf);
	case STAGE_PAUSE:
		return put_pause(wire, buf, blocked);
	default:
		return put_close(wire, buf);
	}
}

size_t ch347_wire_encode(struct ch347_wire *wire, uint8_t buf[CH347_FRAME_MAX])
{
	bool blocked = false;
	size_t len = 0;

	while (!len && !blocked && wire->stage != STAGE_END && wire->due_count < wire->ahead)
		len = put_next(wire, buf, &blocked);
	return len;
}

void ch347_wire_stop(struct ch347_wire *wire)
{
	wire->stop = true;
	if (wire->stage == STAGE_SELECT)
		wire->stage = STAGE_CLOSE;
}

static bool take_read(struct ch347_wire *wire, struct ch347_due *due, const uint8_t *payload,
                      size_t len)
{
	size_t skip = least(len, due->skip), wanted = len - skip;

	if (!len || len > due->left)
		return false;
	due->left -= len;
	due->skip -= skip;
	if (!wanted)
		return true;
	memcpy(due->rx, payload + skip, wanted);
	due->rx += wanted;
	wire->in_pos = (size_t)(due->rx - wire->msgs[due->msg].rx);
	return true;
}

bool ch347_wire_decode(struct ch347_wire *wire, const uint8_t *data, size_t len)
{
	struct ch347_due *due = &wire->due[wire->due_at];
	const uint8_t *payload;
	long got;

	if (!wire->due_count)
		return false;
	got = ch347_payload(data, len, due->command, &payload);
	if (got < 0)
		return false;
	if (due->msg != wire->in_msg)
		wire->in_pos = 0;
	wire->in_msg = due->msg;
	if (due->command == CH347_READ && !take_read(wire, due, payload, (size_t)got))
		return false;
	if (due->left)
		return true;
	wire->due_at = (wire->due_at + 1) % CH347_AHEAD_MAX;
	wire->due_count--;
	return true;
}

/* Answers that what is still to be sent will have, at least. What is asked for and never comes would have
 * to be taken back at the end, and the next queue waits for that. */
static size_t soon(const struct ch347_wire *wire)
{
	bool begun = wire->stage != STAGE_SELECT && wire->stage != STAGE_PAUSE;
	size_t answers = 1; /* of the end */

	if (wire->stage >= STAGE_CLOSE || wire->stop)
		return wire->stage != STAGE_END;
	for (size_t i = wire->out_msg + begun; i < wire->count && answers < SOON; i++) {
		const struct spi_msg *msg = &wire->msgs[i];

		answers +=
			(msg->cmd_len + msg->tx_len > 0) + (msg->rx_len > 0) + (msg->pause_us > 0);
	}
	return answers;
}

size_t ch347_wire_want(const struct ch347_wire *wire)
{
	size_t packets = soon(wire);

	for (size_t i = 0; i < wire->due_count; i++) {
		const struct ch347_due *due = &wire->due[(wire->due_at + i) % CH347_AHEAD_MAX];

		packets += due->left ? (due->left + CH347_DATA - 1) / CH347_DATA : 1;
	}
	return packets;
}
