# SPDX-License-Identifier: BSD-2-Clause
"""Kubernetes Events of the overlay, as the real API server has them and kubectl shows them."""

import re

import cluster as world
import pytest
from announcements import KILLS, USER
from prometheus_client.parser import text_string_to_metric_families as parsed

FIRST = world.NODES[0]
SHOP, DOOMED = f"shop-{FIRST}", f"doomed-{FIRST}"


@pytest.fixture(scope="module")
def seen(story):
    """What was done and seen."""
    return story.announced


@pytest.fixture(scope="module")
def reported(announced_events):
    """The deaths that the agent printed, by pod."""
    found = {}
    for event in announced_events:
        found.setdefault(event.get("kubernetes", {}).get("pod"), []).append(event)
    return found


@pytest.fixture(scope="module")
def requests(seen):
    """The API server's own list of what the agent's account asked for, by hand or by the agent."""
    return seen.audited()


def by_agent(requests):
    """Without those of kubectl."""
    return [one for one in requests if one["userAgent"].startswith("killtrace/")]


def codes_of(requests, pod):
    """The answers to the agent's requests about a pod."""
    found = []
    for one in by_agent(requests):
        # a new object has its name in the body only
        name = one["objectRef"].get("name") or one["requestObject"]["metadata"].get("name", "")
        if name.startswith(f"{pod}."):
            found.append((one["verb"], one["responseStatus"]["code"]))
    return found


def test_describe_pod(seen, reported):
    """Children of a container are killed, and it lives on: kubectl names the process, the limit and
    what filled it, and how often. Kubernetes itself says nothing.
    """
    pod = seen.pods["crew"]
    (status,) = pod["status"]["containerStatuses"]
    assert status["state"].get("running") and status["restartCount"] == 0
    (event,) = seen.events["crew"]
    assert event["count"] == KILLS == len(reported["crew"])
    text = seen.said["pod"].stdout
    (line,) = [line for line in text.splitlines() if "OOMKilledProcess" in line]
    words = " ".join(line.split())
    assert words.startswith("Warning OOMKilledProcess ") and f"(x{KILLS} over " in words
    # the process, the limit, what filled it, and the next step
    for part in (" killtrace ", "busybox (pid ", "limit of 32.0 MiB", "busybox itself held 3"):
        assert part in words, words
    assert ". Next: " in words
    assert text.count("OOMKill") == 1


def test_event(seen, reported):
    """Its fields after the API server took it, and what it is about by the API server's uid."""
    (event,) = seen.events["crew"]
    pod = seen.pods["crew"]
    about = event["involvedObject"]
    assert about["uid"] == pod["metadata"]["uid"] and about["kind"] == "Pod"
    assert about["fieldPath"] == "spec.containers{pool}"
    assert event["metadata"]["namespace"] == about["namespace"] == SHOP
    assert event["type"] == "Warning" and event["reportingComponent"] == "killtrace"
    assert event["source"] == {"component": "killtrace", "host": FIRST}
    first, *_, last = reported["crew"]
    assert event["metadata"]["annotations"]["killtrace/id"] == first["id"]
    assert event["message"].startswith(first["summary"])
    assert event["firstTimestamp"] == first["time"][:19] + "Z"
    assert event["lastTimestamp"] == last["time"][:19] + "Z"


def test_why(seen, reported):
    """kubectl killtrace explains the newest of them."""
    done = seen.said["why"]
    words = " ".join(done.stdout.split())
    assert done.returncode == 0, done
    assert f"{SHOP}/crew, container pool: busybox" in words and "memory limit of 32 MiB" in words
    assert str(reported["crew"][-1]["victim"]["pid"]) in words


