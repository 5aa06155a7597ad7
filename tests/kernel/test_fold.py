# SPDX-License-Identifier: BSD-2-Clause
"""Equal deaths above a rate are folded. A storm of an unprivileged user does not bury
another process's death, and each death is in a row, even if the agent is killed while it folds.
"""

import contextlib
import json
import os
import random
import signal
import sqlite3
import time

import check
import pytest
import tracer as tracing
from test_daemon import kills, lines_of, metrics_of
from test_pins import Daemon as AnyDaemon
from test_pins import bpffs, die, group, lost_in, pins, zoo_storm  # noqa: F401

STORM = int(os.environ.get("FOLD_STORM", "3000"))
KILLS = int(os.environ.get("FOLD_KILLS", "6"))
SECONDS = float(os.environ.get("FOLD_SECONDS", "5"))
NOBODY = 65534
FOLDED = 'killtrace_sink_folded_total{sink="json"}'


class Daemon(AnyDaemon):
    """An agent that folds, as it does without an option."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.command.remove("--no-fold")


def deaths_in(lines):
    """The number of deaths that the lines represent."""
    return sum(line.get("repeats", {"count": 1})["count"] for line in lines if "victim" in line)


def history_lines(path):
    """All events of a history, read with SQLite."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        return [json.loads(row[0]) for row in database.execute("select line from event").fetchall()]


def where(line):
    """The cgroup of a death, also on v1."""
    cgroup = line.get("cgroup", {})
    return cgroup.get("memory_path") or cgroup.get("path", "")


@pytest.fixture
def service(group):
    """A second control group, inside that of the test: a function that joins it."""
    name, join = group
    root = "/sys/fs/cgroup/memory" if os.path.isdir("/sys/fs/cgroup/memory") else "/sys/fs/cgroup"
    path = f"{root}/{name}/shop.service"
    os.mkdir(path)

    def join_service():
        with open(f"{path}/cgroup.procs", "w", encoding="ascii") as file:
            file.write("0")

    try:
        yield join_service
    finally:
        os.rmdir(path)


@pytest.mark.parametrize("loop", ["storm", "storm-names"])
def test_seconds_at_full_rate(group, service, tmp_path, validate, loop):
    """Seconds of a storm of nobody at the machine's full rate, of equal deaths or with a new name
    each, and one death of a service: it stays in the history, in the JSON file and in the metrics,
    and in each sink what was reported and what was folded are all deaths that wait(2) counted.
    """
    name, join = group
    file, database, prom = (
        tmp_path / "kills.json",
        tmp_path / "history.db",
        tmp_path / "killtrace.prom",
    )
    arguments = ["--cgroup", f"/{name}*", "--json", str(file), "--json-size", "1"]
    arguments += ["--history", str(database), "--history-size", "1", "--textfile", str(tmp_path)]

    def as_nobody():
        join()
        os.setgid(NOBODY)
        os.setuid(NOBODY)

    with Daemon(*arguments) as daemon:
        (amidst, died), began = ([], 0), time.monotonic()
        while time.monotonic() < began + SECONDS:
            storm = zoo_storm(as_nobody, STORM, 2, loop)
            amidst = amidst or die(service, 1)
            died += len(storm.pids())
        seconds = time.monotonic() - began
        daemon.wait_for(lambda: kills(metrics_of(prom), "segfault") >= died, "counting")
        daemon.wait_for(lambda: deaths_in(lines_of(file)) == died + 1, "closing the last row")
        daemon.stop()
    lines, metrics = lines_of(file), metrics_of(prom)
    validate(lines)
    assert not check.real_losses(lines), lost_in(lines)
    assert kills(metrics, "segfault") == died
    for sink, kept in (("json", lines), ("history", history_lines(database))):
        assert deaths_in(kept) == died + 1, sink
        (line,) = [line for line in kept if where(line).endswith("/shop.service")]
        assert line["victim"]["pid"] == amidst[0] and "repeats" not in line
        reported, folded = (
            metrics[f'killtrace_sink_{what}_total{{sink="{sink}"}}']
            for what in ("reported", "folded")
        )
        assert reported + folded == died + 1, sink
        assert reported == sum("victim" in line for line in kept), sink
    for line in lines:
        differ = line.get("repeats", {}).get("differ")
        assert differ is None if loop == "storm" else differ in (None, ["program"]), line
    assert len(lines) < 12 * (seconds + 20), (len(lines), seconds)
    print(
        f"{died} deaths and 1 in {seconds:.1f} s: {len(lines)} lines, {file.stat().st_size} bytes"
    )


