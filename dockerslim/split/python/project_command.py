"""A command that installs a project's packages from its lock file: `uv sync`, `poetry install` and their like."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction
from dockerslim.dockerfile.shell import Script, ShellCommand, ShellWord
from dockerslim.split.python.managers import Manager, managers
from dockerslim.split.python.pip_command import PYTHON
from dockerslim.split.working_folder import placed_commands


@dataclass(frozen=True)
class ProjectCommand:
    """A manager's install. `folder` is the absolute folder it runs in, if known."""

    manager: Manager
    instruction: Instruction
    script: Script
    command: ShellCommand
    program: str
    """The word that starts it: `poetry`, `/root/.local/bin/uv`."""
    verb: str
    options: tuple[tuple[str, str | None, ShellWord], ...]
    """Name, value ("" where it has none, None for a computed one) and the option's own word."""
    arguments: tuple[str | None, ...]
    """What is no option; None where it is computed."""
    folder: str | None

    def has(self, *names: str) -> bool:
        """Is one of these options given?"""
        return any(name in names for name, _, _ in self.options)

    def assigned(self, name: str) -> str | None:
        """The value that the command's own assignment gives a variable; None without one that is known."""
        return next((word.literal for key, word in self.command.inner().assignments if key == name), None)

    @property
    def local_paths(self) -> tuple[str, ...]:
        """Projects apart from its own that the command line names: none."""
        return ()

    @property
    def elsewhere(self) -> str:
        return ""

    @property
    def leaves_project_out(self) -> bool:
        return self.has(*self.manager.without_project_options)


def project_commands(case: Case, instruction: Instruction, script: Script) -> Iterator[ProjectCommand]:
    """The managers' installs at the top level of one RUN."""
    for command, folder in placed_commands(script, case.state(instruction).workdir):
        found = project_command(instruction, script, command, folder)
        if found is not None:
            yield found


def project_command(
    instruction: Instruction, script: Script, command: ShellCommand, folder: str | None
) -> ProjectCommand | None:
    """The command read as its manager reads it; None where it is no install of a project."""
    inner = command.inner()
    words = inner.words
    name = posixpath.basename(inner.name)
    if PYTHON.fullmatch(name) and len(words) > 2 and words[1].literal == "-m":
        words = words[2:]
        name = words[0].literal or ""
    manager = managers().get(name)
    if manager is None:
        return None
    options, positional = _divided(words[1:], manager)
    if not positional or positional[0] is None or positional[0] not in manager.verbs:
        return None
    return ProjectCommand(
        manager, instruction, script, command, inner.name, positional[0], options, tuple(positional[1:]), folder
    )


def _divided(
    words: tuple[ShellWord, ...], manager: Manager
) -> tuple[tuple[tuple[str, str | None, ShellWord], ...], list[str | None]]:
    """Options with their values, and the other words."""
    options: list[tuple[str, str | None, ShellWord]] = []
    positional: list[str | None] = []
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        text = word.literal if word.literal is not None else word.text
        if not text.startswith("-"):
            positional.append(word.literal)
            continue
        name, equals, value = text.partition("=")
        if equals:
            options.append((name, value if word.literal is not None else None, word))
        elif name in manager.valued:
            options.append((name, words[index].literal if index < len(words) else None, word))
            index += 1
        else:
            options.append((name, "", word))
    return tuple(options), positional
