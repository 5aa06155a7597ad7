# SPDX-License-Identifier: BSD-2-Clause
"""Expectations for victims on arm64: the same as elsewhere, except for the processor's own numbers,
and for victims that only one architecture has.
"""

import expected
from cases import ABSENT, NO_TRAP, Case, kernel, merge, page_fault, signal, userspace

ABORTS = {"exec": 0x20, "read": 0x24, "write": 0x24}
X86_PAGE_FAULT = 14

# The tracepoints of page faults exist on x86-64 only.
MISSING_HOOKS = ("page_fault_user", "page_fault_kernel")


def syndrome(fault):
    """Exception class, write bit and status of an event's fault (ESR_EL1, from the Arm architecture
    manual).
    """
    return fault["error_code"] >> 26, bool(fault["error_code"] & 0x40), fault["error_code"] & 0x3F


def told_as(expect):
    """A part of an event without the numbers of x86-64."""
    fault = expect.get("fault")
    if isinstance(fault, dict) and fault.get("trap_number") == X86_PAGE_FAULT:
        rest = {key: fault[key] for key in fault if key not in ("trap_number", "error_code")}
        expect = {**expect, "fault": {**rest, "arch": "aarch64", "trap": "page-fault"}}
    if isinstance(expect.get("seccomp"), dict):
        expect = merge(expect, {"seccomp": {"arch": "aarch64"}})
    return expect


def translate(case):
    """The arm64 case for a case of x86-64."""
    return Case(
        told_as(case.expect),
        [told_as(answer) for answer in case.alternatives],
        {role: told_as(answer) for role, answer in case.roles.items()},
        case.survives,
        case.figures_optional,
        case.crowded,
        case.self_sent,
        case.note,
    )


def trap(cause, name, number, told, **more):
    """A death by a CPU exception."""
    return kernel(
        cause,
        told,
        fault={
            **{"arch": "aarch64", "trap": name, "trap_number": number},
            **{"source": "thread", "handled": False},
            **more,
        },
    )


ILLOPC = signal(4, "SIGILL", 1, "ILL_ILLOPC")
ADRALN = signal(7, "SIGBUS", 1, "BUS_ADRALN")


def undefined(instruction):
    """An instruction that does not exist, or not at this privilege level."""
    return merge(
        trap("illegal-instruction", "undefined-instruction", 0, ILLOPC),
        {"fault": {"instruction": instruction}},
    )


# tests/kernel/zoo/traps_arm64.c
OWN = {
    "undefined": Case(undefined("udf")),
    "privileged": Case(undefined("other")),
    "brk": Case(
        kernel(
            "breakpoint",
            signal(5, "SIGTRAP", 1, "TRAP_BRKPT"),
            fault={**NO_TRAP, "instruction": "brk"},
        )
    ),
    "alignment": Case(trap("alignment-check", "alignment-fault", 0x24, ADRALN)),
    "pc-alignment": Case(trap("alignment-check", "pc-alignment", 0x22, ADRALN)),
    "tagged": Case(
        told_as(page_fault("unmapped", signal(11, "SIGSEGV", 1, "SEGV_MAPERR"))),
        note="without its tag, which is no part of the address",
    ),
}
# tests/kernel/zoo/traps_x86.c
X86_TRAPS = [
    *("noncanonical", "noncanonical-raised", "ud2", "int3", "icebp", "single-step", "divide"),
    *("lgdt", "xgetbv", "vsyscall-write", "vsyscall-call"),
    *("ud1", "ud2-at-page-end", "lacks-legacy", "lacks-vex", "lacks-evex", "lacks-xop"),
    *("float-sse", "float-x87", "stack-segment", "overflow-trap"),
]
DIFFERENT = {
    "bad-sigreturn": Case(
        kernel("sigframe-failed", {"number": 11, "name": "SIGSEGV"}, fault=NO_TRAP),
        note="forced with the code of a bad address, but without a syndrome",
    ),
    # If SIGABRT has no effect, the C library executes a breakpoint here.
    "init-aborts": Case(userspace("abort", signal(5, "SIGTRAP"), fault=ABSENT)),
    "init-faults-aborts": Case(
        userspace(
            "abort", signal(5, "SIGTRAP"), fault={"kind": "null-dereference", "handled": True}
        )
    ),
}
CASES = {
    **{
        name: translate(case)
        for name, case in expected.GUEST_CASES.items()
        if name not in [*X86_TRAPS, "oom-global"] and not expected.impossible("arm64", "v2", name)
    },
    **DIFFERENT,
    **OWN,
}
