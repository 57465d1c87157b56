"""What a system package is for, and what stays of it where nothing is built any more.

The names are data, in system_packages.toml beside this file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

Kind = Literal["build", "run", "both", "unknown"]
Distribution = Literal["debian", "alpine"]

EVERY = "every"
"""The key of names that hold for each release that the table knows."""

LONGEST_NAME = 200

_NAME = re.compile(r"[a-z0-9][a-z0-9+.\-]*")
_VERSIONED_TOOL = re.compile(r"(?P<name>.+?)-?\d+(?:\.\d+)*")
_VERSIONED_PYTHON_HEADERS = re.compile(r"(?:lib)?python\d(?:\.\d+)?-dev")
_VERSIONED_COMPILER_HEADERS = re.compile(r"lib(?:stdc\+\+|gcc)-\d+-dev")
_KERNEL_HEADERS = re.compile(r"linux-headers-.+")


@dataclass(frozen=True, slots=True)
class PackagePurpose:
    """What one package of an `apt-get install` or `apk add` is for.

    `build`: not needed by what runs; `run`: needed there, or to be taken for needed; `both`: not known apart;
    `unknown`: the word is not a package's name.
    """

    package: str
    """The name without version, architecture and suite."""
    kind: Kind
    runtime_packages: tuple[str, ...] | None
    """What the runtime stage has in its place; None where that is not known for the release."""
    uncertain: bool = False
    """A build tool that some programs run."""


def purpose(package: str, distribution: Distribution, release: str | None) -> PackagePurpose:
    """Say what a package is for.

    `package` is a word as it is installed, `release` a codename (bookworm) or a version (3.20). Where the release is
    None, only names that all known releases share are given.
    """
    name = package_name(package)
    if len(name) > LONGEST_NAME or _NAME.fullmatch(name) is None:
        return PackagePurpose(name, "unknown", None)
    table = _tables()[distribution]
    if name in table.uncertain_build_tools:
        return PackagePurpose(name, "build", (), uncertain=True)
    if name in table.development:
        return PackagePurpose(name, "build", table.names(table.development[name], release))
    if _is_build_tool(name, table):
        return PackagePurpose(name, "build", ())
    if name in table.renamed:
        return PackagePurpose(name, "run", table.names(table.renamed[name], release))
    if name.endswith("-dev") and name not in table.run_names:
        return PackagePurpose(name, "both", (name,))
    return PackagePurpose(name, "run", (name,))


def package_name(word: str) -> str:
    """The package's name in a word of an install command: `libpq-dev:amd64=15.*` gives `libpq-dev`."""
    for mark in ("=", "/", "<", ">", "~", "@"):
        word = word.partition(mark)[0]
    return word.partition(":")[0]


@dataclass(frozen=True, slots=True)
class _Table:
    releases: frozenset[str]
    build_tools: frozenset[str]
    uncertain_build_tools: frozenset[str]
    run_names: frozenset[str]
    development: Mapping[str, Mapping[str, Sequence[str]]]
    renamed: Mapping[str, Mapping[str, Sequence[str]]]

    def names(self, by_release: Mapping[str, Sequence[str]], release: str | None) -> tuple[str, ...] | None:
        if release is not None and release in by_release:
            return tuple(by_release[release])
        known = release is None or not self.releases or release in self.releases
        if known and EVERY in by_release:
            return tuple(by_release[EVERY])
        return self._common(by_release) if release is None else None

    def _common(self, by_release: Mapping[str, Sequence[str]]) -> tuple[str, ...] | None:
        if set(by_release) < self.releases:
            return None
        distinct = {tuple(names) for names in by_release.values()}
        return distinct.pop() if len(distinct) == 1 else None


def _is_build_tool(name: str, table: _Table) -> bool:
    if name in table.build_tools or _KERNEL_HEADERS.fullmatch(name):
        return True
    if _VERSIONED_PYTHON_HEADERS.fullmatch(name) or _VERSIONED_COMPILER_HEADERS.fullmatch(name):
        return True
    versioned = _VERSIONED_TOOL.fullmatch(name)
    return versioned is not None and versioned["name"] in table.build_tools


@cache
def _tables() -> dict[str, _Table]:
    text = resources.files(__package__).joinpath("system_packages.toml").read_text(encoding="utf-8")
    return {distribution: _table(data) for distribution, data in tomllib.loads(text).items()}


def _table(data: Mapping[str, Any]) -> _Table:
    return _Table(
        releases=frozenset(data["releases"]),
        build_tools=frozenset(data["build_tools"]),
        uncertain_build_tools=frozenset(data["uncertain_build_tools"]),
        run_names=frozenset(data["run_names"]),
        development=data["development"],
        renamed=data["renamed"],
    )
