"""Mounts of compose files that lay the project's source over itself, so that work on it is seen in the container."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from dockerslim.case import Case
from dockerslim.context.usage import Mount, ServiceUse
from dockerslim.dockerfile import Stage
from dockerslim.paths import is_within
from dockerslim.split.refused import Refused

INSTALLING = ("install", "sync", "build_ext")
"""Words of a command that makes packages when the container starts."""


def is_source_mount(case: Case, stage: Stage, service: ServiceUse, mount: Mount) -> bool:
    """Is the folder of the host the one that a COPY lays in the same place? Then the image holds the same files."""
    if mount.kind != "bind" or _installs(service):
        return False
    host = _host_folder(case, service, mount)
    placements = (p for p in case.files(stage).placements if p.stage is None and p.is_folder)
    return any(p.target == mount.target and _joined(service.context, p.source) == host for p in placements)


def check_environment(case: Case, stage: Stage, folder: str) -> None:
    """Raises Refused where a mount of the source would hide the folder that the packages are installed in."""
    for service, mount in _source_mounts(case, stage):
        if is_within(folder, mount.target):
            raise Refused(
                stage.from_.span,
                f"`{service.file}` mounts `{mount.source}` over `{folder}`, where the packages are installed",
                "mount it in a service of its own for development, or take the mount out",
            )


def _source_mounts(case: Case, stage: Stage) -> Iterator[tuple[ServiceUse, Mount]]:
    for service in case.usage.services:
        for mount in service.volumes:
            if is_source_mount(case, stage, service, mount):
                yield service, mount


def _installs(service: ServiceUse) -> bool:
    for command in (service.command, service.entrypoint):
        words = command.split() if isinstance(command, str) else command or ()
        if any(word in INSTALLING for part in words for word in part.split()):
            return True
    return False


def _host_folder(case: Case, service: ServiceUse, mount: Mount) -> str:
    folder = Path(service.file).parent
    return _joined((case.usage.root or Path()) / folder, mount.source)


def _joined(folder: Path, path: str) -> str:
    return os.path.normpath(folder / path)
