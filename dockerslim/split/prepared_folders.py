"""Folders that the author prepared for the program: made by a RUN, copied with just a placeholder in them, or volumes.

What is written there, or laid there before a build, is the program's; not so keys, which it only reads.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.split.copied_folders import image_paths, is_for_keys, kept_folders
from dockerslim.split.made_files import made_folders
from dockerslim.split.ownership import SYSTEM_FOLDERS, SYSTEM_PREFIXES

OF_INSTALLERS = frozenset({".venv", "bundle", "node_modules", "site-packages", "vendor", "venv"})
"""Folders that hold what the build has installed."""


def prepared_folders(case: Case, stage: Stage) -> tuple[str, ...]:
    """Those of the stage's image, copied there by way of another stage too: absolute, with a `/` at the end."""
    made = [path for path in _made(case, stage) if not _is_filled(case, stage, path)]
    kept = [folder for folder in kept_folders(case) if not is_for_keys(folder)]
    copied = [path for folder in kept for path in image_paths(case, stage, folder)]
    mounted = [path for path in _mounted(case, stage) if not _is_filled(case, stage, path)]
    own = [p for p in (*made, *copied, *mounted) if p not in SYSTEM_FOLDERS and not p.startswith(SYSTEM_PREFIXES)]
    return tuple(dict.fromkeys(path + "/" for path in own))


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
