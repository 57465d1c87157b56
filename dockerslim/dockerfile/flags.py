"""The builder flags of an instruction, such as `--mount=type=cache,target=/x`.

BuildKit reads them byte by byte: each byte of a character outside ASCII becomes a character of its own, and the bytes
85 and A0 are blanks.
"""

from __future__ import annotations

from dataclasses import dataclass

from dockerslim.dockerfile.logical import LogicalText, character_offsets
from dockerslim.dockerfile.span import Span
from dockerslim.dockerfile.words import WordError

BYTE_BLANKS = "\t\n\v\f\r \x85\xa0"


@dataclass(frozen=True, slots=True)
class Flag:
    """A builder flag; `value` is None for a bare `--link`. Quotes and escapes are taken out."""

    name: str
    value: str | None
    span: Span


def split_flags(line: LogicalText, escape: str) -> tuple[tuple[Flag, ...], LogicalText]:
    """The leading flags and the arguments after them.

    Raises WordError where a blank between flags is a part of a character: what follows would be no text.
    """
    text = line.text
    is_ascii = text.isascii()
    found, end = _scan(text if is_ascii else text.encode("utf-8", "surrogateescape").decode("latin-1"), escape)
    if not found and not end:
        return (), line.strip()
    offsets = None if is_ascii else character_offsets(text)

    def offset(byte: int) -> int:
        if offsets is None:
            return byte
        if byte not in offsets:
            raise WordError("a blank between the flags is a part of a character")
        return offsets[byte]

    flags = []
    for word, start, stop in found:
        name, equals, value = word[2:].partition("=")
        flags.append(Flag(name, value if equals else None, line.span(offset(start), offset(stop))))
    return tuple(flags), line.part(offset(end), len(text)).strip()


def _scan(view: str, escape: str) -> tuple[list[tuple[str, int, int]], int]:
    """Each flag with its start and end, and where the arguments begin."""
    found: list[tuple[str, int, int]] = []
    position = 0
    while True:
        while position < len(view) and view[position] in BYTE_BLANKS:
            position += 1
        if not view.startswith("--", position):
            return found, position
        start = position
        word, position = _word(view, position, escape)
        if word == "--":
            return found, position
        found.append((word, start, position))


def _word(view: str, position: int, escape: str) -> tuple[str, int]:
    out: list[str] = []
    quote = ""
    while position < len(view):
        char = view[position]
        if char == quote:
            quote = ""
        elif not quote and char in BYTE_BLANKS:
            break
        elif not quote and char in "'\"":
            quote = char
        elif char == escape:
            position += 1
            out.append(view[position : position + 1])
        else:
            out.append(char)
        position += 1
    return "".join(out), min(position, len(view))
