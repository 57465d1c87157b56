"""One version of a Dockerfile that is built and run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """`dockerfile` and `ignore` (None: there is none) are the files' bytes."""

    name: str
    """`before`, `after`, or one that tells the steps it has; part of tags and of log files."""
    dockerfile: bytes
    ignore: bytes | None
