"""What one file imports."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dockerslim.languages.evidence import Evidence
from dockerslim.languages.node.file_use import FileUse
from dockerslim.languages.node.path_values import PathReader, PathValue
from dockerslim.languages.node.syntax import (
    TYPESCRIPT_SUFFIXES,
    arguments_of,
    line_of,
    snippet_of,
    string_value,
    text_of,
)

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(frozen=True, slots=True)
class Import:
    """`specifier` as written: a package, `./file`, `node:fs`, an alias."""

    specifier: str
    evidence: Evidence
    base: str | None = None
    """Set where a path was computed: the file, relative to the context as it lies at run time."""


@dataclass(frozen=True, slots=True)
class Imports:
    """Type-only imports are left out."""

    imports: tuple[Import, ...]
    folders: tuple[FileUse, ...]
    """Folders of which some file is loaded whose name isn't known."""
    unresolved: tuple[Evidence, ...]


def collect_imports(path: str, nodes: Sequence[Node], reader: PathReader) -> Imports:
    """The imports among the nodes of a file."""
    collector = _Collector(path, reader, _elidable_names(path, nodes))
    for node in nodes:
        collector.look_at(node)
    return Imports(tuple(collector.imports), tuple(collector.folders), tuple(collector.unresolved))


def _elidable_names(path: str, nodes: Sequence[Node]) -> frozenset[str] | None:
    """In TypeScript, the names that are used as values; an import of others is dropped by the compiler.

    None where nothing is dropped: in JavaScript, and where decorators may turn types into values.
    """
    if not path.endswith(TYPESCRIPT_SUFFIXES):
        return None
    if any(node.type == "decorator" for node in nodes):
        return None
    used: set[str] = set()
    end_of_import = 0
    for node in nodes:
        if node.type == "import_statement":
            end_of_import = node.end_byte
        elif node.type in ("identifier", "shorthand_property_identifier") and node.start_byte >= end_of_import:
            used.add(text_of(node))
    return frozenset(used)


class _Collector:
    def __init__(self, path: str, reader: PathReader, used_as_values: frozenset[str] | None) -> None:
        self.path = path
        self.reader = reader
        self.used = used_as_values
        self.imports: list[Import] = []
        self.folders: list[FileUse] = []
        self.unresolved: list[Evidence] = []

    def look_at(self, node: Node) -> None:
        match node.type:
            case "import_statement":
                if not self._is_type_only(node):
                    self._add(string_value(_source_of(node)), node)
            case "export_statement":
                source = node.child_by_field_name("source")
                if source is not None and not any(child.type == "type" for child in node.children):
                    self._add(string_value(source), node)
            case "call_expression":
                self._call(node)

    def _is_type_only(self, node: Node) -> bool:
        if any(child.type in ("type", "typeof") for child in node.children):
            return True
        names = list(_imported_names(node))
        if not names:
            return False  # imported for what it does
        live = [name for name, is_type in names if not is_type]
        if self.used is None:
            return not live
        return not any(name in self.used for name in live)

    def _call(self, node: Node) -> None:
        function = node.child_by_field_name("function")
        if function is None or function.type not in ("identifier", "import", "member_expression"):
            return
        name = text_of(function) if function.end_byte - function.start_byte < 40 else ""
        if name not in (
            "require",
            "import",
            "module.require",
            "require.resolve",
            "require.context",
            "import.meta.glob",
        ):
            return
        arguments = arguments_of(node)
        if not arguments:
            return
        specifier = string_value(arguments[0])
        if name in ("require.context", "import.meta.glob"):
            self.unresolved.append(self._evidence(node))
        elif specifier is not None:
            self._add(specifier, node)
        else:
            self._computed(arguments[0], node)

    def _computed(self, argument: Node, call: Node) -> None:
        values = self.reader.values(argument)
        if not values:
            self.unresolved.append(self._evidence(call))
        for value in values:
            self._value(value, call)

    def _value(self, value: PathValue, call: Node) -> None:
        relative = value.base == "cwd" and value.text.startswith(("./", "../"))
        if relative:  # of a template: relative to the file
            folder = posixpath.dirname(self.reader.located_at)
            value = PathValue(posixpath.join(folder, value.text), "file", value.is_partial)
        if value.base == "cwd" and not value.is_partial and value.text:
            self._add(value.text, call)
            return
        if value.base != "file":
            self.unresolved.append(self._evidence(call))
            return
        folder = value.text[: value.text.rfind("/") + 1] if value.is_partial else value.text
        path = posixpath.normpath(folder) if folder else ""
        path = "" if path == "." else path
        if path == ".." or path.startswith("../"):
            self.unresolved.append(self._evidence(call))
        elif value.is_partial:
            self.folders.append(FileUse(path, self._evidence(call), "file", True))
        else:
            self.imports.append(Import(path, self._evidence(call), base=path))

    def _add(self, specifier: str | None, node: Node) -> None:
        if specifier:
            self.imports.append(Import(specifier, self._evidence(node)))

    def _evidence(self, node: Node) -> Evidence:
        return Evidence(self.path, line_of(node), snippet_of(node))


def _source_of(node: Node) -> Node | None:
    source = node.child_by_field_name("source")
    if source is not None:
        return source
    clause = next((child for child in node.named_children if child.type == "import_require_clause"), None)
    return clause.child_by_field_name("source") if clause is not None else None


def _imported_names(node: Node) -> list[tuple[str, bool]]:
    """The local names of an import statement, and whether each is marked as a type."""
    names: list[tuple[str, bool]] = []
    for clause in node.named_children:
        if clause.type == "import_require_clause":
            names += [(text_of(child), False) for child in clause.named_children if child.type == "identifier"]
        if clause.type != "import_clause":
            continue
        for part in clause.named_children:
            if part.type == "identifier":
                names.append((text_of(part), False))
            elif part.type == "namespace_import" and part.named_children:
                names.append((text_of(part.named_children[0]), False))
            elif part.type == "named_imports":
                for specifier in part.named_children:
                    local = specifier.child_by_field_name("alias") or specifier.child_by_field_name("name")
                    is_type = any(child.type in ("type", "typeof") for child in specifier.children)
                    if local is not None:
                        names.append((text_of(local), is_type))
    return names
