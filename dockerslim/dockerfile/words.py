"""Words of a logical line by BuildKit's rules: flags, quoted words, blanks-only words, JSON arrays, heredoc markers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from dockerslim.dockerfile.logical import GO_SPACE, LogicalText
from dockerslim.dockerfile.span import Span

ESCAPED_IN_QUOTES = re.compile(r"\\([\"$\\])")
BLANKS = re.compile(r"[\t\v\f\r ]+")
HEREDOC = re.compile(r"(\d*)<<(-?)[\t\n\f\r ]*([^<]*)\Z")


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


@dataclass(frozen=True, slots=True)
class HeredocMarker:
    name: str
    expand: bool
    strip_tabs: bool


def split_keyword(line: LogicalText) -> tuple[str, LogicalText, LogicalText]:
    """The instruction word, its text and what follows it."""
    trimmed = line.strip()
    match = BLANKS.search(trimmed.text)
    if match is None:
        return trimmed.text, trimmed, trimmed.part(len(trimmed.text), len(trimmed.text))
    return trimmed.text[: match.start()], trimmed.part(0, match.start()), trimmed.part(match.end(), len(trimmed.text))


def split_flags(line: LogicalText, escape: str) -> tuple[tuple[Flag, ...], LogicalText]:
    """The leading `--flags`, quotes and escapes taken out, and the arguments after them."""
    text = line.text
    flags: list[Flag] = []
    position = 0
    while True:
        while position < len(text) and text[position] in GO_SPACE:
            position += 1
        if not text.startswith("--", position):
            return tuple(flags), line.part(position, len(text)).strip()
        start = position
        value, position = _flag_word(text, position, escape)
        if value == "--":
            return tuple(flags), line.part(position, len(text)).strip()
        name, equals, rest = value[2:].partition("=")
        flags.append(Flag(name, rest if equals else None, line.span(start, position)))


def _flag_word(text: str, position: int, escape: str) -> tuple[str, int]:
    out: list[str] = []
    quote = ""
    while position < len(text):
        char = text[position]
        if quote:
            if char == quote:
                quote = ""
                position += 1
                continue
        elif char in GO_SPACE:
            break
        elif char in "'\"":
            quote = char
            position += 1
            continue
        if char == escape:
            position += 1
            if position == len(text):
                break
            char = text[position]
        out.append(char)
        position += 1
    return "".join(out), position


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


def heredoc_markers(line: str) -> tuple[HeredocMarker, ...]:
    """The heredocs that a logical line opens, in order."""
    if "<<" not in line:
        return ()
    markers = []
    for word in _lexed_words(line):
        marker = heredoc_marker(word)
        if marker is not None:
            markers.append(marker)
    return tuple(markers)


def heredoc_marker(word: str) -> HeredocMarker | None:
    match = HEREDOC.match(word)
    if match is None or not match[3]:
        return None
    rest = match[3]
    plain = _lexed_words(rest, keep_quotes=False)
    if len(plain) != 1:
        return None
    raw = _lexed_words(rest)[0]
    quotes = sum(raw.count(q) for q in "'\"") - sum(plain[0].count(q) for q in "'\"")
    return HeredocMarker(plain[0], quotes == 0, match[2] == "-")


def _lexed_words(line: str, *, keep_quotes: bool = True) -> list[str]:
    """Words as BuildKit's shell lexer cuts them (frontend/dockerfile/shell/lex.go); none where it gives up.

    A marker may be followed by blanks since frontend 1.16: `<< EOF` is one word to the lexer.
    """
    words: list[str] = []
    current: list[str] = []
    in_word = False
    position = 0

    def end_word() -> None:
        nonlocal in_word
        if in_word:
            words.append("".join(current))
        current.clear()
        in_word = False

    while position < len(line):
        char = line[position]
        if char in GO_SPACE:
            end_word()
            position += 1
            continue
        in_word = True
        if char == "'":
            end = line.find("'", position + 1)
            if end < 0:
                return []
            current.append(line[position : end + 1] if keep_quotes else line[position + 1 : end])
            position = end + 1
        elif char == '"':
            end = _double_quote_end(line, position, 0)
            if end < 0:
                return []
            quoted = line[position + 1 : end - 1]
            current.append(line[position:end] if keep_quotes else ESCAPED_IN_QUOTES.sub(r"\1", quoted))
            position = end
        elif char == "\\":
            current.append(line[position : position + 2] if keep_quotes else line[position + 1 : position + 2])
            position += 2
        elif line.startswith("<<", position):
            end = position + 2
            while end < len(line) and line[end] in GO_SPACE:
                end += 1
            current.append(line[position:end])
            position = end
        elif char == "$":
            end = _dollar_end(line, position, 0)
            if end < 0:
                return []
            current.append(line[position:end])
            position = end
        else:
            current.append(char)
            position += 1
    end_word()
    return words


MAX_DEPTH = 50
"""Of substitutions in substitutions; deeper is no Dockerfile that a person wrote."""


def _double_quote_end(line: str, position: int, depth: int) -> int:
    """Just after the closing quote of the word that opens at `position`; -1 where the lexer gives up."""
    position += 1
    while position < len(line):
        char = line[position]
        if char == '"':
            return position + 1
        if char == "$":
            position = _dollar_end(line, position, depth + 1)
            if position < 0:
                return -1
            continue
        position += 2 if char == "\\" and line[position + 1 : position + 2] in ('"', "$", "\\") else 1
    return -1


def _dollar_end(line: str, position: int, depth: int) -> int:
    """Just after `$name` or `${...}`; -1 where the lexer gives up (bad substitution, unknown modifier)."""
    if depth > MAX_DEPTH:
        return -1
    position += 1
    if not line.startswith("{", position):
        return _name_end(line, position)
    position += 1
    if line[position : position + 1] in ("", "{", "}", ":"):
        return -1
    position = _name_end(line, position)
    char = line[position : position + 1]
    if char == "}":
        return position + 1
    if char == ":":
        position += 1
        if line[position : position + 1] not in ("+", "-", "?"):
            return -1
        return _until(line, position + 1, "}", depth + 1)
    if char in ("+", "-", "?", "#", "%"):
        return _until(line, position + 1, "}", depth + 1)
    if char == "/":
        position += 2 if line.startswith("//", position) else 1
        position = _until(line, position, "/", depth + 1)
        return _until(line, position, "}", depth + 1) if position >= 0 else -1
    return -1


def _name_end(line: str, position: int) -> int:
    start = position
    while position < len(line):
        char = line[position]
        if position == start and char.isdigit():
            while position < len(line) and line[position].isdigit():
                position += 1
            return position
        if position == start and char in "@*#?-$!0":
            return position + 1
        if not (char.isalpha() or char.isdigit() or char == "_"):
            break
        position += 1
    return position


def _until(line: str, position: int, stop: str, depth: int) -> int:
    while position < len(line):
        char = line[position]
        if char == stop:
            return position + 1
        if char == "'":
            found = line.find("'", position + 1)
            if found < 0:
                return -1
            position = found + 1
        elif char == '"':
            position = _double_quote_end(line, position, depth)
        elif char == "$":
            position = _dollar_end(line, position, depth)
        else:
            position += 2 if char == "\\" else 1
        if position < 0:
            return -1
    return -1
