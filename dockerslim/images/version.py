"""Versions as image tags write them: one to three numbers."""

from __future__ import annotations

import re
from math import inf

Version = tuple[int, ...]
"""`(20,)` for `20`, `(1, 24, 6)` for `1.24.6`."""

_VERSION = re.compile(r"v?([0-9]{1,9}(?:\.[0-9]{1,9}){0,3})\Z")


def parse_version(text: str) -> Version | None:
    """The numbers of a version; None where the text is anything else (`3.14-rc`, `lts`)."""
    found = _VERSION.match(text)
    return tuple(int(part) for part in found[1].split(".")) if found else None


def newest(version: Version | None) -> tuple[float, ...]:
    """The newest version that a tag can mean, to compare with: `20` is any of 20; no version is whatever is newest."""
    return (*(version or ()), inf)
