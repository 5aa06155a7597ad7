#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run in the guest with systemd: units of every form die while killtrace watches. Run by
scripts/vm/run, which brings this directory back:

release                 of the kernel, and of systemd
events.json, .err       the output of killtrace
testimony/<unit>        what systemd told the unit when it stopped, and the cgroup
testimony/<name>        pid, user and cgroup of a victim outside of services
shown.json              what systemctl says about the units afterwards
journal.json            what `journalctl -u` shows of some of them
receiver-<unit>.json    what a receiver of that unit's log got at the time
agent.json              all the agent's entries in the journal
lines.json              the agent's lines in its file
journald                whether its units were active while it was stopped
catalogue               what `journalctl -x` shows of the agent's entries
died.json               pids of deaths while journald restarted or was stopped, by scope
sentinel                the pid of the last death
agent/, container.json, stored.json  see systemd_service.py
machine                 what machinectl and systemd said about the machine while it ran
why/<unit>              what `killtrace why` says about it
"""

import json
import os
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

sys.path.insert(0, "/usr/bin")

import systemd_service  # noqa: E402
import systemd_units as units  # noqa: E402

OUT = Path("/out")
TESTIMONY = OUT / "testimony"
# Twenty times what the slowest takes.
PATIENCE = 120.0
PROPERTIES = "Id,ActiveState,NRestarts,Result,ExecMainPID,ExecMainCode,ExecMainStatus,Slice"
LAST_WORD = """
    [Service]
    ExecStopPost=/usr/bin/last-word %n
    """
CGROUPS = Path("/sys/fs/cgroup")
QUICK_OOMD = """
    [OOM]
    DefaultMemoryPressureDurationSec=1s
    """
# on a fast machine it restarts more often than units may
PATIENT_JOURNALD = """
    [Unit]
    StartLimitIntervalSec=0
    """
MACHINE_ROOT = Path("/var/lib/machines") / units.MACHINE
RUNTIME_DIR = "/run/user/1000"
AS_USER = ["runuser", "-u", units.USER, "--", "env", f"XDG_RUNTIME_DIR={RUNTIME_DIR}"]


def note(what):
    """Prints progress with the time, to find out why a guest takes so long."""
    print(f"{time.monotonic():.1f} s: {what}")


def run(*command, check=True):
    """Runs a command and returns what it printed."""
    ended = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    if check and ended.returncode:
        print(f"{command}: {ended.returncode}")
    return ended.stdout


def wait_until(condition, what, patience=PATIENCE):
    """Polls until the condition holds. If it never does, reports that: the tests will fail."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            print(f"gave up waiting: {what()}")
            return False
        time.sleep(0.1)
    return True


def write(path, text):
    """Writes a configuration file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text))


def start_killtrace():
    """Returns killtrace when it is attached."""
    with open(OUT / "events.json", "wb") as out, open(OUT / "events.err", "wb") as err:
        process = subprocess.Popen(
            # Here, more than a second passes between a fault and the runtime's reaction.
            ["killtrace-static", "--all", "-o", "json", "--runtime-window", "60"],
            stdout=out,
            stderr=err,
        )
    told = OUT / "events.err"
    wait_until(
        lambda: process.poll() is not None or "killtrace: tracing" in told.read_text(),
        lambda: "killtrace is not attached",
    )
    return process


def load_driver():
    """Loads the driver that breaks, if this kernel has headers to build it."""
    if Path("/usr/bin/kt_break.ko").exists():
        run("busybox", "insmod", "/usr/bin/kt_break.ko")


def begin_log(unit):
    """Writes a first entry for a unit. If journalctl finds none, it can miss the next ones when it
    starts to follow.
    """
    fields = f"MESSAGE=the log of {unit} begins\nPRIORITY=6\nOBJECT_SYSTEMD_UNIT={unit}\n"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.sendto(fields.encode(), "/run/systemd/journal/socket")


def start_receivers():
    """Starts receivers as a collector's for journald, one for each unit in ASKED_FOR."""
    receivers, files = [], [OUT / f"receiver-{unit}.json" for unit in units.ASKED_FOR]
    for unit in units.ASKED_FOR:
        begin_log(unit)
    run("journalctl", "--sync")
    for unit, file in zip(units.ASKED_FOR, files):
        with open(file, "wb") as out:
            command = [
                "journalctl",
                "--output=json",
                "--follow",
                "--unit",
                unit,
                "--priority",
                "info",
            ]
            receivers.append(subprocess.Popen(command, stdout=out))
    wait_until(
        lambda: all(file.stat().st_size for file in files), lambda: "a receiver reads nothing"
    )
    return receivers


