"""Files of the build context that lie at a path of the image when a command of Python's runs."""

from __future__ import annotations

import posixpath
from collections.abc import Collection

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.images.files import context_source
from dockerslim.paths import is_below
from dockerslim.split.cache_mounts import mount_options
from dockerslim.split.python.pip_command import PipCommand
from dockerslim.split.python.project_command import ProjectCommand


def image_path(path: str, command: PipCommand | ProjectCommand) -> str | None:
    """The absolute path of one that a command is given."""
    if path.startswith("/"):
        return posixpath.normpath(path)
    return None if command.folder is None else posixpath.normpath(posixpath.join(command.folder, path))


def copied_file(
    case: Case,
    stage: Stage,
    path: str,
    before: Instruction | None = None,
    without: Collection[Instruction] = (),
) -> str | None:
    """The context's file that a COPY lays at an image path, the last one that has it; `without` are not asked."""
    if case.context is None:
        return None
    for placement in reversed(case.files(stage).placements):
        carrier = placement.instruction
        if placement.stage is not None or carrier in without:
            continue
        if before is not None and carrier.span.start > before.span.start:
            continue
        source = placement.source
        if placement.is_folder and is_below(path, placement.target):
            rest = path[len(placement.target.rstrip("/")) + 1 :]
            source = posixpath.join(placement.source, rest) if placement.source else rest
        elif path != placement.target:
            continue
        if case.context.is_file(source):
            return source
    return None


def mounted_file(case: Case, instruction: Instruction, path: str) -> str | None:
    """A file of the context that a bind mount of the RUN lays there."""
    state = case.state(instruction)
    for flag in instruction.flags:
        options = mount_options(flag.value or "") if flag.name == "mount" else {}
        if flag.name != "mount" or options.get("type", "bind") != "bind" or options.get("from"):
            continue
        target = state.path(options.get("target") or options.get("dst") or options.get("destination") or "")
        source = context_source(options.get("source") or options.get("src") or "")
        if case.context is None or target is None:
            continue
        found = source if target == path else None
        if is_below(path, target):
            rest = path[len(target.rstrip("/")) + 1 :]
            found = posixpath.join(source, rest) if source else rest
        if found is not None and case.context.is_file(found):
            return found
    return None
