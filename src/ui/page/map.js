// SPDX-License-Identifier: GPL-2.0-or-later
// The flash as a map: each region with a strip of cells, painted in what is known of them.
import { h, hex, range, size } from "./dom.js";
import { t } from "./texts.js";

const CELL_WIDTH = 4;
const CELL_HEIGHT = 9;
const NAMES = { ".": "none", r: "read", g: "again", a: "agreed", d: "disagreed", v: "voted", u: "unstable", p: "planned", e: "erase", x: "program", y: "verify",
	w: "written", o: "same", f: "differs" };

let cells = [];
let cellLen = 4096;
let strips = [];
let waiting = false;

// A message of the stream: the runs that changed.
export function heard(map) {
	if (cells.length !== map.cells) cells = new Array(map.cells).fill(".");
	cellLen = map.len;
	for (const [first, count, letter] of map.runs) cells.fill(letter, first, first + count);
	paintSoon();
}

function paintSoon() {
	if (waiting) return;
	waiting = true;
	requestAnimationFrame(() => {
		waiting = false;
		paint();
	});
}

// How many cells have this colour (for the tests, and for those who do not see the map).
export function count(letter) {
	return cells.reduce((sum, cell) => sum + (cell === letter), 0);
}

function colours() {
	const style = getComputedStyle(document.documentElement);
	return Object.fromEntries(Object.entries(NAMES).map(([letter, name]) => [letter, style.getPropertyValue(`--cell-${name}`)]));
}

function paint() {
	const colour = colours();
	for (const strip of strips) paintStrip(strip, colour);
	tellCounts();
}

// The legend names the colours that are in use, and how much there is of each: what the map shows, in words.
function tellCounts() {
	const counts = new Map();
	for (const cell of cells) counts.set(cell, (counts.get(cell) || 0) + 1);
	for (const item of document.querySelectorAll(".legend li")) {
		const many = counts.get(item.dataset.cell) || 0;
		item.hidden = !many;
		if (many) item.querySelector("b").textContent = size(many * cellLen);
	}
}

function paintStrip(strip, colour) {
	const width = strip.canvas.clientWidth;
	if (!width) return;
	const first = Math.floor(strip.start / cellLen);
	const last = Math.min(cells.length, Math.ceil((strip.start + strip.len) / cellLen));
	const columns = Math.max(1, Math.floor(width / CELL_WIDTH));
	const lines = Math.max(1, Math.ceil((last - first) / columns));
	const ratio = window.devicePixelRatio || 1;
	const shape = `${width}x${lines}@${ratio}`;
	if (strip.shape !== shape) {
		strip.canvas.width = width * ratio;
		strip.canvas.height = lines * CELL_HEIGHT * ratio;
		strip.canvas.style.height = `${lines * CELL_HEIGHT}px`;
		strip.shape = shape;
	}
	const pen = strip.canvas.getContext("2d");
	pen.setTransform(ratio, 0, 0, ratio, 0, 0);
	pen.clearRect(0, 0, width, lines * CELL_HEIGHT);
	for (let i = first; i < last; i++) {
		const at = i - first;
		pen.fillStyle = colour[cells[i]] || colour["."];
		pen.fillRect((at % columns) * CELL_WIDTH, Math.floor(at / columns) * CELL_HEIGHT, CELL_WIDTH - 1, CELL_HEIGHT - 2);
	}
}

// Regions in address order, with what lies between them.
function withGaps(regions, end) {
	const all = [];
	let at = 0;
	for (const region of regions) {
		if (region.start > at) all.push({ name: "", start: at, len: region.start - at });
		all.push(region);
		at = Math.max(at, region.start + region.len);
	}
	if (at < end) all.push({ name: "", start: at, len: end - at });
	return all;
}

function regionRow(region, fields) {
	const canvas = h("canvas", { "aria-hidden": "true" });
	strips.push({ canvas, start: region.start, len: region.len });
	const inside = fields.filter((field) => field.start >= region.start && field.start < region.start + region.len);
	return h("li", { class: "region", title: region.holds || null },
		h("div", { class: "head" },
			h("span", {}, h("strong", {}, region.name || t("no region")), region.unit && h("span", { class: "tag unit" }, t("unit tag")),
				region.boot && h("span", { class: "tag boot" }, t("boot tag"))),
			h("span", { class: "mono soft" }, `${hex(region.start)}  ${size(region.len)}`)),
		inside.length ? h("p", { class: "small soft" }, inside.map((field) => field.name).join(", ")) : null,
		region.doubt ? h("p", { class: "small soft" }, region.doubt) : null,
		canvas);
}

export function draw(chip, layout, fields) {
	strips = [];
	const regions = layout && layout.regions.length ? withGaps(layout.regions, chip.size) : [{ name: t("whole chip"), start: 0, len: chip.size }];
	const list = h("ul", { class: "map", "aria-label": t("map") }, regions.map((region) => regionRow(region, fields)));
	paintSoon();
	return list;
}

export function legend() {
	return h("ul", { class: "legend", "aria-label": t("legend") }, Object.entries(NAMES).map(([letter, name]) => h("li", { "data-cell": letter, hidden: true }, h("i", { class: `c-${name}`, "aria-hidden": "true" }), `${t(`cell ${name}`)} `, h("b", {}))));
}

// The regions that bytes lie in.
export function namesAt(layout, start, len) {
	if (!layout) return range(start, len);
	return layout.regions.filter((region) => region.start < start + len && start < region.start + region.len).map((region) => region.name).join(", ");
}

addEventListener("resize", paintSoon);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paintSoon);
