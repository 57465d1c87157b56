"""Finds what must change places so that packages are installed before the source is copied."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Span, Stage
from dockerslim.dockerfile.shell import Script
from dockerslim.images.files import Placement
from dockerslim.paths import is_below, is_within, overlap
from dockerslim.split.order import brought_files
from dockerslim.split.packages import is_package_housekeeping, package_install
from dockerslim.split.python.divided_run import DividedRun, can_divide, divide
from dockerslim.split.python.install import Install, ReadFile
from dockerslim.split.python.installs import install_commands, run_installs
from dockerslim.split.python.managers import is_setting
from dockerslim.split.python.project_command import ProjectCommand
from dockerslim.split.python.purpose import read_stage
from dockerslim.split.python.users import made_names, named_users
from dockerslim.split.source_need import command_need, script_need
from dockerslim.split.working_folder import placed_commands

SETS_THE_SCENE = frozenset({"ENV", "ARG", "USER", "WORKDIR", "SHELL"})
"""Instructions that change what a RUN below them does."""

MANIFEST = re.compile(
    r"[\w.-]*(requirements|constraints)[\w.-]*\.(txt|in)|requirements/[\w.-]+\.(txt|in)|[\w.-]+\.lock|pyproject\.toml"
    r"|setup\.cfg|Pipfile|pip\.conf|\.python-version|README[\w.]*|LICEN[CS]E[\w.]*"
)
"""Files that change as seldom as the packages: copied before the install they do no harm."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why the install can't come first."""

    span: Span
    reason: str
    help: str
    note: str = ""
    is_other_command: bool = False
    """Does another command of the install's RUN stand in the way?"""


@dataclass(frozen=True, slots=True)
class Reordering:
    """`moving` (the source's COPYs and the RUNs that belong to them) go below `install`.

    `files` are what the installs from the first moved COPY on read. `project` installs the project itself besides its
    packages, and must do the former below the source.
    """

    moving: tuple[Instruction, ...]
    install: Instruction
    files: tuple[ReadFile, ...]
    project: ProjectCommand | None = None
    without_project: str = ""
    """The option that leaves the project out."""
    divided: DividedRun | None = None
    """What of `install` is for the image that runs, and comes below the source."""


def find_reordering(case: Case, stage: Stage) -> Reordering | Obstacle | None:
    """None where nothing is to be done: no install below the source, or all of it in place."""
    first = next((i for i, script in case.runs(stage) if _installs_packages(case, i, script)), None)
    while first is not None:
        source = source_copies(case, stage, first)
        if source and not _is_prepared(case, stage, first, source[0]):
            return _reordering(case, stage, source, first)
        # An install above the source is in place; a later one may not be.
        first = _next_install(case, stage, first)
    return None


def _is_prepared(case: Case, stage: Stage, install: Instruction, source: Instruction) -> bool:
    """Does an install of the same manager, above the source, bring the packages before the project itself?"""
    found = run_installs(case, stage, install)
    names = {i.project.manager.name if i.project else "" for i in found}
    above = [i for i in stage.all("RUN") if i.span.start < source.span.start]
    earlier = {i.project.manager.name for run in above for i in run_installs(case, stage, run) if i.project}
    return names <= earlier


def _next_install(case: Case, stage: Stage, install: Instruction) -> Instruction | None:
    later = ((i, script) for i, script in case.runs(stage) if i.span.start > install.span.start)
    return next((i for i, script in later if _installs_packages(case, i, script)), None)


def _installs_packages(case: Case, instruction: Instruction, script: Script) -> bool:
    return any(True for _ in install_commands(case, instruction, script))


def source_copies(case: Case, stage: Stage, install: Instruction) -> list[Instruction]:
    """The COPYs above an install that bring source: Python files, or manifests among other things."""
    wanted = _read_files(case, stage)
    found = []
    for instruction in stage.all("COPY", "ADD"):
        if instruction.span.start > install.span.start or instruction.flag("from") or instruction.heredocs:
            continue
        brought = brought_files(case, stage, instruction)
        if brought is None or not brought - wanted:
            continue
        if all(_is_manifest(path) for path in brought - wanted):
            continue
        is_source = bool(brought & wanted) or any(path.endswith(".py") for path in brought)
        if is_source and not _is_installed(case, stage, instruction, install):
            found.append(instruction)
    return found


