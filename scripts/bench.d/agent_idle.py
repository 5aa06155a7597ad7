# SPDX-License-Identifier: BSD-2-Clause
"""Wake-ups and CPU time of the agent with every sink while nobody dies, by thread."""

import os
import time

from agent import TICKS, Agent
from report import Section, reach

# By thread. A heartbeat may wait for its disk a few times: that of the textfile writes two files,
# that of the history drops old rows. The queue is checked once an hour.
HEARTBEAT_SECONDS = {"kt-textfile": 60, "kt-history": 300, "kt-otlp": 3600}
WAITS = 5
# Other processes may die on this machine meanwhile. Only pieces of time without a death count, if
# the piece before had none either: all effects of a death come within two seconds.
PIECE_SECONDS = 3


def told(agent):
    """Changes with every death, also routine ones. The file is made for the first one."""
    try:
        found = os.stat(f"{agent.directory}/kills.json")
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size


def pieces(agent, seconds):
    """(quiet, threads before, threads after) of each piece."""
    began = time.monotonic()
    state, threads, was_quiet = told(agent), agent.threads(), False
    while time.monotonic() - began < seconds:
        time.sleep(PIECE_SECONDS)
        now, after = told(agent), agent.threads()
        is_quiet = now == state
        yield is_quiet and was_quiet, threads, after
        state, threads, was_quiet = now, after, is_quiet


def measure(binary, seconds):
    """The section of the report."""
    section = Section(
        f"Idle for {seconds} s with every sink",
        ["thread", "CPU time", "wake-ups", "while others died", "reach"],
    )
    spent, quiet_pieces = {}, 0
    # With routine ends, so that each death that wakes it is visible.
    with Agent(binary, "--all") as agent:
        time.sleep(PIECE_SECONDS)
        for quiet, before, after in pieces(agent, seconds):
            quiet_pieces += quiet
            for tid, now in after.items():
                thread = spent.setdefault(
                    tid, {"name": now["name"], "ticks": 0, "quiet": 0, "others": 0}
                )
                woken = now["voluntary"] - before[tid]["voluntary"]
                thread["quiet" if quiet else "others"] += woken
                thread["ticks"] += (now["ticks"] - before[tid]["ticks"]) * quiet
        time.sleep(2)
        deaths = agent.counted()[0]
    quiet_seconds = quiet_pieces * PIECE_SECONDS
    for tid, thread in sorted(spent.items()):
        beat = HEARTBEAT_SECONDS.get(thread["name"])
        most = WAITS * (quiet_seconds // beat + 1) if beat else 0
        goal = f"≤ {most} by its heartbeat" if beat else "0"
        section.rows.append(
            [
                thread["name"],
                f"{thread['ticks'] / TICKS:.2f} s",
                str(thread["quiet"]),
                str(thread["others"]),
                reach(goal, thread["quiet"] <= most) if quiet_pieces else "-",
            ]
        )
    ticks = sum(thread["ticks"] for thread in spent.values())
    wakeups = sum(thread["quiet"] for thread in spent.values())
    section.notes = [
        f"CPU time and wake-ups are of {quiet_seconds} quiet seconds: of the other "
        f"{seconds - quiet_seconds} are those in which others died ({deaths} deaths), and what followed",
        f"in all {ticks / TICKS:.2f} s of CPU time and {wakeups} wake-ups, "
        f"{wakeups / max(quiet_seconds, 1) * 60:.1f} a minute",
    ]
    section.data = {
        "seconds": seconds,
        "quiet_seconds": quiet_seconds,
        "deaths": deaths,
        "threads": spent,
    }
    return section
