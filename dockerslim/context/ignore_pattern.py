"""One pattern of a .dockerignore, matched as Docker matches it.

Docker turns a pattern into a Go regular expression (module moby/patternmatcher). This module makes the same
expression, oddities included (a class such as `[^a]` also matches `/`), and reads that with Python's `re`.
A pattern comes from a stranger: one with many wildcards is matched without backtracking.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import groupby

Matcher = Callable[[str], bool]

BACKTRACKING_LIMIT = 3
"""Wildcards up to which `re` stays cheap; time grows with the path's length to this power."""

_ESCAPED = frozenset(".+()$")
"""What Docker escapes in the expression. It means to escape `{|}` as well and doesn't: `a|b*` is an alternative."""

_FOLDERS = "(.*/)?"
_NAME_PART = "[^/]*"
_REST = ".*"
_ANYTHING = "(?s:.)*"

_POSIX_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_LETTER_CLASSES = {"d": "0-9", "s": r"\t\n\f\r ", "w": "0-9A-Za-z_"}
_ANCHORS = {"A": r"\A", "z": r"\Z", "b": r"\b", "B": r"\B"}
_CONTROLS = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class InvalidPattern(ValueError):
    """Docker refuses this pattern; the build fails."""


def compile_pattern(pattern: str) -> Matcher:
    """The test whether a path (POSIX, relative, cleaned) matches a cleaned pattern.

    Raises InvalidPattern where Docker would fail.
    """
    _check_syntax(pattern)
    if not any(char in pattern for char in "*?[]\\"):
        return pattern.__eq__
    bare = pattern.strip("*")
    if not any(char in bare for char in "*?[]\\"):
        if pattern == bare + "**":
            return lambda path: path.startswith(bare)
        if pattern == "**" + bare:
            top = bare[1:] if bare.startswith("/") else None
            return lambda path: path.endswith(bare) or path == top
    try:
        matchers = tuple(_matcher(pieces) for pieces in _alternatives(_go_expression(pattern)))
    except (re.error, OverflowError, RecursionError) as error:
        raise InvalidPattern(f"syntax error in pattern {pattern!r}") from error
    return matchers[0] if len(matchers) == 1 else lambda path: any(matches(path) for matches in matchers)


def _matcher(pieces: tuple[Piece, ...]) -> Matcher:
    if sum(piece.kind is not Kind.FIXED for piece in pieces) <= BACKTRACKING_LIMIT:
        expression = re.compile("".join(piece.expression for piece in pieces), re.ASCII)
        return lambda path: expression.fullmatch(path) is not None
    steps = tuple(Step(piece.kind, re.compile(piece.expression, re.ASCII)) for piece in pieces)
    return lambda path: _matches_stepwise(steps, path)


def _check_syntax(pattern: str) -> None:
    """Raise where Docker does, which asks Go whether the pattern matches the path "." to find out.

    Go stops reading where the answer is known, so only the first part up to a `*` is checked, and the second where
    the first could be the dot.
    """
    start = len(pattern) - len(pattern.lstrip("*"))
    end = _check_part(pattern, start)
    if end < len(pattern) and _is_dot(pattern[start:end]):
        _check_part(pattern, end + len(pattern[end:]) - len(pattern[end:].lstrip("*")))


def _is_dot(part: str) -> bool:
    if not part.startswith(("[", "?", ".", "\\")):
        return False
    try:
        return any(_matcher(pieces)(".") for pieces in _alternatives(_go_expression(part)))
    except (InvalidPattern, re.error):
        return False


def _check_part(pattern: str, start: int) -> int:
    """Check from `start` to the next `*` outside a class, and say where that is."""
    index, size = start, len(pattern)
    while index < size and pattern[index] != "*":
        if pattern[index] == "[":
            index = _check_class(pattern, index)
        else:
            index += 2 if pattern[index] == "\\" else 1
    if index > size:
        raise InvalidPattern(f"syntax error in pattern {pattern!r}")
    return index


