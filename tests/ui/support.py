# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of the page share: norprog ui on a chip, a browser, and a runner that prints libcheck's
line of sums for tests/run. Leaves with 77 where there is no Chromium driver."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(sys.argv[1])
SHOTS = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else os.path.join(BUILD, "tests", "ui")
UNIT = [(0x7DF100, 6), (0x7F0000, 0x10000)]  # the MAC and the calibration of an MR200
MAC_AT = 0x7DF100
PATIENCE = int(os.environ.get("PATIENCE", "180"))  # seconds, against hanging
CHIP = "sim:chip=W25Q64FV,file=%s"


def need_browser():
    try:
        import selenium  # noqa: F401, looked for and no more
    except ImportError:
        print("skipped: the page in a browser needs python3-selenium (make deps-test)")
        sys.exit(77)
    if not shutil.which("chromedriver") or not shutil.which("chromium"):
        print("skipped: the page in a browser needs chromium and chromium-driver (make deps-test)")
        sys.exit(77)


def compose(unit, release):
    helper = 'source "$0/../support/images.bash"; composed mr200 %s %s' % (unit, release)
    env = dict(os.environ, BUILD=BUILD)
    return subprocess.check_output(["bash", "-c", helper, HERE], env=env, text=True).strip()


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)
    return path


class Server:
    """norprog ui on a chip file, with a state folder. `words` go to norprog, `behind` stands before it."""

    def __init__(self, folder, extra="", words=(), behind=(), spec=None):
        self.folder = folder
        self.chip = os.path.join(folder, "chip.bin")
        self.spec = spec or CHIP % self.chip
        self.start(extra, words, behind)

    def start(self, extra="", words=(), behind=()):
        env = dict(os.environ, XDG_STATE_HOME=os.path.join(self.folder, "state"))
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "NORPROG_PROGRAMMER"):
            env.pop(name, None)
        self.process = subprocess.Popen(
            [*behind, os.path.join(BUILD, "norprog"), *words, "ui", "-p", self.spec + extra, "--no-browser"],
            env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        if not self.url.startswith("http"):
            raise RuntimeError("norprog ui does not start: " + self.url + self.process.stderr.read())

    @property
    def base(self):
        return self.url.split("#")[0]

    @property
    def token(self):
        return self.url.split("#")[1]

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        code = self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()
        return code

    def backups(self):
        folder = os.path.join(self.folder, "state", "norprog", "backups")
        return sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".bin"))


class Browser:
    """A Chromium that the tests of a file share: starting it costs more than most of them."""

    def __init__(self):
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.downloads = os.path.join(self.folder.name, "downloads")
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        options.add_experimental_option("prefs", {"download.default_directory": self.downloads})
        for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=en",
                     "--user-data-dir=" + os.path.join(self.folder.name, "profile")):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))

    def as_new(self):
        """One empty tab; nothing is left of what a test saved, kept, or was told."""
        shutil.rmtree(self.downloads, ignore_errors=True)
        os.makedirs(self.downloads)
        first, *others = self.driver.window_handles
        for other in others:
            self.driver.switch_to.window(other)
            self.driver.close()
        self.driver.switch_to.window(first)
        self.driver.get("about:blank")
        self.driver.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "all"})
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        self.driver.get_log("browser")

    def end(self):
        self.driver.quit()
        self.folder.cleanup()


