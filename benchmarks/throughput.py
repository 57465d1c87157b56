"""Milliseconds a file over many files in one process, without contexts: parse, plan, prove.

Usage: python benchmarks/throughput.py FOLDER   (every file below it is taken for a Dockerfile)
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from dockerfile_parse import DockerfileParser

from dockerslim.engine.registry import load
from dockerslim.engine.transform import Options
from dockerslim.fleet.fix_all import fix_data


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    files = [path.read_bytes() for path in sorted(Path(sys.argv[1]).rglob("*")) if path.is_file()]
    ours: list[float] = []
    theirs: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "Dockerfile")
        transforms = load()
        for data in files:
            start = time.perf_counter()
            fix_data(data, path, transforms, Options(), None)
            middle = time.perf_counter()
            _read_with_dockerfile_parse(data, path)
            ours.append(middle - start)
            theirs.append(time.perf_counter() - middle)
    print("| what | files | mean ms | median ms | slowest ms |\n|---|---|---|---|---|")
    for name, times in (("dockerslim fix", ours), ("dockerfile-parse, structure alone", theirs)):
        mean, median = statistics.mean(times), statistics.median(times)
        print(f"| {name} | {len(times)} | {mean * 1000:.2f} | {median * 1000:.2f} | {max(times) * 1000:.0f} |")


def _read_with_dockerfile_parse(data: bytes, path: Path) -> None:
    """The peer that only reads; what it can't decode costs it nothing."""
    path.write_bytes(data)
    try:
        DockerfileParser(path=str(path)).structure  # noqa: B018
    except (UnicodeDecodeError, AttributeError, IndexError):
        return


if __name__ == "__main__":
    main()
