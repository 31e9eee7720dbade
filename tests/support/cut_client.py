#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""cut_client.py PORT MESSAGES NORPROG WORDS...: runs norprog as a client of the server at PORT, and kills
it once it has sent so many messages (requests, and pages behind a PROGRAM), of which the last comes
only half. Its exit code is norprog's, or 137. With MESSAGES "count" nobody is killed, and the number of
messages goes to the file "messages"."""
import os
import signal
import socket
import subprocess
import sys
import threading

PARAMS = {0x40: 4, 0x41: 0, 0x42: 11, 0x44: 7, 0x45: 15, 0x46: 18, 0x47: 28, 0x48: 0, 0x49: 4}
PAGE = 256


class Messages:
    """Cuts what the client says where doc/BRIDGE.md says."""

    def __init__(self):
        self.said = b""
        self.pages = []

    def length(self):
        """Of the message that is next, once that is known."""
        if self.pages:
            return self.pages[0]
        first = self.said[0]
        if first == 0x43:
            return 14 + int.from_bytes(self.said[2:4], "little") if len(self.said) >= 4 else None
        return 6 + PARAMS[first] if first in PARAMS else 1

    def next(self):
        if not self.said:
            return None
        length = self.length()
        if length is None or len(self.said) < length:
            return None
        message, self.said = self.said[:length], self.said[length:]
        if self.pages:
            self.pages.pop(0)
        elif message[0] == 0x46:
            address = int.from_bytes(message[12:16], "little")
            left = int.from_bytes(message[16:20], "little")
            while left:
                n = min(left, PAGE - address % PAGE)
                self.pages.append(n + 3)
                address += n
                left -= n
        return message


def relay(near, far, most):
    """True when the client has said enough."""
    messages, count = Messages(), 0
    while data := near.recv(65536):
        messages.said += data
        while message := messages.next():
            count += 1
            if count == most:
                far.sendall(message[:len(message) // 2])
                return True
            far.sendall(message)
    if most is None:
        with open("messages", "w", encoding="ascii") as out:
            print(count, file=out)
    return False


def main():
    port, words = int(sys.argv[1]), sys.argv[3:]
    most = None if sys.argv[2] == "count" else int(sys.argv[2])
    door = socket.create_server(("127.0.0.1", 0))
    own = door.getsockname()[1]
    client = subprocess.Popen(words[:1] + ["-p", f"serprog:ip=127.0.0.1@{own}"] + words[1:],
                              stdin=subprocess.DEVNULL)
    door.settimeout(20)
    near, _ = door.accept()
    far = socket.create_connection(("127.0.0.1", port))
    for line in (near, far):
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def back():
        try:
            while data := far.recv(65536):
                near.sendall(data)
        except OSError:
            pass

    threading.Thread(target=back, daemon=True).start()
    try:
        if relay(near, far, most):
            os.kill(client.pid, signal.SIGKILL)
    except OSError:
        pass
    far.close()
    near.close()
    return client.wait() & 0xff


sys.exit(main())
