# SPDX-License-Identifier: BSD-2-Clause
"""A cluster, the image and the manifest for users, and pods that die in every way that puzzles an
operator. The DaemonSet's logs are compared with the API server's data.
"""

import json
import os
import re
import shutil
import subprocess
from datetime import datetime

import check
import cluster as world
import guest
import machine
import node as first_node
import pytest
from prometheus_client.parser import text_string_to_metric_families as parsed
from story import OVERLAYS, SELF, stack, uid_on_node

BASE_HOOKS = ["signal_generate", "mark_victim", "sched_process_exit"]
NAMES_LOST = {"names_late", "names_unreadable"}
SIGSEGV = 11
# The API server's times are whole seconds, and an emulated node may record them late.
SECOND, LATE = 1.0, 30.0
FIRST, SECOND_NODE = first_node.NODE, guest.NODE
# the cgroups of kubelet's pods: its own driver on the first node, systemd's on the second
PODS = {FIRST: "/kubepods/", SECOND_NODE: "/kubepods.slice/"}
# pod, container, whether its first process dies, cause, signal; test_deployment has the pods with
# generated names
DEATHS = [
    ("guaranteed", "eater", True, "oom-memcg", 9),
    ("burstable", "faulter", True, "segfault", SIGSEGV),
    ("besteffort", "quarrel", False, "sigkill", 9),
    ("static", "eater", True, "oom-memcg", 9),
    ("workers", "pool", False, "oom-memcg", 9),
    ("stubborn", "deaf", True, "sigkill", 9),
]
LEAST = "least-privilege/component/security.yaml"
# on the first node only
MORE_DEATHS = [
    ("init", "migrate", True, "oom-memcg", 9),
    ("probed", "sick", True, "sigkill", 9),
]
# of the Deployment's containers
CAUSES = {"eater": "oom-memcg", "faulter": "segfault"}
EVERYWHERE = [(node, *death) for node in world.NODES for death in DEATHS]
EVERYWHERE += [(FIRST, *death) for death in MORE_DEATHS]


@pytest.fixture(params=world.NODES)
def node(request):
    """Each of the nodes."""
    return request.param


def told_of(events, container_id):
    """The events of a container except the kernel's kills that follow when the first process of a
    pid namespace dies.
    """
    return [
        event
        for event in events
        if event.get("container", {}).get("id") == container_id
        and event["cause"] != "pidns-teardown"
    ]


def container_of(story, node, pod_name, container_name):
    """The one container of this name that the API server saw: its id, its pod, its status."""
    names = (pod_name, f"{pod_name}-{node}")
    found = [
        (container_id, pod, status)
        for container_id, (pod, status) in story.containers.items()
        if pod["metadata"]["name"] in names
        and pod["metadata"]["namespace"] == f"shop-{node}"
        and status["name"] == container_name
    ]
    assert len(found) == 1, found
    return found[0]


def own_pods(story, node):
    """The DaemonSet's pods on a node."""
    return [
        pod
        for pod in story.pods.values()
        if pod["metadata"]["namespace"] == SELF and pod["spec"]["nodeName"] == node
    ]


def check_owner(event, pod, container_id, status, gone=False):
    """The owner agrees with the API server. For a container that is gone, kubelet's logs have the
    names but not the image.
    """
    node = pod["spec"]["nodeName"]
    ids = {"pod_uid": uid_on_node(pod), "qos": pod["status"]["qosClass"].lower()}
    names = {
        "namespace": pod["metadata"]["namespace"],
        "pod": pod["metadata"]["name"],
        "container": status["name"],
    }
    known = {"name": status["name"]} | ({} if gone else {"image": status["image"]})
    # An emulated processor may read the names too late: see test_late.
    if node == SECOND_NODE and "pod" not in event["kubernetes"]:
        names = known = {}
    assert event["kubernetes"] == ids | names
    runtime = {} if gone else {"runtime": "containerd"}
    assert event["container"] == {"id": container_id} | runtime | known
    assert event["node"] == node
    path = event["cgroup"]["path"]
    assert path.startswith(PODS[node]) and container_id in path
    if node == SECOND_NODE:
        assert event["systemd"]["unit"] == f"cri-containerd-{container_id}.scope"
        assert event["cgroup"]["version"] == 2


