# SPDX-License-Identifier: BSD-2-Clause
"""From a real kill to an alert: killtrace's file, node_exporter, Prometheus and Alertmanager, all
from Debian, with the shipped rules.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/kernel"))

import dashboards  # noqa: E402
import tracer as tracing  # noqa: E402

PATIENCE = 60.0
RULES = ROOT / "deploy/prometheus/killtrace.rules.yml"
RULES_TEST = ROOT / "tests/world/prometheus.rules.test.yml"
V1 = "/sys/fs/cgroup/memory"


@pytest.fixture(scope="module")
def programs():
    """The directory of the packages' programs: unpacked, nothing is installed."""
    made = subprocess.run(
        [ROOT / "scripts/debian-root", ROOT / "tests/world/prometheus-packages"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Path(made.stdout.strip()) / "usr/bin"


def wait_for(condition, what):
    """Polls; returns what the condition returned in the end."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"not {what} after {PATIENCE} s"
        time.sleep(0.2)


def free_port():
    """A free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url):
    """The answer, or nothing while there is no server."""
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read().decode()
    return None


@pytest.fixture
def run(tmp_path):
    """Starts programs that end with the test in any case."""
    with contextlib.ExitStack() as stack:

        def start(name, *command):
            log = stack.enter_context(open(tmp_path / f"{name}.log", "wb"))
            process = subprocess.Popen(
                [str(part) for part in command], cwd=tmp_path, stdout=log, stderr=log
            )
            stack.callback(tracing.end, process, signal.SIGTERM)
            return process

        yield start


@pytest.fixture
def unit():
    """A cgroup that looks like a service's, with a limit of 24 MiB: (name, folder)."""
    if not os.path.isdir(V1):
        pytest.skip("not possible on this machine: no v1 memory controller for cgroups of our own")
    name = f"kt-prometheus-{os.getpid()}.service"
    slice_folder = f"{V1}/system.slice"
    made = not os.path.isdir(slice_folder)
    folder = f"{slice_folder}/{name}"
    os.makedirs(folder)
    try:
        Path(folder, "memory.limit_in_bytes").write_text(str(24 << 20), encoding="ascii")
        yield name, folder
    finally:
        for path in [folder] + [slice_folder] * made:
            with contextlib.suppress(OSError):
                os.rmdir(path)


def eat_memory(folder):
    """A process that grows until it is killed there."""

    def enter():
        Path(folder, "cgroup.procs").write_text(str(os.getpid()), encoding="ascii")

    victim = subprocess.Popen(["tail", "/dev/zero"], preexec_fn=enter)
    assert victim.wait() == -signal.SIGKILL


def test_rules(programs, tmp_path):
    """The rules are valid, and each fires when it must and only then."""
    for file in (RULES, RULES_TEST):
        shutil.copy(file, tmp_path)
    for command in (["check", "rules", RULES.name], ["test", "rules", RULES_TEST.name]):
        said = subprocess.run(
            [programs / "promtool", *command],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert said.returncode == 0, said.stdout + said.stderr


def test_runbooks():
    """Each alert names its page, which exists and stands in the list; there is no other page."""
    rules = RULES.read_text(encoding="utf-8")
    pages = re.findall(r"^          runbook: (.+)$", rules, re.MULTILINE)
    assert [Path(page).stem for page in pages] == alerts_of(rules)
    folder = ROOT / "docs/runbooks"
    assert {ROOT / page for page in pages} == set(folder.glob("*.md")) - {folder / "README.md"}
    listed = re.findall(
        r"^\| \[(\w+)\]\(\1\.md\)", (folder / "README.md").read_text(), re.MULTILINE
    )
    assert listed == alerts_of(rules)


def alerts_of(text):
    """The names of the alerts in a file of rules."""
    return re.findall(r"^      - alert: (\w+)$", text, re.MULTILINE)


def without(text, alert):
    """The rules without one of them."""
    return re.sub(
        rf"^      - alert: {alert}$.*?(?=^      - alert: |\Z)",
        "",
        text,
        flags=re.MULTILINE | re.DOTALL,
    )


def by_increase(text):
    """The rules as many people write them: a workload's series begins at 1 with its first kill, so
    it has never increased.
    """
    naive = 'increase(killtrace_workload_kills_total{cause=~"oom-.+"}[15m]) > 0'
    ours = 'time() - killtrace_workload_last_kill_timestamp_seconds{cause=~"oom-.+"} < 900'
    assert ours in text
    return text.replace(ours, naive)


def passes(programs, tmp_path, rules):
    """Whether the cases hold for these rules, which must be valid in any case."""
    (tmp_path / RULES.name).write_text(rules, encoding="utf-8")
    shutil.copy(RULES_TEST, tmp_path)
    command = [programs / "promtool"]
    checked = subprocess.run(
        [*command, "check", "rules", RULES.name], cwd=tmp_path, capture_output=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    return not subprocess.run(
        [*command, "test", "rules", RULES_TEST.name], cwd=tmp_path, capture_output=True, check=False
    ).returncode


def test_rules_can_fail(programs, tmp_path):
    """Without an alert a case fails; the first kill ever is such a case for increase() alone."""
    rules = RULES.read_text(encoding="utf-8")
    assert passes(programs, tmp_path, rules) and len(alerts_of(rules)) == 14
    for alert in alerts_of(rules):
        assert not passes(programs, tmp_path, without(rules, alert)), alert
    assert not passes(programs, tmp_path, by_increase(rules))


def check_metrics(programs, text):
    """promtool's check of a textfile: (its status, its output)."""
    said = subprocess.run(
        [programs / "promtool", "check", "metrics"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    return said.returncode, said.stdout + said.stderr


# Victims of all causes, with names of all kinds.
VICTIMS = [
    "oom",
    "null-deref",
    "kill-9",
    "seccomp-process",
    "comm-not-utf8",
    "comm-control",
    "comm-newline",
]


def test_metrics_are_sound(programs, tmp_path):
    """HELP and TYPE once per name, with its samples directly after them, even after many kinds of
    deaths.
    """
    metrics = tmp_path / "killtrace.prom"
    with tracing.Tracer("daemon", "--all", "--textfile", str(tmp_path)) as agent:
        for _ in range(2):
            tracing.zoo("run", *VICTIMS)
        wait_for(
            lambda: metrics.exists()
            and 'workload_kills_total{cause="segfault"' in metrics.read_text(),
            "counted",
        )
        assert tracing.end(agent.process, signal.SIGTERM) == 0
    text = metrics.read_text(encoding="utf-8")
    assert check_metrics(programs, text) == (0, "")
    seen = []
    for line in text.splitlines():
        if not line.startswith("# Written by"):
            name = line.split()[2] if line.startswith("#") else re.match(r"\w+", line)[0]
            kind = line.split()[1] if line.startswith("#") else "sample"
            seen.append((name, kind))
    names = list(dict.fromkeys(name for name, _ in seen))
    for name in names:
        places = [i for i, (other, _) in enumerate(seen) if other == name]
        assert places == list(range(places[0], places[0] + len(places))), name
        kinds = [seen[i][1] for i in places]
        assert kinds == ["HELP", "TYPE"] + ["sample"] * (len(kinds) - 2), name
    # the check reports violations
    helped = re.search(r"^# HELP .*\n# TYPE .*\n", text, re.MULTILINE)[0]
    assert check_metrics(programs, text + helped)[0] != 0
    assert (
        check_metrics(
            programs, text.replace("# HELP killtrace_kills_total", "# HELP killtrace_kills")
        )[0]
        != 0
    )


CONFIG = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{rules}]
alerting: {{alertmanagers: [{{static_configs: [{{targets: ["127.0.0.1:{alertmanager}"]}}]}}]}}
scrape_configs:
  - job_name: node
    static_configs: [{{targets: ["127.0.0.1:{exporter}"]}}]
"""


SCRAPED = """
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: killtrace
    static_configs: [{{targets: ["127.0.0.1:{killtrace}"]}}]
"""


def asks(port):
    """A function that asks Prometheus: the values of all series that an expression gives."""
    query = f"http://127.0.0.1:{port}/api/v1/query?query="

    def value(expression, accepted=False):
        """With `accepted`, None if the question was refused."""
        answer = json.loads(get(query + urllib.parse.quote(expression)) or "{}")
        if accepted and answer.get("status") != "success":
            return None
        return [float(one["value"][1]) for one in answer.get("data", {}).get("result", [])]

    return value


def start_prometheus(run, programs, tmp_path, config, ports):
    """With this configuration, in which the ports are filled in; returns asks()."""
    path = tmp_path / "prometheus.yml"
    path.write_text(config.format(rules=RULES, **ports), encoding="utf-8")
    run(
        "prometheus",
        programs / "prometheus",
        f"--config.file={path}",
        f"--storage.tsdb.path={tmp_path}/tsdb",
        f"--web.listen-address=127.0.0.1:{ports['prometheus']}",
    )
    return asks(ports["prometheus"])


def test_scraped(programs, run, tmp_path):
    """Prometheus scrapes the agent itself, in the format that it prefers."""
    ports = {"killtrace": free_port(), "prometheus": free_port()}
    listen = ("--listen", str(ports["killtrace"]))
    agent = run("killtrace", tracing.KILLTRACE, "daemon", *listen, "--json", tmp_path / "lines")
    value = start_prometheus(run, programs, tmp_path, SCRAPED, ports)
    segfaults = 'killtrace_kills_total{cause="segfault"}'
    before = wait_for(lambda: value(segfaults), "scraped")
    assert value("up") == [1.0] and value("killtrace_build_info") == [1.0]
    tracing.zoo("run", "null-deref")
    wait_for(lambda: value(segfaults) and value(segfaults)[0] >= before[0] + 1, "counted")
    run_dashboards(value, f"127.0.0.1:{ports['killtrace']}")
    assert tracing.end(agent, signal.SIGTERM) == 0


def run_dashboards(value, instance):
    """Prometheus answers each query of the dashboards, with data unless all is well."""
    for board in dashboards.load().values():
        for title, expression in dashboards.queries(board):
            question = dashboards.filled_in(expression, {"instance": instance})
            # increase() needs a second scrape of what has just been counted
            found = wait_for(lambda asked=question: value(asked, True) is not None, title)
            if not dashboards.may_be_empty(expression):
                found = wait_for(lambda asked=question: value(asked), title)
            assert found, (title, question)
    causes = f'sum by (cause) (increase(killtrace_kills_total{{instance="{instance}"}}[20s])) > 0'
    assert causes in {
        dashboards.filled_in(expression, {"instance": instance})
        for _, expression in dashboards.queries(dashboards.load()["node.json"])
    }
    wait_for(lambda: value(causes), "shown by cause")


def test_from_kill_to_alert(programs, run, unit, tmp_path):
    """The first OOM kill ever of a unit fires an alert that names it."""
    name, folder = unit
    metrics = tmp_path / "textfile"
    metrics.mkdir()
    ports = {"exporter": free_port(), "alertmanager": free_port(), "prometheus": free_port()}
    receivers = Path(shutil.copy(RULES.parent / "alertmanager.yml", tmp_path))
    agent = run("killtrace", tracing.KILLTRACE, "daemon", "--textfile", metrics, "--cause", "oom-*")
    run(
        "node_exporter",
        programs / "prometheus-node-exporter",
        "--collector.disable-defaults",
        "--collector.textfile",
        f"--collector.textfile.directory={metrics}",
        f"--web.listen-address=127.0.0.1:{ports['exporter']}",
    )
    # It looks for its templates where its package puts them.
    run(
        "alertmanager",
        *("unshare", "-m", "--propagation", "private", "sh", "-c"),
        'mount --bind "$0" "$1/mnt" && exec chroot "$@"',
        tmp_path,
        programs.parent.parent,
        "prometheus-alertmanager",
        f"--config.file=/mnt/{receivers.name}",
        "--storage.path=/mnt/alerts",
        f"--web.listen-address=127.0.0.1:{ports['alertmanager']}",
        "--cluster.listen-address=",
    )
    value = start_prometheus(run, programs, tmp_path, CONFIG, ports)
    oom = 'killtrace_kills_total{cause="oom-memcg"}'
    before = wait_for(lambda: value(oom), "scraped")
    assert value("killtrace_hook_attached") and not value("node_textfile_scrape_error != 0")
    eat_memory(folder)
    wait_for(lambda: value(oom) and value(oom)[0] >= before[0] + 1, "counted")

    def alerts():
        found = json.loads(get(f"http://127.0.0.1:{ports['alertmanager']}/api/v2/alerts") or "[]")
        return [alert for alert in found if alert["labels"].get("unit") == name]

    (alert,) = wait_for(alerts, "alerted")
    assert alert["labels"]["alertname"] == "KilltraceWorkloadOutOfMemory"
    assert alert["labels"]["cause"] == "oom-memcg" and alert["labels"]["kind"] == "systemd"
    assert name in alert["annotations"]["summary"]
    assert alert["status"]["state"] == "active"
    groups = json.loads(get(f"http://127.0.0.1:{ports['alertmanager']}/api/v2/alerts/groups"))
    assert [group["labels"].keys() >= {"alertname", "cause", "unit"} for group in groups] == [True]
    with open(metrics / "killtrace.prom", "rb") as file:
        said = subprocess.run(
            [programs / "promtool", "check", "metrics"],
            stdin=file,
            capture_output=True,
            text=True,
            check=False,
        )
    assert (said.returncode, said.stdout + said.stderr) == (0, "")
    assert tracing.end(agent, signal.SIGTERM) == 0
