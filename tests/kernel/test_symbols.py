# SPDX-License-Identifier: BSD-2-Clause
"""Functions and lines that `killtrace why` names for real crashes, compared with what LLVM's
symbolizer says about the same instruction. It shares no code with elfutils, which killtrace uses.
"""

import contextlib
import ctypes.util
import http.server
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import threading
import time

import pytest
import tracer as tracing

SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "symbols")
GO_CACHE = os.path.join(os.path.dirname(tracing.KILLTRACE), "go-cache")
MOST_PLACES = 16  # functions inlined into each other that are shown of a frame
FLAGS = ["-g", "-O2", "-fno-omit-frame-pointer", "-DREVISION=1"]
C = [*FLAGS, f"{SOURCES}/crash.c"]

BUILDS = {
    "c": ["gcc", *C],
    "c-old-dwarf": ["gcc", "-gdwarf-4", "-gz", "-no-pie", *C],
    "c-static-pie": ["gcc", "-static-pie", *C],
    "c-lld": ["clang", "-fuse-ld=lld", "-Wl,--build-id=fast", *C],
    "cpp": ["g++", *FLAGS, f"{SOURCES}/crash.cc"],
    "rust": ["rustc", "-g", "-O", "-C", "force-frame-pointers=yes", f"{SOURCES}/crash.rs"],
    "cgo": ["go", "build"],
}


def build(path, command, go="crash.go"):
    """Builds a victim, or skips the test."""
    if not shutil.which(command[0]):
        pytest.skip(f"no {command[0]}")
    environment = dict(os.environ, GOCACHE=GO_CACHE, GO111MODULE="off")
    source = [f"{SOURCES}/{go}"] if command[0] == "go" else []
    done = subprocess.run(
        [*command, "-o", path, *source], env=environment, capture_output=True, check=False
    )
    if done.returncode and b"lld" in done.stderr:
        pytest.skip("no lld")
    assert not done.returncode, done.stderr


def crash(tmp_path, *command):
    """The record of a victim that crashes, as a line."""
    log = tmp_path / "log"
    with tracing.Tracer("-o", "json", "--all") as tracer:
        with open(log, "wb") as out:
            # Node writes a log into its folder
            victim = subprocess.Popen(command, stdout=out, stderr=out, cwd=tmp_path)
            victim.wait(tracing.PATIENCE)

        def mine():
            lines = tracer.follow()
            return [line for line in lines if line.get("victim", {}).get("pid") == victim.pid]

        tracer.wait_for(mine, f"the death of {command}")
        return mine()[0]


def why(record, *options):
    """What is said about it."""
    done = subprocess.run(
        [tracing.KILLTRACE, "why", "-o", "json", *options, "-"],
        input=json.dumps(record).encode(),
        capture_output=True,
        check=True,
        timeout=tracing.PATIENCE,
    )
    return json.loads(done.stdout)["why"]


def address(path, offset):
    """The virtual address of an offset in an ELF file, by readelf."""
    text = subprocess.run(["readelf", "-lW", path], capture_output=True, check=True).stdout.decode()
    for match in re.finditer(r"LOAD\s+(0x\w+) (0x\w+) 0x\w+ (0x\w+) 0x\w+ (...)", text):
        start, virtual, size = (int(match[i], 16) for i in (1, 2, 3))
        if "E" in match[4] and start <= offset < start + size:
            return offset - start + virtual
    raise AssertionError((path, hex(offset)))


def plain(name):
    """A name as people write it. LLVM leaves some of Rust's escapes, and knows copies of functions
    by their symbol.
    """
    name = re.sub(r"_?\$u([0-9a-f]{2})\$", lambda match: chr(int(match[1], 16)), name)
    return re.sub(r"\(.*|::h[0-9a-f]{16}$|\.constprop\.\d+$", "", name)


def symbolized(path, where):
    """Functions, files and lines by LLVM, the innermost first."""
    tool = shutil.which("llvm-symbolizer") or "llvm-symbolizer-14"
    text = subprocess.run(
        [tool, f"--obj={path}", hex(where)], capture_output=True, check=True
    ).stdout.decode()
    lines = text.split("\n\n")[0].splitlines()
    return [
        (plain(name), os.path.basename(place).rsplit(":", 1)[0])
        for name, place in zip(lines[::2], lines[1::2])
    ]


