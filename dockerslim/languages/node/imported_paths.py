"""Paths that a file imports from other files of the project: `import { logFolder } from "./config"`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.node.bindings import collect_bindings
from dockerslim.languages.node.module_exports import Exports, collect_exports
from dockerslim.languages.node.path_values import Importer, PathReader, PathValue
from dockerslim.languages.node.syntax import SOURCE_SUFFIXES, parse_source, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_FILE_LIMIT = 300
_SIZE_LIMIT = 200_000
"""Characters; a larger file is generated or bundled."""
_DEPTH_LIMIT = 6
"""Modules that pass an export on."""

Resolve = Callable[[str, str], str | None]
"""The file that a specifier means in a file."""


@dataclass(frozen=True, slots=True)
class _Module:
    path: str
    exports: Exports
    reader: PathReader


@dataclass(frozen=True, slots=True)
class ImportedPaths:
    """Reads the modules that are asked for, each once."""

    context: BuildContext
    resolve: Resolve
    located_at: Callable[[str], str]
    """Where a file lies when it runs."""
    _modules: dict[str, _Module | None] = field(default_factory=dict)

    def importer(self, path: str) -> Importer:
        """What a file of the project imports."""

        def values(specifier: str, names: Sequence[str], is_called: bool, depth: int) -> tuple[PathValue, ...]:
            file = self.resolve(path, specifier)
            return self._values(file, tuple(names), is_called, depth, 0) if file is not None else ()

        return values

    def _values(
        self, path: str, names: tuple[str, ...], is_called: bool, depth: int, passed: int
    ) -> tuple[PathValue, ...]:
        """The values of a module's export; with `is_called`, those that the function gives back."""
        module = self._module(path)
        if module is None or passed > _DEPTH_LIMIT:
            return ()
        exports, reader = module.exports, module.reader
        name = names[0] if names else ""
        nodes = exports.named.get(name, [])
        own = exports.aliases.get(name, name)
        if nodes:
            return reader.values_of(nodes, names[1:], is_called, depth)
        if own and reader.has(own):
            return reader.values_of_name(own, names[1:], is_called, depth)
        for specifier, inner, outer in exports.passed_on:
            if outer not in ("", name):
                continue
            file = self.resolve(path, specifier)
            rest = (inner, *names[1:]) if inner and inner != "default" else names if not inner else names[1:]
            found = self._values(file, rest, is_called, depth, passed + 1) if file is not None else ()
            if found:
                return found
        return reader.values_of(exports.default, names, is_called, depth)

    def _module(self, path: str) -> _Module | None:
        if path not in self._modules:
            self._modules[path] = self._read(path) if len(self._modules) < _FILE_LIMIT else None
        return self._modules[path]

    def _read(self, path: str) -> _Module | None:
        text = self.context.read_text(path)
        is_json = path.endswith(".json")
        if text is None or len(text) > _SIZE_LIMIT or not (is_json or path.endswith(SOURCE_SUFFIXES)):
            return None
        root = parse_source(path, f"({text})" if is_json else text)
        if root is None:
            return None
        nodes = list(walk(root))
        exports = collect_exports(nodes)
        if is_json:
            exports.default += _outermost(nodes)
        return _Module(path, exports, PathReader(self.located_at(path), collect_bindings(nodes), self.importer(path)))


def _outermost(nodes: Sequence[Node]) -> list[Node]:
    return [node for node in nodes if node.type == "object"][:1]
