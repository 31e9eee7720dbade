#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What strangers, slow clients and broken ones send to the page's server, outside of any browser; and two
clients at once. Works with a ThreadSanitizer build, too (`make tsan-ui`). test_http.py BUILD"""
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from support import BUILD, Server, compose, read, wants

SEED = int(os.environ.get("SEED", random.randrange(1 << 30)))


class Client:
    """Speaks to one server, with a key."""

    def __init__(self, server):
        self.host, self.port = server.base[7:-1].rsplit(":", 1)
        self.key = json.loads(self.ask("POST", "/api/key", headers={"X-Norprog-Token": server.token})[1])["key"]

    def socket(self):
        return socket.create_connection((self.host, int(self.port)), timeout=60)

    def raw(self, data):
        """Bytes as they are; the answer's status (0: hung up without one)."""
        with self.socket() as line:
            try:
                line.sendall(data)
                line.shutdown(socket.SHUT_WR)
                answer = line.recv(65536)
            except OSError:
                return 0
        return int(answer.split(b" ")[1]) if answer.startswith(b"HTTP/1.") else 0

    def ask(self, method, path, body=None, headers=None, key=True):
        line = http.client.HTTPConnection(self.host, int(self.port), timeout=60)
        words = dict(headers or {})
        if key and hasattr(self, "key"):
            words.setdefault("X-Norprog-Key", self.key)
        line.request(method, path, body=body, headers=words)
        answer = line.getresponse()
        data = answer.read()
        self.headers = dict(answer.getheaders())
        line.close()
        return answer.status, data

    def status(self, *words, **named):
        return self.ask(*words, **named)[0]

    def post(self, path, value):
        """As the page does: again while norprog looks at the chip."""
        for _ in range(1200):
            status, data = self.ask("POST", path, json.dumps(value))
            if status != 409:
                return status, json.loads(data)
            time.sleep(0.05)
        return status, json.loads(data)

    def watch(self):
        line = self.socket()
        line.sendall(("GET /api/watch HTTP/1.1\r\nHost: %s:%s\r\nX-Norprog-Key: %s\r\n\r\n"
                      % (self.host, self.port, self.key)).encode())
        return line

    def until(self, found, name="job"):
        """The first event of this name that `found` likes."""
        with self.watch() as line, line.makefile("rb") as lines:
            event = None
            for text in lines:
                if text.startswith(b"event: "):
                    event = text[7:].strip().decode()
                elif text.startswith(b"data: ") and event == name:
                    value = json.loads(text[6:])
                    if found(value):
                        return value
        raise AssertionError("the stream ended")

    def chip(self):
        self.until(lambda clip: clip and clip["chip"], "clip")

    def stage(self, *stages):
        return self.until(lambda job: job and job["stage"] in stages)


def alive(client):
    assert client.status("GET", "/") == 200 and client.status("GET", "/api/gates") == 200


def hosts_and_origins(client, server, stock):
    """DNS rebinding, other sites: refused for the page, and for each of its requests."""
    here = "%s:%s" % (client.host, client.port)
    for path in ("/", "/app.js", "/api/gates", "/api/watch", "/nothing"):
        for host in ("evil.example", "evil.example:" + client.port, "127.0.0.1", "127.0.0.1:1", "", "[::1", here + "."):
            assert client.status("GET", path, headers={"Host": host}) in (421, 400), (path, host)
        for origin in ("http://evil.example", "null", "https://" + here, "http://" + here + ".evil.example", "file://", ""):
            assert client.status("GET", path, headers={"Host": here, "Origin": origin}) == 403, (path, origin)
    assert client.status("GET", "/", headers={"Host": here, "Origin": "http://" + here}) == 200
    assert client.raw(b"GET / HTTP/1.1\r\n\r\n") in (400, 421), "no Host at all"
    assert client.raw(b"GET / HTTP/1.0\r\n\r\n") in (400, 421)


