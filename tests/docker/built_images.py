"""Builds the images of a test session: each once, two at a time, removed at the end.

The building goes on while other tests run, some of which change PATH, the folder or the modules of their process
for a moment. So it is done in processes of its own.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import uuid
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.docker import probe
from tests.docker.probe import Answers, BuildResult, Probe
from tests.fixtures_catalogue import DOCKERFILE, FixtureCase

WORKERS = 2
"""Builds at a time; one build alone leaves the machine idle while it downloads."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to build and ask: the context of a fixture with a Dockerfile and a .dockerignore."""

    case: FixtureCase
    label: str
    dockerfile: bytes
    ignore: bytes | None = None

    @property
    def key(self) -> str:
        digest = hashlib.sha256(self.dockerfile + b"\0" + (self.ignore or b"")).hexdigest()
        return f"{self.case.name}:{digest}"

    def __str__(self) -> str:
        return f"{self.case.name}: {self.label}"


@dataclass(frozen=True, slots=True)
class Observation:
    """What came of a recipe; `answers` is None and `size` 0 where it did not build."""

    build: BuildResult
    answers: Answers | None
    size: int


def before(case: FixtureCase) -> Recipe:
    return Recipe(case, "before", case.before)


def after(case: FixtureCase) -> Recipe:
    """As it is expected to be; the same as before where it must be left alone."""
    return Recipe(case, "after", case.before if case.after is None else case.after, case.after_ignore)


class BuiltImages:
    """Builds and asks in the background; `close` removes all that was made, but not the build cache."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._prefix = f"dockerslim-test-{uuid.uuid4().hex[:8]}"
        self._tags: list[str] = []
        self._pending: dict[str, Future[Observation]] = {}
        # not forked: a copy of this process would have what a test has changed in it
        self._executor = ProcessPoolExecutor(WORKERS, multiprocessing.get_context("spawn"))

    def order(self, recipe: Recipe) -> Future[Observation]:
        """Have it built and asked at some time from now on."""
        if recipe.key not in self._pending:
            tag = self.new_tag()
            self._pending[recipe.key] = self._executor.submit(_observe, recipe, self._folder / tag, tag)
        return self._pending[recipe.key]

    def observe(self, recipe: Recipe) -> Observation:
        """Wait for what came of it."""
        return self.order(recipe).result()

    def new_tag(self) -> str:
        """A name for an image that goes away with the others."""
        self._tags.append(f"{self._prefix}-{len(self._tags)}")
        return self._tags[-1]

    def close(self) -> None:
        self._executor.shutdown(cancel_futures=True)
        with ThreadPoolExecutor(WORKERS) as executor:
            list(executor.map(probe.remove, self._tags))


def _observe(recipe: Recipe, folder: Path, tag: str) -> Observation:
    recipe.case.lay_out(folder, recipe.dockerfile, recipe.ignore)
    build = probe.build(folder / DOCKERFILE, folder, tag)
    if not build.ok:
        return Observation(build, None, 0)
    return Observation(build, probe.run(tag, Probe.from_toml(recipe.case.probe or {})), probe.image_size(tag))
