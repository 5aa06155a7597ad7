# SPDX-License-Identifier: BSD-2-Clause
"""One run in the cluster for all tests: the DaemonSet starts, pods die, the DaemonSet is removed.
The logs of its pods are kept, and the data of the API server and containerd.
"""

import contextlib
import fcntl
import json
import os
import re
import select
import shutil
import struct
import subprocess
import termios
import time
from pathlib import Path

import cluster as world
import node
from announcements import Announcements
from log import FarLog, Log
from shop import Shop, containers_of

SELF = "killtrace"
MANIFEST = ("--kustomize", str(world.ROOT / "deploy/kubernetes"))
OVERLAYS = world.ROOT / "deploy/overlays"
# Containers with a death that the API server may not know as an end by a signal.
UNSEEN = [("besteffort", "quarrel"), ("workers", "pool"), ("stubborn", "deaf")]
# containerd's own record of the containers that keep a pod's namespaces open
SANDBOX = re.compile(
    r"RunPodSandbox for &PodSandboxMetadata\{Name:([^,]+),Uid:([^,]+),Namespace:([^,]+),"
    r'.* returns sandbox id \\"([0-9a-f]{64})\\"'
)
CONTAINER = re.compile(
    r'CreateContainer within sandbox \\"([0-9a-f]{64})\\" for &ContainerMetadata\{Name:([^,]+),'
    r'.* returns container id \\"([0-9a-f]{64})\\"'
)


def stack(folder, *names):
    """A kustomization of several overlays, each on top of the one before, as users of an old
    kubectl make it.
    """
    shutil.copytree(world.ROOT / "deploy/kubernetes", folder / "0")
    for number, name in enumerate(names, 1):
        shutil.copytree(OVERLAYS / name, folder / str(number))
        file = folder / f"{number}/kustomization.yaml"
        file.write_text(file.read_text().replace("../../kubernetes", f"../{number - 1}"))
    return ("--kustomize", str(folder / str(len(names))))


def bare(container_id):
    """An id without the name of its runtime."""
    return container_id.rpartition("/")[2]


def uid_on_node(pod):
    """The uid of a pod on the node: for a static pod, the API server has a mirror
    with another uid.
    """
    notes = pod["metadata"].get("annotations", {})
    return notes.get("kubernetes.io/config.hash", pod["metadata"]["uid"])


