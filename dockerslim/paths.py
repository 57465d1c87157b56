"""How paths of images and of build contexts lie to each other: with `/`, whatever system this runs on."""

from __future__ import annotations


def is_within(path: str, folder: str) -> bool:
    """Is the path the folder, or below it? A `/` at the end of either says nothing."""
    return (path.rstrip("/") + "/").startswith(folder.rstrip("/") + "/")


def is_below(path: str, folder: str) -> bool:
    """Is the path below the folder, and not the folder itself?"""
    return is_within(path, folder) and path.rstrip("/") != folder.rstrip("/")


def overlap(one: str, other: str) -> bool:
    """Is one of the folders the other, or below it?"""
    return is_within(one, other) or is_within(other, one)
