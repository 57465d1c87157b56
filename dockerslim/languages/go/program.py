"""What one program needs at run time, from the source of all packages that it is made of.

Reachable means imported: a function that is never called counts, and test files don't. What a path can't be
known to be is told as unknown, never guessed.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass, field

from dockerslim.dockerfile.wrapped_program import run_programs
from dockerslim.languages.evidence import Evidence, PathUse
from dockerslim.languages.go.constraint import NO_TAGS
from dockerslim.languages.go.file_calls import FileCall, file_calls
from dockerslim.languages.go.header import Embed, is_below
from dockerslim.languages.go.resolve import Place, Resolver, package_of
from dockerslim.languages.go.source import Closure, SourceTree
from dockerslim.languages.go.syntax import Call, Composite, Syntax
from dockerslim.languages.go.values import NOT_KNOWN, Resolved, Text

_CREATES = re.compile(r"\bO_(?:CREATE|CREAT|WRONLY|RDWR|APPEND|TRUNC)\b")
_READS_ONLY = re.compile(r"(?:\w+\.)?O_RDONLY|0")
_PATH_FUNCTIONS = frozenset({"Dir", "Join", "Abs", "EvalSymlinks", "Clean", "Split"})
_SQLITE_DRIVERS = ("sqlite3", "sqlite")
_HTTP_CLIENT = frozenset(
    {"Get", "Post", "PostForm", "Head", "NewRequest", "NewRequestWithContext", "ListenAndServeTLS", "ServeTLS"}
)
_USER_LOOKUPS = {
    "os/user": frozenset({"Current", "Lookup", "LookupId", "LookupGroup", "LookupGroupId"}),
    "os": frozenset({"UserHomeDir", "UserConfigDir", "UserCacheDir"}),
}
_EVERYWHERE = frozenset({"/dev/null", "/dev/stdout", "/dev/stderr", "/dev/stdin"})
_VIPER = frozenset(
    {"AddConfigPath", "SetConfigName", "SetConfigFile", "ReadInConfig", "MergeInConfig", "SetConfigType"}
)


@dataclass(frozen=True, slots=True)
class ProgramFacts:
    """What a program uses at run time; paths are as its source writes them, relative ones to its working folder.

    A path that is written is also read where the context has it already (a database file, a log).
    """

    package: str
    """The folder of its main package, relative to the module's."""
    folders: tuple[str, ...] = ()
    """The packages of the project's own that it is made of, relative to the context's root."""
    imports: tuple[str, ...] = ()
    """The other packages that these import."""
    complete: bool = True
    """False: some of its source wasn't read (a limit, a generated package), so more may be used than is told."""
    reads: tuple[PathUse, ...] = ()
    """Files and folders; a glob pattern stands as it is, and `x/` is something below `x` (`"x/" + name`)."""
    unknown_reads: tuple[Evidence, ...] = ()
    writes: tuple[PathUse, ...] = ()
    unknown_writes: tuple[Evidence, ...] = ()
    programs: tuple[PathUse, ...] = ()
    unknown_programs: tuple[Evidence, ...] = ()
    embeds: tuple[PathUse, ...] = ()
    """Patterns of `//go:embed`, relative to the folder of the file that they stand in: needed to build only."""
    uses_timezones: tuple[Evidence, ...] = ()
    imports_tzdata: bool = False
    """The time zones are compiled in."""
    uses_tls: bool = False
    user_lookups: tuple[Evidence, ...] = ()
    imports_plugin: bool = False
    uses_caller_paths: tuple[Evidence, ...] = ()
    """Where files are looked for beside the source file or the binary."""
    uses_build_info: tuple[Evidence, ...] = ()


