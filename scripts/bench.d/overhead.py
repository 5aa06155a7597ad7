# SPDX-License-Identifier: BSD-2-Clause
"""How much slower loops of page faults, signals and forks and a kill() of 1,000 get: traced, traced
without the page-fault tracepoints, with programs that do nothing on the same tracepoints, which no
tracer can beat, and with --before also by that build.
"""

import contextlib

import figures
import loads
from kernel import HOOKS, EmptyPrograms
from killtrace import Killtrace, Strangers
from report import Section, reach

UNTRACED = "untraced"
EMPTY = "empty programs"
CONFIGURATIONS = {
    "killtrace": [],
    "killtrace, no fault tracepoints": ["--no-fault-tracepoints"],
    EMPTY: None,
}
BEFORE = "killtrace before"
# Percent, for killtrace without options.
TARGETS = {"faultloop": 5, "crowd-group": 100}


def tracing(binary, before, name):
    """The configuration to measure, as a context."""
    if name == UNTRACED:
        return contextlib.nullcontext()
    if name == EMPTY:
        return EmptyPrograms(HOOKS)
    if name == BEFORE:
        return Killtrace(before)
    return Killtrace(binary, *CONFIGURATIONS[name])


def names_of(before):
    """The configurations to compare with the untraced loop."""
    return [*CONFIGURATIONS, *([BEFORE] if before else [])]


def collect(binary, before, loops, repetitions):
    """{(load, configuration): [(wall, cpu) ns per turn]}. The order rotates, so that changes of
    this machine over time affect all of them.
    """
    found = {}
    names = [UNTRACED, *names_of(before)]
    for repetition in range(repetitions):
        shift = repetition % len(names)
        for name in names[shift:] + names[:shift]:
            with tracing(binary, before, name) as tracer:
                Strangers.look(getattr(tracer, "pid", None))
                for load in loops:
                    result = loads.run(load.command, load.count)
                    pair = (result.wall_ns / load.count, result.cpu_ns / load.count)
                    found.setdefault((load.command, name), []).append(pair)
    return found


def compare(measured, base, which):
    """Percent over the baseline of the same repetition."""
    return [figures.percent_over(m[which], b[which]) for m, b in zip(measured, base)]


def measure(binary, before, repetitions, seconds):
    """The section of the report."""
    section = Section(
        "Overhead on loops, against the untraced loop of the same repetition",
        ["load", "with", "untraced", "traced", "wall", "middle half", "CPU", "reach"],
    )
    loops = [*loads.loops(seconds), loads.crowd()]
    found = collect(binary, before, loops, repetitions)
    for load in loops:
        base = found[load.command, UNTRACED]
        for name in names_of(before):
            measured = found[load.command, name]
            wall, cpu = compare(measured, base, 0), compare(measured, base, 1)
            target = TARGETS.get(load.command) if name == "killtrace" else None
            section.rows.append(
                [
                    load.what,
                    name,
                    f"{figures.median([m[0] for m in base]):.0f} ns",
                    f"{figures.median([m[0] for m in measured]):.0f} ns",
                    f"{figures.median(wall):+.1f} %",
                    figures.spread(wall, "{:+.1f}"),
                    f"{figures.median(cpu):+.1f} %",
                    reach(f"≤ {target} %", figures.median(wall) <= target) if target else "-",
                ]
            )
            section.data[f"{load.command}/{name}"] = {
                "count": load.count,
                "untraced_ns": figures.summary([m[0] for m in base]),
                "traced_ns": figures.summary([m[0] for m in measured]),
                "wall_percent": figures.summary(wall),
                "cpu_percent": figures.summary(cpu),
            }
    section.notes.append(
        f"{repetitions} interleaved repetitions; `untraced`, `traced`: wall ns per turn; `wall`, "
        "`CPU`: medians of the paired differences, CPU being the load's own time"
    )
    section.notes.append(
        f"`{EMPTY}`: two instructions on each of {', '.join(HOOKS)}, what tracing costs at all"
    )
    return section
