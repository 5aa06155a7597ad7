# SPDX-License-Identifier: BSD-2-Clause
"""Signals that were meant for many, and one that no process sent. The wait status is the oracle."""

import os
import shutil
import signal
import subprocess
import sys

import pytest
import test_names
import tracer as tracing

# Of no other process: kill(-1) reaches all processes of a user.
USER = 54321
FORGETFUL = "import os, signal; os.kill(-1, signal.SIGKILL)"
# Says that it lives, and is then in the same system call again and again.
NAPPER = "import os, time\nos.write(1, b'.')\nwhile True: time.sleep(0.01)"


def sleeper(**options):
    """A process that lives until it is killed."""
    return subprocess.Popen(["/bin/sleep", "60"], **options)


def test_to_all(tracer, validate):
    """A program that stored the -1 of fork() as a pid."""
    victims = [sleeper(user=USER) for _ in range(2)]
    killer = subprocess.Popen([sys.executable, "-c", FORGETFUL], user=USER, group=USER)
    try:
        assert killer.wait(tracing.PATIENCE) == 0
        assert [victim.wait(tracing.PATIENCE) for victim in victims] == [-signal.SIGKILL] * 2
    finally:
        for victim in victims:
            tracing.end(victim, signal.SIGKILL)
    tracer.settle()
    events = tracer.stop()
    validate(events)
    for victim in victims:
        event = test_names.one(events, victim.pid)
        assert (event["cause"], event["sender"]["pid"]) == ("sigkill", killer.pid)
        assert "by kill(-1), which means all processes" in event["summary"]
        assert "parent" not in event["sender"]


@pytest.mark.parametrize("whole", [True, False])
def test_to_a_group(tracer, validate, whole):
    """By its parent, to its process group or to it alone."""
    victim = sleeper(start_new_session=True)
    (os.killpg if whole else os.kill)(victim.pid, signal.SIGUSR1)
    assert victim.wait(tracing.PATIENCE) == -signal.SIGUSR1
    tracer.settle()
    events = tracer.stop()
    validate(events)
    event = test_names.one(events, victim.pid)
    assert event["sender"]["pid"] == os.getpid() and event["sender"]["parent"]
    assert "by its parent " in event["summary"]
    assert ("to the whole process group" in event["summary"]) == whole


def test_by_a_bpf_program(tracer, validate):
    """As a security agent does it: bpftrace's signal(), in the victim's own system call."""
    if not shutil.which("bpftrace"):
        pytest.skip("not possible on this machine: no bpftrace")
    with subprocess.Popen([sys.executable, "-c", NAPPER], stdout=subprocess.PIPE) as victim:
        try:
            assert victim.stdout.read(1) == b"."
            probe = f"tracepoint:raw_syscalls:sys_enter /pid == {victim.pid}/ {{ signal(10); }}"
            agent = subprocess.Popen(
                ["unshare", "-m", "sh", "-c", 'mount -t tracefs t /sys/kernel/tracing; exec "$@"']
                + ["sh", "bpftrace", "--unsafe", "-e", probe],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                assert victim.wait(3 * tracing.PATIENCE) == -signal.SIGUSR1
            finally:
                tracing.end(agent)
        finally:
            tracing.end(victim, signal.SIGKILL)
    tracer.settle()
    events = tracer.stop()
    validate(events)
    event = test_names.one(events, victim.pid)
    assert event["cause"] == "kernel-signal" and not event["routine"]
    assert "a BPF program sent it" in event["summary"]
    assert "sender" not in event
