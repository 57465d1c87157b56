"""What came of a run: steps, refusals, and transforms that failed a proof."""

from __future__ import annotations

from dataclasses import dataclass

from dockerslim.dockerfile import Dockerfile, Span
from dockerslim.engine.transform import Fix


@dataclass(frozen=True, slots=True)
class Step:
    """One transform's fixes, applied. `text` is the file after it."""

    transform: str
    title: str
    fixes: tuple[Fix, ...]
    text: str
    ignore_lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A skip, or a fix that only `--unsafe` applies. `span` is in the file as the user has it."""

    transform: str
    span: Span
    reason: str
    help: str = ""
    note: str = ""
    is_unsafe_fix: bool = False


@dataclass(frozen=True, slots=True)
class Dropped:
    """A transform whose step failed a proof: its edits were taken back, the rest went on.

    `proof` is "parses", "stable", "contract" or "runs" (it raised).
    """

    transform: str
    proof: str
    detail: str
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """`before` is the document as read, `text` the new text; equal where nothing is to be done."""

    path: str
    before: Dockerfile
    text: str
    steps: tuple[Step, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    dropped: tuple[Dropped, ...] = ()

    @property
    def ignore_lines(self) -> tuple[str, ...]:
        """Lines that must be added to the context's .dockerignore."""
        return tuple(dict.fromkeys(line for step in self.steps for line in step.ignore_lines))

    @property
    def changed(self) -> bool:
        return self.text != self.before.text or bool(self.ignore_lines)
