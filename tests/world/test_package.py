# SPDX-License-Identifier: BSD-2-Clause
"""The Debian package under dpkg and systemd, in guests of two Debian releases: it is installed,
upgraded in a storm, removed, installed again and purged (package_guest.py). What must be there is
judged by dpkg, systemd, the victims' parent and the file system.
"""

import collections
import json
import os
import shutil

import check
import package_world as world
import pytest
import test_pins


@pytest.fixture(scope="module")
def guests():
    """All guests, booting in the background."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    if not shutil.which("dh"):
        pytest.skip("not possible on this machine: no debhelper, which packs the package")
    for needed in world.BUILT:
        if not os.access(needed, os.X_OK):
            pytest.fail(f"{needed} is not built")
    booted = world.Guests()
    try:
        booted.start()
        yield booted
    finally:
        booted.close()


@pytest.fixture(params=world.world.CHOSEN)
def guest(request, guests):
    """A kernel's guest. If it did not run, one test says so, once."""
    found = guests.get(request.param)
    if found.failure and request.node.originalname != "test_guest":
        pytest.skip("the guest did not run: see test_guest")
    return found


@pytest.fixture
def steps(guest):
    """What was there after each step."""
    return json.loads(guest.text("steps.json"))


def lines_of(guest, name):
    """The JSON lines of a file."""
    return [json.loads(line) for line in guest.text(name).splitlines()]


def runs_as_installed(step, version=""):
    """The agent of the installed package runs, is enabled and has its pins."""
    assert step["status"] == 0 and step["package"].startswith("ii "), step
    assert (step["active"], step["enabled"]) == ("active", "enabled"), step
    assert version in step["package"], step
    assert step["runs"] == step["installed"] != [], step
    assert step["pins"] and step["history"], step


def test_guest(guest):
    """It ran, and dpkg and systemd were content."""
    assert not guest.failure, guest.failure
    assert "gave up" not in guest.text("script.log"), guest.text("script.log")


def test_installation(guest, steps):
    """The service runs after the installation, and the first death is reported, with its text in
    the journal and an explanation.
    """
    runs_as_installed(steps["installed"])
    assert steps["installed"]["package"] != steps["new"]["package"]
    pid = guest.text("first")
    assert f"pid {pid}" in guest.text("why") and "SIGSEGV" in guest.text("why"), guest.text("why")
    # of the catalogue, which dpkg's trigger has compiled
    assert "Defined-By: killtrace" in guest.text("explained"), guest.text("explained")


def test_upgrade(guest, steps):
    """The new agent runs, with the administrator's configuration."""
    runs_as_installed(steps["upgraded"], steps["new"]["package"][3:])
    assert steps["upgraded"]["runs"] != steps["configured"]["runs"]
    assert steps["upgraded"]["pid"] != steps["configured"]["pid"]
    assert steps["upgraded"]["defaults"] == steps["configured"]["defaults"]
    assert "--no-fold" in steps["upgraded"]["defaults"]


def test_ledger_of_the_upgrade(guest):
    """Each death of the storm is once in each output: before, during and after the upgrade."""
    storm = json.loads(guest.text("storm.json"))
    died = collections.Counter(storm["pids"])
    assert storm["during"] > 0 and set(died.values()) == {1}
    kept = {"file": lines_of(guest, "deaths.json"), "history": lines_of(guest, "history.json")}
    for name, lines in kept.items():
        assert not check.real_losses(lines), (name, test_pins.lost_in(lines))
    reported = {name: test_pins.pids_in(lines) for name, lines in kept.items()}
    reported["journal"] = collections.Counter(
        int(entry["KILLTRACE_VICTIM_PID"])
        for entry in lines_of(guest, "journal.json")
        if "KILLTRACE_VICTIM_PID" in entry
    )
    for name, pids in reported.items():
        wrong = {pid: pids[pid] for pid in died if pids[pid] != 1}
        assert not wrong, (name, len(wrong), wrong)
    print(f"{len(died)} deaths, {storm['during']} during the upgrade")


def test_removal(guest, steps):
    """Nothing runs or records, and the configuration and the history stay."""
    step = steps["removed"]
    assert step["status"] == 0 and step["package"].startswith("rc "), step
    assert (step["active"], step["loaded"], step["pid"]) == ("inactive", "not-found", 0), step
    assert not step["pins"] and not step["installed"], step
    assert step["history"] and step["defaults"] == steps["configured"]["defaults"], step


def test_installation_after_the_removal(guest, steps):
    """It goes on with its history and configuration. A death without it is not in there."""
    runs_as_installed(steps["again"], steps["new"]["package"][3:])
    assert steps["again"]["defaults"] == steps["configured"]["defaults"]
    pids = test_pins.pids_in(lines_of(guest, "again.json"))
    assert pids[int(guest.text("first"))] == 1
    assert int(guest.text("away")) not in pids


def test_purge(guest, steps):
    """Nothing is left: no file, no unit, no program in the kernel."""
    step = steps["purged"]
    assert step["status"] == 0 and not step["package"].startswith(("ii", "rc")), step
    assert (step["active"], step["loaded"], step["pid"]) == ("inactive", "not-found", 0), step
    assert not step["pins"] and not step["history"] and not step["logs"], step
    assert step["files"] == [], step["files"]
    # systemd loads programs for its units again at any time
    now, then = (
        collections.Counter(
            line.split()[2] for line in lines if line.split()[2:] and "sd_" not in line
        )
        for lines in (step["bpf"], step["bpf before"])
    )
    assert now == then, (step["bpf"], step["bpf before"])


def test_installation_after_the_purge(guest, steps):
    """It begins anew: its own configuration, and a history of what died since."""
    runs_as_installed(steps["new"], steps["new"]["package"][3:])
    assert steps["new"]["defaults"] == steps["installed"]["defaults"]
    pids = test_pins.pids_in(lines_of(guest, "new.json"))
    assert pids[int(guest.text("last"))] == 1
    assert int(guest.text("first")) not in pids
