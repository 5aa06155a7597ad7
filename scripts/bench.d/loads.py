# SPDX-License-Identifier: BSD-2-Clause
"""The zoo's loops as loads. Each runs alone on one CPU; a storm uses them all."""

import json
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

ZOO = Path("build/zoo")


@dataclass
class Load:
    """A loop of the zoo, and its number of turns in one measurement."""

    command: str
    what: str
    count: int


@dataclass
class Result:
    """The time of one run of a load. CPU time is the load's own, including children."""

    wall_ns: float
    cpu_ns: float
    told: dict


def one_cpu():
    """Pins the load, so that it does not move between measurements."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def run(*arguments, pinned=True):
    """Runs the zoo once."""
    process = subprocess.Popen(
        [str(ZOO), *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        preexec_fn=one_cpu if pinned else None,
    )
    try:
        with process.stdout as out:
            text = out.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            process.wait()
    if process.returncode != 0:
        raise RuntimeError(f"zoo {' '.join(map(str, arguments))} ended with {process.returncode}")
    told = json.loads(text.splitlines()[-1])
    cpu_ns = (usage.ru_utime + usage.ru_stime) * 1e9
    return Result(told.get("nanoseconds", 0), cpu_ns, told)


def storm(count):
    """Processes that all dereference NULL, at the full rate of all CPUs."""
    return run("storm", count, len(os.sched_getaffinity(0)), pinned=False)


def calibrate(load, seconds):
    """Sets the load's count so that one run takes about that long."""
    small = {"chld": 500}.get(load.command, 20000)
    took = run(load.command, small).wall_ns / 1e9
    load.count = max(small, int(small * seconds / took))
    return load


def loops(seconds):
    """The loops, calibrated."""
    kinds = [
        Load("faultloop", "page-fault loop", 0),
        Load("sigloop", "SIGUSR1 loop, handled", 0),
        Load("segvloop", "SIGSEGV loop, handled", 0),
        Load("chld", "fork + exit + wait", 0),
    ]
    return [calibrate(load, seconds) for load in kinds]


def crowd():
    """One kill() of a process group; a turn is one of its processes."""
    return Load("crowd-group", "kill() of 1,000, each", 1000)
