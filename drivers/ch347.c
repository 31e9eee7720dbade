/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CH347 (high speed USB): one message at a time, because nothing public says how many commands
 * it takes before their answers are fetched; a long read is one command with many IN transfers in
 * flight.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/units.h"
#include "ch347_wire.h"
#include "spi/driver.h"
#include "usb/usb.h"
#include "usb/usb_pace.h"

#define EP_OUT      0x06
#define EP_IN       0x86
#define TRANSFER_MS 1000
#define DRAIN_MS    5
#define DRAIN_READS 256
#define START_HZ    7500000
#define READ_CHUNK  (256 * 1024) /* a stop is obeyed between two of them; CS stays low */
#define TRIP_US     600          /* CS low, data and answer, CS high */

static const struct usb_id ids[] = {{0x1a86, 0x55db}, {0x1a86, 0x55de}};

struct ch347 {
	struct usb_dev *dev;
	struct usb_stream *stream;
	struct spi_caps caps;
	bool ready; /* it answered: pins may be driven */
};

static unsigned interface_of(const struct usb_seen *seen)
{
	return seen->product == 0x55db ? 2 : 4;
}

/* ---- one message ---- */

static int set_cs(struct ch347 *ch, bool low, struct np_error *err)
{
	uint8_t frame[CH347_FRAME_MAX];

	return usb_write(ch->dev, EP_OUT, frame, ch347_put_cs(frame, low), TRANSFER_MS, err);
}

/* Send a frame and fetch its answer. */
static int exchange(struct ch347 *ch, const uint8_t *frame, size_t len, struct np_error *err)
{
	uint8_t answer[CH347_PACKET];
	const uint8_t *payload;
	size_t got;
	int ret = usb_write(ch->dev, EP_OUT, frame, len, TRANSFER_MS, err);

	if (!ret)
		ret = usb_read(ch->dev, EP_IN, answer, sizeof(answer), &got, TRANSFER_MS, err);
	if (ret)
		return ret;
	if (ch347_payload(answer, got, (enum ch347_command)frame[0], &payload) < 0)
		return np_fail(err, NP_E_BUS, "the CH347 answered something else to command %02Xh",
		               frame[0]);
	return 0;
}

static int send_bytes(struct ch347 *ch, const uint8_t *data, size_t len, struct np_error *err)
{
	uint8_t frame[CH347_FRAME_MAX];
	int ret = 0;

	for (size_t at = 0, n; at < len && !ret; at += n) {
		n = len - at < CH347_DATA ? len - at : CH347_DATA;
		ret = exchange(ch, frame, ch347_put_write(frame, data + at, n), err);
	}
	return ret;
}

struct reading {
	uint8_t *rx;
	size_t len, got;
	bool sent;
};

static size_t reading_fill(void *ctx, uint8_t *buf, size_t size)
{
	struct reading *reading = ctx;

	if (reading->sent || size < CH347_FRAME_MAX)
		return 0;
	reading->sent = true;
	return ch347_put_read(buf, (uint32_t)reading->len);
}

static int reading_take(void *ctx, const uint8_t *buf, size_t len, struct np_error *err)
{
	struct reading *reading = ctx;
	const uint8_t *payload;
	long n = ch347_payload(buf, len, CH347_READ, &payload);

	if (n < 0 || (size_t)n > reading->len - reading->got)
		return np_fail(err, NP_E_BUS, "the CH347's answer to a read is out of step");
	memcpy(reading->rx + reading->got, payload, (size_t)n);
	reading->got += (size_t)n;
	return n > 0;
}

static size_t reading_want(void *ctx)
{
	const struct reading *reading = ctx;

	return (reading->len - reading->got + CH347_DATA - 1) / CH347_DATA;
}

static void reading_tick(void *ctx)
{
	(void)ctx;
}

static int receive(struct ch347 *ch, uint8_t *rx, size_t len, struct np_error *err)
{
	struct reading reading = {.rx = rx, .len = len};
	const struct usb_job job = {
		.fill = reading_fill,
		.take = reading_take,
		.want = reading_want,
		.tick = reading_tick,
		.ctx = &reading,
		.stall_ms = TRANSFER_MS,
	};

	return usb_stream_run(ch->stream, &job, err);
}

static int receive_all(struct ch347 *ch, const struct spi_msg *msg, size_t index,
                       struct usb_pace *pace, struct np_error *err)
{
	int ret = 0;

	for (size_t at = 0, n; at < msg->rx_len && !ret; at += n) {
		n = msg->rx_len - at < READ_CHUNK ? msg->rx_len - at : READ_CHUNK;
		ret = receive(ch, msg->rx + at, n, err);
		if (!ret && usb_pace_tell(pace, index, at + n))
			ret = np_fail(err, NP_E_INTERRUPTED, "stopped on request");
	}
	return ret;
}

static void sleep_us(uint32_t us)
{
	struct timespec left = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};

	while (us && clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		;
}

static int run_one(struct ch347 *ch, const struct spi_msg *msg, size_t index, struct usb_pace *pace,
                   struct np_error *err)
{
	int ret = set_cs(ch, true, err);
	int after;

	if (!ret)
		ret = send_bytes(ch, msg->cmd, msg->cmd_len, err);
	if (!ret)
		ret = send_bytes(ch, msg->tx, msg->tx_len, err);
	if (!ret)
		ret = receive_all(ch, msg, index, pace, err);
	after = set_cs(ch, false, ret ? NULL : err);
	if (!ret)
		ret = after;
	if (!ret)
		sleep_us(msg->pause_us);
	return ret;
}

