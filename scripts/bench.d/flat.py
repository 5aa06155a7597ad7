# SPDX-License-Identifier: BSD-2-Clause
"""Resident memory of the agent with every sink, over a million real deaths or as many as there is
time for.
"""

import time
from pathlib import Path

import figures
import loads
import plot
from agent import Agent, Sampler
from killtrace import Strangers
from report import Section, reach

MIB = 1 << 20
BASELINE = 5000
# The size and the rate of bursts, so that all sinks keep up: otherwise their bounded queues would
# be measured.
CHUNK = 1000
PER_SECOND = 2000
SAMPLE_SECONDS = 1
TARGET_MIB = 16
# Growth up to this is an allocator's noise and not a leak.
FLAT_BYTES = 512 * 1024
SINKS = "textfile, json, history, otlp with its queue, journal"


def collect(agent, events, seconds):
    """Makes bursts until that many have died, or the time is up: (died, seconds, samples)."""
    died = 0
    sampler = Sampler(agent, SAMPLE_SECONDS, lambda: died)
    sampler.take()
    sampler.start()
    began = time.monotonic()
    while died < events and time.monotonic() - began < seconds:
        loads.storm(min(CHUNK, events - died))
        died += min(CHUNK, events - died)
        sampler.take()
        time.sleep(max(0, began + died / PER_SECOND - time.monotonic()))
    took = time.monotonic() - began
    # The queues are emptied, and the textfile is written once more.
    time.sleep(5)
    return died, took, sampler.stop()


def collect_storm(agent, count):
    """The samples of a storm at the machine's full rate, which fills the queues, until the sinks
    have caught up.
    """
    sampler = Sampler(agent, SAMPLE_SECONDS / 10, lambda: 0)
    sampler.start()
    loads.storm(count)
    time.sleep(10 if count > BASELINE else 2)
    return sampler.stop()


def quarters(samples, died):
    """The samples by quarter of the deaths, without those from before the first death."""
    parts = [[] for _ in range(4)]
    for sample in samples:
        if sample["events"]:
            parts[min(3, int(4 * (sample["events"] - 1) / died))].append(sample)
    return [part for part in parts if part]


def row_of(title, samples):
    """A row of the table, without its target."""
    rss = [sample["rss"] / MIB for sample in samples]
    anonymous = [sample["anonymous"] / MIB for sample in samples]
    return [
        title,
        f"{figures.median(rss):.2f}",
        figures.spread(rss, "{:.2f}"),
        f"{max(rss):.2f}",
        f"{figures.median(anonymous):.2f}",
    ]


def rows_of(parts):
    """A row per quarter."""
    for i, part in enumerate(parts):
        largest = max(sample["rss"] for sample in part) / MIB
        yield [
            *row_of(f"{i + 1}. quarter, to {part[-1]['events']:,} deaths", part),
            reach(f"RSS ≤ {TARGET_MIB}", largest <= TARGET_MIB),
        ]


def measure(binary, events, seconds, stormed_count, out):
    """The section of the report; the picture goes to `out`."""
    section = Section(
        "Memory of the agent with every sink, MiB",
        ["part of the run", "RSS, median", "middle half", "largest", "anonymous", "reach"],
    )
    baseline = [loads.storm(BASELINE).wall_ns for _ in range(3)]
    with Agent(binary) as agent:
        Strangers.look(agent.pid)
        idle = agent.status()
        died, took, samples = collect(agent, events, seconds)
        cpu_ns = agent.activity()["cpu_ns"]
        stormed = collect_storm(agent, stormed_count)
        told, lost = agent.counted()
        taken = agent.taken()
        agent.stop()
    parts = quarters(samples, died)
    section.rows = [
        ["before the first death", *(f"{idle[k] / MIB:.2f}" for k in ("VmRSS",)), "-", "-"]
        + [f"{idle['RssAnon'] / MIB:.2f}", "-"],
        *rows_of(parts),
        [*row_of(f"then {stormed_count:,} at the machine's full rate", stormed), "-"],
    ]
    first, last = (figures.median([s["rss"] for s in part]) for part in (parts[0], parts[-1]))
    xs = [sample["events"] for sample in samples]
    series = {name: [s[name.lower()] / MIB for s in samples] for name in ("RSS", "anonymous")}
    section.figures.append(plot.in_text(xs, series["RSS"], "deaths", "RSS/MiB"))
    picture = Path(out) / "memory-flat.svg"
    picture.parent.mkdir(parents=True, exist_ok=True)
    title = f"Resident memory of killtrace daemon over {died:,} deaths"
    picture.write_text(plot.as_svg(xs, series, "deaths", "MiB", title), encoding="utf-8")
    counted = told + lost.get("ring_full", 0)
    rate = figures.median([BASELINE / ns * 1e9 for ns in baseline])
    section.notes += [
        f"last quarter against the first: {(last - first) / 1024:+.0f} KiB "
        f"({reach('flat', abs(last - first) <= FLAT_BYTES)}); the picture: {picture}",
        f"{died:,} real deaths in {took:.0f} s, {died / took:,.0f} a second; untraced {rate:,.0f} a second; "
        f"killtrace took {cpu_ns / 1000 / died:.1f} us of CPU time for each",
        f"told {told:,} with those of others, lost {lost or 'nothing'}: "
        f"{reach('told + lost ≥ died', counted >= died + stormed_count)}",
        f"sinks: {SINKS}; taken by the collector {taken['otlp']:,}, by journald's stand-in {taken['journal']:,}",
    ]
    section.data = {
        "died": died,
        "seconds": took,
        "told": told,
        "lost": lost,
        "taken": taken,
        "cpu_ns": cpu_ns,
        "untraced_per_second": rate,
        "growth_bytes": last - first,
        "samples": samples,
        "stormed": stormed,
    }
    return section
