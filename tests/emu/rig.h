/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A simulated chip on an emulated adapter, as the options ask for: what is the same whoever carries the transfers. */
#ifndef NP_EMU_RIG_H
#define NP_EMU_RIG_H

#include "emu_spidev.h"
#include "options.h"
#include "usbfs.h"

/* One adapter with its chip. */
struct rig {
	enum emu_kind kind;
	size_t index; /* of its fellows, from 0 */
	struct norsim *sim;
	struct wire wire;
	struct usbfs usb; /* dev == NULL: a spidev */
	struct spidev spi;
	struct node node;
	char serial[32];
};

/* "ch341a", ... */
const char *rig_name(enum emu_kind kind);

/* The chip, with its image. The caller frees `rig` with rig_free, failed or not. */
int rig_insert_chip(struct rig *rig, const struct emu_options *options, struct np_error *err);

/* The USB adapter in front of it, and its node. */
int rig_add_usb(struct rig *rig, const struct emu_options *options, struct np_error *err);

/* Is it time to pull the plug of this one? */
bool rig_unplugs(const struct rig *rig, const struct emu_options *options);

/* What the chip holds goes where the options say. */
int rig_save(const struct rig *rig, const struct emu_options *options, struct np_error *err);

void rig_free(struct rig *rig);

#endif
