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
from dockerslim.languages.python.module import Module, keyword_argument, positional_argument
from dockerslim.languages.python.program import Program
from dockerslim.languages.python.values import Value

_STATIC_FOLDER = 2
"""Where it stands among the arguments, of applications and of blueprints alike."""


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
    """Does it serve a folder with files whose types Python's own table may not have?"""
    given = keyword_argument(node, "static_folder") or positional_argument(node, _STATIC_FOLDER)
    if given is None:
        folder = join(module.package, "static") if is_default else None
        return folder is not None and not _are_known(program, folder)
    if isinstance(given, cst.Name) and given.value == "None":
        return False
    folder = _folder(program.evaluate(given, module), module)
    # One that the context hasn't is filled by a build, or elsewhere: with what is not known.
    return folder is None or not program.context.is_folder(folder) or not _are_known(program, folder)


def _folder(value: Value | None, module: Module) -> str | None:
    """The context's folder that a static folder's value names: relative to the module, as the framework takes it."""
    if value is None or value.is_open or value.is_default or value.text.startswith("/"):
        return None
    if value.base == "file":
        return join("", value.text)
    return join(module.package, value.text) if value.base == "text" else None


def _are_known(program: Program, folder: str) -> bool:
    suffixes = {posixpath.splitext(path)[1].lower() for path in program.context.under(folder)}
    return suffixes <= _tables().known
