# SPDX-License-Identifier: BSD-2-Clause
"""Who was killed and does not die is told once, and costs nothing while there is nobody.

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
    """Where the freezer of version 1 is mounted, or None."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, options, *_ = line.split()
        if kind == "cgroup" and "freezer" in options.split(","):
            return Path(place)
    return None


@pytest.fixture
def frozen():
    """Puts a process into a frozen group of its own; whatever happens, it is thawed and dies."""
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
    """Its last process may still be on its way out."""
    with contextlib.suppress(OSError):
        group.rmdir()
    return not group.exists()


def wait_until(condition, seconds=30):
    """Patience for things that take a moment."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def switches(pid):
    """How often a process has been put to sleep or woken."""
    text = Path(f"/proc/{pid}/status").read_text()
    return sum(int(line.split()[1]) for line in text.splitlines() if "ctxt_switches" in line)


def assert_sleeps(tracer, seconds):
    """It does not wake up for so long, once it has looked for all who were killed before, unless
    for others who die on this machine: then once more.
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
    """Told after ten seconds, once, without an end; its death has an event of its own."""
    group, process = frozen
    began = time.monotonic()
    process.send_signal(signal.SIGKILL)
    tracer.wait_for(
        lambda: check.stuck_of(tracer.follow(), process.pid), "telling that it is stuck"
    )
    assert time.monotonic() - began >= SECONDS
    assert process.poll() is None
    assert not check.events_of(tracer.follow(), process.pid)
    # Nothing is left to look for: killtrace sleeps.
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
    """Kills that work make no such event, and the reader is quiet again after one look."""
    for _ in range(20):
        with subprocess.Popen(["sleep", "600"]) as process:
            process.kill()
    tracer.settle()
    assert_sleeps(tracer, 3)
    assert not [line for line in tracer.stop() if "stuck" in line]


def test_not_asked_for(frozen):
    """Without the task iterator nothing is said of it, and the death is told all the same."""
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
    """The agent, which has given up most of its privileges by then, tells it as well."""
    group, process = frozen
    with tracing.Tracer("daemon", "--json", "-", "--all") as agent:
        process.send_signal(signal.SIGKILL)
        agent.wait_for(
            lambda: check.stuck_of(agent.follow(), process.pid), "telling that it is stuck"
        )
        (group / "freezer.state").write_text("THAWED")
        process.wait(30)
        agent.settle()
        lines = agent.stop()
    assert len(check.stuck_of(lines, process.pid)) == len(check.events_of(lines, process.pid)) == 1
