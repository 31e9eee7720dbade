// SPDX-License-Identifier: GPL-2.0-or-later
// Looking: bytes, comparing, backups, and what is supported.
import { $, base, fill, h, hex, range, size } from "./dom.js";
import { namesAt } from "./map.js";
import { bytes, find, get, post, save } from "./net.js";
import { t } from "./texts.js";

const PAGE = 512;
const view = { tab: "backups", from: "", start: 0, data: null, said: "", a: "", b: "", diff: null, query: "", lookup: "", chips: null, layouts: null };
let app = null;

export function draw(given) {
	app = given || app;
	const tabs = ["backups", "hex", "compare", "supported"];
	const row = h("div", { class: "tabs", role: "tablist", "aria-label": t("look"), onkeydown: (event) => {
		const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
		if (!step) return;
		view.tab = tabs[(tabs.indexOf(view.tab) + step + tabs.length) % tabs.length];
		draw();
		$(`tab-${view.tab}`).focus();
	} }, tabs.map((name) => h("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-selected": String(name === view.tab), "aria-controls": "panel", tabindex: name === view.tab ? 0 : -1, onclick: () => {
		view.tab = name;
		draw();
	} }, t(name))));
	const panel = h("div", { id: "panel", role: "tabpanel", "aria-labelledby": `tab-${view.tab}` }, { backups, hex: hexView, compare: compareView, supported }[view.tab]());
	fill($("look"), h("h2", { id: "look-title" }, t("look")), row, panel, app.notes());
}

// ---- sources ----

function sources(withChip) {
	const all = (app.state.kept?.backups || []).map((one) => [one.path, `${one.date} ${base(one.path)}`]);
	if (app.state.read) all.unshift(["read", t("chip as read", app.state.read.name, new Date(app.state.read.time * 1000).toLocaleTimeString(document.documentElement.lang))]);
	if (app.state.file) all.unshift(["file", `${t("file in hand")}: ${app.state.file.name}`]);
	if (withChip && app.chip) all.unshift(["chip", t("the chip")]);
	return all;
}

function picker(id, label, all, chosen, onchange) {
	return h("label", {}, `${label} `, h("select", { id, onchange: (event) => onchange(event.target.value) }, all.map(([value, text]) => h("option", { value, selected: value === chosen }, text))));
}

// ---- backups ----

function backups() {
	const all = app.state.kept?.backups || [];
	if (!all.length) return h("p", { class: "soft" }, t("none"));
	return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("backups") }, h("table", {}, h("thead", {}, h("tr", {}, ["date", "name", "size", ""].map((name) => h("th", { scope: "col" }, name && t(name))))),
		h("tbody", {}, all.map((one, i) => h("tr", {}, h("td", {}, one.date), h("td", {}, h("span", { class: "mono" }, base(one.path)), h("br"), h("span", { class: "soft small" }, [one.chip, one.profile, one.this_chip ? t("this chip") : "", one.whole ? "" : t("partial"), one.passes ? `${one.passes} ${t("passes")}` : ""].filter(Boolean).join(", "))),
			h("td", {}, size(one.size)), h("td", {}, h("div", { class: "row" }, h("button", { type: "button", id: `take-${i}`, onclick: () => app.takeBackup(one.path) }, t("take")), app.download(one.path, `get-${i}`))))))));
}

// ---- bytes ----

async function load(start) {
	view.start = Math.max(0, start - (start % 16));
	view.data = await app.attempt(() => bytes(view.from, view.start, PAGE));
	draw();
}

const layoutOf = () => (view.from === "file" && app.state.file?.is.layout) || (view.from === "read" && app.state.read?.is.layout) || app.layout;

function hexLines() {
	const layout = layoutOf();
	const lines = [];
	let region = null;
	for (let at = 0; at < view.data.length; at += 16) {
		const row = view.data.slice(at, at + 16);
		const address = view.start + at;
		const name = layout ? namesAt(layout, address, 1) : "";
		const unit = layout?.regions.some((one) => one.unit && one.start <= address && address < one.start + one.len);
		const digits = [...row].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
		const letters = [...row].map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".")).join("");
		if (name !== region && name) lines.push(h("span", { class: "soft" }, `-- ${name}\n`));
		region = name;
		lines.push(h("span", { class: unit ? "u" : "" }, `${hex(address).slice(2)}  ${digits.padEnd(47)}  ${letters}\n`));
	}
	return lines;
}

