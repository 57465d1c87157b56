"""A command of a RUN that keeps a stage from being split."""

from __future__ import annotations

from dataclasses import dataclass

from dockerslim.dockerfile import Span


@dataclass(frozen=True, slots=True)
class UnknownCommand:
    """A command whose effects on the file system are not known."""

    span: Span
    name: str
    reason: str = ""
