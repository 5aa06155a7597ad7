# SPDX-License-Identifier: BSD-2-Clause
"""Kubernetes Events about real deaths in cgroups like those of pods, for an API server that is
sometimes away or refuses. tests/kubernetes has a real one.
"""

import re
import signal
import subprocess
from pathlib import Path

import check
import pytest
import tracer as tracing
from http_receiver import Answer, make_authority
from kube_api import ApiServer
from test_daemon import COMM, Daemon, lines_of, metrics_of
from test_names import cgroups, hierarchy, in_cgroup, new_pod  # noqa: F401

SECRET = "first-token"


@pytest.fixture(scope="module")
def made_authority(tmp_path_factory):
    """A certificate authority and a certificate: keys take their time."""
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def api(tmp_path, made_authority):
    """An API server that takes everything."""
    with ApiServer(tmp_path, made_authority) as started:
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
        self.path, self.file, self.names = new_pod(root, name)
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
    return [line for line in lines_of(daemon.path("lines.json")) if not check.is_loss(line)]


def is_named(line):
    """Whether the names of the pod were there in time. On a busy machine they can be late."""
    return "pod" in line.get("kubernetes", {})


def known_death(daemon, victims, count=1):
    """Makes deaths until some have the name of their pod."""
    before = sum(map(is_named, lines(daemon)))
    while sum(map(is_named, lines(daemon))) == before:
        reported = len(lines(daemon))
        victims.die(count)
        daemon.wait_for(lambda: len(lines(daemon)) == reported + count, "reporting")


def named(daemon):
    """How many deaths can have an Event."""
    return sum(map(is_named, lines(daemon)))


def unnamed(daemon):
    """How many deaths of pods have none, because the pod's name is not known."""
    return sum("kubernetes" in line and not is_named(line) for line in lines(daemon))


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
        in_cgroup(hierarchy(), victims.shell, "-c", "kill -SEGV $$").wait()
        daemon.wait_for(lambda: lines(daemon), "reporting what is of no pod")
        known_death(daemon, victims)
        daemon.wait_for(lambda: api.events, "sending")
        daemon.stop()
        assert counted(daemon) == unnamed(daemon) and SECRET not in daemon.talk()
        (line,) = filter(is_named, lines(daemon))
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


def test_equal_deaths_are_counted(api, tmp_path, pod):
    """Equal deaths of a container are one Event with a count; another pod has its own. A storm
    makes few requests, and what they leave out comes with the next one, or is counted at the end.
    """
    web, other = pod(), pod("db-0")
    with agent(api, tmp_path) as daemon:
        known_death(daemon, web)
        daemon.wait_for(lambda: api.total() == 1, "sending")
        known_death(daemon, web, 4)
        known_death(daemon, other)
        daemon.wait_for(lambda: api.total() == named(daemon), "counting")
        first, second = api.listed()
        assert first["count"] > second["count"] == 1
        assert first["firstTimestamp"] <= first["lastTimestamp"]
        assert "PATCH" in [method for _, method, *_ in api.seen]
        reported = len(lines(daemon))
        web.die(300)
        daemon.wait_for(lambda: len(lines(daemon)) == reported + 300, "reporting all")
        daemon.stop()
        assert api.total() + counted(daemon) == len(lines(daemon))
    assert len(api.listed()) == 2 and len(api.seen) < 30
    assert api.listed()[0]["involvedObject"]["name"] == "web-0"


def test_told_to_come_again(api, tmp_path, pod):
    """The same request is sent again, but not before the time that the API server asked for."""
    api.plan = [Answer(429, headers={"Retry-After": "1"}), Answer(503)]
    victims = pod()
    with agent(api, tmp_path) as daemon:
        known_death(daemon, victims)
        daemon.wait_for(lambda: api.total() == 1, "sending")
        daemon.stop()
        assert daemon.talk().count("answers 429") == 1
        assert daemon.talk().count("kubernetes works again") == 1
        assert counted(daemon) == unnamed(daemon)
    assert api.statuses() == [429, 503, 201]
    first, second, _ = (seen[0] for seen in api.seen)
    assert second - first >= 0.9
    assert len({body["metadata"]["name"] for *_, body in api.seen}) == 1


def test_away_and_back(api, tmp_path, pod):
    """While the API server is away deaths are counted, and all are there when it is back. An answer
    that was lost makes no second Event.
    """
    victims = pod()
    api.down()
    with agent(api, tmp_path) as daemon:
        known_death(daemon, victims, 3)
        daemon.wait_for(lambda: "it will be tried again" in daemon.talk(), "trying")
        known_death(daemon, victims, 2)
        api.loses = 1
        api.up()
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for(lambda: api.total() == named(daemon) and 409 in api.statuses(), "sending")
        daemon.stop()
        assert counted(daemon) == unnamed(daemon)
    assert len(api.listed()) == 1


def test_new_token(api, tmp_path, pod):
    """A token that is not accepted any more is read again, as the kubelet replaces it."""
    victims = pod()
    with agent(api, tmp_path) as daemon:
        known_death(daemon, victims)
        daemon.wait_for(lambda: api.total() == 1, "sending")
        api.tokens = ["second-token"]
        known_death(daemon, victims)
        daemon.wait_for(lambda: "does not accept the token (401)" in daemon.talk(), "complaining")
        api.write_token("second-token\n")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for(lambda: api.total() == 2, "sending again")
        (api.account / "token").unlink()
        known_death(daemon, victims)
        daemon.wait_for(lambda: "cannot read the token" in daemon.talk(), "complaining")
        daemon.stop()
        assert counted(daemon) == unnamed(daemon) + 1 and "-token" not in daemon.talk()
    assert len(api.listed()) == 1 and api.authorizations[-1] == ["Bearer second-token"]


