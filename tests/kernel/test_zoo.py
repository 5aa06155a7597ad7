# SPDX-License-Identifier: BSD-2-Clause
"""Each victim of the zoo is reported once and correctly."""

import os
import subprocess

import check
import pytest
import tracer as tracing
from cases import CASES


# These need other hardware, another cgroup layout, or core files where they die (most machines give
# them to a program; the guests of tests/vm do not). Every other victim must run.
MAY_BE_MISSING = {
    *("protection-key", "oom-group", "oom-lowered"),
    *("no-huge-page", "userfault", "fuse-error", "fuse-gone"),
    *("core-dumped", "core-killed"),
}


@pytest.mark.parametrize("name", CASES)
def test_victim(name, zoo_run):
    """One death makes one event, which agrees with case, wait status and testimony."""
    line = zoo_run.victims[name]
    if "skipped" in line:
        where = "not possible on this machine: " if name in MAY_BE_MISSING else ""
        pytest.skip(where + line["skipped"])
    mismatches = check.zoo_line(CASES[name], line, zoo_run.events, os.path.basename(tracing.ZOO))
    pids = {witness["pid"] for witness in check.deaths_of(line)}
    events = [event for event in zoo_run.events if event.get("victim", {}).get("pid") in pids]
    assert not mismatches, "\n".join(
        [*mismatches, CASES[name].note, f"zoo: {line}", f"killtrace: {events}"]
    )


def test_limit_is_looked_into(zoo_run):
    """Files in memory fill a limit, or another process does: the sentences say so."""
    said = {}
    for name in ("oom-tmpfs", "oom-neighbour"):
        (event,) = check.events_of(zoo_run.events, zoo_run.victims[name]["pid"])
        assert {"anon", "shmem", "file", "source"} <= set(event["oom"]["limit_memory"]), event
        said[name] = event["summary"]
    assert (
        "of that are tmpfs files and shared memory (/dev/shm); kz-oom-tmpfs itself held"
        in said["oom-tmpfs"]
    )
    assert "are held by other processes (mostly kz-neighbour" in said["oom-neighbour"]


def test_schema_and_losses(zoo_run, validate):
    """Every line is valid, and nothing was lost."""
    validate(zoo_run.events)
    assert not check.real_losses(zoo_run.events)


def test_ids_are_unique(zoo_run):
    """Other outputs use a record's id as its name."""
    ids = [event["id"] for event in zoo_run.events if not check.is_loss(event)]
    assert len(ids) == len(set(ids))


def test_table_is_complete():
    """Every victim has a case, and every case a victim."""
    names = subprocess.run(
        [tracing.ZOO, "list"], check=True, capture_output=True, text=True
    ).stdout.split()
    assert sorted(names) == sorted(CASES)


HOSTILE = [name for name in CASES if name.startswith("comm-")]


def test_hostile_names_on_the_terminal():
    """One line per event, and no raw control byte."""
    with tracing.Tracer("--all", "-o", "human", "--comm", "*") as tracer:
        tracing.zoo("run", *HOSTILE)
        last = tracing.zoo("run", "null-deref")[0]["pid"]
        tracer.wait_for(lambda: b"[%d]" % last in tracer.read("stdout"), "reporting the sentinel")
        text = tracer.read("stdout")
    # Other processes of the machine may die meanwhile: their names must be harmless too.
    assert not [byte for byte in text if (byte < 0x20 and byte != 0x0A) or byte == 0x7F]
    shown = text.decode("utf-8")
    assert not [
        mark
        for mark in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x9b"
        if mark in shown
    ]
