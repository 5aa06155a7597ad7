# SPDX-License-Identifier: BSD-2-Clause
"""A live trace folds equal deaths above a rate: the first ones are printed at once and whole, a row
when its time is over, and each death is printed, lost and counted, or left to the next reader.
"""

import collections
import json
import re
import signal
import subprocess
import time

import check
import pytest
import tracer as tracing
from test_fold import deaths_in
from test_pins import arm, bpffs, group, lost_in, pins, zoo_storm  # noqa: F401
from test_view import Agent

STORM = 2000
WHOLE = 20  # FOLD_WHOLE


class Folding(tracing.Tracer):
    """A trace without an option that says whether to fold."""

    def __init__(self, *arguments):
        super().__init__("trace", *arguments)
        self.command.remove("--no-fold")

    def victims(self):
        """The lines about deaths so far."""
        self.follow()
        return [line for line in self.lines if "victim" in line]


def reported(said):
    """How many deaths the summary at the end says were reported."""
    return int(re.search(r"^killtrace: reported (\d+) death", said, re.MULTILINE)[1])


def lost(said):
    """How many were lost, whatever the reason."""
    return sum(int(count) for count in re.findall(r"^killtrace: lost (\d+) ", said, re.MULTILINE))


def otlp_deaths(text):
    """The number of deaths in OTLP lines."""
    counts = []
    for line in text.splitlines():
        (resource,) = json.loads(line)["resourceLogs"]
        for record in resource["scopeLogs"][0]["logRecords"]:
            values = {attribute["key"]: attribute["value"] for attribute in record["attributes"]}
            assert "killtrace.cause" in values, values
            counts.append(int(values.get("killtrace.repeats.count", {"intValue": 1})["intValue"]))
    return counts


def human_deaths(text):
    """The same in lines for people."""
    return [
        1 + int((re.search(r"\(and ([\d,]+) more in ", line) or [0, "0"])[1].replace(",", ""))
        for line in text.splitlines()
    ]


def test_rows_come_while_it_is_silent(group, validate):
    """After the storm nothing else dies, and the trace goes on: the last row comes all the same."""
    name, join = group
    with Folding("-o", "json", "--cgroup", f"/{name}") as trace:
        pids = zoo_storm(join, STORM).pids()
        trace.wait_for(lambda: deaths_in(trace.victims()) == STORM, "closing the last row")
        assert trace.process.poll() is None
        lines = trace.victims()
        tracing.end(trace.process)
        assert trace.victims() == lines
        said = trace.read("stderr").decode()
    validate(lines)
    assert not check.real_losses(lines), lost_in(lines)
    assert len(lines) < STORM / 10
    died = collections.Counter(pids)
    whole, rows = lines[:WHOLE], lines[WHOLE:]
    assert all("repeats" not in line for line in whole) and rows
    for line in lines:
        last = line.get("repeats", {}).get("last_pid", line["victim"]["pid"])
        assert died[line["victim"]["pid"]] and died[last]
    assert reported(said) == STORM and "lost nothing" in said


@pytest.mark.parametrize("form", ["human", "json", "otlp"])
@pytest.mark.parametrize("how", ["signal", "duration", "count"])
def test_all_is_printed_at_the_end(group, form, how):
    """Open rows are printed when it ends, and --count counts deaths, not lines."""
    name, join = group
    arguments = {"signal": [], "duration": ["--duration", "2"], "count": ["--count", "500"]}[how]
    with Folding("-o", form, "--cgroup", f"/{name}", *arguments) as trace:
        died = len(zoo_storm(join, STORM).pids())
        if how == "signal":
            assert tracing.end(trace.process, signal.SIGINT) == 0
        else:
            assert trace.process.wait(30) == 0
        text = trace.read("stdout").decode()
        said = trace.read("stderr").decode()
    if form == "json":
        counts = [
            line.get("repeats", {"count": 1})["count"]
            for line in map(json.loads, text.splitlines())
        ]
    else:
        counts = (otlp_deaths if form == "otlp" else human_deaths)(text)
    assert sum(counts) == reported(said) == (500 if how == "count" else died)
    assert len(counts) < sum(counts) / 5
    assert counts[:WHOLE] == [1] * WHOLE


