# SPDX-License-Identifier: BSD-2-Clause
"""Resident memory of the live trace while deaths go by."""

import time

import loads
from killtrace import Killtrace
from report import Section, reach

MIB = 1 << 20
TARGET_MIB = 8
# Growth up to this is an allocator's noise and not a leak.
FLAT_BYTES = 256 * 1024


def snapshot(killtrace, events):
    """The memory of the process after that many events."""
    status = killtrace.status()
    return {
        "events": events,
        "rss": status["VmRSS"],
        "anonymous": status["RssAnon"],
        "ring": killtrace.ring_bytes(),
        "pss": status["Pss"],
        "peak": status["VmHWM"],
    }


def collect(binary, steps):
    """Snapshots when idle and after each number of events, and the losses."""
    with Killtrace(binary) as killtrace:
        time.sleep(0.5)
        snapshots = [snapshot(killtrace, 0)]
        done = 0
        for step in steps:
            loads.storm(step - done)
            done = step
            killtrace.wait_for_lines(done)
            snapshots.append(snapshot(killtrace, done))
        killtrace.stop()
        return snapshots, killtrace.lost()


def rows_of(binary, snapshots):
    """A row per snapshot."""
    for taken in snapshots:
        mib = [f"{taken[key] / MIB:.1f}" for key in ("rss", "anonymous", "ring", "pss", "peak")]
        met = taken["rss"] <= TARGET_MIB * MIB
        events = f"{taken['events']:,}"
        yield [binary.name, events, *mib, reach(f"RSS ≤ {TARGET_MIB}", met)]


def measure(binaries, steps):
    """The section of the report."""
    section = Section(
        "Resident memory, MiB",
        ["binary", "events", "RSS", "anonymous", "ring", "PSS", "peak RSS", "reach"],
    )
    for binary in binaries:
        snapshots, lost = collect(binary, steps)
        section.rows.extend(rows_of(binary, snapshots))
        growth = snapshots[-1]["rss"] - snapshots[1]["rss"]
        flat = reach("flat", abs(growth) <= FLAT_BYTES)
        section.notes.append(
            f"{binary.name}: from {snapshots[1]['events']:,} to {snapshots[-1]['events']:,} events "
            f"RSS grew by {growth / 1024:.0f} KiB ({flat}); lost {lost}"
        )
        section.data[binary.name] = {
            "snapshots": snapshots,
            "lost": lost,
        }
    section.notes.append(
        "`ring`: pages of the kernel's ring buffer that are mapped into the process. They count as "
        "RSS, and once more as a map in the kernel"
    )
    return section
