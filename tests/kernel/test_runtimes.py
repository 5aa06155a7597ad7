# SPDX-License-Identifier: BSD-2-Clause
"""Language runtimes: some catch a fault and exit, some use faults in normal operation, some just
die.
"""

import os
import resource
import shutil
import subprocess
import sys
import time

import check
import pytest
import tracer as tracing
from cases import merge

DIRECTORY = os.path.abspath(os.path.join(tracing.BUILD, "runtimes"))
JAVA = ["java", "-Xmx64m", "-XX:ErrorFile=/dev/null", "-cp", DIRECTORY]
JNI = ["Jni", os.path.join(DIRECTORY, "libktjni.so")]

CRASH = {"cause": "runtime-crash", "class": "runtime", "routine": False, "fault": {"handled": True}}
NULL = {"fault": {"kind": "null-dereference", "trap_number": 14}}

CASES = {
    "go-nil": (
        [os.path.join(DIRECTORY, "go-nil")],
        2,
        merge(
            CRASH, merge(NULL, {"fault": {"address": "0x18", "access": "read", "module": "go-nil"}})
        ),
    ),
    "go-cgo-null": (
        [os.path.join(DIRECTORY, "go-cgo-null")],
        2,
        merge(
            CRASH,
            merge(NULL, {"fault": {"address": "0x8", "access": "write", "module": "go-cgo-null"}}),
        ),
    ),
    "go-cgo-ud2": (
        [os.path.join(DIRECTORY, "go-cgo-ud2")],
        2,
        merge(CRASH, {"fault": {"trap_number": 6, "module": "go-cgo-ud2"}}),
    ),
    # The virtual machine's crash handler probes memory and faults again itself, so the last handled
    # fault before the end is its own: its place is not known here.
    "jni-abort": (
        [*JAVA, *JNI],
        -6,
        {
            "cause": "abort",
            "class": "userspace",
            "signal": {"number": 6, "code": -6},
            "fault": {"trap_number": 14, "handled": True},
        },
    ),
    # Without core dumps the virtual machine does not abort: it exits with 1.
    "jni-exit": (
        [*JAVA, "-XX:-CreateCoredumpOnCrash", *JNI],
        1,
        merge(CRASH, {"fault": {"trap_number": 14}}),
    ),
    "python-ctypes": (
        [sys.executable, os.path.join(DIRECTORY, "ctypes_null.py")],
        -11,
        merge(
            {"cause": "segfault", "class": "kernel"},
            {"fault": {"address": "0x0", "module": "libc.so.6"}},
        ),
    ),
    "python-ud2-page": (
        [sys.executable, os.path.join(DIRECTORY, "ud2_page.py")],
        -4,
        {
            "cause": "illegal-instruction",
            "class": "kernel",
            "fault": {"trap_number": 6, "module": None},
        },
    ),
}


# Programs that end with an error after intended faults of their runtime.
FAILURES = {
    "java-no-class": (["java", "-Xmx64m", "NoSuchClass"], 1),
    "go-recovers": ([os.path.join(DIRECTORY, "go-recovers"), "1"], 1),
    "go-recovers-two": ([os.path.join(DIRECTORY, "go-recovers"), "2"], 2),
}
TIMES = 10
# Longer than --runtime-window.
SLOW_SECONDS = 1.5


def no_core():
    """Crashes leave no core files."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def run(command, directory):
    """Runs a runtime; returns pid and status."""
    if not shutil.which(command[0]):
        pytest.skip(f"{os.path.basename(command[0])} is not there")
    with subprocess.Popen(
        command,
        cwd=directory,
        preexec_fn=no_core,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            process.wait(120)
        finally:
            tracing.end(process)
    return process.pid, process.returncode


@pytest.fixture(scope="module")
def shared(surroundings):
    """One killtrace for all runtimes."""
    with tracing.Tracer("--all", "-o", "json") as tracer:
        yield tracer


@pytest.mark.parametrize("name", CASES)
def test_crash(name, shared, validate, tmp_path):
    """A crash of a runtime is one event, with the original fault."""
    command, status, expected = CASES[name]
    pid, ended = run(command, tmp_path)
    assert ended == status, "the runtime does not behave as this test expects"
    shared.settle()
    events = check.events_of(shared.lines, pid)
    assert len(events) == 1, events
    validate(events)
    # A status of 0 or a signal of 0 may be left out.
    end = {"signal": -status} if status < 0 else {"status": status}
    expected = merge(expected, {"exit": end})
    assert not check.subset(expected, events[0]), events[0]


@pytest.mark.parametrize("name", FAILURES)
def test_failure_is_no_crash(name, shared, tmp_path):
    """An error after intended faults is an ordinary end."""
    command, status = FAILURES[name]
    runs = [run(command, tmp_path) for _ in range(TIMES)]
    assert {ended for _, ended in runs} == {status}
    shared.settle()
    assert not [event for pid, _ in runs for event in check.events_of(shared.lines, pid)]


def test_slow_report(shared, tmp_path):
    """A crash with a report that is longer than a pipe holds, and a slow reader."""
    command = [os.path.join(DIRECTORY, "go-crowded")]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**os.environ, "GOTRACEBACK": "all"},
        preexec_fn=no_core,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        # it cannot end before this is read
        time.sleep(SLOW_SECONDS)
        assert process.poll() is None, "the report fits the pipe"
        process.stderr.read()
    assert process.returncode == 2
    shared.settle()
    (event,) = check.events_of(shared.lines, process.pid)
    assert not check.subset(merge(CRASH, NULL), event), event


def test_java_lives_on_faults(shared, tmp_path):
    """200,000 null pointers caught by compiled Java, each a SIGSEGV (counted by bpftrace), and no
    process died.
    """
    command = [*JAVA, "-XX:-OmitStackTraceInFastThrow", "Npe", "200000"]
    if not shutil.which("bpftrace"):
        pytest.skip("bpftrace is not there")
    with tracing.Oracle(
        "tracepoint:signal:signal_generate /args->sig == 11/ { @[args->pid] = count(); }"
    ) as oracle:
        pid, status = run(command, tmp_path)
        counts = oracle.maps().get("@", {})
    assert status == 0
    # The main thread faults, and its id is not the process's.
    assert max(counts.values(), default=0) >= 200000, counts
    shared.settle()
    assert not check.events_of(shared.lines, pid)
    assert not check.real_losses(shared.lines)
