#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Kills a writer of a history by SIGKILL again and again, and checks the database each time.

usage: tests/cli/history/kill.py FEED KILLS MIB [IMAGE]      FEED: the program build/history-feed

With IMAGE, an ext4 file system in a file, the writer writes there and the power is cut instead: the
file system is shut down without any further write, not even to its journal, and mounted again. This
needs root and mounts of its own (unshare --mount).

For each line that the writer reported as safe there must be one row with exactly that line, in the
order of the input. A line that was not safe may be there once or be missing. The next writer begins
after the last safe line, so some lines are fed twice. If MIB is small, the oldest may be gone. The
check uses the sqlite3 command.
"""

import fcntl
import json
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EXT4_IOC_SHUTDOWN = 0x8004587D
WITHOUT_LOG_FLUSH = 2

START_NS = 1_700_000_000_000_000_000


def line_of(number: int) -> str:
    seconds, rest = divmod(START_NS + number * 1000, 1_000_000_000)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{rest:09}Z"
    event = {
        "schema": 1, "id": f"boot-{number}", "time": stamp, "node": "n",
        "cause": "sigkill", "class": "userspace", "routine": False,
        "summary": f"death {number} " + "x" * (number % 700), "exit": {"signal": 9, "status": 0},
        "victim": {"pid": number % 4194304, "comm": f"comm-{number % 97}"},
        "systemd": {"unit": f"unit-{number % 31}.service"},
        "kubernetes": {"namespace": "shop", "pod": f"web-{number % 13}"},
    }  # fmt: skip
    return json.dumps(event, separators=(",", ":"))


def ask(database: Path, sql: str) -> list[str]:
    run = subprocess.run(
        ["sqlite3", "-batch", str(database), sql], capture_output=True, text=True, check=False
    )
    if run.returncode or run.stderr:
        raise SystemExit(f"kill.py: sqlite3 says {run.stderr.strip()} to {sql}")
    return run.stdout.splitlines()


class Folder:
    """A normal folder without a power cut."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def cut_power(self, writer: subprocess.Popen) -> None:
        pass

    def come_back(self) -> None:
        pass


class Disk(Folder):
    def __init__(self, path: Path, image: str) -> None:
        super().__init__(path)
        self.image = image
        self.mount()

    def mount(self) -> None:
        subprocess.run(["mount", "-t", "ext4", "-o", "loop", self.image, self.path], check=True)

    def unmount(self) -> None:
        subprocess.run(["umount", self.path], check=True)

    def cut_power(self, writer: subprocess.Popen) -> None:
        # No process runs after a power cut. Also, a sync during the shutdown of a file system can
        # return success.
        writer.send_signal(signal.SIGSTOP)
        os.waitpid(writer.pid, os.WUNTRACED)
        fd = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, EXT4_IOC_SHUTDOWN, struct.pack("I", WITHOUT_LOG_FLUSH))
        finally:
            os.close(fd)

    def come_back(self) -> None:
        self.unmount()
        self.mount()


@contextmanager
def place_of(image: str | None) -> Iterator[Folder]:
    with tempfile.TemporaryDirectory(prefix="killtrace-history.") as path:
        if not image:
            yield Folder(Path(path))
            return
        disk = Disk(Path(path), image)
        try:
            yield disk
        finally:
            disk.unmount()


class Writer:
    """One run of the writer: fed from `first` on, until it is killed."""

    def __init__(self, feed: str, database: Path, mebibytes: str, first: int) -> None:
        self.safe = 0
        self.process = subprocess.Popen(
            [feed, str(database), "100000", mebibytes, str(random.choice((1, 5, 40, 250)))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.threads = [
            threading.Thread(target=self.give, args=(first,)),
            threading.Thread(target=self.listen),
        ]
        for thread in self.threads:
            thread.start()

    def give(self, number: int) -> None:
        try:
            while True:
                self.process.stdin.write(line_of(number) + "\n")
                number += 1
        except OSError:
            pass

    def listen(self) -> None:
        for line in self.process.stdout:
            self.safe = int(line)

    def kill(self) -> int:
        """The number of lines that it had reported as safe when it was killed."""
        self.process.kill()
        if self.process.wait() != -9:
            raise SystemExit("kill.py: the writer ended by itself")
        for thread in self.threads:
            thread.join()
        try:
            self.process.stdin.close()
        except OSError:
            pass
        self.process.stdout.close()
        return self.safe


def check(database: Path, safe: int, whole: bool) -> None:
    """`safe` is the number of the last line that must be there; the first is 1."""
    if ask(database, "PRAGMA integrity_check") != ["ok"]:
        raise SystemExit("kill.py: the database is damaged")
    if not safe and not ask(database, "SELECT 1 FROM sqlite_master WHERE name = 'event'"):
        return  # killed before the tables were made
    rows = ask(
        database, "SELECT count(*), coalesce(min(pid), 0), coalesce(max(pid), 0) FROM event"
    )[0]
    count, first, last = map(int, rows.split("|"))
    if last < safe or count != (last - first + 1 if last else 0) or (whole and last and first != 1):
        raise SystemExit(f"kill.py: {count} rows from {first} to {last}, and {safe} were safe")
    for number in {first, last, safe, random.randint(first, last)} - {0}:
        if number >= first and ask(
            database, f"SELECT line FROM event WHERE id = 'boot-{number}'"
        ) != [line_of(number)]:
            raise SystemExit(f"kill.py: line {number} is not what was given")


def main() -> int:
    feed, kills, mebibytes = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    safe = 0
    with place_of(sys.argv[4] if len(sys.argv) > 4 else None) as place:
        database = place.path / "history.db"
        for _ in range(kills):
            writer = Writer(feed, database, mebibytes, safe + 1)
            # some die while they open the database, some after many transactions
            time.sleep(random.choice((0, 0.01, 0.05, 0.2)) * random.random())
            place.cut_power(writer.process)
            safe += writer.kill()
            place.come_back()
            if database.exists() and database.stat().st_size:
                check(database, safe, whole=int(mebibytes) > 100)
            elif safe:
                raise SystemExit("kill.py: the database is gone")
        if list(place.path.glob("*corrupt*")):
            raise SystemExit("kill.py: a writer took a database for damaged")
        print(
            f"killed {kills} times, {safe} lines safe, {ask(database, 'SELECT count(*) FROM event')[0]} kept"
        )
    return 0 if safe else 1


sys.exit(main())
