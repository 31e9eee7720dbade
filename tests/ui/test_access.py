#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Can everybody use the page? In each of its states, light and dark, in three languages: names, roles, labels,
contrast (AA, computed), focus, live regions; and axe-core's rules where it is there (`make axe`).
test_access.py BUILD [FOLDER for screenshots]"""
import os
import re

from support import BUILD, HERE, main, read, wants

AXE = os.environ.get("AXE") or os.path.join(BUILD, "axe", "node_modules", "axe-core", "axe.min.js")

# What is wrong with the page as it stands, each fault as a line.
FAULTS = r"""
const faults = [];
const shown = (e) => e.checkVisibility({checkOpacity: true, checkVisibilityCSS: true});
const nameOf = (e) => (e.getAttribute("aria-label") || [...(e.labels || [])].map((l) => l.textContent).join(" ") ||
    (e.getAttribute("aria-labelledby") || "").split(" ").map((id) => document.getElementById(id)?.textContent || "").join(" ") ||
    e.textContent || e.getAttribute("alt") || "").trim();
const what = (e) => `${e.tagName.toLowerCase()}#${e.id}.${e.className?.baseVal ?? e.className} ${nameOf(e).slice(0, 30)}`;
// names and roles
for (const e of document.querySelectorAll("button, input, select, a[href], summary, [role=tab], [role=progressbar], [role=meter], [role=region], section, svg[role=img]"))
    if (shown(e) && !nameOf(e)) faults.push(`no name: ${what(e)}`);
const roles = ["alert", "status", "meter", "progressbar", "region", "tab", "tablist", "tabpanel", "search", "img"];
for (const e of document.querySelectorAll("[role]")) if (!roles.includes(e.getAttribute("role"))) faults.push(`role: ${what(e)}`);
for (const attribute of ["for", "aria-labelledby", "aria-controls", "list"])
    for (const e of document.querySelectorAll(`[${attribute}]`))
        if (shown(e) && attribute !== "list" && !document.getElementById(e.getAttribute(attribute))) faults.push(`${attribute} leads nowhere: ${what(e)}`);
const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) faults.push(`id twice: ${id}`);
for (const e of document.querySelectorAll("ul > :not(li), dl > :not(dt, dd), tr > :not(th, td)")) faults.push(`does not belong here: ${what(e)}`);
for (const e of document.querySelectorAll("button button, a button, label label, summary button")) faults.push(`nested: ${what(e)}`);
// headings in order, one h1, a language, a title
const levels = [...document.querySelectorAll("h1, h2, h3, h4")].filter(shown).map((e) => Number(e.tagName[1]));
if (levels.filter((l) => l === 1).length !== 1) faults.push("not one h1");
levels.reduce((before, level) => { if (level > before + 1) faults.push(`heading ${level} after ${before}`); return level; }, 0);
if (!document.title || !document.documentElement.lang) faults.push("no title or language");
// what scrolls can be scrolled with keys; what is hidden has no focus; tabindex leaves the order alone
for (const e of document.querySelectorAll("body *")) {
    const style = getComputedStyle(e);
    if (shown(e) && /auto|scroll/.test(style.overflowX + style.overflowY) && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1) &&
        e.tabIndex < 0 && !e.querySelector("button, input, select, a, summary")) faults.push(`cannot be scrolled by key: ${what(e)}`);
    if (e.tabIndex > 0) faults.push(`tabindex: ${what(e)}`);
    if (e.closest("[aria-hidden=true]") && e.tabIndex >= 0 && !(e instanceof SVGElement)) faults.push(`hidden, with focus: ${what(e)}`);
}
// targets that a finger hits (24 px, WCAG 2.2 AA)
for (const e of document.querySelectorAll("button, select, input:not([type=file])"))
    if (shown(e) && e.type !== "checkbox") { const box = e.getBoundingClientRect(); if (box.width < 24 || box.height < 24) faults.push(`small: ${what(e)}`); }
