/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CH347 at high speed, SPI side. A frame is command, 16-bit length, payload, alone in its packet and at
 * most 510 bytes. One frame executes at a time; one more waits behind it, and further OUT packets are
 * refused (NAK) until there is room. An answer needs a free IN buffer, of which there are two.
 *
 * The forms of the frames: what flashrom's and flashprog's ch347_spi.c send and accept. The buffers are
 * those of any high-speed endpoint (double), the firmware's time per frame is an assumption
 * (FRAME_PS), for nobody has published a measurement.
 */
#include "usbdev.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	PACKET = 512,
	FRAME_MAX = 510,
	HEADER = 3,
	DATA_MAX = FRAME_MAX - HEADER,
	OVERHEAD = 55, /* protocol bytes of one high-speed bulk transaction */
	ANSWERS = 2,
	CMD_CONFIG = 0xC0,
	CMD_CS = 0xC1,
	CMD_BOTH = 0xC2,
	CMD_IN = 0xC3,
	CMD_OUT = 0xC4,
	CONFIG_LEN = 26,
	CS_LEN = 10,
	CS_CHANGE = 0x80,
	CS_HIGH = 0x40,
};

#define TOP_HZ   60000000u
#define FRAME_PS (3 * PS_PER_US)

struct packet {
	uint8_t data[PACKET];
	size_t len;
};

enum bus { BUS_FREE, BUS_OUT, BUS_IN };

struct ch347 {
	enum bus bus;
	uint64_t bus_end_ps;
	struct usb_urb *urb; /* whose transaction is on the bus; NULL: cancelled meanwhile */
	struct packet arriving, held;
	bool has_held, executing, configured;
	uint64_t execute_end_ps;
	uint32_t read_left; /* of the read in work */
	struct packet result;
	struct packet answer[ANSWERS];
	unsigned answers;
};

static uint64_t transaction_ps(size_t payload)
{
	return (payload + OVERHEAD) * 8 * PS_PER_US / 480;
}

