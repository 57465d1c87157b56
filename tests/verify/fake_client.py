"""A client of an engine that says what a test wants and writes down how it was called."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

needs_scripts = pytest.mark.skipif(sys.platform == "win32", reason="a script with a first line of #!")

_SCRIPT = """\
#!{python}
import json, pathlib, sys
here = pathlib.Path(__file__).parent
with open(here / "calls", "a", encoding="utf-8") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
for begin, output, error, code in json.loads((here / "answers").read_text(encoding="utf-8")):
    if sys.argv[1:][:len(begin)] == begin:
        sys.stdout.write(output)
        sys.stderr.write(error)
        sys.exit(code)
"""


@dataclass(frozen=True, slots=True)
class FakeClient:
    """A folder with one executable."""

    folder: Path
    path: Path

    @classmethod
    def make(cls, folder: Path, name: str = "docker") -> FakeClient:
        """A client that succeeds silently at everything."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        path.write_text(_SCRIPT.format(python=sys.executable), encoding="utf-8")
        path.chmod(0o755)
        client = cls(folder, path)
        client._write([])
        return client

    def answer(self, *begin: str, output: str = "", error: str = "", code: int = 0) -> FakeClient:
        """What calls that begin with these words get; the first such answer counts."""
        answers = json.loads((self.folder / "answers").read_text(encoding="utf-8"))
        self._write([*answers, [list(begin), output, error, code]])
        return self

    @property
    def calls(self) -> list[list[str]]:
        """The arguments of each call so far."""
        path = self.folder / "calls"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]

    def _write(self, answers: Sequence[Any]) -> None:
        (self.folder / "answers").write_text(json.dumps(answers), encoding="utf-8")