def _check_class(pattern: str, start: int) -> int:
    """Check the class that starts at `start`, and say where it ends."""
    index = start + (2 if pattern.startswith("[^", start) else 1)
    first = index
    while index == first or not pattern.startswith("]", index):
        index = _check_member(pattern, index)
        if pattern[index] == "-":
            index = _check_member(pattern, index + 1)
    return index + 1


def _check_member(pattern: str, index: int) -> int:
    end = index + (2 if pattern.startswith("\\", index) else 1)
    if end >= len(pattern) or pattern[index] in "-]":
        raise InvalidPattern(f"syntax error in pattern {pattern!r}")
    return end


def _go_expression(pattern: str) -> str:
    """The Go regular expression that Docker makes of a pattern, without its anchors."""
    parts: list[str] = []
    index, size = 0, len(pattern)
    while index < size:
        char = pattern[index]
        index += 1
        if char == "*":
            if not pattern.startswith("*", index):
                parts.append(_NAME_PART)
                continue
            index += 1
            if pattern.startswith("/", index):
                index += 1
            parts.append(_REST if index == size else _FOLDERS)
        elif char == "?":
            parts.append("[^/]")
        elif char == "\\":
            parts.append(pattern[index - 1 : index + 1])
            index += 1
        elif char in _ESCAPED:
            parts.append("\\" + char)
        else:
            parts.append(char)
    return "".join(parts)


class Kind(Enum):
    """What a piece of an expression may take of a path."""

    FIXED = "fixed"
    """Characters whose number is known."""
    REPEAT = "repeat"
    """Any number of characters of one class."""
    FOLDERS = "folders"
    """Nothing, or anything that ends in a slash."""
    REST = "rest"
    """All that is left."""
    ALTERNATIVE = "alternative"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an expression, in Python's spelling."""

    kind: Kind
    expression: str


@dataclass(frozen=True, slots=True)
class Step:
    """A piece, compiled."""

    kind: Kind
    expression: re.Pattern[str]


