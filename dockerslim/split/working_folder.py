"""The folder that each command of a RUN runs in."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dockerslim.dockerfile.shell import Script, ShellCommand


def placed_commands(script: Script, folder: str | None) -> Iterator[tuple[ShellCommand, str | None]]:
    """The commands at the top level of a RUN that starts in `folder`, each with the folder after it.

    That is the one that it runs in, for only a `cd` changes it. None where it can't be told.
    """
    for command in script.commands:
        folder = changed_folder(command, folder)
        yield command, folder


def changed_folder(command: ShellCommand, folder: str | None) -> str | None:
    """The folder after a command: another one after `cd`, None where that can't be told."""
    inner = command.inner()
    words = inner.known_arguments()
    if not words or words[0] not in ("cd", "pushd"):
        return folder
    if inner.arguments is None or len(words) != 2:
        return None
    if words[1].startswith("/"):
        return posixpath.normpath(words[1])
    return None if folder is None else posixpath.normpath(posixpath.join(folder, words[1]))
