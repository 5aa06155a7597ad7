# SPDX-License-Identifier: BSD-2-Clause
"""The guests with systemd: boots them, one per kernel, and reads their results."""

import json
import os
import shutil
import subprocess
import tempfile
from functools import cached_property
from pathlib import Path

import guests as matrix

HERE = Path(__file__).resolve().parent
RUNTIMES = matrix.ROOT / "tests/kernel/runtimes"
# Kernels, and the Debian release with the systemd for each: 252 and 257.
RELEASES = {"6.1": "bookworm", "6.12": "trixie"}
CHOSEN = os.environ.get("KERNEL", "").split() or list(RELEASES)
BUILT = [matrix.KILLTRACE, matrix.BUILD / "world/go-cgo-null", matrix.BUILD / "world/go-cgo-ud2"]
FILES = BUILT + [
    *(RUNTIMES / name for name in ("ctypes_null.py", "ud2_page.py")),
    *(
        HERE / name
        for name in ("systemd_units.py", "systemd_service.py", "impostor.py", "thrash.py")
    ),
    *(HERE / name for name in ("in-subgroup", "last-word", "testify")),
]
MEMORY = 1024
# Ten times what one takes on two idle processors.
LIMIT_SECONDS = 1200


def key_values(text):
    """The KEY=VALUE lines of a testimony."""
    return dict(line.split("=", 1) for line in text.splitlines())


class Guest:
    """The results of one guest, or why it has none (failure); why it has no driver that breaks."""

    def __init__(self, directory, failure, no_driver=None):
        self.directory = directory
        self.failure = failure
        self.no_driver = no_driver

    def text(self, name):
        """A file as text."""
        return (self.directory / name).read_text(errors="replace")

    @cached_property
    def events(self):
        """The events that killtrace reported."""
        return matrix.json_lines(self.directory / "events.json")

    def events_in(self, unit):
        """The events that killtrace reported about a unit."""
        return [event for event in self.events if event.get("systemd", {}).get("unit") == unit]

    @cached_property
    def shown(self):
        """The output of systemctl, by manager (system, user) and unit."""
        return json.loads(self.text("shown.json"))

    @cached_property
    def journal(self):
        """The journal's entries of units in ASKED_FOR."""
        return matrix.json_lines(self.directory / "journal.json")

    @cached_property
    def lines(self):
        """The lines in the agent's file."""
        return matrix.json_lines(self.directory / "lines.json")

    @cached_property
    def died(self):
        """The pids of processes that died while journald restarted or was stopped, by scope."""
        return json.loads(self.text("died.json"))

    def agent(self, name):
        """The agent's saved file of that name."""
        return self.text(f"agent/{name}")

    @cached_property
    def container(self):
        """The output of podman about the container."""
        return json.loads(self.text("container.json"))[0]

    def received(self, unit):
        """The entries that a receiver of the unit's log got."""
        return matrix.json_lines(self.directory / f"receiver-{unit}.json")

    @cached_property
    def machine(self):
        """The output of machinectl and systemctl about the machine."""
        return json.loads(self.text("machine"))

    @cached_property
    def sentinel(self):
        """The pid of the guest's last victim, which has no unit."""
        return int(self.text("sentinel"))

    def testimony(self, name):
        """The testimony of a victim, or of its unit by last-word."""
        return key_values(self.text(f"testimony/{name}"))


def installed(folder):
    """Installs killtrace into a folder; returns its unit and its catalogue."""
    command = ["make", "-s", "-C", matrix.ROOT, "install", "PREFIX=/usr"]
    subprocess.run([*command, f"DESTDIR={folder}"], check=True)
    library = Path(folder, "usr/lib/systemd")
    return [library / "system/killtrace.service", library / "catalog/killtrace.catalog"]


class Guests:
    """Guests of all chosen kernels at once. They end with this object."""

    # The first part of the names of their folders.
    name = "systemd"
    script = HERE / "systemd_guest.py"
    # The storage for podman's images.
    modules = ["--modules", "overlay"]

    def __init__(self):
        # A build in the meantime must not change the tested files.
        self.files = tempfile.TemporaryDirectory(prefix="kt-world-files-")
        with tempfile.TemporaryDirectory(prefix="kt-world-made-") as folder:
            for file in self.chosen(folder):
                shutil.copy(file, self.files.name)
        self.running = {}
        self.ended = {}

    def chosen(self, folder):
        """The files that the guests get; some are made in the folder."""
        return [*FILES, *installed(folder)]

    def make_disk(self, kernel):
        """Makes the disk for a kernel's guest, unless it exists."""
        command = [matrix.ROOT / "scripts/vm/disk", matrix.ROOT / "scripts/vm/systemd-packages"]
        if kernel in RELEASES:
            command.append(RELEASES[kernel])
        return subprocess.run(command, check=False, capture_output=True, text=True)

    def start(self):
        """Makes the disks, and boots."""
        for kernel in CHOSEN:
            made = self.make_disk(kernel)
            directory = matrix.BUILD / "world" / f"{self.name}-{kernel}"
            if made.returncode:
                self.ended[kernel] = Guest(directory, f"no disk: {made.stderr.strip()}")
                continue
            command = [matrix.ROOT / "scripts/vm/run", "--out", directory, "--memory", str(MEMORY)]
            command += ["--limit", str(LIMIT_SECONDS), "--disk", made.stdout.strip()]
            command += [*self.modules, kernel]
            command += [self.script, *sorted(Path(self.files.name).iterdir())]
            driver, no_driver = self.build_driver(kernel)
            self.running[kernel] = (
                directory,
                no_driver,
                subprocess.Popen(
                    command + driver, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
                ),
            )

    def build_driver(self, kernel):
        """The driver of tests/vm for this kernel as files for the guest, or why there is none."""
        command = [matrix.ROOT / "scripts/vm/module", kernel, matrix.ROOT / "tests/vm/module"]
        made = subprocess.run(command, check=False, capture_output=True, text=True)
        if made.returncode:
            return [], made.stderr.strip()
        return [Path(made.stdout.strip())], None

    def get(self, kernel):
        """Waits for a kernel's guest."""
        if kernel not in self.ended:
            directory, no_driver, process = self.running[kernel]
            _, said = process.communicate()
            guest = self.ended[kernel] = Guest(directory, None, no_driver)
            if process.returncode:
                # A script that fails prints the reason on the console.
                guest.failure = said.strip() or guest.text("script.log")
        return self.ended[kernel]

    def close(self):
        """Ends what still runs. Each runner ends its own guest."""
        for *_, process in self.running.values():
            process.terminate()
        for *_, process in self.running.values():
            process.wait()
        self.files.cleanup()
