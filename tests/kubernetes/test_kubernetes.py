# SPDX-License-Identifier: BSD-2-Clause
"""A cluster, the image and the manifest that users get, and pods that die in every way that leaves
an operator asking. What the DaemonSet logs is compared with what the API server says.
"""

import os
import subprocess
from datetime import datetime

import check
import cluster as world
import machine
import node
import pytest
from story import SELF, SHOP, uid_on_node

BASE_HOOKS = ["signal_generate", "mark_victim", "sched_process_exit"]
SIGSEGV = 11
# The API server's times are whole seconds.
SECOND = 1.0
# pod, container, whether its first process died, what of, by which signal; pods whose name the
# Deployment chose are in test_deployment
DEATHS = [
    ("guaranteed", "eater", True, "oom-memcg", 9),
    ("burstable", "faulter", True, "segfault", SIGSEGV),
    ("besteffort", "quarrel", False, "sigkill", 9),
    ("init", "migrate", True, "oom-memcg", 9),
    ("static-node-1", "eater", True, "oom-memcg", 9),
    ("workers", "pool", False, "oom-memcg", 9),
    ("stubborn", "deaf", True, "sigkill", 9),
    ("probed", "sick", True, "sigkill", 9),
]
NAMES = [death[0] for death in DEATHS]


def deaths_in(events, container_id):
    """The events of a container but those that only followed: when the first process of a namespace
    of pids dies, the kernel kills the rest.
    """
    return [
        event
        for event in events
        if event.get("container", {}).get("id") == container_id
        and event["cause"] != "pidns-teardown"
    ]


def container_of(story, pod_name, container_name):
    """The one container of this name that the API server has seen: its id, its pod, its status."""
    found = [
        (container_id, pod, status)
        for container_id, (pod, status) in story.containers.items()
        if pod["metadata"]["name"] == pod_name
        and pod["metadata"]["namespace"] == SHOP
        and status["name"] == container_name
    ]
    assert len(found) == 1, found
    return found[0]


def check_owner(event, pod, container_id, status):
    """Whose it was, as the API server has it."""
    assert event["kubernetes"] == {
        "namespace": pod["metadata"]["namespace"],
        "pod": pod["metadata"]["name"],
        "pod_uid": uid_on_node(pod),
        "container": status["name"],
        "qos": pod["status"]["qosClass"].lower(),
    }
    assert event["container"] == {
        "id": container_id,
        "runtime": "containerd",
        "name": status["name"],
        "image": status["image"],
    }
    assert event["node"] == pod["spec"]["nodeName"]
    assert container_id in event["cgroup"]["path"]


def check_end(event, ended):
    """How and when it ended, as the API server has it of the container's first process."""
    assert event["victim"]["ns_pid"] == 1
    assert ended["exitCode"] == 128 + event["exit"]["signal"]
    assert ended["reason"] == ("OOMKilled" if event["cause"] == "oom-memcg" else "Error")
    told = datetime.fromisoformat(event["time"][:26] + "+00:00").timestamp()
    seen = datetime.fromisoformat(ended["finishedAt"].replace("Z", "+00:00")).timestamp()
    # runc and containerd need their time until they have seen it
    assert seen - SECOND <= told + SECOND and told < seen + SECOND, (told, seen)


def test_traces(story):
    """Every hook that verdicts need is attached, and nothing else is said until the end."""
    said = story.log.lines("stderr")
    assert said[0].startswith("killtrace: tracing ") and set(BASE_HOOKS) <= set(said[0].split())
    assert all(line.startswith("killtrace: ") for line in said), said


def test_doctor(story):
    """It can be asked, in the pod, what the node offers."""
    # 1: degraded, as on kernels that refuse the extra tier
    assert story.doctor.returncode in (0, 1), story.doctor
    said = [line.split()[:2] for line in story.doctor.stdout.splitlines()]
    assert all(["attached", hook] in said for hook in BASE_HOOKS), said


def test_other_image(running, tmp_path):
    """Users name the image in a kustomization of their own."""
    base = os.path.relpath(world.ROOT / "deploy/kubernetes", tmp_path)
    images = "images: [{name: localhost/killtrace, newName: elsewhere/killtrace, newTag: v1}]\n"
    (tmp_path / "kustomization.yaml").write_text(f"bases: [{base}]\n{images}")
    rendered = running.kubectl("kustomize", str(tmp_path))
    assert "image: elsewhere/killtrace:v1\n" in rendered
    assert "localhost/killtrace" not in rendered


def test_lines(story, events, validate):
    """Standard output has events and nothing else, each with the node's name."""
    (name,) = {pod["spec"]["nodeName"] for pod in story.pods.values()}
    assert events and name == node.NODE
    for event in events:
        errors = [f"{error.json_path}: {error.message}" for error in validate.iter_errors(event)]
        assert not errors, (errors, event)
        assert event["node"] == name


@pytest.mark.parametrize("pod_name,container_name,first,cause,signal", DEATHS, ids=NAMES)
def test_death(story, events, pod_name, container_name, first, cause, signal):
    """One death, one event, with the owner that the API server knows."""
    container_id, pod, status = container_of(story, pod_name, container_name)
    told = deaths_in(events, container_id)
    assert len(told) == 1, told
    (event,) = told
    assert (event["cause"], event["exit"]["signal"]) == (cause, signal)
    check_owner(event, pod, container_id, status)
    if first:
        check_end(event, story.ends[container_id])


