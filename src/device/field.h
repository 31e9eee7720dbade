/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fields of a layout in an image: what they hold, whether that can be right, and how to set
 * them. Pure; works on bytes in memory.
 */
#ifndef NP_DEVICE_FIELD_H
#define NP_DEVICE_FIELD_H

#include "base/err.h"
#include "layout/layout.h"
#include "base/idnum.h"

enum unit_state {
	UNIT_GOOD,     /* passes every check its type has */
	UNIT_DOUBTFUL, /* cannot be right: blank, wrong check digit, wrong chip number; `flaw`
	                  says */
	UNIT_PLACEHOLDER, /* overwritten before publishing: F0F1F2F3F4F5, 001122334455667; see `flaw` */
};

struct unit_value {
	const struct layout_field *field;
	enum unit_state state;
	char text[128]; /* "a0:f3:c1:00:00:01", "12345670", "MT7603 (0x7603)", hex bytes */
	char flaw[96];  /* "" when good */
};

/* What `field` holds in `image`. False when the image ends before it. `value->field` is `field`. */
bool unit_field_read(const struct layout_field *field, const uint8_t *image, size_t len,
                     struct unit_value *value);

/* Set the field from `text` ("a0:f3:c1:00:00:01", digits, hex bytes) in `image`, checked like a
 * value that is read: a MAC that is multicast, an IMEI or PIN with a wrong check digit are refused.
 * Writes nothing on an error. NP_E_USAGE; NP_E_RANGE when the image ends before the field. */
int unit_field_write(const struct layout_field *field, const char *text, uint8_t *image, size_t len,
                     struct np_error *err);

/* "mac=..": the field by name in `layout`, then unit_field_write(). A derived name ("wan=..", where
 * wan is mac+1) sets the stored field. `*field` (may be NULL) tells which was set. NP_E_USAGE
 * naming the fields there are. */
int unit_field_set(const struct layout *layout, const char *assignment, uint8_t *image, size_t len,
                   const struct layout_field **field, struct np_error *err);

/* The address a derived value has in `image`, as text; "" when its field is no good. Returns
 * `buf`. */
const char *unit_derived_text(const struct layout *layout, const struct layout_derived *derived,
                              const uint8_t *image, size_t len, char *buf, size_t buf_len);

/* MediaTek's calibration carries a copy of the MAC at its byte 4. True when that of the good field
 * `cal` is a plausible one and neither a MAC field's of the layout nor one of the few next to it,
 * which vendors give their radios: then it is in `mac`, and `*field` is the MAC field it was
 * compared with. */
bool unit_cal_other_mac(const struct layout *layout, const struct layout_field *cal,
                        const uint8_t *image, size_t len, uint8_t mac[IDNUM_MAC_LEN],
                        const struct layout_field **field);

/* "MAC", "calibration", ...: what a type is called. */
const char *unit_type_name(enum layout_field_type type);

#endif
