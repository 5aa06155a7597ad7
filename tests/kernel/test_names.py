# SPDX-License-Identifier: BSD-2-Clause
"""Names of containers and pods: real deaths in cgroups with the names that runtimes use, and those
runtimes' files below a root of the test's own. The world tests show that real runtimes write such
files; these tests are about files, caches and threads.
"""

import collections
import contextlib
import json
import os
import secrets
import shutil
import signal
import sqlite3
import subprocess
import time

import check
import pytest
import tracer as tracing
from test_daemon import Daemon, lines_of, metrics_of, pids_of

TASKS = "run/containerd/io.containerd.runtime.v2.task/k8s.io"
V1 = "/sys/fs/cgroup/memory"
V2 = "/sys/fs/cgroup"
FREEZER = "/sys/fs/cgroup/freezer"


def hierarchy():
    """Where processes are put: the hierarchy that killtrace uses for their cgroup."""
    return V1 if os.path.isdir(V1) else V2


class Cgroups:
    """Control groups that are removed with the test, after their processes are killed."""

    def __init__(self):
        self.top = f"/kt-names-{os.getpid()}"
        self.made = []

    def make(self, path, root=None):
        """Makes one below the test's own, with all its parents."""
        whole = (root or hierarchy()) + self.top
        for part in [""] + path.strip("/").split("/"):
            whole = os.path.join(whole, part).rstrip("/")
            if not os.path.isdir(whole):
                os.mkdir(whole)
                self.made.append(whole)
        return whole

    def remove(self):
        """Also removes groups that still have processes: they are ours."""
        for path in reversed(self.made):
            for _ in range(100):
                with contextlib.suppress(FileNotFoundError):
                    with open(f"{path}/cgroup.procs", encoding="ascii") as procs:
                        for pid in procs.read().split():
                            with contextlib.suppress(ProcessLookupError):
                                os.kill(int(pid), signal.SIGKILL)
                try:
                    os.rmdir(path)
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.05)


@pytest.fixture
def cgroups():
    """See Cgroups."""
    made = Cgroups()
    try:
        yield made
    finally:
        made.remove()


def write(root, path, document):
    """Writes a runtime's file atomically."""
    whole = root / path
    whole.parent.mkdir(parents=True, exist_ok=True)
    whole.write_text(json.dumps(document), encoding="utf-8")
    return whole


def new_pod(root, name):
    """A container of a pod with its files: (path of its cgroup, path of its file, names)."""
    uid = f"{secrets.token_hex(4)}-aaaa-4bbb-8ccc-{secrets.token_hex(6)}"
    cid = secrets.token_hex(32)
    notes = {
        "io.kubernetes.cri.container-name": "app",
        "io.kubernetes.cri.image-name": "registry.example/library/bb:1",
        "io.kubernetes.cri.sandbox-name": name,
        "io.kubernetes.cri.sandbox-namespace": "shop",
        "io.kubernetes.cri.sandbox-uid": uid,
    }
    file = write(root, f"{TASKS}/{cid}/config.json", {"annotations": notes})
    names = {
        "namespace": "shop",
        "pod": name,
        "pod_uid": uid,
        "container": "app",
        "qos": "burstable",
    }
    return f"kubepods/burstable/pod{uid}/{cid}", file, names


def in_cgroup(directory, *command, stdout=None):
    """Starts a command there; the caller ends it."""
    procs = f"{directory}/cgroup.procs"

    def enter():
        with open(procs, "w", encoding="ascii") as file:
            file.write(str(os.getpid()))

    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, preexec_fn=enter)


def die(directory):
    """A process there that kills itself by a signal."""
    victim = in_cgroup(directory, "/bin/sh", "-c", "kill -ABRT $$")
    assert victim.wait() == -signal.SIGABRT
    return victim.pid


def tracer(root):
    """A killtrace with the test's root as the host's root."""
    return tracing.Tracer("--all", "-o", "json", "--host-root", str(root))


def lost(events):
    """Losses by reason."""
    sums = collections.Counter()
    for line in check.losses(events):
        sums.update(line["lost"])
    return dict(sums)


def one(events, pid):
    """The one event of a process."""
    told = check.events_of(events, pid)
    assert len(told) == 1, told
    return told[0]


