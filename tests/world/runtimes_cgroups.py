# SPDX-License-Identifier: BSD-2-Clause
"""Control groups of the tests themselves, and those that runtimes leave behind."""

import contextlib
import os
from pathlib import Path

# Groups that runtimes make at the top of every hierarchy, and never remove.
TOPS = ("docker", "default", "libpod_parent/conmon", "libpod_parent")


def mounts():
    """Every mounted hierarchy: (mount point, type, options)."""
    found = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        root, where = before.split()[3:5]
        if kind in ("cgroup", "cgroup2") and root == "/":
            found.append((where, kind, options.split(",")))
    return found


def paths_of(pid):
    """A process's control groups: its path by controller name, "" for v2."""
    found = {}
    for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _, names, path = line.split(":", 2)
        found.update(dict.fromkeys(names.split(","), path))
    return found


class Cgroups:
    """A context that removes its groups at its end, and those of runtimes with the names given to
    it.
    """

    def __init__(self):
        self.name = f"kt-world-{os.getpid()}"
        self.hierarchies = [where for where, _, _ in mounts()]
        self.new_tops = []
        self.made = []
        self.names = [self.name]

    def __enter__(self):
        for where in self.hierarchies:
            tops = [os.path.join(where, top) for top in (*TOPS, self.name)]
            self.new_tops += [top for top in tops if not os.path.exists(top)]
        return self

    def __exit__(self, *_):
        for top in (os.path.join(w, top) for w in self.hierarchies for top in (*TOPS, self.name)):
            for directory, _, _ in os.walk(top, topdown=False):
                if any(name in os.path.relpath(directory, top) for name in self.names):
                    os.rmdir(directory)
        for path in [*reversed(self.made), *self.new_tops]:
            # It may be gone or used by others: the rest must be removed in any case.
            with contextlib.suppress(OSError):
                os.rmdir(path)
        left = [where for where in self.hierarchies if os.path.exists(f"{where}/{self.name}")]
        assert not left, f"{self.name} is left in {left}"

    def ours(self, name):
        """Marks groups with this in their path as made by the tests."""
        self.names.append(name)

    def make(self, path):
        """Makes a group where systemd would make a unit's. Returns a function that moves the caller
        into it.
        """
        procs = []
        for where, kind, options in mounts():
            if kind == "cgroup" and not {"memory", "name=systemd"} & set(options):
                continue
            directory = where
            for part in path.strip("/").split("/"):
                directory = os.path.join(directory, part)
                with contextlib.suppress(FileExistsError):
                    os.mkdir(directory)
                    self.made.append(directory)
            procs.append(os.path.join(directory, "cgroup.procs"))

        def join():
            for name in procs:
                with open(name, "w", encoding="ascii") as file:
                    file.write("0")

        return join
