# SPDX-License-Identifier: BSD-2-Clause
"""A container sees different ids and paths than the host: events have the host's, and the pid
inside the namespace as well.
"""

import contextlib
import os
import signal
import subprocess
import time

import check
import pytest
import test_names
import tracer as tracing

cgroups = test_names.cgroups
# Neither root nor a user that is logged in.
UID = 54321
INSIDE = (
    "import os, signal;"
    "print(os.getpid(), os.getuid(), open('/proc/self/cgroup').read().replace(chr(10), ' '), flush=True);"
    "signal.pause()"
)


def test_user_pid_and_cgroup_namespace(cgroups, validate):
    """A process that sees itself as root, with pid 2 and at the root of its cgroups."""
    directory = cgroups.make("docker/inner")
    procs = f"{directory}/cgroup.procs"

    def enter():
        with open(procs, "w", encoding="ascii") as file:
            file.write(str(os.getpid()))
        os.setgid(UID)
        os.setuid(UID)

    # pid 1 of the namespace is the shell, which stays
    command = [
        "unshare",
        "-U",
        "-r",
        "-C",
        "-p",
        "-m",
        "-f",
        "--mount-proc",
        "--kill-child",
        "sh",
        "-c",
    ]
    command += ['python3 -c "$0" & wait; :', INSIDE]
    with tracing.Tracer("--all", "-o", "json") as started:
        outer = subprocess.Popen(
            command,
            preexec_fn=enter,
            stdout=subprocess.PIPE,
            text=True,
            env={"PATH": "/usr/bin:/bin"},
        )
        try:
            pid_inside, uid_inside, *paths = outer.stdout.readline().split()
            victims = []
            deadline = time.monotonic() + tracing.PATIENCE
            while not victims and time.monotonic() < deadline:
                with open(procs, encoding="ascii") as file:
                    for pid in map(int, file.read().split()):
                        with open(
                            f"/proc/{pid}/status", encoding="ascii", errors="replace"
                        ) as status:
                            ids = [
                                line.split()[1:] for line in status if line.startswith("NSpid:")
                            ][0]
                        if ids[-1] == pid_inside and len(ids) == 2 and pid_inside != "1":
                            victims.append(pid)
            assert len(victims) == 1
            os.kill(victims[0], signal.SIGKILL)
            outer.wait(tracing.PATIENCE)
        finally:
            tracing.end(outer)
        started.settle()
        events = started.stop()
    validate(events)
    assert uid_inside == "0" and any(path.endswith(":/") for path in paths), (uid_inside, paths)
    told = check.events_of(events, victims[0])
    assert len(told) == 1
    assert told[0]["cause"] == "sigkill"
    assert told[0]["victim"]["ns_pid"] == int(pid_inside)
    assert told[0]["victim"]["uid"] == UID
    assert told[0]["cgroup"]["path"] == f"{cgroups.top}/docker/inner"
    assert told[0]["sender"]["pid"] == os.getpid()


@pytest.fixture
def unit(tmp_path):
    """The cgroup that systemd would use on a host without v2: where it is mounted, and its path."""
    with open("/proc/self/cgroup", encoding="utf-8") as file:
        if not file.read().endswith("\n0::/\n"):
            pytest.skip("not possible on this machine: it has units in the v2 hierarchy")
    mounted = subprocess.run(
        ["mount", "-t", "cgroup", "-o", "none,name=systemd", "kt-named", tmp_path],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"not possible on this machine: no hierarchies of v1: {mounted.stderr}")
    path = f"/system.slice/kt-{os.getpid()}.service"
    os.makedirs(f"{tmp_path}{path}")
    try:
        yield tmp_path, path
    finally:
        os.rmdir(f"{tmp_path}{path}")
        with contextlib.suppress(OSError):  # units of others may be there
            os.rmdir(f"{tmp_path}/system.slice")
        subprocess.run(["umount", tmp_path], check=True)


def test_systemd_hierarchy(unit, tracer, validate):
    """On a host with v1 only, systemd's own hierarchy has the unit, of victim and sender."""
    where, path = unit
    script = f"echo $$ >{where}{path}/cgroup.procs; grep name=systemd /proc/$$/cgroup; sleep 60 & kill -9 $!; wait; kill -ABRT $$"
    ended = subprocess.run(["sh", "-c", script], stdout=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == -signal.SIGABRT and ended.stdout.rstrip().endswith(
        f":name=systemd:{path}"
    )
    tracer.settle()
    events = [
        event for event in tracer.lines if event.get("cgroup", {}).get("systemd_path") == path
    ]
    validate(events)
    assert [event["cause"] for event in events] == ["sigkill", "abort"]
    assert all(event["systemd"]["unit"] == os.path.basename(path) for event in events)
    assert events[0]["sender"]["unit"] == os.path.basename(path)
    assert events[0]["sender"]["cgroup"] == path
