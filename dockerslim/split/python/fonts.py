"""Fonts of the full image that a program opens: slim has none."""

from __future__ import annotations

import posixpath

from dockerslim.case import Case
from dockerslim.split.python.program import StartedPrograms, facts_of_source

FOLDER = "/usr/share/fonts/truetype/dejavu/"
"""The full image has these, by way of fontconfig."""
PACKAGE = "fonts-dejavu-core"


def font_packages(case: Case, programs: StartedPrograms) -> tuple[str, ...]:
    """The package of the DejaVu fonts where the program names a file of them that isn't its own."""
    brought = {posixpath.basename(path) for path in programs.view.sources}
    named = (path.path for path in facts_of_source(case, programs).reads)
    found = [path for path in named if path.startswith(FOLDER) or posixpath.basename(path).startswith("DejaVu")]
    return (PACKAGE,) if any(posixpath.basename(path) not in brought for path in found) else ()
