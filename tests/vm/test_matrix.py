# SPDX-License-Identifier: BSD-2-Clause
"""One static binary on every kernel of the matrix: it loads, reports every death correctly, also
with less evidence, loses nothing, harms nothing and leaves nothing.
"""

import re
import subprocess
from collections import Counter

import check
import expected
import guests as matrix
import pytest

BASE_HOOKS = ["signal_generate", "sched_process_exit"]
ALL_HOOKS = BASE_HOOKS + [
    "mark_victim",
    "page_fault_user",
    "page_fault_kernel",
    "kernel_stack",
    "user_stack",
    "oom_kill_process",
    "oops_enter",
    "task_iterator",
]
EXE = matrix.ZOO.name
EXCUSE = "not possible on this machine:"
# The guests of the other layouts have only these: everything that depends on control groups, and
# one victim of each other kind.
LAYOUT_VICTIMS = [
    *expected.MEMCG_VICTIMS,
    *("cgroup-kill", "kill-9", "null-deref", "seccomp-process", "other-thread", "pidns-killed"),
    "oom-global",
]
# Must be the same however little evidence there is.
VERDICT = ("cause", "class", "routine", "signal", "exit", "victim", "cgroup")
# The tracers look at different moments, and a parent may die in between.
MOMENTARY = (".age_seconds", ".start_time", ".ppid")


def told_rightly(guest, kernel, layout, name):
    """Checks one victim of a guest against everything that is known about it."""
    reason = expected.impossible(kernel, layout, name)
    if reason:
        pytest.skip(f"{EXCUSE} {reason}")
    line = guest.zoo[name]
    assert "skipped" not in line, f"{guest.release}: {line['skipped']}"
    events = guest.events["default"]
    mismatches = check.zoo_line(expected.case(kernel, name), line, events, EXE)
    told = [
        event for death in check.deaths_of(line) for event in check.events_of(events, death["pid"])
    ]
    assert not mismatches, "\n".join([*mismatches, f"zoo: {line}", f"killtrace: {told}"])


def said_by_script(guest):
    """The messages of a guest's script: one line if all went well."""
    words = (
        "not attached",
        "reader ended",
        "arm ended",
        "disarm ended",
        "did not tell",
        "ended with",
        "zoo: ",
    )
    return [
        line
        for line in guest.text("script.log").splitlines()
        if any(word in line for word in words)
    ]


def test_guest(kernel, layout, guest):
    """It boots, its script goes to the end, and the tracers end well."""
    assert not guest.failure
    storm = ["storm ended with 0"] if layout == "v1" else []
    assert said_by_script(guest) == ["zoo ended with 0", *storm], guest.text("script.log")


def test_hooks(kernel, layout, guest):
    """Every hook is attached, and doctor agrees with the tracer."""
    assert guest.text("doctor.status").strip() == "0", guest.text("doctor.out")
    for mode in guest.modes:
        said = guest.text(f"{mode}.err")
        tracing = [line for line in said.splitlines() if line.startswith("killtrace: tracing")]
        wanted = ALL_HOOKS if mode == "default" else BASE_HOOKS
        assert len(tracing) == 1 and set(wanted) <= set(tracing[0].split()), said


@pytest.mark.parametrize("name", [name for name in expected.GUEST_CASES if name != "oom-global"])
def test_victim(kernel, guest, name):
    """One death, one event, agreeing with case, wait status and testimony, on cgroup v2."""
    told_rightly(guest, kernel, "v2", name)


def test_limit_memory(kernel, guest):
    """The content of a limit is known from the kernel's counters. If BTF does not lead to them, its
    symbols are used, unless they are old: 6.8 and later sum them up less often.
    """
    (event,) = check.events_of(guest.events["default"], guest.zoo["oom-tmpfs"]["pid"])
    memory = event["oom"]["limit_memory"]
    assert {"anon", "shmem", "file", "slab", "sock", "swap"} <= set(memory), event
    if expected.base(kernel) in expected.WITH_V1_MEMORY:
        assert memory["source"] == "counters" and "stale" not in memory, event
    if not memory.get("stale"):
        assert "of that are tmpfs files and shared memory" in event["summary"]


