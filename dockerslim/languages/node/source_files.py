"""The parsed files of a project: each at most once, and not more than the limits."""

from __future__ import annotations

from dataclasses import dataclass, field

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.evidence import Evidence
from dockerslim.languages.node.components import script_of
from dockerslim.languages.node.path_values import Importer, no_import
from dockerslim.languages.node.source_file import SourceFile, read_source_file
from dockerslim.languages.node.syntax import COMPONENT_SUFFIXES

FILE_LIMIT = 3_000
TOTAL_LIMIT = 8_000_000
SIZE_LIMIT = 400_000
"""Bytes; a larger file is generated or bundled."""


@dataclass(slots=True)
class SourceFiles:
    """Reads files when they are first asked for."""

    context: BuildContext
    _files: dict[tuple[str, str, bool], SourceFile] = field(default_factory=dict)
    _size: int = 0

    def read(self, path: str, located_at: str | None = None, importer: Importer | None = None) -> SourceFile:
        """The facts of a file, which lies at `located_at` when it runs (else where it is). A file that can't be read
        or is over a limit has no facts, and says so in `unresolved`.

        `importer` tells the paths that it imports from other files; without one, they are not known.
        """
        place = located_at or path
        key = (path, place, importer is not None)
        if key not in self._files:
            self._files[key] = self._load(path, place, importer)
        return self._files[key]

    def _load(self, path: str, located_at: str, importer: Importer | None) -> SourceFile:
        text = self.context.read_text(path)
        if text is None or len(text) > SIZE_LIMIT:
            return _opaque(path, "it can't be read, or is too large")
        if len(self._files) >= FILE_LIMIT or self._size + len(text) > TOTAL_LIMIT:
            return _opaque(path, "the project is too large to be read as a whole")
        self._size += len(text)
        if path.endswith(COMPONENT_SUFFIXES):
            text = script_of(path, text)
        return read_source_file(path, text, located_at, importer=importer or no_import)


def _opaque(path: str, reason: str) -> SourceFile:
    return SourceFile(path, unresolved=(Evidence(path, 0, reason),))
