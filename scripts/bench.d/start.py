# SPDX-License-Identifier: BSD-2-Clause
"""The time from exec to attached, and from Ctrl-C to the end."""

import figures
from killtrace import Killtrace
from report import Section, reach

TARGET_MS = 60


def one_start(binary):
    """Milliseconds of wall time to start, of CPU time in it, and to end."""
    with Killtrace(binary) as killtrace:
        cpu_ns = killtrace.activity()["cpu_ns"]
        return killtrace.start_seconds * 1000, cpu_ns / 1e6, killtrace.stop() * 1000


def measure(binaries, runs):
    """The section of the report."""
    section = Section(
        "Start to attached",
        ["binary", "median", "p95", "CPU", "to end", "reach"],
    )
    # They take turns, so that a busy moment of the machine affects both.
    found = {binary: [] for binary in binaries}
    for _ in range(runs):
        for binary in binaries:
            found[binary].append(one_start(binary))
    for binary, samples in found.items():
        start, cpu, end = (list(series) for series in zip(*samples))
        section.rows.append(
            [
                binary.name,
                f"{figures.median(start):.0f} ms",
                f"{figures.quantile(start, 0.95):.0f} ms",
                f"{figures.median(cpu):.0f} ms",
                f"{figures.median(end):.0f} ms",
                reach(f"≤ {TARGET_MS} ms", figures.median(start) <= TARGET_MS),
            ]
        )
        section.data[binary.name] = {
            "start_ms": figures.summary(start),
            "start_p95_ms": figures.quantile(start, 0.95),
            "cpu_ms": figures.summary(cpu),
            "end_ms": figures.summary(end),
        }
    section.notes.append(f"{runs} runs; `CPU` is killtrace's own CPU time when it says it traces")
    return section
