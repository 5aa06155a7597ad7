#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Makes recordings with hostile strings everywhere, and checks the outputs made from them.

usage: hostile.py make PAYLOAD RECORDING... >FILE
           the frames of these, with PAYLOAD in every string
       hostile.py payloads
           the names of the payloads
       hostile.py human|json|lines|metrics|talk FILE...
           checks that an output is harmless and well-formed
       hostile.py entries KILLTRACE RECORDING
           checks the entries that journald gets

Nothing here is killtrace's own code: the layouts follow bpf/event.h and
user/source/recording_format.h, Unicode defines hostile characters, systemd defines the fields of an
entry, and Prometheus defines its format.
"""

import json
import re
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
import unicodedata
from pathlib import Path

import jsonschema

try:
    from prometheus_client.parser import text_string_to_metric_families
except ImportError:
    text_string_to_metric_families = None

PAYLOADS = {
    "escape": b"\x1b[2J\x1b]0;t\x07",
    "c1": b"\xc2\x9b31m\xc2\x85\xc2\x9d",
    "c1-raw": b"\x9b31m\x85\x9d0;t\x9c",
    "newline": b"\nkilltrace: x\r\n# TYPE x counter\nx 1\n",
    "quotes": b'"} 1\n,"cause":"\\x\'`$(id)',
    "backslash": b"\\\\\\u001b\\n\\",
    "not-utf8": b"\xff\xfe\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe2\x80",
    "bidi": "\u202efdp.\u2066x\u2069\u200f\u061c".encode(),
    "unseen": "\u200b\u00ad\ufeff\u2060\u3164\ue000\U000e0041\U000e0100".encode(),
    "separators": "\u2028\u2029\x0b\x0c".encode(),
    "delete": b"\x7f\x7f\x08\x08\x08",
    "format": b"%s%n%99999d",
    "null": b"\x00hidden",
    "long": b"A" * 2048,
    "long-escape": b"\x1b[31m" * 400,
    "long-wide": "\U0001f600".encode() * 500,
}
# A cgroup's path names its owner: all forms of it, with the payload in the parts that a user
# chooses.
ID = b"63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d"
UID = b"6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e"
PATHS = [
    b"/system.slice/%s.service",
    b"/system.slice/shop.service/%s",
    b"/user.slice/user-1000.slice/user@1000.service/app.slice/%s.service",
    b"/user.slice/user-1000.slice/session-%s.scope",
    b"/machine.slice/machine-%s.scope",
    b"/machine.slice/machine-\\x1b%s.scope",
    b"/lxc.payload.%s/init.scope",
    b"/lxc/%s",
    b"/docker/" + ID + b"/%s",
    b"/system.slice/docker-" + ID + b".scope/%s",
    b"/kubepods/burstable/pod" + UID + b"/%s",
    b"/kubepods/burstable/pod" + UID + b"/" + ID,
    b"/kubepods.slice/kubepods-pod6a4ce4a0_ba47_11ea_b2a7_0cc47ac5979e.slice/%s-" + ID + b".scope",
    b"/garden/%s",
    b"/%s/",
    b"/system.slice/%s-" + ID + b".scope",
    b"%s",
]
HEADER, ORIGIN = struct.Struct("<8sII"), struct.Struct("<40s256s")
CHUNK, FRAME, SECTION = struct.Struct("<II"), struct.Struct("<QqII"), struct.Struct("<HHI")
RECORD_SIZE, RECORD_COMM, RECORD_MAX = 96, 80, 6144
FRAME_CHUNK, NAMES_CHUNK = 1, 3
SIGNAL, FAULT, PRIOR_SIGNALS, PRIOR_PATH = 1, 3, 16, 17
PATH_SECTIONS = {8: 1023, 9: 1023, 10: 511, 11: 511, 15: 1023, 18: 511}
NAME_SECTIONS = {19: 63}
EXE = 12
PRIOR_SIZE, COMM, NAME = 72, 16, 64
# runtime, name, image, namespace, pod, pod_uid, container, id, sandbox: attribute/names.h
NAME_SIZES = [24, 256, 512, 64, 254, 64, 64, 129, 8]
NAMES_OF_A_POD = range(3, 7)


def cut(text, most):
    """Shortened like a field of the wire format."""
    return text[:most]


def fixed(payload, size):
    """A field of fixed size; a name in it need not have a NUL."""
    return cut(payload, size).ljust(size, b"\0")


def section(kind, body, payload, path, number):
    """The same section with the payload in its strings. Programs get different names: a program
    that runs itself is not a wrapper.
    """
    if kind in PATH_SECTIONS:
        return cut(path, PATH_SECTIONS[kind])
    if kind == EXE:
        return cut(payload, 56) + str(number).encode()
    if kind in NAME_SECTIONS:
        return cut(payload, NAME_SECTIONS[kind])
    if kind == SIGNAL:
        return body[: -2 * COMM] + fixed(payload, COMM) * 2
    if kind == FAULT:
        return body[:-NAME] + fixed(payload, NAME)
    if kind == PRIOR_SIGNALS:
        parts = [body[at : at + PRIOR_SIZE] for at in range(0, len(body), PRIOR_SIZE)]
        return b"".join(part[:-COMM] + fixed(payload, COMM) for part in parts)
    if kind == PRIOR_PATH:
        return body[:8] + cut(path, 511)
    return body


def record(bytes_, payload, path, number):
    """The same record with the payload, as far as there is room."""
    head = bytearray(bytes_[:RECORD_SIZE])
    head[RECORD_COMM : RECORD_COMM + COMM] = fixed(payload, COMM)
    parts, at, used = [], RECORD_SIZE, RECORD_SIZE
    while at + SECTION.size <= len(bytes_):
        kind, length, _ = SECTION.unpack_from(bytes_, at)
        body = bytes_[at + SECTION.size : at + SECTION.size + length]
        at += SECTION.size + (length + 7 & ~7)
        body = section(kind, body, payload, path, number)
        part = SECTION.pack(kind, len(body), 0) + body + bytes(-len(body) % 8)
        if used + len(part) > RECORD_MAX:
            continue
        parts.append(part)
        used += len(part)
    struct.pack_into("<I", head, 4, used)
    return bytes(head) + b"".join(parts)


def names(payload, in_a_pod):
    """Names from a runtime's files, for victim and sender."""
    text = payload.replace(b"\0", b"")
    fields_ = [cut(text, min(size - 1, 200)) for size in NAME_SIZES]
    for place in NAMES_OF_A_POD:
        fields_[place] = fields_[place] if in_a_pod else b""
    return b"".join(field + b"\0" for field in fields_) * 2


