# SPDX-License-Identifier: BSD-2-Clause
"""Languages: victims in each, how they end, and what must be reported.

A row has the command, its end (a status, or a signal as a negative number) and the expected report:
None for an end with an error.
"""

import os
import shutil
import signal
from dataclasses import dataclass, replace

import pytest
import tracer as tracing
from cases import ABSENT, merge
from programs import comm_of
from programs_verdicts import ABORT, NULL, OOM, RUNTIME, SEGFAULT, sent, with_fault

MIB = 1 << 20
CRASH = {**NULL, "address": "0x8"}
IN_LIBRARY = {**CRASH, "module": "libktload.so"}
HANDLED = {**CRASH, "module": "libktcrash.so", "handled": True}


@dataclass
class Row:
    """A command and its end."""

    argv: list
    ended: int
    told: dict = None
    env: dict = None
    limit: int = 0
    # A program of this machine, not of the world: Java.
    host: bool = False
    # As the first process of a pid namespace, as in a container.
    first: bool = False
    # A signal to send once the program prints that it waits.
    number: int = 0


GO = ["/opt/ends"]
RUST = ["/opt/rust-ends"]
MONO = ["mono", "/opt/Ends.exe"]
NODE = ["node", "-e"]
RUBY = ["ruby", "-e"]
ERLANG = ["erl", "-noshell", "-eval"]


VICTIMS = os.path.abspath(os.path.join(tracing.BUILD, "world/programs"))


def java(*options, heap="32m"):
    """The command, with the victims of the build."""
    return ["java", f"-Xmx{heap}", "-XX:ErrorFile=/dev/null", "-cp", VICTIMS, *options]


HEAP_FULL = "for (const held = [];;) held.push({ more: new Array(100) })"
EAT = "for (const held = [];;) held.push(Buffer.alloc(1 << 20, 1))"
WAIT = "console.log('waiting'); setTimeout(() => 0, 3600000)"
LOAD = "process.dlopen({ exports: {} }, '/opt/libktload.so')"
RUBY_WAIT = "puts 'waiting'; $stdout.flush; sleep"
RUBY_CRASH = "require 'fiddle'; Fiddle.dlopen('/opt/libktload.so')"
# A native function must be loaded by its own module.
ERLANG_CRASH = """
Forms = [{attribute, 1, module, m}, {attribute, 1, export, [{f, 0}]},
    {function, 1, f, 0, [{clause, 1, [], [],
        [{call, 1, {remote, 1, {atom, 1, erlang}, {atom, 1, load_nif}},
            [{string, 1, "/opt/libktload"}, {integer, 1, 0}]}]}]}],
{ok, m, Code} = compile:forms(Forms), code:load_binary(m, "m", Code), m:f().
"""
ERLANG_WAIT = 'io:format("waiting~n").'
# SIGABRT has no effect on such a process: the C library ends it by a fault.
ABORT_OF_FIRST = merge(ABORT, {"exit": {"signal": 11}})

