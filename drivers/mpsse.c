/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mpsse.h"

#include <string.h>

enum {
	CMD_WRITE = 0x11, /* bytes, MSB first, out on the falling edge */
	CMD_READ = 0x20,  /* bytes, MSB first, in on the rising edge */
	CMD_SET_LOW = 0x80,
	CMD_GET_LOW = 0x81,
	CMD_SET_HIGH = 0x82,
	CMD_LOOPBACK_OFF = 0x85,
	CMD_DIVISOR = 0x86,
	CMD_FLUSH = 0x87,
	CMD_DIVIDE_BY_5_OFF = 0x8a,
	CMD_THREE_PHASE_OFF = 0x8d,
	CMD_CLOCK_BITS = 0x8e,  /* 1..8 clocks, no data */
	CMD_CLOCK_BYTES = 0x8f, /* 8..524288 clocks, no data */
	CMD_ADAPTIVE_OFF = 0x97,
	DATA_MAX = 65536,
	COMMAND_ROOM = 4, /* a command with its length, and one byte of data */
	PIN_SCK = 1 << 0,
	PIN_MOSI = 1 << 1,
	PIN_CS = 1 << 3,
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

struct mpsse_pins mpsse_pins_for(unsigned cs)
{
	uint8_t select = (uint8_t)(PIN_CS << cs);
	uint8_t idle = PIN_CS | select;

