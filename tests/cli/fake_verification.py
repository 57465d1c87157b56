"""Stands in for the module that builds and runs, so that the command line is tested without an engine."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

import pytest

from dockerslim.engine.transform import Options
from dockerslim.verify.errors import VerifyError
from dockerslim.verify.options import VerifyOptions
from dockerslim.verify.progress import Progress
from dockerslim.verify.rewriting import Rewrites
from dockerslim.verify.verification import Verification


class FakeVerification:
    """Gives `results`, then raises `error`; remembers what it was asked, and whether it was closed."""

    def __init__(self, results: Sequence[Verification] = (), error: BaseException | None = None) -> None:
        self._results = results
        self._error = error
        self.paths: tuple[Path, ...] = ()
        self.options = Options()
        self.context: Path | None = None
        self.verify = VerifyOptions()
        self.is_closed = False

    def verify_files(
        self,
        paths: Sequence[Path],
        rewrites: Rewrites,
        verify_options: VerifyOptions,
        progress: Progress,
    ) -> Iterator[Verification]:
        self.paths, self.verify = tuple(paths), verify_options
        self.options, self.context = rewrites.options, rewrites.context
        try:
            for result in self._results:
                progress.file(result.shown)
                progress.phase("building before")
                yield result
            if self._error is not None:
                raise self._error
        finally:
            self.is_closed = True


def put_in_place(
    monkeypatch: pytest.MonkeyPatch, results: Sequence[Verification] = (), error: BaseException | None = None
) -> FakeVerification:
    """The fake, which is imported from now on instead of the real module."""
    fake = FakeVerification(results, error)
    module = ModuleType("dockerslim.verify.verify_file")
    module.verify_files = fake.verify_files  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return fake


NO_ENGINE = VerifyError("no engine answers", "start Docker", Path("/logs/engine.log"))
