# SPDX-License-Identifier: BSD-2-Clause
"""Real deaths as OpenTelemetry logs, for a collector that is sometimes away or refuses."""

import collections
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time

import pytest
import tracer as tracing
from http_receiver import Answer, make_authority
from otlp_collector import Collector
from test_daemon import COMM, Daemon, die, metrics_of

SECRET = "Bearer-4711-geheim"
# The number of deaths while the collector is away.
STORM = 10000


@pytest.fixture
def collector():
    """A collector that accepts everything."""
    with Collector() as started:
        yield started


def arguments(collector, *more):
    """Arguments of the daemon. Its reports go to lines.json too."""
    return ["--comm", COMM, "--otlp", collector.url, "--json", "lines.json", *more]


def check_count(daemon, collector, refused=0):
    """Every event that did not arrive is counted exactly; `refused` events did not arrive, although
    the answer was 200.
    """
    daemon.stop()
    told = daemon.read("lines.json").count(b"\n")
    missing = told - len(collector.taken) - len(collector.losses) + refused
    (counted,) = re.findall(r"otlp: (\d+) events? (?:was|were) not written", daemon.talk()) or ["0"]
    assert int(counted) == missing, daemon.talk()
    return missing


def check_metrics(folder, lost, errors):
    """Checks the agent's last metrics about its collector."""
    metrics = metrics_of(folder / "killtrace.prom")
    assert metrics['killtrace_lost_total{reason="output"}'] == lost
    assert metrics['killtrace_sink_errors_total{sink="otlp"}'] == errors


def storm(directory, count):
    """Makes `count` deaths, by a shell with a name that no other process has."""
    shell = shutil.copy("/bin/bash", directory / COMM)
    loop = "for ((i = 0; i < $1; i++)); do (kill -SEGV $BASHPID); done"
    subprocess.run(
        [shell, "-c", loop, COMM, str(count)], stderr=subprocess.DEVNULL, timeout=500, check=False
    )


def test_what_a_collector_gets(collector, die):
    """Every death, once and in order, with its attributes, to the path of the protocol. The agent
    prints nothing about it.
    """
    with Daemon(
        *arguments(collector, "--node", "node-7"), prefix=["env", "-u", "NODE_NAME"]
    ) as daemon:
        pids = die(5)
        daemon.wait_for(lambda: len(collector.taken) == 5, "sending")
        daemon.stop()
        assert "otlp" not in daemon.talk()
    assert collector.pids() == pids and not collector.wrong and not collector.broken
    assert {path for _, path, *_ in collector.seen} == {"/v1/logs"}
    assert set(collector.attribute("killtrace.cause")) == {"signal"}
    assert set(collector.attribute("killtrace.victim.comm")) == {COMM}
    assert len(set(collector.attribute("log.record.uid"))) == 5
    now = time.time()
    for record in collector.taken:
        assert record.event_name == "killtrace.kill" and record.severity_number == 17
        assert now - 120 < record.time_unix_nano / 1e9 < now
    resource = {
        item.key: item.value.string_value for item in collector.groups[0].resource.attributes
    }
    assert resource["service.name"] == "killtrace" and resource["host.name"] == "node-7"
    assert resource["service.version"]


def test_events_are_gathered(collector, tmp_path):
    """A storm is sent in a few requests, none of them too large."""
    with Daemon(*arguments(collector)) as daemon:
        storm(tmp_path, 1500)
        daemon.wait_for(lambda: len(collector.taken) == 1500, "sending")
    sizes = [records for *_, records, _ in collector.seen]
    assert max(sizes) <= 128 and len(sizes) < 50
    assert len(set(collector.attribute("log.record.uid"))) == 1500


