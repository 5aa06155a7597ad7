# SPDX-License-Identifier: BSD-2-Clause
"""One thread ends its process by a signal while another one exits."""

import os
import time
from collections import Counter

import check
import pytest
import tracer as tracing

ROUNDS = 2000
# On a busy machine one of the two is usually much earlier.
ENOUGH = 20
SECONDS = 60
SIGNALS = {0: None, 6: "abort", 11: "signal"}


def told_of(lines, events):
    """The rounds of one run, each with the events of its process."""
    by_pid = {}
    for event in events:
        if "victim" in event:
            by_pid.setdefault(event["victim"]["pid"], []).append(event)
    return [(line, by_pid.get(line["pid"], [])) for line in lines]


@pytest.fixture(scope="module")
def told(surroundings, schema):
    """(what happened, the events that report it) of each round."""
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("not possible on this machine: it has one processor")
    with tracing.Tracer("--all", "-o", "json") as tracer:
        deadline = time.monotonic() + SECONDS
        rounds, met = [], Counter()
        while any(met[signal] < ENOUGH for signal in SIGNALS) and time.monotonic() < deadline:
            # One run at a time: pids are reused after some runs.
            seen = len(tracer.lines)
            lines = tracing.zoo("races", str(ROUNDS))
            tracer.settle()
            rounds += told_of(lines, tracer.lines[seen:])
            met.update(line["signal"] for line in lines)
        events = tracer.stop()
    assert not check.real_losses(events)
    for event in events:
        assert schema.is_valid(event), event
    return rounds


@pytest.mark.parametrize("signal", SIGNALS)
def test_race(told, signal):
    """The process died of the signal in its wait status, once, and of nothing else; no thread died
    alone.
    """
    rounds = [(line, events) for line, events in told if line["signal"] == signal]
    assert len(rounds) >= ENOUGH, f"signal {signal} was met {len(rounds)} times"
    wanted = [SIGNALS[signal]] if signal else []
    wrong = [events for _, events in rounds if [event["cause"] for event in events] != wanted]
    assert not wrong, (len(wrong), wrong[0])
    for _, events in rounds:
        for event in events:
            assert (
                "thread_only" not in event["exit"]
                and event["sender"]["pid"] == event["victim"]["pid"]
            ), event
