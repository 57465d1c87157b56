"""The source files that a framework's own server loads, as built or as they are."""

from __future__ import annotations

from collections.abc import Sequence

from dockerslim.languages.node.frameworks import framework_of_program, framework_sources
from dockerslim.languages.node.output_map import is_source
from dockerslim.languages.node.paths import inside
from dockerslim.languages.node.project import NodeProject

_NEXT_FOLDERS = ("app", "pages", "src")
_NEXT_FILES = ("next.config", "middleware", "instrumentation")
_NEXT_TYPESCRIPT = ("next.config.ts", "next.config.mts")
_SUFFIXES = (".js", ".mjs", ".cjs", ".ts")
_BUILT_ENTRY = "index.js"
"""Stands for all that the build puts together, whichever file of its output the server starts with."""


def framework_entry_files(project: NodeProject, argv: tuple[str, ...]) -> list[str] | None:
    """The files from which the server's closure starts; None where the framework isn't known well enough."""
    if argv[:2] == ("next", "start"):
        return _next(project)
    if argv[0] in ("fastify", "micro", "functions-framework"):
        path = _named_file(project, argv[1:])
        return [path] if path is not None else None
    framework = framework_of_program(project.manifest, argv)
    if framework is None or not framework_sources(project, framework):
        return None
    entry = inside(project.folder, framework.entries[0] + _BUILT_ENTRY)
    return [entry] if entry is not None else None


def typescript_configuration(project: NodeProject, argv: tuple[str, ...]) -> str | None:
    """The configuration in TypeScript that a server compiles when it starts; None where it has none.

    Several releases of Next 15 and 16 do that with the package `typescript`, and try to install it where it is missing.
    """
    if argv[:2] != ("next", "start"):
        return None
    for name in _NEXT_TYPESCRIPT:
        path = inside(project.folder, name)
        if path is not None and project.context.is_file(path):
            return path
    return None


def _named_file(project: NodeProject, words: Sequence[str]) -> str | None:
    """The first word that is a file of the project: others are values of options, as in `-l info app.js`."""
    for word in words:
        path = inside(project.folder, word) if not word.startswith("-") else None
        for candidate in (path, f"{path}.js", f"{path}.mjs", f"{path}.cjs"):
            if path is not None and candidate is not None and project.context.is_file(candidate):
                return candidate
    return None


def _next(project: NodeProject) -> list[str]:
    """All pages: which of them run on the server, and which are only bundled, isn't told apart."""
    found: list[str] = []
    for name in _NEXT_FILES:
        for suffix in _SUFFIXES:
            path = inside(project.folder, name + suffix)
            if path is not None and project.context.is_file(path):
                found.append(path)
    for folder in _NEXT_FOLDERS:
        below = inside(project.folder, folder)
        files = project.context.under(below) if below is not None else ()
        found += [path for path in files if is_source(path) and not _is_test(path)]
    return found


def _is_test(path: str) -> bool:
    return any(part in path for part in (".test.", ".spec.", "__tests__/", ".stories.", "/cypress/"))