def test_victim_and_sender(tmp_path, cgroups, validate):
    """Both sides of a kill have names, each from its own container's files."""
    pod, _, names = new_pod(tmp_path, "web-0")
    docker = secrets.token_hex(32)
    write(
        tmp_path,
        f"var/lib/docker/containers/{docker}/config.v2.json",
        {"Name": "/killer", "Config": {"Image": "bb:1", "Env": ["TOKEN=hunter2"]}},
    )
    inside, outside = cgroups.make(pod), cgroups.make(f"docker/{docker}")
    with tracer(tmp_path) as started:
        victim = in_cgroup(inside, "/bin/sleep", "60")
        killer = in_cgroup(outside, "/bin/sh", "-c", f"kill -9 {victim.pid}; :")
        assert victim.wait() == -signal.SIGKILL and killer.wait() == 0
        pid = die(outside)
        started.settle()
        events = started.stop()
    validate(events)
    event = one(events, victim.pid)
    assert event["cause"] == "sigkill"
    assert event["kubernetes"] == names
    assert event["container"] == {
        "id": pod.rsplit("/", 1)[1],
        "runtime": "containerd",
        "name": "app",
        "image": "registry.example/library/bb:1",
    }
    assert event["sender"]["pid"] == killer.pid
    assert event["sender"]["container_id"] == docker
    assert event["sender"]["container_name"] == "killer"
    assert "container app of pod shop/web-0" in event["summary"]
    assert "in docker container killer" in event["summary"]
    assert one(events, pid)["container"]["name"] == "killer"
    assert "hunter2" not in json.dumps(events)
    assert not check.real_losses(events)


def test_oom_trigger(tmp_path, cgroups, validate):
    """One container runs into the pod's limit, and a process of another one is killed. Both are
    reported.
    """
    pod, file, names = new_pod(tmp_path, "web-0")
    document = json.loads(file.read_text(encoding="utf-8"))
    document["annotations"]["io.kubernetes.cri.container-name"] = "sidecar"
    other = secrets.token_hex(32)
    write(tmp_path, f"{TASKS}/{other}/config.json", document)
    app, sidecar = cgroups.make(pod), cgroups.make(f"{os.path.dirname(pod)}/{other}")
    limits = ("memory.limit_in_bytes", "memory.max")
    limit = [
        path
        for path in (f"{os.path.dirname(app)}/{name}" for name in limits)
        if os.path.exists(path)
    ]
    if not limit:
        pytest.skip("not possible on this machine: no memory controller")
    with open(limit[0], "w", encoding="ascii") as out:
        out.write(str(64 << 20))
    holds = "import signal; held = b'x' * (40 << 20); print('held', flush=True); signal.pause()"
    with tracer(tmp_path) as started:
        victim = in_cgroup(
            app, "choom", "-n", "1000", "--", "python3", "-c", holds, stdout=subprocess.PIPE
        )
        assert victim.stdout.readline() == b"held\n"
        trigger = in_cgroup(sidecar, "python3", "-c", holds, stdout=subprocess.PIPE)
        try:
            assert trigger.stdout.readline() == b"held\n"
            assert victim.wait() == -signal.SIGKILL
        finally:
            for process in (victim, trigger):
                process.kill()
                process.wait()
                process.stdout.close()
        started.settle()
        events = started.stop()
    validate(events)
    event = one(events, victim.pid)
    assert event["cause"] == "oom-memcg" and event["oom"]["limit_bytes"] == 64 << 20
    assert event["oom"]["cgroup"] == f"{cgroups.top}/{os.path.dirname(pod)}"
    assert event["kubernetes"] == names
    whose = {
        "pid": trigger.pid,
        "comm": "python3",
        "container_id": other,
        "container_name": "sidecar",
    }
    whose |= {"cgroup": f"{cgroups.top}/{os.path.dirname(pod)}/{other}"}
    whose |= {"kubernetes": names | {"container": "sidecar"}}
    assert not check.subset(whose, event["oom"]["trigger"]), event["oom"]["trigger"]


