"""The command line: one command a file, options in, exit code out."""

from __future__ import annotations

import gc
import io
import sys


def main() -> None:
    """The console script."""
    # What a run makes it keeps until its end; looking for garbage while modules load takes a twentieth of the time.
    gc.set_threshold(100_000, 50, 50)
    from dockerslim.cli.app import app

    # A path or a page may hold what the terminal's encoding doesn't know.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app()
    except BrokenPipeError:
        # Whoever read the output went away; Python would complain once more when it flushes.
        sys.stderr.close()
        sys.exit(141)
