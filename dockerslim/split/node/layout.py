"""Which instruction of a Node stage goes to which of two stages, and what is copied from one to the other."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.images.files import Placement
from dockerslim.paths import is_within
from dockerslim.split.arguments import is_read_later
from dockerslim.split.node.purpose import NodeStage
from dockerslim.split.order import folder_as_written, laid_at, placement_files
from dockerslim.split.owner_runs import needs_both_stages
from dockerslim.split.refused import Refused

MOVES = frozenset({"EXPOSE", "LABEL", "MAINTAINER", "VOLUME", "HEALTHCHECK", "STOPSIGNAL", "CMD", "ENTRYPOINT"})
"""Instructions that say something of the image, and nothing to a build."""
READ_BY = frozenset({"ENV", "LABEL", "EXPOSE", "USER", "VOLUME", "STOPSIGNAL", "WORKDIR", "COPY", "ADD"})
"""Where an ARG may be used in the runtime stage."""
SYSTEM_FOLDERS = frozenset("/ /usr /etc /bin /var /opt /home /root /lib /usr/local /usr/src /srv /tmp".split())
BUILD_VARIABLES = frozenset({"DEBIAN_FRONTEND"})


@dataclass(frozen=True, slots=True)
class Copy:
    """A line `COPY --from`."""

    source: str
    destination: str


@dataclass(frozen=True, slots=True)
class Application:
    """`folder` is where packages are installed, `root` the folder that holds that and the work folder.

    `only_modules`: the build stage does nothing but install, so that only node_modules leaves it. `needed` are the
    paths of the work folder that are known to be all that runs, folders with a `/` at the end; none where all of `root`
    is to be copied.
    """

    root: str
    folder: str
    only_modules: bool
    needed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """`moving` leave the build stage; `runtime` are the author's instructions of the runtime stage, in order.

    `last_kept` is the last RUN or COPY of the build stage; `copies` are to stand where `place` stood.
    """

    moving: tuple[Instruction, ...]
    runtime: tuple[Instruction, ...]
    last_kept: Instruction
    copies: tuple[Copy, ...]
    place: Instruction


@dataclass(slots=True)
class _Sorted:
    moving: list[Instruction]
    both: list[Instruction]

    def add(self, instruction: Instruction, *, moves: bool) -> None:
        (self.moving if moves else self.both).append(instruction)


def application_root(case: Case, stage: Stage, folder: str) -> str | None:
    """The folder that holds the install and the work folder; None where neither is within the other."""
    workdir = case.states[stage.index].final.workdir
    if workdir is None:
        return None
    if is_within(workdir, folder):
        return folder
    return workdir if is_within(folder, workdir) else None


def lands_in(case: Case, stage: Stage, instruction: Instruction, root: str) -> bool:
    """Does a COPY lay something in the folder, above it or below it?"""
    return any(
        is_within(placement.target, root) or (placement.is_folder and is_within(root, placement.target))
        for placement in _placements(case, stage, instruction)
    )


def plan_layout(
    case: Case,
    stage: Stage,
    found: NodeStage,
    application: Application,
    runtime_runs: Collection[Instruction],
) -> Layout:
    """`runtime_runs` prepare what only runs (global tools, packages) and leave the build stage where it can do without.

    Raises Refused where the application's folder can't be copied whole.
    """
    if not application.only_modules and not application.needed and application.root in SYSTEM_FOLDERS:
        raise Refused(
            (stage.last("WORKDIR") or stage.from_).span,
            f"the program lies in `{application.root}`, among files of the system",
            "give it a folder of its own with WORKDIR",
        )
    kept_runs = _kept_runs(stage, found, runtime_runs)
    last_run = kept_runs[-1]
    found_copies = _sorted_copies(case, stage, application, last_run)
    copies = [i for i in stage.all("COPY", "ADD") if i not in found_copies.moving]
    last_kept = max((*copies, *kept_runs), key=lambda i: i.span.start)
    sorted_ = _Sorted(list(found_copies.moving), list(found_copies.both))
    for instruction in stage.instructions:
        is_below = instruction.span.start > last_kept.span.start
        if instruction.keyword == "RUN":
            if instruction in runtime_runs:
                sorted_.add(instruction, moves=instruction not in kept_runs)
            elif instruction in found.ownership and (
                is_below or application.only_modules or needs_both_stages(case, instruction, application.root)
            ):
                sorted_.add(instruction, moves=is_below)
        elif instruction.keyword in MOVES:
            sorted_.add(instruction, moves=True)
        elif _is_for_both(stage, instruction, found_copies):
            sorted_.add(instruction, moves=is_below)
    place = last_run if application.only_modules else last_kept
    given = tuple(_copies(case, application, case.states[stage.index].final.workdir or "/", place))
    runtime = tuple(i for i in stage.instructions if i in sorted_.moving or i in sorted_.both)
    return Layout(tuple(i for i in stage.instructions if i in sorted_.moving), runtime, last_kept, given, place)


def _copies(case: Case, application: Application, workdir: str, place: Instruction) -> Iterator[Copy]:
    """What the build stage gives."""
    written_from = case.state(place).workdir
    if application.needed:
        for path in application.needed:
            source = posixpath.join(workdir, path)
            folder = posixpath.dirname(source)
            yield Copy(source.rstrip("/"), folder_as_written(folder, written_from))
        return
    source = posixpath.join(application.folder, "node_modules") if application.only_modules else application.root
    yield Copy(source, folder_as_written(source, written_from))


def _is_for_both(stage: Stage, instruction: Instruction, copies: _Sorted) -> bool:
    if instruction.keyword in ("USER", "WORKDIR"):
        return True
    if instruction.keyword == "ENV":
        return _is_for_the_program(instruction)
    return instruction.keyword == "ARG" and is_read_later(stage, instruction, lambda i: _is_read_at_run_time(i, copies))


def _is_for_the_program(environment: Instruction) -> bool:
    return any(pair.key not in BUILD_VARIABLES for pair in environment.assignments)


def _sorted_copies(case: Case, stage: Stage, application: Application, last_run: Instruction) -> _Sorted:
    """The COPYs that the runtime stage needs itself: all but what comes with the application's folder."""
    found = _Sorted([], [])
    for copy in stage.all("COPY", "ADD"):
        if application.only_modules or not lands_in(case, stage, copy, application.root):
            found.add(copy, moves=copy.span.start > last_run.span.start)
    found.both = [copy for copy in found.both if not _is_brought_again(case, stage, copy, found.moving)]
    return found


