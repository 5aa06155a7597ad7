# SPDX-License-Identifier: BSD-2-Clause
"""The pods that die on one node, in a namespace of their own."""

import cluster as world

SIGKILLED = 128 + 9


def containers_of(pod):
    """The statuses of a pod's containers, those that prepare it included."""
    status = pod.get("status", {})
    return status.get("initContainerStatuses", []) + status.get("containerStatuses", [])


class Shop:
    """What is asked of the API server about them. Pods that need many containers, or many processes
    in them, are on the first node only (full): where a processor is emulated they take minutes.
    """

    def __init__(self, cluster, node):
        self.cluster, self.node = cluster, node
        self.full = node == world.NODES[0]
        self.namespace = f"shop-{node}"
        self.static = f"static-{node}"

    def kubectl(self, *arguments):
        """What kubectl says of this namespace."""
        return self.cluster.kubectl("--namespace", self.namespace, *arguments)

    def pods(self, *which):
        """The states of the pods now."""
        return self.cluster.get("--namespace", self.namespace, "pods", *which)["items"]

    def pod(self, name):
        """The state of a pod now, or {} while there is none."""
        return next((pod for pod in self.pods() if pod["metadata"]["name"] == name), {})

    def open(self):
        """A namespace whose pods are of one node."""
        selector = "scheduler.alpha.kubernetes.io/node-selector"
        self.cluster.kubectl("create", "namespace", self.namespace)
        self.cluster.kubectl(
            *("annotate", "namespace", self.namespace),
            f"{selector}=kubernetes.io/hostname={self.node}",
        )
        # without its account no pod is admitted
        accounts = ("--namespace", self.namespace, "get", "serviceaccount", "default")
        world.wait_for(
            "service account",
            lambda: self.cluster.answer(*accounts, "--output=jsonpath={.secrets}"),
        )

    def fill(self):
        """The pods, of which most die soon."""
        manifest = world.WORK / f"{self.namespace}/static-pod.yaml"
        manifest.parent.mkdir()
        text = (world.HERE / "static-pod.yaml").read_text()
        manifest.write_text(text.replace("NAMESPACE", self.namespace))
        self.kubectl("create", "configmap", "static", f"--from-file={manifest}")
        if self.full:
            for folder in ("pods", "more-pods"):
                self.kubectl("apply", "--filename", str(world.HERE / folder))
            return
        # All at once, an emulated processor is busy for longer than runc waits for systemd.
        for pod in sorted((world.HERE / "pods").iterdir()):
            self.kubectl("apply", "--filename", str(pod))
            started = [pod.stem, *([self.static] if pod.stem == "installer" else [])]
            for name in started:
                world.wait_for(f"start of {name}", lambda name=name: self.started(name))

    def add(self, model, name):
        """One more pod, like another."""
        manifest = world.WORK / f"{self.namespace}/{name}.yaml"
        text = (world.HERE / f"pods/{model}.yaml").read_text()
        manifest.write_text(text.replace(f"{{name: {model}}}", f"{{name: {name}}}"))
        self.kubectl("apply", "--filename", str(manifest))

    def started(self, name):
        """Whether all containers of a pod have begun, and maybe ended."""
        pod = self.pod(name)
        begun = [{"running", "terminated"} & set(one["state"]) for one in containers_of(pod)]
        return len(begun) == len(pod.get("spec", {}).get("containers", [None])) and all(begun)

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
        said = self.cluster.answer("--namespace", self.namespace, "logs", name)
        return word in (said or "").split()

    def web_restarted(self):
        """Whether all containers of the Deployment's pods died and were started again."""
        pods = self.pods("--selector", "app=web")
        counts = [status["restartCount"] for pod in pods for status in containers_of(pod)]
        return len(counts) == 4 and all(counts)

    def close(self):
        """Waits for all deaths, and brings about those that need it."""
        world.wait_for("deaf container", lambda: self.said("stubborn", "deaf"))
        self.kubectl("delete", "pod", "stubborn")
        for name in ("guaranteed", self.static, *(("init", "probed") if self.full else ())):
            world.wait_for(f"end of {name}", lambda name=name: self.failed(name))
        world.wait_for("segmentation fault", lambda: self.terminated("burstable", "faulter"))
        # the wait status, as the first process of the container saw it
        world.wait_for("killed child", lambda: self.said("besteffort", str(SIGKILLED)))
        world.wait_for("killed worker", lambda: self.said("workers", str(SIGKILLED)))
        if self.full:
            world.wait_for("restarts of the Deployment", self.web_restarted)
            # that nothing more happens to them while we look
            self.kubectl("delete", "deployment", "web", "--cascade=foreground")
