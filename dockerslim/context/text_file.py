"""Reading small text files that may be asked for again and again.

A run over a repository asks for the same compose file once a Dockerfile: a result is kept for as long as the file's
time and size stay the same.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

SIZE_LIMIT = 1_000_000
"""Bytes; a settings file above this is none."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A regular file and its state: equal stamps mean equal contents."""

    path: str
    modified: int
    size: int


def stamp(path: str | os.PathLike[str], within: Path) -> Stamp | None:
    """The state of a regular file; None for anything else, and where a link leads out of the folder `within`."""
    try:
        status = os.stat(path)  # noqa: PTH116 (called for very many paths)
        if not stat.S_ISREG(status.st_mode) or not Path(os.path.realpath(path)).is_relative_to(within.resolve()):
            return None
    except (OSError, ValueError, RuntimeError):
        return None
    return Stamp(os.fspath(path), status.st_mtime_ns, status.st_size)


def read_stamped(state: Stamp) -> str | None:
    """The file's text; None where it can't be read or is too large."""
    if state.size > SIZE_LIMIT:
        return None
    try:
        with Path(state.path).open("rb") as stream:
            return stream.read(SIZE_LIMIT).decode("utf-8-sig", "replace")
    except OSError:
        return None
