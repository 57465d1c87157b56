"""What a build prints as plain progress, read line by line: its steps, what was cached, whether an image was fetched.

buildx puts the number of a step before each line (`#12 [build 3/6] RUN npm ci`); Podman prints `STEP 3/6: RUN npm ci`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

Kind = Literal["step", "cached", "done", "failed", "output", "fetched", "other"]

LINE_LIMIT = 2_000
"""Characters of a line that are looked at."""

_NUMBERED = re.compile(r"#(?P<number>\d{1,6}) (?P<rest>.*)", re.DOTALL)
_OUTPUT = re.compile(r"\d+\.\d+ ")
_DONE = re.compile(r"DONE (?P<seconds>\d+(?:\.\d+)?)s")
_FETCHED = re.compile(r"(?:extracting )?sha256:[0-9a-f]{12,64}(?: .*)?")
_PLACE = re.compile(r"\[(?P<place>[^\]]*)\] (?P<text>.*)", re.DOTALL)
_PODMAN_STEP = re.compile(r"(?:\[\d+/\d+\] )?STEP (?P<place>\d+/\d+): (?P<text>.*)", re.DOTALL)
_PODMAN_CACHED = re.compile(r"--> Using cache ")
_PODMAN_FETCHED = re.compile(r"Copying blob |Trying to pull ")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a log. `number` is its step's, 0 where the builder gives none."""

    kind: Kind
    number: int = 0
    text: str = ""
    """The step's name, what it printed, or why it failed."""
    seconds: float | None = None


def read_line(line: str) -> Line:
    """What a line says; any text can be read."""
    line = line.rstrip("\r\n")[:LINE_LIMIT]
    numbered = _NUMBERED.fullmatch(line)
    if numbered is None:
        return _podman_line(line)
    number, rest = int(numbered["number"]), numbered["rest"]
    if match := _OUTPUT.match(rest):
        return Line("output", number, rest[match.end() :])
    if rest == "CACHED":
        return Line("cached", number)
    if match := _DONE.fullmatch(rest):
        return Line("done", number, seconds=float(match["seconds"]))
    if rest.startswith("ERROR: "):
        return Line("failed", number, rest.removeprefix("ERROR: "))
    if _FETCHED.fullmatch(rest):
        return Line("fetched", number)
    if rest.startswith("["):
        return Line("step", number, rest)
    return Line("other", number, rest)


def _podman_line(line: str) -> Line:
    if match := _PODMAN_STEP.fullmatch(line):
        return Line("step", text=f"[{match['place']}] {match['text']}")
    if _PODMAN_CACHED.match(line):
        return Line("cached")
    return Line("fetched" if _PODMAN_FETCHED.match(line) else "other", text=line)


@dataclass(frozen=True, slots=True)
class BuildStep:
    """One step of a build. `place` is as in `build 3/6`; the builder's own work is at `internal`."""

    place: str
    text: str
    is_cached: bool = False
    seconds: float | None = None
    error: str = ""

    @property
    def shown(self) -> str:
        """For a person: `build 3/6: RUN npm ci`."""
        text = " ".join(self.text.split())
        return f"{self.place}: {text}" if self.place and self.place != "internal" else text


@dataclass(slots=True)
class BuildLog:
    """What has been read so far of one build."""

    _steps: dict[int, BuildStep] = field(default_factory=dict)
    _current: int = 0
    fetched_image: bool = False
    """Were layers of an image downloaded or unpacked?"""

    @classmethod
    def of(cls, lines: Iterable[str]) -> BuildLog:
        """The log of a build that has ended."""
        log = cls()
        for line in lines:
            log.add(line)
        return log

    @property
    def steps(self) -> tuple[BuildStep, ...]:
        """In the order in which the builder began them."""
        return tuple(self._steps.values())

    @property
    def current(self) -> BuildStep | None:
        """The step that a line was last read of."""
        return self._steps.get(self._current)

    @property
    def failed(self) -> BuildStep | None:
        return next((step for step in self.steps if step.error), None)

    def was_cached(self, text: str) -> bool | None:
        """Was the instruction of this text taken from the cache? None where the log has none."""
        found = [step for step in self.steps if step.text == text]
        return all(step.is_cached for step in found) if found else None

    def add(self, line: str) -> BuildStep | None:
        """Take in the next line; the step that it begins or goes on with, None where it is of none."""
        read = read_line(line)
        number = read.number
        if read.kind == "step":
            number = number or len(self._steps) + 1
            if number not in self._steps:
                self._steps[number] = _step(read.text)
        elif number and number not in self._steps and read.kind == "other":
            # A step that is no instruction has no brackets: `exporting to image`.
            self._steps[number] = BuildStep("", read.text)
        elif not number:
            number = self._current
        if read.kind == "fetched":
            self.fetched_image = True
        step = self._steps.get(number)
        if step is None:
            return None
        self._steps[number] = _with_line(step, read)
        self._current = number
        return self._steps[number]


def _step(name: str) -> BuildStep:
    match = _PLACE.fullmatch(name)
    return BuildStep(match["place"], match["text"]) if match else BuildStep("", name)


def _with_line(step: BuildStep, line: Line) -> BuildStep:
    if line.kind == "cached":
        return replace(step, is_cached=True)
    if line.kind == "done":
        return replace(step, seconds=line.seconds)
    if line.kind == "failed":
        return replace(step, error=line.text)
    return step
