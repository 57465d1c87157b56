"""Puts an install step before the source: the manifests are copied, installed, and the source is copied after.

The source's COPY moves down, below the install, and the manifests are copied where it stood. Everything between keeps
its order.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from dockerslim.case import Case
from dockerslim.dockerfile import Dockerfile, Edit, Instruction, Span, Stage
from dockerslim.dockerfile.layout import block_text, cased, insert_after, remove
from dockerslim.images.files import Placement
from dockerslim.paths import is_below

UNQUOTED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/@+")
"""Characters of a path that mean themselves in a COPY."""


def brought_files(case: Case, stage: Stage, instruction: Instruction) -> set[str] | None:
    """The context's files that a COPY brings; None where that can't be told."""
    files = case.files(stage)
    if instruction in files.unknown or case.context is None:
        return None
    found: set[str] = set()
    for placement in files.placements:
        if placement.instruction is instruction or placement.instruction.span == instruction.span:
            found |= set(placement_files(case, placement))
    return found


def placement_files(case: Case, placement: Placement) -> tuple[str, ...]:
    if case.context is None or placement.stage is not None:
        return ()
    return case.context.under(placement.source) if placement.is_folder else (placement.source,)


def manifest_copies(
    case: Case, stage: Stage, place: Instruction, manifests: Sequence[str], carriers: Sequence[Instruction]
) -> str | None:
    """COPY lines that lay the manifests where `carriers` lay them, to stand at `place`; None where a path is odd.

    One line for each folder, since COPY flattens what it is given.
    """
    files = case.files(stage)
    workdir = case.state(place).workdir
    groups: dict[tuple[str, str], list[str]] = {}
    for manifest in manifests:
        if not set(manifest) <= UNQUOTED:
            return None
        target = None
        flags = ""
        for placement in files.placements:
            if placement.instruction not in carriers:
                continue
            found = laid_at(placement, manifest)
            if found is not None:
                target = found
                flags = _flags(placement.instruction)
        if target is None or not set(target) <= UNQUOTED:
            return None
        if posixpath.basename(target) != posixpath.basename(manifest):
            return None
        groups.setdefault((posixpath.dirname(target), flags), []).append(manifest)
    lines = []
    for (folder, flags), names in groups.items():
        absolute = all(carrier.destination.startswith("/") for carrier in carriers)
        lines.append(f"COPY {flags}{' '.join(names)} {folder_as_written(folder, workdir, absolute=absolute)}\n")
    return "".join(lines)


def laid_at(placement: Placement, path: str) -> str | None:
    """Where a placement lays a file of the context; None where it does not bring it."""
    if placement.stage is not None:
        return None
    if not placement.is_folder:
        return placement.target if placement.source == path else None
    if placement.source and not path.startswith(placement.source + "/"):
        return None
    rest = path[len(placement.source) :].lstrip("/")
    return posixpath.normpath(posixpath.join(placement.target, rest))


def _flags(instruction: Instruction) -> str:
    kept = [flag for flag in instruction.flags if flag.name in ("chown", "chmod") and flag.value]
    return "".join(f"--{flag.name}={flag.value} " for flag in kept)


def folder_as_written(folder: str, workdir: str | None, *, absolute: bool = False) -> str:
    """A folder as a COPY destination: `./` for the work folder, `./sub/` below it, else absolute."""
    if workdir is not None:
        if folder == workdir:
            return "./"
        if not absolute and is_below(folder, workdir):
            return "./" + folder[len(workdir.rstrip("/")) + 1 :] + "/"
    return folder.rstrip("/") + "/"


def crosses_workdir(stage: Stage, copy: Instruction, after: Instruction) -> bool:
    """Does a WORKDIR between the two change what a relative destination means?"""
    if copy.destination.startswith("/"):
        return False
    return any(copy.span.start < other.span.start < after.span.start for other in stage.all("WORKDIR"))


def move_below(
    case: Case,
    moving: Sequence[Instruction],
    install: Instruction,
    manifest_lines: str,
    install_text: str | None = None,
    below: str = "",
) -> list[Edit]:
    """Edits that put `manifest_lines` where the first moved COPY stood and the COPYs below the install.

    `install_text` replaces the install's own lines; `below` are lines that follow the COPYs.
    """
    dockerfile = case.dockerfile
    edits: list[Edit] = []
    first = moving[0]
    for copy in moving:
        taken = remove(dockerfile, copy)
        if copy is first:
            # The manifests take the place of the first COPY, so a blank line around it stays.
            start = dockerfile.lines.line_start(copy.block_start)
            end = dockerfile.lines.line_end(copy.span.end)
            taken = Edit(Span(start, end), cased(manifest_lines, dockerfile)) if manifest_lines else taken
        edits.append(taken)
    if install_text is not None:
        edits.append(Edit(install.span, install_text))
    gap = gap_above(dockerfile, first)
    moved = "".join(block_text(dockerfile, copy) for copy in moving)
    edits.append(insert_after(dockerfile, install, gap + moved + below))
    return edits


def gap_above(dockerfile: Dockerfile, source: Instruction) -> str:
    """A source that stood in a paragraph of its own goes on doing so below the install, and its comment begins one."""
    rest = dockerfile.text[dockerfile.lines.line_end(source.span.end) :]
    return "\n" if rest.startswith(("\n", "\r\n")) or source.leading_comments else ""


__all__ = [
    "brought_files",
    "crosses_workdir",
    "folder_as_written",
    "gap_above",
    "laid_at",
    "manifest_copies",
    "move_below",
]
