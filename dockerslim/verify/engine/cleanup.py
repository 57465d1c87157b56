"""Removes what a verification made: in the engine by its label, on the disk by its name.

Standard library only, and plain commands of the client: the reaper starts with this module.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dockerslim.verify.engine.run_identity import RunIdentity

COMMAND_SECONDS = 60.0
"""For one command of the client; removing an image of some gigabytes takes a while."""

_PAUSE = 0.5


@dataclass(frozen=True, slots=True)
class WatchedEngine:
    """An engine in which things may be left: how its client is called, and the builder that the builds went to."""

    client_command: tuple[str, ...]
    builder: str | None = None
    cache_folder: Path | None = None
    """Where Podman keeps the run's cache mounts; None: a builder has them. (Its `buildx prune` is `image prune`.)"""


@dataclass(frozen=True, slots=True)
class Removal:
    """How many things were there, and whether all of them are known to be gone."""

    found: int
    complete: bool


@dataclass(frozen=True, slots=True)
class _Kind:
    listing: tuple[str, ...]
    removal: tuple[str, ...]


_KINDS = (
    # Containers first: what they use can't be removed before them.
    _Kind(("container", "ls", "--all", "--quiet", "--no-trunc"), ("container", "rm", "--force", "--volumes")),
    _Kind(("network", "ls", "--quiet", "--no-trunc"), ("network", "rm")),
    _Kind(("volume", "ls", "--quiet"), ("volume", "rm", "--force")),
    _Kind(("image", "ls", "--all", "--quiet", "--no-trunc"), ("image", "rm", "--force")),
)


def remove_everything(
    engines: Iterable[WatchedEngine], run_id: str, folders: Iterable[Path] = (), seconds: float = 60.0
) -> Removal:
    """Remove the run's containers, networks, volumes, images, cache mounts and folders; never raises.

    It goes on until nothing is left, or for so many seconds.
    """
    end = time.monotonic() + seconds
    removals = [_remove_from(engine, run_id, end) for engine in engines]
    removals.append(remove_folders(run_id, folders))
    return Removal(sum(removal.found for removal in removals), all(removal.complete for removal in removals))


def _remove_from(engine: WatchedEngine, run_id: str, end: float) -> Removal:
    found = first = sweep(engine, run_id)
    while found and time.monotonic() < end:
        found = sweep(engine, run_id)
        if found:
            time.sleep(_PAUSE)
    forget_cache_mounts(engine, run_id)
    return Removal(first or 0, found == 0)


def sweep(engine: WatchedEngine, run_id: str) -> int | None:
    """Look once for what carries the run's label and remove it; how many things were there, None: it can't be told."""
    total = 0
    label = f"label={RunIdentity.LABEL}={run_id}"
    looks = [(kind, label) for kind in _KINDS]
    if engine.cache_folder is not None:
        # Steps of Podman's builds may have no label.
        looks.append((_KINDS[-1], f"reference={RunIdentity(run_id).tag('*')}"))
    for kind, where in looks:
        listed = _run(engine, *kind.listing, "--filter", where)
        if listed is None:
            return None
        if names := list(dict.fromkeys(listed.split())):
            total += len(names)
            _run(engine, *kind.removal, *names)
    return total


def forget_cache_mounts(engine: WatchedEngine, run_id: str) -> None:
    """Remove the cache mounts that builds of the run filled; BuildKit has their namespace in the description."""
    if engine.cache_folder is not None:
        if engine.cache_folder.is_dir() and not engine.cache_folder.is_symlink():
            # Files of a rootless Podman belong to users that only it may act for; one of root's refuses, and needn't.
            _run(engine, "unshare", "rm", "-rf", str(engine.cache_folder))
            _remove_folder(engine.cache_folder)
        return
    builder = ("--builder", engine.builder) if engine.builder else ()
    namespace = RunIdentity(run_id).cache_namespace
    _run(engine, "buildx", "prune", *builder, "--force", "--filter", f"description~={namespace}")


def remove_folders(run_id: str, folders: Iterable[Path]) -> Removal:
    """Remove these folders and those of the temporary folder that are named for the run."""
    named = RunIdentity(run_id).folder_prefix
    candidates = {*folders, *Path(tempfile.gettempdir()).glob(f"{named}*")}
    there = [folder for folder in candidates if folder.is_dir() and not folder.is_symlink()]
    for folder in there:
        _remove_folder(folder)
    return Removal(len(there), not any(folder.is_dir() for folder in there))


def _remove_folder(folder: Path) -> None:
    _make_removable(folder)
    shutil.rmtree(folder, ignore_errors=True)


def _make_removable(folder: Path) -> None:
    """A copied context keeps its modes, and nothing can be removed from a folder that can't be written."""
    _allow(folder, stat.S_IRWXU)
    for root, folders, files in os.walk(folder):
        for path in (Path(root) / name for name in folders):
            if not path.is_symlink():
                _allow(path, stat.S_IRWXU)
        if os.name == "nt":
            # Only there a file that is read-only can't be removed.
            for name in files:
                _allow(Path(root) / name, stat.S_IWRITE)


def _allow(path: Path, mode: int) -> None:
    with suppress(OSError):
        path.chmod(mode)


def _run(engine: WatchedEngine, *arguments: str) -> str | None:
    """The client's standard output; None where it failed or hung."""
    command: Sequence[str] = [*engine.client_command, *arguments]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=COMMAND_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None
