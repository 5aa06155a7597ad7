# SPDX-License-Identifier: BSD-2-Clause
"""Wake-ups and CPU time of the live trace while nobody dies."""

import time

from killtrace import Killtrace, count_lines
from report import Section, reach

# The check for losses comes a second after the last record.
SETTLE_SECONDS = 2.5


def measure(binary, seconds):
    """The section of the report."""
    section = Section(f"Idle for {seconds} s", ["figure", "value", "reach"])
    # With routine ends, so that each death that wakes killtrace has a line.
    with Killtrace(binary, "--all") as killtrace:
        time.sleep(SETTLE_SECONDS)
        before, lines_before = killtrace.activity(), count_lines(killtrace.lines_path())
        time.sleep(seconds)
        after, lines_after = killtrace.activity(), count_lines(killtrace.lines_path())
    spent = {key: after[key] - before[key] for key in after}
    deaths = lines_after - lines_before
    # Each death wakes it to report, and once more to check for losses.
    own = max(0, spent["voluntary"] - 2 * deaths)
    section.rows = [
        ["wake-ups of its own", str(own), reach("0", own == 0)],
        ["voluntary switches", str(spent["voluntary"]), "-"],
        ["involuntary switches", str(spent["involuntary"]), "-"],
        ["times put on a CPU", str(spent["runs"]), "-"],
        ["CPU time", f"{spent['cpu_ns'] / 1000:.0f} µs", "-"],
        ["deaths of others told meanwhile", str(deaths), "-"],
    ]
    section.data = {"seconds": seconds, **spent, "deaths": deaths, "own_wakeups": own}
    return section
