"""Copies what a build can see of its context.

The tree is a stranger's: no link is followed, nothing that could block is opened, and the copy is bounded.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from dockerslim.context.dockerignore import IgnoreFile
from dockerslim.verify.errors import VerifyError

CHUNK = 1_048_576

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_DEPTH_OF_TOTALS = 4
"""Folders further down are counted with the one above them."""
_OPEN_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
"""A file that has become a link or a fifo since it was looked at is neither followed nor waited for."""


@dataclass(frozen=True, slots=True)
class CopyLimits:
    """What is still copied."""

    bytes: int = 5_000_000_000
    entries: int = 500_000


LIMITS = CopyLimits()


class TooLarge(Exception):
    """The tree is over a limit; `folder` is the one that most of it lies in, "" where that is no single one."""

    def __init__(self, what: str, folder: str) -> None:
        super().__init__(what)
        self.what = what
        self.folder = folder


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, link or folder of the tree; `path` is POSIX and relative to the root."""

    path: str
    status: os.stat_result

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.status.st_mode)

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.status.st_mode)


def copy_tree(root: Path, target: Path, ignore: IgnoreFile, limits: CopyLimits = LIMITS) -> None:
    """Copy the tree below `root`, less what `ignore` hides, into the new folder `target`.

    Modes, times and links are kept as they are, folders without files too; sockets, fifos and devices are left out.
    Raises TooLarge before anything is written, and VerifyError for a file that can't be read and for a full disk.
    """
    try:
        size = measure_tree(root, ignore, limits)
        _check_room(size, target.parent)
        target.mkdir(mode=0o700)
        _copy(root, target, ignore, limits)
    except OSError as error:
        raise _explained(error, root) from error


def visible_entries(root: Path, ignore: IgnoreFile) -> Iterator[Entry]:
    """Files, links and folders that `ignore` doesn't hide, a folder before what is in it. Raises OSError."""
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        with os.scandir(root / folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        for entry in found:
            path = f"{folder}/{entry.name}" if folder else entry.name
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:  # gone since it was listed
                continue
            is_hidden = ignore.hides(path)
            if stat.S_ISDIR(status.st_mode):
                if not is_hidden or ignore.may_show_below(path):
                    waiting.append(path)
            elif not (stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)):
                continue
            if not is_hidden:
                yield Entry(path, status)


@dataclass(slots=True)
class _Totals:
    """How much lies below each of the upper folders."""

    bytes: Counter[str] = field(default_factory=Counter)
    entries: Counter[str] = field(default_factory=Counter)

    def add(self, entry: Entry) -> None:
        size = 0 if entry.is_folder or entry.is_link else entry.status.st_size
        parts = entry.path.split("/")
        for depth in range(min(len(parts), _DEPTH_OF_TOTALS)):
            folder = "/".join(parts[:depth])
            self.bytes[folder] += size
            self.entries[folder] += 1


def measure_tree(root: Path, ignore: IgnoreFile, limits: CopyLimits) -> int:
    """The bytes of all files. Raises TooLarge, and OSError for a folder that can't be listed."""
    totals = _Totals()
    for entry in visible_entries(root, ignore):
        totals.add(entry)
        if totals.entries[""] > limits.entries:
            raise TooLarge(f"more than {limits.entries:,} files", _largest(totals.entries))
    size = totals.bytes[""]
    if size > limits.bytes:
        raise TooLarge(f"{size / 1e9:.1f} GB", _largest(totals.bytes))
    return size


def _largest(totals: Counter[str]) -> str:
    """The deepest folder that holds most of all there is."""
    half = totals[""] / 2
    above_half = [folder for folder, total in totals.items() if total > half]
    return max(above_half, key=lambda folder: (folder.count("/") + bool(folder), totals[folder]), default="")


def _check_room(size: int, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if size > free:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))


def _copy(root: Path, target: Path, ignore: IgnoreFile, limits: CopyLimits) -> None:
    folders: dict[str, None] = {"": None}
    left = limits.bytes
    for entry in visible_entries(root, ignore):
        _make_folders(target, entry.path if entry.is_folder else str(PurePosixPath(entry.path).parent), folders)
        if entry.is_folder:
            continue
        source, copy = root / entry.path, target / entry.path
        try:
            if entry.is_link:
                # Path would tidy what the link says.
                os.symlink(os.readlink(source), copy)  # noqa: PTH115, PTH211
                shutil.copystat(source, copy, follow_symlinks=False)
            else:
                left -= _copy_file(source, copy, left)
        except FileNotFoundError:  # gone since it was listed
            continue
    # Only now: a folder that may not be written into takes no file, and each new file would move its time.
    for folder in reversed(folders):
        shutil.copystat(root / folder, target / folder)


def _make_folders(target: Path, folder: str, made: dict[str, None]) -> None:
    """Make a folder of the copy and those above it; one that is itself hidden may hold something that isn't."""
    parts = [] if folder in ("", ".") else folder.split("/")
    for depth in range(1, len(parts) + 1):
        path = "/".join(parts[:depth])
        if path not in made:
            (target / path).mkdir(mode=0o700)
            made[path] = None


def _copy_file(source: Path, copy: Path, limit: int) -> int:
    """The bytes that were copied; no more than `limit`, should the file grow."""
    descriptor = os.open(source, _OPEN_FLAGS)
    with open(descriptor, "rb") as reading:  # noqa: PTH123 (a descriptor)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return 0
        with copy.open("xb") as writing:
            size = _pour(reading, writing, limit)
        shutil.copystat(source, copy, follow_symlinks=False)
    return size


def _pour(reading: BinaryIO, writing: BinaryIO, limit: int) -> int:
    size = 0
    while chunk := reading.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise TooLarge("files that grow while they are copied", "")
        writing.write(chunk)
    return size


def _explained(error: OSError, root: Path) -> VerifyError:
    if error.errno in _FULL:
        return VerifyError(
            "no space left for a copy of the build context",
            "free some, put large folders into .dockerignore, or set TMPDIR to a folder with more room",
        )
    path = Path(error.filename) if isinstance(error.filename, str) else root
    shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
    return VerifyError(
        f"`{shown}` of the build context can't be copied: {error.strerror or error}",
        "make it readable, or put it into .dockerignore",
    )