function patternOf(text) {
	const digits = /^0x((?:[0-9a-f]{2}\s*)+)$/i.exec(text.trim());
	if (!digits) return new TextEncoder().encode(text);
	return new Uint8Array(digits[1].match(/[0-9a-f]{2}/gi).map((pair) => parseInt(pair, 16)));
}

async function search(text, start) {
	const at = await app.attempt(() => find(view.from, start, patternOf(text)));
	view.said = at === -1 ? t("not found") : at === null ? "" : hex(at);
	if (at !== null && at >= 0) await load(at);
	else draw();
}

function regionSaver() {
	const layout = layoutOf();
	if (!layout || view.from === "chip") return null;
	const name = (one) => `${one.name}.bin`;
	return h("p", { class: "row" }, picker("save-region", t("save region"), [["", t("choose")], ...layout.regions.map((one) => [one.name, `${one.name} ${range(one.start, one.len)}`])], "", (chosen) => {
		const one = layout.regions.find((region) => region.name === chosen);
		if (one) app.attempt(() => save(view.from, one.start, one.len, name(one)));
	}));
}

// One of the values of a file, with a check before it is taken. `prefix` keeps the names of two editors apart.
export function fieldEditor(prefix, fields, set, disabled) {
	const id = (name) => `${prefix}-${name}`;
	const name = h("select", { id: id("edit-name"), "aria-label": t("field") }, fields.map((one) => h("option", { value: one.name }, one.name)));
	const value = h("input", { id: id("edit-value"), "aria-label": t("value"), value: fields[0].value });
	name.addEventListener("change", () => (value.value = fields.find((one) => one.name === name.value).value));
	return h("form", { class: "row", onsubmit: (event) => {
		event.preventDefault();
		set(name.value, value.value.trim());
	} }, h("span", {}, t("edit field")), name, value, h("button", { id: id("edit-set"), disabled }, t("set")));
}

function editor() {
	const fields = app.state.file?.is.fields || [];
	if (view.from !== "file") return null;
	const set = async (name, value) => {
		await app.setField(name, value);
		await load(view.start);
	};
	return [fields.length ? fieldEditor("look", fields, set, app.working) : null,
		h("p", {}, h("button", { type: "button", id: "get-file", onclick: () => app.attempt(() => save("file", 0, 0, app.state.file.name)) }, t("download")))];
}

function hexView() {
	const all = sources(true);
	if (!all.length) return h("p", { class: "soft" }, t("none"));
	if (!all.some(([value]) => value === view.from)) {
		view.from = all[0][0];
		view.data = null;
	}
	const address = h("input", { id: "hex-address", size: 10, value: hex(view.start), "aria-label": t("go to") });
	const pattern = h("input", { id: "hex-pattern", placeholder: t("find"), "aria-label": t("find"), value: view.query });
	return [h("div", { class: "row" }, picker("hex-from", t("source"), all, view.from, (value) => {
		view.from = value;
		load(0);
	})), h("form", { class: "row", onsubmit: (event) => {
		event.preventDefault();
		load(Number(address.value) || 0);
	} }, address, h("button", { id: "hex-show" }, t("show")), h("button", { type: "button", id: "hex-back", onclick: () => load(view.start - PAGE) }, t("previous")), h("button", { type: "button", id: "hex-on", onclick: () => load(view.start + PAGE) }, t("next"))),
	view.from === "chip" ? null : h("form", { class: "row", onsubmit: (event) => {
		event.preventDefault();
		const again = view.query === pattern.value && view.data;
		view.query = pattern.value;
		if (view.query) search(view.query, again ? view.start + 16 : 0);
	} }, pattern, h("button", { id: "hex-find" }, t("search")), h("span", { role: "status" }, view.said)),
	regionSaver(), editor(), view.data ? h("pre", { class: "hex", tabindex: 0, "aria-label": t("hex") }, hexLines()) : null];
}

// ---- comparing ----

function row(...cells) {
	return h("tr", {}, cells);
}

function table(id, heads, rows) {
	return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t(heads[0]) }, h("table", { id }, h("thead", {}, row(heads.map((name) => h("th", { scope: "col" }, t(name))))), h("tbody", {}, rows)));
}

const unitTag = (one) => (one.unit ? h("span", { class: "tag unit" }, t("unit tag")) : null);

// The fields that have another value, with both.
function changedFields(diff) {
	const other = (one) => diff.fields_b.find((field) => field.name === one.name);
	const changed = diff.fields_a.filter((one) => other(one) && other(one).value !== one.value);
	if (!changed.length) return null;
	return table("differ-fields", ["field", "source", "with"], changed.map((one) => row(h("td", {}, one.name), h("td", { class: "mono" }, one.value), h("td", { class: "mono" }, other(one).value))));
}

