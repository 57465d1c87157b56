"""The tables of calls that read, write, start or load."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

Effect = Literal["read", "write", "static", "program", "shell", "load", "open", "settings", "unknown"]
"""`unknown`: it may be written; `settings`: a file that says what else is."""

_FILES = ("source_calls.toml", "library_writes.toml")


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
    default: str = ""
    """What it is where the call names none; a folder ends in `/`."""
    default_keys: tuple[str, ...] = ()
    """Members that are the folder where the call names no other."""
    literal: bool = False
    """Only an argument whose path can be told: others are no path."""
    only_with: str = ""
    """Only where the options have this member, and not as `false`."""
    modules: frozenset[str] = frozenset()
    """Of a method: the file uses one of these; empty: whatever it uses."""


@dataclass(frozen=True, slots=True)
class KeyRule:
    """A member of any object that is a path."""

    effect: Effect
    modules: frozenset[str]
    """The file uses one of these; empty: whatever it uses."""
    beside: Mapping[str, tuple[str, ...]]
    """Other members, here or of the object around this one, and their values: one must be; empty: none is asked."""
    is_folder: bool = False
    inside: tuple[str, ...] = ()
    """The object is the value of one of these members; empty: it may stand anywhere."""


@dataclass(frozen=True, slots=True)
class GivenRules:
    """How to judge the paths that packages are given of which no rule speaks."""

    outputs: frozenset[str]
    """Members that name what is made."""
    places: frozenset[str]
    """Members that name what is made or what is read."""
    not_beside: frozenset[str]
    """Members that show the object to be no description of a file of the disk."""
    readers: frozenset[str]
    """Packages that write nothing of what they are given."""


@dataclass(frozen=True, slots=True)
class PackageRule:
    """What a package does without being told."""

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    """Files that say what else it writes, where the project has them."""
    loads: tuple[str, ...] = ()
    """Files of code that it loads, where the project has them."""
    unknown_writes: bool = False
    loads_unknown: bool = False


@functools.cache
def _table() -> Mapping[str, Any]:
    folder = resources.files(__package__)
    table: dict[str, Any] = {}
    for name in _FILES:
        for key, value in tomllib.loads(folder.joinpath(name).read_text("utf-8")).items():
            table[key] = [*table[key], *value] if key in table else value
    return table


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
        rule = _call_rule(entry)
        for module in entry["modules"]:
            for name in entry["names"]:
                rules[module, name] = (*rules.get((module, name), ()), rule)
    data = _table()["child_process"]
    for effect in ("shell", "program", "load"):
        for module in data["modules"]:
            for name in data[effect]:
                rules[module, "" if name == "default" else name] = (CallRule(effect, 0),)
    return rules


def _call_rule(entry: Mapping[str, Any], modules: frozenset[str] = frozenset()) -> CallRule:
    return CallRule(
        entry["effect"],
        entry.get("argument"),
        tuple(entry.get("keys", ())),
        entry.get("root", False),
        tuple(entry.get("folder_keys", ())),
        entry.get("folder", False),
        entry.get("always", False),
        entry.get("default", ""),
        tuple(entry.get("default_keys", ())),
        entry.get("literal", False),
        entry.get("only_with", ""),
        modules,
    )


@functools.cache
def _method_rules() -> Mapping[str, tuple[CallRule, ...]]:
    rules: dict[str, tuple[CallRule, ...]] = {}
    for entry in _table()["method"]:
        rule = _call_rule(entry, frozenset(entry.get("modules", ())))
        for name in entry["names"]:
            rules[name] = (*rules.get(name, ()), rule)
    return rules


@functools.cache
def _distinctive_rules() -> Mapping[str, tuple[CallRule, ...]]:
    names = frozenset(_table()["fs"]["distinctive"])
    return {name: found for name, found in _fs_rules().items() if name in names}


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
    """What calling `name` of a module does; "" is the module itself, "()" what a call of it gives back."""
    if is_file_system(module):
        return _fs_rules().get(name, ())
    return _call_rules().get((module, name), ())


def rules_for_method(name: str, modules: Collection[str], *, of_package: bool = False) -> tuple[CallRule, ...]:
    """What a method of this name does, whatever its object is, in a file that uses these modules.

    `of_package`: a package has it, so that one with a name of fs may do anything.
    """
    distinctive = _distinctive_rules().get(name, ()) if not of_package else ()
    found = distinctive or _method_rules().get(name, ())
    named = tuple(rule for rule in found if not rule.modules.isdisjoint(modules))
    return named or tuple(rule for rule in found if not rule.modules)


@functools.cache
def modules_with_rules() -> frozenset[str]:
    """The packages of which the tables tell what they write."""
    named = {module for rules in key_rules().values() for rule in rules for module in rule.modules}
    named |= {name for name, rule in _package_rules().items() if rule.writes or rule.unknown_writes}
    return frozenset(module for module, _ in _call_rules()) | frozenset(_table()["fs"]["modules"]) | named


@functools.cache
def given_rules() -> GivenRules:
    """How to judge what packages are given that are not in the table."""
    data = _table()["given"]
    return GivenRules(*(frozenset(data[name]) for name in ("outputs", "places", "not_beside", "readers")))


def assigned_paths() -> frozenset[str]:
    """Members of libraries' objects that programs set to a folder which is written."""
    return frozenset(_table()["assigned"]["folders"])


@functools.cache
def key_rules() -> Mapping[str, tuple[KeyRule, ...]]:
    """The members of objects that are paths, by name."""
    rules: dict[str, tuple[KeyRule, ...]] = {}
    for entry in _table()["key"]:
        beside = {name: tuple(values) for name, values in entry.get("with", {}).items()}
        modules = frozenset(entry.get("modules", ()))
        inside = tuple(entry.get("inside", ()))
        rule = KeyRule(entry["effect"], modules, beside, entry.get("folder", False), inside)
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
                (*old.settings, *entry.get("settings", ())),
                (*old.loads, *entry.get("loads", ())),
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
