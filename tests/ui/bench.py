#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the page costs, as lines of a table: bench.py BUILD. Times are of this machine, on the simulated chip."""
import json
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time

from support import BUILD, Browser, Page, Server, compose, need_browser
from test_http import Client


def row(what, figure):
    print("| %s | %s |" % (what, figure), flush=True)


def first_page(folder):
    """From the start of the command to the chip's name in the browser, which is open already."""
    server = Server(folder)
    browser = Browser()
    page = Page(browser)
    page.open(server.url)  # the browser's own start is not ours
    page.chip()
    server.end()
    took = []
    for _ in range(5):
        begun = time.monotonic()
        server.start()
        page.open(server.url)
        page.wait("document.getElementById('chip-name')", "the chip is named")
        took.append(time.monotonic() - begun)
        server.end()
    browser.end()
    return statistics.median(took)


def weight(server):
    client = Client(server)
    return sum(len(client.ask("GET", "/" + name)[1]) for name in
               ("", "style.css", "app.js", "dom.js", "look.js", "map.js", "net.js", "texts.js", "icon.svg"))


def cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime



def by_command(folder, spec):
    """A backup by the command."""
    env = dict(os.environ, XDG_STATE_HOME=os.path.join(folder, "state"))
    begun, used = time.monotonic(), cpu()
    subprocess.run([os.path.join(BUILD, "norprog"), "-p", spec, "read", os.path.join(folder, "out.bin"), "--passes", "2"], env=env,
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    took = time.monotonic() - begun
    for name in ("out.bin", "out.bin.json"):
        os.remove(os.path.join(folder, name))
    return took, cpu() - used


def by_page(folder, spec, watchers):
    """The same through the server, with pages that watch; how many updates each got in what time."""
    server = Server(folder, spec=spec)
    client = Client(server)
    client.chip()
    time.sleep(1)  # it recognises the device, which is no part of the job
    lines = [client.watch() for _ in range(watchers)]
    begun = time.monotonic()
    assert client.post("/api/job", {"op": "read"})[0] == 200
    client.stage("done")
    took = time.monotonic() - begun
    for line in lines:
        line.close()
    server.end()
    return took


def updates(folder):
    """The map of a 16 MiB chip at 60 updates a second in a browser: what the stream said and what is shown."""
    chip = os.path.join(folder, "big.bin")
    with open(chip, "wb") as file:
        file.write(os.urandom(16 << 20))
    server = Server(folder, spec="sim:chip=W25Q128FV,file=%s,time=real,hz=20M" % chip)
    browser = Browser()
    page = Page(browser)
    page.open(server.url)
    page.chip()
    page.js("""window.frames = 0; window.seen = 0; window.last = 0;
        const tick = () => { frames++; requestAnimationFrame(tick); }; requestAnimationFrame(tick);
        new MutationObserver(() => seen++).observe(document.getElementById("progress"), {subtree: true, childList: true, characterData: true, attributes: true});""")
    begun = time.monotonic()
    page.click("do-backup")
    page.stage("done")
    took = time.monotonic() - begun
    cells = page.cells("a")
    frames = page.js("return frames")
    browser.end()
    server.end()
    return cells, took, frames


def main():
    need_browser()
    mine = compose(7, "a")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        shutil.copy(mine, os.path.join(folder, "chip.bin"))
        row("from `norprog ui` to the chip's name in an open browser (median of 5)", "%.2f s" % first_page(folder))
        server = Server(folder)
        row("all that the page loads", "%d KiB" % (weight(server) // 1024))
        server.end()
        cells, took, frames = updates(folder)
        row("16 MiB read twice at 20 MHz, real time: cells that are right in the end, frames a second",
            "%d of 4096, %.0f" % (cells, frames / took))
        spec = "sim:chip=W25Q64FV,file=%s,time=real,hz=20M" % os.path.join(folder, "chip.bin")
        command = statistics.median(by_command(folder, spec)[0] for _ in range(5))
        through = statistics.median(by_page(folder, spec, 2) for _ in range(5))
        row("8 MiB read twice at 20 MHz, real time: by the command, through the page with two watchers",
            "%.2f s, %.2f s (%+.1f %%)" % (command, through, 100 * (through / command - 1)))


main()
