/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CH347 (high speed USB). Nothing public says how many commands it takes before their answers are
 * fetched, so the adapter itself is asked when it is opened: several harmless ones are sent, and only
 * then their answers read. If all come, queues of messages are streamed with as many ahead; if not,
 * each command waits for the answer to the one before.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/units.h"
#include "ch347_wire.h"
#include "spi/driver.h"
#include "usb/usb_run.h"

#define EP_OUT      0x06
#define EP_IN       0x86
#define TRANSFER_MS 1000
#define STALE_MAX   4096 /* answers: what two reads leave behind, and no flood */
#define ECHO_MS     300
#define SERIAL_NS   500000 /* a message whose commands wait for each other */
#define PROBES      16
#define START_HZ    7500000
#define TRIP_US     400
#define MESSAGE_NS  12000 /* two CS frames and the headers; estimated */
#define OUT_COUNT   32
#define IN_COUNT    80 /* 5 ms of answers at 60 MHz */

static const struct usb_id ids[] = {{0x1a86, 0x55db}, {0x1a86, 0x55de}};

/* A CH347T takes its mode from two pins when it is powered; these three have no SPI that is spoken here. */
static const struct usb_id other_modes[] = {{0x1a86, 0x55da}, {0x1a86, 0x55dc}, {0x1a86, 0x55dd}};
static const char *const mode_names[] = {"two UARTs and no SPI (mode 0)", "HID (mode 2)",
                                         "JTAG and I2C (mode 3)"};

#define MODE_ADVICE                                                                      \
	"put it into mode 1 (by the pins or the switch that choose it, see the board's " \
	"description), and replug it"

struct ch347 {
	struct usb_dev *dev;
	struct usb_stream *stream;
	struct spi_caps caps;
	size_t ahead; /* commands that it takes before their answers are fetched */
	uint8_t divider;
	size_t echoes; /* attempts so far */
	bool ready;    /* it answered: pins may be driven */
	bool lost;     /* a run failed and the adapter could not be brought back in step yet */
};

static unsigned interface_of(const struct usb_seen *seen)
{
	return seen->product == 0x55db ? 2 : 4;
}

/* ---- one command ---- */

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

/* ---- running ---- */

struct run {
	struct ch347_wire wire;
	struct usb_pace *pace;
};

static size_t run_fill(void *ctx, uint8_t *buf, size_t size)
{
	struct run *run = ctx;

	return size < CH347_FRAME_MAX ? 0 : ch347_wire_encode(&run->wire, buf);
}

static int run_take(void *ctx, const uint8_t *buf, size_t len, struct np_error *err)
{
	struct run *run = ctx;

	if (ch347_wire_decode(&run->wire, buf, len))
		return 1;
	return np_fail(err, NP_E_BUS, "the CH347's answers are out of step in message %zu",
	               run->wire.in_msg + 1);
}

static size_t run_want(void *ctx)
{
	const struct run *run = ctx;

	return ch347_wire_want(&run->wire);
}

static void run_tick(void *ctx)
{
	struct run *run = ctx;

	if (run->wire.in_msg < run->wire.count &&
	    usb_pace_tell(run->pace, run->wire.in_msg, run->wire.in_pos))
		ch347_wire_stop(&run->wire);
}

static int get_in_step(void *self, struct np_error *err);

static int run_queue(void *self, struct spi_msg *msgs, size_t count, size_t *done,
                     struct usb_pace *pace, struct np_error *err)
{
	struct ch347 *ch = self;
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

	ch347_wire_begin(&run.wire, msgs, count, ch->caps.hz, ch->ahead);
	ret = usb_stream_run(ch->stream, &job, err);
	*done = run.wire.in_msg;
	if (ret)
		usb_clear_halts(ch->dev, EP_OUT, EP_IN);
	return ret;
}

