/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ch341a_wire.h"

#include <string.h>

enum {
	CMD_SPI = 0xa8,
	CMD_I2C = 0xaa,
	CMD_UIO = 0xab,
	UIO_END = 0x20,
	UIO_DIR = 0x40,
	UIO_OUT = 0x80,
	UIO_DELAY_US = 0xc0, /* low six bits: microseconds */
	UIO_DELAY_MAX = 63,
	PINS_IDLE = 0x37,     /* CS0..2 high, clock low, data high */
	PINS_SELECTED = 0x36, /* CS0 low */
	PINS_ALL = 0x3f,
};

static uint8_t reverse(uint8_t byte)
{
	static const uint8_t halves[16] = {0x0, 0x8, 0x4, 0xc, 0x2, 0xa, 0x6, 0xe,
	                                   0x1, 0x9, 0x5, 0xd, 0x3, 0xb, 0x7, 0xf};

	return (uint8_t)(halves[byte & 0x0f] << 4 | halves[byte >> 4]);
}

static size_t sent_len(const struct spi_msg *msg)
{
	return msg->cmd_len + msg->tx_len;
}

static size_t total_len(const struct spi_msg *msg)
{
	return sent_len(msg) + msg->rx_len;
}

void ch341a_wire_begin(struct ch341a_wire *wire, struct spi_msg *msgs, size_t count)
{
	*wire = (struct ch341a_wire){.msgs = msgs, .count = count};
	for (size_t i = 0; i < count; i++)
		wire->packets_due += (total_len(&msgs[i]) + CH341A_DATA - 1) / CH341A_DATA;
}

/* One UIO packet: the last frame's end, as much of its pause as fits, the next frame's begin. */
static size_t encode_edges(struct ch341a_wire *wire, uint8_t *packet)
{
	size_t n = 0;

	memset(packet, 0, CH341A_PACKET);
	packet[n++] = CMD_UIO;
	if (wire->selected) {
		/* Twice: each output takes 0.75 us, so that CS is high for at least 1.5 us. */
		packet[n++] = UIO_OUT | PINS_IDLE;
		packet[n++] = UIO_OUT | PINS_IDLE;
		wire->selected = false;
	}
	while (wire->pause_us && n < CH341A_PACKET - 2) {
		uint32_t step = wire->pause_us < UIO_DELAY_MAX ? wire->pause_us : UIO_DELAY_MAX;

		packet[n++] = (uint8_t)(UIO_DELAY_US | step);
		wire->pause_us -= step;
	}
	if (!wire->pause_us && wire->out_msg < wire->count) {
		packet[n++] = UIO_OUT | PINS_SELECTED;
		wire->selected = wire->framing = true;
	}
	packet[n] = UIO_END;
	return CH341A_PACKET;
}

/* Copy `len` bytes of the message from `pos` on, bits reversed. */
static void put_bytes(const struct spi_msg *msg, size_t pos, uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i++, pos++) {
		if (pos < msg->cmd_len)
			out[i] = reverse(msg->cmd[pos]);
		else if (pos < sent_len(msg))
			out[i] = reverse(msg->tx[pos - msg->cmd_len]);
		else
			out[i] = 0xff;
	}
}

/* Where the frame in work ends. A stopped one ends with a packet, so that both directions agree. */
static size_t frame_end(const struct ch341a_wire *wire, const struct spi_msg *msg)
{
	size_t packets = (sent_len(msg) + CH341A_DATA - 1) / CH341A_DATA;
	size_t cut = (packets ? packets : 1) * CH341A_DATA;

	if (wire->out_pos > cut)
		cut = wire->out_pos;
	return wire->stop && cut < total_len(msg) ? cut : total_len(msg);
}

static void end_frame(struct ch341a_wire *wire)
{
	wire->pause_us = wire->msgs[wire->out_msg].pause_us;
	wire->out_pos = 0;
	wire->framing = false;
	wire->out_msg = wire->stop ? wire->count : wire->out_msg + 1;
}

