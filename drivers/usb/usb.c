/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "usb/usb.h"

#include <libusb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "usb/usb_pace.h"
#include "usb/usb_sysfs.h"

#define START_TRIES    3
#define START_APART_US 50000
#define ROUND_MS       50   /* longest wait for events before progress is told */
#define SHALLOW_SHARE  8    /* of the transfers, where completions get lost */
#define CANCEL_MS      1000 /* the kernel gives cancelled transfers back at once; this is a bound */

struct usb_dev {
	struct libusb_context *context;
	struct libusb_device_handle *handle;
	bool owned;
	unsigned interface;
	char where[64], node[64];
};

/* ---- finding ---- */

static void bus_path(libusb_device *device, char *buf, size_t size)
{
	uint8_t ports[7];
	int count = libusb_get_port_numbers(device, ports, sizeof(ports));
	int len = snprintf(buf, size, "%u", libusb_get_bus_number(device));

	for (int i = 0; i < count; i++)
		len += snprintf(buf + len, size - (size_t)len, "%c%u", i ? '.' : '-', ports[i]);
}

static void look_at(libusb_device *device, const struct libusb_device_descriptor *desc,
                    struct usb_seen *seen)
{
	memset(seen, 0, sizeof(*seen));
	seen->vendor = desc->idVendor;
	seen->product = desc->idProduct;
	seen->release = desc->bcdDevice;
	seen->bus = libusb_get_bus_number(device);
	seen->address = libusb_get_device_address(device);
	bus_path(device, seen->where, sizeof(seen->where));
	snprintf(seen->node, sizeof(seen->node), "/dev/bus/usb/%03u/%03u", seen->bus,
	         seen->address);
	usb_sysfs_text(seen->where, "serial", seen->serial, sizeof(seen->serial));
	usb_sysfs_text(seen->where, "product", seen->name, sizeof(seen->name));
	seen->may_open = usb_sysfs_may_open(seen->node);
}

static int no_usb(int code, struct np_error *err)
{
	np_fail(err, NP_E_FAIL, "USB cannot be used: libusb does not start (%s)",
	        libusb_strerror(code));
	return np_hint(
		err, "memory or open files (ulimit -n) may have run out: close other programs and "
		     "run norprog again; with LIBUSB_DEBUG=4 in the environment libusb says why");
}

/* Tried again, because what it needs of the system may be short for a moment only. */
static int start_libusb(struct libusb_context **context, struct np_error *err)
{
	int ret = libusb_init(context);

	for (int i = 1; i < START_TRIES && ret; i++) {
		np_sleep_us(START_APART_US);
		ret = libusb_init(context);
	}
	return ret ? no_usb(ret, err) : 0;
}

int usb_list(struct usb_seen *seen, size_t max, size_t *count, struct np_error *err)
{
	struct libusb_device_descriptor desc;
	struct libusb_context *context;
	libusb_device **devices;
	ssize_t total;
	int ret = start_libusb(&context, err);

	*count = 0;
	if (ret)
		return ret;
	total = libusb_get_device_list(context, &devices);
	for (ssize_t i = 0; i < total && *count < max; i++)
		if (!libusb_get_device_descriptor(devices[i], &desc))
			look_at(devices[i], &desc, &seen[(*count)++]);
	if (total >= 0)
		libusb_free_device_list(devices, 1);
	libusb_exit(context);
	return total < 0 ? no_usb((int)total, err) : 0;
}

static int gone(const struct usb_dev *dev, const char *doing, struct np_error *err)
{
	np_fail(err, NP_E_GONE, "%s: the adapter at USB %s was unplugged", doing, dev->where);
	np_hint(err, "plug it in again and look at its cable and the clip");
	return NP_E_GONE;
}

