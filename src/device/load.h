/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What -l takes: the name of a built-in profile, or a file of any of the formats that describe a
 * flash, told apart by content. */
#ifndef NP_DEVICE_LOAD_H
#define NP_DEVICE_LOAD_H

#include "layout/layout.h"

/* `spec`: the name of a built-in profile or another name of its device, or a path. Errors:
 * NP_E_INPUT. The hint of an unknown name lists near names. */
int layout_load(const char *spec, struct layout *layout, struct np_error *err);

#endif
