#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The pictures of README.md: screenshots.py BUILD doc/ui"""
import os
import shutil
import subprocess
import tempfile

from support import SHOTS, Browser, Page, Server, compose, need_browser


def shoot(name, mine, size, scheme, pose):
    """`pose` brings the page to where the picture is taken."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        shutil.copy(mine, os.path.join(folder, "chip.bin"))
        server = Server(folder, extra=",time=real" if name == "writing" else "")
        browser = Browser()
        page = Page(browser, *size, scheme)
        try:
            page.open(server.url)
            page.chip()
            pose(page)
            page.js("document.activeElement.blur()")
            page.shot(name)
        finally:
            browser.end()
            server.end()
    path = os.path.join(SHOTS, name + ".png")
    if shutil.which("pngquant"):
        subprocess.run(["pngquant", "--force", "--skip-if-larger", "--output", path, "48", path], check=False)
    print(path, os.path.getsize(path) // 1024, "KiB")


def main():
    need_browser()
    mine, stock = compose(7, "a"), compose(42, "b")
    stock_name = os.path.join(tempfile.mkdtemp(), "stock-dump.bin")
    shutil.copy(stock, stock_name)

    def plan(page):
        page.file(stock_name)
        page.stage("planned")
        page.js("document.getElementById('plan-steps').open = false; scrollTo(0, document.getElementById('write').offsetTop - 16)")

    def backup(page):
        page.click("do-backup")
        page.stage("done")
        page.wait("document.getElementById('get-last')", "the backup is listed")
        page.js("scrollTo(0, document.getElementById('backup').offsetTop - 16)")

    def writing(page):
        page.file(stock_name)
        page.stage("planned")
        page.click("go")
        page.wait("norprogMap.count('w') > 150 && norprogMap.count('x') > 0", "it is under way")
        page.js("scrollTo(0, 0)")

    def refused(page):
        page.file(stock_name)
        page.stage("planned")
        page.click("keep-unit")
        page.wait("document.getElementById('job').hidden", "the plan is put away")
        page.click("make-plan")
        page.stage("failed")
        page.js("scrollTo(0, document.getElementById('job').offsetTop - 16)")

    shoot("backup", mine, (1100, 920), "light", backup)
    shoot("plan", mine, (1100, 920), "light", plan)
    shoot("writing", mine, (1100, 800), "dark", writing)
    shoot("refused-on-a-phone", mine, (360, 720), "light", refused)
    shutil.rmtree(os.path.dirname(stock_name))


main()
