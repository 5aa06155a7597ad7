# SPDX-License-Identifier: BSD-2-Clause
"""GET /metrics of a real agent: its formats, according to Prometheus' own parsers, and clients that
do not behave.
"""

import contextlib
import http.client
import signal
import socket
import subprocess

import pytest
import tracer as tracing
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain
from test_daemon import Daemon, die  # noqa: F401, pylint: disable=unused-import

ACCEPTS = {"Accept": "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"}
# As many as the agent takes from one address.
MOST_OF_ONE = 8


def free_port():
    """A free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def port():
    """For the agent."""
    return free_port()


def ask(port, path="/metrics", method="GET", headers=None, source=None):
    """Status, headers and text of the answer; None: there was none."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", port, timeout=30, source_address=source and (source, 0)
    )
    try:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def samples(families):
    """Values by name and labels, without those that change by themselves."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
        if "timestamp" not in sample.name
    }


def test_formats(port, die):  # noqa: F811
    """Both formats hold the same, and the count is as large as the number of victims."""
    with Daemon("--listen", str(port)) as daemon:
        before = samples(plain(ask(port)[2]))
        die(3)
        key = ("killtrace_kills_total", (("cause", "signal"), ("class", "userspace")))
        daemon.wait_for(
            lambda: samples(plain(ask(port)[2]))[key] >= before[key] + 3,
            "counted",
        )
        status, headers, text = ask(port)
        assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4")
        status, headers, other = ask(port, headers=ACCEPTS)
        assert status == 200
        assert headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
        assert other.endswith("# EOF\n")
        # a death between the two requests is counted in one of them only
        kinds = [{name for name, _ in samples(families)} for families in (plain(text),)]
        kinds.append({name for name, _ in samples(open_metrics(other))})
        assert kinds[0] == kinds[1] and "killtrace_build_info" in kinds[0]
        daemon.stop()


def test_other_requests(port):
    """Only GET and HEAD, only /metrics."""
    with Daemon("--listen", f"localhost:{port}") as daemon:
        daemon.wait_for(lambda: ask(port), "answering")
        assert ask(port, "/")[0] == 404
        assert ask(port, "/metrics/../etc/passwd")[0] == 404
        assert ask(port, method="POST")[0] == 405
        status, headers, text = ask(port, method="HEAD")
        assert (status, text) == (200, "") and int(headers["Content-Length"]) > 1000
        assert ask(port, headers={"X": "x" * 100000}) is None or (
            ask(port, headers={"X": "x" * 100000})[0] >= 400
        )
        assert ask(port)[0] == 200
        daemon.stop()


def test_clients_that_never_read(port, die, tmp_path):  # noqa: F811
    """They neither stop the answers to others nor the agent, and are sent away after a while."""
    lines = tmp_path / "kills.json"
    with Daemon("--listen", str(port), "--json", str(lines)) as daemon:
        daemon.wait_for(lambda: ask(port), "answering")
        with contextlib.ExitStack() as stack:
            idle = [
                stack.enter_context(socket.create_connection(("127.0.0.1", port)))
                for _ in range(2 * MOST_OF_ONE)
            ]
            for one in idle[::2]:
                with contextlib.suppress(OSError):
                    one.sendall(b"GET /metrics HTTP/1.1\r\n")
            assert ask(port, source="127.0.0.2")[0] == 200
            (pid,) = die()
            daemon.wait_for(
                lambda: lines.exists() and f'"pid":{pid},' in lines.read_text(), "reported"
            )
            for one in idle:
                one.settimeout(60)
                with contextlib.suppress(ConnectionResetError):
                    # some are told that they are too slow
                    while one.recv(1000):
                        pass
        daemon.wait_for(lambda: ask(port), "answering")
        daemon.stop()


def test_port_taken(port):
    """Whoever has the port does not stop the agent, which listens as soon as it is free."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        daemon = Daemon("--listen", f"127.0.0.1:{port}")
        with daemon:
            daemon.wait_for(lambda: "Address already in use" in daemon.talk(), "said")
            other.close()
            daemon.wait_for(lambda: f"listening on 127.0.0.1:{port}" in daemon.talk(), "listening")
            _, _, text = ask(port)
            errors = ("killtrace_sink_errors_total", (("sink", "listen"),))
            assert samples(plain(text))[errors] >= 1
            assert tracing.end(daemon.process, signal.SIGTERM) == 0


def test_restarted_at_once(port):
    """Connections of the agent before do not keep the port."""
    for _ in range(3):
        with Daemon("--listen", str(port)) as daemon:
            daemon.wait_for(lambda: ask(port), "answering")
            daemon.stop()
            assert "cannot listen" not in daemon.talk()


@pytest.mark.parametrize("word", ["", ":", "x:1", "1.2.3.4:", "1.2.3.4:0", "::1:1", "1:65536"])
def test_bad_addresses(word):
    """The message names the option."""
    said = subprocess.run(
        [tracing.KILLTRACE, "daemon", "--listen", word], capture_output=True, text=True, check=False
    )
    assert said.returncode == 2 and said.stderr.startswith("killtrace: --listen needs ")
