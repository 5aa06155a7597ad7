# SPDX-License-Identifier: BSD-2-Clause
"""A storm of deaths at the full fork rate: is each told, once, rightly, and what does it cost."""

import collections
import json

import figures
import loads
from killtrace import Killtrace, Strangers
from report import Section, reach

STORM_COMM = "kz-storm"


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
    # Counted, not as sets: in a long storm a number may come round again.
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


def measure(binary, count, repetitions):
    """The section of the report."""
    section = Section(
        f"Storm: {count:,} null dereferences on all CPUs",
        ["figure", "value", "per repetition", "reach"],
    )
    base, runs = [], []
    for repetition in range(repetitions):
        if repetition % 2 == 0:
            base.append(untraced(count))
            runs.append(traced(binary, count))
        else:
            runs.append(traced(binary, count))
            base.append(untraced(count))

    def total(key):
        return sum(run[key] for run in runs)

    def each(values, form):
        return ", ".join(form.format(value) for value in values)

    slower = [figures.percent_over(run["wall_ns"], b["wall_ns"]) for run, b in zip(runs, base)]
    for what, key in (
        ("not told", "missing"),
        ("lost, by killtrace's own count", "lost"),
        ("told twice", "too_many"),
        ("wrong cause", "wrong_cause"),
    ):
        each_run = each([run[key] for run in runs], "{}")
        section.rows.append([what, str(total(key)), each_run, reach("0", total(key) == 0)])
    rates = (
        [count / (b["wall_ns"] / 1e9) for b in base],
        [count / (r["wall_ns"] / 1e9) for r in runs],
    )
    for what, values in zip(("untraced, deaths per second", "traced, deaths per second"), rates):
        section.rows.append([what, f"{figures.median(values):.0f}", each(values, "{:.0f}"), "-"])
    section.rows.append(
        [
            "slower",
            f"{figures.median(slower):+.1f} %",
            each(slower, "{:+.1f}"),
            reach("≤ 5 %", figures.median(slower) <= 5),
        ]
    )
    cpu_base = [run["storm_us_per_death"] for run in base]
    cpu_storm = [run["storm_us_per_death"] for run in runs]
    cpu_killtrace = [run["killtrace_us_per_death"] for run in runs]
    for what, values in (
        ("CPU µs per death, storm untraced", cpu_base),
        ("CPU µs per death, storm traced", cpu_storm),
        ("CPU µs per death, killtrace", cpu_killtrace),
    ):
        middle = f"{figures.median(values):.1f}"
        section.rows.append([what, middle, each(values, "{:.1f}"), "-"])
    more = [
        figures.percent_over(storm + killtrace, before)
        for before, storm, killtrace in zip(cpu_base, cpu_storm, cpu_killtrace)
    ]
    section.rows.append(
        ["more CPU time in all", f"{figures.median(more):+.1f} %", each(more, "{:+.1f}"), "-"]
    )
    section.data = {
        "count": count,
        "untraced_ns": base,
        "traced": runs,
        "slower_percent": slower,
        "more_cpu_percent": more,
    }
    section.notes.append(
        "JSON lines go to a file in memory; killtrace shares the CPUs with the storm. "
        "CPU time, unlike the rate, does not suffer from other work on the machine"
    )
    return section
