#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A Kubernetes node and its control plane, in namespaces of their own.

usage: unshare --mount --net --propagation private node.py SYSTEM BINARIES WORK IMAGE...

SYSTEM is a Debian system (scripts/debian-root), BINARIES what tests/kubernetes/binaries built; the
IMAGEs are imported. Prints "ready" on standard output once the API server and kubelet answer. It
ends when standard input does, on a signal, or when its parent is gone. WORK/root is the node's file
system, visible only in the namespaces; WORK/kubeconfig is for clients of the API server, WORK/log
has the daemons' logs.

Every process that a daemon starts, even if it detaches itself, becomes a child of this process in
the end, which kills it. Mounts and network end with the namespaces. Control groups are the
machine's own: they are removed here.
"""

import ctypes
import os
import secrets
import select
import shutil
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
CGROUPS = Path("/sys/fs/cgroup")
PODS = "kubepods"
NODE = "node-1"
# The content of WORK besides the logs: not needed when the node has ended.
DISKS = ("root", "upper", "overlay", "containerd", "sysctl")
ADDRESS = "10.99.0.1"
# The API server listens at every address of the node. The service "kubernetes" is one of them here,
# and with that port: nothing has to translate it for the pods.
SERVICE, PORT = "10.100.0.1", 443
SERVER = f"https://127.0.0.1:{PORT}"
AUDIT = "/var/log/audit.log"
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
# Ten times what it takes on two busy processors.
PATIENCE = 180
# kubelet sets these to its own values; it must not change the machine's.
SYSCTLS = {
    "vm/overcommit_memory": 1,
    "vm/panic_on_oom": 0,
    "kernel/panic": 10,
    "kernel/panic_on_oops": 1,
    "kernel/keys/root_maxkeys": 1000000,
    "kernel/keys/root_maxbytes": 25000000,
}
KUBECONFIG = """apiVersion: v1
kind: Config
clusters: [{{name: c, cluster: {{server: "{server}", insecure-skip-tls-verify: true}}}}]
users: [{{name: u, user: {{token: {token}}}}}]
contexts: [{{name: x, context: {{cluster: c, user: u}}}}]
current-context: x
"""


class Failure(Exception):
    """The reason why there is no node."""


def run(*command):
    """Runs a command to its end; if it fails, its last line is the reason."""
    done = subprocess.run(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"ended with {done.returncode}"]
        raise Failure(f"{' '.join(map(str, command[:4]))}: {said[-1]}")
    return done.stdout


def die_with_parent():
    """Has the process killed when its parent dies, since the parent can then not
    kill it any more.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def end_with_parent():
    """The same with SIGTERM, for processes that clean up."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def parents():
    """The parent of every process."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text(errors="replace")
                # after the name, which may contain anything
                found[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
    return found


def descendants():
    """All processes that this one has started, directly or indirectly."""
    parent_of, ours = parents(), {os.getpid()}
    while True:
        more = {pid for pid, parent in parent_of.items() if parent in ours} - ours
        if not more:
            return ours - {os.getpid()}
        ours |= more


def reap():
    """Reaps dead children. Popen objects are of no use after this."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


class Node:
    """The mounts, network and daemons in the namespaces."""

    def __init__(self, system, binaries, work):
        self.system, self.binaries, self.work = system, binaries, work
        self.root, self.logs = work / "root", work / "log"
        self.daemons = {}
        self.holder = None
        self.told_to_end = False

    def in_root(self, *command):
        """Runs a program of the node, on the node."""
        return run(*self.enter(), *command)

    def enter(self):
        """A command prefix that enters the node."""
        return ["nsenter", f"--mount=/proc/{self.holder.pid}/ns/mnt"]

    def mount(self):
        """Mounts the node's file system: the cached one below, this run's changes above."""
        for name in ("log", *DISKS):
            (self.work / name).mkdir()
        layers = f"lowerdir={self.system},upperdir={self.work}/upper,workdir={self.work}/overlay"
        run("mount", "-t", "overlay", "-o", layers, "overlay", self.root)
        for name in ("proc", "sys", "dev"):
            run("mount", "--rbind", f"/{name}", self.root / name)
        for name in ("run", "tmp", "var/lib/etcd"):
            (self.root / name).mkdir(exist_ok=True)
            run("mount", "-t", "tmpfs", "tmpfs", self.root / name)
        # The containers' file systems are overlays too, and those need another file system below.
        (self.root / "var/lib/containerd").mkdir(exist_ok=True)
        run("mount", "--bind", self.work / "containerd", self.root / "var/lib/containerd")
        for name, value in SYSCTLS.items():
            stand_in = self.work / "sysctl" / name.replace("/", "-")
            stand_in.write_text(f"{value}\n")
            run("mount", "--bind", stand_in, self.root / "proc/sys" / name)
        # As systemd does; the node has its own even if this machine has one, so pins of a pod end
        # with it.
        run("mount", "-t", "bpf", "bpf", self.root / "sys/fs/bpf")
        # With a version 2 tree, runc would treat the node as one with systemd.
        if os.path.ismount(self.root / "sys/fs/cgroup/unified"):
            run("umount", self.root / "sys/fs/cgroup/unified")

    def hold(self):
        """Starts a mount namespace with the node's root. A chroot is not enough: a process that
        enters a container's namespace (kubectl exec, a probe) would get this machine's root.
        """
        # Shared, as with systemd: otherwise pods do not see later mounts of the node.
        script = """cd "$0" && pivot_root . mnt && umount -l mnt && mount --make-rshared / &&
            echo && exec sleep infinity"""
        self.holder = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", script, self.root],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            preexec_fn=die_with_parent,
        )
        if not self.holder.stdout.readline():
            raise Failure("the node's file system cannot be made a root")

    def network(self):
        """Sets up an address of its own, without a way out."""
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "node", "type", "veth", "peer", "name", "nowhere")
        run("ip", "address", "add", f"{ADDRESS}/24", "dev", "node")
        run("ip", "address", "add", f"{SERVICE}/32", "dev", "lo")
        for name in ("node", "nowhere"):
            run("ip", "link", "set", name, "up")
        run("ip", "route", "add", "default", "via", ADDRESS)

    def settings(self):
        """Writes the files that the daemons read."""
        etc = self.root / "etc"
        for name in ("kubernetes/manifests", "cni/net.d", "containerd"):
            (etc / name).mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "node/containerd.toml", etc / "containerd/config.toml")
        shutil.copy(HERE / "node/network.conflist", etc / "cni/net.d/10-pods.conflist")
        for name in ("kubelet.yaml", "admission.yaml", "audit.yaml"):
            shutil.copy(HERE / "node" / name, etc / "kubernetes" / name)
        (etc / "machine-id").write_text(secrets.token_hex(16) + "\n")
        for program in self.binaries.iterdir():
            (self.root / "usr/bin" / program.name).touch()
            run("mount", "--bind", program, self.root / "usr/bin" / program.name)

    def keys(self):
        """Makes the keys by which the API server and its clients know each other."""
        etc = self.root / "etc"
        keys = "/etc/kubernetes"
        self.in_root("openssl", "genrsa", "-out", f"{keys}/sa.key", "2048")
        self.in_root("openssl", "rsa", "-in", f"{keys}/sa.key", "-pubout", "-out", f"{keys}/sa.pub")
        addresses = ",".join(f"IP:{address}" for address in ("127.0.0.1", ADDRESS, SERVICE))
        self.in_root(
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=kubernetes", "-addext", f"subjectAltName={addresses}"),
            *("-keyout", f"{keys}/server.key", "-out", f"{keys}/server.crt"),
        )
        token = secrets.token_hex(16)
        (etc / "kubernetes/tokens").write_text(f'{token},admin,1,"system:masters"\n')
        kubeconfig = KUBECONFIG.format(server=SERVER, token=token)
        for path in (etc / "kubernetes/kubeconfig", self.work / "kubeconfig"):
            path.touch(0o600)
            path.write_text(kubeconfig)

    def start(self, name, *arguments):
        """Starts a daemon."""
        with (self.logs / f"{name}.log").open("w") as log:
            self.daemons[name] = subprocess.Popen(
                [*self.enter(), name, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,
            )

    def wait_for(self, what, is_there):
        """Waits until a daemon has done something."""
        deadline = time.monotonic() + PATIENCE
        while not is_there():
            if self.told_to_end:
                raise Failure("interrupted")
            for name, daemon in self.daemons.items():
                if daemon.poll() is not None:
                    raise Failure(f"{name} ended with {daemon.returncode}; {self.last_word(name)}")
            if time.monotonic() > deadline:
                raise Failure(f"no {what} after {PATIENCE} s; see {self.logs}")
            time.sleep(0.2)

    def last_word(self, name):
        """The last line of a daemon's log."""
        said = (self.logs / f"{name}.log").read_text(errors="replace").strip().splitlines()
        return f"its last word: {said[-1]}" if said else "it said nothing"

    def control_plane(self):
        """Starts etcd, the API server, the controllers and the scheduler."""
        self.start("etcd", "--data-dir=/var/lib/etcd/data")
        keys = "/etc/kubernetes"
        self.start(
            "kube-apiserver",
            *("--etcd-servers=http://127.0.0.1:2379", f"--advertise-address={ADDRESS}"),
            *("--bind-address=0.0.0.0", f"--secure-port={PORT}"),
            *(f"--tls-cert-file={keys}/server.crt", f"--tls-private-key-file={keys}/server.key"),
            *(f"--token-auth-file={keys}/tokens", "--authorization-mode=RBAC"),
            f"--service-account-signing-key-file={keys}/sa.key",
            f"--service-account-key-file={keys}/sa.pub",
            *("--service-account-issuer=https://kubernetes", "--allow-privileged=true"),
            "--service-cluster-ip-range=10.100.0.0/24",
            "--kubelet-preferred-address-types=InternalIP",
            # each request of killtrace's account, which no test of ours writes down
            *(f"--audit-policy-file={keys}/audit.yaml", f"--audit-log-path={AUDIT}"),
            # lets a namespace belong to one node
            "--enable-admission-plugins=PodNodeSelector",
            f"--admission-control-config-file={keys}/admission.yaml",
        )
        self.wait_for("API server", self.server_ready)
        kubeconfig = f"--kubeconfig={keys}/kubeconfig"
        self.start(
            "kube-controller-manager",
            *(kubeconfig, "--leader-elect=false", f"--root-ca-file={keys}/server.crt"),
            f"--service-account-private-key-file={keys}/sa.key",
            # An emulated node may be too busy to report its health.
            "--node-monitor-grace-period=10m",
        )
        self.start("kube-scheduler", kubeconfig, "--leader-elect=false")

    def server_ready(self):
        """Whether the API server reports that it is ready."""
        keys = self.root / "etc/kubernetes"
        # It answers only known users.
        token = (keys / "tokens").read_text().partition(",")[0]
        question = urllib.request.Request(
            f"{SERVER}/readyz", headers={"Authorization": f"Bearer {token}"}
        )
        try:
            context = ssl.create_default_context(cafile=keys / "server.crt")
            with urllib.request.urlopen(question, context=context, timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def kubelet(self, images):
        """Starts containerd with the images, and kubelet."""
        socket = self.root / "run/containerd/containerd.sock"
        self.start("containerd")
        self.wait_for("containerd", socket.exists)
        for image in images:
            shutil.copy(image, self.root / "root/image.tar")
            load = ("ctr", "-n", "k8s.io", "images", "import", "--snapshotter", "overlayfs")
            self.in_root(*load, "/root/image.tar")
        self.start(
            "kubelet",
            *("--config=/etc/kubernetes/kubelet.yaml", "--kubeconfig=/etc/kubernetes/kubeconfig"),
            *("--container-runtime=remote", f"--hostname-override={NODE}", f"--node-ip={ADDRESS}"),
            "--container-runtime-endpoint=unix:///run/containerd/containerd.sock",
        )
        self.wait_for("ready node", self.node_ready)

    def node_ready(self):
        """Whether the API server knows the node as ready."""
        client = ("kubectl", "--kubeconfig=/etc/kubernetes/kubeconfig", "--cache-dir=/tmp/kubectl")
        ready = '-o=jsonpath={.status.conditions[?(@.type=="Ready")].status}'
        return self.answer(*client, "get", "node", NODE, ready) == "True"

    def answer(self, *command):
        """The output of a command on the node, or None if it fails."""
        try:
            return self.in_root(*command)
        except Failure:
            return None

    def end(self):
        """Leaves nothing: no process, no control group."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            # Processes may fork meanwhile, so this is repeated until none is left.
            left = descendants()
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            reap()
            if not left and all(remove_tree(tree) for tree in pod_trees()):
                return
            time.sleep(0.1)
        left = [*sorted(descendants()), *map(str, pod_trees())]
        raise Failure(f"left behind: {left}")


def pod_trees():
    """The directories in which kubelet keeps the control groups of pods, in each hierarchy."""
    return sorted(CGROUPS.glob(f"*/{PODS}"))


def remove_tree(tree):
    """Removes control groups, from the leaves on. False: a process is still in one."""
    for path, _, _ in os.walk(tree, topdown=False):
        try:
            os.rmdir(path)
        except FileNotFoundError:
            continue
        except OSError:
            return False
    return True


def main():
    system, binaries, work, *images = map(Path, sys.argv[1:])
    if pod_trees():
        print(f"{pod_trees()[0]} is there: a kubelet runs, or did, on this machine", flush=True)
        return 1
    if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1):
        raise OSError("no PR_SET_CHILD_SUBREAPER")
    node = Node(system, binaries, work)

    def on_signal(_number, _frame):
        # An exception here could hit the cleanup.
        node.told_to_end = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    try:
        node.mount()
        node.network()
        node.settings()
        node.hold()
        node.keys()
        node.control_plane()
        node.kubelet(images)
        print("ready", flush=True)
        while not node.told_to_end and not select.select([sys.stdin], [], [], 1)[0]:
            pass
    except Failure as error:
        print(error, flush=True)
        return 1
    finally:
        node.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
