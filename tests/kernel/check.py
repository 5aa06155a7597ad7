# SPDX-License-Identifier: BSD-2-Clause
"""Compares what killtrace reports with what the victims testified and what their parents saw in the
wait status.

Pure functions over parsed JSON: no process is started here. Every function returns a list of
mismatches as text. The list is empty if everything matches.
"""

from cases import ABSENT

PAGE = 4096
# Only a few frames lie between the testimony and the fault.
SP_SLACK = 32 * 1024
# Resident set counters are kept per CPU and folded in batches.
RSS_SLACK = 768 * 1024
# The kernel ran into the limit, but the last page did not fit, and reclaim may have freed some
# pages in between.
USAGE_SLACK = 2 * 1024 * 1024
# The unit in which killtrace reports each resource limit.
LIMIT_UNITS = {"cpu": "seconds", "rttime": "microseconds", "fsize": "bytes"}


def number(text):
    """An address of the JSON as an integer."""
    return int(text, 16)


def is_loss(line):
    """True for a line that reports losses, not a death."""
    return "lost" in line


def losses(lines):
    """The loss lines with a count that is not zero."""

    def total(value):
        if isinstance(value, dict):
            return sum(total(v) for v in value.values())
        return value if isinstance(value, int) else 0

    return [line for line in lines if is_loss(line) and total(line["lost"])]


def real_losses(lines):
    """The same, without losses of container names that came late. Any process may be in a
    container, judging by its cgroup, and a machine that stalls for a moment is late. Then only a
    name is missing, not a death or evidence.
    """
    return [line for line in losses(lines) if set(line["lost"]) - {"names_late", "limit_late"}]


def of_process(lines, pid):
    """The lines about the process pid."""
    return [
        line for line in lines if not is_loss(line) and line.get("victim", {}).get("pid") == pid
    ]


def events_of(lines, pid):
    """The deaths whose victim is the process pid."""
    return [line for line in of_process(lines, pid) if "stuck" not in line]


def stuck_of(lines, pid):
    """Reports that the process pid was killed but did not die."""
    return [line for line in of_process(lines, pid) if "stuck" in line]


def deaths_of(zoo_line):
    """The witnesses of a zoo line whose deaths must be reported, and the pids of their scene that
    ended.
    """
    if zoo_line.get("survives"):
        return []
    deaths = zoo_line.get("deaths", [zoo_line])
    ended = {witness.get("pid") for witness in deaths + zoo_line.get("others", [])}
    return [{**death, "ended": ended} for death in deaths]


def others_of(zoo_line):
    """The witnesses of a zoo line that must not be reported. A witness that is no victim by design
    may still have been killed.
    """
    survivors = [zoo_line] if zoo_line.get("survives") else []
    others = zoo_line.get("others", [])
    return survivors + [other for other in others if not other.get("wait", {}).get("signal")]


def subset(expected, actual, path=""):
    """Mismatches between an expected part and the event. None means that the key must be absent."""
    found = []
    for key, value in expected.items():
        where = f"{path}{key}"
        if value is ABSENT:
            if key in actual:
                found.append(f"{where}: must be absent, is {actual[key]!r}")
        elif key not in actual:
            # If the part expects nothing but absences, all of it may be missing.
            if not isinstance(value, dict) or any(part is not ABSENT for part in value.values()):
                found.append(f"{where}: absent, expected {value!r}")
        elif isinstance(value, dict):
            found += subset(value, actual[key], where + ".")
        elif actual[key] != value:
            found.append(f"{where}: {actual[key]!r}, expected {value!r}")
    return found


def expectation(case, role, event):
    """Mismatches with the case: none if the main answer or an alternative fits, otherwise those of
    the closest answer.
    """
    if role in case.roles:
        return subset(case.roles[role], event)
    answers = [subset(answer, event) for answer in [case.expect, *case.alternatives]]
    return min(answers, key=len)