def check_end(event, ended):
    """The end and its time agree with the API server's data about the container's first process."""
    assert event["victim"]["ns_pid"] == 1
    assert ended["exitCode"] == 128 + event["exit"]["signal"]
    # containerd may learn of the end before the cause
    reasons = {"OOMKilled", "Error"} if event["cause"] == "oom-memcg" else {"Error"}
    assert ended["reason"] in reasons
    told = datetime.fromisoformat(event["time"][:26] + "+00:00").timestamp()
    seen = datetime.fromisoformat(ended["finishedAt"].replace("Z", "+00:00")).timestamp()
    assert told - SECOND < seen < told + LATE, (told, seen)


def test_traces(story, node):
    """Every hook that verdicts need is attached, and nothing else is printed until the end."""
    said = story.logs[node].lines("stderr")
    assert said[0].startswith("killtrace: tracing ") and set(BASE_HOOKS) <= set(said[0].split())
    assert all(line.startswith("killtrace: ") for line in said), said


def test_doctor(story):
    """doctor works in the pod, and shows what the node offers."""
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


def test_private_mounts(running):
    """The manual has a patch for nodes with private mounts: it removes only the field that needs
    shared mounts.
    """
    folder = world.ROOT / "deploy/kubernetes"
    patch = re.search(
        r"--type=json (--patch)='(.*?)'", (folder / "README.md").read_text(), re.DOTALL
    )
    local = ("--local", f"--filename={folder / 'daemonset.yaml'}", "--type=json", "--output=yaml")
    plain = running.kubectl("patch", *local, "--patch=[]")
    assert plain.count("mountPropagation") == 1
    patched = running.kubectl("patch", *local, f"{patch[1]}={patch[2]}")
    assert patched == re.sub(r"\n *mountPropagation: .*", "", plain)


def test_lines(story, validate, node):
    """Standard output has only events, each with the node's name."""
    lines = story.logs[node].events()
    assert lines
    for event in lines:
        errors = [f"{error.json_path}: {error.message}" for error in validate.iter_errors(event)]
        assert not errors, (errors, event)
        assert event["node"] == node


@pytest.mark.parametrize(
    "node,pod_name,container_name,first,cause,signal",
    EVERYWHERE,
    ids=[f"{death[0]}-{death[1]}" for death in EVERYWHERE],
)
def test_death(story, events, node, pod_name, container_name, first, cause, signal):
    """One death, one event, with the owner that the API server knows."""
    container_id, pod, status = container_of(story, node, pod_name, container_name)
    told = told_of(events[node], container_id)
    assert len(told) == 1, told
    (event,) = told
    assert (event["cause"], event["exit"]["signal"]) == (cause, signal)
    check_owner(event, pod, container_id, status)
    # The API server may miss the end of a deleted pod.
    if first and (container_id in story.ends or pod_name != "stubborn"):
        check_end(event, story.ends[container_id])


def test_deployment(story, events):
    """Each container that is started again has its own id and event."""
    pods = [
        pod for pod in story.pods.values() if pod["metadata"].get("labels", {}).get("app") == "web"
    ]
    assert len(pods) == 2
    for pod in pods:
        for status in pod["status"]["containerStatuses"]:
            told = [
                event
                for event in events[FIRST]
                if event.get("kubernetes", {}).get("pod_uid") == pod["metadata"]["uid"]
                and event["kubernetes"].get("container") == status["name"]
                # without those that the kernel killed with the first process
                and event["cause"] != "pidns-teardown"
            ]
            ids = {event["container"]["id"] for event in told}
            assert len(ids) == len(told) > status["restartCount"] > 0
            for event in told:
                check_owner(event, pod, event["container"]["id"], status)
                # the end of the Deployment may have killed the last one
                assert event["cause"] in (CAUSES[status["name"]], "sigkill")


