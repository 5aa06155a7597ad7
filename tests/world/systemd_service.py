# SPDX-License-Identifier: BSD-2-Clause
"""Tests the shipped unit in the guest with systemd, directive by directive. It brings back:

agent/<name>            files of /proc/PID of the agent, and of its cgroup
agent/ready             the agent's output at the time when systemd considered it started
agent/shown             what systemctl says about the unit
agent/verified          complaints of systemd-analyze about it
agent/enabled           the units that multi-user.target wants once it is enabled
agent/mistaken          systemctl's view after a start with a wrong option
agent/defaults          its command line without a file of defaults
agent/reloaded.json     what it wrote to its file after a reload
agent/history.json      the events in its database
agent/killtrace.prom    the file for node_exporter
container.json          what podman says about the container, before its end
container-NAME.json     the same for containers that units run; "null" if there can be none
stored.json             the number of a burst's entries in the journal, and of a service with the
                        usual limit
"""

import json
import subprocess
from pathlib import Path

import systemd_units as units

DEFAULTS = Path("/etc/default/killtrace")
LINES = Path("/var/log/killtrace/deaths.json")
HISTORY = "/var/lib/killtrace/history.db"
TEXTFILES = Path("/var/lib/prometheus/node-exporter")
PINS = "/sys/fs/bpf/killtrace"
# Each death of a burst is to be counted, by journald too.
OPTIONS = (
    f"--journal --json {LINES} --history {HISTORY} --textfile {TEXTFILES} --pin {PINS}"
    " --runtime-window 60 --no-fold"
)
# Fewer than the burst: journald multiplies this by a factor that depends on the free disk space.
FEW_ENTRIES = "[Journal]\nRateLimitIntervalSec=1h\nRateLimitBurst=10\n"
ABOUT = [
    "Description",
    "Documentation",
    "Before",
    "Type",
    "Restart",
    "RestartPreventExitStatus",
    "Result",
]
ABOUT += [
    "OOMPolicy",
    "StartLimitIntervalUSec",
    "TimeoutStopUSec",
    "WatchdogTimestampMonotonic",
    "WatchdogUSec",
]
LIMITS = ["--pids-limit", "0", "--network", "none"]


def line_of(identity):
    """The line of a container's death, or None."""
    lines = LINES.read_text().splitlines() if LINES.exists() else []
    return next((line for line in lines if f'"container":{{"id":"{identity}"' in line), None)


