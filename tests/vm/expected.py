# SPDX-License-Identifier: BSD-2-Clause
"""Differences in guests from the expectations of tests/kernel: victims that only a guest can have,
missing features of an emulated processor and of old kernels, and evidence that they lack.
"""

from cases import ABSENT, CASES, Case, kernel, merge, signal

SIGKILL = signal(9, "SIGKILL")
OF_A_NODE = {
    cause: kernel(
        cause,
        SIGKILL,
        fault=ABSENT,
        sender=ABSENT,
        oom={"cgroup": ABSENT, "limit_bytes": ABSENT, "scope_source": "oom_control"},
    )
    for cause in ("oom-cpuset", "oom-mempolicy")
}
POISONED = kernel("memory-failure", signal(7, "SIGBUS", 4, "BUS_MCEERR_AR"), sender=ABSENT)
GUEST_CASES = {
    **CASES,
    "oom-global": Case(
        kernel(
            "oom-global",
            SIGKILL,
            fault=ABSENT,
            sender=ABSENT,
            oom={"cgroup": ABSENT, "limit_bytes": ABSENT, "group_kill": False},
        )
    ),
    "oom-sysrq": Case(kernel("oom-sysrq", SIGKILL, fault=ABSENT, sender=ABSENT)),
    "oom-cpuset": Case(OF_A_NODE["oom-cpuset"]),
    "oom-mempolicy": Case(OF_A_NODE["oom-mempolicy"]),
    "memory-failure": Case(POISONED),
    "memory-failure-shared": Case(
        POISONED,
        roles={
            "victim-sharer": kernel(
                "memory-failure", signal(7, "SIGBUS", 5, "BUS_MCEERR_AO"), sender=ABSENT
            )
        },
        note="the one asked to be told at once, and did not touch the page",
    ),
}


def oops(signal_told, trap, **more):
    """A death by a kernel that failed. It is not reported as a kill: it has no sender, and no
    memory ran out.
    """
    return kernel(
        "oops",
        {**signal_told, "code": ABSENT},
        fault={"trap_number": trap, "handled": False, **more},
        **{key: ABSENT for key in ("sender", "oom", "seccomp", "stuck")},
    )


SIGSEGV = signal(11, "SIGSEGV")
OOPS_NULL = oops(SIGKILL, 14, address="0x18", source="tracepoint", error_code=2)
OOPS_GP = oops(SIGSEGV, 13, address=ABSENT, source="kernel_stack")
OOPS_BUG = oops(SIGSEGV, 6, address=ABSENT, source="kernel_stack")
ONE_THREAD = {"exit": {"thread_only": True}}
BREAK_CASES = {
    "oops-null": Case(OOPS_NULL),
    "oops-gp": Case(OOPS_GP),
    "oops-bug": Case(OOPS_BUG),
    "oops-null-thread": Case(merge(OOPS_NULL, ONE_THREAD)),
    "oops-gp-thread": Case(merge(OOPS_GP, ONE_THREAD)),
    "oops-bug-thread": Case(merge(OOPS_BUG, ONE_THREAD)),
    "stuck": Case(CASES["kill-9"].expect),
    "stuck-oom": Case(CASES["oom"].expect),
}

# Victims that their memory control group kills.
MEMCG_VICTIMS = [name for name, known in CASES.items() if known.expect.get("cause") == "oom-memcg"]

# Victims that die another death in an emulated x86-64 processor, in every guest.
NOT_EMULATED = {
    "icebp": "QEMU raises an invalid opcode instead of a debug exception",
    "float-sse": "QEMU does not raise SIMD floating point exceptions",
    "alignment": "QEMU does not check alignment in user mode",
    "lacks-xop": "QEMU executes the instruction as a pop",
    "stack-segment": "QEMU raises a general protection fault instead of a stack fault",
}

NO_FUSE = "until 7.3 Debian's kernels have FUSE as a module, which the guests do not load"
FUSE_VICTIMS = {"fuse-error": NO_FUSE, "fuse-gone": NO_FUSE}

NO_POISON = "Debian's kernels have memory failure handling from 6.12 on"
# Causes that no guest can have.
NO_VICTIM = {
    "control-protection": "QEMU's processor has no shadow stacks",
}

# An exit in a handler that blocks nothing is recognized by the handler's frame in the process's
# memory.
NO_MEMORY = "until 6.14 the memory of a process is gone when its exit is seen"
MEMORY_AT_EXIT = ("6.18", "newest")

