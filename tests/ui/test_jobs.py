#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Jobs on the page, in a real browser, on the simulated programmer and an emulated CH341A: what the chip
holds afterwards is looked at in its file. test_jobs.py BUILD [FOLDER for screenshots]"""
import contextlib
import os
import signal
import subprocess
import tempfile

from support import BUILD, MAC_AT, UNIT, Server, compose, main, read, wants, write


def with_unit(stock, mine, chip):
    """The chip is the stock dump, but for what is this unit's own."""
    return all(chip[at:at + n] == mine[at:at + n] for at, n in UNIT) and chip[:0x7C0000] == stock[:0x7C0000]


def planned(page, server, path):
    page.open(server.url)
    page.chip()
    page.file(path)
    page.stage("planned")


def written(page):
    page.click("go")
    page.stage("done")
    assert "read back and right" in page.text("done"), page.text("job")


def in_mid_write(page):
    """Some blocks are written, others are not: the chip keeps real time, so this lasts."""
    page.click("go")
    page.wait("norprogMap.count('w') > 2", "some blocks are written")


def back_up_and_write(page, server, mine, stock):
    """The whole job of an MR200 in two clicks and a file: back up, stock dump, keep the unit; then undone."""
    page.open(server.url)
    page.chip()
    assert "W25Q64FV" in page.text("chip-name") and "MR200" in page.text("device")
    page.click("do-backup")
    page.stage("done")
    assert "Trustworthy: 2 passes" in page.text("job")
    assert page.cells("a") == 2048
    assert read(server.backups()[0]) == read(mine)
    page.file(stock)
    page.clicks += 2  # the file's name is chosen and opened
    page.stage("planned")
    assert "Erases" in page.text("plan-sum") and page.cells("p") > 100
    assert read(server.chip) == read(mine), "nothing is written before Write"
    written(page)
    assert page.clicks <= 6, page.clicks
    assert with_unit(read(stock), read(mine), read(server.chip))
    page.click("undo-this")
    page.stage("planned")
    written(page)
    assert read(server.chip) == read(mine), "undone"


def refusal_override_undo(page, server, mine, stock):
    """Without the unit's own data the plan is refused; lifted, it is carried out, and can be undone."""
    planned(page, server, stock)
    page.click("keep-unit")
    page.wait("document.getElementById('job').hidden", "the plan is put away")
    page.click("make-plan")
    page.stage("failed")
    assert "Refused" in page.text("job") and "unit-data" in page.text("job")
    assert "--" not in page.text("job"), "no option of the command: " + page.text("job")
    assert not page.has("go"), "what is refused cannot be written"
    page.click("override-unit-data")
    page.click("plan-lifted")
    page.stage("planned")
    assert "lifted by you" in page.text("job")
    assert read(server.chip) == read(mine)
    written(page)
    assert read(server.chip) == read(stock), "everything is the file's"
    page.click("undo-this")
    page.stage("planned", "failed")
    written(page)
    assert read(server.chip) == read(mine)


def mac_is_set(page, server, mine, stock):
    """A MAC typed on the page reaches the chip, though the unit's own data is kept."""
    planned(page, server, stock)
    page.js("document.getElementById('file-fields').open = true")
    page.choose("file-edit-name", "mac")
    page.type("file-edit-value", "a0:f3:c1:12:34:56")
    page.click("file-edit-set")
    page.says("file-set", "mac = a0:f3:c1:12:34:56")
    page.says("told", "a0:f3:c1:12:34:56")
    page.stage("planned")
    assert page.js("return document.getElementById('keep-unit').checked")
    written(page)
    chip = read(server.chip)
    assert chip[MAC_AT:MAC_AT + 6] == bytes.fromhex("a0f3c1123456"), chip[MAC_AT:MAC_AT + 6].hex()
    at, length = UNIT[1]
    assert chip[at:at + length] == read(mine)[at:at + length], "the calibration stays"
    page.says("device", "a0:f3:c1:12:34:56")


def mac_of_a_backup(page, server, mine, stock):
    """The same in a backup that was taken from the list; set twice, the last value counts."""
    page.open(server.url)
    page.chip()
    page.click("do-backup")
    page.stage("done")
    page.click("tab-backups")
    page.click("take-0")
    page.says("plan-sum" if page.has("plan-sum") else "job", "nothing to do")
    for mac in ("a0:f3:c1:00:00:01", "a0:f3:c1:00:00:02"):
        page.js("document.getElementById('file-fields').open = true")
        page.choose("file-edit-name", "mac")
        page.type("file-edit-value", mac)
        page.click("file-edit-set")
        page.says("told", mac)
    page.stage("planned")
    written(page)
    want = bytearray(read(mine))
    want[MAC_AT:MAC_AT + 6] = bytes.fromhex("a0f3c1000002")
    assert read(server.chip) == want, "that, and nothing else"
    assert read(server.backups()[0]) == read(mine), "the backup is as it was"