ROWS = {
    "go-nil": Row([*GO, "nil"], 2, with_fault(RUNTIME, **NULL, handled=True)),
    "go-nil-core": Row(
        [*GO, "nil"], -6, with_fault(ABORT, **NULL, handled=True), env={"GOTRACEBACK": "crash"}
    ),
    "go-killed": Row([*GO, "wait"], -9, sent(9), number=9),
    "go-watchdog": Row(
        [*GO, "wait"], 2, sent(6, ended={"status": 2}, cause="signal-exit"), number=6
    ),
    "go-quit": Row(
        [*GO, "wait"], 2, sent(3, ended={"status": 2}, cause="signal-exit", routine=True), number=3
    ),
    "go-terminated": Row([*GO, "wait"], -15, sent(15, routine=True), number=15),
    "go-out-of-memory": Row([*GO, "eat"], -9, OOM, limit=24 * MIB),
    "go-panic": Row([*GO, "panic"], 2),
    "go-deadlock": Row([*GO, "deadlock"], 2),
    "go-overflow": Row([*GO, "overflow"], 2),
    "go-exit": Row([*GO, "exit"], 1),
    "go-recover": Row([*GO, "recover"], 1),
    "go-missing": Row([*GO, "missing"], 1),
    "rust-null": Row([*RUST, "null"], -11, with_fault(SEGFAULT, **CRASH)),
    "rust-abort": Row([*RUST, "abort"], -6, ABORT),
    "rust-overflow": Row(
        [*RUST, "overflow"], -6, with_fault(ABORT, kind="stack-overflow", handled=True)
    ),
    "rust-overflow-thread": Row(
        [*RUST, "overflow-thread"], -6, with_fault(ABORT, kind="stack-overflow", handled=True)
    ),
    "rust-killed": Row([*RUST, "wait"], -9, sent(9), number=9),
    "rust-out-of-memory": Row([*RUST, "eat"], -9, OOM, limit=24 * MIB),
    "rust-panic": Row([*RUST, "panic"], 101),
    "rust-exit": Row([*RUST, "exit"], 1),
    "rust-missing": Row([*RUST, "missing"], 101),
    "mono-killed": Row([*MONO, "wait"], -9, sent(9), number=9),
    "mono-out-of-memory": Row([*MONO, "eat"], -9, OOM, limit=48 * MIB),
    "mono-throw": Row([*MONO, "throw"], 1),
    "mono-null": Row([*MONO, "null"], 1),
    "mono-caught": Row([*MONO, "caught"], 1),
    "mono-overflow": Row([*MONO, "overflow"], 1),
    "mono-missing": Row([*MONO, "missing"], 1),
    "mono-exit": Row([*MONO, "exit"], 1),
    "node-heap-full": Row(["node", "--max-old-space-size=16", "-e", HEAP_FULL], -6, ABORT),
    "node-abort": Row([*NODE, "process.abort()"], -6, ABORT),
    "node-crash": Row([*NODE, LOAD], -11, with_fault(SEGFAULT, **IN_LIBRARY)),
    "node-killed": Row([*NODE, WAIT], -9, sent(9), number=9),
    "node-terminated": Row([*NODE, WAIT], -15, sent(15, routine=True), number=15),
    "node-out-of-memory": Row([*NODE, EAT], -9, OOM, limit=96 * MIB),
    "node-throw": Row([*NODE, "throw new Error('an error')"], 1),
    "node-rejection": Row([*NODE, "Promise.reject(new Error('an error'))"], 1),
    "node-overflow": Row([*NODE, "(function f() { f(); })()"], 1),
    "node-missing": Row(["node", "/missing.js"], 1),
    "ruby-crash": Row([*RUBY, RUBY_CRASH], -6, with_fault(ABORT, **IN_LIBRARY, handled=True)),
    "ruby-abort": Row([*RUBY, "Process.kill(:ABRT, $$); sleep"], -6, ABORT),
    "ruby-killed": Row([*RUBY, RUBY_WAIT], -9, sent(9), number=9),
    "ruby-terminated": Row([*RUBY, RUBY_WAIT], -15, sent(15, routine=True), number=15),
    "ruby-out-of-memory": Row(
        [*RUBY, "$a = []; loop { $a << 'x' * (1 << 20) }"], -9, OOM, limit=48 * MIB
    ),
    "ruby-raise": Row([*RUBY, "raise 'an error'"], 1),
    "ruby-overflow": Row([*RUBY, "def f; f; end; f"], 1),
    "ruby-exit": Row([*RUBY, "abort 'an error'"], 1),
    "ruby-missing": Row(["ruby", "/missing.rb"], 1),
    "erlang-halt-abort": Row([*ERLANG, "erlang:halt(abort)."], -6, ABORT),
    "erlang-crash": Row([*ERLANG, ERLANG_CRASH], -11, with_fault(SEGFAULT, **IN_LIBRARY)),
    "erlang-killed": Row([*ERLANG, ERLANG_WAIT], -9, sent(9), number=9),
    # A signal that the program handles itself is not one that ends a process.
    "erlang-dump": Row([*ERLANG, ERLANG_WAIT], 1, number=10),
    "erlang-out-of-memory": Row(
        [*ERLANG, "X = fun F(L) -> F([binary:copy(<<1>>, 1 bsl 20) | L]) end, X([])."],
        -9,
        OOM,
        limit=64 * MIB,
    ),
    "erlang-terminated": Row([*ERLANG, ERLANG_WAIT], 0, number=15),
    "erlang-slogan": Row([*ERLANG, 'erlang:halt("an error").'], 1),
    "erlang-error": Row([*ERLANG, "erlang:error(an_error)."], 1),
    "erlang-exit": Row([*ERLANG, "erlang:halt(1)."], 1),
    "erlang-missing": Row(["erl", "-noshell", "-config", "/missing"], 1),
    "java-unsafe": Row(
        java("Ends", "unsafe"), -6, with_fault(ABORT, **CRASH, handled=True), host=True
    ),
    # Later than --runtime-window after its start, when a JVM tests its own handler.
    "java-heap-full": Row(
        java("-XX:+CrashOnOutOfMemoryError", "Ends", "eat-late"), -6, ABORT, host=True
    ),
    "java-killed": Row(java("Ends", "wait"), -9, sent(9), number=9, host=True),
    "java-watchdog": Row(java("Ends", "wait"), -6, sent(6), number=6, host=True),
    "java-terminated": Row(
        java("Ends", "wait"),
        143,
        sent(15, ended={"status": 143}, cause="signal-exit", routine=True),
        number=15,
        host=True,
    ),
    "java-out-of-memory": Row(
        java("-Xms256m", "-XX:+AlwaysPreTouch", "Ends", "wait", heap="1g"),
        -9,
        OOM,
        limit=96 * MIB,
        host=True,
    ),
    "java-heap-full-exit": Row(java("-XX:+ExitOnOutOfMemoryError", "Ends", "eat"), 3, host=True),
    "java-heap-full-throw": Row(java("Ends", "eat"), 1, host=True),
    "java-overflow": Row(java("Ends", "overflow"), 1, host=True),
    "java-null": Row(java("Ends", "null"), 1, host=True),
    "java-caught": Row(java("-XX:-OmitStackTraceInFastThrow", "Ends", "caught"), 1, host=True),
    "java-halt": Row(java("Ends", "halt"), 1, host=True),
    "java-missing": Row(java("Ends", "missing"), 1, host=True),
    "java-no-class": Row(java("Missing"), 1, host=True),
}


