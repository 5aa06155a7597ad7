# SPDX-License-Identifier: BSD-2-Clause
"""The reader of pinned programs always holds records. It is woken when there is something new, but
in a storm not for each death.
"""

import re
import time

from test_daemon import lines_of
from test_pins import (  # pylint: disable=unused-import
    Daemon,
    bpffs,
    group,
    pids_in,
    pins,
    zoo_storm,
)

# pytest finds fixtures by the names of arguments
# pylint: disable=redefined-outer-name

DEATHS = 3000


def self_interrupts():
    """How often processors have interrupted themselves, as for each wake-up of a reader."""
    with open("/proc/interrupts", encoding="utf-8") as file:
        (line,) = re.findall(r"^ *IWI:(.*)  IRQ work", file.read(), re.MULTILINE)
    return sum(int(count) for count in line.split())


def interrupts_of_storm(arguments, lines, join):
    """Those during a storm that an agent reads to its end."""
    with Daemon("--all", "--json-size", "1024", "--json", str(lines), *arguments) as agent:
        before = self_interrupts()
        pids = set(zoo_storm(join, DEATHS).pids())
        agent.wait_for(lambda: pids <= set(pids_in(lines_of(lines))), "all deaths")
        return self_interrupts() - before


def test_not_for_each_death(pins, group, tmp_path):
    """As seldom as the reader of programs that are not pinned, which the kernel sees catch up."""
    _, join = group
    alone = interrupts_of_storm([], tmp_path / "alone.json", join)
    pinned = interrupts_of_storm(["--pin", pins], tmp_path / "pinned.json", join)
    assert pinned < alone + DEATHS / 4


def test_each_single_death(pins, group, tmp_path):
    """Deaths at any distance from each other are reported without another one that follows."""
    _, join = group
    lines = tmp_path / "kills.json"
    with Daemon("--all", "--json", str(lines), "--pin", pins) as agent:
        for pause_ms in (0, 1, 2, 5, 10, 19, 20, 21, 40, 90, 110, 300):
            pids = set()
            for _ in range(2):
                pids |= set(zoo_storm(join, 1, 1).pids())
                time.sleep(pause_ms / 1000)
            agent.wait_for(
                lambda pids=pids: pids <= set(pids_in(lines_of(lines))), f"after {pause_ms} ms"
            )