def _kept_runs(stage: Stage, found: NodeStage, runtime_runs: Collection[Instruction]) -> list[Instruction]:
    """The RUNs of the build stage, in order: all but those that only prepare the run time."""
    working = {
        instruction.span.start
        for instruction in (
            *(install.instruction for install in found.installs),
            *(instruction for instruction, _ in found.builds),
            *found.changes,
            *found.module_changes,
        )
    }
    last = max(working)
    kept = []
    for run in stage.all("RUN"):
        if run.span.start in working or (run in runtime_runs and _is_used_in_build(run, found)):
            kept.append(run)
        elif run in runtime_runs:
            continue
        elif run not in found.ownership or run.span.start < last:
            kept.append(run)
    return kept


def _is_used_in_build(run: Instruction, found: NodeStage) -> bool:
    """Does a global install bring the package manager or the tool of a later command?"""
    names: set[str] = {
        package[:1] + package[1:].partition("@")[0]
        for instruction, install in found.global_installs
        if instruction is run
        for package in install.packages
    }
    words: set[str] = {install.install.program for install in found.installs}
    words |= {word for _, command in found.builds for word in command.split()}
    return not names.isdisjoint(words)


def _is_brought_again(case: Case, stage: Stage, copy: Instruction, moving: Collection[Instruction]) -> bool:
    """Do COPYs that move bring all that this one brings, to the same places?"""
    again = {
        pair for other in moving for placement in _placements(case, stage, other) for pair in _laid(case, placement)
    }
    own = {pair for placement in _placements(case, stage, copy) for pair in _laid(case, placement)}
    return bool(own) and own <= again


def _laid(case: Case, placement: Placement) -> list[tuple[str, str]]:
    """The context's files of a placement and where each lands."""
    return [(path, at) for path in placement_files(case, placement) if (at := laid_at(placement, path)) is not None]


def _placements(case: Case, stage: Stage, instruction: Instruction) -> list[Placement]:
    return [p for p in case.files(stage).placements if p.instruction is instruction]


def _is_read_at_run_time(instruction: Instruction, copies: _Sorted) -> bool:
    """Does the runtime stage have an instruction that may name an ARG?"""
    if instruction.keyword in ("COPY", "ADD"):
        return instruction in copies.moving or instruction in copies.both
    return instruction.keyword in READ_BY and (instruction.keyword != "ENV" or _is_for_the_program(instruction))
