# SPDX-License-Identifier: BSD-2-Clause
"""The agent when something around it fails: it reports the failure once, nothing else is affected,
and it recovers by itself.

Disks are mounted in a mount namespace of the agent's own, and vanish with it however the test ends.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time

import pytest
import tracer as tracing
from test_daemon import COMM, Daemon, by_name, die, kills, lines_of, metrics_of, pids_of

WORKS_AGAIN = " works again"
# Several times what the ring buffer holds.
STORM = 6000


def own_disk(folder, size):
    """A command prefix that gives a daemon a disk of its own at that folder."""
    mount = f'mount -t tmpfs -o size={size} kt-own "$0" && exec "$@"'
    return ["unshare", "-m", "--propagation", "private", "sh", "-c", mount, str(folder)]


def inside(daemon, *command):
    """Runs a command in the daemon's mount namespace."""
    subprocess.run(["nsenter", "-t", str(daemon.process.pid), "-m", *map(str, command)], check=True)


def seen_by(daemon, path):
    """A path as the daemon sees it."""
    return type(path)(f"/proc/{daemon.process.pid}/root{path}")


def fill(path):
    """Fills the disk."""
    with contextlib.suppress(OSError), open(path, "wb", buffering=0) as file:
        while True:
            file.write(b"x" * 512)


def stored(daemon, path):
    """The pids in a history, in order, read by SQLite itself; the database must be intact."""
    query = "PRAGMA integrity_check; SELECT pid FROM event WHERE cause IS NOT NULL ORDER BY number"
    there = ["nsenter", "-t", str(daemon.process.pid), "-m"]
    said = subprocess.run(
        [*there, "sqlite3", "-readonly", path, query], capture_output=True, text=True, check=False
    )
    if said.returncode:  # not created yet
        return []
    whole, *pids = said.stdout.split("\n")[:-1]
    assert whole == "ok", said.stdout
    return [int(pid) for pid in pids]


def said_once(daemon, sink, what):
    """The trouble and its end are reported in one line each. Written data is visible a little
    before the line about the end.
    """
    daemon.wait_for(
        lambda: f"killtrace: {sink}{WORKS_AGAIN}" in daemon.talk(), "saying that it works"
    )
    assert (
        len(re.findall(rf"^killtrace: {sink}: .*{what}", daemon.talk(), re.MULTILINE)) == 1
    ), daemon.talk()
    assert daemon.talk().count(f"killtrace: {sink}{WORKS_AGAIN}") == 1, daemon.talk()


def test_full_disk_under_the_history(tmp_path, die):
    """Events without room in the database wait, and are stored once when there is room."""
    folder, lines = tmp_path / "disk", tmp_path / "kills.json"
    folder.mkdir()
    command = ["--history", str(folder / "history.db"), "--json", str(lines), "--comm", COMM]
    with Daemon(*command, prefix=own_disk(folder, "2m")) as daemon:
        disk = seen_by(daemon, folder)
        pids = die()
        daemon.wait_for(lambda: stored(daemon, folder / "history.db") == pids, "storing")
        fill(disk / "ballast")
        for _ in range(20):
            pids += die(20)
            if "history: " in daemon.talk():
                break
        daemon.wait_for(lambda: re.search("history: .*full", daemon.talk()), "noticing")
        # no other sink is affected
        pids += die()
        daemon.wait_for(lambda: by_name(lines, pids), "writing lines")
        os.unlink(disk / "ballast")
        daemon.wait_for(lambda: stored(daemon, folder / "history.db") == pids, "catching up")
        said_once(daemon, "history", "full")
        daemon.stop()
        assert "not written" not in daemon.talk()


def no_folder(_daemon, folder):
    """The folder is moved away, and comes back."""
    moved = folder.with_name("moved")
    os.rename(folder, moved)
    yield "No such file"
    os.rename(moved, folder)


def linked_folder(_daemon, folder):
    """A link to another folder takes its place."""
    moved, other = folder.with_name("moved"), folder.with_name("other")
    other.mkdir()
    os.rename(folder, moved)
    os.symlink(other, folder)
    yield "Not a directory|symbolic"
    assert not os.listdir(other)
    os.unlink(folder)
    os.rename(moved, folder)


