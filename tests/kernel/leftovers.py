# SPDX-License-Identifier: BSD-2-Clause
"""What tests could leave on the machine: programs, pins, control groups, mounts, folders."""

import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

BPFFS = Path("/sys/fs/bpf")
CGROUPS = Path("/sys/fs/cgroup")
# Names that only our tests give.
OURS = re.compile(r"kt[-_.]|killtrace|kubepods")
# A program is freed a moment after its last user; other tests may run at the same time.
PATIENCE = 20.0


def our_programs():
    """Counts the BPF programs in the kernel that no process holds, by name."""
    if not shutil.which("bpftool") and not os.path.exists("/usr/sbin/bpftool"):
        return {}
    tool = shutil.which("bpftool") or "/usr/sbin/bpftool"
    done = subprocess.run([tool, "-j", "prog"], capture_output=True, check=False)
    counts = {}
    for program in json.loads(done.stdout or b"[]") if not done.returncode else []:
        # a program of a live process ends with it; one that no process holds is pinned
        if not program.get("pids"):
            name = program.get("name", "?")
            counts[name] = counts.get(name, 0) + 1
    return counts


def pins():
    """Pinned objects."""
    return sorted(str(path) for path in BPFFS.glob("*")) if BPFFS.is_dir() else []


def groups():
    """Control groups with our names."""
    found = []
    for place, folders, _ in os.walk(CGROUPS):
        found += [os.path.join(place, name) for name in folders if OURS.match(name)]
    return sorted(found)


def mounts():
    """Mounts with our names."""
    lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    places = (line.split()[4] for line in lines)
    return sorted(place for place in places if re.search(r"/(kt-|killtrace|kube)", place))


def state():
    """All leftovers, by kind."""
    found = {"pins": pins(), "control groups": groups(), "mounts": mounts()}
    found["programs"] = [f"{name} x{count}" for name, count in sorted(our_programs().items())]
    return found


def left(before):
    """Leftovers that were not there before, as text; waits for those that are about to go."""
    deadline = time.monotonic() + PATIENCE
    while True:
        now = state()
        more = {
            what: sorted(set(now[what]) - set(before[what]))
            for what in now
            if set(now[what]) - set(before[what])
        }
        if not more or time.monotonic() > deadline:
            return "; ".join(f"{what}: {', '.join(names)}" for what, names in more.items())
        time.sleep(0.2)
