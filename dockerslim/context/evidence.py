"""Where a fact comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """A place in a file: `file` is a POSIX path relative to the root it was found under, `line` is 1-based (0: all)."""

    file: str
    line: int = 0
    text: str = ""
    """What stands there, short enough for a message."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file