static size_t encode_data(struct ch341a_wire *wire, uint8_t *packet)
{
	const struct spi_msg *msg = &wire->msgs[wire->out_msg];
	size_t end = frame_end(wire, msg);
	size_t len = end - wire->out_pos;

	if (len > CH341A_DATA)
		len = CH341A_DATA;
	packet[0] = CMD_SPI;
	put_bytes(msg, wire->out_pos, packet + 1, len);
	wire->out_pos += len;
	wire->packets_sent++;
	if (wire->out_pos == end)
		end_frame(wire);
	return len + 1;
}

size_t ch341a_wire_encode(struct ch341a_wire *wire, uint8_t *buf, size_t size)
{
	size_t used = 0, len = CH341A_PACKET;

	while (len == CH341A_PACKET && used + CH341A_PACKET <= size) {
		if (wire->framing)
			len = encode_data(wire, buf + used);
		else if (wire->selected || wire->pause_us || wire->out_msg < wire->count)
			len = encode_edges(wire, buf + used);
		else
			break;
		used += len;
	}
	return used;
}

void ch341a_wire_stop(struct ch341a_wire *wire)
{
	wire->stop = true;
	if (!wire->framing)
		wire->out_msg = wire->count;
	else if (wire->out_pos && wire->out_pos == frame_end(wire, &wire->msgs[wire->out_msg]))
		end_frame(wire);
}

static void take_bytes(struct spi_msg *msg, size_t pos, const uint8_t *data, size_t len)
{
	size_t skip = sent_len(msg);

	for (size_t i = pos < skip ? skip - pos : 0; i < len; i++)
		msg->rx[pos + i - skip] = reverse(data[i]);
}

bool ch341a_wire_decode(struct ch341a_wire *wire, const uint8_t *data, size_t len)
{
	struct spi_msg *msg = &wire->msgs[wire->in_msg];
	size_t due;

	if (!len)
		return true;
	/* An answer to nothing that was asked is no answer. */
	if (wire->in_msg == wire->count || wire->packets_got == wire->packets_sent)
		return false;
	due = CH341A_DATA - wire->in_pos % CH341A_DATA;
	if (due > total_len(msg) - wire->in_pos)
		due = total_len(msg) - wire->in_pos;
	if (len > due)
		return false;
	take_bytes(msg, wire->in_pos, data, len);
	wire->in_pos += len;
	if (wire->in_pos == total_len(msg)) {
		wire->in_pos = 0;
		wire->in_msg++;
	}
	if (len == due)
		wire->packets_got++;
	else
		wire->split = true;
	if (!wire->split)
		wire->sound = wire->in_msg;
	return true;
}

size_t ch341a_wire_due(const struct ch341a_wire *wire)
{
	return (wire->stop ? wire->packets_sent : wire->packets_due) - wire->packets_got;
}

static void uio_packet(uint8_t packet[CH341A_PACKET], uint8_t out, uint8_t dir)
{
	memset(packet, 0, CH341A_PACKET);
	packet[0] = CMD_UIO;
	packet[1] = UIO_OUT | out;
	packet[2] = UIO_DIR | dir;
	packet[3] = UIO_END;
}

void ch341a_wire_enable(uint8_t packet[CH341A_PACKET])
{
	uio_packet(packet, PINS_IDLE, PINS_ALL);
}

void ch341a_wire_release(uint8_t packet[CH341A_PACKET])
{
	uio_packet(packet, PINS_IDLE, 0);
}

size_t ch341a_wire_echo(uint8_t packet[CH341A_PACKET], size_t len)
{
	memset(packet, 0, CH341A_PACKET);
	packet[0] = CMD_SPI;
	return len + 1;
}

void ch341a_wire_config(uint8_t packet[CH341A_CONFIG])
{
	packet[0] = CMD_I2C;
	packet[1] = 0x61; /* 100 kHz I2C, SPI with one data pair */
	packet[2] = 0x00;
}
