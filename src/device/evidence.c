/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device/evidence.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "image/openwrt.h"
#include "image/probe.h"
#include "image/tree.h"
#include "layout/board.h"
#include "layout/tree.h"

#define STEP          0x1000 /* firmware headers stand at multiples of this */
#define HEADER_LEN    0x200
#define UIMAGE_HEADER 64
#define BOARDS        EVIDENCE_NAMES
#define METADATA_MAX \
	64 /* places that are looked at: sixteen megabytes of noise hold the magic rarely */

const char *evidence_device_name(const char *compatible)
{
	const char *profile = layout_builtin_name(compatible);

	return profile ? profile : compatible;
}

void evidence_add_name(struct evidence *evidence, const char *name)
{
	for (size_t i = 0; i < evidence->name_count; i++)
		if (strcmp(evidence->names[i], name) == 0)
			return;
	if (evidence->name_count == EVIDENCE_NAMES) {
		evidence->more = true;
		return;
	}
	snprintf(evidence->names[evidence->name_count++], LAYOUT_NAME_MAX, "%s", name);
}

struct evidence *evidence_add(struct evidence_list *list, enum evidence_kind kind,
                              enum evidence_rank rank, uint64_t at, const char *what,
                              const char *value)
{
	struct evidence *evidence;

	if (list->count == EVIDENCE_MAX)
		return NULL;
	evidence = &list->at[list->count++];
	*evidence = (struct evidence){.kind = kind, .rank = rank, .at = at};
	snprintf(evidence->what, sizeof(evidence->what), "%s", what);
	snprintf(evidence->value, sizeof(evidence->value), "%s", value);
	return evidence;
}

/* ---- what the table of boards says ---- */

static void add_boards(struct evidence *evidence, const size_t *found, size_t count, size_t room)
{
	struct board board;

	for (size_t i = 0; i < count && i < room; i++) {
		board_at(found[i], &board);
		evidence_add_name(evidence, evidence_device_name(board.compatible));
	}
	evidence->more |= count > room;
}

/* A sign that the table knows, in the words of the table. What more boards share than can be listed
 * is of a family, as OpenWrt's own loader is. */
static void add_sign(struct evidence_list *list, enum board_sign sign, uint64_t at,
                     const char *what, const char *value)
{
	size_t found[BOARDS], count = board_find_sign(sign, value, found, BOARDS);
	struct evidence *evidence;

	if (!count)
		return;
	evidence = evidence_add(list, count > BOARDS ? EVIDENCE_FAMILY : EVIDENCE_IDENTITY,
	                        RANK_SIGN, at, what, value);
	if (evidence)
		add_boards(evidence, found, count, BOARDS);
}

/* ---- firmware headers ---- */

static void tplink_header(const uint8_t *h, uint64_t at, struct evidence_list *list)
{
	bool v1 = be32(h) == 0x01000000;
	uint32_t id = v1 ? be32(h + 0x40) : le32(h + 0x34);
	uint32_t revision = v1 ? be32(h + 0x44) : le32(h + 0x38);
	struct evidence *evidence;
	size_t before = list->count;
	char value[32];

	if (!v1 && ((le32(h) != 2 && le32(h) != 3) || h[0x90] != 0xa5))
		return;
	if (v1 && (!isprint(h[4]) || !isprint(h[5]) || !isprint(h[6])))
		return;
	if (!id || id == 0xffffffff)
		return;
	snprintf(value, sizeof(value), "%08x.%x", id, revision);
	add_sign(list, v1 ? BOARD_TPLINK_V1 : BOARD_TPLINK_V2, at, "hardware id", value);
	/* One that is not known is still the address of some device. */
	evidence = list->count == before ? evidence_add(list, EVIDENCE_IDENTITY, RANK_SIGN, at,
	                                                "hardware id", value)
	                                 : NULL;
	if (evidence)
		evidence->more = false;
}

/* As the table writes names: what is not printable is a '\\' and two hex digits. */
static void escape(const uint8_t *from, size_t len, char *to, size_t room)
{
	size_t n = 0;

	while (len && !from[len - 1])
		len--;
	for (size_t i = 0; i < len && n + 4 < room; i++)
		n += (size_t)snprintf(to + n, room - n, isprint(from[i]) ? "%c" : "\\%02x",
		                      from[i]);
	to[n] = '\0';
}

