/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FTDI's H chips (FT232H, FT2232H, FT4232H) through their MPSSE. libftdi1 opens and configures the
 * channel; the streams then run on its libusb handle.
 */
#include <ftdi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/units.h"
#include "mpsse.h"
#include "spi/driver.h"
#include "usb/usb_run.h"

#define START_HZ    6000000
#define LATENCY_MS  16 /* the chip's default; only idle packets depend on it */
#define TRANSFER_MS 500
#define PROBE_READS 64
#define PACKET_FULL 64 /* of a full speed and of a high speed device */
#define PACKET_HIGH 512

#define MESSAGE_NS 1000 /* two pin commands and the headers, read from the FIFO at 60 MB/s */
#define TRIP_US    400

#define OUT_COUNT 8
#define OUT_SIZE  4096
#define IN_COUNT  6
#define IN_SIZE   16384 /* 6 of them hold what the window allows to be outstanding */

struct kind {
	const char *type;
	const char *product;
	struct usb_id id;
	unsigned channels; /* those with an MPSSE */
};

static const struct kind kinds[] = {
	{"232h", "FT232H", {0x0403, 0x6014}, 1},
	{"2232h", "FT2232H", {0x0403, 0x6010}, 2},
	{"4232h", "FT4232H", {0x0403, 0x6011}, 2},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const uint8_t out_endpoints[] = {0x02, 0x04};
static const uint8_t in_endpoints[] = {0x81, 0x83};

struct ft232h {
	struct ftdi_context *ftdi;
	struct usb_dev *dev;
	struct usb_stream *stream;
	struct spi_caps caps;
	struct mpsse_pins pins;
	unsigned channel;
	bool opened; /* libftdi holds the device */
	bool ready;  /* the MPSSE answered once: pins may be driven */
	bool lost;   /* a run failed and the MPSSE could not be brought back yet */
};

/* What the -p argument asks for. */
struct wish {
	const struct kind *kind; /* NULL: any */
	unsigned channel, cs;
	uint32_t hz; /* 0: not given */
};

/* ---- running ---- */

struct run {
	struct mpsse mpsse;
	struct usb_pace *pace;
	size_t packet; /* USB packet size: every packet begins with two status bytes */
};

static size_t run_fill(void *ctx, uint8_t *buf, size_t size)
{
	struct run *run = ctx;

	return mpsse_encode(&run->mpsse, buf, size);
}

static int run_take(void *ctx, const uint8_t *buf, size_t len, struct np_error *err)
{
	struct run *run = ctx;
	long payload = mpsse_decode(&run->mpsse, buf, len, run->packet);

	if (payload < 0)
		return np_fail(err, NP_E_BUS, "the FTDI chip answered more than it was asked for");
	return payload > 0;
}

static size_t run_want(void *ctx)
{
	const struct run *run = ctx;
	size_t payload = IN_SIZE / run->packet * (run->packet - 2);

	return (size_t)((mpsse_due(&run->mpsse) + payload - 1) / payload);
}

static void run_tick(void *ctx)
{
	struct run *run = ctx;
	struct mpsse *mpsse = &run->mpsse;

	if (mpsse->in_msg < mpsse->count && usb_pace_tell(run->pace, mpsse->in_msg, mpsse->in_pos))
		mpsse_stop(mpsse);
}

/* Silence lasts as long as the pauses do, or as a read of one window at a slow clock. */
static unsigned stall_ms(const struct ft232h *ft, const struct spi_msg *msgs, size_t count)
{
	return usb_pace_stall_ms(msgs, count) +
	       (unsigned)(MPSSE_WINDOW_MIN * 8000ull / ft->caps.hz);
}

static int get_in_step(void *self, struct np_error *err);

static int run_queue(void *self, struct spi_msg *msgs, size_t count, size_t *done,
                     struct usb_pace *pace, struct np_error *err)
{
	struct ft232h *ft = self;
	struct run run = {.pace = pace, .packet = ft->ftdi->max_packet_size};
	const struct usb_job job = {
		.fill = run_fill,
		.take = run_take,
		.want = run_want,
		.tick = run_tick,
		.ctx = &run,
		.stall_ms = stall_ms(ft, msgs, count),
	};
	int ret;

	mpsse_begin(&run.mpsse, msgs, count, &ft->pins, ft->caps.hz);
	ret = usb_stream_run(ft->stream, &job, err);
	*done = mpsse_done(&run.mpsse);
	if (ret)
		usb_clear_halts(ft->dev, out_endpoints[ft->channel], in_endpoints[ft->channel]);
	return ret;
}

static int ft232h_run(void *self, struct spi_msg *msgs, size_t count, size_t *done,
                      spi_progress_fn *progress, void *ctx, struct np_error *err)
{
	struct ft232h *ft = self;
	const struct usb_queue queue = {run_queue, get_in_step, ft, ft->stream, &ft->lost};

	return usb_queue_run(&queue, msgs, count, done, progress, ctx, err);
}

static void set_caps(struct ft232h *ft, uint32_t hz)
{
	ft->caps.hz = hz;
	ft->caps.byte_ns = (uint32_t)((8000000000ull + hz - 1) / hz);
	ft->caps.pause_ns_min = (1000000000u + hz - 1) / hz;
}

static int ft232h_set_hz(void *self, uint32_t hz, struct np_error *err)
{
	struct ft232h *ft = self;
	uint8_t setup[MPSSE_SETUP_MAX];
	uint16_t divisor;
	uint32_t actual;
	size_t len;
	int ret;

	if (!mpsse_divisor(hz, &divisor, &actual))
		return np_fail(err, NP_E_UNSUPPORTED,
		               "the FTDI chip cannot clock as slowly as %u Hz", hz);
	len = mpsse_setup(setup, &ft->pins, divisor);
	ret = usb_write(ft->dev, out_endpoints[ft->channel], setup, len, TRANSFER_MS, err);
	if (!ret)
		set_caps(ft, actual);
	return ret;
}

static void ft232h_close(void *self)
{
	struct ft232h *ft = self;
	uint8_t release[MPSSE_RELEASE];

	if (ft->ready)
		usb_write(ft->dev, out_endpoints[ft->channel], release, mpsse_release(release),
		          TRANSFER_MS, NULL);
	usb_stream_free(ft->stream);
	usb_close(ft->dev);
	if (ft->opened) {
		ftdi_set_bitmode(ft->ftdi, 0, BITMODE_RESET);
		ftdi_usb_close(ft->ftdi);
	}
	if (ft->ftdi)
		ftdi_free(ft->ftdi);
	free(ft);
}

/* ---- getting in step ---- */

static int ftdi_fail(struct ft232h *ft, const char *doing, struct np_error *err)
{
	return usb_fail_adopted(ft->dev, doing, ftdi_get_error_string(ft->ftdi), err);
}

/* An empty MPSSE: whatever an earlier program left in the buffers is thrown away. */
static int reset_engine(struct ft232h *ft, struct np_error *err)
{
	if (ftdi_set_latency_timer(ft->ftdi, LATENCY_MS))
		return ftdi_fail(ft, "set the latency timer", err);
	if (ftdi_set_bitmode(ft->ftdi, 0, BITMODE_RESET))
		return ftdi_fail(ft, "reset the channel", err);
	if (ftdi_tcioflush(ft->ftdi))
		return ftdi_fail(ft, "empty the buffers", err);
	if (ftdi_set_bitmode(ft->ftdi, 0, BITMODE_MPSSE))
		return ftdi_fail(ft, "switch to MPSSE", err);
	return 0;
}

/* Send a command that does not exist and read until its answer; what comes before is stale. */
static int probe(struct ft232h *ft, uint8_t bad_command, struct np_error *err)
{
	uint8_t command[MPSSE_PROBE], answer[512], last[2] = {0};
	size_t got, len = mpsse_probe(command, bad_command);
	int ret = usb_write(ft->dev, out_endpoints[ft->channel], command, len, TRANSFER_MS, err);

	for (int i = 0; i < PROBE_READS && !ret; i++) {
		ret = usb_read(ft->dev, in_endpoints[ft->channel], answer, sizeof(answer), &got,
		               TRANSFER_MS, err);
		got = mpsse_payload(answer, got, ft->ftdi->max_packet_size, answer);
		for (size_t b = 0; b < got; b++) {
			last[0] = last[1];
			last[1] = answer[b];
		}
		if (!ret && last[0] == 0xfa && last[1] == bad_command)
			return 0;
	}
	return ret ? ret
	           : np_fail(err, NP_E_BUS, "the FTDI chip does not answer command %02Xh",
	                     bad_command);
}

static int get_in_step(void *self, struct np_error *err)
{
	struct ft232h *ft = self;
	int ret = reset_engine(ft, err);

	if (!ret)
		ret = probe(ft, 0xaa, err);
	if (!ret)
		ret = probe(ft, 0xab, err);
	if (!ret)
		ret = ft232h_set_hz(ft, ft->caps.hz, err);
	if (!ret) {
		ft->ready = true;
		return 0;
	}
	if (ret == NP_E_GONE)
		return ret;
	np_context(err, "the FTDI chip does not answer");
	np_hint(err, "unplug it, plug it in again, and check that nothing else uses it");
	return ret;
}

/* ---- opening ---- */

static int parse_type(const char *text, struct wish *wish, struct np_error *err)
{
	for (size_t i = 0; i < KINDS && text; i++)
		if (strcasecmp(text, kinds[i].type) == 0)
			wish->kind = &kinds[i];
	if (!text || wish->kind)
		return 0;
	np_fail(err, NP_E_USAGE, "unknown type '%s'", text);
	return np_hint(err, "types: 232h, 2232h, 4232h");
}

static int parse_channel(const char *text, struct wish *wish, struct np_error *err)
{
	if (!text)
		return 0;
	if (strcasecmp(text, "A") != 0 && strcasecmp(text, "B") != 0)
		return np_fail(err, NP_E_USAGE, "channel '%s' is neither A nor B", text);
	wish->channel = strcasecmp(text, "B") == 0;
	return 0;
}

/* flashrom's divisor counts from the 60 MHz base and is even. */
static int parse_clock(const char *hz, const char *divisor, struct wish *wish, struct np_error *err)
{
	uint64_t value;

	if (hz && divisor)
		return np_fail(err, NP_E_USAGE, "hz= and divisor= contradict each other");
	if (hz && (!np_parse_hz(hz, &wish->hz) || !wish->hz))
		return np_fail(err, NP_E_USAGE, "'%s' is no clock (hz=30M)", hz);
	if (!divisor)
		return 0;
	if (!np_parse_size(divisor, &value) || value < 2 || value > 131072 || value % 2)
		return np_fail(err, NP_E_USAGE, "divisor '%s' is no even number from 2 to 131072",
		               divisor);
	wish->hz = MPSSE_BASE_HZ / (uint32_t)value;
	return 0;
}

static int parse_wish(const struct spi_spec *spec, struct wish *wish, struct np_error *err)
{
	const char *cs = spi_spec_get(spec, "cs");
	const char *channel = spi_spec_get(spec, "channel");
	int ret;

	memset(wish, 0, sizeof(*wish));
	ret = parse_type(spi_spec_get(spec, "type"), wish, err);
	if (!ret)
		ret = parse_channel(channel ? channel : spi_spec_get(spec, "port"), wish, err);
	if (!ret)
		ret = parse_clock(spi_spec_get(spec, "hz"), spi_spec_get(spec, "divisor"), wish,
		                  err);
	if (ret || !cs)
		return ret;
	if (cs[0] < '0' || cs[0] > '3' || cs[1])
		return np_fail(err, NP_E_USAGE, "cs '%s' is not 0, 1, 2 or 3", cs);
	wish->cs = (unsigned)(cs[0] - '0');
	return 0;
}

static const struct kind *kind_of(const struct usb_seen *seen)
{
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i].id.vendor == seen->vendor && kinds[i].id.product == seen->product)
			return &kinds[i];
	return NULL;
}

