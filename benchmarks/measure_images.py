"""Builds fixtures before and after `dockerslim fix` and prints what it pays: size, cold build, build after a change.

`python -m benchmarks.measure_images [--rounds N] [FIXTURE]...` from the top of the repository, with a Docker Engine.

How it is measured:
- *size* is what `docker image inspect` tells, base image included.
- *cold build* is one build with `--no-cache` and with cache mounts that nobody has used (each run gives them a name of
  its own by BUILDKIT_CACHE_MOUNT_NS). Base images are pulled before the clock starts.
- *after a change* is the median of some builds, each after one more line in a source file, with the cache that the
  builds before it left, as on the machine of somebody who works on the project.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.docker.probe import BuildResult, build, engine_available, image_size, remove
from tests.fixtures_catalogue import DOCKERFILE, FixtureCase, SourceChange, find_case, load_cases

HEADLINE = ("go/static-http", "node/express", "python/flask-gunicorn")


class MeasureError(Exception):
    """Something that can't be measured; the text says why."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One Dockerfile of a fixture: bytes and seconds."""

    size: int
    cold: float
    changed: float
    """Median of the builds after a change of source."""


def main(arguments: Sequence[str]) -> int:
    """Prints a Markdown table; returns the exit code."""
    parser = argparse.ArgumentParser(prog="measure_images", description="Measure fixtures before and after.")
    parser.add_argument("fixtures", nargs="*", metavar="FIXTURE", help=f"default: {', '.join(HEADLINE)}")
    parser.add_argument("--rounds", type=int, default=3, help="builds after a change of source (default: 3)")
    options = parser.parse_args(arguments)
    try:
        missing = engine_available()
        if missing is not None:
            raise MeasureError(missing)
        cases = [_case(name) for name in options.fixtures or HEADLINE]
        rows = [_row(case, *_measure_both(case, options.rounds)) for case in cases]
    except MeasureError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    sys.stdout.write("\n".join([*_header(), *rows, ""]))
    return 0


def _case(name: str) -> FixtureCase:
    try:
        case = find_case(name)
    except KeyError:
        raise MeasureError(f"no fixture is called `{name}`") from None
    if case.after is None:
        raise MeasureError(f"{name} has no after.Dockerfile: nothing is rewritten in it")
    if case.source_change is None:
        known = ", ".join(case.name for case in load_cases() if case.source_change is not None)
        raise MeasureError(f"{name} has no source_change in its case.toml; these have: {known}")
    return case


def _measure_both(case: FixtureCase, rounds: int) -> tuple[Measured, Measured]:
    assert case.after is not None
    assert case.source_change is not None
    with tempfile.TemporaryDirectory() as name:
        before = case.lay_out(Path(name) / "before", case.before)
        after = case.lay_out(Path(name) / "after", case.after, case.after_ignore)
        return _measure(before, case.source_change, rounds), _measure(after, case.source_change, rounds)


def _measure(context: Path, change: SourceChange, rounds: int) -> Measured:
    run = uuid.uuid4().hex[:8]
    tag = f"dockerslim-measure-{run}"
    mounts_of_this_run = ["--build-arg", f"BUILDKIT_CACHE_MOUNT_NS={run}"]
    try:
        # pulls what is missing, so that no build is measured with it
        _build(context, tag, [])
        cold = _build(context, tag, ["--no-cache", *mounts_of_this_run]).seconds
        size = image_size(tag)
        changed = []
        for number in range(rounds):
            # a change that no run before this one has made: its build would be in the cache
            change.apply(context, int(run, 16) + number)
            changed.append(_build(context, tag, mounts_of_this_run).seconds)
        return Measured(size, cold, statistics.median(changed))
    finally:
        remove(tag)
        _forget_mounts(run)


def _forget_mounts(namespace: str) -> None:
    """Take the cache mounts of one run out of the build cache; what else is in it stays."""
    filter = f"description~={namespace}//"
    subprocess.run(["docker", "buildx", "prune", "--force", "--filter", filter], capture_output=True, check=False)


def _build(context: Path, tag: str, options: Sequence[str]) -> BuildResult:
    result = build(context / DOCKERFILE, context, tag, options)
    if not result.ok:
        raise MeasureError(f"{context}: the build failed:\n{result.log[-4000:]}")
    return result


def _header() -> list[str]:
    pairs = (("image", "smaller"), ("cold build", ""), ("after a change", "faster"))
    titles = ["fixture"]
    for measured, factor in pairs:
        titles += [f"{measured}, before", "after", *([factor] if factor else [])]
    return ["| " + " | ".join(titles) + " |", "|---" + "|---:" * (len(titles) - 1) + "|"]


def _row(case: FixtureCase, before: Measured, after: Measured) -> str:
    cells = [
        case.name,
        _megabytes(before.size),
        _megabytes(after.size),
        f"{before.size / after.size:.1f} x",
        f"{before.cold:.1f} s",
        f"{after.cold:.1f} s",
        f"{before.changed:.1f} s",
        f"{after.changed:.1f} s",
        f"{before.changed / after.changed:.1f} x",
    ]
    return "| " + " | ".join(cells) + " |"


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
