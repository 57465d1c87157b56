"""Blank lines of the author's around instructions that move to the runtime stage, beside what is new there."""

from __future__ import annotations

from collections.abc import Collection

from dockerslim.dockerfile import Dockerfile, Edit, Instruction, Span, Stage, apply_edits


def with_paragraphs(dockerfile: Dockerfile, stage: Stage, moving: Collection[Instruction], runtime: str) -> str:
    """The text of a runtime stage in which the instructions that moved stand apart from others as the author has it.

    Their blank lines among each other are there already.
    """
    if dockerfile.escape != "\\":
        return runtime  # it could not be read on its own
    carried = [i for i in stage.instructions if i in moving or (i.keyword == "USER" and i.leading_comments)]
    made = Dockerfile.of_text(runtime)
    order = (stage.from_, *stage.instructions)
    gaps: set[int] = set()
    for index, instruction in enumerate(made.instructions):
        own = next((i for i in carried if (i.keyword, i.value) == (instruction.keyword, instruction.value)), None)
        if own is None:
            continue
        above = order[order.index(own) - 1]
        if index == 1 and above is stage.from_ and _has_blank(dockerfile, above.span.end, own.block_start):
            gaps.add(made.lines.line_start(instruction.block_start))
        below = next(iter(order[order.index(own) + 1 :]), None)
        following = next(iter(made.instructions[index + 1 :]), None)
        if below is None or following is None or not _has_blank(dockerfile, own.span.end, below.block_start):
            continue
        if not _has_blank(made, instruction.span.end, following.block_start):
            gaps.add(made.lines.line_start(following.block_start))
    return apply_edits(runtime, [Edit(Span(place, place), "\n") for place in sorted(gaps)])[0]


def _has_blank(dockerfile: Dockerfile, start: int, end: int) -> bool:
    """Is one of the lines between two places blank?"""
    return any(not line.strip() for line in dockerfile.text[start:end].split("\n")[1:-1])
