"""Variables in the values of a compose file.

Their values are the user's: known are a default, and what the `.env` beside the file sets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_REFERENCE = re.compile(
    r"\$(?:\$|(?P<bare>[A-Za-z_]\w*)|\{(?P<name>[A-Za-z_]\w*)(?::?[-?][^${}]*)?\})",
    re.ASCII,
)
_PLAIN = re.compile(r"[\w./@+-]+", re.ASCII)
"""Values that mean themselves wherever they stand in YAML, but for a number."""
_DEFAULT = re.compile(r"\A[A-Za-z_][A-Za-z0-9_]*:?-", re.ASCII)
_NESTING_LIMIT = 10


def fill(text: str, variables: Mapping[str, str]) -> str:
    """A compose file's text with the variables filled in that have a plain value; lines stay where they are."""

    def value(reference: re.Match[str]) -> str:
        found = variables.get(reference["bare"] or reference["name"] or "", "")
        return found if _PLAIN.fullmatch(found) else reference[0]

    return _REFERENCE.sub(value, text) if variables and "$" in text else text


def interpolate(text: str, depth: int = 0) -> str:
    """The text with `${NAME:-default}` and `${NAME-default}` replaced by the default and `$$` by `$`.

    Other variables stay as they are written.
    """
    if "$" not in text or depth > _NESTING_LIMIT:
        return text
    ends = _closing_braces(text)
    parts: list[str] = []
    index = 0
    while index < len(text):
        end = ends.get(index)
        if end is not None:
            inner = text[index + 2 : end]
            default = _DEFAULT.match(inner)
            parts.append(interpolate(inner[default.end() :], depth + 1) if default else text[index : end + 1])
            index = end + 1
        elif text.startswith("$$", index):
            parts.append("$")
            index += 2
        else:
            parts.append(text[index])
            index += 1
    return "".join(parts)


def resolve(text: str, depth: int = 0) -> str | None:
    """The text as compose reads it where the environment of the host holds nothing; None where a variable is left."""
    if "$" not in text:
        return text
    if depth > _NESTING_LIMIT:
        return None
    ends = _closing_braces(text)
    parts: list[str] = []
    index = 0
    while index < len(text):
        end = ends.get(index)
        if end is not None:
            inner = text[index + 2 : end]
            default = _DEFAULT.match(inner)
            value = resolve(inner[default.end() :], depth + 1) if default else None
            if value is None:
                return None
            parts.append(value)
            index = end + 1
        elif text.startswith("$$", index):
            parts.append("$")
            index += 2
        elif text[index] == "$":
            return None
        else:
            parts.append(text[index])
            index += 1
    return "".join(parts)


def split_outside_variables(text: str, separator: str) -> list[str]:
    """Split at a character, but not inside `${...}`."""
    ends = _closing_braces(text)
    fields: list[str] = []
    start = index = 0
    while index < len(text):
        if text[index] == separator:
            fields.append(text[start:index])
            start = index + 1
        index = ends.get(index, index) + 1
    return [*fields, text[start:]]


def _closing_braces(text: str) -> dict[int, int]:
    """For each `${` that is closed, where it begins and where its brace is."""
    opened: list[int] = []
    ends: dict[int, int] = {}
    index = 0
    while index < len(text):
        if text.startswith("$$", index):
            index += 1
        elif text.startswith("${", index):
            opened.append(index)
        elif text[index] == "}" and opened:
            ends[opened.pop()] = index
        index += 1
    return ends