def test_vfork_parent(kernel, guest):
    """The process lives on, or if the kernel ends it too, it is reported once, by its end."""
    (parent,) = guest.zoo["vfork-child"]["others"]
    events = check.events_of(guest.events["default"], parent["pid"])
    if expected.base(kernel) not in expected.TAKEN_ALONG:
        assert parent["wait"]["signal"] == 0 and not events
        return
    assert parent["wait"]["signal"] == 11 and len(events) == 1, (parent, events)
    mismatches = check.death_event(expected.TAKEN_ALONG_CASE, parent, events[0], EXE)
    assert not mismatches, mismatches


@pytest.mark.layouts("v1", "hybrid")
@pytest.mark.parametrize("name", LAYOUT_VICTIMS)
def test_old_layout(kernel, layout, guest, name):
    """The same with control groups of version 1, or both."""
    told_rightly(guest, kernel, layout, name)


@pytest.mark.layouts("v1", "hybrid")
@pytest.mark.parametrize("name", ["kill-9", "null-deref"])
def test_systemd_hierarchy(kernel, layout, guest, name):
    """If v2 has nothing about a process, systemd's own named hierarchy has its unit."""
    unit = "kt-guest.service"
    (event,) = check.events_of(guest.events["default"], guest.zoo[name]["pid"])
    assert event["systemd"] == {"unit": unit, "slice": "system.slice"}
    assert event["cgroup"]["path"] == event["cgroup"]["systemd_path"] == f"/system.slice/{unit}"
    assert event["cgroup"]["version"] == 1 and "id" not in event["cgroup"]
    if name == "kill-9":
        assert event["sender"]["unit"] == unit


@pytest.mark.parametrize("name", ["handler-exits", "handler-exits-threads"])
def test_program_of_an_exit(kernel, guest, name):
    """A process that ends in its own handler has its program's name, though its memory is gone when
    its exit is seen (until 6.14), or may be.
    """
    for mode in guest.modes:
        (event,) = check.events_of(guest.events[mode], guest.zoo[name]["pid"])
        assert event["victim"]["exe"] == EXE, mode


@pytest.mark.parametrize("name", ["null-deref", "handler-exits"])
def test_build_id_beside_other_tracers(kernel, guest, name):
    """Two tracers that run at the same time have the program's build ID, according to binutils."""
    known = re.search(
        r"Build ID: ([0-9a-f]{40})",
        subprocess.run(
            ["readelf", "-n", matrix.ZOO], check=True, capture_output=True, text=True
        ).stdout,
    ).group(1)
    for mode in guest.modes[:2]:
        (event,) = check.events_of(guest.events[mode], guest.zoo[name]["pid"])
        assert event["fault"]["build_id"] == known, mode
        assert event["user_stack"][0]["build_id"] == known, mode


CONSTRAINTS = {
    "CONSTRAINT_NONE": ("oom-global", "oom-sysrq"),
    "CONSTRAINT_MEMCG": ("oom-memcg",),
    "CONSTRAINT_CPUSET": ("oom-cpuset",),
    "CONSTRAINT_MEMORY_POLICY": ("oom-mempolicy",),
}


def test_oom_scopes(kernel, layout, guest):
    """The guest's kernel printed the scope of each OOM kill: the events agree."""
    printed = re.findall(r"oom-kill:constraint=(\w+),.*\bpid=(\d+),", guest.text("kernel.log"))
    assert printed
    events = [*guest.events["default"], *guest.events.get("crowd", [])]
    for constraint, pid in printed:
        (event,) = check.events_of(events, int(pid))
        assert event["cause"] in CONSTRAINTS[constraint], (constraint, event)


def test_oom_triggers(kernel, layout, guest):
    """The guest's kernel printed whose allocation failed before each OOM kill: the events agree.
    Where the whole memory is full, that is whoever comes next.
    """
    printed = []
    for line in guest.text("kernel.log").splitlines():
        if found := re.search(r"\bCPU: .*\bPID: (\d+) Comm: ", line):
            trigger = found[1]
        elif found := re.search(r"oom-kill:constraint=.*\bpid=(\d+),", line):
            printed.append((trigger, found[1]))
    assert printed
    events = [*guest.events["default"], *guest.events.get("crowd", [])]
    for trigger, pid in printed:
        (event,) = check.events_of(events, int(pid))
        assert event["oom"]["trigger"]["pid"] == int(trigger), event


