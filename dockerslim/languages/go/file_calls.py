"""The table of calls that name files, folders and programs."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from dockerslim.languages.go.header import is_below


@dataclass(frozen=True, slots=True)
class FileCall:
    """A row of the table; files.toml says what each column means."""

    kind: str
    packages: tuple[str, ...]
    arguments: tuple[int, ...]
    rest: bool
    fields: tuple[str, ...]
    default: str | None
    fixed: str | None
    form: str
    exactly: int | None
    unless: str | None
    first: tuple[str, ...]

    def is_of(self, package: str | None) -> bool:
        """Is a function of this package meant? None: a method, or a function of the program's own."""
        return not self.packages or (package is not None and any(is_below(package, path) for path in self.packages))


@dataclass(frozen=True, slots=True)
class ImportEffect:
    """What a package does because it is imported."""

    path: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    programs: tuple[str, ...]
    unknown_reads: bool
    unknown_writes: bool


@dataclass(frozen=True, slots=True)
class FileCalls:
    """The whole table, the calls by the name of the function."""

    by_name: Mapping[str, tuple[FileCall, ...]]
    imports: tuple[ImportEffect, ...]
    tls_imports: tuple[str, ...]


@cache
def file_calls() -> FileCalls:
    """The table, read once."""
    data = tomllib.loads(files(__package__).joinpath("files.toml").read_text(encoding="utf-8"))
    by_name: dict[str, list[FileCall]] = {}
    for row in data["call"]:
        for name in row["names"]:
            by_name.setdefault(name, []).append(_call(row))
    return FileCalls(
        {name: tuple(calls) for name, calls in by_name.items()},
        tuple(_effect(row) for row in data["import"]),
        tuple(data["tls"]["imports"]),
    )


def _call(row: Mapping[str, Any]) -> FileCall:
    return FileCall(
        row["kind"],
        tuple(row.get("packages", ())),
        tuple(row.get("arguments", ())),
        row.get("rest", False),
        tuple(row.get("fields", ())),
        row.get("default"),
        row.get("fixed"),
        row.get("form", "path"),
        row.get("exactly"),
        row.get("unless"),
        tuple(row.get("first", ())),
    )


def _effect(row: Mapping[str, Any]) -> ImportEffect:
    return ImportEffect(
        row["path"],
        tuple(row.get("reads", ())),
        tuple(row.get("writes", ())),
        tuple(row.get("programs", ())),
        row.get("unknown_reads", False),
        row.get("unknown_writes", False),
    )
