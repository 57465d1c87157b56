"""Proof that a new text parses, and that its instructions are those that the edits meant.

Two rules, each the other's mirror. Of the old text: an instruction whose first character is still there is still read
as one, and one that no edit touched is read as before. Of the new text: an instruction begins in new text or where one
began, and takes in nothing of the old text but what was part of an instruction. Order needs no rule of its own: kept
text keeps its order.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from dockerslim.dockerfile import Dockerfile, Edit, Instruction, Origin, Span


def misread(before: Dockerfile, after: Dockerfile, edits: Sequence[Edit], origin: Origin) -> str | None:
    """What is wrong with the new text, in one sentence; None where nothing is."""
    if after.problem is not None:
        return f"line {after.problem.line}: {after.problem.message}"
    if not _prints_back(after):
        return "the text does not print back"
    return (
        _changed_directive(before, after, edits, origin)
        or _lost_instruction(before, after, edits, origin)
        or _stray_instruction(before, after, origin)
    )


def meaning(instruction: Instruction, dockerfile: Dockerfile) -> tuple[object, ...]:
    """What BuildKit makes of an instruction."""
    return (
        instruction.keyword,
        tuple((flag.name, flag.value) for flag in instruction.flags),
        instruction.value,
        instruction.json,
        tuple((h.name, h.expand, h.strip_tabs, h.body.cut(dockerfile.text)) for h in instruction.heredocs),
    )


def _prints_back(dockerfile: Dockerfile) -> bool:
    try:
        return dockerfile.data.decode("utf-8", "surrogateescape") == dockerfile.text
    except UnicodeEncodeError:
        return False


def _changed_directive(before: Dockerfile, after: Dockerfile, edits: Sequence[Edit], origin: Origin) -> str | None:
    if before.escape != after.escape:
        return "the escape character changed"
    left = {(directive.name, directive.value) for directive in after.directives}
    for directive in before.directives:
        if (directive.name, directive.value) not in left and not _is_edited(directive.span, edits):
            return f"the directive `{directive.name}` is no longer read as one"
    starts = {directive.span.start for directive in before.directives}
    for directive in after.directives:
        place = directive.span.start
        if origin.is_kept(place) and origin.offset(place) not in starts:
            return f"a comment became the directive `{directive.name}`"
    return None


def _lost_instruction(before: Dockerfile, after: Dockerfile, edits: Sequence[Edit], origin: Origin) -> str | None:
    kept = {
        origin.offset(instruction.span.start): instruction
        for instruction in after.instructions
        if origin.is_kept(instruction.span.start)
    }
    for instruction in before.instructions:
        start = instruction.span.start
        found = kept.get(start)
        if found is None:
            if not any(edit.span.start <= start < edit.span.end for edit in edits):
                return f"the instruction of line {instruction.first_line} is no longer read as one"
        elif not _is_edited(instruction.span, edits) and meaning(found, after) != meaning(instruction, before):
            return f"the instruction of line {instruction.first_line} is read differently"
    return None


def _stray_instruction(before: Dockerfile, after: Dockerfile, origin: Origin) -> str | None:
    starts = {instruction.span.start for instruction in before.instructions}
    ends = [instruction.span.end for instruction in before.instructions]
    for instruction in after.instructions:
        start = instruction.span.start
        if origin.is_kept(start) and origin.offset(start) not in starts:
            return f"line {instruction.first_line} became an instruction"
        for kept in _kept_parts(instruction.span, origin):
            if _has_foreign_text(kept, before, ends):
                return f"the instruction of line {instruction.first_line} takes in lines that were none of its own"
    return None


def _kept_parts(span: Span, origin: Origin) -> Iterator[Span]:
    """The pieces of the old text that stand in a span of the new one."""
    for current, length, original in zip(origin.current, origin.lengths, origin.original, strict=True):
        start, end = max(span.start, current), min(span.end, current + length)
        if start < end:
            yield Span(original + start - current, original + end - current)


def _has_foreign_text(part: Span, before: Dockerfile, ends: Sequence[int]) -> bool:
    """Does a piece of the old text hold more than instructions and blanks?"""
    position = part.start
    for instruction in before.instructions[bisect_right(ends, position) :]:
        if instruction.span.start >= part.end:
            break
        if before.text[position : instruction.span.start].strip():
            return True
        position = instruction.span.end
    return bool(before.text[position : part.end].strip())


def _is_edited(span: Span, edits: Sequence[Edit]) -> bool:
    """Does an edit change characters of the span, or write inside it or at its end?

    New lines below it, put at its end where the file ends without a newline, are no part of it.
    """
    for edit in edits:
        place = edit.span.start
        if edit.span.end > place:
            is_edit = edit.span.touches(span)
        elif place == span.end:
            is_edit = not edit.text.startswith("\n")
        else:
            is_edit = span.start < place < span.end
        if is_edit:
            return True
    return False
