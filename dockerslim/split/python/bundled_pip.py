"""The pip that a new virtual environment brings, against the image's own.

The `venv` module installs the pip that lies in the interpreter's release; the images carry a newer one. An old one
does not find wheels of newer manylinux tags, and resolves requirements otherwise.
"""

from __future__ import annotations

import re

from dockerslim.images.version import Version
from dockerslim.split.python.pip_command import PipCommand
from dockerslim.split.python.project_command import ProjectCommand

FIRST_LINE = (3, 7)
"""The first line whose last release, which is what its tag stands for, brings the pip of its image."""
SINCE_PATCH = {(3, 7): 13, (3, 8): 13, (3, 9): 11, (3, 10): 3}
"""The first releases with pip 22.0.4 (https://github.com/python/cpython/issues/91141); all of 3.11 have a newer one."""

WHY_PIP = "# the image's own pip: the one that venv brings is older"


def brings_older_pip(version: Version | None) -> bool:
    """Does `python -m venv` of a release, as a tag gives it (`3.6`, `3.8.2`), install an older pip than the image's?"""
    if version is None:
        return False
    if version[:2] < FIRST_LINE:
        return True
    return len(version) > 2 and version[2] < SINCE_PATCH.get((version[0], version[1]), 0)


def installs_pip(command: PipCommand | ProjectCommand) -> bool:
    """Does it install a pip, so that the one before matters to itself alone?"""
    names = command.names if isinstance(command, PipCommand) else ()
    return any(re.split(r"[=<>!~]", name, maxsplit=1)[0] == "pip" for name in names)


def image_pip(folder: str) -> str:
    """Shell words that put the image's pip into an environment, as long as that environment is not on PATH."""
    return f"{folder}/bin/pip install \"pip==$(pip --version | cut -d ' ' -f 2)\""
