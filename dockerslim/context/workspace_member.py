"""A Dockerfile of a workspace's member that names nothing which only the member or only the workspace has.

No link is followed out of `top`, the highest folder that may be looked into.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from dockerslim.context.text_file import read_stamped, stamp

LOCKS = ("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb")
NEEDS_WORKSPACE = re.compile(
    r"\b(?:npm\s+(?:ci|clean-install)\b|turbo\b|nx\b|lerna\b|yarn\s+workspaces?\b)"
    r"|--(?:filter|workspaces?|frozen-lockfile|immutable)\b|\s-[wF]\s"
)
"""Commands that fail in the folder of a member alone, which has no lock file."""


def is_member_without_lock(folder: Path, top: Path) -> bool:
    """Is it the folder of a Node package whose lock file must lie elsewhere, if it has one?"""
    return stamp(folder / "package.json", top) is not None and not _has_lock(folder, top)


def workspace_above(folder: Path, candidates: Iterable[Path], top: Path) -> Path | None:
    """The nearest of the folders above that has the lock file of a workspace."""
    above = (candidate for candidate in candidates if candidate in folder.parents)
    return next((candidate for candidate in above if _has_lock(candidate, top) and _is_workspace(candidate, top)), None)


def needs_workspace(text: str, member: str) -> bool:
    """Does a Dockerfile's text name the member's folder (`apps/api`) or run what only works in the workspace?"""
    is_named = re.search(rf"(?<![\w.-]){re.escape(member)}(?![\w-])", text) is not None
    return is_named or NEEDS_WORKSPACE.search(text) is not None


def _has_lock(folder: Path, top: Path) -> bool:
    return any(stamp(folder / name, top) is not None for name in LOCKS)


def _is_workspace(folder: Path, top: Path) -> bool:
    if stamp(folder / "pnpm-workspace.yaml", top) is not None:
        return True
    state = stamp(folder / "package.json", top)
    text = read_stamped(state) if state is not None else None
    try:
        manifest = json.loads(text or "")
    except (ValueError, RecursionError):
        return False
    return isinstance(manifest, dict) and bool(manifest.get("workspaces"))
