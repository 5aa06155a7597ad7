# SPDX-License-Identifier: BSD-2-Clause
"""Fixtures of the Kubernetes world: one cluster, and one story in it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "kernel"))

import check  # noqa: E402
import cluster as world  # noqa: E402
import leftovers  # noqa: E402
import machine  # noqa: E402
import story as told  # noqa: E402


@pytest.fixture(scope="session")
def before():
    """The state of the machine before."""
    if os.geteuid():
        pytest.skip("not possible on this machine: needs root")
    return machine.state()


@pytest.fixture(scope="session", autouse=True)
def leaves_nothing():
    """Nothing is left, even if a test fails: a pod's pins go with the node."""
    had = leftovers.state()
    yield
    left = leftovers.left(had)
    assert not left, f"left behind: {left}"


@pytest.fixture(scope="session")
def running(before):
    """The cluster, while the story runs."""
    cluster = world.Cluster()
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.close()


@pytest.fixture(scope="session")
def story(running):
    """All data from the cluster."""
    return told.Story(running).play()


@pytest.fixture(scope="session")
def events(story):
    """The deaths that killtrace reported on each node."""
    return {
        node: [event for event in log.events() if not check.is_loss(event)]
        for node, log in story.logs.items()
    }


@pytest.fixture(scope="session")
def next_events(story):
    """The deaths that the second tracer of the first node reported."""
    return [event for event in story.next_log.events() if not check.is_loss(event)]


@pytest.fixture(scope="session")
def least_events(story):
    """The deaths that the tracer without "privileged" reported."""
    return [event for event in story.least_log.events() if not check.is_loss(event)]


@pytest.fixture(scope="session")
def announced_events(story):
    """The deaths that the tracer reported that makes Kubernetes Events of them."""
    return [event for event in story.announced.log.events() if not check.is_loss(event)]


@pytest.fixture(scope="session")
def validate():
    """Validates a line against killtrace's own schema."""
    command = [world.BUILD / "killtrace", "schema"]
    document = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return jsonschema.validators.validator_for(document)(document)
