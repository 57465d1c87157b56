"""Paths of a context: relative, POSIX, and never out of it."""

from __future__ import annotations

import posixpath


def inside(folder: str, path: str) -> str | None:
    """`path` as seen from `folder`, relative to the context, whose root is ""; None where it leads out of it."""
    if path.startswith("/"):
        return None
    joined = posixpath.normpath(posixpath.join(folder, path))
    if joined == ".":
        return ""
    return None if joined == ".." or joined.startswith("../") else joined


def parent(path: str) -> str:
    """The folder of a file, "" being the root."""
    return posixpath.dirname(path)


def is_below(path: str, folder: str) -> bool:
    """Is the path the folder or something in it?"""
    return folder == "" or path == folder or path.startswith(folder + "/")


def relative_to(path: str, folder: str) -> str:
    """A path below `folder`, as seen from it; "" for the folder itself."""
    if folder == "":
        return path
    return "" if path == folder else path[len(folder) + 1 :]


def ancestors(folder: str) -> tuple[str, ...]:
    """The folders above, nearest first, the root last; none for the root."""
    found: list[str] = []
    while folder:
        folder = posixpath.dirname(folder)
        found.append(folder)
    return tuple(found)
