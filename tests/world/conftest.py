# SPDX-License-Identifier: BSD-2-Clause
"""Fixtures of the worlds. Events are compared with expectations as in tests/kernel, and a guest's
files are read as in tests/vm.
"""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

TESTS = Path(__file__).resolve().parent.parent
sys.path += [str(TESTS / "kernel"), str(TESTS / "vm")]

import guests as matrix  # noqa: E402
import leftovers  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def leaves_nothing():
    """No test leaves a program, a pin, a control group or a mount, even if it fails."""
    had = leftovers.state()
    yield
    left = leftovers.left(had)
    assert not left, f"left behind: {left}"


@pytest.fixture(scope="session")
def validate():
    """Validates lines against killtrace's own schema."""
    text = subprocess.run(
        [matrix.KILLTRACE, "schema"], check=True, capture_output=True, text=True
    ).stdout
    document = json.loads(text)
    validator = jsonschema.validators.validator_for(document)(document)

    def check(lines):
        for line in lines:
            errors = [
                f"{wrong.json_path}: {wrong.message}" for wrong in validator.iter_errors(line)
            ]
            assert not errors, (errors, line)

    return check
