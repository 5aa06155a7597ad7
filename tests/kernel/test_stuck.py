# SPDX-License-Identifier: BSD-2-Clause
"""A process that was killed but does not die is reported once. While there is none, looking for it
costs nothing.

A frozen control group of version 1 holds its processes also against SIGKILL: the oracle is /proc.
"""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import check
import pytest
import tracer as tracing

SECONDS = 10


def freezer_root():
    """The mount point of the version 1 freezer, or None."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, options, *_ = line.split()
        if kind == "cgroup" and "freezer" in options.split(","):
            return Path(place)
    return None


@pytest.fixture
def frozen():
    """Puts a process into a frozen group of its own; it is thawed and killed in any case."""
    root = freezer_root()
    if not root:
        pytest.skip("not possible on this machine: no control groups of version 1 with a freezer")
    group = root / f"kt-stuck-{os.getpid()}"
    group.mkdir()
    process = subprocess.Popen(["sleep", "600"])
    try:
        (group / "cgroup.procs").write_text(str(process.pid))
        (group / "freezer.state").write_text("FROZEN")
        wait_until(lambda: "FROZEN" in (group / "freezer.state").read_text())
        yield group, process
    finally:
        (group / "freezer.state").write_text("THAWED")
        process.kill()
        process.wait()
        wait_until(lambda: remove(group))


def remove(group):
    """Its last process may still be exiting."""
    with contextlib.suppress(OSError):
        group.rmdir()
    return not group.exists()


def wait_until(condition, seconds=30):
    """Waits for something that takes a moment."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def switches(pid):
    """The number of context switches of a process."""
    text = Path(f"/proc/{pid}/status").read_text()
    return sum(int(line.split()[1]) for line in text.splitlines() if "ctxt_switches" in line)


def assert_sleeps(tracer, seconds):
    """It does not wake up for that long, once it has checked all earlier kills. If another process
    dies on this machine meanwhile, the check is repeated.
    """
    for _ in range(5):
        lines = len(tracer.follow())
        time.sleep(SECONDS + 2)
        before = switches(tracer.process.pid)
        time.sleep(seconds)
        after = switches(tracer.process.pid)
        time.sleep(1)
        if len(tracer.follow()) == lines:
            assert after == before
            return
    pytest.skip("not possible on this machine: somebody dies all the time")


def test_frozen(frozen, tracer, validate):
    """Reported once, after ten seconds, without an exit; the death has an event of its own."""
    group, process = frozen
    began = time.monotonic()
    process.send_signal(signal.SIGKILL)
    tracer.wait_for(
        lambda: check.stuck_of(tracer.follow(), process.pid), "reporting that it is stuck"
    )
    assert time.monotonic() - began >= SECONDS
    assert process.poll() is None
    assert not check.events_of(tracer.follow(), process.pid)
    # No process is left to check: killtrace sleeps.
    assert_sleeps(tracer, SECONDS + 2)
    (group / "freezer.state").write_text("THAWED")
    assert process.wait(30) == -signal.SIGKILL
    tracer.settle()
    lines = tracer.stop()
    validate(lines)
    stuck, death = check.stuck_of(lines, process.pid), check.events_of(lines, process.pid)
    assert (len(stuck), len(death)) == (1, 1), (stuck, death)
    stuck, death = stuck[0], death[0]
    assert "exit" not in stuck and SECONDS <= stuck["stuck"]["seconds"] <= SECONDS + 5
    assert stuck["cause"] == death["cause"] == "sigkill"
    assert stuck["sender"] == death["sender"] and stuck["sender"]["pid"] == os.getpid()
    assert stuck["id"] != death["id"] and stuck["victim"]["comm"] == "sleep"
    assert death["exit"]["signal"] == signal.SIGKILL


def test_nobody_is_stuck(tracer):
    """Kills that work make no such event, and the reader sleeps again after one check."""
    for _ in range(20):
        with subprocess.Popen(["sleep", "600"]) as process:
            process.kill()
    tracer.settle()
    assert_sleeps(tracer, 3)
    assert not [line for line in tracer.stop() if "stuck" in line]


def test_not_asked_for(frozen):
    """Without the task iterator it is not reported as stuck, but the death is still reported."""
    group, process = frozen
    with tracing.Tracer("--all", "-o", "json", "--without", "task_iterator") as without:
        process.send_signal(signal.SIGKILL)
        time.sleep(SECONDS + 2)
        (group / "freezer.state").write_text("THAWED")
        process.wait(30)
        without.settle()
        lines = without.stop()
    assert not check.stuck_of(lines, process.pid)
    assert len(check.events_of(lines, process.pid)) == 1


def test_agent(frozen):
    """The agent has given up most of its privileges by then, and still reports it."""
    group, process = frozen
    with tracing.Tracer("daemon", "--json", "-", "--all") as agent:
        process.send_signal(signal.SIGKILL)
        agent.wait_for(
            lambda: check.stuck_of(agent.follow(), process.pid), "reporting that it is stuck"
        )
        (group / "freezer.state").write_text("THAWED")
        process.wait(30)
        agent.settle()
        lines = agent.stop()
    assert len(check.stuck_of(lines, process.pid)) == len(check.events_of(lines, process.pid)) == 1
