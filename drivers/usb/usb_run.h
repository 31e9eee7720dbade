/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What drivers with streams share: a queue that is run once more where the end of a transfer was lost,
 * and getting in step with an adapter that answers commands in their order. Every wait is bounded.
 */
#ifndef NP_DRIVERS_USB_USB_RUN_H
#define NP_DRIVERS_USB_USB_RUN_H

#include "usb/usb.h"
#include "usb/usb_pace.h"

/* ---- queues ---- */

/* How a driver runs queues of messages. */
struct usb_queue {
	/* Run them once; *done gets the messages whose answers are here. `pace` is to be told. */
	int (*run)(void *self, struct spi_msg *msgs, size_t count, size_t *done,
	           struct usb_pace *pace, struct np_error *err);
	int (*get_in_step)(void *self, struct np_error *err);
	void *self;
	struct usb_stream *stream;
	bool *lost; /* a run failed and the adapter could not be brought back in step yet */
};

/* spi_run()'s contract, by means of the above. After a failure the adapter is brought back in step, at
 * once or before the next queue. Where the end of a transfer was never told, the rest of reads and
 * status is asked once more. */
int usb_queue_run(const struct usb_queue *queue, struct spi_msg *msgs, size_t count, size_t *done,
                  spi_progress_fn *progress, void *ctx, struct np_error *err);

/* ---- getting in step ---- */

/*
 * Whatever an earlier program or a run that failed left in the pipe comes before the answers to two
 * reads of telling lengths, clocked with CS high. Sent as a stream, for an adapter whose buffers are full
 * takes nothing until read. Each attempt has lengths of its own, so that answers of the last one are
 * known as stale.
 */
#define USB_ECHOES    2
#define USB_ECHO_SETS 8 /* of lengths that the attempts take in turn */

struct usb_echo {
	size_t lens[USB_ECHOES];
	size_t sent, seen, stale;
	size_t stale_most; /* more than so many are a flood */
};

/* An answer of `len` bytes (SIZE_MAX: another one) has come. Errors: NP_E_BUS after too many stale ones. */
int usb_echo_take(struct usb_echo *echo, size_t len, struct np_error *err);

/* Answers that are still to come. */
size_t usb_echo_want(const struct usb_echo *echo);

struct usb_in_step {
	const char *what; /* "CH341A", for messages */
	struct usb_dev *dev;
	struct usb_stream *stream;
	uint8_t out_endpoint, in_endpoint;
	void (*begin)(void *ctx); /* an attempt */
	struct usb_job job;       /* that sends and takes the echoes */
};

/* Two attempts, with halted endpoints cleared in between. Errors: NP_E_GONE, what the job returns. */
int usb_get_in_step(const struct usb_in_step *how, struct np_error *err);

#endif
