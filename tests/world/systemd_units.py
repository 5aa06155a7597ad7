# SPDX-License-Identifier: BSD-2-Clause
"""The units that die in the guest with systemd. Read on both sides: the guest starts them, the
tests know what each of them is.

Every service whose name begins with `scenario-` also runs `last-word`, by a drop-in, when it stops:
so a unit file says only what is to be tried.
"""

# Left by themselves, all of these die within some seconds.
SERVICES = {
    # As its report gave it, word for word.
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
    # A driver that breaks in the system call (tests/vm/module).
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
    # Its cgroup has an underscore in front: the kernel's own files could be called so.
    "memory.service": """
        [Service]
        ExecStart=/bin/sh -c 'kill -ABRT $$$$'
        ExecStopPost=/usr/bin/last-word %n
        """,
    # What a unit makes below its own cgroup is its own, whatever it calls it.
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
    # Those that the service manager kills.
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
    # The time to stop is its last word's as well.
    "scenario-stop-timeout.service": """
        [Service]
        Type=notify
        NotifyAccess=all
        RuntimeMaxSec=1
        TimeoutStopSec=10
        ExecStart=/bin/sh -c 'trap "" TERM; systemd-notify --ready; exec sleep 1000'
        """,
    # Calls itself as systemd-oomd does.
    "scenario-impostor.service": """
        [Service]
        ExecStart=/usr/bin/python3 /usr/bin/impostor.py
        """,
}

# Killed for want of memory by the real one.
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

# The whole unit goes when one of its processes does: memory.oom.group. It has no last word, since
# systemd kills that too when it learns of the OOM while it runs.
GROUP = "group.service"
SERVICES[
    GROUP
] = """
    [Service]
    MemoryMax=32M
    OOMPolicy=kill
    ExecStart=/bin/bash -c 'tail /dev/zero; true'
    """

# Takes what the whole machine has, when the others are dead.
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
    # Another one, whose unit is called so, too.
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
# What kills some of the others.
KILLERS = ["systemd-oomd.service", USER_MANAGER]

# What an operator asks for, whose receiver reads these units' journal and nothing else.
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
# Scopes whose processes die while journald restarts, and those that die while nobody listens there.
RESTARTS = [f"scenario-restart-{i}.scope" for i in range(6)]
SILENCE = [f"scenario-silence-{i}.scope" for i in range(3)]
# Those that die while no agent runs.
ABSENCE = [f"scenario-absence-{i}.scope" for i in range(3)]
AGENT = "killtrace.service"
# A real container, who died after a reload, and so many deaths that journald drops others' entries.
CONTAINER, IMAGE = "kt-shop", "localhost/kt-world:1"
# Containers that units run: by a unit as "podman generate systemd" writes it, and by Quadlet's with
# and without a cgroup of the unit's own. Who has no Quadlet has no units of it.
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

# Units of the system manager that are started, and end, by themselves.
STARTED = [name for name in SERVICES if "@." not in name and name != GLOBAL] + INSTANCES