static int ch347_run(void *self, struct spi_msg *msgs, size_t count, size_t *done,
                     spi_progress_fn *progress, void *ctx, struct np_error *err)
{
	struct usb_pace pace;
	int ret = 0;

	usb_pace_begin(&pace, progress, ctx);
	for (*done = 0; *done < count && !ret; *done += !ret) {
		if (*done && usb_pace_tell(&pace, *done, 0))
			return np_fail(err, NP_E_INTERRUPTED, "stopped on request");
		ret = run_one(self, &msgs[*done], *done, &pace, err);
	}
	return ret;
}

/* ---- clock, opening, closing ---- */

static int ch347_set_hz(void *self, uint32_t hz, struct np_error *err)
{
	struct ch347 *ch = self;
	uint8_t frame[CH347_FRAME_MAX], divider;
	uint32_t actual;
	int ret;

	if (!ch347_divider(hz, &divider, &actual))
		return np_fail(err, NP_E_UNSUPPORTED, "the CH347 cannot clock as slowly as %u Hz",
		               hz);
	ret = exchange(ch, frame, ch347_put_config(frame, divider), err);
	if (ret)
		return ret;
	ch->caps.hz = actual;
	ch->caps.byte_ns = (uint32_t)((8000000000ull + actual - 1) / actual);
	return 0;
}

static void ch347_close(void *self)
{
	struct ch347 *ch = self;

	if (ch->ready)
		set_cs(ch, false, NULL);
	usb_stream_free(ch->stream);
	usb_close(ch->dev);
	free(ch);
}

/* Answers that an earlier program did not fetch. */
static void drain(struct ch347 *ch)
{
	uint8_t packet[CH347_PACKET];
	size_t got;

	for (int i = 0; i < DRAIN_READS; i++)
		if (usb_read(ch->dev, EP_IN, packet, sizeof(packet), &got, DRAIN_MS, NULL))
			return;
}

static int set_up(struct ch347 *ch, uint32_t hz, struct np_error *err)
{
	static const struct usb_shape shape = {
		.out_endpoint = EP_OUT,
		.out_count = 1,
		.out_size = CH347_PACKET,
		.in_endpoint = EP_IN,
		.in_count = 64,
		.in_size = CH347_PACKET,
	};
	int ret = usb_stream_new(ch->dev, &shape, &ch->stream, err);

	if (ret)
		return ret;
	drain(ch);
	ret = ch347_set_hz(ch, hz ? hz : START_HZ, err);
	if (!ret)
		ret = set_cs(ch, false, err);
	ch->ready = !ret;
	/* A clock that was asked for is kept. */
	if (!ret && hz)
		ch->caps.hz_min = ch->caps.hz_max = ch->caps.hz;
	return ret;
}

static const struct spi_caps ch347_caps = {
	.depth = 1,
	.max_queue = 4096,
	.max_tx = 1 << 24,
	.max_rx = 1 << 30,
	.msg_ns = 1000,
	.trip_us = TRIP_US,
	.pause_ns_min = 60000,
	.hz_min = CH347_HZ_MAX >> 7,
	.hz_max = CH347_HZ_MAX,
	.safe_line = true,
};

static const struct spi_ops ch347_ops = {
	.run = ch347_run, .set_hz = ch347_set_hz, .close = ch347_close};

static int ch347_open(const struct spi_spec *spec, struct spi_opened *out, struct np_error *err)
{
	const struct usb_choice choice = {
		.what = "CH347",
		.ids = ids,
		.id_count = 2,
		.serial = spi_spec_get(spec, "serial"),
		.where = spi_spec_get(spec, "bus"),
	};
	const char *clock = spi_spec_get(spec, "hz");
	struct usb_seen seen;
	struct ch347 *ch;
	uint32_t hz = 0;
	int ret;

	if (clock && (!np_parse_hz(clock, &hz) || !hz))
		return np_fail(err, NP_E_USAGE, "'%s' is no clock (hz=15M)", clock);
	ret = usb_pick(&choice, &seen, err);
	if (ret)
		return ret;
	ch = calloc(1, sizeof(*ch));
	if (!ch)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	ch->caps = ch347_caps;
	ret = usb_open(&seen, interface_of(&seen), &ch->dev, err);
	if (!ret)
		ret = set_up(ch, hz, err);
	if (ret) {
		ch347_close(ch);
		return ret;
	}
	*out = (struct spi_opened){.self = ch, .ops = &ch347_ops, .caps = &ch->caps};
	snprintf(out->name, sizeof(out->name), "ch347 at %s", seen.where);
	return 0;
}

static int ch347_list(spi_found_fn *fn, void *ctx, struct np_error *err)
{
	const struct usb_choice choice = {.ids = ids, .id_count = 2};
	struct usb_seen seen[USB_SEEN_MAX];
	size_t count;
	int ret = usb_list(seen, USB_SEEN_MAX, &count, err);

	for (size_t i = 0; i < count && !ret; i++) {
		struct spi_found found = {.driver = "ch347", .certain = true};

		if (!usb_is(&choice, &seen[i]))
			continue;
		usb_describe(&seen[i], interface_of(&seen[i]), &found);
		if (!found.product[0])
			snprintf(found.product, sizeof(found.product), "CH347");
		snprintf(found.spec, sizeof(found.spec), "ch347:bus=%s", seen[i].where);
		fn(ctx, &found);
	}
	return ret;
}

const struct spi_driver ch347_driver = {
	.name = "ch347",
	.aliases = (const char *const[]){"ch347_spi", "ch347t", "ch347f", NULL},
	.summary = "CH347 USB programmer (1a86:55db, 55de), up to 60 MHz",
	.levels = "gives 3.3 V alone; a 1.8 V part needs a level adapter",
	.keys = (const char *const[]){"serial", "bus", "hz", NULL},
	.list = ch347_list,
	.open = ch347_open,
};
