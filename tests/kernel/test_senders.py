# SPDX-License-Identifier: BSD-2-Clause
"""The identity of a sender, and whether its kill is routine: the tests place both processes
themselves, so they know.
"""

import os
import secrets
import shutil
import signal
import subprocess
import sys

import pytest
import test_names
import tracer as tracing

cgroups = test_names.cgroups
# Forks, has its child killed before it runs another program (or after), and prints its pid.
FORKER = """
import os, signal, sys
end, start = os.pipe()
pid = os.fork()
if not pid:
    if sys.argv[1:]:
        os.set_inheritable(start, True)
        os.execv(sys.argv[1], [sys.argv[1], "-c", f"echo >&{start}; exec {sys.argv[1]} -c 'while :; do sleep 1; done'"])
    os.write(start, b"x")
    signal.pause()
os.read(end, 1)
os.kill(pid, signal.SIGKILL)
os.waitpid(pid, 0)
print(pid)
"""


def unified():
    """The mount point of the default hierarchy."""
    for folder in ("/sys/fs/cgroup/unified", "/sys/fs/cgroup"):
        if os.path.exists(f"{folder}/cgroup.controllers"):
            return folder
    return pytest.skip("not possible on this machine: no cgroup v2")


def start(folders, *command):
    """Starts a process that is in these cgroups before it runs the command."""

    def enter():
        for folder in folders:
            with open(f"{folder}/cgroup.procs", "w", encoding="ascii") as file:
                file.write(str(os.getpid()))

    return subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=enter)


def kill(there, here, number):
    """Kills a process in some cgroups from others: the victim's pid. Sender and victim are not
    related.
    """
    victim = start(there, "/bin/sleep", "60")
    assert start(here, "/bin/sh", "-c", f"kill -{number} {victim.pid}").wait() == 0
    assert victim.wait() == -number
    return victim.pid


def test_hybrid(tmp_path, cgroups, validate):
    """Everything that a runtime runs has its unit's path in one hierarchy; the other differs."""
    if not os.path.isdir(test_names.V1):
        pytest.skip("not possible on this machine: memory is not of cgroup v1")
    unit = cgroups.make("runtime.service", root=unified())
    web, database = (secrets.token_hex(32) for _ in range(2))
    for container, name in ((web, "web"), (database, "db")):
        path = f"var/lib/docker/containers/{container}/config.v2.json"
        test_names.write(tmp_path, path, {"Name": f"/{name}"})
    inside, other, host = (
        [unit, cgroups.make(f"docker/{web}")],
        [unit, cgroups.make(f"docker/{database}")],
        [unit],
    )
    with test_names.tracer(tmp_path) as started:
        pids = [kill(inside, sender, signal.SIGKILL) for sender in (inside, other, host)]
        started.settle()
        events = started.stop()
    validate(events)
    told = [test_names.one(events, pid) for pid in pids]
    for event in told:
        assert event["container"]["id"] == web and event["container"]["name"] == "web"
        assert event["sender"]["cgroup"] == event["cgroup"]["path"]
    senders = [event["sender"] for event in told]
    assert senders[0]["container_id"] == web and senders[0]["container_name"] == "web"
    assert senders[1]["container_id"] == database and senders[1]["container_name"] == "db"
    assert "container_id" not in senders[2] and "container_name" not in senders[2]
    assert senders[1]["memory_cgroup"].endswith(f"/docker/{database}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_strangers(cgroups, validate, number):
    """A service that another one ends is worth reporting; one that ends by itself or by its parent
    is not.
    """
    cgroups.top += ".slice"
    shop, other, plain = (
        [cgroups.make(name)] for name in ("shop.service", "other.service", "plain")
    )
    with tracing.Tracer("--all", "-o", "json") as started:
        by_other = kill(shop, other, number)
        by_itself = kill(shop, shop, number)
        to_nobody = kill(plain, other, number)
        child = start(shop, "/bin/sleep", "60")
        os.kill(child.pid, number)
        assert child.wait() == -number
        started.settle()
        events = started.stop()
    validate(events)
    assert test_names.one(events, by_other)["systemd"]["unit"] == "shop.service"
    routine = {
        pid: test_names.one(events, pid)["routine"]
        for pid in (by_other, by_itself, to_nobody, child.pid)
    }
    assert routine == {by_other: False, by_itself: True, to_nobody: True, child.pid: True}


@pytest.mark.parametrize(
    "name, execs, routine",
    [("podman", False, True), ("podman", True, False), ("shop", False, False)],
)
def test_helper(tmp_path, validate, name, execs, routine):
    """A parent kills its child before that runs another program. This is routine if the parent's
    program works like that.
    """
    program = shutil.copy(sys.executable, tmp_path / name)
    command = [program, "-c", FORKER, *(["/bin/sh"] if execs else [])]
    with tracing.Tracer("--all", "-o", "json") as started:
        pid = int(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        started.settle()
        events = started.stop()
    validate(events)
    event = test_names.one(events, pid)
    assert event["cause"] == "sigkill" and event["sender"]["comm"] == name
    assert event["routine"] == routine
