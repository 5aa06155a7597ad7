# SPDX-License-Identifier: BSD-2-Clause
"""A signal has a handler when it is sent, but none when it is delivered, because of an exec in
between. Its sender is known like that of any other signal, in most cases.
"""

import os
import random
import signal
import subprocess
import time

import tracer as tracing

ROUNDS = 200
# In its first microseconds execve() looks like any other system call. Without the look at
# task->in_execve about 35 of 200 would have no sender.
MOST_WITHOUT = 20
# The shell runs itself again for ever. It has a handler except in its first moments.
VICTIM = """#!/bin/sh
trap : USR1
exec "$0"
"""


def kill_one(script):
    """Sends SIGUSR1 until one meets no handler; returns the pid."""
    victim = subprocess.Popen([script], env={})
    deadline = time.monotonic() + tracing.PATIENCE
    while victim.poll() is None:
        assert time.monotonic() < deadline, "every signal met a handler"
        time.sleep(random.uniform(0.0005, 0.004))
        victim.send_signal(signal.SIGUSR1)
    assert victim.returncode == -signal.SIGUSR1
    return victim.pid


def test_sender_is_known(tracer, tmp_path):
    """The sender is known whenever the signal came, except at the very beginning."""
    script = tmp_path / "again"
    script.write_text(VICTIM)
    script.chmod(0o700)
    pids = {kill_one(script) for _ in range(ROUNDS)}
    tracer.settle()
    told = {line["victim"]["pid"]: line for line in tracer.lines if "victim" in line}
    without = [told[pid] for pid in pids if told[pid].get("sender", {}).get("pid") != os.getpid()]
    assert len(without) <= MOST_WITHOUT, (len(without), without[0])