def test_within_node(tmp_path, cgroups, validate):
    """In a node that is a container itself (kind), pods and their containers get their names from
    the node's files.
    """
    node = secrets.token_hex(32)
    pods = [new_pod(tmp_path, f"web-{i}") for i in range(2)]
    places = [cgroups.make(f"docker/{node}/kubelet/{path}") for path, _, _ in pods]
    with tracer(tmp_path) as started:
        pids = [die(place) for place in places]
        started.settle()
        events = started.stop()
    validate(events)
    for pid, (path, _, names) in zip(pids, pods, strict=True):
        event = one(events, pid)
        assert event["kubernetes"] == names
        assert event["container"] == {
            "id": path.rsplit("/", 1)[1],
            "runtime": "containerd",
            "name": "app",
            "image": "registry.example/library/bb:1",
            "enclosing_id": node,
            "enclosing_runtime": "docker",
        }
        assert event["sender"]["container_name"] == "app"
        assert f"container app of pod shop/{names['pod']}" in event["summary"]


def test_sandbox(tmp_path, cgroups, validate):
    """If the runtime kills the process that holds a pod's namespaces open, that is routine; if
    another process does, it is not.
    """
    pod, file, _ = new_pod(tmp_path, "web-0")
    document = json.loads(file.read_text(encoding="utf-8"))
    document["annotations"]["io.kubernetes.cri.container-type"] = "sandbox"
    write(tmp_path, str(file.relative_to(tmp_path)), document)
    place = cgroups.make(pod)
    runc = shutil.copy("/bin/sh", tmp_path / "runc")
    with tracer(tmp_path) as started:
        told = {}
        for killer in (runc, "/bin/sh"):
            victim = in_cgroup(place, "/bin/sleep", "60")
            assert subprocess.call([killer, "-c", f"kill -9 {victim.pid}"]) == 0
            assert victim.wait() == -signal.SIGKILL
            told[killer] = victim.pid
        started.settle()
        events = started.stop()
    validate(events)
    by_runtime, by_other = (one(events, pid) for pid in told.values())
    assert by_runtime["sender"]["role"] == "container-runtime" and by_runtime["routine"]
    assert by_runtime["container"]["sandbox"] and by_other["container"]["sandbox"]
    assert "role" not in by_other["sender"] and not by_other["routine"]


def test_filters(tmp_path, cgroups):
    """--pod and --container know names."""
    first, _, _ = new_pod(tmp_path, "web-0")
    second, _, _ = new_pod(tmp_path, "db-0")
    options = ["-o", "json", "--host-root", str(tmp_path)]
    with (
        tracing.Tracer(*options, "--pod", "shop/web-*") as by_pod,
        tracing.Tracer(*options, "--container", "app", "--count", "2") as by_name,
    ):
        pids = [die(cgroups.make(path)) for path in (first, second)]
        by_name.process.wait(tracing.PATIENCE)
        told = by_name.stop()
        assert [event["victim"]["pid"] for event in told] == pids
        by_pod.wait_for(by_pod.follow, "reporting")
        assert [event["victim"]["pid"] for event in by_pod.stop()] == pids[:1]


def test_record_and_replay(tmp_path, cgroups):
    """A recording keeps the names: replayed without the files, its events still have them."""
    pod, file, names = new_pod(tmp_path, "web-0")
    place = cgroups.make(pod)
    recording = tmp_path / "recording"
    command = [tracing.KILLTRACE, "record", "--host-root", str(tmp_path), str(recording)]
    with tracer(tmp_path) as started, open(started.path("record.err"), "wb") as err:
        recorder = subprocess.Popen(command, stderr=err)
        try:
            started.wait_for(lambda: b"tracing" in started.read("record.err"), "recording")
            pid = die(place)
            started.settle()
        finally:
            tracing.end(recorder)
        live = started.stop()
    file.unlink()
    out = subprocess.run(
        [tracing.KILLTRACE, "replay", "--all", "-o", "json", recording],
        check=True,
        capture_output=True,
    ).stdout
    replayed = [json.loads(line) for line in out.splitlines()]
    again, before = one(replayed, pid), one(live, pid)
    assert again["kubernetes"] == names
    for key in ("container", "kubernetes", "sender", "summary"):
        assert again[key] == before[key]


def watches_folders(pid):
    """Whether it has an inotify watch."""
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        with contextlib.suppress(FileNotFoundError):
            with open(f"/proc/{pid}/fdinfo/{fd}", encoding="ascii") as info:
                if "inotify wd:" in info.read():
                    return True
    return False


