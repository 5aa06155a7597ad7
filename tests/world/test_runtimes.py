# SPDX-License-Identifier: BSD-2-Clause
"""Containers of real runtimes die, and killtrace reports which containers they were.

The events are compared with the runtime's own data about its container, with the kernel's files,
and, for the sender of a signal, with bpftrace. The runtimes are Debian's, in a system of their own
(runtimes_world.py), in which killtrace looks for the host's files.
"""

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "kernel"))

import check  # noqa: E402
import runtimes  # noqa: E402
import runtimes_cgroups  # noqa: E402
import runtimes_image  # noqa: E402
import runtimes_world as worlds  # noqa: E402
import tracer as tracing  # noqa: E402
from cases import ABSENT  # noqa: E402

BUSYBOX = "/bin/busybox"
ZOO = f"{tracing.ZOO}-static"
SHORT_LIVES = 5

ORACLE = """
tracepoint:signal:signal_generate /args->sig == 9/ { printf("%d %d %s\\n", args->pid, pid, comm); }
"""


class Stage:
    """A world, and a killtrace that watches the machine and reads the world's files."""

    def __init__(self, root, unified, cgroups):
        self.cgroups = cgroups
        self.world = worlds.World(root, unified)
        self.tracer = None

    def __enter__(self):
        self.world.__enter__()
        try:
            arguments = ["--all", "-o", "json", "--host-root", self.world.path]
            self.tracer = tracing.Tracer(*arguments).__enter__()
        except BaseException:
            self.world.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_):
        try:
            lost = check.losses(self.tracer.stop())
            assert all(set(line["lost"]) == {"names_late"} for line in lost), lost
        finally:
            self.tracer.__exit__(None, None, None)
            self.world.__exit__(None, None, None)

    def event_of(self, pid):
        """The one event of a dead process."""
        self.tracer.settle()
        events = check.events_of(self.tracer.lines, pid)
        assert len(events) == 1, events
        return events[0]

    def names_late(self):
        """How often killtrace continued without names, since they took too long to read."""
        lost = check.losses(self.tracer.lines)
        return sum(line["lost"].get("names_late", 0) for line in lost)

    def mismatches(self, play):
        """The mismatches that `play` finds. No event waits long for names: on a busy machine they
        may come too late, which is counted. Then it is played again.
        """
        for _ in range(5):
            late = self.names_late()
            found = play()
            if self.names_late() == late:
                break
        return found


class Stages:
    """Stages and runtimes that tests have asked for; all end together."""

    def __init__(self, root, stack):
        self.root = root
        self.stack = stack
        self.cgroups = stack.enter_context(runtimes_cgroups.Cgroups())
        self.oracle = stack.enter_context(tracing.Oracle(ORACLE))
        self.layer = runtimes_image.layer(BUSYBOX, ZOO)
        self.stages = {}
        self.runtimes = {}
        self.containers = itertools.count(1)

    def new_name(self, what):
        """A name that no other container has, on this machine."""
        return f"{self.cgroups.name}-{what}-{next(self.containers)}"

    def stage(self, unified):
        """The stage with a world that does, or does not, see a v2 tree beside v1."""
        if unified not in self.stages:
            stage = Stage(self.root, unified, self.cgroups)
            self.stages[unified] = self.stack.enter_context(stage)
        return self.stages[unified]

    def runtime(self, kind):
        """A runtime that has been started."""
        if kind not in self.runtimes:
            world = self.stage(kind.unified).world
            self.runtimes[kind] = kind(world, self.cgroups, self.layer)
        return self.runtimes[kind]

    def kills_of(self, pid):
        """The senders of SIGKILL to a process, according to bpftrace: [(pid, comm)]."""
        found = []
        for line in self.oracle.text().decode("utf-8", "replace").splitlines():
            said = json.loads(line) if line.startswith("{") else {}
            if said.get("type") == "printf" and said["data"] != "ready\n":
                target, sender, comm = said["data"].rstrip("\n").split(" ", 2)
                found += [(int(sender), comm)] if int(target) == pid else []
        return found


@pytest.fixture(scope="module")
def stages():
    """Everything that the tests here share."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    for needed in (tracing.KILLTRACE, tracing.ZOO, ZOO):
        if not os.access(needed, os.X_OK):
            pytest.fail(f"{needed} is not built")
    try:
        root = worlds.debian_root()
    except subprocess.CalledProcessError:
        pytest.skip("no Debian system with container runtimes can be made here: see above why")
    with contextlib.ExitStack() as stack:
        yield Stages(root, stack)


@pytest.fixture(scope="module", params=runtimes.ALL, ids=lambda kind: kind.name)
def runtime(request, stages):
    """Each of the runtimes."""
    return stages.runtime(request.param)


@pytest.fixture(scope="module")
def validator():
    """A validator of killtrace's own schema."""
    text = subprocess.run([tracing.KILLTRACE, "schema"], check=True, capture_output=True).stdout
    document = json.loads(text)
    return jsonschema.validators.validator_for(document)(document)


