"""Where a fact comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """A place in the build context: `file` is relative to its root, `line` is 1-based (0: the whole file)."""

    file: str
    line: int = 0
    text: str = ""
    """What stands there, short enough for a message."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class PathUse:
    """A path that the program names at run time, as written in its source."""

    path: str
    evidence: Evidence
