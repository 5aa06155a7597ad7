# SPDX-License-Identifier: BSD-2-Clause
"""Whose process it was, and what killed it, in a guest with real systemd: units of every form die.
Every report is compared with systemd's own data (systemctl show, the environment of ExecStopPost=,
machinectl) and with the victims' own cgroups.
"""

import json
import os
import re

import check
import guests as matrix
import pytest
import systemd_units as units
import systemd_world as world
from cases import ABSENT, MAPERR, merge, signal

# systemd's numbers in ExecMainCode: <sys/wait.h>'s CLD_*.
EXITED, KILLED, DUMPED = 1, 2, 3
# A unit's Result= and the causes that match it. Others end with exit-code or signal.
RESULTS = {
    "oom-memcg": "oom-kill",
    "oom-global": "oom-kill",
    "oom-userspace": "oom-kill",
    "runtime-crash": "exit-code",
}
SIGKILL = signal(9, "SIGKILL")
MANAGER = {"pid": 1, "uid": 0, "comm": "systemd", "cgroup": "/init.scope", "unit": "init.scope"}

OOM = {"cause": "oom-memcg", "class": "kernel", "signal": SIGKILL, "sender": ABSENT}
ABORT = {"cause": "abort", "signal": signal(6, "SIGABRT")}
GO_NULL = {
    "cause": "runtime-crash",
    "class": "runtime",
    "fault": {"kind": "null-dereference", "address": "0x8", "handled": True},
}
KILLED_BY_MANAGER = {"cause": "sigkill", "signal": SIGKILL, "sender": MANAGER}
SYSTEM_UNIT = {"user_unit": ABSENT, "session": ABSENT, "owner_uid": ABSENT, "machine": ABSENT}

# The death of each service's main process.
SERVICES = {
    "scenario-oom.service": merge(
        OOM, {"victim": {"comm": "tail"}, "oom": {"limit_bytes": 32 << 20}}
    ),
    "scenario-cgo-null.service": GO_NULL,
    "scenario-cgo-ud2.service": merge(
        {"cause": "runtime-crash"}, {"fault": {"trap_number": 6, "handled": True}}
    ),
    "scenario-ctypes.service": {
        "cause": "segfault",
        "signal": MAPERR,
        "fault": {"kind": "null-dereference", "address": "0x0", "module": "libc.so.6"},
    },
    "scenario-ud2-page.service": {
        "cause": "illegal-instruction",
        "signal": signal(4, "SIGILL"),
        "fault": {"trap_number": 6, "module": ABSENT},
    },
    "scenario-protection.service": {
        "cause": "general-protection",
        "signal": signal(11, "SIGSEGV", 128, "SI_KERNEL"),
        "fault": {"trap_number": 13, "module": "libc.so.6"},
    },
    "scenario-oops.service": {
        "cause": "oops",
        "class": "kernel",
        "signal": {"number": 9, "name": "SIGKILL"},
        "sender": ABSENT,
        "fault": {"trap_number": 14, "address": "0x18"},
    },
    "scenario-template@bar.service": GO_NULL,
    units.ESCAPED: GO_NULL,
    "scenario-slice.service": ABORT,
    "scenario-dynamic.service": ABORT,
    "memory.service": merge(ABORT, {"cgroup": {"path": "/system.slice/_memory.service"}}),
    "scenario-delegated.service": ABORT,
    "scenario-syscall.service": {
        "cause": "seccomp",
        "signal": signal(31, "SIGSYS"),
        "seccomp": {"syscall_name": "sethostname"},
    },
    "scenario-watchdog.service": {
        "cause": "signal",
        "signal": signal(6, "SIGABRT"),
        "sender": merge(MANAGER, {"role": "service-manager"}),
    },
    "scenario-runtime-max.service": KILLED_BY_MANAGER,
    "scenario-stop-timeout.service": KILLED_BY_MANAGER,
    units.OOMD_SERVICE: {
        "cause": "oom-userspace",
        "class": "userspace",
        "signal": SIGKILL,
        "sender": {
            "comm": "systemd-oomd",
            "role": "oom-daemon",
            "cgroup": "/system.slice/systemd-oomd.service",
            "unit": "systemd-oomd.service",
        },
    },
    units.TRANSIENT: merge(OOM, {"oom": {"limit_bytes": 24 << 20}}),
}
SERVICES[units.GLOBAL] = {
    "cause": "oom-global",
    "class": "kernel",
    "signal": SIGKILL,
    "sender": ABSENT,
    "victim": {"comm": "tail"},
    "oom": {"cgroup": ABSENT, "limit_bytes": ABSENT, "score_adj": 1000},
    "systemd": {"slice": "hog.slice"},
}
# systemd's own words for the reason of its kill.
BY_MANAGER = {
    "scenario-watchdog.service": "watchdog",
    "scenario-runtime-max.service": "timeout",
    "scenario-stop-timeout.service": "timeout",
    "scenario-user-max.service": "timeout",
}
USER_SERVICES = {
    "scenario-user.service": ABORT,
    "scenario-user-max.service": {
        "cause": "sigkill",
        "signal": SIGKILL,
        "sender": {
            "comm": "systemd",
            "uid": 1000,
            "role": "service-manager",
            "unit": units.USER_MANAGER,
            "user_unit": "init.scope",
        },
    },
}
# Each of them kills a child of its own.
IMPOSTORS = {
    "scenario-impostor.service": {"unit": "scenario-impostor.service", "user_unit": ABSENT},
    "systemd-oomd.service": {"unit": units.USER_MANAGER, "user_unit": "systemd-oomd.service"},
}


