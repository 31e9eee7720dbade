/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a run tells its progress: every 50 ms or 64 KiB, whichever comes first. */
#ifndef NP_DRIVERS_USB_USB_PACE_H
#define NP_DRIVERS_USB_USB_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spi/spi.h"

struct usb_pace {
	spi_progress_fn *progress; /* may be NULL */
	void *ctx;
	size_t base;       /* messages before the first of this run */
	size_t msg, bytes; /* told last */
	uint64_t told_ms;
	bool stopped; /* a stop was asked for */
};

void usb_pace_begin(struct usb_pace *pace, spi_progress_fn *progress, void *ctx);

/* Where the run is now. True once, when the caller asks to stop. */
bool usb_pace_tell(struct usb_pace *pace, size_t msg, size_t bytes);

/* Nothing but reads and status, which change nothing when they are asked twice. */
bool usb_pace_repeatable(const struct spi_msg *msgs, size_t count);

/* Longest silence to accept of a run that pauses so long: the pauses and a second. */
unsigned usb_pace_stall_ms(const struct spi_msg *msgs, size_t count);

#endif
