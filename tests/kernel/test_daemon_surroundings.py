# SPDX-License-Identifier: BSD-2-Clause
"""The agent among things that fail: it says so once, nothing else suffers, and it recovers by
itself.

Disks are mounted in a mount namespace of the agent's own, and are gone with it, whatever ends the
test.
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
    """What starts a daemon that has a disk of its own at that folder."""
    mount = f'mount -t tmpfs -o size={size} kt-own "$0" && exec "$@"'
    return ["unshare", "-m", "--propagation", "private", "sh", "-c", mount, str(folder)]


def inside(daemon, *command):
    """Runs a command where the daemon's mounts are."""
    subprocess.run(["nsenter", "-t", str(daemon.process.pid), "-m", *map(str, command)], check=True)


def seen_by(daemon, path):
    """A path as the daemon sees it."""
    return type(path)(f"/proc/{daemon.process.pid}/root{path}")


def fill(path):
    """Takes all the room that there is."""
    with contextlib.suppress(OSError), open(path, "wb", buffering=0) as file:
        while True:
            file.write(b"x" * 512)


def stored(daemon, path):
    """The pids in a history, in order, by SQLite's own program; it has to be whole."""
    query = "PRAGMA integrity_check; SELECT pid FROM event WHERE cause IS NOT NULL ORDER BY number"
    there = ["nsenter", "-t", str(daemon.process.pid), "-m"]
    said = subprocess.run(
        [*there, "sqlite3", "-readonly", path, query], capture_output=True, text=True, check=False
    )
    if said.returncode:  # not yet made
        return []
    whole, *pids = said.stdout.split("\n")[:-1]
    assert whole == "ok", said.stdout
    return [int(pid) for pid in pids]


def said_once(daemon, sink, what):
    """The trouble and its end are one line each. What was written is seen a little before the end
    is."""
    daemon.wait_for(
        lambda: f"killtrace: {sink}{WORKS_AGAIN}" in daemon.talk(), "saying that it works"
    )
    assert (
        len(re.findall(rf"^killtrace: {sink}: .*{what}", daemon.talk(), re.MULTILINE)) == 1
    ), daemon.talk()
    assert daemon.talk().count(f"killtrace: {sink}{WORKS_AGAIN}") == 1, daemon.talk()


def test_full_disk_under_the_history(tmp_path, die):
    """What finds no room in the database waits, and stands in it once when there is some."""
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
        # nobody else suffers
        pids += die()
        daemon.wait_for(lambda: by_name(lines, pids), "writing lines")
        os.unlink(disk / "ballast")
        daemon.wait_for(lambda: stored(daemon, folder / "history.db") == pids, "catching up")
        said_once(daemon, "history", "full")
        daemon.stop()
        assert "not written" not in daemon.talk()


def no_folder(_daemon, folder):
    """It is taken away, and comes again."""
    moved = folder.with_name("moved")
    os.rename(folder, moved)
    yield "No such file"
    os.rename(moved, folder)


def linked_folder(_daemon, folder):
    """A link stands in its place, to a folder of somebody else's."""
    moved, other = folder.with_name("moved"), folder.with_name("other")
    other.mkdir()
    os.rename(folder, moved)
    os.symlink(other, folder)
    yield "Not a directory|symbolic"
    assert not os.listdir(other)
    os.unlink(folder)
    os.rename(moved, folder)


def read_only(daemon, folder):
    """Its disk takes no more, as one does that has seen an error."""
    inside(daemon, "mount", "-o", "remount,ro", folder)
    yield "Read-only"
    inside(daemon, "mount", "-o", "remount,rw", folder)


def foreign_file(daemon, folder):
    """Somebody else has written there under our name."""
    path = seen_by(daemon, folder) / "killtrace.prom"
    path.write_text("somebody_elses 1\n")
    yield "File exists"
    assert path.read_text() == "somebody_elses 1\n"
    path.unlink()


def linked_file(daemon, folder):
    """Our name is a link to what must not be written."""
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
    """Its folder or its file is not what it was: nothing foreign is touched, no kill is
    forgotten."""
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
    """Somebody holds the database for himself: what dies meanwhile is stored when he lets go."""
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
    """Somebody tidies up beside the database: nothing is missing, not even after kill -9."""
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
    """It is left as it is; when somebody takes it away, nothing of what died meanwhile is
    missing."""
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
    """A database that is none any more is moved aside, not lost, and a new one begins."""
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
    """A collector that answers, a byte a second, and never comes to an end."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.asked = 0
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        """Takes who comes."""
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
        """Hangs up."""
        self.ending.set()
        # accept() outlives close(): when the kernel restarts it, it takes from the next socket of
        # that number
        self.server.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.server.close()


@pytest.fixture
def trickle():
    """One that is closed in the end."""
    collector = Trickle()
    yield collector
    collector.close()


def test_all_hang_at_the_end(tmp_path, die, trickle):
    """A reader that takes nothing, a database that is held, a collector that never comes to an
    end, a folder
    that is gone: the agent ends in two seconds all the same, and says what it has not written."""
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(write_end, b"x" * 4096)
    os.set_blocking(write_end, True)
    try:
        # a busy machine takes its own time to detach programs, but not each time
        for attempt in range(3):
            took = hung_end(tmp_path / str(attempt), die, trickle, write_end)
            if took < 3:
                break
        assert took < 3, took
    finally:
        os.close(read_end)
        os.close(write_end)


def hung_end(folder, die, trickle, out):
    """How many seconds an agent takes to end, all of whose sinks hang."""
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
    """While one sink waits for an answer that never ends, the others have every death at once."""
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
    """SIGSTOP while more die than the ring buffer holds: none of them is told twice or gone
    without being
    counted, and afterwards all goes on. On this machine others may die as well: tests/vm has it
    exactly.
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
        # what dies before there is room again is lost as well
        daemon.wait_for(lambda: len(lines_of(lines)) > 100, "taking up its work")
        sentinel = tracing.zoo("run", "null-deref")[0]["pid"]
        daemon.wait_for(lambda: sentinel in pids_of(lines_of(lines)), "going on")
        daemon.wait_for(lambda: any("lost" in line for line in lines_of(lines)), "counting")
        # a disk that is busy with others' files may not take the last one before the agent ends
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
