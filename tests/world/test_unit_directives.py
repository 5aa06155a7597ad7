# SPDX-License-Identifier: BSD-2-Clause
"""For every directive of the shipped unit there is a check that the agent still works under it. The
checks are those of test_systemd.py: they run the unit, as installed, under systemd 252 and 257.
"""

import test_systemd
from guests import ROOT

# Directives that take something away: a container has its names, all outputs are written,
# everything is traced.
STILL_WORKS = ["test_container", "test_journal", "test_lines", "test_agent_says"]
CHECKS = {
    "Unit": {
        "StartLimitIntervalSec": ["test_unit_is_read", "test_agent_restarts"],
        "Description": ["test_unit_is_read"],
        "Documentation": ["test_unit_is_read"],
        "Before": ["test_unit_is_read"],
    },
    "Service": {
        "Type": ["test_agent_is_ready"],
        "ExecStart": ["test_agent", "test_defaults"],
        "Environment": ["test_defaults"],
        "EnvironmentFile": ["test_defaults"],
        "ExecReload": ["test_reload"],
        "Restart": ["test_agent_restarts"],
        "RestartSec": ["test_agent_restarts"],
        "RestartPreventExitStatus": ["test_mistake"],
        "WatchdogSec": ["test_watchdog", "test_agent"],
        "TimeoutStopSec": ["test_agent_is_ready"],
        "LogRateLimitIntervalSec": ["test_journal_has_all"],
        "OOMScoreAdjust": ["test_agent_lives"],
        "MemoryMax": ["test_agent_lives", "test_whole_memory", "test_agent"],
        "OOMPolicy": ["test_agent_lives"],
        "StateDirectory": ["test_history"],
        "LogsDirectory": ["test_lines"],
        "RuntimeDirectory": ["test_agent_sees"],
        "RuntimeDirectoryMode": ["test_agent_sees"],
        "CapabilityBoundingSet": [
            "test_agent_powers",
            "test_parser_powers",
            "test_kernel_functions",
            *STILL_WORKS,
        ],
        "NoNewPrivileges": ["test_agent_powers", *STILL_WORKS],
        "ProtectSystem": ["test_agent_sees", "test_history", "test_textfile", *STILL_WORKS],
        "ReadWritePaths": ["test_agent_sees", "test_textfile"],
        "PrivateTmp": ["test_agent_sees", *STILL_WORKS],
        "PrivateDevices": ["test_agent_sees", *STILL_WORKS],
        "ProtectHome": ["test_agent_sees", *STILL_WORKS],
        "ProtectClock": STILL_WORKS,
        "ProtectHostname": STILL_WORKS,
        "ProtectKernelModules": STILL_WORKS,
        "ProtectControlGroups": ["test_agent_sees", *STILL_WORKS],
        "RestrictAddressFamilies": STILL_WORKS,
        "RestrictNamespaces": STILL_WORKS,
        "RestrictRealtime": STILL_WORKS,
        "RestrictSUIDSGID": STILL_WORKS,
        "LockPersonality": STILL_WORKS,
        "MemoryDenyWriteExecute": STILL_WORKS,
        "SystemCallArchitectures": STILL_WORKS,
        "SystemCallFilter": [
            "test_agent_powers",
            "test_watchdog",
            "test_agent_restarts",
            *STILL_WORKS,
        ],
        "SystemCallErrorNumber": STILL_WORKS,
    },
    "Install": {"WantedBy": ["test_unit_is_read"]},
}


def pytest_generate_tests():
    """These tests need no guest."""


def directives():
    """The unit's directives by section."""
    found, section = {}, None
    for line in (ROOT / "deploy/systemd/killtrace.service").read_text().splitlines():
        if line.startswith("["):
            section = found[line.strip("[]")] = set()
        elif line and not line.startswith("#"):
            section.add(line.split("=", 1)[0])
    return found


def test_every_directive_has_a_check():
    """Every directive has a check, and no check is left for a removed one."""
    assert directives() == {section: set(checks) for section, checks in CHECKS.items()}


def test_checks_are_there():
    """The checks exist under these names."""
    for checks in CHECKS.values():
        for names in checks.values():
            assert names and all(callable(getattr(test_systemd, name)) for name in names)
