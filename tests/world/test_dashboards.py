# SPDX-License-Identifier: BSD-2-Clause
"""The form of the dashboards. Grafana's own schema is not available here, so this checks what it
would complain about, or show wrongly. test_prometheus.py runs the queries.
"""

import itertools

import dashboards
import pytest

# of panels, with what each needs
KINDS = {"stat", "timeseries", "table", "row"}
ALL = dashboards.load()


@pytest.fixture(params=sorted(ALL))
def board(request):
    """Each of them."""
    return ALL[request.param]


def test_there():
    """A fleet and a node, with links to each other."""
    assert set(ALL) == {"fleet.json", "node.json"}
    uids = {board["uid"] for board in ALL.values()}
    assert len(uids) == 2
    for board in ALL.values():
        (link,) = board["links"]
        assert link["url"].removeprefix("/d/") in uids - {board["uid"]}


def test_panels(board):
    """Each has an id and a place of its own in the 24 columns, and a known kind."""
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids) > 10
    cells = set()
    for panel in board["panels"]:
        assert panel["type"] in KINDS and panel["title"]
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        rows, columns = range(place["y"], place["y"] + place["h"]), range(place["w"])
        own = set(itertools.product(rows, (place["x"] + column for column in columns)))
        assert own and not own & cells, panel["title"]
        cells |= own
    assert isinstance(board["schemaVersion"], int) and board["time"] and board["templating"]


def test_queries(board):
    """Each has a data source that the reader chooses, a letter of its own, and known variables."""
    variables = {variable["name"]: "x" for variable in board["templating"]["list"]}
    assert "datasource" in variables
    for panel in board["panels"]:
        targets = panel.get("targets", [])
        assert bool(targets) == (panel["type"] != "row")
        letters = [target["refId"] for target in targets]
        assert len(set(letters)) == len(letters)
        for target in targets:
            assert target["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
            assert target["instant"] != target["range"]
            assert dashboards.filled_in(target["expr"], variables)
