/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The picture: one bar for the whole flash, one row per region, drawn as plain SVG text. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "image/image.h"
#include "image/picture_priv.h"

#define WIDTH     960
#define BAR_LEFT  20
#define BAR_WIDTH 920
#define BAR_TOP   60
#define BAR_HIGH  56
#define ROW_TOP   170
#define ROW_HIGH  30
#define STRIPES   460 /* of the whole bar, and of a region's own */

/* ---- text that grows ---- */

void picture_put(struct image_text *out, const char *format, ...)
{
	va_list args, again;
	int n;

	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (!out->failed && out->len + (size_t)n + 1 > out->room) {
		size_t room = (out->len + (size_t)n + 1) * 2;
		char *at = realloc(out->at, room);

		out->failed = !at;
		if (at) {
			out->at = at;
			out->room = room;
		}
	}
	if (!out->failed)
		out->len +=
			(size_t)vsnprintf(out->at + out->len, out->room - out->len, format, again);
	va_end(again);
}

const char *picture_escaped(const char *text, char *buf, size_t len)
{
	char clean[NAME_MOST];
	size_t n = 0;

	for (text = np_text_printable(text, clean, sizeof(clean)); *text && n + 7 < len; text++) {
		if (strchr("<>&\"'", *text))
			n += (size_t)snprintf(buf + n, len - n, "&#%u;", (unsigned char)*text);
		else
			buf[n++] = *text;
	}
	buf[n] = '\0';
	return buf;
}

void image_text_free(struct image_text *text)
{
	free(text->at);
	*text = (struct image_text){0};
}

int picture_finish(struct image_text *out, struct np_error *err)
{
	if (!out->failed)
		return 0;
	image_text_free(out);
	return np_fail(err, NP_E_MEMORY, "out of memory for the picture");
}

/* ---- stripes ---- */

static const char *class_colour(enum image_class class)
{
	static const char *const colours[] = {"#eef0f2", "#d5dae0", "#7fb685", "#5b8fd6",
	                                      "#2f4b7c"};

	return colours[class];
}

/* The stretch as stripes of one class each; equal neighbours become one rectangle. */
static void put_stripes(struct image_text *out, const uint8_t *data, uint64_t len, double x,
                        double y, double width, double height)
{
	uint64_t stripes = len < STRIPES ? len : STRIPES, from = 0;
	enum image_class run = CLASS_BLANK;

	for (uint64_t i = 0; i <= stripes; i++) {
		struct image_stat stat = {0};
		uint64_t a = len * i / stripes, b = i < stripes ? len * (i + 1) / stripes : a;

		if (i < stripes)
			image_stat(data + a, b - a, &stat);
		if (i && (i == stripes || stat.class != run)) {
			picture_put(
				out,
				"<rect class=\"%s\" x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%.1f\" "
				"fill=\"%s\"/>\n",
				image_class_name(run), x + width * (double)from / (double)len, y,
				width * (double)(a - from) / (double)len, height,
				class_colour(run));
			from = a;
		}
		run = stat.class;
	}
}

static double at_x(uint64_t addr, uint64_t len)
{
	return BAR_LEFT + (double)BAR_WIDTH * (double)addr / (double)len;
}

static double at_least(double width, double least)
{
	return width < least ? least : width;
}

static void put_unit_marks(struct image_text *out, const struct layout *layout, uint64_t len)
{
	for (size_t i = 0; layout && i < layout->unit.count; i++) {
		const struct np_range *range = &layout->unit.at[i];

		picture_put(
			out,
			"<rect class=\"unit\" x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"5\" "
			"fill=\"#e07a1f\"><title>this unit's own: 0x%06llx+0x%llx</title></rect>\n",
			at_x(range->start, len), BAR_TOP - 8,
			at_least((double)BAR_WIDTH * (double)range->len / (double)len, 2),
			(unsigned long long)range->start, (unsigned long long)range->len);
	}
}

static void put_islands(struct image_text *out, const struct image_diff *diff, uint64_t len)
{
	for (size_t i = 0; diff && i < diff->count; i++) {
		const struct image_island *island = &diff->islands[i];

		picture_put(out,
		            "<rect class=\"diff\" x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"8\" "
		            "fill=\"#d1344b\"><title>0x%06llx+0x%llx differs</title></rect>\n",
		            at_x(island->start, len), BAR_TOP + BAR_HIGH + 3,
		            at_least((double)BAR_WIDTH * (double)island->len / (double)len, 1.5),
		            (unsigned long long)island->start, (unsigned long long)island->len);
	}
}

static void put_borders(struct image_text *out, const struct layout *layout, uint64_t len)
{
	char size[32];

	for (size_t i = 0; layout && i < layout->region_count; i++) {
		double x = at_x(layout->regions[i].start, len);

		picture_put(out,
		            "<line class=\"border\" x1=\"%.2f\" x2=\"%.2f\" y1=\"%d\" y2=\"%d\" "
		            "stroke=\"#fff\" stroke-width=\"1\"/>\n",
		            x, x, BAR_TOP, BAR_TOP + BAR_HIGH);
	}
	picture_put(out,
	            "<text x=\"%d\" y=\"%d\" class=\"small\">0x000000</text>\n"
	            "<text x=\"%d\" y=\"%d\" class=\"small\" text-anchor=\"end\">%s</text>\n",
	            BAR_LEFT, BAR_TOP + BAR_HIGH + 26, BAR_LEFT + BAR_WIDTH,
	            BAR_TOP + BAR_HIGH + 26, np_format_size(len, size, sizeof(size)));
}

