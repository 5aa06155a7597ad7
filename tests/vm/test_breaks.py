# SPDX-License-Identifier: BSD-2-Clause
"""Deaths by a driver that breaks (tests/vm/module): the kernel fails while it works for a process,
and some processes cannot die. The log of the guest's kernel is the oracle.
"""

import re

import check
import expected
import guests as matrix
import pytest
from test_matrix import EXE, differences, lost, replay, said_by_script

pytestmark = pytest.mark.layouts("breaks")
OOPSES = [name for name in expected.BREAK_CASES if name.startswith("oops")]
STUCK = [name for name in expected.BREAK_CASES if name.startswith("stuck")]
# killtrace waits 10 s, and the driver holds its victims for 20.
SECONDS = range(10, 20)


def oopses(log):
    """The kernel's log of each oops, by thread: its first line and its function."""
    found = {}
    headline = tid = None
    for line in log.splitlines():
        if re.search(r"\] (BUG: |kernel BUG |(Oops: )?general protection fault)", line):
            headline, tid = line, None
        elif headline and not tid and (match := re.search(r"\bCPU: .*\bPID: (\d+) Comm: ", line)):
            tid = int(match[1])
        elif (
            tid
            and tid not in found
            and (match := re.search(r"\bRIP: 0010:(\w+\+0x[0-9a-f]+)/", line))
        ):
            found[tid] = (headline, match[1])
            headline = None
    return found


@pytest.fixture
def zoo_line(guest, name):
    """A victim's testimony."""
    line = guest.zoo[name]
    assert "skipped" not in line, line
    return line


def test_guest(kernel, layout, guest):
    """It boots with the driver, its script goes to the end, and the tracers end well."""
    assert not guest.failure
    assert said_by_script(guest) == ["zoo ended with 0"], guest.text("script.log")


@pytest.mark.parametrize("name", OOPSES)
def test_oops(kernel, layout, guest, name, zoo_line):
    """The oops is reported with the function and the address that the kernel printed."""
    mismatches = check.zoo_line(expected.BREAK_CASES[name], zoo_line, guest.events["default"], EXE)
    assert not mismatches, mismatches
    event = check.events_of(guest.events["default"], zoo_line["pid"])[0]
    headline, function = oopses(guest.text("kernel.log"))[zoo_line["tid"]]
    fault = event["fault"]
    assert fault["kernel_function"] == function, event
    assert function in event["summary"]
    if "address" in fault:
        assert headline.endswith(f"address: {int(fault['address'], 16):016x}"), (headline, event)
    # The call path, from the driver to the system call.
    stack = [frame.partition("+")[0] for frame in event["kernel_stack"]]
    assert stack.index("kt_break_write") < stack.index("vfs_write"), stack


@pytest.mark.parametrize("name", ["oops-null", "oops-null-thread"])
def test_oops_of_base_tier(kernel, layout, guest, name, zoo_line):
    """Tracepoints alone show where a page fault of the kernel was."""
    event = check.events_of(guest.events["no-oops"], zoo_line["pid"])[0]
    function = oopses(guest.text("kernel.log"))[zoo_line["tid"]][1]
    assert (event["fault"]["kernel_function"], event["fault"]["address"]) == (function, "0x18")


@pytest.mark.parametrize("name", STUCK)
def test_stuck(kernel, layout, guest, name, zoo_line):
    """A stuck process is reported once, with its cause and without an exit. Its death is still
    reported.
    """
    mismatches = check.zoo_line(expected.BREAK_CASES[name], zoo_line, guest.events["default"], EXE)
    assert not mismatches, mismatches
    for mode in guest.modes:
        events = guest.events[mode]
        told = check.stuck_of(events, zoo_line["pid"])
        deaths = check.events_of(events, zoo_line["pid"])
        assert (len(told), len(deaths)) == (1, 1), (mode, told, deaths)
        assert told[0]["stuck"]["seconds"] in SECONDS and "exit" not in told[0], (mode, told)
        assert told[0]["id"] != deaths[0]["id"] and told[0]["time"] < deaths[0]["time"]
        for key in ("cause", "class", "signal", "sender", "oom", "cgroup"):
            assert told[0].get(key) == deaths[0].get(key), (mode, key, told, deaths)
        assert "has not died for " in told[0]["summary"]


def test_only_they_are_stuck(kernel, layout, guest):
    """No other process is reported as stuck, and a stuck process is not counted as dead."""
    for mode in guest.modes:
        events = [event for event in guest.events[mode] if "stuck" in event]
        assert {event["victim"]["pid"] for event in events} == {
            guest.zoo[name]["pid"] for name in STUCK
        }
        dead = [event for event in guest.events[mode] if "exit" in event]
        said = guest.text(f"{mode}.err")
        assert (
            f"reported {len(dead)} deaths" in said
            and f"{len(STUCK)} were killed and did not die" in said
        )


def test_without(kernel, layout, guest):
    """With less evidence the verdicts are the same."""
    wrong = []
    for name, line in guest.zoo.items():
        for mode in guest.modes[1:]:
            differing = [differences(guest, mode, death) for death in check.deaths_of(line)]
            if any(differing):
                wrong.append(f"{mode}: {name}: {differing}")
    assert not wrong, "\n".join(wrong)


def test_lines(kernel, layout, guest, validate):
    """Every line is valid, nothing is lost, and ids name one record each."""
    for mode in guest.modes:
        assert not lost(guest, mode)
        events = [event for event in guest.events[mode] if not check.is_loss(event)]
        assert len({event["id"] for event in events}) == len(events)
        for event in events:
            errors = [
                f"{error.json_path}: {error.message}" for error in validate.iter_errors(event)
            ]
            assert not errors, (errors, event)


def test_recording(kernel, layout, guest, guests):
    """A recording has the same events here, also for stuck processes."""
    again = replay(guest, guests)
    for line in guest.zoo.values():
        for part in (check.events_of, check.stuck_of):
            # The recorder checks at another moment than the live tracer.
            live, replayed = (
                [re.sub(r"for \d+ s ", "", event["summary"]) for event in part(events, line["pid"])]
                for events in (guest.events["default"], again)
            )
            assert live == replayed


def test_no_harm(kernel, layout, guest):
    """The kernel failed only where the tests wanted it, and our programs left nothing in it."""
    log = guest.text("kernel.log")
    assert len(oopses(log)) == len(OOPSES)
    headlines = [line for line in matrix.splats(log) if not re.search(r"Oops|BUG|\[#\d+\]", line)]
    assert not headlines
    assert len(re.findall(r"\[#\d+\]", log)) == len(OOPSES)
    assert guest.text("left") == ""
