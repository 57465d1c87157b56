"""Workspace patterns against folder names."""

from __future__ import annotations

import fnmatch

_EXPANSION_LIMIT = 64


def expand_braces(pattern: str) -> tuple[str, ...] | None:
    """`{a,b}/*` as `a/*` and `b/*`; None for more than a workspace list would say."""
    done: list[str] = []
    waiting = [pattern]
    while waiting:
        if len(waiting) + len(done) > _EXPANSION_LIMIT:
            return None
        text = waiting.pop()
        close = text.find("}")
        start = text.rfind("{", 0, close) if close >= 0 else -1
        if start < 0:
            done.append(text)
        else:
            waiting += [text[:start] + choice + text[close + 1 :] for choice in text[start + 1 : close].split(",")]
    return tuple(sorted(done))


def matches(path: str, pattern: str) -> bool:
    """Does a folder match, `**` standing for any number of folders and `*` for a part of one name?"""
    names, parts = path.split("/"), [part for part in pattern.strip("/").split("/") if part not in ("", ".")]
    # The set of positions in `parts` that the names read so far may have led to.
    positions = _skip_stars(parts, {0})
    for name in names:
        ahead: set[int] = set()
        for position in positions:
            if position < len(parts) and parts[position] == "**":
                ahead.add(position)
            elif position < len(parts) and fnmatch.fnmatchcase(name, parts[position]):
                ahead.add(position + 1)
        positions = _skip_stars(parts, ahead)
    return len(parts) in positions


def _skip_stars(parts: list[str], positions: set[int]) -> set[int]:
    """`**` may also stand for nothing."""
    reached = set(positions)
    for position in positions:
        while position < len(parts) and parts[position] == "**":
            position += 1
            reached.add(position)
    return reached
