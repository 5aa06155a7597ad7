# SPDX-License-Identifier: BSD-2-Clause
"""What killtrace must report about each victim of the zoo.

A case lists the part of the event that must be present. Values that depend on the run (addresses,
pids, limits) are not listed here: the victim testifies to them, and check.py compares them. None
means that the key must be absent. If two answers are right, a case has alternatives, and a note
says why.
"""

from dataclasses import dataclass, field

ABSENT = None


@dataclass
class Case:
    """The expected part of the event, acceptable alternatives, and expectations per role for scenes
    with several deaths.
    """

    expect: dict = field(default_factory=dict)
    alternatives: list = field(default_factory=list)
    roles: dict = field(default_factory=dict)
    survives: bool = False
    # The kernel gives no figures for these roles: figures are compared only if they are present.
    figures_optional: tuple = ()
    crowded: bool = False  # others free memory meanwhile: usage may be below the limit
    self_sent: bool = False  # the sender must be there even though it is the victim
    note: str = ""


def merge(base, extra):
    """A copy of base with extra laid over it."""
    merged = dict(base)
    for key, value in extra.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = merge(merged[key], value)
        else:
            merged[key] = value
    return merged


def signal(number, name, code=None, code_name=None):
    """The signal part of an event."""
    told = {"number": number, "name": name}
    if code is not None:
        told["code"] = code
    if code_name:
        told["code_name"] = code_name
    return told


MAPERR = signal(11, "SIGSEGV", 1, "SEGV_MAPERR")
ACCERR = signal(11, "SIGSEGV", 2, "SEGV_ACCERR")
SEGV_KERNEL = signal(11, "SIGSEGV", 128, "SI_KERNEL")
ABRT = signal(6, "SIGABRT", -6, "SI_TKILL")


def kernel(cause, told, **more):
    """A death caused by the kernel."""
    return merge({"cause": cause, "class": "kernel", "routine": False, "signal": told}, more)


def userspace(cause, told, **more):
    """A death caused by a process."""
    return merge({"cause": cause, "class": "userspace", "routine": False, "signal": told}, more)


def injected(number):
    """A signal that was never generated: the sender is unknown, and the event says so."""
    return {
        "cause": "signal",
        "routine": False,
        "evidence": {"incomplete": ["dossier"]},
        "exit": {"signal": number},
        **{key: ABSENT for key in ("sender", "fault", "seccomp")},
    }


def page_fault(kind, told, **more):
    """A segfault by a page fault."""
    return kernel(
        "segfault", told, fault=merge({"kind": kind, "trap_number": 14, "handled": False}, more)
    )


def trap(cause, number, told, **more):
    """A death by a CPU exception other than a page fault."""
    return kernel(cause, told, fault={"trap_number": number, "handled": False, **more})


def illegal(instruction, **more):
    """An instruction that traps, and its kind."""
    told = signal(4, "SIGILL", 2, "ILL_ILLOPN")
    return trap("illegal-instruction", 6, told, instruction=instruction, **more)


def bus_error(reason, **more):
    """A page that could not be provided."""
    return kernel(
        "bus-error",
        signal(7, "SIGBUS", 2, "BUS_ADRERR"),
        fault={"bus_error": reason, "handled": False, **more},
    )


NULL = page_fault("null-dereference", MAPERR)
USER_9 = signal(9, "SIGKILL", 0, "SI_USER")
# The kernel forced the signal without a trap: the thread's trap state is from an earlier one.
NO_TRAP = {"trap_number": ABSENT, "address": ABSENT, "kind": ABSENT, "error_code": ABSENT}
SIGKILLED = userspace("sigkill", USER_9, fault=ABSENT, oom=ABSENT)
OOM = kernel("oom-memcg", signal(9, "SIGKILL"), fault=ABSENT, sender=ABSENT)
PIDNS = kernel("pidns-teardown", signal(9, "SIGKILL"), oom=ABSENT)
SECCOMP = {"cause": "seccomp", "class": "kernel", "routine": False, "seccomp": {"arch": "x86_64"}}


