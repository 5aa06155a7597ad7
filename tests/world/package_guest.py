#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run in a guest with systemd: dpkg installs, upgrades, removes and purges the package. Run by
scripts/vm/run, which brings this directory back:

release                 of the kernel, and of systemd
steps.json              what was there after each step, by its name (look)
first                   the pid of the first death after the installation
why                     what `killtrace why` says about it
explained               what `journalctl -x` says about it
storm.json              pids of the storm, and how many of them died before and after the upgrade
deaths.json             the agent's lines in its file, after the storm
history.json            the events in its history, after the storm
journal.json            its entries in the journal, after the storm
away                    the pid of a death while the package was removed
again.json              the events in the history after it was installed again
new.json                the events in the history after it was purged and installed again
last                    the pid of the death there
dpkg-NAME               what dpkg said
"""

import glob
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

OUT = Path("/out")
# Twenty times what the slowest takes.
PATIENCE = 180.0
UNIT = "killtrace.service"
DEFAULTS = Path("/etc/default/killtrace")
LINES = Path("/var/log/killtrace/deaths.json")
PINS = Path("/sys/fs/bpf/killtrace")
# Each death of a storm is to be seen in each output.
OPTIONS = f"--journal --history /var/lib/killtrace/history.db --pin {PINS} --json {LINES} --no-fold"
# The agent is given the time of a slow processor; everything else is as installed.
PATIENT = """
[Service]
TimeoutStartSec=600
TimeoutStopSec=600
WatchdogSec=600
"""
PIECE = 25
# The emulated processor must also install a package.
PAUSE = 0.5
# Deaths in the storm before the upgrade begins, and after it has ended.
AROUND = 100
# What dpkg and systemd keep for themselves.
NOT_OURS = ("/var/lib/dpkg", "/var/log", "/var/cache", "/var/lib/systemd", "/tmp", "/out")


def note(what):
    """Prints progress with the time, to find out why a guest takes so long."""
    print(f"{time.monotonic():.1f} s: {what}", flush=True)


def run(*command, check=True):
    """Runs a command and returns what it printed."""
    ended = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    if check and ended.returncode:
        print(f"{command}: {ended.returncode}", flush=True)
    return ended.stdout


def wait_until(condition, what):
    """Polls until the condition holds. If it never does, reports that: the tests will fail."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            print(f"gave up waiting: {what}", flush=True)
            return
        time.sleep(0.5)


