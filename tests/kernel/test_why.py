# SPDX-License-Identifier: BSD-2-Clause
"""killtrace why, from a real death through a real agent's history to its explanation."""

import json
import os
import re
import subprocess

import pytest
import test_daemon
import test_view
import tracer as tracing

# What the zoo did, in the words that a person must read in the first sentence.
WORDS = {
    "null-deref": "it wrote through a null pointer",
    "write-read-only": "it wrote to memory that is read-only",
    "divide": "it divided an integer by zero",
    "abort": "it aborted itself",
    "seccomp-process": "the system call getpid, which its seccomp filter forbids",
    "kill-9": "sent it SIGKILL",
    "rlimit-cpu-soft": "it used up its CPU time, RLIMIT_CPU of 1.0 s (soft limit)",
}


@pytest.fixture(name="history")
def fixture_history(tmp_path):
    """Where the agent writes."""
    return tmp_path / "history.db"


def explain(history, *arguments):
    """What killtrace why says, on one line."""
    ended = subprocess.run(
        [tracing.KILLTRACE, "why", "--history", str(history), *arguments],
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert not ended.stderr, ended.stderr
    return " ".join(ended.stdout.decode().split())


def stored(history):
    """The process ids in the history, by another command."""
    ended = subprocess.run(
        [tracing.KILLTRACE, "history", "--history", str(history), "--all", "-o", "json"],
        capture_output=True,
        check=False,
        timeout=60,
    )
    lines = [json.loads(line) for line in ended.stdout.decode().splitlines()]
    return [line["victim"]["pid"] for line in lines if "victim" in line]


def run(history, names):
    """The pid of each victim, as the zoo testifies, once the agent has stored them all."""
    with test_daemon.Daemon("--history", str(history), "--all") as daemon:
        pids = [tracing.zoo("run", name)[0]["pid"] for name in names]
        daemon.wait_for(
            lambda: os.path.exists(history) and set(pids) <= set(stored(history)), "storing"
        )
        daemon.stop()
    return pids


def test_first_sentence(history):
    """The first sentence has the process and what it did."""
    pids = run(history, WORDS)
    for pid, (name, words) in zip(pids, WORDS.items()):
        said = explain(history, str(pid))
        first = said.split(" Evidence ")[0]
        assert f"(pid {pid}" in first, name
        assert words in first, name


def test_how_often(history):
    """The second death of a kind is the second, and the one before is named."""
    first, second = run(history, ["null-deref", "null-deref"])
    assert "It is the first time in the history" in explain(history, str(first))
    assert "It is the second time; the first was at" in explain(history, str(second))
    # without a name it is the newest
    assert f"(pid {second}" in explain(history)


def test_asked_before(history):
    """A stop that took too long is told with both signals and who sent them."""
    (pid,) = run(history, ["stop-timeout"])
    said = explain(history, str(pid))
    assert "because it did not end when it was asked to" in said
    sent = re.search(r"kz-manager \(pid (\d+), uid 0.*? sent it SIGTERM, and SIGKILL", said)
    assert sent, said
    # by the zoo's own account there was one such sender
    assert f"SIGTERM by kz-manager (pid {sent[1]}, uid 0)" in said


def test_memory_limit(history):
    """The limit is the one that the zoo set, and it is the cgroup's own."""
    (told,) = run(history, ["oom"])
    said = explain(history, str(told))
    assert re.search(r"reached its (own memory )?limit of \d+ MiB", said), said
    assert "the OOM killer" in said or "the kernel stack shows" in said


def test_markdown_and_json(history):
    """The other forms say the same."""
    (pid,) = run(history, ["null-deref"])
    record = json.loads(
        subprocess.run(
            [tracing.KILLTRACE, "why", "--history", str(history), "-o", "json", str(pid)],
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
    )
    assert record["cause"] == "segfault" and record["victim"]["pid"] == pid
    assert "it wrote through a null pointer" in record["why"]["answer"]
    assert "**Evidence**" in explain(history, "-o", "md", str(pid))


def ask(agent, *arguments):
    """killtrace why from an agent, and its end."""
    return subprocess.run(
        [tracing.KILLTRACE, "why", "--socket", agent.socket, *arguments],
        capture_output=True,
        check=False,
        timeout=60,
    )


def test_from_a_running_agent(tmp_path):
    """An agent without a history keeps its newest deaths, also those that nobody viewed."""
    with test_view.Agent(str(tmp_path)) as agent:
        pids = {name: tracing.zoo("run", name)[0]["pid"] for name in ("null-deref", "abort")}
        agent.wait_for(
            lambda: set(pids.values())
            <= {e["victim"]["pid"] for e in test_daemon.lines_of(agent.file) if "victim" in e},
            "reporting",
        )
        for name, pid in pids.items():
            ended = ask(agent, str(pid))
            assert ended.returncode == 0, ended.stderr
            assert WORDS[name] in " ".join(ended.stdout.decode().split())
            assert f"the running agent (pid {agent.process.pid})".encode() in ended.stderr
        ended = ask(agent, "nothing.service")
        assert ended.returncode == 1
        said = " ".join(ended.stdout.decode().split())
        assert f"in what the running agent (pid {agent.process.pid}) keeps since " in said


def test_an_agent_with_a_history_keeps_nothing(tmp_path, history):
    """It has them on the disk."""
    with test_view.Agent(str(tmp_path), "--history", str(history)) as agent:
        ended = ask(agent)
    assert ended.returncode == 1 and not ended.stdout
    assert ended.stderr.count(b"\n") == 1 and b"name the history with --history" in ended.stderr
    ended = ask(agent)
    assert ended.returncode == 1 and b"no agent is there" in ended.stderr
