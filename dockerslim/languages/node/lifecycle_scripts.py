"""The scripts that run during an install, and what of the project they read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dockerslim.languages.node import tools
from dockerslim.languages.node.imports import Import
from dockerslim.languages.node.manifest import Manifest
from dockerslim.languages.node.module_resolution import ModuleResolver
from dockerslim.languages.node.node_arguments import read_node_arguments
from dockerslim.languages.node.package_runners import RUNNERS, ProgramRun, ScriptRun, read_run
from dockerslim.languages.node.paths import inside
from dockerslim.languages.node.script_text import ScriptCommand, is_assignment, parse_script
from dockerslim.languages.node.source_file import SourceFile, read_source_file
from dockerslim.languages.node.source_files import SourceFiles

LIFECYCLE_SCRIPTS = (
    "preinstall",
    "install",
    "postinstall",
    "prepublish",
    "preprepare",
    "prepare",
    "postprepare",
    "pnpm:devPreinstall",
)
_STEP_LIMIT = 60


class Refusal(Exception):
    """The install can't run before the source; the text says why."""


@dataclass(frozen=True, slots=True)
class LifecycleInputs:
    """Files and folders that the scripts read, relative to the context; they need not be there."""

    paths: tuple[str, ...] = ()
    generates_prisma_client: bool = False


def lifecycle_inputs(sources: SourceFiles, folder: str, manifest: Manifest) -> LifecycleInputs:
    """What the install scripts of one package need; raises Refusal where that isn't known."""
    reader = _Reader(sources, folder, manifest)
    for name in LIFECYCLE_SCRIPTS:
        if name in manifest.scripts:
            reader.read(name)
    return LifecycleInputs(tuple(reader.paths), reader.generates_prisma_client)


class _Reader:
    def __init__(self, sources: SourceFiles, folder: str, manifest: Manifest) -> None:
        self.sources = sources
        self.folder = folder
        self.manifest = manifest
        self.paths: dict[str, None] = {}
        self.generates_prisma_client = False

    def read(self, name: str) -> None:
        """Follow one script, and those that it runs."""
        waiting, steps = [name], 0
        while waiting:
            steps += 1
            if steps > _STEP_LIMIT:
                raise Refusal(f"the scripts that `{name}` runs call each other without an end")
            script = waiting.pop()
            text = self.manifest.scripts.get(script)
            if text is None:
                raise self._refusal(name, f"the script `{script}`, which isn't there")
            parsed = parse_script(text)
            if parsed.problem is not None:
                raise self._refusal(name, f"`{text[:60]}`")
            for command in parsed.commands:
                waiting += self._command(name, command)

    def _command(self, name: str, command: ScriptCommand) -> list[str]:
        """Look at one command; the scripts that it runs come back."""
        words = _unwrapped(command.words)
        if words and words[0].rsplit("/", 1)[-1] in RUNNERS:
            run = read_run((words[0].rsplit("/", 1)[-1], *words[1:]), self.manifest.scripts)
            if isinstance(run, ScriptRun) and run.folder is run.member is None:
                if run.script in self.manifest.scripts:
                    scripts = (f"pre{run.script}", run.script, f"post{run.script}")
                    return [script for script in scripts if script in self.manifest.scripts]
                words = (run.script, *run.arguments) if run.may_be_program else ()
            elif isinstance(run, ProgramRun) and run.folder is run.member is None and run.shell_text is None:
                words = run.argv
            else:
                words = ()
            if not words:
                raise self._refusal(name, f"`{' '.join(command.words)[:60]}`")
        if not words:
            return []
        program = words[0].rsplit("/", 1)[-1]
        argv = (program, *words[1:])
        rule = tools.find_rule("lifecycle", argv)
        if rule is not None:
            self._known(name, argv, rule)
        elif program in ("node", "nodejs") and command.is_literal:
            self._node(name, words)
        else:
            raise self._refusal(name, f"`{' '.join(command.words)[:60]}`")
        return []

    def _known(self, name: str, argv: tuple[str, ...], rule: Mapping[str, object]) -> None:
        for key in ("files", "folders"):
            values = rule.get(key, ())
            for value in values if isinstance(values, list) else ():
                path = inside(self.folder, value)
                if path is not None:
                    self.paths[path] = None
        if argv[0] == "patch-package" and "--patch-dir" in argv:
            position = argv.index("--patch-dir") + 1
            path = inside(self.folder, argv[position]) if position < len(argv) else None
            if path is not None:
                self.paths[path] = None
        if argv[0] == "prisma":
            if any(word.startswith("--schema") for word in argv):
                raise self._refusal(name, "`prisma generate` with a schema of its own")
            self.generates_prisma_client = True

    def _node(self, name: str, words: tuple[str, ...]) -> None:
        arguments = read_node_arguments(words[1:])
        if any(item.startswith((".", "/")) for item in arguments.preloads):
            raise self._refusal(name, f"`{' '.join(words)[:60]}`")
        if arguments.code is not None:
            inline = inside(self.folder, "inline.js") or "inline.js"
            self._source(name, read_source_file(inline, arguments.code, inline), "code that reads the project")
            return
        path = inside(self.folder, arguments.file) if arguments.file is not None else None
        context = self.sources.context
        path = next((file for file in (path, f"{path}.js", f"{path}.cjs") if file and context.is_file(file)), None)
        if path is None:
            raise self._refusal(name, f"`{' '.join(words)[:60]}`, whose file isn't in the context")
        self._source(name, self.sources.read(path), f"`{path}`, which needs other files of the project")
        self.paths[path] = None

    def _source(self, name: str, file: SourceFile, reason: str) -> None:
        """Only what loads nothing and touches nothing of the project may run before the source is there."""
        resolver = ModuleResolver(self.sources.context, self.folder, self.manifest, None)
        own = any(self._is_own(item, resolver) for item in file.imports)
        uses = [use for use in (*file.reads, *file.writes) if not self._is_harmless(use.path, use.kind)]
        unknown = file.unknown_reads or file.unknown_writes or file.programs or file.unknown_programs
        if own or uses or unknown or file.unresolved or file.loaded_files or file.loaded_folders:
            raise self._refusal(name, reason)

    def _is_own(self, item: Import, resolver: ModuleResolver) -> bool:
        resolved = resolver.resolve(item)
        return resolved is None or (resolved.file is not None and resolved.file != self.manifest.path)

    def _is_harmless(self, path: str, kind: str) -> bool:
        place = inside(self.folder, path) if kind == "cwd" else path
        if kind == "absolute" or place is None:
            return kind == "absolute"
        return "node_modules" in place.split("/") or place == self.manifest.path

    def _refusal(self, name: str, what: str) -> Refusal:
        return Refusal(f"the script `{name}` of {self.manifest.path} runs {what}")


def _unwrapped(words: tuple[str, ...]) -> tuple[str, ...]:
    """Without cross-env and `NAME=value`."""
    rest = list(words)
    if rest and rest[0] in ("cross-env", "env"):
        rest.pop(0)
        while rest and is_assignment(rest[0]):
            rest.pop(0)
    return tuple(rest)
