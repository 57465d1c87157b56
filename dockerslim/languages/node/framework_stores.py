"""Where the server of a framework keeps what the program stores, if a source of its speaks of a store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dockerslim.languages.node.frameworks import Framework
from dockerslim.languages.node.paths import inside
from dockerslim.languages.node.project import NodeProject


def stored_folders(project: NodeProject, frameworks: Iterable[Framework], files: Sequence[str]) -> Iterator[str]:
    """Folders relative to the project; `files` are the sources of the server, relative to the context."""
    for framework in frameworks:
        words = [word for word in framework.stores if any(word in _text(project, file) for file in files)]
        for word in words:
            yield from framework.stores[word]
        for name in framework.configurations if words else ():
            path = inside(project.folder, name)
            if path is not None and project.context.is_file(path):
                uses = project.sources.read(path).writes
                yield from (f"{use.path}/" for use in uses if use.kind == "cwd" and use.path and use.is_partial)


def _text(project: NodeProject, file: str) -> str:
    return project.context.read_text(file) or ""
