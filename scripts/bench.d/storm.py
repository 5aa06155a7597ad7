# SPDX-License-Identifier: BSD-2-Clause
"""A storm of deaths at the full fork rate: whether each death is reported once and with the right
cause, and what that costs.
"""

import collections
import json

import figures
import loads
from killtrace import Killtrace, Strangers
from report import Section, reach

STORM_COMM = "kz-storm"
# Percent, for victims that only fork: a victim that runs another program costs more untraced.
TARGET = 10


def judge(path, pids):
    """Compares the lines with the pids that died: (missing, too many, wrong cause)."""
    told = collections.Counter()
    wrong = 0
    with open(path, "rb") as lines:
        for line in lines:
            event = json.loads(line)
            if event.get("victim", {}).get("comm") != STORM_COMM:
                continue
            told[event["victim"]["pid"]] += 1
            if (event["cause"], event["fault"]["kind"]) != ("segfault", "null-dereference"):
                wrong += 1
    # Counters, not sets: pids can be reused in a long storm.
    died = collections.Counter(pids)
    return (died - told).total(), (told - died).total(), wrong


def traced(binary, count):
    """One storm under killtrace."""
    with Killtrace(binary) as killtrace:
        Strangers.look(killtrace.pid)
        before = killtrace.activity()["cpu_ns"]
        result = loads.storm(count)
        killtrace.wait_for_lines(count)
        cpu_ns = killtrace.activity()["cpu_ns"] - before
        killtrace.stop()
        missing, too_many, wrong = judge(killtrace.lines_path(), result.told["pids"])
        return {
            "wall_ns": result.wall_ns,
            "storm_us_per_death": result.cpu_ns / 1000 / count,
            "missing": missing,
            "too_many": too_many,
            "wrong_cause": wrong,
            "lost": killtrace.lost(),
            "killtrace_us_per_death": cpu_ns / 1000 / count,
        }


def untraced(count):
    """The baseline."""
    Strangers.look()
    result = loads.storm(count)
    return {"wall_ns": result.wall_ns, "storm_us_per_death": result.cpu_ns / 1000 / count}


def each(values, form):
    """All repetitions, for a cell."""
    return ", ".join(form.format(value) for value in values)


def row(what, values, form, cell="-"):
    """The median and all repetitions."""
    return [what, form.format(figures.median(values)), each(values, form), cell]


def count_rows(runs):
    """Errors that must not happen, added up over all repetitions."""
    for what, key in (
        ("not reported", "missing"),
        ("lost, by killtrace's own count", "lost"),
        ("reported twice", "too_many"),
        ("wrong cause", "wrong_cause"),
    ):
        values = [run[key] for run in runs]
        yield [what, str(sum(values)), each(values, "{}"), reach("0", sum(values) == 0)]


def cost(base, runs):
    """Percent per repetition: more wall time, and more CPU time of storm and killtrace."""
    slower, more = [], []
    for before, run in zip(base, runs):
        slower.append(figures.percent_over(run["wall_ns"], before["wall_ns"]))
        cpu_us = run["storm_us_per_death"] + run["killtrace_us_per_death"]
        more.append(figures.percent_over(cpu_us, before["storm_us_per_death"]))
    return slower, more


def cost_rows(count, base, runs, slower, more):
    """Rates and CPU times."""

    def rates(measured):
        return [count / (run["wall_ns"] / 1e9) for run in measured]

    def cpu(measured, whose):
        return [run[f"{whose}_us_per_death"] for run in measured]

    # On a busy machine the rates mean little; then the CPU time must agree.
    met = max(figures.median(slower), figures.median(more)) <= TARGET
    return [
        row("untraced, deaths per second", rates(base), "{:.0f}"),
        row("traced, deaths per second", rates(runs), "{:.0f}"),
        row("slower, %", slower, "{:+.1f}", reach(f"≤ {TARGET} %", met)),
        row("CPU µs per death, storm untraced", cpu(base, "storm"), "{:.1f}"),
        row("CPU µs per death, storm traced", cpu(runs, "storm"), "{:.1f}"),
        row("CPU µs per death, killtrace", cpu(runs, "killtrace"), "{:.1f}"),
        row("more CPU time in all, %", more, "{:+.1f}"),
    ]


def measure(binary, count, repetitions):
    """The section of the report."""
    base, runs = [], []
    for repetition in range(repetitions):
        # They take turns at going first.
        if repetition % 2 == 0:
            base.append(untraced(count))
            runs.append(traced(binary, count))
        else:
            runs.append(traced(binary, count))
            base.append(untraced(count))
    slower, more = cost(base, runs)
    section = Section(
        f"Storm: {count:,} null dereferences on all CPUs",
        ["figure", "value", "per repetition", "reach"],
    )
    section.rows = [*count_rows(runs), *cost_rows(count, base, runs, slower, more)]
    section.data = {
        "count": count,
        "untraced": base,
        "traced": runs,
        "slower_percent": slower,
        "more_cpu_percent": more,
    }
    section.notes.append(
        "JSON lines go to a file in memory; killtrace shares the CPUs with the storm. CPU time, "
        "unlike the rate, hardly suffers from other work, so the target is held against both"
    )
    return section
