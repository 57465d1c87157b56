"""Finds what must change places so that a Node project's dependencies are installed before its source is copied."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Span, Stage
from dockerslim.languages.node import NodeProject
from dockerslim.languages.node.lock import PackageManager
from dockerslim.paths import is_below, is_within
from dockerslim.split.node.between import followers, last_independent, place_to_cut, places_of
from dockerslim.split.node.stage import MANIFEST, InstallCommand, context_file, install_commands, project_at
from dockerslim.split.order import brought_files, placement_files
from dockerslim.split.refused import Refused

CONFIGURATION = re.compile(
    r"(tsconfig[\w.-]*\.json|jsconfig\.json|[\w.-]+\.config\.[cm]?[jt]s|\.[\w.-]+rc(\.\w+)?|nest-cli\.json|angular\.json"
    r"|nx\.json|turbo\.json|lerna\.json|babel\.config\.json|\.env[\w.-]*|\.[\w-]+ignore|README[\w.]*|LICEN[CS]E[\w.]*)"
)
"""Files that change as seldom as the dependencies: copied before the install they do no harm."""


@dataclass(frozen=True, slots=True)
class NodeReordering:
    """`moving` are the source's COPYs and RUNs that change what they brought; they go below `last`, which is the RUN of
    the install or one that follows it.

    `files` and `folders` of the context must be copied above the install. `rest` is where the install's RUN must be
    cut, because what follows there needs the source.
    """

    moving: tuple[Instruction, ...]
    copies: tuple[Instruction, ...]
    """The COPYs among them."""
    install: InstallCommand
    project: NodeProject
    files: tuple[str, ...]
    folders: tuple[str, ...]
    reads: frozenset[str]
    """The files that the install finds in the image: `files` and those that other COPYs bring."""
    last: Instruction
    rest: Span | None = None


def find_reordering(case: Case, stage: Stage) -> NodeReordering | None:
    """None where nothing is to be done. Raises Refused where it is, and can't be."""
    install = next((command for command in install_commands(case, stage) if command.install.of_project), None)
    if install is None or install.folder is None or case.context is None:
        return None
    project = project_at(case, stage, install.folder, install.instruction)
    if project is None:
        return None
    needed = _needed_files(case, stage, project, install)
    moving = _source_copies(case, stage, install, needed)
    if not moving:
        return None
    if project.install_files is None:
        raise Refused(
            moving[0].span,
            project.install_reason or "what the install needs of the source is not known",
            "copy what the install needs by name above it, and the source below",
        )
    _check_copies(case, stage, moving, install.instruction)
    places = places_of(case, stage, moving)
    following = followers(case, stage, moving, install, places)
    rest = place_to_cut(case, install, places)
    apart = _brought_apart(case, stage, moving, install.instruction)
    foreign = _foreign_locks(project, install)
    files = tuple(path for path in project.install_files if path in needed - foreign and path not in apart)
    folders = tuple(
        folder
        for folder in project.install_folders
        if any(path in needed and path not in apart for path in case.context.under(folder))
    )
    last = install.instruction if rest else last_independent(case, stage, install.instruction, moving)
    both = sorted((*moving, *following), key=lambda instruction: instruction.span.start)
    return NodeReordering(tuple(both), tuple(moving), install, project, files, folders, needed, last, rest)


def _needed_files(case: Case, stage: Stage, project: NodeProject, install: InstallCommand) -> frozenset[str]:
    """The context's files that the install reads and finds in the image today."""
    assert case.context is not None and install.folder is not None
    wanted = list(project.install_files or (project.manifest.path, *project.lock_files))
    for folder in project.install_folders:
        wanted.extend(case.context.under(folder))
    found = set()
    for path in wanted:
        place = posixpath.normpath(posixpath.join(install.folder, posixpath.relpath(path, project.folder or ".")))
        laid = context_file(case, stage, place, install.instruction)
        if laid == path:
            found.add(path)
        elif laid is not None:
            raise Refused(
                install.instruction.span,
                f"`{laid}` is copied as `{posixpath.basename(place)}`",
                "copy it by that name above the install, and the source below",
            )
    return frozenset(found)


