# SPDX-License-Identifier: BSD-2-Clause
"""What the kernel itself says about BPF programs and maps.

Statistics are switched on by a file descriptor (BPF_ENABLE_STATS), not by the sysctl: however this
benchmark ends, they are off again.
"""

import ctypes
import os
import platform
import struct
from pathlib import Path

SYS_BPF = {"x86_64": 321, "aarch64": 280}
BPF_PROG_LOAD = 5
BPF_MAP_GET_FD_BY_ID = 14
BPF_OBJ_GET_INFO_BY_FD = 15
BPF_RAW_TRACEPOINT_OPEN = 17
BPF_ENABLE_STATS = 32
BPF_PROG_TYPE_RAW_TRACEPOINT = 17
# The tracepoints that run often; mark_victim is not one of them.
HOOKS = ("signal_generate", "sched_process_exit", "page_fault_user", "page_fault_kernel")
# r0 = 0; exit
RETURN_ZERO = bytes.fromhex("b700000000000000" "9500000000000000")

libc = ctypes.CDLL(None, use_errno=True)


def call(command, attributes):
    """The system call; attributes is the packed union bpf_attr."""
    number = SYS_BPF[platform.machine()]
    result = libc.syscall(number, command, ctypes.c_char_p(attributes), len(attributes))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"bpf command {command}: {os.strerror(error)}")
    return result


def bpf(command, attributes):
    """A call that makes a file descriptor; returns it."""
    fd = call(command, attributes)
    os.set_inheritable(fd, False)
    return fd


def map_name(map_id):
    """The kernel's name for a map, cut at 15 bytes (struct bpf_map_info, linux/bpf.h)."""
    info = ctypes.create_string_buffer(88)
    fd = bpf(BPF_MAP_GET_FD_BY_ID, struct.pack("=III", map_id, 0, 0))
    try:
        call(BPF_OBJ_GET_INFO_BY_FD, struct.pack("=IIQ", fd, len(info), ctypes.addressof(info)))
    finally:
        os.close(fd)
    return info.raw[24:40].split(b"\0")[0].decode("ascii", "replace")


class Statistics:
    """A context in which the kernel counts and times all runs of all BPF programs."""

    def __enter__(self):
        self.fd = bpf(BPF_ENABLE_STATS, struct.pack("=I", 0))
        return self

    def __exit__(self, *_):
        os.close(self.fd)


class EmptyPrograms:
    """An empty program on each tracepoint: its time is the cost of measuring."""

    def __init__(self, tracepoints):
        self.tracepoints = tracepoints
        self.programs = {}
        self.links = []

    def __enter__(self):
        instructions = ctypes.create_string_buffer(RETURN_ZERO)
        licence = ctypes.create_string_buffer(b"Dual BSD/GPL")
        for tracepoint in self.tracepoints:
            load = struct.pack(
                "=IIQQIIQII16s",
                BPF_PROG_TYPE_RAW_TRACEPOINT,
                len(RETURN_ZERO) // 8,
                ctypes.addressof(instructions),
                ctypes.addressof(licence),
                *(0, 0, 0, 0, 0),
                b"bench_empty",
            )
            self.programs[tracepoint] = bpf(BPF_PROG_LOAD, load)
            name = ctypes.create_string_buffer(tracepoint.encode())
            attributes = struct.pack("=QII", ctypes.addressof(name), self.programs[tracepoint], 0)
            self.links.append(bpf(BPF_RAW_TRACEPOINT_OPEN, attributes))
        return self

    def __exit__(self, *_):
        for fd in (*self.links, *self.programs.values()):
            os.close(fd)

    def runs(self):
        """(nanoseconds, count) so far of the program on each tracepoint."""
        return {name: runs_in(fdinfo("self", fd)) for name, fd in self.programs.items()}


def fdinfo(pid, fd):
    """The kernel's data about a file descriptor, as a dictionary."""
    lines = Path(f"/proc/{pid}/fdinfo/{fd}").read_text(encoding="ascii").splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def runs_in(info):
    """(nanoseconds, count) of a program."""
    return int(info["run_time_ns"]), int(info["run_cnt"])


class Bpf:
    """The BPF programs and maps that a process holds."""

    def __init__(self, pid):
        self.pid = pid
        infos = {int(fd): fdinfo(pid, fd) for fd in os.listdir(f"/proc/{pid}/fdinfo")}
        by_id = {info["prog_id"]: fd for fd, info in infos.items() if "prog_type" in info}
        # A link knows the tracepoint's name and the program's id.
        self.programs = {
            info["tp_name"]: by_id[info["prog_id"]]
            for info in infos.values()
            if "tp_name" in info and info["prog_id"] in by_id
        }
        maps = {info["map_id"]: info for info in infos.values() if "map_id" in info}
        programs = {info["prog_id"]: info for info in infos.values() if "prog_type" in info}
        # By name: (bytes, entries, bytes of each).
        self.maps = {
            map_name(int(map_id)): tuple(
                int(info[key]) for key in ("memlock", "max_entries", "value_size")
            )
            for map_id, info in maps.items()
        }
        self.map_bytes = sum(int(info["memlock"]) for info in maps.values())
        self.largest_map_bytes = max((int(info["memlock"]) for info in maps.values()), default=0)
        self.program_bytes = sum(int(info["memlock"]) for info in programs.values())

    def runs(self):
        """(nanoseconds, count) so far of the program on each tracepoint."""
        return {name: runs_in(fdinfo(self.pid, fd)) for name, fd in self.programs.items()}
