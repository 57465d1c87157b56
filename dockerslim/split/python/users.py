"""Users and groups that the author makes: in which stages instructions name them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction
from dockerslim.dockerfile.shell import ShellCommand

MAKERS = frozenset({"adduser", "addgroup", "useradd", "groupadd", "usermod", "groupmod"})
NAMING = frozenset({"chown", "chgrp", "install", "su", "gosu", "su-exec", "runuser", "setpriv", "sudo", *MAKERS})
"""Programs that are given users or groups by name."""


def made_names(case: Case, instruction: Instruction) -> frozenset[str]:
    """The words of the commands of a RUN that make users, the new names among them."""
    return frozenset(_words(case, instruction, MAKERS)) if instruction.keyword == "RUN" else frozenset()


def named_users(case: Case, instruction: Instruction) -> frozenset[str]:
    """The names, with other words, by which an instruction may mean users and groups."""
    state = case.state(instruction)
    if instruction.keyword == "RUN":
        return frozenset(_words(case, instruction, NAMING))
    if instruction.keyword in ("COPY", "ADD"):
        text = instruction.flag_value("chown") or ""
    else:
        text = instruction.value if instruction.keyword == "USER" else ""
    known = state.expand(text, instruction.escape) if "$" in text else text
    return frozenset(part for part in (known or text).split(":") if _is_name(part))


def _words(case: Case, instruction: Instruction, programs: frozenset[str]) -> Iterator[str]:
    state = case.state(instruction)
    for command in case.script(instruction).commands:
        if posixpath.basename(_program(command)) not in programs:
            continue
        for word in command.inner().words[1:]:
            text = word.literal if word.literal is not None else state.expand(word.text.strip('"'))
            yield from filter(_is_name, re.split("[:,=]", text if text is not None else word.text))


def _is_name(word: str) -> bool:
    """Not a number, which needs no user, nor an option or a path."""
    return bool(word) and not word.isdecimal() and not word.startswith("-") and "/" not in word


def _program(command: ShellCommand) -> str:
    first = command.words[0].literal if command.words else None
    return "sudo" if first == "sudo" else command.inner().name
