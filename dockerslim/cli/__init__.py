"""The command line: one command a file, options in, exit code out."""

from __future__ import annotations

import sys


def main() -> None:
    """The console script."""
    from dockerslim.cli.app import app

    try:
        app()
    except BrokenPipeError:
        # Whoever read the output went away; Python would complain once more when it flushes.
        sys.stderr.close()
        sys.exit(141)
