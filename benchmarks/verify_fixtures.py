"""Verifies all fixtures in one run of `dockerslim verify`.

`python -m benchmarks.verify_fixtures [FIXTURE...] [-- OPTION...]`

Each fixture is laid out as somebody's repository would be, and the command is the one that a user would type. Without
`--no-times` among the options that takes a minute or two a fixture.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.fixtures_catalogue import ROOT, find_case, load_cases

COMMAND = "from dockerslim.cli import main; main()"


def main(arguments: Sequence[str]) -> int:
    """Returns the exit code of `verify`."""
    names, options = _divided(arguments)
    cases = [find_case(name) for name in names] if names else load_cases()
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            place = Path(folder) / case.name
            place.parent.mkdir(exist_ok=True)
            case.lay_out(place, case.before)
        command = [sys.executable, "-c", COMMAND, "verify", *options]
        return subprocess.run(command, cwd=folder, env=_environment(), check=False).returncode


def _divided(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    words = list(arguments)
    at = words.index("--") if "--" in words else len(words)
    return words[:at], words[at + 1 :]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