/* Vendors put their own magic in front; the header's sum is made the same. */
static bool uimage_sum_right(const uint8_t *h)
{
	uint8_t copy[UIMAGE_HEADER];

	memcpy(copy, h, sizeof(copy));
	memset(copy + 4, 0, 4);
	return np_crc32(0, copy, sizeof(copy)) == be32(h + 4);
}

/* What kits and vendors call any kernel, or a version alone, is no device's name; nor is the magic
 * of a squashfs one. Some recipes ask for these all the same. */
static bool generic_name(const char *name)
{
	return strcasecmp(name, "Linux Kernel Image") == 0 || strcasestr(name, "Linux-") ||
	       strcasestr(name, "OpenWrt") ||
	       (strchr(name, '.') && !name[strspn(name, "0123456789.")]);
}

static bool generic_magic(uint32_t magic)
{
	return magic == 0x68737173 || magic == 0x27051956;
}

static void uimage_header(const uint8_t *h, uint64_t at, struct evidence_list *list)
{
	char value[128];

	if (!uimage_sum_right(h))
		return;
	snprintf(value, sizeof(value), "%08x", be32(h));
	if (!generic_magic(be32(h)))
		add_sign(list, BOARD_UIMAGE_MAGIC, at, "firmware's magic", value);
	escape(h + 32, 32, value, sizeof(value));
	if (!generic_name(value))
		add_sign(list, BOARD_UIMAGE_NAME, at, "firmware's name", value);
}

/* "signature=" in the words behind a SEAMA header; alone at the front of WRGG's. */
static void signature(const uint8_t *h, size_t len, uint64_t at, struct evidence_list *list)
{
	static const char key[] = "signature=";
	const uint8_t *text = h;
	size_t n = 0, room = len < HEADER_LEN ? len : HEADER_LEN;
	char value[64];

	if (be32(h) == 0x5ea3a417) {
		text = memmem(h, room, key, sizeof(key) - 1);
		if (!text)
			return;
		text += sizeof(key) - 1;
	} else if (memcmp(h, "wrg", 3) != 0) {
		return;
	}
	while (n + 1 < sizeof(value) && text + n < h + room && isgraph(text[n])) {
		value[n] = (char)text[n];
		n++;
	}
	value[n] = '\0';
	if (n)
		add_sign(list, BOARD_SIGNATURE, at, "vendor's signature", value);
}

void evidence_of_header(const uint8_t *header, size_t len, uint64_t at, struct evidence_list *list)
{
	if (len < HEADER_LEN || header[0] == 0xff)
		return;
	tplink_header(header, at, list);
	uimage_header(header, at, list);
	signature(header, len, at, list);
}

/* ---- support lists ---- */

/* "{product_name:Archer C7,product_ver:5.0.0" is what the table titles "TP-Link Archer C7 v5". */
static bool product_title(const char *entry, char *title, size_t room)
{
	char name[48];
	unsigned version;

	if (sscanf(entry, "{product_name:%47[^,],product_ver:%u", name, &version) != 2)
		return false;
	snprintf(title, room, "TP-Link %s v%u", name, version);
	return true;
}

static void support_list(const uint8_t *text, size_t len, uint64_t at, struct evidence_list *list)
{
	static const char key[] = "{product_name:";
	struct evidence *evidence = NULL;
	const uint8_t *end = text + (len < 0x1000 ? len : 0x1000);

	while ((text = memmem(text, (size_t)(end - text), key, sizeof(key) - 1)) != NULL) {
		size_t found[BOARDS], count = 0, n = 0;
		char entry[96], title[80];

		while (n + 1 < sizeof(entry) && text + n < end && isprint(text[n]))
			n++;
		memcpy(entry, text, n);
		entry[n] = '\0';
		text += sizeof(key) - 1;
		if (product_title(entry, title, sizeof(title)))
			count = board_find_name(title, found, BOARDS);
		if (!evidence && count)
			evidence = evidence_add(list, EVIDENCE_IDENTITY, RANK_SIGN, at,
			                        "support list", title);
		if (evidence)
			add_boards(evidence, found, count, BOARDS);
	}
}

/* ---- OpenWrt's metadata ---- */

static void add_device(struct evidence *evidence, const char *name)
{
	size_t found[BOARDS], count = board_find_compatible(name, found, BOARDS);

	if (!count)
		count = board_find_name(name, found, BOARDS);
	add_boards(evidence, found, count, BOARDS);
}

/* A sysupgrade file that was written with all that is behind it. Its list has one device under all
 * names that it ever had. */