def keys_and_tokens(client, server, stock):
    """Every request but the page's files needs the key; a token is good once."""
    wants_key = ("GET /api/watch", "GET /api/gates", "GET /api/chips", "GET /api/layouts", "POST /api/token", "POST /api/job",
                 "POST /api/go", "POST /api/stop", "POST /api/clear", "POST /api/look", "POST /api/open", "POST /api/doctor",
                 "POST /api/layout", "POST /api/file?name=x", "POST /api/backup", "POST /api/drop", "POST /api/field",
                 "GET /api/bytes?from=chip&start=0&len=1", "POST /api/find?from=file&start=0", "GET /api/compare?a=file&b=file")
    for route in wants_key:
        method, path = route.split(" ")
        for key in (None, "", "0" * 32, client.key[:-1], client.key + "0", client.key.upper() + "g"):
            headers = {} if key is None else {"X-Norprog-Key": key}
            assert client.status(method, path, headers=headers, key=False) == 401, (route, key)
    for token in (server.token, "", "0" * 32, client.key):
        assert client.status("POST", "/api/key", headers={"X-Norprog-Token": token}) == 401
    assert client.status("POST", "/api/key?token=" + server.token) == 401
    token = json.loads(client.ask("POST", "/api/token")[1])["token"]
    assert client.status("POST", "/api/key", headers={"X-Norprog-Token": token}) == 200
    assert client.status("POST", "/api/key", headers={"X-Norprog-Token": token}) == 401, "a second time"


def headers_of_answers(client, server, stock):
    """Nothing inline, nothing from elsewhere, no cookies, in nobody's frame; for files, data and refusals."""
    for path in ("/", "/app.js", "/style.css", "/icon.svg", "/api/gates", "/nothing", "/api/bytes"):
        client.ask("GET", path)
        policy = client.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy, path
        assert client.headers["X-Content-Type-Options"] == "nosniff" and "Set-Cookie" not in client.headers
        assert client.headers["Cache-Control"] == "no-store" and client.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in client.headers


def ways_out(client, server, stock):
    """Paths lead to the page's own files; sources to the backups; layouts to what is built in."""
    secret = os.path.join(server.folder, "secret.bin")
    with open(secret, "wb") as file:
        file.write(b"secret" * 1000)
    for path in ("/../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/etc/passwd", "//etc/passwd", "/app.js/../../x", "/src/ui/page/app.js",
                 "/.", "/index.html", "/api", "/api/", "/api/bytes/", "/API/gates", "/texts.js~"):
        assert client.status("GET", path) == 404, path
    for source in ("/etc/passwd", secret, "../secret.bin", "file:///etc/passwd", "", "chip/../x", "."):
        quoted = source.replace("/", "%2F")
        assert client.status("GET", "/api/bytes?start=0&len=0&from=" + quoted) == 400, source
        assert client.status("POST", "/api/find?start=0&from=" + quoted, b"x") == 400, source
        assert client.status("GET", "/api/compare?a=file&b=" + quoted) == 400, source
        assert client.post("/api/backup", {"path": source})[0] == 400, source
    for name in ("/etc/passwd", "../x", secret, "a.ini"):
        assert client.post("/api/layout", {"name": name})[0] == 400, name
        assert json.loads(client.ask("GET", "/api/layouts?q=" + name.replace("/", "%2F"))[1])["layout"] is None


