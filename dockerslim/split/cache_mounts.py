"""Cache mounts on RUN instructions: which are there, which to add, and what in the RUN would empty them."""

from __future__ import annotations

import csv
import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dockerslim.dockerfile import Dockerfile, Edit, Instruction
from dockerslim.dockerfile.layout import add_mounts, remove_commands
from dockerslim.dockerfile.shell import Script, ShellCommand
from dockerslim.images.state import ImageState
from dockerslim.paths import is_within, overlap


@dataclass(frozen=True, slots=True)
class CacheMount:
    """A cache: its target in the image, how builds share it, and whose it is (0:0 is the default)."""

    target: str
    sharing: str = ""
    uid: int = 0
    gid: int = 0
    id: str = ""
    """Under which name it is kept; the target where none is given."""

    @property
    def option(self) -> str:
        parts = [f"type=cache,id={self.id}" if self.id else "type=cache", f"target={self.target}"]
        if self.sharing:
            parts.append(f"sharing={self.sharing}")
        if self.uid or self.gid:
            parts.append(f"uid={self.uid},gid={self.gid}")
        return "--mount=" + ",".join(parts)


def mount_options(value: str) -> dict[str, str]:
    """The options of a `--mount`, keys in lower case; a switch has the value ""."""
    fields = next(csv.reader([value]), [])
    options: dict[str, str] = {}
    for field in fields:
        key, _, text = field.partition("=")
        options[key.lower()] = text
    return options


def mounted_targets(instruction: Instruction, state: ImageState) -> frozenset[str]:
    """Absolute targets of the RUN's mounts, as far as they are known."""
    found = set()
    for flag in instruction.flags:
        if flag.name != "mount":
            continue
        options = mount_options(flag.value or "")
        target = options.get("target") or options.get("dst") or options.get("destination")
        path = state.expand(target) if target else None
        absolute = state.path(path) if path else None
        if absolute:
            found.add(absolute)
    return frozenset(found)


def missing_mounts(instruction: Instruction, state: ImageState, wanted: Iterable[CacheMount]) -> tuple[CacheMount, ...]:
    """Those of the wanted mounts that neither stand on the RUN nor lie below one that does."""
    there = mounted_targets(instruction, state)
    return tuple(mount for mount in wanted if not any(is_within(mount.target, path) for path in there))


def mount_edit(
    dockerfile: Dockerfile, instruction: Instruction, mounts: Sequence[CacheMount], prefix: str = ""
) -> Edit:
    return add_mounts(dockerfile, instruction, [mount.option for mount in mounts], prefix)


def home_cache(state: ImageState, below: str) -> CacheMount | None:
    """A cache below the user's HOME; None where the user or the home isn't known.

    For a user who isn't root only the last folder may be missing: BuildKit makes parents of a target root's.
    """
    home, owner = state.home, state.uid
    if home is None or owner is None or not home.startswith("/"):
        return None
    return CacheMount(posixpath.join(home, below), uid=owner[0], gid=owner[1])


def _removed_paths(words: Sequence[str]) -> list[str]:
    paths = [word.rstrip("/*") for word in words[1:] if not word.startswith("-")]
    return [path.replace("~", "/root", 1) if path.startswith("~") else path for path in paths]


def clears(command: ShellCommand, targets: Iterable[str]) -> bool:
    """Does an `rm` take a cache away that is mounted at one of the targets?"""
    words = command.inner().known_arguments()
    if not words or posixpath.basename(words[0]) != "rm":
        return False
    paths = _removed_paths(words)
    return any(path and overlap(path, target) for path in paths for target in targets)


def clears_only(command: ShellCommand, targets: Iterable[str]) -> bool:
    """Does the `rm` take nothing else away, so that it can go?"""
    words = command.inner().known_arguments()
    paths = _removed_paths(words)
    known = tuple(targets)
    return bool(paths) and all(any(overlap(path, target) for target in known) for path in paths)


def without(script: Script, commands: Sequence[ShellCommand]) -> tuple[Edit, ...] | None:
    """Edits that take commands out of a RUN; None where that would leave nothing or change what runs."""
    if not commands:
        return ()
    if len(commands) >= len(script.parts):
        return None
    edits = remove_commands(script, commands)
    return None if edits is None else tuple(edits)
