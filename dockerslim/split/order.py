"""Puts an install step before the source: the manifests are copied, installed, and the source is copied after.

The source's COPY moves down, below the install, and the manifests are copied where it stood. Everything between keeps
its order.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from dockerslim.case import Case
from dockerslim.dockerfile import Dockerfile, Edit, Instruction, Span, Stage
from dockerslim.dockerfile.layout import block_text, cased, insert_after, remove_all
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


def copy_flags(instruction: Instruction) -> str:
    """The owner and the mode that a COPY gives, as written, for another that brings a part of the same."""
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
    taken: Sequence[Span] = (),
    below: str = "",
) -> list[Edit]:
    """Edits that put `manifest_lines` where the first moved COPY stood and the COPYs below the install.

    `taken` are words that the moved COPYs leave out; `below` are lines that follow them.
    """
    dockerfile = case.dockerfile
    edits: list[Edit] = []
    first = moving[0]
    if manifest_lines:
        # The manifests take the place of the first COPY, so a blank line around it stays.
        start = dockerfile.lines.line_start(first.block_start)
        end = dockerfile.lines.line_end(first.span.end)
        edits.append(Edit(Span(start, end), cased(manifest_lines, dockerfile)))
    edits.extend(remove_all(dockerfile, moving[1:] if manifest_lines else moving))
    gap = gap_above(dockerfile, first, install)
    moved = moved_text(dockerfile, moving, taken)
    edits.append(insert_after(dockerfile, install, gap + moved + below))
    return edits


def moved_text(dockerfile: Dockerfile, moving: Sequence[Instruction], taken: Sequence[Span] = ()) -> str:
    """Instructions with their comments as they stand, one below the other; paragraphs that they began stay such."""
    text = ""
    for instruction in moving:
        gap = "\n" if text and _begins_paragraph(dockerfile, instruction) else ""
        text += gap + block_text(dockerfile, instruction, [span for span in taken if instruction.span.touches(span)])
    return text


def gap_above(dockerfile: Dockerfile, source: Instruction, install: Instruction) -> str:
    """A source that stood in another paragraph than the install goes on doing so, and its comment begins one."""
    between = dockerfile.text[dockerfile.lines.line_end(source.span.end) : install.span.start].replace("\r\n", "\n")
    return "\n" if between.startswith("\n") or "\n\n" in between or source.leading_comments else ""


def _begins_paragraph(dockerfile: Dockerfile, instruction: Instruction) -> bool:
    above = dockerfile.text[: dockerfile.lines.line_start(instruction.block_start)].replace("\r\n", "\n")
    return above.endswith("\n\n")


__all__ = [
    "brought_files",
    "copy_flags",
    "crosses_workdir",
    "folder_as_written",
    "gap_above",
    "laid_at",
    "move_below",
    "moved_text",
]
