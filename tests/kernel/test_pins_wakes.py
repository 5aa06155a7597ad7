# SPDX-License-Identifier: BSD-2-Clause
"""The reader of pinned programs always holds records. It is woken when there is something new, but
in a storm not for each death.
"""

import re

import pytest
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
        counts = re.findall(r"^ *IWI:(.*)  IRQ work", file.read(), re.MULTILINE)
    if not counts:
        pytest.skip("not possible on this machine: its kernel does not count these interrupts")
    return sum(int(count) for count in counts[0].split())


def interrupts_of_storm(arguments, lines, join):
    """Those during a storm that an agent reads to its end. Others may be among them: the fewest."""
    found = []
    with Daemon("--all", "--json-size", "1024", "--json", str(lines), *arguments) as agent:
        for _ in range(3):
            before = self_interrupts()
            pids = set(zoo_storm(join, DEATHS).pids())
            agent.wait_for(lambda pids=pids: pids <= set(pids_in(lines_of(lines))), "all deaths")
            found.append(self_interrupts() - before)
    return min(found)


def test_not_for_each_death(pins, group, tmp_path):
    """As seldom as the reader of programs that are not pinned, which the kernel sees catch up."""
    _, join = group
    alone = interrupts_of_storm([], tmp_path / "alone.json", join)
    pinned = interrupts_of_storm(["--pin", pins], tmp_path / "pinned.json", join)
    assert pinned < alone + DEATHS / 4


@pytest.mark.parametrize("deaths", [1, 2, 3, 5, 10, 20, 50, 200])
def test_the_last_of_a_burst(pins, group, tmp_path, deaths):
    """However the last deaths fall into the naps, they are reported without one that follows."""
    name, join = group
    lines = tmp_path / "kills.json"
    arguments = ["--cgroup", f"/{name}", "--json", str(lines), "--pin", pins]
    with Daemon(*arguments) as agent:
        for _ in range(5):
            pids = set(zoo_storm(join, deaths, 1).pids())
            agent.wait_for(lambda pids=pids: pids <= set(pids_in(lines_of(lines))), f"{deaths}")
