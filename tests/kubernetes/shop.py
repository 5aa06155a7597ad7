# SPDX-License-Identifier: BSD-2-Clause
"""The pods that die on one node, in a namespace of their own."""

import cluster as world

SIGKILLED = 128 + 9


def containers_of(pod):
    """The statuses of a pod's containers, including its init containers."""
    status = pod.get("status", {})
    return status.get("initContainerStatuses", []) + status.get("containerStatuses", [])


class Shop:
    """The pods of one node, and queries about them. Pods with many containers or processes run on
    the first node only (full): on an emulated processor they take minutes.
    """

    def __init__(self, cluster, node, name="shop"):
        self.cluster, self.node = cluster, node
        self.full = node == world.NODES[0]
        self.namespace = f"{name}-{node}"
        self.static = f"static-{node}"

    def kubectl(self, *arguments):
        """The output of kubectl in this namespace."""
        return self.cluster.kubectl("--namespace", self.namespace, *arguments)

    def pods(self, *which):
        """The current states of the pods."""
        return self.cluster.get("--namespace", self.namespace, "pods", *which)["items"]

    def pod(self, name):
        """The current state of a pod, or {} if there is none."""
        return next((pod for pod in self.pods() if pod["metadata"]["name"] == name), {})

    def open(self):
        """Makes a namespace with pods on one node only."""
        selector = "scheduler.alpha.kubernetes.io/node-selector"
        self.cluster.kubectl("create", "namespace", self.namespace)
        self.cluster.kubectl(
            *("annotate", "namespace", self.namespace),
            f"{selector}=kubernetes.io/hostname={self.node}",
        )
        # no pod is admitted before the account exists
        accounts = ("--namespace", self.namespace, "get", "serviceaccount", "default")
        world.wait_for(
            "service account",
            lambda: self.cluster.answer(*accounts, "--output=jsonpath={.secrets}"),
        )

    def fill(self):
        """Starts the pods: most die soon."""
        manifest = world.WORK / f"{self.namespace}/static-pod.yaml"
        manifest.parent.mkdir(exist_ok=True)
        text = (world.HERE / "static-pod.yaml").read_text()
        manifest.write_text(text.replace("NAMESPACE", self.namespace))
        self.kubectl("create", "configmap", "static", f"--from-file={manifest}")
        if self.full:
            for folder in ("pods", "more-pods"):
                self.kubectl("apply", "--filename", str(world.HERE / folder))
            return
        # With all of them at once, an emulated processor is busy for longer than runc waits for
        # systemd.
        for pod in sorted((world.HERE / "pods").iterdir()):
            self.kubectl("apply", "--filename", str(pod))
            started = [pod.stem, *([self.static] if pod.stem == "installer" else [])]
            for name in started:
                world.wait_for(f"start of {name}", lambda name=name: self.started(name))

    def add(self, model, name):
        """Starts one more pod from the manifest of another."""
        manifest = world.WORK / f"{self.namespace}/{name}.yaml"
        manifest.parent.mkdir(exist_ok=True)
        text = (world.HERE / f"pods/{model}.yaml").read_text()
        manifest.write_text(text.replace(f"{{name: {model}}}", f"{{name: {name}}}"))
        self.kubectl("apply", "--filename", str(manifest))

    def started(self, name):
        """Whether all containers of a pod have started. They may have ended since."""
        pod = self.pod(name)
        begun = [{"running", "terminated"} & set(one["state"]) for one in containers_of(pod)]
        return len(begun) == len(pod.get("spec", {}).get("containers", [None])) and all(begun)

    def failed(self, name):
        """Whether a pod has failed for good."""
        return self.pod(name).get("status", {}).get("phase") == "Failed"

    def terminated(self, name, container):
        """The state of a pod's container after its end, or None if it runs."""
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
        """Waits for all deaths, and causes those that need an action."""
        world.wait_for("deaf container", lambda: self.said("stubborn", "deaf"))
        self.kubectl("delete", "pod", "stubborn")
        for name in ("guaranteed", self.static, *(("init", "probed") if self.full else ())):
            world.wait_for(f"end of {name}", lambda name=name: self.failed(name))
        world.wait_for("segmentation fault", lambda: self.terminated("burstable", "faulter"))
        # the wait status, as seen by the first process of the container
        world.wait_for("killed child", lambda: self.said("besteffort", str(SIGKILLED)))
        world.wait_for("killed worker", lambda: self.said("workers", str(SIGKILLED)))
        if self.full:
            world.wait_for("restarts of the Deployment", self.web_restarted)
            # no more deaths while the tests look at them
            self.kubectl("delete", "deployment", "web", "--cascade=foreground")
