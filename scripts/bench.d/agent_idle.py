# SPDX-License-Identifier: BSD-2-Clause
"""What the agent with every sink does while nobody dies: beyond its heartbeat, nothing."""

import time

from agent import TICKS, Agent
from report import Section, reach

SETTLE_SECONDS = 3
HEARTBEAT_SECONDS = 60


def measure(binary, seconds):
    """The section of the report."""
    section = Section(
        f"Idle for {seconds} s with every sink", ["thread", "CPU time", "wake-ups", "of these heartbeats", "reach"]
    )
    # With routine ends, so that whatever wakes it is counted.
    with Agent(binary, "--all") as agent:
        time.sleep(SETTLE_SECONDS)
        (told_before, _), before = agent.counted(), agent.threads()
        time.sleep(seconds)
        after = agent.threads()
        time.sleep(2)
        deaths = agent.counted()[0] - told_before
    beats = seconds // HEARTBEAT_SECONDS
    total = {"ticks": 0, "voluntary": 0}
    for tid, now in sorted(after.items()):
        spent = {key: now[key] - before[tid][key] for key in total}
        for key in total:
            total[key] += spent[key]
        # A file that is written waits for its disk as well.
        own_beats = beats if now["name"] == "kt-textfile" else 0
        quiet = deaths > 0 or spent["voluntary"] == 0 or own_beats > 0
        section.rows.append(
            [
                now["name"],
                f"{spent['ticks'] / TICKS:.2f} s",
                str(spent["voluntary"]),
                str(own_beats),
                reach("0 beyond its heartbeat", quiet) if not deaths else "others died",
            ]
        )
    section.notes = [
        f"deaths of others told meanwhile: {deaths}, each of which wakes every sink",
        f"in all {total['ticks'] / TICKS:.2f} s of CPU time ({total['ticks'] / TICKS / seconds:.4%} of one CPU), "
        f"{total['voluntary']} wake-ups, {total['voluntary'] / seconds * 60:.1f} a minute",
    ]
    section.data = {"seconds": seconds, "deaths": deaths, "before": before, "after": after}
    return section