def wait_status(death, event):
    """The event's end against the parent's wait status."""
    wait = death.get("wait")
    if not wait or death.get("thread_only"):
        return []
    end = event.get("exit", {})
    found = []
    if end.get("signal", 0) != wait["signal"]:
        found.append(f"exit.signal: {end.get('signal')!r}, wait status says {wait['signal']}")
    if end.get("core_dumped", False) != wait["core"]:
        found.append(
            f"exit.core_dumped: {end.get('core_dumped')!r}, wait status says {wait['core']}"
        )
    if end.get("status", 0) != wait["status"]:
        found.append(f"exit.status: {end.get('status')!r}, wait status says {wait['status']}")
    return found


def same_comm(told, raw):
    """Compares a comm in JSON with its bytes. Bytes that are not UTF-8 have no single right form:
    only the rest must match.
    """
    try:
        return told == raw.decode("utf-8")
    except UnicodeDecodeError:
        rest = [part for part in raw.decode("ascii", "replace").split("\ufffd") if part]
        at = 0
        for part in rest:
            at = told.find(part, at)
            if at < 0:
                return False
            at += len(part)
        return True


def victim(death, event, exe):
    """The victim."""
    knows = death["knows"]
    told = event["victim"]
    found = []
    if told.get("tid", death["tid"]) != death["tid"] and "leader" not in death.get("role", ""):
        # A kill from outside may end with any thread. For a fault, the thread is known.
        if "fault" in event or death.get("thread_only"):
            found.append(f"victim.tid: {told['tid']}, is {death['tid']}")
    if "exec_comm" in knows:
        comms = [knows["exec_comm"].encode()]
    else:
        comms = [
            bytes.fromhex(knows[key]) for key in ("comm_hex", "thread_comm_hex") if key in knows
        ]
    if not any(same_comm(told.get("comm", ""), comm) for comm in comms):
        found.append(f"victim.comm: {told.get('comm')!r}, is one of {comms}")
    if "exe" in told and told["exe"] not in (exe, knows.get("exec_comm")):
        found.append(f"victim.exe: {told['exe']!r}, is {exe!r}")
    for key in ("uid", "ns_pid", "threads"):
        if key in knows and told.get(key) != knows[key]:
            found.append(f"victim.{key}: {told.get(key)}, is {knows[key]}")
    # In a namespace the parent has another number. A parent may also be gone already, if it killed
    # the child by its own end or belongs to the same scene.
    parent = knows.get("ppid")
    may_be_gone = parent == knows.get("sender_pid") or parent in death.get("ended", ())
    if parent and "ns_pid" not in knows and not may_be_gone and told.get("ppid", parent) != parent:
        found.append(f"victim.ppid: {told['ppid']}, is {parent}")
    return found


def sender(death, event, required_of_self):
    """The sender of the signal."""
    knows = death["knows"]
    told = event.get("sender")
    if "init_pid" in knows and event.get("cause") == "pidns-teardown":
        return subset({"pid": knows["init_pid"]}, told or {}, "sender.")
    if "tracer_pid" in knows and told and told["pid"] != knows["tracer_pid"]:
        return [f"sender.pid: {told['pid']}, is {knows['tracer_pid']} or nobody"]
    if "sender_pid" not in knows:
        return []
    if told is None:
        if knows["sender_pid"] == death["pid"] and not required_of_self:
            return []
        return [f"sender: absent, is pid {knows['sender_pid']}"]
    found = []
    for key in ("pid", "uid", "comm"):
        if f"sender_{key}" in knows and told.get(key) != knows[f"sender_{key}"]:
            found.append(f"sender.{key}: {told.get(key)!r}, is {knows[f'sender_{key}']!r}")
    return found


