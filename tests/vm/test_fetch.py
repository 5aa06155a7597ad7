# SPDX-License-Identifier: BSD-2-Clause
"""scripts/vm/fetch, and what depends on it, without a network: the failure is reported per kernel,
and never counts as a success.
"""

import os
import shutil
import subprocess
from pathlib import Path

import guests as matrix

FETCH = matrix.ROOT / "scripts/vm/fetch"
CACHE = Path(os.environ.get("KILLTRACE_CACHE", "/var/cache/killtrace"))
NO_NETWORK = ["unshare", "--net"]


def without_network(cache, *command, **more):
    """Runs a command without a network, and with that cache."""
    env = {**os.environ, "KILLTRACE_CACHE": str(cache), **more}
    return subprocess.run(
        [*NO_NETWORK, *(str(part) for part in command)],
        capture_output=True,
        text=True,
        check=False,
        env=env,
        timeout=300,
    )


def test_no_network_and_nothing_cached(tmp_path):
    """It fails, and names the suite and the reason."""
    ended = without_network(tmp_path, FETCH, "6.1")
    assert ended.returncode == 1 and ended.stdout == ""
    assert "fetch: bookworm: apt-get update failed" in ended.stderr
    assert "fetch: 6.1: no linux-image-*-cloud-amd64 in bookworm" in ended.stderr


def test_no_network_but_a_cache(guests, tmp_path):
    """The cached files are used, even if their index is old."""
    kernel = matrix.names()[0]
    image, said = guests.image_of(kernel)
    assert image, said
    shutil.copytree(
        CACHE / "apt", tmp_path / "apt", symlinks=True, ignore=shutil.ignore_patterns("updated")
    )
    (tmp_path / "kernels").symlink_to(CACHE / "kernels")
    ended = without_network(tmp_path, FETCH, kernel)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split("\t")[0] == kernel
    assert Path(ended.stdout.rstrip("\n").split("\t")[2]).name == Path(image).name
    assert "going on with what is there" in ended.stderr


def test_unknown_kernel():
    """The name of a kernel that is not in the list."""
    ended = subprocess.run([FETCH, "2.4"], capture_output=True, text=True, check=False)
    assert ended.returncode == 1 and "no kernel '2.4'" in ended.stderr


def test_matrix_without_network(tmp_path):
    """Each kernel is listed with the reason; a test that cannot run is a failure, not a skip."""
    command = ["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    ended = without_network(
        tmp_path,
        *command,
        matrix.ROOT / "tests/vm/test_matrix.py",
        "-k",
        "test_guest",
        KERNEL="6.1",
    )
    assert ended.returncode == 1, ended.stdout
    assert f"{len(matrix.LAYOUTS)} failed" in ended.stdout and "skipped" not in ended.stdout
    assert "no image of kernel 6.1: fetch: " in ended.stdout


def test_kernel_that_is_not_in_the_matrix():
    """KERNEL has an unknown name: this is reported, and nothing runs."""
    command = ["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/vm"]
    env = {**os.environ, "KERNEL": "6.1 2.4"}
    ended = subprocess.run(
        command, capture_output=True, text=True, check=False, env=env, cwd=matrix.ROOT, timeout=60
    )
    assert ended.returncode not in (0, 1), ended.stdout
    assert "no kernel '2.4': KERNEL is of 5.10, " in ended.stdout and "passed" not in ended.stdout