def stop_agent(receivers, lines):
    """Stops the agent, and keeps its output and the entries for units that have a receiver."""
    run("systemctl", "stop", units.AGENT)
    # no pin may be left
    run("killtrace-static", "disarm")
    run("journalctl", "--sync")
    wanted = [*units.ASKED_FOR, *units.RESTARTS, *units.SILENCE, *units.ABSENCE]
    of_units = [f"--unit={name}" for name in wanted]
    (OUT / "journal.json").write_text(run("journalctl", "-o", "json", *of_units))
    (OUT / "lines.json").write_text(lines + systemd_service.LINES.read_text())
    (OUT / "agent.json").write_text(run("journalctl", "-o", "json", "_SYSTEMD_UNIT=" + units.AGENT))
    (OUT / "catalogue").write_text(run("journalctl", "-x", "--no-pager", "--identifier=killtrace"))
    # They check about every second.
    time.sleep(6)
    for receiver in receivers:
        receiver.terminate()
        receiver.wait()


def die_in_scope(scope):
    """Returns the victim's pid: systemd-run becomes the victim."""
    victim = subprocess.Popen(
        ["systemd-run", "-q", "--scope", f"--unit={scope}", "sh", "-c", "kill -ABRT $$"]
    )
    victim.wait()
    return victim.pid


JOURNALD = ["systemd-journald.service"] + [
    f"systemd-journald{kind}.socket" for kind in ("", "-dev-log", "-audit")
]


def lose_journald():
    """Restarts journald while some processes die, then stops it for a while."""
    died = {}
    for scope in units.RESTARTS:
        restart = subprocess.Popen(["systemctl", "restart", "systemd-journald"])
        died[scope] = die_in_scope(scope)
        restart.wait()
    run("systemctl", "stop", *JOURNALD)
    (OUT / "journald").write_text(run("systemctl", "is-active", *JOURNALD, check=False))
    for scope in units.SILENCE:
        died[scope] = die_in_scope(scope)
    time.sleep(2)
    run("systemctl", "start", *JOURNALD[1:], JOURNALD[0])
    (OUT / "died.json").write_text(json.dumps(died))
    last = ["journalctl", "-q", "-o", "json", "OBJECT_SYSTEMD_UNIT=" + units.SILENCE[-1]]
    wait_until(lambda: run(*last), lambda: "the journal has nothing of the last silent scope")


def is_in_journal(scope):
    """Whether the journal has an entry about it."""
    return run("journalctl", "-q", "-o", "json", "OBJECT_SYSTEMD_UNIT=" + scope)


def lose_agent():
    """Stops the agent, as for an upgrade; then kills it, and systemd starts it again."""
    died = json.loads((OUT / "died.json").read_text())
    run("systemctl", "stop", units.AGENT)
    (OUT / "away").write_text(run("systemctl", "is-active", units.AGENT, check=False))
    for scope in units.ABSENCE[:2]:
        died[scope] = die_in_scope(scope)
    run("systemctl", "start", units.AGENT)
    wait_until(
        lambda: is_in_journal(units.ABSENCE[1]), lambda: "nothing of who died without an agent"
    )
    died[units.AGENT] = int(run("systemctl", "show", "-p", "MainPID", "--value", units.AGENT))
    run("systemctl", "kill", "--signal=KILL", units.AGENT)
    died[units.ABSENCE[2]] = die_in_scope(units.ABSENCE[2])
    wait_until(
        lambda: is_in_journal(units.ABSENCE[2]), lambda: "nothing of who died with the agent"
    )
    (OUT / "died.json").write_text(json.dumps(died))
    (OUT / "pins").write_text("\n".join(os.listdir(systemd_service.PINS)))