def pytest_generate_tests(metafunc):
    """Every test runs for every kernel."""
    metafunc.parametrize("kernel", world.CHOSEN, scope="session")


@pytest.fixture(scope="session")
def guests():
    """All guests, booting in the background."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    for needed in world.BUILT:
        if not os.access(needed, os.X_OK):
            pytest.fail(f"{needed} is not built")
    booted = world.Guests()
    try:
        booted.start()
        yield booted
    finally:
        booted.close()


@pytest.fixture
def guest(request, guests, kernel):
    """The kernel's guest. If it did not run, one test says so, once."""
    found = guests.get(kernel)
    if found.failure and request.node.originalname != "test_guest":
        pytest.skip("the guest did not run: see test_guest")
    return found


def only_event(guest, pid):
    """The one event of a process."""
    events = check.events_of(guest.events, int(pid))
    assert len(events) == 1, (pid, events)
    return events[0]


def told(event, expected):
    """The event has the expected parts."""
    assert not check.subset(expected, event), (check.subset(expected, event), event)


def unit_cgroup(testimony):
    """The cgroup of the unit's processes. In a delegated unit systemd's own use another one."""
    return testimony["cgroup"].removesuffix("/.control")


def agrees_with_systemd(event, shown, testimony, reason=None):
    """The event agrees with the service manager about the end."""
    code, status = int(shown["ExecMainCode"]), int(shown["ExecMainStatus"])
    dumped = code == DUMPED
    if code == EXITED:
        told(event, {"exit": {"signal": ABSENT, "status": status}})
    else:
        assert code in (KILLED, DUMPED)
        told(event, {"exit": {"signal": status, "core_dumped": dumped}})
    by_signal = "core-dump" if dumped else "signal"
    result = reason or RESULTS.get(event["cause"], by_signal)
    assert (shown["Result"], testimony["result"]) == (result, result), event
    assert event["victim"]["uid"] == int(testimony["uid"])
    assert shown["Id"] in event["summary"].replace("\\\\", "\\")


def test_guest(guest):
    """The guest boots, and its script runs to the end."""
    assert not guest.failure
    said = guest.text("script.log")
    assert "killtrace ended with 0" in said and "gave up" not in said, said


def needs_driver(guest, unit):
    """If the kernel cannot be made to fail, one unit ends in another way."""
    if unit == "scenario-oops.service" and guest.no_driver:
        pytest.skip(f"not possible on this machine: {guest.no_driver}")


@pytest.mark.parametrize("unit", SERVICES)
def test_service(guest, unit):
    """A service of the system manager."""
    needs_driver(guest, unit)
    shown, testimony = guest.shown["system"][unit], guest.testimony(unit)
    event = only_event(guest, shown["ExecMainPID"])
    told(event, SERVICES[unit])
    told(event, {"systemd": merge(SYSTEM_UNIT, {"unit": shown["Id"], "slice": shown["Slice"]})})
    agrees_with_systemd(event, shown, testimony, BY_MANAGER.get(unit))
    below = "/system.slice/inner.service" if unit == "scenario-delegated.service" else ""
    told(event, {"cgroup": {"path": unit_cgroup(testimony) + below, "version": 2}})
    if event["cause"] == "oom-memcg":
        told(event, {"oom": {"cgroup": unit_cgroup(testimony)}})


