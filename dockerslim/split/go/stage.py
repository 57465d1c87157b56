"""What a stage does with a Go project: where its module lies and which commands run go."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.dockerfile.shell import Script, ShellCommand
from dockerslim.images.files import Placement
from dockerslim.languages.go import GoProject
from dockerslim.languages.go.project import without_module
from dockerslim.languages.make_command import MakeProblem
from dockerslim.split.go.made import DEEPEST, made_by

NOTHING: Mapping[str, str | None] = MappingProxyType({})


@dataclass(frozen=True)
class GoCommand:
    """A `go ...` command of a RUN. `words` are what is known of it, `folder` the absolute folder it runs in."""

    instruction: Instruction
    script: Script
    command: ShellCommand
    words: tuple[str, ...]
    folder: str | None
    is_made: bool = False
    """A Makefile runs it: `script` and `command` are of there, only `instruction` is of the Dockerfile."""
    given: frozenset[str] = frozenset()
    """Variables that make gives it."""

    @property
    def verb(self) -> str:
        rest = [word for word in self.words[1:] if not word.startswith("-")]
        if len(self.words) > 2 and self.words[1] == "-C":
            rest = rest[1:]
        return rest[0] if rest else ""

    @property
    def subject(self) -> str:
        """`download` of `go mod download`."""
        rest = [word for word in self.words[1:] if not word.startswith("-")]
        return rest[1] if len(rest) > 1 else ""

    @property
    def loads_modules(self) -> bool:
        return self.verb in MODULE_VERBS or (self.verb == "mod" and self.subject in MODULE_SUBJECTS)

    @property
    def compiles(self) -> bool:
        return self.verb in COMPILE_VERBS


COMPILE_VERBS = frozenset({"build", "install", "test", "vet", "run", "generate", "tool"})
MODULE_VERBS = COMPILE_VERBS | {"get", "list", "work"}
MODULE_SUBJECTS = frozenset({"download", "tidy", "vendor", "verify", "graph", "why"})


def go_commands(case: Case, stage: Stage) -> Iterator[GoCommand]:
    """The go commands at the top level of the stage's RUNs, and those that make runs for them, in order."""
    for instruction, script in case.runs(stage):
        for run in run_commands(case, stage, instruction, script):
            words = run.command.inner().known_arguments()
            if words and posixpath.basename(words[0]) == "go":
                yield GoCommand(
                    instruction, run.script, run.command, words, run.folder, run.is_made, frozenset(run.given)
                )


@dataclass(frozen=True, slots=True)
class RunCommand:
    """A command that a RUN runs itself, or by way of make."""

    script: Script
    command: ShellCommand
    folder: str | None
    is_made: bool
    given: Mapping[str, str | None]


def run_commands(case: Case, stage: Stage, instruction: Instruction, script: Script) -> Iterator[RunCommand]:
    """The plain commands of a RUN, in order; a make whose Makefile can be read stands for what it runs."""
    yield from _commands_of(case, stage, instruction, script, case.state(instruction).workdir, NOTHING, 0)


def _commands_of(
    case: Case,
    stage: Stage,
    instruction: Instruction,
    script: Script,
    folder: str | None,
    given: Mapping[str, str | None],
    depth: int,
) -> Iterator[RunCommand]:
    for command in script.commands:
        inner = command.inner()
        words = inner.known_arguments()
        if not words:
            continue
        if words[0] == "cd" and len(words) == 2 and inner.arguments is not None:
            folder = None if folder is None else posixpath.normpath(posixpath.join(folder, words[1]))
            continue
        if words[0] == "cd":
            folder = None
        made = None
        if posixpath.basename(words[0]) == "make" and depth < DEEPEST:
            with suppress(MakeProblem):
                made = made_by(case, stage, instruction, words, folder, {**given, **set_for(command)})
        if made is None:
            yield RunCommand(script, command, folder, depth > 0, given)
            continue
        environment = {**given, **set_for(command), **made.environment}
        for line in made.scripts:
            yield from _commands_of(case, stage, instruction, line, made.folder, environment, depth + 1)


def set_for(command: ShellCommand) -> dict[str, str | None]:
    """The variables that are set before a command."""
    return {name: word.literal for name, word in command.inner().assignments}


def project_at(case: Case, stage: Stage, folder: str, before: Instruction) -> tuple[GoProject, str] | None:
    """The project whose module holds an image folder, and the image folder of its go.mod.

    Without a go.mod it is the folder itself that the Go files of the context lie in.
    """
    current = folder
    while True:
        source = _source_folder(case, stage, current, ("go.mod", "go.work"), before)
        if source is not None:
            project = case.go_project(source, workspace=_has_workspace(case, stage, current, before))
            if project is not None and (project.module is not None or project.workspace is not None):
                return project, current
        if current in ("/", ""):
            break
        current = posixpath.dirname(current)
    files = case.files(stage)
    source = files.context_path(folder, before)
    if source is None or case.context is None or not case.context.is_folder(source):
        source = next((posixpath.dirname(p.source) for p in _go_files(case, stage, folder)), None)
    project = case.go_project(source) if source is not None else None
    if project is not None and project.module is not None:
        project = without_module(project)  # its go.mod is in the context, and no COPY brings it
    return (project, folder) if project is not None else None


def _has_workspace(case: Case, stage: Stage, folder: str, before: Instruction) -> bool:
    """Does a go.work lie in the folder or above it in the image?"""
    while True:
        if _source_folder(case, stage, folder, ("go.work",), before) is not None:
            return True
        if folder in ("/", ""):
            return False
        folder = posixpath.dirname(folder)


def _source_folder(case: Case, stage: Stage, folder: str, names: tuple[str, ...], before: Instruction) -> str | None:
    """The context's folder of a manifest that lies in an image folder, by whichever COPY laid it there."""
    for name in names:
        path = case.files(stage).context_path(posixpath.join(folder, name), before)
        if path is not None and case.context is not None and case.context.is_file(path):
            return posixpath.dirname(path)
    return None


def _go_files(case: Case, stage: Stage, folder: str) -> list[Placement]:
    return [
        p
        for p in case.files(stage).placements
        if p.stage is None and p.source.endswith(".go") and posixpath.dirname(p.target) == folder
    ]
