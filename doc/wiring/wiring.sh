#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# wiring.sh FILE NAME: draws the picture NAME that FILE (doc/wiring/wiring.txt) describes as SVG on standard output.
set -eu
awk -v name="$2" '
function text(x, y, anchor, words) {
	gsub(/&/, "\\&amp;", words)
	printf "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>\n", x, y, anchor, words
}

# Where pin of the chip ends: side -1 left, 1 right.
function pin_y(pin) { return top + 22 + (pin <= half ? pin - 1 : 2 * half - pin) * step }
function draw_pin(pin, label,    side, x) {
	side = pin <= half ? -1 : 1
	x = side < 0 ? left : right
	printf "<rect class=\"pin\" x=\"%d\" y=\"%d\" width=\"16\" height=\"10\"/>\n", side < 0 ? x - 16 : x, pin_y(pin) - 5
	text(side < 0 ? x + 6 : x - 6, pin_y(pin) + 5, side < 0 ? "start" : "end", label == "" ? pin : side < 0 ? pin " " label : label " " pin)
}

# From row of the programmer to pin; pins of the right side are reached above or below the chip.
function draw_wire(row, pin, colour, over, bulge,    y1, y2) {
	y1 = first + row * gap; y2 = pin_y(pin)
	if (pin <= half)
		printf "<path d=\"M%d %dC%d %d %d %d %d %d\" stroke=\"%s\"/>\n", from, y1, from + 110, y1, left - 120, y2, left - 16, y2, colour
	else
		printf "<path d=\"M%d %dC%d %d %d %d %d %dS%d %d %d %d\" stroke=\"%s\"/>\n", from, y1, from + 90, y1, left - 70, over,
			(left + right) / 2, over, right + bulge, y2, right + 16, y2, colour
}

function draw(title, pins, note,    i, n, label, number) {
	half = wide ? 8 : 4; step = wide ? 26 : 40; gap = 34; top = 64; left = 470; right = 620; from = 250; first = 70
	bottom = top + (half - 1) * step + 44
	height = (bottom > first + 6 * gap ? bottom : first + 6 * gap) + (note == "" ? 24 : 62)
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 %d\" font-family=\"sans-serif\" font-size=\"15\">\n", height
	printf "<title>%s</title>\n<style>rect{fill:#eef3f8;stroke:#47627d}.pin{fill:#bbb;stroke:none}path{fill:none;stroke-width:3}", title
	printf "text{fill:#1c2733}</style>\n<rect x=\"0\" y=\"0\" width=\"760\" height=\"%d\" style=\"fill:#fff;stroke:none\"/>\n", height
	printf "<g font-weight=\"600\">\n"; text(20, 28, "start", title); printf "</g>\n"
	printf "<rect x=\"20\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"8\"/>\n", first - 24, from - 20, 5 * gap + 48
	n = split("3.3 V|CS#|MISO|GND|MOSI|CLK", label, "|")
	# Where each of these stands on the programmer, from the top, so that few wires cross.
	split(wide ? "2 3 4 5 1 0" : "0 1 2 3 4 5", row_of, " ")
	for (i = 1; i <= n; i++) text(from - 12, first + row_of[i] * gap + 5, "end", pins[i])
	printf "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\"/>\n", left, top, right - left, bottom - top
	printf "<circle cx=\"%d\" cy=\"%d\" r=\"5\" fill=\"#47627d\"/>\n", left + 14, top + 9
	split(wide ? "2 7 8 10 15 16" : "8 1 2 4 5 6", number, " ")
	for (i = 1; i <= 2 * half; i++) name_of[i] = ""
	for (i = 1; i <= n; i++) name_of[number[i]] = label[i]
	name_of[wide ? 9 : 3] = "WP#"; name_of[wide ? 1 : 7] = "HOLD#"
	split("#c0392b #8e44ad #2471a3 #222222 #b9770e #1e8449", colour, " ")
	split(wide ? top - 34 " " top - 18 " " bottom + 18 : bottom + 34 " " bottom + 16 " " top - 26, over, " ")
	split("130 80 80", bulge, " ")
	turn[6] = 1; turn[5] = 2; turn[wide ? 4 : 1] = 3
	for (i = 1; i <= n; i++) draw_wire(row_of[i], number[i], colour[i], over[turn[i]], bulge[turn[i]])
	for (i = 1; i <= 2 * half; i++) draw_pin(i, name_of[i])
	for (i = 1; i <= 2 * half; i++)
		if ((name_of[i] == "WP#" && !wide) || name_of[i] == "HOLD#") { # where a wire lies, the note says it
			printf "<path d=\"M%d %dh%d\" stroke=\"%s\" stroke-dasharray=\"4 3\"/>\n", i <= half ? left - 16 : right + 16, pin_y(i), i <= half ? -26 : 26, colour[1]
			text(i <= half ? left - 46 : right + 46, pin_y(i) + 5, i <= half ? "end" : "start", "to 3.3 V")
		}
	if (note != "") text(20, height - 16, "start", note)
	print "</svg>"
}

$1 == "picture" && $2 == name {
	n = split($0, part, "|")
	split(part[1], head, " ")
	wide = head[3] == 16
	for (i = 1; i <= 6; i++) pins[i] = part[i + 2]
	draw(part[2], pins, part[9])
	found = 1
}
END { if (!found) exit 1 }
' "$1"
