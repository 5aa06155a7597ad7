# SPDX-License-Identifier: BSD-2-Clause
"""Nanoseconds per run of each BPF program, by the kernel's own statistics."""

import figures
import kernel
import loads
from killtrace import Killtrace
from report import Section, reach

DEATHS = 2000
OOM_KILLS = 20
# The rows for a load: (load, program, its meaning, target in ns).
ROWS = (
    ("chld", "signal_generate", "SIGCHLD, harmless", 100),
    ("sigloop", "signal_generate", "SIGUSR1, handled", None),
    ("segvloop", "signal_generate", "SIGSEGV, handled", None),
    ("storm", "signal_generate", "deaths: SIGSEGV and SIGCHLD", None),
    ("chld", "sched_process_exit", "ordinary exits", None),
    ("storm", "sched_process_exit", "deaths", None),
    ("faultloop", "page_fault_user", "page-fault loop", 25),
    ("segvloop", "page_fault_user", "SIGSEGV loop", None),
    ("chld", "page_fault_kernel", "fork + exit", None),
    ("oom", "mark_victim", "deaths by memcg OOM", None),
)


def per_run(before, after):
    """{program: (ns per run, runs)} between two readings, for those that ran."""
    found = {}
    for name, (ns, count) in after.items():
        ns, count = ns - before[name][0], count - before[name][1]
        if count:
            found[name] = (ns / count, count)
    return found


def one_round(bpf, empty, run):
    """One load under statistics: the time of our programs, and that of the empty ones."""
    before, floor_before = bpf.runs(), empty.runs()
    run()
    return per_run(before, bpf.runs()), per_run(floor_before, empty.runs())


def collect(binaries, repetitions, seconds):
    """By name of the binary: {(load, program): [(ns, runs)]} of ours and of the empty programs.
    They take turns, so that changes of this machine over time affect all of them.
    """
    runs = {
        load.command: (lambda load=load: loads.run(load.command, load.count))
        for load in loads.loops(seconds)
    }
    runs["storm"] = lambda: loads.storm(DEATHS)
    found = {name: ({}, {}) for name in binaries}
    for repetition in range(repetitions):
        if repetition == repetitions - 1:
            runs["oom"] = lambda: [loads.run("run", "oom") for _ in range(OOM_KILLS)]
        for name, binary in binaries.items():
            with Killtrace(binary) as killtrace:
                one_repetition(killtrace, runs, *found[name])
    return found


def one_repetition(killtrace, runs, ours, floor):
    """Runs all loads once; adds the results to the series."""
    with kernel.Statistics(), kernel.EmptyPrograms(kernel.HOOKS) as empty:
        bpf = kernel.Bpf(killtrace.pid)
        for name, run in runs.items():
            for series, found in zip((ours, floor), one_round(bpf, empty, run)):
                for program, measured in found.items():
                    series.setdefault((name, program), []).append(measured)


def fatal_signal(ours):
    """A death generates its own signal and its parent's SIGCHLD: this is the former alone."""
    chld = figures.median([ns for ns, _ in ours["chld", "signal_generate"]])
    return [
        (ns * runs - chld * (runs - DEATHS)) / DEATHS
        for ns, runs in ours["storm", "signal_generate"]
        if runs >= DEATHS
    ]


def row(program, what, series, floor, target):
    """One row: the kernel's time, and the rest without the cost of measuring."""
    middle = figures.median(series)
    net = max(0, middle - floor) if floor is not None else None
    cell = "-"
    if target:
        cell = reach(f"≤ {target} ns", middle <= target)
        if middle > target and net is not None and net <= target:
            cell += ", net is"
    return [
        program,
        f"{middle:.0f}",
        figures.spread(series),
        f"{floor:.0f}" if floor is not None else "-",
        f"{net:.0f}" if net is not None else "-",
        what,
        cell,
    ]


def add_rows(section, name, ours, floor):
    """The rows of one binary."""
    for load, program, what, target in ROWS:
        measured = ours.get((load, program))
        if not measured:
            section.notes.append(f"{name}: {program} did not run under {load}")
            continue
        empty = floor.get((load, program))
        empty_ns = figures.median([ns for ns, _ in empty]) if empty else None
        series = [ns for ns, _ in measured]
        section.rows.append([name, *row(program, what, series, empty_ns, target)])
        section.data[f"{name}/{load}/{program}"] = {
            **figures.summary(series),
            "runs": sum(count for _, count in measured),
            "empty_ns": empty_ns,
        }
        if (load, program) == ("storm", "signal_generate"):
            fatal = fatal_signal(ours)
            section.rows.append(
                [name, *row(program, "deaths: the SIGSEGV alone", fatal, empty_ns, None)]
            )
            section.data[f"{name}/storm/signal_generate/fatal"] = figures.summary(fatal)


def measure(binaries, repetitions, seconds):
    """The section of the report; `binaries` by name, the one to be measured first."""
    section = Section(
        "BPF programs, ns per run (kernel's bpf_stats)",
        ["build", "program", "ns", "middle half", "empty", "net", "under", "reach"],
    )
    for name, (ours, floor) in collect(binaries, repetitions, seconds).items():
        add_rows(section, name, ours, floor)
    section.notes.append(
        "`empty`: a program of two instructions on the same tracepoint at the same time, that is "
        "the cost of the statistics; `net` is without it. The target is held against `ns`."
    )
    return section