@pytest.mark.parametrize("unit", units.ANSWERS)
def test_why(guest, unit):
    """What a person on the node is told: the answer begins with the unit, and names the setting as
    it is now.
    """
    needs_driver(guest, unit)
    answer = " ".join(guest.text(f"why/{unit}").split("\n  ")[0].split())
    assert answer.startswith(f"{unit}: "), answer
    for expected in (units.ANSWERS[unit], units.SETTINGS.get(unit, "")):
        pattern = re.escape(expected).replace(r"\.\*", ".*")
        assert re.search(pattern, answer), (expected, answer)


def test_whole_memory(guest):
    """The machine's memory ran out, and according to the kernel's log only this
    process was killed.
    """
    shown = guest.shown["system"][units.GLOBAL]
    killed = re.findall(
        r"oom-kill:constraint=CONSTRAINT_NONE,.*,pid=(\d+),", guest.text("kernel.log")
    )
    assert killed == [shown["ExecMainPID"]]


@pytest.mark.parametrize("unit", USER_SERVICES)
def test_user_service(guest, unit):
    """A service of a user's manager, which is itself a unit of the system."""
    shown, testimony = guest.shown["user"][unit], guest.testimony(unit)
    event = only_event(guest, shown["ExecMainPID"])
    told(event, USER_SERVICES[unit])
    owner = {"unit": units.USER_MANAGER, "slice": "user-1000.slice", "user_unit": shown["Id"]}
    told(event, {"systemd": merge(owner, {"owner_uid": 1000})})
    told(event, {"cgroup": {"path": testimony["cgroup"]}})
    agrees_with_systemd(event, shown, testimony, BY_MANAGER.get(unit))


def test_who_sent(guest):
    """The killers' pids agree with those that systemd has."""
    shown = guest.shown
    oomd = only_event(guest, shown["system"][units.OOMD_SERVICE]["ExecMainPID"])
    told(oomd, {"sender": {"pid": int(shown["system"]["systemd-oomd.service"]["ExecMainPID"])}})
    user = only_event(guest, shown["user"]["scenario-user-max.service"]["ExecMainPID"])
    told(user, {"sender": {"pid": int(shown["system"][units.USER_MANAGER]["ExecMainPID"])}})


@pytest.mark.parametrize("unit", IMPOSTORS)
def test_impostor(guest, unit):
    """The name alone makes no process an OOM killer, not even with a user's unit of that name."""
    manager = "user" if unit in units.USER_SERVICES else "system"
    sender = int(guest.shown[manager][unit]["ExecMainPID"])
    events = [event for event in guest.events if event.get("sender", {}).get("pid") == sender]
    assert len(events) == 1, events
    who = merge(IMPOSTORS[unit], {"comm": "systemd-oomd", "role": ABSENT})
    told(events[0], {"cause": "sigkill", "signal": SIGKILL, "sender": who})
    told(events[0], {"sender": {"cgroup": guest.testimony(unit)["cgroup"]}})
    told(events[0], {"systemd": IMPOSTORS[unit]})
    told(events[0], {"cgroup": {"path": guest.testimony(unit)["cgroup"]}})


def test_whole_group(guest):
    """memory.oom.group: both processes of the unit are reported, with the same limit as cause
    unless systemd was first.
    """
    shown = guest.shown["system"][units.GROUP]
    assert shown["Result"] == "oom-kill"
    cgroup = f"/{shown['Slice']}/{units.GROUP}"
    events = [event for event in guest.events if event.get("cgroup", {}).get("path") == cgroup]
    assert sorted(event["victim"]["comm"] for event in events) == ["bash", "tail"]
    limit = {"cgroup": cgroup, "limit_bytes": 32 << 20, "group_kill": True}
    # With OOMPolicy=kill systemd kills the unit, too, as soon as the kernel has counted the first
    # kill of the group (mm/oom_kill.c:__oom_kill_process() counts before it signals): on a slow
    # guest it can kill the second process before the kernel does.
    by_systemd = {"cause": "sigkill", "sender": {"pid": 1, "comm": "systemd"}}
    by_limit = [event for event in events if check.subset(by_systemd, event)]
    assert "tail" in [event["victim"]["comm"] for event in by_limit]
    for event in by_limit:
        told(event, merge(OOM, {"oom": limit, "systemd": {"unit": units.GROUP}}))
    assert int(shown["ExecMainPID"]) in [event["victim"]["pid"] for event in events]