static int ch347_run(void *self, struct spi_msg *msgs, size_t count, size_t *done,
                     spi_progress_fn *progress, void *ctx, struct np_error *err)
{
	struct ch347 *ch = self;
	const struct usb_queue queue = {run_queue, get_in_step, ch, ch->stream, &ch->lost};

	return usb_queue_run(&queue, msgs, count, done, progress, ctx, err);
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
	ch->divider = divider;
	ch->caps.hz = actual;
	ch->caps.byte_ns = (uint32_t)((8000000000ull + actual - 1) / actual);
	ch->caps.pause_ns_min = ch->caps.byte_ns;
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

struct attempt {
	struct ch347 *ch;
	struct usb_echo echo;
	bool set_up; /* the set-up was answered */
};

static void echo_begin(void *ctx)
{
	struct attempt *a = ctx;
	size_t n = a->ch->echoes++ % USB_ECHO_SETS;

	a->echo = (struct usb_echo){.lens = {100 + n, 50 + n}, .stale_most = STALE_MAX};
	a->set_up = false;
}

static size_t echo_fill(void *ctx, uint8_t *buf, size_t size)
{
	struct attempt *a = ctx;
	struct usb_echo *echo = &a->echo;

	/* One at a time, for it is not known yet whether it keeps more. */
	if (size < CH347_FRAME_MAX || (echo->sent > 0 && !a->set_up) ||
	    (echo->sent > 2 && !echo->seen))
		return 0;
	switch (echo->sent++) {
	case 0:
		return ch347_put_config(buf, a->ch->divider);
	case 1:
		return ch347_put_cs(buf, false);
	case 2:
	case 3:
		return ch347_put_read(buf, (uint32_t)echo->lens[echo->sent - 3]);
	}
	return 0;
}

static int echo_take(void *ctx, const uint8_t *buf, size_t len, struct np_error *err)
{
	struct attempt *a = ctx;
	const uint8_t *payload;
	long got = ch347_payload(buf, len, CH347_READ, &payload);

	a->set_up |= ch347_payload(buf, len, CH347_CONFIG, &payload) >= 0;
	return usb_echo_take(&a->echo, got < 0 ? SIZE_MAX : (size_t)got, err);
}

static size_t echo_want(void *ctx)
{
	return usb_echo_want(&((const struct attempt *)ctx)->echo);
}

static int get_in_step(void *self, struct np_error *err)
{
	struct ch347 *ch = self;
	struct attempt attempt = {.ch = ch};
	const struct usb_in_step how = {
		.what = "CH347",
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

/* Several commands sent without waiting for the answers between: the set-up that it already has, so
 * that nothing changes whatever becomes of them. */
struct probe {
	struct ch347 *ch;
	size_t sent, seen;
};

static size_t probe_fill(void *ctx, uint8_t *buf, size_t size)
{
	struct probe *probe = ctx;

	if (probe->sent == PROBES || size < CH347_FRAME_MAX)
		return 0;
	probe->sent++;
	return ch347_put_config(buf, probe->ch->divider);
}

static int probe_take(void *ctx, const uint8_t *buf, size_t len, struct np_error *err)
{
	struct probe *probe = ctx;
	const uint8_t *payload;

	if (ch347_payload(buf, len, CH347_CONFIG, &payload) < 0)
		return np_fail(err, NP_E_BUS, "it answered something else to its set-up");
	probe->seen++;
	return 1;
}

/* Answers are asked for only when all was sent. */
static size_t probe_want(void *ctx)
{
	const struct probe *probe = ctx;

	return probe->sent == PROBES ? PROBES - probe->seen : 0;
}

static int find_ahead(struct ch347 *ch, struct np_error *err)
{
	struct probe probe = {.ch = ch};
	const struct usb_job job = {
		.fill = probe_fill,
		.take = probe_take,
		.want = probe_want,
		.ctx = &probe,
		.stall_ms = ECHO_MS,
	};
	int ret = usb_stream_run(ch->stream, &job, err);

	ch->ahead = PROBES;
	if (ret != NP_E_TIMEOUT)
		return ret;
	if (err)
		*err = (struct np_error){0};
	ch->ahead = 1;
	ch->caps.msg_ns = SERIAL_NS;
	np_log(NP_LOG_INFO, "this CH347 takes one command at a time: writing is slower");
	return get_in_step(ch, err);
}

static int set_up(struct ch347 *ch, uint32_t hz, struct np_error *err)
{
	static const struct usb_shape shape = {
		.out_endpoint = EP_OUT,
		.out_count = OUT_COUNT,
		.out_size = CH347_PACKET,
		.in_endpoint = EP_IN,
		.in_count = IN_COUNT,
		.in_size = CH347_PACKET,
		.gather_ms = 1, /* fifteen answers */
	};
	uint32_t start_hz;
	int ret = usb_stream_new(ch->dev, &shape, &ch->stream, err);

	if (ret)
		return ret;
	ch347_divider(START_HZ, &ch->divider, &start_hz);
	ret = get_in_step(ch, err);
	if (!ret)
		ret = ch347_set_hz(ch, hz ? hz : start_hz, err);
	ch->ready = !ret;
	if (!ret)
		ret = find_ahead(ch, err);
	/* A clock that was asked for is kept. */
	if (!ret && hz)
		ch->caps.hz_min = ch->caps.hz_max = ch->caps.hz;
	return ret;
}

static const struct spi_caps ch347_caps = {
	.depth = 64,
	.max_queue = 4096,
	.max_tx = 1 << 24,
	.max_rx = 1 << 30,
	.msg_ns = MESSAGE_NS,
	.trip_us = TRIP_US,
	.hz_min = CH347_HZ_MAX >> 7,
	.hz_max = CH347_HZ_MAX,
	.safe_line = true,
};

static const struct spi_ops ch347_ops = {
	.run = ch347_run, .set_hz = ch347_set_hz, .close = ch347_close};

static size_t mode_of(const struct usb_seen *seen)
{
	size_t mode = 0;

	while (mode < 3 && (other_modes[mode].vendor != seen->vendor ||
	                    other_modes[mode].product != seen->product))
		mode++;
	return mode;
}

/* A CH347 in another mode is not found under its SPI ID: say what was seen instead. */
static void mention_mode(struct np_error *err)
{
	struct usb_seen seen[USB_SEEN_MAX];
	size_t count;

	if (usb_list(seen, USB_SEEN_MAX, &count, NULL))
		return;
	for (size_t i = 0; i < count; i++)
		if (mode_of(&seen[i]) < 3) {
			np_context(err, "the CH347 at USB %s is set to %s", seen[i].where,
			           mode_names[mode_of(&seen[i])]);
			np_hint(err, "%s", MODE_ADVICE);
			return;
		}
}

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
	if (ret == NP_E_NO_PROGRAMMER)
		mention_mode(err);
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
	snprintf(out->serial, sizeof(out->serial), "%s", seen.serial);
	return 0;
}

static int ch347_list(spi_found_fn *fn, void *ctx, struct np_error *err)
{
	const struct usb_choice choice = {.ids = ids, .id_count = 2};
	struct usb_seen seen[USB_SEEN_MAX];
	size_t count;
	int ret = usb_list(seen, USB_SEEN_MAX, &count, err);

	for (size_t i = 0; i < count && !ret; i++) {
		size_t mode = mode_of(&seen[i]);
		struct spi_found found = {.driver = "ch347", .certain = mode == 3};

		if (mode == 3 && !usb_is(&choice, &seen[i]))
			continue;
		usb_describe(&seen[i], interface_of(&seen[i]), &found);
		if (mode < 3)
			snprintf(found.note, sizeof(found.note), "set to %s: %s", mode_names[mode],
			         MODE_ADVICE);
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
