# SPDX-License-Identifier: BSD-2-Clause
"""The benchmark runs: a part that is never run rots. No test here depends on speed."""

import json
import signal
import subprocess
from pathlib import Path

import pytest
import tracer as tracing

BENCH = Path(__file__).resolve().parents[2] / "scripts/bench"
# Far more than a quick round takes, even on a busy machine.
PATIENCE = 600


def run(out, *arguments):
    """A quick round: its exit status, the report's sections by part, and its output."""
    command = [str(BENCH), "--quick", "--out", str(out), *map(str, arguments)]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert (out / "report.md").read_text(encoding="utf-8") == done.stdout[:-1]
    return (
        done.returncode,
        {section["part"]: section for section in report["sections"]},
        done.stderr,
    )


def test_every_part_can_run(tmp_path):
    """Each part measured something, and its figures are in the report."""
    status, sections, said = run(tmp_path)
    failed = {part: section["failed"] for part, section in sections.items() if section["failed"]}
    assert not failed, said
    assert status == 0
    assert all(section["rows"] for section in sections.values())
    told = subprocess.run([str(BENCH), "--help"], capture_output=True, text=True, check=True).stdout
    for part in sections:
        assert f"\n  {part} " in told


@pytest.fixture
def broken_agent(tmp_path):
    """A killtrace with an agent that does not start."""
    path = tmp_path / "killtrace"
    path.write_text(
        '#!/bin/sh\nif [ "$1" = daemon ]; then echo "planted fault" >&2; exit 1; fi\n'
        f'exec "{tracing.KILLTRACE}" "$@"\n',
        encoding="utf-8",
    )
    path.chmod(0o755)
    return path


def test_a_part_that_fails_takes_no_other_with_it(tmp_path, broken_agent):
    """The failure is reported with its reason, and the exit status is that of a failure."""
    status, sections, said = run(
        tmp_path, "--killtrace", broken_agent, "start", "agent-idle", "latency", "idle"
    )
    assert status == 1
    assert "planted fault" in sections["agent-idle"]["failed"]
    assert not sections["agent-idle"]["rows"]
    for part in ("start", "latency", "idle"):
        assert not sections[part]["failed"] and sections[part]["rows"]
    assert "bench: failed: agent-idle" in said


def test_what_was_measured_is_kept(tmp_path):
    """The benchmark is ended in the middle of the last part."""
    command = [str(BENCH), "--quick", "--out", str(tmp_path), "start", "agent-idle"]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as bench:
        for line in bench.stderr:
            if line == "bench: agent-idle ...\n":
                bench.send_signal(signal.SIGTERM)
        assert bench.wait(PATIENCE) == 130
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert [section["part"] for section in report["sections"]] == ["start"]
    assert not report["is_whole"] and report["sections"][0]["rows"]
    assert not list(tmp_path.glob(".*"))
