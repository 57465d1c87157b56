"""Programs that `bun build` makes: where their source lies, and which commands of the file make them."""

from __future__ import annotations

import posixpath
import shlex
from dataclasses import replace

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.languages.node import NodeProject
from dockerslim.split.node.stage import project_at
from dockerslim.split.working_folder import placed_commands


def project_of_program(
    case: Case, stage: Stage, folder: str, words: tuple[str, ...]
) -> tuple[NodeProject | None, tuple[str, ...]]:
    """The project of another stage which made the one program that is copied from there and started.

    The words come back with the program's path in that project; `folder` is the work folder.
    """
    if not words or "/" not in words[0]:
        return None, words
    place = posixpath.normpath(posixpath.join(folder, words[0]))
    for placement in reversed(case.files(stage).placements):
        source, target = placement.source.rstrip("/"), placement.target.rstrip("/") or "/"
        is_it = target == place or posixpath.join(target, posixpath.basename(source)) == place
        other = case.dockerfile.stage_named(placement.stage, stage.index) if placement.stage and is_it else None
        above = posixpath.dirname(source) if other is not None else "/"
        while other is not None and above != "/":
            project = project_at(case, other, above)
            if project is not None:
                return project, (f"./{posixpath.relpath(source, above)}", *words[1:])
            above = posixpath.dirname(above)
    return None, words


def with_bundles(case: Case, project: NodeProject) -> NodeProject:
    """The project, in which a bundle that a RUN makes counts like one that a script makes."""
    found: dict[str, str] = {}
    for stage in case.dockerfile.stages:
        for instruction, script in case.runs(stage):
            for command, folder in placed_commands(script, case.state(instruction).workdir):
                words = command.inner().known_arguments()
                if words[:2] != ("bun", "build") or folder is None:
                    continue
                other = project_at(case, stage, folder, instruction)
                if other is not None and other.folder == project.folder:
                    found[f"RUN {len(found) + 1}"] = shlex.join(words)
    if not found:
        return project
    return replace(project, manifest=replace(project.manifest, scripts={**project.manifest.scripts, **found}))
