"""What a stage does with a Node project: where its package.json lies and which commands run package managers."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.dockerfile.shell import Script, ShellCommand
from dockerslim.languages.node import NodeProject
from dockerslim.paths import is_below
from dockerslim.split.node.install import NodeInstall, read_install
from dockerslim.split.working_folder import placed_commands

MANIFEST = "package.json"


@dataclass(frozen=True, slots=True)
class InstallCommand:
    """An install in a RUN; `folder` is the absolute folder that it works in, None where that can't be told."""

    instruction: Instruction
    script: Script
    command: ShellCommand
    install: NodeInstall
    folder: str | None


def is_node_stage(case: Case, stage: Stage) -> bool:
    """Is the stage built on an image of Node that is known?"""
    image = case.states[stage.index].final.image
    return image is not None and image.language == "node" and image.known and not image.is_windows


def install_commands(case: Case, stage: Stage) -> Iterator[InstallCommand]:
    """The installs at the top level of the stage's RUNs, in order."""
    for instruction, script in case.runs(stage):
        for command, folder in placed_commands(script, case.state(instruction).workdir):
            install = read_install(command.inner().known_arguments())
            if install is not None:
                yield InstallCommand(instruction, script, command, install, _folder(install, folder))


def _folder(install: NodeInstall, folder: str | None) -> str | None:
    named = install.folder
    if named is None or install.is_global:
        return folder
    if "$" in named or "~" in named or (folder is None and not named.startswith("/")):
        return None
    return posixpath.normpath(posixpath.join(folder or "/", named))


def project_at(case: Case, stage: Stage, folder: str, before: Instruction | None = None) -> NodeProject | None:
    """The project whose package.json lies in an image folder, by whichever COPY laid it there."""
    path = context_file(case, stage, posixpath.join(folder, MANIFEST), before)
    return case.node_project(posixpath.dirname(path)) if path is not None else None


def project_of_outputs(case: Case, stage: Stage, folder: str) -> NodeProject | None:
    """The project of another stage that folders were copied from, each by its own name: `/app/dist` to `/app/dist`.

    For an image that holds what a build has made, and no package.json. Nothing is told of `/`, which holds the system.
    """
    if folder == "/":
        return None
    for placement in reversed(case.files(stage).placements):
        if placement.stage is None or not is_below(placement.target, folder):
            continue
        name = placement.target[len(folder.rstrip("/")) :].rstrip("/")
        source = placement.source.rstrip("/")
        other = case.dockerfile.stage_named(placement.stage, stage.index)
        if other is not None and source.endswith(name):
            project = project_at(case, other, source[: -len(name)] or "/")
            if project is not None:
                return project
    return None


def context_file(case: Case, stage: Stage, path: str, before: Instruction | None = None) -> str | None:
    """The file of the build context that lies at an image path, copied here or in a stage that this one copies from."""
    current: Stage | None = stage
    for _ in range(len(case.dockerfile.stages)):
        if current is None:
            return None
        found = _laid_file(case, current, path, before)
        if found is None or isinstance(found, str):
            if found is not None:
                return found
            current, before = case.states[current.index].base_stage, None
        else:
            current, path, before = *found, None
    return None


def _laid_file(case: Case, stage: Stage, path: str, before: Instruction | None) -> str | tuple[Stage, str] | None:
    """A file of the context, or a path in another stage."""
    for placement in reversed(case.files(stage).placements):
        if before is not None and placement.instruction.span.start >= before.span.start:
            continue
        if path == placement.target:
            source = placement.source
        elif placement.is_folder and is_below(path, placement.target):
            source = posixpath.join(placement.source, path[len(placement.target.rstrip("/")) + 1 :])
        else:
            continue
        if placement.stage is not None:
            other = case.dockerfile.stage_named(placement.stage, stage.index)
            if other is not None:
                return other, source
        elif case.context is not None and case.context.is_file(source):
            return source
    return None
