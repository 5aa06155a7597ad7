# SPDX-License-Identifier: BSD-2-Clause
"""Instructions that each output takes for a death, in a replay of the real golden recordings many
times over,
as callgrind counts them; with --before also of that build.

Other work on the machine does not show in them. A string instruction counts once for each byte or
word it
moves, which makes clearing and copying look dearer than they are.
"""

import re
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from report import Section, reach

GOLDEN = Path(__file__).resolve().parents[2] / "tests/golden"
# A pass through all of them takes less than that.
PASS_NS = 10_000_000_000

# user/source/recording_format.h
HEAD_BYTES = 16 + 40 + 256
CHUNK, FRAME = struct.Struct("<II"), struct.Struct("<QqII")
CHUNK_FRAME = 1
# bpf/event.h: the places of times and ids in a record, and its sections that begin with a time
RECORD_BYTES, TIMES, TGID = 96, (16, 24), 56
SECTION = struct.Struct("<HHI")
TARGET_TID = 36
SECTION_SIGNAL = 1
TIMED = {SECTION_SIGNAL: 112, 3: 152, 5: 88, 13: 32, 16: 72, 20: 24, 21: 96}


@dataclass
class Output:
    """Options of a replay, the functions that run only for that, and their limit."""

    name: str
    options: list
    functions: list
    most: int


def outputs(folder):
    """Each output, with its files in a folder."""
    event = "event_of_death"
    history = ["--history", f"{folder}/history.db", "--history-days", "100000"]
    return [
        Output("-o json", ["-o", "json"], ["json_death"], 30000),
        Output("-o otlp", ["-o", "otlp"], ["otlp_lines_death"], 150000),
        Output("--json", ["--json", f"{folder}/lines.json"], [event, "json_file_deliver"], 30000),
        Output("--history", history, [event, "history_deliver", "history_flush"], 120000),
    ]


def chunks_of(path):
    """The types and bodies of a recording's chunks."""
    data = path.read_bytes()
    at = HEAD_BYTES
    while at < len(data):
        kind, size = CHUNK.unpack_from(data, at)
        at += CHUNK.size
        yield kind, data[at : at + size]
        at += size


def move(data, at, shift):
    """Moves a known time to later."""
    (time,) = struct.unpack_from("<Q", data, at)
    struct.pack_into("<Q", data, at, time + shift if time else 0)


def another(body, number, shift):
    """The frame of another process that died in the same way, that many nanoseconds later."""
    frame = bytearray(body)
    _, offset, size, symbols = FRAME.unpack_from(frame)
    FRAME.pack_into(frame, 0, number, offset, size, symbols)
    record, pid = FRAME.size, 1000 + number
    for time in TIMES:
        move(frame, record + time, shift)
    tgid, tid = struct.unpack_from("<II", frame, record + TGID)
    struct.pack_into("<II", frame, record + TGID, pid, pid if tid == tgid else tid)
    at, end = record + RECORD_BYTES, record + size
    while at < end:
        kind, length, _ = SECTION.unpack_from(frame, at)
        at += SECTION.size
        for time in range(at, at + length, TIMED.get(kind, 1 << 16)):
            move(frame, time, shift if kind in TIMED else 0)
        if kind == SECTION_SIGNAL and frame[at + TARGET_TID : at + TARGET_TID + 4] == struct.pack(
            "<I", tgid
        ):
            struct.pack_into("<I", frame, at + TARGET_TID, pid)
        at += -(-length // 8) * 8
    return frame


def write_recording(path, passes):
    """Writes all deaths of the real recordings, that many times; returns how many these are."""
    files = sorted(GOLDEN.glob("real-*.ktrec"))
    chunks = [chunk for file in files for chunk in chunks_of(file)]
    number = 0
    with open(path, "wb") as out:
        out.write(files[0].read_bytes()[:HEAD_BYTES])
        for i in range(passes):
            for kind, body in chunks:
                if kind == CHUNK_FRAME:
                    number += 1
                    body = another(body, number, i * PASS_NS)
                out.write(CHUNK.pack(kind, len(body)) + body)
    return number


def run(*command):
    """The output of a program."""
    try:
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise RuntimeError(f"{command[0]} is not there: install valgrind") from error
    if done.returncode:
        raise RuntimeError(
            f"{command[0]} ended with {done.returncode}: {done.stderr.strip()[-300:]}"
        )
    return done.stdout


def count(binary, recording, output, counts):
    """Instructions of the whole replay, and of the functions that run only for this output."""
    run(
        "valgrind",
        "--tool=callgrind",
        f"--callgrind-out-file={counts}",
        binary,
        "replay",
        "--all",
        *output.options,
        recording,
    )
    # each function with all its calls; inlined functions have lines of their own
    found = {}
    for line in run(
        "callgrind_annotate", "--inclusive=yes", "--threshold=100", counts
    ).splitlines():
        told = re.match(r" *([\d,]+) \([\d. ]+%\)  (?:PROGRAM (TOTALS)|.*?:(\w+)(?: \[|$))", line)
        if told:
            name = told[2] or told[3]
            found[name] = max(found.get(name, 0), int(told[1].replace(",", "")))
    missing = [name for name in output.functions if name not in found]
    if missing:
        raise RuntimeError(f"{binary} has no figure for {missing[0]}: has it its symbols?")
    return found["TOTALS"], sum(found[name] for name in output.functions)


def measure(binaries, passes):
    """The section of the report; `binaries` by name."""
    section = Section(
        "Instructions a death, by output", ["to", "build", "its own", "whole replay", "reach"]
    )
    with tempfile.TemporaryDirectory(prefix="kt-bench-") as folder:
        recording = Path(folder) / "many.ktrec"
        deaths = write_recording(recording, passes)
        for number, name in enumerate(binaries):
            files = Path(folder) / str(number)
            files.mkdir()
            for output in outputs(files):
                whole, own = (
                    n // deaths for n in count(binaries[name], recording, output, files / "counts")
                )
                met = reach(f"≤ {output.most:,}", own <= output.most)
                section.rows.append([output.name, name, f"{own:,}", f"{whole:,}", met])
                section.data[f"{output.name} {name}"] = {"own": own, "whole": whole}
    section.notes.append(
        f"{deaths:,} deaths; `its own`: what only runs for it; `whole replay`: with reading, explaining and the start"
    )
    return section