def expected(path, frames):
    """The stack that LLVM would print; a return address is after its call."""
    own = [(i, frame) for i, frame in enumerate(frames) if frame["module"] == path.name]
    for i, frame in own:
        where = address(path, int(frame["offset"], 16)) - (i > 0)
        yield i, symbolized(path, where)


def check_stack(path, record, told):
    """All frames of the program itself."""
    build_id = record["fault"]["build_id"]
    frames = [
        {"offset": frame.get("offset"), "module": path.name if own else ""}
        for frame in record["user_stack"]
        for own in [frame.get("build_id") == build_id]
    ]
    checked = 0
    for i, places in expected(path, frames):
        text = told["stack"][i]["text"]
        if places[0][1].endswith(":0") and "no symbol covers" in text:
            continue  # LLVM takes the nearest symbol, also one that has ended before
        for name, line in places[:MOST_PLACES]:
            assert name in text, (text, places)
            # zero is no line
            assert line.endswith(":0") or line in text, (text, places)
        checked += 1
    assert checked
    name, line = next(expected(path, frames))[1][0]
    assert f" in {name}, {line}" in told["answer"] or f", at {name}, {line}" in told["answer"]


@pytest.mark.parametrize("kind", BUILDS)
def test_names_are_those_of_another_symbolizer(tmp_path, kind):
    """Of every compiler and linker."""
    path = tmp_path / kind
    build(path, BUILDS[kind])
    record = crash(tmp_path, path)
    check_stack(path, record, why(record, "--symbols", path))


def test_debug_information_in_a_separate_file(tmp_path):
    """It is found by its build ID below /usr/lib/debug, here another folder in its place."""
    path, debug = tmp_path / "app", tmp_path / "debug"
    build(path, BUILDS["c"])
    full = tmp_path / "full"
    shutil.copy(path, full)
    record = crash(tmp_path, path)
    subprocess.run(["strip", path], check=True)
    build_id = record["fault"]["build_id"]
    (debug / ".build-id" / build_id[:2]).mkdir(parents=True)
    kept = debug / f".build-id/{build_id[:2]}/{build_id[2:]}.debug"
    subprocess.run(["objcopy", "--only-keep-debug", full, kept], check=True)
    if not os.path.isdir("/usr/lib/debug"):
        pytest.skip("no /usr/lib/debug to put a folder over")
    script = f'mount --bind {debug} /usr/lib/debug && exec "$@"'
    command = [tracing.KILLTRACE, "why", "-o", "json", "--symbols", path, "-"]
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", *command],
        input=json.dumps(record).encode(),
        capture_output=True,
        check=True,
    )
    told = json.loads(done.stdout)["why"]
    assert " in load, crash.c:" in told["answer"]
    assert "crash.c:" in told["stack"][1]["text"]


def test_a_stripped_program_gives_the_command(tmp_path):
    """The address in it is the one that the unstripped program has its line at."""
    path, full = tmp_path / "app", tmp_path / "full"
    build(path, BUILDS["c"])
    shutil.copy(path, full)
    subprocess.run(["strip", path], check=True)
    record = crash(tmp_path, path)
    told = why(record, "--symbols", path)
    assert "app+0x" in told["stack"][0]["text"]
    assert "no symbol covers" in told["stack"][0]["text"]
    (command,) = [item["command"] for item in told["next"] if item.get("label") == "line"]
    words = shlex.split(command)
    assert words[0] == "eu-addr2line" and words[-2] == str(path)
    assert int(words[-1], 16) == address(full, int(record["fault"]["module_offset"], 16))
    words[-2] = str(full)
    said = subprocess.run(words, capture_output=True, check=True).stdout.decode()
    assert "geo_lookup" in said and "crash.c:" in said


JIT = ["gcc", *FLAGS, f"{SOURCES}/jit.c", "-lpthread"]
PERF_MAPS = ("Outer::run(int) /app/outer.js:5", "int Middle.walk(\\x1b[31mLong)", "leaf")


