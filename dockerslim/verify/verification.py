"""The results: of one image, of a comparison, of a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Verdict = Literal["same", "differs", "fails the same way", "could not tell"]
"""*fails the same way*: the program doesn't come up, before as after, so nothing is proven."""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of builds; None where not measured (or, of a change, where nothing could be changed)."""

    cold: float | None = None
    source_change: float | None = None
    dependency_change: float | None = None


@dataclass(frozen=True, slots=True)
class ImageFigures:
    """What one image holds and costs. Sizes are bytes; None where not measured or not known."""

    size: int
    compressed: int | None
    """The layers with gzip, as a registry stores them."""
    layers: int
    files: int | None
    packages: int | None
    """Of the operating system; None where the image has no package database that we know."""
    shell: str
    """The first that is there, as in `/bin/sh`; empty where there is none."""
    package_managers: tuple[str, ...]
    user: str
    """As a person reads it: `root`, `1000:1000`, `node`."""
    times: Times = Times()


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same. `what` names it (`GET :8080/`, `ENV LANG`, `/app/data`)."""

    what: str
    before: str
    after: str
    detail: str = ""
    """More lines, such as a diff of two bodies."""

    @property
    def sentence(self) -> str:
        return f"{self.what}: {self.before} before, {self.after} after"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was asked and found the same or not. `notes` are for a person and don't change the verdict."""

    verdict: Verdict
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    """What was compared, in a few words each: `GET :8080/ 200`, `exit code 0`, `3 files written`."""


@dataclass(frozen=True, slots=True)
class Culprit:
    """A transform that was left out because the image behaved otherwise with it."""

    transform: str
    difference: Difference
    log: Path | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of one Dockerfile. `after` is None where no candidate was built to the end."""

    shown: str
    verdict: Verdict
    comparison: Comparison | None = None
    before: ImageFigures | None = None
    after: ImageFigures | None = None
    steps: tuple[str, ...] = ()
    """The transforms in what was verified."""
    culprits: tuple[Culprit, ...] = ()
    reason: str = ""
    """Of *could not tell*: one line."""
    help: str = ""
    logs: tuple[Path, ...] = ()
    source_file: str = ""
    """What was changed for the second build, relative to the build context."""
    dependency_file: str = ""
    runtime_tried: tuple[tuple[str, str], ...] = field(default=())
    """Runtime images that were tried from the smallest up, each with `same` or why it was not taken."""
    nothing_to_do: bool = False
    """The file needs no rewrite: nothing was built."""
