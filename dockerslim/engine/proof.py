"""Proof that a new text parses, and that its instructions are those that the edits meant."""

from __future__ import annotations

from collections.abc import Sequence

from dockerslim.dockerfile import Dockerfile, Edit, Instruction, Origin, Span


def misread(before: Dockerfile, after: Dockerfile, edits: Sequence[Edit], origin: Origin) -> str | None:
    """What is wrong with the new text, in one sentence; None where nothing is.

    An instruction that no edit touched must still be there with the same words; nothing but edited text may have
    made new ones.
    """
    if after.problem is not None:
        return f"line {after.problem.line}: {after.problem.message}"
    if after.data.decode("utf-8", "surrogateescape") != after.text:
        return "the text does not print back"
    untouched = [i for i in before.instructions if not _is_edited(i, edits)]
    kept = {}
    for instruction in after.instructions:
        if origin.is_kept(instruction.span.start):
            kept[origin.offset(instruction.span.start)] = instruction
    for instruction in untouched:
        found = kept.get(instruction.span.start)
        if found is None:
            return f"the instruction of line {instruction.first_line} is no longer read as one"
        if meaning(found, after) != meaning(instruction, before):
            return f"the instruction of line {instruction.first_line} is read differently"
    starts = {i.span.start for i in before.instructions}
    for place, instruction in kept.items():
        if place not in starts and not _in_edit(instruction, edits, origin):
            return f"line {instruction.first_line} became an instruction"
    for edit in edits:
        if _breaks_off(edit):
            return "an edit ends in an open continuation"
    return None


def meaning(instruction: Instruction, dockerfile: Dockerfile) -> tuple[object, ...]:
    """What BuildKit makes of an instruction."""
    return (
        instruction.keyword,
        tuple((flag.name, flag.value) for flag in instruction.flags),
        instruction.value,
        instruction.json,
        tuple((h.name, h.expand, h.strip_tabs, h.body.cut(dockerfile.text)) for h in instruction.heredocs),
    )


def _is_edited(instruction: Instruction, edits: Sequence[Edit]) -> bool:
    span = instruction.span
    for edit in edits:
        if edit.span.start == edit.span.end:
            if span.start < edit.span.start <= span.end:
                return True
        elif edit.span.touches(Span(span.start, span.end)):
            return True
    return False


def _in_edit(instruction: Instruction, edits: Sequence[Edit], origin: Origin) -> bool:
    start = origin.offset(instruction.span.start)
    return any(edit.span.start <= start <= edit.span.end for edit in edits)


def _breaks_off(edit: Edit) -> bool:
    """Text that replaces whole lines must not glue the next line on."""
    last = edit.text.rstrip("\n").rsplit("\n", 1)[-1]
    return edit.text.endswith("\n") and last.rstrip(" \t").endswith("\\") and edit.span.start == edit.span.end and (
        not edit.text.lstrip().startswith("--")
    )