def test_every_end(story, events, next_events, least_events, announced_events):
    """Every container that ended by a signal according to the API server is reported once."""
    ends = {key: ended for key, ended in story.ends.items() if ended["exitCode"] > 128}
    assert len(ends) >= len(DEATHS)
    for container_id, ended in ends.items():
        node = story.containers[container_id][0]["spec"]["nodeName"]
        later = next_events + least_events + announced_events
        told = told_of(events[node] + later, container_id)
        (event,) = [one for one in told if one["victim"]["ns_pid"] == 1]
        check_end(event, ended)


def test_nothing_else(story, events, node):
    """All reports about pods are about containers that the API server or containerd knows."""
    for event in events[node]:
        if not event.get("cgroup", {}).get("path", "").startswith(PODS[node]):
            continue
        container_id = event["container"]["id"]
        if container_id in story.containers:
            pod, status = story.containers[container_id]
            check_owner(event, pod, container_id, status)
            continue
        owner = event["kubernetes"]
        assert owner["pod_uid"] in story.pods
        if node == FIRST:
            sandbox, name = story.created.get(container_id, (container_id, None))
            told = (owner["namespace"], owner["pod"], owner["pod_uid"])
            assert told == story.sandboxes[sandbox] and owner.get("container") == name
        if "container" not in owner:
            # The container that holds the pod's namespaces: killed when the pod has ended.
            assert event["cause"] == "sigkill"


def test_late(story, events, node):
    """Names are missing only as often as killtrace counts names that it could not read in time."""
    nameless = [
        event
        for event in events[node]
        if event.get("cgroup", {}).get("path", "").startswith(PODS[node])
        and "pod" not in event["kubernetes"]
    ]
    losses = check.losses(story.logs[node].events())
    counted = sum(line["lost"].get(key, 0) for line in losses for key in NAMES_LOST)
    assert len(nameless) <= counted


@pytest.mark.parametrize(
    "pod_name,container_name", [("workers", "pool"), ("besteffort", "quarrel")]
)
def test_silent(story, events, node, pod_name, container_name):
    """Kubernetes reports nothing about these: the container runs, and was never restarted."""
    container_id, pod, status = container_of(story, node, pod_name, container_name)
    assert pod["status"]["phase"] == "Running" and container_id not in story.ends
    assert status["state"].get("running") and status["restartCount"] == 0
    (event,) = told_of(events[node], container_id)
    assert event["victim"]["ns_pid"] > 1


def test_senders(story, events, node):
    """The senders: runc on behalf of kubelet, or a process of the container itself."""
    killed = [("stubborn", "deaf"), *([("probed", "sick")] if node == FIRST else [])]
    for pod_name, container_name in killed:
        container_id, _, _ = container_of(story, node, pod_name, container_name)
        (event,) = told_of(events[node], container_id)
        assert event["sender"]["comm"] == "runc" and "container_id" not in event["sender"]
        if node == SECOND_NODE:
            assert event["sender"]["unit"] == "containerd.service"
    container_id, _, _ = container_of(story, node, "besteffort", "quarrel")
    (event,) = told_of(events[node], container_id)
    assert event["sender"]["container_id"] == container_id
    if node == FIRST:
        # the pid on the node, although killtrace's own pod has a pid namespace
        assert event["sender"]["pid"] == story.first_pid


def test_limits(events, node):
    """Memory limits are those of the pods' specifications."""
    told = [event for event in events[node] if event["cause"] == "oom-memcg"]
    told = [event for event in told if "kubernetes" in event]
    assert told
    for event in told:
        assert event["oom"]["limit_bytes"] == 32 << 20
        assert event["oom"]["cgroup"].startswith(PODS[node])


def kind_of(volume):
    """The kind of a volume."""
    (kind,) = volume.keys() - {"name"}
    return kind


