# SPDX-License-Identifier: BSD-2-Clause
"""The live view of an agent: it shows the agent's events, to several readers at once, without
programs of its own.
"""

import contextlib
import os
import signal
import socket
import stat
import subprocess

import pytest
import tracer as tracing
from test_daemon import Daemon, lines_of, status_of

NOBODY = 65534


class View(tracing.Tracer):
    """A killtrace that should take deaths from an agent."""

    def __init__(self, agent, *arguments):
        super().__init__("trace", "--socket", agent.socket, *arguments)

    def shows_agent(self, agent):
        """Whether it reports that."""
        return f"by the agent (pid {agent.process.pid})".encode() in self.read("stderr")


class Agent(Daemon):
    """An agent with a socket, and a file of JSON lines to compare with."""

    def __init__(self, directory, *arguments):
        self.socket = os.path.join(directory, "live.sock")
        self.file = os.path.join(directory, "agent.json")
        super().__init__("--socket", self.socket, "--json", self.file, "--all", *arguments)

    def __enter__(self):
        super().__enter__()
        self.wait_for(self.listens, "listening")
        return self

    def listens(self):
        """Whether an agent answers; the file can be left by an earlier one."""
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(self.socket) == 0


@pytest.fixture
def agent(tmp_path):
    """An agent with files of its own."""
    with Agent(str(tmp_path)) as started:
        yield started


def programs_of(process):
    """The number of BPF programs that a process holds, according to the kernel."""
    count = 0
    for fd in os.listdir(f"/proc/{process.pid}/fd"):
        with contextlib.suppress(OSError):
            count += "bpf" in os.readlink(f"/proc/{process.pid}/fd/{fd}")
    return count


def by_id(events):
    """Deaths by their ids."""
    return {event["id"]: event for event in events if "id" in event}


def die(*victims):
    """Pids of dead victims of the zoo."""
    return [tracing.zoo("run", victim)[0]["pid"] for victim in victims]


def wait_for_pids(view, pids):
    """Waits until all of these are reported."""
    view.wait_for(
        lambda: set(pids) <= {e["victim"]["pid"] for e in view.follow() if "victim" in e},
        f"reporting {pids}",
    )


def test_shows_what_the_agent_sees(agent, validate):
    """The view has the same lines as the agent's file, with routine ends and stacks."""
    with View(agent, "--all", "-o", "json") as view:
        assert view.shows_agent(agent)
        assert programs_of(view.process) == 0
        assert programs_of(agent.process) > 0
        pids = die("null-deref", "ud2", "kill-15", "abort")
        wait_for_pids(view, pids)
        assert status_of(view.process.pid, "NoNewPrivs") == {"1"}
        assert status_of(view.process.pid, "Seccomp") == {"2"}
        seen = by_id(view.stop())
    agent.stop()
    validate(seen.values())
    told = by_id(lines_of(agent.file))
    assert seen and all(told[key] == event for key, event in seen.items())
    assert set(pids) <= {event["victim"]["pid"] for event in seen.values()}


def test_filters_are_its_own(agent):
    """The agent reports everything, the view only a part; it counts and ends as with programs of
    its own.
    """
    with View(agent, "-o", "json", "--cause", "illegal-instruction", "--count", "1") as view:
        pids = die("null-deref", "ud2")
        assert view.process.wait(tracing.PATIENCE) == 0
        assert [e["victim"]["pid"] for e in view.follow()] == pids[1:]
    with View(agent, "--duration", "0.2") as view:
        assert view.process.wait(tracing.PATIENCE) == 0


def test_own_programs_on_demand(agent):
    """With --own, or with an option that changes how to trace."""
    for options in (["--own"], ["--runtime-window", "2"], ["--without", "user_stack"]):
        with tracing.Tracer("-o", "json", *options) as own:
            assert b"by the agent" not in own.read("stderr")
            assert programs_of(own.process) > 0


def test_five_at_once(agent):
    """All views have the same events."""
    with contextlib.ExitStack() as stack:
        views = [stack.enter_context(View(agent, "--all", "-o", "json")) for _ in range(5)]
        views[2].process.kill()  # the others continue
        views[2].process.wait()
        pids = die("null-deref", "ud2")
        for view in views[:2] + views[3:]:
            wait_for_pids(view, pids)
    agent.stop()


