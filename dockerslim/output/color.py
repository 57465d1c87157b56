"""Whether to colour, and the few escape sequences for it: importing rich takes longer than the work on a file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final, TextIO

RESET: Final = "\x1b[0m"
BOLD: Final = "\x1b[1m"
RED: Final = "\x1b[1;31m"
YELLOW: Final = "\x1b[1;33m"
BLUE: Final = "\x1b[1;34m"
CYAN: Final = "\x1b[1;36m"

_WINDOWS_TERMINALS = ("WT_SESSION", "ANSICON", "ConEmuANSI", "TERM", "TERM_PROGRAM")
"""What terminals on Windows set that understand escape sequences; the old console prints them."""


def use_color(stream: TextIO, environ: Mapping[str, str] | None = None) -> bool:
    """Should text for `stream` be coloured? FORCE_COLOR decides, then NO_COLOR and TERM=dumb, then the stream."""
    environ = os.environ if environ is None else environ
    if forced := environ.get("FORCE_COLOR"):
        return forced not in ("0", "false")
    if environ.get("NO_COLOR") or environ.get("TERM") == "dumb":
        return False
    try:
        if not stream.isatty():
            return False
    except ValueError:  # closed
        return False
    return os.name != "nt" or any(name in environ for name in _WINDOWS_TERMINALS)


def paint(text: str, color: str, enabled: bool) -> str:
    """The text in that colour, or as it is."""
    return f"{color}{text}{RESET}" if enabled and text else text