# Victims that a kernel of the matrix cannot have.
NOT_THERE = {
    ("5.10", "user-dispatch"): "syscall user dispatch is of 5.11",
    ("5.10", "user-dispatch-selector"): "syscall user dispatch is of 5.11",
    ("5.10", "cgroup-kill"): "cgroup.kill is of 5.14",
    ("5.10", "memory-failure"): NO_POISON,
    ("5.10", "memory-failure-shared"): NO_POISON,
    ("6.1", "memory-failure"): NO_POISON,
    ("6.1", "memory-failure-shared"): NO_POISON,
    ("arm64", "user-dispatch"): "syscall user dispatch is not of arm64's kernels",
    ("arm64", "user-dispatch-selector"): "syscall user dispatch is not of arm64's kernels",
    ("arm64", "protection-key"): "QEMU's arm64 processors have no permission overlays",
}
# Kernels with memory control groups of version 1. Debian builds the later ones without.
WITH_V1_MEMORY = ("5.10", "6.1")

# Until 5.15 a crash ends every process that shares the memory, with the crash's own status and
# without a signal (fs/coredump.c:zap_threads()). At their exit nothing shows the crashed process:
# the dump is finished, and the exiting task's mm is gone. So the parent of vfork-child is reported
# with its signal, and as incomplete.
TAKEN_ALONG = ("5.10",)
TAKEN_ALONG_CASE = Case(
    {
        "cause": "signal",
        "evidence": {"incomplete": ["dossier"]},
        "routine": False,
        "sender": ABSENT,
        "fault": ABSENT,
    }
)

# Until the backports of 5.15 seccomp ends a process without a signal, so its number is missing.
NO_SIGNAL = {"signal": {"code": ABSENT, "code_name": ABSENT}}
SECCOMP_UNSIGNALLED = {"cause": "seccomp", "class": "kernel", "exit": {"signal": 31}, **NO_SIGNAL}
DIFFERENT = {
    ("5.10", "seccomp-process"): Case(SECCOMP_UNSIGNALLED),
    ("5.10", "seccomp-last-thread"): Case(SECCOMP_UNSIGNALLED),
}


def base(kernel_name):
    """5.10 and 5.10-old have mostly the same expectations."""
    return kernel_name.partition("-")[0]


def impossible(kernel_name, layout, victim):
    """The reason why a guest cannot have the victim, or None."""
    reason = NOT_THERE.get((base(kernel_name), victim))
    if base(kernel_name) != "newest":
        reason = reason or FUSE_VICTIMS.get(victim)
    if base(kernel_name) not in MEMORY_AT_EXIT and victim == "trap-exits-open":
        reason = NO_MEMORY
    if base(kernel_name) != "arm64":
        reason = reason or NOT_EMULATED.get(victim)
    v1_memory = layout != "v2" and base(kernel_name) in WITH_V1_MEMORY
    if reason:
        return reason
    if layout == "v1" and victim == "cgroup-kill":
        return "there is no cgroup v2 in this layout"
    if victim in ("oom-group", "oom-lowered") and (layout == "v1" or v1_memory):
        return "memory is not on cgroup v2 in this layout"
    if victim in MEMCG_VICTIMS and layout == "v1" and not v1_memory:
        return "this kernel has no memory control groups of version 1"
    return None


def case(kernel_name, victim):
    """The expectation for a victim there."""
    return DIFFERENT.get((base(kernel_name), victim), GUEST_CASES[victim])


def may_be_told(mode, cause):
    """Causes that are also right with less evidence. Only the control block shows that it was a
    cpuset or a memory policy. If it, the mark and the stack are missing, nothing shows whose memory
    ran out, except that a limit was hit. Some causes differ only in the names of kernel functions.
    """
    if mode == "no-oom-control" and cause in OF_A_NODE:
        return ("oom-global",)
    if mode != "no-extras":
        return ()
    return {
        **{of_a_node: ("kernel-signal",) for of_a_node in OF_A_NODE},
        "oom-memcg": ("kernel-signal",),
        "oom-sysrq": ("kernel-signal",),
        "oom-global": ("kernel-signal",),
        "seccomp": ("kernel-signal",),
        "sigframe-failed": ("kernel-signal",),
    }.get(cause, ())
