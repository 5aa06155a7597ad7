# SPDX-License-Identifier: BSD-2-Clause
"""A real journald and its rate limit: entries that it would drop silently are held back until it
accepts them.

It runs in a mount namespace of its own, with a /run of its own, and reads no kernel log.
"""

import contextlib
import os
import re
import subprocess
import time

import pytest
import tracer as tracing

JOURNALD = "/lib/systemd/systemd-journald"
DEATHS = 600
PATIENCE = 90
# journald accepts more if the disk has more room: about 250 here.
CONFIGURATION = """[Journal]
ReadKMsg=no
Audit=no
Storage=volatile
RuntimeMaxUse=100M
RateLimitIntervalSec=1s
RateLimitBurst=100
"""
# The shell becomes journald, and later commands enter its namespace.
BEGIN = """
mount --make-rprivate /
mount -t tmpfs -o size=200m kt-journald /run
mkdir -p /run/systemd/journald.conf.d /run/systemd/journal /run/systemd/units /run/log/journal
printf '%s' "$1" >/run/systemd/journald.conf.d/kt.conf
if ! [ -s /etc/machine-id ]; then
    echo 0123456789abcdef0123456789abcdef >/run/machine-id
    touch /etc/machine-id
    mount --bind /run/machine-id /etc/machine-id
fi
exec "$0"
"""


def cgroups():
    """Folders in the hierarchies in which journald looks for units."""
    top = "/sys/fs/cgroup"
    found = [
        f"{top}/{name}"
        for name in ("systemd", "unified")
        if os.path.exists(f"{top}/{name}/cgroup.procs")
    ]
    return found or [top]


@pytest.fixture
def unit():
    """A cgroup like a unit's: (name, function that joins it)."""
    name = f"kt-journald-{os.getpid()}.service"
    made = []
    for top in cgroups():
        for folder in (f"{top}/system.slice", f"{top}/system.slice/{name}"):
            if not os.path.isdir(folder):
                os.mkdir(folder)
                made.append(folder)

    def join():
        for top in cgroups():
            with open(f"{top}/system.slice/{name}/cgroup.procs", "w", encoding="ascii") as procs:
                procs.write("0")

    try:
        yield name, join
    finally:
        for folder in reversed(made):
            with contextlib.suppress(OSError):
                os.rmdir(folder)


@pytest.fixture
def journald():
    """A journald of the test's own; yields a command prefix that enters its namespace."""
    if not os.access(JOURNALD, os.X_OK):
        pytest.skip("not possible on this machine: no systemd-journald")
    command = ["unshare", "-m", "sh", "-euc", BEGIN, JOURNALD, CONFIGURATION]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        there = ["nsenter", "-t", str(process.pid), "-m"]
        try:
            wait_for(
                lambda: os.path.exists(f"/proc/{process.pid}/root/run/systemd/journal/socket")
                and not subprocess.run(
                    [*there, "journalctl", "-n1"], capture_output=True, check=False
                ).returncode,
                "listening",
            )
            yield there
        finally:
            tracing.end(process)


def wait_for(condition, what):
    """Polls."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def entries(there, *matches):
    """The journal's entries."""
    command = ["journalctl", "-D", "/run/log/journal", "--no-pager", "-o", "cat", "-q", *matches]
    return subprocess.run(
        [*there, *command], capture_output=True, text=True, check=False
    ).stdout.splitlines()


def test_rate_limit(journald, unit, tmp_path):
    """More deaths at once than journald accepts from a unit: each has its entry in the end."""
    name, join = unit
    said = tmp_path / "stderr"
    command = [*journald, tracing.KILLTRACE, "daemon", "--journal", "--no-fold"]
    command += ["--comm", "kz-storm"]
    with open(said, "wb") as err, subprocess.Popen(command, stderr=err, preexec_fn=join) as agent:
        try:
            wait_for(lambda: b"tracing" in said.read_bytes(), "attached")
            subprocess.run(
                [tracing.ZOO, "storm", str(DEATHS), "2"], check=True, stdout=subprocess.DEVNULL
            )

            def stored():
                return len(
                    entries(journald, "KILLTRACE_CAUSE=segfault", "KILLTRACE_VICTIM_COMM=kz-storm")
                )

            def suppressed():
                return [
                    line
                    for line in entries(journald)
                    if re.search(f"Suppressed .* from {name}", line)
                ]

            # journald reports this with the next entry that it accepts
            wait_for(lambda: stored() >= DEATHS or suppressed(), "storing")
            assert not suppressed()
            assert stored() == DEATHS
        finally:
            status = tracing.end(agent)
    talk = said.read_text(encoding="utf-8")
    assert status == 0 and "killtrace: lost nothing" in talk, talk
    assert talk.count("journal: journald takes 100 entries in 1 s of this unit") == 1, talk
