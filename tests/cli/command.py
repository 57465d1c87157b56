"""Runs the command line as people do, and small projects to run it on."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

ROOT = Path(__file__).resolve().parent.parent.parent

BEFORE = b"FROM debian:12\nWORKDIR /srv\nCMD serve --port 80\n"
AFTER = b'FROM debian:12\nWORKDIR /srv\nCMD ["serve", "--port", "80"]\n'
"""What `use-exec-form` makes of it."""
ONE = ("--select", "use-exec-form")


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: bytes
    err: str


def environment(**extra: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "NO_COLOR")}
    return {**kept, "PYTHONPATH": str(ROOT), **extra}


def dockerslim(folder: Path, *arguments: str, stdin: bytes = b"", **extra: str) -> Done:
    """Run it in a folder, in this process: a new one for each test would take longer than all that is tested."""
    from dockerslim.cli.app import app

    with contextlib.chdir(folder):
        done = CliRunner().invoke(app, arguments, input=stdin, env=extra)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Done(done.exit_code, done.stdout_bytes, done.stderr)


def process(folder: Path, *arguments: str, stdin: bytes = b"", **extra: str) -> Done:
    """Run it in a folder, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "dockerslim", *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        check=False,
        timeout=60,
        env=environment(**extra),
    )
    return Done(done.returncode, done.stdout, done.stderr.decode("utf-8", "backslashreplace"))


def put(folder: Path, **files: bytes) -> None:
    """Make files; a `__` in a name stands for `/`, a `_` at its start for a dot."""
    for name, data in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def git_apply(folder: Path, diff: bytes, options: Sequence[str] = ()) -> None:
    subprocess.run(["git", "apply", *options, "-"], cwd=folder, input=diff, check=True)


def git_repository(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "init", "--quiet", "."], cwd=folder, check=True)
    return folder
