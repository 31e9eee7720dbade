// SPDX-License-Identifier: GPL-2.0-or-later
// The page: what the stream tells is kept in `state`, and each card is drawn from it.
import { $, base, fill, h, hex, range, seconds, size, svg } from "./dom.js";
import * as look from "./look.js";
import * as map from "./map.js";
import { enter, post, save, upload, watch } from "./net.js";
import { has, languages, t, use } from "./texts.js";

const state = { clip: null, device: null, doctor: null, file: null, read: null, job: null, kept: null, notes: [], progress: null };
const choice = { keep: new Set(["unit"]), override: new Set() };
let trouble = null; // of the last request
let lost = "";
let busy = false; // a file is on its way
let newAddress = "";

const chip = () => state.clip?.chip;
const layout = () => state.device?.layout;
const stage = () => state.job?.stage || "idle";
const working = () => ["planning", "running"].includes(stage());

// ---- asking ----

async function attempt(request) {
	trouble = null;
	try {
		return await request();
	} catch (error) {
		trouble = error.message ? error : { message: String(error), hint: "" };
	} finally {
		drawAlerts();
	}
	return null;
}

// What is written, by what the file says of itself.
function writeOrder() {
	const is = state.file.is;
	const order = { op: "write", keep: [...choice.keep].filter((name) => name !== "unit" || hasUnit()) };
	const partial = state.file.backup && state.kept?.backups.some((one) => one.path === state.file.backup && !one.whole);
	if (partial) order.op = "restore";
	else if (is.len - is.strip !== chip().size && is.len !== chip().size && is.has_place) {
		order.at = hex(is.place);
		if (is.strip) order.strip = true;
	}
	order.override = [...choice.override];
	if (layout() && state.file.set.length) order.set = state.file.set;
	return order;
}

const hasUnit = () => Boolean(layout()?.regions.some((region) => region.unit));

function makePlan() {
	return attempt(() => post("/api/job", writeOrder()));
}

async function order(op, more) {
	await attempt(() => post("/api/job", { op, ...more }));
}

// Ask again for the same, with the refusals lifted that were ticked.
async function orderAgain() {
	const again = { ...state.job.order, override: [...choice.override] };
	await attempt(() => post("/api/job", again));
}

async function takeFile(file) {
	if (!file) return;
	busy = true;
	choice.override.clear();
	drawWrite();
	await take(() => upload(file));
	busy = false;
	drawWrite();
}

// The stream tells what the file is, before or after the answer: what was in hand before is put away, so
// that no plan is made of it.
async function take(request) {
	const taken = await attempt(async () => {
		await post("/api/drop");
		state.file = null;
		return request();
	});
	wanted = Boolean(taken);
	planWanted();
}

// The plan is made as soon as there are a file and a chip.
let wanted = false;
function planWanted() {
	if (!wanted || !state.file || !chip() || working()) return;
	wanted = false;
	makePlan();
}

export async function takeBackup(path) {
	choice.override.clear();
	await take(() => post("/api/backup", { path }));
}

// A value in the file in hand; the plan is made again, and writes it whatever is kept. The stream tells the
// file as it is now, perhaps later: the next order must not be without the value.
export async function setField(name, value) {
	const file = state.file;
	if (!(await attempt(() => post("/api/field", { set: `${name}=${value}` })))) return;
	const others = state.file.set.filter((one) => !one.startsWith(`${name}=`));
	if (state.file === file) state.file = { ...file, set: [...others, `${name}=${value}`] };
	wanted = true;
	planWanted();
}

// Read the chip and show where it differs from the file.
let comparing = false;
async function compareWithChip() {
	comparing = true; // before the answer: the stream may be quicker
	if (!(await attempt(() => post("/api/look")))) comparing = false;
}

// ---- pieces ----

function box(kind, ...children) {
	return h("div", { class: `box ${kind}` }, children);
}

