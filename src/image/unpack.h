/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compressed streams in an image: told by their first bytes, unpacked by the libraries that made
 * the formats. Memory is bounded by the caller; damaged and cut streams give what came out before.
 * A build without liblzma or libzstd knows their streams and says that it cannot look inside.
 */
#ifndef NP_IMAGE_UNPACK_H
#define NP_IMAGE_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum unpack_kind { UNPACK_LZMA, UNPACK_XZ, UNPACK_GZIP, UNPACK_ZSTD };

struct unpacked {
	uint8_t *at; /* owned */
	size_t len, room;
	size_t max;  /* set by the caller: never more than this */
	bool whole;  /* the stream ended as it should */
	size_t used; /* bytes of it that were read: less than were given when something follows */
};

/* "LZMA", "XZ", "gzip", "zstd" */
const char *unpack_name(enum unpack_kind kind);

/* Was norprog built with what unpacks this? */
bool unpack_can(enum unpack_kind kind);

/* Does a stream begin at data[0]? LZMA has no magic: properties, a dictionary of a usual size and a
 * length that can be are asked for. */
bool unpack_begins(const uint8_t *data, size_t len, enum unpack_kind *kind);

/* Unpack the stream at data[0] into `out`, whose `max` is set and the rest zero. NP_E_MEMORY;
 * NP_E_UNSUPPORTED when unpack_can() says no. Free out->at in any case. */
int unpack_stream(enum unpack_kind kind, const uint8_t *data, size_t len, struct unpacked *out,
                  struct np_error *err);

#endif
