"""Managers that the image itself runs, as `poetry run` and `uv run` do, and how they come into the runtime stage."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.split.python.divided_run import runtime_text
from dockerslim.split.python.install import Install
from dockerslim.split.python.managers import is_tool, managers
from dockerslim.split.python.outside import NamedPrograms, given_commands
from dockerslim.split.python.pip_command import PipCommand
from dockerslim.split.python.program import StartedPrograms
from dockerslim.split.python.purpose import PurposedRun, PythonStage
from dockerslim.split.refused import Refused
from dockerslim.split.script_commands import one_line
from dockerslim.split.start import Start

BINARIES = {"uvx": "uv"}
"""Programs that come with a manager of another name."""


def uses_managers(read: PythonStage) -> bool:
    """Is anything installed by another tool than pip?"""
    commands = [install.command for install in read.installs]
    by_manager = any(not isinstance(command, PipCommand) or command.is_uv for command in commands)
    return by_manager or any(install.exported for install in read.installs)


def installs_tools_only(install: Install) -> bool:
    """Does an install bring managers, and nothing that the program itself is in need of?"""
    return (
        isinstance(install.command, PipCommand)
        and not install.command.is_uv
        and not install.needs_source
        and not install.unknown
        and bool(install.distributions)
        and all(is_tool(name) for name in install.distributions)
    )


def is_for_tools(run: PurposedRun) -> bool:
    """Does a RUN install managers and nothing else?"""
    return run.purpose == "install" and bool(run.installs) and all(installs_tools_only(i) for i in run.installs)


def needed_tools(
    case: Case, stage: Stage, read: PythonStage, programs: StartedPrograms, named: NamedPrograms
) -> frozenset[str]:
    """The managers that the image runs: its command, scripts, HEALTHCHECK and program, compose files, and RUNs."""
    texts = [text for text, _ in given_commands(case, stage)]
    texts.extend(_without_comments(script.text or "") for script in programs.scripts)
    texts.extend(runtime_text(case, run) for run in read.runs)
    words = {posixpath.basename(word) for line in programs.lines for word in line} | set(named.names)
    words |= {posixpath.basename(word) for text in texts for word in re.split(r"[\s;&|()`\"'$]+", text)}
    found = {BINARIES.get(word, word) for word in words}
    return frozenset(found & managers().keys())


def _without_comments(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not line.lstrip().startswith("#"))


def brought_tools(instruction: Instruction) -> frozenset[str]:
    """The managers that a `COPY --from=ghcr.io/astral-sh/uv /uv /uvx /bin/` brings, where it brings nothing else."""
    if instruction.keyword != "COPY" or not instruction.flag("from"):
        return frozenset()
    names = [posixpath.basename(word.text) for word in instruction.sources]
    found = {BINARIES.get(name, name) for name in names}
    return frozenset(found) if found and found <= managers().keys() else frozenset()


def tool_lines(
    case: Case, stage: Stage, read: PythonStage, tools: Collection[str], start: Start
) -> Iterator[tuple[Instruction, str]]:
    """RUNs for the runtime stage, with the instruction in whose place each stands: what the author's RUN has of it.

    A RUN or a COPY that brings nothing but managers is carried over as it stands, and uv's own image has it. Raises
    Refused for a manager that comes some other way.
    """
    image = case.states[stage.index].final.image
    has_uv = image is not None and "uv" in image.programs
    for tool in sorted(tools):
        copied = any(tool in brought_tools(instruction) for instruction in stage.instructions)
        if (
            copied
            or (tool == "uv" and has_uv)
            or any(is_for_tools(run) and tool in installed_names(run) for run in read.runs)
        ):
            continue
        install = next((i for i in read.installs if installs_tools_only(i) and tool in _names(i)), None)
        if install is None:
            raise Refused(
                start.span,
                f"the image runs `{tool}`, and how it comes into the image is not known",
                f"install it in a RUN of its own: `pip install {tool}`",
            )
        text = one_line(install.command.script, install.command.command)
        yield install.command.instruction, f"RUN {text}\n"


def installed_names(run: PurposedRun) -> frozenset[str]:
    """The distributions that a RUN installs, without extras."""
    return frozenset(name for install in run.installs for name in _names(install))


def _names(install: Install) -> frozenset[str]:
    return frozenset(name.partition("[")[0].lower() for name in install.distributions)


def manager_variables(tools: Collection[str]) -> frozenset[str]:
    """Variables that only managers read which the image does not run."""
    return frozenset(v for name, manager in managers().items() if name not in tools for v in manager.variables)
