"""Words of a logical line by BuildKit's rules: flags, quoted words, blanks-only words, JSON arrays."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from dockerslim.dockerfile.logical import GO_SPACE, LogicalText
from dockerslim.dockerfile.span import Span

BLANKS = re.compile(r"[\t\v\f\r ]+")


class WordError(Exception):
    """BuildKit's parser refuses the words."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word as written, quotes and escapes included, and where it stands in the file."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Flag:
    """A builder flag such as `--mount=type=cache,target=/x`; `value` is None for a bare `--link`."""

    name: str
    value: str | None
    span: Span


def split_keyword(line: LogicalText) -> tuple[str, LogicalText, LogicalText]:
    """The instruction word, its text and what follows it."""
    trimmed = line.strip()
    match = BLANKS.search(trimmed.text)
    if match is None:
        return trimmed.text, trimmed, trimmed.part(len(trimmed.text), len(trimmed.text))
    return trimmed.text[: match.start()], trimmed.part(0, match.start()), trimmed.part(match.end(), len(trimmed.text))


def split_first(line: LogicalText) -> tuple[str, LogicalText]:
    """The first word and what follows it (HEALTHCHECK's type and command)."""
    match = BYTE_BLANKS.search(line.text)
    if match is None:
        return line.text, line.part(len(line.text), len(line.text))
    return line.text[: match.start()], line.part(match.end(), len(line.text))


def split_flags(line: LogicalText, escape: str) -> tuple[tuple[Flag, ...], LogicalText]:
    """The leading `--flags`, quotes and escapes taken out, and the arguments after them.

    BuildKit reads flags byte by byte: each byte of a character outside ASCII becomes a character of its own, and the
    bytes 85 and A0 are blanks. Raises WordError where such a blank cuts a character in two.
    """
    if line.text.isascii():
        flags, end = _scan_flags(line.text, escape)
        return tuple(Flag(*_name_and_value(word), line.span(*place)) for word, place in flags), line.part(
            end, len(line.text)
        ).strip()
    data = line.text.encode("utf-8", "surrogateescape")
    flags, end = _scan_flags(data.decode("latin-1"), escape)

    def character(byte: int) -> int:
        count = len(data[:byte].decode("utf-8", "surrogateescape"))
        if len(line.text[:count].encode("utf-8", "surrogateescape")) != byte or data[:byte] + data[byte:] != data:
            raise WordError("a blank of the flags stands inside a character")
        return count

    return tuple(
        Flag(*_name_and_value(word), line.span(character(start), character(stop))) for word, (start, stop) in flags
    ), line.part(character(end), len(line.text)).strip()


def blank_words(line: LogicalText) -> tuple[Word, ...]:
    """Words between blanks, quotes meaning nothing (FROM, COPY, EXPOSE)."""
    words: list[Word] = []
    start = 0
    text = line.text
    for match in BLANKS.finditer(text):
        words.append(Word(text[start : match.start()], line.span(start, match.start())))
        start = match.end()
    if text:
        words.append(Word(text[start:], line.span(start, len(text))))
    return tuple(words)


def quoted_words(line: LogicalText, escape: str) -> tuple[Word, ...]:
    """Words in which quotes and escapes hold blanks together; both stay in the text (ENV, LABEL, ARG)."""
    words: list[Word] = []
    text = line.text
    position = 0
    while position < len(text):
        if text[position] in GO_SPACE:
            position += 1
            continue
        start = position
        quote = ""
        while position < len(text):
            char = text[position]
            if not quote and char in GO_SPACE:
                break
            if char == escape and quote != "'":
                position += 2
                continue
            if quote:
                quote = "" if char == quote else quote
            elif char in "'\"":
                quote = char
            position += 1
        position = min(position, len(text))
        words.append(Word(text[start:position], line.span(start, position)))
    return tuple(words)


def json_array(text: str) -> tuple[str, ...] | None:
    """The strings of a JSON array; None where the text is no JSON array and so shell form.

    Raises WordError for an array that holds anything but strings.
    """
    if not text.startswith("["):
        return None
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, list):
        return None
    if not all(isinstance(item, str) for item in value):
        raise WordError("when using JSON array syntax, arrays must be comprised of strings only")
    return tuple(value)


def _refuse_constant(name: str) -> object:
    raise ValueError(name)  # NaN and Infinity are Python's own extension
