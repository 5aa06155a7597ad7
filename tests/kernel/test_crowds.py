# SPDX-License-Identifier: BSD-2-Clause
"""Crowds: thousands of processes that one act ends, and an unprivileged user with thousands of
processes that could have died. Neither costs evidence about other processes.
"""

import contextlib
import json
import os
import subprocess
import time

import check
import pytest
import tracer as tracing
from cases import CASES

CROWD = 8000
# More than all dossiers (user/source/sizes.c), now and in earlier versions.
HELD = {"stopped": 11000, "traced": 2500}
# Each verdict depends on something that a full table discards: the fault, the sender, the scope of
# an OOM kill, the handler that ran.
VICTIMS = [
    *(
        "null-deref",
        "noncanonical",
        "ud2",
        "divide",
        "truncated-mmap",
        "stack-overflow",
        "abort",
        "handler-exits",
    ),
    *(
        "handler-raises",
        "kill-9",
        "kill-6",
        "term-then-kill",
        "seccomp-process",
        "rlimit-cpu-hard",
        "rlimit-fsize",
    ),
    *(
        "pdeathsig",
        "ptrace-exitkill",
        "pidns-exit",
        "cgroup-kill",
        "oom",
        "oom-nested",
        "oom-child",
        "oom-several",
    ),
]


def told_of(lines, comm):
    """The deaths of processes with that name."""
    return [line for line in lines if line.get("victim", {}).get("comm") == comm]


def test_one_kill_of_a_group(tracer, validate):
    """One kill() of 8,000: each is reported once, with its sender and the sender's identity."""
    (crowd,) = tracing.zoo("crowd-group", str(CROWD))
    tracer.settle()
    told = told_of(tracer.lines, "kz-crowd")
    assert sorted(line["victim"]["pid"] for line in told) == sorted(crowd["pids"])
    assert {line["cause"] for line in told} == {"sigkill"}
    assert {line["sender"]["pid"] for line in told} == {crowd["sender"]}
    assert all(line["sender"].get("cgroup") for line in told)
    assert not any("evidence" in line for line in told)
    assert not check.real_losses(tracer.lines)
    validate(told[-10:])


def test_end_of_a_namespace(tracer):
    """The init of a pid namespace takes 8,000 processes with it."""
    (crowd,) = tracing.zoo("crowd-namespace", str(CROWD))
    tracer.settle()
    told = told_of(tracer.lines, "kz-crowd")
    assert len({line["victim"]["pid"] for line in told}) == len(told) == CROWD
    assert {line["cause"] for line in told} == {"pidns-teardown"}
    assert {line["sender"]["pid"] for line in told} == {crowd["init"]}
    assert not check.real_losses(tracer.lines)


@contextlib.contextmanager
def held(how, count):
    """Holds `count` unprivileged processes, none of which dies before the end."""
    command = [tracing.ZOO, f"crowd-{how}", str(count)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        try:
            assert json.loads(holder.stdout.readline()) == {"held": count}
            yield
        finally:
            holder.stdin.close()
            holder.wait()


@pytest.mark.parametrize("how", HELD)
def test_nobody_blinds_it(how):
    """The verdicts about other processes are the same as without the crowd."""
    with tracing.Tracer("--all", "-o", "json") as tracer:
        with held(how, HELD[how]):
            lines = tracing.zoo("run", *VICTIMS)
            # The deaths of the crowd do not take the place of the sentinel.
            deadline = time.monotonic() + tracing.PATIENCE
            pids = {death["pid"] for line in lines for death in check.deaths_of(line)}
            while not pids <= {line.get("victim", {}).get("pid") for line in tracer.follow()}:
                assert time.monotonic() < deadline, "not all were reported"
                time.sleep(0.05)
            tracer.settle()
            events = list(tracer.lines)
    for line in lines:
        if "skipped" in line:
            continue
        name = line["victim"]
        mismatches = check.zoo_line(CASES[name], line, events, os.path.basename(tracing.ZOO))
        assert not mismatches, "\n".join([name, *mismatches])