/* Put a libusb failure into this project's words. */
static int bus_fail(const struct usb_dev *dev, int code, const char *doing, struct np_error *err)
{
	if (code == LIBUSB_ERROR_NO_DEVICE || code == LIBUSB_ERROR_NOT_FOUND)
		return gone(dev, doing, err);
	if (code == LIBUSB_ERROR_TIMEOUT)
		return np_fail(err, NP_E_TIMEOUT, "%s timed out", doing);
	if (code == LIBUSB_ERROR_PIPE)
		return np_fail(err, NP_E_BUS, "%s: the adapter refused the transfer (USB stall)",
		               doing);
	return np_fail(err, NP_E_BUS, "%s: %s", doing, libusb_strerror(code));
}

/* ---- opening ---- */

static libusb_device *find_again(struct libusb_context *context, const struct usb_seen *seen)
{
	libusb_device **devices, *found = NULL;
	ssize_t total = libusb_get_device_list(context, &devices);

	for (ssize_t i = 0; i < total && !found; i++)
		if (libusb_get_bus_number(devices[i]) == seen->bus &&
		    libusb_get_device_address(devices[i]) == seen->address)
			found = libusb_ref_device(devices[i]);
	if (total >= 0)
		libusb_free_device_list(devices, 1);
	return found;
}

static int open_failed(const struct usb_dev *dev, const struct usb_seen *seen, int code,
                       struct np_error *err)
{
	if (code == LIBUSB_ERROR_ACCESS)
		return usb_fail_access(seen, err);
	if (code == LIBUSB_ERROR_BUSY)
		return usb_fail_busy(seen, dev->interface, err);
	return usb_fail_open(seen, libusb_strerror(code), err);
}

static int open_and_claim(struct usb_dev *dev, const struct usb_seen *seen)
{
	libusb_device *device = find_again(dev->context, seen);
	int ret;

	if (!device)
		return LIBUSB_ERROR_NO_DEVICE;
	ret = libusb_open(device, &dev->handle);
	libusb_unref_device(device);
	if (ret)
		return ret;
	/* Detaches on claim and attaches again on release; systems without that have no such
	 * drivers. */
	libusb_set_auto_detach_kernel_driver(dev->handle, 1);
	return libusb_claim_interface(dev->handle, (int)dev->interface);
}

static void remember(struct usb_dev *dev, const struct usb_seen *seen)
{
	snprintf(dev->where, sizeof(dev->where), "%s", seen->where);
	snprintf(dev->node, sizeof(dev->node), "%s", seen->node);
}

int usb_open(const struct usb_seen *seen, unsigned interface, struct usb_dev **dev,
             struct np_error *err)
{
	struct usb_dev *d = calloc(1, sizeof(*d));
	int ret;

	if (!d)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	d->interface = interface;
	remember(d, seen);
	ret = start_libusb(&d->context, err);
	if (ret) {
		free(d);
		return ret;
	}
	ret = open_and_claim(d, seen);
	if (ret) {
		ret = open_failed(d, seen, ret, err);
		if (d->handle)
			libusb_close(d->handle);
		libusb_exit(d->context);
		free(d);
		return ret;
	}
	d->owned = true;
	*dev = d;
	return 0;
}

int usb_adopt(struct libusb_context *context, struct libusb_device_handle *handle,
              const struct usb_seen *seen, struct usb_dev **dev, struct np_error *err)
{
	struct usb_dev *d = calloc(1, sizeof(*d));

	if (!d)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	d->context = context;
	d->handle = handle;
	remember(d, seen);
	*dev = d;
	return 0;
}

int usb_fail_adopted(const struct usb_dev *dev, const char *doing, const char *why,
                     struct np_error *err)
{
	if (usb_sysfs_gone(dev->node))
		return gone(dev, doing, err);
	return np_fail(err, NP_E_BUS, "%s: %s", doing, why);
}

void usb_close(struct usb_dev *dev)
{
	if (!dev)
		return;
	if (dev->owned) {
		libusb_release_interface(dev->handle, (int)dev->interface);
		libusb_close(dev->handle);
		libusb_exit(dev->context);
	}
	free(dev);
}

