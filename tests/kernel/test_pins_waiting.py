# SPDX-License-Identifier: BSD-2-Clause
"""A full ring buffer waits for the agent: every working sink gets all of it, and a sink that hangs
takes nothing from the others.
"""

import collections
import os

from test_daemon import kills, lines_of, metrics_of
from test_pins import (  # pylint: disable=unused-import
    DROPPED,
    Daemon,
    bpffs,
    group,
    history_pids,
    lost_in,
    pids_in,
    pins,
    run,
    zoo_storm,
)

# pytest finds fixtures by the names of arguments
# pylint: disable=redefined-outer-name

# More deaths than this ring holds.
RING = ["--ring", "4"]
WAITING = 10000
RING_FULL = 'killtrace_lost_total{reason="ring_full"}'


def ring_full(metrics):
    """Deaths that found no room, of this test's processes and of others."""
    return int(metrics.get(RING_FULL, 0))


def let_wait(pins, join):
    """Arms, and fills the ring; returns the pids of the victims."""
    run("arm", "--pin", pins, *RING)
    return collections.Counter(zoo_storm(join, WAITING).pids())


def test_full_ring_after_a_restart(pins, group, tmp_path):
    """Everything in the ring reaches every sink, once."""
    name, join = group
    lines, history, prom = (
        tmp_path / file for file in ("kills.json", "history.db", "killtrace.prom")
    )
    arguments = [
        "--pin",
        pins,
        *RING,
        "--cgroup",
        f"/{name}",
        "--json-size",
        "1024",
        "--json",
        str(lines),
    ]
    arguments += ["--history", str(history), "--textfile", str(tmp_path)]
    died = let_wait(pins, join)
    with Daemon(*arguments) as daemon:
        daemon.wait_for(
            lambda: prom.exists()
            and kills(metrics_of(prom), "segfault") + ring_full(metrics_of(prom)) >= WAITING,
            "counting",
        )
        told = pids_in(lines_of(lines)).total
        daemon.wait_for(
            lambda: told() and told() == kills(metrics_of(prom), "segfault"), "writing lines"
        )
        daemon.wait_for(
            lambda: collections.Counter(history_pids(history)).total() == told(), "storing"
        )
        daemon.stop()
    told = pids_in(lines_of(lines))
    assert told <= died and told.total() >= WAITING - ring_full(metrics_of(prom))
    # the ring was full
    assert ring_full(metrics_of(prom)) > 0
    assert collections.Counter(history_pids(history)) == told
    assert kills(metrics_of(prom), "segfault") == told.total()
    assert metrics_of(prom)[DROPPED] == 0
    assert set(lost_in(lines_of(lines))) <= {"ring_full", "names_late"}, daemon.said


def test_hanging_sink_after_a_restart(pins, group, tmp_path):
    """One sink stalls, and the ring is full: the other sinks get everything in it, and all later
    deaths.
    """
    name, join = group
    history, prom = tmp_path / "history.db", tmp_path / "killtrace.prom"
    arguments = [
        "--pin",
        pins,
        *RING,
        "--cgroup",
        f"/{name}",
        "--json",
        "-",
        "--history",
        str(history),
    ]
    arguments += ["--textfile", str(tmp_path)]
    let_wait(pins, join)
    read_end, write_end = os.pipe()
    try:
        with Daemon(*arguments, stdout=write_end) as daemon:
            daemon.wait_for(
                lambda: prom.exists()
                and kills(metrics_of(prom), "segfault") + ring_full(metrics_of(prom)) >= WAITING,
                "counting",
            )
            held = kills(metrics_of(prom), "segfault")
            full = ring_full(metrics_of(prom))
            daemon.wait_for(lambda: len(history_pids(history)) == held, "storing")
            later = collections.Counter(zoo_storm(join, WAITING, 1).pids())
            daemon.wait_for(
                lambda: kills(metrics_of(prom), "segfault") == held + WAITING, "counting"
            )
            daemon.wait_for(lambda: len(history_pids(history)) == held + WAITING, "storing")
            assert ring_full(metrics_of(prom)) == full
            daemon.wait_for(lambda: metrics_of(prom)[DROPPED] > 0, "counting what is lost")
            daemon.stop()
    finally:
        os.close(read_end)
        os.close(write_end)
    assert later <= collections.Counter(history_pids(history))
