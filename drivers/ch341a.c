/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CH341A: full speed USB, a fixed SPI clock, 31 bytes per packet. Speed comes from never
 * letting it wait: many OUT transfers are queued, and IN transfers enough for some 50 ms of
 * answers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ch341a_wire.h"
#include "spi/driver.h"
#include "usb/usb_run.h"

#define EP_OUT    0x02
#define EP_IN     0x82
#define INTERFACE 0

#define RELEASE_MS 200
#define ECHO_MS    300
#define STALE_MOST 64 /* the adapter holds two answers; more than so many is a flood */

/* SPI clock as measured by users (1.4 to 1.7 MHz); not settable. A full packet takes 30 us on the
 * bus and its 31 bytes on the wire, one after the other. */
#define CLOCK_HZ   1500000
#define BYTE_NS    6300
#define MESSAGE_NS 42000
#define TRIP_US    400

static const struct usb_id spi_ids[] = {{0x1a86, 0x5512}};
static const struct usb_id uart_ids[] = {{0x1a86, 0x5523}, {0x1a86, 0x7523}};

#define UART_ADVICE                                                                                    \
	"if it is a CH341A programmer, its jumper is in serial mode: move it to SPI mode and replug; " \
	"if it is a CH340 serial adapter, it is no programmer"

struct ch341a {
	struct usb_dev *dev;
	struct usb_stream *stream;
	struct spi_caps caps;
	size_t echoes; /* attempts so far */
	bool lost;     /* a run failed and the adapter could not be brought back in step yet */
};

/* ---- getting in step ---- */

struct attempt {
	struct ch341a *ch;
	struct usb_echo echo;
};

/* Lengths: 31 and 15, 30 and 14, ... */
static void echo_begin(void *ctx)
{
	struct attempt *a = ctx;
	size_t n = a->ch->echoes++ % USB_ECHO_SETS;

	a->echo = (struct usb_echo){.lens = {31 - n, 15 - n}, .stale_most = STALE_MOST};
}

static size_t echo_fill(void *ctx, uint8_t *buf, size_t size)
{
	struct usb_echo *echo = &((struct attempt *)ctx)->echo;

	if (echo->sent == USB_ECHOES || size < 2 * CH341A_PACKET)
		return 0;
	ch341a_wire_enable(buf);
	return CH341A_PACKET + ch341a_wire_echo(buf + CH341A_PACKET, echo->lens[echo->sent++]);
}

static int echo_take(void *ctx, const uint8_t *buf, size_t len, struct np_error *err)
{
	(void)buf;
	return usb_echo_take(&((struct attempt *)ctx)->echo, len, err);
}

static size_t echo_want(void *ctx)
{
	return usb_echo_want(&((const struct attempt *)ctx)->echo);
}

static int get_in_step(void *self, struct np_error *err)
{
	struct ch341a *ch = self;
	struct attempt attempt = {.ch = ch};
	const struct usb_in_step how = {
		.what = "CH341A",
		.dev = ch->dev,
		.stream = ch->stream,
		.out_endpoint = EP_OUT,
		.in_endpoint = EP_IN,
		.begin = echo_begin,
		.job = {.fill = echo_fill,
	                .take = echo_take,
	                .want = echo_want,
	                .ctx = &attempt,
	                .stall_ms = ECHO_MS},
	};

	return usb_get_in_step(&how, err);
}

/* ---- running ---- */

struct run {
	struct ch341a_wire wire;
	struct usb_pace *pace;
};

static size_t run_fill(void *ctx, uint8_t *buf, size_t size)
{
	struct run *run = ctx;

	return ch341a_wire_encode(&run->wire, buf, size);
}

static int run_take(void *ctx, const uint8_t *buf, size_t len, struct np_error *err)
{
	struct run *run = ctx;

	if (ch341a_wire_decode(&run->wire, buf, len))
		return len > 0;
	return np_fail(err, NP_E_BUS,
	               "USB: %zu bytes in message %zu where fewer were due: answers were lost", len,
	               run->wire.in_msg + 1);
}

static size_t run_want(void *ctx)
{
	const struct run *run = ctx;

	return ch341a_wire_due(&run->wire);
}

static void run_tick(void *ctx)
{
	struct run *run = ctx;
	const struct ch341a_wire *wire = &run->wire;
	size_t head;

	if (wire->in_msg == wire->count)
		return;
	head = wire->msgs[wire->in_msg].cmd_len;
	if (usb_pace_tell(run->pace, wire->in_msg, wire->in_pos > head ? wire->in_pos - head : 0))
		ch341a_wire_stop(&run->wire);
}

static int run_queue(void *self, struct spi_msg *msgs, size_t count, size_t *done,
                     struct usb_pace *pace, struct np_error *err)
{
	struct ch341a *ch = self;
	struct run run = {.pace = pace};
	const struct usb_job job = {
		.fill = run_fill,
		.take = run_take,
		.want = run_want,
		.tick = run_tick,
		.ctx = &run,
		.stall_ms = usb_pace_stall_ms(msgs, count),
	};
	int ret;

	ch341a_wire_begin(&run.wire, msgs, count);
	ret = usb_stream_run(ch->stream, &job, err);
	*done = ret ? run.wire.sound : run.wire.in_msg;
	return ret;
}

static int ch341a_run(void *self, struct spi_msg *msgs, size_t count, size_t *done,
                      spi_progress_fn *progress, void *ctx, struct np_error *err)
{
	struct ch341a *ch = self;
	const struct usb_queue queue = {run_queue, get_in_step, ch, ch->stream, &ch->lost};

	return usb_queue_run(&queue, msgs, count, done, progress, ctx, err);
}

