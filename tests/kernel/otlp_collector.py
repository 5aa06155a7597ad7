# SPDX-License-Identifier: BSD-2-Clause
"""A collector of OpenTelemetry logs that answers as a test wants it to.

It decodes requests with OpenTelemetry's own definitions (scripts/otlp-decoder). It answers a
malformed request with 400 and remembers it.
"""

import gzip
import http.server
import os
import pathlib
import ssl
import subprocess
import sys
import threading
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def load_decoder():
    """The class of a request, and the parser; skips if they are not available."""
    target = ROOT / "build/otlp"
    command = [ROOT / "scripts/otlp-decoder", target]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        # without a network there are no definitions; CI must have them
        assert not os.environ.get("CI"), made.stderr
        pytest.skip(made.stderr.strip())
    if str(target) not in sys.path:
        sys.path.insert(0, str(target))
    from google.protobuf import json_format
    from opentelemetry.proto.collector.logs.v1 import logs_service_pb2

    return json_format, logs_service_pb2.ExportLogsServiceRequest


class Answer:
    """One answer: a status, headers and a body, after a delay."""

    def __init__(self, status=200, body=b"{}", headers=(), after=0.0):
        self.status, self.body, self.headers, self.after = status, body, dict(headers), after


class Collector:
    """Has a port of its own from the start; accepts requests while it is `up`."""

    def __init__(self, *, certificate=None, port=0):
        self.json_format, self.request_class = load_decoder()
        self.plan = []  # answers to the next requests; later ones are accepted
        self.seen = []  # (time, path, headers, number of records, status) of each request
        self.taken = []  # log records of accepted deaths, in order
        self.losses = []  # log records of losses
        self.groups = []  # resources of the accepted requests
        self.wrong = []  # requests that could not be decoded
        self.broken = []  # errors of the collector itself
        self.lock = threading.Lock()
        self.certificate, self.port = certificate, port
        self.server = None

    def __enter__(self):
        self.up()
        return self

    def __exit__(self, *_):
        self.down()

    @property
    def url(self):
        """Its address, without a path."""
        return f"http{'s' if self.certificate else ''}://127.0.0.1:{self.port}"

    def up(self):
        """Begins to listen, on the same port as before."""
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """Passes each request to the collector."""

            protocol_version = "HTTP/1.1"

            def do_POST(self):
                """A request to export logs."""
                collector.handle(self)

            def log_message(self, format, *args):
                """Logs nothing."""

        class Server(http.server.ThreadingHTTPServer):
            """A server whose threads end with it."""

            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, request, client_address):
                """Ignores a client that went away; records any other error, since it resets the
                connection.
                """
                error = sys.exc_info()[1]
                if not isinstance(error, (BrokenPipeError, ConnectionResetError)):
                    collector.broken.append(repr(error))

        self.server = Server(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        if self.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.certificate)
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def down(self):
        """Stops: connections are refused."""
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def decode(self, handler):
        """Decodes the request's message, or returns None."""
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        try:
            assert handler.headers["Content-Type"] == "application/json"
            if handler.headers["Content-Encoding"] == "gzip":
                body = gzip.decompress(body)
            return self.json_format.Parse(body.decode("utf-8"), self.request_class())
        except (AssertionError, ValueError, OSError, self.json_format.ParseError) as error:
            self.wrong.append(f"{error}: {body[:300]!r}")
            return None

    def handle(self, handler):
        """Answers a request according to the plan."""
        request = self.decode(handler)
        with self.lock:
            answer = self.plan.pop(0) if self.plan else Answer()
        records = []
        for group in request.resource_logs if request else ():
            for scope in group.scope_logs:
                records += scope.log_records
        status = answer.status if request else 400
        if answer.after:
            time.sleep(answer.after)
        with self.lock:
            self.seen.append(
                (time.monotonic(), handler.path, handler.headers, len(records), status)
            )
            if status == 200:
                self.taken += [
                    record for record in records if record.event_name == "killtrace.kill"
                ]
                self.losses += [
                    record for record in records if record.event_name == "killtrace.loss"
                ]
                self.groups += request.resource_logs
        if status is None:  # an answer that is not HTTP
            handler.wfile.write(answer.body)
            handler.close_connection = True
            return
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(answer.body)

    def records_seen(self):
        """Counts the records in all requests, accepted or not."""
        return sum(records for *_, records, _ in self.seen)

    def statuses(self):
        """The statuses of all answers."""
        return [status for *_, status in self.seen]

    def attribute(self, key):
        """Values of an attribute in all accepted records, in order."""
        found = []
        for record in list(self.taken):
            for item in record.attributes:
                if item.key == key:
                    found.append(getattr(item.value, item.value.WhichOneof("value")))
        return found

    def pids(self):
        """Pids of the victims, in order."""
        return self.attribute("process.pid")


def make_authority(directory):
    """Makes a certificate authority and a certificate for 127.0.0.1: (authority, (certificate,
    key)).
    """

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True)

    (directory / "ext").write_text("subjectAltName=IP:127.0.0.1\n")
    new = ["req", "-newkey", "rsa:2048", "-nodes", "-subj"]
    openssl(*new, "/CN=authority", "-x509", "-days", "2", "-keyout", "ca.key", "-out", "ca.pem")
    openssl(*new, "/CN=collector", "-keyout", "server.key", "-out", "server.csr")
    by_authority = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "ext"]
    openssl("x509", "-req", "-in", "server.csr", *by_authority, "-days", "2", "-out", "server.pem")
    return directory / "ca.pem", (directory / "server.pem", directory / "server.key")
