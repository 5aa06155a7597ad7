#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Ends a writer of a history by SIGKILL again and again, and looks each time at what it left.

usage: tests/cli/history/kill.py FEED KILLS MIB      FEED: the program build/history-feed

Of each line that the writer called safe there has to be one row, with the very line, in the order in which
they were given; what it did not call safe may be there or not, once. The next writer begins where the last
one was known to be safe, so that some lines are given twice. Where MIB is small, the oldest may be gone.
The judge is the sqlite3 command.
"""

import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

START_NS = 1_700_000_000_000_000_000


def line_of(number: int) -> str:
    seconds, rest = divmod(START_NS + number * 1000, 1_000_000_000)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{rest:09}Z"
    event = {
        "schema": 1, "id": f"boot-{number}", "time": stamp, "node": "n", "cause": "sigkill", "class": "userspace",
        "routine": False, "summary": f"death {number} " + "x" * (number % 700), "exit": {"signal": 9, "status": 0},
        "victim": {"pid": number % 4194304, "comm": f"comm-{number % 97}"},
        "systemd": {"unit": f"unit-{number % 31}.service"},
        "kubernetes": {"namespace": "shop", "pod": f"web-{number % 13}"},
    }  # fmt: skip
    return json.dumps(event, separators=(",", ":"))


def ask(database: Path, sql: str) -> list[str]:
    run = subprocess.run(["sqlite3", "-batch", str(database), sql], capture_output=True, text=True, check=False)
    if run.returncode or run.stderr:
        raise SystemExit(f"kill.py: sqlite3 says {run.stderr.strip()} to {sql}")
    return run.stdout.splitlines()


class Writer:
    """One life of the writer: fed from `first` on, until it is ended."""

    def __init__(self, feed: str, database: Path, mebibytes: str, first: int) -> None:
        self.safe = 0
        self.process = subprocess.Popen(
            [feed, str(database), "100000", mebibytes, str(random.choice((1, 5, 40, 250)))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.threads = [threading.Thread(target=self.give, args=(first,)), threading.Thread(target=self.listen)]
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
        """How many lines it had called safe when it was ended."""
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
    """`safe` is the number of the last line that has to be there; the first is 1."""
    if ask(database, "PRAGMA integrity_check") != ["ok"]:
        raise SystemExit("kill.py: the database is damaged")
    if not safe and not ask(database, "SELECT 1 FROM sqlite_master WHERE name = 'event'"):
        return  # ended before the tables were made
    rows = ask(database, "SELECT count(*), coalesce(min(pid), 0), coalesce(max(pid), 0) FROM event")[0]
    count, first, last = map(int, rows.split("|"))
    if last < safe or count != (last - first + 1 if last else 0) or (whole and last and first != 1):
        raise SystemExit(f"kill.py: {count} rows from {first} to {last}, and {safe} were safe")
    for number in {first, last, safe, random.randint(first, last)} - {0}:
        if number >= first and ask(database, f"SELECT line FROM event WHERE id = 'boot-{number}'") != [line_of(number)]:
            raise SystemExit(f"kill.py: line {number} is not what was given")


def main() -> int:
    feed, kills, mebibytes = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    safe = 0
    with tempfile.TemporaryDirectory(prefix="killtrace-history.") as place:
        database = Path(place) / "history.db"
        for _ in range(kills):
            writer = Writer(feed, database, mebibytes, safe + 1)
            # some die while they open the database, some after many transactions
            time.sleep(random.choice((0, 0.01, 0.05, 0.2)) * random.random())
            safe += writer.kill()
            if database.exists() and database.stat().st_size:
                check(database, safe, whole=int(mebibytes) > 100)
            elif safe:
                raise SystemExit("kill.py: the database is gone")
        if list(Path(place).glob("*corrupt*")):
            raise SystemExit("kill.py: a writer took a database for damaged")
        print(f"killed {kills} times, {safe} lines safe, {ask(database, 'SELECT count(*) FROM event')[0]} kept")
    return 0 if safe else 1


sys.exit(main())
