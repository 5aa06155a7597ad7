# SPDX-License-Identifier: BSD-2-Clause
"""The process that parses files of container runtimes: its privileges, according to the kernel, and
the cost of its death.
"""

import os
import pwd
import signal
import subprocess
import time

import check
import pytest
import tracer as tracing
from test_daemon import Daemon, metrics_of, status_of
from test_names import (
    cgroups,
    die,
    lost,
    new_pod,
    one,
    tracer,
)  # noqa: F401, pylint: disable=unused-import


def children(pid):
    """Children of its main thread."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


def family(pid):
    """The starter, and its current worker."""
    (starter,) = children(pid)
    (worker,) = children(starter)
    return starter, worker


def is_gone(pid):
    """A zombie is gone, too."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def wait_until(condition, what):
    """Waits as long as a busy machine may need."""
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError(what)


@pytest.fixture
def pods(tmp_path, cgroups):  # noqa: F811
    """A few pods with their files: (cgroup, configuration file)."""
    made = [new_pod(tmp_path, f"web-{i}") for i in range(4)]
    return [(cgroups.make(path), file) for path, file, _ in made]


def pod_of(started, place):
    """The pod that a death there is reported with, or None; waits for no other event."""
    pid = die(place)
    started.settle()
    return one(list(started.follow()), pid).get("kubernetes", {}).get("pod")


def is_powerless(pid):
    """The process has no privileges and cannot get any."""
    assert status_of(pid, "NoNewPrivs") == {"1"}
    assert status_of(pid, "Seccomp") == {"2"}
    assert status_of(pid, "Groups") <= {""}
    for sets in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
        assert status_of(pid, sets) == {"0" * 16}, sets
    opened = {
        os.readlink(f"/proc/{pid}/fd/{fd}").split(":")[0] for fd in os.listdir(f"/proc/{pid}/fd")
    }
    assert opened == {"pipe", "socket"}
    with open(f"/proc/{pid}/limits", encoding="ascii") as file:
        limits = {line[:26].strip(): line[26:].split()[:2] for line in file}
    assert limits["Max core file size"] == ["0", "0"] and limits["Max file size"] == ["0", "0"]
    assert all(int(most) <= 8 for most in limits["Max open files"])
    assert all(int(most) < 64 << 20 for most in limits["Max data size"])


def test_powers(tmp_path, pods):
    """No capability, a user of its own, and nothing open except pipes and sockets."""
    with tracer(tmp_path) as started:
        assert pod_of(started, pods[0][0]) == "web-0"
        (outer,), (inner,) = (
            status_of(pid, "Seccomp_filters") for pid in family(started.process.pid)
        )
        assert int(inner) == int(outer) + 1
        for pid in family(started.process.pid):
            is_powerless(pid)
            assert status_of(pid, "CapBnd") == {"0" * 16}
            for ids in ("Uid", "Gid"):
                (words,) = status_of(pid, ids)
                (number,) = set(words.split())
                assert int(number) >= 0x70000000
                with pytest.raises(KeyError):
                    pwd.getpwuid(int(number))
        started.stop()


def test_without_setuid(tmp_path, pods):
    """If it may not change its user, it stays root by name, but without any privilege."""
    bounded = ["setpriv", "--bounding-set", "-setuid,-setgid"]
    with_less = tracer(tmp_path)
    with_less.command[:0] = bounded
    with with_less as started:
        assert pod_of(started, pods[0][0]) == "web-0"
        for pid in family(started.process.pid):
            is_powerless(pid)
            assert status_of(pid, "Uid") == {"0\t0\t0\t0"}
        started.stop()
    said = subprocess.run(
        [*bounded, tracing.KILLTRACE, "doctor"], check=False, capture_output=True, text=True
    ).stdout
    (line,) = [line for line in said.splitlines() if "container files" in line]
    assert "CAP_SETUID" in line