def test_least_rights(seen, requests):
    """The token may create an Event, and neither read nor delete one, nor anything else."""
    assert seen.said["create"].returncode == 0, seen.said["create"]
    for key in ("get", "delete", "list", "pods"):
        done = seen.said[key]
        assert done.returncode == 1 and f'User "{USER}" cannot ' in done.stderr, done
    rights = [line.split() for line in seen.said["rights"].stdout.splitlines()]
    (ours,) = [line for line in rights if line and line[0] == "events"]
    assert sorted(re.findall(r"\w+", " ".join(ours[1:]))) == ["create", "patch"]
    asked = by_agent(requests)
    assert {(one["verb"], one["objectRef"]["resource"]) for one in asked} <= {
        ("create", "events"),
        ("patch", "events"),
        # doctor's question
        ("create", "selfsubjectaccessreviews"),
    }


def test_few_requests(seen, requests):
    """Deaths that come together are one request, and no pod has more than its burst."""
    for name in ("crew", "anvil"):
        codes = codes_of(requests, name)
        assert codes[0] == ("create", 201)
        (*_, event) = seen.events[name]
        assert len(codes) <= 10 and event["count"] >= 1


def test_away(seen, reported):
    """What died while the API server was away is an Event on a pod that is gone, once."""
    (event,) = seen.events["brief"]
    assert event["involvedObject"]["uid"] == seen.pods["brief"]["metadata"]["uid"]
    assert event["count"] == 1 and event["reason"] == "OOMKilledContainer"
    assert len(reported["brief"]) == 1


def test_new_token(seen, requests):
    """After the token was replaced, the agent goes on with the new one, and has lost nothing."""
    talk = seen.log.lines("stderr")
    assert sum("does not accept the token (401)" in line for line in talk) == 1
    assert ("patch", 200) in codes_of(requests, "anvil")
    assert seen.events["anvil"][0]["count"] == 2


def test_forbidden(seen, requests):
    """Without the role a death is counted as lost; with the role again, the next one is there."""
    talk = seen.log.lines("stderr")
    (said,) = [line for line in talk if "(403)" in line]
    assert f"in namespace '{SHOP}'" in said and "apply the role of deploy/overlays/events" in said
    codes = codes_of(requests, "anvil")
    assert codes[-2:] == [("patch", 403), ("create", 201)]
    assert [event["count"] for event in seen.events["anvil"]] == [2, 1]


def test_losses(seen, reported, requests):
    """What was refused is counted: one death without the role, and those of the namespace that was
    being deleted, of which the API server refuses new content.
    """
    refused = [one for one in by_agent(requests) if one["objectRef"].get("namespace") == DOOMED]
    assert refused and {one["responseStatus"]["code"] for one in refused} == {403}
    (metrics,) = [
        {sample.labels["reason"]: sample.value for sample in family.samples}
        for family in parsed(seen.metrics)
        if family.name == "killtrace_lost"
    ]
    named = [one for one in reported["condemned"] if "container" in one["kubernetes"]]
    assert named and metrics["output"] == 1 + len(named)


def test_describe_node(seen):
    """A global OOM kill is on the node."""
    assert seen.said["replay"].returncode == 0, seen.said["replay"]
    (event,) = seen.events["golden"]
    assert event["count"] == 3 and event["involvedObject"]["kind"] == "Node"
    text = seen.said["node"].stdout
    (line,) = [line for line in text.splitlines() if "NodeOOMKill" in line]
    assert "(x3 over " in line


@pytest.mark.parametrize(
    "key,state,words",
    [
        ("allowed", "ok", "lets this pod create and count them"),
        ("away", "broken", "network policy"),
        ("unknown", "broken", "does not accept the token (401)"),
        ("forbidden", "broken", "does not allow 'create' for events in every namespace"),
    ],
)
def test_doctor(seen, key, state, words):
    """doctor in the agent's pod asks whether Events are allowed."""
    row = seen.said[key]
    assert row["state"] == state and words in row["note"], row
    assert row["note"].startswith("https://10.100.0.1:443"), row


def test_doctor_without(story):
    """doctor in a pod of another overlay says that there are none."""
    (line,) = [one for one in story.least_doctor.stdout.splitlines() if "EVENTS" in one]
    assert line.startswith("ok ") and "deploy/overlays/events" in line
