/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What -l takes: the name of a built-in profile, a file of any of the formats that describe a
 * flash, told apart by content, or the name of a board of OpenWrt's. */
#ifndef NP_DEVICE_LOAD_H
#define NP_DEVICE_LOAD_H

#include "layout/layout.h"

/* `spec`: the name of a built-in profile or another name of its device, a path, or a board's name,
 * looked for in this order. Errors: NP_E_INPUT. The hint of an unknown name lists near names. */
int layout_load(const char *spec, struct layout *layout, struct np_error *err);

/* The same of a device's name that stands in a file: never a path. *found is false, and the layout
 * empty, when it is not known. */
int layout_load_device(const char *name, struct layout *layout, bool *found, struct np_error *err);

#endif