def test_no_rights(story):
    """The service account has no permissions, and the pod has no token for it."""
    user = f"--as=system:serviceaccount:{SELF}:{SELF}"
    for what in ("get", "list", "create", "delete"):
        for kind in ("pods", "secrets", "nodes", "configmaps"):
            question = story.cluster.client("auth", "can-i", what, kind, user)
            answer = subprocess.run(question, stdout=subprocess.PIPE, text=True, check=False)
            assert answer.stdout == "no\n"
    pod = own_pods(story, FIRST)[0]
    assert pod["spec"]["volumes"]
    assert {*map(kind_of, pod["spec"]["volumes"])} == {"hostPath", "emptyDir"}


def test_replaced(story, events, next_events, validate):
    """A death while the DaemonSet has no pod is reported by the next one, once."""
    container_id, pod, status = container_of(story, FIRST, "unwatched", "eater")
    assert not told_of(events[FIRST], container_id)
    (event,) = told_of(next_events, container_id)
    validate.validate(event)
    assert event["cause"] == "oom-memcg"
    check_owner(event, pod, container_id, status, gone=True)
    told = {event["id"] for event in events[FIRST]}
    assert not told & {event["id"] for event in next_events}


def test_metrics(story, next_events):
    """The API server's proxy gets the metrics from the pod: its deaths, by pod."""
    families = {family.name: family for family in parsed(story.metrics)}
    (build,) = families["killtrace_build_info"].samples
    assert build.value == 1
    deaths = [event for event in next_events if not check.is_loss(event)]
    kills = {sample.labels["cause"]: sample.value for sample in families["killtrace_kills"].samples}
    assert 1 <= kills["oom-memcg"] <= len(deaths)
    assert families["killtrace_container_reader_up"].samples[0].value == 1
    workloads = [sample.labels for sample in families["killtrace_workload_kills"].samples]
    namespace = f"shop-{FIRST}"
    assert [one for one in workloads if one["namespace"] == namespace and one["pod"] == "unwatched"]


def test_why(story):
    """kubectl killtrace explains a death, in the pod's namespace or another, and for machines."""
    words = " ".join(story.plugin["here"].stdout.split())
    assert story.plugin["here"].returncode == 0, story.plugin["here"]
    assert f"shop-{FIRST}/unwatched, container eater: busybox" in words
    assert "memory limit of 32 MiB" in words
    told = json.loads(story.plugin["json"].stdout)
    assert told["why"]["answer"] and not story.plugin["json"].stderr


def test_why_elsewhere(story):
    """A pod whose node has no death of it, one that is gone, and one that never was."""
    alive, gone, never = (story.plugin[key] for key in ("alive", "gone", "never"))
    assert alive.returncode == 1 and alive.stdout.startswith("No death of "), alive
    assert f"asked node '{FIRST}' only" in alive.stderr
    assert gone.returncode == 0 and "asking each node in turn" in gone.stderr, gone
    assert gone.stdout.splitlines()[0] == story.plugin["here"].stdout.splitlines()[0]
    assert never.returncode == 1 and not never.stdout, never
    assert f"no node that was asked has a death of 'shop-{FIRST}/never-was'" in never.stderr


def test_why_on_a_terminal(story):
    """It has a terminal there if it has one here."""
    code, shown = story.plugin["screen"]
    assert code == 0 and "unwatched" in shown
    assert shown.splitlines()[0] == story.plugin["here"].stdout.splitlines()[0]
    assert shown.count("\r\n") == shown.count("\n") > 3


def test_top_on_a_terminal(story):
    """top draws the death on the terminal's own screen, ends on its key, and leaves the terminal as
    it was.
    """
    shown, code, before, after = story.plugin["top"]
    assert code == 0, shown
    # the screen of full-screen programs, and back
    assert "\x1b[?1049h" in shown and shown.rindex("\x1b[?1049l") > shown.index("unwatched")
    assert before == after