def frames(recording):
    """The frames of a recording: record, names of functions."""
    bytes_ = Path(recording).read_bytes()
    at = HEADER.size + ORIGIN.size
    while at < len(bytes_):
        kind, size = CHUNK.unpack_from(bytes_, at)
        body = bytes_[at + CHUNK.size : at + CHUNK.size + size]
        at += CHUNK.size + size
        if kind == FRAME_CHUNK:
            _, _, record_size, _ = FRAME.unpack_from(body)
            rest = body[FRAME.size :]
            yield rest[:record_size], rest[record_size:]


def make(payload, recordings):
    """Writes one recording with the frames of all of them."""
    payload = PAYLOADS[payload]
    head = bytes(Path(recordings[0]).read_bytes()[: HEADER.size])
    out = [head, ORIGIN.pack(fixed(payload, 40), fixed(payload, 256))]
    number = 0
    for recording in recordings:
        for bytes_, functions in frames(recording):
            if len(bytes_) < RECORD_SIZE or bytes_[0] != 1:
                continue
            # set to the present: the metrics forget old workloads, and a history old deaths
            offset = time.time_ns() - struct.unpack_from("<Q", bytes_, 16)[0]
            path = PATHS[number % len(PATHS)].replace(b"%s", payload)
            number += 1
            bytes_ = record(bytes_, payload, path.replace(b"\0", b""), number)
            lines = functions.split(b"\n")[:-1]
            word = payload.replace(b"\n", b"") or b"x"
            functions = b"".join(cut(line[:9] + word, 100) + b"\n" for line in lines)
            # every second one has names, which hide the names from the path
            if number % 2:
                text = names(payload, number % 4 == 1)
                out += [CHUNK.pack(NAMES_CHUNK, len(text)), text]
            frame = FRAME.pack(number, offset, len(bytes_), len(functions)) + bytes_ + functions
            out += [CHUNK.pack(FRAME_CHUNK, len(frame)), frame]
    sys.stdout.buffer.write(b"".join(out))


def demand(holds, what):
    """Prints the error, and exits."""
    if not holds:
        sys.exit(f"hostile.py: {what}")


def harmless(name, bytes_):
    """Text without control characters or invisible ones."""
    try:
        text = bytes_.decode()
    except UnicodeDecodeError as error:
        sys.exit(f"hostile.py: {name}: {error}")
    for place, letter in enumerate(text):
        bad = unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")
        demand(letter == "\n" or not bad, f"{name}: {ascii(text[max(0, place - 60) : place + 10])}")
    return text


