"""Which folder is a Dockerfile's build context."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from dockerslim.context.ignore_pattern import InvalidPattern, compile_pattern
from dockerslim.context.repository import folders_upwards, repository_root
from dockerslim.context.usage import Usage
from dockerslim.context.workspace_member import is_member_without_lock, needs_workspace, workspace_above

LEVELS = 6
"""How far above the Dockerfile the context is looked for."""

ENTRIES_LIMIT = 10_000
"""Names that one wildcard is compared with."""

_WILDCARD = re.compile(r"[*?\[\\]")
_REMOTE = re.compile(r"[a-z+]+://|git@", re.IGNORECASE)


def find_context(
    dockerfile: Path, named: Path | None, usage: Usage, copy_sources: Sequence[str], text: str = ""
) -> Path | None:
    """The folder that the Dockerfile is built in, or None where none can be found. `text` is what it says.

    `named` wins, then what `usage` tells; else it is the nearest folder, from the Dockerfile's own upwards, that
    holds all `copy_sources` (as in COPY, without those from other stages). A wildcard should match something; where
    no folder satisfies that, those that match nothing are let go, as BuildKit does. Where that may be a member of a
    Node workspace or the workspace as well, the commands decide; None where they don't.
    """
    if named is not None:
        return named
    if usage.context is not None and usage.context.is_dir():
        return usage.context
    root = repository_root(dockerfile.parent)
    candidates = folders_upwards(dockerfile.parent, root, LEVELS)
    sources = [source for source in map(_relative, copy_sources) if source is not None]
    found = _nearest(candidates, sources)
    if found is None:
        literal = [source for source in sources if not _WILDCARD.search(source)]
        found = _nearest(candidates, literal) if literal else None
    top = candidates[-1]
    if found is None or not is_member_without_lock(found, top):
        return found
    complete = [folder for folder in candidates if _nearest([folder], sources) is not None]
    workspace = workspace_above(found, complete, top)
    if workspace is None:
        return found
    return workspace if needs_workspace(text, found.relative_to(workspace).as_posix()) else None


def _nearest(candidates: Sequence[Path], sources: Sequence[str]) -> Path | None:
    return next((folder for folder in candidates if all(_exists(folder, source) for source in sources)), None)


def _relative(source: str) -> str | None:
    """The source as a path below the context; None where only the build can know it."""
    if "$" in source or _REMOTE.match(source):
        return None
    parts: list[str] = []
    for part in source.split("/"):
        if part == "..":
            del parts[-1:]  # COPY does not leave the context
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _exists(folder: Path, source: str) -> bool:
    """Is there such a file or folder? No link is followed out of the context to find out."""
    if not source:
        return folder.is_dir()
    try:
        if not _WILDCARD.search(source):
            return os.path.lexists(folder / source)
        return any(True for _ in _matching([str(folder)], source.split("/")))
    except ValueError:  # a name that no system knows
        return False


def _matching(folders: list[str], parts: Sequence[str]) -> Iterator[str]:
    """The paths that the parts of a pattern name."""
    found = folders
    for part in parts[:-1]:
        found = [path for folder in found for path in _children(folder, part)][:ENTRIES_LIMIT]
    for folder in found:
        yield from _children(folder, parts[-1])


def _children(folder: str, pattern: str) -> Iterator[str]:
    if not _WILDCARD.search(pattern):
        path = os.path.join(folder, pattern)  # noqa: PTH118
        return iter([path] if os.path.lexists(path) else [])
    try:
        matches = compile_pattern(pattern)
        with os.scandir(folder) as entries:
            names = [entry.name for _, entry in zip(range(ENTRIES_LIMIT), entries, strict=False)]
    except (InvalidPattern, OSError):
        return iter(())
    return (os.path.join(folder, name) for name in names if matches(name))  # noqa: PTH118
