"""A tar archive read once and forward, from somebody who can't be trusted.

tarfile alone would keep every header until the end, read a header of any size into memory, and take damage for the end
of the archive.
"""

from __future__ import annotations

import posixpath
import tarfile
import zlib
from collections.abc import Iterator

from dockerslim.verify.image.chunk_stream import ChunkStream

EXTENDED_HEADER_BYTES = 1 << 16
"""An extended header holds paths and attributes."""
BUFFER_BYTES = 1 << 16

UNREADABLE = (tarfile.TarError, OSError, EOFError, ValueError, OverflowError, RecursionError, zlib.error)
"""What reading a damaged or malicious archive raises."""


class _StrictHeader(tarfile.TarInfo):
    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _StrictHeader:
        try:
            header = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError:
            if buf.strip(b"\0"):
                raise tarfile.ReadError("a header that is damaged") from None
            raise
        if header.size < 0 or (header.type in b"xgXLK" and header.size > EXTENDED_HEADER_BYTES):
            raise tarfile.ReadError("a header that is too large")
        return header


def open_tar(stream: ChunkStream) -> tarfile.TarFile:
    """The archive that `stream` is; raises one of `UNREADABLE` where it is none."""
    return tarfile.open(
        fileobj=stream,
        mode="r|",
        bufsize=BUFFER_BYTES,
        tarinfo=_StrictHeader,
        encoding="utf-8",
        errors="surrogateescape",
    )


def read_members(archive: tarfile.TarFile) -> Iterator[tuple[str, tarfile.TarInfo]]:
    """Each member with its path relative to the root; one that would leave it is passed over.

    A member's content can be read until the next is asked for.
    """
    while (member := archive.next()) is not None:
        archive.members.clear()  # type: ignore[attr-defined]  # it holds all that were read
        path = clean_path(member.name)
        if path is not None:
            yield path, member


def clean_path(path: str) -> str | None:
    """A path in an archive relative to the root, which itself is empty; None where it leaves it."""
    if path and not path.startswith((".", "/")) and "//" not in path and "/." not in path:
        return path.rstrip("/")
    if ".." in path.split("/"):
        return None
    return posixpath.normpath("/" + path).lstrip("/")
