"""What a program of the project reads, writes and runs, as far as its source tells.

The source is read with libcst, which takes a while to load: the modules that need it are imported when facts are asked
for. Nothing of the project is ever run.
"""

from __future__ import annotations

import posixpath
import sys
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.evidence import Evidence, PathUse
from dockerslim.languages.python.import_files import package_folder

if TYPE_CHECKING:
    from dockerslim.languages.python.effects import Effect
    from dockerslim.languages.python.module import Module
    from dockerslim.languages.python.program import Program
    from dockerslim.languages.python.values import Value

TEXT_LENGTH = 80


@dataclass(frozen=True, slots=True)
class LocatedPath(PathUse):
    """A path that the program uses; one that ends in `/` is a folder in which it uses files of any name."""

    kind: Literal["file", "cwd", "home"] = "cwd"
    """`file`: relative to the context's root, wherever the program is started; `cwd`: as written, relative to the
    working folder unless it is absolute; `home`: relative to the user's home folder."""
    is_default: bool = False
    """The environment may name another."""


@dataclass(frozen=True, slots=True)
class ProgramFacts:
    """What a program does outside itself."""

    files: tuple[str, ...] = ()
    """The project's modules that it imports, the entry files among them."""
    reads: tuple[LocatedPath, ...] = ()
    writes: tuple[LocatedPath, ...] = ()
    unknown_writes: tuple[Evidence, ...] = ()
    """Places that write to what the source doesn't name."""
    static_root: LocatedPath | None = None
    """Where Django collects static files; written by `collectstatic` only."""
    programs: tuple[str, ...] = ()
    """Other programs that it starts, by name."""
    unknown_programs: tuple[Evidence, ...] = ()
    installs: tuple[Evidence, ...] = ()
    """Places that install packages, models or browsers, into the interpreter's folder or wherever their tool does."""
    home_data: tuple[Evidence, ...] = ()
    """Places that use data kept below the home folder."""
    imports: frozenset[str] = frozenset()
    """Top-level modules that are neither the project's nor of the standard library."""
    standard_library: frozenset[str] = frozenset()
    guesses_media_types: bool = False
    """Does it tell the media types of files by their names, as one does that serves files?"""
    libraries: tuple[str, ...] = ()
    """Shared libraries that it loads by name or path, as written."""
    unknown_libraries: tuple[Evidence, ...] = ()
    interpreter_paths: tuple[PathUse, ...] = ()
    """Texts that name the interpreter, its installer or its packages by an absolute path."""
    changes_user: tuple[Evidence, ...] = ()
    """Settings by which its server, started as root, works as another user."""
    needs_root: tuple[Evidence, ...] = ()
    """Calls that only root may make, and modules for sockets that are root's."""
    devices: tuple[Evidence, ...] = ()
    """Modules that open devices of the host."""
    unreadable: tuple[Evidence, ...] = ()
    complete: bool = False
    """Was all of the program's source found and read?"""