def test_forbidden_and_gone(api, tmp_path, pod):
    """What the API server refuses is counted, and the reason is said once, with what to do. Later
    deaths are not held up.
    """
    victims, stranger = [pod(f"web-{number}") for number in range(5)], pod("stranger-0")
    stranger.file.unlink()
    with agent(api, tmp_path, "--textfile", str(tmp_path)) as daemon:
        stranger.die()
        daemon.wait_for(lambda: "whose name is not known" in daemon.talk(), "complaining")
        api.plan = [Answer(403), Answer(403)]
        for count, (terminating, namespaces) in enumerate(
            [(set(), {"shop"}), (set(), {"shop"}), ({"shop"}, {"shop"}), (set(), set())], 1
        ):
            api.terminating, api.namespaces = terminating, namespaces
            known_death(daemon, victims[count])
            daemon.wait_for(lambda count=count: len(api.seen) == count, "being refused")
        api.namespaces = {"shop"}
        known_death(daemon, victims[0])
        daemon.wait_for(lambda: api.total() == 1, "sending")
        daemon.stop()
        assert daemon.talk().count("forbids to create and patch events in namespace 'shop'") == 1
        assert "apply the role of deploy/overlays/events" in daemon.talk()
        assert unnamed(daemon) >= 1 and counted(daemon) == unnamed(daemon) + 4
        lost = counted(daemon)
    assert api.statuses() == [403, 403, 403, 404, 201]
    metrics = metrics_of(tmp_path / "killtrace.prom")
    assert metrics['killtrace_sink_reported_total{sink="kubernetes"}'] == 1
    assert metrics['killtrace_sink_errors_total{sink="kubernetes"}'] == 2
    assert metrics['killtrace_lost_total{reason="output"}'] == lost


def test_forgotten_event(api, tmp_path, pod):
    """The API server forgets Events after an hour: the next death makes a new one."""
    victims = pod()
    with agent(api, tmp_path) as daemon:
        known_death(daemon, victims)
        daemon.wait_for(lambda: api.total() == 1, "sending")
        api.events.clear()
        known_death(daemon, victims)
        daemon.wait_for(lambda: api.total() == 2, "making it anew")
        daemon.stop()
        assert counted(daemon) == unnamed(daemon)
    assert api.statuses() == [201, 404, 201]


def test_never_answers(api, tmp_path, pod):
    """An API server that accepts and never answers delays no other output, and the agent ends in
    time and counts what was not sent.
    """
    victims = pod()
    api.plan = [Answer(201, after=30)] * 10
    with agent(api, tmp_path) as daemon:
        known_death(daemon, victims)
        daemon.wait_for(lambda: api.authorizations, "asking")
        reported = len(lines(daemon))
        victims.die(100)
        daemon.wait_for(lambda: len(lines(daemon)) == reported + 100, "reporting")
        daemon.stop()
        assert counted(daemon) == len(lines(daemon))


def test_another_authority(api, tmp_path, pod):
    """A server whose certificate another authority signed gets no token."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    authority, _ = make_authority(elsewhere)
    (api.account / "ca.crt").write_bytes(authority.read_bytes())
    victims = pod()
    with agent(api, tmp_path) as daemon:
        known_death(daemon, victims)
        daemon.wait_for(lambda: "certificate" in daemon.talk(), "complaining")
        daemon.stop()
        assert counted(daemon) == len(lines(daemon))
    assert not api.authorizations


def test_no_account(api, tmp_path):
    """Without a token the agent says what to do, and does not start."""
    (api.account / "..data/token").unlink()
    command = [tracing.KILLTRACE, "daemon", *api.arguments]
    done = subprocess.run([*api.prefix, *command], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "automountServiceAccountToken: true" in done.stderr
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "KUBERNETES_SERVICE_HOST" in done.stderr


GLOBAL_OOM = Path(__file__).resolve().parent.parent / "golden/synthetic-oom.ktrec"


@pytest.mark.parametrize(
    "plan, loses, statuses",
    [
        ([], 0, [201]),
        ([], 1, [502, 409, 200]),
        ([Answer(403)], 0, [403]),
        ([Answer(422)], 0, [422]),
    ],
)
def test_event_on_the_node(api, plan, loses, statuses):
    """A recording with three kills by a global OOM is one Event on the node; each death is there,
    or counted.
    """
    api.plan, api.loses = list(plan), loses
    command = [tracing.KILLTRACE, "replay", *api.arguments, GLOBAL_OOM]
    done = subprocess.run([*api.prefix, *command], capture_output=True, text=True, check=False)
    assert api.statuses() == statuses
    if plan:
        assert done.returncode == 1 and not api.events
        assert "kubernetes: 3 events were not written" in done.stderr
        return
    assert done.returncode == 0, done.stderr
    (event,) = api.listed()
    assert event["involvedObject"] == {"kind": "Node", "name": "golden", "uid": "golden"}
    assert event["metadata"]["namespace"] == "default" and event["reason"] == "NodeOOMKill"
    assert event["count"] == 3
