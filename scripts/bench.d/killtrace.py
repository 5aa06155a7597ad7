# SPDX-License-Identifier: BSD-2-Clause
"""The killtrace that is measured, from before it is attached until after it has ended."""

import ctypes
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

PATIENCE = 30.0
TRACING = b"killtrace: tracing"


PR_SET_PDEATHSIG = 1

libc = ctypes.CDLL(None)


def end_with_us():
    """Stops the tracing in any case when this benchmark ends."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def memory_directory():
    """A folder in which a flood of lines does not wait for a disk."""
    shm = Path("/dev/shm")
    return str(shm) if shm.is_dir() and os.access(shm, os.W_OK) else None


def count_lines(path):
    """The number of lines in a file."""
    with open(path, "rb") as lines:
        return sum(block.count(b"\n") for block in iter(lambda: lines.read(1 << 20), b""))


def whole(binary):
    """The option for a line for each death, which older builds print anyway."""
    said = subprocess.run([binary, "trace", "--help"], capture_output=True, check=True).stdout
    return ["--no-fold"] if b"--no-fold" in said else []


class Killtrace:
    """A context in which killtrace is attached. Its lines go to a file in memory, or
    to `stdout`.
    """

    def __init__(self, binary, *arguments, stdout=None):
        self.command = [str(binary), "trace", "-o", "json", *whole(binary), *arguments]
        self.stdout = stdout
        self.directory = None
        self.process = None
        self.said = []
        self.listener = None
        self.attached = threading.Event()
        self.start_seconds = None

    def __enter__(self):
        try:
            self.make_directory()
            with open(self.lines_path(), "wb") as lines:
                began = time.monotonic()
                self.process = subprocess.Popen(
                    self.command,
                    stdin=subprocess.DEVNULL,
                    stdout=lines if self.stdout is None else self.stdout,
                    stderr=subprocess.PIPE,
                    preexec_fn=end_with_us,
                )
            self.listener = threading.Thread(target=self.listen, args=(began,), daemon=True)
            self.listener.start()
            if not self.attached.wait(PATIENCE) or self.start_seconds is None:
                said = b"".join(self.said).decode("utf-8", "replace").strip()
                raise RuntimeError(f"killtrace did not start: {said}")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def make_directory(self):
        """Makes a folder of its own, which vanishes at the end."""
        self.directory = tempfile.mkdtemp(prefix="killtrace-bench-", dir=memory_directory())

    def __exit__(self, *_):
        self.stop()
        if self.directory:
            shutil.rmtree(self.directory, ignore_errors=True)

    def listen(self, began):
        """Reads its messages, so that it never waits for us."""
        for line in self.process.stderr:
            self.said.append(line)
            if line.startswith(TRACING) and self.start_seconds is None:
                self.start_seconds = time.monotonic() - began
                self.attached.set()
        self.attached.set()

    def stop(self):
        """Sends Ctrl-C; returns the seconds until the end."""
        began = time.monotonic()
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        took = time.monotonic() - began
        if self.listener:
            self.listener.join(PATIENCE)
        return took

    @property
    def pid(self):
        """The pid of the process."""
        return self.process.pid

    def lines_path(self):
        """The file that its lines go to."""
        return os.path.join(self.directory, "lines")

    def lost(self):
        """The number of lost events or pieces of evidence in its final report; after stop()."""
        words = b"".join(self.said).decode("utf-8", "replace")
        counts = re.findall(r"^killtrace: lost (\d+) ", words, re.MULTILINE)
        if not counts and "killtrace: lost nothing" not in words:
            raise RuntimeError("killtrace did not say what it lost")
        return sum(map(int, counts))

    def wait_for_lines(self, count):
        """Waits until that many lines are there, or no more come."""
        last, size, counted, seen = time.monotonic(), -1, 0, 0
        while time.monotonic() - last < 2 and seen < count:
            now = os.stat(self.lines_path()).st_size
            if now != size:
                size, last = now, time.monotonic()
            elif counted != size and time.monotonic() - last > 0.1:
                # Counted only while the file does not grow: counting takes CPU time from killtrace.
                counted, seen = size, count_lines(self.lines_path())
            time.sleep(0.002)

    def status(self):
        """Sizes of /proc/PID/status in bytes, and switches over all threads."""
        text = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii", errors="replace")
        sizes = re.findall(r"^(Vm\w+|Rss\w+):\s+(\d+) kB$", text, re.MULTILINE)
        found = {name: int(kilobytes) * 1024 for name, kilobytes in sizes}
        rollup = Path(f"/proc/{self.pid}/smaps_rollup").read_text(encoding="ascii")
        found["Pss"] = int(re.search(r"^Pss:\s+(\d+) kB$", rollup, re.MULTILINE)[1]) * 1024
        return found

    def ring_bytes(self):
        """Resident pages of the kernel's ring buffer, mapped into the process."""
        text = Path(f"/proc/{self.pid}/smaps").read_text(encoding="utf-8", errors="replace")
        found = re.findall(r"anon_inode:bpf-map\n(?:\w+:.*\n)*?Rss:\s+(\d+) kB", text)
        return sum(map(int, found)) * 1024

    def activity(self):
        """CPU time in ns, times put on a CPU, and switches, over all threads."""
        cpu_ns = runs = voluntary = involuntary = 0
        for thread in Path(f"/proc/{self.pid}/task").iterdir():
            on_cpu, _, times = (thread / "schedstat").read_text(encoding="ascii").split()
            status = (thread / "status").read_text(encoding="ascii", errors="replace")
            cpu_ns += int(on_cpu)
            runs += int(times)
            voluntary += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status, re.M)[1])
            involuntary += int(re.search(r"nonvoluntary_ctxt_switches:\s+(\d+)", status)[1])
        return {"cpu_ns": cpu_ns, "runs": runs, "voluntary": voluntary, "involuntary": involuntary}


class Strangers:
    """Other tracers that ran meanwhile: they slow down the baseline too."""

    NAMES = ("killtrace", "killtrace-stati", "bpftrace")
    seen = set()

    @classmethod
    def look(cls, ours=None):
        """Records those that run now."""
        for comm in Path("/proc").glob("[0-9]*/comm"):
            try:
                name = comm.read_text(encoding="utf-8", errors="replace").strip()
            except OSError:
                continue
            if name in cls.NAMES and comm.parent.name != str(ours):
                cls.seen.add((name, comm.parent.name))
