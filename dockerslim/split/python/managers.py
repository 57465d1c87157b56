"""The tools that install a project from its lock file: data, in managers.toml beside this file."""

from __future__ import annotations

import posixpath
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from dockerslim.dockerfile.shell import ShellCommand

PLAIN_TOOLS = frozenset(
    {"build", "hatch", "pip", "pipx", "poetry-core", "poetry-plugin-export", "setuptools", "virtualenv", "wheel"}
)
"""Distributions that are installed for managers, or with them, and that no program is in need of."""


@dataclass(frozen=True, slots=True)
class Manager:
    """One table of managers.toml."""

    name: str
    manifest: str
    lock: str
    beside: tuple[str, ...]
    verbs: frozenset[str]
    without_project: str
    without_project_options: frozenset[str]
    without_workspace: str
    valued: frozenset[str]
    groups: frozenset[str]
    folder_options: frozenset[str]
    environment: str
    environment_variable: str
    in_project_variable: str
    brings: frozenset[str]
    variables: frozenset[str]
    settings: frozenset[str]


@lru_cache(maxsize=1)
def managers() -> Mapping[str, Manager]:
    """The managers by name, read once."""
    text = resources.files(__package__).joinpath("managers.toml").read_text(encoding="utf-8")
    return MappingProxyType({name: _manager(name, table) for name, table in tomllib.loads(text).items()})


def _manager(name: str, table: Mapping[str, Any]) -> Manager:
    return Manager(
        name,
        table["manifest"],
        table["lock"],
        tuple(table["beside"]),
        frozenset(table["verbs"]),
        table["without_project"],
        frozenset(table["without_project_options"]),
        table.get("without_workspace", ""),
        frozenset(table["valued"]),
        frozenset(table["groups"]),
        frozenset(table["folder_options"]),
        table["environment"],
        table["environment_variable"],
        table["in_project_variable"],
        frozenset(table["brings"]),
        frozenset(table["variables"]),
        frozenset(table["settings"]),
    )


def is_setting(command: ShellCommand) -> bool:
    """Is it a manager's command that installs nothing, such as `poetry config`?"""
    words = command.inner().known_arguments()
    if len(words) < 2:
        return False
    name = posixpath.basename(words[0])
    return name in managers() and f"{name} {words[1]}" in managers()[name].settings


def is_tool(distribution: str) -> bool:
    """Is a distribution (`name` or `name[extra]`) a manager, or installed for one?"""
    name = distribution.partition("[")[0].lower().replace("_", "-")
    return name in managers() or name in PLAIN_TOOLS