def address(knows, told):
    """The faulting address."""
    if "address_low" in knows:
        if "address" not in told:
            return ["fault.address: absent"]
        if (
            not number(knows["address_low"])
            <= number(told["address"])
            <= number(knows["address_high"])
        ):
            return [
                f"fault.address: {told['address']}, "
                f"is in {knows['address_low']}-{knows['address_high']}"
            ]
        return []
    if "address" in knows:
        if number(told.get("address", "-1")) != number(knows["address"]):
            return [f"fault.address: {told.get('address')}, is {knows['address']}"]
        return []
    # Only a page fault has an address: a stale cr2 of an earlier one must not be shown. For some
    # traps the kernel's siginfo has the instruction pointer or 0.
    if "address" in told and number(told["address"]) not in (0, number(knows.get("ip", "0"))):
        return [f"fault.address: {told['address']} for a trap that has none"]
    return []


def second_fault(knows, told):
    """The address at which a handler crashed."""
    second = number(told.get("handler_fault", {}).get("address", "0"))
    if second != number(knows.get("handler_address", "0")):
        return [f"handler_fault: {second:#x}, is {knows.get('handler_address')}"]
    return []


def fault(death, event):
    """The place of the fault."""
    knows = death["knows"]
    told = event.get("fault")
    if told is None:
        return second_fault(knows, event)
    found = []
    if knows.get("forged_address") and told.get("address") == knows["forged_address"]:
        found.append(f"fault.address: the forged {told['address']}")
    low, high = (knows.get(key, knows.get("ip")) for key in ("ip_low", "ip_high"))
    if low is None:
        return found
    if not number(low) <= number(told.get("ip", "-1")) <= number(high):
        found.append(f"fault.ip: {told.get('ip')}, is {low}" + (f"-{high}" if high != low else ""))
    found += address(knows, told)
    if "sp" in knows and abs(number(told.get("sp", "-1")) - number(knows["sp"])) > SP_SLACK:
        found.append(f"fault.sp: {told.get('sp')}, is near {knows['sp']}")
    if "size_bytes" in knows:
        found += subset({"size_bytes": knows["size_bytes"]}, told, "fault.")
        if not 0 < told.get("used_bytes", -1) <= knows["size_bytes"]:
            found.append(f"fault.used_bytes: {told.get('used_bytes')}, is {knows['size_bytes']}")
    found += second_fault(knows, told)
    if "access" in knows and told.get("access", "").replace("execute", "exec") != knows["access"]:
        found.append(f"fault.access: {told.get('access')!r}, is {knows['access']!r}")
    return found


def module(death, event):
    """The file that contains the faulting instruction."""
    knows = death["knows"]
    told = event.get("fault")
    if told is None or "module" not in knows:
        return []
    found = []
    if told.get("module") != knows["module"]:
        found.append(f"fault.module: {told.get('module')!r}, is {knows['module']!r}")
    # If the ip is only approximate, so is its place in the file.
    if "ip_low" in knows:
        return found
    if "module_offset" in told and number(told["module_offset"]) != number(
        knows["module_file_offset"]
    ):
        found.append(
            f"fault.module_offset: {told['module_offset']}, is {knows['module_file_offset']}"
        )
    return found


def limit(knows, told):
    """What filled the limit: compared with memory.stat, if the content outlives the victim, and
    with other processes. The kernel decides which figures exist, and a reader that comes late has
    none.
    """
    found = []
    memory = told.get("limit_memory", {})
    memory = {} if memory.get("stale") else memory
    if "peak_bytes" in told and 0 < knows.get("peak_bytes", -1) < told["peak_bytes"]:
        found.append(f"oom.peak_bytes: {told['peak_bytes']}, was {knows['peak_bytes']} at most")
    if told.get("peak_bytes", 1 << 62) < told.get("usage_bytes", 0) - USAGE_SLACK:
        found.append(f"oom.peak_bytes: {told['peak_bytes']}, {told['usage_bytes']} were in use")
    for key in {"shmem", "file"} & set(memory):
        if "limit_shmem" in knows and abs(memory[key] - knows["limit_shmem"]) > USAGE_SLACK:
            found.append(f"oom.limit_memory: {memory}, the files are {knows['limit_shmem']}")
    if "anon" in memory and memory["anon"] < knows.get("largest_anon", 0) - RSS_SLACK:
        found.append(f"oom.limit_memory: {memory}, one alone has {knows['largest_anon']}")
    if "largest_pid" in knows and "top" in told:
        most = told["top"][0]
        if (most["pid"], most.get("comm")) != (knows["largest_pid"], knows["largest_comm"]):
            found.append(f"oom.top: {told['top']}, most has {knows['largest_pid']}")
        if most["anon"] < knows["largest_anon"] - RSS_SLACK:
            found.append(f"oom.top: {told['top']}, it has {knows['largest_anon']}")
    return found


