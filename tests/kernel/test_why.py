# SPDX-License-Identifier: BSD-2-Clause
"""killtrace why, from a real death through a real agent's history to its explanation."""

import json
import os
import re
import subprocess

import pytest
import test_daemon
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
