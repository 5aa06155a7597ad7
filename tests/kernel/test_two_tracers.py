# SPDX-License-Identifier: BSD-2-Clause
"""Two tracers with programs of their own, such as an agent and an engineer's live trace: each
reports everything that it would report alone. They share one irq_work per CPU, by which the kernel
reads build IDs.
"""

import os
import re
import subprocess

import check
import pytest
import tracer as tracing

VICTIMS = ["null-deref", "abort", "handler-exits", "ud2"]
ROUNDS = 20


def build_id(path):
    """The build ID of a file, according to binutils."""
    notes = subprocess.run(
        ["readelf", "-n", path], check=True, capture_output=True, text=True
    ).stdout
    return re.search(r"Build ID: ([0-9a-f]{40})", notes).group(1)


@pytest.fixture(scope="module")
def both():
    """The victims, and the events of each tracer by pid."""
    with (
        tracing.Tracer("--own", "--all", "-o", "json") as one,
        tracing.Tracer("--own", "--all", "-o", "json") as two,
    ):
        lines = [line for _ in range(ROUNDS) for line in tracing.zoo("run", *VICTIMS)]
        one.settle()
        two.settle()
        told = [
            {e["victim"]["pid"]: e for e in tracer.stop() if "victim" in e} for tracer in (one, two)
        ]
    return lines, told


def test_module_offset_and_build_id(both, validate):
    """In both tracers, every fault has the values that the file and the victim have."""
    lines, told = both
    known = build_id(tracing.ZOO)
    for line in lines:
        if line["victim"] == "abort":
            continue
        for events in told:
            event = events[line["pid"]]
            validate([event])
            assert not check.fault(line, event) + check.module(line, event)
            assert event["fault"]["module"] == os.path.basename(tracing.ZOO)
            assert event["fault"]["build_id"] == known


def test_stacks_and_fingerprints(both):
    """Both have the same frames with names, so one crash has one fingerprint."""
    lines, told = both
    for line in lines:
        one, two = (events[line["pid"]] for events in told)
        assert one["fingerprint"] == two["fingerprint"]
        assert one["user_stack"] == two["user_stack"]
        assert "build_id" in one["user_stack"][0]
    for name in VICTIMS:
        prints = {told[1][line["pid"]]["fingerprint"] for line in lines if line["victim"] == name}
        assert len(prints) == 1, (name, prints)