def oom(death, event, optional, crowded):
    """The figures of an OOM kill."""
    knows = death["knows"]
    told = event.get("oom", {})
    if "limit_bytes" not in knows and "score_adj" not in knows:
        return []
    exact = {
        "score_adj": "score_adj",
        "limit_bytes": "lowered_bytes" if "lowered_bytes" in knows else "limit_bytes",
        "cgroup": "limit_path",
        "victim_cgroup": "memory_path",
        "chosen_pid": "chosen_pid",
    }
    found = []
    for key, known in exact.items():
        if known not in knows or (optional and key not in told):
            continue
        if told.get(key) != knows[known]:
            found.append(f"oom.{key}: {told.get(key)!r}, is {knows[known]!r}")
    lowered = "lowered_bytes" in knows
    if "limit_bytes" in knows and not lowered and (not optional or "usage_bytes" in told):
        usage = told.get("usage_bytes", -1)
        least = 0 if crowded else knows["limit_bytes"] - USAGE_SLACK
        if not least <= usage <= knows["limit_bytes"]:
            found.append(f"oom.usage_bytes: {usage}, is near the limit of {knows['limit_bytes']}")
        # On version 2 of an old kernel the peak is unknown.
        if 0 < knows.get("peak_bytes", -1) < usage:
            found.append(f"oom.usage_bytes: {usage}, was {knows['peak_bytes']} at most")
    if "anon_rss" in knows and (not optional or "anon_rss_bytes" in told):
        rss = told.get("anon_rss_bytes", -1)
        if abs(rss - knows["anon_rss"]) > RSS_SLACK:
            found.append(f"oom.anon_rss_bytes: {rss}, is about {knows['anon_rss']}")
    found += limit(knows, told)
    for key in ("pid", "comm"):
        if (
            f"trigger_{key}" in knows
            and told.get("trigger", {}).get(key) != knows[f"trigger_{key}"]
        ):
            found.append(
                f"oom.trigger.{key}: {told.get('trigger')!r}, is {knows[f'trigger_{key}']!r}"
            )
    return found


def groups(death, event):
    """Its control groups, compared with the paths that the victim joined."""
    knows = death["knows"]
    told = event.get("cgroup", {})
    found = []
    if "cgroup_path" in knows and told.get("path") != knows["cgroup_path"]:
        found.append(f"cgroup.path: {told.get('path')!r}, is {knows['cgroup_path']!r}")
    if "memory_path" in knows and knows["memory_path"] not in (
        told.get("memory_path"),
        told.get("path"),
    ):
        found.append(f"cgroup: {told!r}, is {knows['memory_path']!r}")
    return found


def seccomp(death, event):
    """The system call that seccomp forbade."""
    knows = death["knows"]
    told = event.get("seccomp")
    if told is None or "syscall" not in knows:
        return []
    return subset(
        {key: knows[key] for key in ("syscall", "syscall_name") if key in told}, told, "seccomp."
    )


def rlimit(death, event):
    """The resource limit that was hit, as the victim set it."""
    knows = death["knows"]
    if "rlimit" not in knows:
        return []
    unit = LIMIT_UNITS[knows["rlimit"]]
    limit = {
        "resource": knows["rlimit"],
        f"soft_{unit}": knows["limit_soft"],
        f"hard_{unit}": knows["limit_hard"],
    }
    told = event.get("rlimit", {})
    found = subset(limit, told, "rlimit.")
    # The kernel compares ticks with it: their length depends on the machine.
    if knows["rlimit"] == "cpu" and told.get("used_seconds", -1) < knows["limit_soft"] / 2:
        found.append(
            f"rlimit.used_seconds: {told.get('used_seconds')}, is about {knows['limit_soft']}"
        )
    return found