def dpkg(name, *arguments):
    """Runs dpkg; its output is kept, its status is returned."""
    done = subprocess.run(
        ["dpkg", *arguments], check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    (OUT / f"dpkg-{name}").write_bytes(done.stdout)
    return done.returncode


def files():
    """All files of the system that are not of dpkg or systemd themselves."""
    found = run("find", "/", "-xdev", *(w for p in NOT_OURS for w in ("-path", p, "-prune", "-o")),
                "-print", check=False)  # fmt: skip
    return set(found.splitlines())


def agent():
    """The agent's pid; 0 if it does not run."""
    return int(run("systemctl", "show", "-p", "MainPID", "--value", UNIT) or 0)


def look(status):
    """What is there."""
    pid = agent()
    return {
        "status": status,
        "package": run("dpkg-query", "-W", "-f", "${db:Status-Abbrev}${Version}", "killtrace",
                       check=False),
        "active": run("systemctl", "is-active", UNIT, check=False).strip(),
        "enabled": run("systemctl", "is-enabled", UNIT, check=False).strip(),
        "loaded": run("systemctl", "show", "-p", "LoadState", "--value", UNIT).strip(),
        # the sums of the program that runs, and of the one that is installed
        "runs": run("sha256sum", f"/proc/{pid}/exe").split()[:1] if pid else [],
        "installed": run("sha256sum", "/usr/sbin/killtrace", check=False).split()[:1],
        "pid": pid,
        "pins": sorted(str(path) for path in PINS.glob("*")),
        "bpf": run("bpf-left").splitlines(),
        "defaults": DEFAULTS.read_text() if DEFAULTS.exists() else None,
        "history": os.path.exists("/var/lib/killtrace/history.db"),
        "logs": os.path.exists("/var/log/killtrace"),
    }  # fmt: skip


def die():
    """The pid of a process that died of a signal."""
    victim = subprocess.Popen(["sh", "-c", "kill -SEGV $$"])
    victim.wait()
    return victim.pid


def is_in_history(pid):
    """Whether the history has a death."""
    return run("killtrace", "history", "-o", "json", "--pid", str(pid), check=False)


def die_and_see():
    """The pid of a process that died, once the history has it."""
    pid = die()
    wait_until(lambda: is_in_history(pid), f"the history has nothing of {pid}")
    return pid


class Storm(threading.Thread):
    """Deaths again and again, as their parent counts them."""

    def __init__(self):
        super().__init__()
        self.pids = []
        self.over = False

    def run(self):
        while not self.over:
            done = subprocess.run(
                ["zoo-static", "storm", str(PIECE)], check=True, stdout=subprocess.PIPE, text=True
            )
            (line,) = done.stdout.splitlines()
            self.pids += json.loads(line)["pids"]
            time.sleep(PAUSE)

    def wait_for_more(self, count):
        """Waits until that many more have died."""
        target = len(self.pids) + count
        wait_until(lambda: len(self.pids) >= target, f"{target} deaths")


def upgrade(steps):
    """Replaces the package in the middle of a storm."""
    storm = Storm()
    storm.start()
    storm.wait_for_more(AROUND)
    before = len(storm.pids)
    steps["upgraded"] = look(dpkg("upgraded", "-i", *glob.glob("/usr/bin/killtrace_*.deb")))
    during = len(storm.pids) - before
    storm.wait_for_more(AROUND)
    storm.over = True
    storm.join()
    note(f"{len(storm.pids)} died, {during} of them during the upgrade")
    die_and_see()
    run("journalctl", "--sync")
    counts = {"pids": storm.pids, "before": before, "during": during}
    (OUT / "storm.json").write_text(json.dumps(counts))
    (OUT / "deaths.json").write_text(LINES.read_text())
    (OUT / "history.json").write_text(run("killtrace", "history", "-o", "json"))
    (OUT / "journal.json").write_text(
        run("journalctl", "-q", "-o", "json", f"_SYSTEMD_UNIT={UNIT}")
    )


def main():
    """Runs everything in the guest."""
    # The emulated processor is slow, and may share the real one.
    os.environ["SYSTEMD_BUS_TIMEOUT"] = "600"
    os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
    steps = {}
    patient = Path("/run/systemd/system", f"{UNIT}.d/patient.conf")
    patient.parent.mkdir(parents=True)
    patient.write_text(PATIENT)
    (OUT / "release").write_text(f"{os.uname().release} {run('systemctl', '--version').split()[1]}")
    before, bpf = files(), run("bpf-left").splitlines()
    new = glob.glob("/usr/bin/killtrace_*.deb")

    note("installs the older one")
    steps["installed"] = look(dpkg("installed", "-i", *glob.glob("/usr/bin/before_*.deb")))
    pid = die_and_see()
    (OUT / "first").write_text(str(pid))
    (OUT / "why").write_text(run("killtrace", "why", "--no-symbols", str(pid)))
    run("journalctl", "--sync")
    (OUT / "explained").write_text(run("journalctl", "-x", "--no-pager", f"_SYSTEMD_UNIT={UNIT}"))

    note("changes its configuration")
    DEFAULTS.write_text(f'KILLTRACE_ARGS="{OPTIONS}"\n')
    run("systemctl", "restart", UNIT)
    steps["configured"] = look(0)
    note("upgrades it in a storm")
    upgrade(steps)

    note("removes it")
    steps["removed"] = look(dpkg("removed", "-r", "killtrace"))
    (OUT / "away").write_text(str(die()))
    note("installs it again")
    steps["again"] = look(dpkg("again", "-i", *new))
    die_and_see()
    (OUT / "again.json").write_text(run("killtrace", "history", "-o", "json"))

    note("purges it")
    steps["purged"] = look(dpkg("purged", "-P", "killtrace"))
    steps["purged"]["files"] = sorted(files() - before)
    steps["purged"]["bpf before"] = bpf
    note("installs it as new")
    steps["new"] = look(dpkg("new", "-i", *new))
    (OUT / "last").write_text(str(die_and_see()))
    (OUT / "new.json").write_text(run("killtrace", "history", "-o", "json"))
    (OUT / "steps.json").write_text(json.dumps(steps, indent=1))
    note("done")


if __name__ == "__main__":
    sys.exit(main())
