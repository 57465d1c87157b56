"""What one layer of an image holds: a list of what it adds and of what it takes away, and a few small files.

A layer comes from an image that anybody may have made: nothing is unpacked to disk, contents are passed over, and what
is kept is limited.
"""

from __future__ import annotations

import posixpath
import re
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from dockerslim.verify.image.chunk_stream import ChunkStream
from dockerslim.verify.image.tar_stream import UNREADABLE, clean_path, open_tar, read_members

Kind = Literal["file", "folder", "link", "hard link", "device"]
"""*device*: also pipes and the like."""

ENTRIES_LIMIT = 2_000_000
KEPT_LAYER_BYTES = 32 << 20
"""Of all contents that are kept of a layer."""

_KEPT = re.compile(
    r"etc/(passwd|group|os-release)|usr/lib/os-release|var/lib/dpkg/status(\.d/[^/]+)?|(usr/)?lib/apk/db/installed"
)
"""Users, the distribution, its packages."""
_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_WHITEOUT_METADATA = ".wh..wh."


@dataclass(frozen=True, slots=True)
class Entry:
    """One path, relative to the root (`etc/passwd`; the root itself is empty). `mode` is the permission bits."""

    path: str
    kind: Kind
    size: int
    mode: int
    uid: int
    gid: int
    target: str = ""
    """Of a link as it is written; of a hard link like a path."""


@dataclass(frozen=True, slots=True)
class LayerContent:
    """One layer. `entries` is None where it could not be read to its end."""

    entries: tuple[Entry, ...] | None
    removed: frozenset[str] = frozenset()
    """Paths of lower layers that are gone, with all below them."""
    emptied: frozenset[str] = frozenset()
    """Folders that hide what lower layers have in them."""
    kept: Mapping[str, bytes] = field(default_factory=dict)
    """By path; a file that is among the entries and not here was too large."""
    compressed: int | None = None
    """Bytes with gzip; None where not asked for."""


UNKNOWN_LAYER = LayerContent(None)


def read_layer(stream: ChunkStream) -> LayerContent:
    """The layer whose tar, not compressed, is read from `stream`; never raises for what is in it."""
    entries: list[Entry] = []
    removed: set[str] = set()
    emptied: set[str] = set()
    kept: dict[str, bytes] = {}
    room = KEPT_LAYER_BYTES
    try:
        with open_tar(stream) as archive:
            for path, member in read_members(archive):
                folder, name = posixpath.split(path)
                if name == _OPAQUE:
                    emptied.add(folder)
                elif name.startswith(_WHITEOUT):
                    if not name.startswith(_WHITEOUT_METADATA):
                        removed.add(posixpath.join(folder, name.removeprefix(_WHITEOUT)))
                elif len(entries) == ENTRIES_LIMIT:
                    return UNKNOWN_LAYER
                else:
                    entry = _entry(path, member)
                    entries.append(entry)
                    if entry.kind == "file" and entry.size <= room and _KEPT.fullmatch(path):
                        kept[path] = _content(archive, member)
                        room -= entry.size
    except UNREADABLE:
        return UNKNOWN_LAYER
    return LayerContent(tuple(entries), frozenset(removed), frozenset(emptied), kept)


def _entry(path: str, member: tarfile.TarInfo) -> Entry:
    mode = member.mode & 0o7777
    if member.isdir():
        return Entry(path, "folder", 0, mode, member.uid, member.gid)
    if member.issym():
        return Entry(path, "link", 0, mode, member.uid, member.gid, member.linkname)
    if member.islnk():
        return Entry(path, "hard link", 0, mode, member.uid, member.gid, clean_path(member.linkname) or "")
    kind: Kind = "device" if member.isdev() else "file"
    return Entry(path, kind, member.size, mode, member.uid, member.gid)


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    return b"" if file is None else file.read(KEPT_LAYER_BYTES)
