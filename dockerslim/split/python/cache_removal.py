"""Finds the `rm` commands of a RUN that would take a mounted cache away, which is an error while it is mounted."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

from dockerslim.dockerfile.shell import Script, ShellCommand, ShellWord
from dockerslim.images.state import ImageState
from dockerslim.paths import is_below, is_within
from dockerslim.split.python.caches import installer_command
from dockerslim.split.source_need import command_need


@dataclass(frozen=True, slots=True)
class CacheRemoval:
    """An `rm` and those of its words that name a mounted cache; `is_whole` where it names nothing else."""

    command: ShellCommand
    words: tuple[ShellWord, ...]
    is_whole: bool


def find_removals(script: Script, state: ImageState, targets: Sequence[str]) -> tuple[CacheRemoval, ...] | None:
    """None where an `rm` takes more than the caches with a word that names them, or may do so."""
    found = []
    for command in script.commands:
        inner = command.inner()
        if posixpath.basename(inner.name) != "rm":
            continue
        paths = [word for word in inner.words[1:] if not (word.literal or "").startswith("-")]
        named = []
        for word in paths:
            path = _path(word, state)
            if path is None:
                if "cache" in word.text.lower() or "HOME" in word.text:
                    return None
            elif any(is_within(path, target) for target in targets):
                named.append(word)
            elif any(is_below(target, path) for target in targets):
                if posixpath.basename(path) != ".cache" or not _only_installs(script):
                    return None
                named.append(word)
        if named:
            found.append(CacheRemoval(command, tuple(named), len(named) == len(paths)))
    return tuple(found)


def _path(word: ShellWord, state: ImageState) -> str | None:
    """The absolute path of a word; a star at its end is dropped."""
    text = word.literal if word.literal is not None else word.text.strip('"')
    home = state.home or ""
    if text.startswith("~") and home:
        text = home + text[1:]
    for name in ("${HOME}", "$HOME"):
        text = text.replace(name, home) if home else text
    known = state.expand(text) if "$" in text else text
    if known is None or any(char in known for char in "`?["):
        return None
    plain = known.rstrip("*").rstrip("/") or "/"
    return state.path(plain) if "*" not in plain else None


def _only_installs(script: Script) -> bool:
    """Does nothing in the RUN put anything else below the folder of caches?"""
    return all(
        installer_command(command) is not None or command_need(command, None, ()) == "none"
        for command in script.commands
        if posixpath.basename(command.inner().name) != "rm"
    )
