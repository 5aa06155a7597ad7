# SPDX-License-Identifier: BSD-2-Clause
"""The agent under real conditions: in a guest that runs out of memory, whose clocks are set, and
while the agent itself is stopped. The victims' parents and the guest know what died, and when.
"""

import datetime
import json
import re
import sqlite3
from functools import cached_property

import check
import guests as matrix
import pytest

pytestmark = [pytest.mark.layouts("agent"), pytest.mark.kernels("5.10", "6.12")]


class Facts:
    """The agent's results that a guest brought back."""

    def __init__(self, guest):
        self.guest = guest

    @cached_property
    def lines(self):
        """All events of the agent, in order."""
        return matrix.json_lines(self.guest.directory / "lines.json")

    def testimony(self, name):
        """The one line that the zoo printed."""
        (line,) = matrix.json_lines(self.guest.directory / name)
        return line

    def metrics(self, name):
        """Samples of the textfile after a part, by name and labels."""
        found = {}
        for line in self.guest.text(f"{name}.prom").splitlines():
            if not line.startswith("#"):
                key, value = re.fullmatch(r"(\S.*) (\S+)", line).groups()
                assert key not in found, line
                found[key] = float(value)
        return found


@pytest.fixture
def facts(guest):
    """The results of the test's guest."""
    return Facts(guest)


def kills(metrics, cause):
    """The number of deaths by a cause in a textfile."""
    (value,) = [
        v for k, v in metrics.items() if k.startswith(f'killtrace_kills_total{{cause="{cause}"')
    ]
    return value


def seconds(event):
    """The time of a death, in seconds since the epoch."""
    assert event["time"].endswith("Z")
    return datetime.datetime.fromisoformat(f"{event['time'][:19]}+00:00").timestamp()


def test_guest(kernel, layout, guest):
    """The guest boots, and its script runs to the end."""
    assert not guest.failure
    said = guest.text("script.log").splitlines()
    words = ("zoo ended with", "not attached", "did not tell")
    told = [line for line in said if any(word in line for word in words)]
    assert told == ["zoo ended with 0"] * 2, said


def test_out_of_memory(kernel, layout, guest, facts):
    """The killed processes are reported as killed for lack of memory, and the agent survives."""
    victim = facts.testimony("oom.json")
    assert victim["wait"]["signal"] == 9, victim
    (event,) = check.events_of(facts.lines, victim["pid"])
    assert (event["cause"], event["class"]) == ("oom-global", "kernel"), event
    assert f"(pid {victim['pid']}, " in event["summary"]
    # The kernel's own log has the killed processes.
    killed = re.findall(r"Out of memory: Killed process (\d+) ", guest.text("kernel.log"))
    assert str(victim["pid"]) in killed
    agent = guest.text("agent.pid").strip()
    assert agent not in killed
    told = [
        line for line in facts.lines if not check.is_loss(line) and line["cause"] == "oom-global"
    ]
    assert sorted(str(event["victim"]["pid"]) for event in told) == sorted(killed)
    metrics = facts.metrics("oom")
    assert kills(metrics, "oom-global") == len(killed)
    assert metrics["killtrace_kernel_oom_kills_total"] == len(killed)


def test_agent_lives(kernel, layout, guest):
    """The agent that was started is the one that ended, on request and in time."""
    assert guest.text("status").strip() == "0"
    began, ended = map(float, guest.text("took").split())
    assert ended - began < 10  # tests/kernel checks the time on a machine that is not emulated
    assert guest.text("agent.err").count("killtrace: tracing") == 1


def test_stood_still(kernel, layout, guest, facts):
    """Each death while it was stopped is reported or counted as lost; then it continues."""
    storm = facts.testimony("storm.json")
    assert storm["wrong"] == 0
    pids = [event["victim"]["pid"] for event in facts.lines if not check.is_loss(event)]
    told = [pid for pid in pids if pid in set(storm["pids"])]
    assert len(told) == len(set(told))
    lost = [line["lost"] for line in check.losses(facts.lines)]
    assert {reason for reasons in lost for reason in reasons} <= {"ring_full", "names_late"}, lost
    ring_full = sum(reasons.get("ring_full", 0) for reasons in lost)
    assert ring_full > 0 and len(told) + ring_full == len(storm["pids"]) == storm["storm"]
    metrics = facts.metrics("storm")
    assert metrics['killtrace_lost_total{reason="ring_full"}'] == ring_full
    assert f"killtrace: lost {ring_full} " in guest.text("agent.err")
    (last,) = check.events_of(facts.lines, facts.testimony("last.json")["pid"])
    assert last["cause"] == "segfault"


def test_clocks_are_set(kernel, layout, guest, facts):
    """A death has the time that the clock showed at that moment, whatever it showed before."""
    steps = [list(map(int, line.split())) for line in guest.text("steps").splitlines()]
    assert [step for step, *_ in steps] == [86400, -172800, 86400]
    for name, (_, before, told, kept, pid) in zip(("forward", "backward", "again"), steps):
        (event,) = check.events_of(facts.lines, pid)
        assert before - 1 <= seconds(event) <= told + 1, (before, told, event)
        metrics = facts.metrics(name)
        assert before <= metrics["killtrace_heartbeat_timestamp_seconds"] <= kept + 1
        assert kills(metrics, "segfault") > 0


def test_quiet(kernel, layout, guest, facts):
    """Afterwards it writes its heartbeat, and does nothing else."""
    before, after = (int(ticks) for ticks in guest.text("busy").split())
    assert after - before <= 1000  # of 6,500: no busy loop
    before, after = (
        dict(line.split() for line in guest.text(f"awake-{when}").splitlines())
        for when in ("before", "after")
    )
    woken = {name: int(after[name]) - int(before[name]) for name in after}
    heart = woken.pop("kt-textfile")
    assert set(woken) >= {"kt-json", "kt-history", "killtrace-names"} and not any(
        woken.values()
    ), woken
    assert 1 <= heart <= 4
    beats = [
        facts.metrics(name)["killtrace_heartbeat_timestamp_seconds"] for name in ("again", "quiet")
    ]
    assert 50 <= beats[1] - beats[0] <= 75


def test_history(kernel, layout, guest, facts):
    """The database is intact, and agrees with the lines."""
    database = sqlite3.connect(guest.directory / "history.db")
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    stored = [row[0] for row in database.execute("SELECT line FROM event")]
    told = [json.dumps(line) for line in facts.lines]
    assert sorted(json.dumps(json.loads(line)) for line in stored) == sorted(told)


def test_no_harm(kernel, layout, guest):
    """The guest's kernel has no complaints."""
    assert not matrix.splats(guest.text("kernel.log") + guest.text("console"))
