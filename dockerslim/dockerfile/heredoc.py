"""The heredocs that an instruction's line opens, found as BuildKit finds them.

BuildKit cuts the line into words with its shell lexer (frontend/dockerfile/shell/lex.go), no variable being set, and
looks for `<<NAME` at the start of each. The lexer is followed here to the letter, oddities included: what it takes for
a heredoc decides which lines of the file are instructions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dockerslim.dockerfile.logical import GO_SPACE
from dockerslim.dockerfile.words import LONE_SURROGATE, WordError

MARKER = re.compile(r"[0-9]*<<(-?)[\t\n\f\r ]*([^<]*)\Z")
MARKER_BLANKS = "\t\r "
"""Allowed between `<<` and the name since frontend 1.16."""
SPECIAL_PARAMETERS = "@*#?-$!0"
MAX_DEPTH = 50
"""Of substitutions in substitutions; deeper is no Dockerfile that a person wrote."""


@dataclass(frozen=True, slots=True)
class HeredocMarker:
    """`<<NAME` as written on the line; quotes in the name switch `expand` off."""

    name: str
    expand: bool
    strip_tabs: bool


class LexError(Exception):
    """The lexer gives up: an unmatched quote, a bad substitution."""


def heredoc_markers(line: str) -> tuple[HeredocMarker, ...]:
    """The heredocs that a logical line opens, in order. Raises WordError where BuildKit refuses the line."""
    if "<<" not in line:
        return ()
    line = LONE_SURROGATE.sub("\ufffd", line)
    try:
        words = _Lexer(line, keep_quotes=True, keep_escapes=True).words()
    except LexError:
        return ()
    try:
        markers = [_marker(word) for word in words]
    except LexError as error:
        raise WordError(str(error)) from error
    return tuple(marker for marker in markers if marker is not None)


def heredoc_marker(word: str) -> HeredocMarker | None:
    """The heredoc that a word opens, None where it opens none."""
    if "<<" not in word:
        return None
    try:
        return _marker(word)
    except (LexError, WordError):
        return None


def _marker(word: str) -> HeredocMarker | None:
    match = MARKER.match(word)
    if match is None or not match[2]:
        return None
    # Quotes in one reading but not in the other mean that a part of the name is quoted.
    plain = _Lexer(match[2], keep_quotes=False).words()
    if len(plain) != 1:
        return None
    written = _Lexer(match[2], keep_quotes=True).words()
    if len(written) != 1:
        raise WordError(f"internal lexing of heredoc produced inconsistent results: {match[2]}")
    return HeredocMarker(plain[0], _count_quotes(plain[0]) == _count_quotes(written[0]), match[1] == "-")


def _count_quotes(word: str) -> int:
    return word.count("'") + word.count('"')


class _Lexer:
    """One run over a text. A `${...}` starts the word that holds it anew, as it does in BuildKit."""

    def __init__(self, text: str, *, keep_quotes: bool, keep_escapes: bool = False) -> None:
        self.text = text.removeprefix("\ufeff")
        self.position = 0
        self.keep_quotes = keep_quotes
        self.keep_escapes = keep_escapes
        self.depth = 0
        self.word: list[str] = []

    def words(self) -> list[str]:
        return self._until("", keep_escapes=self.keep_escapes)[1]

    def _peek(self) -> str:
        return self.text[self.position : self.position + 1]

    def _next(self) -> str:
        char = self._peek()
        self.position += 1
        return char

    def _until(self, stop: str, *, keep_escapes: bool, pattern: bool = False) -> tuple[str, list[str]]:
        """What stands before `stop` ("" for the end), as one text and as words.

        `pattern` doubles escapes in quotes: the lexer keeps them for a later reading of the pattern.
        """
        outer, self.keep_escapes = self.keep_escapes, keep_escapes
        text: list[str] = []
        words: list[str] = []
        in_word = False
        self.word = []

        def add(piece: str, *, splits: bool) -> None:
            nonlocal in_word
            for char in piece if splits else (piece,):
                if not splits or char not in GO_SPACE:
                    self.word.append(char)
                    in_word = True
                elif in_word and any(self.word):
                    words.append("".join(self.word))
                    self.word = []
                    in_word = False

        while char := self._peek():
            if char == stop:
                break
            if char == "$":
                piece = self._dollar()
                add(piece, splits=True)
            elif char == "<":
                piece = self._less_than()
                add(piece, splits=False)
            elif char == "'":
                piece = self._single_quote(pattern)
                add(piece, splits=False)
            elif char == '"':
                piece = self._double_quote(pattern)
                add(piece, splits=False)
            elif char == "\\":
                self.position += 1
                piece = ("\\" if self.keep_escapes else "") + self._next()
                add(piece, splits=False)
            else:
                self.position += 1
                piece = char
                add(piece, splits=True)
            text.append(piece)
        if self._next() != stop:
            raise LexError(f"unexpected end of statement while looking for matching {stop}")
        if any(self.word):
            words.append("".join(self.word))
        self.word = []
        self.keep_escapes = outer
        return "".join(text), words

    def _less_than(self) -> str:
        start = self.position
        self.position += 1
        if self._peek() == "<":
            self.position += 1
            while self._peek() and self._peek() in MARKER_BLANKS:
                self.position += 1
        return self.text[start : self.position]

    def _single_quote(self, pattern: bool) -> str:
        end = self.text.find("'", self.position + 1)
        if end < 0:
            raise LexError("unexpected end of statement while looking for matching single-quote")
        inner = self.text[self.position + 1 : end]
        self.position = end + 1
        if pattern:
            inner = inner.replace("\\", "\\\\")
        return f"'{inner}'" if self.keep_quotes else inner

    def _double_quote(self, pattern: bool) -> str:
        self.position += 1
        out: list[str] = []
        while (char := self._peek()) != '"':
            if not char:
                raise LexError("unexpected end of statement while looking for matching double-quote")
            if char == "$":
                out.append(self._dollar())
                continue
            self.position += 1
            if char == "\\":
                following = self._peek()
                if not following:
                    continue
                if following in '"$\\':
                    if self.keep_escapes:
                        out.append(char)
                    char = self._next()
                elif self.keep_escapes and (not self.keep_quotes or pattern):
                    out.append(char)
            out.append(char)
        self.position += 1
        inner = "".join(out)
        return f'"{inner}"' if self.keep_quotes else inner

    def _dollar(self) -> str:
        self.position += 1
        if self._peek() != "{":
            return "$" + self._name()
        self.position += 1
        if self._peek() in ("", "{", "}", ":"):
            raise LexError("syntax error: bad substitution")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise WordError("substitutions are nested too deeply")
        substitution = self._substitution(self._name())
        self.depth -= 1
        return f"${{{substitution}}}"

    def _substitution(self, name: str) -> str:
        """What stands between the braces of `${...}`, the closing one read."""
        modifier = self._next()
        if modifier == "}":
            return name
        if modifier == "/":
            self.position += self._peek() == "/"
            searched = self._until("/", keep_escapes=True, pattern=True)[0]
            return f"{name}/{searched}/{self._until('}', keep_escapes=True)[0]}"
        kind = modifier
        if modifier == ":":
            kind = self._next()
            modifier += kind
        elif modifier not in ("+", "-", "?", "#", "%"):
            raise LexError(f"unsupported modifier ({modifier}) in substitution")
        is_pattern = kind in ("#", "%")
        if is_pattern and modifier != kind:
            raise LexError(f"unsupported modifier ({modifier}) in substitution")
        return f"{name}{modifier}{self._until('}', keep_escapes=is_pattern, pattern=is_pattern)[0]}"

    def _name(self) -> str:
        start = self.position
        first = self._peek()
        if first.isdecimal():
            while self._peek().isdecimal():
                self.position += 1
        elif first and first in SPECIAL_PARAMETERS:
            self.position += 1
        else:
            while (char := self._peek()) and (char.isalpha() or char.isdecimal() or char == "_"):
                self.position += 1
        return self.text[start : self.position]
