"""What BuildKit's own linter says of a Dockerfile."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

CHECK_LIMIT = 120.0
"""Seconds; the frontend of a `# syntax=` line may have to be fetched."""


class CheckError(Exception):
    """BuildKit does not accept the file, or it can't be asked; the text is what it said."""


@dataclass(frozen=True, slots=True, order=True)
class Warning:
    """One warning, without its line: lines move in a rewrite."""

    rule: str
    detail: str


def can_check() -> bool:
    """Does this engine have `docker build --check`?"""
    help = subprocess.run(
        ["docker", "build", "--help"], capture_output=True, text=True, timeout=CHECK_LIMIT, check=False
    )
    return "--check" in help.stdout


def check(dockerfile: Path, context: Path) -> frozenset[Warning]:
    """All warnings for a file. Raises CheckError where it is no Dockerfile for BuildKit."""
    command = ["docker", "build", "--call=check,format=json", "--file", str(dockerfile), str(context)]
    environment = {**os.environ, "DOCKER_BUILDKIT": "1"}
    # the exit code says whether there is any warning
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=CHECK_LIMIT,
        env=environment,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    try:
        report = json.loads(done.stdout)
    except ValueError:
        raise CheckError(done.stderr.strip()) from None
    if report.get("buildError"):
        raise CheckError(report["buildError"].get("message", done.stderr.strip()))
    return frozenset(Warning(warning["ruleName"], warning["detail"]) for warning in report["warnings"] or ())
