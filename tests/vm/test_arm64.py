# SPDX-License-Identifier: BSD-2-Clause
"""The other architecture: a binary of the same source, the same victims if they exist, and
recordings that are replayed identically here.
"""

import arm64
import check
import expected
import guests as matrix
import pytest
import test_matrix

pytestmark = [pytest.mark.arch("arm64"), pytest.mark.layouts("v2-few")]

test_guest = test_matrix.test_guest
test_without = test_matrix.test_without
test_nothing_lost = test_matrix.test_nothing_lost
test_recording = test_matrix.test_recording
test_no_harm = test_matrix.test_no_harm
test_oom_scopes = test_matrix.test_oom_scopes


def told(guest, name):
    """The one event of a victim's death."""
    events = check.events_of(guest.events["default"], guest.zoo[name]["pid"])
    assert len(events) == 1, events
    return events[0]


def test_hooks(kernel, layout, guest):
    """Every hook is attached except those that the architecture lacks, and doctor reports those."""
    assert guest.text("doctor.status").strip() == "1", guest.text("doctor.out")
    for hook in test_matrix.ALL_HOOKS:
        attached = f"attached  {hook} " in guest.text("doctor.out")
        assert attached == (hook not in arm64.MISSING_HOOKS), guest.text("doctor.out")
    for mode in guest.modes:
        said = guest.text(f"{mode}.err").splitlines()
        tracing = [line for line in said if line.startswith("killtrace: tracing")]
        assert len(tracing) == 1 and set(test_matrix.BASE_HOOKS) <= set(tracing[0].split()), said


@pytest.mark.parametrize("name", arm64.CASES)
def test_victim(kernel, layout, guest, name):
    """One death, one event, agreeing with case, wait status and testimony."""
    line = guest.zoo[name]
    assert "skipped" not in line, f"{guest.release}: {line['skipped']}"
    events = guest.events["default"]
    mismatches = check.zoo_line(arm64.CASES[name], line, events, matrix.ZOO.name)
    assert not mismatches, "\n".join([*mismatches, f"zoo: {line}"])


def test_syndromes(kernel, layout, guest):
    """Trap number and access of every page fault agree with the processor's syndrome and with the
    victim.
    """
    faults = [
        event["fault"]
        for event in guest.events["default"]
        if event.get("fault", {}).get("trap") == "page-fault"
    ]
    assert {fault["access"] for fault in faults} == {"read", "write", "exec"}
    for fault in faults:
        exception, write, status = arm64.syndrome(fault)
        assert fault["trap_number"] == exception == arm64.ABORTS[fault["access"]], fault
        assert write == (fault["access"] == "write"), fault
        assert 4 <= status <= 15, fault
        assert fault["source"] == "thread", fault


@pytest.mark.parametrize(
    ("name", "statuses"),
    [("null-deref", range(4, 8)), ("write-read-only", range(12, 16)), ("alignment", [0x21])],
)
def test_status(kernel, layout, guest, name, statuses):
    """The processor's status says that nothing was mapped, that the access was forbidden, or that
    it was not aligned.
    """
    assert arm64.syndrome(told(guest, name)["fault"])[2] in statuses


def test_every_victim_is_expected(kernel, layout, guest):
    """Every victim of the arm64 zoo has a case here, except the impossible ones."""
    unexpected = sorted(guest.zoo.keys() - arm64.CASES.keys())
    assert [name for name in unexpected if not expected.impossible(kernel, layout, name)] == []
    assert sorted(arm64.CASES.keys() - guest.zoo.keys()) == []
