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
from dockerslim.languages.evidence import Evidence
from dockerslim.languages.node import NodeProject
from dockerslim.split.home_download import HomeData, HomeDownload, is_home_of_root
from dockerslim.split.needs_root import instructions_of
from dockerslim.split.node.install import read_install
from dockerslim.split.refused import Refused

VERSION = re.compile(r"(\d+)")
SHOWN = 40
"""Characters of a RUN in a message."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One table of home_downloads.toml."""

    packages: frozenset[str]
    commands: tuple[str, ...]
    off: tuple[str, ...]
    variable: Mapping[str, str]
    settings: tuple[str, ...]
    since: int


def home_data(case: Case, stage: Stage, project: NodeProject) -> HomeData:
    """What the RUNs of a stage's image leave below HOME: what can lie elsewhere, and what can't."""
    downloads: list[HomeDownload] = []
    unsure: list[Evidence] = []
    for instruction in instructions_of(case, stage):
        if instruction.keyword != "RUN" or not is_home_of_root(case, instruction):
            continue
        script = case.script(instruction)
        tools = tuple(_downloading(case, instruction, script, project))
        if not tools:
            continue
        if all(tool.variable for tool in tools):
            variables = tuple(pair for tool in tools for pair in tool.variable.items())
            downloads.append(HomeDownload(instruction, script, variables))
        else:
            line = case.dockerfile.position(instruction.span.start).line
            unsure.append(Evidence(case.path, line, script.source.text[:SHOWN]))
    return HomeData(tuple(sorted(downloads, key=lambda d: d.instruction.span.start)), tuple(unsure))


def check_home_downloads(case: Case, stage: Stage, project: NodeProject) -> None:
    """Raises Refused where a browser would stay behind in the home folder of the build stage."""
    found = home_data(case, stage, project)
    place = next((download.instruction.span for download in found.downloads), None)
    if place is not None or found.unsure:
        raise Refused(
            place or stage.from_.span,
            "a browser is downloaded into the home folder, and needs libraries of the system",
            "install the distribution's browser, or split the file by hand",
        )


def _downloading(case: Case, instruction: Instruction, script: Script, project: NodeProject) -> Iterator[Tool]:
    env = case.state(instruction).env
    text = script.source.text + " "
    for tool in _tools():
        if any(name in env or name in text for name in tool.off) or _has_settings(project, tool):
            continue
        is_said = any(f"{command} " in text.replace("\n", " ") for command in tool.commands)
        if is_said or ("--ignore-scripts" not in text and _installs(script, project, tool)):
            yield tool


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
            data.get("variable", {}),
            tuple(data.get("settings", ())),
            data.get("since", 0),
        )
        for data in tomllib.loads(text).values()
    )