def read_program(tree: SourceTree, folder: str, package: str, tags: Set[str] = NO_TAGS) -> ProgramFacts:
    """The facts of the program whose main package is in `folder` (relative to the context's root)."""
    closure = tree.closure((folder,), tags)
    files = tuple(file for part in closure.folders for file in tree.built_files(part, tags))
    notes = _Notes(tree, Resolver(tree, files))
    for file in files:
        notes.read(file)
    notes.finish(closure)
    return ProgramFacts(
        package,
        tuple(sorted(closure.folders)),
        tuple(sorted(closure.imports)),
        closure.complete and not notes.unreadable,
        _sorted_uses(notes.found["read"]),
        _sorted_places(notes.unknown["read"]),
        _sorted_uses(notes.found["write"]),
        _sorted_places(notes.unknown["write"]),
        _sorted_uses(notes.found["program"]),
        _sorted_places(notes.unknown["program"]),
        tuple(PathUse(item.pattern, Evidence(file, item.line)) for file, item in _embeds(tree, files)),
        _sorted_places(notes.timezones),
        any(path == "time/tzdata" for path in closure.imports),
        notes.tls or any(is_below(path, known) for path in closure.imports for known in file_calls().tls_imports),
        _sorted_places(notes.users),
        "plugin" in closure.imports,
        _sorted_places(notes.caller_paths),
        _sorted_places(notes.build_info),
    )