def human(path):
    """Complete lines, each about a death."""
    for line in harmless(path, Path(path).read_bytes()).splitlines():
        demand(re.match(r"([0-9-]{10} )?[0-9:]{8} [a-zA-Z-]+ +\S", line), f"{path}: {ascii(line)}")


def printable_lines(path):
    """JSON, one object a line, in printable ASCII."""
    for number, line in enumerate(Path(path).read_bytes().split(b"\n")[:-1], 1):
        demand(re.fullmatch(rb"[ -~]+", line), f"{path}:{number}: {line[:200]!r}")
        yield number, json.loads(line)


def schema_lines(path):
    """Lines that follow the schema."""
    document = json.loads((Path(__file__).parents[2] / "user/line/schema.json").read_text())
    validator = jsonschema.validators.validator_for(document)(document)
    for number, line in printable_lines(path):
        error = jsonschema.exceptions.best_match(validator.iter_errors(line))
        demand(
            not error,
            f"{path}:{number}: {error and error.json_path}: {error and error.message[:300]}",
        )


def metrics(path):
    """Metrics that Prometheus accepts, and that a person can read."""
    text = harmless(path, Path(path).read_bytes())
    if text_string_to_metric_families:
        series = [
            (sample.name, tuple(sorted(sample.labels.items())))
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        ]
        demand(len(series) > 50 and len(series) == len(set(series)), f"{path}: a series twice")
    if shutil.which("promtool"):
        done = subprocess.run(
            ["promtool", "check", "metrics"],
            input=text,
            text=True,
            capture_output=True,
            check=False,
        )
        # 3: it complains about the name of a metric
        demand(done.returncode in (0, 3), f"{path}: {done.stdout[:500]}{done.stderr[:500]}")
    demand(text_string_to_metric_families or shutil.which("promtool"), "no parser of metrics")


def fields(entry):
    """The fields of an entry, according to systemd's documents (Native Journal Protocol)."""
    at = 0
    while at < len(entry):
        end = entry.index(b"\n", at)
        name, equals, value = entry[at:end].partition(b"=")
        at = end + 1
        if not equals:
            (size,) = struct.unpack_from("<Q", entry, at)
            value = entry[at + 8 : at + 8 + size]
            at += 8 + size
            demand(entry[at : at + 1] == b"\n", f"a value without its end: {entry!r}")
            at += 1
        demand(re.fullmatch(rb"[A-Z][A-Z0-9_]{,63}", name), f"a field {name!r}")
        yield name.decode(), value


def entry_is_good(entry):
    """Every field is there once, only with known names, and the message is harmless to people."""
    seen = list(fields(entry))
    found = dict(seen)
    demand(len(seen) == len(found), f"a field twice: {entry!r}")
    for name in found:
        known = re.fullmatch(
            r"MESSAGE|MESSAGE_ID|PRIORITY|SYSLOG_IDENTIFIER|OBJECT_SYSTEMD_\w+|(CONTAINER|IMAGE)_\w+|KILLTRACE_\w+",
            name,
        )
        demand(known, f"a field {name}")
    demand(found["SYSLOG_IDENTIFIER"] == b"killtrace" and found["PRIORITY"] in b"346", f"{entry!r}")
    demand("\n" not in harmless("MESSAGE", found["MESSAGE"]), f"{entry!r}")


def entries(killtrace, recording):
    """Runs in mounts of its own, where no other program has journald's socket."""
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    place = Path("/run/systemd/journal")
    place.mkdir(parents=True)
    journald = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    journald.bind(str(place / "socket"))
    got = []

    def receive():
        while entry := journald.recv(1 << 20):
            got.append(entry)

    reader = threading.Thread(target=receive)
    reader.start()
    done = subprocess.run(
        [killtrace, "replay", "--all", "--journal", recording], capture_output=True, check=False
    )
    end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    end.sendto(b"", str(place / "socket"))
    reader.join()
    demand(not done.returncode, f"status {done.returncode}: {done.stderr!r}")
    harmless("stderr", done.stderr)
    for entry in got:
        entry_is_good(entry)
    demand(len(got) == len(list(frames(recording))), f"{len(got)} entries")


def main():
    """Runs one of the commands above."""
    what, *words = sys.argv[1:]
    checks = {"human": human, "json": schema_lines, "metrics": metrics}
    if what == "payloads":
        print(*PAYLOADS)
    elif what == "make":
        make(words[0], words[1:])
    elif what == "entries":
        entries(*words)
    elif what == "lines":
        for path in words:
            demand(list(printable_lines(path)), f"{path}: nothing")
    elif what == "talk":
        for path in words:
            harmless(path, Path(path).read_bytes())
    else:
        for path in words:
            checks[what](path)


if __name__ == "__main__":
    main()
