/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CH341A in SPI mode at full speed. One packet buffer towards the chip: while a packet executes,
 * further OUT packets are refused (NAK) and cost nothing else. Replies wait in two 32-byte buffers;
 * with both full the next packet waits. Each USB packet begins with its own opcode.
 */
#include "usbdev.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	PACKET = 32,
	OVERHEAD = 13, /* protocol bytes of one full-speed bulk transaction */
	REPLIES = 2,
	CMD_SPI = 0xA8,
	CMD_I2C = 0xAA,
	CMD_UIO = 0xAB,
	UIO_IN = 0x00,
	UIO_END = 0x20,
	PIN_CS0 = 1 << 0,
	PIN_SCK = 1 << 3,
	PIN_MOSI = 1 << 5,
};

#define BIT_PS      (PS_PER_US / 12) /* of the 12 Mbit/s line */
#define UIO_STEP_PS (750 * PS_PER_NS)

struct packet {
	uint8_t data[PACKET];
	size_t len;
};

enum bus { BUS_FREE, BUS_OUT, BUS_IN };

struct ch341a {
	enum bus bus;
	uint64_t bus_end_ps;
	struct usb_urb *urb; /* whose transaction is on the bus; NULL: it was cancelled meanwhile */
	struct packet arriving;
	struct packet held; /* received, not yet begun */
	bool has_held, executing;
	uint64_t execute_end_ps;
	struct packet result; /* of what executes */
	struct packet reply[REPLIES];
	unsigned replies;
	uint8_t out, dir;       /* the UIO pins */
	uint8_t shift, shifted; /* bits clocked by hand through the UIO stream */
};

static uint64_t transaction_ps(size_t payload)
{
	return (payload + OVERHEAD) * 8 * BIT_PS;
}

static uint64_t out_start(const struct usb_device *dev, const struct ch341a *c)
{
	return c->has_held || c->executing ? PS_NEVER : usbdev_asked(dev, &dev->out);
}

static uint64_t in_start(const struct usb_device *dev, const struct ch341a *c)
{
	return c->replies ? usbdev_asked(dev, &dev->in) : PS_NEVER;
}

static bool may_execute(const struct ch341a *c)
{
	return c->has_held && !c->executing && c->replies < REPLIES;
}