def test_deployment(story, events):
    """Containers that are started again have an id and an event each."""
    for pod in story.pods.values():
        if pod["metadata"].get("labels", {}).get("app") != "web":
            continue
        for name, cause in (("eater", "oom-memcg"), ("faulter", "segfault")):
            found = [
                (container_id, status)
                for container_id, (owner, status) in story.containers.items()
                if owner["metadata"]["uid"] == pod["metadata"]["uid"] and status["name"] == name
            ]
            assert len(found) > 1
            for container_id, status in found:
                # the last one may have been ended by the Deployment's own end
                (event,) = deaths_in(events, container_id)
                assert event["cause"] in (cause, "sigkill")
                check_owner(event, pod, container_id, status)


def test_every_end(story, events):
    """Every container that the API server saw ended by a signal is told once."""
    ends = {key: ended for key, ended in story.ends.items() if ended["exitCode"] > 128}
    assert len(ends) >= len(DEATHS)
    for container_id, ended in ends.items():
        (event,) = [one for one in deaths_in(events, container_id) if one["victim"]["ns_pid"] == 1]
        check_end(event, ended)


def test_nothing_else(story, events):
    """All that is told of pods is of containers that the API server or containerd knows."""
    for event in events:
        if not event.get("cgroup", {}).get("path", "").startswith(f"/{node.PODS}/"):
            continue
        container_id = event["container"]["id"]
        if container_id in story.containers:
            pod, status = story.containers[container_id]
            check_owner(event, pod, container_id, status)
            continue
        # The one that keeps the pod's namespaces open: killed when the pod has ended.
        owner = event["kubernetes"]
        told = (owner["namespace"], owner["pod"], owner["pod_uid"])
        assert told == story.sandboxes[container_id]
        assert event["cause"] == "sigkill" and "container" not in owner


@pytest.mark.parametrize(
    "pod_name,container_name", [("workers", "pool"), ("besteffort", "quarrel")]
)
def test_silent(story, events, pod_name, container_name):
    """Of these Kubernetes says nothing: a container that runs, and never restarted."""
    container_id, pod, status = container_of(story, pod_name, container_name)
    assert pod["status"]["phase"] == "Running" and container_id not in story.ends
    assert status["state"].get("running") and status["restartCount"] == 0
    (event,) = deaths_in(events, container_id)
    assert event["victim"]["ns_pid"] > 1


def test_senders(story, events):
    """Who killed: kubelet has runc do it, a process of the container does it itself."""
    for pod_name, container_name in (("stubborn", "deaf"), ("probed", "sick")):
        (event,) = deaths_in(events, container_of(story, pod_name, container_name)[0])
        assert event["sender"]["comm"] == "runc" and "container_id" not in event["sender"]
    container_id, _, _ = container_of(story, "besteffort", "quarrel")
    (event,) = deaths_in(events, container_id)
    assert event["sender"]["container_id"] == container_id
    # the node's number of it, though killtrace's own pod has numbers of its own
    assert event["sender"]["pid"] == story.first_pid


def test_limits(story, events):
    """Memory limits are those of the pods' specifications."""
    told = [event for event in events if event["cause"] == "oom-memcg" and "kubernetes" in event]
    assert told
    for event in told:
        assert event["oom"]["limit_bytes"] == 32 << 20
        assert event["oom"]["cgroup"].startswith(f"/{node.PODS}/")


def test_no_rights(story):
    """The service account may do nothing, and the pod has no token of it."""
    user = f"--as=system:serviceaccount:{SELF}:{SELF}"
    for what in ("get", "list", "create", "delete"):
        for kind in ("pods", "secrets", "nodes", "configmaps"):
            question = story.cluster.client("auth", "can-i", what, kind, user)
            answer = subprocess.run(question, stdout=subprocess.PIPE, text=True, check=False)
            assert answer.stdout == "no\n"
    pods = [pod for pod in story.pods.values() if pod["metadata"]["namespace"] == SELF]
    for pod in pods:
        assert not [volume for volume in pod["spec"]["volumes"] if "hostPath" not in volume]


def test_mounts(story):
    """Nothing of the host can be written to, and what the host lets go is let go here."""
    mounts = {line.split()[4]: line.split() for line in story.mounts}
    for path in ("/", "/host/run", "/host/var/log/pods", "/host/var/log/containers"):
        assert "ro" in mounts[path][5].split(","), mounts[path]
    assert any(field.startswith("master:") for field in mounts["/host/run"])


def test_resources(story):
    """It stays below what it asks for, and below its limit while it loads."""
    (pod,) = [pod for pod in story.pods.values() if pod["metadata"]["namespace"] == SELF]
    asked = pod["spec"]["containers"][0]["resources"]
    mebibytes = {key: int(asked[key]["memory"].removesuffix("Mi")) << 20 for key in asked}
    print(story.figures)
    assert story.figures["usage_in_bytes"] < mebibytes["requests"]
    assert story.figures["max_usage_in_bytes"] < mebibytes["limits"]


def test_end(story):
    """It ends when it is asked to, and says that it lost nothing."""
    codes = [
        story.ends[container_id]["exitCode"]
        for container_id, (pod, _) in story.containers.items()
        if pod["metadata"]["namespace"] == SELF
    ]
    assert codes == [0]
    assert story.log.lines("stderr")[-1] == "killtrace: lost nothing"
    assert not check.losses(story.log.events())


def test_leaves_nothing(before, running):
    """The last one: the cluster ends, and the machine is as it was."""
    # that looking for them finds something
    assert machine.processes_on(world.WORK)
    running.close()
    assert machine.state() == before
    assert not machine.processes_on(world.WORK)