def test_scope(guest):
    """A scope that systemd-run made for its process, in a slice of its own."""
    shown, testimony = guest.shown["system"][units.SCOPE], guest.testimony("scope")
    event = only_event(guest, testimony["pid"])
    told(event, merge(OOM, {"cgroup": {"path": testimony["cgroup"]}}))
    told(event, {"oom": {"cgroup": testimony["cgroup"], "limit_bytes": 24 << 20}})
    told(event, {"systemd": merge(SYSTEM_UNIT, {"unit": shown["Id"], "slice": shown["Slice"]})})
    assert shown["Result"] == "oom-kill"


def test_user_scope(guest):
    """The same in a user's manager."""
    testimony = guest.testimony("user-scope")
    event = only_event(guest, testimony["pid"])
    told(event, merge(ABORT, {"cgroup": {"path": testimony["cgroup"]}, "victim": {"uid": 1000}}))
    owner = {"unit": units.USER_MANAGER, "user_unit": units.USER_SCOPE, "owner_uid": 1000}
    told(event, {"systemd": owner})


def test_session(guest):
    """A login session, as PAM and logind make it."""
    testimony = guest.testimony("session")
    assert testimony["session"]
    event = only_event(guest, testimony["pid"])
    told(event, merge(ABORT, {"cgroup": {"path": testimony["cgroup"]}, "victim": {"uid": 1000}}))
    owner = {"session": testimony["session"], "unit": f"session-{testimony['session']}.scope"}
    told(event, {"systemd": merge(owner, {"slice": "user-1000.slice", "owner_uid": 1000})})


def test_machine(guest):
    """A container of systemd-nspawn: the machine, its scope, and the scope's limit."""
    known = guest.machine
    event = only_event(guest, known["Leader"])
    told(event, merge(OOM, {"victim": {"ns_pid": 1}, "cgroup": {"path": known["leader_cgroup"]}}))
    told(event, {"oom": {"cgroup": known["ControlGroup"], "limit_bytes": 24 << 20}})
    owner = {"machine": units.MACHINE, "unit": known["Unit"], "slice": known["Slice"]}
    told(event, {"systemd": owner, "oom": {"trigger": owner | {"slice": ABSENT}}})


def of_agent(entries, unit):
    """The agent's entries in a unit's log."""
    return [
        entry
        for entry in entries
        if entry.get("SYSLOG_IDENTIFIER") == "killtrace"
        and entry.get("OBJECT_SYSTEMD_UNIT") == unit
    ]


def tells(entries, unit, cause, pid):
    """There is one entry, with the verdict."""
    assert len(entries) == 1, entries
    told(entries[0], {"_SYSTEMD_UNIT": units.AGENT, "PRIORITY": "3"})
    told(entries[0], {"KILLTRACE_CAUSE": cause, "KILLTRACE_SYSTEMD_UNIT": unit})
    told(entries[0], {"KILLTRACE_VICTIM_PID": str(pid)})
    assert unit in entries[0]["MESSAGE"]


@pytest.mark.parametrize("unit", units.ASKED_FOR)
def test_journal(guest, unit):
    """The agent, run by the shipped unit, writes the verdict to the log of the dead unit."""
    needs_driver(guest, unit)
    pid = guest.shown["system"][unit]["ExecMainPID"]
    tells(of_agent(guest.journal, unit), unit, SERVICES[unit]["cause"], pid)


@pytest.mark.parametrize("unit", units.ASKED_FOR)
def test_lines(guest, unit):
    """The agent may write to a file in the folder for logs, which has each death once."""
    needs_driver(guest, unit)
    event = only_event(guest, guest.shown["system"][unit]["ExecMainPID"])
    (line,) = check.events_of(guest.lines, event["victim"]["pid"])
    told(line, {"cause": event["cause"], "systemd": {"unit": unit}})


@pytest.mark.parametrize("unit", units.ASKED_FOR)
def test_receiver(guest, unit):
    """A collector's receiver, which reads that unit's log from priority info on, gets the entry at
    once.
    """
    needs_driver(guest, unit)
    pid = guest.shown["system"][unit]["ExecMainPID"]
    tells(of_agent(guest.received(unit), unit), unit, SERVICES[unit]["cause"], pid)


