"""The Go files of a project: packages, imports, and each file read at most once, when asked."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.evidence import Evidence
from dockerslim.languages.go.constraint import NO_TAGS, is_built, is_built_by_name
from dockerslim.languages.go.header import Header, read_header
from dockerslim.languages.go.syntax import Syntax, parse

FILE_LIMIT = 3_000
BYTE_LIMIT = 8_000_000
"""How much is parsed. The heads of files cost little: of them ten times as much is read."""
_HEADS = 10


@dataclass(frozen=True, slots=True)
class ModuleRoot:
    """A module whose source is in the context: its path, and its folder relative to the context's root."""

    path: str
    folder: str


@dataclass(frozen=True, slots=True)
class Closure:
    """The packages that a program is made of: folders of its own, and import paths of the others."""

    folders: tuple[str, ...]
    imports: dict[str, Evidence]
    complete: bool


@dataclass(slots=True)
class SourceTree:
    """The Go source that the go command would take as the project's own.

    `modules` come with the main module first; what `replace` and `go.work` point to is source as well.
    """

    context: BuildContext
    modules: tuple[ModuleRoot, ...]
    truncated: bool = False
    """A limit was reached: files that were asked for have not been read."""
    _headers: dict[str, Header | None] = field(default_factory=dict)
    _syntaxes: dict[str, Syntax | None] = field(default_factory=dict)
    _folders: dict[str, tuple[str, ...]] | None = None
    _read: int = 0
    _parsed: int = 0

    def folders(self) -> dict[str, tuple[str, ...]]:
        """Every folder with Go files that a build for Linux may take by their names, and these files."""
        if self._folders is None:
            found: dict[str, list[str]] = {}
            for path in self.context.files:
                if path.endswith(".go") and is_built_by_name(posixpath.basename(path)):
                    found.setdefault(posixpath.dirname(path), []).append(path)
            self._folders = {folder: tuple(paths) for folder, paths in found.items()}
        return self._folders

    def package_folders(self, root: str) -> Iterator[str]:
        """The folders that `./...` in `root` would look at: no vendor, testdata, `_x`, `.x`, no other module."""
        prefix = root + "/" if root else ""
        for folder in self.folders():
            if folder != root and not folder.startswith(prefix):
                continue
            inner = folder[len(prefix) :] if folder != root else ""
            parts = inner.split("/") if inner else []
            if any(part.startswith(("_", ".")) or part in ("testdata", "vendor") for part in parts):
                continue
            between = (prefix + "/".join(parts[: count + 1]) for count in range(len(parts)))
            if not any(self.context.is_file(below + "/go.mod") for below in between):
                yield folder

    def header(self, file: str) -> Header | None:
        """The head of a file, None where it can't be read."""
        if file not in self._headers:
            if len(self._headers) >= _HEADS * FILE_LIMIT or self._read > _HEADS * BYTE_LIMIT:
                self.truncated = True
                return None
            text = self.context.read_text(file)
            self._read += len(text or "")
            self._headers[file] = None if text is None else read_header(text)
        return self._headers[file]

    def syntax(self, file: str) -> Syntax | None:
        """A file, parsed; None where it can't be read."""
        if file not in self._syntaxes:
            if len(self._syntaxes) >= FILE_LIMIT or self._parsed > BYTE_LIMIT:
                self.truncated = True
                return None
            header, text = self.header(file), self.context.read_text(file)
            self._parsed += len(text or "")
            self._syntaxes[file] = None if header is None or text is None else parse(text, header)
        return self._syntaxes[file]

    def built_files(self, folder: str, tags: Set[str] = NO_TAGS) -> tuple[str, ...]:
        """The files of a folder that a build with these tags may take."""
        return tuple(
            file
            for file in self.folders().get(folder, ())
            if (header := self.header(file)) is not None and header.package and is_built(header.constraints, tags)
        )

    def is_program(self, folder: str, tags: Set[str] = NO_TAGS) -> bool:
        """Does the folder hold `package main` with a `func main`?"""
        return any((header := self.header(file)) and header.has_main for file in self.built_files(folder, tags))

    def package_name(self, folder: str, tags: Set[str] = NO_TAGS) -> str | None:
        """The name of the package in a folder, None where there is none."""
        for file in self.built_files(folder, tags):
            if header := self.header(file):
                return header.package
        return None

    def folder_of(self, import_path: str) -> str | None:
        """The folder of a package of the project's own; None for a package of others."""
        best: ModuleRoot | None = None
        for module in self.modules:
            fits = import_path == module.path or import_path.startswith(module.path + "/")
            if fits and (best is None or len(module.path) > len(best.path)):
                best = module
        return None if best is None else posixpath.join(best.folder, import_path[len(best.path) + 1 :]).rstrip("/")

    def import_path_of(self, folder: str) -> str | None:
        """The import path of a folder, by the innermost module around it."""
        best: ModuleRoot | None = None
        for module in self.modules:
            fits = not module.folder or folder == module.folder or folder.startswith(module.folder + "/")
            if fits and (best is None or len(module.folder) > len(best.folder)):
                best = module
        if best is None:
            return None
        inner = folder[len(best.folder) :].strip("/")
        return f"{best.path}/{inner}" if inner else best.path

    def closure(self, folders: Sequence[str], tags: Set[str] = NO_TAGS) -> Closure:
        """The packages in these folders, and all that they import, directly or not."""
        seen = dict.fromkeys(folders)
        imports: dict[str, Evidence] = {}
        complete = True
        waiting = list(folders)
        while waiting:
            folder = waiting.pop()
            files = self.folders().get(folder, ())
            # A package of the project's own that isn't there is generated, or hidden by .dockerignore.
            complete = complete and bool(files) and all(self.header(file) is not None for file in files)
            for file in self.built_files(folder, tags):
                header = self.header(file)
                for item in header.imports if header is not None else ():
                    own = self.folder_of(item.path)
                    if own is None:
                        imports.setdefault(item.path, Evidence(file, item.line, f'import "{item.path}"'))
                    elif own not in seen:
                        seen[own] = None
                        waiting.append(own)
        return Closure(tuple(seen), imports, complete and self.context.complete)