def program_facts(
    context: BuildContext,
    entry_files: Iterable[str],
    search_folders: Iterable[str],
    settings_files: Iterable[str] = (),
) -> ProgramFacts:
    """Read a program from the files that it starts with; modules are looked for in the given folders in order.

    `settings_files` are those of the entry files in which a server's own settings are assigned.
    """
    from dockerslim.languages.python.program import Program

    entries = tuple(dict.fromkeys(entry_files))
    program = Program(context, tuple(dict.fromkeys(search_folders)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the project's own literals
        program.load(entries)
        collector = _Collector(program, entries)
        for module in program.modules.values():
            collector.add_module(module)
        collector.add_settings()
        for file in settings_files:
            if file in program.modules:
                collector.add_server_settings(program.modules[file])
    return collector.facts()


@dataclass(slots=True)
class _Collector:
    program: Program
    entries: tuple[str, ...]
    reads: dict[LocatedPath, None] = field(default_factory=dict)
    writes: dict[LocatedPath, None] = field(default_factory=dict)
    unknown_writes: list[Evidence] = field(default_factory=list)
    programs: dict[str, None] = field(default_factory=dict)
    unknown_programs: list[Evidence] = field(default_factory=list)
    installs: list[Evidence] = field(default_factory=list)
    home_data: list[Evidence] = field(default_factory=list)
    libraries: dict[str, None] = field(default_factory=dict)
    unknown_libraries: list[Evidence] = field(default_factory=list)
    interpreter_paths: dict[PathUse, None] = field(default_factory=dict)
    changes_user: list[Evidence] = field(default_factory=list)
    needs_root: list[Evidence] = field(default_factory=list)
    devices: list[Evidence] = field(default_factory=list)
    imports: set[str] = field(default_factory=set)
    standard_library: set[str] = field(default_factory=set)
    static_root: LocatedPath | None = None
    guesses_media_types: bool = False

    def add_module(self, module: Module) -> None:
        from dockerslim.languages.python.effects import effects
        from dockerslim.languages.python.interpreter_paths import interpreter_paths
        from dockerslim.languages.python.media_types import guesses_media_types
        from dockerslim.languages.python.syntax import lines

        found = list(effects(self.program, module))
        named = list(interpreter_paths(module))
        places = lines(module.tree, [*(effect.node for effect in found), *(node for node, _ in named)])
        for node, path in named:
            self.interpreter_paths[PathUse(path, Evidence(module.file, places.get(id(node), 0), path))] = None
        for effect in found:
            text = " ".join(module.tree.code_for_node(effect.node)[: 2 * TEXT_LENGTH].split())
            self._add(effect, Evidence(module.file, places.get(id(effect.node), 0), text[:TEXT_LENGTH]))
        self._add_imports(module)
        self.guesses_media_types = self.guesses_media_types or guesses_media_types(self.program, module)

    def _add(self, effect: Effect, evidence: Evidence) -> None:
        if effect.kind == "home":
            self.home_data.append(evidence)
        elif effect.kind == "root":
            self.needs_root.append(evidence)
        elif effect.kind == "install":
            self.installs.append(evidence)
        elif effect.kind == "library":
            self._add_library(effect.value, evidence)
        elif effect.kind == "program":
            if effect.value is None:
                self.unknown_programs.append(evidence)
            else:
                self.programs[effect.value.text] = None
        elif effect.value is None:
            self.unknown_writes.append(evidence)
        elif not _is_nowhere(effect.value):
            self._add_path(effect.value, evidence, is_write=effect.kind == "write")

    def _add_library(self, value: Value | None, evidence: Evidence) -> None:
        if value is None or value.is_open:
            self.unknown_libraries.append(evidence)
        elif value.base == "text" and value.text:
            self.libraries[value.text] = None

    def _add_path(self, value: Value, evidence: Evidence, is_write: bool) -> None:
        path = located(value, evidence)
        if path is None:
            if is_write:
                self.unknown_writes.append(evidence)
            return
        (self.writes if is_write else self.reads)[path] = None
        if value.scheme and path.kind == "cwd" and not path.path.startswith("/"):
            self._add_instance(path, evidence)

    def _add_instance(self, path: LocatedPath, evidence: Evidence) -> None:
        from dockerslim.languages.python.flask_database import database_folders

        for folder in database_folders(self.program, self.entries[0]) if self.entries else ():
            place = posixpath.normpath(posixpath.join(folder, path.path))
            self.writes[LocatedPath(place, evidence, "file", path.is_default)] = None

    def _add_imports(self, module: Module) -> None:
        from dockerslim.languages.python.effect_tables import effect_tables, needs_home

        table = effect_tables()
        folders = self.program.search(module)
        for imported in module.imports:
            names = [imported.name, *(f"{imported.name}.{member}" for member in imported.members)]
            if any(needs_home(name) for name in names):
                self.home_data.append(Evidence(module.file, 0, f"import {imported.name}"))
            root = imported.name.partition(".")[0]
            if imported.level or not root:
                continue
            if not table.compiler_modules.isdisjoint(names):
                self.programs[table.compiler] = None
            if root in sys.stdlib_module_names:
                self.standard_library.add(root)
            elif not self.program.imported(module, root, 0) and not package_folder(self.program.context, root, folders):
                self.imports.add(root)
                evidence = Evidence(module.file, 0, f"import {root}")
                for path in table.written_by_modules.get(root, ()):
                    self.writes[LocatedPath(path, evidence)] = None
                if root in table.root_modules:
                    self.needs_root.append(evidence)
                if root in table.device_modules:
                    self.devices.append(evidence)

    def add_settings(self) -> None:
        """What settings alone say that a framework writes."""
        from dockerslim.languages.python.scrapy_settings import CACHE_FOLDER, written_settings
        from dockerslim.languages.python.values import Value

        for module in self.program.modules.values():
            for name in ("MEDIA_ROOT", "STATIC_ROOT"):
                for expression in module.assignments.get(name, ()):
                    self._add_folder(name, self.program.evaluate(expression, module), module)
            for expression in module.configuration.get("UPLOAD_FOLDER", ()):
                self._add_folder("UPLOAD_FOLDER", self.program.evaluate(expression, module), module)
            for name, written in written_settings(module):
                evidence = Evidence(module.file, 0, name)
                value = self.program.evaluate(written, module) if written is not None else Value(CACHE_FOLDER)
                if value is None:
                    self.unknown_writes.append(evidence)
                elif not _is_nowhere(value):
                    self._add_path(value, evidence, is_write=True)
        session = self.program.setting("SESSION_TYPE")
        if session is not None and session.text == "filesystem" and self.program.setting("SESSION_FILE_DIR") is None:
            self.writes[LocatedPath("flask_session/", Evidence(self.entries[0], 0, "SESSION_TYPE"))] = None

    def add_server_settings(self, module: Module) -> None:
        """The files that a server writes by the settings of its own Python file, and whether it leaves root."""
        from dockerslim.languages.python.server_settings import server_settings

        found = server_settings(self.program, module)
        for name, value in found.written:
            evidence = Evidence(module.file, 0, name)
            if value is None:
                self.unknown_writes.append(evidence)
            elif not _is_nowhere(value):
                self._add_path(value, evidence, is_write=True)
        self.changes_user.extend(Evidence(module.file, 0, name) for name in found.user)

    def _add_folder(self, name: str, value: Value | None, module: Module) -> None:
        evidence = Evidence(module.file, 0, name)
        if value is not None and _is_nowhere(value):
            return
        path = located(value, evidence) if value is not None else None
        if path is not None and not path.path.endswith("/"):
            path = LocatedPath(path.path + "/", evidence, path.kind, path.is_default)
        if name == "STATIC_ROOT":
            self.static_root = path or self.static_root
        elif path is None:
            self.unknown_writes.append(evidence)
        else:
            self.writes[path] = None

    def facts(self) -> ProgramFacts:
        program = self.program
        has_entries = bool(self.entries) and all(entry in program.modules for entry in self.entries)
        return ProgramFacts(
            files=tuple(program.modules),
            reads=tuple(self.reads),
            writes=tuple(self.writes),
            unknown_writes=tuple(self.unknown_writes),
            static_root=self.static_root,
            programs=tuple(self.programs),
            unknown_programs=tuple(self.unknown_programs),
            installs=tuple(self.installs),
            home_data=tuple(self.home_data),
            imports=frozenset(self.imports),
            standard_library=frozenset(self.standard_library),
            guesses_media_types=self.guesses_media_types,
            libraries=tuple(self.libraries),
            unknown_libraries=tuple(self.unknown_libraries),
            interpreter_paths=tuple(self.interpreter_paths),
            changes_user=tuple(self.changes_user),
            needs_root=tuple(self.needs_root),
            devices=tuple(self.devices),
            unreadable=tuple(Evidence(file) for file in program.unreadable),
            complete=has_entries and program.is_complete and not program.unreadable,
        )


def located(value: Value, evidence: Evidence) -> LocatedPath | None:
    """Where a value's path lies; None where it is not known, or outside the context."""
    text = value.folder or "./" if value.is_open and value.text else value.text
    if value.is_open and not value.text and value.base == "text":
        return None
    is_folder = text.endswith("/")
    if value.base == "home":
        return LocatedPath(text or "./", evidence, "home", value.is_default)
    if value.base == "file":
        path = posixpath.normpath(text or ".")
        if path.startswith(("../", "/")) or path == "..":
            return None
        return LocatedPath(path + "/" if is_folder or value.is_open else path, evidence, "file", value.is_default)
    return LocatedPath(text or "./", evidence, "cwd", value.is_default)


def _is_nowhere(value: Value) -> bool:
    """Is it a path that leaves nothing on the disk, or none at all?"""
    text = value.text
    return (
        value.base == "temporary"
        or "://" in text
        or text.startswith((":memory:", "file::memory:", "/dev/", "/proc/", "<", "\n"))
    )