@pytest.mark.parametrize("cause", sorted({SERVICES[unit]["cause"] for unit in units.ASKED_FOR}))
def test_catalogue(guest, cause):
    """`journalctl -x` explains the entry, with its facts."""
    if cause == "oops":
        needs_driver(guest, "scenario-oops.service")
    explained = guest.text("catalogue").split(f"Subject: A process was killed: {cause}\n")[1:]
    assert explained
    for text in explained:
        own = text.split("Subject: ", 1)[0]
        assert f"The cause is {cause}, decided by:" in own and "KILLTRACE_ID=" in own
        assert "@KILLTRACE" not in own


@pytest.mark.parametrize("scope", [*units.RESTARTS, *units.SILENCE])
def test_journald_restarts(guest, scope):
    """A death while journald restarted or was stopped is in the journal, once."""
    tells(of_agent(guest.journal, scope), scope, "abort", guest.died[scope])


def test_journald_was_away(guest):
    """journald did not run while the silent scopes died."""
    assert set(guest.text("journald").split()) == {"inactive"}


@pytest.mark.parametrize("scope", units.ABSENCE)
def test_agent_restarts(guest, scope):
    """A death while no agent ran, or right after it was killed, is in the journal, once."""
    tells(of_agent(guest.journal, scope), scope, "abort", guest.died[scope])


def test_agent_is_told(guest):
    """The agent's own end is reported like any other."""
    (event,) = check.events_of(guest.events, guest.died[units.AGENT])
    assert event["cause"] == "sigkill" and event["systemd"]["unit"] == units.AGENT, event


def test_agent_was_away(guest):
    """Only the pins were left while they died."""
    assert guest.text("away").split() == ["inactive"]
    assert [name for name in guest.text("pins").split() if name.startswith("v1-")]


def test_agent(guest):
    """The agent ran all the time, with all its hardening."""
    told(guest.shown["system"][units.AGENT], {"ActiveState": "active", "NRestarts": "0"})


def shown(text):
    """The properties in the output of systemctl show."""
    return dict(line.split("=", 1) for line in text.splitlines())


def status(guest):
    """/proc/PID/status of the agent."""
    return {
        key: value.strip()
        for key, value in (line.split(":", 1) for line in guest.agent("status").splitlines())
    }


def test_unit_is_read(guest):
    """systemd accepts the unit, knows its order, and describes it."""
    assert not [line for line in guest.agent("verified").splitlines() if units.AGENT in line]
    told(shown(guest.agent("shown")), {"StartLimitIntervalUSec": "0"})
    # 257 writes quotes around it
    assert shown(guest.agent("shown"))["Documentation"].strip('"') == "man:killtrace(8)"
    assert shown(guest.agent("shown"))["Description"]
    assert "multi-user.target" in shown(guest.agent("shown"))["Before"].split()
    assert units.AGENT in guest.agent("enabled").split()


def test_agent_is_ready(guest):
    """systemd considers it started when it traces, not before; it stops in time."""
    assert "killtrace: tracing" in guest.agent("ready")
    told(shown(guest.agent("shown")), {"Type": "notify", "Result": "success"})
    assert shown(guest.agent("stopped")) == {"Result": "success"}


def test_watchdog(guest):
    """It feeds the watchdog, also after its start."""
    times = shown(guest.agent("shown"))
    assert int(times["WatchdogTimestampMonotonic"]) > int(times["ActiveEnterTimestampMonotonic"])


def test_defaults(guest):
    """The file of defaults counts, and without it the arguments in the unit."""
    assert "--json" in guest.agent("cmdline").split("\0")
    history = ["--history", "/var/lib/killtrace/history.db"]
    defaults = ["daemon", "--journal", *history, "--pin", "/sys/fs/bpf/killtrace"]
    assert guest.agent("defaults").split("\0")[1:-1] == defaults


def test_mistake(guest):
    """With wrong options it is not restarted again and again."""
    told(
        shown(guest.agent("mistaken")),
        {"ActiveState": "failed", "ExecMainStatus": "2", "NRestarts": "0"},
    )


def test_reload(guest):
    """After a reload it writes to a new file."""
    lines = [line for line in guest.agent("reloaded.json").splitlines() if units.RELOAD in line]
    assert len(lines) == 1


