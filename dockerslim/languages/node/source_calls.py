"""The table of calls that read, write, start or load."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

Effect = Literal["read", "write", "static", "program", "shell", "load", "open", "unknown"]
"""`unknown`: it may be written."""


@dataclass(frozen=True, slots=True)
class CallRule:
    """What one call does: with the path in `argument`, or in the members `keys` of an object argument."""

    effect: Effect
    argument: int | None = None
    keys: tuple[str, ...] = ()
    has_root: bool = False
    """The path counts from the member `root` of the second argument."""
    folder_keys: tuple[str, ...] = ()
    """Members that are folders; what the other keys and the argument name then lies there."""
    is_folder: bool = False
    """The argument is a folder, which the call makes."""
    always: bool = False
    """It is made for files: options that can't be seen may name any."""


@dataclass(frozen=True, slots=True)
class KeyRule:
    """A member of any object that is a path."""

    effect: Effect
    modules: frozenset[str]
    """The file uses one of these; empty: `beside` decides, and where that is empty too, the name alone."""
    beside: Mapping[str, tuple[str, ...]]
    """Another member, here or of the object around this one, and the values of which it has one."""
    is_folder: bool = False


@dataclass(frozen=True, slots=True)
class PackageRule:
    """What a package does without being told."""

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    unknown_writes: bool = False
    loads_unknown: bool = False


@functools.cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("source_calls.toml").read_text("utf-8"))


@functools.cache
def _fs_rules() -> Mapping[str, tuple[CallRule, ...]]:
    data = _table()["fs"]
    rules: dict[str, tuple[CallRule, ...]] = {}
    rules.update({name: (CallRule("read", 0),) for name in data["read"]})
    rules.update({name: (CallRule("write", 0),) for name in data["write"]})
    rules.update({name: (CallRule("read", 0), CallRule("write", 1)) for name in data["copy"]})
    rules.update({name: (CallRule("write", 0), CallRule("write", 1)) for name in data["move"]})
    rules.update({name: (CallRule("open", 0),) for name in data["open"]})
    return rules


@functools.cache
def _call_rules() -> Mapping[tuple[str, str], tuple[CallRule, ...]]:
    rules: dict[tuple[str, str], tuple[CallRule, ...]] = {}
    for entry in _table()["call"]:
        rule = CallRule(
            entry["effect"],
            entry.get("argument"),
            tuple(entry.get("keys", ())),
            folder_keys=tuple(entry.get("folder_keys", ())),
            is_folder=entry.get("folder", False),
            always=entry.get("always", False),
        )
        for module in entry["modules"]:
            for name in entry["names"]:
                rules[module, name] = (*rules.get((module, name), ()), rule)
    data = _table()["child_process"]
    for effect in ("shell", "program", "load"):
        for module in data["modules"]:
            for name in data[effect]:
                rules[module, "" if name == "default" else name] = (CallRule(effect, 0),)
    return rules


@functools.cache
def _method_rules() -> Mapping[str, tuple[CallRule, ...]]:
    rules: dict[str, tuple[CallRule, ...]] = {}
    for entry in _table()["method"]:
        rule = CallRule(entry["effect"], entry.get("argument"), tuple(entry.get("keys", ())), entry.get("root", False))
        rules.update(dict.fromkeys(entry["names"], (rule,)))
    distinctive = frozenset(_table()["fs"]["distinctive"])
    rules.update({name: found for name, found in _fs_rules().items() if name in distinctive})
    return rules


def rules_for_file_method(name: str) -> tuple[CallRule, ...]:
    """What a method of a file object does, such as Bun's `Bun.file("x").writer()`; the object is the path."""
    return (CallRule("write"),) if name in _table()["file_methods"]["write"] else ()


def is_file_object(module: str, name: str | None) -> bool:
    """Does this function give a file object back?"""
    data = _table()["file_methods"]
    return module in data["modules"] and name == data["function"]


def is_file_system(module: str) -> bool:
    """fs, or a package with its functions."""
    return module in _table()["fs"]["modules"]


def rules_for_member(module: str, name: str) -> tuple[CallRule, ...]:
    """What calling `name` of a module does; "" is the module itself."""
    if is_file_system(module):
        return _fs_rules().get(name, ())
    return _call_rules().get((module, name), ())


def rules_for_method(name: str) -> tuple[CallRule, ...]:
    """What a method of this name does, whatever its object is."""
    return _method_rules().get(name, ())


@functools.cache
def key_rules() -> Mapping[str, tuple[KeyRule, ...]]:
    """The members of objects that are paths, by name."""
    rules: dict[str, tuple[KeyRule, ...]] = {}
    for entry in _table()["key"]:
        beside = {name: tuple(values) for name, values in entry.get("with", {}).items()}
        modules = frozenset(entry.get("modules", ()))
        rule = KeyRule(entry["effect"], modules, beside, entry.get("folder", False))
        for name in entry["names"]:
            rules[name] = (*rules.get(name, ()), rule)
    return rules


@functools.cache
def _package_rules() -> Mapping[str, PackageRule]:
    rules: dict[str, PackageRule] = {}
    for entry in _table()["package"]:
        for name in entry["names"]:
            old = rules.get(name, PackageRule())
            rules[name] = PackageRule(
                (*old.reads, *entry.get("reads", ())),
                (*old.writes, *entry.get("writes", ())),
                old.unknown_writes or entry.get("unknown_writes", False),
                old.loads_unknown or entry.get("loads_unknown", False),
            )
    return rules


def package_rule(name: str) -> PackageRule:
    """What a package does without being told."""
    return _package_rules().get(name, PackageRule())


def drivers_of(database: str) -> tuple[str, ...]:
    """The packages that a library loads for a database of this name."""
    return tuple(_table()["drivers"].get(database, ()))
