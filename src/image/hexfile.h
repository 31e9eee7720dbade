/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel HEX and Motorola S-records: memory images as text. Pure. A file says itself where its bytes
 * belong and leaves gaps, which are nothing that is to be written.
 */
#ifndef NP_IMAGE_HEXFILE_H
#define NP_IMAGE_HEXFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/ranges.h"

/* No SPI NOR is bigger; bounds what a few lines of text can make us allocate. */
#define HEXFILE_END_MAX ((uint64_t)1 << 28)

enum hexfile_kind { HEXFILE_NONE, HEXFILE_INTEL, HEXFILE_MOTOROLA };

/* By its first record, which must be sound. */
enum hexfile_kind hexfile_detect(const uint8_t *text, size_t len);

/* "Intel HEX", "Motorola S-records"; "" for none. */
const char *hexfile_kind_name(enum hexfile_kind kind);

struct hexfile {
	uint8_t *data;           /* owned; from address 0 to the last byte named; gaps are FFh */
	size_t len;              /* of data */
	struct np_ranges covers; /* owned: what the records name */
};

/* Parse all of it; `name` is for messages. Every checksum is checked, addresses may come in any
 * order, the same byte twice must be the same. Free with hexfile_free() in any case. Errors:
 * NP_E_INPUT with "NAME:LINE: ...", NP_E_MEMORY. */
int hexfile_parse(const uint8_t *text, size_t len, const char *name, struct hexfile *file,
                  struct np_error *err);
void hexfile_free(struct hexfile *file);

/* `data` as records of 16 bytes, from address `base` on; whole records of FFh are left out. *text
 * is malloc()ed and ends with a NUL that *text_len does not count. Errors: NP_E_RANGE (beyond what
 * the format can address), NP_E_MEMORY. */
int hexfile_format(enum hexfile_kind kind, const uint8_t *data, size_t len, uint64_t base,
                   char **text, size_t *text_len, struct np_error *err);

#endif
