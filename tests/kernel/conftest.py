# SPDX-License-Identifier: BSD-2-Clause
"""Fixtures of the kernel tests: root, killtrace, the zoo, and one traced run of all chosen
victims.
"""

import json
import os
import subprocess

import jsonschema
import leftovers
import pytest
import tracer as tracing

MODES = {"default": [], "no-fault-tracepoints": ["--no-fault-tracepoints"]}


@pytest.fixture(scope="session", autouse=True)
def surroundings():
    """What every kernel test needs."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    for needed in (tracing.KILLTRACE, tracing.ZOO):
        if not os.access(needed, os.X_OK):
            pytest.fail(f"{needed} is not built")


@pytest.fixture(scope="session", autouse=True)
def leaves_nothing(surroundings):
    """No test leaves a program, a pin, a control group or a mount, even if it fails."""
    had = leftovers.state()
    yield
    left = leftovers.left(had)
    assert not left, f"left behind: {left}"


@pytest.fixture(scope="session")
def schema(surroundings):
    """A validator of killtrace's own schema."""
    text = subprocess.run([tracing.KILLTRACE, "schema"], check=True, capture_output=True).stdout
    document = json.loads(text)
    validator = jsonschema.validators.validator_for(document)
    validator.check_schema(document)
    return validator(document)


@pytest.fixture(scope="session")
def validate(schema):
    """Validates lines, loss lines too: the schema is a promise about every line."""

    def check(lines):
        for line in lines:
            errors = [f"{error.json_path}: {error.message}" for error in schema.iter_errors(line)]
            assert not errors, (errors, line)

    return check


class Run:
    """All victims that the session's tests ask for, under one killtrace."""

    def __init__(self, names, options):
        with tracing.Tracer("--all", "-o", "json", *options) as tracer:
            self.victims = {line["victim"]: line for line in tracing.zoo("run", *names)}
            tracer.settle()
            self.events = tracer.stop()


@pytest.fixture(scope="session", params=MODES)
def zoo_run(request, surroundings):
    """The run in one of the modes. Only victims whose tests are selected are run."""
    names = []
    for item in request.session.items:
        if "zoo_run" not in item.fixturenames:
            continue
        name = item.callspec.params.get("name")
        if name and name not in names:
            names.append(name)
    return Run(names, MODES[request.param])


@pytest.fixture
def tracer(surroundings):
    """A killtrace for this test alone."""
    with tracing.Tracer("--all", "-o", "json") as started:
        yield started