// What to do next. The library's hints are for all its users; what only helps in a terminal is marked as such.
function hint(one) {
	const own = `hint ${one.gate}`;
	if (one.gate && has(own)) return h("p", { class: "small" }, t(own));
	if (!one.hint) return null;
	const typed = /(^|[\s`'(])(-{1,2}[a-zA-Z]|norprog )/.test(one.hint);
	return h("p", { class: "small" }, typed ? [h("span", { class: "soft" }, t("in a terminal")), " "] : null, one.hint);
}

function errorBox(error) {
	return h("div", { class: "box bad", role: "alert" }, h("p", {}, h("strong", {}, error.message)), hint(error));
}

function button(id, text, onclick, kind = "", disabled = false) {
	return h("button", { id, type: "button", class: kind, onclick, disabled }, text);
}

function title(id, text) {
	return h("h2", { id }, text);
}

// ---- the clip ----

function contact() {
	const { agreed, reads } = state.clip;
	const word = agreed === reads ? "contact good" : agreed ? "contact bad" : "contact lost";
	const bars = Math.round((agreed / reads) * 8);
	return h("span", { role: "meter", "aria-label": t("contact"), "aria-valuemin": 0, "aria-valuemax": reads, "aria-valuenow": agreed, "aria-valuetext": t(word) },
		h("span", { class: "contact", "aria-hidden": "true" }, [...Array(8).keys()].map((i) => h("i", { class: i < bars ? "on" : null }))),
		h("span", { class: agreed === reads ? "good-text" : "bad-text" }, t(word)));
}

// What norprog_doctor() found, line by line, and what to do.
function diagnosis() {
	const found = state.doctor;
	if (!found) return null;
	if (found.running) return h("p", { class: "soft", role: "status" }, t("examining"));
	if (found.error) return errorBox(found.error);
	const kind = { ok: "good-text", doubtful: "warn-text", wrong: "bad-text" };
	return [h("div", { id: "diagnosis", class: `box ${found.good ? "good" : "bad"}`, role: "status" }, h("p", {}, h("strong", {}, found.conclusion)), hint({ hint: found.action })),
		h("details", { id: "checks", open: !found.good }, h("summary", {}, t("checks")), h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("checks") }, h("table", {}, h("tbody", {}, found.checks.map((one) =>
			h("tr", {}, h("td", { class: kind[one.level] || "soft" }, one.level), h("td", {}, one.name), h("td", {}, one.text)))))))];
}

// How it is wired: doctor's picture for this adapter and package, or the pins of the usual package.
function wiring() {
	if (state.doctor?.wiring) return h("details", { id: "wiring", open: !chip() }, h("summary", {}, t("wiring")), h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("wiring") }, h("pre", { class: "picture" }, state.doctor.wiring)));
	const left = ["1 CS#", "2 DO", "3 WP#", "4 GND"];
	const right = ["VCC 8", "HOLD# 7", "CLK 6", "DI 5"];
	const rows = left.map((name, i) => [
		svg("line", { x1: 80, x2: 100, y1: 30 + 28 * i, y2: 30 + 28 * i }), svg("line", { x1: 180, x2: 200, y1: 30 + 28 * i, y2: 30 + 28 * i }),
		svg("text", { x: 74, y: 34 + 28 * i, "text-anchor": "end" }, name), svg("text", { x: 206, y: 34 + 28 * i }, right[i])]);
	return h("details", { id: "wiring", open: !chip() }, h("summary", {}, t("wiring")),
		svg("svg", { class: "wiring", viewBox: "0 0 280 145", role: "img", "aria-label": [...left, ...right].join(", ") },
			svg("rect", { x: 100, y: 10, width: 80, height: 124, rx: 6 }), svg("circle", { cx: 112, cy: 22, r: 4 }), rows),
		h("p", { class: "small soft" }, t("wiring hint")));
}

function programmers() {
	const all = state.clip.programmers.filter((one) => one.spec);
	const notes = state.clip.programmers.filter((one) => one.note).map((one) => box("warn", `${one.driver} ${one.where}: ${one.note}`));
	if (all.length < 2) return notes;
	return [h("label", {}, `${t("programmer")} `, h("select", { id: "programmer", disabled: working(), onchange: (event) => attempt(() => post("/api/open", { spec: event.target.value })) },
		all.map((one) => h("option", { value: one.spec, selected: one.spec === state.clip.spec }, `${one.driver} ${one.where} ${one.product}`)))), notes];
}

function facts(c) {
	const rows = [["chip", h("strong", { id: "chip-name" }, `${c.maker} ${c.name}`)], ["size", size(c.size)], ["programmer", c.programmer],
		["clock", `${c.hz / 1e6} MHz`], ["contact", contact()], ["protection", state.clip.protection?.text || ""], ["unique id", h("code", {}, c.unique_id || "-")]];
	return h("dl", { class: "facts" }, rows.map(([name, value]) => [h("dt", {}, t(name)), h("dd", {}, value)]));
}

function drawClip() {
	const c = chip();
	const children = [title("clip-title", t("clip"))];
	if (!state.clip) children.push(h("p", { class: "soft" }, t("looking")));
	else {
		children.push(programmers());
		if (c) children.push(facts(c));
		if (c?.low_voltage) children.push(box("warn", t("low voltage")));
		if (c?.note) children.push(h("p", { class: "small soft" }, c.note));
		if (state.clip.protection?.ranges.length) children.push(box("warn", state.clip.protection.meaning));
		if (state.clip.error) children.push(errorBox(state.clip.error));
		const examining = Boolean(state.doctor?.running);
		children.push(h("div", { class: "row" }, button("again", t("look again"), () => attempt(() => post("/api/open", {})), "", working() || examining),
			button("examine", t("examine"), () => attempt(() => post("/api/doctor")), state.clip.error ? "main" : "", working() || examining)), diagnosis(), wiring());
	}
	fill($("clip"), children);
	$("status").textContent = c ? `${c.name}, ${size(c.size)}${layout()?.device ? `: ${layout().device}` : ""}` : state.clip?.error ? state.clip.error.message : t("looking");
}

// ---- the device ----

const flag = (field) => h("span", { class: field.state === "good" ? "good-text" : "warn-text" }, t(field.state), field.flaw ? `: ${field.flaw}` : "");

export function fieldTable(fields) {
	return h("table", {}, h("thead", {}, h("tr", {}, ["field", "value", "check"].map((name) => h("th", { scope: "col" }, t(name))))),
		h("tbody", {}, fields.map((field) => h("tr", {}, h("td", {}, field.name), h("td", { class: "mono" }, field.value), h("td", {}, flag(field))))));
}

function whose(device) {
	const found = device.recognised;
	if (layout()?.device && found?.name) return h("p", {}, `${t("recognised")}: `, h("strong", {}, layout().device));
	if (layout()) return h("p", {}, h("strong", {}, layout().device || layout().name));
	return h("p", {}, h("strong", {}, t("not recognised")));
}

function drawDevice() {
	const device = state.device;
	const children = [title("device-title", t("device"))];
	if (chip() && device) {
		const found = device.recognised;
		children.push(whose(device), found?.why ? h("p", { class: "small soft" }, found.why) : null, found?.also ? h("p", { class: "small warn-text" }, `${t("ambiguous")}: ${found.also}`) : null);
		const chosen = h("input", { id: "layout-name", list: "layout-names", autocomplete: "off" });
		children.push(h("details", { id: "layout-choice", open: !layout() || Boolean(device.error) }, h("summary", {}, t("choose layout")), h("form", { class: "row", onsubmit: (event) => {
			event.preventDefault();
			attempt(() => post("/api/layout", { name: chosen.value.trim() || null }));
		} }, h("label", { class: "hidden", for: "layout-name" }, t("choose layout")), chosen, h("button", { id: "layout-use", disabled: working() }, t("use"))), device.error ? errorBox(device.error) : null));
		children.push(map.legend(), map.draw(chip(), layout(), device.fields));
		if (device.fields.length) children.push(h("h3", {}, t("fields")), h("div", { class: "scroll" }, fieldTable(device.fields)));
	} else children.push(h("p", { class: "soft" }, state.clip?.error ? state.clip.error.hint : t("looking")));
	fill($("device"), children);
}

// ---- back up ----

const ownBackups = () => (state.kept?.backups || []).filter((one) => one.this_chip && one.whole && one.chip_size === chip()?.size);

export function download(path, id) {
	return button(id, t("download"), () => attempt(() => save(path, 0, 0, base(path))));
}

function drawBackup() {
	const last = ownBackups()[0];
	const children = [title("backup-title", t("back up")), h("p", { class: "soft small" }, t("backup why")),
		h("div", { class: "row" }, button("do-backup", t("back up now"), () => order("read"), last ? "" : "main", !chip() || working()))];
	if (last) children.push(box("good", h("p", {}, `${t("last backup")}: ${last.date}`), h("p", { class: "mono small" }, base(last.path)), h("div", { class: "row" }, download(last.path, "get-last"))));
	else if (chip()) children.push(h("p", { class: "small warn-text" }, t("no backup yet")));
	fill($("backup"), children);
}

// ---- a file ----

function dropZone() {
	const input = h("input", { type: "file", id: "file", class: "hidden", disabled: working(), onchange: (event) => takeFile(event.target.files[0]) });
	return h("label", { class: "drop", ondragover: (event) => {
		event.preventDefault();
		event.currentTarget.classList.add("over");
	}, ondragleave: (event) => event.currentTarget.classList.remove("over"), ondrop: (event) => {
		event.preventDefault();
		event.currentTarget.classList.remove("over");
		takeFile(event.dataTransfer.files[0]);
	} }, input, busy ? t("uploading") : t("drop"));
}

function backupChoice() {
	const all = (state.kept?.backups || []).filter((one) => one.chip_size === chip()?.size);
	if (!all.length) return null;
	return h("p", { class: "row" }, h("label", { for: "choose-backup" }, t("or backup")), h("select", { id: "choose-backup", disabled: working(), onchange: (event) => event.target.value && takeBackup(event.target.value) },
		h("option", { value: "" }, t("choose")), all.map((one) => h("option", { value: one.path }, `${one.date} ${base(one.path)}${one.whole ? "" : ` (${t("partial")})`}`))));
}

function keepSwitch(name, text, extra) {
	return h("label", { class: "check" }, h("input", { type: "checkbox", id: `keep-${name}`, checked: choice.keep.has(name), disabled: working(), onchange: (event) => {
		if (event.target.checked) choice.keep.add(name);
		else choice.keep.delete(name);
		attempt(() => post("/api/clear"));
	} }), h("span", {}, text, extra));
}

function keepList() {
	if (!layout()) return null;
	return [h("h3", {}, t("keep")), hasUnit() ? keepSwitch("unit", t("keep unit"), h("span", { class: "soft small" }, ` (${layout().regions.filter((one) => one.unit).map((one) => one.name).join(", ")})`)) : null,
		h("details", { id: "keep-more" }, h("summary", {}, t("keep more")), layout().regions.filter((one) => !one.unit).map((one) => keepSwitch(one.name, one.name, h("span", { class: "soft mono small" }, ` ${range(one.start, one.len)}`))))];
}

function aboutFile() {
	const { is, name } = state.file;
	return [h("p", {}, h("strong", { id: "file-name" }, name), ` ${size(is.len)}`), h("p", {}, is.text), is.why ? h("p", { class: "small soft" }, is.why) : null,
		is.has_place && is.len !== chip()?.size ? h("p", { class: "small" }, t("belongs at", `${hex(is.place)} ${is.region}`), is.strip ? `, ${t("without header", size(is.strip))}` : "") : null,
		is.damaged ? box("bad", t("damaged")) : null, is.truncated ? box("bad", t("truncated")) : null,
		is.fields.length ? h("details", { id: "file-fields" }, h("summary", {}, t("whose")), fieldTable(is.fields), look.fieldEditor("file", is.fields, setField, working())) : null,
		state.file.set.length ? box("warn", h("p", { id: "file-set" }, t("set by you", state.file.set.map((one) => one.replace("=", " = ")).join(", ")))) : null];
}

function drawWrite() {
	const children = [title("write-title", t("write"))];
	if (!state.file) children.push(dropZone(), backupChoice());
	else {
		children.push(aboutFile(), keepList(), h("div", { class: "row" },
			button("make-plan", t("plan again"), makePlan, stage() === "idle" ? "main" : "", !chip() || working()),
			button("compare-chip", t("compare chip"), compareWithChip, "", !chip() || working() || state.file.is.len !== chip().size),
			button("put-away", t("put away"), () => attempt(async () => {
				await post("/api/drop");
				await post("/api/clear");
			}), "", working())));
	}
	fill($("write"), children);
}

// ---- the job ----

function planTable(plan) {
	return h("details", { id: "plan-steps", open: plan.count <= 12 }, h("summary", {}, `${t("steps")}: ${plan.count}`), h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("plan") },
		h("table", {}, h("thead", {}, h("tr", {}, ["address", "region", "first", "time"].map((name) => h("th", { scope: "col" }, t(name))))),
			h("tbody", {}, plan.steps.map((step) => h("tr", {}, h("td", { class: "mono" }, range(step.start, step.len)), h("td", {}, step.regions),
				h("td", {}, step.erase ? t("erase of", size(step.erase)) : t("program only")), h("td", {}, seconds(step.us))))))));
}

function refusal(one) {
	const lift = one.can_override ? h("label", { class: "check" }, h("input", { type: "checkbox", id: `override-${one.gate}`, checked: choice.override.has(one.gate), onchange: (event) => {
		if (event.target.checked) choice.override.add(one.gate);
		else choice.override.delete(one.gate);
		drawJob();
	} }), h("span", {}, t("override"))) : null;
	return h("div", { class: "box bad", role: "alert" }, h("p", {}, h("strong", {}, `${t("refused")}: `), one.message), hint(one), h("p", { class: "small soft" }, `${t("gate")}: `, h("code", {}, one.gate)), lift);
}

function verdicts() {
	const all = state.job.verdicts || [];
	const passed = all.filter((one) => one.kind === "pass");
	return [all.filter((one) => one.kind === "refusal").map(refusal),
		all.filter((one) => one.kind === "warning").map((one) => box("warn", h("p", {}, one.message, one.overridden ? h("span", { class: "tag" }, t("lifted")) : null), hint(one))),
		passed.length ? h("details", { id: "passed" }, h("summary", {}, t("checks passed", passed.length)), h("p", { class: "small soft" }, passed.map((one) => one.gate).join(", "))) : null];
}

function showPlan() {
	const plan = state.job.plan;
	if (!plan || ["done", "running"].includes(stage())) return null;
	if (plan.nothing) return box("good", t("nothing to do"));
	return [h("p", { id: "plan-sum" }, t("plan sum", size(plan.erase_bytes), size(plan.program_bytes), seconds(plan.us)), " ", t("backup first")), told(), planTable(plan)];
}

// What the job says of this unit's values: what stays, what becomes what.
function told() {
	const all = state.job.told || [];
	return all.length ? h("ul", { id: "told", class: "small" }, all.map((line) => h("li", {}, line))) : null;
}

function trust(result) {
	if (result.all_ff || result.all_00 || result.equal_halves || result.zero_bursts) return box("bad", t("trust odd"));
	if (result.disagreed_blocks) return box("warn", t("trust voted", result.disagreed_blocks));
	return result.passes > 1 ? box("good", t("trust yes", result.passes)) : box("warn", t("trust once"));
}

function showResult() {
	const { op, result } = state.job;
	if (op === "look" && stage() === "done") return box("good", t("done look"));
	if (stage() !== "done" || !result) return null;
	if (op === "read") return [trust(result), h("p", {}, t("done read", base(result.file)), ` (${size(result.file_bytes)})`), h("p", { class: "mono small" }, `SHA-256 ${result.sha256}`), h("div", { class: "row" }, download(result.file, "get-backup"))];
	if (op === "verify") return box("good", t("done same"));
	if (op === "discard") return box("good", t("done forget"));
	if (result.nothing) return box("good", t("nothing to do"));
	return [box("good", h("p", { id: "done" }, t("done write", size(result.changed_bytes), seconds(result.us)))),
		result.backup ? h("p", { class: "mono small" }, base(result.backup)) : null,
		result.backup ? h("div", { class: "row" }, button("undo-this", t("undo this"), () => order("restore", { backup: result.backup }))) : null];
}

function jobButtons() {
	const ticked = (state.job.verdicts || []).some((one) => one.kind === "refusal" && choice.override.has(one.gate));
	if (stage() === "planned" && !state.job.plan?.nothing)
		return [button("go", state.job.op === "write" ? t("write now") : t("go on"), () => attempt(() => post("/api/go", { number: state.job.number })), "main"), closeButton("cancel")];
	if (stage() === "failed") return [ticked ? button("plan-lifted", t("plan again"), orderAgain, "danger") : null, closeButton("close")];
	return working() ? [] : [closeButton("close")];
}

const closeButton = (name) => button("close-job", t(name), () => attempt(() => post("/api/clear")));

function drawJob() {
	const card = $("job");
	const job = state.job;
	card.hidden = stage() === "idle";
	if (card.hidden) return;
	const refused = (job.verdicts || []).some((one) => one.kind === "refusal");
	fill(card, title("job-title", `${t(`op ${job.op}`)}: ${t(`stage ${stage()}`)}`), job.error?.message && !refused ? errorBox(job.error) : null, verdicts(), showPlan(), showResult(), h("div", { class: "row" }, jobButtons()));
	card.dataset.stage = stage();
}

// ---- progress ----

let spoken = -1;

function drawProgress() {
	const bar = $("progress");
	const p = state.progress;
	bar.hidden = !working();
	if (bar.hidden) {
		spoken = -1;
		return;
	}
	if (!bar.firstChild || bar.dataset.stage !== stage()) {
		bar.dataset.stage = stage();
		fill(bar, h("span", { class: "what" }), h("div", { class: "bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, h("i", {})), h("span", { class: "left mono" }),
			button("stop", t("stop"), () => attempt(() => post("/api/stop")), "danger"), !["read", "look"].includes(state.job.op) && stage() === "running" ? h("span", { class: "small soft" }, t("stop write")) : null);
	}
	const part = p && p.total ? p.done / p.total : 0;
	const percent = Math.floor(part * 100);
	const rate = p && p.us > 200000 ? p.done / (p.us / 1e6) : 0;
	const what = p ? `${t(`phase ${p.phase}`)}${p.passes > 1 ? ` ${p.pass}/${p.passes}` : ""}` : t(`stage ${stage()}`);
	bar.querySelector(".what").textContent = what;
	bar.querySelector(".bar i").style.width = `${percent}%`;
	const meter = bar.querySelector(".bar");
	meter.setAttribute("aria-valuenow", percent);
	meter.setAttribute("aria-label", what);
	bar.querySelector(".left").textContent = `${percent} %${rate ? `, ${size(Math.round(rate))}/s, ${t("left", seconds(((p.total - p.done) / rate) * 1e6))}` : ""}`;
	if (Math.floor(percent / 25) !== spoken) {
		spoken = Math.floor(percent / 25);
		$("spoken").textContent = `${what} ${percent} %`;
	}
}

// ---- alerts ----

function unfinished(job, i) {
	const sure = () => confirm(t("forget sure")) && order("discard");
	return h("div", { class: "box warn", role: "alert" }, h("p", {}, h("strong", {}, t("unfinished", job.chip, t(`op ${job.operation}`), job.started))),
		h("div", { class: "row" }, job.damaged ? null : button(`resume-${i}`, t("resume"), () => order("resume"), "main", !chip() || working()),
			job.damaged ? null : button(`undo-${i}`, t("undo"), () => order("undo"), "", !chip() || working()), button(`forget-${i}`, t("forget"), sure, "danger", !chip() || working())));
}

function drawAlerts() {
	const jobs = working() ? [] : state.kept?.unfinished || [];
	fill($("alerts"), lost ? box(lost === "401" ? "warn" : "bad", h("p", { role: "alert" }, t(lost === "401" ? "locked" : "lost"))) : null, jobs.map(unfinished), trouble ? errorBox(trouble) : null);
}

function notes() {
	const more = button("more-browser", t("other device"), async () => {
		const made = await attempt(() => post("/api/token"));
		newAddress = made ? `${location.origin}/#${made.token}` : "";
		look.draw(view());
	});
	return [h("div", { class: "row" }, more, newAddress ? h("code", { id: "new-address" }, newAddress) : null),
		h("details", { id: "notes" }, h("summary", {}, `${t("messages")}: ${state.notes.length}`), h("ul", { class: "small" }, state.notes.map((note) => h("li", { class: note.level === "warn" ? "warn-text" : "" }, note.text))))];
}

