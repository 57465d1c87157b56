"""A path that the program names, and from where it counts; a program that it starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dockerslim.languages.evidence import PathUse

Base = Literal["cwd", "file", "absolute"]


@dataclass(frozen=True, slots=True)
class FileUse(PathUse):
    """`path` is relative to the work folder ("cwd"), relative to the context as the file that names it lies at run
    time ("file": `__dirname` and the like), or absolute."""

    kind: Base = "cwd"
    is_partial: bool = False
    """Something below `path`, whose name isn't known."""
    variable: str | None = None
    """The environment variable that replaces it where it is set."""


@dataclass(frozen=True, slots=True)
class ProgramUse(PathUse):
    """`arguments` are the first ones, as far as they are written out."""

    arguments: tuple[str, ...] = ()