/* ---- synchronous transfers ---- */

int usb_write(struct usb_dev *dev, uint8_t endpoint, const uint8_t *data, size_t len,
              unsigned timeout_ms, struct np_error *err)
{
	int sent = 0;
	/* libusb's type serves both directions; an OUT transfer only reads the buffer. */
	int ret = libusb_bulk_transfer(dev->handle, endpoint, (unsigned char *)(uintptr_t)data,
	                               (int)len, &sent, timeout_ms);

	if (ret)
		return bus_fail(dev, ret, "USB bulk OUT", err);
	if ((size_t)sent != len)
		return np_fail(err, NP_E_BUS, "USB bulk OUT: %d of %zu bytes taken", sent, len);
	return 0;
}

int usb_read(struct usb_dev *dev, uint8_t endpoint, uint8_t *buf, size_t size, size_t *got,
             unsigned timeout_ms, struct np_error *err)
{
	int received = 0;
	int ret =
		libusb_bulk_transfer(dev->handle, endpoint, buf, (int)size, &received, timeout_ms);

	*got = (size_t)received;
	if (ret)
		return bus_fail(dev, ret, "USB bulk IN", err);
	return 0;
}

void usb_clear_halts(struct usb_dev *dev, uint8_t out_endpoint, uint8_t in_endpoint)
{
	libusb_clear_halt(dev->handle, out_endpoint);
	libusb_clear_halt(dev->handle, in_endpoint);
}

/* ---- streams ---- */

struct slot {
	struct libusb_transfer *transfer;
	struct ring *ring;
	bool busy;
};

/* Transfers of one direction, used in turn: those of one endpoint end in the order of submission.
 */
struct ring {
	struct usb_stream *stream;
	struct slot *slots;
	unsigned count, next, in_flight;
	unsigned limit; /* of in_flight */
	size_t size;
	uint8_t *memory;
	const char *name;
};

