/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files that recognise a flash. */
#ifndef NP_DEVICE_RECOGNISE_PRIV_H
#define NP_DEVICE_RECOGNISE_PRIV_H

#include "device/recognise.h"

/* Where in its span the sign begins; NULL: nowhere. */
const uint8_t *recognise_find_sign(const struct layout_sign *sign, const uint8_t *image,
                                   size_t len);

/* Are all fields of the list good, or known placeholders? True for an empty list. */
bool recognise_fields_good(const struct layout *layout, const char *list, const uint8_t *image,
                           size_t len);

/* Add what a profile's identities find. */
void recognise_profile_evidence(const struct layout *layout, const char *profile,
                                const uint8_t *image, size_t len, struct evidence_list *list);

/* Do all devices that were found divide a flash of `len` bytes the same way? */
bool recognise_all_alike(const struct recognition *found, uint64_t len);

/* From the evidence to the name. */
void recognise_decide(struct recognition *result, const uint8_t *image, size_t len);

#endif
