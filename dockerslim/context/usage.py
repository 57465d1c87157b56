"""How a repository uses one Dockerfile: compose services, hosting platforms, development containers, CI.

A rewrite must not break what these say: a command that calls npm needs npm, a mount over the work folder hides what
the image holds there, a target must go on existing.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from dockerslim.context.build_scripts import build_scripts, read_build_script
from dockerslim.context.compose import Mount
from dockerslim.context.devcontainer import Devcontainer, devcontainer_files, read_devcontainer
from dockerslim.context.evidence import Evidence
from dockerslim.context.platform_settings import platform_uses
from dockerslim.context.read_context import GENERATED_FOLDERS
from dockerslim.context.repository import DockerfilePlace, absolute
from dockerslim.context.service_use import ServiceUse, service_uses
from dockerslim.paths import is_within

__all__ = ["Evidence", "Mount", "ServiceUse", "Usage", "read_usage"]

FOLDERS_LIMIT = 200
"""Folders below the root that are searched for compose files."""

_DOT_FOLDERS = frozenset({".devcontainer", ".docker"})


@dataclass(frozen=True, slots=True)
class Usage:
    """What the files around a Dockerfile say of it."""

    services: tuple[ServiceUse, ...] = ()
    other_builder: tuple[Evidence, ...] = ()
    """Where the repository shows a builder other than BuildKit."""
    devcontainer: Evidence | None = None
    """The devcontainer.json that names this Dockerfile."""
    script_targets: tuple[str, ...] = ()
    """Targets that CI, make and bake files name, maybe of another Dockerfile."""
    unreadable: tuple[Evidence, ...] = ()
    """Compose files that can't be read, and why."""
    root: Path | None = None
    """The folder that the paths in `services` and evidence are relative to."""

    @classmethod
    def none(cls) -> Usage:
        """Nothing is known."""
        return cls()

    @property
    def context(self) -> Path | None:
        """The folder that compose builds in; None where none is named, or several."""
        built = (service for service in self.services if not service.is_platforms)
        contexts = {os.path.normcase(service.context): service.context for service in built}
        return next(iter(contexts.values())) if len(contexts) == 1 else None

    @property
    def targets(self) -> tuple[str, ...]:
        """Stages that somebody builds by name, each once."""
        named = (service.target for service in self.services if service.target)
        return tuple(dict.fromkeys((*named, *self.script_targets)))

    def mount_over(self, folder: str) -> tuple[ServiceUse, Mount] | None:
        """A folder of the host that is laid over this folder of the image, or over something in it.

        One that hides the whole folder comes before one that hides a part.
        """
        folder = posixpath.normpath(folder)
        binds = [(service, mount) for service in self.services for mount in service.volumes if mount.kind == "bind"]
        whole = (found for found in binds if is_within(folder, found[1].target))
        part = (found for found in binds if is_within(found[1].target, folder))
        return next(whole, None) or next(part, None)


def read_usage(dockerfile: Path, stop_at: Path | None = None) -> Usage:
    """Search the Dockerfile's folder, its parents up to the repository's root, and the root's sub-folders.

    `stop_at` is the root; without it, it is the nearest folder that holds `.git`, and without that the search goes
    only a few folders up. The file itself need not exist. Never raises.
    """
    place = DockerfilePlace.find(dockerfile, stop_at)
    services: list[ServiceUse] = []
    unreadable: list[Evidence] = []
    for folder in dict.fromkeys((*place.folders, *folders_below(place.root))):
        found, faults = service_uses(folder, place)
        services.extend(found)
        unreadable.extend(faults)
    signs: list[Evidence] = []
    targets: list[str] = []
    devcontainers: list[Evidence] = []
    for folder in place.folders:
        services.extend(platform_uses(folder, place))
        for state in build_scripts(folder, place.top):
            script = read_build_script(state)
            signs.extend(Evidence(place.shown(state.path), sign.line, sign.text) for sign in script.other_builder)
            targets.extend(script.targets)
        for state in devcontainer_files(folder, place.top):
            settings = read_devcontainer(state)
            if _names(settings, Path(state.path), place, services):
                devcontainers.append(Evidence(place.shown(state.path), settings.line, "devcontainer"))
                targets.extend([settings.target] if settings.target else [])
    return Usage(
        services=tuple(services),
        other_builder=tuple(signs),
        devcontainer=next(iter(devcontainers), None),
        script_targets=tuple(dict.fromkeys(targets)),
        unreadable=tuple(unreadable),
        root=place.root,
    )


def _names(settings: Devcontainer, file: Path, place: DockerfilePlace, services: list[ServiceUse]) -> bool:
    """Does this devcontainer.json name the Dockerfile, or a service that runs its image?"""
    if settings.dockerfile is not None:
        return place.is_dockerfile(str(absolute(file.parent / settings.dockerfile)))
    named = {place.shown(absolute(file.parent / name)) for name in settings.compose_files}
    return any(use.service == settings.service and use.file in named for use in services)


def folders_below(root: Path) -> Iterator[Path]:
    """The folders right below a repository's root in which a person may have put settings; sorted, and not all."""
    try:
        modified = os.stat(root).st_mtime_ns  # noqa: PTH116
    except (OSError, ValueError):
        return iter(())
    return (root / name for name in _listed_folders(str(root), modified))


@lru_cache(maxsize=1024)
def _listed_folders(root: str, modified: int) -> tuple[str, ...]:
    try:
        with os.scandir(root) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return ()
    wanted = (n for n in names if (not n.startswith(".") or n in _DOT_FOLDERS) and n not in GENERATED_FOLDERS)
    return tuple(sorted(wanted)[:FOLDERS_LIMIT])
