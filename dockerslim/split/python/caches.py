"""The caches of pip and the other installers of Python packages: where they are, and what turns them off."""

from __future__ import annotations

import posixpath
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from dockerslim.dockerfile.shell import Script, ShellCommand, ShellWord
from dockerslim.images.state import ImageState
from dockerslim.split.cache_mounts import CacheMount
from dockerslim.split.python.pip_command import PIP, PYTHON


@dataclass(frozen=True, slots=True)
class Installer:
    """One table of caches.toml."""

    name: str
    verbs: frozenset[str]
    folders: tuple[str, ...]
    variable: str
    parts: bool = False
    off_variables: tuple[str, ...] = ()
    off_options: frozenset[str] = frozenset()
    folder_options: frozenset[str] = frozenset()
    clearing: tuple[tuple[str, ...], ...] = ()
    setting: str = ""
    no_values: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class InstallerCommand:
    """A command of an installer; `arguments` are the words behind its name."""

    installer: Installer
    command: ShellCommand
    arguments: tuple[ShellWord, ...]

    @property
    def downloads(self) -> bool:
        words = [word.literal for word in self.arguments if word.literal and not word.literal.startswith("-")]
        return bool(words) and words[0] in self.installer.verbs

    @property
    def clears(self) -> bool:
        """Is it there to empty the cache?"""
        words = tuple(word.literal for word in self.arguments if word.literal and not word.literal.startswith("-"))
        return any(words[: len(clearing)] == clearing for clearing in self.installer.clearing)

    @property
    def switches(self) -> tuple[ShellWord, ...]:
        """The options that turn the cache off."""
        return tuple(word for word in self.arguments if word.literal in self.installer.off_options)

    @property
    def has_own_cache(self) -> bool:
        """Does an option name another folder for the cache?"""
        return any((word.literal or "").partition("=")[0] in self.installer.folder_options for word in self.arguments)


def installer_commands(script: Script) -> Iterator[InstallerCommand]:
    """The commands of installers at the top level of a RUN."""
    for command in script.commands:
        found = installer_command(command)
        if found is not None:
            yield found


def installer_command(command: ShellCommand) -> InstallerCommand | None:
    inner = command.inner()
    name = posixpath.basename(inner.name)
    arguments = inner.words[1:]
    if PYTHON.fullmatch(name) and len(arguments) > 1 and arguments[0].literal == "-m":
        name, arguments = arguments[1].literal or "", arguments[2:]
    if PIP.fullmatch(name):
        name = "pip"
    installer = installers().get(name)
    return InstallerCommand(installer, command, arguments) if installer is not None else None


def cache_mounts(installer: Installer, state: ImageState) -> tuple[CacheMount, ...] | None:
    """The mounts for an installer and the stage's user; None where the folder or the user isn't known."""
    owner = state.uid
    if owner is None:
        return None
    named = {**state.arguments, **state.env}
    if installer.variable in named:
        folder = named[installer.variable]
        parts = [posixpath.basename(part) for part in installer.folders] if installer.parts else [""]
    else:
        folder = named.get("XDG_CACHE_HOME", posixpath.join(state.home, ".cache") if state.home else None)
        parts = [part.removeprefix(".cache/") for part in installer.folders]
    if not folder or not folder.startswith("/"):
        return None
    targets = [posixpath.normpath(posixpath.join(folder, part)) for part in parts]
    return tuple(CacheMount(target, uid=owner[0], gid=owner[1]) for target in targets)


def turned_off(installer: Installer, state: ImageState) -> str:
    """The variable that turns the cache off; "" where none does. pip takes any value but an empty one for yes."""
    for name in installer.off_variables:
        for values in (state.env, state.arguments):
            if name in values and values[name] != "" and (values[name] or "").lower() not in installer.no_values:
                return name
    return ""


@lru_cache(maxsize=1)
def installers() -> dict[str, Installer]:
    """The installers by name, read once."""
    text = resources.files(__package__).joinpath("caches.toml").read_text(encoding="utf-8")
    return {
        name: Installer(
            name,
            frozenset(table["verbs"]),
            tuple(table["folders"]),
            table["variable"],
            table.get("parts", False),
            tuple(table.get("off_variables", ())),
            frozenset(table.get("off_options", ())),
            frozenset(table.get("folder_options", ())),
            tuple(tuple(words) for words in table.get("clearing", ())),
            table.get("setting", ""),
            frozenset(table.get("no_values", ())),
        )
        for name, table in tomllib.loads(text).items()
    }
