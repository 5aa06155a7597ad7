# SPDX-License-Identifier: BSD-2-Clause
"""Kubernetes Events about real deaths in cgroups like those of pods, for an API server that is
sometimes away or refuses. tests/kubernetes has a real one.
"""

import json
import re
import signal
import subprocess

import pytest
from kube_api import ApiServer
from otlp_collector import Answer
from test_daemon import COMM, Daemon, metrics_of
from test_names import cgroups, hierarchy, in_cgroup, new_pod  # noqa: F401

SECRET = "first-token"


@pytest.fixture
def api(tmp_path):
    """An API server that takes everything."""
    with ApiServer(tmp_path) as started:
        yield started
        assert not started.broken, started.broken


@pytest.fixture
def shell(tmp_path):
    """A shell with a name that no other victim has."""
    path = tmp_path / COMM
    path.write_bytes(open("/bin/bash", "rb").read())
    path.chmod(0o755)
    return path


class Pod:
    """A pod's container, in which processes die."""

    def __init__(self, root, groups, shell, name):
        self.path, _, self.names = new_pod(root, name)
        self.directory, self.shell = groups.make(self.path), shell

    def die(self, count=1, how="SEGV"):
        """Makes victims, in a cgroup of the pod; returns their pids."""
        script = f"for ((i = 0; i < {count}; i++)); do (kill -{how} $BASHPID); done"
        process = in_cgroup(self.directory, self.shell, "-c", script)
        process.wait()


@pytest.fixture
def pod(tmp_path, cgroups, shell):  # noqa: F811
    """Makes pods."""

    def make(name="web-0"):
        return Pod(tmp_path, cgroups, shell, name)

    return make


def agent(api, root, *more):
    """An agent that makes Events."""
    command = [*api.arguments, "--comm", COMM, "--host-root", str(root), "--json", "lines.json"]
    return Daemon(*command, *more, prefix=api.prefix)


def lines(daemon):
    """The records of deaths."""
    return [json.loads(line) for line in daemon.read("lines.json").splitlines() if b'"id"' in line]


def counted(daemon):
    """How many deaths it says it has not written."""
    said = re.findall(r"kubernetes: (\d+) events? (?:was|were) not written", daemon.talk())
    return sum(map(int, said))


def test_an_event(api, tmp_path, pod, cgroups):  # noqa: F811
    """One death of a pod's process is one Event on that pod, with its words, its host and the next
    step. A process of no pod makes none. The token is shown nowhere.
    """
    victims = pod()
    with agent(api, tmp_path, "--node", "node-7", "-v") as daemon:
        victims.die()
        in_cgroup(hierarchy(), victims.shell, "-c", "kill -SEGV $$").wait()
        daemon.wait_for(lambda: len(lines(daemon)) == 2, "reporting")
        daemon.wait_for(lambda: api.events, "sending")
        daemon.stop()
        assert counted(daemon) == 0 and SECRET not in daemon.talk()
        (line,) = [line for line in lines(daemon) if "kubernetes" in line]
    ((namespace, name), event), *others = api.events.items()
    assert not others and namespace == "shop" and name.startswith(f"web-0.{line['id']}")
    assert event["involvedObject"] == {
        "apiVersion": "v1",
        "kind": "Pod",
        "namespace": "shop",
        "name": "web-0",
        "uid": victims.names["pod_uid"],
        "fieldPath": "spec.containers{app}",
    }
    assert event["reason"] == "KilledBySignal" and event["type"] == "Warning"
    assert event["message"].startswith(line["summary"] + ". Next: kubectl -n shop logs web-0")
    assert event["source"] == {"component": "killtrace", "host": "node-7"}
    assert event["reportingComponent"] == "killtrace" and event["reportingInstance"] == "node-7"
    assert event["count"] == 1
    assert event["firstTimestamp"] == event["lastTimestamp"] == line["time"][:19] + "Z"
    assert event["metadata"]["annotations"] == {
        "killtrace/id": line["id"],
        "killtrace/fingerprint": line["fingerprint"],
    }
    assert api.authorizations == [[f"Bearer {SECRET}"]]
