"""Folders that the author prepared for the program to write into: made by a RUN, or copied with nothing in them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.split.ownership import SYSTEM_FOLDERS, SYSTEM_PREFIXES

PLACEHOLDERS = frozenset({".gitkeep", ".gitignore", ".keep", ".placeholder", ".empty"})
HOLDS_SECRETS = re.compile(r"(cert|key|secret|credential|token|ssl|tls)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PreparedFolders:
    """`written` are absolute, with a `/` at the end; `secrets` is a folder for keys."""

    written: tuple[str, ...] = ()
    secrets: str = ""


def prepared_folders(case: Case, stage: Stage) -> PreparedFolders:
    """Those of the stage's image, copied there by way of another stage too."""
    made = [path for path in _made(case, stage) if not _is_filled(case, stage, path)]
    written: list[str] = []
    secrets = ""
    for folder in _placeholders(case):
        for path in _image_paths(case, stage, folder):
            if HOLDS_SECRETS.search(posixpath.basename(folder)):
                secrets = folder
            else:
                written.append(path)
    kept = [p for p in (*made, *written) if p not in SYSTEM_FOLDERS and not p.startswith(SYSTEM_PREFIXES)]
    return PreparedFolders(tuple(dict.fromkeys(path + "/" for path in kept)), secrets)


def _made(case: Case, stage: Stage) -> Iterator[str]:
    """Folders that `mkdir` makes here, or in a stage that they are copied from."""
    for instruction, script in case.runs(stage):
        for command in script.commands:
            inner = command.inner()
            words = inner.arguments
            state = case.state(instruction)
            if words and posixpath.basename(words[0]) == "mkdir" and not any("{" in word for word in words):
                paths = (state.path(word) for word in words[1:] if not word.startswith("-"))
                yield from (path for path in paths if path is not None)
    for placement in case.files(stage).placements:
        origin = case.dockerfile.stage_named(placement.stage, stage.index) if placement.stage else None
        if origin is not None and placement.is_folder and placement.source in set(_made(case, origin)):
            yield placement.target


def _is_filled(case: Case, stage: Stage, path: str) -> bool:
    """Is something copied into the folder, or is it where the stage works?"""
    below = path.rstrip("/") + "/"
    state = case.states[stage.index].final
    if state.workdir is not None and (state.workdir == path or state.workdir.startswith(below)):
        return True
    return any(
        p.target.startswith(below) or (p.target == path and p.stage is None) for p in case.files(stage).placements
    )


def _placeholders(case: Case) -> Iterator[str]:
    """Folders of the context in which there is nothing but a file that makes git keep them."""
    context = case.context
    if context is None:
        return
    for path in context.files:
        folder, _, name = path.rpartition("/")
        if folder and name in PLACEHOLDERS and all(p.rpartition("/")[2] in PLACEHOLDERS for p in context.under(folder)):
            yield folder


def _image_paths(case: Case, stage: Stage, folder: str) -> Iterator[str]:
    """Where a folder of the context lies in the stage's image."""
    files = case.files(stage)
    yield from files.image_paths(folder)
    for placement in files.placements:
        origin = case.dockerfile.stage_named(placement.stage, stage.index) if placement.stage else None
        if origin is None or not placement.is_folder:
            continue
        for path in _image_paths(case, origin, folder):
            if path == placement.source or path.startswith(placement.source.rstrip("/") + "/"):
                rest = path[len(placement.source.rstrip("/")) :].lstrip("/")
                yield posixpath.normpath(posixpath.join(placement.target, rest))
