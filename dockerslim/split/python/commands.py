"""Words of command lines that the readers of a Python stage know: data, in commands.toml beside this file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class PythonCommands:
    """The tables of commands.toml."""

    global_valued: frozenset[str]
    valued: frozenset[str]
    elsewhere: frozenset[str]
    install_verbs: frozenset[str]
    setting_verbs: frozenset[str]
    system: frozenset[str]
    path: frozenset[str]
    installed_modules: frozenset[str]
    runtime: frozenset[str]
    apart_from_installs: frozenset[str]
    neutral: frozenset[str]
    console_scripts: frozenset[str]
    other_installers: frozenset[str]
    home_downloads: frozenset[str]
    starters: frozenset[str]
    development_tools: frozenset[str]
    understood: frozenset[str]
    written_folders: frozenset[str]


@lru_cache(maxsize=1)
def python_commands() -> PythonCommands:
    """The tables, read once."""
    text = resources.files(__package__).joinpath("commands.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    return PythonCommands(**{name: frozenset(words) for table in tables.values() for name, words in table.items()})