def test_path_and_gzip_and_headers(collector, die):
    """An address with a path is used as it is. The value of a header is secret."""
    header = ["--otlp-header", f"Authorization={SECRET}", "--otlp-header", "X-Scope=a=b"]
    command = ["--comm", COMM, "--otlp", f"{collector.url}/otlp/logs", "--otlp-gzip", "-v", *header]
    environment = [
        "env",
        f"OTEL_EXPORTER_OTLP_HEADERS=authorization=no, x-two=%32%2C2 ,broken,{SECRET}",
    ]
    with Daemon(*command, prefix=environment) as daemon:
        collector.plan = [Answer(503), Answer(401, body=SECRET.encode())]
        die(1)
        daemon.wait_for(lambda: len(collector.seen) == 2, "being refused")
        pids = die(1)
        daemon.wait_for(lambda: collector.pids() == pids, "sending")
        daemon.stop()
        assert SECRET not in daemon.talk()
        assert "answers 401" in daemon.talk()
        assert daemon.talk().count("OTEL_EXPORTER_OTLP_HEADERS is not NAME=VALUE, ignoring") == 2
    for _, path, headers, *_ in collector.seen:
        assert path == "/otlp/logs" and headers["Content-Encoding"] == "gzip"
        assert headers.get_all("Authorization") == [SECRET]
        assert headers["X-Scope"] == "a=b" and headers["x-two"] == "2,2"


def test_environment(collector, die, tmp_path):
    """The environment variables that OpenTelemetry defines work without an option."""
    base = ["env", f"OTEL_EXPORTER_OTLP_ENDPOINT={collector.url}/base/"]
    base += ["OTEL_EXPORTER_OTLP_COMPRESSION=gzip"]
    of_logs = [f"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT={collector.url}/all"]
    for more, path in ([], "/base/v1/logs"), (of_logs, "/all"):
        collector.seen.clear()
        with Daemon("--comm", COMM, prefix=[*base, *more]) as daemon:
            die(1)
            daemon.wait_for(lambda: collector.seen, "sending")
        assert collector.seen[0][1] == path and collector.seen[0][2]["Content-Encoding"] == "gzip"
    collector.seen.clear()
    lines = tmp_path / "lines"
    with Daemon("--comm", COMM, "--json", str(lines)) as daemon:
        die(1)
        daemon.wait_for(lambda: lines.exists() and lines.stat().st_size, "writing")
    assert not collector.seen


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_told_to_come_again(collector, die, status):
    """The same request is sent again, but not before the time that the collector asked for."""
    collector.plan = [Answer(status, headers={"Retry-After": "2"}), Answer(status)]
    with Daemon(*arguments(collector)) as daemon:
        pids = die(3)
        daemon.wait_for(lambda: len(collector.taken) == 3, "sending")
        daemon.stop()
        assert daemon.talk().count(f"answers {status}") == 1
        assert daemon.talk().count("otlp works again") == 1
    assert collector.pids() == pids
    assert collector.statuses()[:3] == [status, status, 200]
    first, second, third = (seen[0] for seen in collector.seen[:3])
    assert second - first >= 1.9 and third - second >= 0.2


@pytest.mark.parametrize("status", [400, 404, 413, 500, 301])
def test_refused(collector, die, status, tmp_path):
    """A request that will never be accepted is given up, counted, and reported once."""
    collector.plan = [Answer(status)] * 100
    with Daemon(*arguments(collector, "--textfile", str(tmp_path))) as daemon:
        for count in 2, 4:
            die(2)
            daemon.wait_for(lambda: collector.records_seen() >= count, "being refused")
        collector.plan = []
        pids = die(2)
        daemon.wait_for(lambda: len(collector.taken) == 2, "sending")
        missing = check_count(daemon, collector)
        assert missing >= 4
        assert daemon.talk().count(f"answers {status}") == 1
    check_metrics(tmp_path, missing, collector.statuses().count(status))
    assert collector.pids() == pids
    assert set(collector.statuses()) == {status, 200}


