#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Kernel by cause, from what the matrix's tests said: what was told rightly, and what cannot be.

usage: tests/vm/table.py REPORT     (the JUnit report of the kind vm)

Prints Markdown. A cell counts the victims whose every test passed; one that failed is named.
"""

import json
import re
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "kernel"))

import expected  # noqa: E402
import guests as matrix  # noqa: E402

EXCUSE = re.compile("not possible on this machine: (module: )?")
CASES = {**expected.GUEST_CASES, **expected.BREAK_CASES}
SCHEMA = matrix.ROOT / "user/line/schema.json"
TEST = re.compile(r"test_(victim|old_layout|oops|oops_of_base_tier|stuck)\[(.*)\]$")


def causes():
    """All causes that killtrace knows, in the order of its schema."""
    return json.loads(SCHEMA.read_text())["$defs"]["death"]["properties"]["cause"]["enum"]


def parameters(text):
    """Kernel and victim in a test's name. Both can contain dashes."""
    words = text.split("-")
    for kernel in sorted(matrix.names(), key=len, reverse=True):
        for start in range(len(words)):
            rest = text.split("-", start)[start] if start else text
            if rest.startswith(kernel + "-") and rest[len(kernel) + 1 :] in CASES:
                return kernel, rest[len(kernel) + 1 :]
    return None


def results(report):
    """The outcomes of the tests by kernel and victim, with the reason of each skip."""
    found = defaultdict(list)
    for element in ET.parse(report).iter("testcase"):
        match = TEST.match(element.get("name", ""))
        known = match and parameters(match[2])
        if not known:
            continue
        skipped = element.find("skipped")
        if element.find("failure") is not None or element.find("error") is not None:
            found[known].append(("failed", None))
        elif skipped is not None:
            found[known].append(("skipped", EXCUSE.sub("", skipped.get("message", ""))))
        else:
            found[known].append(("passed", None))
    return found


def cell(outcomes):
    """One kernel, one cause: the outcomes of its victims by name."""
    failed = [
        name for name, of in outcomes.items() if any(outcome == "failed" for outcome, _ in of)
    ]
    told = [name for name, of in outcomes.items() if any(outcome == "passed" for outcome, _ in of)]
    if failed:
        return "**failed**: " + ", ".join(failed)
    if told:
        return f"told ({len(told)})"
    reasons = {reason for of in outcomes.values() for _, reason in of if reason}
    return "not possible: " + "; ".join(sorted(reasons)) if reasons else "not run"


def table(found):
    """The rows, the header first."""
    kernels = [name for name in matrix.names() if any(kernel == name for kernel, _ in found)]
    yield ["cause", *kernels]
    yield ["---"] * (len(kernels) + 1)
    for cause in causes():
        victims = [name for name, case in CASES.items() if case.expect.get("cause") == cause]
        cells = [
            cell({name: found[kernel, name] for name in victims if (kernel, name) in found})
            for kernel in kernels
        ]
        yield [
            cause,
            *(cells if victims else [f"no victim: {expected.NO_VICTIM[cause]}"] * len(kernels)),
        ]


def main():
    """Prints the table."""
    if len(sys.argv) != 2:
        sys.exit(__doc__.split("\n\n")[1])
    found = results(sys.argv[1])
    if not found:
        sys.exit(f"table: {sys.argv[1]} tells of no victim")
    for row in table(found):
        print("| " + " | ".join(text.replace("|", "/") for text in row) + " |")


main()
