"""Finds Dockerfiles below the folders that a person names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

SKIPPED_FOLDERS = frozenset({".git", ".hg", ".svn", "node_modules", ".venv", "venv", "__pycache__", ".tox", "vendor"})


@dataclass(frozen=True, slots=True)
class Found:
    """`paths` are sorted and unique; `empty` are the folders in which no Dockerfile is."""

    paths: tuple[Path, ...]
    empty: tuple[Path, ...]


def is_dockerfile_name(name: str) -> bool:
    """`Dockerfile`, `Dockerfile.prod`, `api.dockerfile`, `Containerfile`; not `Dockerfile.dockerignore`."""
    lower = name.lower()
    if lower.endswith((".dockerignore", ".md", ".txt", ".orig", ".rej", ".bak", "~")):
        return False
    stem = lower.split(".", 1)[0]
    return stem in ("dockerfile", "containerfile") or lower.endswith((".dockerfile", ".containerfile")) or (
        lower.startswith(("dockerfile-", "dockerfile_"))
    )


def discover(named: Sequence[Path]) -> Found:
    """A file that is named is taken whatever its name; a folder is walked, respecting .gitignore files in it."""
    found: list[Path] = []
    empty: list[Path] = []
    for path in named:
        if path.is_dir():
            inside = list(_walk(path))
            found.extend(inside)
            if not inside:
                empty.append(path)
        else:
            found.append(path)
    return Found(tuple(sorted(dict.fromkeys(found))), tuple(empty))


def _walk(root: Path) -> list[Path]:
    found: list[Path] = []
    pending: list[tuple[Path, tuple[tuple[Path, GitIgnoreSpec], ...]]] = [(root, ())]
    while pending:
        folder, specs = pending.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        own = next((entry for entry in entries if entry.name == ".gitignore" and entry.is_file()), None)
        if own is not None:
            spec = _read_gitignore(Path(own.path))
            specs = (*specs, (folder, spec)) if spec is not None else specs
        for entry in entries:
            path = folder / entry.name
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED_FOLDERS and not _is_ignored(path, specs, is_folder=True):
                    pending.append((path, specs))
            elif is_dockerfile_name(entry.name) and entry.is_file() and not _is_ignored(path, specs, is_folder=False):
                found.append(path)
    return found


def _read_gitignore(path: Path) -> GitIgnoreSpec | None:
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(path.read_text("utf-8", "replace").splitlines())
    except (OSError, ValueError):
        return None


def _is_ignored(path: Path, specs: tuple[tuple[Path, GitIgnoreSpec], ...], *, is_folder: bool) -> bool:
    for root, spec in specs:
        relative = path.relative_to(root).as_posix() + ("/" if is_folder else "")
        if spec.match_file(relative):
            return True
    return False
