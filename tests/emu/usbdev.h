/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A USB device with one bulk OUT and one bulk IN endpoint: queues of URBs on the host's side, a
 * model of wire and adapter on the other. Pure: knows neither usbfs nor processes. A model is a
 * sequence of events, each with a time; whoever drives it runs them in order (usbdev_run) and takes
 * what completed.
 */
#ifndef NP_EMU_USBDEV_H
#define NP_EMU_USBDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "wire.h"

struct usb_device;

/* One transfer as the client submitted it. */
struct usb_urb {
	struct usb_urb *next;
	void *owner;            /* the connection; models leave it alone */
	uint64_t client_addr;   /* of its struct usbdevfs_urb */
	uint64_t client_buffer; /* of its data */
	uint8_t type, endpoint;
	uint8_t *data; /* len bytes; OUT: filled at submission */
	size_t len, actual;
	int status; /* 0 or a negative errno, as in the kernel */
	uint64_t submitted_ps, done_ps;
	bool untold; /* its completion will be lost */
};

/* The wire that adapters of one speed share behind one hub: a transaction at a time. */
struct usb_line {
	uint64_t free_ps; /* when the one on it ends */
	uint64_t busy_ps; /* what transactions took in all */
};

struct usb_queue {
	struct usb_urb *head, *tail;
};

struct usb_pipe {
	struct usb_queue queue;
	bool halted; /* stalled until CLEAR_HALT */
};

/* Everything that can be wrong with the adapter itself. Counts are from 1; 0: never. */
struct usb_faults {
	uint64_t silent_at; /* from this bulk transfer on the adapter moves nothing */
	uint64_t stall_at;  /* this bulk transfer is answered by STALL */
	uint64_t error_at;  /* this bulk transfer dies of a bus error (EPROTO) */
	uint64_t short_in;  /* every n-th IN packet is cut to half of what it should carry */
	/* Transfers beyond so many in flight are done, and their completion never reaches the host: an
	 * event ring too small for what is asked of it. */
	uint64_t lose_over;
	uint64_t told_packet; /* the descriptors' size of bulk packets, true or not, plus one */
	bool one_at_a_time; /* a command sent before the last answer was fetched is lost (CH347) */
	uint64_t stale;     /* this many bytes of a predecessor wait in the adapter */
};

struct usb_stats {
	uint64_t urbs_out, urbs_in, urbs_control;
	uint64_t bytes_out, bytes_in; /* protocol payload of the bulk pipes */
	uint64_t packets_out, packets_in;
	uint64_t dry;   /* times an OUT transfer found the adapter with nothing left to do */
	uint64_t waits; /* times the client asked and had to wait for a completion */
	uint64_t cancelled;
	uint64_t lost;     /* completions that the host never heard of */
	uint64_t oddities; /* commands the adapter does not know */
};

struct usb_setup {
	uint8_t type, request;
	uint16_t value, index, length;
};

/* One kind of adapter. `state` is the model's own. */
struct usb_model {
	uint8_t out_ep, in_ep;
	uint32_t bulk_packet;
	/* The time of the next event, PS_NEVER when only the client can cause one. */
	uint64_t (*next)(const struct usb_device *dev);
	/* Do that event; dev->now_ps is its time. */
	void (*step)(struct usb_device *dev);
	/* A vendor request; returns the bytes of answer or a negative errno. */
	int (*control)(struct usb_device *dev, const struct usb_setup *setup, uint8_t *data);
	/* `urb` is about to vanish: hold no reference. */
	void (*forget)(struct usb_device *dev, const struct usb_urb *urb);
	/* Nothing sent is waiting to be worked on. */
	bool (*idle)(const struct usb_device *dev);
	/* Does it drive any of CS, SCK and MOSI? */
	bool (*driving)(const struct usb_device *dev);
	/* Back to the state after power-up. */
	void (*reset)(struct usb_device *dev);
};

struct usb_device {
	const struct usb_model *model;
	void *state;
	struct wire *wire;
	struct usb_line *line; /* shared; NULL: its own */
	struct usb_pipe out, in;
	struct usb_queue done; /* completed, in order of done_ps */
	struct usb_queue lost; /* completed, but the host will not hear of it until it cancels */
	struct usb_faults faults;
	struct usb_stats stats;
	uint64_t bulk_seen; /* transfers submitted, for the faults */
	uint64_t in_seen;   /* IN packets sent, for the faults */
	uint64_t now_ps;    /* time of the last event */
	bool silent;
	FILE *record; /* every bulk transfer is written there; NULL: nowhere */
};

void queue_push(struct usb_queue *queue, struct usb_urb *urb);
struct usb_urb *queue_pop(struct usb_queue *queue);
/* Take `urb` out of the middle; false when it is not there. */
bool queue_remove(struct usb_queue *queue, const struct usb_urb *urb);

/* A bulk URB enters its pipe (or dies at once of a fault). `urb` is dev's from now on. */
void usbdev_submit(struct usb_device *dev, struct usb_urb *urb, uint64_t now_ps);

/* Run all events up to `until_ps`. */
void usbdev_run(struct usb_device *dev, uint64_t until_ps);

/* When its next event is, PS_NEVER when only the client can cause one; and do it. For who runs several
 * adapters in the order of their events. */
uint64_t usbdev_next(const struct usb_device *dev);
void usbdev_step(struct usb_device *dev, uint64_t at_ps);

/* Run events until something is in dev->done; false when nothing would ever be. */
bool usbdev_run_to_done(struct usb_device *dev);

/* Models: the head of `pipe` is finished. */
void usbdev_complete(struct usb_device *dev, struct usb_pipe *pipe, int status, uint64_t at_ps);

/* Any pending URB ends with `status` (cancelled, unplugged). */
void usbdev_abort(struct usb_device *dev, struct usb_urb *urb, int status, uint64_t at_ps);

/* Models: how many of `len` bytes this IN packet carries, and count it (the short_in fault). */
size_t usbdev_in_packet(struct usb_device *dev, size_t len);

/* When URB or bus next allow a transaction on `pipe`; PS_NEVER when nobody asks for one. */
uint64_t usbdev_asked(const struct usb_device *dev, const struct usb_pipe *pipe);

/* Models: a transaction begins, which ends at `end_ps`. */
void usbdev_take_line(struct usb_device *dev, uint64_t end_ps);

/* The adapters. `state` is allocated; NULL when out of memory. */
struct usb_device *ch341a_create(struct wire *wire, const struct usb_faults *faults);
struct usb_device *ft232h_create(struct wire *wire, const struct usb_faults *faults);
struct usb_device *ch347_create(struct wire *wire, const struct usb_faults *faults);
void usbdev_free(struct usb_device *dev);

#endif
