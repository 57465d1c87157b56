"""Which calls touch files, programs and libraries: data, in effects.toml beside this file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class OptionalWrite:
    """Calls that write where an argument asks for it, or unless one declines."""

    functions: frozenset[str]
    methods: frozenset[str]
    asked_by: tuple[int | str, ...]
    beginning: str
    by_default: bool
    places: tuple[int | str, ...]
    paths: tuple[str, ...]
    is_folder: bool
    """Is what stands at `places` a folder?"""


@dataclass(frozen=True, slots=True)
class EffectTables:
    """The tables of effects.toml: names of functions and methods, with the places of their arguments."""

    aliases: Mapping[str, str]
    open_functions: frozenset[str]
    write_by_default: frozenset[str]
    write: Mapping[str, Sequence[int | str]]
    write_folders: frozenset[str]
    write_methods: Mapping[str, Sequence[int | str]]
    write_where_named: Mapping[str, Sequence[int | str]]
    write_methods_where_named: Mapping[str, Sequence[int | str]]
    write_defaults: Mapping[str, Sequence[str]]
    write_absolute: Mapping[str, Sequence[int | str]]
    write_options: Mapping[str, Sequence[str]]
    optional_writes: tuple[OptionalWrite, ...]
    beat_methods: frozenset[str]
    beat_places: Sequence[int | str]
    downloads: Mapping[str, Sequence[int | str]]
    written_folders: tuple[str, ...]
    written_keys: tuple[str, ...]
    written_keys_where_named: tuple[str, ...]
    written_switches: Mapping[str, Sequence[str]]
    written_by_modules: Mapping[str, Sequence[str]]
    write_receivers: frozenset[str]
    ambiguous_receivers: frozenset[str]
    read: Mapping[str, Sequence[int | str]]
    read_receivers: frozenset[str]
    program: Mapping[str, Sequence[int | str]]
    compilers: frozenset[str]
    compiler_modules: frozenset[str]
    compiler: str
    install: frozenset[str]
    install_commands: Sequence[Sequence[str]]
    install_keywords: Mapping[str, str]
    library: Mapping[str, Sequence[int | str]]
    library_methods: Mapping[str, Sequence[int | str]]
    logging: Mapping[str, Sequence[int | str]]
    home: frozenset[str]
    home_methods: frozenset[str]
    home_modules: tuple[str, ...]
    home_folders: tuple[str, ...]
    root: frozenset[str]
    root_sockets: frozenset[str]
    root_modules: frozenset[str]
    device_modules: frozenset[str]
    device_distributions: frozenset[str]


@cache
def effect_tables() -> EffectTables:
    """The tables, read once."""
    text = resources.files(__package__).joinpath("effects.toml").read_text(encoding="utf-8")
    data: dict[str, Any] = tomllib.loads(text)
    return EffectTables(
        aliases=data["aliases"],
        open_functions=frozenset(data["open"]["functions"]),
        write_by_default=frozenset(data["open"]["write_by_default"]),
        write=data["write"]["functions"],
        write_folders=frozenset(data["write"]["of_folders"]["functions"]),
        write_methods=data["write"]["methods"],
        write_where_named=data["write"]["where_named"],
        write_methods_where_named=data["write"]["methods_where_named"],
        write_defaults=data["write"]["defaults"],
        write_absolute=data["write"]["absolute"],
        write_options=data["write"]["options"],
        optional_writes=tuple(_optional_write(rule) for rule in data["write"]["optional"]),
        beat_methods=frozenset(data["write"]["beat"]["methods"]),
        beat_places=data["write"]["beat"]["places"],
        downloads=data["write"]["downloads"],
        written_folders=tuple(data["write"]["keywords"]["folders"]),
        written_keys=tuple(data["write"]["keywords"]["keys"]),
        written_keys_where_named=tuple(data["write"]["keywords"]["keys_where_named"]),
        written_switches=data["write"]["keywords"]["switches"],
        written_by_modules=data["write"]["modules"],
        write_receivers=frozenset(data["write"]["receivers"]["names"]),
        ambiguous_receivers=frozenset(data["write"]["receivers"]["ambiguous"]),
        read=data["read"]["functions"],
        read_receivers=frozenset(data["read"]["receivers"]["names"]),
        program=data["program"]["functions"],
        compilers=frozenset(data["compiler"]["functions"]),
        compiler_modules=frozenset(data["compiler"]["modules"]),
        compiler=data["compiler"]["program"],
        install=frozenset(data["install"]["functions"]),
        install_commands=data["install"]["commands"],
        install_keywords=data["install"]["keywords"],
        library=data["library"]["functions"],
        library_methods=data["library"]["methods"],
        logging=data["logging"]["functions"],
        home=frozenset(data["home"]["functions"]),
        home_methods=frozenset(data["home"]["methods"]),
        home_modules=tuple(data["home"]["modules"]),
        home_folders=tuple(data["home"]["folders"]),
        root=frozenset(data["root"]["functions"]),
        root_sockets=frozenset(data["root"]["sockets"]),
        root_modules=frozenset(data["root"]["modules"]),
        device_modules=frozenset(data["devices"]["modules"]),
        device_distributions=frozenset(data["devices"]["distributions"]),
    )


def _optional_write(rule: Mapping[str, Any]) -> OptionalWrite:
    return OptionalWrite(
        functions=frozenset(rule.get("functions", ())),
        methods=frozenset(rule.get("methods", ())),
        asked_by=tuple(rule["asked_by"]),
        beginning=rule.get("beginning", ""),
        by_default=rule["by_default"],
        places=tuple(rule["places"]),
        paths=tuple(rule["paths"]),
        is_folder=rule.get("is_folder", True),
    )


def canonical_name(name: str) -> str:
    """The name under which the tables have a function that its library offers under several."""
    aliases = effect_tables().aliases
    end = len(name)
    while end > 0:
        prefix = name[:end]
        if prefix in aliases:
            return aliases[prefix] + name[end:]
        end = name.rfind(".", 0, end)
    return name


def needs_home(imported: str) -> bool:
    """Does a module look for downloaded data in the home folder?"""
    return any(imported == name or imported.startswith(name + ".") for name in effect_tables().home_modules)
