# SPDX-License-Identifier: BSD-2-Clause
"""Secrets in a victim's arguments, environment, memory, registers and code must not be in any
output.
"""

import base64
import json
import re
import secrets
import signal

import check
import pytest
import tracer as tracing
from test_daemon import Daemon, lines_of


def pieces(marker):
    """Every form in which a part of the marker could leak: as it is, in hex, as register contents,
    in base64.
    """
    raw = marker.encode()
    found = {raw, raw.hex().encode(), base64.b64encode(raw).rstrip(b"=")}
    doubled = raw + raw
    for i in range(len(raw)):
        chunk = doubled[i : i + 8]
        found |= {chunk, chunk.hex().encode(), chunk[::-1].hex().encode()}
        found.add(str(int.from_bytes(chunk, "little")).encode())
    return found


def forms(value):
    """An address, and its page, in every form in which it could leak."""
    found = set()
    for number in (value, value & ~0xFFF):
        found |= {b"%x" % number, str(number).encode(), number.to_bytes(8, "little")}
    return found


OUTPUTS = {
    "json": ["--all", "-o", "json"],
    "human": ["--all", "-o", "human"],
    "otlp": ["--all", "-o", "otlp"],
    "record": ["record"],
}
# What each victim dies of, and a part that its record must have.
VICTIMS = {
    "fault": (signal.SIGSEGV, "fault"),
    # killtrace decodes the code around it
    "instruction": (signal.SIGILL, "fault"),
    "frames": (signal.SIGSEGV, "user_stack"),
    # its stack has addresses
    "generated": (signal.SIGSEGV, "user_stack"),
    # killtrace looks for the frame of the handler on its stack
    "handler": (signal.SIGSEGV, "fault"),
    "prior": (signal.SIGUSR1, "prior_signals"),
    "trap": (signal.SIGSEGV, "seccomp"),
}


def die(name):
    """Runs a victim with the marker in all its secret places: its line, and the marker."""
    marker = secrets.token_hex(12).upper()
    (line,) = tracing.zoo("run-secret", marker, name)
    assert line["wait"]["signal"] == VICTIMS[name][0]
    return line, marker


def leaks(marker, told):
    """The parts of the marker that are there."""
    return [piece for piece in pieces(marker) if piece in told]


@pytest.mark.parametrize("addresses", [True, False], ids=["addresses", "no-addresses"])
@pytest.mark.parametrize("name", VICTIMS)
@pytest.mark.parametrize("output", OUTPUTS)
def test_no_secrets(output, name, addresses, validate):
    """No output has the marker or, with --no-addresses, an address."""
    tracer = tracing.Tracer(*OUTPUTS[output], *([] if addresses else ["--no-addresses"]))
    if output == "record":
        tracer.command.append(tracer.path("record"))
    with tracer:
        line, marker = die(name)
        sentinel = tracing.zoo("run", "null-deref")[0]["pid"]
        if output != "record":
            tracer.wait_for(
                lambda: str(sentinel).encode() in tracer.read("stdout"), "reporting the sentinel"
            )
        tracing.end(tracer.process)
        told = tracer.read("stdout") + tracer.read("stderr")
        if output == "record":
            told += tracer.read("record")
            # Proof, by its name, that the death is in there at all.
            assert b"kz-secret" in told
        else:
            assert str(line["pid"]).encode() in told
    assert not leaks(marker, told)
    if output == "json":
        lines = [json.loads(text) for text in told.split(b"\n") if text.startswith(b"{")]
        (event,) = check.events_of(lines, line["pid"])
        validate([event])
        # without this part the test would prove nothing
        assert VICTIMS[name][1] in event
        assert event.get("fault", {}).get("instruction") == (
            "ud2" if name == "instruction" else None
        )
        assert ("handler_fault" in event.get("fault", {})) == (name == "handler")
        if name == "generated":
            told_at = ["address" in frame for frame in event["user_stack"]]
            # the fault, and each second frame, but never one that is the marker
            assert told_at == ([True] + [False, True] * 4 if addresses else [False])
        if "fault" in event:
            assert ("ip" in event["fault"]) == addresses
    if not addresses:
        known = [int(line["knows"][key], 16) for key in ("ip", "sp") if key in line["knows"]]
        assert not [form for address in known for form in forms(address) if form in told]
        if output == "json":
            fault = event.get("fault", {})
            assert not {"address", "ip", "sp"} & {*fault, *fault.get("handler_fault", {})}
        if output == "human":
            assert not re.search(rb"0x[0-9a-f]{9,}", told)


def test_no_secrets_in_files(tmp_path):
    """An agent's own files, byte for byte: lines, metrics, a history and its log."""
    folder = tmp_path / "out"
    folder.mkdir()
    lines, history = folder / "kills.json", folder / "history.db"
    arguments = [
        "--all",
        "--textfile",
        str(folder),
        "--json",
        str(lines),
        "--history",
        str(history),
    ]
    with Daemon(*arguments) as daemon:
        dead = [die(name) for name in VICTIMS]
        pids = [line["pid"] for line, _ in dead]
        daemon.wait_for(
            lambda: set(pids)
            <= {event["victim"]["pid"] for event in lines_of(lines) if "victim" in event},
            "writing",
        )
        daemon.stop()
    files = [file.read_bytes() for file in folder.iterdir()]
    assert len(files) >= 3 and [file for file in files if b"kz-secret" in file]
    for _, marker in dead:
        assert not [leak for file in files for leak in leaks(marker, file)]
