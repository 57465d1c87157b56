"""What programs of node_modules write: data, in program_writes.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from typing import Any


def program_writes(argv: Sequence[str]) -> tuple[str, ...] | None:
    """The paths that a command line of a program writes, relative to the work folder; None where that isn't known."""
    entry = _entry(argv)
    return tuple(entry["writes"]) if entry is not None else None


def filled_by_build(argv: Sequence[str]) -> tuple[str, ...]:
    """Those of `program_writes` that a build has filled before."""
    entry = _entry(argv)
    return tuple(entry.get("filled", ())) if entry is not None else ()


def _entry(argv: Sequence[str]) -> dict[str, Any] | None:
    first = next((word for word in argv[1:] if not word.startswith("-")), None)
    return next((e for e in _table().get(argv[0], ()) if "first" not in e or first in e["first"]), None)


@lru_cache(maxsize=1)
def _table() -> dict[str, list[dict[str, Any]]]:
    data = tomllib.loads(resources.files(__package__).joinpath("program_writes.toml").read_text(encoding="utf-8"))
    table: dict[str, list[dict[str, Any]]] = {}
    for entry in data["program"]:
        for name in entry["names"]:
            table.setdefault(name, []).append(entry)
    return table
