/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zip archives with one file in them, as vendors' download pages have them. Bounded; pure. */
#ifndef NP_IMAGE_ZIP_H
#define NP_IMAGE_ZIP_H

#include "image/unpack.h"

struct zip_member {
	char name[128];
	size_t start, packed,
		unpacked; /* where its bytes are in the archive, how many, and of what */
	uint32_t crc;
	uint16_t method;
};

/* The only file of an archive; folders do not count. False: several, none, encrypted, of a kind
 * that is not known here, or no sound archive. */
bool zip_only_member(const uint8_t *data, size_t len, struct zip_member *member);

/* The name of the n-th file (from 0; folders do not count), printable. False: there are not so
 * many. */
bool zip_name(const uint8_t *data, size_t len, unsigned n, char *name, size_t room);

/* Unpack it into `out`, whose `max` is set and the rest zero; out->whole tells that length and CRC
 * are right. NP_E_MEMORY. Free out->at in any case. */
int zip_unpack(const uint8_t *data, const struct zip_member *member, struct unpacked *out,
               struct np_error *err);

#endif