static int pick(const struct spi_spec *spec, const struct wish *wish, struct usb_seen *seen,
                struct np_error *err)
{
	struct usb_id ids[KINDS];
	struct usb_choice choice = {
		.what = wish->kind ? wish->kind->product : "FT232H, FT2232H or FT4232H",
		.serial = spi_spec_get(spec, "serial"),
		.where = spi_spec_get(spec, "bus"),
	};
	int ret;

	for (size_t i = 0; i < KINDS; i++)
		if (!wish->kind || wish->kind == &kinds[i])
			ids[choice.id_count++] = kinds[i].id;
	choice.ids = ids;
	ret = usb_pick(&choice, seen, err);
	if (!ret && wish->channel >= kind_of(seen)->channels)
		return np_fail(err, NP_E_USAGE, "the %s has an MPSSE on channel A only",
		               kind_of(seen)->product);
	return ret;
}

/* libftdi tells a claim that failed (-5) from an open that failed (-4, -8). */
static int open_ftdi(struct ft232h *ft, const struct usb_seen *seen, struct np_error *err)
{
	int ret;

	ft->ftdi = ftdi_new();
	if (!ft->ftdi)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	ft->ftdi->module_detach_mode = AUTO_DETACH_REATACH_SIO_MODULE;
	ftdi_set_interface(ft->ftdi, ft->channel ? INTERFACE_B : INTERFACE_A);
	ret = ftdi_usb_open_bus_addr(ft->ftdi, seen->bus, seen->address);
	if (ret == -5)
		return usb_fail_busy(seen, ft->channel, err);
	if (ret == -8)
		return usb_fail_access(seen, err);
	if (ret)
		return usb_fail_open(seen, ftdi_get_error_string(ft->ftdi), err);
	ft->opened = true;
	return usb_adopt(ft->ftdi->usb_ctx, ft->ftdi->usb_dev, seen, &ft->dev, err);
}

