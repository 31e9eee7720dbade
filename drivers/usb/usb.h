/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * USB for the drivers that need it; the one place that knows libusb. Finding and opening a device,
 * short synchronous transfers for set-up, and streams: rings of asynchronous bulk transfers that
 * keep both directions of the pipe full while a run of messages is encoded and decoded a transfer
 * at a time. Every wait is bounded. Errors name the device and the next action.
 */
#ifndef NP_DRIVERS_USB_USB_H
#define NP_DRIVERS_USB_USB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "spi/driver.h"

struct libusb_context;
struct libusb_device_handle;

#define USB_SEEN_MAX 64

/* An attached device, looked at without opening it. Strings are "" when unknown. */
struct usb_seen {
	uint16_t vendor, product, release; /* release: bcdDevice */
	uint8_t bus, address;
	char where[64]; /* bus path: "1-1.4" */
	char node[64];  /* "/dev/bus/usb/001/004" */
	char serial[64], name[96];
	bool may_open; /* this user may read and write the node */
};

struct usb_id {
	uint16_t vendor, product;
};

/* What to look for. `serial` and `where` narrow it down and may be NULL. */
struct usb_choice {
	const char *what; /* "CH341A", for messages */
	const struct usb_id *ids;
	size_t id_count;
	const char *serial, *where;
};

/* Every attached device, at most `max`. Errors: NP_E_FAIL when libusb cannot start. */
int usb_list(struct usb_seen *seen, size_t max, size_t *count, struct np_error *err);

/* True when the device is one of the choice's IDs (serial number and path not looked at). */
bool usb_is(const struct usb_choice *choice, const struct usb_seen *seen);

/* The one device that the choice names. Errors: NP_E_NO_PROGRAMMER when there is none, or when
 * there are several (the hint lists them); NP_E_ACCESS when this user may not open it. */
int usb_pick(const struct usb_choice *choice, struct usb_seen *picked, struct np_error *err);

/* Fill where, product, serial, bound, may_open and note of a `list` row; the rest is the
 * driver's. */
void usb_describe(const struct usb_seen *seen, unsigned interface, struct spi_found *found);

/* Opening failed and said `why`: NP_E_NO_PROGRAMMER when the device is no longer there, else
 * NP_E_BUS. */
int usb_fail_open(const struct usb_seen *seen, const char *why, struct np_error *err);

/* NP_E_ACCESS with the udev rule that lifts it; NP_E_BUSY naming who holds the interface. */
int usb_fail_access(const struct usb_seen *seen, struct np_error *err);
int usb_fail_busy(const struct usb_seen *seen, unsigned interface, struct np_error *err);

/* ---- one open device ---- */

struct usb_dev;

/* Open and claim an interface; a kernel driver that holds it is detached and put back by
 * usb_close(). Errors: NP_E_ACCESS, NP_E_BUSY, NP_E_NO_PROGRAMMER (unplugged meanwhile), NP_E_BUS.
 */
int usb_open(const struct usb_seen *seen, unsigned interface, struct usb_dev **dev,
             struct np_error *err);

/* Use a handle that another library opened and claimed; usb_close() leaves it open. */
int usb_adopt(struct libusb_context *context, struct libusb_device_handle *handle,
              const struct usb_seen *seen, struct usb_dev **dev, struct np_error *err);

/* What another library did with the handle failed, and it said `why`: NP_E_GONE when the device is
 * no longer there, else NP_E_BUS. */
int usb_fail_adopted(const struct usb_dev *dev, const char *doing, const char *why,
                     struct np_error *err);

void usb_close(struct usb_dev *dev); /* NULL is fine */

/* Send all of `len` bytes. Errors: NP_E_GONE, NP_E_TIMEOUT, NP_E_BUS. */
int usb_write(struct usb_dev *dev, uint8_t endpoint, const uint8_t *data, size_t len,
              unsigned timeout_ms, struct np_error *err);

/* One bulk IN transfer of at most `size` bytes (a multiple of the packet size); *got may be 0.
 * Errors as usb_write(). */
int usb_read(struct usb_dev *dev, uint8_t endpoint, uint8_t *buf, size_t size, size_t *got,
             unsigned timeout_ms, struct np_error *err);

/* End a STALL of both endpoints. Failure shows in the next transfer. */
void usb_clear_halts(struct usb_dev *dev, uint8_t out_endpoint, uint8_t in_endpoint);

/* ---- streams ---- */

struct usb_stream;

/* The event ring of an emulated xHCI has 256 entries, and where it overflows (QEMU with passed-through
 * USB) the last completions never reach us; with half of that, none was ever lost. */
#define USB_IN_FLIGHT_MAX 128

struct usb_shape {
	uint8_t out_endpoint, in_endpoint;
	unsigned out_count, in_count; /* transfers in flight at most; USB_IN_FLIGHT_MAX in all */
	size_t out_size, in_size;     /* bytes of each; in_size a multiple of the packet size */
	/* With nearly all IN transfers in flight, answers may gather for so long before they are looked at: one
	 * wake-up for a handful costs less processor time than one for each. Well below what the transfers in
	 * flight last; 0: never. */
	unsigned gather_ms;
};

/* What a run puts into a stream and takes out of it. Called from usb_stream_run() only. */
struct usb_job {
	/* The next OUT transfer: fill at most `size` bytes, return how many; 0: nothing to send
	 * (now). */
	size_t (*fill)(void *ctx, uint8_t *buf, size_t size);
	/* One IN transfer has come. Returns 1 when it brought something, 0 when it was idle talk
	 * (which does not count against `stall_ms`), negative to end the run with that error. */
	int (*take)(void *ctx, const uint8_t *buf, size_t len, struct np_error *err);
	/* IN transfers that are still worth having in flight; 0: every answer has come. */
	size_t (*want)(void *ctx);
	/* After each round of events, at least every 100 ms: progress and stop requests. NULL: none. */
	void (*tick)(void *ctx);
	void *ctx;
	unsigned stall_ms; /* NP_E_TIMEOUT when nothing moves for so long */
};

/* All memory of a stream is allocated here, none while it runs. */
int usb_stream_new(struct usb_dev *dev, const struct usb_shape *shape, struct usb_stream **stream,
                   struct np_error *err);

/* Run a job until fill() has nothing, every OUT transfer has ended and want() is 0. IN transfers
 * are posted before OUT ones. On failure everything in flight is cancelled, newest first, so that
 * nothing is sent behind a hole. Errors: NP_E_GONE, NP_E_TIMEOUT, NP_E_BUS (stall), what take()
 * returned. */
int usb_stream_run(struct usb_stream *stream, const struct usb_job *job, struct np_error *err);

/* After a time-out of an adapter that answers again: true when the rest of its queue, `msgs`, is
 * nothing but reads and status, which may be asked once more. The stream is shallow from now on: where
 * completions get lost on their way (virtual machines, USB/IP), they do so because many are in flight.
 * False when it was shallow before. */
bool usb_stream_retry(struct usb_stream *stream, const struct spi_msg *msgs, size_t count);

void usb_stream_free(struct usb_stream *stream); /* NULL is fine */

#endif
