"""Durations as Go's time.ParseDuration reads them."""

from __future__ import annotations

import re

MICROSECOND, MILLISECOND, SECOND = 10**3, 10**6, 10**9
UNITS = {
    "ns": 1,
    "us": MICROSECOND,
    "\u00b5s": MICROSECOND,
    "ms": MILLISECOND,
    "s": SECOND,
    "m": 60 * SECOND,
    "h": 3600 * SECOND,
}
PART = re.compile(r"([0-9]*)(?:\.([0-9]*))?([^0-9.]+)")
MAX_DIGITS = 19
"""Of a number that fits 64 bits."""


def parse_duration(text: str) -> int | None:
    """Nanoseconds of a text such as `1m30s`; None where it is no duration."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    if digits == "0":
        return 0
    total = position = 0
    while match := PART.match(digits, position):
        whole, fraction, unit = match[1].lstrip("0"), (match[2] or "")[:MAX_DIGITS], UNITS.get(match[3])
        if unit is None or not (match[1] or match[2]) or len(whole) > MAX_DIGITS:
            return None
        total += int(whole or "0") * unit + int(fraction or "0") * unit // 10 ** len(fraction)
        position = match.end()
    if not position or position < len(digits) or total >= 2**63:
        return None
    return -total if text.startswith("-") else total
