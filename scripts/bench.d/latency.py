# SPDX-License-Identifier: BSD-2-Clause
"""The time from kill(2) to the JSON line, for children of our own."""

import calendar
import json
import os
import signal
import subprocess
import time

import figures
from killtrace import Killtrace, PATIENCE
from report import Section, reach

PAUSE = 0.004


def realtime_ns(text):
    """An event's time: RFC 3339, UTC, nine digits."""
    seconds, fraction = text.rstrip("Z").split(".")
    return calendar.timegm(time.strptime(seconds, "%Y-%m-%dT%H:%M:%S")) * 10**9 + int(fraction)


def find_line(lines, pid):
    """The time at which this victim's line arrived, and the line."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        line = lines.readline()
        arrived = time.clock_gettime_ns(time.CLOCK_REALTIME)
        if not line:
            break
        event = json.loads(line)
        if event.get("victim", {}).get("pid") == pid:
            return arrived, event
    raise RuntimeError(f"killtrace did not tell the death of {pid}")


def one_kill(lines):
    """Kills one sleeping child: ns from kill to death and from kill to line."""
    child = subprocess.Popen(["sleep", "1000"], stdin=subprocess.DEVNULL)
    try:
        # The child sleeps, and so does killtrace: otherwise it would not have to be woken.
        time.sleep(PAUSE)
        killed = time.clock_gettime_ns(time.CLOCK_REALTIME)
        child.send_signal(signal.SIGKILL)
        arrived, event = find_line(lines, child.pid)
    finally:
        child.kill()
        child.wait()
    return realtime_ns(event["time"]) - killed, arrived - killed


def collect(binary, samples):
    """Pairs of one_kill()."""
    reader, writer = os.pipe()
    with open(reader, "rb") as lines:
        with Killtrace(binary, stdout=writer):
            os.close(writer)
            time.sleep(0.2)
            return [one_kill(lines) for _ in range(samples)]


def measure(binary, samples):
    """The section of the report."""
    section = Section("Latency of a SIGKILL", ["from", "p50", "p99", "max", "to", "reach"])
    pairs = collect(binary, samples)
    for what, to, series, targets in (
        ("kill(2)", "death in the kernel", [death for death, _ in pairs], None),
        ("death", "line on stdout", [line - death for death, line in pairs], None),
        ("kill(2)", "line on stdout", [line for _, line in pairs], (1, 10)),
    ):
        milliseconds = [ns / 1e6 for ns in series]
        p50, p99 = figures.quantile(milliseconds, 0.5), figures.quantile(milliseconds, 0.99)
        cell = "-"
        if targets:
            met = p50 <= targets[0] and p99 <= targets[1]
            cell = reach(f"p50 ≤ {targets[0]} ms, p99 ≤ {targets[1]} ms", met)
        section.rows.append(
            [
                what,
                f"{p50:.3f} ms",
                f"{p99:.3f} ms",
                f"{max(milliseconds):.3f} ms",
                to,
                cell,
            ]
        )
        section.data[f"{what} to {to}"] = {**figures.summary(milliseconds), "p99": p99}
    section.notes.append(f"{samples} kills of a sleeping child, {PAUSE * 1000:.0f} ms apart")
    return section
