/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FT232H at high speed: the USB side of the MPSSE engine. An OUT packet is taken when the command
 * FIFO has room for it. An IN packet leaves when a full one waits, when opcode 87h said so, or when
 * the latency timer ends, and always begins with two status bytes, be there data or not.
 */
#include "usbdev.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu_mpsse.h"

enum {
	PACKET = 512,
	OVERHEAD = 55, /* protocol bytes of one high-speed bulk transaction */
	STATUS = 2,
	MODE_MPSSE = 2,
	REQ_RESET = 0x00,
	REQ_STATUS = 0x05,
	REQ_SET_LATENCY = 0x09,
	REQ_GET_LATENCY = 0x0A,
	REQ_SET_MODE = 0x0B,
	REQ_GET_PINS = 0x0C,
	REQ_READ_EEPROM = 0x90,
	RESET_ALL = 0,
	PURGE_RX = 1,
	PURGE_TX = 2,
};

static const uint8_t status_bytes[STATUS] = {0x32, 0x60};

enum bus { BUS_FREE, BUS_OUT, BUS_IN };

struct ft232h {
	struct engine m;
	uint8_t mode;
	uint8_t latency_ms;
	uint64_t timer_ps; /* when the latency timer was started */
	enum bus bus;
	uint64_t bus_end_ps;
	struct usb_urb *urb; /* whose transaction is on the bus; NULL: cancelled meanwhile */
	uint8_t packet[PACKET];
	size_t len;
};

static uint64_t transaction_ps(size_t payload)
{
	return (payload + OVERHEAD) * 8 * PS_PER_US / 480;
}

