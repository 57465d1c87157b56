"""One instruction as BuildKit reads it: continuations joined, each character still knowing its place in the file."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

from dockerslim.dockerfile.span import Span

GO_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""What Go's unicode.IsSpace holds for a blank; Python's str.isspace adds four control characters."""


def character_offsets(text: str) -> dict[int, int]:
    """The index of each character by the offset of its first byte in UTF-8; the end of the text is one of them."""
    sizes = (len(char.encode("utf-8", "surrogateescape")) for char in text)
    return {byte: index for index, byte in enumerate(accumulate(sizes, initial=0))}


@dataclass(frozen=True, slots=True)
class LogicalText:
    """Text joined from pieces of a file.

    `starts[i]` is the offset in `text` where piece i begins, `origins[i]` the offset in the file of its first
    character. Pieces are contiguous in both.
    """

    text: str
    starts: tuple[int, ...]
    origins: tuple[int, ...]

    @classmethod
    def of_file(cls, text: str, span: Span) -> LogicalText:
        """A piece of the file as it stands, such as a heredoc's body."""
        return cls(span.cut(text), (0,), (span.start,))

    def offset(self, index: int) -> int:
        """The place in the file of the character at `index`."""
        piece = bisect_right(self.starts, index) - 1
        return self.origins[piece] + index - self.starts[piece]

    def span(self, start: int, end: int) -> Span:
        """The file's span of `text[start:end]`; it may hold continuations that the joined text lacks."""
        if end <= start:
            place = self.offset(start) if self.text else (self.origins[0] if self.origins else 0)
            return Span(place, place)
        return Span(self.offset(start), self.offset(end - 1) + 1)

    def part(self, start: int, end: int) -> LogicalText:
        """`text[start:end]` with its places."""
        if len(self.starts) == 1:
            return LogicalText(self.text[start:end], self.starts, (self.origins[0] + start,))
        if end <= start:
            return LogicalText("", (0,), (self.span(start, start).start,))
        first = bisect_right(self.starts, start) - 1
        starts = [0]
        origins = [self.offset(start)]
        for piece in range(first + 1, len(self.starts)):
            if self.starts[piece] >= end:
                break
            starts.append(self.starts[piece] - start)
            origins.append(self.origins[piece])
        return LogicalText(self.text[start:end], tuple(starts), tuple(origins))

    def strip(self) -> LogicalText:
        """Without the blanks at both ends."""
        start = len(self.text) - len(self.text.lstrip(GO_SPACE))
        return self.part(start, max(start, len(self.text.rstrip(GO_SPACE))))
