"""Where the files of a stage come from: which COPY laid which part of the build context, or of another stage, where."""

from __future__ import annotations

import posixpath
from collections.abc import Collection
from dataclasses import dataclass

from dockerslim.context.build_context import BuildContext
from dockerslim.dockerfile import Instruction
from dockerslim.images.state import ImageState, StageStates

FOLDERS = frozenset({".keystone", ".medusa", ".next", ".nuxt", ".output", ".svelte-kit", ".venv", ".yarn", ".prisma"})
"""What builds and installs leave under a name that looks like a file's."""


@dataclass(frozen=True, slots=True)
class Placement:
    """One source of a COPY or ADD.

    `source` is the path in the context (or in the stage `stage`), normalised, "" for its root; `target` the absolute
    path in the image. A folder's contents land below `target`.
    """

    instruction: Instruction
    source: str
    target: str
    is_folder: bool
    stage: str | None = None
    matches: tuple[str, ...] = ()
    """The context's files that the source names, where it is a pattern or a file."""


@dataclass(frozen=True)
class StageFiles:
    """The placements of a stage in order; `complete` is False where one of them can't be told."""

    placements: tuple[Placement, ...]
    unknown: tuple[Instruction, ...]
    missing: tuple[tuple[Instruction, str], ...]
    """Sources that the context lacks: the file can't be built as it stands."""
    downloads: tuple[Instruction, ...] = ()
    """Those of the unknown ones that fetch files from addresses, and lay nothing into the work folder."""

    def context_path(self, path: str, before: Instruction | None = None) -> str | None:
        """The context's file or folder that lies at an image path, by the last COPY that can have laid it there."""
        for placement in reversed(self.placements):
            if before is not None and placement.instruction.span.start >= before.span.start:
                continue
            if placement.stage is not None:
                continue
            if path == placement.target:
                return placement.source
            prefix = placement.target.rstrip("/") + "/"
            if placement.is_folder and path.startswith(prefix):
                return posixpath.join(placement.source, path[len(prefix) :]).lstrip("/")
        return None

    def image_paths(self, path: str) -> tuple[str, ...]:
        """Where a context's file or folder lies in the image."""
        found = []
        for placement in self.placements:
            if placement.stage is not None:
                continue
            if placement.source == path:
                found.append(placement.target)
            elif placement.is_folder and (not placement.source or path.startswith(placement.source + "/")):
                rest = path[len(placement.source) :].lstrip("/")
                found.append(posixpath.normpath(posixpath.join(placement.target, rest)))
        return tuple(dict.fromkeys(found))


def stage_files(states: StageStates, context: BuildContext | None) -> StageFiles:
    placements: list[Placement] = []
    unknown: list[Instruction] = []
    missing: list[tuple[Instruction, str]] = []
    folders: set[str] = {"/"}
    for instruction, state in zip(states.stage.instructions, states.before, strict=True):
        _add_folders(folders, state.workdir)
        if instruction.keyword not in ("COPY", "ADD"):
            continue
        found = _placements(instruction, state, context, missing, folders)
        if found is None:
            unknown.append(instruction)
            continue
        placements.extend(found)
        for placement in found:
            _add_folders(folders, placement.target if placement.is_folder else posixpath.dirname(placement.target))
    workdir = states.final.workdir
    downloads = tuple(i for i in unknown if _is_download(i, states.at(i), workdir))
    return StageFiles(tuple(placements), tuple(unknown), tuple(missing), downloads)


def _is_download(instruction: Instruction, state: ImageState, workdir: str | None) -> bool:
    sources = [state.expand(word.text, instruction.escape) or word.text for word in instruction.words[:-1]]
    if instruction.keyword != "ADD" or not sources or not all(_is_address_of_file(source) for source in sources):
        return False
    target = state.path(state.expand(instruction.words[-1].text, instruction.escape) or "")
    folder = (workdir or "/").rstrip("/") + "/"
    return target is not None and target != "/" and not f"{target}/".startswith(folder)


def _is_address_of_file(source: str) -> bool:
    return source.startswith(("http://", "https://")) and not source.partition("#")[0].endswith(".git")


def _add_folders(folders: set[str], folder: str | None) -> None:
    """A folder that is there by now, and those above it: a file that is copied to it lands in it."""
    while folder is not None and folder not in folders:
        folders.add(folder)
        folder = posixpath.dirname(folder)


def _placements(
    instruction: Instruction,
    state: ImageState,
    context: BuildContext | None,
    missing: list[tuple[Instruction, str]],
    folders: Collection[str],
) -> list[Placement] | None:
    if instruction.heredocs or instruction.flag("parents") or instruction.flag("exclude"):
        return None
    words = [state.expand(word.text, instruction.escape) for word in instruction.words]
    if len(words) < 2 or any(word is None for word in words):
        return None
    sources = [word for word in words[:-1] if word is not None]
    destination = words[-1] or ""
    target = state.path(destination)
    if target is None:
        return None
    stage = instruction.flag_value("from")
    # WORKDIR has made its folder, so that a file lands in it whether or not the destination ends in a slash.
    into_folder = destination.endswith("/") or len(sources) > 1 or target in folders
    found: list[Placement] = []
    for source in sources:
        if instruction.keyword == "ADD" and is_remote(source):
            return None
        path = context_source(source)
        if stage is not None:
            found.append(_stage_placement(instruction, path, source, target, into_folder, stage))
            continue
        if context is None:
            return None
        placed = _context_placement(instruction, path, target, into_folder, context)
        if placed is None:
            missing.append((instruction, source))
        else:
            found.extend(placed)
    return found


def is_remote(source: str) -> bool:
    return "://" in source or source.startswith("git@") or source.endswith(".git")


def context_source(source: str) -> str:
    """A COPY source as a path in the context: leading `/` and `../` dropped, "" for the root."""
    path = posixpath.normpath("/" + source).lstrip("/")
    return "" if path == "." else path


def _stage_placement(
    instruction: Instruction, path: str, source: str, target: str, into_folder: bool, stage: str
) -> Placement:
    # Whether a path of another stage is a folder can't be seen; one that is copied "into" keeps its name if a file.
    name = posixpath.basename(path)
    is_file_like = "." in name and name not in FOLDERS and not source.endswith("/")
    if into_folder and is_file_like:
        return Placement(instruction, "/" + path, posixpath.join(target, name), False, stage)
    return Placement(instruction, "/" + path, target, not is_file_like, stage)


def _context_placement(
    instruction: Instruction, path: str, target: str, into_folder: bool, context: BuildContext
) -> list[Placement] | None:
    if any(char in path for char in "*?["):
        matches = context.glob(path)
        folders = _folder_matches(path, context)
        if not matches and not folders:
            return []
        found = [
            Placement(instruction, m, posixpath.join(target, posixpath.basename(m)), False, None, (m,)) for m in matches
        ]
        found.extend(Placement(instruction, folder, target, True) for folder in sorted(folders))
        return found
    if context.is_file(path):
        place = posixpath.join(target, posixpath.basename(path)) if into_folder else target
        return [Placement(instruction, path, place, False, None, (path,))]
    if context.is_folder(path):
        return [Placement(instruction, path, target, True)]
    return None


def _folder_matches(pattern: str, context: BuildContext) -> set[str]:
    import fnmatch

    depth = pattern.count("/") + 1
    folders = {"/".join(path.split("/")[:depth]) for path in context.files if path.count("/") >= depth}
    parts = pattern.split("/")
    return {
        folder
        for folder in folders
        if all(fnmatch.fnmatchcase(a, b) for a, b in zip(folder.split("/"), parts, strict=True))
    }
