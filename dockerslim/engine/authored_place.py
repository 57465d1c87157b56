"""Where the author wrote what a step of a run speaks of: messages point into the file as the user has it."""

from __future__ import annotations

from dockerslim.dockerfile import Dockerfile, Instruction, Origin, Span


def authored_place(authored: Dockerfile, current: Dockerfile, origin: Origin, span: Span) -> Span:
    """The place in `authored` of a span of `current`, which `origin` traces back.

    An instruction that was edited is still that one; one that was moved is the author's with the same words; a part of
    one that was divided lies where the author wrote that part. A new FROM or command stands for the author's last.
    """
    whole = next((i for i in current.instructions if i.span == span), None)
    if origin.is_kept(span.start):
        start = origin.offset(span.start)
        same = [i for i in authored.instructions if whole is not None and i.span.start == start]
        return same[-1].span if same else origin.span(span)
    if whole is not None:
        same = [i for i in authored.instructions if i.keyword == whole.keyword and i.value == whole.value]
        if not same and whole.keyword in ("FROM", "CMD", "ENTRYPOINT"):
            same = [i for i in authored.instructions if i.keyword == whole.keyword]
        if same:
            return same[-1].span
    part = whole.arguments_span if whole is not None else span
    around = whole or next((i for i in current.instructions if i.span.touches(span)), None)
    return _place_of_part(authored, around, part.cut(current.text)) or origin.span(span)


def _place_of_part(authored: Dockerfile, instruction: Instruction | None, words: str) -> Span | None:
    """Where an instruction of the author's holds the words, as far as one does that held the whole of this one."""
    if instruction is None or not words.strip():
        return None
    for other in authored.instructions:
        if other.keyword != instruction.keyword or instruction.value not in other.value:
            continue
        found = other.span.cut(authored.text).find(words)
        if found >= 0:
            start = other.span.start + found
            return Span(start, start + len(words))
    return None
