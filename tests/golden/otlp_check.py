# SPDX-License-Identifier: BSD-2-Clause
"""Compares lines of OTLP with the JSON records of the same deaths.

usage: otlp_check.py NAME.json NAME.otlp     (PYTHONPATH: what scripts/otlp-decoder made)

The decoder is Google's, the definitions are OpenTelemetry's: an unknown name or a wrong type fails.
"""

import json
import re
import sys
from datetime import datetime, timezone
from pathlib import Path

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

# Names of the semantic conventions (registry: process, container, k8s, log).
CONVENTIONS = {
    "id": "log.record.uid",
    "victim.pid": "process.pid",
    "victim.ppid": "process.parent_pid",
    "victim.ns_pid": "process.vpid",
    "victim.uid": "process.real_user.id",
    "victim.exe": "process.executable.name",
    "victim.start_time": "process.creation.time",
    "container.id": "container.id",
    "container.name": "container.name",
    "container.runtime": "container.runtime.name",
    "kubernetes.namespace": "k8s.namespace.name",
    "kubernetes.pod": "k8s.pod.name",
    "kubernetes.pod_uid": "k8s.pod.uid",
    "kubernetes.container": "k8s.container.name",
}
ELSEWHERE = {"time", "node", "summary", "exit.status", "container.image"}


def plain(value):
    """The value of an AnyValue, as a Python value."""
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [plain(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return named(value.kvlist_value.values)
    assert kind is not None, "an empty value"
    return getattr(value, kind)


def named(attributes):
    """Attributes by name; the specification forbids duplicates."""
    found = {item.key: plain(item.value) for item in attributes}
    assert len(found) == len(attributes), "an attribute comes twice"
    return found


def leaves(record, prefix=""):
    """Every member that is not an object, by its path."""
    for key, value in record.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def unix_nanos(text):
    """From RFC 3339 with nine digits; OTLP has no times before 1970, so they are 0."""
    whole, fraction = re.fullmatch(r"(.*)\.(\d{9})Z", text).groups()
    at = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    return max(0, int(at.timestamp()) * 10**9 + int(fraction))


def image_parts(image):
    """The attributes of "host:5000/shop/web:1.2@sha256:…"."""
    if re.fullmatch(r"sha256:[0-9a-f]+", image):
        return {"container.image.id": image}
    name, tag, digest = re.fullmatch(r"(.*?)(?::([^/:@]*))?(@.*)?", image, re.DOTALL).groups()
    parts = {"container.image.name": name}
    if tag is not None:
        parts["container.image.tags"] = [tag]
    if digest is not None:
        parts["container.image.repo_digests"] = [name + digest]
    return parts


def expected(record):
    """Exactly the attributes that are required."""
    want = {}
    for path, value in leaves(record):
        if path not in ELSEWHERE:
            want[CONVENTIONS.get(path, f"killtrace.{path}")] = value
    if "lost" in record:
        return want
    if "signal" not in record.get("exit", {"signal": 9}):
        want["process.exit.code"] = record["exit"]["status"]
    if "exit" in record and "thread_only" not in record["exit"]:
        want["process.exit.time"] = record["time"]
    cgroup, fault = record.get("cgroup", {}), record.get("fault", {})
    if cgroup.get("version") == 2:
        want["process.linux.cgroup"] = "0::" + cgroup["path"]
    if {"build_id", "module"} <= fault.keys() and fault["module"] == record["victim"].get("exe"):
        want["process.executable.build_id.gnu"] = fault["build_id"]
    if "image" in record.get("container", {}):
        want |= image_parts(record["container"]["image"])
    return want


def same(have, want):
    """Equal in value and in type: 1, 1.0 and True are three different values."""
    if isinstance(want, dict):
        return have.keys() == want.keys() and all(same(have[key], want[key]) for key in want)
    if isinstance(want, list):
        return len(have) == len(want) and all(same(a, b) for a, b in zip(have, want))
    return type(have) is type(want) and have == want


def severity(record):
    """Number, text and name of the event."""
    if "lost" in record:
        return 13, "WARN", "killtrace.loss"
    name = "killtrace.stuck" if "stuck" in record else "killtrace.kill"
    return (9, "INFO", name) if record["routine"] else (17, "ERROR", name)


def compare(record, line):
    """Fails at the first difference."""
    request = json_format.Parse(line, ExportLogsServiceRequest())
    (group,) = request.resource_logs
    (scope,) = group.scope_logs
    (log,) = scope.log_records
    resource = named(group.resource.attributes)
    assert resource.pop("service.version") == scope.scope.version != ""
    assert resource == {"service.name": "killtrace", "host.name": record["node"]}, resource
    assert scope.scope.name == "killtrace"
    assert (log.severity_number, log.severity_text, log.event_name) == severity(record)
    assert log.time_unix_nano == log.observed_time_unix_nano == unix_nanos(record["time"])
    if "summary" in record:
        assert log.body.string_value == record["summary"]
    else:
        assert all(
            f"{count} {reason}" in log.body.string_value for reason, count in record["lost"].items()
        )
    have, want = named(log.attributes), expected(record)
    assert same(have, want), sorted(set(map(str, have.items())) ^ set(map(str, want.items())))


def main():
    """Every record has its line, in order."""
    records = [json.loads(line) for line in Path(sys.argv[1]).read_text().splitlines()]
    lines = Path(sys.argv[2]).read_text().splitlines()
    assert len(lines) == len(records) > 0, f"{len(records)} records, {len(lines)} lines"
    for number, (record, line) in enumerate(zip(records, lines), 1):
        try:
            compare(record, line)
        except (AssertionError, json_format.ParseError, ValueError) as error:
            sys.exit(f"{sys.argv[2]}:{number}: {str(error)[:600]}")


main()
