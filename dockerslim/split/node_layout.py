"""Which instruction of a Node stage goes to which of two stages, and what is copied from one to the other."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.images.files import Placement
from dockerslim.languages.node import NodeProject
from dockerslim.split.node_purpose import NodeStage
from dockerslim.split.order import brought_files, folder_as_written
from dockerslim.split.refused import Refused

MOVES = frozenset({"EXPOSE", "LABEL", "MAINTAINER", "VOLUME", "HEALTHCHECK", "STOPSIGNAL", "CMD", "ENTRYPOINT"})
SYSTEM_FOLDERS = frozenset("/ /usr /etc /bin /var /opt /home /root /lib /usr/local /usr/src /srv /tmp".split())
BUILD_VARIABLES = frozenset({"DEBIAN_FRONTEND"})
LIFECYCLE = ("preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare")
WRITES_MODULES_ONLY = ("husky", "prisma generate", "npx prisma generate", "patch-package", "npx patch-package", "is-ci", "npx only-allow")


@dataclass(frozen=True, slots=True)
class Copy:
    """A line `COPY --from`."""

    source: str
    destination: str


@dataclass(frozen=True, slots=True)
class Layout:
    """`moving` leave the build stage; `runtime` are the author's instructions of the runtime stage, in order.

    `last_kept` is the last RUN or COPY of the build stage; `copy` is to stand where `place` stood.
    """

    moving: tuple[Instruction, ...]
    runtime: tuple[Instruction, ...]
    last_kept: Instruction
    copy: Copy
    place: Instruction
    only_installs: bool


def application_root(case: Case, stage: Stage, folder: str) -> str | None:
    """The folder that holds the install and the work folder; None where neither is within the other."""
    workdir = case.states[stage.index].final.workdir
    if workdir is None:
        return None
    if is_within(workdir, folder):
        return folder
    return workdir if is_within(folder, workdir) else None


def is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def only_installs(case: Case, stage: Stage, found: NodeStage, project: NodeProject, folder: str) -> bool:
    """Does the stage nothing with the source but copy it, and does the install write into node_modules alone?"""
    if found.builds or found.changes or project.workspaces or len({install.folder for install in found.installs}) != 1:
        return False
    if any(not install.install.of_project for install in found.installs):
        return False
    scripts = [project.manifest.scripts[name] for name in LIFECYCLE if name in project.manifest.scripts]
    if any(not text.strip().startswith(WRITES_MODULES_ONLY) or "&" in text or ";" in text for text in scripts):
        return False
    if project.install_files is None:
        return False
    wanted = set(project.install_files)
    for inner in project.install_folders:
        wanted.update(project.context.under(inner))
    last = max(install.instruction.span.start for install in found.installs)
    for instruction in _context_copies(stage):
        brought = brought_files(case, stage, instruction)
        if instruction.span.start < last and _lands_in(case, stage, instruction, folder):
            if brought is None or brought - wanted:
                return False
    return True


def _context_copies(stage: Stage) -> list[Instruction]:
    return [i for i in stage.all("COPY", "ADD") if not i.flag("from")]


def _placements(case: Case, stage: Stage, instruction: Instruction) -> list[Placement]:
    return [p for p in case.files(stage).placements if p.instruction is instruction]


def _lands_in(case: Case, stage: Stage, instruction: Instruction, root: str) -> bool:
    return any(is_within(p.target, root) or (p.is_folder and is_within(root, p.target)) for p in _placements(case, stage, instruction))


def plan_layout(
    case: Case, stage: Stage, found: NodeStage, root: str, folder: str, needed_globally: Sequence[Instruction], *, lean: bool
) -> Layout:
    """Raises Refused where the application's folder can't be copied whole. `lean`: only node_modules is copied."""
    if not lean and root in SYSTEM_FOLDERS:
        raise Refused(
            (stage.last("WORKDIR") or stage.from_).span,
            f"the program lies in `{root}`, among files of the system",
            "give it a folder of its own with WORKDIR",
        )
    kept_runs = _kept_runs(stage, found, needed_globally)
    last_run = max(kept_runs, key=lambda i: i.span.start)
    copies = [i for i in stage.all("COPY", "ADD")]
    moving: list[Instruction] = []
    both: list[Instruction] = []
    for copy in copies:
        outside = not _lands_in(case, stage, copy, root) and bool(_placements(case, stage, copy))
        if lean or outside:
            (both if copy.span.start < last_run.span.start else moving).append(copy)
    last_kept = max(
        (i for i in (*copies, *kept_runs) if i not in moving), key=lambda i: i.span.start, default=last_run
    )
    if lean:
        both = [copy for copy in both if not _is_brought_again(case, stage, copy, moving)]
    for run in stage.all("RUN"):
        if run in found.ownership:
            (moving if run.span.start > last_kept.span.start else both).append(run)
        elif run in needed_globally:
            (both if run in kept_runs else moving).append(run)
    for instruction in stage.instructions:
        is_below = instruction.span.start > last_kept.span.start
        if instruction.keyword in MOVES:
            moving.append(instruction)
        elif instruction.keyword in ("USER", "WORKDIR"):
            (moving if is_below else both).append(instruction)
        elif instruction.keyword == "ENV" and not _is_build_only(instruction):
            (moving if is_below else both).append(instruction)
        elif instruction.keyword == "ARG" and _is_read_at_run_time(stage, instruction):
            (moving if is_below else both).append(instruction)
    if lean:
        place = last_run
        source = posixpath.join(folder, "node_modules")
        destination = folder_as_written(source, _workdir_after(case, stage, place))
    else:
        place, source = last_kept, root
        destination = folder_as_written(root, _workdir_after(case, stage, place))
    runtime = tuple(i for i in stage.instructions if i in moving or i in both)
    return Layout(
        tuple(i for i in stage.instructions if i in moving), runtime, last_kept, Copy(source, destination), place, lean
    )


def _kept_runs(stage: Stage, found: NodeStage, needed_globally: Sequence[Instruction]) -> list[Instruction]:
    """The RUNs of the build stage: all but those that only prepare the run time."""
    working = [*(i.instruction for i in found.installs), *(i for i, _ in found.builds), *found.changes, *found.module_changes]
    last = max(instruction.span.start for instruction in working)
    kept = []
    for run in stage.all("RUN"):
        is_early = run.span.start < last
        if run in working or (is_early and run in found.ownership):
            kept.append(run)
        elif run in found.ownership or (run in needed_globally and not _is_used_in_build(run, found)):
            continue
        else:
            kept.append(run)
    return kept


def _is_used_in_build(run: Instruction, found: NodeStage) -> bool:
    """Does a global install bring the package manager or the tool of a later command?"""
    names = {
        package.partition("@")[0] or package
        for instruction, install in found.global_installs
        if instruction is run
        for package in install.packages
    }
    words = {install.install.program for install in found.installs}
    words |= {word for _, command in found.builds for word in command.split()}
    return bool(names & words)


def _is_brought_again(case: Case, stage: Stage, copy: Instruction, moving: Sequence[Instruction]) -> bool:
    """Do COPYs that move bring all that this one brings, to the same places?"""
    targets: set[tuple[str, str]] = set()
    for other in moving:
        for placement in _placements(case, stage, other):
            targets.update(_laid(case, placement))
    own = {pair for placement in _placements(case, stage, copy) for pair in _laid(case, placement)}
    return bool(own) and own <= targets


def _laid(case: Case, placement: Placement) -> list[tuple[str, str]]:
    if placement.stage is not None or case.context is None:
        return []
    if not placement.is_folder:
        return [(placement.source, placement.target)]
    prefix = placement.source + "/" if placement.source else ""
    return [
        (path, posixpath.join(placement.target, path[len(prefix) :])) for path in case.context.under(placement.source)
    ]


def _workdir_after(case: Case, stage: Stage, instruction: Instruction) -> str | None:
    return case.state(instruction).workdir


def _is_build_only(instruction: Instruction) -> bool:
    return all(pair.key in BUILD_VARIABLES for pair in instruction.assignments)


def _is_read_at_run_time(stage: Stage, instruction: Instruction) -> bool:
    names = {pair.key for pair in instruction.assignments}
    later = [i for i in stage.instructions if i.span.start > instruction.span.start]
    users = [i for i in later if i.keyword in ("ENV", "LABEL", "EXPOSE", "USER", "VOLUME", "STOPSIGNAL", "WORKDIR", "COPY")]
    return any(f"${name}" in i.value or f"${{{name}" in i.value for i in users for name in names)
