# SPDX-License-Identifier: BSD-2-Clause
"""The units that die in the guest with systemd. Used on both sides: the guest starts them, the
tests know what each of them is.

Every service with a name that begins with `scenario-` also runs `last-word` when it stops, by a
drop-in: its unit file only has what is to be tested.
"""

# All of these die by themselves within seconds.
SERVICES = {
    # Word for word as in the report of this case.
    "scenario-oom.service": """
        [Service]
        MemoryMax=32M
        ExecStart=/bin/bash -c 'echo "Eating memory..."; tail /dev/zero'
        Restart=no
        """,
    "scenario-cgo-null.service": """
        [Service]
        ExecStart=/usr/bin/go-cgo-null
        Restart=no
        """,
    "scenario-cgo-ud2.service": """
        [Service]
        ExecStart=/usr/bin/go-cgo-ud2
        Restart=no
        """,
    "scenario-ctypes.service": """
        [Service]
        ExecStart=/usr/bin/python3 /usr/bin/ctypes_null.py
        Restart=no
        """,
    "scenario-ud2-page.service": """
        [Service]
        ExecStart=/usr/bin/python3 /usr/bin/ud2_page.py
        Restart=no
        """,
    # The address is not canonical.
    "scenario-protection.service": """
        [Service]
        ExecStart=/usr/bin/python3 -c 'import ctypes; ctypes.string_at(0xdead000000000000)'
        Restart=no
        """,
    # A driver that breaks during the system call (tests/vm/module).
    "scenario-oops.service": """
        [Service]
        ExecStart=/bin/sh -c 'printf null >/proc/kt-break'
        Restart=no
        """,
    "scenario-template@.service": """
        [Service]
        ExecStart=/usr/bin/go-cgo-null %i
        """,
    "scenario-slice.service": """
        [Service]
        Slice=scenario-demo.slice
        ExecStart=/bin/sh -c 'kill -ABRT $$$$'
        """,
    "scenario-dynamic.service": """
        [Service]
        DynamicUser=yes
        ReadWritePaths=/out/testimony
        ExecStart=/bin/sh -c 'kill -ABRT $$$$'
        """,
    # Its cgroup gets an underscore as prefix, since a file of the kernel could have its name.
    "memory.service": """
        [Service]
        ExecStart=/bin/sh -c 'kill -ABRT $$$$'
        ExecStopPost=/usr/bin/last-word %n
        """,
    # Cgroups that a unit makes below its own belong to it, whatever their names.
    "scenario-delegated.service": """
        [Service]
        Delegate=yes
        ExecStart=/usr/bin/in-subgroup system.slice/inner.service sh -c 'kill -ABRT $$$$'
        """,
    "scenario-syscall.service": """
        [Service]
        SystemCallFilter=~sethostname
        ExecStart=/bin/busybox hostname other
        """,
    # Services that the service manager kills.
    "scenario-watchdog.service": """
        [Service]
        WatchdogSec=1
        ExecStart=/bin/sleep 1000
        """,
    "scenario-runtime-max.service": """
        [Service]
        RuntimeMaxSec=1
        KillSignal=SIGKILL
        ExecStart=/bin/sleep 1000
        """,
    # Its stop timeout applies to last-word as well.
    "scenario-stop-timeout.service": """
        [Service]
        Type=notify
        NotifyAccess=all
        RuntimeMaxSec=1
        TimeoutStopSec=10
        ExecStart=/bin/sh -c 'trap "" TERM; systemd-notify --ready; exec sleep 1000'
        """,
    # Has the same name as systemd-oomd.
    "scenario-impostor.service": """
        [Service]
        ExecStart=/usr/bin/python3 /usr/bin/impostor.py
        """,
}

# Killed by the real systemd-oomd for lack of memory.
OOMD_SERVICE = "scenario-oomd.service"
SERVICES[
    OOMD_SERVICE
] = """
    [Service]
    MemoryHigh=16M
    ManagedOOMMemoryPressure=kill
    ManagedOOMMemoryPressureLimit=1%
    ExecStart=/usr/bin/python3 /usr/bin/thrash.py
    """

# The whole unit dies with one of its processes: memory.oom.group. It has no testimony, since
# systemd also kills last-word when it learns of the OOM kill while that runs.
GROUP = "group.service"
SERVICES[
    GROUP
] = """
    [Service]
    MemoryMax=32M
    OOMPolicy=kill
    ExecStart=/bin/bash -c 'tail /dev/zero; true'
    """

