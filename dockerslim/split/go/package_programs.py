"""Which program a system package brings: data, in package_programs.toml beside this file."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from functools import lru_cache
from importlib import resources


def is_brought(program: str, packages: Collection[str], distribution: str) -> bool:
    """Do the packages bring the program, as far as the table knows?"""
    return program in packages or not set(_table()[distribution].get(program, ())).isdisjoint(packages)


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Mapping[str, list[str]]]:
    return tomllib.loads(resources.files(__package__).joinpath("package_programs.toml").read_text(encoding="utf-8"))
