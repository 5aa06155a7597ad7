# SPDX-License-Identifier: BSD-2-Clause
"""The agent with real deaths: what it writes, and what happens when it cannot write."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time

import check
import pytest
import tracer as tracing


class Daemon(tracing.Tracer):
    """killtrace daemon with a folder for all its files: one line for each death."""

    def __init__(self, *arguments, prefix=(), stdout=None):
        super().__init__()
        self.command = [*prefix, tracing.KILLTRACE, *tracing.whole(("daemon", *arguments))]
        self.stdout = stdout

    def __enter__(self):
        try:
            with open(self.path("stderr"), "wb") as err:
                self.process = subprocess.Popen(
                    self.command,
                    stdin=subprocess.DEVNULL,
                    stdout=self.stdout or subprocess.DEVNULL,
                    stderr=err,
                    cwd=self.directory,
                )
            self.wait_for(lambda: b"killtrace: tracing" in self.read("stderr"), "attached")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def talk(self):
        """Its standard error."""
        return self.read("stderr").decode()

    def lost(self):
        """The losses that it reports at its end, except names of containers that came late."""
        said = re.findall("^killtrace: lost (.*)$", self.talk(), re.MULTILINE)
        assert said, self.talk()
        return [words for words in said if words != "nothing" and not words.endswith("in time")]

    def stop(self, sig=signal.SIGTERM):
        """Ends it and checks its exit status."""
        status = tracing.end(self.process, sig)
        assert status == 0, self.talk()


def lines_of(path):
    """The events of a file; every line must be complete."""
    with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
        return [json.loads(line) for line in file.read().decode().split("\n")[:-1]]
    return []


def metrics_of(path):
    """Samples by name and labels, as a minimal independent parser reads them."""
    found = {}
    with contextlib.suppress(FileNotFoundError), open(path, encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#"):
                key, value = re.fullmatch(r"(\S.*) (\S+)\n", line).groups()
                assert key not in found, line
                found[key] = float(value)
    return found


def kills(metrics, cause):
    """The number of deaths with this cause."""
    (value,) = [
        v for k, v in metrics.items() if k.startswith(f'killtrace_kills_total{{cause="{cause}",')
    ]
    return value


# A name that no other victim has: only these are counted.
COMM = f"kd-{os.getpid()}"


@pytest.fixture
def die(tmp_path):
    """Makes victims; returns their pids."""
    shell = shutil.copy("/bin/sh", tmp_path / COMM)

    def make(count=1):
        pids = []
        for _ in range(count):
            victim = subprocess.Popen([shell, "-c", "kill -SEGV $$"])
            assert victim.wait() == -signal.SIGSEGV
            pids.append(victim.pid)
        return pids

    return make


def pids_of(events):
    """Pids of all deaths, in order."""
    return [event["victim"]["pid"] for event in events if not check.is_loss(event)]


def by_name(lines, pids):
    """Whether exactly these deaths are reported, in this order."""
    return pids_of(lines_of(lines)) == pids


def test_metrics_and_lines(tmp_path, validate, die):
    """Both sinks have every death; counters continue after a restart, and after kill -9."""
    prom, lines = tmp_path / "killtrace.prom", tmp_path / "kills.json"
    arguments = ["--textfile", str(tmp_path), "--json", str(lines), "--comm", COMM]
    pids = []
    for sig in (signal.SIGTERM, signal.SIGKILL, signal.SIGINT):
        with Daemon(*arguments) as daemon:
            daemon.wait_for(
                lambda: metrics_of(prom) and kills(metrics_of(prom), "signal") == len(pids),
                "going on",
            )
            pids += die(2)
            daemon.wait_for(lambda: kills(metrics_of(prom), "signal") == len(pids), "counting")
            daemon.wait_for(lambda: by_name(lines, pids), "writing lines")
            if sig == signal.SIGKILL:
                daemon.process.kill()
                daemon.process.wait()
            else:
                daemon.stop(sig)
                assert not daemon.lost()
    validate(lines_of(lines))
    assert metrics_of(prom)['killtrace_hook_attached{hook="sched_process_exit"}'] == 1


def test_routine_ends(tmp_path, die):
    """Deaths that are hidden by default are counted by signal, also after a restart; with --all
    nothing is counted twice.
    """
    prom, shell = tmp_path / "killtrace.prom", tmp_path / COMM
    arguments = ["--textfile", str(tmp_path), "--comm", COMM]
    for turn, more in enumerate([[], ["--all"], []], 1):
        with Daemon(*arguments, *more) as daemon:
            for name in "TERM", "TERM", "HUP":
                subprocess.run([shell, "-c", f"kill -{name} $$"], check=False)
            # another name: not counted here
            subprocess.run(["/bin/sh", "-c", "kill -INT $$"], check=False)
            die()
            daemon.wait_for(
                lambda: prom.exists() and kills(metrics_of(prom), "signal") >= turn, "counting"
            )
            daemon.stop()
        ends = {
            series: value
            for series, value in metrics_of(prom).items()
            if series.startswith("killtrace_routine_ends_total{")
        }
        assert {series: value for series, value in ends.items() if value} == {
            'killtrace_routine_ends_total{signal="SIGTERM"}': 2 * turn,
            'killtrace_routine_ends_total{signal="SIGHUP"}': turn,
        }
        assert ends['killtrace_routine_ends_total{signal="SIGPIPE"}'] == 0


def test_drains_at_the_end(tmp_path, die):
    """A death before the order to end is written before the agent exits."""
    lines = tmp_path / "kills.json"
    with Daemon("--json", str(lines), "--comm", COMM) as daemon:
        pids = die(20)
        daemon.stop()
        assert by_name(lines, pids)


def test_rotation(tmp_path, die):
    """After SIGHUP it writes to a new file with the old name."""
    lines, moved = tmp_path / "kills.json", tmp_path / "kills.json.moved"
    with Daemon("--json", str(lines), "--comm", COMM) as daemon:
        first = die()
        daemon.wait_for(lambda: by_name(lines, first), "writing")
        os.rename(lines, moved)
        daemon.process.send_signal(signal.SIGHUP)
        # the order is carried out before the next event
        daemon.wait_for(lambda: not is_open(daemon.process.pid, moved), "letting go")
        second = die()
        daemon.wait_for(lambda: by_name(lines, second), "writing anew")
        assert by_name(moved, first)
        daemon.stop()


def test_deleted_lines(tmp_path, die):
    """If its file was deleted, the next deaths are written to a new one with that name."""
    lines = tmp_path / "kills.json"
    with Daemon("--json", str(lines), "--comm", COMM) as daemon:
        first = die()
        daemon.wait_for(lambda: by_name(lines, first), "writing")
        lines.unlink()
        second = die(2)
        daemon.wait_for(lambda: by_name(lines, second), "writing anew")
        daemon.stop()
        assert daemon.talk().count("json: ") == 1


@pytest.mark.parametrize("option", ["--history", "--json", "--textfile", "--otlp-queue"])
def test_missing_folder(tmp_path, option):
    """The missing folder is reported before tracing starts, in one line that names it."""
    folder = tmp_path / "no/such"
    path = folder if option in ("--textfile", "--otlp-queue") else folder / "file"
    more = ["--otlp", "http://127.0.0.1:9"] if option == "--otlp-queue" else []
    said = refused(option, str(path), *more)
    assert said.startswith(
        f"killtrace: cannot write to '{path}' ({option}): folder '{folder}': No such file"
    )
    assert said.count("\n") == 1


def test_early_hangup(tmp_path, die):
    """A SIGHUP before anything is open does not end it."""
    lines = tmp_path / "kills.json"
    for _ in range(5):
        with Daemon("--json", str(lines), "--comm", COMM) as daemon:
            daemon.process.send_signal(signal.SIGHUP)
            pids = die()
            daemon.wait_for(lambda: pids[0] in pids_of(lines_of(lines)), "writing")
            daemon.stop()


def is_open(pid, path):
    """Whether a process has a file open."""
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            if os.readlink(f"/proc/{pid}/fd/{fd}") == str(path):
                return True
    return False


def test_stuck_reader(tmp_path, die):
    """Its standard output is not read: the other sink works, and the losses are reported."""
    read_end, write_end = os.pipe()
    prom = tmp_path / "killtrace.prom"
    try:
        with Daemon(
            "--json", "-", "--textfile", str(tmp_path), "--all", stdout=write_end
        ) as daemon:
            # more than the pipe and the queue hold
            subprocess.run(
                [tracing.ZOO, "storm", "9000", "2"], check=True, stdout=subprocess.DEVNULL
            )
            pids = die()
            daemon.wait_for(lambda: kills(metrics_of(prom), "signal") >= len(pids), "counting")
            dropped = 'killtrace_lost_total{reason="output"}'
            daemon.wait_for(lambda: metrics_of(prom)[dropped] > 1000, "counting what is lost")
            daemon.stop()
            said = re.search(r"json: (\d+) events? (?:was|were) not written", daemon.talk())
            assert said and int(said[1]) == metrics_of(prom)[dropped]
            assert f"killtrace: lost {said[1]} " in daemon.talk()
    finally:
        os.close(read_end)
        os.close(write_end)


def test_lost_at_the_end(tmp_path, die):
    """Events that a sink could not write by the end are reported in the summary, and counted by the
    next agent.
    """
    prom, lost = tmp_path / "killtrace.prom", 'killtrace_lost_total{reason="output"}'
    # a line of losses is an event as well
    lines = tmp_path / "kills.json"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        arguments = (
            "--otlp",
            url,
            "--textfile",
            str(tmp_path),
            "--json",
            str(lines),
            "--comm",
            COMM,
        )
        with Daemon(*arguments) as daemon:
            pids = die(5)
            daemon.wait_for(
                lambda: prom.exists() and kills(metrics_of(prom), "signal") == 5, "counting"
            )
            daemon.stop()
            events = len(lines_of(lines))
            assert by_name(lines, pids) and not check.real_losses(lines_of(lines))
            assert f"otlp: {events} events were not written" in daemon.talk()
            assert daemon.lost() == [f"{events} events that the output did not take"]
        assert metrics_of(prom)[lost] == events
        began = time.time()
        with Daemon(*arguments) as daemon:
            daemon.wait_for(lambda: os.stat(prom).st_mtime > began, "writing")
            daemon.stop()
            assert len(lines_of(lines)) > events or not daemon.lost()
        assert metrics_of(prom)[lost] == len(lines_of(lines))


def refused(*arguments):
    """The error of an agent that does not start."""
    agent = subprocess.run(
        [tracing.KILLTRACE, "daemon", *arguments],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    assert agent.returncode == 1
    return agent.stderr


def test_two_at_a_late_folder(tmp_path, die):
    """A second agent with the same file reports it, even if the folder was made after the first
    agent started.
    """
    history, metrics = tmp_path / "state/history.db", tmp_path / "metrics"
    metrics.mkdir()
    with Daemon("--history", str(history), "--textfile", str(metrics), "--comm", COMM) as first:
        pid = first.process.pid
        assert f"another agent (pid {pid}) writes to '{history}'" in refused(
            "--history", str(history)
        )
        first.wait_for((metrics / "killtrace.prom").exists, "writing")
        shutil.rmtree(metrics)
        metrics.mkdir()
        os.kill(pid, signal.SIGHUP)
        die()
        prom = metrics / "killtrace.prom"
        first.wait_for(lambda: prom.exists() and kills(metrics_of(prom), "signal") == 1, "counting")
        assert f"another agent (pid {pid}) writes to '{metrics}'" in refused(
            "--textfile", f"{metrics}/"
        )
        first.stop()


def test_late_folder_of_another(tmp_path, die):
    """Two agents whose folders become one while they run do not both write to it."""
    one, two, link = tmp_path / "one", tmp_path / "two", tmp_path / "link"
    for folder in one, two:
        (folder / "metrics").mkdir(parents=True)
    link.symlink_to(two)
    arguments = ["--comm", COMM, "--textfile"]
    with Daemon(*arguments, str(one / "metrics")) as first, Daemon(
        *arguments, str(link / "metrics")
    ) as second:
        for daemon, folder in (first, one), (second, two):
            daemon.wait_for((folder / "metrics/killtrace.prom").exists, "writing")
        link.unlink()
        link.symlink_to(one)
        die()
        told = f": another agent (pid {first.process.pid}) writes there"
        second.wait_for(lambda: told in second.talk(), "seeing the other")
        first.stop()
        second.stop()
        assert "another agent" not in first.talk()


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 64 KiB: (folder, path of a file that fills it)."""
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "kt-small", folder], check=True)
    try:
        yield folder, folder / "ballast"
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_full_disk(small_disk, die):
    """While the disk is full no partial file is left; later, nothing is missing."""
    folder, ballast = small_disk
    prom, lines = folder / "killtrace.prom", folder / "kills.json"
    with Daemon("--json", str(lines), "--textfile", str(folder), "--comm", COMM) as daemon:
        pids = die()
        daemon.wait_for(lambda: by_name(lines, pids), "writing")
        daemon.wait_for(
            lambda: prom.exists() and kills(metrics_of(prom), "signal") == 1, "counting"
        )
        with contextlib.suppress(OSError), open(ballast, "wb", buffering=0) as file:
            while True:
                file.write(b"x" * 512)
        pids += die(10)
        failures = {
            "json": f"json: cannot write to '{lines}': No space left",
            "textfile": f"textfile: cannot write to '{folder}': No space left",
        }
        for failed in failures.values():
            daemon.wait_for(lambda text=failed: text in daemon.talk(), "noticing")
        # the old one is still whole
        assert kills(metrics_of(prom), "signal") >= 1
        lines_of(lines)
        ballast.unlink()
        daemon.wait_for(lambda: by_name(lines, pids), "catching up")
        daemon.wait_for(lambda: kills(metrics_of(prom), "signal") == len(pids), "catching up")
        daemon.stop()
        for sink, failed in failures.items():
            assert daemon.talk().count(failed) == 1
            assert daemon.talk().count(f"{sink} works again") == 1
            assert metrics_of(prom)[f'killtrace_sink_errors_total{{sink="{sink}"}}'] >= 1