class Story:
    """All data of one run."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.shops = [Shop(cluster, node) for node in world.NODES]
        # of the DaemonSet's pod on each node
        self.logs = {}
        # of the later pod on the first node
        self.next_log = None
        # of its pod on the first node: the output of doctor, its memory usage, and its mounts
        self.doctor, self.figures, self.mounts = None, {}, []
        # what the later pod answers at /metrics
        self.metrics = None
        # of the pod without "privileged": its log, doctor's answer, what runc was told
        self.least_log, self.least_doctor, self.least_bundle = None, None, None
        # the requests that a collector on its node got
        self.collected = []
        # what became an Event
        self.announced = None
        # answers of kubectl killtrace, by what was asked
        self.plugin = {}
        # the number of pods that the DaemonSet wants
        self.desired = None
        # the pid on the node of the first process of a container
        self.first_pid = None
        # the last state of each pod, by uid; each container with its pod, by id
        self.pods, self.containers, self.sandboxes = {}, {}, {}
        # containers of the first node, also those that ended before the API server saw them: the
        # sandbox and the name, by id
        self.created = {}
        # each container's end, by its id
        self.ends = {}

    def own_pod(self, node):
        """The DaemonSet's pod on a node, or None."""
        pods = self.cluster.get("--namespace", SELF, "pods")["items"]
        return next((pod for pod in pods if pod["spec"].get("nodeName") == node), None)

    def ready(self):
        """Whether the DaemonSet has a pod that runs on each node."""
        found = self.cluster.get("--namespace", SELF, "daemonset", SELF)
        return found["status"].get("numberReady") == len(world.NODES)

    def traces(self, node):
        """Whether the pod on a node has reported that it traces."""
        self.logs[node].read()
        return any("tracing" in line for line in self.logs[node].lines("stderr"))

    def install(self):
        """Applies the manifest as its users do, with nodes of other kinds in the cluster."""
        self.cluster.kubectl("create", "--filename", str(world.HERE / "other-nodes.yaml"))
        self.cluster.kubectl("apply", *MANIFEST)
        world.wait_for("DaemonSet that is ready", self.ready)
        for node in world.NODES:
            kind = Log if node == world.NODES[0] else FarLog
            self.logs[node] = kind(self.cluster, self.own_pod(node))
            world.wait_for(f"tracer on {node}", lambda node=node: self.traces(node))

    def examine(self):
        """Runs killtrace's doctor on the first node, in the running pod."""
        name = self.own_pod(world.NODES[0])["metadata"]["name"]
        self.doctor = subprocess.run(
            self.cluster.client("--namespace", SELF, "exec", name, "--", "/killtrace", "doctor"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def memory_group(self, pod):
        """The control group of a pod's one container on the first node."""
        (container,) = containers_of(pod)
        quality = pod["status"]["qosClass"].lower()
        group = f"{quality}/pod{uid_on_node(pod)}/{bare(container['containerID'])}"
        return self.cluster.path("/sys/fs/cgroup/memory/kubepods") / group

    def measure(self):
        """The memory usage and the mounts of the DaemonSet's container, from the kernel's files."""
        found = self.cluster.get("--namespace", SELF, "daemonset", SELF)
        self.desired = found["status"]["desiredNumberScheduled"]
        memory = self.memory_group(self.own_pod(world.NODES[0]))
        for name in ("usage_in_bytes", "max_usage_in_bytes", "kmem.usage_in_bytes"):
            self.figures[name] = int((memory / f"memory.{name}").read_text())
        (world.WORK / "log/figures.json").write_text(json.dumps(self.figures, indent=1))
        # the agent, and its processes that read container files, which have the same mounts
        pid, *_ = (memory / "cgroup.procs").read_text().split()
        self.mounts = (Path("/proc") / pid / "mountinfo").read_text().splitlines()
        processes = self.memory_group(self.shops[0].pod("besteffort")) / "cgroup.procs"
        self.first_pid = int(processes.read_text())

    def remember(self):
        """Reads the API server's data about pods and containers so far."""
        for pod in self.cluster.pod_states():
            self.pods[uid_on_node(pod)] = pod
            for container in containers_of(pod):
                for state in (container["state"], container["lastState"]):
                    ended = state.get("terminated")
                    if ended and ended.get("containerID"):
                        self.ends[bare(ended["containerID"])] = ended
                        self.containers[bare(ended["containerID"])] = (pod, container)
                if container.get("containerID"):
                    self.containers[bare(container["containerID"])] = (pod, container)

    def deadly(self):
        """The ids of containers in which a process was killed."""
        found = {key for key, end in self.ends.items() if end["exitCode"] > 128}
        namespaces = [shop.namespace for shop in self.shops]
        for key, (pod, status) in self.containers.items():
            meta = pod["metadata"]
            if meta["namespace"] in namespaces and (meta["name"], status["name"]) in UNSEEN:
                found.add(key)
        return found

    def all_logged(self):
        """Whether a log has a death in each of them."""
        for log in self.logs.values():
            log.read()
        self.remember()
        events = [event for log in self.logs.values() for event in log.events()]
        # a process that dies with a first process is reported before it
        events = [event for event in events if event.get("cause") != "pidns-teardown"]
        told = {event.get("container", {}).get("id") for event in events}
        return self.deadly() <= told

    def let_log(self):
        """Gives the logs time. The tests will find what is still missing then."""
        deadline = time.monotonic() + world.PATIENCE
        while not self.all_logged() and time.monotonic() < deadline:
            time.sleep(1)

    def keep_to(self, selector):
        """Makes the DaemonSet run on some nodes only. Its pods there are not replaced."""
        template = {"spec": {"nodeSelector": selector}}
        patch = {"spec": {"updateStrategy": {"type": "OnDelete"}, "template": template}}
        arguments = ("--namespace", SELF, "patch", "daemonset", SELF)
        self.cluster.kubectl(*arguments, f"--patch={json.dumps(patch)}")

    def replace(self):
        """A process dies while the first node has no pod of the DaemonSet, and then
        gets a new one, with metrics.
        """
        first, shop = world.NODES[0], self.shops[0]
        self.keep_to({"kubernetes.io/hostname": [*world.NODES[1:], "nowhere"][0]})
        world.wait_for("node without a tracer", lambda: not self.own_pod(first))
        self.logs[first].read()
        shop.add("guaranteed", "unwatched")
        world.wait_for("end of unwatched", lambda: shop.failed("unwatched"))
        self.cluster.kubectl("apply", *stack(world.WORK / "history", "metrics", "history"))
        self.keep_to({"kubernetes.io/hostname": None})
        world.wait_for("DaemonSet that is ready again", self.ready)
        self.next_log = Log(self.cluster, self.own_pod(first))

        def told():
            self.next_log.read()
            return self.next_log.events()

        world.wait_for("tracer that tells what was missed", told)
        self.metrics = self.scrape(self.own_pod(first))
        self.remember()

    def plugin_environment(self):
        """The environment in which kubectl finds its plugin."""
        folder = world.ROOT / "deploy/kubectl"
        environment = os.environ | {
            "PATH": f"{self.cluster.binaries}:{folder}:{os.environ['PATH']}"
        }
        return environment | {"KUBECONFIG": f"{world.WORK}/kubeconfig", "HOME": str(world.WORK)}

    def asks(self, *words, **options):
        """Runs kubectl's plugin as its users do."""
        environment = self.plugin_environment()
        settings = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True}
        command = [*self.cluster.enter(), "kubectl", "killtrace", *words]
        return subprocess.run(command, env=environment, check=False, **(settings | options))

    def consult(self):
        """Asks the plugin about pods that are there, that are gone, and that never were."""
        first, shop = world.NODES[0], self.shops[0]
        here = ("-n", shop.namespace)
        whole = f"{shop.namespace}/unwatched"
        self.plugin["here"] = self.asks("why", "unwatched", *here)
        self.plugin["json"] = self.asks("why", whole, "--", "-o", "json")
        self.plugin["alive"] = self.asks("why", "guaranteed", *here)
        self.plugin["history"] = self.asks("history", whole, "--", "-o", "json")
        self.plugin["all"] = self.asks("history", "--", "--group-by", "cause")
        self.plugin["quoted"] = self.asks(
            "history", "--node", first, "--", "--grep", "no such * 'word'"
        )
        self.plugin["usage"] = self.asks("history", "--node", first, "--", "--no-such")
        self.plugin["doctor"] = self.asks("doctor", first)
        self.plugin["nowhere"] = self.asks("doctor", "windows")
        self.plugin["agents"] = self.asks("doctor", "--agents", "default")
        self.plugin["screen"] = self.on_terminal("why", whole)
        self.plugin["top"] = self.watch_top(first)
        shop.kubectl("delete", "pod", "unwatched")
        world.wait_for("end of unwatched", lambda: not shop.pod("unwatched"))
        self.plugin["gone"] = self.asks("why", "unwatched", *here)
        self.plugin["never"] = self.asks("why", "never-was", *here)

    def on_terminal(self, *words):
        """The same on a terminal: what appears there, and the exit status."""
        ours, theirs = os.openpty()
        with os.fdopen(ours, "rb", 0) as screen:
            try:
                done = self.asks(
                    *words, stdin=theirs, stdout=theirs, stderr=theirs, capture_output=False
                )
            finally:
                os.close(theirs)
            shown = b""
            # at the end of a terminal without writers, a read fails
            with contextlib.suppress(OSError):
                while piece := screen.read(65536):
                    shown += piece
        return done.returncode, shown.decode()

    def watch_top(self, node):
        """The full screen on a terminal until it shows a death, then the key that ends it: what
        appeared, the exit status, and the terminal's settings before and after.
        """
        ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 100, 0, 0))
        before = termios.tcgetattr(theirs)
        command = [*self.cluster.enter(), "kubectl", "killtrace", "top", node, "--", "-S", "1h"]
        process = subprocess.Popen(
            command, env=self.plugin_environment(), stdin=theirs, stdout=theirs, stderr=theirs
        )
        shown = b""

        def appears():
            nonlocal shown
            while select.select([ours], [], [], 0)[0]:
                shown += os.read(ours, 65536)
            return b"unwatched" in shown or process.poll() is not None

        try:
            world.wait_for("death on the screen", appears)
            os.write(ours, b"q")
            world.wait_for("end of top", lambda: appears() and process.poll() is not None)
            return shown.decode(errors="replace"), process.wait(), before, termios.tcgetattr(theirs)
        finally:
            process.kill()
            process.wait()
            os.close(theirs)
            os.close(ours)

    def renew(self, folder, *overlays):
        """Replaces the first node's pod by one with these overlays; returns it when it is ready."""
        first = world.NODES[0]
        before = self.own_pod(first)["metadata"]["name"]
        self.cluster.kubectl("apply", *stack(world.WORK / folder, *overlays))

        def replaced():
            pod = self.own_pod(first)
            found = containers_of(pod) if pod and pod["metadata"]["name"] != before else []
            return pod if found and found[0]["ready"] else None

        self.cluster.kubectl("--namespace", SELF, "delete", "pod", before)
        return world.wait_for("pod with other overlays", replaced)

    def scrape(self, pod):
        """A pod's metrics, by the API server's proxy."""
        path = f"/api/v1/namespaces/{SELF}/pods/{pod['metadata']['name']}:9435/proxy/metrics"
        return self.cluster.kubectl("get", "--raw", path)

    def restrict(self):
        """The first node's pod is replaced by one that has only some capabilities and sends to a
        collector on the node, and a process dies.
        """
        first = world.NODES[0]
        # A sender that finds no collector waits long until it tries again.
        with self.collector():
            pod = self.renew("least", "metrics", "history", "otlp", "least-privilege")
            self.least_log = Log(self.cluster, pod)
            self.die_there()
        self.least_doctor = self.asks("doctor", first)
        container = bare(containers_of(pod)[0]["containerID"])
        bundle = f"/run/containerd/io.containerd.runtime.v2.task/k8s.io/{container}/config.json"
        self.least_bundle = json.loads(self.cluster.path(bundle).read_text())
        self.remember()

    @contextlib.contextmanager
    def collector(self):
        """A collector in the first node's network; what it got is read when it ends."""
        taken = world.WORK / "log/otlp"
        taken.touch()
        command = [*self.cluster.enter(), "/usr/bin/python3", world.HERE / "collector.py", taken]
        process = subprocess.Popen(command, preexec_fn=node.die_with_parent)
        try:
            yield
            world.wait_for("death at the collector", lambda: '"lesser"' in taken.read_text())
        finally:
            process.terminate()
            process.wait()
        self.collected = [json.loads(line) for line in taken.read_text().splitlines()]

    def die_there(self):
        """A process dies in a pod that the tracer with less sees."""
        shop = self.shops[0]
        shop.add("guaranteed", "lesser")
        world.wait_for("end of lesser", lambda: shop.failed("lesser"))

        def told():
            self.least_log.read()
            return [one for one in self.least_log.events() if "kubernetes" in one]

        world.wait_for("tracer with less that tells it", told)

    def uninstall(self):
        """Deletes the manifest, and reads the last lines."""
        self.cluster.kubectl("delete", *MANIFEST)
        self.remember()
        self.logs[world.NODES[0]].read()
        self.least_log.read()
        self.announced.log.read()
        text = (world.WORK / "log/containerd.log").read_text(errors="replace")
        for name, uid, namespace, sandbox in SANDBOX.findall(text):
            self.sandboxes[sandbox] = (namespace, name, uid)
        for sandbox, name, container in CONTAINER.findall(text):
            self.created[container] = (sandbox, name)
        for node, log in self.logs.items():
            (world.WORK / f"log/killtrace-{node}.log").write_text(log.text)

    def play(self):
        """Plays everything from the beginning to the end."""
        self.install()
        self.examine()
        # One after the other: an emulated node is slow enough.
        for shop in self.shops:
            shop.open()
            shop.fill()
            shop.close()
        self.measure()
        self.let_log()
        self.replace()
        self.consult()
        self.restrict()
        self.announced = Announcements(self).play()
        self.remember()
        self.uninstall()
        return self