def test_refused_in_part(collector, die, tmp_path):
    """Records that the collector rejects are counted; the request is not sent again."""
    partial = json.dumps(
        {"partialSuccess": {"rejectedLogRecords": "1", "errorMessage": "\x1b[31m"}}
    )
    collector.plan = [Answer(200, body=partial.encode())]
    with Daemon(*arguments(collector, "--textfile", str(tmp_path))) as daemon:
        die(3)
        daemon.wait_for(lambda: collector.seen, "sending")
        die(1)
        daemon.wait_for(lambda: len(collector.taken) == 4, "sending more")
        assert check_count(daemon, collector, refused=1) == 1
        assert re.search(r"1 of [1-9] records were refused", daemon.talk())
    assert set(collector.statuses()) == {200}
    check_metrics(tmp_path, 1, 1)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(None, body=b"\x00\xff garbage\r\n\r\n"),
        Answer(None, body=b"HTTP/1.1 999999 \r\n\r\n"),
        Answer(None, body=b""),
        Answer(200, after=4),
    ],
    ids=["garbage", "odd-status", "nothing", "late"],
)
def test_no_answer(collector, die, answer):
    """A request without an answer is sent again. If it was accepted after all, the records arrive
    twice, with the same id.
    """
    collector.plan = [answer]
    with Daemon(*arguments(collector), prefix=["env", "OTEL_EXPORTER_OTLP_TIMEOUT=1000"]) as daemon:
        pids = die(1)
        daemon.wait_for(lambda: len(collector.seen) >= 2, "trying again")
        daemon.stop()
    assert set(collector.pids()) == set(pids)
    assert len(set(collector.attribute("log.record.uid"))) == 1


@pytest.mark.parametrize(
    "body",
    [b"[" * 50000, b"x" * (1 << 22), b"", b"[1]", b'{"partialSuccess":7}'],
    ids=["deep", "huge", "empty", "list", "odd"],
)
def test_odd_bodies(collector, die, body):
    """Accepted records stay accepted, whatever else the answer contains."""
    collector.plan = [Answer(200, body=body)]
    with Daemon(*arguments(collector)) as daemon:
        pids = die(1)
        daemon.wait_for(lambda: collector.seen, "sending")
        pids += die(1)
        daemon.wait_for(lambda: len(collector.taken) == 2, "sending more")
        daemon.stop()
    assert collector.pids() == pids


def test_no_collector_and_the_end(collector, die):
    """The agent ends in two seconds and counts what it could not send, even if the collector only
    listens.
    """
    for delay in 0, 30:
        if not delay:
            collector.down()
        # a busy machine may be slow to detach programs, but not every time
        for _ in range(3):
            collector.plan = [Answer(200, after=delay)] * 10
            with Daemon(*arguments(collector)) as daemon:
                die(3)
                time.sleep(2)
                began = time.monotonic()
                daemon.stop()
                took = time.monotonic() - began
                assert check_count(daemon, collector) >= 3
            if took < 3:
                break
        assert took < 3
        if not delay:
            collector.up()


def test_tls(die, tmp_path):
    """A given certificate authority is trusted; without one, the error is reported."""
    authority, certificate = make_authority(tmp_path)
    with Collector(certificate=certificate) as collector:
        with Daemon(*arguments(collector, "--otlp-ca", str(authority))) as daemon:
            pids = die(1)
            daemon.wait_for(lambda: len(collector.taken) == 1, "sending")
            daemon.stop()
            assert "otlp" not in daemon.talk()
        assert collector.pids() == pids
        with Daemon(*arguments(collector)) as daemon:
            die(1)
            daemon.wait_for(lambda: "certificate" in daemon.talk(), "complaining")
            daemon.stop()
        assert len(collector.taken) == 1


def test_proxy(collector, die):
    """Proxies are used as in libcurl, by the environment."""
    url = "http://collector.invalid:4318"
    prefix = ["env", f"http_proxy={collector.url}"]
    with Daemon("--comm", COMM, "--otlp", url, prefix=prefix) as daemon:
        pids = die(1)
        daemon.wait_for(lambda: len(collector.taken) == 1, "sending")
    assert collector.pids() == pids and collector.seen[0][1] == f"{url}/v1/logs"


def queue_files(folder):
    """Files with events."""
    return sorted(name for name in os.listdir(folder) if name.endswith(".jsonl"))


