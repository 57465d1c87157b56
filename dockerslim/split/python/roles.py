"""Says of each instruction of a Python stage whether it builds, runs, or does both."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping
from typing import Literal

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.paths import is_within
from dockerslim.split.arguments import is_read_later
from dockerslim.split.order import brought_files
from dockerslim.split.python.checks import undivided
from dockerslim.split.python.divided_run import DividedRun, can_divide, divide
from dockerslim.split.python.purpose import PurposedRun, PythonStage, SystemPackage
from dockerslim.split.python.removed_source import removed_source
from dockerslim.split.python.settings import build_variables
from dockerslim.split.python.tools import brought_tools, installed_names, is_for_tools
from dockerslim.split.python.users import made_names, named_users
from dockerslim.split.refused import Refused

Role = Literal["build", "runtime", "both", "divided"]
"""`divided`: a RUN of which each stage has its own commands."""

OF_THE_SYSTEM = ("/etc/", "/lib/", "/root/", "/usr/")
"""Where files lie that an install may look at: certificates, settings of pip."""
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
    found.update((start, "build") for start in removed_source(case, stage, read))
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
        if found[start] in ("build", "both"):
            named |= named_users(case, instruction)


def divided_runs(case: Case, stage: Stage, read: PythonStage, found: Mapping[int, Role]) -> Mapping[int, DividedRun]:
    """The parts of the RUNs whose role is to be divided, by where these start. Raises Refused for one that can't be."""
    last = max((run.instruction.span.start for run in read.runs if run.purpose == "install"), default=0)
    divided: dict[int, DividedRun] = {}
    for run in read.runs:
        start = run.instruction.span.start
        if found[start] != "divided":
            continue
        later = [i for i in stage.instructions if i.span.start > start and found[i.span.start] in ("build", "both")]
        named = frozenset(name for instruction in later for name in named_users(case, instruction))
        keeps_all = bool(made_names(case, run.instruction) & named)
        is_divisible = can_divide(run.instruction, case.script(run.instruction), run.kinds)
        parts = divide(case, run, is_above=start < last, keeps_all=keeps_all) if is_divisible else None
        if parts is None:
            raise undivided(case, run)
        divided[start] = parts
    return divided


def check_dropped(read: PythonStage, found: Mapping[int, Role], dropped: Collection[SystemPackage]) -> None:
    """Raises Refused where a package for building is installed in a RUN that the runtime stage needs as it stands."""
    for run in read.runs:
        package = next((p for p in run.packages if p in dropped), None)
        if package is not None and found[run.instruction.span.start] == "both":
            other = ", ".join(sorted(installed_names(run)))
            raise Refused(
                package.span,
                f"`{package.name}` is installed in one RUN with `{other}`, which the image needs",
                "give each a RUN of its own",
            )


def _run_role(
    run: PurposedRun, read: PythonStage, drops_packages: bool, is_above: bool, tools: Collection[str]
) -> Role:
    if run.purpose == "install":
        if is_for_tools(run) and set(installed_names(run)) & set(tools):
            return "both"
        return "divided" if run.kinds else "build"
    if run.purpose == "system":
        return "build" if drops_packages or not (read.packages or run.upgrades) else "runtime"
    if run.kinds and drops_packages:
        return "divided"
    return "both" if is_above and not run.is_apart else "runtime"


def _copy_role(
    case: Case, stage: Stage, instruction: Instruction, read: PythonStage, kept_files: Collection[str]
) -> Role:
    """A COPY that stands above an install."""
    if instruction in case.files(stage).downloads:
        return "both" if _is_named(case, instruction, read) else "runtime"
    laid = {p.target for p in case.files(stage).placements if p.instruction is instruction}
    if laid and laid <= {path for install in read.installs for path in install.exported}:
        return "build"
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
    is_source = all(any(is_within(t, f) for f in folders) for t in targets)
    is_source = is_source and not any(t.startswith(OF_THE_SYSTEM) and not t.startswith("/usr/src/") for t in targets)
    return "runtime" if is_source else "both"


def _is_named(case: Case, download: Instruction, read: PythonStage) -> bool:
    """May a RUN of the build stage use what an ADD has fetched?"""
    names = {posixpath.basename(word.text.rstrip("/")) for word in download.words}
    texts = (case.script(run.instruction).source.text for run in read.runs if not run.is_apart)
    return any(name in text for text in texts for name in names)


def _is_only_carrier(case: Case, stage: Stage, instruction: Instruction, files: Collection[str]) -> bool:
    others = [i for i in stage.all("COPY", "ADD") if i is not instruction and not i.flag("from")]
    apart = {path for other in others for path in (brought_files(case, stage, other) or ())}
    return bool(set(files) - apart)


def _is_used(stage: Stage, argument: Instruction, found: dict[int, Role], runs: dict[int, PurposedRun]) -> bool:
    """May the runtime stage need an ARG? By name in an instruction, or as a variable of a RUN's programs."""
    later = [i for i in stage.instructions if i.span.start > argument.span.start and found[i.span.start] != "build"]
    if any(i.keyword == "RUN" and not runs[i.span.start].is_apart for i in later):
        return True
    return is_read_later(stage, argument, lambda instruction: found[instruction.span.start] != "build")