def _is_manifest(path: str) -> bool:
    name = posixpath.basename(path)
    folder = posixpath.basename(posixpath.dirname(path))
    return MANIFEST.fullmatch(name) is not None or MANIFEST.fullmatch(f"{folder}/{name}") is not None


def _read_files(case: Case, stage: Stage) -> set[str]:
    """The files that any install of the stage reads: none of them is source to another install."""
    return {f.source for run in stage.all("RUN") for pip in run_installs(case, stage, run) for f in pip.files}


def _is_installed(case: Case, stage: Stage, copy: Instruction, install: Instruction) -> bool:
    """Does a COPY bring just a project that is installed, such as a library beside the program's own source?"""
    folders = []
    for command in install_commands(case, install, case.script(install)):
        for path in command.local_paths:
            if path.startswith("/") or command.folder is not None:
                folders.append(posixpath.normpath(posixpath.join(command.folder or "/", path.partition("[")[0])))
    placements = [p for p in case.files(stage).placements if p.instruction is copy]
    return bool(placements) and all(
        placement.source and any(is_within(placement.target, folder) for folder in folders) for placement in placements
    )


def _reordering(
    case: Case, stage: Stage, source: list[Instruction], first: Instruction
) -> Reordering | Obstacle | None:
    places = _targets(case, stage, source)
    names = {posixpath.basename(source) for source in _read_files(case, stage)}
    files: dict[ReadFile, None] = {}
    install: Instruction | None = None
    moving = list(source)
    project: Install | None = None
    divided: DividedRun | None = None
    for instruction in stage.instructions:
        if instruction.span.start <= source[0].span.start:
            continue
        if instruction.keyword != "RUN":
            if install is not None:
                break
            continue
        if _installs_packages(case, instruction, case.script(instruction)):
            obstacle = _install_obstacle(case, stage, instruction, places)
            if obstacle is not None and obstacle.is_other_command:
                divided = _division(case, stage, instruction, source)
                obstacle = None if divided is not None else obstacle
            if obstacle is not None and install is None:
                return obstacle
            if obstacle is not None:
                break
            install = instruction
            found = run_installs(case, stage, instruction)
            files.update(dict.fromkeys(file for each in found for file in each.files))
            project = next((each for each in found if each.project is not None and each.installs_project), None)
            if project is not None or divided is not None:
                break
        elif install is not None:
            break
        else:
            need = script_need(case.script(instruction), case.state(instruction).workdir, places, names)
            if need == "unknown":
                return _between(case, instruction)
            if need == "touches":
                moving.append(instruction)
    if install is None:
        return None
    moving.sort(key=lambda i: i.span.start)
    crossing = _crossing(case, stage, moving, install)
    if crossing is not None or project is None:
        return crossing or Reordering(tuple(moving), install, tuple(files), divided=divided)
    return Reordering(tuple(moving), install, tuple(files), project.project, project.without_project)


def _between(case: Case, instruction: Instruction) -> Obstacle:
    commands = case.script(instruction).commands
    shown = commands[0].inner().name if commands else ""
    return Obstacle(
        instruction.span,
        f"`{shown or 'a script'}` runs between the source's COPY and the install, and may do something for either",
        "move the line below the install, or above the COPY",
    )