def read_only(daemon, folder):
    """Its disk becomes read-only, as after an error."""
    inside(daemon, "mount", "-o", "remount,ro", folder)
    yield "Read-only"
    inside(daemon, "mount", "-o", "remount,rw", folder)


def foreign_file(daemon, folder):
    """A foreign file has our name."""
    path = seen_by(daemon, folder) / "killtrace.prom"
    path.write_text("somebody_elses 1\n")
    yield "File exists"
    assert path.read_text() == "somebody_elses 1\n"
    path.unlink()


def linked_file(daemon, folder):
    """Our name is a link to a file that must not be written."""
    path = seen_by(daemon, folder) / "killtrace.prom"
    path.unlink()
    secret = folder.with_name("secret")
    secret.write_text("secret")
    path.symlink_to(secret)
    yield "symbolic"
    assert path.is_symlink() and secret.read_text() == "secret"
    path.unlink()


TROUBLES = {
    "missing": (no_folder, False),
    "link": (linked_folder, False),
    "read-only": (read_only, True),
    "foreign-file": (foreign_file, True),
    "linked-file": (linked_file, True),
}


@pytest.mark.parametrize("trouble, mounted", TROUBLES.values(), ids=TROUBLES)
def test_textfile_in_trouble(tmp_path, die, trouble, mounted):
    """Its folder or file changes: no foreign file is touched, and no kill is missing."""
    folder, lines = tmp_path / "metrics", tmp_path / "kills.json"
    folder.mkdir()
    prefix = own_disk(folder, "1m") if mounted else ()
    with Daemon(
        "--textfile", str(folder), "--json", str(lines), "--comm", COMM, prefix=prefix
    ) as daemon:
        prom = seen_by(daemon, folder) / "killtrace.prom"
        pids = die()
        daemon.wait_for(
            lambda: metrics_of(prom) and kills(metrics_of(prom), "signal") == 1, "counting"
        )
        course = trouble(daemon, folder)
        words = next(course)
        pids += die(2)
        daemon.wait_for(lambda: re.search(f"textfile: .*({words})", daemon.talk()), "noticing")
        daemon.wait_for(lambda: by_name(lines, pids), "writing lines")
        assert next(course, None) is None
        pids += die()
        daemon.wait_for(
            lambda: metrics_of(prom) and kills(metrics_of(prom), "signal") == len(pids),
            "catching up",
        )
        said_once(daemon, "textfile", f"({words})")
        assert metrics_of(prom)['killtrace_sink_errors_total{sink="textfile"}'] >= 1
        daemon.stop()
        assert "not written" not in daemon.talk()


def test_history_locked(tmp_path, die):
    """Another process locks the database: deaths are stored when the lock is released."""
    database, lines = tmp_path / "history.db", tmp_path / "kills.json"
    with Daemon("--history", str(database), "--json", str(lines), "--comm", COMM) as daemon:
        pids = die()
        daemon.wait_for(lambda: stored(daemon, database) == pids, "storing")
        holder = sqlite3.connect(database, isolation_level=None)
        with contextlib.closing(holder):
            holder.execute("BEGIN IMMEDIATE")
            pids += die(3)
            daemon.wait_for(lambda: re.search("history: .*locked", daemon.talk()), "noticing")
            daemon.wait_for(lambda: by_name(lines, pids), "writing lines")
            holder.execute("ROLLBACK")
        daemon.wait_for(lambda: stored(daemon, database) == pids, "catching up")
        said_once(daemon, "history", "locked")
        daemon.stop()
        assert "not written" not in daemon.talk()