def test_plugin_history(story, next_events):
    """History of one pod and of all nodes; words arrive as they were typed, statuses come back."""
    rows = [json.loads(line) for line in story.plugin["history"].stdout.splitlines()]
    rows = [row for row in rows if not check.is_loss(row)]
    events = {event.get("id"): event for event in next_events}
    # the container that held the namespaces may have died later
    assert rows and rows[0]["cause"] == "oom-memcg"
    for row in rows:
        assert row == events[row["id"]] and row["kubernetes"]["pod"] == "unwatched"
    everything = story.plugin["all"]
    assert everything.returncode == 0 and "oom-memcg" in everything.stdout, everything
    for node in world.NODES:
        assert f"killtrace: node '{node}':\n" in everything.stderr
    assert story.plugin["quoted"].returncode == 1, story.plugin["quoted"]
    assert story.plugin["usage"].returncode == 2, story.plugin["usage"]
    assert "'--no-such'" in story.plugin["usage"].stderr


def test_plugin_doctor(story):
    """doctor of a node; of one without an agent; without agents."""
    assert story.plugin["doctor"].stdout.splitlines()[0].startswith("ok ")
    assert story.plugin["doctor"].returncode == story.doctor.returncode
    for key, word in (("nowhere", "no agent runs on node 'windows'"), ("agents", "--agents")):
        assert story.plugin[key].returncode == 1 and word in story.plugin[key].stderr
        assert not story.plugin[key].stdout


def ends_well(log):
    """Its last words: it lost nothing, except names that came late."""
    last = log.lines("stderr")[-1]
    assert re.fullmatch(r"killtrace: lost (nothing|\d+ names? of .* in time)", last), last


def test_least_privilege(story, least_events, validate):
    """Without "privileged" the same is reported; only the capabilities of the overlay are there."""
    (event,) = [one for one in least_events if one.get("kubernetes", {}).get("pod") == "lesser"]
    validate.validate(event)
    container_id, pod, status = container_of(story, FIRST, "lesser", "eater")
    check_owner(event, pod, container_id, status)
    assert event["cause"] == "oom-memcg" and event["oom"]["limit_bytes"] == 32 << 20
    said = story.least_log.lines("stderr")
    assert all(line.startswith("killtrace: ") for line in said), said
    assert set(BASE_HOOKS) <= set(said[0].split()), said
    ends_well(story.least_log)
    added = re.search(r"add: \[(.*)\]", (OVERLAYS / LEAST).read_text())[1]
    process = story.least_bundle["process"]
    asked = {f"CAP_{name.strip()}" for name in added.split(",")}
    assert set(process["capabilities"]["bounding"]) == asked
    assert process["noNewPrivileges"] and story.least_bundle["linux"]["seccomp"]["syscalls"]
    # what the kernel offers does not depend on it
    hooks = [line for line in story.doctor.stdout.splitlines() if line.startswith("attached")]
    least = [line for line in story.least_doctor.stdout.splitlines() if line.startswith("attached")]
    assert hooks == least


def test_collector(story, least_events):
    """A collector on the node got each of its deaths once, with the pod's names."""
    assert {taken["path"] for taken in story.collected} == {"/v1/logs"}
    records = [
        {one["key"]: next(iter(one["value"].values())) for one in record["attributes"]}
        for taken in story.collected
        for resource in taken["body"]["resourceLogs"]
        for scope in resource["scopeLogs"]
        for record in scope["logRecords"]
    ]
    (event,) = [one for one in least_events if one.get("kubernetes", {}).get("pod") == "lesser"]
    (record,) = [one for one in records if one.get("log.record.uid") == event["id"]]
    assert record["k8s.pod.name"] == "lesser" and record["killtrace.cause"] == "oom-memcg"
    assert record["k8s.namespace.name"] == f"shop-{FIRST}"


