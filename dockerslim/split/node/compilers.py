"""Compilers that a framework lists for production, and that only its build loads: data, in compilers.toml."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any

from dockerslim.case import Case
from dockerslim.languages.node.framework_files import typescript_configuration
from dockerslim.split.node.purpose import NodeStage
from dockerslim.split.node.start import NodeStart, service_commands

HOISTED = frozenset({"npm", "yarn"})
"""They lay a project's packages into node_modules by their names."""


def unused_compilers(case: Case, found: NodeStage, node: NodeStart) -> tuple[str, ...]:
    """Patterns of a shell, relative to the work folder, of what the server never loads."""
    project = node.project
    if project.workspaces or project.manager == "yarn-berry" or service_commands(case, project, node.folder):
        return ()
    if any(item.install.program not in HOISTED or item.folder != node.folder for item in found.installs):
        return ()
    paths = [path for argv in node.command.programs for path in _compilers_of(argv)]
    is_compiled = any(typescript_configuration(project, argv) is not None for argv in node.command.programs)
    return () if is_compiled else tuple(dict.fromkeys(paths))


def _compilers_of(argv: tuple[str, ...]) -> list[str]:
    entries = [entry for entry in _table() if list(argv[: len(entry["server"])]) == entry["server"]]
    return [path for entry in entries for path in entry["paths"]]


@lru_cache(maxsize=1)
def _table() -> list[dict[str, Any]]:
    data = tomllib.loads(resources.files(__package__).joinpath("compilers.toml").read_text(encoding="utf-8"))
    entries: list[dict[str, Any]] = data["compiler"]
    return entries
