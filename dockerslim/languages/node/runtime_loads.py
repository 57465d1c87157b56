"""What the program loads, reads and writes at run time, as its source says."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from dockerslim.languages.evidence import Evidence, PathUse
from dockerslim.languages.node.built_entries import built_entry
from dockerslim.languages.node.exported_files import exported_file
from dockerslim.languages.node.file_use import FileUse, ProgramUse
from dockerslim.languages.node.imported_paths import ImportedPaths
from dockerslim.languages.node.imports import Import
from dockerslim.languages.node.library_settings import is_there, writes_of_settings
from dockerslim.languages.node.module_resolution import Resolved, package_name
from dockerslim.languages.node.output_map import Bundled, OutputMap, find_output_map, is_source
from dockerslim.languages.node.owners import Owner, find_owners, owner_of
from dockerslim.languages.node.paths import inside, is_below, relative_to
from dockerslim.languages.node.prisma import CLIENT, database_of_prisma
from dockerslim.languages.node.project import NodeProject
from dockerslim.languages.node.source_calls import drivers_of, package_rule
from dockerslim.languages.node.source_file import SourceFile

_ASSETS = (
    *(".json", ".node", ".css", ".scss", ".sass", ".less", ".svg", ".png", ".jpg", ".jpeg", ".gif", ".ico", ".webp"),
    *(".html", ".md", ".txt", ".graphql", ".gql", ".sql", ".wasm", ".yaml", ".yml"),
)


_SETTINGS = (".json", ".yaml", ".yml", ".json5")
_DECLARATIONS = (".d.ts", ".d.mts", ".d.cts")


@dataclass(frozen=True, slots=True)
class RuntimeLoads:
    """The closure of the entry files over the files of the project.

    Holds for what the source itself does; what a package does by itself is known only where a table says it.
    """

    files: tuple[str, ...] = ()
    """The files that were read, sources where the program runs what a build made of them."""
    packages: frozenset[str] = frozenset()
    dev_only: tuple[PathUse, ...] = ()
    """Loads of packages that only `devDependencies` has."""
    undeclared: tuple[PathUse, ...] = ()
    """Loads of packages that the manifest doesn't name."""
    named_packages: frozenset[str] = frozenset()
    """Dependencies that a string names and no import: a library may load them."""
    unresolved: tuple[Evidence, ...] = ()
    """What may load more than is known here."""
    complete: bool = False
    """Every file that the program loads has been read."""
    reads: tuple[FileUse, ...] = ()
    writes: tuple[FileUse, ...] = ()
    unknown_reads: tuple[Evidence, ...] = ()
    unknown_writes: tuple[Evidence, ...] = ()
    programs: tuple[ProgramUse, ...] = ()
    """System programs that it starts."""
    unknown_programs: tuple[Evidence, ...] = ()
    reads_package_environment: bool = False
    """It reads `npm_package_…`, which only npm and its like set."""
    listens_on: tuple[int, ...] = ()
    output_folders: tuple[str, ...] = field(default=())
    """The folders of build outputs that stand for their sources here."""
    system_paths: tuple[PathUse, ...] = ()
    """Paths in folders of the system, whatever is done with them."""
    changed_folder: Evidence | None = None
    """Where it changes its work folder: no path that counts from there is among `reads` and `writes` then."""


def runtime_loads(project: NodeProject, entry_files: Sequence[str]) -> RuntimeLoads:
    """Follow the imports from these files, relative to the context; an output that isn't there is followed back to
    its source."""
    closure = _Closure(project)
    for entry in entry_files:
        closure.add_entry(entry)
    closure.follow()
    return closure.result(bool(entry_files))


