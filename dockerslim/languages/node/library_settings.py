"""What a library writes by a file of settings, and which paths that it is given are there to be read."""

from __future__ import annotations

from collections.abc import Collection

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.evidence import Evidence
from dockerslim.languages.node.file_use import FileUse
from dockerslim.languages.node.path_strings import logs_in_settings
from dockerslim.languages.node.paths import inside, is_below, relative_to
from dockerslim.languages.node.source_file import read_source_file
from dockerslim.languages.node.syntax import SOURCE_SUFFIXES

_SUFFIXES = ("", *SOURCE_SUFFIXES, ".json")
_SIZE_LIMIT = 100_000
"""Characters; a larger file of JSON is data, not settings."""
_MADE_BY_BUILDS = ("dist", "build", "node_modules", ".next", ".output")
_PLACEHOLDERS = (".gitkeep", ".gitignore", ".keep", ".empty", ".placeholder", "README.md")


def writes_of_settings(
    context: BuildContext, path: str, packages: Collection[str]
) -> tuple[tuple[FileUse, ...], tuple[Evidence, ...]]:
    """What libraries write that are told by this file, and what they may write; `packages` are those that may be.

    JSON is an expression of JavaScript, so that the same members are known in it.
    """
    text = context.read_text(path) or ""
    if not path.endswith(".json") or len(text) > _SIZE_LIMIT:
        return (), tuple(logs_in_settings(path, text))
    file = read_source_file(path, f"({text})", path, packages)
    return file.writes, file.unknown_writes


def is_there(context: BuildContext, folders: tuple[str, ...], use: FileUse, sources: tuple[str, str] | None) -> bool:
    """Does the context, or what a build makes of it, have what a path names, so that a library may read it?

    `folders` are those that relative paths may count from, `sources` a folder of sources and that of its outputs.
    """
    if use.kind == "absolute" or (use.path.partition("/")[0] in _MADE_BY_BUILDS and use.kind == "cwd"):
        return True
    paths = [use.path] if use.kind == "file" else [inside(folder, use.path) for folder in folders]
    if sources is not None:
        origin, output = sources
        paths += [inside(origin or ".", relative_to(path, output)) for path in paths if path and is_below(path, output)]
    return any(path is not None and _has(context, path) for path in paths)


def _has(context: BuildContext, path: str) -> bool:
    """An empty folder is there to be filled."""
    if path == "" or any(context.is_file(path + suffix) for suffix in _SUFFIXES):
        return True
    return any(not file.endswith(_PLACEHOLDERS) for file in context.under(path))
