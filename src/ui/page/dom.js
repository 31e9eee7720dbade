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
	if (element.tagName === "DETAILS") element.dataset.drawn = String(element.open);
	if (element.tagName === "INPUT") element.dataset.drawn = element.value;
}

// What a control holds without anybody's doing.
function drawn(control) {
	if (control.tagName !== "SELECT") return control.dataset.drawn;
	return (control.querySelector("option[selected]") || control.options[0])?.value;
}

// What was typed or chosen stays, unless what it began with has changed.
function keepTyped(before, after) {
	if (!after || before.type === "checkbox" || before.type === "file") return;
	if (before.value !== drawn(before) && drawn(before) === drawn(after)) after.value = before.value;
}

// Replace what a card holds, and leave the keyboard where it was, and what was folded or typed as it was.
export function fill(card, ...children) {
	const focused = card.contains(document.activeElement) ? document.activeElement.id : "";
	const folded = new Map([...card.querySelectorAll("details")].filter((one) => String(one.open) !== one.dataset.drawn).map((one) => [one.id, one.open]));
	const controls = [...card.querySelectorAll("input[id], select[id]")];
	card.replaceChildren(...children.flat(9).filter((child) => child));
	for (const one of card.querySelectorAll("details")) if (folded.has(one.id)) one.open = folded.get(one.id);
	for (const one of controls) keepTyped(one, card.querySelector(`#${CSS.escape(one.id)}`));
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