def bodies(client, server, stock):
    """Too long, half, without a length, of another type, no JSON, JSON that is no order."""
    bad = [b"", b"{", b"[]", b"null", b'"read"', b'{"op":"format"}', b'{"op":"read","x":1}', b"[" * 60000, b'{"op":["read"]}',
           b'{"op":"write","keep":' + b"[" * 50000, b'{"op":"read","op":"erase"}', b'{"op":"\xff"}', b'{"op":"re\\u0000ad"}',
           b"\x00" * 100, b'{"op":"write","set":[1]}', b'{"op":"write","set":"mac=1"}', b'{"op":"write","at":1e99}']
    for body in bad:
        assert client.status("POST", "/api/job", body) == 400, body[:40]
        for path in ("/api/backup", "/api/field"):
            assert client.status("POST", path, body) == 400, (path, body[:40])
    for body in (b"", b"x", b'{"number":"1"}', b'{"number":99}', b'{"number":-1}', b'{"number":1e400}'):
        assert client.status("POST", "/api/go", body) == 409, body
    assert client.status("POST", "/api/job", b" " * 70000) == 413
    head = "POST %s HTTP/1.1\r\nHost: %s:%s\r\nX-Norprog-Key: %s\r\n"
    fill = (client.host, client.port, client.key)
    assert client.raw((head % ("/api/file?name=x", *fill) + "Content-Length: 99999999999\r\n\r\n").encode()) == 413
    assert client.raw((head % ("/api/file?name=x", *fill) + "Content-Length: -1\r\n\r\n").encode()) in (0, 400, 413)
    assert client.raw((head % ("/api/file?name=x", *fill) + "Content-Length: x\r\n\r\n").encode()) in (0, 400)
    # half of what was promised: no file is taken
    client.raw((head % ("/api/file?name=half", *fill) + "Content-Length: 1000000\r\n\r\n").encode() + b"x" * 1000)
    # in pieces of unknown length, and too much of it
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    assert client.raw((head % ("/api/job", *fill) + "Transfer-Encoding: chunked\r\n\r\n").encode() + 2 * chunk + b"0\r\n\r\n") == 413
    assert client.status("GET", "/api/bytes?from=file&start=0&len=0") == 400, "no half file was taken"
    # a form of another site would have such a type; without the key it is nothing, with it the type is no matter
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"):
        assert client.status("POST", "/api/job", b"op=read", headers={"Content-Type": kind}) == 400
    assert client.raw(b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n\r\n") in (0, 414, 431, 400, 413)
    assert client.raw(b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 20000 + b"\r\n") in (0, 431, 400, 413)
    assert client.raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03") in (0, 400), "TLS"
    for method in ("PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "FOO"):
        assert client.status(method, "/api/job") in (404, 405, 400, 501), method
    alive(client)


def random_requests(client, server, stock):
    """Bytes of all kinds; the seed is printed when something breaks."""
    chance = random.Random(SEED)
    good = (b"POST /api/job HTTP/1.1\r\nHost: %s:%s\r\nX-Norprog-Key: %s\r\nContent-Length: 13\r\n\r\n{\"op\":\"read\"}"
            % (client.host.encode(), client.port.encode(), client.key.encode()))
    for _ in range(300):
        data = bytearray(good)
        for _ in range(chance.randrange(1, 8)):
            at = chance.randrange(len(data))
            what = chance.randrange(3)
            if what == 0:
                data[at] = chance.randrange(256)
            elif what == 1:
                del data[at:at + chance.randrange(1, 20)]
            else:
                data[at:at] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 40)))
            if not data:
                break
        client.raw(bytes(data))
        if server.process.poll() is not None:
            raise AssertionError("it died; SEED=%d" % SEED)
    client.ask("POST", "/api/stop")
    alive(client)


def slow_clients(client, server, stock):
    """Who sends a byte now and then holds up nobody else."""
    slow = [client.socket() for _ in range(20)]
    for line in slow:
        line.sendall(b"POST /api/job HTTP/1.1\r\nHost: ")
    begun = client.socket()
    begun.sendall(("POST /api/file?name=slow HTTP/1.1\r\nHost: %s:%s\r\nX-Norprog-Key: %s\r\nContent-Length: 1000\r\n\r\nab"
                   % (client.host, client.port, client.key)).encode())
    alive(client)
    client.chip()
    status, _ = client.post("/api/job", {"op": "read"})
    assert status == 200
    assert client.stage("done", "failed")["stage"] == "done"
    for line in (*slow, begun):
        line.close()
    # one that watches and never reads what it is told: the job is not held up
    deaf = client.watch()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    client.post("/api/clear", None)
    assert client.post("/api/job", {"op": "read"})[0] == 200
    client.stage("done")
    deaf.close()
    alive(client)


def many_connections(client, server, stock):
    """More than it takes: the others go on, and when they are gone there is room again."""
    lines = []
    for _ in range(200):
        try:
            line = client.socket()
            line.settimeout(5)
            lines.append(line)
        except OSError:
            break
    for line in lines:
        line.close()
    for _ in range(100):
        try:
            alive(client)
            return
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
    raise AssertionError("no room any more")