class Service:
    """The agent, installed as by `make install`."""

    def __init__(self, out, run, wait_until):
        self.out = out / "agent"
        self.all = out
        self.run = run
        self.wait_until = wait_until

    def keep(self, name, text):
        """Saves something for the tests."""
        (self.out / name).write_text(text)

    def pid(self):
        """The agent's pid; 0 if it does not run."""
        return int(self.run("systemctl", "show", "-p", "MainPID", "--value", units.AGENT))

    def start(self):
        """Installs and starts it with a file of defaults and a low rate limit of journald."""
        self.out.mkdir()
        limit = Path("/run/systemd/journald.conf.d/few.conf")
        limit.parent.mkdir()
        limit.write_text(FEW_ENTRIES)
        self.run("systemctl", "restart", "systemd-journald")
        Path("/usr/lib/systemd/catalog").mkdir(exist_ok=True)
        Path("/usr/bin/killtrace.catalog").rename("/usr/lib/systemd/catalog/killtrace.catalog")
        self.run("journalctl", "--update-catalog")
        unit = Path("/usr/lib/systemd/system") / units.AGENT
        Path("/usr/bin", units.AGENT).rename(unit)
        unit.chmod(0o644)
        binary = next(
            line for line in unit.read_text().splitlines() if line.startswith("ExecStart=")
        )
        Path(binary.split("=")[1].split()[0]).symlink_to("/usr/bin/killtrace-static")
        DEFAULTS.write_text(f'KILLTRACE_ARGS="{OPTIONS}"')
        TEXTFILES.mkdir(parents=True)
        self.run("systemctl", "daemon-reload")
        analysed = ["systemd-analyze", "verify", "--man=no", units.AGENT]
        self.keep(
            "verified",
            subprocess.run(analysed, check=False, stderr=subprocess.PIPE, text=True).stderr,
        )
        self.run("systemctl", "enable", "-q", units.AGENT)
        self.keep(
            "enabled", self.run("systemctl", "show", "-p", "Wants", "--value", "multi-user.target")
        )
        self.run("systemctl", "start", units.AGENT)
        self.run("journalctl", "--sync")
        self.keep("ready", self.run("journalctl", "-o", "cat", "_SYSTEMD_UNIT=" + units.AGENT))
        self.look()

    def look(self):
        """Saves the kernel's view of the agent."""
        process = Path("/proc", str(self.pid()))
        for name in ("status", "oom_score_adj", "mountinfo", "cmdline", "stat"):
            self.keep(name, (process / name).read_text())
        self.keep("devices", " ".join(path.name for path in (process / "root/dev").iterdir()))
        self.keep(
            "runtime", " ".join(path.name for path in (process / "root/run/killtrace").iterdir())
        )
        self.keep("temporary", " ".join(path.name for path in (process / "root/tmp").iterdir()))
        self.keep(
            "memory.max", Path("/sys/fs/cgroup/system.slice", units.AGENT, "memory.max").read_text()
        )

    def show(self, *names):
        """Properties of the unit."""
        return self.run("systemctl", "show", "-p", ",".join(names), units.AGENT)

    def try_reload(self, die_in_scope):
        """Rotates the file as logrotate does."""
        older = LINES.with_suffix(".1")
        LINES.rename(older)
        self.run("systemctl", "reload", units.AGENT)
        die_in_scope(units.RELOAD)
        self.wait_until(
            lambda: LINES.exists() and LINES.read_text(), lambda: "no file after a reload"
        )
        self.keep("reloaded.json", LINES.read_text())
        return older.read_text()

    def run_container(self):
        """Runs and kills real containers."""
        rootfs = Path("/tmp/rootfs/bin")
        rootfs.mkdir(parents=True)
        self.run("cp", "/bin/busybox", rootfs / "sleep")
        self.run("tar", "-C", "/tmp/rootfs", "-cf", "/tmp/rootfs.tar", ".")
        self.run("podman", "import", "-q", "/tmp/rootfs.tar", units.IMAGE)
        command = [
            "podman",
            "run",
            "-d",
            "--replace",
            "--name",
            units.CONTAINER,
            *LIMITS,
            units.IMAGE,
        ]
        self.kill_container(units.CONTAINER, "container.json", [*command, "/bin/sleep", "1000"])
        self.run_units()

    def kill_container(self, name, file, begin):
        """Kills a container soon after its start."""
        # Names are read in parallel to the deaths, within a time that a slow guest may exceed.
        for _ in range(5):
            self.run(*begin)
            said = self.run("podman", "inspect", name)
            (self.all / file).write_text(said)
            identity = json.loads(said)[0]["Id"]
            self.run("podman", "kill", name)
            self.wait_until(lambda: line_of(identity), lambda: f"no line of {identity}")
            if "name" in json.loads(line_of(identity))["container"]:
                break
        self.look_at_parser()

    def look_at_parser(self):
        """Saves the kernel's view of the processes that read container files, after
        one was read.
        """
        pid = str(self.pid())
        for name in ("starter", "worker"):
            pid = Path("/proc", pid, "task", pid, "children").read_text().split()[0]
            self.keep(name, Path("/proc", pid, "status").read_text())

    def run_units(self):
        """Runs and kills containers that belong to units."""
        create = ["podman", "create", "--replace", "--name", units.GENERATED, *LIMITS, units.IMAGE]
        self.run(*create, "/bin/sleep", "1000")
        text = self.run("podman", "generate", "systemd", "--new", "--name", units.GENERATED)
        self.run("podman", "rm", units.GENERATED)
        Path("/run/systemd/system", f"{units.GENERATED}.service").write_text(text)
        names = [units.GENERATED]
        if Path("/usr/lib/systemd/system-generators/podman-system-generator").exists():
            Path(units.QUADLETS).mkdir(parents=True, exist_ok=True)
            for name, more in ((units.QUADLET, ""), (units.QUADLET_APART, "CgroupsMode=enabled")):
                text = units.QUADLET_TEXT.format(name=name, image=units.IMAGE, more=more)
                Path(units.QUADLETS, f"{name}.container").write_text(text)
            names += [units.QUADLET, units.QUADLET_APART]
        self.run("systemctl", "daemon-reload")
        for name in (units.GENERATED, units.QUADLET, units.QUADLET_APART):
            (self.all / f"container-{name}.json").write_text("null")
        for name in names:
            # it may restart by itself: the live container is the one that podman shows
            self.kill_container(name, f"container-{name}.json", ["systemctl", "restart", name])
            self.run("systemctl", "stop", name)

    def overflow(self):
        """Makes more entries than journald accepts from other services within its interval."""
        loop = f"i=0; while [ $i -lt {units.BURST} ]; do sh -c 'kill -ABRT $$'; i=$((i+1)); done"
        self.run("systemd-run", "-q", "--scope", f"--unit={units.BURST_SCOPE}", "sh", "-c", loop)
        self.run("systemd-run", "-q", "--wait", f"--unit={units.LIMITED}", "seq", str(units.BURST))

        def count(match):
            self.run("journalctl", "--sync")
            return len(
                self.run("journalctl", "-q", "-o", "cat", "--identifier", *match).splitlines()
            )

        ours = ["killtrace", f"OBJECT_SYSTEMD_UNIT={units.BURST_SCOPE}"]
        self.wait_until(lambda: count(ours) >= units.BURST, lambda: f"{count(ours)} of a burst")
        stored = {"agent": count(ours), "limited": count(["seq"])}
        (self.all / "stored.json").write_text(json.dumps(stored))

    def show_all(self):
        """After some time: saves its output, and waits until it feeds the watchdog
        after its start.
        """
        shown = [
            "systemctl",
            "show",
            "-p",
            "WatchdogTimestampMonotonic,ActiveEnterTimestampMonotonic",
            "--value",
        ]

        def is_fed():
            fed, active = self.run(*shown, units.AGENT).split()
            return fed != active

        self.wait_until(is_fed, lambda: "the watchdog is not fed")
        self.keep("shown", self.show(*ABOUT, "ActiveEnterTimestampMonotonic"))
        self.keep(
            "history.json",
            self.run("killtrace-static", "history", "-o", "json", "--unit", units.GLOBAL),
        )
        self.keep("killtrace.prom", (TEXTFILES / "killtrace.prom").read_text())

    def try_mistake(self):
        """Starts it with wrong options; then without any, so with those in the unit. Stopped
        before.
        """
        self.keep("stopped", self.show("Result"))
        DEFAULTS.write_text('KILLTRACE_ARGS="--jurnal"')
        self.run("systemctl", "start", units.AGENT, check=False)
        self.keep("mistaken", self.show("ActiveState", "NRestarts", "ExecMainStatus"))
        DEFAULTS.unlink()
        self.run("systemctl", "start", units.AGENT)
        self.keep("defaults", Path("/proc", str(self.pid()), "cmdline").read_text())
        self.run("systemctl", "stop", units.AGENT)