def test_short_life(tmp_path, cgroups, validate):
    """The files of a container are read when it starts, so they may be gone when it ends."""
    (tmp_path / TASKS).mkdir(parents=True)
    with tracer(tmp_path) as started:
        started.wait_for(lambda: watches_folders(started.process.pid), "watching")
        # a busy machine needs longer to read them
        for seconds in (0.5, 2, 6):
            pod, file, names = new_pod(tmp_path, "job-x")
            time.sleep(seconds)
            file.unlink()
            file.parent.rmdir()
            pid = die(cgroups.make(pod))
            started.settle()
            if one(started.lines, pid)["kubernetes"] == names:
                break
        events = started.stop()
    validate(events)
    assert one(events, pid)["kubernetes"] == names


def test_hostile_files(tmp_path, cgroups, validate):
    """Bad files in the place of names: the death is reported, and the trouble is counted."""
    pod, file, names = new_pod(tmp_path, "web-0")
    place = cgroups.make(pod)
    wanted = {key: names[key] for key in ("pod_uid", "qos")}

    def fifo():
        os.mkfifo(file)

    def huge():
        with open(file, "wb") as sparse:
            sparse.truncate(1 << 30)

    def half():
        file.write_text('{"annotations":{"io.kubernetes.cri.sandbox-na', encoding="utf-8")

    def loop():
        file.symlink_to(file.name)

    def no_json():
        file.write_text("kind: Pod\n", encoding="utf-8")

    def long_string():
        file.write_text(json.dumps({"annotations": {"x": "x" * (10 << 20)}}), encoding="utf-8")

    def outside():
        elsewhere = tmp_path.parent / f"{tmp_path.name}-elsewhere"
        elsewhere.write_text(good, encoding="utf-8")
        file.symlink_to(elsewhere)

    def missing():
        pass

    good = file.read_text(encoding="utf-8")
    counted = {make: 1 for make in (fifo, huge, half, loop, no_json, long_string)}
    # A missing file is not an error, and a link that leads out of the host's root leads nowhere.
    counted |= {outside: 0, missing: 0}
    for make, trouble in counted.items():
        file.unlink(missing_ok=True)
        make()
        with tracer(tmp_path) as started:
            pid = die(place)
            started.settle()
            events = started.stop()
        validate(events)
        event = one(events, pid)
        assert event["kubernetes"] == wanted and event["cause"] == "abort", make
        known = {reason: count for reason, count in lost(events).items() if reason != "names_late"}
        assert known == ({"names_unreadable": trouble} if trouble else {}), make


@pytest.fixture
def service():
    """The cgroup of a unit of the system manager: (name, folder)."""
    parent, name = f"{hierarchy()}/system.slice", f"kt-run-{os.getpid()}.service"
    made = [folder for folder in (parent, f"{parent}/{name}") if not os.path.isdir(folder)]
    for folder in made:
        os.mkdir(folder)
    try:
        yield name, f"{parent}/{name}"
    finally:
        for folder in reversed(made):
            with contextlib.suppress(OSError):
                os.rmdir(folder)


def test_invocation(tmp_path, service, validate):
    """The invocation of a unit is in a link by systemd. It is used unless it is younger than the
    death.
    """
    name, folder = service
    link = tmp_path / f"run/systemd/units/invocation:{name}"
    link.parent.mkdir(parents=True)
    first, second = secrets.token_hex(16), secrets.token_hex(16)
    with tracer(tmp_path) as started:
        pids = [die(folder)]
        started.settle()
        link.symlink_to(first)
        os.utime(link, (time.time() - 60,) * 2, follow_symlinks=False)
        pids.append(die(folder))
        started.settle()
        link.unlink()
        link.symlink_to(second)
        os.utime(link, (time.time() + 60,) * 2, follow_symlinks=False)
        pids.append(die(folder))
        started.settle()
        events = started.stop()
    validate(events)
    told = [one(events, pid)["systemd"] for pid in pids]
    assert {systemd["unit"] for systemd in told} == {name}
    assert [systemd.get("invocation_id") for systemd in told] == [None, first, None]


