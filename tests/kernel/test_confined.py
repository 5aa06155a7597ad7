# SPDX-License-Identifier: BSD-2-Clause
"""Every command that parses gives up its privileges, as the kernel confirms, and still reports
everything.
"""

import os
import signal
import subprocess

import pytest
import tracer as tracing
from test_daemon import Daemon, lines_of, pids_of, status_of

DAC_OVERRIDE, DAC_READ_SEARCH, IPC_LOCK, BPF = 1 << 1, 1 << 2, 1 << 14, 1 << 39
# A name that no other victim has.
COMM = f"kc-{os.getpid()}"


@pytest.fixture
def die(tmp_path):
    """Makes a victim; returns its pid."""
    shell = tmp_path / COMM
    shell.symlink_to("/bin/sh")

    def make():
        with subprocess.Popen([shell, "-c", "kill -SEGV $$"]) as victim:
            assert victim.wait() == -signal.SIGSEGV
        return victim.pid

    return make


def is_confined(pid, allowed):
    """Checks every thread."""
    assert status_of(pid, "NoNewPrivs") == {"1"}
    assert status_of(pid, "Seccomp") == {"2"}
    for sets in ("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb"):
        assert all(int(caps, 16) & ~allowed == 0 for caps in status_of(pid, sets)), sets


def test_trace(die):
    """The command of the DaemonSet; its last lines are written too."""
    with tracing.Tracer("trace", "-o", "json", "--comm", COMM) as trace:
        pid = die()
        trace.wait_for(lambda: pids_of(trace.follow()) == [pid], "reporting")
        is_confined(trace.process.pid, DAC_OVERRIDE | DAC_READ_SEARCH | BPF)
        tracing.end(trace.process)
        said = trace.read("stderr").decode()
    assert "1 segfault" in said or "1 signal" in said, said
    assert "killtrace: lost nothing" in said, said


def test_record(tmp_path, die):
    """The recording is renamed at the end."""
    file = tmp_path / "deaths.ktrec"
    with tracing.Tracer("record", str(file)) as recorder:
        pid = die()
        # it announces itself once it traces
        recorder.wait_for(lambda: status_of(recorder.process.pid, "Seccomp") == {"2"}, "confined")
        is_confined(recorder.process.pid, DAC_OVERRIDE | DAC_READ_SEARCH | BPF)
        assert not file.exists()
        assert tracing.end(recorder.process) == 0
    told = subprocess.run(
        [tracing.KILLTRACE, "replay", "-o", "json", str(file)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert f'"victim":{{"pid":{pid},' in told.stdout


def test_daemon(tmp_path, die):
    """The agent with all outputs; it opens its files again after SIGHUP."""
    lines, metrics = tmp_path / "lines.json", tmp_path / "metrics"
    metrics.mkdir()
    history = tmp_path / "state/history.db"
    options = ["--json", str(lines), "--textfile", str(metrics), "--history", str(history)]
    with Daemon(*options, "--comm", COMM) as daemon:
        first = die()
        daemon.wait_for(lambda: pids_of(lines_of(lines)) == [first], "writing")
        is_confined(daemon.process.pid, DAC_OVERRIDE | DAC_READ_SEARCH | IPC_LOCK | BPF)
        lines.rename(tmp_path / "lines.1")
        (metrics / "killtrace.prom").unlink(missing_ok=True)
        daemon.process.send_signal(signal.SIGHUP)
        later = []

        def begins_anew():
            """A death that comes before the signal is handled is still in the old file."""
            later.append(die())
            return lines.exists()

        daemon.wait_for(begins_anew, "writing to a new file")
        daemon.wait_for(
            lambda: pids_of(lines_of(tmp_path / "lines.1") + lines_of(lines)) == [first, *later],
            "writing all",
        )
        daemon.wait_for((metrics / "killtrace.prom").exists, "writing metrics")
        daemon.stop()
        assert daemon.lost() == []
    past = subprocess.run(
        [tracing.KILLTRACE, "history", "--history", str(history), "-o", "json"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert all(f'"victim":{{"pid":{pid},' in past.stdout for pid in (first, *later))


def test_replay(tmp_path, die):
    """The process that reads input from others has no privileges left."""
    recording = tmp_path / "deaths.ktrec"
    with tracing.Tracer("record", str(recording)) as recorder:
        die()
        assert tracing.end(recorder.process) == 0
    # it blocks in the middle: nothing reads the pipe
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(writing, True)
    with subprocess.Popen([tracing.KILLTRACE, "replay", str(recording)], stdout=writing) as replay:
        try:
            os.close(writing)
            wait_until_it_writes(replay.pid)
            is_confined(replay.pid, DAC_OVERRIDE | DAC_READ_SEARCH)
        finally:
            os.close(reading)
            tracing.end(replay)


def wait_until_it_writes(pid):
    """Waits until it sleeps in write() (x86-64 and arm64)."""
    while True:
        with open(f"/proc/{pid}/syscall", encoding="ascii") as file:
            words = file.read().split()
        if words[0] in ("1", "64") and words[1] == "0x1":
            return
