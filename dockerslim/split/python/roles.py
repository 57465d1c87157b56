"""Says of each instruction of a Python stage whether it builds, runs, or does both."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.split.order import brought_files
from dockerslim.split.python.purpose import PurposedRun, PythonStage
from dockerslim.split.python.settings import build_variables
from dockerslim.split.python.tools import brought_tools, installed_names, is_for_tools
from dockerslim.split.python.users import made_names, named_users

Role = Literal["build", "runtime", "both"]

CONFIGURATION = frozenset({"CMD", "ENTRYPOINT", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER", "STOPSIGNAL", "VOLUME"})


def roles(
    case: Case,
    stage: Stage,
    read: PythonStage,
    drops_packages: bool,
    kept_files: Collection[str],
    tools: Collection[str] = (),
) -> dict[int, Role]:
    """The role of each instruction, by where it starts.

    `kept_files` are manifests that the program reads itself, `tools` the managers that the image runs.
    """
    only_for_build = build_variables(read, tools)
    purposes = {run.instruction.span.start: run for run in read.runs}
    found: dict[int, Role] = {}
    last = max((run.instruction.span.start for run in read.runs if run.purpose == "install"), default=0)
    for instruction in stage.instructions:
        start = instruction.span.start
        is_above = start < last
        if instruction.keyword == "RUN":
            found[start] = _run_role(purposes[start], read, drops_packages, is_above, tools)
        elif instruction.keyword in ("COPY", "ADD"):
            brought = brought_tools(instruction)
            if brought:
                found[start] = "both" if brought & set(tools) else "build"
            else:
                found[start] = _copy_role(case, stage, instruction, read, kept_files) if is_above else "runtime"
        elif instruction.keyword == "ENV":
            is_for_build = all(pair.key in only_for_build for pair in instruction.assignments)
            found[start] = ("build" if is_for_build else "both") if is_above else "runtime"
        elif instruction.keyword in CONFIGURATION:
            found[start] = "runtime"
        else:
            found[start] = "both" if is_above else "runtime"
    _keep_users(case, stage, found)
    for instruction in stage.all("ARG"):
        if found[instruction.span.start] == "both" and not _is_used(stage, instruction, found, purposes):
            found[instruction.span.start] = "build"
    return found


def _keep_users(case: Case, stage: Stage, found: dict[int, Role]) -> None:
    """A user that the build stage's instructions name must be made there too: a COPY takes no unknown name."""
    named: frozenset[str] = frozenset()
    for instruction in reversed(stage.instructions):
        start = instruction.span.start
        if found[start] == "runtime" and made_names(case, instruction) & named:
            found[start] = "both"
        if found[start] != "runtime":
            named |= named_users(case, instruction)


def _run_role(
    run: PurposedRun, read: PythonStage, drops_packages: bool, is_above: bool, tools: Collection[str]
) -> Role:
    if run.purpose == "install":
        return "both" if is_for_tools(run) and set(installed_names(run)) & set(tools) else "build"
    if run.purpose == "system":
        return "build" if drops_packages or not (read.packages or run.upgrades) else "runtime"
    return "both" if is_above and not run.is_apart else "runtime"


def _copy_role(
    case: Case, stage: Stage, instruction: Instruction, read: PythonStage, kept_files: Collection[str]
) -> Role:
    """A COPY that stands above an install."""
    wanted = {file.source for install in read.installs for file in install.files}
    brought = brought_files(case, stage, instruction)
    if instruction.flag("from") or brought is None:
        return "both"
    if brought <= wanted:
        kept = brought & set(kept_files)
        return "both" if kept and _is_only_carrier(case, stage, instruction, kept) else "build"
    if any(i.installs_project and i.command.instruction.span.start > instruction.span.start for i in read.installs):
        return "both"
    if brought & wanted and _is_only_carrier(case, stage, instruction, brought & wanted):
        return "both"
    workdirs = {case.state(i).path(i.value) for i in stage.all("WORKDIR")} | {case.state(instruction).workdir}
    targets = [p.target for p in case.files(stage).placements if p.instruction is instruction]
    folders = [f for f in workdirs if f]
    is_source = all(any((t + "/").startswith(f.rstrip("/") + "/") for f in folders) for t in targets)
    return "runtime" if is_source else "both"


def _is_only_carrier(case: Case, stage: Stage, instruction: Instruction, files: Collection[str]) -> bool:
    others = [i for i in stage.all("COPY", "ADD") if i is not instruction and not i.flag("from")]
    apart = {path for other in others for path in (brought_files(case, stage, other) or ())}
    return bool(set(files) - apart)


def _is_used(stage: Stage, argument: Instruction, found: dict[int, Role], runs: dict[int, PurposedRun]) -> bool:
    """May the runtime stage need an ARG? By name in an instruction, or as a variable of a RUN's programs."""
    names = [pair.key for pair in argument.assignments]
    later = [i for i in stage.instructions if i.span.start > argument.span.start and found[i.span.start] != "build"]
    if any(i.keyword == "RUN" and not runs[i.span.start].is_apart for i in later):
        return True
    return any(f"${name}" in i.value or f"${{{name}" in i.value for i in later for name in names)