static void metadata(const struct openwrt_devices *devices, uint64_t at, struct evidence_list *list)
{
	struct evidence *evidence = evidence_add(list, EVIDENCE_IDENTITY, RANK_SIGN, at,
	                                         "OpenWrt's metadata", devices->at[0]);

	for (size_t i = 0; evidence && i < devices->count; i++)
		add_device(evidence, devices->at[i]);
	if (evidence && devices->more)
		evidence->more = true;
}

static void find_metadata(const uint8_t *image, size_t len, struct evidence_list *list)
{
	static const char magic[] = "FWx0";
	const uint8_t *at = image, *end = image + len;

	for (unsigned n = 0; n < METADATA_MAX; n++, at++) {
		struct image_part part = {0};
		struct openwrt_devices devices;

		at = memmem(at, (size_t)(end - at), magic, sizeof(magic) - 1);
		if (!at)
			return;
		if (probe_fwtool(image, len, (size_t)(at - image), &part) &&
		    openwrt_parse_metadata(image + part.start, (size_t)(at - image) - part.start,
		                           &devices))
			metadata(&devices, part.start, list);
	}
}

/* ---- device trees ---- */

/* Makers of chips ship their kits' trees in boot loaders: those name no device. */
static bool reference_design(const char *compatible)
{
	static const char *const words[] = {"eval",      "rfb",     "evb",  "-soc",
	                                    "reference", "sdk",     "spim", "fpga",
	                                    "ap-mp",     "generic", "demo", "board"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasestr(compatible, words[i]))
			return true;
	return false;
}

static void tree(const struct image_tree *found, uint64_t size, struct evidence_list *list)
{
	size_t boards[BOARDS], count;
	struct tree_identity identity;
	struct evidence *evidence;
	struct layout layout;
	struct np_error ignored;
	bool map;

	if (!tree_identity(found->fdt, found->len, &identity))
		return;
	count = board_find_compatible(identity.compatible[0], boards, BOARDS);
	map = layout_from_tree(found->fdt, found->len, identity.compatible[0], size, &layout,
	                       &ignored) == 0;
	if (map) {
		map = layout.unit.count != 0 && !layout.doubt[0];
		layout_free(&layout);
	}
	if (!count && (!map || reference_design(identity.compatible[0])))
		return;
	evidence = evidence_add(list, EVIDENCE_IDENTITY, RANK_TREE, found->at, "device tree",
	                        identity.compatible[0]);
	if (!evidence)
		return;
	evidence->tree = map;
	evidence_add_name(evidence, evidence_device_name(identity.compatible[0]));
}

static size_t add_trees(const struct image_trees *trees, size_t len, struct evidence_list *list)
{
	size_t added = 0;

	for (size_t i = 0; i < trees->count; i++)
		if (trees->at[i].end <= len) {
			tree(&trees->at[i], len, list);
			added++;
		}
	return added;
}

static int find_trees(const uint8_t *image, size_t len, const struct image_trees *known,
                      struct evidence_list *list, struct np_error *err)
{
	struct image_trees trees;
	int rc;

	/* One that lies behind the end may have ended the search before kernels were unpacked. */
	if (known && (add_trees(known, len, list) || !known->count))
		return 0;
	rc = image_find_trees(image, len, &trees, err);
	if (!rc)
		add_trees(&trees, len, list);
	image_trees_free(&trees);
	return rc;
}

/* ---- all ---- */

#define LIST_ALIGN 4

static void find_support_lists(const uint8_t *image, size_t len, struct evidence_list *list)
{
	static const char head[] = "SupportList:";
	const uint8_t *at = image, *end = image + len;

	for (unsigned n = 0; n < 4; n++) {
		at = memmem(at, (size_t)(end - at), head, sizeof(head) - 1);
		if (!at)
			return;
		/* A partition begins with it. A dump that lost a byte starts no board and is
		 * none. */
		if ((at - image) % LIST_ALIGN == 0)
			support_list(at, (size_t)(end - at), (uint64_t)(at - image), list);
		at++;
	}
}

int evidence_find(const uint8_t *image, size_t len, const struct image_trees *trees,
                  struct evidence_list *list, struct np_error *err)
{
	int rc = find_trees(image, len, trees, list, err);

	for (size_t at = 0; at + HEADER_LEN <= len && !rc && list->count < EVIDENCE_MAX / 2;
	     at += STEP)
		evidence_of_header(image + at, len - at, at, list);
	if (rc)
		return rc;
	find_support_lists(image, len, list);
	find_metadata(image, len, list);
	return 0;
}