def run_out_of_memory():
    """The machine has no swap, and its programs are on a disk. Without protection their pages would
    be reclaimed and read again and again before memory runs out.
    """
    others = list(CGROUPS.glob("*/memory.min"))
    for protection in others:
        protection.write_text("max")
    run("systemctl", "start", "--no-block", units.GLOBAL)
    # an emulated processor has to touch every page: 90 s were seen, beside other work of the host
    wait_until((TESTIMONY / units.GLOBAL).exists, lambda: "memory does not run out", 3 * PATIENCE)
    for protection in others:
        protection.write_text("0")


def write_units():
    """Writes all units to /run, as an administrator's transient configuration."""
    for scope, services in (("system", units.SERVICES), ("user", units.USER_SERVICES)):
        directory = Path("/run/systemd") / scope
        write(directory / "scenario-.service.d/last-word.conf", LAST_WORD)
        for name, text in services.items():
            write(directory / name, text)
    write(Path("/run/systemd/oomd.conf.d/quick.conf"), QUICK_OOMD)
    write(Path(f"/run/systemd/system/{JOURNALD[0]}.d/patient.conf"), PATIENT_JOURNALD)


def start_user_manager():
    """Starts the manager of a user without a session."""
    run("useradd", "--create-home", "--uid", "1000", units.USER)
    run("loginctl", "enable-linger", units.USER)
    socket = Path(RUNTIME_DIR) / "systemd/private"
    wait_until(socket.exists, lambda: "no user manager")


def start_machine():
    """Starts a machine that waits for an order to eat memory."""
    for directory in ("bin", "usr", "proc", "sys", "dev", "tmp", "etc", "run"):
        (MACHINE_ROOT / directory).mkdir(parents=True)
    run("cp", "/bin/busybox", MACHINE_ROOT / "bin/busybox")
    run("ln", "-s", "busybox", MACHINE_ROOT / "bin/sh")
    wait = "busybox touch /ready; until [ -e /go ]; do busybox sleep 1; done"
    payload = f"{wait}; exec busybox tail /dev/zero"
    return subprocess.Popen(
        ["systemd-nspawn", "--pipe", "-D", MACHINE_ROOT, "-M", units.MACHINE, "--resolv-conf=off"]
        + ["--timezone=off", "--link-journal=no"]
        + ["--property=MemoryMax=24M", "/bin/sh", "-c", payload],
        stdin=subprocess.DEVNULL,
        # Otherwise it mounts a version 1 hierarchy, because it finds no systemd inside.
        env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
    )


def note_machine():
    """Records the facts about the machine while it runs."""
    scope = f"machine-{units.MACHINE.replace('-', chr(92) + 'x2d')}.scope"
    if not wait_until((MACHINE_ROOT / "ready").exists, lambda: "no machine"):
        return
    shown = run("machinectl", "show", units.MACHINE)
    shown += run("systemctl", "show", scope, "-p", "ControlGroup,Slice")
    known = dict(line.split("=", 1) for line in shown.splitlines())
    cgroup = Path(f"/proc/{known['Leader']}/cgroup").read_text()
    known["leader_cgroup"] = cgroup.split(":", 2)[2].strip()
    (OUT / "machine").write_text(json.dumps(known))


def start_commands():
    """Starts victims without a unit file."""
    tail = ["tail", "/dev/zero"]
    abort = "kill -ABRT $$"
    commands = [
        ["systemd-run", "-q", f"--unit={units.TRANSIENT}", "-p", "MemoryMax=24M"]
        + ["-p", f"ExecStopPost=/usr/bin/last-word {units.TRANSIENT}", *tail],
        ["systemd-run", "-q", "--scope", f"--unit={units.SCOPE}", "--slice=scenario-demo"]
        + ["-p", "MemoryMax=24M", "testify", "scope", *tail],
        # PAM makes it a session.
        ["su", "-l", units.USER, "-c", f"testify session sh -c '{abort}'"],
        [*AS_USER, "systemctl", "--user", "start", "--no-block", *units.USER_SERVICES],
        [*AS_USER, "systemd-run", "--user", "-q", "--scope", f"--unit={units.USER_SCOPE}"]
        + ["testify", "user-scope", "sh", "-c", abort],
    ]
    return [subprocess.Popen(command) for command in commands]