static uint64_t min_ps(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t ch341a_next(const struct usb_device *dev)
{
	const struct ch341a *c = dev->state;
	uint64_t at_ps = PS_NEVER;

	if (may_execute(c))
		return dev->now_ps;
	if (c->executing)
		at_ps = c->execute_end_ps;
	if (c->bus != BUS_FREE)
		return min_ps(at_ps, c->bus_end_ps);
	return min_ps(at_ps, min_ps(out_start(dev, c), in_start(dev, c)));
}

/* A bit clocked by hand; the chip model takes whole bytes. */
static void shift_bit(struct usb_device *dev, struct ch341a *c, uint64_t at_ps)
{
	c->shift = (uint8_t)(c->shift << 1 | (c->out & PIN_MOSI ? 1 : 0));
	if (++c->shifted < 8)
		return;
	wire_clock(dev->wire, at_ps, &c->shift, NULL, 1);
	c->shifted = 0;
}

static bool drives_clock(const struct ch341a *c)
{
	return c->dir & PIN_SCK && c->dir & PIN_MOSI;
}

static void set_pins(struct usb_device *dev, struct ch341a *c, uint8_t out, uint8_t dir,
                     uint64_t at_ps)
{
	bool rising = out & ~c->out & PIN_SCK;

	c->out = out;
	c->dir = dir;
	wire_select(dev->wire, at_ps, dir & PIN_CS0 && !(out & PIN_CS0));
	if (rising && drives_clock(c))
		shift_bit(dev, c, at_ps);
}

/* The UIO stream: pins and pauses. Returns when it ends. */
static uint64_t run_uio(struct usb_device *dev, struct ch341a *c, uint64_t at_ps)
{
	size_t i;

	for (i = 1; i < c->held.len; i++) {
		uint8_t sub = c->held.data[i], low = sub & 0x3F;

		if (sub == UIO_END)
			break;
		switch (sub & 0xC0) {
		case 0x80:
			set_pins(dev, c, low, c->dir, at_ps);
			at_ps += UIO_STEP_PS;
			break;
		case 0x40:
			set_pins(dev, c, c->out, low, at_ps);
			at_ps += UIO_STEP_PS;
			break;
		case 0xC0:
			at_ps += low * PS_PER_US;
			break;
		default:
			if (sub == UIO_IN && c->result.len < PACKET)
				c->result.data[c->result.len++] =
					(uint8_t)(0xC0 | (c->out & c->dir));
			at_ps += UIO_STEP_PS;
		}
	}
	return at_ps;
}

/* The SPI stream: every byte sent returns one, least significant bit first on the USB side. */
static uint64_t run_spi(struct usb_device *dev, struct ch341a *c, uint64_t at_ps)
{
	uint8_t out[PACKET];
	size_t len = c->held.len - 1, i;

	for (i = 0; i < len; i++)
		out[i] = wire_reverse(c->held.data[1 + i]);
	if (drives_clock(c))
		wire_clock(dev->wire, at_ps, out, c->result.data, len);
	else
		memset(c->result.data, 0xFF, len);
	for (i = 0; i < len; i++)
		c->result.data[i] = wire_reverse(c->result.data[i]);
	c->result.len = len;
	return at_ps + len * dev->wire->byte_ps;
}

static void execute(struct usb_device *dev, struct ch341a *c)
{
	uint64_t end_ps = dev->now_ps;

	c->result.len = 0;
	if (c->held.len && c->held.data[0] == CMD_SPI)
		end_ps = run_spi(dev, c, end_ps);
	else if (c->held.len && c->held.data[0] == CMD_UIO)
		end_ps = run_uio(dev, c, end_ps);
	else if (c->held.len && c->held.data[0] != CMD_I2C) /* AA 6x 00 sets the stream mode */
		dev->stats.oddities++;
	c->has_held = false;
	c->executing = true;
	c->execute_end_ps = end_ps;
}

static void end_execution(struct ch341a *c)
{
	c->executing = false;
	if (c->result.len)
		c->reply[c->replies++] = c->result;
}

static void begin_out(struct usb_device *dev, struct ch341a *c)
{
	struct usb_urb *urb = dev->out.queue.head;
	size_t len = urb->len - urb->actual;

	len = len > PACKET ? PACKET : len;
	memcpy(c->arriving.data, urb->data + urb->actual, len);
	c->arriving.len = len;
	c->urb = urb;
	c->bus = BUS_OUT;
	c->bus_end_ps = dev->now_ps + transaction_ps(len);
	usbdev_take_line(dev, c->bus_end_ps);
}

static void end_out(struct usb_device *dev, struct ch341a *c)
{
	size_t len = c->arriving.len;

	dev->stats.packets_out++;
	dev->stats.bytes_out += len;
	c->held = c->arriving;
	c->has_held = len > 0;
	if (!c->urb)
		return;
	c->urb->actual += len;
	if (c->urb->actual == c->urb->len)
		usbdev_complete(dev, &dev->out, 0, dev->now_ps);
}

static void begin_in(struct usb_device *dev, struct ch341a *c)
{
	c->reply[0].len = usbdev_in_packet(dev, c->reply[0].len);
	c->urb = dev->in.queue.head;
	c->bus = BUS_IN;
	c->bus_end_ps = dev->now_ps + transaction_ps(c->reply[0].len);
	usbdev_take_line(dev, c->bus_end_ps);
}

static void end_in(struct usb_device *dev, struct ch341a *c)
{
	struct packet reply = c->reply[0];
	struct usb_urb *urb = c->urb;

	if (!urb)
		return;
	c->reply[0] = c->reply[1];
	c->replies--;
	if (reply.len > urb->len - urb->actual) {
		usbdev_complete(dev, &dev->in, -EOVERFLOW, dev->now_ps);
		return;
	}
	memcpy(urb->data + urb->actual, reply.data, reply.len);
	urb->actual += reply.len;
	if (reply.len < PACKET || urb->actual == urb->len)
		usbdev_complete(dev, &dev->in, 0, dev->now_ps);
}

static void end_transaction(struct usb_device *dev, struct ch341a *c)
{
	enum bus was = c->bus;

	c->bus = BUS_FREE;
	if (was == BUS_OUT)
		end_out(dev, c);
	else
		end_in(dev, c);
	c->urb = NULL;
}

static void ch341a_step(struct usb_device *dev)
{
	struct ch341a *c = dev->state;

	if (may_execute(c))
		execute(dev, c);
	else if (c->executing && c->execute_end_ps <= dev->now_ps)
		end_execution(c);
	else if (c->bus != BUS_FREE)
		end_transaction(dev, c);
	else if (out_start(dev, c) <= dev->now_ps) /* before IN: the chip is what is slow */
		begin_out(dev, c);
	else
		begin_in(dev, c);
}

static int ch341a_control(struct usb_device *dev, const struct usb_setup *setup, uint8_t *data)
{
	(void)dev;
	if (setup->type == 0xC0 && setup->request == 0x5F && setup->length >= 2) { /* version */
		data[0] = 0x30;
		data[1] = 0x00;
		return 2;
	}
	return -EPIPE;
}

static void ch341a_forget(struct usb_device *dev, const struct usb_urb *urb)
{
	struct ch341a *c = dev->state;

	if (c->urb == urb)
		c->urb = NULL;
}

static bool ch341a_idle(const struct usb_device *dev)
{
	const struct ch341a *c = dev->state;

	return !c->has_held && !c->executing && c->bus != BUS_OUT;
}

static void ch341a_reset(struct usb_device *dev)
{
	struct ch341a *c = dev->state;

	memset(c, 0, sizeof(*c));
	wire_select(dev->wire, dev->now_ps, false);
}

static bool ch341a_driving(const struct usb_device *dev)
{
	const struct ch341a *c = dev->state;

	return c->dir & (PIN_CS0 | PIN_SCK | PIN_MOSI);
}

static const struct usb_model ch341a_model = {
	.out_ep = 0x02,
	.in_ep = 0x82,
	.bulk_packet = PACKET,
	.next = ch341a_next,
	.step = ch341a_step,
	.control = ch341a_control,
	.forget = ch341a_forget,
	.idle = ch341a_idle,
	.driving = ch341a_driving,
	.reset = ch341a_reset,
};

struct usb_device *ch341a_create(struct wire *wire, const struct usb_faults *faults)
{
	struct usb_device *dev = calloc(1, sizeof(*dev));
	struct ch341a *c = calloc(1, sizeof(*c));
	uint64_t left = faults->stale;

	if (!dev || !c) {
		free(dev);
		free(c);
		return NULL;
	}
	*dev = (struct usb_device){
		.model = &ch341a_model, .state = c, .wire = wire, .faults = *faults};
	for (; left && c->replies < REPLIES; left -= c->reply[c->replies++].len) {
		c->reply[c->replies].len = left < PACKET - 1 ? left : PACKET - 1;
		memset(c->reply[c->replies].data, 0x5A, PACKET - 1);
	}
	return dev;
}
