/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page around the picture. It is read on a phone beside the board, too: there each row of a table
 * becomes a card, and only the picture scrolls sideways. */
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "image/picture_priv.h"

#define BLOCK       4096u
#define BLOCKS_MOST 200u /* differing blocks whose bytes are shown */
#define HEX_BYTES   8u   /* what fits on a phone in one line */
#define TEXT_MOST   (6 * IMAGE_CHANGE_TEXT)

static void put_table(struct image_text *out, const uint8_t *data, size_t len,
                      const struct layout *layout)
{
	char name[LAYOUT_NAME_MAX * 6], holds[160 * 6], size[32];

	picture_put(out,
	            "<table id=\"table\"><thead><tr><th>region</th><th>address</th><th>size</th>"
	            "<th>contents</th><th>entropy</th><th>holds</th></tr></thead><tbody>\n");
	for (size_t i = 0; layout && i < layout->region_count; i++) {
		const struct layout_region *region = &layout->regions[i];
		struct image_stat stat;

		if (region->start + region->len > len)
			continue;
		image_stat(data + region->start, region->len, &stat);
		picture_put(
			out,
			"<tr%s><td>%s</td><td><code>0x%06llx</code></td><td>%s</td><td>%s</td><td>"
			"entropy %.2f</td><td>%s</td></tr>\n",
			region->unit ? " class=\"own\"" : "",
			picture_escaped(region->name, name, sizeof(name)),
			(unsigned long long)region->start,
			np_format_size(region->len, size, sizeof(size)),
			image_class_name(stat.class), stat.entropy,
			picture_escaped(region->holds, holds, sizeof(holds)));
	}
	picture_put(out, "</tbody></table>\n");
}

static void put_islands_table(struct image_text *out, const struct image_diff *diff)
{
	char guess[64 * 6];
	size_t shown = diff->count < 200 ? diff->count : 200;

	picture_put(
		out,
		"<h2>Differences</h2><p>%llu bytes differ.</p><table id=\"differences\"><thead><tr>"
		"<th>address</th><th>length</th><th>bytes</th><th>looks like</th></tr></thead><tbody>\n",
		(unsigned long long)diff->bytes);
	for (size_t i = 0; i < shown; i++) {
		const struct image_island *island = &diff->islands[i];

		picture_put(
			out,
			"<tr%s><td><code>0x%06llx</code></td><td>%llu long</td><td>%llu differ</td>"
			"<td>%s</td></tr>\n",
			island->unit ? " class=\"own\"" : "", (unsigned long long)island->start,
			(unsigned long long)island->len, (unsigned long long)island->bytes,
			picture_escaped(island->guess, guess, sizeof(guess)));
	}
	picture_put(out, "</tbody></table>\n");
	if (shown < diff->count || diff->more)
		picture_put(out, "<p>Only the first %zu are listed.</p>\n", shown);
}

/* ---- differences in detail ---- */

static void put_changes(struct image_text *out, const struct image_other *other)
{
	char name[LAYOUT_NAME_MAX * 6], was[TEXT_MOST], is[TEXT_MOST];

	picture_put(out, "<h2>Fields</h2>\n<table id=\"fields\"><thead><tr><th>field</th><th>was"
	                 "</th><th>is</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < other->change_count; i++) {
		const struct image_change *c = &other->changes[i];

		picture_put(out,
		            "<tr%s><td>%s</td><td><del>%s</del></td><td><ins>%s</ins></td></tr>\n",
		            c->unit ? " class=\"own\"" : "",
		            picture_escaped(c->name, name, sizeof(name)),
		            picture_escaped(c->was, was, sizeof(was)),
		            picture_escaped(c->is, is, sizeof(is)));
	}
	picture_put(out, "</tbody></table>\n");
}

static void put_hex(struct image_text *out, const char *tag, const uint8_t *bytes,
                    const uint8_t *others, size_t len)
{
	picture_put(out, "<%s>", tag);
	for (size_t i = 0; i < len; i++)
		picture_put(out, bytes[i] == others[i] ? "%02x " : "<b>%02x</b> ", bytes[i]);
	picture_put(out, "</%s>\n", tag);
}

/* A block's first bytes that differ, and how many there are. */
static bool put_block(struct image_text *out, const uint8_t *a, const uint8_t *b, size_t at,
                      size_t len)
{
	size_t first = 0, n, bytes = 0;

	while (first < len && a[at + first] == b[at + first])
		first++;
	if (first == len)
		return false;
	for (size_t i = first; i < len; i++)
		bytes += a[at + i] != b[at + i];
	n = len - first < HEX_BYTES ? len - first : HEX_BYTES;
	picture_put(out, "<p><code>0x%06zx</code>, %zu byte%s of its block</p><pre>", at + first,
	            bytes, bytes == 1 ? "" : "s");
	put_hex(out, "del", a + at + first, b + at + first, n);
	put_hex(out, "ins", b + at + first, a + at + first, n);
	picture_put(out, "</pre>\n");
	return true;
}

static void put_blocks(struct image_text *out, const uint8_t *a, const uint8_t *b, size_t len)
{
	unsigned shown = 0, more = 0;

	picture_put(out, "<h2>Bytes</h2><p>The first that differ in each block of 4 KiB: as they "
	                 "were, and as they are.</p>\n<div id=\"bytes\">\n");
	for (size_t at = 0; at < len; at += BLOCK) {
		size_t n = len - at < BLOCK ? len - at : BLOCK;

		if (memcmp(a + at, b + at, n) == 0)
			continue;
		if (shown == BLOCKS_MOST)
			more++;
		else
			shown += put_block(out, a, b, at, n);
	}
	picture_put(out, "</div>\n");
	if (more)
		picture_put(out, "<p>%u more blocks differ.</p>\n", more);
}

static void put_head(struct image_text *out, const char *title)
{
	char name[6 * NAME_MOST];

	picture_put(
		out,
		"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
		"<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
		"<title>%s</title>\n"
		"<style>body{font:14px system-ui,sans-serif;margin:24px auto;max-width:1000px;"
		"padding:0 12px;color:#1c2733;overflow-wrap:anywhere}.map{overflow-x:auto}"
		"svg{max-width:100%%;min-width:640px;height:auto}table{border-collapse:collapse;"
		"width:100%%;margin:16px 0}th,td{text-align:left;padding:5px 9px;border-bottom:1px "
		"solid #dde2e8}.own td:first-child{color:#b35909;font-weight:600}"
		"pre{margin:0 0 12px}del,ins{text-decoration:none}del{background:#fbe9eb}"
		"ins{background:#e5f4e8}@media(max-width:640px){thead{display:none}"
		"tr{display:block;padding:6px 0;border-bottom:1px solid #dde2e8}"
		"td{display:inline-block;border:0;padding:1px 8px 1px 0}"
		"td:first-child{display:block}}</style></head><body>\n",
		picture_escaped(title, name, sizeof(name)));
}

int image_html(const uint8_t *data, size_t len, const struct layout *layout,
               const struct image_diff *diff, const struct image_other *other, const char *title,
               struct image_text *out, struct np_error *err)
{
	*out = (struct image_text){0};
	put_head(out, title);
	picture_put(out, "<div class=\"map\">\n");
	picture_put_svg(out, data, len, layout, diff, title);
	picture_put(out, "</div>\n");
	if (other && other->change_count)
		put_changes(out, other);
	if (picture_rows(layout, len))
		put_table(out, data, len, layout);
	if (diff)
		put_islands_table(out, diff);
	if (diff && other && diff->bytes)
		put_blocks(out, data, other->data, len);
	picture_put(out, "</body></html>\n");
	return picture_finish(out, err);
}
