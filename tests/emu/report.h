/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NP_EMU_REPORT_H
#define NP_EMU_REPORT_H

#include "clock.h"
#include "emu_spidev.h"
#include "usbfs.h"

/* What one run of emu-run saw. Exactly one of usb and spi is set. */
struct emu_report {
	const char *device, *chip;
	const struct emu_clock *clock;
	const struct usb_line
		*lines;         /* full and high speed; shared where there are several adapters */
	uint64_t adapter_ps[8]; /* when the program of each had its last answer */
	size_t adapter_count;
	const struct node *node;
	const struct wire *wire;
	const struct usbfs *usb;
	const struct spidev *spi;
	int exit_code;                         /* of the program */
	uint64_t wall_us, cpu_us, max_rss_kib; /* of the program and its children */
};

/* Write it as one JSON object to `path` ("-": stderr). Returns 0 or -1 with errno. */
int emu_report_write(const struct emu_report *report, const char *path);

#endif