def _foreign_locks(project: NodeProject, install: InstallCommand) -> frozenset[str]:
    """Lock files of other package managers, where the one in use has its own."""
    program = install.install.program
    managers: tuple[PackageManager, ...] = ("yarn", "yarn-berry") if program == "yarn" else (program,)
    own = {project.lock_file_of(manager) for manager in managers} - {None}
    return frozenset(project.lock_files) - own if own else frozenset()


def _source_copies(case: Case, stage: Stage, install: InstallCommand, needed: frozenset[str]) -> list[Instruction]:
    """The COPYs above the install that bring what it does not need and what changes often."""
    found = []
    for instruction in stage.all("COPY", "ADD"):
        if instruction.span.start >= install.instruction.span.start or instruction.flag("from") or instruction.heredocs:
            continue
        brought = brought_files(case, stage, instruction)
        if brought is None:
            continue
        if not _reaches(case, stage, instruction, install.folder or "/"):
            continue
        more = {path for path in brought - needed if not CONFIGURATION.fullmatch(posixpath.basename(path))}
        names = {posixpath.basename(path) for path in brought & needed}
        if _names_manifests(instruction):
            continue
        if more and (MANIFEST in names or not names):
            found.append(instruction)
    return found


def _names_manifests(copy: Instruction) -> bool:
    """`COPY package*.json ./`: the author has put the manifests apart, whatever else the pattern finds."""
    names = [posixpath.basename(word.text) for word in copy.sources]
    return all(
        re.match(r"(package|npm-shrinkwrap|yarn|pnpm|bun)[^/]*[*?]|package.*\.json$|yarn\.lock", n) for n in names
    )


def _reaches(case: Case, stage: Stage, copy: Instruction, folder: str) -> bool:
    """Does a COPY lay files in the folder of the install, above it or below it?"""
    inside = folder.rstrip("/") + "/"
    return any(
        placement.target == folder
        or placement.target.startswith(inside)
        or (placement.is_folder and is_below(inside, placement.target))
        for placement in case.files(stage).placements
        if placement.instruction is copy
    )


def _brought_apart(case: Case, stage: Stage, moving: Sequence[Instruction], install: Instruction) -> set[str]:
    """What COPYs that stay above the install bring."""
    found: set[str] = set()
    for placement in case.files(stage).placements:
        if placement.instruction in moving or placement.instruction.span.start >= install.span.start:
            continue
        found.update(placement_files(case, placement))
    return found


def _check_copies(case: Case, stage: Stage, moving: Sequence[Instruction], install: Instruction) -> None:
    """Would a COPY mean the same below the install?"""
    for other in stage.instructions:
        if not moving[0].span.start < other.span.start < install.span.start or other in moving:
            continue
        passed = [copy for copy in moving if copy.span.start < other.span.start]
        if other.keyword == "WORKDIR" and any(not copy.destination.startswith("/") for copy in passed):
            raise Refused(
                other.span,
                "WORKDIR stands between the source's COPY and the install, and changes what either does",
                "move WORKDIR above the COPY",
            )
        if other.keyword in ("ENV", "ARG") and any("$" in copy.value for copy in passed):
            raise Refused(
                other.span,
                f"{other.keyword} stands between the source's COPY and the install, and changes what either does",
                f"move {other.keyword} above the COPY",
            )
        if other.keyword in ("COPY", "ADD") and _is_laid_over(case, stage, other, passed):
            raise Refused(
                other.span,
                "this COPY lays files over the source, and would change places with it",
                "copy what is needed for the install first, then the source",
            )


def _is_laid_over(case: Case, stage: Stage, other: Instruction, moving: Sequence[Instruction]) -> bool:
    """Does a COPY that stays lay something where one that moves lays something else?"""
    placements = case.files(stage).placements
    passed = [p for p in placements if p.instruction in moving]
    own = [p for p in placements if p.instruction is other]
    if not own and passed:
        return not other.heredocs and "://" not in other.value
    for laid in own:
        for source in passed:
            below = is_within(laid.target, source.target)
            if not below:
                continue
            if laid.stage is not None:
                return True
            at = posixpath.normpath(posixpath.join(source.source, posixpath.relpath(laid.target, source.target)))
            if source.is_folder and at != (laid.source or "."):
                return True
    return False