static void put_legend(struct image_text *out, bool with_diff)
{
	static const enum image_class classes[] = {CLASS_BLANK, CLASS_ZERO, CLASS_TEXT, CLASS_DATA,
	                                           CLASS_DENSE};
	int x = 180, y = BAR_TOP + BAR_HIGH + 17;

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++, x += 96)
		picture_put(out,
		            "<rect x=\"%d\" y=\"%d\" width=\"10\" height=\"10\" fill=\"%s\" "
		            "stroke=\"#98a2ad\" stroke-width=\"0.5\"/><text x=\"%d\" y=\"%d\" "
		            "class=\"small\">%s</text>\n",
		            x, y, class_colour(classes[i]), x + 15, y + 9,
		            image_class_name(classes[i]));
	picture_put(
		out,
		"<rect x=\"%d\" y=\"%d\" width=\"10\" height=\"10\" fill=\"#e07a1f\"/><text x=\"%d\" "
		"y=\"%d\" class=\"small\">this unit's</text>\n",
		x, y, x + 15, y + 9);
	if (with_diff)
		picture_put(
			out,
			"<rect x=\"%d\" y=\"%d\" width=\"10\" height=\"10\" fill=\"#d1344b\"/><text "
			"x=\"%d\" y=\"%d\" class=\"small\">differs</text>\n",
			x + 96, y, x + 111, y + 9);
}

/* ---- rows: every region in its own scale, so that small ones are seen too ---- */

static uint64_t island_bytes(const struct image_diff *diff, const struct layout_region *region)
{
	uint64_t bytes = 0;

	for (size_t i = 0; diff && i < diff->count; i++)
		if (diff->islands[i].start >= region->start &&
		    diff->islands[i].start < region->start + region->len)
			bytes += diff->islands[i].bytes;
	return bytes;
}

static void put_row(struct image_text *out, const uint8_t *data, const struct layout_region *region,
                    const struct image_diff *diff, int y)
{
	char name[LAYOUT_NAME_MAX * 6], size[32];
	uint64_t differs = island_bytes(diff, region);

	picture_put(
		out,
		"<g class=\"region\" data-name=\"%s\"><text x=\"%d\" y=\"%d\"%s>%s</text><text "
		"x=\"190\" y=\"%d\" class=\"small mono\">0x%06llx</text><text x=\"330\" y=\"%d\" "
		"class=\"small\" text-anchor=\"end\">%s</text>\n",
		picture_escaped(region->name, name, sizeof(name)), BAR_LEFT, y + 14,
		region->unit ? " fill=\"#b35909\" font-weight=\"600\"" : "", name, y + 14,
		(unsigned long long)region->start, y + 14,
		np_format_size(region->len, size, sizeof(size)));
	put_stripes(out, data + region->start, region->len, 345, y + 2, 440, 16);
	if (differs)
		picture_put(out,
		            "<text x=\"795\" y=\"%d\" class=\"small\" fill=\"#d1344b\">%llu bytes "
		            "differ</text>\n",
		            y + 14, (unsigned long long)differs);
	else if (region->unit)
		picture_put(
			out,
			"<text x=\"795\" y=\"%d\" class=\"small\" fill=\"#b35909\">this unit's own</text>\n",
			y + 14);
	picture_put(out, "</g>\n");
}

size_t picture_rows(const struct layout *layout, size_t len)
{
	size_t rows = 0;

	for (size_t i = 0; layout && i < layout->region_count; i++)
		rows += layout->regions[i].start + layout->regions[i].len <= len;
	return rows;
}

void picture_put_svg(struct image_text *out, const uint8_t *data, size_t len,
                     const struct layout *layout, const struct image_diff *diff, const char *title)
{
	int height = ROW_TOP + ROW_HIGH * (int)picture_rows(layout, len) + 10, y = ROW_TOP;
	char name[512];

	picture_put(
		out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
		"height=\"%d\" font-family=\"system-ui,sans-serif\" font-size=\"13\">\n"
		"<style>.small{font-size:11px}.mono{font-family:monospace}</style>\n"
		"<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n"
		"<text id=\"title\" x=\"%d\" y=\"32\" font-size=\"18\" font-weight=\"600\">%s</text>\n"
		"<g id=\"map\">\n",
		WIDTH, height, WIDTH, height, WIDTH, height, BAR_LEFT,
		picture_escaped(title, name, sizeof(name)));
	put_stripes(out, data, len, BAR_LEFT, BAR_TOP, BAR_WIDTH, BAR_HIGH);
	put_borders(out, layout, len);
	put_unit_marks(out, layout, len);
	put_islands(out, diff, len);
	picture_put(out, "</g>\n<g id=\"legend\">\n");
	put_legend(out, diff != NULL);
	picture_put(out, "</g>\n<g id=\"regions\">\n");
	for (size_t i = 0; layout && i < layout->region_count; i++) {
		const struct layout_region *region = &layout->regions[i];

		if (region->start + region->len > len)
			continue;
		put_row(out, data, region, diff, y);
		y += ROW_HIGH;
	}
	picture_put(out, "</g>\n</svg>\n");
}

int image_svg(const uint8_t *data, size_t len, const struct layout *layout,
              const struct image_diff *diff, const char *title, struct image_text *out,
              struct np_error *err)
{
	*out = (struct image_text){0};
	picture_put_svg(out, data, len, layout, diff, title);
	return picture_finish(out, err);
}
