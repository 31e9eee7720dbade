/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What emu-run was asked for. */
#ifndef NP_EMU_OPTIONS_H
#define NP_EMU_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "sim/norsim.h"
#include "usbdev.h"
#include "wire.h"

enum { EMU_ADAPTERS = 8 };

enum emu_kind { EMU_CH341A, EMU_FT232H, EMU_SPIDEV, EMU_CH347 };

/* When the plug is pulled. */
enum emu_unplug {
	UNPLUG_NEVER,
	UNPLUG_OPEN,   /* right after the node was opened */
	UNPLUG_IOCTLS, /* after n ioctls */
	UNPLUG_URBS,   /* after n bulk transfers */
	UNPLUG_CLOCKS, /* after n SPI clocks */
	UNPLUG_READ,   /* when the chip has sent n bytes */
	UNPLUG_PAGES,  /* when n pages were programmed */
	UNPLUG_ERASES, /* when n blocks were erased */
};

struct emu_options {
	enum emu_kind kind; /* of the first */
	enum emu_kind kinds[EMU_ADAPTERS];
	const char *chip, *parts, *image, *save, *report, *record;
	bool real_time, ignore_pauses;
	uint32_t hz, bufsiz;
	unsigned count;           /* adapters */
	bool same_serial;         /* as clones are sold */
	unsigned victim;          /* the one that is unplugged, from 1; 0: each */
	uint16_t vendor, product; /* 0: the kind's own */
	const char *serial, *kernel_driver;
	bool deny, claimed, refuse_speed, replug;
	enum emu_unplug unplug;
	uint64_t unplug_at;
	enum wire_fault wire;
	bool pi5;
	struct norsim_faults chip_faults;
	struct usb_faults usb_faults;
	char **program; /* NULL-terminated */
};

/* Errors: NP_E_USAGE, with the reason; *help is set when only help was asked for. */
int emu_options_parse(struct emu_options *options, int argc, char **argv, bool *help,
                      struct np_error *err);

extern const char emu_usage[];

#endif
