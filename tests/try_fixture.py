"""Shows what `dockerslim fix` makes of a fixture, on a copy of it in a temporary folder.

`python tests/try_fixture.py [FIXTURE]`
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(fixture: Path) -> int:
    """Returns the exit code of the command."""
    before = fixture / "before.Dockerfile"
    if not before.is_file():
        sys.stderr.write(f"error: {fixture} is not a fixture: it has no before.Dockerfile\n")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        shutil.copytree(fixture / "context", copy)
        shutil.copyfile(before, copy / "Dockerfile")
        sys.stderr.write(f"$ dockerslim fix   # in a copy of {fixture}\n")
        sys.stderr.flush()
        return subprocess.run([sys.executable, "-m", "dockerslim", "fix"], cwd=copy, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "fixtures" / "go" / "static-http"))
