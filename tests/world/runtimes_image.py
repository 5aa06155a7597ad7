# SPDX-License-Identifier: BSD-2-Clause
"""The one image of all containers: busybox, and the zoo, which dies of a fault."""

import hashlib
import io
import json
import os
import tarfile

NAME = "localhost/kt-world:1"
APPLETS = ("sh", "cat", "sleep", "tail", "touch", "true")


def add_bytes(tar, name, content):
    """Adds a plain file."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    tar.addfile(info, io.BytesIO(content))


def layer(busybox, zoo):
    """The file system of a container, as a tar archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for directory in ("bin", "proc", "sys", "dev", "tmp"):
            info = tarfile.TarInfo(directory)
            info.type, info.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(info)
        tar.add(os.path.realpath(busybox), "bin/busybox")
        tar.add(zoo, "bin/zoo")
        for applet in APPLETS:
            info = tarfile.TarInfo(f"bin/{applet}")
            info.type, info.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(info)
    return out.getvalue()


def archive(content):
    """An archive with that layer, in a form that every runtime can load or import."""
    diff = f"sha256:{hashlib.sha256(content).hexdigest()}"
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Env": ["PATH=/bin"]},
        "rootfs": {"type": "layers", "diff_ids": [diff]},
    }
    manifest = [{"Config": "config.json", "RepoTags": [NAME], "Layers": ["layer.tar"]}]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        add_bytes(tar, "manifest.json", json.dumps(manifest).encode())
        add_bytes(tar, "config.json", json.dumps(config).encode())
        add_bytes(tar, "layer.tar", content)
    return out.getvalue()
