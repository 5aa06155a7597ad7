# SPDX-License-Identifier: BSD-2-Clause
"""The verdicts that killtrace must report for the ends of programs."""

import os

from cases import ABSENT, merge

from programs import comm_of

NULL = {"kind": "null-dereference", "trap_number": 14}
SEGFAULT = {"cause": "segfault", "class": "kernel", "routine": False, "exit": {"signal": 11}}
ABORT = {
    "cause": "abort",
    "class": "userspace",
    "routine": False,
    "exit": {"signal": 6},
    "fault": ABSENT,
}
RUNTIME = {"cause": "runtime-crash", "class": "runtime", "routine": False}
OOM = {
    "cause": "oom-memcg",
    "class": "kernel",
    "routine": False,
    "exit": {"signal": 9},
    "fault": ABSENT,
}


def with_fault(verdict, **fault):
    """A verdict with a fault as its origin."""
    return merge(verdict, {"fault": fault})


def sent(number, pid=None, comm=None, ended=None, cause=None, routine=False):
    """Ended by a signal from a process: this one, unless another is given."""
    pid = pid or os.getpid()
    return {
        "cause": cause or ("sigkill" if number == 9 else "signal"),
        "class": "userspace",
        "routine": routine,
        "signal": {"number": int(number)},
        "sender": {"pid": pid, "comm": comm or comm_of(pid)},
        "exit": ended or {"signal": int(number)},
        "fault": ABSENT,
    }
