"""Servers of frameworks that the program starts itself, by an import: data, in frameworks.toml."""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass
from importlib import resources

from dockerslim.languages.node.command import Command
from dockerslim.languages.node.framework_files import framework_entry_files
from dockerslim.languages.node.frameworks import framework_of, source_files
from dockerslim.languages.node.project import NodeProject
from dockerslim.languages.node.runtime_loads import runtime_loads

_OTHER_FOLDER = re.compile(
    r"\{[^{};()]{0,300}?\b(?:dir|rootDir)\b\s*(?:[,}]|:(?!\s*(?:['\"`](?:\./?)?['\"`]|__dirname\s*[,}\n]|process\.cwd\(\))))"
)
"""In the options that such a server is given: it looks for its project in a folder that may be another."""


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """`argv` is the command line that starts the same server from outside, `files` are what it loads of the project.

    `is_elsewhere`: its project may lie in another folder than the program's work folder.
    """

    argv: tuple[str, ...]
    files: tuple[str, ...]
    is_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    packages: frozenset[str]
    argv: tuple[str, ...]
    sources: tuple[str, ...]


def embedded_servers(project: NodeProject, command: Command) -> tuple[EmbeddedServer, ...]:
    """The servers that the sources of a command import; not those in the output of a framework's own build."""
    entries = [entry for entry in _table() if not entry.packages.isdisjoint(project.manifest.installed_dependencies)]
    own = [file for file in command.entry_files if framework_of(project, project.manifest, file) is None]
    if not entries or not own:
        return ()
    loads = runtime_loads(project, own)
    found = []
    for entry in entries:
        loaded = entry.packages & loads.packages
        if not loaded or any(argv[: len(entry.argv)] == entry.argv for argv in command.programs):
            continue
        files = framework_entry_files(project, entry.argv)
        if files is None:
            files = list(source_files(project, entry.sources))
        texts = [project.context.read_text(path) or "" for path in loads.files]
        importing = [text for text in texts if any(name in text for name in loaded)]
        is_elsewhere = any(_OTHER_FOLDER.search(text) for text in importing)
        found.append(EmbeddedServer(entry.argv, tuple(files), is_elsewhere))
    return tuple(found)


@functools.cache
def _table() -> tuple[_Entry, ...]:
    data = tomllib.loads(resources.files(__package__).joinpath("frameworks.toml").read_text("utf-8"))
    return tuple(
        _Entry(frozenset(entry["packages"]), tuple(entry["command"]), tuple(entry.get("sources", ())))
        for entry in data["embedded"]
    )