def test_storm_beside_a_service(group, service, tmp_path, validate):
    """Thousands of deaths of an unprivileged user, and two of a service: one before the storm and
    one in its midst. There is little room, but both stay in the file, in the history and in the
    metrics, and no death is missing.
    """
    name, join = group
    file, database, prom = (
        tmp_path / "kills.json",
        tmp_path / "history.db",
        tmp_path / "killtrace.prom",
    )
    arguments = [
        "--cgroup",
        f"/{name}*",
        "--json",
        str(file),
        "--json-size",
        "1",
        "--history",
        str(database),
    ]
    arguments += ["--history-size", "1", "--textfile", str(tmp_path)]

    def as_nobody():
        join()
        os.setgid(NOBODY)
        os.setuid(NOBODY)

    with Daemon(*arguments) as daemon:
        before = die(service, 1)
        storm = zoo_storm(as_nobody, STORM)
        time.sleep(0.5)
        amidst = die(service, 1)
        assert len(storm.pids()) == STORM
        daemon.wait_for(lambda: kills(metrics_of(prom), "segfault") >= STORM, "counting")
        daemon.wait_for(lambda: deaths_in(lines_of(file)) == STORM + 2, "closing the last row")
        daemon.stop()
    lines, metrics = lines_of(file), metrics_of(prom)
    validate(lines)
    assert not check.real_losses(lines), lost_in(lines)
    for kept in (lines, history_lines(database)):
        assert deaths_in(kept) == STORM + 2
        told = [line["victim"]["pid"] for line in kept if where(line).endswith("/shop.service")]
        assert told == before + amidst
        assert all("repeats" not in line for line in kept if where(line).endswith("/shop.service"))
    rows = [line for line in lines if "repeats" in line]
    assert rows and len(lines) < STORM / 10, (len(rows), len(lines))
    for row in rows:
        assert row["victim"]["uid"] == NOBODY
        # records of two CPUs can be out of order
        assert row["repeats"]["first"] <= row["time"] <= row["repeats"]["last"]
        assert f"(and {row['repeats']['count'] - 1} more like it in " in row["summary"]
    assert metrics[FOLDED] == deaths_in(lines) - sum("victim" in line for line in lines)
    assert (
        sum(
            value
            for key, value in metrics.items()
            if "workload_kills" in key and "shop.service" in key
        )
        == 2
    )
    print(f"{STORM} deaths in {len(lines)} lines")


