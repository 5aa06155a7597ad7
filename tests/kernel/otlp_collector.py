# SPDX-License-Identifier: BSD-2-Clause
"""A collector of OpenTelemetry logs that answers as a test wants it to.

It decodes requests with OpenTelemetry's own definitions (scripts/otlp-decoder). It answers a
malformed request with 400 and remembers it.
"""

import gzip
import os
import pathlib
import subprocess
import sys
import time

import pytest
from http_receiver import Answer, Receiver

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


class Collector(Receiver):
    """What it has seen and accepted: time, path, headers, number of records and status of each
    request are in `seen`.
    """

    def __init__(self, *, certificate=None, port=0):
        super().__init__(certificate=certificate, port=port)
        self.json_format, self.request_class = load_decoder()
        self.taken = []  # log records of accepted deaths, in order
        self.losses = []  # log records of losses
        self.groups = []  # resources of the accepted requests
        self.wrong = []  # requests that could not be decoded

    @property
    def url(self):
        """Its address, without a path."""
        return f"http{'s' if self.certificate else ''}://127.0.0.1:{self.port}"

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
        self.send(handler, answer, status)

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
