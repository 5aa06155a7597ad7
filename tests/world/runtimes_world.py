# SPDX-License-Identifier: BSD-2-Clause
"""A Debian system for container runtimes, on this machine's kernel."""

import ctypes
import fcntl
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TREE = HERE.parent.parent
PATIENCE = 60.0

PACKAGES = {
    "runc": "a runtime, and what containerd and docker call",
    "crun": "a runtime, and what podman calls",
    "podman": "containers and pods",
    "netavark": "podman's library wants a network stack, even if no container has a network",
    "catatonit": "the first process of a pod",
    "containerd": "containers, with ctr",
    # A single word would be the host name of a registry.
    "docker" + ".io": "dockerd and its client",
    "busybox-static": "what is in the containers",
}

PR_SET_PDEATHSIG = 1
NS_GET_PARENT = 0xB702
LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent():
    """In a child: it ends with the tests, and the namespaces with it."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def debian_root():
    """The directory of the system, made at the first call on this machine."""
    with tempfile.TemporaryDirectory(prefix="kt-world-") as directory:
        # debian-root derives the directory's name from the list.
        packages = Path(directory, "container-runtimes")
        packages.write_text("".join(f"{name} {why}\n" for name, why in PACKAGES.items()))
        made = subprocess.run(
            [TREE / "scripts/debian-root", packages], stdout=subprocess.PIPE, check=True, text=True
        )
    return made.stdout.strip()


def poll(condition, what, seconds=PATIENCE):
    """Waits until the condition returns something, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"not {what} after {seconds} s"
        time.sleep(0.05)


class World:
    """A context with mount, pid and net namespaces; all processes in them end with it."""

    def __init__(self, root, unified):
        self.root = root
        self.unified = unified
        self.place = None
        self.holder = None
        self.init = None

    def __enter__(self):
        self.place = tempfile.mkdtemp(prefix="kt-world-")
        command = ["unshare", "--mount", "--propagation", "private", "--pid", "--net", "--fork"]
        command += ["--kill-child", "bash", HERE / "runtimes_enter.sh", self.root, self.place]
        try:
            self.holder = subprocess.Popen(
                [*command, "yes" if self.unified else "no"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                preexec_fn=die_with_parent,
                text=True,
            )
            assert self.holder.stdout.readline() == "ready\n", "the world was not made"
            children = Path(f"/proc/{self.holder.pid}/task/{self.holder.pid}/children")
            self.init = int(children.read_text())
            # The script printed "ready"; now the first program of the system replaces it.
            poll(lambda: os.readlink(f"/proc/{self.init}/exe").endswith("/tini"), "up")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_):
        if self.holder:
            # The kernel kills all other processes of a pid namespace before its first process is
            # gone.
            if self.init:
                os.kill(self.init, signal.SIGTERM)
            else:
                self.holder.kill()
            self.holder.wait(PATIENCE)
            self.holder.stdout.close()
        if self.place:
            os.rmdir(self.place)

    @property
    def path(self):
        """The world's root directory, as a path outside of it."""
        return f"/proc/{self.init}/root"

    def write(self, name, content):
        """Makes a file in the world."""
        path = Path(self.path, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def command(self, argv):
        """The command that runs argv in the world."""
        enter = ["nsenter", "--target", str(self.init), "--mount", "--pid", "--net", "--root"]
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return [*enter, "--wd", "env", "-i", f"PATH={path}", "HOME=/root", "LC_ALL=C.UTF-8", *argv]

    def start(self, *argv, joins=None):
        """Starts a program in the world; `joins` moves it into its cgroup. Its output is kept."""
        name = f"tmp/{argv[0]}.log"
        with open(Path(self.path, name), "ab") as log:
            return subprocess.Popen(
                self.command(argv),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=joins,
            )

    def finish(self, argv, joins=None):
        """Runs a program in the world to its end."""
        return subprocess.run(
            self.command(argv),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            preexec_fn=joins,
            text=True,
            check=False,
            timeout=2 * PATIENCE,
        )

    def run(self, *argv, joins=None):
        """The output of a program that must not fail."""
        done = self.finish(argv, joins)
        assert done.returncode == 0, f"{' '.join(argv)}: {done.returncode}, {done.stderr.strip()}"
        return done.stdout.strip()

    def try_run(self, *argv):
        """The output of a program; None if it failed."""
        done = self.finish(argv)
        return None if done.returncode else done.stdout.strip()

    def outside_pid(self, inside_pid):
        """The pid on the machine of the process that has the pid inside_pid in the world."""
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                status = Path(f"/proc/{entry}/status").read_text()
                pids = status.partition("\nNSpid:")[2].partition("\n")[0].split()
                if pids[1:2] == [str(inside_pid)] and self.has(int(entry)):
                    return int(entry)
            except OSError:
                continue
        return None

    def has(self, pid):
        """Whether a process is in the world's pid namespace, or in one below it."""
        own = os.stat(f"/proc/{self.init}/ns/pid").st_ino
        namespace = os.open(f"/proc/{pid}/ns/pid", os.O_RDONLY)
        try:
            while os.fstat(namespace).st_ino != own:
                above = fcntl.ioctl(namespace, NS_GET_PARENT)
                os.close(namespace)
                namespace = above
            return True
        except PermissionError:  # no namespace above our own can be seen
            return False
        finally:
            os.close(namespace)