// ---- all ----

const view = () => ({ state, chip: chip(), layout: layout(), working: working(), attempt, takeBackup, download, fieldTable, notes, setField, readChip: () => attempt(() => post("/api/look")) });

const cards = { clip: [drawClip, drawDevice, drawBackup, drawWrite], doctor: [drawClip], device: [drawClip, drawDevice, drawWrite], file: [drawWrite], read: [], kept: [drawBackup, drawWrite, drawAlerts],
	job: [drawClip, drawBackup, drawWrite, drawJob, drawAlerts, drawProgress], progress: [drawProgress], notes: [] };

function show(card) {
	$(card).focus({ preventScroll: true });
	$(card).scrollIntoView({ block: "nearest" });
}

function heard(name, data) {
	if (lost) {
		lost = "";
		drawAlerts();
	}
	if (name === "map") {
		map.heard(data);
		return;
	}
	const before = stage();
	state[name] = data ?? (name === "notes" ? [] : null);
	for (const draw of cards[name] || []) draw();
	if (["kept", "file", "read", "device", "notes", "job"].includes(name)) look.draw(view());
	if (comparing && name === "job" && !working() && state.job.op === "look") {
		comparing = false;
		if (stage() === "done") look.compareWith("file", "read");
	}
	if (name === "job" && before !== stage()) {
		if (["planned", "done", "failed"].includes(stage())) show("job");
		$("spoken").textContent = stage() === "idle" ? "" : t(`stage ${stage()}`);
	}
	planWanted();
}

function drawAll() {
	for (const element of document.querySelectorAll("[data-text]")) element.textContent = t(element.dataset.text);
	$("progress").setAttribute("aria-label", t("progress"));
	for (const draw of [drawClip, drawDevice, drawBackup, drawWrite, drawJob, drawAlerts, drawProgress]) draw();
	look.draw(view());
}

function setLanguage(language) {
	use(language);
	document.documentElement.lang = language;
	$("language").value = language;
	$("progress").replaceChildren();
	drawAll();
}

$("language").addEventListener("change", (event) => {
	localStorage.setItem("norprog-language", event.target.value);
	setLanguage(event.target.value);
});
const mine = [localStorage.getItem("norprog-language"), ...navigator.languages.map((one) => one.slice(0, 2))].find((one) => languages.includes(one));
setLanguage(mine || "en");
window.norprogMap = map; // for the tests: what the canvas shows
if (await enter()) watch(heard, (code) => {
	lost = code;
	drawAlerts();
});
else {
	lost = "401";
	drawAlerts();
}