def _install_obstacle(case: Case, stage: Stage, instruction: Instruction, places: set[str]) -> Obstacle | None:
    script = case.script(instruction)
    for pip in run_installs(case, stage, instruction):
        span = script.span(pip.command.command.start, pip.command.command.end)
        if pip.needs_source:
            return Obstacle(
                span,
                f"`{pip.needs_source}` is installed from the source",
                "list the other packages in a requirements file, and install them before the COPY",
            )
        if pip.unknown:
            return Obstacle(span, pip.unknown, "name requirements files that the build context has")
        if pip.computed_metadata:
            return Obstacle(
                span,
                f"the project's {pip.computed_metadata} is computed from its source, which the install looks at",
                "write it into pyproject.toml",
            )
        if pip.project is not None and pip.installs_project and not pip.without_project:
            return Obstacle(span, "the project itself is installed from the source", "start it out of its folder")
        if pip.command.elsewhere in ("-t", "--target", "--prefix", "--root"):
            return Obstacle(
                span,
                f"`{pip.command.elsewhere}` installs into a folder, over which the later COPY might lay files",
                "install into a virtual environment outside the work folder",
            )
    if not script.is_plain:
        return Obstacle(instruction.span, "the install is part of a longer script", "give it a RUN of its own")
    for command, folder in placed_commands(script, case.state(instruction).workdir):
        if is_setting(command) or any(c.command is command for c in install_commands(case, instruction, script)):
            continue
        if package_install(command) is not None or is_package_housekeeping(command):
            continue
        if command_need(command, folder, places) != "none":
            return Obstacle(
                script.span(command.start, command.end),
                f"`{command.inner().name or 'a computed program'}` in the RUN of the install may need the source",
                "give it a RUN of its own, below the COPY",
                is_other_command=True,
            )
    return None


def _division(case: Case, stage: Stage, instruction: Instruction, source: Sequence[Instruction]) -> DividedRun | None:
    """The install's RUN without what is for the image that runs; None where that can't be told from what it needs."""
    run = next((r for r in read_stage(case, stage).runs if r.instruction is instruction and r.kinds), None)
    if run is None or not can_divide(instruction, case.script(instruction), run.kinds, prepares=False):
        return None
    if made_names(case, instruction) & {name for copy in source for name in named_users(case, copy)}:
        return None
    return divide(case, run, is_above=False, keeps_all=False)


def _targets(case: Case, stage: Stage, copies: list[Instruction]) -> set[str]:
    return {p.target for p in case.files(stage).placements if p.instruction in copies}


def _crossing(case: Case, stage: Stage, moving: list[Instruction], install: Instruction) -> Obstacle | None:
    """What stands between and would mean something else to an instruction that moves past it."""
    crossed = [i for i in stage.instructions if moving[0].span.start < i.span.start < install.span.start]
    for instruction in moving:
        for other in crossed:
            if other in moving or other.span.start < instruction.span.start:
                continue
            if _changes_meaning(other, instruction):
                return Obstacle(
                    other.span,
                    f"{other.keyword} stands between the source's COPY and the install, and changes what either does",
                    f"move {other.keyword} above the COPY",
                )
    for other in crossed:
        if other not in moving and _is_laid_over(case, stage, other, moving):
            return Obstacle(
                other.span,
                "this COPY lays files over the source, and would change places with it",
                "copy what is needed for the install first, then the source",
            )
    unknown = [i for i in crossed if i in case.files(stage).unknown and not i.heredocs]
    if unknown:
        return Obstacle(unknown[0].span, "what this copies can't be told", "copy files of the build context by name")
    return None


def _is_laid_over(case: Case, stage: Stage, other: Instruction, moving: list[Instruction]) -> bool:
    """Does a COPY lay another file where one that moves past it lays one?"""
    placements = case.files(stage).placements
    past = [p for p in placements if p.instruction in moving and p.instruction.span.start < other.span.start]
    return any(
        overlap(laid.target, source.target) and laid.source != source_at(source, laid.target)
        for laid in placements
        if laid.instruction is other
        for source in past
    )


def _changes_meaning(other: Instruction, moved: Instruction) -> bool:
    if moved.keyword == "RUN":
        return other.keyword in SETS_THE_SCENE
    if other.keyword == "WORKDIR":
        return not moved.destination.startswith("/")
    if other.keyword in ("ENV", "ARG"):
        return "$" in moved.value
    return other.keyword == "VOLUME"


def source_at(placement: Placement, path: str) -> str | None:
    """The context's path that a placement lays at an image path."""
    if not placement.is_folder:
        return placement.source if placement.target == path else None
    if not is_below(path, placement.target):
        return placement.source if path == placement.target else None
    rest = path[len(placement.target.rstrip("/")) + 1 :]
    return posixpath.join(placement.source, rest) if placement.source else rest
