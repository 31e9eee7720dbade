/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/zip.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/bytes.h"

#define END_LEN     22 /* of the record at the end, without its comment */
#define COMMENT_MAX 0xffff
#define ENTRY_LEN   46 /* of one in the directory, without its name */
#define LOCAL_LEN   30
#define STORED      0
#define DEFLATED    8
#define ENCRYPTED   1 /* flag */

/* The record at the end, behind which at most a comment stands; NULL: there is none. */
static const uint8_t *find_end(const uint8_t *data, size_t len)
{
	for (size_t back = END_LEN; back <= len && back <= END_LEN + COMMENT_MAX; back++)
		if (le32(data + len - back) == 0x06054b50)
			return data + len - back;
	return NULL;
}

/* Its bytes stand behind a header of their own. */
static bool locate(const uint8_t *data, size_t len, const uint8_t *entry, struct zip_member *m)
{
	size_t at = le32(entry + 42), skip;

	if (at > len || len - at < LOCAL_LEN || le32(data + at) != 0x04034b50)
		return false;
	skip = LOCAL_LEN + le16(data + at + 26) + le16(data + at + 28);
	if (skip > len - at || m->packed > len - at - skip)
		return false;
	m->start = at + skip;
	return true;
}

static bool take(const uint8_t *data, size_t len, const uint8_t *entry, size_t name_len,
                 struct zip_member *m)
{
	size_t n = name_len < sizeof(m->name) - 1 ? name_len : sizeof(m->name) - 1;

	*m = (struct zip_member){.method = le16(entry + 10),
	                         .crc = le32(entry + 16),
	                         .packed = le32(entry + 20),
	                         .unpacked = le32(entry + 24)};
	memcpy(m->name, entry + ENTRY_LEN, n);
	return !(le16(entry + 8) & ENCRYPTED) && (m->method == STORED || m->method == DEFLATED) &&
	       m->unpacked && locate(data, len, entry, m);
}

struct walk {
	const uint8_t *data;
	size_t len, at;
	unsigned left;
};

static bool walk_begin(struct walk *walk, const uint8_t *data, size_t len)
{
	const uint8_t *end = len >= END_LEN ? find_end(data, len) : NULL;

	*walk = (struct walk){.data = data, .len = len};
	if (!end)
		return false;
	walk->at = le32(end + 16);
	walk->left = le16(end + 10);
	return true;
}

/* The next file, folders left out. NULL: no more; *sound is false where the directory is not. */
static const uint8_t *walk_next(struct walk *walk, size_t *name_len, bool *sound)
{
	while (walk->left) {
		const uint8_t *entry = walk->data + walk->at;

		*sound = walk->at <= walk->len && walk->len - walk->at >= ENTRY_LEN &&
		         le32(entry) == 0x02014b50 &&
		         le16(entry + 28) <= walk->len - walk->at - ENTRY_LEN;
		if (!*sound)
			return NULL;
		*name_len = le16(entry + 28);
		walk->at += ENTRY_LEN + *name_len + le16(entry + 30) + le16(entry + 32);
		walk->left--;
		if (!*name_len || entry[ENTRY_LEN + *name_len - 1] != '/')
			return entry;
	}
	return NULL;
}

bool zip_only_member(const uint8_t *data, size_t len, struct zip_member *member)
{
	const uint8_t *entry;
	struct walk walk;
	size_t files = 0, name_len;
	bool sound = walk_begin(&walk, data, len);

	while (sound && (entry = walk_next(&walk, &name_len, &sound)) != NULL)
		sound = ++files == 1 && take(data, len, entry, name_len, member);
	return sound && files == 1;
}

bool zip_name(const uint8_t *data, size_t len, unsigned n, char *name, size_t room)
{
	const uint8_t *entry = NULL;
	struct walk walk;
	size_t name_len = 0;
	bool sound = walk_begin(&walk, data, len);

	for (unsigned i = 0; sound && i <= n; i++) {
		entry = walk_next(&walk, &name_len, &sound);
		if (!entry)
			return false;
	}
	if (!sound || !entry || !room)
		return false;
	name_len = name_len < room - 1 ? name_len : room - 1;
	for (size_t i = 0; i < name_len; i++)
		name[i] = isprint(entry[ENTRY_LEN + i]) ? (char)entry[ENTRY_LEN + i] : '?';
	name[name_len] = '\0';
	return true;
}

static bool inflate_all(const uint8_t *from, size_t len, struct unpacked *out)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)from, .avail_in = (uInt)len};
	int got;

	if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
		return false;
	z.next_out = out->at;
	z.avail_out = (uInt)out->room;
	got = inflate(&z, Z_FINISH);
	out->len = out->room - z.avail_out;
	inflateEnd(&z);
	return got == Z_STREAM_END;
}

int zip_unpack(const uint8_t *data, const struct zip_member *m, struct unpacked *out,
               struct np_error *err)
{
	out->room = m->unpacked < out->max ? m->unpacked : out->max;
	out->at = malloc(out->room);
	if (!out->at)
		return np_fail(err, NP_E_MEMORY, "out of memory for %zu bytes", out->room);
	if (m->method == DEFLATED) {
		out->whole = inflate_all(data + m->start, m->packed, out);
	} else {
		out->len = m->packed < out->room ? m->packed : out->room;
		memcpy(out->at, data + m->start, out->len);
		out->whole = m->packed == m->unpacked;
	}
	out->whole &= out->len == m->unpacked && crc32(0, out->at, (uInt)out->len) == m->crc;
	return 0;
}