@pytest.mark.parametrize("suffix", ["-wal", "-shm"])
def test_history_without_its_log(tmp_path, die, suffix):
    """The files beside the database are deleted: nothing is missing, not even after kill -9."""
    database = tmp_path / "history.db"
    with Daemon("--history", str(database), "--comm", COMM) as daemon:
        pids = die(2)
        daemon.wait_for(lambda: stored(daemon, database) == pids, "storing")
        os.unlink(f"{database}{suffix}")
        pids += die(2)
        daemon.wait_for(lambda: stored(daemon, database) == pids, "storing")
        daemon.process.kill()
        daemon.process.wait()
    with contextlib.closing(sqlite3.connect(database)) as after:
        told = after.execute(
            "SELECT pid FROM event WHERE cause IS NOT NULL ORDER BY number"
        ).fetchall()
        assert [pid for (pid,) in told] == pids
        assert after.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_history_of_a_newer_killtrace(tmp_path, die):
    """The database stays as it is; when it is moved away, no death in the meantime is missing."""
    database, lines = tmp_path / "history.db", tmp_path / "kills.json"
    with contextlib.closing(sqlite3.connect(database)) as newer:
        newer.executescript(
            "PRAGMA application_id = 0x6b747263; PRAGMA user_version = 99; CREATE TABLE later (x)"
        )
    before = database.read_bytes()
    with Daemon("--history", str(database), "--json", str(lines), "--comm", COMM) as daemon:
        pids = die(2)
        daemon.wait_for(lambda: re.search("history: .*newer", daemon.talk()), "noticing")
        daemon.wait_for(lambda: by_name(lines, pids), "writing lines")
        assert database.read_bytes() == before
        os.rename(database, tmp_path / "newer.db")
        daemon.wait_for(lambda: stored(daemon, database) == pids, "storing")
        said_once(daemon, "history", "newer")
        daemon.stop()
    assert (tmp_path / "newer.db").read_bytes() == before


@pytest.mark.parametrize("damage", ["no-database", "torn"])
def test_history_damaged(tmp_path, die, damage):
    """A damaged database is moved aside, not lost, and a new one is created."""
    database = tmp_path / "history.db"
    command = ["--history", str(database), "--comm", COMM]
    with Daemon(*command) as daemon:
        pids = die(50)
        daemon.wait_for(lambda: stored(daemon, database) == pids, "storing")
        daemon.stop()
    bytes_ = bytearray(database.read_bytes())
    if damage == "torn":
        bytes_[4096:] = os.urandom(len(bytes_) - 4096)
    else:
        bytes_[:] = b"a letter to somebody, and not what SQLite writes\n" * 100
    database.write_bytes(bytes_)
    with Daemon(*command) as daemon:
        pids = die(2)
        daemon.wait_for(lambda: stored(daemon, database) == pids, "storing anew")
        daemon.stop()
        assert "not written" not in daemon.talk()
    aside = [name for name in os.listdir(tmp_path) if name.startswith("history.db.")]
    assert any((tmp_path / name).read_bytes() == bytes(bytes_) for name in aside), aside


