"""Does a module tell the media types of files by their names, as one does that serves them?

The names are data, in media_types.toml beside this file.
"""

from __future__ import annotations

import posixpath
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import libcst as cst

from dockerslim.languages.python.import_files import join
from dockerslim.languages.python.module import Module, keyword_argument
from dockerslim.languages.python.program import Program


@dataclass(frozen=True, slots=True)
class _Tables:
    names: frozenset[str]
    modules: frozenset[str]
    methods: frozenset[str]
    applications: frozenset[str]
    parts: frozenset[str]
    known: frozenset[str]


@cache
def _tables() -> _Tables:
    text = resources.files(__package__).joinpath("media_types.toml").read_text(encoding="utf-8")
    data: dict[str, Any] = tomllib.loads(text)
    return _Tables(
        names=frozenset(data["names"]),
        modules=frozenset(data["modules"]),
        methods=frozenset(data["methods"]),
        applications=frozenset(data["applications"]["with_static_folder"]),
        parts=frozenset(data["applications"]["parts"]),
        known=frozenset(data["known"]),
    )


def guesses_media_types(program: Program, module: Module) -> bool:
    """Look at a module's imports and calls, and at the folder of static files beside an application of Flask."""
    return _imports(module) or any(
        isinstance(node, cst.Call) and _calls(program, module, node) for node in module.expressions
    )


def _imports(module: Module) -> bool:
    tables = _tables()
    return any(
        not imported.level
        and (imported.name in tables.modules or any(f"{imported.name}.{m}" in tables.names for m in imported.members))
        for imported in module.imports
    )


def _calls(program: Program, module: Module, node: cst.Call) -> bool:
    tables = _tables()
    name = module.full_name(node.func) or ""
    if name in tables.names:
        return True
    if name in tables.applications or name in tables.parts:
        return _has_static_folder(program, module, node, is_default=name in tables.applications)
    return isinstance(node.func, cst.Attribute) and node.func.attr.value in tables.methods


def _has_static_folder(program: Program, module: Module, node: cst.Call, *, is_default: bool) -> bool:
    given = keyword_argument(node, "static_folder")
    if given is not None:
        return not (isinstance(given, cst.Name) and given.value == "None")
    folder = join(module.package, "static") if is_default else None
    if folder is None:
        return False
    suffixes = {posixpath.splitext(path)[1].lower() for path in program.context.under(folder)}
    return not suffixes <= _tables().known