def test_losses_are_summed(tmp_path, cgroups, validate):
    """Many deaths that each lose something do not make a line each: every output has one line a
    second, with the sum.
    """
    places = []
    for i in range(60):
        pod, file, _ = new_pod(tmp_path / "root", f"web-{i}")
        file.unlink()
        os.mkfifo(file)
        places.append(cgroups.make(pod))
    lines, history, prom = (
        tmp_path / name for name in ("kills.json", "history.db", "killtrace.prom")
    )
    options = ["--host-root", str(tmp_path / "root")]
    agent = Daemon(
        *options, "--json", str(lines), "--history", str(history), "--textfile", str(tmp_path)
    )
    with tracing.Tracer("-o", "json", *options) as live, agent:
        began = time.monotonic()
        pids = [die(place) for place in places]
        live.settle()
        took = time.monotonic() - began
        agent.wait_for(lambda: set(pids) <= set(pids_of(lines_of(lines))), "writing")
        agent.stop()
        events = live.stop()
    validate(events)
    with contextlib.closing(sqlite3.connect(history)) as database:
        stored = [json.loads(line) for (line,) in database.execute("SELECT line FROM event")]
    reason = 'killtrace_lost_total{reason="names_unreadable"}'
    assert metrics_of(prom)[reason] == len(places)
    for output in events, lines_of(lines), stored:
        # a line for each second begun, and one at the end
        assert len(check.losses(output)) <= took + 3, check.losses(output)
        assert lost(output)["names_unreadable"] == len(places)


def test_hostile_names(tmp_path, cgroups, validate):
    """Names are data: complete in JSON, and without control characters for people."""
    hostile = "web\n2026 segfault forged\r\x1b[31m\x07\u202e\u2028'\"\\"
    pod, file, names = new_pod(tmp_path, "web-0")
    document = json.loads(file.read_text(encoding="utf-8"))
    for key in ("container-name", "sandbox-name", "image-name"):
        document["annotations"][f"io.kubernetes.cri.{key}"] = hostile
    write(tmp_path, str(file.relative_to(tmp_path)), document)
    place = cgroups.make(pod)
    options = ["--all", "--host-root", str(tmp_path)]
    with tracer(tmp_path) as started, tracing.Tracer(*options, "-o", "human") as for_people:
        pid = die(place)
        started.settle()
        events = started.stop()
        assert tracing.end(for_people.process) == 0
        text = for_people.read("stdout").decode("utf-8")
    validate(events)
    event = one(events, pid)
    assert event["kubernetes"] == names | {"pod": hostile, "container": hostile}
    assert event["container"]["name"] == event["container"]["image"] == hostile
    told = [line for line in text.split("\n") if f"[{pid}]" in line]
    assert len(told) == 1 and "forged" in told[0], text
    assert told[0].isprintable(), told
    assert not [line for line in text.split("\n") if line.startswith("2026 segfault")]


def names_thread(pid):
    """The thread that reads files."""
    for tid in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{tid}/comm", encoding="ascii") as comm:
            if comm.read().strip() == "killtrace-names":
                return tid
    raise AssertionError("no thread for names")


@pytest.mark.skipif(
    not os.path.isdir(FREEZER),
    reason="not possible on this machine: no v1 freezer, which stops one thread",
)
def test_hanging_file_system(tmp_path, cgroups, validate):
    """While files cannot be read, deaths are reported without names, and at once."""
    pods = [new_pod(tmp_path, f"web-{i}") for i in range(6)]
    places = [cgroups.make(path) for path, _, _ in pods]
    freezer = cgroups.make("freezer", FREEZER)

    def freeze(state):
        with open(f"{freezer}/freezer.state", "w", encoding="ascii") as file:
            file.write(state)

    with tracer(tmp_path) as started:
        before = die(places[0])
        started.settle()
        with open(f"{freezer}/tasks", "w", encoding="ascii") as tasks:
            tasks.write(names_thread(started.process.pid))
        freeze("FROZEN")
        try:
            during = [die(place) for place in places[1:4]]
            known = die(places[0])
            started.settle()
            events = list(started.follow())
        finally:
            freeze("THAWED")
        with open(f"{FREEZER}/tasks", "w", encoding="ascii") as tasks:
            tasks.write(names_thread(started.process.pid))
        after = die(places[4])
        started.settle()
        events = started.stop()
    validate(events)
    assert one(events, before)["kubernetes"]["pod"] == "web-0"
    for pid in during:
        assert "pod" not in one(events, pid)["kubernetes"]
    assert one(events, known)["kubernetes"]["pod"] == "web-0"
    assert one(events, after)["kubernetes"]["pod"] == "web-4"
    # The sentinel's cgroup may look like a container's, so its names can be late as well.
    late = lost(events)
    assert set(late) == {"names_late"} and 0 <= late["names_late"] - len(during) <= 1, late
