# SPDX-License-Identifier: BSD-2-Clause
"""Pinned programs when something gets in the way: the agent ends while it starts, the folder
belongs to another user, a sink stalls during a hand-over, a reader has other options.
"""

import collections
import os
import random
import re
import signal
import sqlite3
import subprocess
import time

import tracer as tracing
from test_daemon import lines_of, metrics_of
from test_pins import (  # pylint: disable=unused-import
    OTHER_LAYOUT,
    Daemon,
    arm,
    bpffs,
    die,
    generations,
    group,
    pids_in,
    pins,
    run,
    zoo_storm,
)

# pytest finds fixtures by the names of arguments
# pylint: disable=redefined-outer-name

NOBODY = 65534


def test_ended_while_it_starts(pins, group, tmp_path):
    """An agent that is stopped while it loads its programs leaves a complete set or none."""
    name, join = group
    lines = tmp_path / "kills.json"
    arguments = ["daemon", "--pin", pins, "--cgroup", f"/{name}", "--json", str(lines)]
    for _ in range(12):
        with subprocess.Popen([tracing.KILLTRACE, *arguments], stderr=subprocess.DEVNULL) as agent:
            time.sleep(random.uniform(0, 0.25))
            agent.terminate()
            agent.wait(tracing.PATIENCE)
    with Daemon(*arguments[1:], "--textfile", str(tmp_path)) as daemon:
        died = die(join, 3)
        daemon.wait_for(lambda: pids_in(lines_of(lines)).total() == 3, "reporting")
        daemon.stop()
        assert "cannot attach" not in daemon.talk()
    assert pids_in(lines_of(lines)) == collections.Counter(died)
    hooks = {
        series: value
        for series, value in metrics_of(tmp_path / "killtrace.prom").items()
        if series.startswith("killtrace_hook_attached{")
    }
    without = [series for series, value in hooks.items() if value != 1]
    with Daemon("--json", str(tmp_path / "x"), "--textfile", str(tmp_path)) as daemon:
        daemon.stop()
    assert without == [
        series
        for series, value in metrics_of(tmp_path / "killtrace.prom").items()
        if series.startswith("killtrace_hook_attached{") and value != 1
    ]


def test_folder_of_another_user(bpffs, tmp_path):
    """Any user may be able to make folders and links in a BPF file system: nothing behind such a
    link is touched.
    """
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").touch()
    folder = str(bpffs / "killtrace")
    os.mkdir(folder)
    os.symlink(precious, f"{folder}/v1-x")
    for path in (folder, f"{folder}/v1-x"):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    for command in ("arm", "disarm"):
        said, _ = run(command, "--pin", folder, code=1)
        assert "another user's" in said, said
    with Daemon("--pin", folder, "--json", str(tmp_path / "x")) as daemon:
        assert "cannot pin below" in daemon.talk() and "another user's" in daemon.talk()
        daemon.stop()
    assert (precious / "file").exists()
    # nor behind a link in root's own folder
    subprocess.run(["rm", "-r", folder], check=True)
    os.mkdir(folder, mode=0o700)
    os.symlink(precious, f"{folder}/v1-x")
    run("daemon", "--pin", folder, "--duration", "0.5", "--json", str(tmp_path / "x"))
    assert (precious / "file").exists()


def test_sink_behind_during_handover(pins, group, tmp_path):
    """A database that is locked while another build takes over does not delay the deaths for other
    sinks.
    """
    name, join = group
    lines, history = tmp_path / "kills.json", tmp_path / "history.db"
    arguments = ["--pin", pins, "--cgroup", f"/{name}", "--json", str(lines), "--history"]
    arguments += [str(history)]
    with Daemon(*arguments, killtrace=OTHER_LAYOUT) as daemon:
        daemon.wait_for(history.exists, "making a database")
        time.sleep(1)
        holder = sqlite3.connect(history, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        died = die(join, 3)
        daemon.wait_for(lambda: pids_in(lines_of(lines)).total() == 3, "reporting")
        daemon.stop()
    with Daemon(*arguments) as daemon:
        died += die(join, 3)
        daemon.wait_for(lambda: pids_in(lines_of(lines)).total() == 6, "reporting")
        holder.execute("ROLLBACK")
        holder.close()
        daemon.wait_for(lambda: generations(pins) == 1, "handing over")
        daemon.stop()
    assert pids_in(lines_of(lines)) == collections.Counter(died)
    with sqlite3.connect(history) as database:
        told = [pid for (pid,) in database.execute("SELECT pid FROM event ORDER BY id")]
    assert sorted(told) == sorted(died)


def test_reader_with_other_options(pins, group):
    """Armed programs stay after a reader with options that need other programs."""
    _, join = group
    script = """
        mount --make-rprivate /
        mount -t bpf kt-pins /sys/fs/bpf
        "$0" arm 2>/dev/null
        "$0" --no-addresses --duration 4 >/dev/null 2>&1
        "$0" doctor | grep -E '^yes +armed' >/dev/null
        (kill -ILL $BASHPID) & victim=$!
        wait $victim || true
        "$0" -o json --pid $victim --count 1 2>/dev/null | grep "\\"pid\\":$victim,"
    """
    subprocess.run(
        ["unshare", "-m", "bash", "-euc", script, tracing.KILLTRACE],
        check=True,
        timeout=60,
        preexec_fn=join,
        stdout=subprocess.DEVNULL,
    )


def test_reader_that_leaves(pins, group):
    """A death that a closed pipe did not take is not lost: the next reader reports it."""
    name, join = group
    arm(pins)
    zoo_storm(join, 2000).pids()
    command = [tracing.KILLTRACE, "--pin", pins, "-o", "json", "--cgroup", f"/{name}"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as first:
        first.stdout.readline()
        first.stdout.close()
        said = first.stderr.read()
    assert first.returncode == 0 and "lost nothing" in said, said
    (told,) = re.findall(r"reported (\d+) deaths?", said)
    assert 0 < int(told) < 2000, said
    _, lines = run(*command[1:], "--duration", "2")
    assert int(told) + sum(1 for line in lines if "victim" in line) == 2000
