// SPDX-License-Identifier: GPL-2.0-or-later
// Elements and numbers. Whatever comes from files, chips and USB becomes text nodes here, never markup.

// h("p", {class: "soft", onclick: f}, "text", element, null, [more])
export function h(name, attributes, ...children) {
	const element = document.createElement(name);
	set(element, attributes);
	element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
	return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(name, attributes, ...children) {
	const element = document.createElementNS(SVG, name);
	set(element, attributes);
	element.append(...children.flat(9));
	return element;
}

function set(element, attributes) {
	for (const [key, value] of Object.entries(attributes || {})) {
		if (value === null || value === undefined || value === false) continue;
		if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
		else if (["value", "checked", "disabled", "hidden", "indeterminate"].includes(key)) element[key] = value;
		else element.setAttribute(key, value === true ? "" : value);
	}
}

// Replace what a card holds, and leave the keyboard where it was and folded parts as they were.
export function fill(card, ...children) {
	const focused = card.contains(document.activeElement) ? document.activeElement.id : "";
	const open = new Set([...card.querySelectorAll("details[open]")].map((one) => one.id));
	card.replaceChildren(...children.flat(9).filter((child) => child));
	for (const one of card.querySelectorAll("details")) if (open.has(one.id)) one.open = true;
	if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

export const $ = (id) => document.getElementById(id);

export function hex(value, digits = 6) {
	return "0x" + value.toString(16).padStart(digits, "0");
}

export function range(start, len) {
	return `${hex(start)}-${hex(start + len - 1)}`;
}

export function size(bytes) {
	for (const [unit, factor] of [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 1024]])
		if (bytes >= factor && (bytes % factor === 0 || bytes >= 10 * factor || unit === "GiB"))
			return `${trim(bytes / factor)} ${unit}`;
	return bytes >= 1024 ? `${trim(bytes / 1024)} KiB` : `${bytes} B`;
}

const trim = (number) => String(Math.round(number * 10) / 10);

export function seconds(us) {
	const s = us / 1e6;
	if (s < 10) return `${s.toFixed(1)} s`;
	if (s < 100) return `${Math.round(s)} s`;
	return `${Math.floor(s / 60)} min ${Math.round(s % 60)} s`;
}

export const base = (path) => path.split("/").pop();