/* libftdi takes it from the descriptors, which may say anything; answers are taken apart by it. */
static int check_packet(const struct ft232h *ft, struct np_error *err)
{
	unsigned packet = ft->ftdi->max_packet_size;

	if (packet == PACKET_FULL || packet == PACKET_HIGH)
		return 0;
	np_fail(err, NP_E_BUS, "the adapter claims packets of %u bytes, which no FTDI chip has",
	        packet);
	return np_hint(err, "replug it; if that does not help it is damaged or no FTDI chip");
}

static int set_up(struct ft232h *ft, const struct usb_seen *seen, struct np_error *err)
{
	const struct usb_shape shape = {
		.out_endpoint = out_endpoints[ft->channel],
		.out_count = OUT_COUNT,
		.out_size = OUT_SIZE,
		.in_endpoint = in_endpoints[ft->channel],
		.in_count = IN_COUNT,
		.in_size = IN_SIZE,
	};
	int ret = open_ftdi(ft, seen, err);

	if (!ret)
		ret = check_packet(ft, err);
	if (!ret)
		ret = usb_stream_new(ft->dev, &shape, &ft->stream, err);
	if (!ret)
		ret = get_in_step(ft, err);
	return ret;
}

static struct spi_caps first_caps(uint32_t hz)
{
	struct spi_caps caps = {
		.depth = 64,
		.max_queue = 4096,
		.max_tx = 1 << 24,
		.max_rx = 1 << 30,
		.msg_ns = MESSAGE_NS,
		.trip_us = TRIP_US,
		.hz = hz ? hz : START_HZ,
		.hz_min = MPSSE_BASE_HZ / 2 / 65536 + 1,
		.hz_max = MPSSE_BASE_HZ / 2,
		.safe_line = true,
	};

