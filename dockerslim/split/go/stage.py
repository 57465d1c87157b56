"""What a stage does with a Go project: where its module lies and which commands run go."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.dockerfile.shell import Script, ShellCommand
from dockerslim.images.files import Placement
from dockerslim.languages.go import GoProject


@dataclass(frozen=True)
class GoCommand:
    """A `go ...` command of a RUN. `words` are what is known of it, `folder` the absolute folder it runs in."""

    instruction: Instruction
    script: Script
    command: ShellCommand
    words: tuple[str, ...]
    folder: str | None

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
    """The go commands at the top level of the stage's RUNs, in order."""
    for instruction, script in case.runs(stage):
        folder = case.state(instruction).workdir
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
            if posixpath.basename(words[0]) == "go":
                yield GoCommand(instruction, script, command, words, folder)


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