@dataclass(slots=True)
class _Notes:
    """What has been found while the files of a program are read."""

    tree: SourceTree
    resolver: Resolver
    found: dict[str, dict[str, Evidence]] = field(default_factory=lambda: {"read": {}, "write": {}, "program": {}})
    unknown: dict[str, list[Evidence]] = field(default_factory=lambda: {"read": [], "write": [], "program": []})
    timezones: list[Evidence] = field(default_factory=list)
    users: list[Evidence] = field(default_factory=list)
    caller_paths: list[Evidence] = field(default_factory=list)
    build_info: list[Evidence] = field(default_factory=list)
    tls: bool = False
    unreadable: bool = False
    called: set[str] = field(default_factory=set)
    conditional: list[tuple[str, FileCall, Resolved, Evidence]] = field(default_factory=list)
    viper: dict[str, list[tuple[Resolved, Evidence]]] = field(default_factory=dict)

    def read(self, file: str) -> None:
        syntax = self.tree.syntax(file)
        if syntax is None:
            self.unreadable = True
            return
        path_scopes = {
            call.scope
            for call in syntax.calls
            if call.name in _PATH_FUNCTIONS
            and package_of(syntax, call.operand, call.scope) in ("path/filepath", "path")
        }
        for call in syntax.calls:
            self.called.add(call.name)
            package = package_of(syntax, call.operand, call.scope)
            evidence = Evidence(file, call.line, call.text)
            self._read_facts(call, package, path_scopes, evidence)
            self._read_call(call, package, Place(file, call.scope), evidence)
        for composite in syntax.composites:
            self._read_composite(syntax, composite, file)

    def finish(self, closure: Closure) -> None:
        """What needs all files to be read first."""
        for kind, row, value, evidence in self.conditional:
            if row.unless not in self.called:
                self._note(kind, value, evidence)
        self._finish_viper()
        for effect in file_calls().imports:
            for path, evidence in closure.imports.items():
                if not is_below(path, effect.path):
                    continue
                for kind, paths in (("read", effect.reads), ("write", effect.writes), ("program", effect.programs)):
                    self._note(kind, Resolved(paths), evidence)
                if effect.unknown_reads:
                    self.unknown["read"].append(evidence)
                if effect.unknown_writes:
                    self.unknown["write"].append(evidence)

    def _read_facts(self, call: Call, package: str | None, path_scopes: Set[int], evidence: Evidence) -> None:
        name = call.name
        if package == "time" and name == "LoadLocation":
            self.timezones.append(evidence)
        elif package is not None and name in _USER_LOOKUPS.get(package, ()):
            self.users.append(evidence)
        elif package == "runtime/debug" and name == "ReadBuildInfo":
            self.build_info.append(evidence)
        elif (package == "runtime" and name == "Caller") or (package == "os" and name == "Executable"):
            # Loggers ask who called them, too: it matters where the same function then works with a path.
            if call.scope in path_scopes:
                self.caller_paths.append(evidence)
        elif package == "net/http" and name in _HTTP_CLIENT:
            self.tls = True
        elif package == "os" and name == "Chdir":
            # From here on a relative path is relative to something else.
            self.unknown["read"].append(evidence)
            self.unknown["write"].append(evidence)

    def _read_call(self, call: Call, package: str | None, place: Place, evidence: Evidence) -> None:
        if package == "os" and call.name == "OpenFile" and len(call.arguments) >= 2:
            self._read_open_file(call, place, evidence)
            return
        if call.name in _VIPER and (package is None or is_below(package, "github.com/spf13/viper")):
            value = self.resolver.resolve(call.arguments[0], place) if call.arguments else Resolved()
            self.viper.setdefault(call.name, []).append((value, evidence))
            return
        if self._read_database(call, package, place, evidence):
            return
        rows = [row for row in file_calls().by_name.get(call.name, ()) if row.is_of(package) and not row.fields]
        # A function of a package that is in the table is meant by its own row, not by that of any receiver.
        rows = [row for row in rows if row.packages] or [row for row in rows if call.operand is not None]
        matched = False
        for row in rows:
            if row.exactly is not None and len(call.arguments) != row.exactly:
                continue
            if row.first and not (set(self._argument(call, 0, place).texts) & set(row.first)):
                continue
            matched = True
            self._read_row(row, call, place, evidence)
        if not matched:
            self._read_file_urls(call, evidence)
        if package == "os/exec":
            self._read_program_arguments(call, place, evidence)
            self._read_program_behind(call, place, evidence)

    def _read_row(self, row: FileCall, call: Call, place: Place, evidence: Evidence) -> None:
        if row.fixed is not None:
            self._note(row.kind, Resolved((row.fixed,)), evidence)
            return
        if not call.arguments and row.default is not None:
            self._note(row.kind, Resolved((row.default,)), evidence)
            return
        positions = [position for position in row.arguments if position < len(call.arguments)]
        if row.rest and positions:
            positions = list(range(positions[0], len(call.arguments)))
        for position in positions:
            value = _formed(row.form, self.resolver.resolve(call.arguments[position], place))
            if row.unless is not None:
                self.conditional.append((row.kind, row, value, evidence))
            else:
                self._note(row.kind, value, evidence)

    def _read_open_file(self, call: Call, place: Place, evidence: Evidence) -> None:
        value = self.resolver.resolve(call.arguments[0], place)
        flags = call.sources[1]
        if _CREATES.search(flags):
            self._note("write", value, evidence)
        elif _READS_ONLY.fullmatch(flags):
            self._note("read", value, evidence)
        else:
            self._note("read", value, evidence)
            self._note("write", value, evidence)

    def _read_database(self, call: Call, package: str | None, place: Place, evidence: Evidence) -> bool:
        """`sql.Open("sqlite3", "data/app.db")`, and whatever else takes a driver's name and its source."""
        if len(call.arguments) < 2:
            return False
        is_sql = package in ("database/sql", "github.com/jmoiron/sqlx")
        if not is_sql and not (isinstance(first := call.arguments[0], Text) and first.text in _SQLITE_DRIVERS):
            return False
        driver = self._argument(call, 0, place)
        if is_sql and call.name not in ("Open", "Connect", "MustConnect", "MustOpen", "ConnectContext"):
            return False
        if any(name.startswith(_SQLITE_DRIVERS) for name in driver.texts) or (driver.unknown and self._has_sqlite()):
            self._note("write", _formed("dsn", self._argument(call, 1, place)), evidence)
        return True

    def _has_sqlite(self) -> bool:
        return any(
            "sqlite" in item.path
            for file in self.resolver.files
            if (header := self.tree.header(file)) is not None
            for item in header.imports
        )

    def _read_file_urls(self, call: Call, evidence: Evidence) -> None:
        for argument in call.arguments:
            if isinstance(argument, Text) and argument.text.startswith("file://"):
                self._note("read", _formed("url", Resolved((argument.text,))), evidence)

    def _read_program_arguments(self, call: Call, place: Place, evidence: Evidence) -> None:
        """A file of the context that is an argument of a program (`sh scripts/run.sh`) is read by it."""
        for position in range(1, len(call.arguments)):
            for text in self._argument(call, position, place).texts:
                if "/" in text and self.tree.context.is_file(posixpath.normpath(text)):
                    self._note("read", Resolved((text,)), evidence)

    def _read_program_behind(self, call: Call, place: Place, evidence: Evidence) -> None:
        """`exec.Command("env", "A=1", "git")` runs git."""
        first = {"Command": 0, "CommandContext": 1}.get(call.name)
        if first is None:
            return
        given = [self._argument(call, position, place) for position in range(first, len(call.arguments))]
        words = [value.texts[0] if len(value.texts) == 1 and not value.unknown else None for value in given]
        started = run_programs(words)
        if words and words[0] is not None and started != (words[0],):
            for name in started:
                self._note("program", Resolved((name,)) if name is not None else Resolved(unknown=True), evidence)

    def _read_composite(self, syntax: Syntax, composite: Composite, file: str) -> None:
        package = package_of(syntax, composite.operand, composite.scope)
        for row in file_calls().by_name.get(composite.name, ()):
            if not row.fields or not row.is_of(package):
                continue
            evidence = Evidence(file, composite.line, composite.text)
            for name in row.fields:
                if name in composite.fields:
                    value = self.resolver.resolve(composite.fields[name], Place(file, composite.scope))
                    self._note(row.kind, _formed(row.form, value), evidence)

    def _finish_viper(self) -> None:
        """A configuration is looked for under its name, with some extension, in each of the folders."""
        if not any(name in self.viper for name in ("ReadInConfig", "MergeInConfig", "AddConfigPath", "SetConfigFile")):
            return
        for value, evidence in self.viper.get("SetConfigFile", ()):
            self._note("read", value, evidence)
        names = Resolved()
        for value, _ in self.viper.get("SetConfigName", ()):
            names |= value
        if not names.texts and not names.unknown:
            names = Resolved(("config",))
        for value, evidence in self.viper.get("AddConfigPath", ()):
            texts = [text for text in value.texts if "$" not in text]
            if names.unknown or value.unknown or value.below or len(texts) < len(value.texts):
                self.unknown["read"].append(evidence)
            for folder in texts:
                for name in names.texts:
                    path = posixpath.join(folder, name)
                    endings = ("", ".*") if "SetConfigType" in self.viper else (".*",)
                    self._note("read", Resolved(tuple(path + ending for ending in endings)), evidence)
        if "AddConfigPath" not in self.viper and "SetConfigFile" not in self.viper:
            for _, evidence in (*self.viper.get("ReadInConfig", ()), *self.viper.get("MergeInConfig", ())):
                self.unknown["read"].append(evidence)

    def _argument(self, call: Call, position: int, place: Place) -> Resolved:
        if position >= len(call.arguments):
            return NOT_KNOWN
        return self.resolver.resolve(call.arguments[position], place)

    def _note(self, kind: str, value: Resolved, evidence: Evidence) -> None:
        for text in (*value.texts, *value.below):
            if text and text not in _EVERYWHERE:
                self.found[kind].setdefault(text, evidence)
        if value.unknown:
            self.unknown[kind].append(evidence)


