"""What following a start command has found so far, and the commands that are still to be followed."""

from __future__ import annotations

from dataclasses import dataclass, field

from dockerslim.languages.evidence import Evidence
from dockerslim.languages.node import tools
from dockerslim.languages.node.command import Command, CommandKind
from dockerslim.languages.node.file_use import FileUse
from dockerslim.languages.node.manifest import Manifest
from dockerslim.languages.node.paths import inside
from dockerslim.languages.node.project import NodeProject
from dockerslim.languages.node.start_script import ScriptFinder, StartScript, no_scripts


@dataclass(frozen=True, slots=True)
class Step:
    """One command still to follow."""

    argv: tuple[str, ...]
    folder: str
    manifest: Manifest
    evidence: Evidence = field(default_factory=lambda: Evidence("", 0))
    in_script: bool = False
    """node_modules/.bin is on the PATH."""
    is_literal: bool = True
    depth: int = 0


class Resolution:
    """Steps wait on a stack, as scripts can call each other without an end. Names keep the order they were found in."""

    def __init__(self, project: NodeProject, find_script: ScriptFinder = no_scripts) -> None:
        self.project = project
        self.find_script = find_script
        self._waiting: list[Step] = []
        self.kinds: set[str] = set()
        self.programs: list[tuple[str, ...]] = []
        self.entry_files: dict[str, None] = {}
        self.binaries: dict[str, None] = {}
        self.preloads: dict[str, None] = {}
        self.development: tuple[str, Evidence] | None = None
        self.build: Evidence | None = None
        self.uses_shell = False
        self.features: dict[str, None] = {}
        self.environment: dict[tuple[str, str], None] = {}
        self.global_tools: dict[str, None] = {}
        self.package_managers: dict[str, None] = {}
        self.scripts: dict[str, None] = {}
        self.env_files: dict[str, None] = {}
        self.unknown: list[Evidence] = []
        self.folders: dict[str, None] = {}
        self.logs: list[FileUse] = []
        self.unknown_logs: list[Evidence] = []
        self.start_scripts: dict[StartScript, None] = {}

    def follow(self, *steps: Step) -> None:
        """These come next, in their order, before all that waits already."""
        self._waiting.extend(reversed(steps))

    def next_step(self) -> Step | None:
        return self._waiting.pop() if self._waiting else None

    def add_server(self, file: str, folder: str) -> None:
        """A file that node, or what takes its place, runs in a work folder; both relative to the context."""
        self.kinds.add("server")
        self.entry_files[file] = None
        self.folders[folder] = None

    def add_binary(self, program: str, step: Step, written: str = "") -> None:
        """A program of node_modules, unless nothing brings it or it is outside of a script's PATH."""
        if tools.is_system_program(program):
            return
        known = any(package in step.manifest.installed_dependencies for package in tools.packages_of(program))
        from_modules = "node_modules" in written
        if (step.in_script and known) or from_modules or (step.in_script and not tools.is_global_tool(program)):
            self.binaries[program] = None
        else:
            self.global_tools[program] = None

    def add_preload(self, name: str, folder: str) -> None:
        """What node is told to load first: a package, or a file of a work folder."""
        path = inside(folder, name) if name.startswith(".") else None
        if path is not None:
            self.entry_files[path] = None
        else:
            self.preloads[name] = None

    def set_variable(self, assignment: str) -> None:
        name, _, value = assignment.partition("=")
        self.environment[name, value] = None

    def give_up(self, step: Step, reason: str) -> None:
        self.unknown.append(Evidence(step.evidence.file, step.evidence.line, reason))

    def evidence(self, step: Step, argv: tuple[str, ...]) -> Evidence:
        """Where the step is written: in a script, else on the command line itself."""
        return step.evidence if step.evidence.file else Evidence("", 0, " ".join(argv)[:120])

    def command(self) -> Command:
        return Command(
            self._kind(),
            tuple(self.programs),
            tuple(self.entry_files),
            tuple(self.binaries),
            tuple(self.preloads),
            self.development[0] if self.development else None,
            self.development[1] if self.development else None,
            self.build,
            self.uses_shell,
            tuple(self.features),
            tuple(self.environment),
            tuple(self.global_tools),
            tuple(self.package_managers),
            tuple(self.scripts),
            tuple(self.env_files),
            tuple(self.unknown),
            tuple(self.folders),
            tuple(self.logs),
            tuple(self.unknown_logs),
            tuple(self.start_scripts),
        )

    def _kind(self) -> CommandKind:
        if self.development is not None:
            return "dev-server"
        if self.build is not None:
            return "build-at-start"
        return "server" if "server" in self.kinds and not self.unknown else "unknown"
