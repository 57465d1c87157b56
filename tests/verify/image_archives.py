"""Layers and archives of images, made in memory."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator, Mapping, Sequence

from dockerslim.verify.image.chunk_stream import ChunkStream
from dockerslim.verify.image.image_tree import ImageTree, flatten
from dockerslim.verify.image.layer_content import LayerContent, read_layer


def member(
    path: str,
    content: bytes | None = None,
    *,
    kind: bytes = tarfile.REGTYPE,
    mode: int = 0o644,
    owner: tuple[int, int] = (0, 0),
    target: str = "",
) -> tuple[tarfile.TarInfo, bytes]:
    """A tar member; a path that ends in a slash is a folder, one with a target and no other kind is a link."""
    info = tarfile.TarInfo(path.rstrip("/") or "./")
    info.type = kind
    if path.endswith("/"):
        info.type = tarfile.DIRTYPE
        mode = 0o755 if mode == 0o644 else mode
    elif target and kind == tarfile.REGTYPE:
        info.type = tarfile.SYMTYPE
        mode = 0o777
    info.linkname = target
    info.mode = mode
    info.uid, info.gid = owner
    info.size = len(content or b"")
    return info, content or b""


def tar(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def layer(*members: tuple[tarfile.TarInfo, bytes]) -> LayerContent:
    return read_layer(ChunkStream([tar(*members)]))


def tree(*members: tuple[tarfile.TarInfo, bytes]) -> ImageTree:
    """The tree of an image of one layer."""
    made = flatten([layer(*members)])
    assert made is not None
    return made


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def image_archive(
    layers: Sequence[bytes],
    *,
    paths: Sequence[str] | None = None,
    diff_ids: Sequence[str] | None = None,
    manifest_first: bool = False,
    extra: Mapping[str, bytes] | None = None,
) -> bytes:
    """What `docker image save` writes, for blobs as they are given; by default each is named by its digest."""
    paths = paths or [f"blobs/sha256/{digest(blob)}" for blob in layers]
    configuration = json.dumps(
        {"rootfs": {"type": "layers", "diff_ids": list(diff_ids or [f"sha256:{digest(blob)}" for blob in layers])}}
    ).encode()
    configuration_path = f"blobs/sha256/{digest(configuration)}"
    manifest = json.dumps([{"Config": configuration_path, "RepoTags": None, "Layers": list(paths)}]).encode()
    files = dict(zip(paths, layers, strict=True)) | {configuration_path: configuration, **(extra or {})}
    named = member("manifest.json", manifest)
    others = [member(path, content) for path, content in files.items()]
    return tar(*([named, *others] if manifest_first else [*others, named]))


def chunks(data: bytes, size: int = 1000) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]