def leaves(value, path=""):
    """The leaves of an event, by path."""
    if isinstance(value, dict):
        return {k: v for key in value for k, v in leaves(value[key], f"{path}.{key}").items()}
    return {path: value}


@pytest.mark.layouts("v2")
def test_fork_into_killed_group(kernel, layout, guest):
    """Each process that was killed with a group while it forked is reported once. A child that was
    killed during its fork has no sender.
    """
    if expected.impossible(kernel, layout, "cgroup-kill"):
        pytest.skip(f"{EXCUSE} {expected.impossible(kernel, layout, 'cgroup-kill')}")
    killed = [
        pid for line in matrix.json_lines(guest.directory / "forked") for pid in line["killed"]
    ]
    assert len(killed) >= 100
    for pid in killed:
        (event,) = check.events_of(guest.events["forks"], pid)
        assert event["cause"] == "cgroup-kill"
        if any(frame.startswith("copy_process+") for frame in event.get("kernel_stack", [])):
            assert "sender" not in event
        else:
            assert event["sender"]["comm"] == "kz-forks"
    assert not lost(guest, "forks")


def differences(guest, mode, death):
    """Differences of a mode's event from that of the tracer with all evidence."""
    both = [check.events_of(guest.events[one], death["pid"]) for one in ("default", mode)]
    counts = [len(events) for events in both]
    if counts != [1, 1]:
        return f"{counts} events"
    if both[1][0]["cause"] in expected.may_be_told(mode, both[0][0]["cause"]):
        return None
    rich, poor = (leaves({key: events[0].get(key) for key in VERDICT}) for events in both)
    return {
        key: (rich.get(key), poor[key])
        for key in poor
        if poor[key] != rich.get(key) and not key.endswith(MOMENTARY)
    }


def test_without(kernel, layout, guest):
    """With evidence switched off every verdict is the same, or less specific."""
    wrong = []
    for name, line in guest.zoo.items():
        if expected.impossible(kernel, layout, name):
            continue
        for death in check.deaths_of(line):
            for mode in guest.modes[1:]:
                differing = differences(guest, mode, death)
                if differing:
                    wrong.append(f"{mode}: {name}, {death['role']} {death['pid']}: {differing}")
    assert not wrong, "\n".join(wrong)


def lost(guest, mode):
    """The losses of a tracer: counts by reason in its lines, and its final report, except names of
    containers that came late: an emulated processor is too slow for those.
    """
    counted = check.real_losses(guest.events[mode])
    said = re.findall(r"^killtrace: lost (.*)$", guest.text(f"{mode}.err"), re.MULTILINE)
    assert said, f"{mode} did not end well"
    return counted + [
        words for words in said if words != "nothing" and not words.endswith("in time")
    ]


def test_nothing_lost(kernel, layout, guest, validate):
    """Every line is valid, no mode lost anything, and ids name one record each."""
    for mode in guest.modes:
        assert not lost(guest, mode)
        events = guest.events[mode]
        ids = [event["id"] for event in events if not check.is_loss(event)]
        assert len(ids) == len(set(ids))
    for event in guest.events["default"]:
        errors = [f"{error.json_path}: {error.message}" for error in validate.iter_errors(event)]
        assert not errors, (errors, event)


@pytest.mark.layouts("v1")
def test_storm(kernel, layout, guest):
    """Ten times as many die as there is time for: each is reported once, and nothing is lost. This
    includes kernels that can preempt the program that sees an exit, and skip it for the next exit.
    """
    (storm,) = matrix.json_lines(guest.directory / "crashed")
    told = Counter(event["victim"]["pid"] for event in guest.events["storm"] if "victim" in event)
    assert storm["wrong"] == 0 and storm["pids"]
    assert {pid: told[pid] for pid in storm["pids"] if told[pid] != 1} == {}
    assert not lost(guest, "storm")


