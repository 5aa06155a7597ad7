# SPDX-License-Identifier: BSD-2-Clause
"""The second node: a virtual machine (guest.sh) that joins the cluster of the first."""

import shutil
import subprocess
from pathlib import Path

import node

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
NODE = "node-2"
KERNEL = "6.12"
# As in guest.sh: kubelet's own port, at an address of the first node.
ADDRESS, PORT = "10.99.0.2", 10250
# QEMU's name for the first node's loopback.
SERVER = node.SERVER.replace("127.0.0.1", "10.0.2.2")
MEMORY = 1536
# The guest ends with its test; this limit is for the case that the test fails to end it.
LIMIT_SECONDS = 3600


def pack(binaries, images, work):
    """Everything that the node needs, as one archive."""
    tree = work / "node"
    for name in ("usr/bin", "etc/containerd", "etc/cni/net.d", "etc/kubernetes", "images"):
        (tree / name).mkdir(parents=True)
    shutil.copy(binaries / "kubelet", tree / "usr/bin")
    shutil.copy(HERE / "node/containerd.toml", tree / "etc/containerd/config.toml")
    shutil.copy(HERE / "node/network.conflist", tree / "etc/cni/net.d/10-pods.conflist")
    shutil.copy(HERE / "node/kubelet.yaml", tree / "etc/kubernetes")
    kubeconfig = (work / "kubeconfig").read_text().replace(node.SERVER, SERVER)
    (tree / "etc/kubernetes/kubeconfig").write_text(kubeconfig)
    for image in images:
        shutil.copy(image, tree / "images")
    archive = work / "node.tar"
    subprocess.run(["tar", "-C", tree, "-cf", archive, "."], check=True)
    shutil.rmtree(tree)
    return archive


def start(enter, binaries, images, work):
    """Boots it in the network that the command prefix `enter` enters. To be ended with SIGTERM."""
    disk = subprocess.run(
        [ROOT / "scripts/vm/disk", HERE / "guest-packages"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.strip()
    archive = pack(binaries, images, work)
    # By default a connection to a local address has that address as its source: for the guest, its
    # own.
    route = ["local", f"{ADDRESS}/32", "dev", "lo", "src", node.ADDRESS]
    subprocess.run([*enter, "ip", "route", "add", *route], check=True)
    return subprocess.Popen(
        [*enter, ROOT / "scripts/vm/run", "--out", work / "guest", "--memory", str(MEMORY)]
        + ["--disk", disk, "--limit", str(LIMIT_SECONDS), "--modules", "virtio_net,overlay,veth"]
        + ["--forward", f"{ADDRESS}:{PORT}", KERNEL, HERE / "guest.sh", archive],
        stdin=subprocess.DEVNULL,
        stderr=(work / "log/guest.log").open("w"),
        preexec_fn=node.end_with_parent,
    )
