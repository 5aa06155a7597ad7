# SPDX-License-Identifier: BSD-2-Clause
"""Pinned programs: a death without a reader is reported once, by the next reader. If the programs
of one build replace those of another, no death is reported twice and none is missing.
"""

import collections
import contextlib
import ctypes
import glob
import json
import mmap
import os
import random
import re
import signal
import sqlite3
import struct
import subprocess
import tempfile
import time

import check
import pytest
import tracer as tracing
from test_daemon import Daemon as AnyDaemon
from test_daemon import kills, lines_of, metrics_of

# Sized for CI; for more by hand: PINS_STORM=100000 PINS_KILLS=50.
STORM = int(os.environ.get("PINS_STORM", "6000"))
KILLS = int(os.environ.get("PINS_KILLS", "10"))
# The longest life of an agent, so that its kills are spread over a storm of about 1500 deaths/s.
LIFE = 2 * STORM / 1500 / KILLS
OTHER_LAYOUT = os.path.abspath(f"{tracing.BUILD}/upgrade/layout/killtrace")
OTHER_WIRE = os.path.abspath(f"{tracing.BUILD}/upgrade/wire/killtrace")
# enum kt_record_kind (bpf/event.h)
KT_RECORD_DEATH = 1
KT_RECORD_LIMIT = 5
OOM_KILLS = 80
MEMORY = "/sys/fs/cgroup/memory"


class Daemon(AnyDaemon):
    """An agent of one of several builds; its output is kept after it ends."""

    def __init__(self, *arguments, killtrace=tracing.KILLTRACE, stdout=None):
        super().__init__(*arguments, stdout=stdout)
        self.command[0] = killtrace
        self.said = ""

    def __exit__(self, *anything):
        self.said = self.talk()
        super().__exit__(*anything)

    def wait_for(self, condition, what, patience=60):
        """Waits as long as a storm needs."""
        deadline = time.monotonic() + patience
        while not condition():
            assert self.process.poll() is None, (what, self.talk())
            assert time.monotonic() < deadline, (what, self.talk())
            time.sleep(0.01)


