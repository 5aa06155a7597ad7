# SPDX-License-Identifier: BSD-2-Clause
"""SIGBUS of a file on a real file system: its list of blocks is broken on purpose, or there is no
room for one more.
"""

import subprocess
import sys

import pytest
import tracer as tracing

BLOCKS = 2048  # of 1 KiB

# In a mount namespace of its own, so that mount and loop device go with it. It says what read()
# says of the same page.
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
    """A program that must end well: what it wrote."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def image(tmp_path):
    """An ext2 file system with one file. Its list of the blocks from the twelfth on is its own
    first block of data.
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
    """Runs it with the image mounted: its pid and what it said."""
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
    """What read() calls an error of the device or of the file system."""
    pid, said = die_in(image, "ro", READER)
    assert said in ("EIO", "EUCLEAN")
    event = told_of(tracer, pid)
    validate([event])
    assert event["cause"] == "bus-error"
    assert event["fault"]["bus_error"] == "read-failed"
    assert event["fault"]["file_system"] in ("ext2", "ext4")
    assert "could not be read" in event["summary"]


def test_no_room_for_a_block(tracer, image, validate):
    """A hole in a file, and no block left to fill it."""
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
