"""Finds Dockerfiles below the folders that a person names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dockerslim.output.read import InputError, read_file

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
    return (
        stem in ("dockerfile", "containerfile")
        or lower.endswith((".dockerfile", ".containerfile"))
        or (lower.startswith(("dockerfile-", "dockerfile_")))
    )


def discover(named: Sequence[Path]) -> Found:
    """A file that is named is taken whatever its name; a folder is walked, respecting .gitignore files in it.

    A file that is reached in two ways counts once.
    """
    found: list[Path] = []
    empty: list[Path] = []
    for path in named:
        if os.path.isdir(path):  # noqa: PTH112 (Path.is_dir raises for a folder that may not be entered)
            inside = _walk(path)
            found.extend(inside)
            if not inside:
                empty.append(path)
        else:
            found.append(path)
    return Found(tuple(_each_once(sorted(found))), tuple(empty))


def _each_once(paths: Iterable[Path]) -> Iterator[Path]:
    """Of several ways to a file one that is no link, and no detour."""
    by_file: dict[str, list[Path]] = {}
    for path in paths:
        by_file.setdefault(os.path.realpath(path), []).append(path)
    yield from sorted(min(ways, key=_detour) for ways in by_file.values())


def _detour(path: Path) -> tuple[bool, bool, int]:
    return os.path.islink(path), ".." in path.parts, len(path.parts)  # noqa: PTH114 (Path.is_symlink may raise)


def _walk(root: Path) -> list[Path]:
    found: list[Path] = []
    inside = os.path.join(os.path.realpath(root), "")  # noqa: PTH118 (a Path has no separator at its end)
    pending: list[tuple[Path, tuple[tuple[Path, GitIgnoreSpec], ...]]] = [(root, ())]
    while pending:
        folder, specs = pending.pop()
        try:
            with os.scandir(folder) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError:
            continue
        own = next((entry for entry in entries if entry.name == ".gitignore" and _is_file(entry)), None)
        if own is not None:
            spec = _read_gitignore(Path(own.path))
            specs = (*specs, (folder, spec)) if spec is not None else specs
        for entry in entries:
            path = folder / entry.name
            if _is_folder(entry):
                if entry.name not in SKIPPED_FOLDERS and not _is_ignored(path, specs, is_folder=True):
                    pending.append((path, specs))
            elif (
                is_dockerfile_name(entry.name)
                and (not entry.is_symlink() or os.path.realpath(path).startswith(inside))
                and _is_file(entry)
                and not _is_ignored(path, specs, is_folder=False)
            ):
                found.append(path)
    return found


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # links in a circle
        return False


def _read_gitignore(path: Path) -> GitIgnoreSpec | None:
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(read_file(path).decode("utf-8", "replace").splitlines())
    except (InputError, ValueError):
        return None


def _is_ignored(path: Path, specs: tuple[tuple[Path, GitIgnoreSpec], ...], *, is_folder: bool) -> bool:
    for root, spec in specs:
        relative = path.relative_to(root).as_posix() + ("/" if is_folder else "")
        if spec.match_file(relative):
            return True
    return False
