# SPDX-License-Identifier: BSD-2-Clause
"""The cluster of this world, from its start to its end, and queries to it."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import guest
import node

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = Path(os.environ.get("BUILD", ROOT / "build")).absolute()
WORK = BUILD / "kubernetes"
IMAGES = [BUILD / "killtrace-image.tar", BUILD / "victims-image.tar"]
# The second node is a virtual machine, which takes minutes; it exists if NODES=2.
NODES = [node.NODE, guest.NODE][: int(os.environ.get("NODES") or 1)]
# Ten times what anything takes on two busy processors.
PATIENCE = 600


class Failure(Exception):
    """The reason why the cluster failed."""


def output_of(*command):
    """The output of a program."""
    done = subprocess.run(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failure(f"{' '.join(str(part) for part in command)}: {done.stderr.strip()}")
    return done.stdout


def wait_for(what, found):
    """Waits until found() returns something, and returns it."""
    deadline = time.monotonic() + PATIENCE
    while True:
        result = found()
        if result:
            return result
        if time.monotonic() > deadline:
            raise Failure(f"no {what} after {PATIENCE} s; see {WORK}")
        time.sleep(0.5)


def objects_of(text):
    """The JSON objects of a text with several in a row."""
    decoder, at = json.JSONDecoder(), 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at == len(text):
            return
        try:
            found, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError:
            # the last one is still being written
            return
        yield found


class Cluster:
    """A node with the control plane in namespaces of its own (node.py), with control groups of
    version 1 that kubelet manages. A second node, if NODES=2, in a virtual machine (guest.py), with
    control groups of version 2 that systemd manages.
    """

    def __init__(self):
        self.keeper = self.watcher = self.guest = None
        shutil.rmtree(WORK, ignore_errors=True)
        WORK.mkdir(parents=True)
        self.binaries = Path(output_of(HERE / "binaries").strip())

    def start(self):
        """Starts everything, and waits until the nodes are ready."""
        system = output_of(ROOT / "scripts/debian-root", HERE / "node-packages").strip()
        # A session of its own: Ctrl-C must leave it the time to clean up.
        self.keeper = subprocess.Popen(
            ["unshare", "--mount", "--net", "--propagation", "private"]
            + ["/usr/bin/python3", HERE / "node.py", system, self.binaries, WORK, *IMAGES],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=node.end_with_parent,
        )
        said = self.keeper.stdout.readline().strip()
        if said != "ready":
            raise Failure(f"no cluster: {said or 'the node said nothing'}")
        # Every state of every pod, as the API server saw it.
        with (WORK / "pods").open("w") as out:
            self.watcher = subprocess.Popen(
                self.client("get", "pods", "--all-namespaces", "--watch", "--output=json"),
                stdin=subprocess.DEVNULL,
                stdout=out,
                preexec_fn=node.die_with_parent,
            )

        if guest.NODE in NODES:
            self.guest = guest.start(self.enter(), self.binaries, IMAGES, WORK)
            wait_for(f"ready {guest.NODE}", self.guest_ready)

    def guest_ready(self):
        """Whether the second node is ready."""
        if self.guest.poll() is not None:
            said = (WORK / "log/guest.log").read_text().strip()
            raise Failure(f"no {guest.NODE}: {said or 'see ' + str(WORK / 'guest')}")
        ready = '--output=jsonpath={.status.conditions[?(@.type=="Ready")].status}'
        return self.answer("get", "node", guest.NODE, ready) == "True"

    def enter(self):
        """A command prefix that enters the first node's network."""
        return ["nsenter", f"--net=/proc/{self.keeper.pid}/ns/net"]

    def client(self, *arguments):
        """A command line of kubectl in the node's network, with this machine's files."""
        kubectl = [self.binaries / "kubectl", f"--kubeconfig={WORK}/kubeconfig"]
        kubectl.append(f"--cache-dir={WORK}/kubectl")
        return [*self.enter(), *kubectl, *arguments]

    def kubectl(self, *arguments):
        """The output of kubectl."""
        return output_of(*self.client(*arguments))

    def answer(self, *arguments):
        """The same, or None if it fails: an emulated node may answer too late."""
        try:
            return self.kubectl(*arguments)
        except Failure:
            return None

    def get(self, *arguments):
        """The parsed output of kubectl get."""
        return json.loads(self.kubectl("get", "--output=json", *arguments))

    def path(self, path):
        """The path from here for a path in the first node's file system."""
        return Path(f"/proc/{self.keeper.pid}/root{WORK}/root") / path.lstrip("/")

    def pod_states(self):
        """Every state of every pod so far, oldest first."""
        return list(objects_of((WORK / "pods").read_text()))

    def close(self):
        """Ends the cluster; its logs stay."""
        keeper, self.keeper = self.keeper, None
        for process in (self.watcher, self.guest):
            if process:
                process.terminate()
                process.wait()
        self.watcher = self.guest = None
        if keeper:
            # it may still be starting, and does not read its input yet
            keeper.terminate()
            said, _ = keeper.communicate()
            for name in node.DISKS:
                shutil.rmtree(WORK / name, ignore_errors=True)
            (WORK / "node.tar").unlink(missing_ok=True)
            if keeper.returncode and said.strip() != "interrupted":
                raise Failure(f"the node ended with {keeper.returncode}: {said.strip()}")