def many_at_once(client, server, stock):
    """Eight clients that look, compare, take files, ask for jobs and stop them, while two watch: each is
    answered, and in the end the chip holds what it held."""
    chance = random.Random(SEED)
    before = read(server.chip)
    dump = read(stock)
    faults = []

    def work(seed):
        mine = random.Random(seed)
        try:
            for _ in range(25):
                asks = [("GET", "/api/bytes?from=chip&start=%d&len=512" % mine.randrange(1 << 23), None),
                        ("GET", "/api/bytes?from=file&start=0&len=4096", None), ("POST", "/api/file?name=a", dump),
                        ("POST", "/api/drop", None), ("GET", "/api/compare?a=file&b=read", None),
                        ("POST", "/api/job", b'{"op":"read"}'), ("POST", "/api/job", b'{"op":"write","keep":["unit"]}'),
                        ("POST", "/api/stop", None), ("POST", "/api/clear", None), ("POST", "/api/look", None),
                        ("POST", "/api/find?from=file&start=0", b"U-Boot"), ("POST", "/api/field", b'{"set":"mac=a0:f3:c1:00:00:01"}'),
                        ("POST", "/api/open", b"{}"), ("GET", "/api/layouts?q=mr", None), ("POST", "/api/go", b'{"number":999}')]
                status, data = client.ask(*mine.choice(asks))
                if status not in (200, 400, 409):
                    faults.append((status, data[:200]))
        except Exception as error:
            faults.append(error)

    watchers = [client.watch() for _ in range(2)]
    for line in watchers:
        threading.Thread(target=lambda one=line: [None for _ in iter(lambda: one.recv(65536), b"")], daemon=True).start()
    threads = [threading.Thread(target=work, args=(chance.random(),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults, (SEED, faults)
    client.ask("POST", "/api/stop")
    alive(client)
    assert read(server.chip) == before
    assert server.end() in (0, -signal.SIGTERM), "it ends in order"
    for line in watchers:
        line.close()


def a_whole_job(client, server, stock):
    """Plan and write by orders alone: nothing is written without the number of the plan that was shown."""
    client.chip()
    assert client.status("POST", "/api/file?name=stock.bin", read(stock)) == 200
    assert client.post("/api/job", {"op": "write", "keep": ["unit"]})[0] == 200
    number = client.stage("planned", "failed")["number"]
    before = read(server.chip)
    for wrong in (0, number + 1, number - 1, -number, str(number), None):
        assert client.status("POST", "/api/go", json.dumps({"number": wrong})) == 409, wrong
    assert read(server.chip) == before
    assert client.status("POST", "/api/go", json.dumps({"number": number})) == 200
    assert client.stage("done", "failed")["stage"] == "done"
    assert client.status("POST", "/api/go", json.dumps({"number": number})) == 409, "not twice"


@wants(server={"words": ("--listen", "0.0.0.0:0")})
def all_interfaces(client, server, stock):
    """An address of each interface is printed, each with the token, and one line says what that means."""
    said = [server.url]
    while "http" in said[-1]:
        said.append(server.process.stdout.readline().strip())
    hosts = [line[7:].split(":")[0] for line in said[:-1]]
    words = subprocess.run(["ip", "-4", "-o", "addr", "show", "up", "scope", "global"], capture_output=True, text=True).stdout
    assert set(hosts) == {line.split()[3].split("/")[0] for line in words.splitlines()} or not words, (hosts, words)
    assert all(line.endswith("#" + server.token) for line in said[:-1])
    assert "token" in said[-1] and "not encrypted" in said[-1]
    assert client.status("GET", "/api/gates", key=False) == 401
    assert client.status("GET", "/", headers={"Host": "router.lan:" + client.port}) == 421


def weight(client, server, stock):
    """All that the first page loads."""
    sizes = {name: len(client.ask("GET", name)[1]) for name in
             ("/", "/style.css", "/app.js", "/dom.js", "/look.js", "/map.js", "/net.js", "/texts.js", "/icon.svg")}
    assert min(sizes.values()) > 100 and sum(sizes.values()) < 200 * 1024, sizes
    assert not [name for name in sizes if b"http://" in client.ask("GET", name)[1].replace(b"http://www.w3.org/2000/svg", b"")
                or b"https://" in client.ask("GET", name)[1]], "no address of anybody else"


TESTS = [hosts_and_origins, keys_and_tokens, headers_of_answers, ways_out, bodies, random_requests, slow_clients,
         many_connections, many_at_once, a_whole_job, all_interfaces, weight]


def run(test, mine, stock):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        shutil.copy(mine, os.path.join(folder, "chip.bin"))
        server = Server(folder, **getattr(test, "server", {}))
        try:
            test(Client(server), server, stock)
            if server.process.poll() is None:
                code = server.end()
                assert code == 0, "ended with %d: a fault, or a sanitizer's complaint" % code
            return True
        except Exception as error:  # whatever it is, the other tests go on
            print("%s (SEED=%d): %s: %s" % (test.__name__, SEED, type(error).__name__, error))
            return False
        finally:
            if server.process.poll() is None:
                server.process.kill()


def main():
    mine, stock = compose(7, "a"), compose(42, "b")
    chosen = [test for test in TESTS if not os.environ.get("ONLY") or test.__name__ in os.environ["ONLY"].split(",")]
    failed = sum(not run(test, mine, stock) for test in chosen)
    if chosen:
        print("%d%%: Checks: %d, Failures: %d, Errors: 0" % (100 * (len(chosen) - failed) / len(chosen), len(chosen), failed))
    sys.exit(1 if failed else 0)


assert BUILD
if __name__ == "__main__":
    main()
