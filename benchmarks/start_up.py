"""One file, whole process, warm: `dockerslim fix` beside `python -c "import typer"`, in turns.

Usage: python benchmarks/start_up.py [ROUNDS]
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIXTURE = ROOT / "fixtures" / "go" / "static-http"
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "python -c 'import typer'": ["-c", "import typer"],
    "dockerslim --version": ["-m", "dockerslim", "--version"],
    "dockerslim fix (nothing to do)": ["-m", "dockerslim", "fix", "done.Dockerfile"],
    "dockerslim fix (a split)": ["-m", "dockerslim", "fix", "Dockerfile"],
}


def measure(rounds: int) -> dict[str, list[float]]:
    """Seconds by command; the commands take turns, so that what slows the machine slows all of them."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(FIXTURE / "context", folder, dirs_exist_ok=True)
        shutil.copy(FIXTURE / "before.Dockerfile", Path(folder, "Dockerfile"))
        shutil.copy(FIXTURE / "after.Dockerfile", Path(folder, "done.Dockerfile"))
        for number in range(rounds + 2):
            for name, arguments in COMMANDS.items():
                start = time.perf_counter()
                subprocess.run([sys.executable, *arguments], cwd=folder, check=True, capture_output=True)
                if number >= 2:  # the first two warm the caches
                    times[name].append(time.perf_counter() - start)
    return times


def main() -> None:
    times = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
    peer = statistics.median(times["python -c 'import typer'"])
    print("| command | median ms | times `import typer` |\n|---|---|---|")
    for name, values in times.items():
        median = statistics.median(values)
        print(f"| {name} | {median * 1000:.0f} | {median / peer:.2f} |")


if __name__ == "__main__":
    main()
