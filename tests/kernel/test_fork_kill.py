# SPDX-License-Identifier: BSD-2-Clause
"""A control group is killed while its processes fork."""

import time

import check
import pytest
import tracer as tracing

# About one kill in a hundred meets a fork at its end, if two processors are free.
ROUNDS = 200
SECONDS = 60


def is_youngest(event):
    """Whether the kernel killed it during the fork: its parent is then current, but did not kill
    it.
    """
    return any(frame.startswith("copy_process+") for frame in event.get("kernel_stack", []))


@pytest.fixture(scope="module")
def told(surroundings, schema):
    """Events by killed process, for the last rounds, in which a fork met the kill."""
    with tracing.Tracer("--all", "-o", "json") as tracer:
        deadline = time.monotonic() + SECONDS
        found = {}
        while not any(map(is_youngest, sum(found.values(), []))) and time.monotonic() < deadline:
            seen = len(tracer.lines)
            lines = tracing.zoo("forks", str(ROUNDS))
            tracer.settle()
            events = tracer.lines[seen:]
            found = {pid: check.events_of(events, pid) for line in lines for pid in line["killed"]}
        everything = tracer.stop()
    assert not check.real_losses(everything)
    assert len(found) >= ROUNDS
    for event in events:
        assert schema.is_valid(event), event
    return found


def test_everybody_is_told(told):
    """Each death is reported once, as a kill of the group."""
    for pid, events in told.items():
        assert len(events) == 1, (pid, events)
        assert events[0]["cause"] == "cgroup-kill", events
        assert events[0]["cgroup"]["path"].startswith("/kt-zoo-"), events
        if not is_youngest(events[0]):
            assert events[0]["sender"]["comm"] == "kz-forks", events


def test_youngest(told):
    """A process that was killed during its fork has no sender."""
    youngest = [events[0] for events in told.values() if is_youngest(events[0])]
    if not youngest:
        pytest.skip(f"not possible on this machine: no fork met the kill in {SECONDS} s")
    for event in youngest:
        assert "sender" not in event and event["cause"] == "cgroup-kill", event
