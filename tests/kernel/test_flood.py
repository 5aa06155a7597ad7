# SPDX-License-Identifier: BSD-2-Clause
"""Floods: of faults that kill no process, and of deaths that must all be reported."""

import collections
import shutil
import signal
import subprocess

import check
import pytest
import tracer as tracing

SECONDS = 5
STORM = 20000

needs_stress = pytest.mark.skipif(not shutil.which("stress-ng"), reason="stress-ng is not there")
needs_bpftrace = pytest.mark.skipif(not shutil.which("bpftrace"), reason="bpftrace is not there")

# The names of a stressor's children change after a common beginning. Faults are SIGILL, SIGTRAP,
# SIGBUS, SIGFPE and SIGSEGV from the kernel (positive code). A process has crashed if it exits with
# an error after a fault that its own handler caught. The last fault counts, unless it happened in
# the handler of another one: then that one is still blocked, and counts.
ORACLE = """
tracepoint:signal:signal_generate /strncmp(comm, "stress-ng", 9) == 0 && args->code > 0/ {
	if (args->sig == 4 || args->sig == 5 || args->sig == 7 || args->sig == 8 ||
	    args->sig == 11) {
		@faults = count();
		$before = @last[args->pid];
		$blocked = ((struct task_struct *)curtask)->blocked.sig[0];
		if ($before == 0 || ($blocked & (1 << ($before - 1))) == 0) {
			@last[args->pid] = args->sig;
		}
	}
}
tracepoint:sched:sched_process_exit /strncmp(comm, "stress-ng", 9) == 0/ {
	$code = ((struct task_struct *)curtask)->exit_code;
	if ($code & 0x7f) { @deaths[$code & 0x7f] = count(); }
	else if ($code != 0 && @last[pid] != 0) { @crashes[@last[pid]] = count(); }
	delete(@last[pid]);
}
"""


def stress(stressor, directory):
    """Runs one stressor for some seconds on two CPUs."""
    command = [
        "stress-ng",
        f"--{stressor}",
        "2",
        "--timeout",
        f"{SECONDS}s",
        "--temp-path",
        str(directory),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            process.wait(SECONDS + 30)
        finally:
            tracing.end(process)


def per_signal(maps, name):
    """A map of the oracle as a counter."""
    return collections.Counter({int(sig): count for sig, count in maps.get(name, {}).items()})


def stress_events(tracer):
    """What killtrace reported about stress-ng's processes."""
    return [
        line
        for line in tracer.lines
        if line.get("victim", {}).get("comm", "").startswith("stress-ng")
    ]


@needs_stress
@needs_bpftrace
@pytest.mark.parametrize("stressor", ["sigsegv", "priv-instr", "sigfpe"])
def test_handled_faults(stressor, tracer, tmp_path):
    """Many thousands of handled faults, and not a single event."""
    with tracing.Oracle(ORACLE) as oracle:
        stress(stressor, tmp_path)
        maps = oracle.maps()
    tracer.settle()
    assert maps.get("@faults", 0) > 10000, maps
    assert not maps.get("@deaths"), "the stressor kills: the oracle does not fit this test"
    assert not stress_events(tracer)
    assert not check.real_losses(tracer.lines)


@needs_stress
@needs_bpftrace
def test_opcodes(tracer, tmp_path):
    """Random opcodes: as many deaths by each signal as the oracle saw.

    Most children have a handler that exits with 1 at once: those are crashes by the handled signal.
    """
    with tracing.Oracle(ORACLE) as oracle:
        stress("opcode", tmp_path)
        maps = oracle.maps()
    tracer.settle()
    deaths, crashes = collections.Counter(), collections.Counter()
    for event in stress_events(tracer):
        if event["exit"].get("signal"):
            deaths[event["exit"]["signal"]] += 1
        else:
            assert event["cause"] == "runtime-crash", event
            crashes[event["signal"]["number"]] += 1
    # A call that the stressor's own seccomp filter traps is not a fault.
    crashes.pop(signal.SIGSYS, None)
    assert maps.get("@crashes"), "the stressor crashed no process"
    assert crashes == per_signal(maps, "@crashes")
    assert deaths == per_signal(maps, "@deaths")
    assert not check.real_losses(tracer.lines)


def kernel_log_lines():
    """How often the kernel log mentions the storm. It shows how few deaths the log has."""
    log = subprocess.run(["dmesg"], capture_output=True, check=False).stdout
    return log.count(b"kz-storm[")


def test_storm(tracer, validate):
    """20,000 deaths at full speed: 20,000 events, none lost, one for each process."""
    before = kernel_log_lines()
    (storm,) = tracing.zoo("storm", str(STORM), "2")
    tracer.settle()
    logged = kernel_log_lines() - before
    events = [line for line in tracer.lines if line.get("victim", {}).get("comm") == "kz-storm"]
    assert storm["wrong"] == 0
    assert not check.real_losses(tracer.lines)
    # A Counter, not a set: pids can be reused.
    told = collections.Counter(event["victim"]["pid"] for event in events)
    died = collections.Counter(storm["pids"])
    assert (
        told == died
    ), f"{len(events)} events, missing {len(died - told)}, too many {len(told - died)}"
    assert {event["cause"] for event in events} == {"segfault"}
    assert {event["fault"].get("address") for event in events} == {"0x0"}
    assert {event["exit"]["signal"] for event in events} == {11}
    validate(events[:: STORM // 200])
    assert logged < STORM // 10, f"the kernel log has {logged} deaths: it is not limited here"