function differences(diff) {
	if (!diff.bytes) return h("p", { id: "differ", class: "good-text" }, t("same"));
	const more = diff.count > diff.differences.length ? h("p", { class: "soft" }, t("first places", diff.differences.length)) : null;
	return [h("p", { id: "differ" }, t("differ", diff.bytes, diff.count)), changedFields(diff),
		table("differ-regions", ["region", "address", "bytes differ"], diff.parts.map((one) => row(h("td", {}, one.name || t("no region"), unitTag(one)), h("td", { class: "mono" }, range(one.start, one.len)), h("td", { class: "n" }, String(one.bytes))))),
		h("details", { id: "differ-places" }, h("summary", {}, t("places")), more, table("differ-list", ["address", "region", "bytes differ", "looks like"], diff.differences.map((one) => row(h("td", { class: "mono" }, range(one.start, one.len)),
			h("td", {}, diff.layout ? namesAt(diff.layout, one.start, one.len) : ""), h("td", { class: "n" }, String(one.bytes)), h("td", {}, unitTag(one), ` ${one.guess}`)))))];
}

async function compare() {
	view.diff = await app.attempt(() => get(`/api/compare?a=${encodeURIComponent(view.a)}&b=${encodeURIComponent(view.b)}`));
	draw();
}

// Show the comparison of two sources.
export async function compareWith(a, b) {
	Object.assign(view, { tab: "compare", a, b, diff: null });
	await compare();
	$("look").scrollIntoView({ block: "nearest" });
}

function compareView() {
	const all = sources(false);
	const read = app.chip ? h("button", { type: "button", id: "read-chip", disabled: app.working, onclick: app.readChip }, t("read chip")) : null;
	if (all.length < 2) return [h("p", { class: "soft" }, t("two needed")), read];
	const has = (value) => all.some(([one]) => one === value);
	if (!has(view.a)) view.a = all[0][0];
	if (!has(view.b)) view.b = all[1][0];
	const choose = (which) => (value) => {
		view[which] = value;
		view.diff = null;
		draw();
	};
	return [h("div", { class: "row" }, picker("compare-a", t("source"), all, view.a, choose("a")), picker("compare-b", t("with"), all, view.b, choose("b")),
		h("button", { type: "button", id: "compare-go", onclick: compare }, t("compare")), read), view.diff ? differences(view.diff) : null];
}

// ---- chips and devices ----

async function lookUp(query) {
	view.lookup = query;
	view.chips = view.chips || (await app.attempt(() => get("/api/chips")));
	view.layouts = await app.attempt(() => get(`/api/layouts?q=${encodeURIComponent(query)}`));
	draw();
}

function layoutFound(layout) {
	return layout && [h("h3", {}, layout.device || layout.name), h("table", {}, h("tbody", {}, layout.regions.map((one) => h("tr", {}, h("td", {}, one.name, one.unit ? h("span", { class: "tag unit" }, t("unit tag")) : null), h("td", { class: "mono" }, range(one.start, one.len)), h("td", {}, one.holds)))))];
}

function supported() {
	const query = h("input", { id: "lookup", value: view.lookup, "aria-label": t("search"), type: "search" });
	const words = view.lookup.toLowerCase();
	const chips = (view.chips || []).filter((one) => `${one.maker} ${one.name} ${one.id}`.toLowerCase().includes(words));
	return [h("form", { class: "row", role: "search", onsubmit: (event) => {
		event.preventDefault();
		lookUp(query.value.trim());
	} }, query, h("button", { id: "lookup-go" }, t("search"))), layoutFound(view.layouts?.layout),
	view.chips ? h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("supported") }, h("table", {}, h("thead", {}, h("tr", {}, ["name", "size", "proven"].map((name) => h("th", { scope: "col" }, t(name))))), h("tbody", {},
		(view.layouts?.profiles || []).map((one) => h("tr", {}, h("td", {}, `${one.device} `, h("span", { class: "mono soft" }, one.name)), h("td", {}, one.size ? size(one.size) : ""), h("td", {}))),
		chips.map((one) => h("tr", {}, h("td", {}, `${one.maker} ${one.name} `, h("span", { class: "mono soft" }, one.id)), h("td", {}, size(one.size)), h("td", {}, one.proven)))))) : null];
}
