#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Takes OTLP over HTTP on port 4318 of every address, as a collector on a node does.

usage: collector.py FILE

Appends each request's path and body to FILE, a line of JSON for each.
"""

import http.server
import json
import sys


class Collector(http.server.BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        """Takes a request."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with open(sys.argv[1], "a", encoding="utf-8") as out:
            out.write(json.dumps({"path": self.path, "body": json.loads(body)}) + "\n")
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        """No messages."""


http.server.ThreadingHTTPServer(("0.0.0.0", 4318), Collector).serve_forever()
