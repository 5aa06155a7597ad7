# SPDX-License-Identifier: BSD-2-Clause
"""A Debian system in which real programs run, each case in a control group of its own."""

import contextlib
import ctypes
import os
import pwd
import re
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TREE = HERE.parent.parent
PATIENCE = 60.0

CLONE_NEWNS = 0x20000
CLONE_NEWPID = 0x20000000
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)
MEMORY = Path("/sys/fs/cgroup/memory")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def poll(condition, what):
    """Waits until the condition returns something, and returns that."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"not {what} after {PATIENCE} s"
        time.sleep(0.01)


def stat_of(pid):
    """State and parent of a process; None if it does not exist."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return state, int(parent)


def is_gone(pid):
    """Whether a process is dead, reaped or not."""
    found = stat_of(pid)
    return not found or found[0] in "ZX"


def children_of(pid):
    """The pids of a process's live children."""
    found = (
        (child, stat_of(child)) for child in map(int, filter(str.isdigit, os.listdir("/proc")))
    )
    return [child for child, stat in found if stat and stat[1] == pid and stat[0] not in "ZX"]


def comm_of(pid):
    """A process's name."""
    return Path(f"/proc/{pid}/comm").read_text().strip()


def call(what, *arguments):
    """A system call by the C library, in a child."""
    if getattr(LIBC, what)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), what)


def be_first(tell):
    """In a child: a new child continues as the first process of a pid namespace. The old process
    writes the new one's pid to a pipe, waits, and ends as a shell would.
    """
    call("unshare", CLONE_NEWPID)
    child = os.fork()
    if not child:
        call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL)
        return
    os.write(tell, str(child).encode())
    # Popen reads one of them until it is closed everywhere.
    os.closerange(3, 256)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os._exit(status if status >= 0 else 128 - status)


class Group:
    """A control group in each hierarchy that shows where a process belongs."""

    def __init__(self, name):
        tops = [MEMORY, Path("/sys/fs/cgroup/systemd"), Path("/sys/fs/cgroup/unified")]
        tops = [top for top in tops if (top / "cgroup.procs").exists()] or [Path("/sys/fs/cgroup")]
        self.name = name
        self.places = [top / name for top in tops]

    def make(self):
        """Makes it; groups below may have a limit."""
        for place in self.places:
            place.mkdir()
            with contextlib.suppress(OSError):
                (place / "cgroup.subtree_control").write_text("+memory")

    def memory(self):
        """The directory where its memory is counted."""
        names = ("memory.limit_in_bytes", "memory.max")
        return next((p for p in self.places if any((p / name).exists() for name in names)), None)

    def limit(self, size):
        """Sets the memory limit. Swap is not limited: not every machine has some."""
        place = self.memory()
        assert place, "no memory controller to use"
        old = (place / "memory.limit_in_bytes").exists()
        (place / ("memory.limit_in_bytes" if old else "memory.max")).write_text(str(size))
        for name in ("memory.swappiness", "memory.swap.max"):
            with contextlib.suppress(OSError):
                (place / name).write_text("0")

    def oom_kills(self):
        """The number of kills at the limit by the kernel."""
        for name in ("memory.oom_control", "memory.events.local", "memory.events"):
            file = self.memory() / name
            if file.exists():
                return int(re.search(r"^oom_kill (\d+)$", file.read_text(), re.M)[1])
        raise AssertionError("the kernel does not count its kills")

    def add(self, pid):
        """Puts a process there."""
        for place in self.places:
            (place / "cgroup.procs").write_text(str(pid))

    def pids(self):
        """The processes in it or below."""
        files = [file for place in self.places for file in place.rglob("cgroup.procs")]
        return {int(pid) for file in files for pid in file.read_text().split()}

    def remove(self):
        """Kills the processes in it, and removes it."""

        def emptied():
            for pid in self.pids():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            return not self.pids()

        poll(emptied, "empty")
        for place in self.places:
            for directory, _, _ in os.walk(place, topdown=False):
                os.rmdir(directory)


class World:
    """A context with mounts of its own, which vanish at its end."""

    def __init__(self):
        self.place = None
        self.holder = None
        self.group = Group(f"kt-programs-{os.getpid()}")

    def __enter__(self):
        root = subprocess.run(
            [TREE / "scripts/debian-root", HERE / "programs-packages"],
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        ).stdout.strip()
        self.place = tempfile.mkdtemp(prefix="kt-programs-")
        command = ["unshare", "--mount", "--propagation", "private", "bash"]
        try:
            self.holder = subprocess.Popen(
                [*command, HERE / "programs_enter.sh", root, self.place],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                preexec_fn=lambda: LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL),
                text=True,
            )
            assert self.holder.stdout.readline() == "ready\n", "the world was not made"
            self.group.make()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_):
        if self.group.places[0].exists():
            self.group.remove()
        if self.holder:
            self.holder.kill()
            self.holder.wait(PATIENCE)
            self.holder.stdout.close()
        os.rmdir(self.place)

    def path(self, name):
        """The path outside of the world for a path inside."""
        return Path(f"/proc/{self.holder.pid}/root{self.place}/system", name.lstrip("/"))

    def user(self, name):
        """The uid and gid of one of the world's users."""
        lines = (line.split(":") for line in self.path("/etc/passwd").read_text().splitlines())
        return next((int(entry[2]), int(entry[3])) for entry in lines if entry[0] == name)

    def bring(self, *files, to="/opt"):
        """Copies files of the tree or the build into it."""
        self.path(to).mkdir(exist_ok=True)
        for file in files:
            shutil.copy(file, self.path(to))


