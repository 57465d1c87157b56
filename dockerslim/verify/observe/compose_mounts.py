"""What a compose service mounts, planned so that no container sees the host's files.

A folder of the repository comes as a copy in a volume, a file as a copy in the container. Anything else of the host is
left out and noted.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from dockerslim.context.compose import Mount
from dockerslim.context.dockerignore import IgnoreFile
from dockerslim.context.usage import ServiceUse
from dockerslim.paths import is_within
from dockerslim.verify.build.context_copy import CopyLimits, TooLarge, measure_tree, visible_entries

MOUNT_LIMITS = CopyLimits(bytes=200_000_000, entries=50_000)
"""Of a folder that is copied into a volume."""


@dataclass(frozen=True, slots=True)
class PlannedMount:
    """A fresh volume at a path of the container.

    It holds a copy of the folder `source`; without one it starts with what the image has there, or empty.
    """

    target: str
    source: Path | None = None
    is_for_all: bool = False
    """Anyone may write to it, as to a tmpfs."""


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file that is copied to a path of the container before it starts, where compose mounts it."""

    target: str
    source: Path


@dataclass(slots=True)
class MountPlan:
    """What is mounted, each target once: the last that is said of it. `notes` tell what is not."""

    mounts: dict[str, PlannedMount] = field(default_factory=dict)
    files: dict[str, PlannedFile] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def plan_mounts(service: ServiceUse, folder: Path, root: Path, work_folder: str | None) -> MountPlan:
    """The mounts of a service whose compose file lies in `folder` of the repository at `root`.

    `work_folder` is the image's: a mount that hides it is noted.
    """
    plan = MountPlan()
    for mount in service.volumes:
        if not mount.target.startswith("/") or "$" in mount.target:
            plan.notes.append(f"the mount at `{mount.target}` depends on a variable and is left out")
        elif mount.kind == "bind":
            _add_bind(plan, mount, folder, root, work_folder)
        else:
            plan.mounts[mount.target] = PlannedMount(mount.target, is_for_all=mount.kind == "tmpfs")
    return plan


def _add_bind(plan: MountPlan, mount: Mount, folder: Path, root: Path, work_folder: str | None) -> None:
    shown = f"`{mount.source}` at `{mount.target}`"
    if mount.source.endswith("docker.sock"):
        plan.notes.append(f"the engine's socket is not mounted at `{mount.target}`")
        return
    source = _inside(mount.source, folder, root)
    if source is None:
        plan.notes.append(f"{shown} is not mounted: it is not in the repository")
    elif source.is_dir():
        fault = _why_not_copied(source)
        if fault:
            plan.notes.append(f"{shown} is not mounted: {fault}")
            return
        plan.mounts[mount.target] = PlannedMount(mount.target, source)
        if work_folder is not None and is_within(work_folder, mount.target):
            plan.notes.append(f"{shown} hides what the image holds there, before as after")
    elif source.is_file():
        plan.files[mount.target] = PlannedFile(mount.target, source)
    elif os.path.lexists(source):
        plan.notes.append(f"{shown} is not mounted: neither a file nor a folder")
    else:
        plan.mounts[mount.target] = PlannedMount(mount.target)  # an engine makes a folder that is missing


def _inside(source: str, folder: Path, root: Path) -> Path | None:
    """The file or folder of the repository that a mount names, no link leading out of it."""
    local = source.replace("${PWD}", ".").replace("$PWD", ".")
    if "$" in local or local.startswith("~"):
        return None
    try:
        path = Path(os.path.realpath(folder / local))
        return path if path.is_relative_to(os.path.realpath(root)) else None
    except (OSError, ValueError):
        return None


def _why_not_copied(folder: Path) -> str:
    try:
        measure_tree(folder, IgnoreFile(), MOUNT_LIMITS)
        for entry in visible_entries(folder, IgnoreFile()):
            if not entry.is_link and not os.access(folder / entry.path, os.R_OK):
                return f"`{entry.path}` in it can't be read"
    except TooLarge as error:
        return f"too large to copy ({error.what})"
    except OSError as error:
        return error.strerror or str(error)
    return ""
