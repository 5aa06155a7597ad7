# SPDX-License-Identifier: BSD-2-Clause
"""The agent with every sink, from before it is attached until after it has ended."""

import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

from killtrace import PATIENCE, Killtrace

RECEIVERS = Path(__file__).with_name("receivers.py")
# So small that a run reaches all limits, and continues at them.
JSON_MIB = 16
HISTORY_MIB = 32
QUEUE_MIB = 16
# The agent has a /run of its own, with a socket in place of journald's and a configuration without
# a rate limit: a storm would reach journald's limit, not ours.
OWN_RUN = (
    "mount -t tmpfs kt-bench /run && mkdir -p /run/systemd/journal /run/systemd/journald.conf.d && "
    "printf '[Journal]\\nRateLimitIntervalSec=0\\n' >/run/systemd/journald.conf.d/bench.conf && "
    'mount --bind "$0" /run/systemd/journal && exec "$@"'
)
# The receivers that can be slow, and how.
SLOW = {
    "collector": "accepts, and never answers",
    "journal": "a reader takes 20 messages a second",
    "json": "a pipe of which 20 KiB a second are read",
    "history": "another holds the database's lock",
}


class Agent(Killtrace):
    """killtrace daemon; its files vanish with it. `slow`: some of SLOW."""

    def __init__(self, binary, *arguments, slow=(), with_queue=True):
        super().__init__(binary)
        self.binary, self.arguments, self.slow, self.with_queue = (
            binary,
            arguments,
            slow,
            with_queue,
        )
        self.receivers = None
        self.lock = None

    def __enter__(self):
        # The parent class makes the folder, and is entered last.
        self.command = None
        super().__enter__()
        if "history" in self.slow:
            self.hold_history()
        return self

    def hold_history(self):
        """Locks the database until the end."""
        self.lock = sqlite3.connect(
            Path(self.directory) / "history.db", timeout=PATIENCE, isolation_level=None
        )
        self.lock.execute("PRAGMA journal_mode = WAL")
        self.lock.execute("BEGIN IMMEDIATE")

    def make_directory(self):
        """Makes the folder, and starts the receivers; then the command is known."""
        super().make_directory()
        folder = Path(self.directory)
        for name in ("journal", "metrics", "queue"):
            (folder / name).mkdir(mode=0o700)
        fifo = folder / "fifo"
        if "json" in self.slow:
            os.mkfifo(fifo)
        self.receivers = subprocess.Popen(
            [sys.executable, RECEIVERS, folder / "journal/socket", fifo, *self.slow],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        port = json.loads(self.receivers.stdout.readline())["port"]
        if "json" in self.slow:
            self.stdout = os.open(fifo, os.O_WRONLY)
        self.command = [
            *("unshare", "-m", "--propagation", "private", "sh", "-c", OWN_RUN, folder / "journal"),
            *(self.binary.absolute(), "daemon", "--textfile", folder / "metrics", "--journal"),
            "--no-fold",  # each death is written: what a storm costs at most
            *(
                "--json",
                "-" if "json" in self.slow else folder / "kills.json",
                "--json-size",
                JSON_MIB,
            ),
            *("--history", folder / "history.db", "--history-size", HISTORY_MIB),
            *("--otlp", f"http://127.0.0.1:{port}"),
            *self.arguments,
        ]
        if self.with_queue:
            self.command += ["--otlp-queue", folder / "queue", "--otlp-queue-size", QUEUE_MIB]
        self.command = [str(word) for word in self.command]

    def __exit__(self, *_):
        if self.receivers:
            self.receivers.stdin.close()
            self.receivers.wait()
            self.receivers.stdout.close()
        if self.stdout is not None:
            os.close(self.stdout)
            self.stdout = None
        if self.lock:
            self.lock.close()
            self.lock = None
        super().__exit__()

    def taken(self):
        """The number of events that its receivers have, by sink."""
        self.receivers.stdin.write("\n")
        self.receivers.stdin.flush()
        return json.loads(self.receivers.stdout.readline())

    def metrics(self):
        """Samples of its textfile, by name and labels."""
        text = (Path(self.directory) / "metrics/killtrace.prom").read_text(encoding="utf-8")
        found = re.findall(r"^([^#\n]\S*) (\S+)$", text, re.MULTILINE)
        return {key: float(value) for key, value in found}

    def counted(self):
        """Reported deaths, and losses by reason, according to its textfile."""
        metrics = self.metrics()
        told = sum(v for k, v in metrics.items() if k.startswith("killtrace_kills_total"))
        lost = {
            re.search(r'reason="(\w+)"', k)[1]: int(v)
            for k, v in metrics.items()
            if k.startswith("killtrace_lost_total") and v
        }
        return int(told), lost

    def threads(self):
        """Name, CPU ticks and voluntary switches of each thread."""
        found = {}
        for thread in Path(f"/proc/{self.pid}/task").iterdir():
            name = (thread / "comm").read_text(encoding="utf-8", errors="replace").strip()
            stat = (
                (thread / "stat")
                .read_text(encoding="utf-8", errors="replace")
                .rpartition(")")[2]
                .split()
            )
            status = (thread / "status").read_text(encoding="ascii", errors="replace")
            found[int(thread.name)] = {
                "name": name,
                "ticks": int(stat[11]) + int(stat[12]),
                "voluntary": int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status, re.M)[1]),
            }
        return found


class Sampler(threading.Thread):
    """Samples the resident memory of a process every few seconds, until it is stopped."""

    def __init__(self, killtrace, seconds, progress):
        super().__init__(daemon=True)
        self.killtrace, self.seconds, self.progress = killtrace, seconds, progress
        self.samples = []
        self.ending = threading.Event()

    def run(self):
        while not self.ending.wait(self.seconds):
            self.take()

    def take(self):
        """Takes one sample."""
        text = Path(f"/proc/{self.killtrace.pid}/status").read_text(
            encoding="ascii", errors="replace"
        )
        sizes = dict(re.findall(r"^(VmRSS|RssAnon):\s+(\d+) kB$", text, re.MULTILINE))
        self.samples.append(
            {
                "events": self.progress(),
                "rss": int(sizes["VmRSS"]) * 1024,
                "anonymous": int(sizes["RssAnon"]) * 1024,
            }
        )

    def stop(self):
        """Stops, and returns all samples."""
        self.ending.set()
        self.join()
        self.take()
        return self.samples


TICKS = os.sysconf("SC_CLK_TCK")
