/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What looks like one unit's own data, found by its form alone, wherever it lies: calibration of
 * Wi-Fi chips, MAC addresses that something else confirms, numbers under a telling key, the
 * partitions that a table in the flash names so. Says nothing about whose device it is.
 *
 * A mark is never made of one sign that chance can give: sixteen megabytes of compressed firmware
 * hold every pair of bytes many times. Pure.
 */
#ifndef NP_DEVICE_MARKS_H
#define NP_DEVICE_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/ranges.h"

enum unit_mark_kind {
	MARK_CAL,       /* a calibration block */
	MARK_MAC,       /* six bytes */
	MARK_MAC_TEXT,  /* an address as text */
	MARK_NUMBER,    /* serial number, PIN, IMEI, under its key */
	MARK_PARTITION, /* what a partition table in the flash calls this unit's */
};

struct unit_mark {
	enum unit_mark_kind kind;
	struct np_range at;
	char what[80]; /* "MT7603 calibration", "MAC a0:f3:c1:00:00:01 (ethaddr)" */
};

#define UNIT_MARKS_MAX 256

struct unit_marks {
	struct unit_mark *at; /* owned; by start, may overlap */
	size_t count;
	bool more; /* those beyond UNIT_MARKS_MAX were left out */
};

/* Look through `data`. `known` (NULL: all of it) is where the bytes are true: nothing is said about
 * the rest. NP_E_MEMORY. Free with unit_marks_free() in any case. */
int unit_marks_find(const uint8_t *data, size_t len, const struct np_ranges *known,
                    struct unit_marks *marks, struct np_error *err);
void unit_marks_free(struct unit_marks *marks);

/* Do they tell where this unit's data lie? A calibration block or a partition does, or two
 * addresses; one address alone may be a left-over. */
bool unit_marks_tell(const struct unit_marks *marks);

/* Is this the name of a partition that holds one unit's own data ("art", "default-mac")? */
bool unit_partition_name(const char *name);

#endif
