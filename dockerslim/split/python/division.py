"""Shares the instructions of a Python stage out between the build stage and the runtime stage."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.split.python.divided_run import DividedRun
from dockerslim.split.python.purpose import PythonStage, SystemPackage
from dockerslim.split.python.roles import Role, check_dropped, divided_runs, roles
from dockerslim.split.python.tools import tool_lines
from dockerslim.split.start import Start


@dataclass(frozen=True, slots=True)
class Division:
    """What each stage gets. Instructions are known by where they start.

    `divided` are the RUNs that each stage has a part of. `tools` are the managers that the image runs; `tool_lines`
    install them in the runtime stage, each in the place of the instruction that starts there.
    """

    read: PythonStage
    roles: Mapping[int, Role]
    divided: Mapping[int, DividedRun]
    tools: Collection[str]
    tool_lines: Mapping[int, str]

    def role(self, instruction: Instruction) -> Role:
        return self.roles[instruction.span.start]

    def stays_behind(self, instruction: Instruction) -> bool:
        """Does the runtime stage lose what a RUN installs?"""
        return self.role(instruction) in ("build", "divided")

    @property
    def built(self) -> tuple[SystemPackage, ...]:
        """The author's packages that the runtime stage loses."""
        return tuple(package for package in self.read.packages if self.stays_behind(package.instruction))

    @property
    def own(self) -> frozenset[str]:
        """The names of the author's packages that it keeps."""
        return frozenset(package.name for package in self.read.packages if not self.stays_behind(package.instruction))


def divide_stage(
    case: Case,
    stage: Stage,
    read: PythonStage,
    start: Start,
    *,
    tools: Collection[str],
    dropped: Collection[SystemPackage],
    kept_files: Collection[str],
) -> Division:
    """The division of a stage that the packages `dropped` are to be taken out of. Raises Refused where there is none.

    `kept_files` are manifests that the program, or a manager that the image runs, reads itself.
    """
    lines = {place.span.start: text for place, text in tool_lines(case, stage, read, tools, start)}
    found = roles(case, stage, read, bool(dropped), kept_files, tools)
    divided = divided_runs(case, stage, read, found)
    check_dropped(read, found, dropped)
    return Division(read, found, divided, tools, lines)
