#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""usage: receivers.py SOCKET FIFO [SLOW...]: what the agent's sinks send to, as a process of its
own.

Listens for OpenTelemetry logs on a port of 127.0.0.1, and as journald would at SOCKET. SLOW:
`collector`, which accepts and never answers; `journal`, which takes 20 messages a second; `json`,
which reads 20 KiB a second from FIFO. Prints one JSON object with the port; then, for each line of
standard input, one with what has been taken so far. Whether it is right what comes is for the
tests: here it is counted.
"""

import gzip
import http.server
import json
import socket
import sys
import threading
import time

taken = {"otlp": 0, "journal": 0}


class Handler(http.server.BaseHTTPRequestHandler):
    """Accepts every request."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        """A request to export logs."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Content-Encoding"] == "gzip":
            body = gzip.decompress(body)
        taken["otlp"] += body.count(b'"eventName":"killtrace.kill"')
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format, *args):
        """Logs nothing."""


def take_messages(listener, pause):
    """Receives the journal's protocol, one message in each datagram."""
    while True:
        time.sleep(pause)
        taken["journal"] += b"\nKILLTRACE_CAUSE=" in listener.recv(1 << 18)


def read_slowly(path):
    """Reads the agent's standard output."""
    with open(path, "rb", buffering=0) as pipe:
        while pipe.read(1024):
            time.sleep(0.05)


def main():
    """Runs until standard input ends."""
    slow = sys.argv[3:]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(sys.argv[1])
    # The kernel accepts connections for a listening socket.
    if "collector" not in slow:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    pause = 0.05 if "journal" in slow else 0
    threading.Thread(target=take_messages, args=(listener, pause), daemon=True).start()
    if "json" in slow:
        threading.Thread(target=read_slowly, args=(sys.argv[2],), daemon=True).start()
    print(json.dumps({"port": server.server_address[1]}), flush=True)
    for _ in sys.stdin:
        print(json.dumps(taken), flush=True)


main()
