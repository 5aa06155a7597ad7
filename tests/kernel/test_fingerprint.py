# SPDX-License-Identifier: BSD-2-Clause
"""Fingerprints of real deaths: the same crash has the same fingerprint in every process, at every
address and in every replica. It is the SHA-256 that docs/fingerprint.md describes.
"""

import contextlib
import hashlib
import json
import os
import subprocess

import pytest
import tracer as tracing

V1 = "/sys/fs/cgroup/memory"
HIERARCHY = V1 if os.path.isdir(V1) else "/sys/fs/cgroup"
LIMIT = 16 << 20


@pytest.fixture
def replicas():
    """Two memory cgroups that differ only in the numbers of their names, each with a limit."""
    top = f"{HIERARCHY}/kt-fingerprint-{os.getpid()}"
    made = [top]
    os.mkdir(top)
    try:
        if HIERARCHY != V1:
            with contextlib.suppress(OSError), open(f"{top}/cgroup.subtree_control", "w") as file:
                file.write("+memory")
        for number in (1, 2):
            made.append(f"{top}/web-{number}")
            os.mkdir(made[-1])
            limit = "memory.limit_in_bytes" if HIERARCHY == V1 else "memory.max"
            if not os.path.exists(f"{made[-1]}/{limit}"):
                pytest.skip("not possible on this machine: no memory controller to use")
            with open(f"{made[-1]}/{limit}", "w", encoding="ascii") as file:
                file.write(str(LIMIT))
        yield made[1:]
    finally:
        for path in reversed(made):
            os.rmdir(path)


def run_in(cgroup, *command):
    """Runs a command there to its end: its pid and its output."""

    def enter():
        with open(f"{cgroup}/cgroup.procs", "w", encoding="ascii") as procs:
            procs.write(str(os.getpid()))

    with subprocess.Popen(
        command, preexec_fn=enter, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        out, _ = process.communicate(timeout=tracing.PATIENCE)
    return process.pid, out


def crash_in(cgroup, victim):
    """The pid of a zoo victim that crashed there."""
    return json.loads(run_in(cgroup, tracing.ZOO, "run", victim)[1])["pid"]


def expected(event, frames):
    """The fingerprint of a crash, computed as docs/fingerprint.md describes."""
    fields = [("killtrace", "1"), ("cause", event["cause"]), ("program", event["victim"]["exe"])]
    for frame in event["user_stack"][:frames]:
        fields += [("build_id", frame["build_id"]), ("offset", str(int(frame["offset"], 16)))]
    text = b"".join(word.encode() + b"\0" for field in fields for word in field)
    return "1-" + hashlib.sha256(text).hexdigest()[:16]


def test_one_crash_has_one_fingerprint(tracer, replicas, validate):
    """Twenty crashes of one program under ASLR, in two replicas."""
    pids = [crash_in(cgroup, "null-deref") for cgroup in replicas * 10]
    other = crash_in(replicas[0], "ud2")
    tracer.settle()
    told = {e["victim"]["pid"]: e for e in tracer.stop() if "victim" in e}
    crashes, others = [told[pid] for pid in pids], [told[other]]
    validate(crashes + others)
    assert len({e["fault"]["sp"] for e in crashes}) > 1, "no ASLR"
    assert len({e["cgroup"]["memory_path" if HIERARCHY == V1 else "path"] for e in crashes}) == 2
    prints = {e["fingerprint"] for e in crashes}
    assert len(prints) == 1
    assert others[0]["fingerprint"] not in prints
    assert prints == {expected(crashes[0], 3)}


def test_replicas_out_of_memory_are_alike(tracer, replicas):
    """Each replica hits a limit of its own: the same workload and level."""
    pids = [run_in(cgroup, "tail", "/dev/zero")[0] for cgroup in replicas]
    killed = run_in(replicas[0], "sh", "-c", "kill -KILL $$")[0]
    tracer.settle()
    told = {e["victim"]["pid"]: e for e in tracer.stop() if "victim" in e}
    assert [told[pid]["cause"] for pid in pids] == ["oom-memcg", "oom-memcg"]
    assert told[pids[0]]["oom"]["cgroup"] != told[pids[1]]["oom"]["cgroup"]
    assert told[pids[0]]["fingerprint"] == told[pids[1]]["fingerprint"]
    assert told[killed]["fingerprint"] != told[pids[0]]["fingerprint"]


def test_call_through_null(tracer, replicas, validate):
    """The address is in no file: the callers say where it failed, whatever the addresses are."""
    pids = [crash_in(cgroup, "null-call") for cgroup in replicas * 5]
    tracer.settle()
    told = {e["victim"]["pid"]: e for e in tracer.stop() if "victim" in e}
    crashes = [told[pid] for pid in pids]
    validate(crashes)
    assert len({e["fault"]["sp"] for e in crashes}) > 1, "no ASLR"
    assert len({e["fingerprint"] for e in crashes}) == 1
    size = os.path.getsize(tracing.ZOO)
    for event in crashes:
        offsets = [int(frame["offset"], 16) for frame in event["user_stack"] if "offset" in frame]
        assert offsets and offsets[0] < size, event["user_stack"]
