"""The settings of a server in a Python file of its own, such as gunicorn.conf.py."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import libcst as cst

from dockerslim.languages.python.logging_files import handler_files
from dockerslim.languages.python.module import Module
from dockerslim.languages.python.program import Program
from dockerslim.languages.python.servers import user_settings, written_settings
from dockerslim.languages.python.values import Value

FOLDERS = frozenset({"worker_tmp_dir"})
SOCKETS = frozenset({"bind"})
LOGGING = ("logconfig", "logconfig_json")
NOTHING = frozenset({"", "-"})


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """`written`: each setting with the path that is written by it (None where that is computed); `user`: the settings
    that name whom the server works as."""

    written: tuple[tuple[str, Value | None], ...]
    user: tuple[str, ...]


def server_settings(program: Program, module: Module) -> ServerSettings:
    """Read the names that a module assigns."""
    written: dict[tuple[str, Value | None], None] = {}
    for name in sorted(written_settings()):
        for node in module.assignments.get(name, ()):
            written.update(((name, value), None) for value in _written(program, module, name, node))
    for name in LOGGING:
        for node in module.assignments.get(name, ()):
            written.update(((name, value), None) for value in _configured(program, module, node))
    user = tuple(
        name for name in sorted(user_settings()) if any(_is_given(n) for n in module.assignments.get(name, ()))
    )
    return ServerSettings(tuple(written), user)


def _written(program: Program, module: Module, name: str, node: cst.BaseExpression | None) -> Iterator[Value | None]:
    if not _is_given(node):
        return
    parts = [element.value for element in node.elements] if isinstance(node, (cst.List, cst.Tuple)) else [node]
    for part in parts:
        value = program.evaluate(part, module)
        if name in SOCKETS:
            # An address is computed more often than not, and is a port then.
            if value is not None and value.text.startswith("unix:"):
                yield replace(value, text=value.text.removeprefix("unix:"))
        elif value is None or value.text not in NOTHING or value.base != "text":
            is_folder = name in FOLDERS and value is not None and not value.is_open
            yield replace(value, text=value.text.rstrip("/") + "/") if is_folder and value is not None else value


def _configured(program: Program, module: Module, node: cst.BaseExpression | None) -> Iterator[Value | None]:
    if not _is_given(node):
        return
    value = program.evaluate(node, module)
    file = program.file(value) if value is not None else None
    for path in handler_files(program.context, file) if file is not None else (None,):
        yield Value(path) if path is not None else None


def _is_given(node: cst.BaseExpression | None) -> bool:
    """None, as a value, leaves a setting as it is."""
    return not (isinstance(node, cst.Name) and node.value in ("None", "False"))
