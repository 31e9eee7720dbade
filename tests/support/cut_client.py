#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""cut_client.py PORT BYTES NORPROG WORDS...: runs norprog as a client of the server at PORT, and kills
it once it has sent so many bytes. Its exit code is norprog's, or 137."""
import os
import signal
import socket
import subprocess
import sys
import threading


def main():
    port, most, words = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
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
    left = most
    try:
        while left and (data := near.recv(left)):
            far.sendall(data)
            left -= len(data)
    except OSError:
        pass
    if not left:
        os.kill(client.pid, signal.SIGKILL)
    far.close()
    near.close()
    return client.wait() & 0xff


sys.exit(main())