def test_queue_outage(collector, tmp_path):
    """10,000 deaths while the collector is away for 30 s, and a kill -9 of the agent: each arrives
    exactly once.
    """
    folder = tmp_path / "queue"
    folder.mkdir(mode=0o700)
    command = arguments(collector, "--otlp-queue", str(folder))
    collector.down()
    began = time.monotonic()
    told = []
    for count in STORM // 2, STORM - STORM // 2:
        with Daemon(*command) as daemon:
            storm(tmp_path, count)

            def lines():
                return [
                    line for line in daemon.read("lines.json").splitlines() if b'"lost"' not in line
                ]

            def queued():
                return sum(
                    (folder / name).read_bytes().count(b"\n") for name in queue_files(folder)
                )

            daemon.wait_for(lambda: len(lines()) == count, "reporting all")
            daemon.wait_for(lambda: queued() == len(told) + count, "keeping all")
            told += [json.loads(line)["id"] for line in lines()]
            daemon.process.kill()
            daemon.process.wait()
    with Daemon(*command) as daemon:
        time.sleep(max(0, 30 - (time.monotonic() - began)))
        assert not collector.seen
        collector.up()
        # the pauses between its attempts have grown
        daemon.process.send_signal(signal.SIGHUP)
        while len(collector.taken) < STORM:  # the decoder takes its time
            before = len(collector.taken)
            daemon.wait_for(lambda: len(collector.taken) > before, "sending more")
        daemon.wait_for(lambda: not queue_files(folder), "removing what was taken")
        daemon.stop()
    uids = collector.attribute("log.record.uid")
    assert uids == told and len(set(uids)) == STORM
    assert not collector.wrong
    assert max(records for *_, records, _ in collector.seen) <= 128


def test_queue_is_not_sent_again(collector, die, tmp_path):
    """An acknowledged event is first removed from the queue, so kill -9 does not send it again."""
    command = arguments(collector, "--otlp-queue", str(tmp_path))
    for round_ in range(5):
        with Daemon(*command) as daemon:
            die(2)
            daemon.wait_for(lambda: len(collector.taken) == 2 * (round_ + 1), "sending")
            daemon.wait_for(lambda: not queue_files(tmp_path), "removing")
            daemon.process.kill()
            daemon.process.wait()
    assert max(collections.Counter(collector.attribute("log.record.uid")).values()) == 1


def test_queue_takes_up(collector, die, tmp_path):
    """Events that an earlier agent left are sent first. An incomplete line is not sent, and foreign
    files stay.
    """
    folder = tmp_path / "queue"
    folder.mkdir()
    command = arguments(collector, "--otlp-queue", str(folder))
    collector.down()
    with Daemon(*command) as daemon:
        pids = die(3)
        daemon.wait_for(lambda: "it will be tried again" in daemon.talk(), "trying")
        daemon.stop()
        assert "not written" not in daemon.talk()
    (last,) = queue_files(folder)
    with open(folder / last, "ab") as file:
        file.write(b'{"schema":1,"id":"cut')
    os.rename(folder / last, folder / "open.jsonl")
    (folder / "00000000000000000002.jsonl").write_text("no JSON\n\n[]\n")
    for foreign in ("notes.jsonl", "0002.jsonl", "x"):
        (folder / foreign).write_text("foreign\n")
    os.mkdir(folder / "00000000000000000001.jsonl")
    collector.up()
    with Daemon(*command) as daemon:
        daemon.wait_for(lambda: len(collector.taken) == 3, "sending what was left")
        pids += die(1)
        daemon.wait_for(lambda: len(collector.taken) == 4, "sending what is new")
        daemon.wait_for(lambda: len(queue_files(folder)) == 3, "removing")
        daemon.stop()
    assert collector.pids() == pids
    others = ["00000000000000000001.jsonl", "0002.jsonl", "lock", "notes.jsonl", "x"]
    assert sorted(os.listdir(folder)) == others


