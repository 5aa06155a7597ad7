# SPDX-License-Identifier: BSD-2-Clause
"""The guests in which dpkg installs, upgrades and removes the package, and the packages."""

import glob
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import guests as matrix
import systemd_world as world

# Another build, with programs and dossiers of another layout (tests/kernel/upgrade.mk).
OTHER = matrix.BUILD / "upgrade/layout/killtrace"
BUILT = [matrix.BUILD / "killtrace", OTHER, matrix.ZOO, matrix.BUILD / "vm/bpf-left"]


def package(folder):
    """The package of this build."""
    subprocess.run([matrix.ROOT / "scripts/deb", "--built", folder], check=True)
    (found,) = glob.glob(f"{folder}/killtrace_*.deb")
    return Path(found)


def before(new, folder):
    """An older package, made from this one with another build."""
    tree = Path(folder, "before")
    subprocess.run(["dpkg-deb", "-R", new, tree], check=True)
    program = tree / "usr/sbin/killtrace"
    subprocess.run(["strip", "-o", program, OTHER], check=True)
    sums = tree / "DEBIAN/md5sums"
    lines = [line for line in sums.read_text().splitlines() if "usr/sbin/killtrace" not in line]
    digest = hashlib.md5(program.read_bytes(), usedforsecurity=False).hexdigest()
    sums.write_text("\n".join([*lines, f"{digest}  usr/sbin/killtrace", ""]))
    control = tree / "DEBIAN/control"
    lines = control.read_text().splitlines()
    control.write_text(
        "".join("Version: 0.0.1\n" if line[:8] == "Version:" else f"{line}\n" for line in lines)
    )
    made = Path(folder, "before_0.0.1.deb")
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zgzip", "-b", tree, made],
                   check=True, stdout=subprocess.DEVNULL)  # fmt: skip
    return made


class Guests(world.Guests):
    """Guests of all chosen kernels at once."""

    name = "package"
    script = world.HERE / "package_guest.py"
    modules = []

    def chosen(self, folder):
        new = package(folder)
        old = Path(folder, "before_given.deb")
        if "KT_PACKAGE_BEFORE" in os.environ:
            shutil.copy(os.environ["KT_PACKAGE_BEFORE"], old)
        else:
            old = before(new, folder)
        return [new, old, *BUILT[2:]]

    def build_driver(self, kernel):
        return [], None