def test_killed_and_stopped(tmp_path, pods, validate):
    """The death of an idle worker costs nothing; that of a reading one costs what it reads. The
    next worker continues.
    """
    with tracer(tmp_path) as started:
        assert pod_of(started, pods[0][0]) == "web-0"
        _, first = family(started.process.pid)
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: is_gone(first), "it is still there")
        assert pod_of(started, pods[1][0]) == "web-1"
        assert not check.real_losses(list(started.follow()))
        _, second = family(started.process.pid)
        assert second != first
        os.kill(second, signal.SIGSTOP)
        before = time.monotonic()
        assert pod_of(started, pods[2][0]) is None
        assert time.monotonic() - before < 30
        # a known name is reported with the next death
        wait_until(
            lambda: started.settle() or lost(started.follow()).get("names_unreadable"),
            "it is not counted",
        )
        assert pod_of(started, pods[3][0]) == "web-3"
        wait_until(lambda: is_gone(second), "it is still there")
        events = started.stop()
    validate(events)
    # the agent kills the second, its own child; a foreign kill of the first is worth reporting
    assert one(events, second)["routine"] and one(events, second)["cause"] == "sigkill"
    assert not one(events, first)["routine"]


def limit_stack(pid, size):
    """Nested values need more stack than this. The worker's own user may set the limit."""
    (uid,), (gid,) = (set(words.split()) for ids in ("Uid", "Gid") for words in status_of(pid, ids))
    by_user = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]
    subprocess.run([*by_user, "prlimit", f"--pid={pid}", f"--stack={size}:{size}"], check=True)


def test_crash(tmp_path, pods, validate):
    """A file that crashes the worker counts as unreadable, and the crash is routine."""
    with tracer(tmp_path) as started:
        assert pod_of(started, pods[0][0]) == "web-0"
        _, worker = family(started.process.pid)
        limit_stack(worker, 4096)
        pods[1][1].write_text("[" * 2000 + "]" * 2000, encoding="ascii")
        assert pod_of(started, pods[1][0]) is None
        assert pod_of(started, pods[2][0]) == "web-2"
        events = started.stop()
    validate(events)
    event = one(events, worker)
    assert event["cause"] == "segfault" and event["victim"]["comm"] == "killtrace-parse"
    assert event["routine"]
    assert lost(events).get("names_unreadable", 0) >= 1


@pytest.mark.parametrize("stopped", [False, True])
def test_no_leftovers(tmp_path, pods, stopped):
    """Worker and starter end with the agent, however it ends. Their deaths are not reported by
    default.
    """
    with tracing.Tracer("--all", "-o", "json") as watching:
        for how in (signal.SIGTERM, signal.SIGKILL):
            with tracer(tmp_path) as started:
                assert pod_of(started, pods[0][0]) == "web-0"
                both = family(started.process.pid)
                if stopped:
                    for pid in both:
                        os.kill(pid, signal.SIGSTOP)
                os.kill(started.process.pid, how)
                started.process.wait(tracing.PATIENCE)
                for pid in both:
                    wait_until(lambda pid=pid: is_gone(pid), f"{pid} outlives it")
        watching.settle()
        events = watching.stop()
    told = [
        event
        for event in events
        if event.get("victim", {}).get("comm", "").startswith("killtrace-")
    ]
    # a stopped worker is killed by its parent, which is routine
    assert all(event["routine"] for event in told), told
    assert stopped or not told


def test_starter_killed(tmp_path, pods):
    """Without the starter no container gets a name again, so it is reported at once."""
    prom = tmp_path / "killtrace.prom"

    def up():
        return metrics_of(prom).get("killtrace_container_reader_up") if prom.exists() else None

    with Daemon("--textfile", str(tmp_path)) as daemon:
        daemon.wait_for(lambda: up() == 1, "running")
        (starter,) = children(daemon.process.pid)
        os.kill(starter, signal.SIGKILL)
        daemon.wait_for(
            lambda: "'killtrace-start' died; restart killtrace" in daemon.talk(), "said"
        )
        die(pods[0][0])  # a reason to write the metrics now
        daemon.wait_for(lambda: up() == 0, "shown")
        daemon.stop()
        assert daemon.talk().count("'killtrace-start' died") == 1
