"""What the program of an image does to the file system and to others, whatever its language."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from importlib import import_module

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.languages.evidence import Evidence
from dockerslim.split.home_data import HomeDownload
from dockerslim.split.start import Start


@dataclass(frozen=True, slots=True)
class RunningProgram:
    """Facts of what the final stage starts. Paths are absolute in the image.

    `written` are files and, with a `/` at the end, folders that the program writes; `filled` those of the folders that
    a build has filled. `unknown` says in one sentence
    each what could be written besides. `needs_root` is why it can't run as another user; `development_tool` is set
    where the command is a development server.
    """

    written: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    needs_root: str = ""
    development_tool: str = ""
    builds_at_start: bool = False
    """The container builds the program when it starts: its image is one to develop in."""
    reads_home: tuple[Evidence, ...] = ()
    """Where data is looked for below HOME that a RUN may have put there as root."""
    downloads: tuple[HomeDownload, ...] = ()
    """RUNs that put data below root's HOME, which can lie elsewhere."""
    listens_on: tuple[int, ...] = ()
    """Ports that stand in its source."""


def absolute(path: str, workdir: str) -> str:
    """An image path; a `/` at the end stays."""
    joined = posixpath.normpath(posixpath.join(workdir, path))
    return joined.rstrip("/") + "/" if path.endswith("/") else joined


def running_program(case: Case, stage: Stage, start: Start) -> RunningProgram | None:
    """None where the program's source isn't known."""
    for language in LANGUAGES:
        if language not in case.languages:
            continue
        found: RunningProgram | None = import_module(f"dockerslim.split.{language}.running").read(case, stage, start)
        if found is not None:
            return found
    return None


LANGUAGES = ("go", "node", "python")
"""Each has a reader, loaded where the language is in use."""
