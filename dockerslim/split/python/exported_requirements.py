"""Requirements files that a manager writes from its lock file, as `poetry export -o requirements.txt` does."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.dockerfile.shell import ShellCommand
from dockerslim.split.python.copied_files import copied_file, mounted_file
from dockerslim.split.python.install import ReadFile
from dockerslim.split.python.managers import Manager, managers
from dockerslim.split.working_folder import placed_commands

VERBS = {"pdm": "export", "pipenv": "requirements", "poetry": "export", "uv": "export"}
OUTPUTS = ("-o", "--output", "--output-file")
REDIRECT = re.compile(r"1?>\s*(?P<path>[^\s&|>]+)")
DEEPEST = 5
"""Stages that a file is copied through."""


@dataclass(frozen=True, slots=True)
class ExportedRequirements:
    """What such a file holds, and the manifest and lock file that it is made of."""

    distributions: tuple[str, ...]
    wheels: frozenset[str]
    files: tuple[ReadFile, ...]
    """Those that the stage's COPYs bring: none where it is made in another stage."""


def exported_requirements(
    case: Case, stage: Stage, path: str, before: Instruction | None = None, depth: int = 0
) -> ExportedRequirements | None:
    """The file that a manager has written to an image path, or that lies there from a stage in which one did."""
    found = None
    for instruction, script in case.runs(stage):
        if before is not None and instruction.span.start > before.span.start:
            break
        for command, folder in placed_commands(script, case.state(instruction).workdir):
            manager = _exporter(command)
            if manager is not None and folder is not None and path in _outputs(command, folder):
                found = _read(case, stage, instruction, command, manager, folder)
    if found is not None or depth > DEEPEST:
        return found
    for placement in reversed(case.files(stage).placements):
        origin = case.dockerfile.stage_named(placement.stage, stage.index) if placement.stage is not None else None
        if origin is not None and placement.target == path:
            copied = exported_requirements(case, origin, placement.source, None, depth + 1)
            return replace(copied, files=()) if copied is not None else None
    return None


def _exporter(command: ShellCommand) -> Manager | None:
    words = command.inner().known_arguments()
    name = posixpath.basename(words[0]) if words else ""
    return managers()[name] if name in VERBS and words[1:2] == (VERBS[name],) else None


def _outputs(command: ShellCommand, folder: str) -> Iterator[str]:
    inner = command.inner()
    words = inner.known_arguments()
    for index, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in OUTPUTS and (equals or index + 1 < len(words)):
            yield posixpath.normpath(posixpath.join(folder, value if equals else words[index + 1]))
    for redirect in inner.redirects:
        match = REDIRECT.fullmatch(redirect.strip())
        if match is not None:
            yield posixpath.normpath(posixpath.join(folder, match["path"]))


def _read(
    case: Case, stage: Stage, instruction: Instruction, command: ShellCommand, manager: Manager, folder: str
) -> ExportedRequirements | None:
    from dockerslim.languages.python.installed import installed_distributions
    from dockerslim.languages.python.locked_wheels import locked_wheels
    from dockerslim.languages.python.own_package import is_package, local_packages
    from dockerslim.languages.python.project import detect

    paths = [posixpath.join(folder, name) for name in (manager.manifest, manager.lock)]
    mounted = [mounted_file(case, instruction, path) for path in paths]
    files = [m or copied_file(case, stage, path, instruction) for m, path in zip(mounted, paths, strict=True)]
    manifest, lock = files
    if case.context is None or manifest is None or lock is None:
        return None
    project = detect(case.context, posixpath.dirname(manifest))
    if project is None:
        return None
    project = replace(project, manager=manager.name, lock_file=lock)  # type: ignore[arg-type]
    words = command.inner().known_arguments()
    brings_itself = manager.name == "uv" and is_package(case.context, project) and "--no-emit-project" not in words
    if (
        brings_itself
        or local_packages(case.context, project)
        or any(word.partition("=")[0] in manager.folder_options for word in words)
    ):
        return None
    everything = any(word.partition("=")[0] in manager.groups for word in words)
    return ExportedRequirements(
        installed_distributions(case.context, project, everything=everything).names,
        locked_wheels(case.context, project),
        tuple(
            ReadFile(file, path)
            for file, path, mount in zip(files, paths, mounted, strict=True)
            if mount is None and file is not None
        ),
    )
