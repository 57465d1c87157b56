"""Does a version lie in a range, as npm reads ranges?"""

from __future__ import annotations

import re

_VERSION = re.compile(r"v?(\d{1,9})(?:\.(\d{1,9}|[xX*]))?(?:\.(\d{1,9}|[xX*]))?(-[\w.-]+)?(?:\+[\w.-]+)?")
_COMPARATOR = re.compile(r"(\^|~>?|>=|<=|>|<|=)?\s*([^\s^~<>=]+)")
_LIMIT = 200

_Triple = tuple[int, int, int]


def satisfies(version: str, wanted: str) -> bool | None:
    """None where either isn't understood, as a tag, a URL, or a version before a release."""
    match = _VERSION.fullmatch(version)
    if match is None or match[4] or match[3] is None or len(wanted) > _LIMIT:
        return None
    found = (int(match[1]), _number(match[2]), _number(match[3]))
    unsure = False
    for alternative in wanted.split("||"):
        result = _satisfies_all(found, alternative.strip())
        if result:
            return True
        unsure = unsure or result is None
    return None if unsure else False


def _satisfies_all(version: _Triple, text: str) -> bool | None:
    if " - " in text:
        low, _, high = text.partition(" - ")
        text = f">={low.strip()} <={high.strip()}"
    position = 0
    unsure = False
    while position < len(text):
        match = _COMPARATOR.match(text, position)
        if match is None:
            return None
        bounds = _bounds(match[1] or "", match[2])
        if bounds is None:
            unsure = True
        elif not bounds[0] <= version < bounds[1]:
            return False
        position = match.end()
        while position < len(text) and text[position].isspace():
            position += 1
    return None if unsure else True


_FIRST: _Triple = (0, 0, 0)
_LAST: _Triple = (10**9, 0, 0)


def _bounds(operator: str, text: str) -> tuple[_Triple, _Triple] | None:
    """From the first, up to and without the second."""
    if text in ("*", "x", "X"):
        return _FIRST, _LAST
    match = _VERSION.fullmatch(text)
    if match is None:
        return None
    given = [int(part) for part in match.group(1, 2, 3) if part is not None and part.isdecimal()]
    low = _padded(given)
    if match[4] and operator in ("<", "<=", ""):
        return None
    after = _padded([*given[:-1], given[-1] + 1])
    if operator == "^":
        fixed = next((n for n, part in enumerate(given) if part), len(given) - 1)
        return low, _padded([*given[:fixed], given[fixed] + 1])
    if operator in ("~", "~>"):
        return low, _padded([*given[:1], given[1] + 1]) if len(given) > 1 else after
    if operator == ">=":
        return low, _LAST
    if operator == ">":
        return after, _LAST
    if operator == "<":
        return _FIRST, low
    if operator == "<=":
        return _FIRST, after
    return low, after


def _padded(parts: list[int]) -> _Triple:
    first, second, third, *_ = (*parts, 0, 0, 0)
    return first, second, third


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() else 0
