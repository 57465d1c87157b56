"""Edits of a text, and where what they leave came from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from dockerslim.dockerfile.span import Span


class OverlapError(Exception):
    """Two edits want the same characters: a bug of whoever made them."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replaces a span of the Dockerfile.

    `text` is written with `\\n`; the file's own line end is put in on applying.
    """

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Maps offsets of a current text to offsets in the text it was made from.

    Segments of kept text: `current[i]` is where segment i begins now, `lengths[i]` its length, `original[i]` where it
    stood. Between segments stands new text, whose origin is the end of the segment before it.
    """

    current: tuple[int, ...]
    lengths: tuple[int, ...]
    original: tuple[int, ...]

    @classmethod
    def identity(cls, text: str) -> Origin:
        return cls((0,), (len(text),), (0,))

    def offset(self, offset: int) -> int:
        """The place in the original of the character at `offset`; for new text the place it was put at."""
        index = bisect_right(self.current, offset) - 1
        if index < 0:
            return self.original[0] if self.original else 0
        return self.original[index] + min(offset - self.current[index], self.lengths[index])

    def is_kept(self, offset: int) -> bool:
        """Is the character at `offset` one of the original text?"""
        index = bisect_right(self.current, offset) - 1
        return index >= 0 and offset - self.current[index] < self.lengths[index]

    def span(self, span: Span) -> Span:
        """The place in the original of a piece of the current text; empty for new text."""
        start = self.offset(span.start)
        if span.end <= span.start:
            return Span(start, start)
        last = span.end - 1
        return Span(start, max(start, self.offset(last) + self.is_kept(last)))

    def then(self, later: Origin) -> Origin:
        """This map, continued by the map of a later step."""
        current: list[int] = []
        lengths: list[int] = []
        original: list[int] = []
        for start, length, middle in zip(later.current, later.lengths, later.original, strict=True):
            position = middle
            while position < middle + length:
                index = bisect_right(self.current, position) - 1
                kept_end = self.current[index] + self.lengths[index] if index >= 0 else 0
                next_start = self.current[index + 1] if index + 1 < len(self.current) else middle + length
                if index >= 0 and position < kept_end:
                    end = min(kept_end, middle + length)
                    current.append(start + position - middle)
                    lengths.append(end - position)
                    original.append(self.original[index] + position - self.current[index])
                    position = end
                else:
                    position = max(min(next_start, middle + length), position + 1)
        if not current:
            return Origin((0,), (0,), (0,))
        return Origin(tuple(current), tuple(lengths), tuple(original))


def apply_edits(text: str, edits: Sequence[Edit], newline: str = "\n") -> tuple[str, Origin]:
    """The text with all edits made, and its origin. Insertions at one place keep the order they were given in.

    Raises OverlapError where two edits share a character.
    """
    ordered = sorted(edits, key=lambda edit: (edit.span.start, edit.span.end))
    out: list[str] = []
    current: list[int] = []
    lengths: list[int] = []
    original: list[int] = []
    length = 0
    position = 0

    def keep(start: int, end: int) -> None:
        nonlocal length
        if end > start:
            out.append(text[start:end])
            current.append(length)
            lengths.append(end - start)
            original.append(start)
            length += end - start

    for edit in ordered:
        if edit.span.start < position:
            raise OverlapError(f"edits overlap at offset {edit.span.start}")
        keep(position, edit.span.start)
        new = edit.text.replace("\r\n", "\n").replace("\n", newline) if newline != "\n" else edit.text
        out.append(new)
        length += len(new)
        position = edit.span.end
    keep(position, len(text))
    if not current:
        return "".join(out), Origin((0,), (0,), (0,))
    return "".join(out), Origin(tuple(current), tuple(lengths), tuple(original))