	return caps;
}

static const struct spi_ops ft232h_ops = {
	.run = ft232h_run, .set_hz = ft232h_set_hz, .close = ft232h_close};

static int ft232h_open(const struct spi_spec *spec, struct spi_opened *out, struct np_error *err)
{
	struct usb_seen seen;
	struct wish wish;
	struct ft232h *ft;
	int ret = parse_wish(spec, &wish, err);

	if (!ret)
		ret = pick(spec, &wish, &seen, err);
	if (ret)
		return ret;
	ft = calloc(1, sizeof(*ft));
	if (!ft)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	ft->channel = wish.channel;
	ft->pins = mpsse_pins_for(wish.cs);
	ft->caps = first_caps(wish.hz);
	ret = set_up(ft, &seen, err);
	if (ret) {
		ft232h_close(ft);
		return ret;
	}
	/* A clock that was asked for is kept. */
	if (wish.hz)
		ft->caps.hz_min = ft->caps.hz_max = ft->caps.hz;
	*out = (struct spi_opened){.self = ft, .ops = &ft232h_ops, .caps = &ft->caps};
	snprintf(out->name, sizeof(out->name), "ft232h (%s) at %s", kind_of(&seen)->product,
	         seen.where);
	snprintf(out->serial, sizeof(out->serial), "%s", seen.serial);
	return 0;
}

/* ---- listing ---- */

static int ft232h_list(spi_found_fn *fn, void *ctx, struct np_error *err)
{
	struct usb_seen seen[USB_SEEN_MAX];
	size_t count;
	int ret = usb_list(seen, USB_SEEN_MAX, &count, err);

	for (size_t i = 0; i < count && !ret; i++) {
		const struct kind *kind = kind_of(&seen[i]);
		struct spi_found found = {.driver = "ft232h"};

		if (!kind)
			continue;
		usb_describe(&seen[i], 0, &found);
		if (!found.product[0])
			snprintf(found.product, sizeof(found.product), "%s", kind->product);
		snprintf(found.spec, sizeof(found.spec), "ft232h:type=%s,bus=%s", kind->type,
		         seen[i].where);
		fn(ctx, &found);
	}
	return ret;
}

const struct spi_driver ft232h_driver = {
	.name = "ft232h",
	.aliases = (const char *const[]){"ft2232_spi", "ft2232h", "ft4232h", "ftdi", NULL},
	.summary = "FTDI FT232H, FT2232H or FT4232H (MPSSE), up to 30 MHz",
	.levels = "its signals are 3.3 V; a 1.8 V part needs a level adapter",
	.keys = (const char *const[]){"type", "channel", "serial", "hz", "cs", "bus", "divisor",
                                      "port", NULL},
	.list = ft232h_list,
	.open = ft232h_open,
};
