"""Takes out of a text what differs between two runs of one program: dates, ids, addresses, tokens, process ids.

What carries meaning stays: numbers, versions, prices, colours, the ports and addresses that a program listens on, and
time zones (`+02:00` that became `Z` is a time zone database that was lost).
"""

from __future__ import annotations

import re
import time

from dockerslim.verify.compare.volatile_text import PATTERNS

_DAY = 86_400
_NEAR_PAST, _NEAR_FUTURE = 2 * _DAY, 32 * _DAY
"""A page may tell when it was built or when a session ends."""

_EPOCH = re.compile(
    r"(?<![\w.«»])(?:[0-9]{10}(?:\.[0-9]{1,9})?|[0-9]{13}(?:\.[0-9]{1,9})?|[0-9]{16}|[0-9]{19})(?![\w«»])"
)
"""Seconds, milli-, micro- and nanoseconds: ten digits of seconds last until the year 2286."""


def normalise(body: bytes, now: float | None = None) -> bytes:
    """The body with placeholders; a binary one as it is. `now` is in epoch seconds, and now where not given."""
    if is_binary(body):
        return body
    return normalise_text(body.decode("utf-8", "surrogateescape"), now).encode("utf-8", "surrogateescape")


def normalise_text(text: str, now: float | None = None) -> str:
    """The text with placeholders, as in `«date»`; normalising it again changes nothing."""
    moment = time.time() if now is None else now
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return _EPOCH.sub(lambda match: "«epoch»" if _is_near(match[0], moment) else match[0], text)


def is_binary(body: bytes) -> bool:
    """Is this no text: has it a NUL, or much that is not UTF-8?"""
    head = body[:65_536]
    if b"\0" in head:
        return True
    # A page in Latin-1 has a few bytes that are no UTF-8; an image or an archive consists of them.
    text = head.decode("utf-8", "surrogateescape")
    strange = sum(1 for character in text if "\udc80" <= character <= "\udcff")
    return strange * 5 > len(head)


def _is_near(digits: str, now: float) -> bool:
    """Is this a count of seconds, or of a thousandth and less of them, near now?"""
    whole = digits.partition(".")[0]
    seconds = int(whole) / float(10 ** (len(whole) - 10))
    return now - _NEAR_PAST <= seconds <= now + _NEAR_FUTURE
