"""Replace a file as a whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from dockerslim.output.read import READ_LIMIT, InputError, read_file


class ChangedError(InputError):
    """The file is no longer what the new text was made from."""


def write_atomically(
    path: Path, data: bytes, *, expected: bytes | None, follow_symlink: bool = False, limit: int = READ_LIMIT
) -> bool:
    """Put `data` in the place of `expected` (None: there is no file yet) and keep the file's mode and owner.

    True if something was written: equal content is left alone. Raises ChangedError where the file holds something
    else by now, InputError where it can't be written or is a link and `follow_symlink` is false; then the file is
    untouched. No temporary file stays behind, whatever interrupts.
    """
    if path.is_symlink():
        if not follow_symlink:
            raise InputError(f"{path} is a symbolic link", "name the file that it points to")
        path = _target(path)
    _check_unchanged(path, expected, limit)
    if data == expected:
        return False
    if expected is not None and not os.access(path, os.W_OK):
        # A rename asks for the folder's permission only.
        raise InputError(f"{path} can't be written: permission denied", "give yourself write permission")
    try:
        _replace(path, data, expected, limit)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"{path} can't be written: {reason}", "check the permissions of the file's folder") from None
    return True


def _target(link: Path) -> Path:
    try:
        return link.resolve()
    except (OSError, RuntimeError):  # RuntimeError: links in a circle, before Python 3.13
        raise InputError(f"{link} is a link that leads nowhere", "name the file that it should point to") from None


def _replace(path: Path, data: bytes, expected: bytes | None, limit: int) -> None:
    # The same folder is the same file system, where a rename is atomic.
    temporary = path.with_name(f".dockerslim-{os.urandom(8).hex()}.tmp")
    try:
        # Without O_EXCL a file or a link that somebody put there would be written through; the umask cuts 0o666 down.
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(temporary, flags, 0o666 if expected is None else 0o600), "wb") as file:
            file.write(data)
            file.flush()
            if expected is not None:
                _copy_owner_and_mode(path, temporary)
            os.fsync(file.fileno())
        # It may have taken long to get here; the second look makes the gap as small as it can be.
        _check_unchanged(path, expected, limit)
        if expected is None:
            _move_to_free_name(temporary, path)
        else:
            temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _move_to_free_name(temporary: Path, path: Path) -> None:
    """A rename that doesn't overwrite: a link can't be made where a name is taken."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise ChangedError(f"{path} was made meanwhile", "run again") from None
    except (OSError, NotImplementedError):
        temporary.replace(path)  # a file system without hard links
    else:
        temporary.unlink()


def _check_unchanged(path: Path, expected: bytes | None, limit: int) -> None:
    if expected is None:
        if path.exists():
            raise ChangedError(f"{path} was made meanwhile", "run again")
    elif not path.exists():
        raise ChangedError(f"{path} was removed while it was worked on", "run again")
    elif read_file(path, limit) != expected:
        raise ChangedError(f"{path} changed while it was worked on", "run again")


def _copy_owner_and_mode(source: Path, target: Path) -> None:
    status = source.stat()
    if hasattr(os, "chown"):
        # Only root can give a file away; a group that one is in can be kept.
        with contextlib.suppress(OSError):
            os.chown(target, -1, status.st_gid)
        with contextlib.suppress(OSError):
            os.chown(target, status.st_uid, -1)
    # After chown, which clears set-id bits.
    with contextlib.suppress(OSError):
        target.chmod(stat.S_IMODE(status.st_mode))


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where folders can be synced (not on Windows)."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
