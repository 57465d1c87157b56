"""The table of programs that package.json scripts run, and what each is."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

Kind = Literal["development", "build", "server", "task"]


@dataclass(frozen=True, slots=True)
class Wrapper:
    """How to find the command that a wrapper runs."""

    options_with_value: frozenset[str] = frozenset()
    assignments: bool = False
    subcommand: str | None = None
    positional: int = 0
    """So many words come before the command, as the user of gosu."""


@functools.cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("tools.toml").read_text("utf-8"))


@functools.cache
def _rules(section: str) -> Mapping[str, tuple[Mapping[str, Any], ...]]:
    rules: dict[str, list[Mapping[str, Any]]] = {}
    for rule in _table()[section]:
        for program in rule["programs"]:
            rules.setdefault(program, []).append(rule)
    return {program: tuple(found) for program, found in rules.items()}


@functools.cache
def _names(section: str) -> frozenset[str]:
    return frozenset(_table()[section]["programs"])


def find_rule(section: str, argv: Sequence[str]) -> Mapping[str, Any] | None:
    """The first rule of a section that holds for a command, its program without a folder."""
    return next((rule for rule in _rules(section).get(argv[0], ()) if _holds(rule, argv[1:])), None) if argv else None


def classify(argv: Sequence[str]) -> Kind | None:
    """What a command is; None where the table doesn't know it."""
    kinds: tuple[Kind, ...] = ("development", "server", "build", "task")
    kind = next((kind for kind in kinds if find_rule(kind, argv) is not None), None)
    is_system = argv and is_system_program(argv[0]) and find_rule("system_runner", argv) is None
    return "task" if kind is None and is_system else kind


def _holds(rule: Mapping[str, Any], arguments: Sequence[str]) -> bool:
    plain = [word for word in arguments if not word.startswith("-")]
    first = plain[0] if plain else None
    options = {word.partition("=")[0] for word in arguments if word.startswith("-")}
    return (
        ("first" not in rule or first in rule["first"])
        and ("second" not in rule or not {*plain[1:2]}.isdisjoint(rule["second"]))
        and ("unless_first" not in rule or first not in rule["unless_first"])
        and ("flags" not in rule or not options.isdisjoint(rule["flags"]))
        and ("unless_flags" not in rule or options.isdisjoint(rule["unless_flags"]))
    )


def packages_of(program: str) -> tuple[str, ...]:
    """The packages that may bring a program of node_modules/.bin."""
    return tuple(_table()["packages"].get(program, ())) or (program,)


def is_transpiler(program: str) -> bool:
    """Runs a file of TypeScript or modern JavaScript as it is."""
    return program in _names("transpilers")


def is_process_manager(program: str) -> bool:
    return program in _names("process_managers")


def is_global_tool(program: str) -> bool:
    """Commonly installed by `npm install --global`."""
    return program in _names("global")


def wrapper(program: str) -> Wrapper | None:
    """How this program is followed by the command that it runs; None where it is no wrapper."""
    data = _table()["wrappers"].get(program)
    if data is None:
        return None
    return Wrapper(
        frozenset(data.get("options_with_value", ())),
        data.get("assignments", False),
        data.get("subcommand"),
        data.get("positional", 0),
    )


@dataclass(frozen=True, slots=True)
class KnownScript:
    """A shell script that projects carry along as it was published."""

    programs: tuple[str, ...]
    """What it runs itself."""
    separator: str
    """Before the command that it runs in the end."""


def known_script(name: str, text: str) -> KnownScript | None:
    """The script of that name, where its text is the one that was published."""
    for entry in _table()["known_script"]:
        if name in entry["names"] and all(mark in text for mark in entry["marks"]):
            return KnownScript(tuple(entry["programs"]), entry["separator"])
    return None


def is_node_wrapper(program: str) -> bool:
    """The wrapper itself comes from node_modules."""
    return program in _names("node_wrappers")


def is_shell(program: str) -> bool:
    return program in _names("shells")


def is_script_list(program: str) -> bool:
    """Runs the scripts of package.json whose names it is given."""
    return program in _names("script_lists")


def is_system_program(program: str) -> bool:
    """Comes with the system, or is a word of its shell."""
    return program in _names("system")
