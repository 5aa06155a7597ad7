# SPDX-License-Identifier: BSD-2-Clause
"""The dashboards of deploy/grafana, and their queries as Grafana would send them."""

import json
import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent.parent / "deploy/grafana"
# Grafana's own variables.
BUILT_IN = {"__range": "10m", "__rate_interval": "20s"}
VARIABLE = re.compile(r"\$\{?(\w+)\}?")


def load():
    """All of them, by the name of the file."""
    return {path.name: json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.json")}


def queries(dashboard):
    """The panel's title and the expression of each query."""
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]


def filled_in(expression, values):
    """The expression without variables; KeyError: one that nobody defines."""
    return VARIABLE.sub(lambda found: (BUILT_IN | values)[found[1]], expression)


def may_be_empty(expression):
    """Whether a query looks for trouble that a healthy agent does not have."""
    return bool(re.search(r"(== 0|> 0|> 300)$", expression))