@dataclass
class Death:
    """What a container does after its gate, and the expected report."""

    signal: int
    cause: str
    command: str = "true"


DEATHS = {
    "limit": Death(signal.SIGKILL, "oom-memcg", "tail /dev/zero"),
    "segfault": Death(signal.SIGSEGV, "segfault", "zoo null"),
    "kill-from-outside": Death(signal.SIGKILL, "sigkill"),
    "kill-by-the-runtime": Death(signal.SIGKILL, "sigkill"),
}


def named(facts):
    """The expected container in an event, from the runtime's data."""
    return {key: facts.get(key, ABSENT) for key in ("id", "name", "image")}


def groups_of(pid):
    """The part of an event with the control groups of a live process."""
    paths = runtimes_cgroups.paths_of(pid)
    memory = paths.get("memory", ABSENT)
    unified = paths.get("", "/")
    return {"path": memory if unified == "/" else unified, "memory_path": memory}


def kill_from_outside(pid, cgroups):
    """Kills from a shell in a group of its own; returns the expected sender."""
    join = cgroups.make(f"/{cgroups.name}/killer")
    with subprocess.Popen(["sh", "-c", f"kill -9 {pid}"], preexec_fn=join) as killer:
        assert killer.wait(worlds.PATIENCE) == 0
    group = f"/{cgroups.name}/killer"
    return {"pid": killer.pid, "comm": "sh", "uid": 0, "cgroup": group, "container_id": ABSENT}


def kill_by_the_runtime(runtime, name, pid, stages):
    """Kills by the runtime; returns the expected sender. Only bpftrace knows the pid
    of its helper.
    """
    runtime.kill(name)
    kills = worlds.poll(lambda: stages.kills_of(pid), "seen by bpftrace")
    assert [comm for _, comm in kills] == [runtime.hand]
    return {"pid": kills[0][0], "comm": runtime.hand, "uid": 0, "unit": runtime.unit()}


def play_death(runtime, kind, stages, validator):
    """Lets one container die; returns the mismatches of its event."""
    death = DEATHS[kind]
    name = stages.new_name(runtime.name)
    pid = runtime.launch(name, death.command)
    expected = {
        "cause": death.cause,
        "signal": {"number": death.signal},
        "victim": {"pid": pid, "ns_pid": 1, "uid": 0},
        "cgroup": groups_of(pid),
        "container": {**named(runtime.facts(name)), "runtime": runtime.name},
    }
    if kind == "limit":
        expected["oom"] = {"limit_bytes": runtimes.LIMIT, "cgroup": groups_of(pid)["memory_path"]}
        expected["victim"]["comm"] = "tail"
    if kind == "segfault":
        expected["fault"] = {"kind": "null-dereference", "module": "zoo"}
        expected["victim"]["comm"] = "zoo"

    if kind == "kill-from-outside":
        expected["sender"] = kill_from_outside(pid, stages.cgroups)
    elif kind == "kill-by-the-runtime":
        expected["sender"] = kill_by_the_runtime(runtime, name, pid, stages)
    else:
        runtime.open_gate(name, pid)
    status = runtime.status(name)
    event = stages.stage(runtime.unified).event_of(pid)
    runtime.remove(name)

    validator.validate(event)
    assert event["exit"]["signal"] == death.signal
    assert status in (None, 128 + death.signal)
    return check.subset(expected, event)


@pytest.mark.parametrize("kind", DEATHS)
def test_death(runtime, kind, stages, validator):
    """A container dies; its event has the container as its runtime knows it."""
    stage = stages.stage(runtime.unified)
    assert not stage.mismatches(lambda: play_death(runtime, kind, stages, validator))


def test_docker_agrees_on_the_oom_kill(stages):
    """Of all runtimes only Docker reliably reports that it was the limit."""
    runtime = stages.runtime(runtimes.Docker)
    name = stages.new_name("agrees")
    pid = runtime.launch(name, "tail /dev/zero")
    runtime.open_gate(name, pid)
    runtime.status(name)
    said = runtime.inspect(name)["State"]["OOMKilled"]
    event = stages.stage(runtime.unified).event_of(pid)
    runtime.remove(name)
    assert said is (event["cause"] == "oom-memcg") is True


