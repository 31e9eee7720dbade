// SPDX-License-Identifier: GPL-2.0-or-later
// Talking to norprog. The token behind '#' in the address is changed, once, into a key; the key goes with
// every request in a header. A cookie would be sent for other sites, too.

const STORE = "norprog-key";
let key = "";

// True when this page may talk to norprog.
export async function enter() {
	const token = location.hash.slice(1);
	key = localStorage.getItem(STORE) || "";
	if (/^[0-9a-f]{32}$/.test(token)) {
		history.replaceState(null, "", location.pathname);
		const answer = await fetch("/api/key", { method: "POST", headers: { "X-Norprog-Token": token } });
		if (answer.ok) {
			key = (await answer.json()).key;
			localStorage.setItem(STORE, key);
		}
	}
	return key !== "";
}

function headers() {
	return { "X-Norprog-Key": key };
}

// What went wrong is thrown as {code, message, hint, gate}.
async function ask(path, options) {
	const answer = await fetch(path, { ...options, headers: headers(), cache: "no-store" });
	if (answer.ok) return answer;
	const text = await answer.text();
	let error;
	try {
		error = JSON.parse(text);
	} catch {
		error = { code: String(answer.status), message: text.trim(), hint: "", gate: "" };
	}
	throw error;
}

export async function get(path) {
	return (await ask(path)).json();
}

export async function post(path, body) {
	const options = { method: "POST", body: body === undefined ? undefined : JSON.stringify(body) };
	for (let tries = 15; ; tries--) {
		try {
			return await (await ask(path, options)).json();
		} catch (error) {
			// For a moment after a job norprog looks at the chip again.
			if (error.code !== "busy" || !tries) throw error;
			await new Promise((done) => setTimeout(done, 200));
		}
	}
}

export async function upload(file) {
	return (await ask(`/api/file?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file })).json();
}

export async function find(from, start, pattern) {
	const path = `/api/find?from=${encodeURIComponent(from)}&start=${start}`;
	return (await (await ask(path, { method: "POST", body: pattern })).json()).at;
}

export async function bytes(from, start, len) {
	const path = `/api/bytes?from=${encodeURIComponent(from)}&start=${start}&len=${len}`;
	return new Uint8Array(await (await ask(path)).arrayBuffer());
}

export async function save(from, start, len, name) {
	const link = document.createElement("a");
	link.href = URL.createObjectURL(new Blob([await bytes(from, start, len)]));
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

// Calls heard(name, data) for each event, and lost(code) when the stream ends; then begins again.
export async function watch(heard, lost) {
	for (;;) {
		let code = "gone";
		try {
			const reader = (await ask("/api/watch")).body.pipeThrough(new TextDecoderStream()).getReader();
			await listen(reader, heard);
		} catch (error) {
			code = error.code || "gone";
		}
		lost(code);
		if (code === "401") return;
		await new Promise((done) => setTimeout(done, 1000));
	}
}

async function listen(reader, heard) {
	let rest = "";
	for (;;) {
		const { value, done } = await reader.read();
		if (done) return;
		const messages = (rest + value).split("\n\n");
		rest = messages.pop();
		for (const message of messages) {
			const match = /^event: (\w+)\ndata: (.*)$/.exec(message);
			if (match) heard(match[1], JSON.parse(match[2]));
		}
	}
}
