# SPDX-License-Identifier: BSD-2-Clause
"""What a cluster could leave on the machine that it ran on."""

from pathlib import Path

import leftovers
import node


def state():
    """Settings, mounts, the control groups of pods, and pinned objects."""
    return {
        "pins": leftovers.pins(),
        "sysctls": {name: (Path("/proc/sys") / name).read_text() for name in node.SYSCTLS},
        "mounts": [
            line for line in Path("/proc/self/mountinfo").read_text().splitlines() if "kube" in line
        ],
        "pods": node.pod_trees(),
    }


def processes_on(directory):
    """Processes with a mount of something from a directory."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and str(directory) in (entry / "mountinfo").read_text():
                found.append(int(entry.name))
        except OSError:
            continue
    return found
