# SPDX-License-Identifier: BSD-2-Clause
"""Resident memory of the agent with every sink after a storm, with receivers that keep up, with
each of them slow or stuck, and with all of them.
"""

import time
from pathlib import Path

import loads
from agent import SLOW, Agent
from killtrace import Strangers
from report import Section, reach

MIB = 1 << 20
TARGET_MIB = 16
PAUSE_SECONDS = 1


def reset_peak(pid):
    """Resets the peak: loading the programs takes more memory for a moment (proc(5))."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def collect(binary, slow, with_queue, deaths, rounds):
    """One storm in several parts: the largest figures, and what was lost on the way."""
    with Agent(binary, slow=slow, with_queue=with_queue) as agent:
        Strangers.look(agent.pid)
        # Memory that only the start needs is freed by then.
        time.sleep(PAUSE_SECONDS)
        idle = agent.status()
        reset_peak(agent.pid)
        largest = {"Pss": 0, "RssAnon": 0}
        for _ in range(rounds):
            loads.storm(deaths // rounds)
            time.sleep(PAUSE_SECONDS)
            status = agent.status()
            largest = {key: max(value, status[key]) for key, value in largest.items()}
        peak = agent.status()["VmHWM"]
        lost = agent.counted()[1].get("output", 0)
    return {
        "idle": idle["VmRSS"],
        "start_peak": idle["VmHWM"],
        "peak": peak,
        "lost": lost,
        **largest,
    }


def measure(binary, deaths, rounds, is_short):
    """The section of the report; `is_short`: the first case and the last but one."""
    section = Section(
        f"Resident memory of the agent with every sink, over {deaths:,} deaths, MiB",
        ["receivers", "at rest", "peak of the start", "peak RSS", "largest PSS", "anonymous"]
        + ["lost by outlets", "reach"],
    )
    cases = [("all keep up", (), True)]
    cases += [(f"{name}: {how}", (name,), True) for name, how in SLOW.items()]
    cases += [("collector never answers, no --otlp-queue", ("collector",), False)]
    cases += [
        ("all of these", tuple(SLOW), True),
        ("all of these, no --otlp-queue", tuple(SLOW), False),
    ]
    for title, slow, with_queue in [cases[0], cases[-2]] if is_short else cases:
        found = collect(binary, slow, with_queue, deaths, rounds)
        cells = [
            f"{found[key] / MIB:.1f}" for key in ("idle", "start_peak", "peak", "Pss", "RssAnon")
        ]
        met = reach(f"peak RSS ≤ {TARGET_MIB}", found["peak"] <= TARGET_MIB * MIB)
        section.rows.append([title, *cells, f"{found['lost']:,}", met])
        section.data[title] = found
    section.notes.append(
        "`peak RSS`: VmHWM of what follows the start, with pages of libraries that others use too and with the window "
        "on the ring buffer; `peak of the start`: VmHWM until then, when the kernel's types are held for a moment"
    )
    return section
