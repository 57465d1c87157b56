"""RUNs that may lay data below root's home folder, where the program looks for it below its own.

Which tools do so, and which variable tells them another folder, is data in home_downloads.toml beside this file.
"""

from __future__ import annotations

import posixpath
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.dockerfile.shell import Script, ShellCommand
from dockerslim.languages.evidence import Evidence
from dockerslim.paths import is_below
from dockerslim.split.home_data import HomeData, HomeDownload, can_be_moved, home_data
from dockerslim.split.image_view import ImageView
from dockerslim.split.packages import APT
from dockerslim.split.python.commands import python_commands
from dockerslim.split.python.managers import managers
from dockerslim.split.python.pip_command import PIP, PYTHON

LOADS_NOTHING = frozenset({"compileall", "ensurepip", "pip", "py_compile", "spacy", "venv", "virtualenv"})
"""Modules that `python -m` runs and that put nothing below HOME but caches of installers."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One table of home_downloads.toml."""

    marks: tuple[str, ...]
    elsewhere: tuple[str, ...]
    variables: Mapping[str, str]
    is_written: bool
    writes: tuple[str, ...]


def python_home_data(case: Case, stage: Stage, view: ImageView, used: tuple[Evidence, ...]) -> HomeData:
    """Look at the RUNs; `used` is where the program itself uses data that is kept below HOME."""
    return home_data(case, stage, lambda instruction, script: _download(case, view, instruction, script, used))


def downloads(command: ShellCommand) -> bool:
    """Does a command of a RUN download data for a library, and nothing that an install looks at?"""
    text = " ".join(command.inner().known_arguments())
    return any(mark in text for mark in _marks())


def _download(
    case: Case, view: ImageView, instruction: Instruction, script: Script, used: tuple[Evidence, ...]
) -> HomeDownload | bool:
    """What a RUN downloads, if it can lie elsewhere; else whether it may leave data below HOME."""
    texts: list[str] = []
    if script.problem is not None or not all(isinstance(part, ShellCommand) for part in script.parts):
        text = instruction.value + "".join(h.body.cut(case.dockerfile.text) for h in instruction.heredocs)
        return bool(used) or any(mark in text for mark in (*_marks(), *_tables()["unmovable"]["marks"]))
    for command in script.commands:
        found = _downloading_texts(case, view, instruction, command, used)
        if found is None:
            return True
        texts.extend(found)
    tools = [tool for tool in _tools() if any(mark in text for mark in tool.marks for text in texts)]
    if not tools:
        return False
    elsewhere = [tool for tool in tools if _goes_elsewhere(tool, [*texts, *_assignments(script)])]
    if elsewhere:
        # The folder that is named there is the author's; who writes to it later is not known.
        return len(elsewhere) < len(tools) or (bool(used) and any(tool.is_written for tool in elsewhere))
    is_mounted = any("/root" in (mount.value or "") for mount in instruction.flags if mount.name == "mount")
    if is_mounted or not can_be_moved(instruction, script):
        return True
    return _moved(case, instruction, script, tools, used)


def _assignments(script: Script) -> Iterator[str]:
    """The variables that the RUN sets itself."""
    for command in script.commands:
        yield from (name for name, _ in command.assignments)
        yield from (word for word in command.known_arguments() if command.name in ("export", "env"))


def _goes_elsewhere(tool: Tool, texts: Sequence[str]) -> bool:
    return any(word in text for word in (*tool.elsewhere, *tool.variables) for text in texts)


def _downloading_texts(
    case: Case, view: ImageView, instruction: Instruction, command: ShellCommand, used: tuple[Evidence, ...]
) -> tuple[str, ...] | None:
    """The texts of a command that download, none where it doesn't; None where it may, in a way that isn't known."""
    words = command.inner().known_arguments()
    text = " ".join(words) + " "
    if not words or _is_harmless(words):
        return ()
    if any(mark in text for mark in _tables()["unmovable"]["marks"]):
        return None
    if downloads(command):
        return (text,) if command.inner().arguments is not None else None
    return _of_script(case, view, instruction, words) if used else ()


def _is_harmless(words: tuple[str, ...]) -> bool:
    """Is it a command of the system or of an installer, which downloads no data for a library?"""
    table = python_commands()
    name = posixpath.basename(words[0])
    if PYTHON.fullmatch(name):
        return words[1:2] == ("-m",) and words[2:3] != () and words[2] in LOADS_NOTHING
    known = table.neutral | table.runtime | table.system | table.path | APT | {"git", "npm", "yarn", "pnpm"}
    is_manager = name in managers() and words[1:2] != ("run",)
    return PIP.fullmatch(name) is not None or name in known or is_manager


def _of_script(case: Case, view: ImageView, instruction: Instruction, words: tuple[str, ...]) -> tuple[str, ...] | None:
    """The downloads of a script of the project that a RUN runs; None where it could not be read whole."""
    from dockerslim.languages.python.commands import resolve_command
    from dockerslim.languages.python.source import program_facts

    workdir = case.state(instruction).workdir or "/"
    command = resolve_command(view.context, workdir.lstrip("/"), words, {}, workdir)
    if not command.entry_files or posixpath.basename(command.entry_files[0]) == "manage.py":
        return None
    facts = program_facts(view.context, command.entry_files, command.search_folders)
    texts = tuple(evidence.text for evidence in facts.home_data)
    is_whole = all(text.endswith(")") and any(mark in text for mark in _marks()) for text in texts)
    return texts if facts.complete and is_whole else None


def _moved(
    case: Case, instruction: Instruction, script: Script, tools: list[Tool], used: tuple[Evidence, ...]
) -> HomeDownload | bool:
    env = case.state(instruction).env
    variables: dict[str, str] = {}
    folders: dict[str, None] = {}
    written: dict[str, None] = {}
    for tool in tools:
        for name, folder in tool.variables.items():
            if name in env:
                place = env[name]
                if place is None or not place.startswith("/") or place.startswith("/root") or ":" in place:
                    return True
            else:
                place = variables[name] = folder
            place = place.rstrip("/")
            folders[place] = None
            if tool.is_written or any(mark in evidence.text for mark in tool.writes for evidence in used):
                written[place] = None
    return HomeDownload(instruction, script, tuple(variables.items()), _outermost(folders), _outermost(written))


def _outermost(folders: Collection[str]) -> tuple[str, ...]:
    return tuple(f for f in folders if not any(is_below(f, other) for other in folders))


@lru_cache(maxsize=1)
def _tools() -> tuple[Tool, ...]:
    """Those whose folder a variable names."""
    return tuple(
        Tool(
            tuple(data["marks"]),
            tuple(data["elsewhere"]),
            data["variables"],
            data.get("is_written", False),
            tuple(data.get("writes", ())),
        )
        for data in _tables().values()
        if "variables" in data
    )


def _marks() -> Iterator[str]:
    for tool in _tools():
        yield from tool.marks


@lru_cache(maxsize=1)
def _tables() -> dict[str, dict[str, Any]]:
    """The tables, read once."""
    return tomllib.loads(resources.files(__package__).joinpath("home_downloads.toml").read_text(encoding="utf-8"))
