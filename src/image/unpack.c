/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/unpack.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>
/* The Makefile sets these; without it neither library is looked for. */
#ifndef HAVE_LZMA
#define HAVE_LZMA 0
#endif
#ifndef HAVE_ZSTD
#define HAVE_ZSTD 0
#endif
#if HAVE_LZMA
#include <lzma.h>
#endif
#if HAVE_ZSTD
#include <zstd.h>
#endif

#include "base/bytes.h"

#define STEP_MIN       ((size_t)64 << 10)
#define DICTIONARY_MAX ((uint32_t)64 << 20)
#define MEMORY_MAX     ((uint64_t)96 << 20)

const char *unpack_name(enum unpack_kind kind)
{
	static const char *const names[] = {"LZMA", "XZ", "gzip", "zstd"};

	return kind <= UNPACK_ZSTD ? names[kind] : "?";
}

bool unpack_can(enum unpack_kind kind)
{
	if (kind == UNPACK_LZMA || kind == UNPACK_XZ)
		return HAVE_LZMA;
	return kind == UNPACK_GZIP || HAVE_ZSTD;
}

/* ---- which ---- */

static bool lzma_begins(const uint8_t *at, size_t len)
{
	uint32_t dictionary;
	uint64_t size;

	/* lc 3 or 1 as kernels are packed; the range coder's first byte is 0. */
	if (len < 32 || (at[0] != 0x5d && at[0] != 0x6d) || at[13] != 0)
		return false;
	dictionary = le32(at + 1);
	size = le64(at + 5);
	return dictionary >= 1u << 12 && dictionary <= DICTIONARY_MAX &&
	       !(dictionary & (dictionary - 1)) &&
	       (size == UINT64_MAX || (size >= 1024 && size <= 256u << 20));
}

bool unpack_begins(const uint8_t *at, size_t len, enum unpack_kind *kind)
{
	if (len < 32)
		return false;
	if (lzma_begins(at, len))
		*kind = UNPACK_LZMA;
	else if (memcmp(at,
	                "\xfd"
	                "7zXZ\0",
	                6) == 0)
		*kind = UNPACK_XZ;
	/* Deflate, no reserved flag, a compressor's own byte for how hard it tried. */
	else if (at[0] == 0x1f && at[1] == 0x8b && at[2] == 8 && !(at[3] & 0xe0) &&
	         (at[8] == 0 || at[8] == 2 || at[8] == 4))
		*kind = UNPACK_GZIP;
	else if (be32(at) == 0x28b52ffd)
		*kind = UNPACK_ZSTD;
	else
		return false;
	return true;
}

/* ---- room for what comes out ---- */

/* Room for at least a byte more; false: `max` is reached, or *rc is NP_E_MEMORY. */
static bool make_room(struct unpacked *out, int *rc, struct np_error *err)
{
	size_t room = out->room ? out->room * 2 : STEP_MIN;
	uint8_t *at;

	if (out->len < out->room)
		return true;
	if (out->len >= out->max)
		return false;
	if (room > out->max)
		room = out->max;
	at = realloc(out->at, room);
	if (!at) {
		*rc = np_fail(err, NP_E_MEMORY, "out of memory for a stream of %zu bytes", room);
		return false;
	}
	out->at = at;
	out->room = room;
	return true;
}

/* ---- the libraries ---- */

static int unpack_gzip(const uint8_t *data, size_t len, struct unpacked *out, struct np_error *err)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)len};
	int rc = 0, got = Z_OK;

	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		return np_fail(err, NP_E_MEMORY, "out of memory for gzip");
	while (got == Z_OK && make_room(out, &rc, err)) {
		size_t room = out->room - out->len;

		z.next_out = out->at + out->len;
		z.avail_out = (uInt)room;
		got = inflate(&z, Z_NO_FLUSH);
		out->len += room - z.avail_out;
	}
	out->whole = got == Z_STREAM_END;
	out->used = len - z.avail_in;
	inflateEnd(&z);
	return rc;
}

#if HAVE_LZMA
static int unpack_lzma(enum unpack_kind kind, const uint8_t *data, size_t len, struct unpacked *out,
                       struct np_error *err)
{
	lzma_stream z = LZMA_STREAM_INIT;
	lzma_ret got = kind == UNPACK_XZ ? lzma_stream_decoder(&z, MEMORY_MAX, 0)
	                                 : lzma_alone_decoder(&z, MEMORY_MAX);
	int rc = 0;

	if (got != LZMA_OK)
		return np_fail(err, NP_E_MEMORY, "out of memory for LZMA");
	z.next_in = data;
	z.avail_in = len;
	while (got == LZMA_OK && make_room(out, &rc, err)) {
		size_t room = out->room - out->len;

		z.next_out = out->at + out->len;
		z.avail_out = room;
		got = lzma_code(&z, LZMA_RUN);
		out->len += room - z.avail_out;
	}
	out->whole = got == LZMA_STREAM_END;
	out->used = len - z.avail_in;
	lzma_end(&z);
	return rc;
}
#endif

#if HAVE_ZSTD
static int unpack_zstd(const uint8_t *data, size_t len, struct unpacked *out, struct np_error *err)
{
	ZSTD_DStream *z = ZSTD_createDStream();
	ZSTD_inBuffer in = {data, len, 0};
	size_t more = 1;
	int rc = 0;

	if (!z)
		return np_fail(err, NP_E_MEMORY, "out of memory for zstd");
	ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, 26);
	while (more && !ZSTD_isError(more) && make_room(out, &rc, err)) {
		ZSTD_outBuffer to = {out->at, out->room, out->len};
		size_t before = in.pos;

		more = ZSTD_decompressStream(z, &to, &in);
		/* Cut: it asks for bytes that there are not. */
		if (to.pos == out->len && in.pos == before)
			break;
		out->len = to.pos;
	}
	out->whole = !more;
	out->used = in.pos;
	ZSTD_freeDStream(z);
	return rc;
}
#endif

int unpack_stream(enum unpack_kind kind, const uint8_t *data, size_t len, struct unpacked *out,
                  struct np_error *err)
{
	if (len > UINT32_MAX)
		len = UINT32_MAX;
	if (kind == UNPACK_GZIP)
		return unpack_gzip(data, len, out, err);
#if HAVE_LZMA
	if (kind == UNPACK_LZMA || kind == UNPACK_XZ)
		return unpack_lzma(kind, data, len, out, err);
#endif
#if HAVE_ZSTD
	if (kind == UNPACK_ZSTD)
		return unpack_zstd(data, len, out, err);
#endif
	return np_fail(err, NP_E_UNSUPPORTED, "this norprog was built without %s",
	               unpack_name(kind));
}
