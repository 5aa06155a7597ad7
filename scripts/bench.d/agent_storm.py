# SPDX-License-Identifier: BSD-2-Clause
"""CPU time of the agent with every sink for each death of a storm at the full fork rate, and what
its sinks lost; with --before also of that build.
"""

import time

import figures
import loads
from agent import Agent
from killtrace import Strangers
from report import Section

# If nothing arrives at a sink for that long, it has everything, or never will.
QUIET_SECONDS = 1.5
# Other processes may die all the time.
PATIENCE_SECONDS = 20


def wait_for_sinks(agent):
    """Waits until nothing arrives any more."""
    began = last = time.monotonic()
    taken = None
    while time.monotonic() - last < QUIET_SECONDS and last - began < PATIENCE_SECONDS:
        now = agent.taken()
        if now != taken:
            last, taken = time.monotonic(), now
        time.sleep(0.1)


def one_storm(binary, count):
    """Microseconds of CPU time for each death, and the number of events without room in an outlet's
    queue.
    """
    with Agent(binary) as agent:
        Strangers.look(agent.pid)
        time.sleep(1)
        before = agent.activity()["cpu_ns"]
        result = loads.storm(count)
        wait_for_sinks(agent)
        cpu_ns = agent.activity()["cpu_ns"] - before
        lost = agent.counted()[1]
    return {
        "agent_us": cpu_ns / 1000 / count,
        "storm_us": result.cpu_ns / 1000 / count,
        "lost": sum(lost.values()),
    }


def measure(binaries, count, repetitions):
    """The section of the report; `binaries` by name. They take turns."""
    section = Section(
        f"Agent with every sink, storm of {count:,} deaths",
        [
            "build",
            "agent, µs of CPU a death",
            "middle half",
            "storm, µs of CPU a death",
            "lost by sinks",
        ],
    )
    found = {name: [] for name in binaries}
    names = list(binaries)
    for repetition in range(repetitions):
        for name in names if repetition % 2 == 0 else reversed(names):
            found[name].append(one_storm(binaries[name], count))
    for name, runs in found.items():
        agent = [run["agent_us"] for run in runs]
        section.rows.append(
            [
                name,
                f"{figures.median(agent):.1f}",
                figures.spread(agent, "{:.1f}"),
                f"{figures.median([run['storm_us'] for run in runs]):.1f}",
                ", ".join(str(run["lost"]) for run in runs),
            ]
        )
        section.data[name] = runs
    if len(names) > 1:
        pairs = zip(*(found[name] for name in names))
        more = [figures.percent_over(one["agent_us"], other["agent_us"]) for one, other in pairs]
        section.notes.append(
            f"{names[0]} against {names[1]}, in pairs: {figures.median(more):+.1f} % "
            f"({figures.spread(more, '{:+.1f}')})"
        )
    section.notes.append(
        f"{repetitions} interleaved repetitions; sinks lose what finds no room while nothing is pinned"
    )
    return section