def test_kill_9_amid_two_storms(pins, group, service, tmp_path, validate):
    """Deaths of two users alternate, a service's are among them, and the agent is killed again and
    again. A row is written completely or not at all, and in each sink the single and the folded
    deaths add up to all that happened.
    """
    name, join = group
    file, database, prom = (
        tmp_path / "kills.json",
        tmp_path / "history.db",
        tmp_path / "killtrace.prom",
    )
    arguments = ["--pin", pins, "--ring", "64", "--cgroup", f"/{name}*", "--json", str(file)]
    arguments += ["--history", str(database), "--textfile", str(tmp_path)]

    def as_nobody():
        join()
        os.setgid(NOBODY)
        os.setuid(NOBODY)

    with Daemon(*arguments) as daemon:
        daemon.stop()
    storms = [zoo_storm(as_nobody, STORM, 1), zoo_storm(join, STORM, 1)]
    amidst, ended = [], 0
    while not all(storm.is_over() for storm in storms) or ended < KILLS:
        with Daemon(*arguments) as daemon:
            time.sleep(random.uniform(0, 2 * STORM / 1500 / KILLS))
            if ended == KILLS // 2:
                amidst = die(service, 1)
            daemon.process.send_signal(signal.SIGKILL)
            daemon.process.wait()
        ended += 1
    stormed = sum(len(storm.pids()) for storm in storms)
    died = stormed + len(amidst)
    with Daemon(*arguments) as daemon:
        daemon.wait_for(lambda: kills(metrics_of(prom), "segfault") >= stormed, "counting", 120)
        daemon.stop()
    lines, metrics = lines_of(file), metrics_of(prom)
    validate(lines)
    assert not check.real_losses(lines), lost_in(lines)
    assert kills(metrics, "segfault") == stormed
    for sink, kept in (("json", lines), ("history", history_lines(database))):
        assert deaths_in(kept) == died, sink
        alone = [line for line in kept if where(line).endswith("/shop.service")]
        assert [line["victim"]["pid"] for line in alone] == amidst and all(
            "repeats" not in line for line in alone
        )
        ids = [line["id"] for line in kept if "victim" in line]
        assert len(set(ids)) == len(ids)
        reported, folded = (
            metrics[f'killtrace_sink_{what}_total{{sink="{sink}"}}']
            for what in ("reported", "folded")
        )
        assert (reported, folded) == (len(ids), died - len(ids)), sink
    assert any(
        line.get("repeats", {}).get("rows_left") for line in lines
    ), "no rows overlap in time"
    print(f"killed {ended} times; {died} deaths in {len(lines)} lines")


def test_kill_9_while_it_folds(pins, group, tmp_path):
    """The agent is killed again and again while rows are open: their deaths are reported again, and
    each death is in one row of each sink.
    """
    name, join = group
    file, database, prom = (
        tmp_path / "kills.json",
        tmp_path / "history.db",
        tmp_path / "killtrace.prom",
    )
    arguments = ["--pin", pins, "--ring", "64", "--cgroup", f"/{name}", "--json", str(file)]
    arguments += ["--history", str(database), "--textfile", str(tmp_path)]
    with Daemon(*arguments) as daemon:
        daemon.stop()
    storm = zoo_storm(join, STORM)
    ended = 0
    while not storm.is_over() or ended < KILLS:
        with Daemon(*arguments) as daemon:
            time.sleep(random.uniform(0, 2 * STORM / 1500 / KILLS))
            daemon.process.send_signal(signal.SIGKILL)
            daemon.process.wait()
        ended += 1
    died = len(storm.pids())
    with Daemon(*arguments) as daemon:
        daemon.wait_for(lambda: kills(metrics_of(prom), "segfault") >= died, "counting", 120)
        daemon.stop()
    lines = lines_of(file)
    assert not check.real_losses(lines), lost_in(lines)
    assert deaths_in(lines) == died
    assert deaths_in(history_lines(database)) == died
    assert kills(metrics_of(prom), "segfault") == died
    assert any("repeats" in line for line in lines)
    ids = [line["id"] for line in lines if "victim" in line]
    assert len(set(ids)) == len(ids)
    print(f"killed {ended} times; {died} deaths in {len(lines)} lines")


@pytest.mark.parametrize("options", [["--no-fold"], ["--fold", "--no-fold"]], ids=["only", "last"])
def test_no_fold(group, tmp_path, options):
    """With --no-fold, also after --fold, each death has its own line."""
    name, join = group
    file = tmp_path / "kills.json"
    with AnyDaemon(*options, "--cgroup", f"/{name}", "--json", str(file)) as daemon:
        pids = zoo_storm(join, 200).pids()
        daemon.wait_for(lambda: len(lines_of(file)) >= 200, "writing")
        daemon.stop()
    assert sorted(line["victim"]["pid"] for line in lines_of(file)) == sorted(pids)
