#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Looking, on the page in a real browser: bytes, search, regions, fields, comparisons, what is supported.
test_look.py BUILD [FOLDER for screenshots]"""
import os

from support import MAC_AT, main, read, wants, write


def in_hand(page, server, path):
    page.open(server.url)
    page.chip()
    page.file(path)
    page.stage("planned")
    page.click("tab-hex")
    page.choose("hex-from", "file")


def line(data, at):
    """A line as the page shows it."""
    row = data[at:at + 16]
    letters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
    return "%06x  %s  %s" % (at, " ".join("%02x" % byte for byte in row), letters)


def shown(page):
    return page.js("return document.querySelector('#panel pre')?.innerText ?? ''")


def says(page, words):
    page.wait("document.querySelector('#panel pre')?.innerText.includes(arguments[0])", "%r is shown" % words, words)


def bytes_and_search(page, server, mine, stock):
    data = bytearray(read(stock))
    data[0x123456:0x12345E] = b"NEEDLE-1"
    data[0x300000:0x300008] = b"NEEDLE-1"
    in_hand(page, server, write(os.path.join(server.folder, "dump.bin"), bytes(data)))
    says(page, line(data, 0))
    page.type("hex-address", "0x7df100")
    page.click("hex-show")
    says(page, line(data, 0x7DF100))
    assert page.js("return document.querySelectorAll('#panel pre .u').length") > 0, "unit data is marked"
    page.click("hex-on")
    says(page, line(data, 0x7DF300))
    page.click("hex-back")
    says(page, line(data, 0x7DF100))
    for words in ("NEEDLE-1", "0x4e45 45444c452d31"):
        page.type("hex-address", "0")
        page.type("hex-pattern", words)
        page.click("hex-find")
        says(page, line(data, 0x123450))
        page.click("hex-find")
        says(page, line(data, 0x300000))
        page.click("hex-find")
        page.says("panel", "not found")
    for address in ("0x800000", "99999999999", "-5", "x"):  # beyond the end, and no address
        page.type("hex-address", address)
        page.click("hex-show")
    assert page.js("return !document.querySelector('#alerts [role=alert]')")


def bytes_of_the_chip(page, server, mine, stock):
    page.open(server.url)
    page.chip()
    page.click("tab-hex")
    page.choose("hex-from", "chip")
    says(page, line(read(mine), 0))
    page.type("hex-address", "0x7ffff0")
    page.click("hex-show")
    says(page, line(read(mine), 0x7FFFF0))
    assert len(shown(page).strip().split("\n")) <= 2, "nothing behind the end"


def region_is_saved(page, server, mine, stock):
    in_hand(page, server, stock)
    page.choose("save-region", "radio")
    assert page.saved("radio.bin") == read(stock)[0x7F0000:0x800000]


def field_is_edited_and_saved(page, server, mine, stock):
    in_hand(page, server, stock)
    page.type("hex-address", hex(MAC_AT))
    page.click("hex-show")
    says(page, line(read(stock), MAC_AT))
    page.choose("look-edit-name", "mac")
    page.type("look-edit-value", "A0-F3-C1-00-00-09")
    page.click("look-edit-set")
    want = bytearray(read(stock))
    want[MAC_AT:MAC_AT + 6] = bytes.fromhex("a0f3c1000009")
    says(page, line(want, MAC_AT))
    page.stage("planned")
    page.click("get-file")
    assert page.saved(os.path.basename(stock)) == want, "what is saved has it, and nothing else is changed"


def compared(page):
    """Regions that differ, with how many bytes; fields with both values."""
    page.wait("document.getElementById('differ')", "the comparison is there")
    return (page.js("""return Object.fromEntries([...document.querySelectorAll('#differ-regions tbody tr')].map((r) =>
                [r.cells[0].firstChild.textContent, Number(r.cells[2].textContent)]))"""),
            page.js("""return Object.fromEntries([...document.querySelectorAll('#differ-fields tbody tr')].map((r) =>
                [r.cells[0].textContent, [r.cells[1].textContent, r.cells[2].textContent]]))"""))


def two_files(page, server, mine, stock):
    """A file and a backup: by region, every byte counted, with the fields' values."""
    page.open(server.url)
    page.chip()
    page.click("do-backup")
    page.stage("done")
    page.file(stock)
    page.stage("planned")
    page.click("tab-compare")
    page.choose("compare-a", "file")
    page.choose("compare-b", page.js("return [...document.getElementById('compare-b').options].pop().value"))
    page.click("compare-go")
    regions, fields = compared(page)
    a, b = read(stock), read(mine)
    assert sum(regions.values()) == sum(x != y for x, y in zip(a, b)), regions
    assert regions["radio"] == sum(x != y for x, y in zip(a[0x7F0000:], b[0x7F0000:])), regions
    assert fields["mac"] == [":".join("%02x" % byte for byte in data[MAC_AT:MAC_AT + 6]) for data in (a, b)], fields
    page.choose("compare-b", "file")
    page.click("compare-go")
    page.says("differ", "the same")


