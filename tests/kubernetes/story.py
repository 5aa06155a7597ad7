# SPDX-License-Identifier: BSD-2-Clause
"""What happens in the cluster, once for all tests: the DaemonSet begins, pods die, the DaemonSet is
taken away. What its pod logged is kept beside what the API server and containerd said.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path

import cluster as world

SHOP = "shop"
SELF = "killtrace"
SIGKILLED = 128 + 9
# containerd's own record of the containers that keep a pod's namespaces open
SANDBOX = re.compile(
    r"RunPodSandbox for &PodSandboxMetadata\{Name:([^,]+),Uid:([^,]+),Namespace:([^,]+),"
    r'.* returns sandbox id \\"([0-9a-f]{64})\\"'
)


def containers_of(pod):
    """The statuses of a pod's containers, those that prepare it included."""
    status = pod.get("status", {})
    return status.get("initContainerStatuses", []) + status.get("containerStatuses", [])


def bare(container_id):
    """An id without the name of its runtime."""
    return container_id.rpartition("/")[2]


def uid_on_node(pod):
    """The uid that the node knows a pod by: of a static one, the API server sees a mirror."""
    notes = pod["metadata"].get("annotations", {})
    return notes.get("kubernetes.io/config.hash", pod["metadata"]["uid"])


class Log:
    """The log of the DaemonSet's pod. Its file is opened while it is there, so that also the words
    of the end are read.
    """

    def __init__(self, cluster):
        (pod,) = cluster.get("pods", "--namespace", SELF)["items"]
        name, uid = pod["metadata"]["name"], pod["metadata"]["uid"]
        self.file = cluster.path(f"/var/log/pods/{SELF}_{name}_{uid}/{SELF}/0.log").open()
        self.text = ""

    def lines(self, stream):
        """The whole lines of stdout or stderr so far."""
        self.text += self.file.read()
        joined, rest = [], ""
        for line in self.text.splitlines():
            _time, source, tag, part = line.split(" ", 3)
            if source != stream:
                continue
            # "P": a part of a long line
            rest += part
            if tag != "P":
                joined.append(rest)
                rest = ""
        return joined

    def events(self):
        """What was told."""
        return [json.loads(line) for line in self.lines("stdout")]


class Story:
    """All that is known of one run."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.log = self.doctor = None
        self.figures, self.mounts = {}, []
        # the number that the node's kernel gave the first process of a container
        self.first_pid = None
        # the last state of each pod, by its uid; each container by its id, with its pod
        self.pods, self.containers, self.sandboxes = {}, {}, {}
        # each container's end, by its id
        self.ends = {}

    def pod(self, name):
        """The state of a pod of the shop now, or {} while there is none."""
        pods = self.cluster.get("pods", "--namespace", SHOP)["items"]
        return next((pod for pod in pods if pod["metadata"]["name"] == name), {})

    def started(self):
        """Whether the DaemonSet's pod traces."""
        found = self.cluster.get("daemonset", SELF, "--namespace", SELF)
        if found["status"].get("numberReady") != 1:
            return False
        self.log = self.log or Log(self.cluster)
        return any("tracing" in line for line in self.log.lines("stderr"))

    def install(self):
        """The manifest, as its users apply it."""
        self.cluster.kubectl("apply", "--kustomize", str(world.ROOT / "deploy/kubernetes"))
        world.wait_for("DaemonSet that traces", self.started)

    def failed(self, name):
        """Whether a pod has failed for good."""
        return self.pod(name).get("status", {}).get("phase") == "Failed"

    def terminated(self, name, container):
        """How a pod's container ended, while it does not run."""
        for status in containers_of(self.pod(name)):
            if status["name"] == container:
                return status["state"].get("terminated")
        return None

    def said(self, name, word):
        """Whether a pod's container has printed a word."""
        if self.pod(name).get("status", {}).get("phase") != "Running":
            return False
        return word in self.cluster.kubectl("logs", name, "--namespace", SHOP).split()

    def web_restarted(self):
        """Whether all containers of the Deployment's pods died and were started again."""
        pods = self.cluster.get("pods", "--namespace", SHOP, "--selector", "app=web")["items"]
        counts = [status["restartCount"] for pod in pods for status in containers_of(pod)]
        return len(counts) == 4 and all(counts)

    def let_die(self):
        """All the deaths."""
        kubectl, here = self.cluster.kubectl, world.HERE
        kubectl("create", "namespace", SHOP)
        manifests = self.cluster.path("/etc/kubernetes/manifests")
        shutil.copy(here / "static-pod.yaml", manifests)
        kubectl("apply", "--filename", str(here / "pods"))
        world.wait_for("deaf container", lambda: self.said("stubborn", "deaf"))
        kubectl("delete", "pod", "stubborn", "--namespace", SHOP)
        for name in ("guaranteed", "init", "probed", "static-node-1"):
            world.wait_for(f"end of {name}", lambda name=name: self.failed(name))
        world.wait_for("segmentation fault", lambda: self.terminated("burstable", "faulter"))
        # the wait status, as the first process of the container saw it
        world.wait_for("killed child", lambda: self.said("besteffort", str(SIGKILLED)))
        world.wait_for("killed worker", lambda: self.said("workers", str(SIGKILLED)))
        world.wait_for("restarts of the Deployment", self.web_restarted)
        # that nothing more happens to them while we look
        kubectl("delete", "deployment", "web", "--namespace", SHOP, "--cascade=foreground")

    def memory_group(self, pod):
        """The control group of a pod's one container."""
        (container,) = containers_of(pod)
        quality = pod["status"]["qosClass"].lower()
        group = f"{quality}/pod{uid_on_node(pod)}/{bare(container['containerID'])}"
        return self.cluster.path("/sys/fs/cgroup/memory/kubepods") / group

    def measure(self):
        """What the DaemonSet's container takes and sees, by the kernel's own files."""
        (pod,) = self.cluster.get("pods", "--namespace", SELF)["items"]
        memory = self.memory_group(pod)
        for name in ("usage_in_bytes", "max_usage_in_bytes", "kmem.usage_in_bytes"):
            self.figures[name] = int((memory / f"memory.{name}").read_text())
        (pid,) = (memory / "cgroup.procs").read_text().split()
        self.mounts = (Path("/proc") / pid / "mountinfo").read_text().splitlines()
        processes = self.memory_group(self.pod("besteffort")) / "cgroup.procs"
        self.first_pid = int(processes.read_text())

    def uninstall(self):
        """Takes the manifest away again."""
        kustomization = str(world.ROOT / "deploy/kubernetes")
        self.cluster.kubectl("delete", "--kustomize", kustomization)

    def remember(self):
        """Reads what the API server and containerd said to the end."""
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
        text = (world.WORK / "log/containerd.log").read_text(errors="replace")
        (world.WORK / "log/killtrace.json").write_text("\n".join(self.log.lines("stdout")))
        for name, uid, namespace, sandbox in SANDBOX.findall(text):
            self.sandboxes[sandbox] = (namespace, name, uid)

    def examine(self):
        """What killtrace itself says of this node, asked in the running pod."""
        command = ("exec", "--namespace", SELF, f"daemonset/{SELF}", "--", "/killtrace", "doctor")
        self.doctor = subprocess.run(
            self.cluster.client(*command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def play(self):
        """From the beginning to the end."""
        self.install()
        self.examine()
        self.let_die()
        self.measure()
        self.uninstall()
        self.remember()
        return self
