"""What Podman tells of a container otherwise than Docker: as whom it runs, which of its files changed."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping

PASSWD = "/etc/passwd"
PASSWD_BYTES = 1 << 20
"""Of an archive that holds a table of users."""

_WRITTEN_BY_PODMAN = frozenset({"/etc", "/etc/group", "/etc/mtab", PASSWD, "/dev", "/proc", "/run", "/sys"})
"""It lays its own files over some of these, and gives a user that is only a number a line in the tables."""


def without_podmans_own(changed: Mapping[str, str]) -> dict[str, str]:
    """The changed paths without those that Podman changes in each container; a path of the program's below is kept."""
    return {path: kind for path, kind in changed.items() if kind == "D" or path not in _WRITTEN_BY_PODMAN}


def uid_in_archive(archive: bytes, name: str) -> int | None:
    """The id that the table of users has for a name; `archive` is a tar archive whose first file is the table."""
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as members:
            member = members.next()
            file = members.extractfile(member) if member is not None and member.isreg() else None
            table = file.read() if file is not None else b""
    except (tarfile.TarError, OSError, EOFError, ValueError):
        return None
    for line in table.decode("utf-8", "replace").splitlines():
        fields = line.split(":")
        if fields[0] == name and len(fields) > 2 and fields[2].isascii() and fields[2].isdecimal():
            return int(fields[2][:20])
    return None
