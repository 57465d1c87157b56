"""The project as it lies in an image: a build context whose paths are those of the image.

Readers of a project find modules and data by paths beside each other; which file of the build context lies beside
which is a matter of the stage's COPYs.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dockerslim.case import Case
from dockerslim.context.build_context import BuildContext
from dockerslim.dockerfile import Stage
from dockerslim.images.files import Placement
from dockerslim.paths import is_within
from dockerslim.split.order import laid_at, placement_files

DEEPEST = 20
"""Stages that a file is followed through."""


@dataclass(frozen=True, slots=True)
class ImageView:
    """`context` holds the files by their image paths, without the `/` in front; `sources` says which ones they are."""

    context: BuildContext
    sources: Mapping[str, str]

    def source(self, path: str) -> str | None:
        """The build context's file at an image path."""
        return self.sources.get(path.lstrip("/"))

    def read_text(self, path: str) -> str | None:
        """The text of the file at an image path."""
        return self.context.read_text(path.lstrip("/"))


Made = Callable[[Stage], Iterable[tuple[str, str]]]
"""The files that a stage's RUNs have made of files of the build context, as (image path, context path)."""


def image_view(case: Case, stage: Stage, made: Made = lambda stage: ()) -> ImageView:
    """What the stage's COPYs lay down, those out of other stages of the file too; and what RUNs have made."""
    sources = MappingProxyType(dict(_files(case, stage, made, 0)))
    original = case.context

    def read(path: str, limit: int) -> bytes:
        if original is None:
            raise FileNotFoundError(path)
        return original.reader(sources[path], limit)

    return ImageView(BuildContext(None, tuple(sorted(sources)), read), sources)


def source_at(case: Case, stage: Stage, path: str, depth: int = 0) -> str | None:
    """The build context's file or folder that lies at an image path, copied there by way of other stages too."""
    if depth > DEEPEST:
        return None
    name = posixpath.basename(path)
    for placement in reversed(case.files(stage).placements):
        target = placement.target.rstrip("/") or "/"
        if not is_within(path, target):
            continue
        rest = path[len(target.rstrip("/")) :].lstrip("/")
        if placement.stage is None:
            if path == target or placement.is_folder:
                return posixpath.join(placement.source, rest).rstrip("/")
            continue
        origin = case.dockerfile.stage_named(placement.stage, stage.index)
        if origin is None:
            continue
        candidates = [posixpath.join(placement.source, rest).rstrip("/")]
        if rest == name and posixpath.basename(placement.source) == name:
            candidates.insert(0, placement.source)  # a file that is copied into a folder
        for candidate in candidates:
            found = source_at(case, origin, candidate, depth + 1)
            if found is not None and case.context is not None and case.context.has(found):
                return found
    below = case.states[stage.index].base_stage
    return source_at(case, below, path, depth + 1) if below is not None else None


def _files(case: Case, stage: Stage, made: Made, depth: int) -> Iterator[tuple[str, str]]:
    """(image path, context path); what comes later lies over what came before."""
    if depth > DEEPEST:
        return
    below = case.states[stage.index].base_stage
    if below is not None:
        yield from _files(case, below, made, depth + 1)
    for placement in case.files(stage).placements:
        if placement.stage is None:
            for file in placement_files(case, placement):
                path = laid_at(placement, file)
                if path is not None:
                    yield path.lstrip("/"), file
            continue
        source = case.dockerfile.stage_named(placement.stage, stage.index)
        if source is not None:
            yield from _copied(dict(_files(case, source, made, depth + 1)), placement)
    for path, file in made(stage):
        yield path.lstrip("/"), file


def _copied(files: Mapping[str, str], placement: Placement) -> Iterator[tuple[str, str]]:
    """The files that a COPY takes out of another stage."""
    source, target = placement.source.strip("/"), placement.target.strip("/")
    if source in files:
        yield target, files[source]
        yield posixpath.join(target, posixpath.basename(source)), files[source]
        return
    prefix = source + "/" if source else ""
    for path, file in files.items():
        if path.startswith(prefix):
            yield posixpath.join(target, path[len(prefix) :]), file
