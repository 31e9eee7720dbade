/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Status registers in a manifest: {"registers": [SR1, ...], "fourth": N, "fourth_is": NAME}. */
#ifndef NP_STORE_STATUS_H
#define NP_STORE_STATUS_H

#include "store/json.h"
#include "store/manifest.h"

/* NULL on lack of memory. */
json_t *status_pack(const struct manifest_status *status);

/* `object` NULL: an older manifest, which tells none. Errors: NP_E_INPUT. */
int status_load(const json_t *object, struct manifest_status *status, struct np_error *err);

#endif
