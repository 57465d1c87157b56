"""What a container really starts by its ENTRYPOINT and CMD."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

_SHELL_CHARACTERS = frozenset("$`\\|&;<>()*?[]{}~#!\n")
"""A line that has one of these, quoted or not, may be more to a shell than its words."""

_SHELLS = frozenset({"/bin/sh", "sh", "/bin/bash", "bash", "/bin/ash", "/bin/dash"})


def effective_command(entrypoint: Sequence[str], command: Sequence[str]) -> tuple[str, ...]:
    """The program and its arguments.

    A shell that would only split a line into words and start the program is taken off, and so is its `exec`. A line
    that needs its shell stays as it is behind that shell.
    """
    words = (*entrypoint, *command)
    if len(words) < 3 or words[0] not in _SHELLS or words[1] != "-c":
        return words
    line = words[2]
    # What follows the line are positional parameters ($0, $1), which plain words don't read: a shell-form ENTRYPOINT
    # ignores its CMD.
    if _SHELL_CHARACTERS.intersection(line):
        return (words[0], "-c", line, *words[3:])
    try:
        parts = shlex.split(line)
    except ValueError:
        return words
    if parts[:1] == ["exec"]:
        del parts[0]
    if not parts or "=" in parts[0]:
        return words
    return tuple(parts)
