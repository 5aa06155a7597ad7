# SPDX-License-Identifier: BSD-2-Clause
"""Control groups that are removed as soon as the one process in them is dead, before killtrace has
read its record and before its parent has asked how it ended: every event still has their paths.
"""

import contextlib
import os
import signal
import time

import check
import pytest

KILLS = 1000
PATIENCE = 20.0
# Where v1 keeps memory, and the v2 tree of a hybrid layout; or v2 alone.
V1, HYBRID, V2 = "/sys/fs/cgroup/memory", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"


def trees():
    """The mounted hierarchies whose paths killtrace tells, by the key that tells them."""
    if os.path.exists(f"{V2}/cgroup.controllers"):
        return {"path": V2}
    found = {"memory_path": V1, "path": HYBRID}
    return {key: where for key, where in found.items() if os.path.exists(f"{where}/cgroup.procs")}


def remove_soon(path):
    """Removes a group the moment the kernel lets it go. Returns the seconds that this took."""
    began = time.monotonic()
    while True:
        try:
            os.rmdir(path)
            return time.monotonic() - began
        except OSError:
            assert time.monotonic() - began < PATIENCE, f"{path} is not given up"


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
    """The name of a group of the test's own, in every hierarchy; left without a trace."""
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
    """One process is put into new groups and killed, and the groups are removed while it is still a
    zombie. Returns its pid and the longest that a group was left after the kill.
    """
    places = [f"{where}/{name}" for where in trees().values()]
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
    """A thousand kills; not one event without the path of where its victim was."""
    killed, left = {}, 0.0
    for number in range(KILLS):
        name = f"{group}/{number}"
        pid, seconds = kill_in(name)
        killed.setdefault(pid, []).append(f"/{name}")
        left = max(left, seconds)
    tracer.settle()
    # On a machine that is busy, names may come too late; paths are in the records.
    lost = check.losses(tracer.lines)
    assert all(set(line["lost"]) == {"names_late"} for line in lost), lost
    told = {pid: check.events_of(tracer.lines, pid) for pid in killed}
    for pid, paths in killed.items():
        for key in trees():
            assert [event["cgroup"].get(key) for event in told[pid]] == paths, told[pid]
    assert sum(map(len, told.values())) == KILLS
    record_property("longest_seconds_left", left)
    print(f"{KILLS} of {KILLS} have their paths; the longest that a group was left: {left:.3f} s")