def mac_that_cannot_be(page, server, mine, stock):
    """Refused with the reason: nothing of it stays in the file or in an order."""
    planned(page, server, stock)
    page.js("document.getElementById('file-fields').open = true")
    page.choose("file-edit-name", "mac")
    for bad in ("zz:f3:c1:00:00:01", "a0:f3:c1", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", ""):
        page.type("file-edit-value", bad or "\ue003")  # backspace
        page.click("file-edit-set")
        page.wait("document.querySelector('#alerts [role=alert]')", "%r is refused" % bad)
        assert not page.has("file-set"), bad
    status, answer = page.send("/api/job", {"op": "write", "keep": ["unit"], "set": ["mac=01:00:5e:00:00:01"]})
    assert status == 200
    page.stage("failed")
    page.stage("failed")
    assert read(server.chip) == read(mine)


def edit_without_order(page, server, mine, stock):
    """A page (an older one, another tab) that leaves out what was set is refused: it would be lost."""
    planned(page, server, stock)
    page.js("document.getElementById('file-fields').open = true")
    page.choose("file-edit-name", "mac")
    page.type("file-edit-value", "a0:f3:c1:12:34:56")
    page.click("file-edit-set")
    page.says("told", "a0:f3:c1:12:34:56")
    page.send("/api/job", {"op": "write", "keep": ["unit"]})
    page.stage("failed")
    assert "would not write" in page.text("job")


def old_plan_is_not_written(page, server, mine, stock):
    """What is planned is of a file; when another one is taken its number is worth nothing."""
    planned(page, server, stock)
    status, _ = page.send("/api/drop", None)
    assert status == 200
    status, _ = page.send("/api/go", {"number": 1})
    assert status == 409
    assert read(server.chip) == read(mine)


@wants(server={"extra": ",fault=flip=400000+seed=5"})
def bad_contact(page, server, mine, stock):
    """Reads that disagree now and then: the map, the sum and the verdict say so; the majority is right."""
    page.open(server.url)
    page.chip()
    page.click("do-backup")
    page.stage("done")
    voted = page.cells("v")
    assert voted > 3 and page.cells("a") == 2048 - voted, (voted, page.cells("a"))
    assert "%d blocks read differently" % voted in page.text("job"), page.text("job")
    assert "Trustworthy" not in page.text("job")
    assert "decided by majority" in page.text("device")
    assert read(server.backups()[0]) == read(mine)


@wants(server={"extra": ",fault=flip=1200+seed=5"})
def no_contact_to_speak_of(page, server, mine, stock):
    """So bad that no majority is found: it is no backup, and nothing can be written."""
    page.open(server.url)
    page.wait("document.getElementById('chip-name') || document.querySelector('#clip [role=alert]')", "chip or reason")
    if not page.has("chip-name"):
        assert "contact" in page.text("clip").lower() or "disagree" in page.text("clip")
        return
    page.click("do-backup")
    page.stage("failed")
    assert page.cells("u") > 100
    assert "differently" in page.text("job")


@wants(server={"extra": ",fault=silent"})
def nothing_on_the_clip(page, server, mine, stock):
    """It says so, shows how it is wired, and offers neither backup nor plan."""
    page.open(server.url)
    page.wait("document.querySelector('#clip [role=alert]')", "what is wrong is said")
    assert page.js("return document.getElementById('wiring').open")
    assert page.js("return document.getElementById('do-backup').disabled")
    page.file(stock)
    page.says("write", os.path.basename(stock))
    assert page.js("return document.getElementById('make-plan').disabled")
    page.click("examine")
    page.wait("document.getElementById('diagnosis')", "doctor has found something")
    assert "MISO" in page.text("clip"), page.text("clip")
    assert page.js("return document.querySelectorAll('#checks tr').length") > 1
    page.wait("!document.getElementById('examine').disabled", "it can be asked again")


def all_is_well(page, server, mine, stock):
    """Doctor says so, line by line, and the chip is there again afterwards."""
    page.open(server.url)
    page.chip()
    page.click("examine")
    page.says("diagnosis", "all is well")
    assert "64 of 64 ID reads agree" in page.js("return document.getElementById('checks').textContent")
    page.chip()
    page.click("do-backup")
    page.stage("done")


@wants(server={"extra": ",time=real"})
def stopped_and_resumed(page, server, mine, stock):
    """Stop ends behind a block; the same page resumes, and all is as if nothing had happened."""
    planned(page, server, stock)
    in_mid_write(page)
    page.click("stop")
    assert page.stage("failed", "done") == "failed", "stopped in time"
    half = read(server.chip)
    assert half != read(mine) and not with_unit(read(stock), read(mine), half)
    assert page.cells("e") + page.cells("x") + page.cells("y") == 0, "nothing is in work"
    page.click("resume-0")
    page.stage("planned")
    page.click("go")
    page.stage("done")
    assert with_unit(read(stock), read(mine), read(server.chip))
    page.wait("!document.getElementById('resume-0')", "no job is unfinished")


@wants(server={"extra": ",time=real"})
def colours_of_a_write(page, server, mine, stock):
    """Erasing, programming and reading back are seen, each in its own colour."""
    planned(page, server, stock)
    page.js("""window.seen = new Set();
        const look = () => { for (const letter of "exyw") if (norprogMap.count(letter)) seen.add(letter); setTimeout(look, 1); };
        look();""")
    page.click("go")
    page.wait("seen.size === 4", "erase, program, verify and written were seen")
    page.click("stop")
    page.stage("failed", "done")
    colours = page.js("""const style = getComputedStyle(document.documentElement);
        return ["none", "read", "again", "agreed", "disagreed", "voted", "unstable", "planned", "erase", "program",
            "verify", "written", "same", "differs"].map((name) => style.getPropertyValue(`--cell-${name}`).trim());""")
    assert len(set(colours)) == len(colours) and all(colours), colours


@wants(server={"extra": ",time=real"})
def killed_and_resumed(page, server, mine, stock):
    """kill -9 in mid-write; the next page begins with Resume."""
    planned(page, server, stock)
    in_mid_write(page)
    server.end(signal.SIGKILL)
    page.wait("document.getElementById('alerts').innerText.includes('connection')", "the page says that it is gone")
    server.start()
    page.open(server.url)
    page.chip()
    page.click("resume-0")
    page.stage("planned")
    page.click("go")
    page.stage("done")
    assert with_unit(read(stock), read(mine), read(server.chip))


@wants(server={"extra": ",time=real"})
def killed_and_undone(page, server, mine, stock):
    """The same, and back to what was there."""
    planned(page, server, stock)
    in_mid_write(page)
    server.end(signal.SIGKILL)
    server.start()
    page.open(server.url)
    page.chip()
    page.click("undo-0")
    page.stage("planned")
    page.click("go")
    page.stage("done")
    assert read(server.chip) == read(mine)


@wants(server={"extra": ",time=real"})
def server_ends_in_mid_write(page, server, mine, stock):
    """Ctrl-C in the terminal: the block in work is finished, and the rest can be."""
    planned(page, server, stock)
    in_mid_write(page)
    server.end(signal.SIGINT)
    server.start()
    page.open(server.url)
    page.chip()
    page.click("resume-0")
    page.stage("planned")
    page.click("go")
    page.stage("done")
    assert with_unit(read(stock), read(mine), read(server.chip))


@wants(server={"extra": ",time=real"})
def two_tabs_and_reload(page, server, mine, stock):
    """Both see one job; the tab that began it is closed in mid-write, and the job goes on."""
    planned(page, server, stock)
    first = page.driver.current_window_handle
    page.driver.switch_to.new_window("tab")
    second = page.driver.current_window_handle
    page.driver.get(server.base)
    page.chip()
    page.stage("planned")
    page.driver.switch_to.window(first)
    page.click("go")
    page.stage("running")
    page.driver.switch_to.window(second)
    page.stage("running")
    status, _ = page.send("/api/job", {"op": "read"})
    assert status == 409, "one job at a time"
    page.driver.switch_to.window(first)
    page.driver.close()
    page.driver.switch_to.window(second)
    page.wait("norprogMap.count('w') > 2", "the other tab sees it go on")
    page.driver.refresh()
    page.stage("running", "done")
    page.click("stop")
    page.stage("failed", "done")


def keyboard_only(page, server, mine, stock):
    """Back up, plan, write: Tab, Enter and Space alone (and a file, which the system's own dialog gives)."""
    from selenium.webdriver.common.keys import Keys

    def press(name, key=Keys.ENTER):
        for _ in range(120):
            if page.driver.switch_to.active_element.get_attribute("id") == name:
                break
            page.driver.switch_to.active_element.send_keys(Keys.TAB)
        active = page.driver.switch_to.active_element
        assert active.get_attribute("id") == name, "%s is not reached with Tab" % name
        width = page.js("return parseFloat(getComputedStyle(arguments[0]).outlineWidth)", active)
        assert width >= 2, "%s shows that it has the keyboard" % name
        active.send_keys(key)

    page.open(server.url)
    page.chip()
    press("do-backup")
    page.stage("done")
    page.file(stock)
    page.stage("planned")
    press("keep-unit", Keys.SPACE)
    page.wait("document.getElementById('job').hidden", "the plan is put away")
    press("keep-unit", Keys.SPACE)
    press("make-plan")
    page.stage("planned")
    assert page.js("return document.activeElement.id") == "job", "the new plan has the keyboard"
    press("go")
    page.stage("done")
    assert with_unit(read(stock), read(mine), read(server.chip))
    press("tab-backups")
    page.driver.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    assert page.js("return document.activeElement.id") == "tab-hex"
    press("language", "d")
    page.wait("document.documentElement.lang === 'de'", "the language is chosen")


@wants(size=(360, 800))
def phone(page, server, mine, stock):
    """Nothing is wider than the screen, at any stage."""
    def narrow(what):
        wide = page.js("""return [...document.querySelectorAll('body *')].filter((e) => !e.closest('.scroll, pre, .hidden')
            && e.getBoundingClientRect().right > 361).map((e) => e.tagName + '#' + e.id + '.' + e.className)""")
        assert page.js("return document.documentElement.scrollWidth") <= 360 and not wide, (what, wide)
    page.open(server.url)
    page.chip()
    for language in ("en", "de", "es"):
        page.choose("language", language)
        narrow(language)
    page.file(stock)
    page.stage("planned")
    narrow("planned")
    for tab in ("backups", "hex", "compare", "supported"):
        page.click("tab-" + tab)
        narrow(tab)
    page.click("go")
    page.stage("done")
    narrow("done")


def files_that_are_none(page, server, mine, stock):
    """What is no dump, and what is a kernel or an upgrade, is refused in words, and nothing is written."""
    page.open(server.url)
    page.chip()
    kernel = b"\x27\x05\x19\x56" + bytes(60) + read(stock)[0x20000:0x120000]
    strangers = {"page.html": b"<!doctype html><html><body>404</body></html>" * 400,
                 "empty.bin": b"", "short.bin": read(stock)[:0x7FFFFF], "long.bin": read(stock) + b"x",
                 "kernel.bin": kernel, "one.bin": b"\x00",
                 "zip.zip": b"PK\x03\x04" + bytes(2000)}
    for name, data in strangers.items():
        answered(page, write(os.path.join(server.folder, name), data))
        assert not page.has("go"), name + ": " + page.text("job")
        words = page.text("alerts") + page.text("job")
        assert len(words) > 40, (name, words)
    # All of it blank is an erase in a file's form, with the unit kept: planned, with a word of warning.
    answered(page, write(os.path.join(server.folder, "blank.bin"), b"\xff" * 0x800000))
    assert "programs 0 B" in page.text("job") and "nothing in it names a device" in page.text("job"), page.text("job")
    assert read(server.chip) == read(mine)


def answered(page, path):
    """Puts away what is in hand, takes the file, and waits for a plan, a refusal, or a reason why it is not taken."""
    # While the page looks at the clip it is told to wait, as a person would be, and asks again.
    page.wait("(e => { if (e) e.click(); return document.getElementById('file') && "
              "document.getElementById('job').hidden })(document.getElementById('put-away'))", "nothing is in hand")
    page.js("for (const e of document.querySelectorAll('#alerts [role=alert]')) e.dataset.old = 1")
    page.file(path)
    page.wait("document.getElementById('file-name')?.innerText === arguments[0] &&"
              "['planned', 'failed'].includes(document.getElementById('job').dataset.stage) &&"
              "!document.getElementById('job').hidden || document.querySelector('#alerts [role=alert]:not([data-old])')",
              path + " is answered", os.path.basename(path))


def too_large(page, server, mine, stock):
    """Longer than twice the largest chip: told before all of it is sent."""
    page.open(server.url)
    page.chip()
    path = os.path.join(server.folder, "huge.bin")
    with open(path, "wb") as file:
        file.truncate(600 << 20)
    page.file(path)
    page.says("alerts", "longer than twice the largest chip")
    page.file(stock)
    page.stage("planned")


def markup_is_text(page, server, mine, stock):
    """In the name of a file."""
    name = os.path.join(server.folder, "<img src=x onerror=alert(1)>.bin")
    os.link(stock, name) if os.stat(stock).st_dev == os.stat(server.folder).st_dev else write(name, read(stock))
    planned(page, server, name)
    assert page.text("file-name") == os.path.basename(name)
    assert not page.driver.find_elements("css selector", "#write img, #look img")


def markup_in_regions(page, server, mine, stock):
    """In the names of regions, of a layout that was given, and of one that a file holds (FMAP)."""
    import struct
    layout = write(os.path.join(server.folder, "layout.txt"),
                   b"00000000:0001ffff <img/src=x/onerror=alert(1)>\n00020000:007fffff <b>rest</b>\n")
    server.end()
    server.start(words=("-l", layout))
    page.open(server.url)
    page.chip()
    page.says("device", "<img/src=x/onerror=alert(1)>")
    flash = bytearray(b"\xff" * 0x800000)
    flash[:0x200000] = os.urandom(0x200000)
    area = struct.pack("<II32sH", 0, 0x800000, b"<svg onload=alert(1)>", 0)
    flash[0x1000:0x1000 + 56 + len(area)] = \
        b"__FMAP__" + struct.pack("<BBQI32sH", 1, 1, 0, 0x800000, b"<i>name</i>", 1) + area + b""
    page.file(write(os.path.join(server.folder, "fmap.bin"), bytes(flash)))
    page.stage("planned", "failed")
    page.choose("hex-from", "file") if page.has("hex-from") else page.click("tab-hex")
    page.choose("hex-from", "file")
    page.says("panel", "00000000" if False else "000000")
    assert not page.js("return document.querySelectorAll('main b b, main svg:not(.wiring), main img, main i i').length")
    assert page.js("return document.querySelectorAll('script').length") == 1


def emulated_adapters(page, server, mine, stock):
    """The whole job through a real driver and an emulated adapter: what the chip holds at the end is the
    emulator's word. An FT232H, because the CH341A's packets of 32 bytes make it fifty times the work: of that
    one it is seen that it is found, and what is on its clip."""
    emu = os.path.join(BUILD, "tests", "emu-run")
    if not os.path.exists(emu):
        print("skipped: no emu-run")
        return
    with tempfile.TemporaryDirectory() as folder:
        with emulated(folder, emu, "ch341a", mine) as one:
            page.open(one.url)
            page.chip()
            assert "ch341a" in page.text("clip") and "MR200" in page.text("device")
            page.file(stock)
            page.stage("planned")
        with emulated(folder, emu, "ft232h", mine) as one:
            page.open(one.url)
            page.chip()
            assert "ft232h" in page.text("clip") and "MR200" in page.text("device")
            page.click("do-backup")
            page.stage("done")
            assert read(one.backups()[0]) == read(mine)
            page.file(stock)
            page.stage("planned")
            written(page)
        assert with_unit(read(stock), read(mine), read(os.path.join(folder, "after.bin")))


@contextlib.contextmanager
def emulated(folder, emu, adapter, mine):
    """The server behind an emulated adapter; when it has ended, after.bin is what the chip holds."""
    saved = os.path.join(folder, "after.bin")
    one = Server(folder, behind=[emu, "--device", adapter, "--image", mine, "--save", saved], spec=adapter)
    try:
        yield one
    finally:
        child = subprocess.check_output(["pgrep", "-P", str(one.process.pid), "norprog"], text=True).split()
        os.kill(int(child[0]), signal.SIGTERM)
        one.process.wait()


if __name__ == "__main__":
    main([back_up_and_write, refusal_override_undo, mac_is_set, mac_of_a_backup, mac_that_cannot_be,
          edit_without_order, old_plan_is_not_written, bad_contact, no_contact_to_speak_of, nothing_on_the_clip, all_is_well,
          stopped_and_resumed, colours_of_a_write, killed_and_resumed, killed_and_undone, server_ends_in_mid_write,
          two_tabs_and_reload, keyboard_only, phone, files_that_are_none, too_large, markup_is_text,
          markup_in_regions, emulated_adapters])