def test_queue_while_nothing_is_answered(tmp_path):
    """A collector accepts connections and never answers. Deaths beyond the room in memory are kept
    on disk meanwhile.
    """
    folder = tmp_path / "queue"
    folder.mkdir(mode=0o700)

    def kept():
        return sum((folder / name).read_bytes().count(b'"victim"') for name in queue_files(folder))

    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        command = [
            "--comm",
            COMM,
            "--otlp",
            url,
            "--json",
            "lines.json",
            "--otlp-queue",
            str(folder),
        ]
        with Daemon(*command, prefix=["env", "OTEL_EXPORTER_OTLP_TIMEOUT=600000"]) as daemon:
            storm(tmp_path, 7000)
            daemon.wait_for(
                lambda: daemon.read("lines.json").count(b'"victim"') == 7000, "reporting all"
            )
            daemon.wait_for(lambda: kept() == 7000, "keeping all")
            daemon.stop()
            assert "not written" not in daemon.talk()


def test_queue_has_a_limit(collector, tmp_path):
    """The queue is bounded; events without room in memory either are counted exactly."""
    folder = tmp_path / "queue"
    folder.mkdir()
    collector.down()
    queue = ["--otlp-queue", str(folder), "--otlp-queue-size", "1"]
    command = arguments(collector, *queue)
    with Daemon(*command) as daemon:
        storm(tmp_path, 7000)
        daemon.wait_for(
            lambda: daemon.read("lines.json").count(b'"victim"') == 7000, "reporting all"
        )
        # reporting and queueing do not wait for each other
        daemon.stop()
        size = sum((folder / name).stat().st_size for name in queue_files(folder))
        kept = sum((folder / name).read_bytes().count(b"\n") for name in queue_files(folder))
        assert 0.9 * (1 << 20) < size <= 1 << 20
        (dropped,) = re.findall(r"otlp: (\d+) events? (?:was|were) not written", daemon.talk())
        # lines of losses are queued the same way
        assert kept + int(dropped) == daemon.read("lines.json").count(b"\n")


def test_queue_in_trouble(collector, die, tmp_path):
    """The folder vanishes, becomes a link, or belongs to another agent; then it comes back."""
    folder = tmp_path / "queue"
    folder.mkdir()
    command = arguments(collector, "--otlp-queue", str(folder))
    with Daemon(*command) as daemon:
        daemon.wait_for((folder / "lock").exists, "taking it")
        shutil.rmtree(folder)
        pids = die(1)
        daemon.wait_for(lambda: "No such file or directory" in daemon.talk(), "complaining")
        os.symlink(tmp_path, folder)
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for(lambda: re.search("Not a dir|symbolic", daemon.talk()), "refusing the link")
        os.unlink(folder)
        folder.mkdir()
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for(lambda: collector.pids() == pids, "sending")
        with Daemon(*command) as second:
            die(1)
            second.wait_for(lambda: "use by another agent" in second.talk(), "seeing the first")
            second.stop()
        daemon.stop()
        assert "otlp works again" in daemon.talk()


def test_queue_on_a_full_disk(collector, tmp_path):
    """Events without room on disk wait in memory, and are written when there is room again."""
    folder = tmp_path / "queue"
    folder.mkdir()
    mount = 'mount -t tmpfs -o size=200k tmpfs "$0" && exec "$@"'
    prefix = ["unshare", "-m", "--propagation", "private", "sh", "-c", mount, str(folder)]
    collector.down()
    with Daemon(*arguments(collector, "--otlp-queue", str(folder)), prefix=prefix) as daemon:
        storm(tmp_path, 500)
        daemon.wait_for(lambda: "the queue is full" in daemon.talk(), "complaining")
        collector.up()
        daemon.process.send_signal(signal.SIGHUP)
        # there is room for a few at a time
        for taken in 100, 200, 300, 400, 500:
            daemon.wait_for(lambda: len(collector.taken) >= taken, "sending more")
        assert check_count(daemon, collector) == 0
        assert daemon.talk().count("the queue is full") == 1
    assert len(set(collector.attribute("log.record.uid"))) == len(collector.taken) == 500
