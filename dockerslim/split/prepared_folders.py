"""Folders that the author prepared for the program: made by a RUN, copied with just a placeholder in them, or volumes.

What is written there, or laid there before a build, is the program's: keys among it are often their owner's only.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.paths import is_within
from dockerslim.split.made_files import made_folders
from dockerslim.split.ownership import SYSTEM_FOLDERS, SYSTEM_PREFIXES

OF_INSTALLERS = frozenset({".venv", "bundle", "node_modules", "site-packages", "vendor", "venv"})
"""Folders that hold what the build has installed."""
PLACEHOLDERS = frozenset({".gitkeep", ".gitignore", ".keep", ".placeholder", ".empty"})


def prepared_folders(case: Case, stage: Stage) -> tuple[str, ...]:
    """Those of the stage's image, copied there by way of another stage too: absolute, with a `/` at the end."""
    made = [path for path in _made(case, stage) if not _is_filled(case, stage, path)]
    copied = [path for folder in _placeholders(case) for path in _image_paths(case, stage, folder)]
    mounted = [path for path in _mounted(case, stage) if not _is_filled(case, stage, path)]
    kept = [p for p in (*made, *copied, *mounted) if p not in SYSTEM_FOLDERS and not p.startswith(SYSTEM_PREFIXES)]
    return tuple(dict.fromkeys(path + "/" for path in kept))


def _made(case: Case, stage: Stage) -> Iterator[str]:
    """Folders that `mkdir` makes here, or in a stage that they are copied from."""
    yield from made_folders(case, stage)
    for placement in case.files(stage).placements:
        origin = case.dockerfile.stage_named(placement.stage, stage.index) if placement.stage else None
        if origin is not None and placement.is_folder and placement.source in set(_made(case, origin)):
            yield placement.target


def _mounted(case: Case, stage: Stage) -> Iterator[str]:
    """Where volumes are: a new one takes over the owner that the folder has in the image, and is root's without it.

    None in an image without a shell, where nothing makes a folder.
    """
    image = case.states[stage.index].final.image
    if image is None or not image.has_shell:
        return
    named = {m.target for s in case.usage.services if not s.user for m in s.volumes if m.kind == "volume"}
    for path in sorted(named | set(case.states[stage.index].final.volumes)):
        source = case.files(stage).context_path(path)
        is_source = source is not None and case.context is not None and case.context.has(source)
        if path.startswith("/") and not is_source and posixpath.basename(path) not in OF_INSTALLERS:
            yield posixpath.normpath(path)


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
            if is_within(path, placement.source):
                rest = path[len(placement.source.rstrip("/")) :].lstrip("/")
                yield posixpath.normpath(posixpath.join(placement.target, rest))
