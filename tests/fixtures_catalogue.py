"""The small projects below `fixtures/`, and `dockerslim fix` on a copy of one.

A case is a folder with a `case.toml`; a new one needs no Python. What is expected of it stands beside that file:
`after.Dockerfile` (none: it must be left alone), `after.dockerignore` (none: it is not touched) and `output.txt`.
"""

from __future__ import annotations

import contextlib
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from typer.testing import CliRunner

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"

DOCKERFILE = "Dockerfile"
IGNORE_FILE = ".dockerignore"

Outcome = Literal["split", "smaller", "partial", "leave"]
"""*split*: more stages; *smaller*: the last stage is on another image; *partial*: the same stages; *leave*: stages,
bases, USER and commands stay as they are."""


@dataclass(frozen=True, slots=True)
class SourceChange:
    """A line that is put at the end of a source file; `{number}` in it makes each change another one."""

    path: str
    line: str

    def apply(self, context: Path, number: int) -> None:
        """Change the file in a copy of the context."""
        with (context / self.path).open("a", encoding="utf-8", newline="\n") as file:
            file.write(self.line.replace("{number}", str(number)) + "\n")


@dataclass(frozen=True, slots=True)
class FixtureCase:
    """One folder of `fixtures/`: the project, and what a `case.toml` says of it."""

    name: str
    """Language and case, as in `go/static-http`."""
    folder: Path
    why: str
    """What is peculiar in it."""
    outcome: Outcome
    flags: tuple[str, ...] = ()
    """Options of `dockerslim fix`."""
    probe: Mapping[str, Any] | None = None
    """The table that says how to run the image and what to ask it; None where nobody can build it."""
    source_change: SourceChange | None = None
    optional_bases: tuple[str, ...] = ()
    """Base images that an engine without a way to a registry may lack: the images are not built there."""

    @property
    def context(self) -> Path:
        return self.folder / "context"

    @property
    def before(self) -> bytes:
        return (self.folder / "before.Dockerfile").read_bytes()

    @property
    def after_path(self) -> Path:
        return self.folder / "after.Dockerfile"

    @property
    def after_ignore_path(self) -> Path:
        return self.folder / "after.dockerignore"

    @property
    def output_path(self) -> Path:
        return self.folder / "output.txt"

    @property
    def after(self) -> bytes | None:
        """The Dockerfile that is expected; None where it must be left alone."""
        return _bytes_of(self.after_path)

    @property
    def after_ignore(self) -> bytes | None:
        """The .dockerignore that is expected; None where none is made and none is changed."""
        return _bytes_of(self.after_ignore_path)

    @property
    def output(self) -> str | None:
        """What is expected on standard error with `--verbose`; None where nothing is written down yet."""
        data = _bytes_of(self.output_path)
        return None if data is None else data.decode()

    def lay_out(self, folder: Path, dockerfile: bytes, ignore: bytes | None = None) -> Path:
        """Make `folder`, a copy of the context with this Dockerfile and, if there is one, this .dockerignore in it."""
        shutil.copytree(self.context, folder, symlinks=True)
        (folder / DOCKERFILE).write_bytes(dockerfile)
        if ignore is not None:
            (folder / IGNORE_FILE).write_bytes(ignore)
        return folder


@dataclass(frozen=True, slots=True)
class Fixed:
    """What `dockerslim fix` did: exit code, standard output as bytes, standard error as text."""

    exit_code: int
    result: bytes
    talk: str


def load_cases() -> tuple[FixtureCase, ...]:
    """All fixtures, sorted by name; raises TypeError for a key in a case.toml that no case has."""
    return tuple(_load(path) for path in sorted(FIXTURES.glob("*/*/case.toml")))


def find_case(name: str) -> FixtureCase:
    """The fixture of that name, such as `go/static-http`; KeyError where there is none."""
    return {case.name: case for case in load_cases()}[name]


def fix(folder: Path, *arguments: str) -> Fixed:
    """Run `dockerslim fix` in a folder, by the command line and in this process."""
    from dockerslim.cli.app import app

    with contextlib.chdir(folder):
        done = CliRunner().invoke(app, ["fix", *arguments, DOCKERFILE])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Fixed(done.exit_code, done.stdout_bytes, done.stderr)


def _load(path: Path) -> FixtureCase:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    flags = tuple(table.pop("flags", ()))
    bases = tuple(table.pop("optional_bases", ()))
    change = table.pop("source_change", None)
    return FixtureCase(
        name=path.parent.relative_to(FIXTURES).as_posix(),
        folder=path.parent,
        flags=flags,
        source_change=None if change is None else SourceChange(**change),
        optional_bases=bases,
        **table,
    )


def _bytes_of(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
