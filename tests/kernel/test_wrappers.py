# SPDX-License-Identifier: BSD-2-Clause
"""Programs that end with the signal of their child: not a second crash. The wait status of the real
tools is the oracle.
"""

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest
import test_names
import tracer as tracing
from test_daemon import Daemon, metrics_of

CRASH = [tracing.ZOO, "null"]
WRAPPERS = {
    "timeout": ["timeout", "10", *CRASH],
    "timeout-twice": ["timeout", "10", "timeout", "10", *CRASH],
    "strace": ["strace", "-f", "-o", "/dev/null", *CRASH],
    "unshare": ["unshare", "--mount", "--fork", *CRASH],
    "unshare-pid": ["unshare", "--pid", "--fork", *CRASH],
}
ABORT = [tracing.ZOO, "abort"]


def run(command):
    """The wrapper's pid, and the signal in its wait status."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return process.pid, -process.wait()


@pytest.mark.parametrize("name", WRAPPERS)
def test_wrapper(validate, name):
    """The child's death is the crash, and the wrapper's is a copy of it."""
    if not shutil.which(WRAPPERS[name][0]):
        pytest.skip("not possible on this machine: no " + WRAPPERS[name][0])
    with tracing.Tracer("--all", "-o", "json") as started:
        pid, number = run(WRAPPERS[name])
        assert number == signal.SIGSEGV
        started.settle()
        events = started.stop()
    validate(events)
    wrapper = test_names.one(events, pid)
    crash = test_names.one(events, wrapper["copy_of"]["pid"])
    assert wrapper["routine"] and wrapper["sender"]["pid"] == pid
    assert wrapper["copy_of"]["id"] == crash["id"] and wrapper["copy_of"]["cause"] == "segfault"
    assert wrapper["copy_of"]["comm"] == crash["victim"]["comm"]
    assert not crash["routine"] and crash["cause"] == "segfault" and "copy_of" not in crash
    assert crash["victim"]["exe"] == os.path.basename(tracing.ZOO)
    assert (
        f"{crash['victim']['comm']} (pid {crash['victim']['pid']}, segfault)" in wrapper["summary"]
    )


def test_wrapper_of_abort(validate):
    """The wrapper raises SIGABRT as abort() does, but this is not a second failed assertion."""
    with tracing.Tracer("--all", "-o", "json") as started:
        pid, number = run(["timeout", "10", *ABORT])
        assert number == signal.SIGABRT
        started.settle()
        events = started.stop()
    validate(events)
    wrapper = test_names.one(events, pid)
    crash = test_names.one(events, wrapper["copy_of"]["pid"])
    assert wrapper["routine"] and not crash["routine"]
    assert wrapper["cause"] == crash["cause"] == wrapper["copy_of"]["cause"] == "abort"


def test_own_group(validate):
    """The command "timeout -s KILL" kills itself and its child. Either may die first, and its own
    death is routine.
    """
    with tracing.Tracer("--all", "-o", "json") as started:
        pids = []
        for _ in range(20):
            pid, number = run(["timeout", "-s", "KILL", "0.01", "sleep", "60"])
            assert number == signal.SIGKILL
            pids.append(pid)
        started.settle()
        events = started.stop()
    validate(events)
    told = [test_names.one(events, pid) for pid in pids]
    assert {event["routine"] for event in told} == {True}
    children = [
        event
        for event in events
        if event.get("sender", {}).get("pid") in pids and event not in told
    ]
    # a child can die after the next command has begun
    assert sorted(event["sender"]["pid"] for event in children) == sorted(pids)
    assert {event["routine"] for event in children} == {False}


# Its child has killed itself before, and is not reaped.
BESIDE_A_ZOMBIE = """
import os
child = os.fork()
if not child:
    os.kill(os.getpid(), 9)
os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
os.kill(0, 9)
"""


@pytest.mark.parametrize(
    "command", [["sh", "-c", "kill -9 0"], [sys.executable, "-c", BESIDE_A_ZOMBIE]]
)
def test_alone(validate, command):
    """A process that kills only itself is worth reporting, even if by its process group."""
    with tracing.Tracer("--all", "-o", "json") as started:
        pid, number = run(["setsid", *command])
        assert number == signal.SIGKILL
        started.settle()
        events = started.stop()
    validate(events)
    event = test_names.one(events, pid)
    assert event["cause"] == "sigkill" and not event["routine"]


def replay(recording, *arguments):
    """What replay reports about a recording."""
    command = [tracing.KILLTRACE, "replay", *arguments, "-o", "json", recording]
    out = subprocess.run(command, check=True, capture_output=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def test_replay():
    """A recording has both deaths as well."""
    started = tracing.Tracer("record")
    recording = started.path("record")
    started.command.append(recording)
    with started:
        pid, _ = run(WRAPPERS["timeout-twice"])
        assert tracing.end(started.process) == 0
        whole, shown = replay(recording, "--all"), replay(recording)
    event = test_names.one(whole, pid)
    assert event["routine"] and event["copy_of"]["cause"] == "segfault"
    pids = [event["victim"]["pid"] for event in shown if "victim" in event]
    assert pid not in pids and event["copy_of"]["pid"] in pids


def test_metrics(tmp_path):
    """The crash is counted once, and the copy as an ordinary end."""
    prom = tmp_path / "killtrace.prom"
    with Daemon("--textfile", str(tmp_path)) as daemon:
        daemon.wait_for(lambda: prom.exists() and metrics_of(prom), "writing")
        before = metrics_of(prom)
        assert run(WRAPPERS["timeout"])[1] == signal.SIGSEGV
        segfaults = 'killtrace_kills_total{cause="segfault",class="kernel"}'
        copies = 'killtrace_routine_ends_total{signal="SIGSEGV"}'
        signals = 'killtrace_kills_total{cause="signal",class="userspace"}'
        daemon.wait_for(
            lambda: metrics_of(prom).get(copies, 0) == before.get(copies, 0) + 1,
            "counting the copy",
        )
        after = metrics_of(prom)
        daemon.stop()
    assert after[segfaults] == before[segfaults] + 1
    assert after[signals] == before[signals]