@contextlib.contextmanager
def perf_map_of(tmp_path, *how):
    """The record of a crash in generated code, and the path of its map."""
    path = tmp_path / "jit"
    build(path, JIT)
    # the number of the process that it becomes
    record = crash(tmp_path, "sh", "-c", 'exec "$0" /tmp/perf-$$.map "$@"', path, *how)
    name = f"/tmp/perf-{record['victim']['pid']}.map"
    try:
        yield record, name
    finally:
        os.unlink(name)


def test_generated_code_has_the_names_of_its_map(tmp_path):
    """Of each frame, the last line of the map that is about it. Without the map they are addresses;
    a crash in a file shows what called it.
    """
    with perf_map_of(tmp_path, "crash", "thread") as (record, name):
        told = why(record)
        assert " in leaf (generated code, by its perf map: inferred)." in told["answer"]
        texts = [frame["text"] for frame in told["stack"][:3]]
        for text, function in zip(texts, reversed(PERF_MAPS)):
            assert f"{function}+0x" in text and "inferred" in text, (text, function)
        assert not [item for item in told["evidence"] if item.get("label") == "runtime"]
        # somebody else's
        os.chown(name, 65534, 65534)
        told = why(record)
        assert "leaf" not in json.dumps(told)
        assert told["stack"][0]["text"] == f"#0 ? (generated code at {record['fault']['ip']})"
        (item,) = [item for item in told["evidence"] if item.get("label") == "runtime"]
        assert "perf map" in item["text"]
        # a person vouches for it
        assert " in leaf " in why(record, "--symbols", name)["answer"]
    with perf_map_of(tmp_path, "call", "thread") as (record, name):
        told = why(record, "--symbols", tmp_path / "jit")
        assert " in crash, jit.c:" in told["answer"]
        # of a caller that the compiler made a jump, there is no frame
        assert PERF_MAPS[0] in told["stack"][1]["text"] or PERF_MAPS[1] in told["stack"][1]["text"]


def test_generated_code_of_one_thread(tmp_path):
    """Its stack is read at the exit, without addresses: the fault has its own."""
    with perf_map_of(tmp_path, "crash") as (record, _):
        assert record["user_stack"][0] == {"gap": 3}
        assert " in leaf (generated code, by its perf map: inferred)." in why(record)["answer"]


def test_functions_of_node(tmp_path):
    """Node's own map, and its own source."""
    if not shutil.which("node"):
        pytest.skip("no node")
    script = tmp_path / "app.js"
    script.write_text(
        "function innermost() {\n  %SystemBreak();\n}\nfunction outer() {\n  innermost();\n}\nouter();\n"
    )
    options = ("--perf-basic-prof", "--interpreted-frames-native-stack", "--allow-natives-syntax")
    record = crash(tmp_path, "node", *options, script)
    try:
        texts = [frame["text"] for frame in why(record)["stack"]]
    finally:
        os.unlink(f"/tmp/perf-{record['victim']['pid']}.map")
    found = [text for text in texts if "generated code, by its perf map" in text]
    assert "innermost" in found[0] and "app.js:1" in found[0], texts
    assert "outer" in found[1] and "app.js:4" in found[1], texts


def line_of(source, text):
    """The line that has the text."""
    with open(f"{SOURCES}/{source}", encoding="ascii") as lines:
        return next(i for i, line in enumerate(lines, 1) if text in line)


