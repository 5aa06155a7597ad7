# SPDX-License-Identifier: BSD-2-Clause
"""Control groups that are removed as soon as their only process is dead, before killtrace has read
its record and before its parent has waited for it. Every event still has their paths, and the ids
of containers. How many events also have names depends on whether the files could still be read.
"""

import contextlib
import os
import signal
import time

import check
import pytest
import test_names

cgroups = test_names.cgroups
KILLS = 1000
PATIENCE = 20.0
# The hierarchy of v1 with the memory controller, and the v2 tree of a hybrid layout; or v2 alone.
V1, HYBRID, V2 = "/sys/fs/cgroup/memory", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"


def trees():
    """The mounted hierarchies whose paths killtrace reports, by the key that has the path."""
    if os.path.exists(f"{V2}/cgroup.controllers"):
        return {"path": V2}
    found = {"memory_path": V1, "path": HYBRID}
    return {key: where for key, where in found.items() if os.path.exists(f"{where}/cgroup.procs")}


def remove_soon(path):
    """Removes a group as soon as the kernel allows it. Returns the seconds that this took."""
    began = time.monotonic()
    while True:
        try:
            os.rmdir(path)
            return time.monotonic() - began
        except OSError:
            assert time.monotonic() - began < PATIENCE, f"{path} cannot be removed"


def sleeper():
    """A child that waits to be killed."""
    pid = os.fork()
    if not pid:
        with contextlib.suppress(BaseException):
            while True:
                signal.pause()
        os._exit(1)
    return pid


@pytest.fixture
def group():
    """The name of a group of the test's own, in every hierarchy; all are removed at the end."""
    if not trees():
        pytest.skip("not possible on this machine: no control groups are mounted")
    name = f"kt-removed-{os.getpid()}"
    for where in trees().values():
        os.mkdir(f"{where}/{name}")
    yield name
    for where in trees().values():
        for entry in os.scandir(f"{where}/{name}"):
            if entry.is_dir():
                os.rmdir(entry.path)
        os.rmdir(f"{where}/{name}")


def kill_in(name):
    """Moves a process into new groups and kills it. The groups are removed while it is still a
    zombie. Returns its pid and the longest time that a group took to remove after the kill.
    """
    return kill_at([f"{where}/{name}" for where in trees().values()])


def kill_at(places):
    """The same for groups given by their paths."""
    pid = sleeper()
    try:
        for place in places:
            os.mkdir(place)
            with open(f"{place}/cgroup.procs", "w", encoding="ascii") as file:
                file.write(str(pid))
        os.kill(pid, signal.SIGKILL)
        return pid, max(remove_soon(place) for place in places)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL


def test_paths_outlive_their_groups(tracer, group, record_property):
    """A thousand kills: every event has the path of its victim's cgroup."""
    killed, left = {}, 0.0
    for number in range(KILLS):
        name = f"{group}/{number}"
        pid, seconds = kill_in(name)
        killed.setdefault(pid, []).append(f"/{name}")
        left = max(left, seconds)
    tracer.settle()
    assert not check.real_losses(tracer.lines)
    told = {pid: check.events_of(tracer.lines, pid) for pid in killed}
    for pid, paths in killed.items():
        for key in trees():
            assert [event["cgroup"].get(key) for event in told[pid]] == paths, told[pid]
    assert sum(map(len, told.values())) == KILLS
    record_property("longest_seconds_left", left)
    print(f"{KILLS} of {KILLS} have their paths; the longest that a group was left: {left:.3f} s")


def play_pods(root, cgroups, files_stay):
    """A thousand pods with one container each. Their cgroups are removed with them, and also their
    files unless they stay. Returns the expected parts of the events by container id, and the lines.
    """
    parent = cgroups.make("kubepods/burstable")
    expected = {}
    with test_names.tracer(root) as started:
        for number in range(KILLS):
            path, file, names = test_names.new_pod(root, f"web-{number}")
            pod, container = path.split("/")[-2:]
            os.mkdir(f"{parent}/{pod}")
            try:
                pid, _ = kill_at([f"{parent}/{pod}/{container}"])
            finally:
                os.rmdir(f"{parent}/{pod}")
            if not files_stay:
                file.unlink()
                file.parent.rmdir()
            expected[container] = (pid, f"{cgroups.top}/{path}", names)
        started.settle()
        return expected, started.stop()


@pytest.mark.parametrize("files_stay", [True, False], ids=["files-stay", "files-go"])
def test_pods_outlive_their_groups(tmp_path, cgroups, validate, files_stay, record_property):
    """A thousand kills in pods: each event has its path, its container id and its pod's uid, and a
    name if a file could be read in time. If the files stay, events without a name are counted.
    """
    expected, lines = play_pods(tmp_path, cgroups, files_stay)
    validate(lines)
    lost = test_names.lost(lines)
    assert not check.real_losses(lines), lost
    told = [line for line in lines if line.get("container", {}).get("id") in expected]
    assert len(told) == KILLS == len({line["container"]["id"] for line in told})
    named = 0
    for line in told:
        pid, path, names = expected[line["container"]["id"]]
        assert (line["victim"]["pid"], line["cause"]) == (pid, "sigkill"), line
        assert line["cgroup"]["path"] == path, line
        nameless = {key: names[key] for key in ("pod_uid", "qos")}
        assert line["kubernetes"] in (names, nameless), line
        named += line["kubernetes"] == names
    if files_stay:
        assert KILLS - named <= lost.get("names_late", 0), (named, lost)
    record_property("kills", KILLS)
    record_property("names", named)
    print(f"{named} of {KILLS} had names; names_late: {lost.get('names_late', 0)}")
