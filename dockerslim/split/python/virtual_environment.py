"""Virtual environments that a stage makes."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.dockerfile.shell import ShellCommand
from dockerslim.split.python.pip_command import PYTHON
from dockerslim.split.working_folder import placed_commands

VALUED = frozenset({"--prompt", "-p", "--python", "--seeder", "--pip", "--setuptools", "--wheel"})


def environment_folders(case: Case, stage: Stage) -> Iterator[str | None]:
    """The absolute folders of the environments that the stage's RUNs make; None for one that is computed."""
    for instruction, script in case.runs(stage):
        for command, folder in placed_commands(script, case.state(instruction).workdir):
            if makes_environment(command):
                yield environment_folder(case, instruction, command, folder)


def makes_environment(command: ShellCommand) -> bool:
    """Is it `python -m venv`, `virtualenv` or `uv venv`?"""
    words = command.inner().known_arguments()
    if not words:
        return False
    name = posixpath.basename(words[0])
    if name == "virtualenv" or (name == "uv" and words[1:2] == ("venv",)):
        return True
    return PYTHON.fullmatch(name) is not None and words[1:2] == ("-m",) and words[2:3] in (("venv",), ("virtualenv",))


def environment_folder(case: Case, instruction: Instruction, command: ShellCommand, folder: str | None) -> str | None:
    """The absolute folder that a command makes an environment in; None where it is computed."""
    inner = command.inner()
    program = posixpath.basename(inner.name)
    words = inner.words[{"virtualenv": 1, "uv": 2}.get(program, 3) :]
    skip = False
    for word in words:
        text = word.literal if word.literal is not None else case.state(instruction).expand(word.text)
        if skip:
            skip = False
        elif text is None:
            return None
        elif text in VALUED:
            skip = True
        elif not text.startswith("-"):
            if text.startswith("/"):
                return posixpath.normpath(text)
            return None if folder is None else posixpath.normpath(posixpath.join(folder, text))
    if program != "uv" or folder is None:
        return None
    return posixpath.join(folder, ".venv")