def _alternatives(go: str) -> Iterator[tuple[Piece, ...]]:
    """The pieces of each alternative of a Go expression that is anchored as a whole.

    So the first of several is anchored at its start only, and the last at its end.
    """
    parts: list[list[Piece]] = [[]]
    for piece in _pieces(go):
        if piece.kind is Kind.ALTERNATIVE:
            parts[-1].append(Piece(Kind.REPEAT, _ANYTHING))
            parts.append([Piece(Kind.REPEAT, _ANYTHING)])
        else:
            parts[-1].append(piece)
    return (tuple(_joined(part)) for part in parts)


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The same with fixed neighbours as one, and without a wildcard that only repeats the one before it."""
    for kind, run in groupby(pieces, key=lambda piece: piece.kind):
        if kind is Kind.FIXED:
            yield Piece(kind, "".join(piece.expression for piece in run))
        else:
            yield from (piece for piece, _ in groupby(run))


def _pieces(go: str) -> Iterator[Piece]:
    index, size = 0, len(go)
    while index < size:
        char = go[index]
        if go.startswith(_FOLDERS, index):
            yield Piece(Kind.FOLDERS, _FOLDERS)
            index += len(_FOLDERS)
        elif go.startswith(_REST, index):
            yield Piece(Kind.REST, _REST)
            index += len(_REST)
        elif char == "[":
            expression, index = _character_class(go, index)
            if go.startswith("*", index):
                yield Piece(Kind.REPEAT, expression + "*")
                index += 1
            else:
                yield Piece(Kind.FIXED, expression)
        elif char == "\\":
            expression, index = _escape(go, index + 1)
            yield Piece(Kind.FIXED, expression)
        elif char == "|":
            yield Piece(Kind.ALTERNATIVE, char)
            index += 1
        else:
            # An unescaped ^ in the middle is an anchor for Go, too.
            yield Piece(Kind.FIXED, char if char == "^" else re.escape(char))
            index += 1


def _escape(go: str, index: int) -> tuple[str, int]:
    """What follows a backslash outside a class."""
    char = go[index : index + 1]
    if char in _ANCHORS and char:
        return _ANCHORS[char], index + 1
    members = _letter_class(char)
    if members is not None:
        return f"[{members}]", index + 1
    literal, index = _escaped_character(go, index)
    return re.escape(literal), index


def _letter_class(char: str) -> str | None:
    if char and char in _LETTER_CLASSES:
        return _LETTER_CLASSES[char]
    return "\\" + char if char and char in "DSW" else None


def _escaped_character(go: str, index: int) -> tuple[str, int]:
    char = go[index : index + 1]
    if char in _CONTROLS and char:
        return _CONTROLS[char], index + 1
    octal = re.compile("0[0-7]{0,2}|[1-7][0-7]{1,2}").match(go, index)
    if octal:
        return chr(int(octal[0], 8)), octal.end()
    if not char or char.isalnum() or not char.isascii():
        # Also \x, \p and \Q, which Go reads and nobody writes.
        raise InvalidPattern(f"invalid escape sequence \\{char}")
    return char, index + 1


def _character_class(go: str, start: int) -> tuple[str, int]:
    """The class that starts with the bracket at `start`, in Python's spelling, and where it ends."""
    index = start + 1
    sign = "^" if go.startswith("^", index) else ""
    index += len(sign)
    members: list[str] = []
    first = True
    while first or not go.startswith("]", index):
        first = False
        end = go.find(":]", index + 2) if go.startswith("[:", index) else -1
        if end >= 0:
            name = go[index + 2 : end]
            if name not in _POSIX_CLASSES:
                raise InvalidPattern(f"invalid character class range [:{name}:]")
            members.append(_POSIX_CLASSES[name])
            index = end + 2
            continue
        letters = _letter_class(go[index + 1 : index + 2]) if go.startswith("\\", index) else None
        if letters is not None:
            members.append(letters)
            index += 2
            continue
        low, index = _class_character(go, index)
        high = low
        if go.startswith("-", index) and index + 1 < len(go) and go[index + 1] != "]":
            high, index = _class_character(go, index + 1)
            if high < low:
                raise InvalidPattern(f"invalid character class range {low}-{high}")
        members.append(re.escape(low) if low == high else f"{re.escape(low)}-{re.escape(high)}")
    return f"[{sign}{''.join(members)}]", index + 1


def _class_character(go: str, index: int) -> tuple[str, int]:
    if index >= len(go):
        raise InvalidPattern("missing closing ]")
    return _escaped_character(go, index + 1) if go[index] == "\\" else (go[index], index + 1)


def _matches_stepwise(steps: tuple[Step, ...], path: str) -> bool:
    """Match by the set of positions that each step can reach: no backtracking, whatever the pattern."""
    positions = {0}
    for step in steps:
        if not positions:
            return False
        if step.kind is Kind.REST:
            # Always the last; like Go's, the dot stops at a newline.
            return any("\n" not in path[position:] for position in positions)
        positions = _reach(step, path, positions)
    return len(path) in positions


def _reach(step: Step, path: str, positions: set[int]) -> set[int]:
    if step.kind is Kind.FIXED:
        found = (step.expression.match(path, position) for position in positions)
        return {match.end() for match in found if match}
    if step.kind is Kind.FOLDERS:
        first = min(positions)
        stop = path.find("\n", first)
        end = len(path) if stop < 0 else stop
        return positions | {index + 1 for index in range(first, end) if path[index] == "/"}
    reached: set[int] = set()
    for position in sorted(positions):
        if position in reached:
            continue
        match = step.expression.match(path, position)
        reached.update(range(position, (match.end() if match else position) + 1))
    return reached