class _Closure:
    def __init__(self, project: NodeProject) -> None:
        self.project = project
        self.waiting: list[tuple[str, OutputMap | None]] = []
        self.seen: dict[str, None] = {}
        self.files: list[SourceFile] = []
        self.maps: dict[OutputMap, None] = {}
        self.imported: dict[OutputMap | None, ImportedPaths] = {}
        """What files import of each other, by the map that says where they lie."""
        self.packages: dict[tuple[str, str], Evidence] = {}
        """By the folder of the package that loads, and the name of what it loads."""
        self.needed: dict[tuple[str, str], Evidence] = {}
        """Those of them that no build has made part of the program."""
        self.unresolved: list[Evidence] = []
        self.reads: list[FileUse] = []
        self.writes: list[FileUse] = []
        self.unknown_writes: list[Evidence] = []
        self.owners = find_owners(project)
        self.members = frozenset(owner.manifest.name for owner in self.owners[:-1] if owner.manifest.name)

    def add_entry(self, entry: str) -> None:
        owner = owner_of(self.owners, entry)
        found = find_output_map(self.project.context, owner.folder, owner.manifest, entry)
        if found is not None:
            source, output_map = found
            self.maps[output_map] = None
            self._add(source, output_map)
        elif (file := self._written_short(entry)) is not None:
            self._add(file, None)
        elif (built := built_entry(self.project, owner, entry)) is not None and built[0]:
            self.add_built(*built)
        else:
            self.unresolved.append(Evidence(entry, 0, "it isn't in the context, and no source file of it is known"))

    def _written_short(self, entry: str) -> str | None:
        names = (entry, f"{entry}.js", f"{entry}.ts", f"{entry}/index.js", f"{entry}/index.ts")
        return next((name for name in names if self.project.context.is_file(name)), None)

    def add_built(self, sources: Sequence[str], output_map: OutputMap) -> None:
        """Files that a build has put together."""
        self.maps[output_map] = None
        for source in sources:
            self._add(source, output_map)

    def _add(self, path: str, output_map: OutputMap | None) -> None:
        if "node_modules" in path.split("/"):
            self.unresolved.append(Evidence(path, 0, "it belongs to an installed package"))
        elif path not in self.seen:
            self.seen[path] = None
            if not path.endswith((*_ASSETS, *_DECLARATIONS)):  # node takes any other name for JavaScript
                self.waiting.append((path, output_map))

    def follow(self) -> None:
        while self.waiting:
            path, output_map = self.waiting.pop()
            located_at = output_map.to_output(path) if output_map is not None else path
            file = self.project.sources.read(path, located_at, self._imported(output_map).importer(path))
            self.files.append(file)
            self.unresolved += file.unresolved
            for item in file.imports:
                self._import(item, path, output_map)
            for use in file.loaded_folders:
                self._folder(use, output_map)
            for use in file.loaded_files:
                self._loaded_file(use, output_map)
            for use in file.settings:
                self._named_settings(use)
            self._given(file, output_map)

    def _imported(self, output_map: OutputMap | None) -> ImportedPaths:
        if output_map not in self.imported:
            to_output = output_map.to_output if output_map is not None else str
            self.imported[output_map] = ImportedPaths(self.project.context, self._file_of, to_output)
        return self.imported[output_map]

    def _file_of(self, path: str, specifier: str) -> str | None:
        """The file of the project that a specifier means in one of its files."""
        resolved = owner_of(self.owners, path).resolver.resolve(Import(specifier, Evidence(path, 0)))
        return resolved.file if resolved is not None else None

    def _import(self, item: Import, path: str, output_map: OutputMap | None) -> None:
        if output_map is not None and output_map.virtual and item.specifier.startswith(output_map.virtual):
            return
        resolved = self._resolve(item, output_map)
        if resolved is None:
            if output_map is not None and output_map.virtual is not None and item.base is None:
                return  # every source file is among the entries; the others are made by the build
            if not item.specifier.endswith(_ASSETS) or item.specifier.endswith((".json", ".node")):
                self.unresolved.append(item.evidence)
        elif resolved.file is not None:
            if resolved.file.endswith(_DECLARATIONS):
                return
            self._add(resolved.file, output_map)
            if resolved.file.endswith(".node") or (resolved.file.endswith(".html") and output_map is None):
                self.unresolved.append(item.evidence)  # Bun bundles what a page loads when the program starts
            elif resolved.file.endswith(_ASSETS):
                located_at = output_map.to_output(resolved.file) if output_map is not None else resolved.file
                self.reads.append(FileUse(located_at, item.evidence, "file"))
                self._settings(resolved.file, path)
        elif resolved.package is not None:
            self._package(resolved.package, item, output_map.bundles if output_map is not None else "none")

    def _resolve(self, item: Import, output_map: OutputMap | None) -> Resolved | None:
        resolved = owner_of(self.owners, item.evidence.file).resolver.resolve(item)
        if resolved is None and item.base is not None and output_map is not None:
            source = output_map.to_source(self.project.context, item.base)
            return Resolved(file=source) if source is not None else None
        return resolved

    def _package(self, name: str, item: Import, bundles: Bundled) -> None:
        owner = owner_of(self.owners, item.evidence.file)
        self.packages.setdefault((owner.folder, name), item.evidence)
        if bundles == "none" or (bundles == "development" and name not in owner.manifest.development_only):
            self.needed.setdefault((owner.folder, name), item.evidence)
        if name in self.members:
            self._member(name, item)
        rules = {package_rule(name), package_rule(item.specifier)}
        for rule in rules:
            self.reads += [FileUse(path, item.evidence) for path in rule.reads]
            for path in rule.reads:
                for file in self.project.context.under(inside(self.project.folder, path) or "-"):
                    self._settings(file, item.evidence.file)
            for path in (*rule.settings, *rule.loads):
                place = inside(self.project.folder, path)
                if place is None or not self.project.context.is_file(place):
                    continue
                self.reads.append(FileUse(path, item.evidence))
                if path in rule.loads:
                    self._add(place, None)
                else:
                    self._settings(place, item.evidence.file)
            self.writes += [
                FileUse(path.rstrip("/"), item.evidence, is_partial=path.endswith("/")) for path in rule.writes
            ]
            if rule.unknown_writes:
                self.unknown_writes.append(item.evidence)
            if rule.loads_unknown:
                self.unresolved.append(item.evidence)

    def _member(self, name: str, item: Import) -> None:
        """A package of the workspace, linked into node_modules: its own files count."""
        member = next(owner for owner in self.owners if owner.manifest.name == name)
        entry = exported_file(self.project.context, member.manifest, item.specifier[len(name) :].lstrip("/"))
        path = inside(member.folder, entry) if entry is not None else None
        if path is None:
            text = f"what `{item.specifier[:60]}` is of the workspace member `{name}`"
            self.unresolved.append(Evidence(item.evidence.file, item.evidence.line, text))
        else:
            self.add_entry(path)

    def _settings(self, path: str, source: str) -> None:
        """A file of settings may name a log that a library of the source file then writes."""
        if path.endswith(_SETTINGS) and posixpath.basename(path) != "package.json":
            imports = next((file.imports for file in self.files if file.path == source), ())
            packages = {item.specifier for item in imports}
            writes, unknown = writes_of_settings(self.project.context, path, packages)
            self.writes += writes
            self.unknown_writes += unknown

    def _named_settings(self, use: FileUse) -> None:
        """Settings of a library that writes: without them, nobody knows what."""
        path = inside(self.project.folder, use.path) if use.kind == "cwd" else use.path
        if use.is_partial or path is None or not self.project.context.is_file(path):
            self.unknown_writes.append(use.evidence)
            return
        self.reads.append(use)
        self._settings(path, use.evidence.file)

    def _given(self, file: SourceFile, output_map: OutputMap | None) -> None:
        """What a library is given and nobody could read, it makes."""
        folders = (self.project.folder, owner_of(self.owners, file.path).folder)
        sources = (output_map.source_folder, output_map.output_folder) if output_map is not None else None
        context = self.project.context
        self.writes += [use for use in file.given if not is_there(context, folders, use, sources)]

    def _folder(self, use: FileUse, output_map: OutputMap | None) -> None:
        """A name made at run time: any source file of the folder may be meant."""
        folder = use.path
        if output_map is not None and not self.project.context.is_folder(folder):
            folder = self._source_folder(folder, output_map)
        found = [
            path
            for path in self.project.context.under(folder)
            if "node_modules" not in path.split("/") and is_source(path)
        ]
        if not found:
            self.unresolved.append(use.evidence)
        for path in found:
            self._add(path, output_map)

    def _source_folder(self, folder: str, output_map: OutputMap) -> str:
        if not is_below(folder, output_map.output_folder):
            return folder
        return inside(output_map.source_folder or ".", relative_to(folder, output_map.output_folder)) or ""

    def _loaded_file(self, use: FileUse, output_map: OutputMap | None) -> None:
        path = inside(self.project.folder, use.path) if use.kind == "cwd" else use.path
        if path is None or use.is_partial or use.kind == "absolute":
            self.unresolved.append(use.evidence)
        elif output_map is not None and (source := output_map.to_source(self.project.context, path)) is not None:
            self._add(source, output_map)
        elif self.project.context.is_file(path):
            self._add(path, None)
        else:
            self.unresolved.append(use.evidence)

    # --- the result ---

    def result(self, has_entries: bool) -> RuntimeLoads:
        self._named_packages()
        self._views()
        self._prisma()
        reads = [*self.reads, *(use for file in self.files for use in file.reads)]
        writes = [*self.writes, *(use for file in self.files for use in file.writes)]
        unknown_reads = [item for file in self.files for item in file.unknown_reads]
        unknown_writes = [*self.unknown_writes, *(item for file in self.files for item in file.unknown_writes)]
        if not all(item.is_exact for item in self.maps):
            unknown_reads += [use.evidence for use in reads if use.kind == "file"]
            unknown_writes += [use.evidence for use in writes if use.kind == "file"]
        system_paths = [use for file in self.files for use in file.system_paths]
        system_paths += [PathUse(use.path, use.evidence) for use in reads if use.kind == "absolute" and use.path]
        changed = self._changed_folder()
        if changed is not None:
            unknown_reads += [use.evidence for use in reads if use.kind == "cwd"]
            unknown_writes += [use.evidence for use in writes if use.kind == "cwd"]
            reads = [use for use in reads if use.kind != "cwd"]
            writes = [use for use in writes if use.kind != "cwd"]
        return RuntimeLoads(
            files=tuple(self.seen),
            packages=frozenset(name for _, name in self.packages),
            dev_only=tuple(self._loads_of(lambda owner, name: name in owner.manifest.development_only)),
            undeclared=tuple(self._loads_of(self._is_undeclared)),
            named_packages=frozenset(self._names_in_strings()),
            unresolved=tuple(dict.fromkeys(self.unresolved)),
            complete=has_entries and not self.unresolved,
            reads=tuple(dict.fromkeys(reads)),
            writes=tuple(dict.fromkeys(writes)),
            unknown_reads=tuple(dict.fromkeys(unknown_reads)),
            unknown_writes=tuple(dict.fromkeys(unknown_writes)),
            programs=tuple(dict.fromkeys(use for file in self.files for use in file.programs)),
            unknown_programs=tuple(dict.fromkeys(item for file in self.files for item in file.unknown_programs)),
            reads_package_environment=any(file.reads_package_environment for file in self.files),
            listens_on=tuple(dict.fromkeys(port for file in self.files for port in file.ports)),
            output_folders=tuple(dict.fromkeys(item.output_folder for item in self.maps)),
            system_paths=tuple({use.path: use for use in reversed(system_paths)}.values()),
            changed_folder=changed,
        )

    def _changed_folder(self) -> Evidence | None:
        """Where it goes to another folder than the one it starts in."""
        for use in (change for file in self.files for change in file.folder_changes):
            is_start = use.path == (self.project.folder if use.kind == "file" else "") and use.kind != "absolute"
            if use.is_partial or not is_start:
                return use.evidence
        return None

    def _loads_of(self, wanted: Callable[[Owner, str], bool]) -> Iterator[PathUse]:
        production = self.project.manifest.production_dependencies
        for (folder, name), evidence in sorted(self.needed.items()):
            owner = next(owner for owner in self.owners if owner.folder == folder)
            if name not in production and wanted(owner, name):
                yield PathUse(name, evidence)

    def _is_undeclared(self, owner: Owner, name: str) -> bool:
        manifests = (owner.manifest, self.project.manifest)
        declared = any(name in manifest.direct_dependencies for manifest in manifests)
        return not declared and name != owner.manifest.name and name not in self.members

    def _named_packages(self) -> None:
        """A string that is the name of a development dependency may be what a library loads, as a view engine or a
        log formatter; and the name of a database loads its driver."""
        for file in self.files:
            owner = owner_of(self.owners, file.path)
            names = {package_name(text) for text in file.strings} & owner.manifest.development_only
            drivers = {driver for text in file.strings for driver in drivers_of(text)}
            for name in sorted(names | (drivers & owner.manifest.installed_dependencies.keys())):
                self.packages.setdefault((owner.folder, name), Evidence(file.path, 0, name))
                self.needed.setdefault((owner.folder, name), Evidence(file.path, 0, name))

    def _names_in_strings(self) -> Iterator[str]:
        imported = {name for _, name in self.packages}
        for file in self.files:
            installed = owner_of(self.owners, file.path).manifest.installed_dependencies.keys()
            yield from ({package_name(text) for text in file.strings} & installed) - imported

    def _views(self) -> None:
        """Express looks in `views` of the work folder, if not told another."""
        self.reads += [use for file in self.files for use in file.view_folders]
        renders = [item for file in self.files for item in file.renders]
        if renders and not any(file.sets_views for file in self.files):
            self.reads.append(FileUse("views", renders[0]))

    def _prisma(self) -> None:
        packages = {name for _, name in self.packages}
        if CLIENT not in packages:
            return
        database = database_of_prisma(self.project.context, self.project.folder, self.project.manifest, packages)
        if database is not None and database.path is not None:
            self.writes.append(FileUse(database.path, database.evidence, "file"))
        elif database is not None:
            self.unknown_writes.append(database.evidence)
