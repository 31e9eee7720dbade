/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "usb/usb_pace.h"

#include <limits.h>
#include <time.h>

#define PACE_MS    50
#define PACE_BYTES (64 * 1024)
#define STALL_MS   1000

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void usb_pace_begin(struct usb_pace *pace, spi_progress_fn *progress, void *ctx)
{
	*pace = (struct usb_pace){.progress = progress, .ctx = ctx};
	if (progress)
		pace->told_ms = now_ms();
}

bool usb_pace_tell(struct usb_pace *pace, size_t msg, size_t bytes)
{
	uint64_t now;

	if (!pace->progress || pace->stopped)
		return false;
	now = now_ms();
	if (now - pace->told_ms < PACE_MS && msg == pace->msg && bytes - pace->bytes < PACE_BYTES)
		return false;
	pace->told_ms = now;
	pace->msg = msg;
	pace->bytes = bytes;
	pace->stopped = pace->progress(pace->ctx, pace->base + msg, bytes) != 0;
	return pace->stopped;
}

bool usb_pace_repeatable(const struct spi_msg *msgs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (msgs[i].tx_len || !msgs[i].rx_len)
			return false;
	return true;
}

unsigned usb_pace_stall_ms(const struct spi_msg *msgs, size_t count)
{
	uint64_t ms = STALL_MS;

	for (size_t i = 0; i < count; i++)
		ms += msgs[i].pause_us / 1000 + 1;
	return ms < INT_MAX ? (unsigned)ms : INT_MAX;
}
