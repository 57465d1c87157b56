"""Where a repository begins, and which of its folders lie around a Dockerfile."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

LEVELS_WITHOUT_GIT = 4
"""How far up belongs to a project that is in no repository."""


def repository_root(folder: Path) -> Path | None:
    """The nearest folder, from `folder` upwards, that holds `.git`; None where there is none."""
    folder = absolute(folder)
    return next((candidate for candidate in (folder, *folder.parents) if os.path.lexists(candidate / ".git")), None)


def folders_upwards(folder: Path, root: Path | None, levels: int | None = None) -> tuple[Path, ...]:
    """`folder` and those above it, up to and with `root`, or only so many levels up.

    Without a root, or where it isn't above the folder, up to LEVELS_WITHOUT_GIT.
    """
    folder = absolute(folder)
    chain = (folder, *folder.parents)
    if root is not None and root in chain:
        chain = chain[: chain.index(root) + 1]
    else:
        levels = LEVELS_WITHOUT_GIT if levels is None else min(levels, LEVELS_WITHOUT_GIT)
    return chain if levels is None else chain[: levels + 1]


def absolute(path: Path) -> Path:
    """The path from the file system's root without `..`; links stay as they are."""
    return Path(os.path.abspath(path))  # noqa: PTH100 (Path.absolute keeps "..", resolve follows links)


@dataclass(frozen=True, slots=True)
class DockerfilePlace:
    """A Dockerfile in its repository."""

    dockerfile: Path
    root: Path
    """The repository's root; the Dockerfile's own folder where that isn't known."""
    folders: tuple[Path, ...]
    """From the Dockerfile's folder up to the root, or as far up as is looked without one."""

    @classmethod
    def find(cls, dockerfile: Path, root: Path | None = None) -> DockerfilePlace:
        """The place of a Dockerfile, which need not exist; `root` is the repository's where that is known already."""
        dockerfile = absolute(dockerfile)
        root = absolute(root) if root is not None else repository_root(dockerfile.parent)
        folders = folders_upwards(dockerfile.parent, root)
        return cls(dockerfile, root if root in folders else dockerfile.parent, folders)

    @property
    def top(self) -> Path:
        """The highest folder that is looked into; no link is followed out of it."""
        return self.folders[-1]

    def is_dockerfile(self, path: str) -> bool:
        """Is this absolute path the Dockerfile's?"""
        own = str(self.dockerfile)
        # Resolving costs; a link seldom has another name than what it leads to.
        return path == own or (
            os.path.basename(path) == self.dockerfile.name and _resolved(path) == _resolved(own)  # noqa: PTH119
        )

    def shown(self, path: str | Path) -> str:
        """The path relative to the root, for messages."""
        try:
            return Path(os.path.relpath(path, self.root)).as_posix()
        except ValueError:  # another drive
            return Path(path).as_posix()


@lru_cache(maxsize=16_384)
def _resolved(path: str) -> str:
    try:
        return os.path.normcase(os.path.realpath(path))
    except (OSError, ValueError):  # a name that no system knows
        return path
