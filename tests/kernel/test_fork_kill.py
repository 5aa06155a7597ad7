# SPDX-License-Identifier: BSD-2-Clause
"""A control group is killed while its processes fork."""

import check
import pytest
import tracer as tracing

ROUNDS = 10


@pytest.fixture(scope="module")
def told(surroundings, schema):
    """The events of those who were killed, by process."""
    with tracing.Tracer("--all", "-o", "json") as tracer:
        lines = tracing.zoo("forks", str(ROUNDS), timeout=300)
        tracer.settle()
        events = tracer.stop()
    assert not check.losses(events)
    killed = [pid for line in lines for pid in line["killed"]]
    assert len(killed) > ROUNDS
    for event in events:
        assert schema.is_valid(event), event
    return {pid: check.events_of(events, pid) for pid in killed}


def is_youngest(event):
    """The kernel killed it while it was made: then its parent is current, and no culprit."""
    return any(frame.startswith("copy_process+") for frame in event.get("kernel_stack", []))


def test_everybody_is_told(told):
    """Once each, and as killed with the group."""
    for pid, events in told.items():
        assert len(events) == 1, (pid, events)
        assert events[0]["cause"] == "cgroup-kill", events
        assert events[0]["cgroup"]["path"].startswith("/kt-zoo-"), events
        if not is_youngest(events[0]):
            assert events[0]["sender"]["comm"] == "kz-forks", events


def test_youngest(told):
    """Nobody is blamed for who was killed in the making."""
    youngest = [events[0] for events in told.values() if is_youngest(events[0])]
    if not youngest:
        pytest.skip(f"not possible on this machine: no fork met the kill in {ROUNDS} rounds")
    for event in youngest:
        assert "sender" not in event and event["cause"] == "cgroup-kill", event