def test_overlays(running, tmp_path):
    """The API server accepts each overlay, and all of them together."""
    names = sorted(path.name for path in OVERLAYS.iterdir() if path.is_dir())
    assert {"metrics", "history", "otlp", "least-privilege"} <= set(names)
    for number, chosen in enumerate([*([name] for name in names), names]):
        folder = tmp_path / str(number)
        folder.mkdir()
        said = running.kubectl("apply", "--dry-run=client", *stack(folder, *chosen))
        assert "daemonset.apps/killtrace" in said


def test_components(running, tmp_path):
    """A newer kubectl makes the same of components. The cluster's own has none."""
    newer = shutil.which("kubectl")
    names = sorted(path.parent.name for path in OVERLAYS.glob("*/component"))
    if not newer:
        pytest.skip("not possible on this machine: no kubectl that has components")
    tree = tmp_path / "combined"
    shutil.copytree(world.ROOT / "deploy", tmp_path / "deploy")
    tree.mkdir()
    parts = "".join(f"  - ../deploy/overlays/{name}/component\n" for name in names)
    text = f"resources: [../deploy/kubernetes]\ncomponents:\n{parts}"
    (tree / "kustomization.yaml").write_text(text)
    combined = subprocess.run([newer, "kustomize", tree], capture_output=True, check=False)
    if b"unknown field" in combined.stderr:
        pytest.skip("not possible on this machine: its kubectl has no components")
    (tmp_path / "stack").mkdir()
    stacked = running.kubectl("kustomize", stack(tmp_path / "stack", *names)[1])
    as_json = [
        subprocess.run(
            running.client("create", "--dry-run=client", "--output=json", "--filename=-"),
            input=text,
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for text in (combined.stdout, stacked.encode())
    ]
    objects = [
        {(one["kind"], one["metadata"]["name"]): one for one in world.objects_of(text.decode())}
        for text in as_json
    ]
    assert len(objects[0]) > 5 and objects[0] == objects[1]


def test_critical(story):
    """The API server refuses critical pods without a quota, as GKE's does, and the manifest has
    such a quota.
    """
    critical = '--overrides={"spec": {"priorityClassName": "system-node-critical"}}'
    run = ("--namespace=default", "run", "critical", "--image=any", "--dry-run=server", critical)
    asked = subprocess.run(
        story.cluster.client(*run),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode and "insufficient quota to match these scopes" in asked.stderr, asked
    for pod in own_pods(story, FIRST):
        assert pod["spec"]["priorityClassName"] == "system-node-critical"


def test_nodes(story):
    """The DaemonSet is for every node that runs Linux containers, and does not wait for others."""
    assert story.desired == len(world.NODES)


def test_mounts(story):
    """No host path is writable, and unmounts of the host take effect here."""
    mounts = {line.split()[4]: line.split() for line in story.mounts}
    for path in ("/", "/host/run", "/host/var/log/pods", "/host/var/log/containers"):
        assert "ro" in mounts[path][5].split(","), mounts[path]
    assert any(field.startswith("master:") for field in mounts["/host/run"])


def test_resources(story):
    """It stays below its memory request, and below its limit while it loads."""
    pod = own_pods(story, FIRST)[0]
    asked = pod["spec"]["containers"][0]["resources"]
    mebibytes = {key: int(asked[key]["memory"].removesuffix("Mi")) << 20 for key in asked}
    assert story.figures["usage_in_bytes"] < mebibytes["requests"]
    assert story.figures["max_usage_in_bytes"] < mebibytes["limits"]


def test_end(story, node):
    """It ends on request, and reports that it lost no death."""
    lost = {key for line in check.losses(story.logs[node].events()) for key in line["lost"]}
    # on a busy machine, names may be late: see test_late
    assert lost <= NAMES_LOST
    if node == FIRST:
        # printed only if it ends by itself
        ends_well(story.logs[node])


def test_leaves_nothing(before, running):
    """The last test: the cluster ends, and the machine is as it was before."""
    # the search works
    assert machine.processes_on(world.WORK)
    running.close()
    assert machine.state() == before
    assert not machine.processes_on(world.WORK)
    assert not first_node.pod_trees()
