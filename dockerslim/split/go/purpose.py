"""What each command of a Go stage is for: building, installing packages, making folders, or something unknown."""

from __future__ import annotations

from dataclasses import dataclass, field

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.dockerfile.shell import Script, ShellCommand
from dockerslim.languages.go import GoProject
from dockerslim.split.unknown_command import UnknownCommand


@dataclass(frozen=True, slots=True)
class Built:
    """A program that a RUN builds: its absolute path in the image."""

    path: str
    package: str | None
    project: GoProject
    instruction: Instruction
    command: ShellCommand
    script: Script
    tags: frozenset[str] = frozenset()
    needs_cgo: bool = False
    cgo_setting: str | None = None
    """CGO_ENABLED as the command sees it; None where nothing sets it."""
    origin: str = ""
    """The path that it was built at, where a RUN copied it from there."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A program of another module (`go install x@version`): its absolute path, and whether it may link libc."""

    path: str
    instruction: Instruction
    is_static: bool


@dataclass(slots=True)
class GoStage:
    """The commands of a Go stage by purpose."""

    built: list[Built] = field(default_factory=list)
    tools: list[Tool] = field(default_factory=list)
    packages: list[tuple[Instruction, str, str]] = field(default_factory=list)
    """Instruction, manager ("apt", "apk"), package."""
    folders: list[tuple[Instruction, str]] = field(default_factory=list)
    files: list[tuple[str, bool]] = field(default_factory=list)
    """Absolute paths of what a RUN wrote or put in another place and is no source, and whether it is a folder."""
    removed: list[str] = field(default_factory=list)
    """Absolute paths that a RUN removes."""
    unknown: list[UnknownCommand] = field(default_factory=list)
    cgo_makes: set[tuple[int, int]] = field(default_factory=set)
    """Places of makes that run a go command which needs cgo."""
    users: list[Instruction] = field(default_factory=list)


def read_stage(case: Case, stage: Stage) -> GoStage:
    """Looks at every RUN of the stage, in order."""
    # The reader fills what is defined here.
    from dockerslim.split.go.run_reader import RunReader

    found = GoStage()
    for instruction, script in case.runs(stage):
        if script.problem is not None:
            found.unknown.append(UnknownCommand(instruction.span, "the script", script.problem))
            continue
        RunReader(case, stage, instruction, script, found).read(case.state(instruction).workdir)
    return found
