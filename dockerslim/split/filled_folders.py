"""Folders that a build has filled and that the program writes into: they change hands in the stage that built them.

A `chown` below the COPY that brings them would store each of their files a second time, in a layer of its own.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.images.files import Placement
from dockerslim.paths import is_within, overlap
from dockerslim.split.needs_root import instructions_of

STEPS = frozenset({"RUN", "COPY", "ADD", "WORKDIR"})


@dataclass(frozen=True, slots=True)
class FilledFolders:
    """`folders` of the runtime stage's image, which lie at `sources` in the stage `origin`; `last` is its last step."""

    origin: Stage
    last: Instruction
    folders: tuple[str, ...]
    sources: tuple[str, ...]


def filled_folders(case: Case, stage: Stage, folders: Collection[str], filled: Collection[str]) -> FilledFolders | None:
    """Those of the absolute `folders` that come along with a folder of one other stage, where one of them is `filled`.

    None where they don't, or something else of the stage lays files there.
    """
    carriers = {folder: _carrier(case, stage, folder) for folder in folders}
    carrier = next((carriers[folder] for folder in sorted(carriers) if folder in filled), None)
    if carrier is None or carrier.stage is None:
        return None
    origin = case.dockerfile.stage_named(carrier.stage, stage.index)
    if origin is None:
        return None
    state = case.states[origin.index].final
    steps = [i for i in origin.instructions if i.keyword in STEPS]
    if not steps or state.is_root is not True or state.image is None or not state.image.has_shell:
        return None
    found = tuple(sorted(folder for folder, other in carriers.items() if other == carrier))
    sources = tuple(posixpath.join(carrier.source, posixpath.relpath(f, carrier.target)) for f in found)
    return FilledFolders(origin, steps[-1], found, sources)


def _carrier(case: Case, stage: Stage, folder: str) -> Placement | None:
    """The COPY out of another stage that alone brings what lies in the folder, with its owners."""
    files = case.files(stage)
    reaching = [p for p in files.placements if overlap(folder, p.target)]
    if files.unknown or len(reaching) != 1:
        return None
    carrier = reaching[0]
    is_whole = carrier.is_folder and folder != carrier.target.rstrip("/") and is_within(folder, carrier.target)
    if carrier.stage is None or not is_whole or carrier.instruction.flag("chown"):
        return None
    # Neither the cache of the distribution's packages nor an option such as `--no-cache`.
    name = re.compile(rf"(?<![\w.-])(?<!/var/){re.escape(posixpath.basename(folder))}(?![\w-])")
    runs = (i for i in instructions_of(case, stage) if i.keyword == "RUN")
    return None if any(name.search(case.script(run).source.text) for run in runs) else carrier
