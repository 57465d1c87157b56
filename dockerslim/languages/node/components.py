"""Files of Vue, Svelte and Astro: the script in them."""

from __future__ import annotations

import re

_SCRIPT = re.compile(r"<script\b[^>]{0,300}>", re.IGNORECASE)
_CLOSE = "</script"
_FENCE = re.compile(r"^---[ \t]*$", re.MULTILINE)


def script_of(path: str, text: str) -> str:
    """What runs of a component, each line where it stands in the file. Expressions of the markup are left out: they
    call what the script has."""
    parts = list(_scripts(text))
    if path.endswith(".astro"):
        fences = [match.span() for match in _FENCE.finditer(text[:200_000])][:2]
        if len(fences) == 2 and not text[: fences[0][0]].strip():
            parts = [(fences[0][1], fences[1][0])]
    kept: list[str] = []
    position = 0
    for start, end in parts:
        kept.append("\n" * text.count("\n", position, start) + text[start:end])
        position = end
    return "".join(kept)


def _scripts(text: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    lower = text.lower()
    position = 0
    while (match := _SCRIPT.search(text, position)) is not None:
        end = lower.find(_CLOSE, match.end())
        if end < 0:
            break
        found.append((match.end(), end))
        position = end
    return found