// tabs
for (const e of document.querySelectorAll("[role=tablist]")) {
    const tabs = [...e.querySelectorAll("[role=tab]")];
    if (tabs.filter((t) => t.getAttribute("aria-selected") === "true").length !== 1 || tabs.filter((t) => t.tabIndex === 0).length !== 1) faults.push("tabs: not one is chosen");
}
// somebody is told
if (!document.querySelector("[aria-live=polite]") || !document.querySelector("[role=status]")) faults.push("no live region");
// contrast
const numbers = (colour) => (colour.match(/[\d.]+/g) || []).map(Number);
const over = (top, below) => { const a = top[3] ?? 1; return [0, 1, 2].map((i) => top[i] * a + below[i] * (1 - a)); };
function behind(e) {
    const layers = [];
    for (let at = e; at; at = at.parentElement) { const c = numbers(getComputedStyle(at).backgroundColor); if ((c[3] ?? 1) > 0) { layers.push(c); if ((c[3] ?? 1) === 1) break; } }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
}
const light = (c) => { const [r, g, b] = c.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
let looked = 0;
for (const e of document.querySelectorAll("body *")) {
    if (!shown(e) || e.closest(".hidden, noscript, option, :disabled, .skip")) continue;
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
    const style = getComputedStyle(e);
    const back = behind(e);
    const text = over(numbers(e instanceof SVGElement ? style.fill : style.color), back);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    looked++;
    const ratio = contrast(text, back);
    if (ratio < (large ? 3 : 4.5)) faults.push(`contrast ${ratio.toFixed(2)}: ${what(e)}`);
}
for (const e of document.querySelectorAll("button:not(:disabled), input:not(.hidden), select"))
    if (shown(e) && e.type !== "checkbox" && contrast(numbers(getComputedStyle(e).borderTopColor).slice(0, 3), behind(e.parentElement)) < 3) faults.push(`border: ${what(e)}`);
if (looked < 5) faults.push("almost nothing was looked at");
return faults;
"""

RUN_AXE = r"""
const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then((result) =>
    done(result.violations.filter((one) => one.impact !== "minor").map((one) => `axe ${one.impact} ${one.id}: ` + one.nodes.map((n) => n.target).join(" "))),
    (error) => done([String(error)]));
"""


def check(page, where):
    faults = []
    for scheme in ("light", "dark"):
        page.scheme(scheme)
        faults += ["%s, %s: %s" % (where, scheme, fault) for fault in page.js(FAULTS)]
        if os.path.exists(AXE):
            # as a script of DevTools, which the page's policy does not hold back
            if not page.js("return Boolean(window.axe)"):
                page.driver.execute_cdp_cmd("Runtime.evaluate", {"expression": read(AXE).decode()})
            faults += ["%s, %s: %s" % (where, scheme, fault) for fault in page.driver.execute_async_script(RUN_AXE)]
    page.scheme("light")
    assert not faults, "\n".join(faults)


def everywhere(page, server, mine, stock):
    """From the clip to what is done."""
    page.driver.set_script_timeout(60)
    page.open(server.url)
    page.chip()
    check(page, "clip")
    page.js("for (const one of document.querySelectorAll('details')) one.open = true")
    check(page, "all unfolded")
    page.click("do-backup")
    page.stage("done")
    check(page, "backed up")
    page.file(stock)
    page.stage("planned")
    check(page, "planned")
    for tab in ("hex", "compare", "supported", "backups"):
        page.click("tab-" + tab)
        check(page, tab)
    page.click("tab-hex")
    page.choose("hex-from", "file")
    page.wait("document.querySelector('#panel pre')", "bytes are shown")
    check(page, "bytes")
    page.click("tab-supported")
    page.click("lookup-go")
    page.wait("document.querySelector('#panel table')", "chips are listed")
    check(page, "chips")
    page.click("keep-unit")
    page.wait("document.getElementById('job').hidden", "the plan is put away")
    page.click("make-plan")
    page.stage("failed")
    check(page, "refused")
    page.click("override-unit-data")
    page.click("plan-lifted")
    page.stage("planned")
    check(page, "lifted")
    page.click("go")
    page.stage("done")
    check(page, "done")
    page.click("compare-chip")
    page.wait("document.getElementById('differ')", "compared")
    check(page, "compared")
    page.js("document.getElementById('notes').open = true")
    check(page, "messages")


def in_three_languages(page, server, mine, stock):
    page.driver.set_script_timeout(60)
    page.open(server.url)
    page.chip()
    page.file(stock)
    page.stage("planned")
    for language in ("en", "de", "es"):
        page.choose("language", language)
        page.wait("document.documentElement.lang === arguments[0]", "the language is set", language)
        check(page, language)


@wants(server={"extra": ",time=real"})
def at_work(page, server, mine, stock):
    """While a job runs: the bar has a name and a value, and somebody is told."""
    page.driver.set_script_timeout(60)
    page.open(server.url)
    page.chip()
    page.file(stock)
    page.stage("planned")
    page.js("""window.told = [];
        new MutationObserver(() => told.push(document.getElementById("spoken").textContent)).observe(
            document.getElementById("spoken"), {childList: true});""")
    page.click("go")
    page.wait("Number(document.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow')) > 0", "it goes on")
    page.wait("document.querySelector('[role=progressbar]').getAttribute('aria-label') === 'writing'", "it says with what")
    check(page, "at work")
    page.click("stop")
    page.stage("failed", "done")
    assert page.js("return told.length > 1 && told.some((one) => /writing|%|under way/.test(one))"), page.js("return told")
    check(page, "stopped, unfinished")


@wants(server={"extra": ",fault=silent"})
def nothing_on_the_clip(page, server, mine, stock):
    page.driver.set_script_timeout(60)
    page.open(server.url)
    page.wait("document.querySelector('#clip [role=alert]')", "what is wrong is said")
    check(page, "no chip")
    page.click("examine")
    page.wait("document.getElementById('diagnosis')", "doctor has found something")
    check(page, "examined")


@wants(size=(360, 800))
def on_a_phone(page, server, mine, stock):
    page.driver.set_script_timeout(60)
    page.open(server.url)
    page.chip()
    page.file(stock)
    page.stage("planned")
    check(page, "phone")


def stranger(page, server, mine, stock):
    """Without a token: what the page says then can be read, too."""
    page.driver.set_script_timeout(60)
    page.open(server.base)
    page.wait("document.querySelector('#alerts [role=alert]')", "what to do is said")
    check(page, "locked")


def words(page, server, mine, stock):
    """Every word is there in each language, with the same places to fill in, and is used."""
    page.open(server.url)
    page.chip()
    page.driver.set_script_timeout(60)
    texts = page.driver.execute_async_script("import('/texts.js').then((m) => arguments[0](m.texts))")
    folder = os.path.join(HERE, "..", "..", "src", "ui", "page")
    code = "".join(read(os.path.join(folder, name)).decode() for name in os.listdir(folder) if name != "texts.js")

    def spaces(text):
        return sorted(re.findall(r"\{\d\}", text))
    faults = []
    for key, row in texts.items():
        if len(row) != 3 or not all(isinstance(one, str) and one.strip() for one in row):
            faults.append("%s is not there in three languages" % key)
            continue
        if len({tuple(spaces(one)) for one in row}) != 1:
            faults.append("%s: not the same places" % key)
        if any(one != one.strip() or "  " in one for one in row):
            faults.append("%s: spaces" % key)
        if row[0] in row[1:] and len(row[0]) > 12:
            faults.append("%s is not translated" % key)
        ends = {one[-1] in ".?!" for one in row}
        if len(ends) != 1:
            faults.append("%s: a sentence here and none there" % key)
    assert not faults and len(texts) > 100, faults
    missing = page.driver.execute_async_script("""
        const done = arguments[arguments.length - 1];
        import("/texts.js").then((m) => done(arguments[0].filter((key) => !m.has(key))));""",
                                               re.findall(r"""\bt\("([^"]+)\"""", code))
    assert not missing, "words that are not in texts.js: %s" % missing


if __name__ == "__main__":
    main([everywhere, in_three_languages, at_work, nothing_on_the_clip, on_a_phone, stranger, words])
