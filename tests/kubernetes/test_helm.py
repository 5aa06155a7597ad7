# SPDX-License-Identifier: BSD-2-Clause
"""The Helm chart is the manifests: rendered with each combination of its switches, it equals the
same combination of overlays. Helm itself is not there; its templates are Go's.
"""

import itertools
import json
import os
import shutil
import subprocess

import cluster as world
import pytest
import yaml
from story import OVERLAYS, stack

CHART = world.ROOT / "deploy/helm/killtrace"
# in the order in which the chart has them
NAMES = sorted(path.parent.name for path in OVERLAYS.glob("*/component"))


def switch_of(name):
    """least-privilege is leastPrivilege."""
    first, *rest = name.split("-")
    return first + "".join(map(str.capitalize, rest))


@pytest.fixture(scope="module")
def values():
    """The chart's own values."""
    return yaml.safe_load((CHART / "values.yaml").read_text())


@pytest.fixture(scope="module")
def renders(tmp_path_factory):
    """A function that renders the chart with values."""
    if not shutil.which("go"):
        pytest.skip("not possible on this machine: no Go")
    folder = tmp_path_factory.mktemp("render")
    command = ["go", "build", "-o", folder / "render", world.HERE / "helm/render.go"]
    environment = os.environ | {"GOCACHE": str(folder / "cache"), "GO111MODULE": "off"}
    subprocess.run(command, check=True, env=environment)

    def render(values):
        said = subprocess.run(
            [folder / "render", CHART], input=json.dumps(values), stdout=subprocess.PIPE,
            text=True, check=True,
        )  # fmt: skip
        return objects_of(said.stdout)

    return render


def objects_of(text):
    """The objects of a text by kind and name. Helm makes the namespace, and no template is it."""
    found = [one for one in yaml.safe_load_all(text) if one and one["kind"] != "Namespace"]
    return {(one["kind"], one["metadata"]["name"]): one for one in found}


def kustomized(tmp_path, names):
    """The same from the overlays."""
    said = subprocess.run([world.HERE / "binaries"], stdout=subprocess.PIPE, text=True, check=True)
    binaries = said.stdout.strip()
    tmp_path.mkdir()
    command = [f"{binaries}/kubectl", "kustomize", stack(tmp_path, *names)[1]]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return objects_of(said.stdout)


def with_switches(values, names):
    """The values with these switches on, and the others off."""
    chosen = {switch_of(name): {"enabled": name in names} for name in NAMES}
    return {key: value | chosen.get(key, {}) for key, value in values.items()}


def test_equal(renders, values, tmp_path):
    """Each combination is equal, and no two are."""
    assert len(NAMES) >= 4
    seen = []
    for count in range(len(NAMES) + 1):
        for names in itertools.combinations(NAMES, count):
            rendered = renders(with_switches(values, names))
            assert rendered == kustomized(tmp_path / f"{len(seen)}", names), names
            assert rendered not in seen
            seen.append(rendered)
    assert len(seen) == 2 ** len(NAMES)


def test_values(renders, values):
    """Every value arrives, and each switch of an overlay is there and off."""
    assert {switch_of(name) for name in NAMES} | {"image"} == set(values)
    assert not any(values[switch_of(name)]["enabled"] for name in NAMES)
    changed = with_switches(values, NAMES) | {
        "image": {"repository": "r.example/k", "tag": "v1", "pullPolicy": "Always"}
    }
    changed["history"]["sizeMiB"], changed["otlp"]["url"] = 7, "https://c.example"
    (pod,) = renders(changed)[("DaemonSet", "killtrace")]["spec"]["template"]["spec"]["containers"]
    assert (pod["image"], pod["imagePullPolicy"]) == ("r.example/k:v1", "Always")
    assert {"--history-size=7", "--otlp=https://c.example"} <= set(pod["args"])


def test_current(tmp_path):
    """The templates are what the generator makes now, and the version is the program's."""
    shutil.copytree(CHART, tmp_path / "chart", ignore=shutil.ignore_patterns("templates"))
    made = [world.ROOT / "deploy/helm/generate", world.ROOT / "deploy", tmp_path / "chart"]
    subprocess.run(made, check=True)
    trees = [
        {path.name: path.read_text() for path in (chart / "templates").iterdir()}
        for chart in (CHART, tmp_path / "chart")
    ]
    assert trees[0] == trees[1]
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    version = (world.ROOT / "scripts/version").read_text().strip()
    assert chart["version"] == chart["appVersion"] == version