@pytest.mark.layouts("v2")
def test_threads_end_together(kernel, layout, guest):
    """A crash that the program's own handler ends is reported once, whichever thread is the last to
    exit.
    """
    if not (guest.directory / "gave-up").exists():
        pytest.skip(f"{EXCUSE} an emulated processor of this architecture is too slow for so many")
    (crashes,) = matrix.json_lines(guest.directory / "gave-up")
    events = [
        event
        for event in guest.events["crashes"]
        if event.get("victim", {}).get("comm") == "kz-crashes"
    ]
    assert crashes["wrong"] == 0 and len(crashes["pids"]) == 120
    assert Counter(event["victim"]["pid"] for event in events) == Counter(crashes["pids"])
    assert {event["cause"] for event in events} == {"runtime-crash"}
    assert not lost(guest, "crashes")


@pytest.mark.layouts("v2")
def test_crowd(kernel, layout, guest):
    """2,100 unprivileged processes that could have died cost no evidence about other processes."""
    if not (guest.directory / "crowded").exists():
        pytest.skip(f"{EXCUSE} an emulated processor of this architecture is too slow for a crowd")
    assert matrix.json_lines(guest.directory / "held") == [{"held": 2100}]
    events = guest.events["crowd"]
    for line in matrix.json_lines(guest.directory / "crowded"):
        name = line["victim"]
        assert check.zoo_line(expected.case(kernel, name), line, events, EXE) == [], name


def replay(guest, guests):
    """The events of a guest's recording, replayed here."""
    replayed = subprocess.run(
        [guests.killtrace, "replay", "--all", "-o", "json", guest.directory / "recording"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    path = guest.directory / "replayed.json"
    path.write_text(replayed)
    return matrix.json_lines(path)


def test_recording(kernel, layout, guest, guests):
    """A recording of that kernel has the same events here."""
    events = replay(guest, guests)
    told = [line for line in guest.zoo.values() if "skipped" not in line]
    for death in [death for line in told for death in check.deaths_of(line)]:
        live = check.events_of(guest.events["default"], death["pid"])
        again = check.events_of(events, death["pid"])
        assert [event["cause"] for event in live] == [event["cause"] for event in again], (
            live,
            again,
        )


@pytest.mark.layouts("v1")
def test_pins(kernel, layout, guest):
    """Programs can be pinned, record without a running killtrace, and be replaced by others."""
    died = matrix.json_lines(guest.directory / "pins-died")
    told = [line for line in matrix.json_lines(guest.directory / "pins.json") if "victim" in line]
    assert [line["victim"]["pid"] for line in told] == [line["pid"] for line in died], guest.text(
        "pins.err"
    )
    assert [line["cause"] for line in told] == ["segfault"] * 2
    assert ["address" in line["fault"] for line in told] == [True, False]


@pytest.mark.layouts("v1")
def test_rescued(kernel, layout, guest):
    """Deaths that the first program at exits misses are reported by the others just as correctly,
    except for a parent that may be gone by then.
    """
    if not (guest.directory / "rescued").exists():
        pytest.skip(f"{EXCUSE} this kernel does not preempt the programs, and needs no others")
    lines = matrix.json_lines(guest.directory / "rescued")
    events = matrix.json_lines(guest.directory / "rescued.json")
    told = {event["victim"]["pid"]: event["victim"] for event in events if "victim" in event}
    for line in lines:
        assert check.zoo_line(expected.case(kernel, line["victim"]), line, events, EXE) == []
    # only a process that waits to be reaped has a parent for sure
    (inner,) = [
        death["pid"] for death in check.deaths_of(lines[1]) if death["role"] == "victim-inner"
    ]
    assert told[inner]["ns_pid"] == 2
    assert "ppid" not in told[inner]


def test_no_harm(kernel, layout, guest):
    """The guest's kernel has no complaints, and our programs left nothing in it."""
    assert not matrix.splats(guest.text("kernel.log") + guest.text("console"))
    assert guest.text("left") == ""
