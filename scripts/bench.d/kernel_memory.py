# SPDX-License-Identifier: BSD-2-Clause
"""Memory that the kernel holds for the maps, the ring buffer included, and for the programs."""

from kernel import Bpf
from killtrace import Killtrace
from report import Section

MIB = 1 << 20
RING = "events"
# Smaller maps share one row.
LEAST_BYTES = MIB // 8


def rows_of(maps):
    """A row per map, the largest first; then one for the small ones."""
    small = [bytes_ for bytes_, *_ in maps.values() if bytes_ < LEAST_BYTES]
    for name, (bytes_, entries, size) in sorted(maps.items(), key=lambda item: -item[1][0]):
        if bytes_ >= LEAST_BYTES:
            what = "ring buffer" if name == RING else f"{entries:,} × {size:,} bytes"
            yield [name, f"{bytes_ / MIB:.2f}", what]
    yield [f"{len(small)} small ones", f"{sum(small) / MIB:.2f}", "-"]


def measure(binaries):
    """The section of the report: all rows of the first binary, and the sums of the others."""
    section = Section("Kernel memory of maps and programs, MiB", ["map", "MiB", "entries"])
    for name, binary in binaries.items():
        with Killtrace(binary) as killtrace:
            bpf = Bpf(killtrace.pid)
        if not section.rows:
            section.rows = [
                *rows_of(bpf.maps),
                ["all maps", f"{bpf.map_bytes / MIB:.2f}", f"{len(bpf.maps)} maps"],
                ["programs", f"{bpf.program_bytes / MIB:.2f}", "-"],
            ]
        ring = bpf.maps[RING][0]
        section.notes.append(
            f"{name}: maps {bpf.map_bytes / MIB:.2f} MiB, of which the ring buffer {ring / MIB:.2f} MiB; "
            f"programs {bpf.program_bytes / MIB:.2f} MiB"
        )
        section.data[name] = {
            "maps": bpf.maps,
            "map_bytes": bpf.map_bytes,
            "program_bytes": bpf.program_bytes,
        }
    section.notes.append(
        "by `memlock` of /proc/PID/fdinfo, which the kernel counts from 6.4 on and computes from the sizes before"
    )
    return section
