# SPDX-License-Identifier: BSD-2-Clause
"""The guests of the matrix: boots them, at most one per processor at a time, and reads their
results.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("BUILD", ROOT / "build")).absolute()
KILLTRACE = BUILD / "killtrace-static"
ZOO = BUILD / "zoo-static"
# The tracers of guest.sh.
FEW_MODES = ["default", "no-mark", "no-extras"]


@dataclass
class Kind:
    """A kind of guest."""

    modes: list  # its tracers
    layout: str  # of its control groups
    memory: int = 512  # MiB
    script: str = "guest.sh"
    module: bool = False  # with the driver that breaks
    nodes: int = 1  # of memory


KINDS = {
    "v2": Kind(
        [*FEW_MODES, "no-stack", "no-faults", "no-user-stack", "no-oom-control"], "v2", nodes=2
    ),
    "v2-few": Kind(FEW_MODES, "v2", nodes=2),
    # The whole machine runs out of memory in these: a small one is enough.
    "v1": Kind(FEW_MODES, "v1", 256),
    "hybrid": Kind(FEW_MODES, "hybrid", 256),
    "agent": Kind([], "v2", 256, script="agent.sh"),
    "breaks": Kind(["default", "no-oops", "no-extras"], "v2", script="breaks.sh", module=True),
}
LAYOUTS = ["v2", "v1", "hybrid"]
NO_HEADERS = 3  # scripts/vm/module
# Many times what one takes on two idle processors: they may be busy with other tests, which have
# priority.
LIMIT_SECONDS = 1800


def files_of(arch):
    """The files that guests of an architecture get."""
    build = BUILD if arch == "amd64" else BUILD / arch
    return [
        *(build / KILLTRACE.name, build / ZOO.name, build / "vm/bpf-left"),
        ROOT / "tests/vm/tracers.sh",
    ]


def arch_of(kernel):
    """Debian's architecture name for a kernel of the matrix."""
    return "arm64" if kernel.startswith("arm64") else "amd64"


def archs():
    """The architectures of the selected kernels, and this machine's."""
    return {"amd64", *map(arch_of, names())}


def names():
    """The kernels of the matrix, or those in KERNEL."""
    listed = []
    for line in (ROOT / "scripts/vm/kernels").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            listed.append(line.split()[0])
    chosen = os.environ.get("KERNEL", "").split() or listed
    unknown = [name for name in chosen if name not in listed]
    if unknown:
        raise ValueError(f"no kernel '{unknown[0]}': KERNEL is of {', '.join(listed)}")
    return chosen


def json_lines(path):
    """The objects of a file, one per line."""
    return [json.loads(line) for line in path.read_bytes().decode("utf-8").splitlines()]


class Guest:
    """The results of one guest, why it has none (failure), or why it cannot exist (impossible)."""

    def __init__(self, kind, directory, failure=None, impossible=None):
        self.modes = KINDS[kind].modes
        self.directory = directory
        self.failure = failure
        self.impossible = impossible

    def text(self, name):
        """A file as text."""
        return (self.directory / name).read_text(errors="replace")

    @cached_property
    def release(self):
        """The kernel's release."""
        return self.text("release").strip()

    @cached_property
    def zoo(self):
        """The victims' testimonies by name."""
        return {line["victim"]: line for line in json_lines(self.directory / "testimony")}

    @cached_property
    def events(self):
        """The events of the tracers, by mode. Storms and some other parts have a tracer of their
        own.
        """
        names = ("storm", "forks", "crowd", "crashes")
        own = [name for name in names if (self.directory / f"{name}.json").exists()]
        modes = [*self.modes, *own]
        return {mode: json_lines(self.directory / f"{mode}.json") for mode in modes}


