/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The wires of an adapter to a chip as SVG. Pins of the packages as in JEDEC's data sheets, pads of the
 * adapters as in wiring.c. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "doctor/doctor.h"

enum signal { NONE, CS, MISO, WP, GND, MOSI, CLK, HOLD, VCC, SIGNALS };

#define ROW   30 /* pixels from pin to pin */
#define CHIP  250
#define WIDE  120
#define TOTAL 620

static const struct {
	const char *name, *colour;
} signals[SIGNALS] = {
	[NONE] = {"", "none"},      [CS] = {"CS", "#b06000"},      [MISO] = {"MISO", "#0060b0"},
	[WP] = {"WP#", "#888888"},  [GND] = {"GND", "#222222"},    [MOSI] = {"MOSI", "#008040"},
	[CLK] = {"CLK", "#8030a0"}, [HOLD] = {"HOLD#", "#888888"}, [VCC] = {"3.3 V", "#c00000"},
};

static const unsigned char soic8[] = {CS, MISO, WP, GND, MOSI, CLK, HOLD, VCC};
static const unsigned char soic16[] = {HOLD, VCC, NONE, NONE, NONE, NONE, CS,   MISO,
                                       WP,   GND, NONE, NONE, NONE, NONE, MOSI, CLK};

/* What the wire of a signal goes to. */
static const struct pads {
	const char *driver;
	const char *to[SIGNALS];
} adapters[] = {
	{"ch341a", {"", "D0", "D7", "3.3 V", "GND", "D5", "D3", "3.3 V", "3.3 V"}},
	{"ch347", {"", "CS0", "MISO", "3.3 V", "GND", "MOSI", "SCK", "3.3 V", "3.3 V"}},
	{"ft232h", {"", "AD3", "AD2", "3.3 V", "GND", "AD1", "AD0", "3.3 V", "3.3 V"}},
	{"spidev",
         {"", "header 24", "header 21", "3.3 V (17)", "header 25", "header 19", "header 23",
          "3.3 V (17)", "header 17"}},
	{"serprog",
         {"", "D10", "D12", "3.3 V", "GND", "D11 (shifted)", "D13 (shifted)", "3.3 V", "3.3 V"}},
	{NULL, {"", "CS", "MISO", "3.3 V", "GND", "MOSI", "CLK", "3.3 V", "3.3 V"}},
};

struct svg {
	char *buf;
	size_t len, used;
};

__attribute__((format(printf, 2, 3))) static void add(struct svg *svg, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(svg->buf + svg->used, svg->len - svg->used, format, args);
	va_end(args);
	if (n > 0)
		svg->used +=
			(size_t)n < svg->len - svg->used ? (size_t)n : svg->len - svg->used - 1;
}

/* A pin, its wire, and the pad at the wire's end. `side`: -1 left, 1 right. */
static void draw_pin(struct svg *svg, unsigned pin, enum signal signal, const char *to, int y,
                     int side)
{
	int edge = side < 0 ? CHIP : CHIP + WIDE, end = edge + side * 130;
	const char *out = side < 0 ? "end" : "start", *in = side < 0 ? "start" : "end";

	add(svg, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%u</text>\n", edge - side * 8, y + 5,
	    in, pin);
	if (signal == NONE)
		return;
	add(svg,
	    "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"3\"/>\n",
	    edge, y, end, y, signals[signal].colour);
	add(svg, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", edge + side * 65,
	    y - 4, signals[signal].name);
	add(svg,
	    "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\"><tspan font-weight=\"bold\">%s</tspan></text>\n",
	    end + side * 6, y + 5, out, to);
}

const char *doctor_drawing(const char *driver, const char *package, char *buf, size_t len)
{
	bool wide = package && strcmp(package, "SOIC16") == 0;
	const unsigned char *pins = wide ? soic16 : soic8;
	unsigned count = wide ? sizeof(soic16) : sizeof(soic8), half = count / 2;
	const struct pads *pads = adapters;
	struct svg svg = {buf, len, 0};
	int height = (int)half * ROW + 40;

	while (pads->driver && !(driver && strcmp(pads->driver, driver) == 0))
		pads++;
	add(&svg,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
	    "font-family=\"sans-serif\" font-size=\"14\">\n"
	    "<rect x=\"%d\" y=\"10\" width=\"%d\" height=\"%d\" rx=\"6\" fill=\"#eee\" "
	    "stroke=\"#222\"/>\n<circle cx=\"%d\" cy=\"24\" r=\"5\" fill=\"#222\"/>\n",
	    TOTAL, height, CHIP, WIDE, height - 20, CHIP + WIDE / 2 - 30);
	for (unsigned i = 0; i < half; i++) {
		int y = 35 + (int)i * ROW;

		draw_pin(&svg, i + 1, pins[i], pads->to[pins[i]], y, -1);
		draw_pin(&svg, count - i, pins[count - 1 - i], pads->to[pins[count - 1 - i]], y, 1);
	}
	add(&svg, "</svg>\n");
	return buf;
}