struct usb_stream {
	struct usb_dev *dev;
	struct ring out, in;
	const struct usb_job *job; /* NULL: winding up, nothing more is submitted */
	struct np_error *err;
	int failed;
	bool moved; /* a transfer ended since the last look at the clock */
	unsigned gather_ms;
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void fail_ring(const struct ring *ring, int code)
{
	struct usb_stream *stream = ring->stream;

	if (!stream->failed)
		stream->failed = bus_fail(stream->dev, code, ring->name, stream->err);
}

static bool submit_next(struct ring *ring, size_t len)
{
	struct slot *slot = &ring->slots[ring->next];
	int ret;

	slot->transfer->length = (int)len;
	ret = libusb_submit_transfer(slot->transfer);
	if (ret) {
		fail_ring(ring, ret);
		return false;
	}
	slot->busy = true;
	ring->in_flight++;
	ring->next = (ring->next + 1) % ring->count;
	return true;
}

static bool has_room(const struct ring *ring)
{
	return ring->in_flight < ring->limit && !ring->slots[ring->next].busy;
}

static void pump(struct usb_stream *stream)
{
	const struct usb_job *job = stream->job;
	size_t len, want = job->want(job->ctx);

	while (stream->in.in_flight < want && has_room(&stream->in))
		if (!submit_next(&stream->in, stream->in.size))
			return;
	while (has_room(&stream->out)) {
		len = job->fill(job->ctx, stream->out.slots[stream->out.next].transfer->buffer,
		                stream->out.size);
		if (!len || !submit_next(&stream->out, len))
			return;
	}
}

static int status_code(enum libusb_transfer_status status)
{
	switch (status) {
	case LIBUSB_TRANSFER_NO_DEVICE:
		return LIBUSB_ERROR_NO_DEVICE;
	case LIBUSB_TRANSFER_STALL:
		return LIBUSB_ERROR_PIPE;
	case LIBUSB_TRANSFER_OVERFLOW:
		return LIBUSB_ERROR_OVERFLOW;
	case LIBUSB_TRANSFER_TIMED_OUT:
		return LIBUSB_ERROR_TIMEOUT;
	default:
		return LIBUSB_ERROR_IO;
	}
}

static void take_answer(struct usb_stream *stream, const uint8_t *data, size_t len)
{
	int ret = stream->job->take(stream->job->ctx, data, len, stream->err);

	if (ret < 0)
		stream->failed = ret;
	else if (ret)
		stream->moved = true;
}

static void LIBUSB_CALL on_end(struct libusb_transfer *transfer)
{
	struct slot *slot = transfer->user_data;
	struct ring *ring = slot->ring;
	struct usb_stream *stream = ring->stream;
	const struct usb_job *job = stream->job;

	slot->busy = false;
	ring->in_flight--;
	if (!job || stream->failed)
		return;
	stream->moved |= ring == &stream->out;
	if (transfer->status != LIBUSB_TRANSFER_COMPLETED)
		fail_ring(ring, status_code(transfer->status));
	else if (ring == &stream->in)
		take_answer(stream, transfer->buffer, (size_t)transfer->actual_length);
	else if (transfer->actual_length != transfer->length)
		fail_ring(ring, LIBUSB_ERROR_IO);
	if (!stream->failed)
		pump(stream);
}

static void wait_events(struct usb_stream *stream)
{
	struct timeval limit = {.tv_usec = ROUND_MS * 1000};
	int ret = libusb_handle_events_timeout_completed(stream->dev->context, &limit, NULL);

	if (ret && ret != LIBUSB_ERROR_INTERRUPTED && !stream->failed)
		stream->failed = bus_fail(stream->dev, ret, "USB events", stream->err);
}

/* The adapter stays busy meanwhile, because three quarters of its answers have somewhere to go. */
static void gather(const struct usb_stream *stream)
{
	if (stream->in.in_flight > stream->in.count / 4 * 3)
		poll(NULL, 0, (int)stream->gather_ms);
}

static void cancel_newest_first(struct ring *ring)
{
	for (unsigned i = 1; i <= ring->count; i++) {
		struct slot *slot = &ring->slots[(ring->next + ring->count - i) % ring->count];

		if (slot->busy)
			libusb_cancel_transfer(slot->transfer);
	}
}

/* Get every transfer back. `failed` is kept: what is cancelled is no new cause. */
static void wind_up(struct usb_stream *stream)
{
	uint64_t limit = now_ms() + CANCEL_MS;
	int failed = stream->failed;

	stream->job = NULL;
	stream->err = NULL;
	cancel_newest_first(&stream->out);
	cancel_newest_first(&stream->in);
	while ((stream->out.in_flight || stream->in.in_flight) && now_ms() < limit)
		wait_events(stream);
	stream->failed = failed;
}

static int stalled(struct usb_stream *stream)
{
	const struct ring *ring = stream->out.in_flight ? &stream->out : &stream->in;

	/* Without hotplug events an unplugged device is merely silent. */
	if (usb_sysfs_gone(stream->dev->node))
		return gone(stream->dev, ring->name, stream->err);
	np_fail(stream->err, NP_E_TIMEOUT, "%s at USB %s timed out after %u ms", ring->name,
	        stream->dev->where, stream->job->stall_ms);
	np_hint(stream->err, "the adapter stopped answering: replug it and try again");
	return NP_E_TIMEOUT;
}

int usb_stream_run(struct usb_stream *stream, const struct usb_job *job, struct np_error *err)
{
	uint64_t last = now_ms();

	if (stream->in.in_flight || stream->out.in_flight)
		return np_fail(err, NP_E_BUS, "earlier USB transfers never ended");
	stream->job = job;
	stream->err = err;
	stream->failed = 0;
	pump(stream);
	while (!stream->failed && (stream->out.in_flight || job->want(job->ctx))) {
		stream->moved = false;
		if (stream->gather_ms)
			gather(stream);
		wait_events(stream);
		if (stream->moved)
			last = now_ms();
		else if (now_ms() - last > job->stall_ms && !stream->failed)
			stream->failed = stalled(stream);
		if (stream->failed)
			break;
		if (job->tick)
			job->tick(job->ctx);
		pump(stream);
	}
	wind_up(stream);
	return stream->failed;
}

static unsigned shallow(const struct ring *ring)
{
	return ring->count < 2 * SHALLOW_SHARE ? 2 : ring->count / SHALLOW_SHARE;
}

bool usb_stream_retry(struct usb_stream *stream, const struct spi_msg *msgs, size_t count)
{
	bool was_deep = stream->in.limit > shallow(&stream->in);

	if (!was_deep || !usb_pace_repeatable(msgs, count))
		return false;
	stream->in.limit = shallow(&stream->in);
	stream->out.limit = shallow(&stream->out) < stream->out.count ? shallow(&stream->out)
	                                                              : stream->out.count;
	np_log(NP_LOG_WARN,
	       "USB %s: the end of a transfer was never told; trying again with fewer at once (a "
	       "virtual machine or USB over a network?)",
	       stream->dev->where);
	return true;
}

static void free_ring(struct ring *ring)
{
	for (unsigned i = 0; ring->slots && i < ring->count; i++)
		libusb_free_transfer(ring->slots[i].transfer);
	free(ring->slots);
	free(ring->memory);
}

static bool new_ring(struct usb_stream *stream, struct ring *ring, uint8_t endpoint, unsigned count,
                     size_t size, const char *name)
{
	*ring = (struct ring){
		.stream = stream, .count = count, .limit = count, .size = size, .name = name};
	ring->slots = calloc(count, sizeof(*ring->slots));
	ring->memory = malloc(count * size);
	if (!ring->slots || !ring->memory)
		return false;
	for (unsigned i = 0; i < count; i++) {
		struct slot *slot = &ring->slots[i];

		slot->ring = ring;
		slot->transfer = libusb_alloc_transfer(0);
		if (!slot->transfer)
			return false;
		/* No time-out of its own: the run watches the clock, and a timer per packet costs
		 * more than the packet. */
		libusb_fill_bulk_transfer(slot->transfer, stream->dev->handle, endpoint,
		                          ring->memory + i * size, (int)size, on_end, slot, 0);
	}
	return true;
}

int usb_stream_new(struct usb_dev *dev, const struct usb_shape *shape, struct usb_stream **stream,
                   struct np_error *err)
{
	struct usb_stream *s;

	if (shape->out_count + shape->in_count > USB_IN_FLIGHT_MAX)
		return np_fail(err, NP_E_UNSUPPORTED, "%u USB transfers at once, at most %d",
		               shape->out_count + shape->in_count, USB_IN_FLIGHT_MAX);
	s = calloc(1, sizeof(*s));
	if (!s)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	s->dev = dev;
	s->gather_ms = shape->gather_ms;
	if (!new_ring(s, &s->out, shape->out_endpoint, shape->out_count, shape->out_size,
	              "USB bulk OUT") ||
	    !new_ring(s, &s->in, shape->in_endpoint, shape->in_count, shape->in_size,
	              "USB bulk IN")) {
		usb_stream_free(s);
		return np_fail(err, NP_E_MEMORY, "out of memory");
	}
	*stream = s;
	return 0;
}

void usb_stream_free(struct usb_stream *stream)
{
	if (!stream)
		return;
	if (stream->in.in_flight || stream->out.in_flight) {
		/* libusb may still write to these buffers, so they are leaked, which does less
		 * harm. */
		np_log(NP_LOG_WARN, "USB %s: transfers never ended", stream->dev->where);
		return;
	}
	free_ring(&stream->out);
	free_ring(&stream->in);
	free(stream);
}