def test_container(guest):
    """It names a real container, from the runtime's own files."""
    known = guest.container
    (event,) = check.events_of(guest.lines, known["State"]["Pid"])
    told(event, {"cause": "sigkill", "container": {"runtime": "podman", "id": known["Id"]}})
    told(event, {"container": {"name": known["Name"], "image": known["ImageName"]}})
    assert (known["Name"], known["ImageName"]) == (units.CONTAINER, units.IMAGE)


@pytest.mark.parametrize("name", [units.GENERATED, units.QUADLET, units.QUADLET_APART])
def test_container_of_unit(guest, name):
    """The event has the unit that runs a container, from Podman's label."""
    known = json.loads(guest.text(f"container-{name}.json"))
    if known is None:
        pytest.skip("not possible on this machine: this Podman is older than Quadlet")
    label = known[0]["Config"]["Labels"]["PODMAN_SYSTEMD_UNIT"]
    (event,) = check.events_of(guest.lines, known[0]["State"]["Pid"])
    assert label == f"{name}.service"
    told(
        event,
        {"cause": "sigkill", "container": {"id": known[0]["Id"], "name": name, "unit": label}},
    )
    # the path shows it if the container is within the unit
    if name == units.QUADLET:
        told(event, {"systemd": {"unit": label}})
    else:
        assert event["systemd"]["unit"] != label


def test_journal_has_all(guest):
    """journald drops entries of other services at such a rate, but none of the agent's."""
    stored = json.loads(guest.text("stored.json"))
    assert 0 < stored["limited"] < units.BURST and stored["agent"] == units.BURST, stored


def test_history(guest):
    """It has a database in its folder for state."""
    lines = matrix.json_lines(guest.directory / "agent/history.json")
    pid = int(guest.shown["system"][units.GLOBAL]["ExecMainPID"])
    assert [line["victim"]["pid"] for line in lines if not check.is_loss(line)].count(pid) == 1


def test_textfile(guest):
    """It writes a file for node_exporter."""
    assert re.search(
        r'^killtrace_kills_total\{.*cause="oom-global".*\} 1$', guest.agent("killtrace.prom"), re.M
    )


def test_kernel_functions(guest):
    """It may read the names of kernel functions."""
    event = only_event(guest, guest.died[units.RESTARTS[0]])
    (line,) = check.events_of(guest.lines, event["victim"]["pid"])
    assert line["kernel_stack"] and line["kernel_stack"] == event["kernel_stack"]


def test_agent_lives(guest):
    """The OOM killer chooses it last, and it has a limit of its own."""
    assert guest.agent("oom_score_adj").strip() == "-999"
    assert guest.agent("memory.max").strip() == str(128 << 20)
    assert shown(guest.agent("shown"))["OOMPolicy"] == "continue"
    # it raises its own priority: field 19 of proc(5)
    assert int(guest.agent("stat").rsplit(")", 1)[1].split()[16]) == -15


def test_agent_powers(guest):
    """The capabilities that it has once it traces."""
    has = status(guest)
    told(has, {"NoNewPrivs": "1", "Seccomp": "2"})
    effective, bound = int(has["CapEff"], 16), int(has["CapBnd"], 16)
    known = {
        "DAC_OVERRIDE": 1,
        "DAC_READ_SEARCH": 2,
        "SYS_NICE": 23,
        "SYS_RESOURCE": 24,
        "SYSLOG": 34,
    }
    known |= {"PERFMON": 38, "BPF": 39, "SETGID": 6, "SETUID": 7}
    assert bound == sum(1 << bit for bit in known.values())
    assert effective == sum(1 << known[name] for name in ("DAC_OVERRIDE", "DAC_READ_SEARCH", "BPF"))


def test_parser_powers(guest):
    """The processes that parse files have no capabilities, and a user of their own."""
    filters = []
    for name in ("starter", "worker"):
        has = {
            key: value.strip()
            for key, value in (line.split(":", 1) for line in guest.agent(name).splitlines())
        }
        filters.append(int(has["Seccomp_filters"]))
        told(has, {"NoNewPrivs": "1", "Seccomp": "2", "Groups": ""})
        assert not any(int(has[caps], 16) for caps in ("CapEff", "CapPrm", "CapInh", "CapAmb"))
        assert min(int(uid) for uid in has["Uid"].split() + has["Gid"].split()) >= 0x70000000
    # the worker has the starter's filter, and one of its own
    assert filters[1] == filters[0] + 1


