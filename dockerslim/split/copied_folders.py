"""Folders that a COPY surely makes in an image: named by the author, or kept by git for that purpose."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.paths import is_within
from dockerslim.split.order import laid_at
from dockerslim.split.owner_runs import sets_owners

PLACEHOLDERS = frozenset({".gitkeep", ".gitignore", ".keep", ".placeholder", ".empty"})
OF_KEYS = frozenset("cert certs certificates key keys pki private secret secrets ssl tls".split())
"""Names of folders whose files a program reads and had better not be able to change."""


def kept_folders(case: Case) -> Iterator[str]:
    """Folders of the context in which there is nothing but a file that makes git keep them."""
    context = case.context
    if context is None:
        return
    for path in context.files:
        folder, _, name = path.rpartition("/")
        if folder and name in PLACEHOLDERS and all(p.rpartition("/")[2] in PLACEHOLDERS for p in context.under(folder)):
            yield folder


def is_for_keys(folder: str) -> bool:
    """Is the folder named like one of keys or certificates?"""
    return posixpath.basename(folder.rstrip("/")).lower().lstrip(".") in OF_KEYS


def image_paths(case: Case, stage: Stage, folder: str) -> Iterator[str]:
    """Where a folder of the context lies in the stage's image, by way of other stages too."""
    files = case.files(stage)
    yield from files.image_paths(folder)
    for placement in files.placements:
        origin = case.dockerfile.stage_named(placement.stage, stage.index) if placement.stage else None
        if origin is None or not placement.is_folder:
            continue
        for path in image_paths(case, origin, folder):
            if is_within(path, placement.source):
                rest = path[len(placement.source.rstrip("/")) :].lstrip("/")
                yield posixpath.normpath(posixpath.join(placement.target, rest))


def copied_folders(case: Case, stage: Stage) -> frozenset[str]:
    """The absolute folders that the stage's own COPYs make, whoever builds it, and that no RUN below takes away.

    What only lies in this checkout of the context, as a program's own data does, is not among them.
    """
    kept = tuple(kept_folders(case))
    changing = [i for i, script in case.runs(stage) if script.problem or not all(map(sets_owners, script.commands))]
    last = max((i.span.start for i in changing), default=0)
    found: set[str] = set()
    for placement in case.files(stage).placements:
        if placement.stage is not None or not placement.is_folder or placement.instruction.span.start < last:
            continue
        found.add(placement.target.rstrip("/"))
        found.update(path for folder in kept if (path := laid_at(placement, folder)) is not None)
    return frozenset(found)
