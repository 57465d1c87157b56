"""What an image starts that holds no package.json: files that run as they are, or a server that runs none."""

from __future__ import annotations

import posixpath

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.languages.node import without_manifest
from dockerslim.languages.node.node_arguments import read_node_arguments
from dockerslim.split.node.stage import context_file
from dockerslim.split.node.start import NodeStart, resolved, started_words
from dockerslim.split.start import Start

NODE = frozenset({"node", "nodejs"})


def loose_start(case: Case, stage: Stage, start: Start) -> NodeStart | None:
    """None where it isn't known to be a server, or a file of its isn't in the context by the path that it has here."""
    folder = case.states[stage.index].final.workdir
    if folder is None or case.context is None:
        return None
    folders: set[str] = set()
    for words in start.commands():
        name = read_node_arguments(words[1:]).file if words and posixpath.basename(words[0]) in NODE else None
        if name is None:
            continue
        path = posixpath.normpath(posixpath.join(folder, name))
        place = posixpath.relpath(path, folder)
        source = context_file(case, stage, path)
        if source is None or not f"/{source}".endswith(f"/{place}"):
            return None
        folders.add(source[: -len(place)].rstrip("/"))
    if len(folders) > 1:
        return None
    project = without_manifest(case.context, folders.pop() if folders else "")
    command = resolved(case, stage, project, started_words(case, stage, start, folder), folder)
    found = NodeStart(project, command, folder, is_loose=True)
    if command.kind != "server" or command.package_managers or command.preloads:  # what is in no package.json
        return None
    is_there = all(context_file(case, stage, found.image_path(path)) == path for path in command.entry_files)
    return found if is_there else None