class Guests:
    """All requested guests, booted in the background in the order of the requests."""

    def __init__(self):
        # All guests of a run get the same binaries, even if others are built meanwhile.
        self.files = tempfile.TemporaryDirectory(prefix="kt-vm-files-")
        self.killtrace = Path(self.files.name) / "amd64" / KILLTRACE.name
        for arch in archs():
            directory = Path(self.files.name) / arch
            directory.mkdir()
            for file in filter(Path.exists, files_of(arch)):
                shutil.copy(file, directory)
        self.pool = ThreadPoolExecutor(max_workers=os.cpu_count() or 1)
        self.lock = threading.Lock()
        self.running = set()
        self.images = {}
        self.guests = {}
        self.closed = False

    def order(self, kernel, kind):
        """Queues a guest to be booted."""
        if kernel not in self.images:
            self.images[kernel] = self.pool.submit(self.fetch, kernel)
        if (kernel, kind) not in self.guests:
            self.guests[kernel, kind] = self.pool.submit(self.boot, kernel, kind)

    def image_of(self, kernel):
        """Waits for the path of its image, or None, and for the messages."""
        if kernel not in self.images:
            self.images[kernel] = self.pool.submit(self.fetch, kernel)
        return self.images[kernel].result()

    def get(self, kernel, kind):
        """Waits for a guest."""
        return self.guests[kernel, kind].result()

    def call(self, *command):
        """Runs a command that close() can end. Returns its status, its output and its errors."""
        with self.lock:
            if self.closed:
                return 130, "", "not begun"
            process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            self.running.add(process)
        out, err = process.communicate()
        with self.lock:
            self.running.discard(process)
        return process.returncode, out, err.strip()

    def fetch(self, kernel):
        """The path of its image, or None, and the messages."""
        status, out, err = self.call(ROOT / "scripts/vm/fetch", kernel)
        return (out.rstrip("\n").split("\t")[2] if status == 0 else None), err

    def boot(self, kernel, kind):
        """Runs one guest, from its image to its results."""
        directory = BUILD / "vm" / f"{kernel}-{kind}"
        known = KINDS[kind]
        arch = arch_of(kernel)
        files = sorted((Path(self.files.name) / arch).iterdir())
        if len(files) < len(files_of(arch)):
            return Guest(kind, directory, f"not all is built for {arch}: make {arch} says why")
        image, said = self.images[kernel].result()
        if not image:
            return Guest(kind, directory, f"no image of kernel {kernel}: {said}")
        if known.module:
            status, out, err = self.call(
                ROOT / "scripts/vm/module", kernel, ROOT / "tests/vm/module"
            )
            if status == NO_HEADERS:
                return Guest(kind, directory, impossible=err)
            if status:
                return Guest(kind, directory, f"no module for kernel {kernel}: {err}")
            files.append(Path(out.rstrip("\n")))
        status, _, err = self.call(
            *(ROOT / "scripts/vm/run", "--out", directory, "--layout", known.layout),
            *("--arch", arch, "--memory", known.memory, "--nodes", known.nodes),
            *("--limit", LIMIT_SECONDS),
            *(image, ROOT / "tests/vm" / known.script, *files),
        )
        # A script that gives up prints the reason on the console.
        if status and not err:
            err = f"its script ended with {status}: {(directory / 'script.log').read_text()}"
        return Guest(kind, directory, err if status else None)

    def close(self):
        """Ends what still runs. Each runner ends its own guest."""
        with self.lock:
            self.closed = True
            for process in self.running:
                process.terminate()
        self.pool.shutdown(cancel_futures=True)
        self.files.cleanup()


# Complaints that our programs could provoke. An OOM kill prints a call trace as well, so a call
# trace alone does not count.
SPLAT = re.compile(
    r"WARNING: (CPU|.* at )|\bBUG: |kernel BUG|\[#\d+\]|Oops|UBSAN|KASAN|soft lockup|hard LOCKUP"
    r"|rcu: .*(detected .*stall|starved)|blocked for more than|verifier bug|Kernel panic"
)


def splats(text):
    """The lines of a kernel log that report something broken."""
    return [line for line in text.splitlines() if SPLAT.search(line)]
