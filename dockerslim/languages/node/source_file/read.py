"""Walks through the syntax of a file and gathers its facts."""

from __future__ import annotations

import posixpath
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dockerslim.languages.evidence import Evidence, PathUse
from dockerslim.languages.node.bindings import Bindings, collect_bindings
from dockerslim.languages.node.file_use import FileUse, ProgramUse
from dockerslim.languages.node.imports import Import, collect_imports
from dockerslim.languages.node.path_strings import is_log_or_database, is_system_path
from dockerslim.languages.node.path_values import Importer, PathReader, no_import
from dockerslim.languages.node.source_calls import assigned_paths
from dockerslim.languages.node.source_file.framework_calls import FrameworkCalls
from dockerslim.languages.node.source_file.key_paths import add_key_paths
from dockerslim.languages.node.source_file.path_calls import PathCalls
from dockerslim.languages.node.source_file.path_uses import STRING_LIMIT, PathUses
from dockerslim.languages.node.source_file.program_calls import ProgramCalls
from dockerslim.languages.node.syntax import arguments_of, filled_template, parse_source, string_value, text_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The facts of one file."""

    path: str
    imports: tuple[Import, ...] = ()
    loaded_folders: tuple[FileUse, ...] = ()
    """Folders of which a `require` with a name made at run time loads files."""
    loaded_files: tuple[FileUse, ...] = ()
    """Files that workers and `fork` run."""
    unresolved: tuple[Evidence, ...] = ()
    """A `require` of an unknown name, or text that can't be parsed."""
    reads: tuple[FileUse, ...] = ()
    writes: tuple[FileUse, ...] = ()
    unknown_reads: tuple[Evidence, ...] = ()
    unknown_writes: tuple[Evidence, ...] = ()
    programs: tuple[ProgramUse, ...] = ()
    unknown_programs: tuple[Evidence, ...] = ()
    renders: tuple[Evidence, ...] = ()
    """Where it renders a view by name."""
    view_folders: tuple[FileUse, ...] = ()
    sets_views: bool = False
    strings: frozenset[str] = field(default=frozenset(), repr=False)
    ports: tuple[int, ...] = ()
    reads_package_environment: bool = False
    system_paths: tuple[PathUse, ...] = ()
    """Strings that are paths in folders of the system."""
    folder_changes: tuple[FileUse, ...] = ()
    """Where it changes the work folder."""
    settings: tuple[FileUse, ...] = ()
    """Files that tell a library what it writes."""
    given: tuple[FileUse, ...] = ()
    """What a library is given that it may read or write."""


def read_source_file(
    path: str, text: str, located_at: str, used: Collection[str] = (), importer: Importer = no_import
) -> SourceFile:
    """The facts of a file that lies at `located_at` (relative to the context) when it runs.

    `used` are packages that it speaks to besides those that it imports: settings import none. `importer` tells the
    paths that it imports from other files.
    """
    root = parse_source(path, text)
    if root is None:
        return SourceFile(path, unresolved=(Evidence(path, 0, "it is nested too deep to be read"),))
    nodes = list(walk(root))
    bindings = collect_bindings(nodes)
    reader = PathReader(located_at, bindings, importer)
    found = collect_imports(path, nodes, reader)
    uses = PathUses(path, reader)
    modules = {*used, *(item.specifier.removeprefix("node:") for item in found.imports)}
    facts = _Facts(uses, bindings, modules)
    for node in nodes:
        facts.look_at(node)
    add_key_paths(uses, nodes, modules)
    facts.add_unused_logs()
    unresolved = [*found.unresolved, *uses.unknown["load"]]
    if root.has_error:
        unresolved.append(Evidence(path, 0, "not all of it can be parsed"))
    return SourceFile(
        path,
        found.imports,
        found.folders,
        tuple(uses.known["load"]),
        tuple(unresolved),
        (*uses.known["read"], *uses.known["static"]),
        tuple(uses.known["write"]),
        tuple(uses.unknown["read"]),
        tuple(uses.unknown["write"]),
        tuple(facts.programs.programs),
        tuple(facts.programs.unknown),
        tuple(facts.framework.renders),
        tuple(facts.framework.view_folders),
        facts.framework.sets_views,
        frozenset(facts.strings),
        tuple(dict.fromkeys(facts.framework.ports)),
        facts.reads_package_environment,
        tuple(facts.system_paths),
        tuple(facts.calls.folder_changes),
        tuple(uses.known["settings"]),
        tuple(uses.known["given"]),
    )


class _Facts:
    """Hands each node on to what reads its kind, and keeps what strings say."""

    def __init__(self, uses: PathUses, bindings: Bindings, modules: Collection[str]) -> None:
        self.uses = uses
        self.bindings = bindings
        self.programs = ProgramCalls(uses)
        self.framework = FrameworkCalls(uses, bindings)
        self.calls = PathCalls(uses, self.programs, bindings, modules)
        self.strings: set[str] = set()
        self.reads_package_environment = False
        self.system_paths: list[PathUse] = []
        self._logs: list[Node] = []
        """Strings that are names of logs and databases."""
        self._end_of_import = 0
        """Strings before this byte are specifiers, some of types only."""

    def look_at(self, node: Node) -> None:
        match node.type:
            case "call_expression" | "new_expression":
                self._call(node)
            case "string" | "template_string":
                self._string(node)
            case "import_statement":
                self._end_of_import = node.end_byte
            case "export_statement" if (source := node.child_by_field_name("source")) is not None:
                self._end_of_import = source.end_byte
            case "member_expression":
                text = text_of(node) if node.end_byte - node.start_byte < STRING_LIMIT else ""
                self.reads_package_environment |= text.startswith("process.env.npm_package_")
                self.calls.look_at_member(node)
            case "variable_declarator" if (bound := node.child_by_field_name("value")) is not None:
                self.calls.look_at_binding(bound)
            case "subscript_expression":
                self.calls.look_at_subscript(node)
            case "assignment_expression":
                self._assignment(node)

    def _call(self, node: Node) -> None:
        function = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        if function is None:
            return
        arguments = arguments_of(node)
        self.framework.look_at(function, arguments)
        self.calls.look_at_call(function, arguments, node)

    def _assignment(self, node: Node) -> None:
        """`form.uploadDir = "uploads"`: of an object that a package has."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None or left.type != "member_expression":
            return
        property_, object_ = left.child_by_field_name("property"), left.child_by_field_name("object")
        if property_ is None or text_of(property_) not in assigned_paths():
            return
        if (self.bindings.member(object_) or self.bindings.maker(object_)) is not None:
            self.uses.add("write", right, node, is_folder=True)

    def _string(self, node: Node) -> None:
        value = string_value(node)
        if value and len(value) <= STRING_LIMIT and node.start_byte >= self._end_of_import:
            self.strings.add(value)
            self.reads_package_environment |= value.startswith("npm_package_")
            if value.startswith("sqlite:"):
                self.uses.add_sqlite_address(value, node)
            elif is_log_or_database(value):
                self._logs.append(node)
            if is_system_path(value):
                self.system_paths.append(PathUse(posixpath.normpath(value), self.uses.evidence(node)))
        elif node.type == "template_string" and is_log_or_database(filled_template(node)):
            self._logs.append(node)

    def add_unused_logs(self) -> None:
        """A log or a database that no call above takes for a path: something may write it."""
        unused = [node for node in self._logs if node.id not in self.uses.reader.seen]
        self.uses.unknown["write"] += [self.uses.evidence(node) for node in unused]