def test_view_of_an_agent(group, tmp_path):
    """The live view beside an agent folds for itself, even if the agent does not."""
    name, join = group
    with Agent(tmp_path) as agent, Folding(
        "--socket", agent.socket, "-o", "json", "--cgroup", f"/{name}"
    ) as view:
        assert b"by the agent" in view.read("stderr")
        died = len(zoo_storm(join, STORM, 1).pids())
        view.wait_for(lambda: deaths_in(view.victims()) == died, "closing the last row")
        assert len(view.victims()) < died / 10
        tracing.end(view.process)
        assert reported(view.read("stderr").decode()) == died


def read_some(reader, count):
    """So many lines of a pipe."""
    return [json.loads(reader.readline()) for _ in range(count)]


def start_pipe(*arguments):
    """A trace into a pipe, when it is attached."""
    trace = subprocess.Popen(
        [tracing.KILLTRACE, "trace", "-o", "json", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert "tracing" in trace.stderr.readline()
    return trace


def test_reader_that_leaves_amid_rows(group):
    """Without pins there is no next reader: what was not printed is counted as lost."""
    name, join = group
    with start_pipe("--cgroup", f"/{name}") as trace:
        died = len(zoo_storm(join, STORM).pids())
        lines = read_some(trace.stdout, WHOLE)
        time.sleep(0.2)
        trace.stdout.close()
        said = trace.stderr.read()
        assert trace.wait(30) == 0, said
    assert deaths_in(lines) == WHOLE
    assert reported(said) + lost(said) == died, said


@pytest.mark.parametrize("way", ["leaves", "killed"])
def test_next_reader_gets_open_rows(pins, group, way):
    """The ring buffer keeps the deaths of a row until it is printed, for the next reader."""
    name, join = group
    arguments = ["--pin", pins, "--cgroup", f"/{name}"]
    arm(pins)
    with start_pipe(*arguments) as trace:
        died = collections.Counter(zoo_storm(join, STORM).pids())
        if way == "killed":
            trace.kill()
            first = [json.loads(line) for line in trace.stdout]
        else:
            first = read_some(trace.stdout, WHOLE)
        trace.stdout.close()
        trace.wait(30)
    with Folding("-o", "json", *arguments) as trace:
        trace.wait_for(lambda: deaths_in(first + trace.victims()) >= sum(died.values()), "the rest")
        tracing.end(trace.process)
        rest = trace.victims()
    assert not check.real_losses(rest), lost_in(rest)
    # A kill between the output of a line and the release of its record has both readers print it.
    twice = {line["id"] for line in first} & {line["id"] for line in rest}
    assert len(twice) <= (way == "killed")
    assert deaths_in(first) + deaths_in(rest) - len(twice) == sum(died.values())


def test_replay_folds_if_asked(group, tmp_path):
    """A recording is printed whole, and with --fold as the trace would have printed it."""
    name, join = group
    file = tmp_path / "storm.ktrec"
    with tracing.Tracer("record", str(file)) as recorder:
        died = zoo_storm(join, STORM).pids()
        tracing.end(recorder.process, signal.SIGINT)

    def replay(*options):
        command = [tracing.KILLTRACE, "replay", "-o", "json", "--cgroup", f"/{name}", *options]
        done = subprocess.run([*command, file], capture_output=True, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    whole, rows = replay(), replay("--fold")
    assert sorted(line["victim"]["pid"] for line in whole) == sorted(died)
    assert deaths_in(rows) == len(died) and len(rows) < len(died) / 10
    assert rows == replay("--fold")
    replay("--fold", "--json", str(tmp_path / "kills.json"))
    kept = [json.loads(line) for line in (tmp_path / "kills.json").read_text().splitlines()]
    assert deaths_in(kept) == len(died) and len(kept) <= len(rows)