static uint64_t min_ps(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static size_t out_len(const struct usb_device *dev)
{
	const struct usb_urb *urb = dev->out.queue.head;
	size_t left = urb->len - urb->actual;

	return left > PACKET ? PACKET : left;
}

static uint64_t out_start(const struct usb_device *dev, const struct ft232h *f)
{
	uint64_t at_ps = usbdev_asked(dev, &dev->out);

	if (at_ps == PS_NEVER || engine_room(&f->m) < out_len(dev))
		return PS_NEVER;
	return at_ps;
}

static uint64_t in_start(const struct usb_device *dev, const struct ft232h *f)
{
	uint64_t at_ps = usbdev_asked(dev, &dev->in);
	uint64_t timer_ps = f->timer_ps + f->latency_ms * PS_PER_MS;

	if (at_ps == PS_NEVER || f->m.rx.count >= ENGINE_PACKET || f->m.flush)
		return at_ps;
	return at_ps > timer_ps ? at_ps : timer_ps;
}

static uint64_t ft232h_next(const struct usb_device *dev)
{
	const struct ft232h *f = dev->state;
	uint64_t at_ps = engine_next(&f->m);

	if (f->bus != BUS_FREE)
		return min_ps(at_ps, f->bus_end_ps);
	return min_ps(at_ps, min_ps(out_start(dev, f), in_start(dev, f)));
}

static void begin_out(struct usb_device *dev, struct ft232h *f)
{
	f->urb = dev->out.queue.head;
	f->len = out_len(dev);
	if (f->len)
		memcpy(f->packet, f->urb->data + f->urb->actual, f->len);
	f->bus = BUS_OUT;
	f->bus_end_ps = dev->now_ps + transaction_ps(f->len);
	usbdev_take_line(dev, f->bus_end_ps);
}

static void end_out(struct usb_device *dev, struct ft232h *f)
{
	dev->stats.packets_out++;
	dev->stats.bytes_out += f->len;
	if (f->mode == MODE_MPSSE)
		engine_feed(&f->m, f->packet, f->len, dev->now_ps);
	if (!f->urb)
		return;
	f->urb->actual += f->len;
	if (f->urb->actual == f->urb->len)
		usbdev_complete(dev, &dev->out, 0, dev->now_ps);
}

static void begin_in(struct usb_device *dev, struct ft232h *f)
{
	size_t waiting = f->m.rx.count;

	f->urb = dev->in.queue.head;
	f->len = usbdev_in_packet(dev, waiting > ENGINE_PACKET ? ENGINE_PACKET : waiting);
	f->bus = BUS_IN;
	f->bus_end_ps = dev->now_ps + transaction_ps(STATUS + f->len);
	usbdev_take_line(dev, f->bus_end_ps);
}

static void end_in(struct usb_device *dev, struct ft232h *f)
{
	struct usb_urb *urb = f->urb;
	size_t len;

	if (!urb)
		return;
	f->timer_ps = dev->now_ps;
	memcpy(f->packet, status_bytes, STATUS);
	len = STATUS + engine_drain(&f->m, f->packet + STATUS, f->len, dev->now_ps);
	if (len > urb->len - urb->actual) {
		usbdev_complete(dev, &dev->in, -EOVERFLOW, dev->now_ps);
		return;
	}
	memcpy(urb->data + urb->actual, f->packet, len);
	urb->actual += len;
	if (len < PACKET || urb->actual == urb->len)
		usbdev_complete(dev, &dev->in, 0, dev->now_ps);
}

static void ft232h_step(struct usb_device *dev)
{
	struct ft232h *f = dev->state;
	enum bus was = f->bus;

	if (engine_next(&f->m) <= dev->now_ps) {
		engine_step(&f->m);
		dev->stats.oddities = f->m.bad_opcodes;
	} else if (was != BUS_FREE) {
		f->bus = BUS_FREE;
		if (was == BUS_OUT)
			end_out(dev, f);
		else
			end_in(dev, f);
		f->urb = NULL;
	} else if (out_start(dev, f) <= dev->now_ps) {
		begin_out(dev, f);
	} else {
		begin_in(dev, f);
	}
}

static void purge(struct ft232h *f, uint16_t what)
{
	struct engine *m = &f->m;

	if (what != PURGE_TX) {
		m->rx = (struct engine_fifo){.count = 0};
		m->flush = m->made = 0;
	}
	if (what != PURGE_RX) {
		m->tx = (struct engine_fifo){.count = 0};
		m->eaten = 0;
	}
}

static void set_mode(struct usb_device *dev, struct ft232h *f, uint8_t mode)
{
	struct engine_fifo waiting = f->m.rx; /* only a purge takes these away */

	f->mode = mode;
	engine_init(&f->m, dev->wire);
	f->m.rx = waiting;
	f->m.free_ps = dev->now_ps;
	wire_select(dev->wire, dev->now_ps, false); /* all pins are inputs until told otherwise */
}

static int request_out(struct usb_device *dev, struct ft232h *f, const struct usb_setup *setup)
{
	switch (setup->request) {
	case REQ_RESET:
		purge(f, setup->value);
		return 0;
	case REQ_SET_LATENCY:
		f->latency_ms = setup->value & 0xFF ? setup->value & 0xFF : 1;
		f->timer_ps = dev->now_ps;
		return 0;
	case REQ_SET_MODE:
		set_mode(dev, f, setup->value >> 8);
		return 0;
	case 1: /* modem control, flow control, baud rate, framing, event and error characters */
	case 2:
	case 3:
	case 4:
	case 6:
	case 7:
		return 0;
	default:
		return -EPIPE;
	}
}

static int request_in(struct ft232h *f, const struct usb_setup *setup, uint8_t *data)
{
	if (!setup->length)
		return -EPIPE;
	switch (setup->request) {
	case REQ_STATUS:
	case REQ_READ_EEPROM: /* blank */
		if (setup->length < 2)
			return -EPIPE;
		data[0] = setup->request == REQ_STATUS ? status_bytes[0] : 0xFF;
		data[1] = setup->request == REQ_STATUS ? status_bytes[1] : 0xFF;
		return 2;
	case REQ_GET_LATENCY:
		data[0] = f->latency_ms;
		return 1;
	case REQ_GET_PINS:
		data[0] = (uint8_t)((f->m.low_value & f->m.low_dir) | (uint8_t)~f->m.low_dir);
		return 1;
	default:
		return -EPIPE;
	}
}

static int ft232h_control(struct usb_device *dev, const struct usb_setup *setup, uint8_t *data)
{
	struct ft232h *f = dev->state;

	if (setup->type == 0x40)
		return request_out(dev, f, setup);
	if (setup->type == 0xC0)
		return request_in(f, setup, data);
	return -EPIPE;
}

static void ft232h_forget(struct usb_device *dev, const struct usb_urb *urb)
{
	struct ft232h *f = dev->state;

	if (f->urb == urb)
		f->urb = NULL;
}

static bool ft232h_idle(const struct usb_device *dev)
{
	const struct ft232h *f = dev->state;

	return !f->m.tx.count && !f->m.left && f->m.free_ps <= dev->now_ps && f->bus != BUS_OUT;
}

static void ft232h_reset(struct usb_device *dev)
{
	struct ft232h *f = dev->state;

	*f = (struct ft232h){.latency_ms = 16, .timer_ps = dev->now_ps};
	set_mode(dev, f, 0);
}

static bool ft232h_driving(const struct usb_device *dev)
{
	const struct ft232h *f = dev->state;

	return f->m.low_dir;
}

static const struct usb_model ft232h_model = {
	.out_ep = 0x02,
	.in_ep = 0x81,
	.bulk_packet = PACKET,
	.next = ft232h_next,
	.step = ft232h_step,
	.control = ft232h_control,
	.forget = ft232h_forget,
	.idle = ft232h_idle,
	.driving = ft232h_driving,
	.reset = ft232h_reset,
};

struct usb_device *ft232h_create(struct wire *wire, const struct usb_faults *faults)
{
	struct usb_device *dev = calloc(1, sizeof(*dev));
	struct ft232h *f = calloc(1, sizeof(*f));
	uint64_t left;

	if (!dev || !f) {
		free(dev);
		free(f);
		return NULL;
	}
	*dev = (struct usb_device){
		.model = &ft232h_model, .state = f, .wire = wire, .faults = *faults};
	ft232h_reset(dev);
	for (left = faults->stale; left && f->m.rx.count < ENGINE_FIFO; left--)
		f->m.rx.data[f->m.rx.count++] = 0x5A;
	return dev;
}
