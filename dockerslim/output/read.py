"""Read a file that somebody named, whatever it turns out to be."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

READ_LIMIT = 5_000_000
"""Bytes; the largest Dockerfiles that people write have some hundred thousand."""


class InputError(Exception):
    """A file that can't be worked on: what is wrong, and what to do about it."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


def read_file(path: Path, limit: int = READ_LIMIT) -> bytes:
    """The file's bytes; raises InputError where it can't be read, isn't a plain file, is too large or is being written.

    Never waits for a pipe or a device.
    """
    try:
        # A FIFO that nobody writes to would block here without O_NONBLOCK.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    try:
        before = os.fstat(descriptor)
        _check_kind(path, before.st_mode)
        if before.st_size > limit:
            raise _too_large(path, before.st_size, limit)
        data = _read_all(descriptor, limit)
        after = os.fstat(descriptor)
    except OSError as error:
        raise _unreadable(path, error) from None
    finally:
        os.close(descriptor)
    if len(data) > limit:
        raise _too_large(path, len(data), limit)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(data) != after.st_size:
        raise InputError(f"{path} changed while it was read", "run again when nothing else writes to it")
    return data


def _read_all(descriptor: int, limit: int) -> bytes:
    parts = []
    left = limit + 1
    while left > 0 and (part := os.read(descriptor, min(left, 1 << 20))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _check_kind(path: Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise _is_directory(path)
    if not stat.S_ISREG(mode):
        raise InputError(f"{path} is not a plain file", "name a Dockerfile, or use `-` to read from standard input")


def _is_directory(path: Path) -> InputError:
    return InputError(f"{path} is a directory", "name the Dockerfile in it")


def _too_large(path: Path, size: int, limit: int) -> InputError:
    return InputError(
        f"{path} has {size / 1e6:.1f} MB, the limit is {limit / 1e6:g} MB", "check that it is a Dockerfile"
    )


def _unreadable(path: Path, error: OSError | ValueError) -> InputError:
    if isinstance(error, FileNotFoundError):
        return InputError(f"{path} does not exist", "check the path")
    # Opening a folder is "permission denied" on Windows; Path.is_dir raises for a name that is too long.
    if isinstance(error, IsADirectoryError) or os.path.isdir(path):  # noqa: PTH112
        return _is_directory(path)
    if isinstance(error, PermissionError):
        return InputError(f"{path} can't be read: permission denied", "give yourself read permission")
    if isinstance(error, NotADirectoryError):
        return InputError(f"{path} does not exist: a part of the path is a file", "check the path")
    if isinstance(error, OSError) and error.errno == errno.ENXIO:
        return InputError(f"{path} is not a plain file", "name a Dockerfile, or use `-` to read from standard input")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return InputError(f"{path} can't be read: {reason[:1].lower()}{reason[1:]}", "check the path")