def _formed(form: str, value: Resolved) -> Resolved:
    """The paths in a value of a form that the table names."""
    match form:
        case "optional":
            return Resolved(value.texts, below=value.below)
        case "temporary":
            return value.map(lambda text: (text or "/tmp").rstrip("/") + "/")
        case "dsn":
            return value.map(_database_file)
        case "url":
            return value.map(
                lambda text: text.removeprefix("file://").split("?")[0] if text.startswith("file://") else ""
            )
        case "log":
            return value.map(lambda text: "" if text in ("stdout", "stderr") else text)
    return value


def _database_file(source: str) -> str:
    """The file that a SQLite data source name means, empty for a database in memory."""
    path, _, options = source.partition("?")
    if path.startswith("file:"):
        path = path.removeprefix("file:")
        if path.startswith("//"):
            path = "/" + path.lstrip("/")
    return "" if path == ":memory:" or "mode=memory" in options else path


def _embeds(tree: SourceTree, files: tuple[str, ...]) -> Iterator[tuple[str, Embed]]:
    for file in files:
        header = tree.header(file)
        for item in header.embeds if header is not None else ():
            yield file, item


def _sorted_uses(found: dict[str, Evidence]) -> tuple[PathUse, ...]:
    return tuple(PathUse(path, found[path]) for path in sorted(found))


def _sorted_places(found: list[Evidence]) -> tuple[Evidence, ...]:
    return tuple(sorted(set(found)))
