"""Where Flask-SQLAlchemy lays an SQLite database whose address names a relative path."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

import libcst as cst

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.python.import_files import import_root
from dockerslim.languages.python.module import Module
from dockerslim.languages.python.program import Program

MANIFESTS = re.compile(
    r"(?:.*/)?(?:requirements[\w.-]*\.txt|[\w.-]*requirements\.txt|poetry\.lock|Pipfile\.lock|uv\.lock)"
)
BEFORE_3 = re.compile(
    r"^[ \t]*+flask[-_.]sqlalchemy[ \t]*+(?:==|~=|<=?)[ \t]*+[012]\."
    r'|name = "flask-sqlalchemy"\s*+version = "[012]\.'
    r'|"flask-sqlalchemy": \{[^}]{0,2000}"version": "==[012]\.',
    re.IGNORECASE | re.MULTILINE,
)


def database_folders(program: Program, entry: str) -> tuple[str, ...]:
    """Folders of the context; none where the program doesn't import it. `entry` is a file that the program starts with.

    Since its version 3 that is the application's instance folder, which it makes; before, the folder of the module or
    package that the application is named for.
    """
    modules = program.modules.values()
    if not any(imported.name.startswith("flask_sqlalchemy") for module in modules for imported in module.imports):
        return ()
    files = [module.file for module in modules if _makes_application(module)] or [entry]
    if _is_before_3(program.context):
        return tuple(dict.fromkeys(posixpath.dirname(file) for file in files))
    return tuple(dict.fromkeys(posixpath.join(import_root(program.context, file), "instance") for file in files))


def _makes_application(module: Module) -> bool:
    return any(
        isinstance(node, cst.Call) and module.full_name(node.func) == "flask.Flask" for node in module.expressions
    )


def _is_before_3(context: BuildContext) -> bool:
    return any(BEFORE_3.search(text) for text in _manifests(context))


def _manifests(context: BuildContext) -> Iterator[str]:
    for path in context.files:
        if MANIFESTS.fullmatch(path):
            yield context.read_text(path) or ""
