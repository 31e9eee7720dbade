/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a name or a path to a layout: the only part of the layouts that touches files. */
#include "device/load.h"
#include "device/dts.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "image/map.h"
#include "image/open.h"
#include "image/openwrt.h"
#include "image/tree.h"
#include "layout/board.h"
#include "layout/source.h"
#include "layout/tree.h"

#define FILE_MAX_BYTES (64u << 20) /* a dump may carry its own map */
#define TEXT_MAX_BYTES (1u << 20)

/* ---- files ---- */

/* A profile begins with a section, after blank lines and comments; a flashrom layout has none. */
static bool looks_like_profile(const char *text, size_t len)
{
	for (size_t at = 0; at < len;) {
		const char *newline = memchr(text + at, '\n', len - at);

		while (at < len && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r'))
			at++;
		if (at < len && !strchr("#;\n", text[at]))
			return text[at] == '[';
		if (!newline)
			return false;
		at = (size_t)(newline - text) + 1;
	}
	return false;
}

static bool contains(const char *text, size_t len, const char *word)
{
	return memmem(text, len, word, strlen(word)) != NULL;
}

/* Too long for a text, or not text at all: a dump, which may carry a map. */
static bool looks_like_dump(const char *text, size_t len)
{
	return len > TEXT_MAX_BYTES || memchr(text, '\0', len) != NULL;
}

/* A file that is no whole dump, an upgrade for example, may carry the device's tree all the same. */
static int parse_carried_tree(const uint8_t *data, size_t len, const char *path,
                              struct layout *layout, bool *found, struct np_error *err)
{
	struct image_trees trees;
	int rc = image_find_trees(data, len, &trees, err);

	for (size_t i = 0; i < trees.count && !rc && !*found; i++) {
		struct np_error ignored;

		*found = layout_from_tree(trees.at[i].fdt, trees.at[i].len, path, 0, layout,
		                          &ignored) == 0;
	}
	image_trees_free(&trees);
	return rc;
}

static int parse_dump(const char *text, size_t len, const char *path, struct layout *layout,
                      struct np_error *err)
{
	const uint8_t *data = (const uint8_t *)text;
	bool found;
	int rc = image_find_map(data, len, path, layout, &found, err);

	if (!rc && !found)
		rc = parse_carried_tree(data, len, path, layout, &found, err);
	if (rc || found)
		return rc;
	np_fail(err, NP_E_INPUT, "%s is no layout, and no partition map was found inside", path);
	return np_hint(err, "-l takes a layout; the image is the command's argument");
}

/* An mtdparts= string, by itself or in a line of a boot log; none that a comment speaks of. */
static const char *find_mtdparts(const char *text, size_t len)
{
	const char *found = memmem(text, len, "mtdparts=", 9), *line = found;

	if (!found || contains(text, len, "[device]"))
		return NULL;
	while (line > text && line[-1] != '\n')
		line--;
	return memchr(line, '#', (size_t)(found - line)) ? NULL : found;
}

/* A line of /proc/mtd, whatever a post has around it. */
static bool looks_like_proc_mtd(const char *text, size_t len)
{
	const char *at = memmem(text, len, "mtd0: ", 6);

	return at && len - (size_t)(at - text) > 16 && isxdigit((unsigned char)at[6]) &&
	       isxdigit((unsigned char)at[7]);
}

/* A device tree; or a FIT, which is one, too, and holds that of the device. */
static int parse_tree(const uint8_t *data, size_t len, const char *path, struct layout *layout,
                      struct np_error *err)
{
	struct np_error ignored;
	bool found = false;
	int rc = layout_from_tree(data, len, path, 0, layout, err);

	if (rc == NP_E_INPUT && !parse_carried_tree(data, len, path, layout, &found, &ignored) &&
	    found)
		rc = 0;
	return rc;
}

/* `device`: which flash of several in a boot log, or NULL. */
static int parse_text(const char *text, size_t len, const char *path, const char *device,
                      struct layout *layout, struct np_error *err)
{
	const char *mtdparts;
	int rc;

	/* Some editors put a byte order mark in front of UTF-8. */
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	if (len >= 4 && memcmp(text, "\xd0\x0d\xfe\xed", 4) == 0)
		rc = parse_tree((const uint8_t *)text, len, path, layout, err);
	else if (looks_like_dump(text, len))
		rc = parse_dump(text, len, path, layout, err);
	/* Its lines begin with a time in brackets, like a section. */
	else if (contains(text, len, " MTD partitions on"))
		rc = layout_parse_bootlog(text, len, device, path, layout, err);
	else if (contains(text, len, ">, # parts = "))
		rc = layout_parse_uboot_table(text, len, device, path, layout, err);
	else if (looks_like_proc_mtd(text, len))
		rc = layout_parse_proc_mtd(text, len, path, layout, err);
	else if ((mtdparts = find_mtdparts(text, len)) != NULL)
		rc = layout_parse_mtdparts(mtdparts, len - (size_t)(mtdparts - text), 0, path,
		                           layout, err);
	else if (looks_like_profile(text, len))
		rc = layout_parse_profile(text, len, path, layout, err);
	else
		rc = layout_parse_flashrom(text, len, path, layout, err);
	if (!rc)
		snprintf(layout->path, sizeof(layout->path), "%.255s", path);
	return rc;
}

/* The device tree's source, which a compiler reads. */
static bool looks_like_dts(const char *text, size_t len)
{
	return !memchr(text, '\0', len) && contains(text, len, "/dts-v1/");
}

static int parse_dts(const char *path, struct layout *layout, struct np_error *err)
{
	uint8_t *tree = NULL;
	size_t len = 0;
	int rc = dts_compile(path, TEXT_MAX_BYTES, &tree, &len, err);

	if (!rc)
		rc = parse_tree(tree, len, path, layout, err);
	free(tree);
	if (!rc)
		snprintf(layout->path, sizeof(layout->path), "%.255s", path);
	return rc;
}

static int fail_foreign(const struct wrap *wrap, const char *path, struct np_error *err)
{
	char command[64];

	np_fail(err, NP_E_INPUT, "%s is no layout and no dump: %s", path, wrap->name);
	if (!wrap->unpack)
		return np_hint(err, "is it the file you mean?");
	snprintf(command, sizeof(command), wrap->unpack, "FILE");
	return np_hint(err, "unpack it first: %s", command);
}

int layout_load_device(const char *name, struct layout *layout, bool *found, struct np_error *err)
{
	int rc = layout_load_builtin(name, layout, found, err);

	return rc || *found ? rc : board_load_named(name, layout, found, err);
}

/* A board.json names a device; its layout is the one that norprog knows by that name. */
static int load_board_json(const struct openwrt_devices *devices, const char *path,
                           struct layout *layout, struct np_error *err)
{
	bool found;
	int rc = layout_load_device(devices->at[0], layout, &found, err);

	if (rc || found)
		return rc;
	return np_fail(err, NP_E_INPUT,
	               "%s is the board.json of '%s', for which norprog has no layout", path,
	               devices->at[0]);
}

/* A file may be packed, or be something else altogether. */
static int parse_file(const uint8_t *file, size_t len, const char *path, const char *device,
                      struct layout *layout, struct np_error *err)
{
	struct openwrt_devices devices;
	struct image_opened opened;
	const char *text;
	int rc;

	if (openwrt_parse_board(file, len, &devices))
		return load_board_json(&devices, path, layout, err);
	if (looks_like_dts((const char *)file, len))
		return parse_dts(path, layout, err);
	rc = image_open(file, len, path, &opened, err);
	text = (const char *)opened.data;
	if (!rc && (opened.wrap.kind == WRAP_PACKED || strstr(opened.wrap.name, "web page") ||
	            (opened.wrap.kind == WRAP_FOREIGN && memchr(text, '\0', opened.len))))
		rc = fail_foreign(&opened.wrap, path, err);
	else if (!rc)
		rc = parse_text(text, opened.len, path, device, layout, err);
	image_opened_free(&opened);
	return rc;
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0 || errno != ENOENT;
}

/* FILE, or FILE#DEVICE for one flash of several in FILE. *found is false when there is no such file.
 */
static int load_file(const char *spec, struct layout *layout, bool *found, struct np_error *err)
{
	char path[NP_PATH_MAX];
	char *device = NULL;
	uint8_t *text;
	size_t len;
	int rc;

	snprintf(path, sizeof(path), "%s", spec);
	if (!exists(path) && (device = strrchr(path, '#')) != NULL)
		*device++ = '\0';
	*found = exists(path);
	if (!*found)
		return 0;
	rc = np_io_read(path, FILE_MAX_BYTES, &text, &len, err);
	if (rc)
		return rc;
	rc = parse_file(text, len, path, device, layout, err);
	free(text);
	return rc;
}

int layout_load(const char *spec, struct layout *layout, struct np_error *err)
{
	bool found;
	int rc = layout_load_builtin(spec, layout, &found, err);

	if (!rc && !found)
		rc = load_file(spec, layout, &found, err);
	if (!rc && !found)
		rc = board_load_named(spec, layout, &found, err);
	return rc || found ? rc : layout_fail_unknown_name(spec, err);
}
