"""A command as far as it is understood, and where its words are looked up."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.python.import_files import join

Kind = Literal["server", "dev-server", "script", "unknown"]


@dataclass(frozen=True, slots=True)
class Command:
    """What a command line runs."""

    kind: Kind
    entry_files: tuple[str, ...] = ()
    """The project's files that it starts with, relative to the context's root."""
    search_folders: tuple[str, ...] = ()
    """Folders of the context in which modules are looked for, in order."""
    development_tool: str | None = None
    """What makes it a development server, as written: `--reload`, `manage.py runserver`."""
    console_script: str | None = None
    """The program that an installed distribution brings, where the command starts one."""
    writes: tuple[str, ...] = ()
    """Files that its options make it write; relative to the working folder where they are not absolute."""
    reason: str = ""
    """Why it is unknown."""
    unknown_writes: tuple[str, ...] = ()
    """A sentence for each thing by which it may write a file that can't be told."""
    settings_files: tuple[str, ...] = ()
    """Those of the entry files in which the server's own settings are assigned."""
    working_folder: str = ""
    """The folder that the server changes to before it loads the application; "" where it stays."""
    changes_user: str = ""
    """The option by which the server, started as root, works as another user."""


@dataclass(frozen=True, slots=True)
class Place:
    """The working folder of a command: what the context has of it, its path in the image, its environment."""

    context: BuildContext
    folder: str
    workdir: str | None
    environment: Mapping[str, str]
    installed: tuple[str, ...] = ()
    """Folders of the context in which the modules lie of the project that is installed."""
    scripts: Mapping[str, str] = field(default_factory=dict)
    """The programs that the installed project declares, as `module:function`."""

    def file(self, path: str) -> str | None:
        """The context's file that a path of the command line names."""
        if path.startswith("/"):
            if self.workdir is None:
                return None
            path = posixpath.relpath(posixpath.normpath(path), self.workdir)
        found = join(self.folder, path)
        return found if found is not None and self.context.is_file(found) else None

    def folders(self, *more: str) -> tuple[str, ...]:
        paths = [*more, "", *self.environment.get("PYTHONPATH", "").split(":")]
        found: dict[str, None] = {}
        for path in paths:
            if path.startswith("/"):
                path = posixpath.relpath(posixpath.normpath(path), self.workdir) if self.workdir else "/"
            folder = join(self.folder, path)
            if folder is not None:
                found[folder] = None
        return tuple(dict.fromkeys((*found, *self.installed)))

    def script_folders(self, file: str) -> tuple[str, ...]:
        """Where a script's modules are looked for: beside it first."""
        return tuple(dict.fromkeys((posixpath.dirname(file), *self.folders())))


def split_options(words: Sequence[str], flags: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """(option, value) pairs and the words between them; an option that is no flag takes the next word."""
    options: list[tuple[str, str]] = []
    positional: list[str] = []
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        if not word.startswith("-") or word == "-":
            positional.append(word)
            continue
        name, has_value, value = word.partition("=")
        if has_value or name in flags:
            options.append((name, value))
        elif not word.startswith("--") and len(word) > 2 and word not in flags:
            options.append((word[:2], word[2:]))
        else:
            options.append((name, words[index] if index < len(words) else ""))
            index += 1
    return options, positional


def option_value(words: Sequence[str], *names: str) -> str | None:
    """The value of an option, in one word or in two."""
    for index, word in enumerate(words):
        name, has_value, value = word.partition("=")
        if name in names:
            if has_value:
                return value
            return words[index + 1] if index + 1 < len(words) else None
    return None