@pytest.fixture
def bpffs(tmp_path):
    """A BPF file system of the test's own: all pins vanish when it is unmounted."""
    folder = tmp_path / "bpf"
    folder.mkdir()
    subprocess.run(["mount", "-t", "bpf", "kt-pins", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def pins(bpffs):
    """The folder for pins."""
    return str(bpffs / "killtrace")


@pytest.fixture
def group():
    """A control group; only its deaths are counted: (name, function that joins it)."""
    where = MEMORY if os.path.isdir(MEMORY) else "/sys/fs/cgroup"
    name = f"kt-pins-{os.getpid()}"
    path = f"{where}/{name}"
    os.mkdir(path)

    def join():
        with open(f"{path}/cgroup.procs", "w", encoding="ascii") as file:
            file.write("0")

    try:
        yield name, join
    finally:
        for process in STORMS:
            tracing.end(process, signal.SIGTERM)
        STORMS.clear()
        deadline = time.monotonic() + tracing.PATIENCE
        while True:
            try:
                os.rmdir(path)
                break
            except OSError:
                assert time.monotonic() < deadline, path
                time.sleep(0.05)


def die(join, count):
    """Ends `count` children by SIGSEGV; returns their pids."""
    pids = []
    for _ in range(count):
        victim = subprocess.Popen(["/bin/sh", "-c", "kill -SEGV $$"], preexec_fn=join)
        assert victim.wait() == -signal.SIGSEGV
        pids.append(victim.pid)
    return pids


def run(*arguments, killtrace=tracing.KILLTRACE, code=0):
    """Runs a killtrace that ends by itself: its output, and the lines that it wrote."""
    done = subprocess.run(
        [killtrace, *tracing.whole(arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, (arguments, done.returncode, done.stderr)
    return done.stderr, [json.loads(line) for line in done.stdout.splitlines() if line[0] == "{"]


def arm(pins, **how):
    """Arms killtrace."""
    said, _ = run("arm", "--pin", pins, **how)
    assert "armed at" in said


def read(pins, name, count, **how):
    """The group's deaths that the next reader reports: pids in order."""
    arguments = ["trace", "--pin", pins, "-o", "json", "--cgroup", f"/{name}"]
    limit = ["--count", str(count)] if count else ["--duration", "1"]
    _, lines = run(*arguments, *limit, **how)
    return [line["victim"]["pid"] for line in lines if "victim" in line]


def attached():
    """Names of the BPF programs in the kernel, according to bpftool."""
    listed = subprocess.run(["bpftool", "-j", "prog"], capture_output=True, check=True).stdout
    return collections.Counter(program.get("name", "") for program in json.loads(listed))


def test_armed(pins, group):
    """The kernel records without a running killtrace. The next reader reports each death once, with
    all the evidence of a live trace. After disarm, nothing is left.
    """
    name, join = group
    # programs of the test before are freed a moment after it
    before = settled(attached)
    arm(pins)
    assert attached()["sched_process_exit"] > before["sched_process_exit"]
    first = die(join, 30)
    assert read(pins, name, 10) == first[:10]
    assert read(pins, name, 20) == first[10:]
    assert read(pins, name, 0) == []
    second = die(join, 5)
    assert read(pins, name, 5) == second
    die(join, 3)
    said, _ = run("disarm", "--pin", pins)
    assert " deaths had not been read" in said and not os.path.exists(pins)
    deadline = time.monotonic() + tracing.PATIENCE
    while attached() != before and time.monotonic() < deadline:
        time.sleep(0.1)
    assert attached() <= before, "programs are left"
    said, _ = run("disarm", "--pin", pins)
    assert "nothing is pinned" in said


@contextlib.contextmanager
def pinned_ring(path, size):
    """A pinned ring: a function that counts each kind of record in it, also once its pin is gone.
    Read by the kernel's layout (kernel/bpf/ringbuf.c): the consumer's page, the producer's, the
    data.
    """
    name = ctypes.create_string_buffer(os.fsencode(path))
    attr = ctypes.create_string_buffer(struct.pack("=QII", ctypes.addressof(name), 0, 0))
    bpf = {"x86_64": 321, "aarch64": 280}[os.uname().machine]
    fd = ctypes.CDLL(None, use_errno=True).syscall(bpf, 7, attr, len(attr.raw) - 1)  # BPF_OBJ_GET
    assert fd >= 0, os.strerror(ctypes.get_errno())
    page = mmap.PAGESIZE
    try:
        with (
            mmap.mmap(fd, page, prot=mmap.PROT_READ) as consumer,
            mmap.mmap(fd, page + size, prot=mmap.PROT_READ, offset=page) as data,
        ):

            def kinds():
                found = collections.Counter()
                at, end = struct.unpack_from("=Q", consumer)[0], struct.unpack_from("=Q", data)[0]
                while at < end:
                    (header,) = struct.unpack_from("=I", data, page + at % size)
                    found[data[page + (at + 8) % size + 2]] += 1  # struct kt_record.kind
                    at += ((header & 0x3FFFFFFF) + 8 + 7) & ~7
                return found

            yield kinds
    finally:
        os.close(fd)


def kinds_in_ring(path, size):
    """Counts each kind of record in a pinned ring."""
    with pinned_ring(path, size) as kinds:
        return kinds()


def test_waiting_are_deaths(pins):
    """The additional record of an OOM kill is not counted as another death. Other processes of this
    machine may die meanwhile: the ring says how many.
    """
    run("arm", "--pin", pins, "--ring", "4")
    (path,) = glob.glob(f"{pins}/*/map_events")
    with pinned_ring(path, 4 << 20) as kinds:
        tracing.zoo("run", "oom")
        before = kinds()
        said, _ = run("disarm", "--pin", pins)
        after = kinds()
    assert before[KT_RECORD_DEATH] and before[KT_RECORD_LIMIT], before
    counted = int(re.search(r" (\d+) deaths? had not been read", said)[1])
    assert before[KT_RECORD_DEATH] <= counted <= after[KT_RECORD_DEATH], (before, said, after)


def test_notices_are_bounded(pins):
    """Without a reader, the additional records of OOM kills fill no more of the ring than for 64 of
    them. After a reader came, they are recorded again.
    """
    run("arm", "--pin", pins, "--ring", "4")
    (ring,) = glob.glob(f"{pins}/*/map_events")
    for after in ("nobody reads", "somebody has read"):
        tracing.zoo("run", *["oom"] * OOM_KILLS)
        kinds = kinds_in_ring(ring, 4 << 20)
        assert 0 < kinds[KT_RECORD_LIMIT] <= 64 and kinds[KT_RECORD_DEATH] >= OOM_KILLS, (
            after,
            kinds,
        )
        run("trace", "--pin", pins, "--ring", "4", "-o", "json", "--duration", "1")


def test_addresses_that_waited(pins, group):
    """A reader with --no-addresses gets none, even from programs that were armed with addresses."""
    name, join = group
    arm(pins)
    (pid,) = zoo_storm(join, 1, 1).pids()
    arguments = ["trace", "--pin", pins, "-o", "json", "--cgroup", f"/{name}", "--count", "1"]
    _, (event,) = run(*arguments, "--no-addresses")
    assert event["victim"]["pid"] == pid and event["fault"]["kind"] == "null-dereference"
    assert not {"address", "ip", "sp"} & set(event["fault"]), event


def test_room(pins, group):
    """3,000 deaths wait in 4 MiB, and each is reported."""
    name, join = group
    arm(pins)
    storm = zoo_storm(join, 3000)
    pids = storm.pids()
    told = read(pins, name, 3000)
    assert collections.Counter(told) == collections.Counter(pids)


def test_full_ring(pins, group):
    """Deaths without room are counted exactly."""
    name, join = group
    run("arm", "--pin", pins, "--ring", "1")
    died = len(zoo_storm(join, 6000).pids())
    _, lines = run("trace", "--pin", pins, "--ring", "1", "-o", "json", "--duration", "2")
    told = sum(1 for line in lines if line.get("cgroup", {}).get("memory_path", "").endswith(name))
    if not told:
        told = sum(1 for line in lines if name in line.get("cgroup", {}).get("path", ""))
    lost = sum(line["lost"].get("ring_full", 0) for line in lines if "lost" in line)
    others = sum(1 for line in lines if "victim" in line) - told
    # deaths of others on this machine can be lost too
    assert told < died <= told + lost and told + lost - died <= others + lost // 10, (told, lost)
    # each is counted once
    _, lines = run("trace", "--pin", pins, "--ring", "1", "-o", "json", "--duration", "2")
    assert not check.real_losses(lines)


def test_full_disk(pins, group):
    """What a reader could not write stays for the next one: deaths, and what was lost."""
    _, join = group
    run("arm", "--pin", pins, "--ring", "1")
    died = len(zoo_storm(join, 6000).pids())
    arguments = ["trace", "--pin", pins, "--ring", "1", "-o", "json"]
    with open("/dev/full", "wb") as full:
        failed = subprocess.run(
            [tracing.KILLTRACE, *tracing.whole(arguments), "--duration", "5"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert failed.returncode == 1, failed.stderr
    assert "cannot write the output: No space left on device" in failed.stderr, failed.stderr
    _, lines = run(*arguments, "--duration", "2")
    told = sum(1 for line in lines if "victim" in line)
    lost = lost_in(lines)["ring_full"]
    # with the deaths of others on this machine
    assert told and lost and died <= told + lost, (told, lost, failed.stderr)
    _, lines = run(*arguments, "--duration", "1")
    assert not check.real_losses(lines)


class Storm:
    """The zoo's storm in the background."""

    def __init__(self, join, count, jobs, loop="storm"):
        # a pipe without a reader would block it
        self.out = tempfile.TemporaryFile()
        command = [tracing.ZOO, loop, str(count), str(jobs)]
        self.process = subprocess.Popen(command, stdout=self.out, preexec_fn=join)

    def is_over(self):
        """Whether all have died."""
        return self.process.poll() is not None

    def pids(self):
        """Pids of all that died; waits for the end."""
        assert self.process.wait(900) == 0
        self.out.seek(0)
        (line,) = [json.loads(line) for line in self.out]
        assert line["wrong"] == 0
        return line["pids"]


STORMS = []


def zoo_storm(join, count, jobs=2, loop="storm"):
    """Starts a storm; it ends with the test."""
    storm = Storm(join, count, jobs, loop)
    STORMS.append(storm.process)
    return storm


def history_pids(path):
    """Pids of all deaths in a history, read with SQLite."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        rows = database.execute("select line from event").fetchall()
    lines = [json.loads(row[0]) for row in rows]
    return [line["victim"]["pid"] for line in lines if "victim" in line]


def pids_in(lines):
    """How often each pid died."""
    return collections.Counter(line["victim"]["pid"] for line in lines if "victim" in line)


def lost_in(lines):
    """Counts of losses by reason."""
    total = collections.Counter()
    for line in lines:
        total.update(line.get("lost", {}))
    return total


def test_kill_9_in_a_storm(pins, group, tmp_path):
    """The agent is killed again and again while thousands die: every sink has every death once."""
    name, join = group
    files = [tmp_path / "kills.json", tmp_path / "history.db", tmp_path / "killtrace.prom"]
    arguments = ["--pin", pins, "--ring", "64", "--cgroup", f"/{name}", "--json-size", "1024"]
    arguments += ["--json", str(files[0]), "--history", str(files[1]), "--textfile", str(tmp_path)]
    with Daemon(*arguments) as daemon:
        daemon.stop()
    storm = zoo_storm(join, STORM)
    ended = 0
    while not storm.is_over() or ended < KILLS:
        with Daemon(*arguments) as daemon:
            time.sleep(random.uniform(0, LIFE))
            daemon.process.send_signal(signal.SIGKILL)
            daemon.process.wait()
        ended += 1
    died = collections.Counter(storm.pids())
    with Daemon(*arguments) as daemon:
        daemon.wait_for(lambda: kills(metrics_of(files[2]), "segfault") >= STORM, "counting", 120)
        daemon.stop()
    lines = lines_of(files[0])
    assert not check.real_losses(lines), lost_in(lines)
    assert pids_in(lines) == died
    assert collections.Counter(history_pids(files[1])) == died
    assert kills(metrics_of(files[2]), "segfault") == STORM
    ids = [line["id"] for line in lines if "victim" in line]
    assert len(set(ids)) == len(ids)
    print(f"killed {ended} times in a storm of {STORM}")


DROPPED = 'killtrace_lost_total{reason="output"}'


def settled(value):
    """The value once it has not changed for six seconds: a stalled sink is given up after two, and
    its losses are written a second later.
    """
    last, since = value(), time.monotonic()
    while time.monotonic() < since + 6:
        time.sleep(0.1)
        now = value()
        if now != last:
            last, since = now, time.monotonic()
    return last


def test_kill_9_with_a_slow_sink(pins, group, tmp_path):
    """A stalled sink holds the ring buffer back only to a limit. The next agent counts what the
    sink lost with the agent, and no other sink misses anything.
    """
    name, join = group
    prom, lines = tmp_path / "killtrace.prom", tmp_path / "kills.json"
    arguments = ["--pin", pins, "--ring", "1", "--cgroup", f"/{name}", "--textfile", str(tmp_path)]
    read_end, write_end = os.pipe()
    began = time.monotonic()
    try:
        with Daemon(*arguments, "--json", "-", stdout=write_end) as daemon:
            died = zoo_storm(join, 4000, 1).pids()
            daemon.wait_for(lambda: kills(metrics_of(prom), "segfault") == 4000, "counting")
            dropped = settled(lambda: metrics_of(prom)[DROPPED])
            daemon.process.kill()
            daemon.process.wait()
        os.set_blocking(read_end, False)
        with contextlib.suppress(BlockingIOError), open(lines, "wb") as file:
            while True:
                file.write(os.read(read_end, 65536))
    finally:
        os.close(read_end)
        os.close(write_end)
    whole = lines.read_bytes().rsplit(b"\n", 1)[0] + b"\n"
    lines.write_bytes(whole)
    told = pids_in(lines_of(lines))
    rest = tmp_path / "rest.json"
    with open(rest, "wb") as file, Daemon(*arguments, "--json", "-", stdout=file) as daemon:
        daemon.wait_for(
            lambda: b"were lost with the agent before" in daemon.read("stderr"), "counting"
        )
        lost = dropped + int(daemon.talk().split("json: ")[1].split(" ")[0])
        # on a slow disk the end would leave some of it to the next agent
        wanted = len(died) - 1 - lost - told.total()
        daemon.wait_for(lambda: pids_in(lines_of(rest)).total() >= wanted, "reporting the rest")
        daemon.stop()
    told += pids_in(lines_of(rest))
    # the line that the pipe cut in two may be missing; on a busy machine lines about late names, at
    # most one a second, can be lost like any other
    most = len(died) + 5 + time.monotonic() - began
    assert len(died) - 1 <= told.total() + lost <= most, (told.total(), lost, len(died))
    assert kills(metrics_of(prom), "segfault") == 4000


@pytest.mark.parametrize("other", [OTHER_LAYOUT], ids=["layout"])
def test_upgrade_in_a_storm(pins, group, tmp_path, other):
    """Another build's programs take over in a storm, and then those of the first build again."""
    name, join = group
    lines = tmp_path / "kills.json"
    arguments = ["--pin", pins, "--ring", "64", "--cgroup", f"/{name}", "--json-size", "1024"]
    arguments += ["--json", str(lines)]
    with Daemon(*arguments) as daemon:
        daemon.stop()
    storm = zoo_storm(join, STORM)
    handed_over = 0
    while not storm.is_over() or handed_over < 2:
        for killtrace in (other, tracing.KILLTRACE):
            with Daemon(*arguments, killtrace=killtrace) as daemon:
                daemon.wait_for(lambda: generations(pins) == 1, "handing over")
                handed_over += 1
                # also in the middle of the hand-over
                daemon.process.send_signal(random.choice([signal.SIGTERM, signal.SIGKILL]))
                daemon.process.wait()
    died = storm.pids()
    with Daemon(*arguments) as daemon:
        daemon.wait_for(
            lambda: pids_in(lines_of(lines)).total() >= len(died) and generations(pins) == 1,
            "reporting all",
            60,
        )
        daemon.stop()
    told = lines_of(lines)
    assert pids_in(told) == collections.Counter(died)
    # other processes on this machine survive with a signal pending or a fault handled
    assert not set(lost_in(told)) - {"names_late", "handover"}, lost_in(told)
    deaths = [line for line in told if "victim" in line]
    # no evidence about our processes is missing
    assert {line["cause"] for line in deaths} == {"segfault"}
    assert {line["fault"]["address"] for line in deaths} == {"0x0"}
    print(f"handed over {handed_over} times in a storm of {STORM}")


def generations(pins):
    """The number of generations."""
    return sum(1 for name in os.listdir(pins) if name.startswith("v"))


BLOCKS = """
import signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGABRT])
print("ready", flush=True)
sys.stdin.readline()
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGABRT])
signal.pause()
"""


@contextlib.contextmanager
def hit(join):
    """A process with SIGABRT pending; it dies of that when the yielded function is called."""
    victim = subprocess.Popen(
        ["/usr/bin/python3", "-c", BLOCKS],
        preexec_fn=join,
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
    )

    def finish():
        victim.stdin.write(b"\n")
        victim.stdin.flush()
        assert victim.wait() == -signal.SIGABRT

    try:
        assert victim.stdout.readline() == b"ready\n"
        os.kill(victim.pid, signal.SIGABRT)
        yield finish
    finally:
        victim.kill()
        victim.wait()


def test_evidence_crosses_over(pins, group, tmp_path):
    """A signal is sent before the new programs come, and its victim dies soon after: the event has
    all evidence.
    """
    name, join = group
    for attempt, killtrace in enumerate((OTHER_LAYOUT, tracing.KILLTRACE, OTHER_LAYOUT)):
        path = tmp_path / f"kills-{attempt}.json"
        arguments = ["--pin", pins, "--cgroup", f"/{name}", "--json", str(path)]
        if not attempt:
            arm(pins)
        with hit(join) as finish, Daemon(*arguments, killtrace=killtrace) as daemon:
            finish()
            daemon.wait_for(lambda: pids_in(lines_of(path)).total() == 1, "reporting")
            daemon.wait_for(lambda: generations(pins) == 1, "handing over")
            daemon.stop()
        lines = lines_of(path)
        (event,) = [line for line in lines if "victim" in line]
        if "sender" in event:
            break
        # the machine was too slow to start within the time that both record: that is counted
        assert lost_in(lines)["handover"] >= 1, lines
    assert event["sender"]["pid"] == os.getpid(), event


def test_what_stays_behind_is_counted(pins, group, tmp_path):
    """A signal is pending for longer than both builds record side by side: its death is reported
    without a sender, and that is counted.
    """
    name, join = group
    lines = tmp_path / "kills.json"
    arm(pins)
    arguments = ["--pin", pins, "--cgroup", f"/{name}", "--json", str(lines)]
    with hit(join) as finish, Daemon(*arguments, killtrace=OTHER_LAYOUT) as daemon:
        daemon.wait_for(lambda: generations(pins) == 1, "handing over")
        finish()
        daemon.wait_for(lambda: pids_in(lines_of(lines)).total() == 1, "reporting")
        daemon.wait_for(lambda: lost_in(lines_of(lines))["handover"] >= 1, "counting")
        daemon.stop()


def test_handover_is_told_once(pins, group):
    """An agent that ends during a hand-over leaves no loss to be reported again, and no negative
    count.
    """
    _, join = group
    arm(pins, killtrace=OTHER_LAYOUT)
    with hit(join) as finish:
        told = []
        # the first ends while the older programs are detached
        for seconds in ("2", "1"):
            _, lines = run("trace", "--pin", pins, "-o", "json", "--duration", seconds)
            told.append(lost_in(lines)["handover"])
        finish()
    # other processes on this machine can have open evidence, too
    assert 1 <= sum(told) < 1000, told


def test_other_wire_format(pins, group):
    """Records of a format that this build does not know are counted, one by one."""
    name, join = group
    arm(pins, killtrace=OTHER_WIRE)
    die(join, 7)
    _, lines = run("trace", "--pin", pins, "-o", "json", "--duration", "3")
    assert lost_in(lines)["undecodable"] >= 7, lines
    later = die(join, 2)
    assert read(pins, name, 2) == later


def test_agents_with_and_without_pins(pins, group, tmp_path):
    """The counters of an agent without pins do not hide deaths from an older ring buffer."""
    name, join = group
    prom, lines = tmp_path / "killtrace.prom", tmp_path / "kills.json"
    arguments = ["--cgroup", f"/{name}", "--json", str(lines), "--textfile", str(tmp_path)]
    died = []
    arm(pins)
    for pinned in ([], ["--pin", pins], [], ["--pin", pins]):
        with Daemon(*arguments, *pinned) as daemon:
            # the armed programs record all the time, and their deaths reach an agent that lacks
            # them
            before = kills(metrics_of(prom), "signal") if prom.exists() else 0
            died += die(join, 3)
            daemon.wait_for(
                lambda: prom.exists() and kills(metrics_of(prom), "signal") >= before + 3,
                "counting",
            )
            daemon.wait_for(lambda: set(died) <= set(pids_in(lines_of(lines))), "reporting")
            daemon.stop()


def test_killed_while_it_pins(pins, group, tmp_path):
    """An agent that is killed while it starts leaves nothing that the next cannot take over."""
    name, join = group
    lines = tmp_path / "kills.json"
    arguments = ["daemon", "--pin", pins, "--cgroup", f"/{name}", "--json", str(lines)]
    for turn in range(30):
        killtrace = tracing.KILLTRACE if turn % 3 else OTHER_LAYOUT
        with subprocess.Popen([killtrace, *arguments], stderr=subprocess.DEVNULL) as agent:
            time.sleep(random.uniform(0, 0.25))
            agent.kill()
            agent.wait()
    with Daemon(*arguments[1:]) as daemon:
        died = die(join, 5)
        daemon.wait_for(lambda: generations(pins) == 1, "tidying up")
        daemon.wait_for(lambda: pids_in(lines_of(lines)).total() == 5, "reporting")
        daemon.stop()
    assert pids_in(lines_of(lines)) == collections.Counter(died)


def rings(pins):
    """The ring buffers of all generations; a name can be reused."""
    found = set()
    for path in glob.glob(f"{pins}/v*/map_events"):
        with contextlib.suppress(FileNotFoundError):
            found.add((path, os.stat(path).st_ino))
    return found


def test_killed_while_it_loads(pins, tmp_path):
    """Twenty agents that are killed before they record do not keep the next one from starting, and
    leave nothing.
    """
    arguments = ["daemon", "--pin", pins, "--json", str(tmp_path / "kills.json")]
    for _ in range(20):
        before = rings(pins)
        with subprocess.Popen([tracing.KILLTRACE, *arguments], stderr=subprocess.DEVNULL) as agent:
            deadline = time.monotonic() + tracing.PATIENCE
            while not rings(pins) - before and agent.poll() is None and time.monotonic() < deadline:
                time.sleep(0.001)
            agent.kill()
            assert agent.wait() == -signal.SIGKILL
    with Daemon(*arguments[1:]) as daemon:
        daemon.wait_for(lambda: generations(pins) == 1, "tidying up")
        daemon.stop()


def test_two_agents(pins, bpffs, tmp_path):
    """A second agent with the same pins or the same files reports the conflict and ends; a live
    trace works at the same time.
    """
    lines = str(tmp_path / "kills.json")
    with Daemon("--pin", pins, "--json", lines) as daemon:
        said, _ = run("daemon", "--pin", pins, "--json", str(tmp_path / "other"), code=1)
        assert f"another killtrace (pid {daemon.process.pid}) reads what is pinned" in said
        said, _ = run("arm", "--pin", pins, code=1)
        assert f"(pid {daemon.process.pid})" in said
        said, _ = run("disarm", "--pin", pins, code=1)
        assert f"(pid {daemon.process.pid})" in said
        said, _ = run("daemon", "--json", lines, code=1)
        assert f"another agent (pid {daemon.process.pid}) writes to" in said
        run("trace", "--duration", "0.2")
        daemon.stop()
    said, _ = run("daemon", "--unpin", "--pin", pins)
    assert "removed what was pinned" in said and not os.path.exists(pins)
    assert os.listdir(bpffs) == [name for name in os.listdir(bpffs) if name.endswith(".debug")]


def test_no_bpf_file_system(tmp_path):
    """An agent continues without pins and reports the consequences; arm fails."""
    folder = str(tmp_path / "pins")
    with Daemon("--pin", folder, "--json", str(tmp_path / "x")) as daemon:
        assert "cannot pin below" in daemon.talk() and "mount -t bpf" in daemon.talk()
        daemon.stop()
    said, _ = run("arm", "--pin", folder, code=1)
    assert "cannot pin at" in said and "mount -t bpf" in said
    assert not os.path.exists(folder)


def test_default_place():
    """Programs that are armed at the default place are found without an option."""
    subprocess.run(
        ["unshare", "-m", "bash", "-euc", DEFAULT, tracing.KILLTRACE], check=True, timeout=60
    )


DEFAULT = """
mount --make-rprivate /
mount -t bpf kt-pins /sys/fs/bpf
armed() { "$0" doctor | grep -E "^$1 +armed +$2"; }
armed no 'nothing is pinned at /sys/fs/bpf/killtrace$'
"$0" arm 2>/dev/null
armed yes 'deaths wait for the next reader$'
(kill -ILL $BASHPID) & victim=$!
wait $victim || true
# not all tests of this machine stop for this one: the one that is asked for is among them
"$0" -o json --pid $victim --count 1 >/sys/fs/bpf/../../../tmp/kt-default.$$ 2>/dev/null
grep -q "\\"pid\\":$victim," /tmp/kt-default.$$ && rm /tmp/kt-default.$$
"$0" daemon --pin /sys/fs/bpf/killtrace --json /dev/null 2>/tmp/kt-default.$$ & agent=$!
until grep -q tracing /tmp/kt-default.$$; do sleep 0.05; done
armed yes "read by killtrace \\(pid $agent\\)$"
kill $agent; wait $agent
rm /tmp/kt-default.$$
"$0" disarm 2>&1 | grep -q 'removed what was pinned'
armed no 'nothing is pinned at /sys/fs/bpf/killtrace$'
"$0" disarm 2>&1 | grep -q 'nothing is pinned'
"""
