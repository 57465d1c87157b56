"""What an image starts, however the project's files have come into it."""

from __future__ import annotations

import posixpath

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.images.files import Placement
from dockerslim.languages.node import NodeProject
from dockerslim.languages.node.node_arguments import read_node_arguments
from dockerslim.paths import is_below, is_within
from dockerslim.split.node.compiled import with_bundles
from dockerslim.split.node.loose_start import NODE, loose_start
from dockerslim.split.node.stage import context_file, project_at
from dockerslim.split.node.start import NodeStart, node_start, resolved, started_words
from dockerslim.split.start import Start


def image_start(case: Case, stage: Stage, start: Start) -> NodeStart | None:
    """A start of the project in the work folder, of outputs of a project, or of files that belong to none."""
    return _start_of_outputs(case, stage, start) or node_start(case, stage, start) or loose_start(case, stage, start)


def _start_of_outputs(case: Case, stage: Stage, start: Start) -> NodeStart | None:
    """For `COPY --from=build /src/dist ./` and `node index.js`: the program is the project's `dist/index.js`."""
    folder = case.states[stage.index].final.workdir
    words = start.words or ()
    name = read_node_arguments(words[1:]).file if words and posixpath.basename(words[0]) in NODE else None
    if folder is None or name is None:
        return None
    path = posixpath.normpath(posixpath.join(folder, name))
    if not is_below(path, folder) or context_file(case, stage, path) is not None:
        return None
    carrier = _carrier(case, stage, folder)
    origin = case.dockerfile.stage_named(carrier.stage, stage.index) if carrier and carrier.stage else None
    if carrier is None or origin is None:
        return None
    outputs = posixpath.normpath(posixpath.join(carrier.source, posixpath.relpath(folder, carrier.target)))
    found = _project_above(case, origin, outputs)
    if found is None:
        return None
    project, above = found
    inner = posixpath.relpath(outputs, above)
    entry = posixpath.join(inner, posixpath.relpath(path, folder))
    given = started_words(case, stage, start, folder)
    at = words.index(name)
    project = with_bundles(case, project)
    command = resolved(case, stage, project, (*given[:at], f"./{entry}", *given[at + 1 :]), folder)
    return NodeStart(project, command, folder, outputs=posixpath.join(project.folder, inner))


def _carrier(case: Case, stage: Stage, folder: str) -> Placement | None:
    """The COPY that lays a folder of another stage into the work folder, or above it; None where several COPYs do."""
    reaching = [p for p in case.files(stage).placements if p.is_folder and is_within(folder, p.target)]
    return reaching[0] if len(reaching) == 1 and reaching[0].stage is not None else None


def _project_above(case: Case, stage: Stage, folder: str) -> tuple[NodeProject, str] | None:
    """The project whose package.json lies nearest above an image folder, not in it; and where that is."""
    if project_at(case, stage, folder) is not None:
        return None
    while folder != "/":
        folder = posixpath.dirname(folder)
        project = project_at(case, stage, folder)
        if project is not None:
            return project, folder
    return None
