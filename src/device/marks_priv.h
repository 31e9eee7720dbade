/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files that find marks. */
#ifndef NP_DEVICE_MARKS_PRIV_H
#define NP_DEVICE_MARKS_PRIV_H

#include "base/idnum.h"
#include "device/marks.h"

#define ANCHORS_MAX 16

/* Addresses that are this unit's for certain: near relatives of them elsewhere are, too. */
struct mark_anchor {
	uint8_t mac[IDNUM_MAC_LEN];
	uint64_t at;
};

struct mark_search {
	const uint8_t *data;
	size_t len;
	const struct np_ranges *known; /* NULL: everything */
	struct unit_marks *marks;
	struct mark_anchor anchors[ANCHORS_MAX];
	size_t anchor_count;
	struct np_error *err;
	bool failed; /* out of memory */
};

/* Add one, unless it reaches outside what is known. */
void mark_add(struct mark_search *s, enum unit_mark_kind kind, struct np_range at,
              const char *format, ...) __attribute__((format(printf, 4, 5)));

void mark_anchor(struct mark_search *s, const uint8_t *mac, uint64_t at);

/* An address that a maker gave: not flawed, no placeholder, globally administered. */
bool mark_mac_real(const uint8_t *mac);

/* Is data[from, from+n) nothing but FFh, or nothing but 00h? What lies outside the data counts. */
bool mark_blank(const struct mark_search *s, int64_t from, size_t n);

void mark_calibration(struct mark_search *s); /* marks_cal.c */
void mark_macs(struct mark_search *s);        /* marks_mac.c: after the other two */
void mark_texts(struct mark_search *s);       /* marks_text.c */
void mark_chromebook(struct mark_search *s);  /* marks_pc.c */
int mark_partitions(struct mark_search *s);   /* marks.c */

#endif
