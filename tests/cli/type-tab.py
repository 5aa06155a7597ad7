#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Types into a real shell on a terminal: type-tab.py SHELL PREFIX TEXT

The shell finds its completion below PREFIX, where `make install` puts it. There, `killtrace` is a
function that prints its arguments, which this prints: what TAB has made of the text.
"""

import os
import pty
import re
import select
import signal
import sys
import tempfile
import time
from pathlib import Path

PATIENCE = 20.0
PRINTS = re.compile(rb"ARGS<([^>]*)>")
READY = b"READY>"


def prepare(shell: str, prefix: str, home: Path) -> list[str]:
    """Its startup files in a home of its own, and its command line."""
    share = f"{prefix}/share"
    if shell == "bash":
        os.environ["BASH_COMPLETION_USER_DIR"] = f"{share}/bash-completion"
        (home / "rc").write_text(
            ". /usr/share/bash-completion/bash_completion\n"
            "bind 'set enable-bracketed-paste off'\n"
            "killtrace() { printf 'ARGS<%s>\\n' \"$*\"; }\nPS1='READY''>'\n"
        )
        return ["bash", "--noprofile", "--rcfile", str(home / "rc"), "-i"]
    if shell == "zsh":
        os.environ["ZDOTDIR"] = str(home)
        (home / ".zshrc").write_text(
            f"fpath=({share}/zsh/site-functions $fpath)\nautoload -U compinit\ncompinit -u -D\n"
            "killtrace() { printf 'ARGS<%s>\\n' \"$*\" }\nunsetopt auto_remove_slash\n"
            "PS1='READY''>'\n"
        )
        return ["zsh", "-d", "-i"]  # without the startup files of the machine
    config = home / ".config" / "fish"
    config.mkdir(parents=True)
    (config / "config.fish").write_text(
        f"set fish_complete_path {share}/fish/vendor_completions.d\nset fish_greeting\n"
        "set fish_autosuggestion_enabled 0\n"
        "function killtrace; printf 'ARGS<%s>\\n' \"$argv\"; end\n"
        "function fish_prompt; echo -n 'READY''>'; end\n"
    )
    return ["fish", "-i"]


def wait_for(terminal: int, pattern: re.Pattern[bytes]) -> bytes:
    """Reads the terminal until the pattern is there; its first group."""
    text, deadline = b"", time.monotonic() + PATIENCE
    while not (found := pattern.search(text)):
        if not select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise TimeoutError(f"the terminal shows only {text!r}")
        text += os.read(terminal, 4096)
    return found[1] if pattern.groups else b""


def main() -> None:
    """Prints the arguments."""
    shell, prefix, text = sys.argv[1:]
    with tempfile.TemporaryDirectory() as home:
        os.environ.update({"HOME": home, "TERM": "vt100", "XDG_CONFIG_HOME": f"{home}/.config"})
        command = prepare(shell, prefix, Path(home))
        pid, terminal = pty.fork()
        if not pid:
            os.execvp(command[0], command)
        try:
            wait_for(terminal, re.compile(re.escape(READY)))
            os.write(terminal, text.encode() + b"\t")
            # the shell may show it first; Enter then runs what it has made
            time.sleep(0.5)
            os.write(terminal, b"\r")
            print(wait_for(terminal, PRINTS).decode())
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


main()
