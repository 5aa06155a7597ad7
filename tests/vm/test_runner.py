# SPDX-License-Identifier: BSD-2-Clause
"""scripts/vm/run when something fails: one line with the reason, and no process left."""

import os
import signal
import subprocess
import time

import guests as matrix
import pytest

RUN = matrix.ROOT / "scripts/vm/run"
CANNOT = 125


@pytest.fixture(scope="session")
def image(guests):
    """Any kernel of this machine's architecture."""
    name = next((name for name in matrix.names() if matrix.arch_of(name) == "amd64"), "6.12")
    path, said = guests.image_of(name)
    if not path:
        pytest.fail(said)
    return path


@pytest.fixture
def endless(tmp_path):
    """A script that never ends."""
    path = tmp_path / "script"
    path.write_text("sleep 1000\n")
    return path


def guests_of(out):
    """The QEMU processes that write into a directory of results."""
    found = []
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{process}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except OSError:
            continue
        if words[0].startswith(b"qemu") and f"file:{out}/console".encode() in words:
            found.append(int(process))
    return found


def wait_until(condition):
    """Waits for something that takes a moment."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def complaint(*arguments, env=None):
    """The one line of a run without results."""
    ended = subprocess.run(
        [RUN, *arguments], capture_output=True, text=True, check=False, env=env, timeout=400
    )
    assert ended.returncode == CANNOT and ended.stdout == "", ended
    lines = ended.stderr.splitlines()
    assert len(lines) == 1, ended.stderr
    return lines[0]


def test_guest_that_hangs(image, endless, tmp_path):
    """The guest is ended after its time limit, and this is reported."""
    out = tmp_path / "out"
    said = complaint("--out", out, "--limit", "3", image, endless)
    assert "did not end within 3" in said
    assert not guests_of(out)


def test_kernel_that_does_not_boot(endless, tmp_path):
    """A missing kernel, and a file that is not a kernel."""
    assert "vm: " in complaint("--out", tmp_path / "out", "/nonexistent/vmlinuz", endless)
    junk = tmp_path / "junk"
    junk.write_bytes(b"no kernel" * 10000)
    said = complaint("--out", tmp_path / "out", "--limit", "60", junk, endless)
    assert str(junk) in said


def test_kernel_that_panics(image, endless, tmp_path):
    """The kernel finds no init that it can run: its last lines are reported."""
    junk = tmp_path / "busybox"
    junk.write_bytes(b"no program")
    said = complaint("--out", tmp_path / "out", "--limit", "300", image, endless, junk)
    assert "no whole results" in said and "Kernel panic" in said, said
    assert not guests_of(tmp_path / "out")


def test_script_that_fails(image, tmp_path):
    """The runner has the script's status, and the script's files are there."""
    script = tmp_path / "script"
    script.write_text("#!/bin/busybox sh\necho written >file\nexit 42\n")
    out = tmp_path / "out"
    ended = subprocess.run(
        [RUN, "--out", out, "--limit", "300", image, script], check=False, timeout=400
    )
    assert ended.returncode == 42
    assert (out / "file").read_text() == "written\n"


def test_no_emulator(image, endless, tmp_path):
    """QEMU is not installed."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "cpio").symlink_to("/usr/bin/cpio")
    env = {**os.environ, "PATH": str(tools)}
    said = complaint("--out", tmp_path / "out", image, endless, env=env)
    assert "no qemu-system-x86_64" in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_interrupted(image, endless, tmp_path, number):
    """However the runner ends, its guest ends with it."""
    out = tmp_path / "out"
    with subprocess.Popen(
        [RUN, "--out", out, image, endless],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as process:
        try:
            wait_until(lambda: guests_of(out))
            process.send_signal(number)
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
    wait_until(lambda: not guests_of(out))
    if number != signal.SIGKILL:
        assert process.returncode == CANNOT and "interrupted" in said
