"""`# dockerslim: ignore[id, ...] reason` in a Dockerfile.

On an instruction's line or above an instruction it counts for that instruction, above FROM for the stage. At the top of
the file, with a blank line below it or above the ARGs that stand before the first FROM, it counts for the file.
`ignore` without ids means every transform.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dockerslim.dockerfile import Dockerfile, Edit, Instruction, Span
from dockerslim.engine.transform import Transform

COMMENT = re.compile(r"#[ \t]*dockerslim:[ \t]*ignore(?![\w-])(?:[ \t]*\[(?P<ids>[^\]\n]*)\])?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class IgnoreComment:
    """`ids` is empty for "all"; `span` is what it protects, None for the whole file."""

    ids: frozenset[str]
    span: Span | None

    def is_for(self, transform: Transform) -> bool:
        return not self.ids or transform.id in self.ids or transform.name in self.ids


def ignore_comments(dockerfile: Dockerfile) -> tuple[IgnoreComment, ...]:
    """What the file's comments protect."""
    if COMMENT.search(dockerfile.text) is None:
        return ()
    found: list[IgnoreComment] = []
    first = dockerfile.instructions[0] if dockerfile.instructions else None
    head_end = len(dockerfile.text)
    if first is not None:
        head_end = first.block_start if first.keyword == "FROM" else first.span.start
    found.extend(IgnoreComment(_ids(match), None) for match in COMMENT.finditer(dockerfile.text[:head_end]))
    stages = {stage.from_.span.start: stage for stage in dockerfile.stages}
    for instruction in dockerfile.instructions:
        stage = stages.get(instruction.span.start)
        span = stage.span if stage is not None else Span(instruction.block_start, instruction.span.end)
        for comment in (*instruction.leading_comments, *instruction.inner_comments):
            if match := COMMENT.match(comment.cut(dockerfile.text)):
                found.append(IgnoreComment(_ids(match), span))
        if on_its_line := _on_its_line(dockerfile, instruction):
            found.append(IgnoreComment(_ids(on_its_line), span))
    return tuple(found)


def _on_its_line(dockerfile: Dockerfile, instruction: Instruction) -> re.Match[str] | None:
    """Only a RUN's shell text may end in a comment; elsewhere `#` is an argument."""
    if instruction.keyword != "RUN" or instruction.heredocs:
        return None
    return COMMENT.search(instruction.span.cut(dockerfile.text))


def _ids(match: re.Match[str]) -> frozenset[str]:
    return frozenset(part.strip() for part in (match["ids"] or "").split(",") if part.strip())


def is_ignored(comments: tuple[IgnoreComment, ...], transform: Transform, edits: tuple[Edit, ...]) -> bool:
    """Does a comment forbid these edits? Without edits: does one forbid the transform for the whole file?"""
    for comment in comments:
        if not comment.is_for(transform):
            continue
        if comment.span is None:
            return True
        if any(_enters(edit, comment.span) for edit in edits):
            return True
    return False


def _enters(edit: Edit, protected: Span) -> bool:
    if edit.span.touches(protected) or protected.start <= edit.span.start < protected.end:
        return True
    # What is put at the very end belongs to the last line, unless it starts a new one.
    return edit.span.start == protected.end and bool(edit.text) and not edit.text.startswith("\n")