# Uses up the memory of the whole machine, after the others are dead.
GLOBAL = "scenario-global.service"
SERVICES[
    GLOBAL
] = """
    [Service]
    Slice=hog.slice
    OOMScoreAdjust=1000
    ExecStart=/usr/bin/tail /dev/zero
    """

USER_SERVICES = {
    "scenario-user.service": """
        [Service]
        ExecStart=/bin/sh -c 'kill -ABRT $$$$'
        """,
    "scenario-user-max.service": """
        [Service]
        RuntimeMaxSec=1
        KillSignal=SIGKILL
        ExecStart=/bin/sleep 1000
        """,
    # Another impostor, in a unit with the same name, too.
    "systemd-oomd.service": """
        [Service]
        ExecStart=/usr/bin/python3 /usr/bin/impostor.py
        ExecStopPost=/usr/bin/last-word %n
        """,
}

# The instance is a path, escaped as systemd-escape does: /mnt/a-b.
ESCAPED = "scenario-template@mnt-a\\x2db.service"
INSTANCES = ["scenario-template@bar.service", ESCAPED]
TRANSIENT = "scenario-transient.service"
SCOPE = "scenario-scope.scope"
USER_SCOPE = "scenario-user-scope.scope"
MACHINE = "scenario-box"
USER = "kt"
USER_MANAGER = "user@1000.service"
# They kill some of the others.
KILLERS = ["systemd-oomd.service", USER_MANAGER]

# Units with a receiver that reads their journal and nothing else.
ASKED_FOR = [
    "scenario-oom.service",
    "scenario-cgo-null.service",
    "scenario-cgo-ud2.service",
    "scenario-ctypes.service",
    "scenario-ud2-page.service",
    "scenario-protection.service",
    "scenario-oops.service",
    GLOBAL,
]
# Scopes with processes that die while journald restarts, or while it is stopped.
RESTARTS = [f"scenario-restart-{i}.scope" for i in range(6)]
SILENCE = [f"scenario-silence-{i}.scope" for i in range(3)]
# Scopes with processes that die while no agent runs.
ABSENCE = [f"scenario-absence-{i}.scope" for i in range(3)]
AGENT = "killtrace.service"
# A real container, a victim after a reload, and enough deaths that journald drops others' entries.
CONTAINER, IMAGE = "kt-shop", "localhost/kt-world:1"
# Containers that units run: from "podman generate systemd", and from Quadlet with and without a
# cgroup of the unit's own. Without Quadlet its units are skipped.
GENERATED, QUADLET, QUADLET_APART = "kt-generated", "kt-quadlet", "kt-quadlet-apart"
QUADLETS = "/etc/containers/systemd"
QUADLET_TEXT = """
[Container]
ContainerName={name}
Image={image}
Exec=/bin/sleep 1000
Network=none
Pull=never
PodmanArgs=--pids-limit=0
{more}
"""
RELOAD = "scenario-reload.scope"
BURST, BURST_SCOPE, LIMITED = 150, "scenario-burst.scope", "scenario-limited.service"

# What `killtrace why` is asked about, and what its answer says. Settings are as they are when it is
# asked.
ANSWERS = {
    "scenario-oom.service": "because the unit scenario-oom.service reached its own memory limit of"
    " 32 MiB.",
    # with function and line, if they are found in time
    "scenario-cgo-null.service": "it wrote through a null pointer (0x8) in ",
    "scenario-ctypes.service": "crashed at .*: it read through a null pointer in ",
    "scenario-protection.service": "the CPU refused an instruction (general protection)",
    "scenario-ud2-page.service": "it ran a trap that was compiled in",
    "scenario-oops.service": "because the kernel itself failed (oops) while it worked for it",
    GLOBAL: "because the whole node ran out of memory, and the kernel chose it.",
    "scenario-watchdog.service": "because its watchdog expired (inferred): its own parent systemd",
    "scenario-stop-timeout.service": "TimeoutStopSec= (10s now) ran out",
}
# A slow guest needs more than one try to read them.
SETTINGS = {
    "scenario-watchdog.service": "WatchdogSec= (1s now)",
    "scenario-stop-timeout.service": "TimeoutStopSec= (10s now)",
}

# Units of the system manager that are started and end by themselves.
STARTED = [name for name in SERVICES if "@." not in name and name != GLOBAL] + INSTANCES
