# SPDX-License-Identifier: BSD-2-Clause
"""Fixtures of the matrix. Expectations, and the comparison with them, are in tests/kernel."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "kernel"))

import guests as matrix  # noqa: E402


def pytest_configure(config):
    """Markers of these tests."""
    config.addinivalue_line("markers", "layouts(name...): kinds of guests (guests.KINDS)")
    config.addinivalue_line("markers", "kernels(name...): of these only, all if not said")
    config.addinivalue_line("markers", "arch(name): architecture of the guests, amd64 if not said")


def pytest_generate_tests(metafunc):
    """Tests with a kernel run for each kernel, those with a layout for all layouts or the marked
    ones.
    """
    try:
        kernels = matrix.names()
    except ValueError as error:
        raise pytest.UsageError(str(error)) from error
    if "layout" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("layouts")
        layouts = marker.args if marker else matrix.LAYOUTS
        metafunc.parametrize("layout", layouts, scope="session")
    if "kernel" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("arch")
        arch = marker.args[0] if marker else "amd64"
        kernels = [name for name in kernels if matrix.arch_of(name) == arch]
        few = metafunc.definition.get_closest_marker("kernels")
        kernels = [name for name in kernels if not few or name in few.args]
        metafunc.parametrize("kernel", kernels, scope="session")


def pytest_collection_modifyitems(config, items):
    """If KERNEL has no kernel of a test's architecture, the test is deselected, not skipped."""
    unasked = [
        item
        for item in items
        if any(
            "got empty parameter set" in mark.kwargs.get("reason", "")
            for mark in item.iter_markers("skip")
        )
    ]
    items[:] = [item for item in items if item not in unasked]
    config.hook.pytest_deselected(items=unasked)


@pytest.fixture(scope="session")
def guests(request):
    """The guests of all selected tests, booting in the background."""
    for needed in matrix.files_of("amd64"):
        if not os.access(needed, os.R_OK):
            pytest.fail(f"{needed} is not built")
    booted = matrix.Guests()
    try:
        for kernel in matrix.names():
            for item in request.session.items:
                params = item.callspec.params if hasattr(item, "callspec") else {}
                if params.get("kernel") == kernel:
                    booted.order(kernel, params.get("layout", "v2"))
        yield booted
    finally:
        booted.close()


@pytest.fixture
def guest(request, guests):
    """The guest of the test's kernel and layout. If it did not run, one test says so, once."""
    params = request.node.callspec.params
    found = guests.get(params["kernel"], params.get("layout", "v2"))
    if found.impossible:
        pytest.skip(f"not possible on this machine: {found.impossible}")
    if found.failure and request.node.originalname != "test_guest":
        pytest.skip("the guest did not run: see test_guest")
    return found


@pytest.fixture(scope="session")
def validate(guests):
    """Validates a line against killtrace's own schema."""
    text = subprocess.run(
        [guests.killtrace, "schema"], check=True, capture_output=True, text=True
    ).stdout
    document = json.loads(text)
    return jsonschema.validators.validator_for(document)(document)