class Trickle:
    """A collector that answers one byte a second and never finishes."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.asked = 0
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        """Accepts connections."""
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(
                    target=self.answer, args=(self.server.accept()[0],), daemon=True
                ).start()

    def answer(self, client):
        """Reads the beginning of a request."""
        with client, contextlib.suppress(OSError):
            client.recv(1)
            self.asked += 1
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while not self.ending.wait(1):
                client.sendall(b" ")

    @property
    def url(self):
        """Its address."""
        return f"http://127.0.0.1:{self.server.getsockname()[1]}"

    def close(self):
        """Stops the server."""
        self.ending.set()
        # accept() outlives close(): if the kernel restarts it, it accepts from the next socket with
        # that number
        self.server.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.server.close()


@pytest.fixture
def trickle():
    """A collector that the fixture closes."""
    collector = Trickle()
    yield collector
    collector.close()


def test_all_hang_at_the_end(tmp_path, die, trickle):
    """The agent has a reader that takes nothing, a locked database, a collector that never finishes
    and a folder that is gone. It still ends in two seconds, and reports what it has not written.
    """
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(write_end, b"x" * 4096)
    os.set_blocking(write_end, True)
    try:
        # a busy machine may be slow to detach programs, but not every time
        for attempt in range(3):
            took = hung_end(tmp_path / str(attempt), die, trickle, write_end)
            if took < 3:
                break
        assert took < 3, took
    finally:
        os.close(read_end)
        os.close(write_end)


def hung_end(folder, die, trickle, out):
    """Seconds that an agent takes to end if all its sinks hang."""
    folder.mkdir()
    database = folder / "history.db"
    command = ["--comm", COMM, "--history", str(database), "--otlp", trickle.url]
    metrics = folder / "metrics"
    metrics.mkdir()
    command += ["--textfile", str(metrics), "--json", "-"]
    trickle.asked = 0
    with Daemon(*command, stdout=out) as daemon:
        daemon.wait_for(database.exists, "beginning a history")
        daemon.wait_for((metrics / "killtrace.prom").exists, "writing metrics")
        shutil.rmtree(metrics)
        with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            die(3)
            daemon.wait_for(lambda: trickle.asked, "asking the collector")
            daemon.wait_for(lambda: "history: " in daemon.talk(), "noticing")
            began = time.monotonic()
            daemon.stop()
            took = time.monotonic() - began
        for sink in ("history", "otlp", "json"):
            (count,) = re.findall(rf"{sink}: (\d+) events? (?:was|were) not written", daemon.talk())
            assert int(count) >= 3
        assert "reported 3 deaths" in daemon.talk()
    return took


def test_slow_collector_delays_nobody(tmp_path, die, trickle):
    """One sink waits for an answer that never ends: the others have every death at once."""
    lines, database = tmp_path / "kills.json", tmp_path / "history.db"
    command = ["--otlp", trickle.url, "--json", str(lines), "--history", str(database)]
    with Daemon(*command, "--textfile", str(tmp_path), "--comm", COMM) as daemon:
        pids = die(2)
        daemon.wait_for(lambda: trickle.asked, "asking the collector")
        pids += die(20)
        daemon.wait_for(lambda: by_name(lines, pids), "writing lines")
        daemon.wait_for(lambda: stored(daemon, database) == pids, "storing")
        daemon.wait_for(
            lambda: kills(metrics_of(tmp_path / "killtrace.prom"), "signal") == 22, "counting"
        )
        daemon.stop()


def test_stands_still_in_a_storm(tmp_path):
    """SIGSTOP while more processes die than the ring buffer holds: each death is reported once or
    counted as lost, and then the agent continues. Other processes may die on this machine: tests/vm
    has exact counts.
    """
    lines = tmp_path / "kills.json"
    command = [
        "--json",
        str(lines),
        "--textfile",
        str(tmp_path),
        "--cause",
        "segfault",
        "--ring",
        "1",
    ]
    with Daemon(*command) as daemon:
        daemon.process.send_signal(signal.SIGSTOP)
        try:
            (storm,) = tracing.zoo("storm", str(STORM), "2")
        finally:
            daemon.process.send_signal(signal.SIGCONT)
        # deaths before there is room again are lost as well
        daemon.wait_for(lambda: len(lines_of(lines)) > 100, "taking up its work")
        sentinel = tracing.zoo("run", "null-deref")[0]["pid"]
        daemon.wait_for(lambda: sentinel in pids_of(lines_of(lines)), "going on")
        daemon.wait_for(lambda: any("lost" in line for line in lines_of(lines)), "counting")
        # a disk that is busy with other files may not take the last one before the agent ends
        prom = tmp_path / "killtrace.prom"
        daemon.wait_for(
            lambda: metrics_of(prom)['killtrace_lost_total{reason="ring_full"}'] > 0, "writing"
        )
        daemon.stop()
        told = lines_of(lines)
        dead = set(storm["pids"])
        mine = [pid for pid in pids_of(told) if pid in dead]
        lost = sum(line["lost"].get("ring_full", 0) for line in told if "lost" in line)
        assert len(mine) == len(set(mine)) and lost > 0
        assert len(mine) + lost >= len(dead) == STORM
        assert metrics_of(prom)['killtrace_lost_total{reason="ring_full"}'] == lost
        assert f"killtrace: lost {lost} " in daemon.talk()
