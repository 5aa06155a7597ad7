# SPDX-License-Identifier: BSD-2-Clause
"""killtrace provoke beside a real agent: each kind dies and is reported, and nothing is left."""

import contextlib
import json
import os
import re
import signal
import subprocess
import time

import leftovers
import pytest
import tracer as tracing

# Ends as the kernel documents them, independent of the program's own table.
ENDS = {
    "oom-memcg": "SIGKILL",
    "segfault": "SIGSEGV",
    "general-protection": "SIGSEGV",
    "illegal-instruction": "SIGILL",
    "divide-error": "SIGFPE",
    "floating-point": "SIGFPE",
    "breakpoint": "SIGTRAP",
    "alignment-check": "SIGBUS",
    "bus-error": "SIGBUS",
    "seccomp": "SIGSYS",
    "rlimit-cpu": "SIGXCPU",
    "rlimit-fsize": "SIGXFSZ",
    "rlimit-rttime": "SIGXCPU",
    "exec-failed": "SIGSEGV",
    "sigframe-failed": "SIGSEGV",
    "pidns-teardown": "SIGKILL",
    "parent-death-signal": "SIGKILL",
    "ptrace-exitkill": "SIGKILL",
    "kernel-signal": "SIGPOLL",
    "cgroup-kill": "SIGKILL",
    "sigkill": "SIGKILL",
    "abort": "SIGABRT",
    "signal": "SIGUSR1",
    "runtime-crash": 2,
    "signal-exit": 2,
}
REFUSED = {
    "oom-global",
    "oom-cpuset",
    "oom-mempolicy",
    "oom-sysrq",
    "oom-userspace",
    "control-protection",
    "memory-failure",
    "oops",
}


def provoke(*arguments):
    """Runs it and returns its exit status, standard output and standard error."""
    done = subprocess.run(
        [tracing.KILLTRACE, "provoke", *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


class Agent(tracing.Tracer):
    """An agent with a live socket and every place that provoke can look at."""

    def __init__(self, *arguments):
        super().__init__()
        self.command = [
            tracing.KILLTRACE,
            "daemon",
            *("--json", "kills.json", "--history", self.path("history.db"), "--textfile", "."),
            *arguments,
        ]
        self.socket = self.path("live.sock")

    def __enter__(self):
        try:
            with open(self.path("stderr"), "wb") as err:
                self.process = subprocess.Popen(
                    self.command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=err,
                    # its paths are relative to its own folder
                    cwd=self.directory,
                    env={**os.environ, "RUNTIME_DIRECTORY": self.directory},
                )
            self.wait_for(lambda: b"killtrace: tracing" in self.read("stderr"), "attached")
            self.wait_for(
                lambda: os.path.exists(self.path("killtrace.prom")), "writing its first metrics"
            )
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def causes(self, pid):
        """What its own JSON file says about this process."""
        lines = self.read("kills.json").decode().splitlines()
        events = [json.loads(line) for line in lines]
        return [event["cause"] for event in events if event.get("victim", {}).get("pid") == pid]


@pytest.fixture(scope="module", name="agent")
def an_agent(surroundings):
    """One agent for all kinds."""
    with Agent() as started:
        yield started


def test_kinds_are_listed():
    """Each kind is in one of the tables above, and --list says which are refused."""
    status, out, err = provoke("--list")
    assert (status, err) == (0, "")
    listed = dict(re.fullmatch(r"(\S+) +(.+)", line).groups() for line in out.splitlines())
    refused = {kind for kind, text in listed.items() if text.startswith("refused: ")}
    assert set(listed) == set(ENDS) | REFUSED
    assert REFUSED <= refused
    # those that only x86-64 has
    assert refused - REFUSED <= {"general-protection", "divide-error", "floating-point"}


@pytest.mark.parametrize("kind", ENDS)
def test_reported(agent, kind):
    """The process dies as planned, and every place of the agent has it with the right cause."""
    status, out, err = provoke(kind, "--socket", agent.socket)
    if status and err.startswith(f"killtrace: cannot provoke {kind}: "):
        pytest.skip(f"not possible on this machine: {err.strip()}")
    assert (status, err) == (0, ""), out
    first, *rows = out.splitlines()
    found = re.fullmatch(rf"{kind}: process (\d+) (?:was ended by|exited with status) (\S+)", first)
    assert found and found[2] == str(ENDS[kind]), first
    assert [row.split()[0] for row in rows] == ["reported"] * 4, out
    assert agent.causes(int(found[1])) == [kind]
    assert not leftovers.groups() or not any("provoke" in path for path in leftovers.groups())


@pytest.mark.parametrize("kind", sorted(REFUSED))
def test_refused(kind):
    """What could hurt is bad usage, with the reason, and no process is started."""
    status, out, err = provoke(kind)
    assert (status, out) == (2, "")
    assert err.startswith(f"killtrace: provoke refuses {kind}: ")


def test_agent_that_leaves_it_out(surroundings):
    """A filter of the agent keeps the death from its places: that is no success."""
    with Agent("--comm", "no-such-name") as agent:
        status, out, err = provoke("segfault", "--socket", agent.socket, "--within", "1")
        assert status == 1 and err.count("\n") == 1 and "within 1 s" in err
        states = {row[12:24].strip(): row.split()[0] for row in out.splitlines()[1:]}
        assert states == {
            "live socket": "reported",
            "history": "missing",
            "JSON file": "missing",
            "counters": "missing",
        }, out


def test_agent_without_socket(agent):
    """Places that are named are looked at without a socket; only counters prove nothing."""
    status, out, err = provoke("abort", "--json", agent.path("kills.json"))
    assert (status, err) == (0, "") and "reported  JSON file" in out
    status, out, err = provoke("abort", "--textfile", agent.directory)
    assert status == 1 and "counters do not show" in err and "reported  counters" in out


def test_no_agent(tmp_path):
    """It provokes all the same, and says how to see it."""
    status, out, err = provoke("segfault", "--socket", str(tmp_path / "none"))
    assert status == 1 and err.count("\n") == 1
    assert "no agent runs" in err and "'killtrace trace'" in err
    assert out.startswith("segfault: process ")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted(tmp_path, number):
    """The victim is ended and its cgroup removed."""
    process = subprocess.Popen(
        [tracing.KILLTRACE, "provoke", "rlimit-cpu", "--socket", tmp_path / "none"],
        stderr=subprocess.PIPE,
    )
    ours = f"killtrace-provoke-{process.pid}"

    def victims():
        found = []
        for path in leftovers.groups():
            if path.endswith(ours):
                with contextlib.suppress(FileNotFoundError), open(f"{path}/cgroup.procs") as file:
                    found += file.read().split()
        return found

    deadline = time.monotonic() + tracing.PATIENCE
    while not (pids := victims()):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(number)
    _, err = process.communicate(timeout=tracing.PATIENCE)
    assert process.returncode == 1 and b"interrupted" in err
    assert not any(path.endswith(ours) for path in leftovers.groups())
    assert not any(os.path.exists(f"/proc/{pid}") for pid in pids)