	return (struct mpsse_pins){
		.idle = idle,
		.select = (uint8_t)(idle & ~select),
		.dir = PIN_SCK | PIN_MOSI | idle,
	};
}

bool mpsse_divisor(uint32_t hz, uint16_t *divisor, uint32_t *actual_hz)
{
	uint32_t top = MPSSE_BASE_HZ / 2, steps;

	if (!hz)
		return false;
	steps = hz >= top ? 1 : (top + hz - 1) / hz;
	if (steps > 65536)
		return false;
	*divisor = (uint16_t)(steps - 1);
	*actual_hz = top / steps;
	return true;
}

size_t mpsse_probe(uint8_t buf[MPSSE_PROBE], uint8_t bad_command)
{
	buf[0] = bad_command;
	buf[1] = CMD_FLUSH;
	return MPSSE_PROBE;
}

static size_t put_pins(uint8_t *buf, uint8_t value, uint8_t dir)
{
	buf[0] = CMD_SET_LOW;
	buf[1] = value;
	buf[2] = dir;
	return 3;
}

size_t mpsse_setup(uint8_t buf[MPSSE_SETUP_MAX], const struct mpsse_pins *pins, uint16_t divisor)
{
	size_t n = 0;

	buf[n++] = CMD_DIVIDE_BY_5_OFF;
	buf[n++] = CMD_ADAPTIVE_OFF;
	buf[n++] = CMD_THREE_PHASE_OFF;
	buf[n++] = CMD_LOOPBACK_OFF;
	buf[n++] = CMD_DIVISOR;
	buf[n++] = (uint8_t)divisor;
	buf[n++] = (uint8_t)(divisor >> 8);
	return n + put_pins(buf + n, pins->idle, pins->dir);
}

size_t mpsse_release(uint8_t buf[MPSSE_RELEASE])
{
	size_t n = put_pins(buf, 0, 0);

	buf[n++] = CMD_SET_HIGH;
	buf[n++] = 0;
	buf[n++] = 0;
	return n;
}

static size_t sent_len(const struct spi_msg *msg)
{
	return msg->cmd_len + msg->tx_len;
}

/* About 100 ms of wire, so that a stop is obeyed soon at a slow clock too; but several times what
 * the chip holds back (509 bytes) until a packet is full. */
static size_t window_for(uint32_t hz)
{
	size_t bytes = hz / 80;

	if (bytes > MPSSE_WINDOW_MAX)
		return MPSSE_WINDOW_MAX;
	return bytes < MPSSE_WINDOW_MIN ? MPSSE_WINDOW_MIN : bytes;
}

void mpsse_begin(struct mpsse *mpsse, struct spi_msg *msgs, size_t count,
                 const struct mpsse_pins *pins, uint32_t hz)
{
	*mpsse = (struct mpsse){
		.msgs = msgs, .count = count, .pins = *pins, .hz = hz, .window = window_for(hz)};
	for (size_t i = 0; i < count; i++)
		mpsse->data_due += msgs[i].rx_len;
}

static size_t put_length(uint8_t *buf, uint8_t command, size_t len)
{
	buf[0] = command;
	buf[1] = (uint8_t)(len - 1);
	buf[2] = (uint8_t)((len - 1) >> 8);
	return 3;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void copy_out(const struct spi_msg *msg, size_t pos, uint8_t *buf, size_t len)
{
	size_t head = pos < msg->cmd_len ? least(len, msg->cmd_len - pos) : 0;

	memcpy(buf, msg->cmd + pos * (head > 0), head);
	if (len > head)
		memcpy(buf + head, msg->tx + pos + head - msg->cmd_len, len - head);
}

static size_t put_select(struct mpsse *mpsse, uint8_t *buf)
{
	mpsse->out_pos = 0;
	mpsse->stage = STAGE_SEND;
	return put_pins(buf, mpsse->pins.select, mpsse->pins.dir);
}

static size_t put_send(struct mpsse *mpsse, uint8_t *buf, size_t size)
{
	const struct spi_msg *msg = &mpsse->msgs[mpsse->out_msg];
	size_t len = least(sent_len(msg) - mpsse->out_pos, least(size - 3, DATA_MAX));

	if (!len) {
		mpsse->stage = STAGE_RECEIVE;
		mpsse->out_pos = 0;
		return 0;
	}
	copy_out(msg, mpsse->out_pos, buf + 3, len);
	mpsse->out_pos += len;
	return put_length(buf, CMD_WRITE, len) + len;
}

/* Quarters of the window, so that the next read stands in the queue well before this one ends. */
static size_t put_receive(struct mpsse *mpsse, uint8_t *buf, bool *blocked)
{
	const struct spi_msg *msg = &mpsse->msgs[mpsse->out_msg];
	size_t len = least(msg->rx_len - mpsse->out_pos, mpsse->window / 4);

	if (!len || mpsse->stop) {
		mpsse->cut = len > 0;
		mpsse->stage = STAGE_DESELECT;
		return 0;
	}
	if (mpsse->asked - mpsse->got + len > mpsse->window) {
		*blocked = true;
		return 0;
	}
	mpsse->out_pos += len;
	mpsse->asked += len;
	return put_length(buf, CMD_READ, len);
}

static size_t put_deselect(struct mpsse *mpsse, uint8_t *buf)
{
	uint64_t us = mpsse->msgs[mpsse->out_msg].pause_us;

	mpsse->pause_clocks = (us * mpsse->hz + 999999) / 1000000;
	mpsse->out_msg++;
	mpsse->stage = STAGE_PAUSE;
	return put_pins(buf, mpsse->pins.idle, mpsse->pins.dir);
}

static size_t put_pause(struct mpsse *mpsse, uint8_t *buf)
{
	uint64_t bytes = mpsse->pause_clocks / 8;

	if (bytes) {
		bytes = bytes < DATA_MAX ? bytes : DATA_MAX;
		mpsse->pause_clocks -= bytes * 8;
		return put_length(buf, CMD_CLOCK_BYTES, (size_t)bytes);
	}
	mpsse->stage = mpsse->stop || mpsse->out_msg == mpsse->count ? STAGE_CLOSE : STAGE_SELECT;
	if (!mpsse->pause_clocks)
		return 0;
	buf[0] = CMD_CLOCK_BITS;
	buf[1] = (uint8_t)(mpsse->pause_clocks - 1);
	mpsse->pause_clocks = 0;
	return 2;
}

static size_t put_close(struct mpsse *mpsse, uint8_t *buf)
{
	mpsse->close_sent = true;
	mpsse->stage = STAGE_END;
	buf[0] = CMD_GET_LOW;
	buf[1] = CMD_FLUSH;
	return 2;
}

size_t mpsse_encode(struct mpsse *mpsse, uint8_t *buf, size_t size)
{
	bool blocked = false;
	size_t used = 0;

	while (!blocked && mpsse->stage != STAGE_END && size - used >= COMMAND_ROOM) {
		uint8_t *at = buf + used;

		switch ((enum stage)mpsse->stage) {
		case STAGE_SELECT:
			used += put_select(mpsse, at);
			break;
		case STAGE_SEND:
			used += put_send(mpsse, at, size - used);
			break;
		case STAGE_RECEIVE:
			used += put_receive(mpsse, at, &blocked);
			break;
		case STAGE_DESELECT:
			used += put_deselect(mpsse, at);
			break;
		case STAGE_PAUSE:
			used += put_pause(mpsse, at);
			break;
		case STAGE_CLOSE:
		case STAGE_END:
			used += put_close(mpsse, at);
			break;
		}
	}
	return used;
}

void mpsse_stop(struct mpsse *mpsse)
{
	mpsse->stop = true;
	if (mpsse->stage == STAGE_SELECT)
		mpsse->stage = STAGE_CLOSE;
}

uint64_t mpsse_due(const struct mpsse *mpsse)
{
	uint64_t data = mpsse->stop ? mpsse->asked : mpsse->data_due;

	return data - mpsse->got + !mpsse->closed;
}

size_t mpsse_done(const struct mpsse *mpsse)
{
	if (!mpsse->closed)
		return mpsse->in_msg;
	return mpsse->cut ? mpsse->out_msg - 1 : mpsse->out_msg;
}

/* Answers come in the order of the messages; those that receive nothing have none. */
static void deliver(struct mpsse *mpsse, const uint8_t *data, size_t len)
{
	mpsse->got += len;
	while (len) {
		struct spi_msg *msg = &mpsse->msgs[mpsse->in_msg];
		size_t n = least(len, msg->rx_len - mpsse->in_pos);

		if (n)
			memcpy(msg->rx + mpsse->in_pos, data, n);
		mpsse->in_pos += n;
		data += n;
		len -= n;
		if (mpsse->in_pos == msg->rx_len) {
			mpsse->in_pos = 0;
			mpsse->in_msg++;
		}
	}
}

static bool take(struct mpsse *mpsse, const uint8_t *data, size_t len)
{
	size_t answers = least(len, (size_t)(mpsse->asked - mpsse->got));

	deliver(mpsse, data, answers);
	len -= answers;
	if (len == 1 && mpsse->close_sent && !mpsse->closed)
		mpsse->closed = true;
	else if (len)
		return false;
	return true;
}

long mpsse_decode(struct mpsse *mpsse, const uint8_t *data, size_t len, size_t packet)
{
	long total = 0;

	for (size_t at = 0; at < len; at += packet) {
		size_t n = least(packet, len - at);

		if (n <= 2)
			continue;
		if (!take(mpsse, data + at + 2, n - 2))
			return -1;
		total += (long)n - 2;
	}
	return total;
}

size_t mpsse_payload(const uint8_t *data, size_t len, size_t packet, uint8_t *out)
{
	size_t used = 0;

	for (size_t at = 0; at < len; at += packet) {
		size_t n = least(packet, len - at);

		if (n <= 2)
			continue;
		memmove(out + used, data + at + 2, n - 2);
		used += n - 2;
	}
	return used;
}
