# SPDX-License-Identifier: BSD-2-Clause
"""Secrets in arguments, environment, memory, registers and code of a victim must be in no output.
"""

import base64
import json
import re
import secrets

import check
import pytest
import tracer as tracing


def pieces(marker):
    """Every form in which some of the marker could come through: as it is, in hex, as register
    contents, in base64.
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
    """An address in the forms in which it could come through, its page too."""
    found = set()
    for number in (value, value & ~0xFFF):
        found |= {b"%x" % number, str(number).encode(), number.to_bytes(8, "little")}
    return found


OUTPUTS = {"json": ["--all", "-o", "json"], "human": ["--all", "-o", "human"], "record": ["record"]}


@pytest.mark.parametrize("addresses", [True, False], ids=["addresses", "no-addresses"])
@pytest.mark.parametrize("output", OUTPUTS)
def test_no_secrets(output, addresses, validate):
    """Neither the marker nor, when unwanted, an address."""
    marker = secrets.token_hex(12).upper()
    tracer = tracing.Tracer(*OUTPUTS[output], *([] if addresses else ["--no-addresses"]))
    if output == "record":
        tracer.command.append(tracer.path("record"))
    with tracer:
        (line,) = tracing.zoo("run-secret", marker)
        sentinel = tracing.zoo("run", "null-deref")[0]["pid"]
        if output != "record":
            tracer.wait_for(
                lambda: str(sentinel).encode() in tracer.read("stdout"), "telling the sentinel"
            )
        tracing.end(tracer.process)
        told = tracer.read("stdout") + tracer.read("stderr")
        if output == "record":
            told += tracer.read("record")
            # Proof that the death is in there at all, by its name.
            assert b"kz-secret" in told
        else:
            assert str(line["pid"]).encode() in told
    assert line["wait"]["signal"] == 11
    leaked = [piece for piece in pieces(marker) if piece in told]
    assert not leaked
    if output == "json":
        lines = [json.loads(text) for text in told.split(b"\n") if text.startswith(b"{")]
        (event,) = check.events_of(lines, line["pid"])
        validate([event])
        assert ("ip" in event["fault"]) == addresses
    if not addresses:
        known = [int(line["knows"][key], 16) for key in ("ip", "sp")]
        assert not [form for form in forms(known[0]) | forms(known[1]) if form in told]
        if output == "json":
            assert not {"address", "ip", "sp"} & set(event["fault"])
        if output == "human":
            assert not re.search(rb"0x[0-9a-f]{9,}", told)
