"""RUNs that leave browsers below root's home folder, where the program looks for them below its own.

What downloads so is data, in home_downloads.toml beside this file.
"""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.dockerfile.shell import Script
from dockerslim.languages.node import NodeProject
from dockerslim.paths import is_within
from dockerslim.split.home_data import HomeData, HomeDownload, home_data
from dockerslim.split.needs_root import instructions_of
from dockerslim.split.node.install import read_install
from dockerslim.split.refused import Refused

VERSION = re.compile(r"(\d+)")
WITHOUT_VERSION = re.compile(r"(?<=[\w-])@[\w.^~-]+")
"""`@1.44.0` of `npx playwright@1.44.0 install`."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One table of home_downloads.toml."""

    packages: frozenset[str]
    commands: tuple[str, ...]
    off: tuple[str, ...]
    folders: tuple[str, ...]
    variable: Mapping[str, str]
    settings: tuple[str, ...]
    since: int


def node_home_data(case: Case, stage: Stage, project: NodeProject) -> HomeData:
    """What the RUNs of a stage's image leave below HOME: what can lie elsewhere, and what can't."""
    return home_data(case, stage, lambda instruction, script: _download(case, instruction, script, project))


def _download(case: Case, instruction: Instruction, script: Script, project: NodeProject) -> HomeDownload | bool:
    """What a RUN downloads, if it can lie elsewhere; else whether it downloads at all."""
    tools = tuple(
        tool
        for tool in _downloading(case, instruction, script, project)
        if not _has_settings(project, tool) and not _is_named(case, instruction, script, tool.folders)
    )
    if not tools or not all(tool.variable for tool in tools):
        return bool(tools)
    variables = tuple(pair for tool in tools for pair in tool.variable.items())
    return HomeDownload(instruction, script, variables)


def check_home_downloads(case: Case, stage: Stage, project: NodeProject, root: str) -> None:
    """Raises Refused where a browser would stay behind in the build stage: all but what lies below `root`."""
    for instruction in instructions_of(case, stage):
        if instruction.keyword != "RUN":
            continue
        for tool in _downloading(case, instruction, case.script(instruction), project):
            folder = next((value for name in tool.folders if (value := case.state(instruction).env.get(name))), None)
            if folder is None or not is_within(posixpath.normpath(folder), root):
                raise Refused(
                    instruction.span,
                    "a browser is downloaded into a folder of its own, and needs libraries of the system",
                    "install the distribution's browser, or split the file by hand",
                )


def _downloading(case: Case, instruction: Instruction, script: Script, project: NodeProject) -> Iterator[Tool]:
    text = WITHOUT_VERSION.sub("", script.source.text).replace("\n", " ") + " "
    for tool in _tools():
        if _is_named(case, instruction, script, tool.off):
            continue
        is_said = any(f"{command} " in text for command in tool.commands)
        if is_said or ("--ignore-scripts" not in text and _installs(script, project, tool)):
            yield tool


def _is_named(case: Case, instruction: Instruction, script: Script, variables: tuple[str, ...]) -> bool:
    env = case.state(instruction).env
    return any(name in env or name in script.source.text for name in variables)


def _installs(script: Script, project: NodeProject, tool: Tool) -> bool:
    """Does a command install one of the tool's packages, for the project or for all?"""
    of_project = any(
        addon.name in tool.packages and not addon.development and not _is_older(addon.version, tool.since)
        for addon in project.native_addons
    )
    for command in script.commands:
        install = read_install(command.inner().known_arguments())
        if install is None:
            continue
        named = {_name(package) for package in install.packages}
        if named & tool.packages or (not install.packages and not install.is_global and of_project):
            return True
    return False


def _name(package: str) -> str:
    """`@a/b` of `@a/b@1.2`."""
    return package[:1] + package[1:].partition("@")[0]


def _is_older(version: str | None, since: int) -> bool:
    match = VERSION.search(version or "")
    return match is not None and int(match[1][:6]) < since


def _has_settings(project: NodeProject, tool: Tool) -> bool:
    names = (posixpath.basename(path) for path in project.context.files if posixpath.dirname(path) == project.folder)
    return bool(tool.settings) and any(name.startswith(tool.settings) for name in names)


@lru_cache(maxsize=1)
def _tools() -> tuple[Tool, ...]:
    """The tables, read once."""
    text = resources.files(__package__).joinpath("home_downloads.toml").read_text(encoding="utf-8")
    return tuple(
        Tool(
            frozenset(data["packages"]),
            tuple(data["commands"]),
            tuple(data["off"]),
            tuple(data["folders"]),
            data.get("variable", {}),
            tuple(data.get("settings", ())),
            data.get("since", 0),
        )
        for data in tomllib.loads(text).values()
    )