def mounts(guest):
    """The mount options in its view by mount point; the last mount of a place counts."""
    lines = [line.split() for line in guest.agent("mountinfo").splitlines()]
    return {line[4]: set(line[5].split(",")) for line in lines}


def test_agent_sees(guest):
    """It writes only to its own folders, and sees neither the kernel's log nor files of others."""
    there = mounts(guest)
    for place in ("/", "/sys/fs/cgroup", "/home", "/root", "/run/user"):
        assert "ro" in there[place], place
    for place in ("/var/lib/killtrace", "/var/log/killtrace", "/var/lib/prometheus/node-exporter"):
        assert "rw" in there[place], place
    devices = guest.agent("devices").split()
    assert "null" in devices and not {"kmsg", "mem", "port", "vda"} & set(devices)
    assert guest.agent("temporary").split() == []
    assert guest.agent("runtime").split() == ["live.sock"]


def test_agent_says(guest):
    """All its output is its own: no library complains about the restrictions of the
    shipped unit.
    """
    entries = matrix.json_lines(guest.directory / "agent.json")
    said = [entry["MESSAGE"] for entry in entries if "KILLTRACE_TIME" not in entry]
    assert said and all(text.startswith("killtrace: ") for text in said), said


def is_late_reader(event):
    """Another tracer's view: the agent's starter ends a reader that takes more than a second, as in
    a guest of a busy host, and what it read is counted as unreadable.
    """
    ends = event.get("victim", {}).get("comm"), event.get("sender", {}).get("comm")
    return ends == ("killtrace-parse", "killtrace-start")


def test_nobody_else(guest):
    """Every other death is reported as routine."""
    shown = [*guest.shown["system"].values(), *guest.shown["user"].values()]
    known = {int(unit["ExecMainPID"]) for unit in shown if "ExecMainPID" in unit}
    known |= {int(guest.testimony(name)["pid"]) for name in ("scope", "user-scope", "session")}
    known |= {int(guest.machine["Leader"]), guest.sentinel}
    known |= {
        event["victim"]["pid"]
        for event in guest.events
        if event.get("container", {}).get("runtime") == "podman"
    }
    known |= {event["victim"]["pid"] for event in guest.events_in(units.RELOAD)}
    known |= set(guest.died.values())
    for event in guest.events:
        if check.is_loss(event) or event["routine"] or event["victim"]["pid"] in known:
            continue
        # podman ends its own helpers
        if event["victim"]["comm"] == "podman":
            continue
        # what reads container files for the agent ends with it, when its unit is killed
        unit, victim = event["systemd"]["unit"], event["victim"]
        if unit == "killtrace.service" and victim["comm"].startswith("killtrace-"):
            assert event["sender"]["pid"] == 1 or is_late_reader(event), event
            continue
        # the impostors' children, and processes in one unit with a main process
        sender = event.get("sender", {}).get("pid")
        in_group = event["systemd"]["unit"] in (units.GROUP, units.BURST_SCOPE)
        assert in_group or (sender in known and event["sender"]["comm"] == "systemd-oomd"), event


def test_nothing_lost(guest, validate):
    """Every line is valid, and neither a death nor evidence was lost."""
    lost = [reason for line in check.losses(guest.events) for reason in line["lost"]]
    # Names of containers are read in parallel to the deaths, within a time that a slow guest may
    # exceed. Reads of the processes of a cgroup at its limit have a budget per second, which the
    # guest of a busy host can use up.
    late = {"names_unreadable"} if any(map(is_late_reader, guest.events)) else set()
    assert set(lost) <= {"names_late", "limit_late"} | late, lost
    assert "killtrace: lost " in guest.text("events.err")
    validate(guest.events)
    ids = [event["id"] for event in guest.events if not check.is_loss(event)]
    assert len(ids) == len(set(ids))


def test_no_harm(guest):
    """The guest's kernel failed only where the tests wanted it, and has no other complaints."""
    log = guest.text("kernel.log")
    assert len(re.findall(r"\[#\d+\]", log)) == (0 if guest.no_driver else 1)
    assert not [line for line in matrix.splats(log) if not re.search(r"Oops|BUG|\[#\d+\]", line)]
