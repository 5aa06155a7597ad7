# SPDX-License-Identifier: BSD-2-Clause
"""The page that old C libraries call. The victims' own testimony is the oracle."""

import os

import check
import pytest
import test_names
import tracer as tracing

HELP = "booting with vsyscall=emulate, or a newer C library, helps"


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="not possible on this machine: x86-64")
@pytest.mark.parametrize("name", ["vsyscall-write", "vsyscall-call"])
def test_says_what_helps(tracer, validate, name):
    """The address alone says nothing to a person."""
    line = tracing.zoo("run", name)[0]
    tracer.settle()
    events = tracer.stop()
    validate(events)
    event = test_names.one(events, line["pid"])
    assert not check.wait_status(line, event)
    assert "the vsyscall page" in event["summary"] and HELP in event["summary"]
