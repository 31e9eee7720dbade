/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dumps that are not as the chip is: shifted, repeated, in another order of bytes or bits. Each fills
 * the report when it is so. For src/device/identify.c. */
#ifndef NP_DEVICE_IDENTIFY_ODD_H
#define NP_DEVICE_IDENTIFY_ODD_H

#include "device/identify.h"

/* Bytes too many or too few in front, by what is in report->parts. */
bool odd_shifted(size_t len, struct image_report *report);

/* The same contents several times: read beyond the end of the chip. */
bool odd_repeated(const uint8_t *data, size_t len, struct image_report *report);

/* Asked last: nothing is known as it is, but would be in another order. */
bool odd_swapped(const uint8_t *data, size_t len, struct image_report *report);

#endif
