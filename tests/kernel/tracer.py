# SPDX-License-Identifier: BSD-2-Clause
"""Starts killtrace and other tracers for the tests, and always ends them again."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

BUILD = os.environ.get("BUILD", "build")
KILLTRACE = os.path.abspath(os.environ.get("KILLTRACE", os.path.join(BUILD, "killtrace")))
ZOO = os.path.abspath(os.environ.get("ZOO", os.path.join(BUILD, "zoo")))
PATIENCE = 20.0


def end(process, sig=signal.SIGINT):
    """Ends a process that the tests started; returns its exit status."""
    if process.poll() is None:
        process.send_signal(sig)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    return process.returncode


def zoo(*arguments, timeout=120):
    """Runs the zoo and returns its JSON lines. On Ctrl-C the zoo cleans up itself."""
    with subprocess.Popen([ZOO, *arguments], stdout=subprocess.PIPE) as process:
        try:
            out, _ = process.communicate(timeout=timeout)
        finally:
            end(process, signal.SIGTERM)
    assert process.returncode == 0, f"zoo {arguments}: {process.returncode}, {out[-300:]!r}"
    return [json.loads(line) for line in out.decode("utf-8").splitlines()]


def whole(arguments):
    """These arguments, with a line for each death: tests look for single deaths. Only the last of
    --fold and --no-fold counts.
    """
    command = arguments[:1] if arguments[:1] in (("trace",), ("daemon",)) else ()
    if arguments and arguments[0][0] != "-" and not command:
        return arguments
    return (*command, "--no-fold", *arguments[len(command) :])


class Tracer:
    """killtrace, from the moment it is attached to its last line."""

    def __init__(self, *arguments):
        self.directory = tempfile.mkdtemp(prefix="kt-test-")
        self.command = [KILLTRACE, *whole(arguments)]
        self.process = None
        self.offset = 0
        self.partial = b""
        self.lines = []

    def path(self, name):
        """A file of this run."""
        return os.path.join(self.directory, name)

    def read(self, name):
        """All bytes of such a file."""
        with open(self.path(name), "rb") as file:
            return file.read()

    def __enter__(self):
        try:
            with open(self.path("stdout"), "wb") as out, open(self.path("stderr"), "wb") as err:
                self.process = subprocess.Popen(
                    self.command, stdin=subprocess.DEVNULL, stdout=out, stderr=err
                )
            self.wait_for(lambda: b"killtrace: tracing" in self.read("stderr"), "attached")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_):
        if self.process:
            end(self.process)
        shutil.rmtree(self.directory, ignore_errors=True)

    def wait_for(self, condition, what):
        """Polls until the condition holds."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if self.process.poll() is not None:
                raise AssertionError(
                    f"killtrace ended ({self.process.returncode}): {self.read('stderr')!r}"
                )
            if time.monotonic() > deadline:
                raise AssertionError(
                    f"killtrace: not {what} after {PATIENCE} s: {self.read('stderr')!r}"
                )
            time.sleep(0.01)

    def follow(self):
        """The JSON lines so far; parses new ones."""
        with open(self.path("stdout"), "rb") as file:
            file.seek(self.offset)
            new = file.read()
        self.offset += len(new)
        *whole, self.partial = (self.partial + new).split(b"\n")
        # Strict UTF-8, and every line must be an object.
        self.lines += [json.loads(line.decode("utf-8")) for line in whole]
        return self.lines

    def settle(self):
        """Lets one more victim die and waits until it is reported: by then, earlier deaths are
        reported or never will be.
        """
        pid = zoo("run", "null-deref")[0]["pid"]
        seen = len(self.lines)

        def told():
            return any(line.get("victim", {}).get("pid") == pid for line in self.follow()[seen:])

        self.wait_for(told, "reporting the sentinel")

    def stop(self):
        """Ends it with SIGINT: returns all lines, and fails unless killtrace exits with 0."""
        status = end(self.process)
        assert status == 0, f"killtrace exited with {status}: {self.read('stderr')!r}"
        self.follow()
        assert not self.partial, f"the last line is not whole: {self.partial!r}"
        return self.lines


class Oracle:
    """A bpftrace program in a mount namespace of its own, where tracefs is mounted."""

    def __init__(self, program):
        self.program = 'BEGIN { printf("ready\\n"); } ' + program
        self.out = None
        self.process = None

    def __enter__(self):
        self.out = tempfile.TemporaryFile()
        tracefs = "mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null"
        mount = f'{tracefs}; exec bpftrace -f json -e "$0"'
        self.process = subprocess.Popen(
            ["unshare", "-m", "sh", "-c", mount, self.program],
            stdin=subprocess.DEVNULL,
            stdout=self.out,
            stderr=subprocess.DEVNULL,
        )
        try:
            deadline = time.monotonic() + PATIENCE
            while b"ready" not in self.text():
                assert (
                    self.process.poll() is None and time.monotonic() < deadline
                ), "bpftrace does not start"
                time.sleep(0.05)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def text(self):
        """What it has printed."""
        return os.pread(self.out.fileno(), 1 << 24, 0)

    def maps(self):
        """Its maps, printed when it ends."""
        end(self.process)
        found = {}
        for line in self.text().decode("utf-8", "replace").splitlines():
            try:
                told = json.loads(line)
            except ValueError:
                continue
            if told.get("type") == "map":
                found.update(told["data"])
        return found

    def __exit__(self, *_):
        end(self.process)
        self.out.close()
