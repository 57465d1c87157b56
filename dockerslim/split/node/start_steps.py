"""Programs of the system that a start runs before the server, and that change files: data, in start_steps.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

COMPUTED = frozenset("$*?[`~{")


def made_by_steps(programs: Sequence[Sequence[str]]) -> Iterator[str]:
    """The paths, counted from the work folder, that the start makes; a folder ends in `/`."""
    makes = _table()["makes"]
    for argv in programs:
        if argv[0] in makes and not _is_computed(argv):
            yield from (word.rstrip("/") + makes[argv[0]] for word in argv[1:] if not word.startswith("-"))


def unknown_steps(programs: Sequence[Sequence[str]]) -> Iterator[str]:
    """The commands that change files which may be another user's."""
    table = _table()
    for argv in programs:
        is_computed = argv[0] in table["makes"] and _is_computed(argv)
        if is_computed or any(_holds(rule, argv) for rule in table["changes"] if argv[0] in rule["programs"]):
            yield " ".join(argv)[:60]


def _holds(rule: Mapping[str, Any], argv: Sequence[str]) -> bool:
    if not set(argv[1:]).isdisjoint(rule.get("unless", ())):
        return False
    return "options" not in rule or any(_is_given(option, word) for option in rule["options"] for word in argv[1:])


def _is_given(option: str, word: str) -> bool:
    if word == option or word.startswith((f"{option}=", f"{option}.")):
        return True
    is_short = len(option) == 2
    return is_short and word.startswith("-") and not word.startswith("--") and option[1] in word[1:]


def _is_computed(argv: Sequence[str]) -> bool:
    return any(not COMPUTED.isdisjoint(word) for word in argv)


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("start_steps.toml").read_text(encoding="utf-8"))