FIRST_ROWS = {
    "rust-abort": Row([*RUST, "abort"], -11, ABORT_OF_FIRST),
    "rust-overflow": Row(
        [*RUST, "overflow"], -11, with_fault(ABORT_OF_FIRST, kind="stack-overflow", handled=True)
    ),
    "node-heap-full": Row(
        ["node", "--max-old-space-size=16", "-e", HEAP_FULL], -11, ABORT_OF_FIRST
    ),
    "ruby-crash": Row(
        [*RUBY, RUBY_CRASH], -11, with_fault(ABORT_OF_FIRST, **IN_LIBRARY, handled=True)
    ),
    "erlang-halt-abort": Row([*ERLANG, "erlang:halt(abort)."], -11, ABORT_OF_FIRST),
    # Its handler catches that fault, too.
    "java-unsafe": Row(
        java("Ends", "unsafe"),
        127,
        with_fault(
            merge(ABORT, {"exit": {"signal": ABSENT, "status": 127}}), **CRASH, handled=True
        ),
        host=True,
    ),
    "java-killed": Row(java("Ends", "wait"), -9, sent(9), number=9, host=True),
    "go-nil": Row([*GO, "nil"], 2, with_fault(RUNTIME, **NULL, handled=True)),
    "node-throw": Row([*NODE, "throw new Error('an error')"], 1),
    "java-no-class": Row(java("Missing"), 1, host=True),
}


def runs(row):
    """The case of a row."""

    def run(case):
        if row.host and not shutil.which(row.argv[0]):
            pytest.skip(f"{row.argv[0]} is not there")
        program = case.start(
            *row.argv, env=row.env or {}, limit=row.limit, host=row.host, first=row.first
        )
        if row.number:
            program.says("waiting")
            program.send(row.number)
        assert program.wait() == row.ended, program.said()
        told = {program.pid: row.told} if row.told else {}
        if row.first:
            told[None] = {"cause": "pidns-teardown", "sender": {"pid": program.pid}}
        return told

    return run


def node_kills_worker(case):
    """A cluster's primary kills a worker."""
    script = """
        const cluster = require('cluster');
        if (cluster.isWorker) process.send(process.pid);
        else cluster.fork().on('message', function (pid) {
            console.log('worker', pid);
            this.process.kill('SIGKILL');
        }).on('exit', (code, number) => console.log('ended by', number));
    """
    primary = case.start("node", case.write("cluster.js", script))
    worker = int(primary.says(r"worker (\d+)")[1])
    primary.says("ended by SIGKILL")
    assert primary.wait() == 0
    return {worker: sent(9, primary.pid, "node")}


def node_child_timeout(case):
    """A child that exceeds its time limit."""
    script = """
        require('child_process').spawnSync('sleep', ['3600'],
            { timeout: 300, killSignal: 'SIGKILL' });
        console.log('over');
    """
    parent = case.start("node", case.write("spawn.js", script))
    (child,) = parent.children()
    assert parent.wait() == 0 and parent.said("over")
    return {child: sent(9, parent.pid, "node")}


def mono_crash(case, way, verdict):
    """Mono forks a process that watches its report, and kills it when the report is written."""
    program = case.start(*MONO, way)
    program.says("Native stacktrace")
    watcher = sent(9, program.pid, comm_of(program.pid))
    assert program.wait() == -signal.SIGABRT
    return {program.pid: verdict, None: watcher}


def mono_native(case):
    """A library crashes."""
    return mono_crash(case, "native", with_fault(ABORT, **HANDLED))


def mono_fail_fast(case):
    """The program aborts itself."""
    return mono_crash(case, "failfast", ABORT)


def java_quit(case):
    """A thread dump does not end it."""
    program = case.start(*java("Ends", "wait"), host=True)
    program.says("waiting")
    program.send(signal.SIGQUIT)
    program.says("Full thread dump(.|\n)*Heap")
    assert program.end(signal.SIGKILL) == -9
    return {program.pid: sent(9)}


CASES = {
    **{name: runs(row) for name, row in ROWS.items()},
    **{f"{name}-first": runs(replace(row, first=True)) for name, row in FIRST_ROWS.items()},
    "mono-native": mono_native,
    "mono-fail-fast": mono_fail_fast,
    "node-kills-worker": node_kills_worker,
    "node-child-timeout": node_child_timeout,
    "java-quit": java_quit,
}
