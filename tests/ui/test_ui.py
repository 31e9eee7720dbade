#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The page in a real browser, on the simulated programmer. test_ui.py BUILD [FOLDER for screenshots]
Prints libcheck's line of sums for tests/run; leaves with 77 where there is no Chromium driver."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait
except ImportError:
    print("skipped: the page in a browser needs python3-selenium (make deps)")
    sys.exit(77)
if not shutil.which("chromedriver") or not shutil.which("chromium"):
    print("skipped: the page in a browser needs chromium and chromium-driver (make deps)")
    sys.exit(77)

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(sys.argv[1])
SHOTS = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else os.path.join(BUILD, "tests", "ui")
UNIT = [(0x7DF100, 6), (0x7F0000, 0x10000)]  # the MAC and the calibration of an MR200
CHIP = "sim:chip=W25Q64FV,file=%s"


def compose(unit, release):
    helper = 'source "$0/../support/images.bash"; composed mr200 %s %s' % (unit, release)
    env = dict(os.environ, BUILD=BUILD)
    return subprocess.check_output(["bash", "-c", helper, HERE], env=env, text=True).strip()


class Server:
    """norprog ui on a chip file, with a state folder."""

    def __init__(self, folder):
        self.folder = folder
        self.chip = os.path.join(folder, "chip.bin")
        self.start()

    def start(self, extra=""):
        env = dict(os.environ, XDG_STATE_HOME=os.path.join(self.folder, "state"))
        self.process = subprocess.Popen(
            [os.path.join(BUILD, "norprog"), "ui", "-p", CHIP % self.chip + extra, "--no-browser"],
            env=env, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait()


class Page:
    def __init__(self, profile, width=1200, height=900):
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=en",
                     "--window-size=%d,%d" % (width, height), "--user-data-dir=" + profile):
            options.add_argument(flag)
        self.driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        if width < 500:
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                        {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": True})

    def js(self, script, *values):
        return self.driver.execute_script(script, *values)

    def wait(self, script, what):
        WebDriverWait(self.driver, 180, 0.05).until(lambda _: self.js("return " + script), what)

    def open(self, url):
        self.driver.get("about:blank")
        self.driver.get(url)

    def chip(self):
        self.wait("document.getElementById('chip-name') && document.querySelector('.map')", "the chip is named")

    def stage(self, *stages):
        self.wait("%r.includes(document.getElementById('job').dataset.stage) && !document.getElementById('job').hidden"
                  % list(stages), "the job is " + " or ".join(stages))
        return self.js("return document.getElementById('job').dataset.stage")

    def click(self, name):
        self.wait("(e => e && !e.disabled)(document.getElementById('%s'))" % name, name + " is there")
        self.js("document.getElementById(arguments[0]).click()", name)

    def file(self, path):
        self.driver.find_element("id", "file").send_keys(path)

    def text(self, name):
        return self.js("return document.getElementById(arguments[0]).innerText", name)

    def shot(self, name):
        os.makedirs(SHOTS, exist_ok=True)
        self.driver.save_screenshot(os.path.join(SHOTS, name + ".png"))


def read(path):
    with open(path, "rb") as file:
        return file.read()


def with_unit(stock, mine):
    """The chip is the stock dump, but for what is this unit's own."""
    return all(stock[1][at:at + n] == mine[at:at + n] for at, n in UNIT) and \
        stock[1][:0x7C0000] == stock[0][:0x7C0000]


def back_up_and_write(page, server, mine, stock):
    """The whole job, in three clicks and a file; what is the unit's own stays."""
    page.open(server.url)
    page.chip()
    assert "W25Q64FV" in page.text("chip-name") and "MR200" in page.text("device")
    page.shot("clip")
    page.click("do-backup")
    page.stage("done")
    assert "Trustworthy: 2 passes" in page.text("job")
    assert page.js("return norprogMap.count('a')") == 2048
    page.shot("backup")
    page.file(stock)
    page.stage("planned")
    assert "Erases" in page.text("plan-sum") and page.js("return norprogMap.count('p')") > 100
    page.shot("plan")
    assert read(server.chip) == read(mine), "nothing is written before Write"
    page.click("go")
    page.stage("done")
    page.shot("done")
    assert with_unit((read(stock), read(server.chip)), read(mine))
    page.click("undo-this")
    page.stage("planned")
    page.click("go")
    page.stage("done")
    assert read(server.chip) == read(mine), "undone"


def refusal_and_override(page, server, mine, stock):
    page.open(server.url)
    page.chip()
    page.file(stock)
    page.stage("planned")
    page.click("keep-unit")
    page.wait("document.getElementById('job').hidden", "the plan is put away")
    page.click("make-plan")
    page.stage("failed")
    assert "Refused" in page.text("job") and "unit-data" in page.text("job")
    assert page.js("return !document.getElementById('go')"), "what is refused cannot be written"
    page.shot("refused")
    page.click("override-unit-data")
    page.click("plan-lifted")
    page.stage("planned")
    assert "lifted by you" in page.text("job")
    page.click("close-job")
    assert read(server.chip) == read(mine)


def killed_and_resumed(page, server, mine, stock):
    """kill -9 in mid-write; the next page begins with Resume."""
    page.open(server.url)
    page.chip()
    page.file(stock)
    page.stage("planned")
    # the process dies when the first block is written, seen from the chip's file
    before = read(server.chip)
    page.click("go")
    while read(server.chip) == before and server.process.poll() is None:
        pass
    server.end(signal.SIGKILL)
    page.wait("document.getElementById('alerts').innerText.includes('connection')", "the page says that it is gone")
    server.start()
    page.open(server.url)
    page.chip()
    page.wait("document.getElementById('resume-0') || document.getElementById('done')", "Resume is offered")
    page.shot("unfinished")
    page.click("resume-0")
    page.stage("planned")
    page.click("go")
    page.stage("done")
    assert with_unit((read(stock), read(server.chip)), read(mine))


def two_tabs_and_reload(page, server, mine, stock):
    page.open(server.url)
    page.chip()
    first = page.driver.current_window_handle
    page.driver.switch_to.new_window("tab")
    page.driver.get(server.url.split("#")[0])
    page.chip()
    page.driver.switch_to.window(first)
    page.click("do-backup")
    page.stage("done")
    page.driver.close()
    page.driver.switch_to.window(page.driver.window_handles[0])
    page.stage("done")
    page.driver.refresh()
    page.stage("done")


def markup_is_text(page, server, mine, stock):
    name = os.path.join(server.folder, "<img src=x onerror=alert(1)>.bin")
    shutil.copy(stock, name)
    page.open(server.url)
    page.chip()
    page.file(name)
    page.stage("planned")
    assert page.text("file-name") == os.path.basename(name)
    assert not page.driver.find_elements("css selector", "#write img")


def phone(page, server, mine, stock):
    page.open(server.url)
    page.chip()
    page.file(stock)
    page.stage("planned")
    page.shot("phone")
    assert page.js("return document.documentElement.scrollWidth") <= 360


def keyboard_only(page, server, mine, stock):
    page.open(server.url)
    page.chip()
    for name in ("do-backup",):
        for _ in range(60):
            page.driver.switch_to.active_element.send_keys(Keys.TAB)
            if page.driver.switch_to.active_element.get_attribute("id") == name:
                break
        page.driver.switch_to.active_element.send_keys(Keys.ENTER)
    page.stage("done")
    names = page.js("""return [...document.querySelectorAll('button, input, select')].filter((e) =>
        !(e.textContent || e.labels?.length || e.getAttribute('aria-label'))).map((e) => e.id)""")
    assert not names, "without a name: %s" % names


def strangers(page, server, mine, stock):
    """Other names, other sites, no key, a token twice, a body without end."""
    base = server.url.split("#")[0]

    def status(path, data=None, **headers):
        request = urllib.request.Request(base + path, data=data,
                                         headers={k.replace("_", "-"): v for k, v in headers.items()})
        try:
            return urllib.request.urlopen(request).status
        except urllib.error.HTTPError as error:
            return error.code
    assert status("") == 200
    assert status("", Host="evil.example") == 421
    assert status("", Origin="http://evil.example") == 403
    assert status("api/gates") == 401
    assert status("api/gates", X_Norprog_Key="0" * 32) == 401
    page.open(server.url)
    page.chip()
    assert status("api/key", b"", X_Norprog_Token=server.url.split("#")[1]) == 401
    key = page.js("return localStorage.getItem('norprog-key')")
    assert status("api/gates", X_Norprog_Key=key) == 200
    for body in (b"", b"{", b"[]", b'{"op":"format"}', b'{"op":"read","x":1}', b"[" * 60000):
        assert status("api/job", body, X_Norprog_Key=key) == 400, body[:20]
    assert status("api/job", b" " * 70000, X_Norprog_Key=key) == 413
    assert status("api/go", b'{"number":1}', X_Norprog_Key=key) == 409
    assert status("api/bytes?from=/etc/passwd&start=0&len=0", X_Norprog_Key=key) == 400


TESTS = [back_up_and_write, refusal_and_override, killed_and_resumed, two_tabs_and_reload, markup_is_text, phone,
         keyboard_only, strangers]


def run(test, mine, stock):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(mine, os.path.join(folder, "chip.bin"))
        server = Server(folder)
        page = Page(os.path.join(folder, "browser"), *((360, 800) if test is phone else ()))
        try:
            test(page, server, mine, stock)
            return True
        except Exception as error:  # whatever it is, the other tests go on
            page.shot("failed-" + test.__name__)
            print("%s: %s: %s" % (test.__name__, type(error).__name__, error))
            print("alerts: %r, job: %r" % (page.text("alerts"), page.text("job")))
            return False
        finally:
            page.driver.quit()
            if server.process.poll() is None:
                server.end()


def main():
    mine, stock = compose(7, "a"), compose(42, "b")
    chosen = [test for test in TESTS if not os.environ.get("ONLY") or test.__name__ in os.environ["ONLY"].split(",")]
    failed = sum(not run(test, mine, stock) for test in chosen)
    print("%d%%: Checks: %d, Failures: %d, Errors: 0" % (100 * (len(chosen) - failed) / len(chosen), len(chosen), failed))
    sys.exit(1 if failed else 0)


main()