static uint64_t min_ps(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t out_start(const struct usb_device *dev, const struct ch347 *c)
{
	return c->has_held ? PS_NEVER : usbdev_asked(dev, &dev->out);
}

static uint64_t in_start(const struct usb_device *dev, const struct ch347 *c)
{
	return c->answers ? usbdev_asked(dev, &dev->in) : PS_NEVER;
}

static bool may_execute(const struct ch347 *c)
{
	return !c->executing && c->answers < ANSWERS && (c->has_held || c->read_left);
}

static uint64_t ch347_next(const struct usb_device *dev)
{
	const struct ch347 *c = dev->state;
	uint64_t at_ps = c->executing ? c->execute_end_ps : PS_NEVER;

	if (may_execute(c))
		return dev->now_ps;
	if (c->bus != BUS_FREE)
		return min_ps(at_ps, c->bus_end_ps);
	return min_ps(at_ps, min_ps(out_start(dev, c), in_start(dev, c)));
}

static uint8_t *answer_with(struct ch347 *c, uint8_t command, size_t len)
{
	c->result.data[0] = command;
	c->result.data[1] = (uint8_t)len;
	c->result.data[2] = (uint8_t)(len >> 8);
	memset(c->result.data + HEADER, 0, len);
	c->result.len = HEADER + len;
	return c->result.data + HEADER;
}

static uint64_t set_up(struct usb_device *dev, struct ch347 *c, const uint8_t *payload)
{
	wire_set_hz(dev->wire, TOP_HZ >> (payload[12] >> 3 & 7));
	wire_select(dev->wire, dev->now_ps, false);
	c->configured = true;
	answer_with(c, CMD_CONFIG, 1);
	return dev->now_ps;
}

static uint64_t move_cs(struct usb_device *dev, const uint8_t *payload)
{
	if (payload[0] & CS_CHANGE)
		wire_select(dev->wire, dev->now_ps, !(payload[0] & CS_HIGH));
	return dev->now_ps;
}

/* As much of a read as one answer holds. */
static uint64_t read_on(struct usb_device *dev, struct ch347 *c)
{
	size_t len = c->read_left < DATA_MAX ? c->read_left : DATA_MAX;
	uint8_t *in = answer_with(c, CMD_IN, len);

	c->read_left -= (uint32_t)len;
	return wire_clock(dev->wire, dev->now_ps, NULL, in, len);
}

static uint64_t odd(struct usb_device *dev)
{
	dev->stats.oddities++;
	return dev->now_ps;
}

static uint64_t run_frame(struct usb_device *dev, struct ch347 *c)
{
	const uint8_t *payload = c->held.data + HEADER;
	size_t len = c->held.data[1] | (size_t)c->held.data[2] << 8;

	if (c->held.len < HEADER || c->held.len > FRAME_MAX || len != c->held.len - HEADER)
		return odd(dev);
	if (c->held.data[0] == CMD_CONFIG && len == CONFIG_LEN)
		return set_up(dev, c, payload);
	if (!c->configured)
		return odd(dev);
	switch (c->held.data[0]) {
	case CMD_CS:
		return len == CS_LEN ? move_cs(dev, payload) : odd(dev);
	case CMD_OUT:
		answer_with(c, CMD_OUT, 1);
		return wire_clock(dev->wire, dev->now_ps, payload, NULL, len);
	case CMD_BOTH:
		return wire_clock(dev->wire, dev->now_ps, payload, answer_with(c, CMD_BOTH, len),
		                  len);
	case CMD_IN:
		if (len != 4)
			return odd(dev);
		c->read_left = (uint32_t)payload[0] | (uint32_t)payload[1] << 8 |
		               (uint32_t)payload[2] << 16 | (uint32_t)payload[3] << 24;
		return c->read_left ? read_on(dev, c) : dev->now_ps;
	default:
		return odd(dev);
	}
}

static void execute(struct usb_device *dev, struct ch347 *c)
{
	bool goes_on = c->read_left;

	c->result.len = 0;
	c->executing = true;
	if (goes_on) {
		c->execute_end_ps = read_on(dev, c);
		return;
	}
	c->execute_end_ps = run_frame(dev, c) + FRAME_PS;
	c->has_held = false;
}

static void end_execution(struct ch347 *c)
{
	c->executing = false;
	if (c->result.len)
		c->answer[c->answers++] = c->result;
}

static void begin_out(struct usb_device *dev, struct ch347 *c)
{
	struct usb_urb *urb = dev->out.queue.head;
	size_t len = urb->len - urb->actual;

	len = len > PACKET ? PACKET : len;
	memcpy(c->arriving.data, urb->data + urb->actual, len);
	c->arriving.len = len;
	c->urb = urb;
	c->bus = BUS_OUT;
	c->bus_end_ps = dev->now_ps + transaction_ps(len);
}

static bool answer_waits(const struct ch347 *c)
{
	return c->answers || c->read_left || (c->executing && c->result.len);
}

static void end_out(struct usb_device *dev, struct ch347 *c)
{
	dev->stats.packets_out++;
	dev->stats.bytes_out += c->arriving.len;
	if (!dev->faults.one_at_a_time || !answer_waits(c)) {
		c->held = c->arriving;
		c->has_held = true;
	}
	if (!c->urb)
		return;
	c->urb->actual += c->arriving.len;
	if (c->urb->actual == c->urb->len)
		usbdev_complete(dev, &dev->out, 0, dev->now_ps);
}

static void begin_in(struct usb_device *dev, struct ch347 *c)
{
	c->answer[0].len = usbdev_in_packet(dev, c->answer[0].len);
	c->urb = dev->in.queue.head;
	c->bus = BUS_IN;
	c->bus_end_ps = dev->now_ps + transaction_ps(c->answer[0].len);
}

static void end_in(struct usb_device *dev, struct ch347 *c)
{
	struct packet answer = c->answer[0];
	struct usb_urb *urb = c->urb;

	if (!urb)
		return;
	c->answer[0] = c->answer[1];
	c->answers--;
	if (answer.len > urb->len - urb->actual) {
		usbdev_complete(dev, &dev->in, -EOVERFLOW, dev->now_ps);
		return;
	}
	memcpy(urb->data + urb->actual, answer.data, answer.len);
	urb->actual += answer.len;
	usbdev_complete(dev, &dev->in, 0, dev->now_ps); /* always a short packet */
}

static void ch347_step(struct usb_device *dev)
{
	struct ch347 *c = dev->state;
	enum bus was = c->bus;

	if (may_execute(c)) {
		execute(dev, c);
	} else if (c->executing && c->execute_end_ps <= dev->now_ps) {
		end_execution(c);
	} else if (was != BUS_FREE) {
		c->bus = BUS_FREE;
		if (was == BUS_OUT)
			end_out(dev, c);
		else
			end_in(dev, c);
		c->urb = NULL;
	} else if (out_start(dev, c) <= dev->now_ps) {
		begin_out(dev, c);
	} else {
		begin_in(dev, c);
	}
}

static int ch347_control(struct usb_device *dev, const struct usb_setup *setup, uint8_t *data)
{
	(void)dev, (void)setup, (void)data;
	return -EPIPE;
}

static void ch347_forget(struct usb_device *dev, const struct usb_urb *urb)
{
	struct ch347 *c = dev->state;

	if (c->urb == urb)
		c->urb = NULL;
}

static bool ch347_idle(const struct usb_device *dev)
{
	const struct ch347 *c = dev->state;

	return !c->has_held && !c->executing && !c->read_left && c->bus != BUS_OUT;
}

/* Once it is set up its pins stay outputs: there is no command to let go of them. */
static bool ch347_driving(const struct usb_device *dev)
{
	const struct ch347 *c = dev->state;

	return c->configured;
}

static void ch347_reset(struct usb_device *dev)
{
	struct ch347 *c = dev->state;

	memset(c, 0, sizeof(*c));
	wire_select(dev->wire, dev->now_ps, false);
}

static const struct usb_model ch347_model = {
	.out_ep = 0x06,
	.in_ep = 0x86,
	.bulk_packet = PACKET,
	.next = ch347_next,
	.step = ch347_step,
	.control = ch347_control,
	.forget = ch347_forget,
	.idle = ch347_idle,
	.driving = ch347_driving,
	.reset = ch347_reset,
};

struct usb_device *ch347_create(struct wire *wire, const struct usb_faults *faults)
{
	struct usb_device *dev = calloc(1, sizeof(*dev));
	struct ch347 *c = calloc(1, sizeof(*c));
	uint64_t left = faults->stale;

	if (!dev || !c) {
		free(dev);
		free(c);
		return NULL;
	}
	*dev = (struct usb_device){
		.model = &ch347_model, .state = c, .wire = wire, .faults = *faults};
	for (; left && c->answers < ANSWERS; left -= c->answer[c->answers++].len) {
		c->answer[c->answers].len = left < FRAME_MAX ? left : FRAME_MAX;
		memset(c->answer[c->answers].data, 0x5A, FRAME_MAX);
	}
	return dev;
}
