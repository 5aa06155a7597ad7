# SPDX-License-Identifier: BSD-2-Clause
"""Kubernetes Events from the agent of the first node: about kills in pods that live, that are gone
or that are being deleted, with an API server that is away, a token that is replaced and a role that
is taken away. What the API server and kubectl said is kept for the tests.
"""

import base64
import json
import os
import subprocess
from pathlib import Path

import cluster as world
import node
from log import Log
from shop import Shop

SELF = "killtrace"
USER = f"system:serviceaccount:{SELF}:{SELF}"
OVERLAYS = ("metrics", "history", "events", "least-privilege")
BINDING = ("clusterrolebinding", "killtrace-events")
GLOBAL_OOM = world.ROOT / "tests/golden/synthetic-oom.ktrec"
# Children of the crew that are killed.
KILLS = 3


class Announcements:
    """What is done, in this order, and what was seen."""

    def __init__(self, story):
        self.cluster, self.story, self.shop = story.cluster, story, story.shops[0]
        self.log = None
        # answers of kubectl by what was asked
        self.said = {}
        # the Events on each pod when all was done to it, and the metrics at the end
        self.events, self.metrics = {}, None
        # objects that are gone at the end
        self.pods = {}

    def events_of(self, name, namespace=None):
        """killtrace's Events on an object, as the API server has them now."""
        namespace = namespace or self.shop.namespace
        chosen = f"--field-selector=involvedObject.name={name},source=killtrace"
        return self.cluster.get("--namespace", namespace, "events", chosen)["items"]

    def counted(self, name, count, namespace=None):
        """Waits for the Events on an object with this sum of their counts, and keeps them."""

        def found():
            events = self.events_of(name, namespace)
            return events if sum(event["count"] for event in events) >= count else None

        self.events[name] = world.wait_for(f"{count} deaths in the Events on {name}", found)

    def reports(self, name, count=1):
        """Waits until the agent has printed deaths of a pod's processes."""

        def found():
            self.log.read()
            lines = [one for one in self.log.events() if "cause" in one]
            return sum(one.get("kubernetes", {}).get("pod") == name for one in lines) >= count

        world.wait_for(f"report of {name}", found)

    def complains(self, words):
        """Waits until the agent has printed this message."""

        def found():
            self.log.read()
            return any(words in line for line in self.log.lines("stderr"))

        world.wait_for(f"message of the agent with '{words}'", found)

    def ask(self, key, *words, token=None):
        """Keeps kubectl's answer, with a token if it is given."""
        token = [f"--token={token}"] if token else []
        command = self.cluster.client(*token, *words)
        self.said[key] = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )

    def crash(self, name="anvil"):
        """A process of a pod kills itself, while the container lives on."""
        die = ("busybox", "sh", "-c", "kill -SEGV $$")
        self.ask("crash", "--namespace", self.shop.namespace, "exec", name, "--", *die)

    def secret(self):
        """The secret that holds the account's token, by its name."""
        names = "--output=jsonpath={.secrets[0].name}"
        account = self.cluster.kubectl("--namespace", SELF, "get", "serviceaccount", SELF, names)
        return self.cluster.get("--namespace", SELF, "secret", account)

    def mounted(self):
        """The token that the agent's pod has: a mount that only processes of the node see."""
        group = self.story.memory_group(self.pods["agent"])
        pid, *_ = (group / "cgroup.procs").read_text().split()
        place = "var/run/secrets/kubernetes.io/serviceaccount/token"
        return (Path("/proc") / pid / "root" / place).read_text()

    def replace_token(self, text):
        """Writes another token into the secret: the old one is not accepted any more."""
        encoded = base64.b64encode(text.encode()).decode()
        patch = json.dumps({"data": {"token": encoded}})
        name = self.secret()["metadata"]["name"]
        self.cluster.kubectl("--namespace", SELF, "patch", "secret", name, f"--patch={patch}")
        world.wait_for("new token in the pod", lambda: self.mounted() == text)

    def new_token(self):
        """A token of the account, from the API server."""
        request = world.WORK / "token-request.json"
        request.write_text('{"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest"}')
        path = f"/api/v1/namespaces/{SELF}/serviceaccounts/{SELF}/token"
        made = self.cluster.kubectl("create", "--raw", path, f"--filename={request}")
        return json.loads(made)["status"]["token"]

    def start(self):
        """The agent's pod is replaced by one with the overlay."""
        self.pods["agent"] = self.story.renew("events", *OVERLAYS)
        self.log = Log(self.cluster, self.pods["agent"])
        manifest = world.HERE / "announced"
        self.shop.kubectl("apply", "--filename", str(manifest))
        world.wait_for("start of anvil", lambda: self.shop.started("anvil"))

    def see_children(self):
        """Children of a container are killed one after the other, and it lives on."""
        self.counted("crew", KILLS)
        here = ("--namespace", self.shop.namespace)
        self.ask("pod", *here, "describe", "pod", "crew")
        self.pods["crew"] = self.shop.pod("crew")
        self.said["why"] = self.story.asks("why", "crew", "-n", self.shop.namespace)
        self.examine("allowed")

    def examine(self, key):
        """doctor's row about Events, in the agent's pod."""
        said = self.story.asks("doctor", world.NODES[0], "--", "-o", "json").stdout
        (row,) = [one for one in json.loads(said)["rows"] if one["what"] == "EVENTS"]
        self.said[key] = row

    def try_rights(self):
        """What the agent's own token may do and may not do."""
        token = self.mounted()
        here = ("--namespace", self.shop.namespace)
        (event,) = self.events["crew"]
        copy = {key: event[key] for key in ("apiVersion", "kind", "involvedObject", "reason")}
        copy |= {"metadata": {"name": "by-hand"}, "type": "Warning", "message": "by hand"}
        manifest = world.WORK / "by-hand.json"
        manifest.write_text(json.dumps(copy))
        self.ask("create", *here, "create", f"--filename={manifest}", token=token)
        name = event["metadata"]["name"]
        for verb in ("get", "delete"):
            self.ask(verb, *here, verb, "events", name, token=token)
        self.ask("list", *here, "get", "events", token=token)
        self.ask("pods", *here, "get", "pods", token=token)
        self.ask("rights", *here, "auth", "can-i", "--list", token=token)

    def away(self):
        """A process dies while the API server cannot be reached, and its pod is deleted."""
        address = ("ip", "address", "del", f"{node.SERVICE}/32", "dev", "lo")
        world.output_of(*self.cluster.enter(), *address)
        try:
            self.examine("away")
            self.shop.add("guaranteed", "brief")
            self.reports("brief")
            self.pods["brief"] = self.shop.pod("brief")
            self.complains("it will be tried again")
            self.shop.kubectl("delete", "pod", "brief", "--grace-period=0", "--force")
            world.wait_for("end of brief", lambda: not self.shop.pod("brief"))
        finally:
            add = ("ip", "address", "add", f"{node.SERVICE}/32", "dev", "lo")
            world.output_of(*self.cluster.enter(), *add)
        self.counted("brief", 1)
        self.complains("kubernetes works again")

    def rotate(self):
        """The token is replaced by one that is invalid, and then by a valid one."""
        self.crash()
        self.counted("anvil", 1)
        self.replace_token("no-token-at-all")
        self.crash()
        self.complains("does not accept the token (401)")
        self.examine("unknown")
        self.replace_token(self.new_token())
        self.counted("anvil", 2)

    def allows(self, answer):
        """Waits until the API server gives this answer about the agent's account."""
        ask = self.cluster.client("auth", "can-i", "create", "events", f"--as={USER}")

        def found():
            said = subprocess.run(ask, stdout=subprocess.PIPE, text=True, check=False).stdout
            return said.strip() == answer

        world.wait_for(f"answer '{answer}'", found)

    def forbid(self):
        """The role is taken away, and comes back."""
        binding = self.cluster.get(*BINDING)
        self.cluster.kubectl("delete", *BINDING)
        self.allows("no")
        self.examine("forbidden")
        self.crash()
        self.complains("(403)")
        kept = world.WORK / "binding.json"
        meta = {"name": binding["metadata"]["name"], "labels": binding["metadata"]["labels"]}
        kept.write_text(json.dumps(binding | {"metadata": meta}))
        self.cluster.kubectl("apply", f"--filename={kept}")
        self.allows("yes")
        self.crash()
        self.counted("anvil", 3)

    def condemn(self):
        """A namespace is deleted, and a pod of it must be killed."""
        doomed = Shop(self.cluster, world.NODES[0], "doomed")
        doomed.open()
        doomed.add("stubborn", "condemned")
        world.wait_for("deaf container", lambda: doomed.said("condemned", "deaf"))
        self.cluster.kubectl("delete", "namespace", doomed.namespace, "--wait=false")
        self.reports("condemned")
        gone = ("get", "namespace", doomed.namespace)
        world.wait_for("end of doomed", lambda: not self.cluster.answer(*gone))

    def fail_node(self):
        """A recording of a global OOM kill is sent, as that node's agent would do it."""
        account = world.WORK / "account"
        account.mkdir()
        for name, encoded in self.secret()["data"].items():
            (account / name).write_bytes(base64.b64decode(encoded))
        environment = os.environ | {
            "KUBERNETES_SERVICE_HOST": node.SERVICE,
            "KUBERNETES_SERVICE_PORT": str(node.PORT),
        }
        send = [world.BUILD / "killtrace", "replay", "--kubernetes-events"]
        send += [f"--kubernetes-account={account}", GLOBAL_OOM]
        self.said["replay"] = subprocess.run(
            [*self.cluster.enter(), *send],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        self.counted("golden", 3, "default")
        self.ask("node", "describe", "node", "golden")

    def audited(self):
        """Every request of the agent's account, as the API server wrote it down."""
        lines = self.cluster.path(node.AUDIT).read_text().splitlines()
        return [json.loads(line) for line in lines]

    def play(self):
        """Everything in its order."""
        self.start()
        self.see_children()
        self.try_rights()
        self.away()
        self.rotate()
        self.forbid()
        self.condemn()
        self.fail_node()
        self.metrics = self.story.scrape(self.pods["agent"])
        self.log.read()
        (world.WORK / "log/announcements.json").write_text(
            json.dumps({"events": self.events, "audit": self.audited()}, indent=1)
        )
        return self
