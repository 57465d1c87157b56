"""Files of a full Node image that the program names and a slim image lacks: data, in system_files.toml."""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.languages.node import Command, NodeProject, RuntimeLoads
from dockerslim.languages.node.path_strings import SYSTEM_PATH
from dockerslim.split.refused import Refused
from dockerslim.split.start import Start

CERTIFICATES = "ca-certificates"
IN_TEXT = re.compile(rf"""["'`]({SYSTEM_PATH.pattern})""")
"""A path in a string of a source that isn't parsed."""


@dataclass(frozen=True, slots=True)
class _Table:
    packages: Mapping[str, str]
    missing: frozenset[str]
    program_folders: frozenset[str]
    options: frozenset[str]
    switches: frozenset[str]
    variables: frozenset[str]
    native: frozenset[str]


@lru_cache(maxsize=1)
def _table() -> _Table:
    data = tomllib.loads(resources.files(__package__).joinpath("system_files.toml").read_text(encoding="utf-8"))
    certificates = data["certificates"]
    return _Table(
        data["packages"],
        frozenset(data["missing"]["paths"]),
        frozenset(data["programs"]["folders"]),
        frozenset(certificates["options"]),
        frozenset(certificates["switches"]),
        frozenset(certificates["paths"]),
        frozenset(certificates["packages"]),
    )


def named_programs(loads: RuntimeLoads | None) -> Iterator[tuple[str, str]]:
    """The programs that the source names by their whole path, and where."""
    for use in loads.system_paths if loads is not None else ():
        if posixpath.dirname(use.path) in _table().program_folders:
            yield posixpath.basename(use.path), str(use.evidence)


def packages_of_files(case: Case, stage: Stage, start: Start, loads: RuntimeLoads | None) -> Iterator[str]:
    """The packages of the files that the program names.

    Raises Refused for a file that a slim image lacks and no package is known to bring.
    """
    for use in loads.system_paths if loads is not None else ():
        yield from _package_of(case, stage, start, use.path, str(use.evidence))
    for name in sorted(_table().variables & case.states[stage.index].final.env.keys()):
        value = case.states[stage.index].final.env[name]
        if value:
            yield from _package_of(case, stage, start, posixpath.normpath(value), name)


def packages_of_text(case: Case, stage: Stage, start: Start, path: str, text: str) -> Iterator[str]:
    """`packages_of_files` for a source that may or may not be loaded."""
    for found in IN_TEXT.finditer(text):
        yield from _package_of(case, stage, start, posixpath.normpath(found[1]), f"`{path}`")


def packages_of_scripts(case: Case, stage: Stage, start: Start, command: Command) -> Iterator[str]:
    """`packages_of_files` for the shell scripts that the command runs."""
    for script in command.start_scripts:
        for found in SYSTEM_PATH.finditer(script.text):
            yield from _package_of(case, stage, start, posixpath.normpath(found[0]), f"`{script.file}`")


def _package_of(case: Case, stage: Stage, start: Start, path: str, place: str) -> Iterator[str]:
    table = _table()
    folder = next((f for f in _with_parents(path) if f in table.packages or f in table.missing), None)
    if folder is None or _is_brought(case, stage, path):
        return
    if folder in table.packages:
        yield table.packages[folder]
        return
    raise Refused(
        start.span,
        f"the program reads `{path}` ({place}), which a slim image lacks",
        "copy the file into the image, or split by hand",
    )


def _with_parents(path: str) -> Iterator[str]:
    """The path, its folder, the folder of that, and so on."""
    while path not in ("", "/"):
        yield path
        path = posixpath.dirname(path)


def _is_brought(case: Case, stage: Stage, path: str) -> bool:
    """Does a COPY or a mount lay it there?"""
    targets = {placement.target.rstrip("/") for placement in case.files(stage).placements}
    targets |= {mount.target.rstrip("/") for service in case.usage.services for mount in service.volumes}
    targets |= {volume.rstrip("/") for volume in case.states[stage.index].final.volumes}
    return not targets.isdisjoint(_with_parents(path))


def uses_system_certificates(
    case: Case, stage: Stage, commands: list[Command], project: NodeProject, loads: RuntimeLoads | None
) -> bool:
    """Does anything but node's own store of certificates decide whom the program trusts?"""
    table = _table()
    environment = case.states[stage.index].final.env
    options = (environment.get("NODE_OPTIONS") or "").split()
    switches = [name for name in environment if environment[name] not in (None, "", "0")]
    for command in commands:
        options += [word for argv in command.programs for word in argv]
        for name, value in command.environment:
            options += value.split() if name == "NODE_OPTIONS" else []
            switches.append(name)
    packages = (*project.manifest.production_dependencies, *(loads.packages if loads is not None else ()))
    return not (
        table.options.isdisjoint(options) and table.switches.isdisjoint(switches) and table.native.isdisjoint(packages)
    )