class Page:
    def __init__(self, browser, width=1200, height=900, scheme="light"):
        self.clicks = 0
        self.downloads = browser.downloads
        self.driver = browser.driver
        browser.as_new()
        self.driver.set_window_size(width, height)
        self.scheme(scheme)
        if width < 500:
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                        {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": True})

    def scheme(self, name):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                                    {"features": [{"name": "prefers-color-scheme", "value": name}]})

    def js(self, script, *values):
        return self.driver.execute_script(script, *values)

    def wait(self, script, what, *values):
        from selenium.webdriver.support.ui import WebDriverWait
        return WebDriverWait(self.driver, PATIENCE, 0.05).until(lambda _: self.js("return " + script, *values), what)

    def open(self, url):
        self.driver.get("about:blank")
        self.driver.get(url)

    def chip(self):
        self.wait("document.getElementById('chip-name') && document.querySelector('.map')", "the chip is named")

    def stage(self, *stages):
        self.wait("arguments[0].includes(document.getElementById('job').dataset.stage) && "
                  "!document.getElementById('job').hidden", "the job is " + " or ".join(stages), list(stages))
        return self.js("return document.getElementById('job').dataset.stage")

    def click(self, name):
        self.wait("(e => e && !e.disabled)(document.getElementById(arguments[0]))", name + " is there", name)
        self.clicks += 1
        self.js("document.getElementById(arguments[0]).click()", name)

    def has(self, name):
        return self.js("return Boolean(document.getElementById(arguments[0]))", name)

    def choose(self, name, value):
        self.wait("[...(document.getElementById(arguments[0])?.options || [])].some((o) => o.value === arguments[1])",
                  "%s offers %s" % (name, value), name, value)
        self.js("const e = document.getElementById(arguments[0]); e.value = arguments[1];"
                "e.dispatchEvent(new Event('change'))", name, value)

    def type(self, name, text):
        from selenium.webdriver.common.keys import Keys
        from selenium.common.exceptions import StaleElementReferenceException
        for _ in range(20):  # the card may be drawn anew meanwhile
            try:
                field = self.driver.find_element("id", name)
                field.send_keys(Keys.CONTROL, "a")
                field.send_keys(text)
                return
            except StaleElementReferenceException:
                pass

    def file(self, path):
        from selenium.common.exceptions import StaleElementReferenceException
        for _ in range(20):  # the card may be drawn anew meanwhile
            self.wait("document.getElementById('file')", "a file can be chosen")
            try:
                self.driver.find_element("id", "file").send_keys(path)
                return
            except StaleElementReferenceException:
                pass

    def text(self, name):
        return self.js("return document.getElementById(arguments[0])?.innerText ?? ''", name)

    def says(self, name, words):
        self.wait("document.getElementById(arguments[0])?.innerText.includes(arguments[1])",
                  "%s says %r" % (name, words), name, words)

    def cells(self, letter):
        return self.js("return norprogMap.count(arguments[0])", letter)

    def saved(self, name):
        path = os.path.join(self.downloads, name)
        from selenium.webdriver.support.ui import WebDriverWait
        WebDriverWait(self.driver, PATIENCE, 0.05).until(lambda _: os.path.exists(path), name + " is saved")
        return read(path)

    def faults(self):
        """What went wrong in the page's own code, or against its policy."""
        return [entry["message"] for entry in self.driver.get_log("browser")
                if entry["level"] == "SEVERE" and "Failed to load resource" not in entry["message"]]

    def shot(self, name):
        os.makedirs(SHOTS, exist_ok=True)
        self.driver.save_screenshot(os.path.join(SHOTS, name + ".png"))

    def send(self, path, body, **headers):
        """A request as the page makes it."""
        return self.js("""return (async () => {
            const answer = await fetch(arguments[0], {method: "POST", body: arguments[1],
                headers: {"X-Norprog-Key": localStorage.getItem("norprog-key"), ...arguments[2]}});
            return [answer.status, await answer.text()];
        })()""", path, json.dumps(body), headers)


def run(test, mine, stock, browser):
    """A chip that holds `mine`, a server, a page. A test says in its attributes what it wants otherwise."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = page = None
        try:
            if getattr(test, "chip", True):
                shutil.copy(mine, os.path.join(folder, "chip.bin"))
            server = Server(folder, **getattr(test, "server", {}))
            page = Page(browser, *getattr(test, "size", ()))
            test(page, server, mine, stock)
            assert not page.faults(), page.faults()
            return True
        except Exception as error:  # whatever it is, the other tests go on
            print("%s: %s: %s" % (test.__name__, type(error).__name__, error))
            if page:
                page.shot("failed-" + test.__name__)
                print("alerts: %r\njob: %r" % (page.text("alerts"), page.text("job")))
            return False
        finally:
            if server and server.process.poll() is None:
                server.end()


def wants(**what):
    """@wants(size=(360, 800), server={...}): what run() gives a test."""
    def mark(test):
        for name, value in what.items():
            setattr(test, name, value)
        return test
    return mark


def steady(test, mine, stock, browsers):
    """A browser on a busy machine may draw between two looks of a test: what fails is tried twice more, each time in a
    browser of its own, and said."""
    for attempt in range(3):
        if not browsers:
            browsers.append(Browser())
        if run(test, mine, stock, browsers[0]):
            if attempt:
                print("%s: passed at try %d" % (test.__name__, attempt + 1))
            return True
        browsers.pop().end()
    return False


def main(tests):
    need_browser()
    mine, stock = compose(7, "a"), compose(42, "b")
    chosen = [test for test in tests if not os.environ.get("ONLY") or test.__name__ in os.environ["ONLY"].split(",")]
    if not chosen:
        return
    browsers = []
    failed = sum(not steady(test, mine, stock, browsers) for test in chosen)
    for browser in browsers:
        browser.end()
    print("%d%%: Checks: %d, Failures: %d, Errors: 0" % (100 * (len(chosen) - failed) / len(chosen), len(chosen), failed))
    sys.exit(1 if failed else 0)
