"""Cuts a Dockerfile into instructions by BuildKit's rules (frontend/dockerfile/parser, v0.34).

The rules that surprise: blank and comment lines inside a continuation belong to the instruction; a line that ends
in two escapes continues nothing; only blanks and tabs may follow the escape; `\\n` alone ends a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from dockerslim.dockerfile.logical import GO_SPACE, LogicalText
from dockerslim.dockerfile.span import LineIndex, Span

MAX_LINE_BYTES = 65535
DIRECTIVES = frozenset({"syntax", "escape", "check"})
DIRECTIVE = re.compile(r"([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=[\t\n\f\r ]*")
DIRECTIVE_BLANKS = "\t\n\f\r "


class CutError(Exception):
    """BuildKit's parser refuses the file. `line` is 1-based."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Directive:
    """A parser directive such as `# syntax=docker/dockerfile:1`."""

    name: str
    value: str
    span: Span
    value_span: Span
    indented: bool


@dataclass(slots=True)
class Cut:
    """An instruction's lines: joined text, first and last line (1-based), comment lines inside."""

    text: LogicalText
    first_line: int
    last_line: int
    span: Span
    comments: tuple[Span, ...] = ()
    has_empty_continuation: bool = False


def _is_too_long(raw: str) -> bool:
    """BuildKit's reader holds 65536 bytes and must find the newline, or have room left at the end of the file."""
    size = len(raw.encode("utf-8", "surrogateescape"))
    return size > MAX_LINE_BYTES + raw.endswith("\n")


def continuation(line: str, escape: str) -> tuple[str, bool]:
    """The line without its continuation character, and whether it had one.

    Two escapes at the end are an escaped escape; BuildKit doesn't count further back than that.
    """
    body = line.rstrip(" \t")
    if body.endswith(escape) and body[-2:-1] != escape:
        return body[:-1], True
    return line, False


@dataclass(slots=True)
class Cutter:
    """Walks the lines of a file; the caller takes heredoc bodies out between two instructions."""

    text: str
    index: LineIndex
    escape: str = "\\"
    directives: list[Directive] = field(default_factory=list)
    _line: int = 0
    _directives_done: bool = False

    @property
    def line(self) -> int:
        """Number of lines taken so far, so the 1-based number of the last one taken."""
        return self._line

    def take(self) -> tuple[int, str] | None:
        """The next raw line: its offset and its text without the newline."""
        starts = self.index.starts
        if self._line >= len(starts):
            return None
        start = starts[self._line]
        end = starts[self._line + 1] if self._line + 1 < len(starts) else len(self.text)
        if start == len(self.text):
            return None
        self._line += 1
        raw = self.text[start:end]
        if len(raw) > MAX_LINE_BYTES // 4 and _is_too_long(raw):
            raise CutError(f"dockerfile line greater than max allowed size of {MAX_LINE_BYTES}", self._line)
        if start == 0 and raw.startswith("\ufeff"):
            start, raw = 1, raw[1:]
        return start, raw.rstrip("\r\n")

    def cuts(self) -> Iterator[Cut]:
        while (taken := self.take()) is not None:
            start, raw = taken
            stripped = raw.lstrip(GO_SPACE)
            begin = start + len(raw) - len(stripped)
            self._directive(stripped, begin, indented=begin > start)
            if stripped.startswith("#"):
                continue
            if stripped:
                yield self._instruction(stripped, begin)

    def _instruction(self, stripped: str, begin: int) -> Cut:
        first_line = self._line
        pieces: list[str] = []
        starts: list[int] = []
        origins: list[int] = []
        comments: list[Span] = []
        length = 0
        empty = False

        def add(piece: str, origin: int) -> None:
            nonlocal length
            if piece:
                pieces.append(piece)
                starts.append(length)
                origins.append(origin)
                length += len(piece)

        head, continued = continuation(stripped, self.escape)
        add(head, begin)
        end = begin + len(stripped)
        while continued and (taken := self.take()) is not None:
            start, raw = taken
            self._directive(raw, start, indented=False)
            end = start + len(raw)
            blankless = raw.lstrip(GO_SPACE)
            if blankless.startswith("#"):
                comments.append(Span(end - len(blankless), end))
                continue
            if not blankless:
                empty = True
                continue
            head, continued = continuation(raw, self.escape)
            add(head, start)
        if not pieces:
            starts, origins = [0], [begin]
        return Cut(
            LogicalText("".join(pieces), tuple(starts), tuple(origins)),
            first_line,
            self._line,
            Span(begin, end),
            tuple(comments),
            empty,
        )

    def _directive(self, line: str, offset: int, *, indented: bool) -> None:
        """Directives stand before everything else; the first line that is none ends them."""
        if self._directives_done:
            return
        if not line.startswith("#"):
            self._directives_done = True
            return
        body = line[1:].lstrip(GO_SPACE)
        match = DIRECTIVE.match(body)
        if match is None or match[1].lower() not in DIRECTIVES:
            self._directives_done = True
            return
        name = match[1].lower()
        value_place = match.end()
        value = body[value_place:].rstrip(DIRECTIVE_BLANKS)
        if not value:
            # A blank is a value where nothing else stands behind the sign.
            value_place -= 1
            value = body[value_place:]
            if value == "=":
                self._directives_done = True
                return
        if any(known.name == name for known in self.directives):
            raise CutError(f"only one {name} parser directive can be used", self._line)
        value_start = offset + len(line) - len(body) + value_place
        self.directives.append(
            Directive(
                name,
                value,
                Span(offset, offset + len(line)),
                Span(value_start, value_start + len(value)),
                indented,
            )
        )
        if name == "escape":
            if value not in ("\\", "`"):
                raise CutError(f"invalid escape token '{value}' does not match ` or \\", self._line)
            self.escape = value
