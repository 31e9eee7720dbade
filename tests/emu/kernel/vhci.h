/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's virtual USB host controller (vhci-hcd): what is plugged into one of its ports is a socket, at whose
 * other end somebody speaks USB/IP as the device.
 */
#ifndef NP_EMU_VHCI_H
#define NP_EMU_VHCI_H

#include <stdbool.h>

#include "base/err.h"

/* Plug a device into a free port; *fd is the device's end of the cable, and closing it unplugs. */
int vhci_plug(bool high_speed, unsigned *port, int *fd, struct np_error *err);

/* Has the kernel let go of what was plugged in there? */
bool vhci_is_free(unsigned port);

#endif
