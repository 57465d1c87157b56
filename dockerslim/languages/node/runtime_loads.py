"""What the program loads, reads and writes at run time, as its source says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dockerslim.languages.evidence import Evidence, PathUse
from dockerslim.languages.node.file_use import FileUse
from dockerslim.languages.node.imports import Import
from dockerslim.languages.node.manifest import read_manifest
from dockerslim.languages.node.module_resolution import ModuleResolver, Resolved, package_name
from dockerslim.languages.node.output_map import OutputMap, find_output_map, is_source
from dockerslim.languages.node.paths import inside
from dockerslim.languages.node.prisma import database_of_prisma
from dockerslim.languages.node.project import NodeProject
from dockerslim.languages.node.source_calls import drivers_of, package_rule
from dockerslim.languages.node.source_file import SourceFile
from dockerslim.languages.node.syntax import TYPESCRIPT_SUFFIXES
from dockerslim.languages.node.tsconfig import TypeScriptConfig, read_tsconfig

_ASSETS = (
    ".json", ".node", ".css", ".scss", ".sass", ".less", ".svg", ".png", ".jpg", ".jpeg", ".gif", ".ico", ".webp", ".html",
    ".md", ".txt", ".graphql", ".gql", ".sql", ".wasm", ".yaml", ".yml", ".vue", ".svelte", ".astro",
)  # fmt: skip


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
    unresolved: tuple[Evidence, ...] = ()
    """What may load more than is known here."""
    complete: bool = False
    """Every file that the program loads has been read."""
    reads: tuple[FileUse, ...] = ()
    writes: tuple[FileUse, ...] = ()
    unknown_reads: tuple[Evidence, ...] = ()
    unknown_writes: tuple[Evidence, ...] = ()
    programs: tuple[PathUse, ...] = ()
    """System programs that it starts."""
    unknown_programs: tuple[Evidence, ...] = ()
    reads_package_environment: bool = False
    """It reads `npm_package_…`, which only npm and its like set."""
    listens_on: tuple[int, ...] = ()
    output_folders: tuple[str, ...] = field(default=())
    """The folders of build outputs that stand for their sources here."""


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
        self.packages: dict[str, Evidence] = {}
        self.unresolved: list[Evidence] = []
        self.reads: list[FileUse] = []
        self.writes: list[FileUse] = []
        self.unknown_writes: list[Evidence] = []
        self.strings: set[str] = set()
        self.resolver = ModuleResolver(project.context, project.folder, project.manifest, self._config())
        self.members = {
            manifest.name: folder
            for folder in project.workspaces
            if (manifest := read_manifest(project.context, folder)) is not None and manifest.name
        }

    def _config(self) -> TypeScriptConfig | None:
        for name in ("tsconfig.json", "jsconfig.json"):
            path = inside(self.project.folder, name)
            config = read_tsconfig(self.project.context, path) if path is not None else None
            if config is not None:
                return config
        return None

    def add_entry(self, entry: str) -> None:
        found = find_output_map(self.project.context, self.project.folder, self.project.manifest, entry)
        if found is not None:
            source, output_map = found
            self.maps[output_map] = None
            self._add(source, output_map)
        elif self.project.context.is_file(entry):
            self._add(entry, None)
        else:
            self.unresolved.append(Evidence(entry, 0, "it isn't in the context, and no source file of it is known"))

    def _add(self, path: str, output_map: OutputMap | None) -> None:
        if path not in self.seen:
            self.seen[path] = None
            if is_source(path):
                self.waiting.append((path, output_map))

    def follow(self) -> None:
        while self.waiting:
            path, output_map = self.waiting.pop()
            located_at = output_map.to_output(path) if output_map is not None else path
            file = self.project.sources.read(path, located_at)
            self.files.append(file)
            self.unresolved += file.unresolved
            self.strings |= file.strings
            for item in file.imports:
                self._import(item, path, output_map)
            for use in file.loaded_folders:
                self._folder(use, output_map)
            for use in file.loaded_files:
                self._loaded_file(use, output_map)

    def _import(self, item: Import, path: str, output_map: OutputMap | None) -> None:
        resolved = self._resolve(item, output_map)
        if resolved is None:
            if not item.specifier.endswith(_ASSETS) or item.specifier.endswith((".json", ".node")):
                self.unresolved.append(item.evidence)
        elif resolved.file is not None:
            if resolved.file.endswith((".d.ts", ".d.mts", ".d.cts")):
                return
            self._add(resolved.file, output_map)
            if resolved.file.endswith((".node", ".vue", ".svelte", ".astro")):
                self.unresolved.append(item.evidence)
            elif resolved.file.endswith(_ASSETS):
                located_at = output_map.to_output(resolved.file) if output_map is not None else resolved.file
                self.reads.append(FileUse(located_at, item.evidence, "file"))
        elif resolved.package is not None:
            self._package(resolved.package, item)

    def _resolve(self, item: Import, output_map: OutputMap | None) -> Resolved | None:
        resolved = self.resolver.resolve(item)
        if resolved is None and item.base is not None and output_map is not None:
            source = output_map.to_source(self.project.context, item.base)
            return Resolved(file=source) if source is not None else None
        return resolved

    def _package(self, name: str, item: Import) -> None:
        self.packages.setdefault(name, item.evidence)
        if name in self.members:
            text = f"`{name}` is a member of the workspace"
            self.unresolved.append(Evidence(item.evidence.file, item.evidence.line, text))
        rules = {package_rule(name), package_rule(item.specifier)}
        for rule in rules:
            self.reads += [FileUse(path, item.evidence) for path in rule.reads]
            self.writes += [FileUse(path, item.evidence) for path in rule.writes]
            if rule.unknown_writes:
                self.unknown_writes.append(item.evidence)
            if rule.loads_unknown:
                self.unresolved.append(item.evidence)

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
        from dockerslim.languages.node.paths import is_below, relative_to

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
        manifest = self.project.manifest
        development = manifest.development_only
        declared = manifest.production_dependencies | development
        uses = [PathUse(name, evidence) for name, evidence in sorted(self.packages.items())]
        return RuntimeLoads(
            files=tuple(self.seen),
            packages=frozenset(self.packages),
            dev_only=tuple(use for use in uses if use.path in development),
            undeclared=tuple(
                use for use in uses if use.path not in declared and use.path not in (manifest.name, *self.members)
            ),
            unresolved=tuple(dict.fromkeys(self.unresolved)),
            complete=has_entries and not self.unresolved,
            reads=_unique([*self.reads, *(use for file in self.files for use in file.reads)]),
            writes=_unique([*self.writes, *(use for file in self.files for use in file.writes)]),
            unknown_reads=tuple(dict.fromkeys(item for file in self.files for item in file.unknown_reads)),
            unknown_writes=tuple(
                dict.fromkeys([*self.unknown_writes, *(item for file in self.files for item in file.unknown_writes)])
            ),
            programs=tuple(dict.fromkeys(use for file in self.files for use in file.programs)),
            unknown_programs=tuple(dict.fromkeys(item for file in self.files for item in file.unknown_programs)),
            reads_package_environment=any(file.reads_package_environment for file in self.files),
            listens_on=tuple(dict.fromkeys(port for file in self.files for port in file.ports)),
            output_folders=tuple(dict.fromkeys(item.output_folder for item in self.maps)),
        )

    def _named_packages(self) -> None:
        """A string that is the name of a development dependency may be what a library loads, as a view engine or a
        log formatter; and the name of a database loads its driver."""
        manifest = self.project.manifest
        wanted = {package_name(text): text for text in self.strings if package_name(text) in manifest.development_only}
        drivers = {driver for text in self.strings for driver in drivers_of(text)}
        wanted |= {driver: driver for driver in drivers if driver in manifest.installed_dependencies}
        for name in sorted(wanted):
            if name not in self.packages:
                file = next((file for file in self.files if not file.strings.isdisjoint({wanted[name]})), None)
                self.packages[name] = Evidence(file.path if file is not None else manifest.path, 0, name)

    def _views(self) -> None:
        """Express looks in `views` of the work folder, if not told another."""
        self.reads += [use for file in self.files for use in file.view_folders]
        renders = [item for file in self.files for item in file.renders]
        if renders and not any(file.sets_views for file in self.files):
            self.reads.append(FileUse("views", renders[0]))

    def _prisma(self) -> None:
        if "@prisma/client" not in self.packages:
            return
        database = database_of_prisma(self.project.context, self.project.folder, self.project.manifest)
        if database is not None and database.path is not None:
            self.writes.append(FileUse(database.path, database.evidence, "file"))
        elif database is not None:
            self.unknown_writes.append(database.evidence)


def _unique(uses: Sequence[FileUse]) -> tuple[FileUse, ...]:
    return tuple(dict.fromkeys(uses))


def is_typescript(path: str) -> bool:
    """A file that node can't run without a build or a loader."""
    return path.endswith(TYPESCRIPT_SUFFIXES)
