"""Which package manager a project uses, and which lock files it has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.node.manifest import Manifest
from dockerslim.languages.node.paths import inside

PackageManager = Literal["npm", "yarn", "yarn-berry", "pnpm", "bun"]

# In the order in which they tell the package manager.
LOCK_NAMES = ("pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb", "npm-shrinkwrap.json", "package-lock.json")

_LOCK_NAMES_OF: dict[PackageManager, tuple[str, ...]] = {
    "npm": ("npm-shrinkwrap.json", "package-lock.json"),
    "yarn": ("yarn.lock",),
    "yarn-berry": ("yarn.lock",),
    "pnpm": ("pnpm-lock.yaml",),
    "bun": ("bun.lock", "bun.lockb"),
}
_FIELD = re.compile(r"(npm|yarn|pnpm|bun)@\D{0,2}(\d{1,4})")
_LOCK_LIMIT = 24_000_000
"""Bytes; lock files are the largest text that a project has."""


@dataclass(frozen=True, slots=True)
class LockFiles:
    """The lock files of one folder."""

    manager: PackageManager
    chosen: str | None
    """The lock file of that package manager."""
    found: tuple[str, ...]
    hidden: bool
    """There is such a lock file, but .dockerignore hides it."""

    def of(self, manager: PackageManager) -> str | None:
        """The lock file that another package manager would use here."""
        return next((path for path in self.found if path.rsplit("/", 1)[-1] in _LOCK_NAMES_OF[manager]), None)


def find_lock_files(context: BuildContext, folder: str, manifest: Manifest) -> LockFiles:
    """The package manager by the `packageManager` field, else by lock file, else npm; and the lock files beside it."""
    paths = [path for name in LOCK_NAMES if (path := inside(folder, name)) is not None]
    found = tuple(path for path in paths if context.is_file(path))
    hidden = {path for path in paths if path in frozenset(context.hidden)}
    manager = _manager(context, folder, manifest, found or tuple(path for path in paths if path in hidden))
    names = _LOCK_NAMES_OF[manager]
    chosen = next((path for name in names for path in found if path.rsplit("/", 1)[-1] == name), None)
    is_hidden = chosen is None and any(path.rsplit("/", 1)[-1] in names for path in hidden)
    return LockFiles(manager, chosen, found, is_hidden)


def read_lock_text(context: BuildContext, path: str) -> str | None:
    """The text of a lock file; None where it is binary, too large or not there."""
    return context.read_text(path, _LOCK_LIMIT)


def _manager(context: BuildContext, folder: str, manifest: Manifest, locks: tuple[str, ...]) -> PackageManager:
    field = _FIELD.match(manifest.package_manager or "")
    if field is not None:
        match field[1]:
            case "yarn":
                return "yarn-berry" if int(field[2]) >= 2 else "yarn"
            case "pnpm":
                return "pnpm"
            case "bun":
                return "bun"
            case _:
                return "npm"
    name = locks[0].rsplit("/", 1)[-1] if locks else ""
    if name == "yarn.lock":
        return "yarn-berry" if _is_berry(context, folder, locks[0]) else "yarn"
    if name == "pnpm-lock.yaml":
        return "pnpm"
    return "bun" if name.startswith("bun.") else "npm"


def _is_berry(context: BuildContext, folder: str, lock: str) -> bool:
    settings = inside(folder, ".yarnrc.yml")
    if settings is not None and context.is_file(settings):
        return True
    return "\n__metadata:" in "\n" + (read_lock_text(context, lock) or "")