def missing():
    """The units without a testimony yet, or that must fail without one and have not."""
    names = [*units.STARTED, *units.USER_SERVICES, units.TRANSIENT]
    names.remove(units.GROUP)
    late = [name for name in names if not (TESTIMONY / name).exists()]
    if not late and "failed" not in run("systemctl", "is-failed", units.GROUP, check=False):
        late.append(units.GROUP)
    return late


def show(command, names):
    """What systemctl says of units, by name."""
    shown = {}
    for block in run(*command, "show", "-p", PROPERTIES, *names).strip().split("\n\n"):
        properties = dict(line.split("=", 1) for line in block.splitlines())
        shown[properties["Id"]] = properties
    return shown


def show_all():
    """Records the state of all units after their ends."""
    system = [
        *units.STARTED,
        units.GLOBAL,
        units.TRANSIENT,
        units.SCOPE,
        units.AGENT,
        *units.KILLERS,
    ]
    shown = {
        "system": show(["systemctl"], system),
        "user": show([*AS_USER, "systemctl", "--user"], list(units.USER_SERVICES)),
    }
    (OUT / "shown.json").write_text(json.dumps(shown, indent=1))


def explain_all():
    """Asks why, for each unit, as a person on the node would."""
    asked = OUT / "why"
    asked.mkdir()
    for name in units.ANSWERS:
        # the search for symbols is the slow part
        fast = [] if "cgo" in name else ["--no-symbols"]
        for _ in range(5):
            text = run("killtrace-static", "why", *fast, name)
            if units.SETTINGS.get(name, "") in " ".join(text.split()):
                break
        (asked / name).write_text(text)


def settle(killtrace):
    """Lets one more victim die: when it is reported, earlier deaths are reported or
    never will be.
    """
    sentinel = subprocess.Popen(["sh", "-c", "kill -SEGV $$"])
    sentinel.wait()
    word = f'"victim":{{"pid":{sentinel.pid},'
    wait_until(
        lambda: killtrace.poll() is not None or word in (OUT / "events.json").read_text(),
        lambda: "the sentinel was not told",
    )
    (OUT / "sentinel").write_text(str(sentinel.pid))


def main():
    """Runs everything in the guest."""
    sys.stdout.reconfigure(line_buffering=True)
    # The emulated processor is slow, and may share the real one.
    os.environ["SYSTEMD_BUS_TIMEOUT"] = "600"
    TESTIMONY.mkdir()
    TESTIMONY.chmod(0o1777)
    OUT.chmod(0o755)
    killtrace = start_killtrace()
    write_units()
    load_driver()
    service = systemd_service.Service(OUT, run, wait_until)
    service.start()
    receivers = start_receivers()
    run("systemctl", "restart", "systemd-oomd")
    # If it were started on demand, it would exceed the bus's own time limit.
    run("systemctl", "start", "systemd-machined")
    start_user_manager()
    machine = start_machine()
    note_machine()
    service.run_container()
    note("the container is dead")
    lines = service.try_reload(die_in_scope)
    note("the units start")
    run("systemctl", "start", "--no-block", *units.STARTED)
    started = [machine, *start_commands()]
    (MACHINE_ROOT / "go").touch()
    wait_until(lambda: not missing(), lambda: f"still there: {missing()}")
    wait_until(
        lambda: all(process.poll() is not None for process in started),
        lambda: f"running: {[process.args for process in started if process.poll() is None]}",
    )
    for process in started:
        process.kill()
    note("all are dead")
    run_out_of_memory()
    note("memory has run out")
    service.overflow()
    note("the journal has overflowed")
    show_all()
    service.show_all()
    note("systemctl has shown all")
    explain_all()
    note("every death is explained")
    (OUT / "release").write_text(f"{os.uname().release} {run('systemctl', '--version').split()[1]}")
    lose_journald()
    note("journald is back")
    lose_agent()
    note("the agent is back")
    settle(killtrace)
    stop_agent(receivers, lines)
    service.try_mistake()
    run("killtrace-static", "disarm")
    killtrace.send_signal(2)
    print(f"killtrace ended with {killtrace.wait(PATIENCE)}")


main()
