/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which adapters the state folder has seen, so that what is to be said once about each is. */
#ifndef NP_STORE_ADAPTER_H
#define NP_STORE_ADAPTER_H

#include <stdbool.h>

#include "store/state.h"

/*
 * Is this the first time that the adapter is used with this state folder? Remembers it. `name` is
 * spi_name(), which holds the place it is plugged into; `serial` takes that place where it is not
 * "". Also true where it cannot be remembered: a notice that appears twice does no harm.
 */
bool adapter_is_new(struct store *store, const char *name, const char *serial);

#endif
