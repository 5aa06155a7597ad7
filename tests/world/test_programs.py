# SPDX-License-Identifier: BSD-2-Clause
"""Real programs from Debian: each crashes, is killed and ends with an error.

The reports are compared with the wait status, the program's own log and known pids. A case returns
the expected reports by pid; nothing else may be reported, except what is hidden by default. An end
with an error, a reload and a stop report nothing.
"""

import os

import check
import programs
import programs_languages as languages
import programs_servers as servers
import pytest
import tracer as tracing

VICTIMS = [
    os.path.join(languages.VICTIMS, name) for name in ("libktcrash.so", "libktload.so", "ends")
]
COMPILERS = [
    ["rustc", "--edition", "2021", "-C", "debuginfo=0", "-o", "rust-ends", "ends.rs"],
    ["mcs", "Ends.cs"],
]
CASES = {**servers.CASES, **languages.CASES}


def furnish(world):
    """Copies the victims into the world, and compiles those with compilers there."""
    world.bring(*VICTIMS, *(programs.HERE / "programs").glob("*"))
    with programs.Case(world, "compilers") as case:
        for argv in COMPILERS:
            compiler = case.start(*argv, directory="/opt")
            assert compiler.wait() == 0, compiler.said()


@pytest.fixture(scope="module")
def world():
    """The system in which all of them run."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    with programs.World() as made:
        furnish(made)
        yield made


@pytest.fixture(scope="module")
def shared(world):
    """One killtrace for all of them."""
    with tracing.Tracer("--all", "-o", "json") as tracer:
        yield tracer


def is_in(group, event):
    """Whether a death belongs to a case."""
    told = event.get("cgroup", {})
    paths = [told.get(key, "") for key in ("path", "memory_path", "systemd_path")]
    return any(f"/{group.name}" in path for path in paths)


def mismatches(part, event):
    """The mismatches of a death. "prior" is the signal that came last before the end."""
    asked = part.get("prior", {})
    rest = {key: value for key, value in part.items() if key != "prior"}
    return check.subset(rest, event) + (
        check.subset(asked, event.get("prior_signals", [{}])[-1], "prior_signals.") if asked else []
    )


@pytest.mark.parametrize("name", CASES)
def test_program(name, world, shared, validate):
    """What a case expects is reported, and nothing else."""
    shared.settle()
    before = len(shared.lines)
    with programs.Case(world, name) as case:
        expected = CASES[name](case)
        shared.settle()
    new = shared.lines[before:]
    validate(new)
    told = [line for line in new if not check.is_loss(line) and is_in(case.group, line)]
    shown = [line for line in told if not line["routine"]]
    found = {}
    for pid, part in expected.items():
        if pid is None:
            continue
        mine = [line for line in told if line["victim"]["pid"] == pid]
        assert len(mine) == 1, (pid, part, told)
        found[pid] = mismatches(part, mine[0])
    assert not any(found.values()), (found, told)
    others = [line for line in shown if line["victim"]["pid"] not in expected]
    if None in expected:
        others = [line for line in others if mismatches(expected[None], line)]
    assert not others, others
    assert not check.real_losses(new)
