# SPDX-License-Identifier: BSD-2-Clause
"""The cluster of this world, from its start to its end, and what can be asked of it."""

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
# The second is a virtual machine, which takes minutes; it is there when NODES=2 asks for it.
NODES = [node.NODE, guest.NODE][: int(os.environ.get("NODES") or 1)]
# Ten times what anything takes on two processors that have something else to do.
PATIENCE = 600


class Failure(Exception):
    """Why the cluster did not do what was asked of it."""


def output_of(*command):
    """What a program prints."""
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
    """Waits until found() gives something, and returns it."""
    deadline = time.monotonic() + PATIENCE
    while True:
        result = found()
        if result:
            return result
        if time.monotonic() > deadline:
            raise Failure(f"no {what} after {PATIENCE} s; see {WORK}")
        time.sleep(0.5)


def objects_of(text):
    """The JSON objects of a text that has one after the other."""
    decoder, at = json.JSONDecoder(), 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at == len(text):
            return
        try:
            found, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError:
            # the last one, still being written
            return
        yield found


class Cluster:
    """One node with the control plane in namespaces of its own (node.py), where control groups are
    of version 1 and kubelet's own; a second one, if asked for, in a virtual machine (guest.py),
    where they are of version 2 and systemd's.
    """

    def __init__(self):
        self.keeper = self.watcher = self.guest = None
        shutil.rmtree(WORK, ignore_errors=True)
        WORK.mkdir(parents=True)
        self.binaries = Path(output_of(HERE / "binaries").strip())

    def start(self):
        """Everything up to nodes that are ready."""
        system = output_of(ROOT / "scripts/debian-root", HERE / "node-packages").strip()
        # A session of its own: whoever interrupts us must leave it the time to clean up.
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
        # Every state that any pod was in, as the API server saw it.
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
        """Whether the second node is."""
        if self.guest.poll() is not None:
            said = (WORK / "log/guest.log").read_text().strip()
            raise Failure(f"no {guest.NODE}: {said or 'see ' + str(WORK / 'guest')}")
        ready = '--output=jsonpath={.status.conditions[?(@.type=="Ready")].status}'
        return self.answer("get", "node", guest.NODE, ready) == "True"

    def enter(self):
        """What brings a command into the first node's network."""
        return ["nsenter", f"--net=/proc/{self.keeper.pid}/ns/net"]

    def client(self, *arguments):
        """The command line of kubectl in the node's network, with this machine's files."""
        kubectl = [self.binaries / "kubectl", f"--kubeconfig={WORK}/kubeconfig"]
        kubectl.append(f"--cache-dir={WORK}/kubectl")
        return [*self.enter(), *kubectl, *arguments]

    def kubectl(self, *arguments):
        """What kubectl says."""
        return output_of(*self.client(*arguments))

    def answer(self, *arguments):
        """The same, or None when it fails: what is emulated may answer too late."""
        try:
            return self.kubectl(*arguments)
        except Failure:
            return None

    def get(self, *arguments):
        """What kubectl gets, as Python has it."""
        return json.loads(self.kubectl("get", "--output=json", *arguments))

    def path(self, path):
        """A path of the first node's file system, as it is to be opened from here."""
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
            # it may still be at its beginning, where it reads no input
            keeper.terminate()
            said, _ = keeper.communicate()
            for name in node.DISKS:
                shutil.rmtree(WORK / name, ignore_errors=True)
            (WORK / "node.tar").unlink(missing_ok=True)
            if keeper.returncode and said.strip() != "interrupted":
                raise Failure(f"the node ended with {keeper.returncode}: {said.strip()}")