def test_a_child_dies(stages):
    """The limit kills a child, and the container lives on: no runtime reports that."""
    runtime = stages.runtime(runtimes.Docker)
    stage = stages.stage(runtime.unified)

    def play():
        name = stages.new_name("lives-on")
        pid = runtime.launch(name, "sh -c 'tail /dev/zero; touch /over; exec sleep 600'")
        expected = {
            "cause": "oom-memcg",
            "victim": {"comm": "tail", "ppid": pid},
            "cgroup": groups_of(pid),
            "container": {**named(runtime.facts(name)), "runtime": runtime.name},
        }
        runtime.open_gate(name, pid)
        worlds.poll(Path(f"/proc/{pid}/root/over").exists, "over")
        assert runtime.inspect(name)["State"]["Running"]
        stage.tracer.settle()
        told = [line for line in stage.tracer.lines if line.get("victim", {}).get("ppid") == pid]
        assert not check.events_of(stage.tracer.lines, pid)
        runtime.remove(name)
        assert len(told) == 1, told
        return check.subset(expected, told[0])

    assert not stage.mismatches(play)


def test_containerd_namespace(stages):
    """Users of containerd choose a namespace, and few are known: the path alone says nothing."""
    runtime = stages.runtime(runtimes.ContainerdNamespace)
    stage = stages.stage(runtime.unified)

    def play():
        name = stages.new_name("in-a-namespace")
        pid = runtime.launch(name, "zoo null")
        expected = {
            "cause": "segfault",
            "cgroup": groups_of(pid),
            "container": {**named(runtime.facts(name)), "runtime": "containerd"},
        }
        runtime.open_gate(name, pid)
        runtime.status(name)
        event = stage.event_of(pid)
        runtime.remove(name)
        return check.subset(expected, event)

    assert not stage.mismatches(play)


@pytest.mark.parametrize("kind", [runtimes.Runc, runtimes.Crun], ids=lambda kind: kind.name)
def test_forgotten_at_death(kind, stages):
    """In the foreground the runtimes remove their files about a container when it dies, maybe
    before killtrace reads them. It must have seen the container before.
    """
    runtime = stages.runtime(kind)
    found = ["not played"]
    for seconds in (0.2, 1, 3, 9):
        name = stages.new_name("forgotten")
        pid = runtime.launch(name, "zoo null", keep=False)
        time.sleep(seconds)
        runtime.open_gate(name, pid)
        assert runtime.running[name].wait(worlds.PATIENCE) == 128 + signal.SIGSEGV
        assert not runtime.world.try_run(runtime.name, "state", name), "it is not forgotten"
        event = stages.stage(runtime.unified).event_of(pid)
        found = check.subset({"container": {"id": name, "runtime": runtime.name}}, event)
        if not found:
            break
    assert not found


def test_podman_pod(stages):
    """A container in a pod of Podman's own: the event has both."""
    runtime = stages.runtime(runtimes.Podman)
    stage = stages.stage(runtime.unified)

    def play():
        pod = stages.new_name("pod")
        pod_id = runtime.make_pod(pod)
        stages.cgroups.ours(pod_id)
        name = f"{pod}-member"
        pid = runtime.launch(name, "tail /dev/zero", pod=pod)
        whose = {**named(runtime.facts(name)), "runtime": "podman", "podman_pod": pod_id}
        expected = {"cause": "oom-memcg", "cgroup": groups_of(pid), "container": whose}
        runtime.open_gate(name, pid)
        runtime.status(name)
        event = stage.event_of(pid)
        runtime.remove_pod(pod)
        return check.subset(expected, event)

    assert not stage.mismatches(play)


@pytest.mark.parametrize("kind", [runtimes.Docker, runtimes.Podman], ids=lambda kind: kind.name)
def test_short_lives(kind, stages, record_property):
    """Containers that die at once and are removed at once: they always have the id; how many have
    names?
    """
    runtime = stages.runtime(kind)
    stage = stages.stage(kind.unified)
    # it is open which files are read in time: on a busy machine maybe none
    for _ in range(3):
        names = short_lives(runtime, stage, stages)
        if names:
            break
    record_property("lives", SHORT_LIVES)
    record_property("names", names)
    print(f"{kind.name}: {names} of {SHORT_LIVES} had names")
    assert names


def short_lives(runtime, stage, stages):
    """Runs some containers; returns how many of them had names."""
    ids = {}
    for _ in range(SHORT_LIVES):
        name = stages.new_name("short")
        stages.cgroups.ours(name)
        ids[runtime.create(name, ["zoo", "null"], remove=True)] = name
    for short in ids:
        stages.cgroups.ours(short)

    def told():
        lines = stage.tracer.follow()
        return [line for line in lines if line.get("container", {}).get("id") in ids]

    worlds.poll(lambda: len(told()) >= SHORT_LIVES, "told")
    stage.tracer.settle()
    events = told()
    assert len(events) == SHORT_LIVES
    for event in events:
        whose = event["container"]
        assert event["cause"] == "segfault" and whose["runtime"] == runtime.name, event
        assert whose["id"] in event["cgroup"]["path"], event
        assert whose.get("name") in (None, ids[whose["id"]]), event
    return sum("name" in event["container"] for event in events)
