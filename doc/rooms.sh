#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# rooms.sh FILE: draws the rooms that FILE (doc/rooms.txt) describes as SVG on standard output.
set -eu
awk '
function box_x(room) { return gap + (wide - 2 * gap) * (place[room] + 0.5) / rowlen[row[room]] }
function box_y(room) { return 20 + row[room] * step }
function text(x, y, class, words) { printf "<text x=\"%d\" y=\"%d\" class=\"%s\">%s</text>\n", x, y, class, words }

# Half of the words a line: boxes are narrow.
function split_words(words, half,    n, i, part) {
	n = split(words, part, " ")
	half[1] = half[2] = ""
	for (i = 1; i <= n; i++) {
		k = length(half[1] part[i]) <= 25 && half[2] == "" ? 1 : 2
		half[k] = half[k] (half[k] == "" ? "" : " ") part[i]
	}
}

function draw_box(room,    x, y, half) {
	x = box_x(room); y = box_y(room)
	printf "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n", x - w / 2, y, w, h
	text(x, y + 20, "room", room)
	split_words(is[room], half)
	text(x, y + 36, "is", half[1])
	if (half[2] != "") text(x, y + 50, "is", half[2])
}

function draw_arrow(from, to,    x1, y1, x2, y2) {
	x1 = box_x(from); x2 = box_x(to); y1 = box_y(from); y2 = box_y(to)
	if (row[from] < row[to]) y1 += h
	else if (row[from] > row[to]) y2 += h
	else {
		y1 += h / 2; y2 += h / 2
		x1 += x1 < x2 ? w / 2 : -w / 2
		x2 += x1 < x2 ? -w / 2 : w / 2
	}
	printf "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" marker-end=\"url(#head)\"/>\n", x1, y1, x2, y2
}

BEGIN { wide = 1000; gap = 10; step = 96; w = 182; h = 60 }
/^#/ || NF == 0 { next }
$1 == "row" {
	rowlen[rows] = NF - 1
	for (i = 2; i <= NF; i++) { room[++rooms] = $i; row[$i] = rows; place[$i] = i - 2 }
	rows++
}
$1 == "is" { name = $2; sub(/^is +[^ ]+ +/, ""); gsub(/&/, "\\&amp;"); is[name] = $0 }
$1 == "arrow" { for (i = 3; i <= NF; i++) { ++arrows; from[arrows] = $2; to[arrows] = $i } }
END {
	high = 20 + rows * step - (step - h) + 20
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\">\n", wide, high
	print "<title>The rooms of norprog: arrows point at what a room includes</title>"
	print "<style>rect{fill:#eef3f8;stroke:#47627d}line{stroke:#47627d;stroke-width:1.4}"
	print "text{text-anchor:middle}.room{font-size:15px;font-weight:600}.is{font-size:11px;fill:#333}</style>"
	print "<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">"
	print "<path d=\"M0 0L8 4L0 8z\" fill=\"#47627d\"/></marker></defs>"
	printf "<rect width=\"%d\" height=\"%d\" style=\"fill:#fff;stroke:none\"/>\n", wide, high
	for (i = 1; i <= arrows; i++) {
		if (!(from[i] in row) || !(to[i] in row)) { print "rooms.sh: no such room: " from[i] " " to[i] > "/dev/stderr"; exit 1 }
		draw_arrow(from[i], to[i])
	}
	for (i = 1; i <= rooms; i++) draw_box(room[i])
	print "</svg>"
}' "$1"
