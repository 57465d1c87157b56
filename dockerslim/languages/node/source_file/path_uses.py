"""Paths that one file of source reads and writes, as far as their values can be told."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from dockerslim.languages.evidence import Evidence
from dockerslim.languages.node.file_use import FileUse
from dockerslim.languages.node.path_strings import is_address
from dockerslim.languages.node.path_values import PathReader, PathValue
from dockerslim.languages.node.source_calls import Effect
from dockerslim.languages.node.syntax import arguments_of, line_of, snippet_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

STRING_LIMIT = 80
"""Characters of source in an evidence; longer strings are no paths."""
_PATTERN = re.compile(r"\*|\{\{")
"""From here on a path is one of several: `logs/*.log`, i18next's `locales/{{lng}}.json`."""
_IN_MEMORY = (":memory:", "file::memory:", "::memory:")


class PathUses:
    """Collects the uses of paths, and the places where a path is used that nobody can tell."""

    def __init__(self, path: str, reader: PathReader) -> None:
        self.path = path
        self.reader = reader
        self.known: dict[str, list[FileUse]] = {
            name: [] for name in ("read", "write", "static", "load", "settings", "given")
        }
        self.unknown: dict[str, list[Evidence]] = {"read": [], "write": [], "load": []}

    def add(self, effect: Effect, node: Node, call: Node, *, is_folder: bool = False) -> None:
        """What a call does with the path, the list of paths or the callback that is `node`."""
        if node.type in ("true", "false", "number", "null", "undefined"):
            return
        if node.type == "array":
            for item in node.named_children:
                self.add(effect, item, call, is_folder=is_folder)
            return
        if node.type in ("arrow_function", "function_expression", "method_definition"):
            self._add_of_callback(effect, node, call, is_folder=is_folder)
            return
        known = self.reader.values(node)
        values = tuple(value for value in known if value.text not in _IN_MEMORY and not is_address(value.text))
        if known and not values:
            return
        uses = [use for value in values if (use := self.use(value, node)) is not None]
        if not values or len(uses) < len(values):
            self.do_not_know(effect, call)
        if is_folder:
            uses = [replace(use, is_partial=True) for use in uses]
        self.known[effect if effect in self.known else "read"] += uses

    def _add_of_callback(self, effect: Effect, function: Node, call: Node, *, is_folder: bool) -> None:
        """multer's `destination: (req, file, done) => done(null, "uploads")`"""
        found = False
        for node in walk(function):
            arguments = arguments_of(node) if node.type == "call_expression" else []
            if len(arguments) == 2 and arguments[0].type == "null":
                found = True
                self.add(effect, arguments[1], call, is_folder=is_folder)
        if not found:
            self.do_not_know(effect, call)

    def add_sqlite_address(self, address: str, node: Node) -> None:
        """`sqlite:data.db`, `sqlite:///data.db`"""
        path = address.removeprefix("sqlite:").removeprefix("//").partition("?")[0]
        if path and path not in _IN_MEMORY:
            use = self.use(PathValue(path, "absolute" if path.startswith("/") else "cwd"), node)
            self.known["write"] += [use] if use is not None else []

    def add_path(self, effect: Effect, path: str, call: Node) -> None:
        """A path that a library takes by itself; a folder ends in `/`, and "" is none."""
        if path:
            folder = posixpath.normpath(path)
            use = FileUse("" if folder == "." else folder, self.evidence(call), is_partial=path.endswith("/"))
            self.known[effect if effect in self.known else "read"].append(use)

    def add_given(self, node: Node) -> None:
        """What a library may read or write; where little is known of it, it is taken for read."""
        found = (self.use(value, node) for value in self.reader.values(node))
        self.known["given"] += [use for use in found if use is not None]

    def do_not_know(self, effect: Effect, node: Node) -> None:
        """A path at a place that can't be told."""
        kind = effect if effect in ("write", "load") else "read"
        self.unknown[kind].append(self.evidence(node))

    def use(self, value: PathValue, node: Node) -> FileUse | None:
        """The use of a value; None where so little of it is known that it may be any path."""
        value = _without_scheme(value)
        text = value.text
        if value.is_partial:
            text = text[: text.rfind("/") + 1].rstrip("/") if "/" in text else ""
            if text in ("", ".", "..") and value.base != "absolute":
                return None
        pattern = _PATTERN.search(text)
        if pattern is not None:
            text = posixpath.dirname(text[: pattern.start()] + "x")
        if "://" in text or (value.base == "file" and (text == ".." or text.startswith("../"))):
            return None
        path = posixpath.normpath(text) if text else ""
        is_partial = value.is_partial or pattern is not None
        return FileUse("" if path == "." else path, self.evidence(node), value.base, is_partial, value.variable)

    def evidence(self, node: Node) -> Evidence:
        return Evidence(self.path, line_of(node), snippet_of(node, STRING_LIMIT))


def _without_scheme(value: PathValue) -> PathValue:
    """`file:a.db`, `file:./a.db?mode=ro`, `file://./model`, `file:///data/a.db`"""
    if value.base != "cwd" or not value.text.startswith("file:"):
        return value
    text = value.text.removeprefix("file:").removeprefix("//").partition("?")[0]
    return replace(value, text=text, base="absolute" if text.startswith("/") else "cwd")