def routine(case):
    """The same case, as a routine end."""
    return merge(case, {"routine": True})


CASES = {
    # Page faults
    "null-deref": Case(merge(NULL, {"fault": {"error_code": 6}})),
    "null-read": Case(merge(NULL, {"fault": {"error_code": 4}})),
    "null-call": Case(
        merge(NULL, {"fault": {"module": ABSENT}}), note="ip is 0: it lies in no module"
    ),
    "unmapped": Case(page_fault("unmapped", MAPERR)),
    "write-read-only": Case(page_fault("write-to-read-only", ACCERR)),
    "exec-data": Case(
        page_fault("exec-of-non-executable", ACCERR, module=ABSENT),
        note="ip is on an anonymous page",
    ),
    "prot-none": Case(page_fault("permission", ACCERR)),
    "stack-overflow": Case(page_fault("stack-overflow", MAPERR)),
    "stack-overflow-thread": Case(
        page_fault("stack-overflow", ACCERR),
        note="the guard page of a thread's stack is a PROT_NONE mapping",
    ),
    "kernel-address": Case(page_fault("kernel-address", MAPERR)),
    "vsyscall-write": Case(
        page_fault("kernel-address", MAPERR), note="the vsyscall page, above user memory"
    ),
    "vsyscall-call": Case(
        page_fault("kernel-address", MAPERR),
        [kernel("kernel-signal", SEGV_KERNEL, fault=NO_TRAP)],
        note="without vsyscall=none the kernel looks at the call, and refuses it",
    ),
    "protection-key": Case(page_fault("protection-key", signal(11, "SIGSEGV", 4, "SEGV_PKUERR"))),
    "noncanonical": Case(trap("general-protection", 13, SEGV_KERNEL, instruction="other")),
    "noncanonical-raised": Case(
        {
            "cause": "general-protection",
            "routine": False,
            "signal": signal(11, "SIGSEGV", -6, "SI_TKILL"),
            "fault": {"trap_number": 13, "handled": True},
        },
        self_sent=True,
        note="the stack is that of the raise, not of the trap",
    ),
    "privileged": Case(trap("general-protection", 13, SEGV_KERNEL, instruction="hlt")),
    "lgdt": Case(trap("general-protection", 13, SEGV_KERNEL, instruction="privileged")),
    "xgetbv": Case(
        trap("general-protection", 13, SEGV_KERNEL, instruction="other"),
        note="in the same group of encodings, and not the kernel's",
    ),
    "truncated-mmap": Case(
        kernel(
            "bus-error",
            signal(7, "SIGBUS", 2, "BUS_ADRERR"),
            fault={
                "trap_number": 14,
                "handled": False,
                "bus_error": "beyond-end",
                "used_bytes": ABSENT,
            },
        )
    ),
    # SIGBUS by the kind of mapping: earlier, all of these were page faults without a file system
    "tmpfs-full": Case(bus_error("full", file_system="tmpfs")),
    "tmpfs-tiny": Case(
        bus_error("full", file_system="tmpfs", size_bytes=65536, used_bytes=65536),
        [bus_error(ABSENT, file_system="tmpfs", size_bytes=ABSENT, used_bytes=ABSENT)],
        note="before 5.19 only a part of the kernel's page counter can be read, which is too inexact for so few pages",
    ),
    "no-huge-page": Case(
        bus_error("no-free-huge-page", file_system="hugetlbfs", huge_pages=0, huge_pages_free=0)
    ),
    "userfault": Case(bus_error("userfaultfd", file_system=ABSENT)),
    "fuse-error": Case(bus_error("daemon-error", file_system="fuse")),
    "fuse-gone": Case(bus_error("daemon-gone", file_system="fuse")),
    "core-dumped": Case(merge(NULL, {"exit": {"signal": 11, "core_dumped": True}})),
    "core-killed": Case(
        merge(NULL, {"exit": {"signal": 9, "core_dumped": False}}),
        note="the wait status has the SIGKILL during the dump",
    ),
    # Other traps
    "ud2": Case(illegal("ud2")),
    "ud1": Case(illegal("ud1")),
    "ud2-at-page-end": Case(illegal("ud2", module=ABSENT), note="ip is on an anonymous page"),
    "lacks-legacy": Case(illegal("legacy")),
    "lacks-vex": Case(illegal("vex")),
    "lacks-evex": Case(illegal("evex")),
    "lacks-xop": Case(illegal("xop")),
    "int3": Case(
        trap("breakpoint", 3, signal(5, "SIGTRAP", 128, "SI_KERNEL"), instruction="int3"),
        note="earlier, the event did not say what trapped",
    ),
    "icebp": Case(
        trap("breakpoint", 1, signal(5, "SIGTRAP", 1)),
        [kernel("kernel-signal", signal(5, "SIGTRAP", 1))],
        note="a debug exception (1): the design names only trap 3",
    ),
    "single-step": Case(
        trap("breakpoint", 1, signal(5, "SIGTRAP", 2)),
        [kernel("kernel-signal", signal(5, "SIGTRAP", 2))],
        note="a debug exception (1): the design names only trap 3",
    ),
    "divide": Case(trap("divide-error", 0, signal(8, "SIGFPE", 1, "FPE_INTDIV"))),
    "float-sse": Case(trap("floating-point", 19, signal(8, "SIGFPE", 3, "FPE_FLTDIV"))),
    "float-x87": Case(trap("floating-point", 16, signal(8, "SIGFPE", 3, "FPE_FLTDIV"))),
    "alignment": Case(trap("alignment-check", 17, signal(7, "SIGBUS", 1, "BUS_ADRALN"))),
    "stack-segment": Case(
        trap("bus-error", 12, signal(7, "SIGBUS", 128, "SI_KERNEL")),
        [trap("general-protection", 12, signal(7, "SIGBUS", 128, "SI_KERNEL"))],
        note="a non-canonical address reached through rsp; the design names no cause for trap 12",
    ),
    "overflow-trap": Case(
        kernel("segfault", SEGV_KERNEL),
        [kernel("general-protection", SEGV_KERNEL), kernel("kernel-signal", SEGV_KERNEL)],
        note="int $4: trap 4, for which the design names no cause",
    ),
    # Handlers
    "handler-maps": Case(survives=True),
    "handler-jumps": Case(survives=True),
    "handler-late-exit": Case(survives=True, note="exits with 3, but long after its handled fault"),
    "exit-three": Case(
        survives=True, note="a bad exit status without any fault is not a violent death"
    ),
    "handler-then-term": Case(
        routine(userspace("signal", signal(15, "SIGTERM", 0, "SI_USER"))),
        note="the handled fault is no part of this death",
    ),
    "handler-exits": Case(
        {
            "cause": "runtime-crash",
            "class": "runtime",
            "routine": False,
            "exit": {"status": 2},
            "fault": {"kind": "null-dereference", "trap_number": 14, "handled": True},
        }
    ),
    "handler-exits-later": Case(
        {
            "cause": "runtime-crash",
            "class": "runtime",
            "routine": False,
            "exit": {"status": 2},
            "fault": {"kind": "null-dereference", "address": "0x8", "handled": True},
        },
        note="the fault before was survived, though a signal has been blocked since",
    ),
    "handler-exits-threads": Case(
        {
            "cause": "runtime-crash",
            "class": "runtime",
            "exit": {"status": 2},
            "fault": {"address": "0x8", "handled": True},
        },
        note="the second fault of the thread that ends the others",
    ),
    "handler-then-abort": Case(
        userspace("abort", ABRT, fault=ABSENT),
        note="long after a fault that was survived, and with another signal blocked",
    ),
    "handler-default": Case(
        page_fault("null-dereference", MAPERR),
        [
            kernel(
                "segfault",
                MAPERR,
                fault={"kind": "null-dereference", "trap_number": 14, "handled": True},
            )
        ],
        note="faults twice at the same place: the second is fatal, the first was handled",
    ),
    "handler-raises": Case(
        {
            "cause": "segfault",
            "routine": False,
            "signal": signal(11, "SIGSEGV", -6, "SI_TKILL"),
            "fault": {"kind": "null-dereference", "trap_number": 14, "handled": True},
        },
        self_sent=True,
        note="the signal that kills is its own, but what happened is a segfault",
    ),
    "handler-aborts": Case(
        userspace(
            "abort", ABRT, fault={"kind": "null-dereference", "trap_number": 14, "handled": True}
        )
    ),
    **{
        name: Case(merge(NULL, {"fault": {"handled": True}}), note=note)
        for name, note in {
            "handler-crashes": "earlier, its handler's own fault was reported as the cause",
            "handler-crashes-open": "its signal is not blocked, and no handler is left",
            "handler-crashes-stack": "deep in a handler on an alternate stack",
            "handler-crashes-masked": "deep in a handler that blocks all signals",
            "handler-crashes-reset": "its handler had restored the default first",
        }.items()
    },
    "crash-among-crashes": Case(
        {
            "cause": "segfault",
            "signal": signal(11, "SIGSEGV", -6, "SI_TKILL"),
            "fault": {"kind": "null-dereference", "address": "0x58", "handled": True},
        },
        self_sent=True,
        note="earlier, a signal by itself without a fault: another thread's fault came later",
    ),
    "jump-then-crash": Case(
        page_fault("unmapped", MAPERR, handler_fault=ABSENT),
        note="a handler that was left by siglongjmp() does not run any more",
    ),
    "broken-stack": Case(
        kernel("sigframe-failed", SEGV_KERNEL, fault=NO_TRAP),
        note="no trap: thread.trap_nr is stale",
    ),
    "bad-sigreturn": Case(
        kernel("sigframe-failed", SEGV_KERNEL, fault=NO_TRAP),
        [kernel("kernel-signal", SEGV_KERNEL, fault=NO_TRAP)],
        note="the frame is broken on the way back; the design names only the way in",
    ),
    "broken-rseq": Case(
        kernel("kernel-signal", SEGV_KERNEL, fault=NO_TRAP), note="earlier, sigframe-failed"
    ),
    "overflow-handled": Case(
        kernel("sigframe-failed", SEGV_KERNEL, fault={"kind": "stack-overflow"}),
        [
            page_fault("stack-overflow", MAPERR),
            kernel("segfault", SEGV_KERNEL, fault={"kind": "stack-overflow"}),
        ],
        note="the handler's frame would have to go on the stack that has just overflowed",
    ),
    # Aborts
    "double-free": Case(userspace("abort", ABRT, fault=ABSENT)),
    "stack-smash": Case(userspace("abort", ABRT, fault=ABSENT)),
    "assert": Case(userspace("abort", ABRT, fault=ABSENT)),
    "abort": Case(userspace("abort", ABRT, fault=ABSENT)),
    **{
        name: Case(userspace("abort", ABRT, fault=ABSENT, **more), note=note)
        for names, more, note in (
            (
                ("abort-exits", "abort-exits-open", "abort-exits-late", "abort-exits-stack"),
                {"exit": {"status": 3}, "handler_fault": ABSENT},
                "earlier not reported: its handler of SIGABRT ends it",
            ),
            (
                ("abort-crashes", "abort-crashes-open", "abort-crashes-stack"),
                {"exit": {"signal": 11}, "handler_fault": {"trap": "page-fault"}},
                "earlier, the fault in its handler of SIGABRT was reported as the cause",
            ),
            (
                ("abort-crashes-exits",),
                {"exit": {"status": 3}},
                "the fault in its handler of SIGABRT has a handler too, which ends it",
            ),
            (
                ("abort-beside-exit",),
                {"exit": {"status": 4}},
                "another thread ends it while the handler waits",
            ),
        )
        for name in names
    },
    "abort-jumps": Case(survives=True, note="it has left the handler, and fails later"),
    "abort-jumps-crashes": Case(
        page_fault("unmapped", MAPERR, handler_fault=ABSENT),
        note="it has left the handler without its mask, and crashes deeper on the stack",
    ),
    "abort-jumps-masked": Case(survives=True, note="it has left the handler without its mask"),
    "abort-returns": Case(survives=True),
    # Signals from other processes, and from the process itself
    "kill-9": Case(SIGKILLED),
    "kill-15": Case(routine(userspace("signal", signal(15, "SIGTERM", 0, "SI_USER")))),
    "kill-6": Case(
        userspace("signal", signal(6, "SIGABRT", 0, "SI_USER")),
        note="only a process that aborts itself has the cause abort",
    ),
    "kill-11": Case(userspace("signal", signal(11, "SIGSEGV", 0, "SI_USER"), fault=ABSENT)),
    "kill-1": Case(routine(userspace("signal", signal(1, "SIGHUP", 0, "SI_USER")))),
    "kill-34": Case(userspace("signal", {"number": 34, "code": 0, "code_name": "SI_USER"})),
    "kill-by-nobody": Case(SIGKILLED),
    "kill-of-nobody": Case(SIGKILLED),
    "kill-by-impostor": Case(SIGKILLED, note="has the name earlyoom, but does not run in its unit"),
    "kill-by-earlyoom": Case(merge(SIGKILLED, {"cause": "oom-userspace"})),
    "tgkill": Case(userspace("signal", signal(10, "SIGUSR1", -6, "SI_TKILL"))),
    "sigqueue": Case(userspace("signal", signal(12, "SIGUSR2", -1, "SI_QUEUE"))),
    "pidfd-kill": Case(SIGKILLED),
    "term-then-kill": Case(
        routine(userspace("signal", signal(15, "SIGTERM", 0, "SI_USER"))),
        [SIGKILLED],
        note="the kernel chooses which of the two kills it: the wait status decides",
    ),
    "blocked-pending": Case(
        userspace("signal", signal(10, "SIGUSR1", 0, "SI_USER")), note="the sender is long gone"
    ),
    "ignored-pending": Case(
        userspace("signal", signal(10, "SIGUSR1", 0, "SI_USER")),
        note="ignored when it was sent, but also blocked: it stayed pending",
    ),
    "stopped-term": Case(
        routine(userspace("signal", signal(15, "SIGTERM", 0, "SI_USER"))),
        note="dies when another process lets it continue: that one is not the killer",
    ),
    "raise-usr1": Case(userspace("signal", signal(10, "SIGUSR1", -6, "SI_TKILL"))),
    "raise-kill": Case(
        userspace("sigkill", signal(9, "SIGKILL", -6, "SI_TKILL")),
        [userspace("signal", signal(9, "SIGKILL", -6, "SI_TKILL"))],
        note="the design's sigkill comes from another process",
    ),
    "raise-segv": Case(userspace("signal", signal(11, "SIGSEGV", -6, "SI_TKILL"), fault=ABSENT)),
    "kill-self-abort": Case(
        userspace("abort", signal(6, "SIGABRT", 0, "SI_USER")),
        note="kill(getpid(), SIGABRT) is an abort as well",
    ),
    "forged-process": Case(
        userspace("signal", signal(11, "SIGSEGV", 1), fault=ABSENT),
        note="the code says SEGV_MAPERR, but no trap happened: the address is made up",
    ),
    "forged-thread": Case(userspace("signal", signal(11, "SIGSEGV", 1), fault=ABSENT)),
    "forged-kernel": Case(
        userspace("sigkill", signal(9, "SIGKILL", 128), oom=ABSENT, fault=ABSENT),
        [userspace("signal", signal(9, "SIGKILL", 128), oom=ABSENT, fault=ABSENT)],
        note="looks like the OOM killer's SIGKILL by its code alone",
    ),
    "sigpipe": Case(
        routine(kernel("kernel-signal", {**signal(13, "SIGPIPE"), "wrote_to": "pipe"}))
    ),
    "sigpipe-socket": Case(
        routine(kernel("kernel-signal", {**signal(13, "SIGPIPE"), "wrote_to": "socket"})),
        note="routine, because the zoo is not a service: see test_routine.py for services",
    ),
    "sigalrm": Case(
        routine(kernel("kernel-signal", signal(14, "SIGALRM", 128, "SI_KERNEL"))),
        note="sent from any idle CPU: current is not the sender",
    ),
    "sigprof": Case(
        kernel("kernel-signal", signal(27, "SIGPROF", 128, "SI_KERNEL"), sender=ABSENT)
    ),
    "sigvtalrm": Case(
        kernel("kernel-signal", signal(26, "SIGVTALRM", 128, "SI_KERNEL"), sender=ABSENT)
    ),
    "sigio": Case(kernel("kernel-signal", signal(29, "SIGPOLL", 128, "SI_KERNEL"), sender=ABSENT)),
    "posix-timer": Case(
        kernel("kernel-signal", signal(12, "SIGUSR2", -2, "SI_TIMER")),
        [
            userspace(
                "signal", signal(12, "SIGUSR2"), evidence={"incomplete": ["dossier"]}, sender=ABSENT
            )
        ],
        note="on a busy machine 6.18 generates no signal that can be seen for one timer of 200 (seen by bpftrace "
        "too): then the verdict says that its evidence is incomplete",
    ),
    "socket-notice": Case(
        kernel("kernel-signal", signal(10, "SIGUSR1", 1), sender=ABSENT),
        note="the process that writes to the other end is current, but not the sender",
    ),
    "queue-notice": Case(
        kernel("kernel-signal", signal(12, "SIGUSR2", -3, "SI_MESGQ"), sender=ABSENT),
        note="the process that sends the message is current, but not the sender",
    ),
    "tty-hangup": Case(routine(kernel("kernel-signal", signal(1, "SIGHUP", 128, "SI_KERNEL")))),
    # Hostile names
    "comm-newline": Case(NULL),
    "comm-escape": Case(NULL),
    "comm-quotes": Case(NULL),
    "comm-not-utf8": Case(NULL),
    "comm-rtl": Case(NULL),
    "comm-paren": Case(NULL),
    "comm-control": Case(NULL),
    "comm-label": Case(NULL),
    # Limits
    "rlimit-cpu-soft": Case(kernel("rlimit-cpu", signal(24, "SIGXCPU", 128, "SI_KERNEL"))),
    "rlimit-cpu-again": Case(
        kernel("rlimit-cpu", signal(24, "SIGXCPU")),
        note="earlier, the limit was that to which the kernel had raised it meanwhile",
    ),
    "rlimit-cpu-hard": Case(
        kernel("rlimit-cpu", signal(9, "SIGKILL", 128, "SI_KERNEL"), oom=ABSENT)
    ),
    "deadline-overrun": Case(
        kernel("kernel-signal", signal(24, "SIGXCPU", 128, "SI_KERNEL"), rlimit=ABSENT),
        note="earlier, rlimit-cpu with a limit that nobody had set",
    ),
    "rlimit-fsize": Case(kernel("rlimit-fsize", signal(25, "SIGXFSZ"))),
    "rlimit-rttime-soft": Case(kernel("rlimit-rttime", signal(24, "SIGXCPU", 128, "SI_KERNEL"))),
    "rlimit-rttime-hard": Case(
        kernel("rlimit-rttime", signal(9, "SIGKILL", 128, "SI_KERNEL"), oom=ABSENT)
    ),
    # Seccomp
    "seccomp-process": Case(merge(SECCOMP, {"signal": signal(31, "SIGSYS", 1, "SYS_SECCOMP")})),
    "seccomp-last-thread": Case(merge(SECCOMP, {"signal": signal(31, "SIGSYS", 1, "SYS_SECCOMP")})),
    "seccomp-one-thread": Case(
        {"cause": "seccomp", "class": "kernel", "exit": {"signal": 31, "thread_only": True}},
        note="no signal is generated; the process lives and exits with 0",
    ),
    "seccomp-trap": Case(
        merge(SECCOMP, {"signal": signal(31, "SIGSYS", 1, "SYS_SECCOMP")}),
        note="RET_TRAP without a handler",
    ),
    "seccomp-strict": Case(
        {"cause": "seccomp", "class": "kernel", "exit": {"signal": 9}, "oom": ABSENT},
        note="the kernel ends the thread with SIGKILL, without generating a signal",
    ),
    "seccomp-trap-beside": Case(
        {
            "cause": "runtime-crash",
            "class": "runtime",
            "exit": {"status": 2},
            "signal": {"number": 11},
            "fault": {"kind": "null-dereference", "address": "0x0", "handled": True},
        },
        note="the trap of the other thread is unrelated, and it survived",
    ),
    "user-dispatch": Case(
        kernel("kernel-signal", signal(31, "SIGSYS", 2), seccomp=ABSENT),
        note="SYS_USER_DISPATCH: not seccomp, though it is the same signal",
    ),
    "user-dispatch-selector": Case(
        kernel("kernel-signal", {"number": 31, "name": "SIGSYS"}, seccomp=ABSENT),
        note="no seccomp is in use; until 5.15 the thread ends without a signal",
    ),
    # Exits
    "other-thread": Case(NULL),
    "leader-left": Case(NULL),
    "leader-left-killed": Case(SIGKILLED),
    "fifty-threads": Case(NULL),
    "exec-from-thread": Case(survives=True, note="the old leader's exit is not a death"),
    "exec-then-null": Case(NULL),
    "exec-failed": Case(kernel("exec-failed", SEGV_KERNEL, fault=NO_TRAP)),
    "vfork-child": Case(NULL),
    # Families
    "pdeathsig": Case(kernel("parent-death-signal", signal(9, "SIGKILL"), oom=ABSENT)),
    "pdeathsig-term": Case(
        {"cause": "parent-death-signal", "class": "kernel", "signal": signal(15, "SIGTERM")},
        note="the design does not say if SIGTERM is routine here",
    ),
    "ptrace-exitkill": Case(kernel("ptrace-exitkill", signal(9, "SIGKILL"), oom=ABSENT)),
    "ptrace-kill": Case(
        userspace("sigkill", signal(9, "SIGKILL")),
        [kernel("kernel-signal", signal(9, "SIGKILL"))],
        note="PTRACE_KILL is a decision of the tracer",
    ),
    "ptrace-inject": Case(
        injected(12),
        note="the tracer resumed it with SIGUSR2: no signal is generated, only the exit shows it",
    ),
    "ptrace-inject-segv": Case(injected(11), note="no fault, and not the kernel's signal"),
    "ptrace-inject-sys": Case(injected(31), note="no system call, and not seccomp"),
    "pidns-exit": Case(PIDNS),
    "pidns-killed": Case(PIDNS, roles={"victim-init": SIGKILLED}),
    "cgroup-kill": Case(userspace("cgroup-kill", signal(9, "SIGKILL"), oom=ABSENT)),
    # What happened before the end
    "stop-timeout": Case(SIGKILLED, note="SIGTERM was handled, and the process did not end"),
    "stop-ignored": Case(SIGKILLED, note="SIGTERM was ignored; earlier, it was not in the event"),
    "stop-init": Case(
        SIGKILLED, note="SIGTERM is ignored for the first process of a pid namespace"
    ),
    "term-again": Case(
        routine(userspace("signal", signal(15, "SIGTERM"))),
        note="its handler raised it again: the first sender counts",
    ),
    "abrt-again": Case(userspace("signal", signal(6, "SIGABRT"), fault=ABSENT)),
    "segv-again": Case(userspace("signal", signal(11, "SIGSEGV"), fault=ABSENT)),
    "abrt-exits": Case(
        userspace("signal-exit", signal(6, "SIGABRT"), exit={"status": 2}, fault=ABSENT),
        note="as a Go program under a watchdog",
    ),
    "term-exits": Case(
        routine(userspace("signal-exit", signal(15, "SIGTERM"), exit={"status": 2}, fault=ABSENT)),
        note="an orderly end, even if it was slow",
    ),
    "wrapper": Case(
        routine(
            userspace(
                "signal",
                signal(11, "SIGSEGV", -6, "SI_TKILL"),
                copy_of={"cause": "segfault", "comm": "kz-wrapped"},
                fault=ABSENT,
            )
        ),
        roles={"victim-child": NULL},
        note="as timeout(1) and strace(1) do: no second crash",
    ),
    "wrapper-of-wrapper": Case(
        routine(
            userspace(
                "signal",
                signal(11, "SIGSEGV", -6, "SI_TKILL"),
                copy_of={"cause": "segfault", "comm": "kz-wrapped"},
                fault=ABSENT,
            )
        ),
        roles={"victim-child": NULL},
        note="both pass on the same death",
    ),
    "supervisor-aborts": Case(
        userspace("abort", ABRT, copy_of=ABSENT, fault=ABSENT),
        roles={"victim-child": userspace("abort", ABRT, copy_of=ABSENT)},
        note="another program, but a failure of its own",
    ),
    "server-and-worker": Case(
        userspace("abort", ABRT, copy_of=ABSENT), note="the same program, which gives up by itself"
    ),
    "xfsz-again": Case(kernel("rlimit-fsize", signal(25, "SIGXFSZ"))),
    "pipe-again": Case(
        routine(kernel("kernel-signal", {**signal(13, "SIGPIPE"), "wrote_to": "pipe"}))
    ),
    "slow-report": Case(
        {
            "cause": "runtime-crash",
            "class": "runtime",
            "exit": {"status": 2},
            "fault": {"kind": "null-dereference", "handled": True},
        },
        note="its handler took longer than any window, and had not returned",
    ),
    "slow-report-open": Case(
        userspace("abort", ABRT, fault={"kind": "null-dereference", "handled": True}),
        note="its handler blocks nothing, and runs on an alternate stack",
    ),
    "init-aborts": Case(
        userspace("abort", signal(11, "SIGSEGV"), fault=ABSENT),
        note="SIGABRT is ignored for the first process of a pid namespace",
    ),
    "init-faults-aborts": Case(
        userspace(
            "abort", signal(11, "SIGSEGV"), fault={"kind": "null-dereference", "handled": True}
        ),
        note="the fault that its handler aborted for is the root",
    ),
    "pdeathsig-thread": Case(kernel("parent-death-signal", signal(9, "SIGKILL"), oom=ABSENT)),
    "trap-crashes": Case(
        merge(SECCOMP, {"exit": {"signal": 11}}),
        note="it crashed in its handler of the trapped call",
    ),
    "trap-exits": Case(merge(SECCOMP, {"exit": {"status": 3}})),
    "trap-crashes-open": Case(
        merge(SECCOMP, {"exit": {"signal": 11}}), note="the same, with SA_NODEFER"
    ),
    "trap-exits-open": Case(merge(SECCOMP, {"exit": {"status": 3}})),
    "trap-emulated": Case(
        page_fault("null-dereference", MAPERR), note="the handler of the trapped call had returned"
    ),
    "large-frame": Case(page_fault("stack-overflow", MAPERR)),
    "large-frame-thread": Case(
        page_fault("stack-overflow", MAPERR), [page_fault("stack-overflow", ACCERR)]
    ),
    # Memory
    "oom": Case(OOM),
    "oom-nested": Case(OOM),
    "oom-child": Case(OOM),
    "oom-pidns": Case(OOM),
    "oom-by-other": Case(OOM),
    "oom-tmpfs": Case(OOM, note="a file in memory fills the limit"),
    "oom-neighbour": Case(OOM, note="another process fills the limit"),
    "oom-lowered": Case(merge(OOM, {"oom": {"limit_lowered": True}})),
    "oom-several": Case(OOM, crowded=True),
    "oom-shared": Case(
        OOM,
        figures_optional=("victim-sharer", "victim-eater"),
        note="both share one memory; the kernel marks only one of the two, and which is its choice",
    ),
    "oom-group": Case(
        merge(OOM, {"oom": {"group_kill": True}}),
        roles={"victim-eater": merge(OOM, {"oom": {"group_kill": True, "chosen_pid": ABSENT}})},
        note="its mates name the one that was chosen: the testimony says which",
    ),
}
