"""The installs of Python packages in a RUN, whichever tool makes them."""

from __future__ import annotations

from collections.abc import Iterator

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.dockerfile.shell import Script
from dockerslim.split.python.install import Install
from dockerslim.split.python.pip_command import PipCommand, installs, run_pip_commands
from dockerslim.split.python.pip_install import read_install
from dockerslim.split.python.project_command import ProjectCommand, project_commands
from dockerslim.split.python.project_install import read_project_install


def install_commands(case: Case, instruction: Instruction, script: Script) -> Iterator[PipCommand | ProjectCommand]:
    """The commands at the top level of one RUN that install packages, in order."""
    found: list[PipCommand | ProjectCommand] = [c for c in run_pip_commands(case, instruction, script) if installs(c)]
    found.extend(project_commands(case, instruction, script))
    yield from sorted(found, key=lambda command: command.command.start)


def run_installs(case: Case, stage: Stage, instruction: Instruction) -> list[Install]:
    """The same, with what the context says of them."""
    commands = install_commands(case, instruction, case.script(instruction))
    return [
        read_install(case, stage, command)
        if isinstance(command, PipCommand)
        else read_project_install(case, stage, command)
        for command in commands
    ]