static void ch341a_close(void *self)
{
	struct ch341a *ch = self;
	uint8_t packet[CH341A_PACKET];

	if (ch->stream) {
		ch341a_wire_release(packet);
		usb_write(ch->dev, EP_OUT, packet, sizeof(packet), RELEASE_MS, NULL);
	}
	usb_stream_free(ch->stream);
	usb_close(ch->dev);
	free(ch);
}

/* ---- opening ---- */

static const struct spi_ops ch341a_ops = {.run = ch341a_run, .close = ch341a_close};

static const struct spi_caps ch341a_caps = {
	.depth = 64,
	.max_queue = 4096,
	.max_tx = 1 << 24,
	.max_rx = 1 << 30,
	.byte_ns = BYTE_NS,
	.msg_ns = MESSAGE_NS,
	.trip_us = TRIP_US,
	.pause_ns_min = 1000,
	.hz = CLOCK_HZ,
	.hz_min = CLOCK_HZ,
	.hz_max = CLOCK_HZ,
	.safe_line = true,
};

static int set_up(struct ch341a *ch, struct np_error *err)
{
	/* 1 KiB of OUT is 6 ms of wire or one page; IN answers at most 31 bytes a transfer. */
	static const struct usb_shape shape = {
		.out_endpoint = EP_OUT,
		.out_count = 24,
		.out_size = 1024,
		.in_endpoint = EP_IN,
		.in_count = 104,
		.in_size = CH341A_PACKET,
		.gather_ms = 3, /* fifteen answers of the 20 ms in flight */
	};
	uint8_t config[CH341A_CONFIG];
	int ret = usb_stream_new(ch->dev, &shape, &ch->stream, err);

	if (!ret)
		ret = get_in_step(ch, err);
	if (ret)
		return ret;
	ch341a_wire_config(config);
	return usb_write(ch->dev, EP_OUT, config, sizeof(config), RELEASE_MS, err);
}

/* A CH341A in serial mode is not found under its SPI ID: say what was seen instead. */
static void mention_uart(struct np_error *err)
{
	const struct usb_choice uart = {.ids = uart_ids, .id_count = 2};
	struct usb_seen seen[USB_SEEN_MAX];
	size_t count;

	if (usb_list(seen, USB_SEEN_MAX, &count, NULL))
		return;
	for (size_t i = 0; i < count; i++)
		if (usb_is(&uart, &seen[i])) {
			np_context(err, "USB %s is %04x:%04x", seen[i].where, seen[i].vendor,
			           seen[i].product);
			np_hint(err, "%s", UART_ADVICE);
			return;
		}
}

static int ch341a_open(const struct spi_spec *spec, struct spi_opened *out, struct np_error *err)
{
	const struct usb_choice choice = {
		.what = "CH341A",
		.ids = spi_ids,
		.id_count = 1,
		.serial = spi_spec_get(spec, "serial"),
		.where = spi_spec_get(spec, "bus"),
	};
	struct usb_seen seen;
	struct ch341a *ch;
	int ret = usb_pick(&choice, &seen, err);

	if (ret == NP_E_NO_PROGRAMMER)
		mention_uart(err);
	if (ret)
		return ret;
	ch = calloc(1, sizeof(*ch));
	if (!ch)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	ch->caps = ch341a_caps;
	ret = usb_open(&seen, INTERFACE, &ch->dev, err);
	if (!ret)
		ret = set_up(ch, err);
	if (ret) {
		ch341a_close(ch);
		return ret;
	}
	out->self = ch;
	out->ops = &ch341a_ops;
	out->caps = &ch->caps;
	snprintf(out->name, sizeof(out->name), "ch341a at %s", seen.where);
	snprintf(out->serial, sizeof(out->serial), "%s", seen.serial);
	return 0;
}

/* ---- listing ---- */

static void list_one(const struct usb_seen *seen, bool uart, spi_found_fn *fn, void *ctx)
{
	struct spi_found found = {.driver = "ch341a", .certain = !uart};

	usb_describe(seen, INTERFACE, &found);
	if (uart) {
		snprintf(found.product, sizeof(found.product),
		         "CH341A in serial mode, or a CH340 serial adapter");
		snprintf(found.note, sizeof(found.note), "%s", UART_ADVICE);
		found.may_open = false;
	} else {
		if (!found.product[0])
			snprintf(found.product, sizeof(found.product), "CH341A");
		snprintf(found.spec, sizeof(found.spec), "ch341a:bus=%s", seen->where);
	}
	fn(ctx, &found);
}

static int ch341a_list(spi_found_fn *fn, void *ctx, struct np_error *err)
{
	const struct usb_choice spi = {.ids = spi_ids, .id_count = 1};
	const struct usb_choice uart = {.ids = uart_ids, .id_count = 2};
	struct usb_seen seen[USB_SEEN_MAX];
	size_t count;
	int ret = usb_list(seen, USB_SEEN_MAX, &count, err);

	for (size_t i = 0; i < count && !ret; i++)
		if (usb_is(&spi, &seen[i]) || usb_is(&uart, &seen[i]))
			list_one(&seen[i], usb_is(&uart, &seen[i]), fn, ctx);
	return ret;
}

const struct spi_driver ch341a_driver = {
	.name = "ch341a",
	.aliases = (const char *const[]){"ch341a_spi", "ch341", NULL},
	.summary = "CH341A USB programmer (1a86:5512), about 1.5 MHz",
	.levels =
		"gives 3.3 V; the black board drives its signals with about 5 V: change it before use",
	.keys = (const char *const[]){"serial", "bus", NULL},
	.list = ch341a_list,
	.open = ch341a_open,
};
