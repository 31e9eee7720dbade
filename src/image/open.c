/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/open.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/hexfile.h"
#include "image/unpack.h"
#include "image/zip.h"

#define DEPTH 3 /* a hex file in a zip in a gzip; more occurs only in hostile files */

/* Put new bytes in the place of those that they came out of. */
static void replace(struct image_opened *o, uint8_t *data, size_t len)
{
	size_t n = strlen(o->from);

	if (n < sizeof(o->from))
		snprintf(o->from + n, sizeof(o->from) - n, "%s%s", n ? ", " : "", o->wrap.name);
	free(o->owned);
	o->owned = data;
	o->data = data;
	o->len = len;
	wrap_detect(o->data, o->len, &o->wrap);
}

static int open_hex(struct image_opened *o, const char *name, struct np_error *err)
{
	struct hexfile hex;
	int rc = hexfile_parse(o->data, o->len, name, &hex, err);

	if (rc) {
		hexfile_free(&hex);
		return rc;
	}
	o->covers = hex.covers;
	hex.covers = (struct np_ranges){0};
	replace(o, hex.data, hex.len);
	/* What stands in a hex file is what is to be written, whatever it looks like. */
	if (o->wrap.kind != WRAP_CAPSULE)
		o->wrap = (struct wrap){.name = ""};
	return 0;
}

static int take_unpacked(struct image_opened *o, struct unpacked *out, const char *name,
                         struct np_error *err)
{
	if (!out->whole || !out->len) {
		bool bomb = out->len >= out->max;

		free(out->at);
		np_fail(err, NP_E_INPUT, "%s: the %s %s", name, o->wrap.name,
		        bomb ? "unpacks to more than 256 MiB" : "is cut short or damaged");
		return np_hint(err, bomb ? "no SPI flash is that big: is it the right file?"
		                         : "download it again");
	}
	replace(o, out->at, out->len);
	return 0;
}

static int open_stream(struct image_opened *o, const char *name, bool *done, struct np_error *err)
{
	struct unpacked out = {.max = IMAGE_OPEN_MAX};
	enum unpack_kind kind;
	int rc;

	if (!unpack_begins(o->data, o->len, &kind) || kind == UNPACK_LZMA || !unpack_can(kind)) {
		*done = true;
		return 0;
	}
	rc = unpack_stream(kind, o->data, o->len, &out, err);
	/* With something behind it, it is no compressed file but a part of a flash. */
	*done = !rc && out.whole && out.used < o->len;
	if (!rc && !*done)
		return take_unpacked(o, &out, name, err);
	free(out.at);
	return rc;
}

static int open_zip(struct image_opened *o, const char *name, bool *done, struct np_error *err)
{
	struct unpacked out = {.max = IMAGE_OPEN_MAX};
	struct zip_member member;
	int rc;

	if (!zip_only_member(o->data, o->len, &member)) {
		*done = true;
		return 0;
	}
	rc = zip_unpack(o->data, &member, &out, err);
	if (!rc)
		return take_unpacked(o, &out, name, err);
	free(out.at);
	return rc;
}

int image_open(const uint8_t *file, size_t len, const char *name, struct image_opened *o,
               struct np_error *err)
{
	bool done = false;
	int rc = 0;

	*o = (struct image_opened){.data = file, .len = len};
	wrap_detect(file, len, &o->wrap);
	for (int depth = 0; depth < DEPTH && !done && !rc; depth++) {
		if (o->wrap.kind == WRAP_TEXT_IMAGE) {
			rc = open_hex(o, name, err);
			done = true;
		} else if (o->wrap.kind != WRAP_PACKED) {
			done = true;
		} else if (o->len > 4 && memcmp(o->data, "PK\3\4", 4) == 0) {
			rc = open_zip(o, name, &done, err);
		} else {
			rc = open_stream(o, name, &done, err);
		}
	}
	return rc;
}

void image_opened_free(struct image_opened *o)
{
	free(o->owned);
	np_ranges_free(&o->covers);
	*o = (struct image_opened){0};
}