def test_says_that_it_is_ready(tmp_path):
    """The service manager is notified of its start and its end, through an abstract socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0kt-notify-{os.getpid()}")
        manager.settimeout(tracing.PATIENCE)
        environment = ["env", f"NOTIFY_SOCKET=@kt-notify-{os.getpid()}", "WATCHDOG_USEC=200000"]
        with Daemon("--json", str(tmp_path / "x"), prefix=environment) as daemon:
            said = [manager.recv(100) for _ in range(4)]
            assert said[0] == b"READY=1" and set(said[1:]) == {b"WATCHDOG=1"}
            daemon.stop()
            while said[-1] != b"STOPPING=1":
                said.append(manager.recv(100))


def status_of(pid, key):
    """A line of the status that the kernel has for each thread of a process."""
    found = set()
    for tid in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{tid}/status", encoding="ascii", errors="replace") as file:
            found |= {line.split(":", 1)[1].strip() for line in file if line.startswith(f"{key}:")}
    return found


def test_gives_up_privileges(tmp_path, die):
    """No thread keeps a privilege that it does not need, and everything is still reported."""
    lines = tmp_path / "kills.json"
    arguments = ["--json", str(lines), "--textfile", str(tmp_path), "--journal", "--comm", COMM]
    with Daemon(*arguments) as daemon:
        pids = die()
        daemon.wait_for(lambda: by_name(lines, pids), "writing")
        pid = daemon.process.pid
        assert status_of(pid, "NoNewPrivs") == {"1"} and status_of(pid, "Seccomp") == {"2"}
        # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_IPC_LOCK, CAP_BPF
        allowed = 1 << 1 | 1 << 2 | 1 << 14 | 1 << 39
        for sets in ("CapEff", "CapPrm", "CapInh", "CapBnd"):
            assert all(int(caps, 16) & ~allowed == 0 for caps in status_of(pid, sets)), sets
        locked = int(status_of(pid, "VmLck").pop().split()[0])
        assert locked > 0
        os.kill(pid, signal.SIGHUP)
        pids += die(3)
        daemon.wait_for(lambda: by_name(lines, pids), "writing")
        daemon.stop()
        has_journal = os.path.exists("/run/systemd/journal/socket")
        # a line of losses is an event as well
        events = len(lines_of(lines))
        assert daemon.lost() == (
            [] if has_journal else [f"{events} events that the output did not take"]
        )