def test_is_for_root_only(agent):
    """The file's mode forbids others, and a client that gets past it is refused."""
    mode = os.stat(agent.socket)
    assert stat.S_IMODE(mode.st_mode) == 0o600 and mode.st_uid == 0

    def become_nobody():
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)

    def ask():
        script = (
            "import socket,sys\ns=socket.socket(socket.AF_UNIX)\n"
            "s.connect(sys.argv[1])\nprint(len(s.recv(4096)))"
        )
        return subprocess.run(
            ["/usr/bin/python3", "-c", script, agent.socket],
            preexec_fn=become_nobody,
            capture_output=True,
            check=False,
            text=True,
        )

    folder = os.path.dirname(agent.socket)
    while folder not in ("/", "/tmp"):
        os.chmod(folder, 0o755)  # pytest's own folders are only for its user
        folder = os.path.dirname(folder)
    refused = ask()
    assert refused.returncode == 1 and "PermissionError" in refused.stderr
    os.chmod(agent.socket, 0o666)
    assert ask().stdout in ("0\n", "")


def test_a_slow_reader_misses_and_is_told(agent):
    """A view whose output is not read blocks no other process, and reports in the end how many
    events it missed.
    """
    with View(agent, "--all", "-o", "json") as view:
        view.process.send_signal(signal.SIGSTOP)
        script = "i=0; while [ $i -lt 1500 ]; do i=$((i + 1)); sh -c 'kill -KILL $$'; done; true"
        subprocess.run(["sh", "-c", script], check=True, stderr=subprocess.DEVNULL)
        last = die("null-deref")
        agent.wait_for(
            lambda: last[0] in {e.get("victim", {}).get("pid") for e in lines_of(agent.file)},
            "reporting the last",
        )
        view.process.send_signal(signal.SIGCONT)
        wait_for_pids(view, last)
        events = view.stop()
    lost = sum(event["lost"].get("output", 0) for event in events if "lost" in event)
    agent.stop()
    told = [e for e in lines_of(agent.file) if "id" in e]
    assert lost > 0
    assert len([e for e in events if "id" in e]) + lost == len(told)


def test_the_agent_ends(tmp_path):
    """If the agent is killed or stopped, the view reports it and fails. The next agent replaces a
    stale socket.
    """
    for number in (signal.SIGTERM, signal.SIGKILL):
        with Agent(str(tmp_path)) as agent, View(agent, "-o", "json") as view:
            pids = die("null-deref")
            wait_for_pids(view, pids)
            agent.process.send_signal(number)
            assert view.process.wait(tracing.PATIENCE) == 1
            assert f"the agent (pid {agent.process.pid}) has ended".encode() in view.read("stderr")
        assert os.path.exists(agent.socket) == (number == signal.SIGKILL)
    # no agent listens: programs of its own
    with View(agent, "-o", "json") as view:
        assert b"no agent is there any more" in view.read("stderr")
        assert programs_of(view.process) > 0
    with Agent(str(tmp_path)) as agent, View(agent, "-o", "json") as view:
        assert view.shows_agent(agent)


def test_a_second_agent_leaves_it_alone(agent, tmp_path):
    """It reports the conflict, and works without a socket."""
    with Daemon("--socket", agent.socket, "--json", str(tmp_path / "other.json")) as other:
        other.wait_for(lambda: "another agent uses it" in other.talk(), "saying so")
        with View(agent, "-o", "json") as view:
            assert view.shows_agent(agent)
    assert os.path.exists(agent.socket)


def test_in_the_folder_of_systemd(tmp_path, monkeypatch):
    """RuntimeDirectory= of the unit is enough."""
    monkeypatch.setenv("RUNTIME_DIRECTORY", f"{tmp_path}:/elsewhere")
    with Daemon("--json", str(tmp_path / "file")) as agent:
        agent.wait_for((tmp_path / "live.sock").is_socket, "listening")


def test_the_reader_of_the_view_leaves(agent):
    """If its reader leaves, as head(1) does, it ends although no process dies."""
    with subprocess.Popen(
        [tracing.KILLTRACE, "--socket", agent.socket],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as view:
        assert b"tracing" in view.stderr.readline()
        view.stdout.close()
        assert view.wait(tracing.PATIENCE) == 0