@contextlib.contextmanager
def waiting(*command):
    """A process that lives meanwhile."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)


def wait_until(condition):
    """Polls until it holds."""
    deadline = time.monotonic() + tracing.PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def runs(process, name):
    """Whether the process has become the program."""
    with contextlib.suppress(OSError):
        return os.path.basename(os.readlink(f"/proc/{process.pid}/exe")) == name
    return False


def test_a_replaced_program_is_found_while_it_runs(tmp_path):
    """Its file has another build ID by now; afterwards that is said, and nothing is named."""
    path, new = tmp_path / "kt-replaced", tmp_path / "new"
    build(path, BUILDS["c"])
    build(new, [word.replace("REVISION=1", "REVISION=2") for word in BUILDS["c"]])
    with waiting(path, "wait") as old:
        wait_until(lambda: runs(old, "kt-replaced"))
        record = crash(tmp_path, path)
        os.replace(new, path)
        assert " in load, crash.c:" in why(record)["answer"]
    with waiting(path, "wait") as process:
        wait_until(lambda: runs(process, "kt-replaced"))
        told = why(record)
    assert "crash.c" not in told["answer"]
    assert "has another build id" in told["stack"][0]["text"]


def test_a_program_that_only_a_container_has(tmp_path):
    """It is in a file system that this mount namespace does not have."""
    path, inside = tmp_path / "app", tmp_path / "inside"
    build(path, BUILDS["c"])
    inside.mkdir()
    script = (
        f"mount -t tmpfs kt {inside} && cp {path} {inside}/kt-contained && "
        f"touch {tmp_path}/ready && exec {inside}/kt-contained wait"
    )
    with waiting("unshare", "-m", "sh", "-c", script) as process:
        wait_until(lambda: runs(process, "kt-contained"))
        record = crash(tmp_path, "nsenter", "-t", str(process.pid), "-m", f"{inside}/kt-contained")
        os.remove(path)
        assert not os.listdir(inside)
        told = why(record)
    assert " in load, crash.c:" in told["answer"]
    assert "crash.c:" in told["stack"][1]["text"]


@pytest.mark.parametrize("how", ["exe", "pie"])
def test_a_stripped_go_program(tmp_path, how):
    """It has neither a build ID nor DWARF: a living process shows its file, and its own table the
    function and line. A file that was changed since then is not it.
    """
    path = tmp_path / "kt-go"
    build(path, ["go", "build", f"-buildmode={how}", "-ldflags=-s -w"], "stripped.go")
    place = f"main.(*shop).count, stripped.go:{line_of('stripped.go', 'shelves[3]')}"
    with waiting(path, "wait") as process:
        wait_until(lambda: runs(process, "kt-go"))
        record = crash(tmp_path, path)
        assert record["fault"]["module"] == "kt-go"
        told = why(record)
        has_id = "build_id" in record["fault"]
        assert place + ("" if has_id else " (inferred)") in told["answer"]
        path.chmod(0o700)
        assert has_id or "stripped.go" not in why(record)["answer"]
    assert place in why(record, "--symbols", path)["answer"]


class Debuginfod(http.server.BaseHTTPRequestHandler):
    """A server of debug information. Its class has the files, by path."""

    files: dict[str, bytes] = {}

    def do_GET(self):  # pylint: disable=invalid-name
        """Answers with a file."""
        body = self.files.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_):  # pylint: disable=arguments-differ
        """Says nothing."""


@contextlib.contextmanager
def serving(files):
    """The address of a server that has the files."""
    Debuginfod.files = files
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Debuginfod) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def test_debug_information_of_a_server(tmp_path, monkeypatch):
    """It is asked for only with DEBUGINFOD_URLS, and a server that has nothing is no failure."""
    path, debug = tmp_path / "app", tmp_path / "debug"
    build(path, BUILDS["c"])
    subprocess.run(["objcopy", "--only-keep-debug", path, debug], check=True)
    subprocess.run(["strip", path], check=True)
    record = crash(tmp_path, path)
    url = f"/buildid/{record['fault']['build_id']}/debuginfo"
    with serving({url: debug.read_bytes()}) as address_of:
        assert "crash.c" not in why(record, "--symbols", path)["answer"]
        monkeypatch.setenv("DEBUGINFOD_URLS", address_of)
        monkeypatch.setenv("DEBUGINFOD_CACHE_PATH", str(tmp_path / "cache"))
        answer = why(record, "--symbols", path)["answer"]
        if not ctypes.util.find_library("debuginfod"):
            pytest.skip("no libdebuginfod")
        assert " in load, crash.c:" in answer
        Debuginfod.files = {}
        shutil.rmtree(tmp_path / "cache", ignore_errors=True)
        assert "crash.c" not in why(record, "--symbols", path)["answer"]