def file_and_chip(page, server, mine, stock):
    """One button: the chip is read twice, and shown by region and field against the file."""
    page.open(server.url)
    page.chip()
    page.file(stock)
    page.stage("planned")
    page.click("compare-chip")
    regions, fields = compared(page)
    a, b = read(stock), read(mine)
    assert sum(regions.values()) == sum(x != y for x, y in zip(a, b)), regions
    assert fields["mac"][1] == "50:c7:bf:10:07:07" and fields["mac"][0] != fields["mac"][1], fields
    assert page.cells("a") == 2048
    page.click("tab-hex")
    page.choose("hex-from", "read")
    says(page, line(b, 0))
    page.choose("save-region", "radio")
    assert page.saved("radio.bin") == b[0x7F0000:0x800000]
    assert read(server.chip) == b


@wants(server={"extra": ",fault=flip=3000+seed=3"})
def chip_that_reads_differently(page, server, mine, stock):
    """What cannot be read is not compared: bad contact is no difference."""
    page.open(server.url)
    page.wait("document.getElementById('chip-name') || document.querySelector('#clip [role=alert]')", "chip or reason")
    if not page.has("chip-name"):
        return
    page.file(stock)
    page.wait("document.getElementById('file-name')", "the file is taken")
    page.stage("planned", "failed")
    page.click("compare-chip")
    page.stage("failed")
    assert not page.has("differ")


def other_sizes(page, server, mine, stock):
    """Two of different length are not compared, and it says so."""
    page.open(server.url)
    page.chip()
    page.click("do-backup")
    page.stage("done")
    page.file(write(os.path.join(server.folder, "half.bin"), read(stock)[:0x400000]))
    page.stage("planned", "failed")
    assert page.js("return document.getElementById('compare-chip').disabled")
    page.click("tab-compare")
    page.choose("compare-a", "file")
    page.choose("compare-b", page.js("return [...document.getElementById('compare-b').options].pop().value"))
    page.click("compare-go")
    page.wait("document.querySelector('#alerts [role=alert]')", "it says why not")
    assert not page.has("differ")


def what_is_supported(page, server, mine, stock):
    page.open(server.url)
    page.chip()
    page.click("tab-supported")
    page.type("lookup", "w25q64fv")
    page.click("lookup-go")
    page.says("panel", "ef4017")
    page.type("lookup", "mr200")
    page.click("lookup-go")
    page.says("panel", "tplink-mr200-v1")
    page.type("lookup", "tplink-mr200-v1")
    page.click("lookup-go")
    page.says("panel", "0x7f0000")
    page.type("lookup", "/etc/passwd")
    page.click("lookup-go")
    page.wait("!document.getElementById('panel').innerText.includes('tplink-mr200-v1')", "nothing of that name")
    assert "root" not in page.text("panel")


def device_by_name(page, server, mine, stock):
    """A device that is not recognised is chosen by name, and its regions are those of the map."""
    write(server.chip, bytes(b"\xff") * 0x800000)
    page.open(server.url)
    page.chip()
    page.click("again")
    page.says("device", "Not recognised")
    page.js("document.getElementById('layout-choice').open = true")
    page.type("layout-name", "nonesuch")
    page.click("layout-use")
    page.says("device", "nonesuch")
    page.type("layout-name", "tplink-mr200-v1")
    page.click("layout-use")
    page.says("device", "radio")


def typing_is_not_lost(page, server, mine, stock):
    """What is half typed stays when norprog has something to tell."""
    in_hand(page, server, stock)
    page.type("hex-pattern", "half a wo")
    page.js("document.getElementById('hex-pattern').dataset.old = 1")
    page.click("close-job")
    page.wait("!document.getElementById('hex-pattern').dataset.old", "the card is drawn anew")
    assert page.js("return document.getElementById('hex-pattern').value") == "half a wo"


if __name__ == "__main__":
    main([bytes_and_search, bytes_of_the_chip, region_is_saved, field_is_edited_and_saved, two_files, file_and_chip,
          chip_that_reads_differently, other_sizes, what_is_supported, device_by_name, typing_is_not_lost])
