"""What a stage does with a Go project: where its module lies and which commands run go."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.dockerfile.shell import Script, ShellCommand
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


COMPILE_VERBS = frozenset({"build", "install", "test", "vet", "run", "generate"})
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
    """The project whose module holds an image folder, and the image folder of its go.mod."""
    files = case.files(stage)
    current = folder
    while True:
        path = files.context_path(current, before)
        if path is not None and case.context is not None and case.context.is_folder(path):
            project = case.go_project(path)
            if project is not None and project.module is not None:
                return project, current
        if current in ("/", ""):
            break
        current = posixpath.dirname(current)
    path = files.context_path(folder, before)
    if path is None:
        return None
    project = case.go_project(path)
    return (project, folder) if project is not None else None
