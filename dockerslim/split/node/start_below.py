"""What an image starts of a project below the work folder: `npm start --prefix server`, `node server/index.js`."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.languages.node import without_manifest
from dockerslim.languages.node.node_arguments import read_node_arguments
from dockerslim.languages.node.package_runners import RUNNERS, ProgramRun, ScriptRun, read_run
from dockerslim.split.node.stage import context_file, project_at
from dockerslim.split.node.start import NodeStart, resolved, started_words
from dockerslim.split.start import Start

NODE = frozenset({"node", "nodejs"})


def start_below(case: Case, stage: Stage, start: Start) -> NodeStart | None:
    """None where no package.json of the context lies in the one folder that the command leads to, or in the work folder
    there is one, too."""
    workdir = case.states[stage.index].final.workdir
    if workdir is None or case.context is None or project_at(case, stage, workdir) is not None:
        return None
    names = (name for words in start.commands() for name in _named(words))
    folders = {_place(case, stage, name) for name in names} - {None}
    folder = folders.pop() if len(folders) == 1 else None
    if folder is None:
        return None
    project = project_at(case, stage, folder)
    place = posixpath.relpath(folder, workdir)
    if project is None or not f"/{project.folder}".endswith(f"/{place}"):
        return None
    above = without_manifest(case.context, project.folder[: -len(place)].rstrip("/"))
    command = resolved(case, stage, above, started_words(case, stage, start, workdir), workdir)
    found = NodeStart(project, command, folder)
    is_there = all(context_file(case, stage, found.image_path(path)) in (path, None) for path in command.entry_files)
    return found if is_there else None


def _named(words: tuple[str, ...]) -> Iterator[str]:
    """The folders and files below the work folder that a command names."""
    if not words:
        return
    program = posixpath.basename(words[0])
    if program in RUNNERS:
        run = read_run((program, *words[1:]), {})
        if isinstance(run, (ScriptRun, ProgramRun)) and run.folder:
            yield run.folder
    elif program == "cd" and len(words) == 2:
        yield words[1]
    elif program in NODE:
        file = read_node_arguments(words[1:]).file
        if file is not None and "/" in file:
            yield posixpath.dirname(file)


def _place(case: Case, stage: Stage, name: str) -> str | None:
    """The image folder of the nearest package.json, in this folder or above it, that is below the work folder."""
    workdir = case.states[stage.index].final.workdir or "/"
    folder = posixpath.normpath(posixpath.join(workdir, name))
    while folder != "/" and folder.startswith(workdir.rstrip("/") + "/"):
        if project_at(case, stage, folder) is not None:
            return folder
        folder = posixpath.dirname(folder)
    return None
