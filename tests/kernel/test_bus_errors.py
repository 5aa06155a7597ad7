# SPDX-License-Identifier: BSD-2-Clause
"""SIGBUS of a file on a real file system: its block list is broken on purpose, or the file system
has no room for another block.
"""

import subprocess
import sys

import pytest
import tracer as tracing

BLOCKS = 2048  # of 1 KiB

# Runs in a mount namespace of its own, so that mount and loop device go with it. Prints what read()
# returns for the same page.
READER = """
import errno, mmap, os, sys
with open(sys.argv[1] + "/file", "rb") as file:
    try:
        os.pread(file.fileno(), 1, 12288)
        print("read")
    except OSError as error:
        print(errno.errorcode[error.errno], flush=True)
    mmap.mmap(file.fileno(), 20480, prot=mmap.PROT_READ)[12288]
"""
WRITER = """
import contextlib, mmap, os, sys
place = sys.argv[1]
with open(place + "/sparse", "w+b") as sparse, open(place + "/filler", "wb", 0) as filler:
    sparse.truncate(4096)
    with contextlib.suppress(OSError):
        while filler.write(bytes(1024)):
            pass
    print(os.statvfs(sys.argv[1]).f_bfree, flush=True)
    mmap.mmap(sparse.fileno(), 4096)[0] = 1
"""


def run(*command):
    """Runs a program that must succeed, and returns its output."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def image(tmp_path):
    """An ext2 file system with one file. The file's own first data block is its list of the blocks
    from the twelfth on.
    """
    (tmp_path / "root").mkdir()
    (tmp_path / "root/file").write_bytes(b"x" * 20480)
    path = tmp_path / "image"
    run(
        "mke2fs",
        "-q",
        "-t",
        "ext2",
        "-b",
        "1024",
        "-m",
        "0",
        "-d",
        tmp_path / "root",
        path,
        str(BLOCKS),
    )
    first = int(run("debugfs", "-R", "bmap /file 0", path))
    run("debugfs", "-w", "-R", f"sif /file block[IND] {first}", path)
    return path


def die_in(image, mode, code):
    """Runs it with the image mounted; returns its pid and output."""
    place = image.parent / "mount"
    place.mkdir()
    script = 'mount -o "loop,$1" "$2" "$3" && exec "$4" -c "$5" "$3"'
    with subprocess.Popen(
        ["unshare", "-m", "sh", "-c", script, "sh", mode, image, place, sys.executable, code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        out, err = process.communicate(timeout=tracing.PATIENCE)
    if process.returncode != -7 and err.startswith(("mount:", "unshare:")):
        pytest.skip(f"not possible on this machine: {err.strip()}")
    assert process.returncode == -7, (out, err)
    return process.pid, out.strip()


def test_block_that_cannot_be_read(tracer, image, validate):
    """An error of the device or of the file system, according to read()."""
    pid, said = die_in(image, "ro", READER)
    assert said in ("EIO", "EUCLEAN")
    event = told_of(tracer, pid)
    validate([event])
    assert event["cause"] == "bus-error"
    assert event["fault"]["bus_error"] == "read-failed"
    assert event["fault"]["file_system"] in ("ext2", "ext4")
    assert "could not be read" in event["summary"]


def test_no_room_for_a_block(tracer, image, validate):
    """A hole in a file, and no free block to fill it."""
    pid, free = die_in(image, "rw", WRITER)
    assert free == "0"
    event = told_of(tracer, pid)
    validate([event])
    assert event["fault"]["bus_error"] == "write-failed"
    assert "no room for it" in event["summary"]


def told_of(tracer, pid):
    """The one event of this process."""
    tracer.settle()
    (event,) = [e for e in tracer.stop() if e.get("victim", {}).get("pid") == pid]
    return event
