# SPDX-License-Identifier: BSD-2-Clause
"""Unexpected ends, and ends that only look unexpected: the tests place the victims, and read from
/proc what the kernel knows about their terminals.
"""

import os
import pty
import signal
import subprocess
import sys

import pytest
import test_names
import test_senders
import tracer as tracing

cgroups = test_names.cgroups

# Each prints its terminal when it is ready; 0: none. Its argument is the cause of its end.
VICTIM = """
import os, signal, socket, sys
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
with open("/proc/self/stat", encoding="utf-8") as file:
    terminal = file.read().rpartition(")")[2].split()[4]
os.write(int(sys.argv[2]), terminal.encode())
os.close(int(sys.argv[2]))
if sys.argv[1] == "alarm":
    signal.setitimer(signal.ITIMER_REAL, 0.02)
elif sys.argv[1] == "pipe":
    start, end = os.pipe()
    os.close(start)
    os.write(end, b"x")
elif sys.argv[1] == "socket":
    start, end = socket.socketpair()
    start.close()
    os.write(end.fileno(), b"x")
elif sys.argv[1] == "send":
    server = socket.create_server(("127.0.0.1", 0))
    end = socket.create_connection(server.getsockname())
    end.shutdown(socket.SHUT_WR)
    end.send(b"x", socket.MSG_DONTWAIT)
while True:
    signal.pause()
"""
NUMBERS = {
    "alarm": signal.SIGALRM,
    "pipe": signal.SIGPIPE,
    "socket": signal.SIGPIPE,
    "send": signal.SIGPIPE,
}


def start(folder, how, terminal=False):
    """Starts a victim in that cgroup: its pid, and whether it has a terminal according to the
    kernel.
    """
    said, say = os.pipe()
    os.set_inheritable(say, True)
    command = [sys.executable, "-c", VICTIM, how, str(say)]
    pid, master = pty.fork() if terminal else (os.fork(), -1)
    if not pid:
        try:
            if not terminal:
                os.setsid()
            with open(f"{folder}/cgroup.procs", "w", encoding="ascii") as file:
                file.write(str(os.getpid()))
            os.execv(sys.executable, command)
        finally:
            os._exit(99)
    os.close(say)
    with os.fdopen(said) as file:
        has_terminal = file.read() != "0"
    assert has_terminal == terminal
    return pid, master


def end(pid, master):
    """The signal that it died of, according to the kernel."""
    status = os.waitpid(pid, 0)[1]
    if master >= 0:
        os.close(master)
    return os.WTERMSIG(status)


@pytest.mark.parametrize("how", NUMBERS)
def test_notices(cgroups, validate, how):
    """The end of a daemon by a socket or its own timer is worth reporting. The end of a pipeline is
    not, and neither is that of a process with a terminal.
    """
    cgroups.top += ".slice"
    shop, plain = (cgroups.make(name) for name in ("shop.service", "session-1.scope"))
    with tracing.Tracer("--all", "-o", "json") as started:
        victims = {}
        for name, folder, terminal in (
            ("daemon", shop, False),
            ("at-terminal", shop, True),
            ("shell", plain, False),
        ):
            pid, master = start(folder, how, terminal)
            assert end(pid, master) == NUMBERS[how]
            victims[name] = pid
        started.settle()
        events = started.stop()
    validate(events)
    told = {name: test_names.one(events, pid) for name, pid in victims.items()}
    assert {event["cause"] for event in told.values()} == {"kernel-signal"}
    assert {name: event["victim"]["terminal"] for name, event in told.items()} == {
        "daemon": False,
        "at-terminal": True,
        "shell": False,
    }
    assert {name: event["routine"] for name, event in told.items()} == {
        "daemon": how == "pipe",
        "at-terminal": True,
        "shell": True,
    }
    wrote_to = {"pipe": "pipe", "alarm": None}.get(how, "socket")
    assert {event["signal"].get("wrote_to") for event in told.values()} == {wrote_to}


# A sibling in the same session sends the signal: not a parent, and not from outside.
SCRIPT = """
import subprocess, sys
child = subprocess.Popen(["/bin/sleep", "60"])
subprocess.run(["/bin/sh", "-c", f"kill -{sys.argv[1]} {child.pid}"], check=True)
assert child.wait() == -int(sys.argv[1])
print(child.pid)
"""


def kill_from_outside(folder, number):
    """As ExecReload= and "docker exec" do: in the same cgroup, but in a session of its own."""
    pid, master = start(folder, "nothing")
    assert (
        test_senders.start(
            [folder], "/usr/bin/setsid", "--wait", "/bin/sh", "-c", f"kill -{number} {pid}"
        ).wait()
        == 0
    )
    assert end(pid, master) == number
    return pid


def kill_from_inside(folder, number):
    """As a script of the service itself does."""
    command = ["/usr/bin/setsid", "--wait", sys.executable, "-c", SCRIPT, str(int(number))]
    return int(test_names.in_cgroup(folder, *command, stdout=subprocess.PIPE).communicate()[0])


def test_reload(cgroups, validate):
    """Daemons get SIGHUP to reload: a daemon that dies of it had no handler."""
    cgroups.top += ".slice"
    shop = cgroups.make("shop.service")
    with tracing.Tracer("--all", "-o", "json") as started:
        pids = {
            "reload": kill_from_outside(shop, signal.SIGHUP),
            "stop": kill_from_outside(shop, signal.SIGTERM),
            "script": kill_from_inside(shop, signal.SIGHUP),
        }
        started.settle()
        events = started.stop()
    validate(events)
    told = {name: test_names.one(events, pid) for name, pid in pids.items()}
    assert {name: event["routine"] for name, event in told.items()} == {
        "reload": False,
        "stop": True,
        "script": True,
    }
    assert {name: event["sender"].get("other_session") for name, event in told.items()} == {
        "reload": True,
        "stop": True,
        "script": None,
    }
    assert {
        "SIGHUP asks a daemon to reload" in event["summary"]
        for event in (told["stop"], told["script"])
    } == {False}
    assert "SIGHUP asks a daemon to reload" in told["reload"]["summary"]