class Program:
    """A program that a case has started, and its output."""

    def __init__(self, case, process, log, inner=None):
        self.case = case
        self.process = process
        self.log = log
        self.inner = inner
        self.pid = inner or process.pid

    def said(self, words=None):
        """All its output so far; with a pattern, the first match."""
        text = self.log.read_text(errors="replace")
        return re.search(words, text) if words else text

    def says(self, words):
        """Waits for a pattern in its output, and returns the match."""
        what = f"said {words!r} by {self.process.args[0]}"
        try:
            return poll(lambda: self.said(words), what)
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.said()[-2000:]}") from error

    def wait(self):
        """Waits for its end: a status, or a signal as a negative number."""
        status = self.process.wait(PATIENCE)
        return 128 - status if self.inner and status > 128 else status

    def children(self, count=1):
        """Its children, once there are that many."""
        found = poll(lambda: len(c := children_of(self.pid)) >= count and c, f"{count} children")
        return sorted(found)

    def end(self, number=signal.SIGTERM):
        """Asks it to end, and returns its status."""
        self.send(number)
        return self.wait()

    def send(self, number):
        """Sends it a signal."""
        os.kill(self.pid, number)


class Case:
    """A context with a control group, in which nothing runs after its end."""

    def __init__(self, world, name):
        self.world = world
        self.group = Group(f"{world.group.name}/{name}")
        self.programs = []
        self.directory = f"/tmp/{name}"

    def __enter__(self):
        self.group.make()
        self.path().mkdir()
        self.path().chmod(0o777)
        return self

    def __exit__(self, *_):
        self.group.remove()
        for program in self.programs:
            program.wait()

    def path(self, name=""):
        """The path outside of the world for a file of this case."""
        return self.world.path(f"{self.directory}/{name}")

    def write(self, name, text):
        """Writes a file of this case; returns its path inside."""
        self.path(name).write_text(text)
        return f"{self.directory}/{name}"

    def start(self, *argv, user="root", env=(), limit=0, host=False, first=False, directory=None):
        """Starts a program as a user of the world, below a memory limit; `host`: a program of this
        machine, `first`: as the first process of a pid namespace.
        """
        group = self.group
        if limit:
            group = self.below(limit)
        uid, gid = pwd.getpwnam(user)[2:4] if host else self.world.user(user)
        told = os.pipe()
        mounts = os.open(f"/proc/{self.world.holder.pid}/ns/mnt", os.O_RDONLY)

        def enter():
            group.add(os.getpid())
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            if host:
                os.chdir(self.path())
            else:
                call("setns", mounts, CLONE_NEWNS)
                os.chroot(f"{self.world.place}/system")
                os.chdir(directory or self.directory)
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
            # It must not outlive the tests.
            call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL)
            if first:
                be_first(told[1])

        log = self.path(f"{len(self.programs)}-{os.path.basename(argv[0])}.log")
        fixed = {"PATH": PATH, "HOME": self.directory, "LC_ALL": "C.UTF-8"}
        try:
            with open(log, "wb") as out:
                process = subprocess.Popen(
                    argv,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    env={**fixed, **dict(env)},
                    preexec_fn=enter,
                )
            inner = int(os.read(told[0], 16)) if first else None
        finally:
            for file in (mounts, *told):
                os.close(file)
        self.programs.append(Program(self, process, log, inner))
        return self.programs[-1]

    def below(self, limit):
        """Makes a group below this case's, with a memory limit in bytes."""
        group = Group(f"{self.group.name}/limit-{len(os.listdir(self.group.places[0]))}")
        group.make()
        group.limit(limit)
        return group

    def say(self, name, words, until=None):
        """Sends words to a socket of this case, and returns the answer: all of it, or until it ends
        with `until`.
        """
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(PATIENCE)
            poll(lambda: peer.connect_ex(str(self.path(name))) == 0, f"listening at {name}")
            answer = b""
            with contextlib.suppress(ConnectionError):
                peer.sendall(words)
                while not (until and answer.endswith(until)) and (more := peer.recv(1 << 16)):
                    answer += more
            return answer
