"""How two bodies or outputs differ, in a few lines for a report."""

from __future__ import annotations

import hashlib
import re
from difflib import unified_diff

from dockerslim.output.terminal_text import visible
from dockerslim.verify.compare.normalise import is_binary

MOST_LINES = 20
WIDTH = 160

_COMPARED_LINES = 400
"""The diff of two long texts that have little in common takes time that grows with the square of their lengths."""

_CONTEXT_LINES = 2
_BREAK = re.compile(r"(?<=>)(?=<)|(?<=[,{}\[\];])(?=[\"'{}\[\w.#@])")
"""Where a page or a document that was written as one line is cut."""


def body_difference(before: bytes, after: bytes) -> str:
    """A short unified diff of two texts; of binary ones, sizes and hashes. Empty where they are equal."""
    if before == after:
        return ""
    if is_binary(before) or is_binary(after):
        return f"{_described(before)} before, {_described(after)} after"
    return text_difference(before.decode("utf-8", "surrogateescape"), after.decode("utf-8", "surrogateescape"))


def text_difference(before: str, after: str) -> str:
    """A unified diff without file names: at most `MOST_LINES` lines of `WIDTH` characters, all of them visible."""
    old, new = _lines(before), _lines(after)
    start = _common_start(old, new)
    end = _common_start(old[start:][::-1], new[start:][::-1])
    first, last = max(0, start - _CONTEXT_LINES), max(0, end - _CONTEXT_LINES)
    old, new = old[first : len(old) - last], new[first : len(new) - last]
    diff = list(unified_diff(old[:_COMPARED_LINES], new[:_COMPARED_LINES], n=_CONTEXT_LINES, lineterm=""))
    # The first two lines would name files. Lines counted from a cut text would be wrong.
    lines = [visible(line)[:WIDTH] for line in diff[2:] if not line.startswith("@@")]
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], f"… {len(lines) - MOST_LINES + 1} more lines"]
    return "\n".join(lines)


def first_difference(before: str, after: str, width: int = 60) -> tuple[str, str]:
    """What stands in each text where they begin to differ, with a little of what is before it; equal texts: empty."""
    start = _common_start(before, after)
    if start == len(before) == len(after):
        return "", ""
    line_start = before.rfind("\n", 0, start) + 1
    first = max(line_start, start - width // 3)
    return _excerpt(before, first, width), _excerpt(after, first, width)


def _excerpt(text: str, first: int, width: int) -> str:
    return visible(text[first : first + width].partition("\n")[0])[:width].strip()


def _common_start(first: str | list[str], second: str | list[str]) -> int:
    """How many characters or lines are equal from the start."""
    if first == second:
        return len(first)
    for index, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other:
            return index
    return min(len(first), len(second))


def _lines(text: str) -> list[str]:
    """The lines, those that are wider than a report cut where tags and fields end, or else anywhere."""
    return [piece for line in text.split("\n") for piece in (_pieces(line) if len(line) > WIDTH else [line])]


def _pieces(line: str) -> list[str]:
    width = WIDTH - 1  # room for the sign of a diff
    return [part[at : at + width] for part in _BREAK.split(line) for at in range(0, len(part), width)]


def _described(body: bytes) -> str:
    if not is_binary(body):
        return f"{len(body):,} bytes of text"
    return f"{len(body):,} bytes (sha256 {hashlib.sha256(body).hexdigest()[:12]})"
