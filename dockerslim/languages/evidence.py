"""Where a fact comes from, and the paths that a program names."""

from __future__ import annotations

from dataclasses import dataclass

from dockerslim.context.evidence import Evidence

__all__ = ["Evidence", "PathUse"]


@dataclass(frozen=True, slots=True)
class PathUse:
    """A path that the program names at run time, as written in its source."""

    path: str
    evidence: Evidence
