"""Words of a logical line by BuildKit's rules: flags, quoted words, blanks-only words, JSON arrays."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass

from dockerslim.dockerfile.logical import GO_SPACE, LogicalText
from dockerslim.dockerfile.span import Span

BLANKS = re.compile(r"[\t\v\f\r ]+")
BYTE_BLANKS = re.compile("[\t\n\v\f\r \udc85\udca0]+")
"""Blanks where BuildKit looks at bytes, not characters; a stray byte 85 or A0 is one."""
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""An undecodable byte, or half of a pair in a JSON escape; Go reads both as U+FFFD."""


class WordError(Exception):
    """BuildKit's parser refuses the words."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word as written, quotes and escapes included, and where it stands in the file."""

    text: str
    span: Span


def split_keyword(line: LogicalText) -> tuple[str, LogicalText, LogicalText]:
    """The instruction word, its text and what follows it."""
    trimmed = line.strip()
    match = BLANKS.search(trimmed.text)
    if match is None:
        return trimmed.text, trimmed, trimmed.part(len(trimmed.text), len(trimmed.text))
    return trimmed.text[: match.start()], trimmed.part(0, match.start()), trimmed.part(match.end(), len(trimmed.text))


def split_first(line: LogicalText) -> tuple[str, LogicalText]:
    """The first word and what follows it (the type of a HEALTHCHECK and its command)."""
    match = BYTE_BLANKS.search(line.text)
    if match is None:
        return line.text, line.part(len(line.text), len(line.text))
    return line.text[: match.start()], line.part(match.end(), len(line.text))


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
        end = _quoted_word_end(text, position, escape)
        if end > position:
            words.append(Word(text[position:end], line.span(position, end)))
        position = max(end, position + 1)
    return tuple(words)


def _quoted_word_end(text: str, position: int, escape: str) -> int:
    """Where the word ends that begins at `position`; an escape with nothing behind it is no part of it."""
    quote = ""
    while position < len(text):
        char = text[position]
        if not quote and char in GO_SPACE:
            return position
        if char == escape and quote != "'":
            if position + 1 == len(text):
                return position
            position += 2
            continue
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        position += 1
    return position


def json_array(text: str) -> tuple[str, ...] | None:
    """The strings of a JSON array; None where the text is no JSON array and so shell form.

    Raises WordError for an array that holds anything but strings.
    """
    if not text.startswith("["):
        return None
    try:
        value = json.loads(text, parse_int=_number, parse_float=_number, parse_constant=_number)
    except RecursionError as error:
        raise WordError("the JSON array is nested too deeply") from error
    except ValueError:
        return None
    if not all(isinstance(item, str) for item in value):
        raise WordError("when using JSON array syntax, arrays must be comprised of strings only")
    return tuple(LONE_SURROGATE.sub("\ufffd", item) for item in value)


def _number(text: str) -> float:
    """A number as Go reads it: not NaN and Infinity, Python's own extension, and none beyond the range."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number