def prior(death, event):
    """The signal that was handled before the end."""
    knows = death["knows"]
    if "prior_number" not in knows:
        return []
    told = event.get("prior_signals")
    if not told:
        return [f"prior_signals: absent, signal {knows['prior_number']} came before"]
    ignored = bool(knows.get("prior_ignored"))
    found = subset(
        {"number": knows["prior_number"], "handled": not ignored}, told[-1], "prior_signals."
    )
    if told[-1].get("ignored", False) != ignored:
        found.append(f"prior_signals.ignored: {told[-1].get('ignored')}, is {ignored}")
    found += subset(
        {"pid": knows["sender_pid"]}, told[-1].get("sender", {}), "prior_signals.sender."
    )
    if not 0 <= told[-1].get("seconds_before", -1) < 60:
        found.append(f"prior_signals.seconds_before: {told[-1].get('seconds_before')}")
    return found


def copied(death, event):
    """The death that this one copies."""
    knows = death["knows"]
    told = event.get("copy_of")
    if "copied_pid" not in knows:
        return [f"copy_of: {told}, is of none"] if told else []
    if told is None:
        return [f"copy_of: absent, is of {knows['copied_pid']}"]
    found = subset({"pid": knows["copied_pid"]}, told, "copy_of.")
    if not 0 <= told["seconds_before"] < 60:
        found.append(f"copy_of.seconds_before: {told['seconds_before']}")
    return found


def oom_kills(line, events):
    """Compares the reported kills at a limit with the control group's own count. That count does
    not include a process that only shares the memory of the chosen one.
    """
    counted = max((death["knows"].get("oom_kills", -1) for death in deaths_of(line)), default=-1)
    witnesses = [
        w for w in deaths_of(line) + line.get("others", []) if w["role"] != "victim-sharer"
    ]
    told = [event for witness in witnesses for event in events_of(events, witness["pid"])]
    told = [event for event in told if event.get("cause") == "oom-memcg"]
    # In a group kill, the kernel kills the chosen process twice, unless it is gone by then.
    most = len(told) + any(event["oom"].get("group_kill") for event in told)
    if counted == -1 or len(told) <= counted <= most:
        return []
    return [
        f"{len(told)} were reported as killed at the limit, the control group counted {counted}"
    ]


def death_event(case, death, event, exe):
    """All mismatches between one event and its death."""
    optional = death.get("role") in case.figures_optional
    return (
        expectation(case, death.get("role"), event)
        + wait_status(death, event)
        + victim(death, event, exe)
        + sender(death, event, case.self_sent)
        + fault(death, event)
        + module(death, event)
        + oom(death, event, optional, case.crowded)
        + groups(death, event)
        + seccomp(death, event)
        + rlimit(death, event)
        + prior(death, event)
        + copied(death, event)
    )


def zoo_line(case, line, events, exe):
    """All mismatches between one victim's line and the events of the whole run."""
    found = []
    if "failed" in line:
        return [f"the scene could not be set: {line['failed']}"]
    if line.get("interrupted"):
        found.append("the victim did not die in time")
    if bool(line.get("survives")) != case.survives:
        found.append("cases.py and the zoo do not agree on whether it survives")
    for death in deaths_of(line):
        mine = events_of(events, death["pid"])
        if len(mine) != 1:
            found.append(
                f"{death['role']} {death['pid']}: {len(mine)} events instead of one: {mine}"
            )
            continue
        found += [
            f"{death['role']} {death['pid']}: {text}"
            for text in death_event(case, death, mine[0], exe)
        ]
    found += oom_kills(line, events)
    for other in others_of(line):
        for event in events_of(events, other["pid"]):
            found.append(f"{other['role']} {other['pid']} did not die, but is told: {event}")
    return found
