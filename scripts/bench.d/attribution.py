# SPDX-License-Identifier: BSD-2-Clause
"""How long it takes to find the owner of a death, with hundreds of containers on the node."""

import json
import secrets
import subprocess
import tempfile
from pathlib import Path

import figures
from report import Section

PROGRAM = Path("build/bench/attribution")
TASKS = "run/containerd/io.containerd.runtime.v2.task/k8s.io"
CONTAINERS = 500
# About as large as an OCI config of a pod with service account, probes and seccomp.
CONFIG_BYTES = 16000


def make_node(root, kind):
    """Makes the files of the containers of one runtime; returns their cgroup paths."""
    paths = []
    for i in range(CONTAINERS):
        cid = secrets.token_hex(32)
        uid = f"{secrets.token_hex(4)}-aaaa-4bbb-8ccc-{secrets.token_hex(6)}"
        if kind == "containerd":
            document = {
                "annotations": {
                    "io.kubernetes.cri.container-name": "app",
                    "io.kubernetes.cri.image-name": "registry.example/app:1",
                    "io.kubernetes.cri.sandbox-name": f"web-{i}",
                    "io.kubernetes.cri.sandbox-namespace": "shop",
                    "io.kubernetes.cri.sandbox-uid": uid,
                },
                "mounts": [{"destination": "/x", "options": ["ro"] * 8}] * (CONFIG_BYTES // 100),
            }
            file = root / TASKS / cid / "config.json"
            paths.append(f"/kubepods/burstable/pod{uid}/{cid}")
        else:
            document = {"Name": f"/web-{i}", "Config": {"Image": "app:1"}}
            file = root / "var/lib/docker/containers" / cid / "config.v2.json"
            paths.append(f"/docker/{cid}")
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(document), encoding="utf-8")
        if kind == "containerd":
            logs = root / "var/log/pods" / f"shop_web-{i}_{uid}"
            logs.mkdir(parents=True)
    return paths


def ask(paths, *arguments):
    """The program's result for these paths."""
    done = subprocess.run(
        [PROGRAM, *arguments], input="\n".join(paths), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{PROGRAM} ended with {done.returncode}: {done.stderr.strip()}")
    told = json.loads(done.stdout)
    named = min(told["cold_named"], told["warm_named"])
    if named != CONTAINERS:
        raise RuntimeError(
            f"{named} of {CONTAINERS} containers had names: whoever asks is given none"
        )
    return told


def measure(runs):
    """The section of the report."""
    if not PROGRAM.exists():
        raise RuntimeError(f"{PROGRAM} is not there: run make bench")
    section = Section(
        f"Attribution of one event, {CONTAINERS} containers on the node",
        [
            "runtime",
            "path only",
            "cold",
            "cold p99",
            "cold, in one process",
            "warm",
            "warm p99",
            "memory held",
        ],
    )
    for kind in ("containerd", "docker"):
        found = {"path_only": [], "cold": [], "cold_here": [], "warm": [], "held_bytes": []}
        for _ in range(runs):
            with tempfile.TemporaryDirectory(prefix="kt-bench-") as directory:
                paths = make_node(Path(directory), kind)
                told = ask(paths, directory)
                told["cold_here"] = ask(paths, directory, "here")["cold"]
            for key in ("path_only", "cold", "cold_here", "warm"):
                found[key] += [ns / 1000 for ns in told[key]]
            found["held_bytes"].append(told["held_bytes"])
        section.rows.append(
            [
                kind,
                f"{figures.median(found['path_only']):.1f} us",
                f"{figures.median(found['cold']):.0f} us",
                f"{figures.quantile(found['cold'], 0.99):.0f} us",
                f"{figures.median(found['cold_here']):.0f} us",
                f"{figures.median(found['warm']):.1f} us",
                f"{figures.quantile(found['warm'], 0.99):.1f} us",
                f"{figures.median(found['held_bytes']) / 1024:.0f} KiB",
            ]
        )
        section.data[kind] = {key: figures.summary(values) for key, values in found.items()}
    section.notes.append(
        f"{runs} runs; cold: its files are read, by the process for that or in one process; warm: asked for the second time"
    )
    return section
